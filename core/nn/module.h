#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/variable.h"

/// What every layer has in common. A layer is a class with a constructor (a config and an Rng), forward functions and
/// `parameters()`. Layers are templates on float and double; `Linear` means BasicLinear<float>, and so on. The double
/// version of a layer starts from the same weights as the float one: it draws the same numbers.
namespace glassformer {

/// Parameters by name ("layers.0.attention.query.weight"), in the order of construction. The variables are handles: an
/// optimizer that changes one changes the layer's. A parameter that serves twice (a tied embedding) is listed once.
template <typename T>
using BasicNamedParameters = std::vector<std::pair<std::string, BasicVariable<T>>>;
using NamedParameters = BasicNamedParameters<float>;

/// Appends `of` under a prefix: "weight" becomes "prefix.weight". What is in `all` already (tied) is not listed again.
template <typename T>
void append_parameters(BasicNamedParameters<T>& all, const std::string& prefix, const BasicNamedParameters<T>& of);
/// The number of elements of all parameters together.
template <typename T>
std::int64_t parameter_count(const BasicNamedParameters<T>& parameters);
/// The parameter of that name; Error(unknown_name) lists what there is.
template <typename T>
BasicVariable<T> find_parameter(const BasicNamedParameters<T>& parameters, std::string_view name);
/// Gives a parameter new values; Error(unknown_name) or Error(shape) naming both shapes.
template <typename T>
void set_parameter(const BasicNamedParameters<T>& parameters, std::string_view name, const BasicTensor<T>& value);

/// Checks shared by the constructors of the layers. Error(out_of_range) unless value >= 1.
void require_positive(std::string_view name, std::int64_t value);
/// Error(constraint) unless divisor divides value.
void require_divides(std::string_view divisor_name, std::int64_t divisor, std::string_view name, std::int64_t value);
/// Error(out_of_range) unless 0 <= p < 1.
void require_probability(std::string_view name, double p);

}  // namespace glassformer
