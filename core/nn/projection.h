#pragma once

#include <optional>

#include "nn/linear.h"

namespace glassformer {

/// A linear map from d_in to d_out features in a form with fewer parameters.
struct ProjectionConfig {
    enum class Kind {
        dense,           ///< d_in d_out
        low_rank,        ///< x A B, rank (d_in + d_out)
        block_diagonal,  ///< `groups` maps side by side, d_in d_out / groups; no feature sees another group's
    };
    Kind kind = Kind::dense;
    std::int64_t rank = 0;    ///< low_rank
    std::int64_t groups = 1;  ///< block_diagonal; must divide d_in and d_out
};

template <typename T>
class BasicProjection {
  public:
    /// Weights as Linear's, each factor by its own fan-in. Error(out_of_range) for a rank below 1, Error(constraint)
    /// unless groups divides both widths.
    BasicProjection(std::int64_t d_in, std::int64_t d_out, const ProjectionConfig& config, Rng rng, bool bias = true,
                    const Initialization& init = {});
    /// [..., d_in] -> [..., d_out]
    BasicVariable<T> forward(const BasicVariable<T>& x) const;
    /// The matrix [d_in, d_out] that it amounts to.
    BasicTensor<T> as_matrix() const;
    /// dense: weight [d_in, d_out]; low_rank: in.weight [d_in, rank], out.weight [rank, d_out]; block_diagonal: weight
    /// [groups, d_in / groups, d_out / groups]; bias [d_out].
    BasicNamedParameters<T> parameters() const;

  private:
    ProjectionConfig config_;
    std::optional<BasicLinear<T>> in_;   // low_rank
    std::optional<BasicLinear<T>> out_;  // low_rank, dense
    BasicVariable<T> blocks_;            // block_diagonal
    std::optional<BasicVariable<T>> bias_;
    std::int64_t d_in_;
    std::int64_t d_out_;
};
using Projection = BasicProjection<float>;

/// The best factors A [d_in, rank], B [rank, d_out] of a matrix, by its singular values (Eckart & Young 1936). They
/// agree between builds to a tolerance. Error(out_of_range) unless 1 <= rank <= min(d_in, d_out).
struct LowRankFactors {
    Tensor a;
    Tensor b;
};
LowRankFactors low_rank_factors(const Tensor& matrix, std::int64_t rank);

}  // namespace glassformer
