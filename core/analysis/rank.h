#pragma once

#include <vector>

#include "tensor/tensor.h"

/// Spectra and rank of a matrix, and of tokens in a stack of layers.
namespace glassformer {

/// Singular values, descending.
std::vector<double> singular_values(const DoubleTensor& x);

/// How many singular values (descending) exceed relative_tolerance times the first; 0 for a zero matrix.
std::int64_t numerical_rank(const std::vector<double>& singular_values, double relative_tolerance = 1e-10);
/// exp of the entropy of the singular values as shares of their sum: between 1 and the rank (Roy & Vetterli 2007,
/// "The effective rank"). 0 for a zero matrix.
double effective_rank(const std::vector<double>& singular_values);
/// (sum s^2)^2 / sum s^4: how many directions share the variance. 0 for a zero matrix.
double participation_ratio(const std::vector<double>& singular_values);
/// |A|_F^2 / |A|_2^2, at most the rank (Rudelson & Vershynin 2007). 0 for a zero matrix.
double stable_rank(const std::vector<double>& singular_values);
/// The least |A - B|_F / |A|_F over all B of rank k (Eckart & Young 1936): from the discarded values. 0 for a zero
/// matrix.
double best_rank_error(const std::vector<double>& singular_values, std::int64_t k);
/// That B.
DoubleTensor best_rank_approximation(const DoubleTensor& x, std::int64_t k);

/// |X - 1 mean^T|_F / |X|_F for tokens in rows: 0 when all tokens are the same vector (Dong et al. 2021, 2103.03404,
/// section 2, with the Frobenius norm). 0 for a zero matrix.
double token_residual(const DoubleTensor& x);

/// Directions of greatest variance.
struct PrincipalComponents {
    DoubleTensor mean;              ///< [features]
    DoubleTensor axes;              ///< [components, features], orthonormal rows; each one's largest entry is positive
    std::vector<double> variances;  ///< along each axis (population), descending
    double total_variance = 0.0;
};
/// components: 1 ... min(points, features), else Error(out_of_range).
PrincipalComponents principal_components(const DoubleTensor& x, std::int64_t components);
/// Coordinates [points, components] of any points along the axes.
DoubleTensor project(const PrincipalComponents& pca, const DoubleTensor& x);

/// Centring and whitening (Su et al. 2021, 2103.15316): coordinates along the leading axes, each divided by its
/// standard deviation, so that the covariance of the fitting sample is the identity. Axes of no variance are left out.
struct Whitening {
    DoubleTensor mean;  ///< [features]
    DoubleTensor map;   ///< [features, dimensions]
};
/// dimensions: at most so many leading ones.
Whitening fit_whitening(const DoubleTensor& x, std::int64_t dimensions);
DoubleTensor whiten(const Whitening& whitening, const DoubleTensor& x);

}  // namespace glassformer
