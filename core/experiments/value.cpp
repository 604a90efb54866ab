#include "experiments/value.h"

namespace glassformer {

const char* role_name(Role role) {
    switch (role) {
        case Role::none: return "none";
        case Role::query: return "query";
        case Role::key: return "key";
        case Role::value: return "value";
        case Role::score: return "score";
        case Role::mask: return "mask";
        case Role::probability: return "probability";
        case Role::gradient: return "gradient";
        case Role::weight: return "weight";
        case Role::activation: return "activation";
        case Role::position: return "position";
        case Role::loss: return "loss";
        case Role::count: return "count";
    }
    return "none";
}

const char* operation_name(Operation operation) {
    switch (operation) {
        case Operation::matmul: return "matmul";
        case Operation::add: return "add";
        case Operation::scale: return "scale";
        case Operation::softmax: return "softmax";
        case Operation::mask: return "mask";
        case Operation::norm: return "norm";
        case Operation::lookup: return "lookup";
        case Operation::activation: return "activation";
        case Operation::reduce: return "reduce";
        case Operation::permute: return "permute";
        case Operation::concat: return "concat";
    }
    return "permute";
}

const char* value_kind_name(const Value& value) {
    static const char* const names[] = {"scalar", "text", "tensor", "series", "table", "tokens", "graph"};
    static_assert(std::variant_size_v<Value> == std::size(names));
    return names[value.index()];
}

TensorValue tensor_value(Tensor data, std::vector<Axis> axes, Role role, std::optional<Derivation> derivation) {
    return {std::move(data), std::move(axes), role, std::move(derivation)};
}

}  // namespace glassformer
