#include "analysis/influence.h"

namespace glassformer {

BoolTensor reachable(const BoolTensor& relation, int layers, bool residual) {
    if (relation.shape().rank() != 2 || relation.extent(0) != relation.extent(1)) {
        throw Error(ErrorKind::shape,
                    {"关系应为方阵，形状是 " + relation.shape().to_string() + "。",
                     "A relation must be square; its shape is " + relation.shape().to_string() + "."});
    }
    const std::int64_t n = relation.extent(0);
    BoolTensor reach({n, n});
    for (std::int64_t i = 0; i < n; ++i) reach(i, i) = 1;
    for (int layer = 0; layer < layers; ++layer) {
        BoolTensor next({n, n});
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t k = 0; k < n; ++k) {
                if (relation(i, k) == 0 && !(residual && i == k)) continue;
                for (std::int64_t j = 0; j < n; ++j) next(i, j) |= reach(k, j);
            }
        }
        reach = next;
    }
    return reach;
}

}  // namespace glassformer
