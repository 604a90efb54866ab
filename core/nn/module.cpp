#include "nn/module.h"

#include <algorithm>

#include "base/error.h"

namespace glassformer {

template <typename T>
void append_parameters(BasicNamedParameters<T>& all, const std::string& prefix, const BasicNamedParameters<T>& of) {
    for (const auto& [name, variable] : of) {
        const auto same = [&](const auto& listed) { return listed.second.node() == variable.node(); };
        if (std::any_of(all.begin(), all.end(), same)) continue;
        std::string full = prefix;
        full += ".";
        full += name;
        all.emplace_back(std::move(full), variable);
    }
}

template <typename T>
std::int64_t parameter_count(const BasicNamedParameters<T>& parameters) {
    std::int64_t count = 0;
    for (const auto& [name, variable] : parameters) count += variable.value().size();
    return count;
}

template <typename T>
BasicVariable<T> find_parameter(const BasicNamedParameters<T>& parameters, std::string_view name) {
    std::string known;
    for (const auto& [each, variable] : parameters) {
        if (each == name) return variable;
        known += (known.empty() ? "" : ", ") + each;
    }
    throw Error(ErrorKind::unknown_name,
                {"没有名为 " + std::string(name) + " 的参数；有的是 " + known + "。",
                 "There is no parameter called " + std::string(name) + "; there are " + known + "."},
                std::string(name));
}

template <typename T>
void set_parameter(const BasicNamedParameters<T>& parameters, std::string_view name, const BasicTensor<T>& value) {
    BasicVariable<T> variable = find_parameter(parameters, name);
    if (variable.shape() != value.shape()) {
        const std::string given = value.shape().to_string();
        const std::string wanted = variable.shape().to_string();
        throw Error(
            ErrorKind::shape,
            {"参数 " + std::string(name) + " 的形状是 " + wanted + "，给的是 " + given + "。",
             "The parameter " + std::string(name) + " has the shape " + wanted + "; it was given " + given + "."},
            std::string(name));
    }
    variable.mutable_value() = value;
}

void require_positive(std::string_view name, std::int64_t value) {
    if (value >= 1) return;
    const std::string what(name);
    throw Error(ErrorKind::out_of_range,
                {what + " 至少为 1，给了 " + std::to_string(value) + "。",
                 what + " must be at least 1; it is " + std::to_string(value) + "."},
                what);
}

void require_divides(std::string_view divisor_name, std::int64_t divisor, std::string_view name, std::int64_t value) {
    require_positive(divisor_name, divisor);
    if (value % divisor == 0) return;
    const std::string left = std::string(divisor_name) + " (" + std::to_string(divisor) + ")";
    const std::string right = std::string(name) + " (" + std::to_string(value) + ")";
    throw Error(ErrorKind::constraint, {left + " 必须整除 " + right + "。", left + " must divide " + right + "."},
                std::string(divisor_name));
}

void require_probability(std::string_view name, double p) {
    if (p >= 0.0 && p < 1.0) return;
    const std::string what(name);
    throw Error(ErrorKind::out_of_range,
                {what + " 须在 [0, 1) 内，给了 " + std::to_string(p) + "。",
                 what + " must be in [0, 1); it is " + std::to_string(p) + "."},
                what);
}

#define GLASSFORMER_INSTANTIATE(T)                                                                                 \
    template void append_parameters(BasicNamedParameters<T>&, const std::string&, const BasicNamedParameters<T>&); \
    template std::int64_t parameter_count(const BasicNamedParameters<T>&);                                         \
    template BasicVariable<T> find_parameter(const BasicNamedParameters<T>&, std::string_view);                    \
    template void set_parameter(const BasicNamedParameters<T>&, std::string_view, const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
