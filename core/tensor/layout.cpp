#include <algorithm>

#include "base/counters.h"
#include "base/error.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

template <typename T>
void count_copy(std::int64_t elements) {
    count_cost(0, static_cast<std::uint64_t>(elements) * 2 * sizeof(T));
}

}  // namespace

template <typename T>
BasicTensor<T> transpose(const BasicTensor<T>& a) {
    if (a.shape().rank() != 2) {
        throw Error(ErrorKind::shape, {"transpose 需要矩阵，给了形状 " + a.shape().to_string() + "；更高维用 permute。",
                                       "transpose needs a matrix; it got the shape " + a.shape().to_string() +
                                           ". Use permute for more axes."});
    }
    return permute(a, {1, 0});
}

template <typename T>
BasicTensor<T> permute(const BasicTensor<T>& a, const AxisOrder& order) {
    const std::size_t rank = a.shape().rank();
    AxisOrder seen(rank);
    bool valid = order.size() == rank;
    for (std::size_t i = 0; valid && i < rank; ++i) {
        valid =
            order[i] >= 0 && static_cast<std::size_t>(order[i]) < rank && seen[static_cast<std::size_t>(order[i])] == 0;
        if (valid) seen[static_cast<std::size_t>(order[i])] = 1;
    }
    if (!valid) {
        std::string text = "(";
        for (const int axis : order) text += (text.size() > 1 ? ", " : "") + std::to_string(axis);
        text += ")";
        throw Error(ErrorKind::shape,
                    {"permute 的轴顺序 " + text + " 不是形状 " + a.shape().to_string() + " 各轴的一个排列。",
                     "permute got the order " + text + ", which is not a permutation of the axes of " +
                         a.shape().to_string() + "."});
    }
    Extents strides(rank);
    std::fill(strides.begin(), strides.end(), 1);
    for (std::size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * a.shape().extents()[i];
    Extents extents(rank);
    Extents steps(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        extents[i] = a.shape().extents()[static_cast<std::size_t>(order[i])];
        steps[i] = strides[static_cast<std::size_t>(order[i])];
    }
    BasicTensor<T> result{Shape(extents)};
    Extents index(rank);
    std::int64_t from = 0;
    for (std::int64_t to = 0; to < result.size(); ++to) {
        result[to] = a[from];
        for (std::size_t axis = rank; axis-- > 0;) {
            from += steps[axis];
            if (++index[axis] < extents[axis]) break;
            from -= steps[axis] * extents[axis];
            index[axis] = 0;
        }
    }
    count_copy<T>(a.size());
    return result;
}

template <typename T>
BasicTensor<T> gather_rows(const BasicTensor<T>& a, const IntTensor& indices) {
    if (a.shape().rank() != 2) {
        throw Error(ErrorKind::shape,
                    {"gather_rows 需要形状 [行, 列] 的表，给了 " + a.shape().to_string() + "。",
                     "gather_rows needs a table [rows, columns]; it got " + a.shape().to_string() + "."});
    }
    const std::int64_t width = a.extent(1);
    Extents extents = indices.shape().extents();
    extents.push_back(width);
    BasicTensor<T> result{Shape(extents)};
    for (std::int64_t i = 0; i < indices.size(); ++i) {
        const std::int64_t row = indices[i];
        if (row < 0 || row >= a.extent(0)) {
            throw Error(ErrorKind::shape, {"gather_rows 的下标 " + std::to_string(row) + " 超出表的行数 " +
                                               std::to_string(a.extent(0)) + "。",
                                           "gather_rows got the index " + std::to_string(row) + " for a table of " +
                                               std::to_string(a.extent(0)) + " rows."});
        }
        const auto from = a.row(row);
        std::copy(from.begin(), from.end(), result.data() + i * width);
    }
    count_copy<T>(result.size());
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                            \
    template BasicTensor<T> transpose(const BasicTensor<T>&);                 \
    template BasicTensor<T> permute(const BasicTensor<T>&, const AxisOrder&); \
    template BasicTensor<T> gather_rows(const BasicTensor<T>&, const IntTensor&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
