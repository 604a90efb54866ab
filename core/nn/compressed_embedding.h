#pragma once

#include <cstdint>
#include <vector>

#include "nn/linear.h"

/// Embedding tables that take less room than vocabulary x d. Each gives ids [...] -> [..., d]; Error(shape) for an id
/// outside the vocabulary, Error(out_of_range) for sizes below 1. Initial vectors have elements of standard deviation
/// 1 / sqrt(d), as a full table's.
namespace glassformer {

/// A table [count, e] times a matrix [e, d] (Lan et al. 2020, ALBERT, section 3.1): count e + e d parameters.
template <typename T>
class BasicFactorisedEmbedding {
  public:
    BasicFactorisedEmbedding(std::int64_t count, std::int64_t e, std::int64_t d, Rng rng);
    BasicVariable<T> forward(const IntTensor& ids) const;
    /// Tied output: (x P^T) E^T, [..., d] -> [..., count].
    BasicVariable<T> logits(const BasicVariable<T>& x) const;
    BasicNamedParameters<T> parameters() const;  ///< table.weight [count, e], projection.weight [e, d]

  private:
    BasicEmbedding<T> table_;
    BasicLinear<T> projection_;
};
using FactorisedEmbedding = BasicFactorisedEmbedding<float>;

/// A row number for an id: of hash function `which`, in 0 ... buckets - 1. The same everywhere.
std::int32_t hash_bucket(std::int32_t id, std::int64_t which, std::int64_t buckets);

/// The sum of `n_hashes` rows of a table [buckets, d], chosen by as many hash functions (Svenstrup et al. 2017 without
/// the learned weights): words that share one row rarely share all.
template <typename T>
class BasicHashedEmbedding {
  public:
    BasicHashedEmbedding(std::int64_t count, std::int64_t buckets, std::int64_t n_hashes, std::int64_t d, Rng rng);
    BasicVariable<T> forward(const IntTensor& ids) const;
    /// Ids whose rows are all shared with another id: they cannot be told apart.
    std::int64_t collided() const;
    BasicNamedParameters<T> parameters() const { return table_.parameters(); }

  private:
    std::int64_t count_;
    std::int64_t buckets_;
    std::int64_t n_hashes_;
    BasicEmbedding<T> table_;
};
using HashedEmbedding = BasicHashedEmbedding<float>;

/// One row for id / buckets and one for id mod buckets, combined (Shi et al. 2020, section 3): no two ids share both.
template <typename T>
class BasicQuotientRemainderEmbedding {
  public:
    enum class Combine { sum, product, concat };
    /// concat halves d between the two: Error(constraint) for an odd d.
    BasicQuotientRemainderEmbedding(std::int64_t count, std::int64_t buckets, std::int64_t d, Combine combine, Rng rng);
    BasicVariable<T> forward(const IntTensor& ids) const;
    BasicNamedParameters<T> parameters() const;  ///< quotient.weight, remainder.weight

  private:
    std::int64_t count_;
    std::int64_t buckets_;
    Combine combine_;
    BasicEmbedding<T> quotient_;
    BasicEmbedding<T> remainder_;
};
using QuotientRemainderEmbedding = BasicQuotientRemainderEmbedding<float>;

/// Frequent words (low ids) get wide vectors, rarer ones narrower ones, each cluster with its own projection to d
/// (Baevski & Auli 2019, section 3). Cluster c holds the ids cutoffs[c - 1] ... cutoffs[c] - 1 in width d / factor^c.
template <typename T>
class BasicAdaptiveEmbedding {
  public:
    /// `cutoffs` ascend; the last is the vocabulary. Error(constraint) otherwise, or when a width falls below 1.
    BasicAdaptiveEmbedding(std::vector<std::int64_t> cutoffs, std::int64_t d, std::int64_t factor, Rng rng);
    BasicVariable<T> forward(const IntTensor& ids) const;
    BasicNamedParameters<T> parameters() const;  ///< clusters.0.table.weight, clusters.0.projection.weight, ...

  private:
    std::vector<std::int64_t> cutoffs_;
    std::vector<BasicFactorisedEmbedding<T>> clusters_;
};
using AdaptiveEmbedding = BasicAdaptiveEmbedding<float>;

/// A trained table stored in small integers, one scale per row: x ~ scale q, q in -(2^(bits-1) - 1) ... 2^(bits-1) - 1.
/// For inference.
class QuantisedEmbedding {
  public:
    /// bits 2 ... 8, else Error(out_of_range); Error(shape) unless the table is a matrix.
    QuantisedEmbedding(const Tensor& table, int bits);
    Tensor forward(const IntTensor& ids) const;
    std::int64_t bytes() const;  ///< integers packed to their bits, and a float of scale per row
    Tensor table() const;        ///< all rows, restored

  private:
    Shape shape_;
    int bits_;
    std::vector<std::int8_t> values_;
    std::vector<float> scales_;
};

/// A trained table cut into `groups` of columns, each group's rows replaced by the nearest of `codes` centroids
/// (product quantisation; Jegou et al. 2011): a row is `groups` small numbers. Centroids by k-means from seeded starts.
class ProductQuantisedEmbedding {
  public:
    /// Error(constraint) unless groups divides the width; Error(out_of_range) unless 1 <= codes <= 256.
    ProductQuantisedEmbedding(const Tensor& table, std::int64_t groups, std::int64_t codes, Rng rng,
                              std::int64_t iterations = 20);
    Tensor forward(const IntTensor& ids) const;
    std::int64_t bytes() const;  ///< codes packed to their bits, and the centroids as floats
    Tensor table() const;

  private:
    Shape shape_;
    std::int64_t groups_;
    std::int64_t codes_;
    std::vector<std::uint8_t> assigned_;  // [count, groups]
    Tensor centroids_;                    // [groups, codes, width / groups]
};

}  // namespace glassformer
