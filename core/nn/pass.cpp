#include "nn/pass.h"

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {

template <typename T>
const BasicVariable<T>& BasicTrace<T>::at(std::string_view name) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (entry->name == name) return entry->value;
    }
    std::string known;
    for (const Entry& entry : entries_) known += (known.empty() ? "" : ", ") + entry.name;
    throw Error(ErrorKind::unknown_name,
                {"前向过程没有名为 " + std::string(name) + " 的中间量；有的是 " + known + "。",
                 "The forward pass computed nothing called " + std::string(name) + "; there are " + known + "."},
                std::string(name));
}

template <typename T>
std::int64_t BasicTrace<T>::count(std::string_view name) const {
    std::int64_t times = 0;
    for (const Entry& entry : entries_) times += entry.name == name ? 1 : 0;
    return times;
}

template <typename T>
BasicPass<T> BasicPass<T>::inference(BasicTrace<T>* trace) {
    BasicPass pass;
    pass.trace_ = trace;
    return pass;
}

template <typename T>
BasicPass<T> BasicPass<T>::training(const Rng& rng, BasicTrace<T>* trace) {
    BasicPass pass;
    pass.training_ = std::allocate_shared<const Rng>(PoolAllocator<Rng>(), rng);
    pass.trace_ = trace;
    return pass;
}

template <typename T>
BasicPass<T> BasicPass<T>::at(std::string_view name) const {
    BasicPass inner;
    inner.training_ = training_;
    inner.trace_ = trace_;
    if (trace_ != nullptr || training_ != nullptr) {
        inner.name_.reserve(name_.size() + 1 + name.size());
        if (!name_.empty()) inner.name_.append(name_).append(".");
        inner.name_.append(name);
    }
    return inner;
}

template <typename T>
BasicPass<T> BasicPass<T>::at(std::string_view name, std::int64_t index) const {
    if (trace_ == nullptr && training_ == nullptr) return BasicPass();
    PooledString numbered(name);
    numbered.append(".").append(std::to_string(index));
    return at(numbered);
}

template <typename T>
BasicVariable<T> BasicPass<T>::observe(std::string_view name, const BasicVariable<T>& value) const {
    if (trace_ == nullptr) return value;
    std::string full(at(name).name_);
    const BasicVariable<T> kept = trace_->edit ? trace_->edit(full, value) : value;
    trace_->entries_.push_back({std::move(full), kept});
    return kept;
}

template <typename T>
BasicVariable<T> BasicPass<T>::dropout(std::string_view site, const BasicVariable<T>& x, double p) const {
    if (training_ == nullptr || p == 0.0) return x;
    return glassformer::dropout(x, p, stream(site));
}

template <typename T>
Rng BasicPass<T>::stream(std::string_view site) const {
    if (training_ == nullptr) {
        throw Error(ErrorKind::internal, {"只有训练的前向过程才有随机数流：" + std::string(site) + "。",
                                          "Only a training pass has random streams: " + std::string(site) + "."});
    }
    return training_->split(at(site).name_);
}

template class BasicTrace<float>;
template class BasicTrace<double>;
template class BasicPass<float>;
template class BasicPass<double>;

}  // namespace glassformer
