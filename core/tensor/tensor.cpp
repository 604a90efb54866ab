#include "tensor/tensor.h"

#include <new>

#include "base/error.h"

namespace glassformer {
namespace {

/// In WebAssembly a pointer has 32 bits: a size of 2^60 elements must not become the 0 of its low half.
std::size_t counted(std::int64_t elements) {
    const auto size = static_cast<std::size_t>(elements);
    if (static_cast<std::int64_t>(size) != elements) throw std::bad_array_new_length();
    return size;
}

}  // namespace

template <typename T>
BasicTensor<T>::BasicTensor(Shape shape, T fill) : shape_(std::move(shape)), data_(counted(shape_.size())) {
    std::fill_n(data_.data(), data_.size(), fill);
}

template <typename T>
BasicTensor<T>::BasicTensor(Shape shape, const std::vector<T>& elements)
    : shape_(std::move(shape)), data_(elements.data(), elements.size()) {
    check_size();
}

template <typename T>
BasicTensor<T> BasicTensor<T>::uninitialized(Shape shape) {
    Buffer<T> data(static_cast<std::size_t>(shape.size()));
    return BasicTensor(Adopt{}, std::move(shape), std::move(data));
}

template <typename T>
void BasicTensor<T>::check_size() const {
    if (static_cast<std::int64_t>(data_.size()) != shape_.size()) {
        throw Error(ErrorKind::shape, {"形状 " + shape_.to_string() + " 需要 " + std::to_string(shape_.size()) +
                                           " 个元素，给了 " + std::to_string(data_.size()) + " 个。",
                                       "The shape " + shape_.to_string() + " needs " + std::to_string(shape_.size()) +
                                           " elements; " + std::to_string(data_.size()) + " were given."});
    }
}

namespace {

template <typename T>
std::int64_t flat_index(const BasicTensor<T>& tensor, std::initializer_list<std::int64_t> index) {
    const auto& extents = tensor.shape().extents();
    bool fits = index.size() == extents.size();
    std::int64_t flat = 0;
    std::size_t axis = 0;
    for (const std::int64_t i : index) {
        if (!fits) break;
        fits = i >= 0 && i < extents[axis];
        flat = flat * extents[axis] + i;
        ++axis;
    }
    if (!fits) {
        std::string text = "(";
        for (const std::int64_t i : index) text += (text.size() > 1 ? ", " : "") + std::to_string(i);
        text += ")";
        throw Error(ErrorKind::shape,
                    {"下标 " + text + " 不在形状 " + tensor.shape().to_string() + " 之内。",
                     "The index " + text + " is not within the shape " + tensor.shape().to_string() + "."});
    }
    return flat;
}

}  // namespace

template <typename T>
T& BasicTensor<T>::at(std::initializer_list<std::int64_t> index) {
    return data_.data()[flat_index(*this, index)];
}

template <typename T>
const T& BasicTensor<T>::at(std::initializer_list<std::int64_t> index) const {
    return data_.data()[flat_index(*this, index)];
}

template <typename T>
std::span<const T> BasicTensor<T>::row(std::int64_t r) const {
    if (shape_.rank() == 0 || r < 0 || r >= shape_[0]) {
        throw Error(ErrorKind::shape, {"形状 " + shape_.to_string() + " 没有第 " + std::to_string(r) + " 行。",
                                       "The shape " + shape_.to_string() + " has no row " + std::to_string(r) + "."});
    }
    const auto width = static_cast<std::size_t>(shape_.size() / shape_[0]);
    return {data_.data() + static_cast<std::size_t>(r) * width, width};
}

template <typename T>
std::span<T> BasicTensor<T>::row(std::int64_t r) {
    const std::span<const T> same = static_cast<const BasicTensor&>(*this).row(r);
    return {const_cast<T*>(same.data()), same.size()};
}

template <typename T>
BasicTensor<T> BasicTensor<T>::reshaped(Shape shape) const& {
    return BasicTensor(*this).reshaped(std::move(shape));
}

template <typename T>
BasicTensor<T> BasicTensor<T>::reshaped(Shape shape) && {
    BasicTensor result(Adopt{}, std::move(shape), std::move(data_));
    result.check_size();
    return result;
}

template class BasicTensor<float>;
template class BasicTensor<double>;
template class BasicTensor<std::int32_t>;
template class BasicTensor<std::uint8_t>;

Tensor random_normal(Shape shape, Rng& rng, float mean, float standard_deviation) {
    Tensor tensor(std::move(shape));
    rng.fill_normal(tensor.elements(), mean, standard_deviation);
    return tensor;
}

Tensor random_uniform(Shape shape, Rng& rng, float low, float high) {
    Tensor tensor(std::move(shape));
    rng.fill_uniform(tensor.elements(), low, high);
    return tensor;
}

}  // namespace glassformer
