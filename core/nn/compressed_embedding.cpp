#include "nn/compressed_embedding.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

float unit_over_root(std::int64_t d) { return 1.0F / std::sqrt(static_cast<float>(std::max<std::int64_t>(d, 1))); }

void check_ids(const IntTensor& ids, std::int64_t count) {
    for (const std::int32_t id : ids.elements()) {
        if (id >= 0 && id < count) continue;
        const std::string range = "0 ... " + std::to_string(count - 1);
        throw Error(ErrorKind::shape, {"编号 " + std::to_string(id) + " 不在词表 " + range + " 内。",
                                       "The id " + std::to_string(id) + " is outside the vocabulary, " + range + "."});
    }
}

template <typename Function>
IntTensor mapped(const IntTensor& ids, Function function) {
    IntTensor result(ids.shape());
    for (std::int64_t i = 0; i < ids.size(); ++i) result[i] = static_cast<std::int32_t>(function(ids[i]));
    return result;
}

/// What the elements of a table of n summed (or multiplied) rows must be for the result's to be 1 / sqrt(d).
float part_deviation(std::int64_t d, std::int64_t parts) { return unit_over_root(d * parts); }

}  // namespace

template <typename T>
BasicFactorisedEmbedding<T>::BasicFactorisedEmbedding(std::int64_t count, std::int64_t e, std::int64_t d, Rng rng)
    : table_(count, e, rng.split("table"), unit_over_root(d)), projection_(e, d, rng.split("projection"), false) {}

template <typename T>
BasicVariable<T> BasicFactorisedEmbedding<T>::forward(const IntTensor& ids) const {
    return projection_.forward(table_.forward(ids));
}

template <typename T>
BasicVariable<T> BasicFactorisedEmbedding<T>::logits(const BasicVariable<T>& x) const {
    return table_.logits(batched_matmul(x, projection_.weight(), Transpose::no, Transpose::yes));
}

template <typename T>
BasicNamedParameters<T> BasicFactorisedEmbedding<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "table", table_.parameters());
    append_parameters(all, "projection", projection_.parameters());
    return all;
}

std::int32_t hash_bucket(std::int32_t id, std::int64_t which, std::int64_t buckets) {
    require_positive("buckets", buckets);
    // One block of the random generator: well mixed, and the same everywhere.
    const std::uint32_t counter[4] = {static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(which), 0, 0};
    const std::uint32_t key[2] = {0x676C6173U, 0x68617368U};
    std::uint32_t out[4];
    philox4x32(counter, key, out);
    const std::uint64_t wide = (static_cast<std::uint64_t>(out[0]) << 32) | out[1];
    return static_cast<std::int32_t>(wide % static_cast<std::uint64_t>(buckets));
}

template <typename T>
BasicHashedEmbedding<T>::BasicHashedEmbedding(std::int64_t count, std::int64_t buckets, std::int64_t n_hashes,
                                              std::int64_t d, Rng rng)
    : count_(count), buckets_(buckets), n_hashes_(n_hashes), table_(buckets, d, rng, part_deviation(d, n_hashes)) {
    require_positive("count", count);
    require_positive("n_hashes", n_hashes);
}

template <typename T>
BasicVariable<T> BasicHashedEmbedding<T>::forward(const IntTensor& ids) const {
    check_ids(ids, count_);
    const auto rows = [&](std::int64_t which) {
        return table_.forward(mapped(ids, [&](std::int32_t id) { return hash_bucket(id, which, buckets_); }));
    };
    BasicVariable<T> result = rows(0);
    for (std::int64_t which = 1; which < n_hashes_; ++which) result = add(result, rows(which));
    return result;
}

template <typename T>
std::int64_t BasicHashedEmbedding<T>::collided() const {
    std::map<std::vector<std::int32_t>, std::int64_t> ids_of;
    for (std::int64_t id = 0; id < count_; ++id) {
        std::vector<std::int32_t> rows;
        for (std::int64_t which = 0; which < n_hashes_; ++which) {
            rows.push_back(hash_bucket(static_cast<std::int32_t>(id), which, buckets_));
        }
        std::sort(rows.begin(), rows.end());  // a sum does not know the order
        ++ids_of[rows];
    }
    std::int64_t shared = 0;
    for (const auto& [rows, ids] : ids_of) shared += ids > 1 ? ids : 0;
    return shared;
}

template <typename T>
BasicQuotientRemainderEmbedding<T>::BasicQuotientRemainderEmbedding(std::int64_t count, std::int64_t buckets,
                                                                    std::int64_t d, Combine combine, Rng rng)
    : count_(count),
      buckets_(buckets),
      combine_(combine),
      quotient_((std::max<std::int64_t>(count, 1) - 1) / std::max<std::int64_t>(buckets, 1) + 1,
                combine == Combine::concat ? d / 2 : d, rng.split("quotient"),
                // A product's factors: one near the size wanted, one near 1.
                combine == Combine::product ? 1.0F : part_deviation(d, combine == Combine::sum ? 2 : 1)),
      remainder_(buckets, combine == Combine::concat ? d / 2 : d, rng.split("remainder"),
                 part_deviation(d, combine == Combine::sum ? 2 : 1)) {
    require_positive("count", count);
    if (combine == Combine::concat) require_divides("2", 2, "d", d);
}

template <typename T>
BasicVariable<T> BasicQuotientRemainderEmbedding<T>::forward(const IntTensor& ids) const {
    check_ids(ids, count_);
    const BasicVariable<T> high = quotient_.forward(mapped(ids, [&](std::int32_t id) { return id / buckets_; }));
    const BasicVariable<T> low = remainder_.forward(mapped(ids, [&](std::int32_t id) { return id % buckets_; }));
    if (combine_ == Combine::concat) return concat(std::vector{high, low}, -1);
    return combine_ == Combine::sum ? add(high, low) : multiply(high, low);
}

template <typename T>
BasicNamedParameters<T> BasicQuotientRemainderEmbedding<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "quotient", quotient_.parameters());
    append_parameters(all, "remainder", remainder_.parameters());
    return all;
}

template <typename T>
BasicAdaptiveEmbedding<T>::BasicAdaptiveEmbedding(std::vector<std::int64_t> cutoffs, std::int64_t d,
                                                  std::int64_t factor, Rng rng)
    : cutoffs_(std::move(cutoffs)) {
    require_positive("d", d);
    require_positive("factor", factor);
    std::int64_t before = 0;
    std::int64_t width = d;
    bool fits = !cutoffs_.empty();
    for (std::size_t c = 0; fits && c < cutoffs_.size(); ++c) {
        fits = cutoffs_[c] > before && width >= 1;
        if (!fits) break;
        clusters_.emplace_back(cutoffs_[c] - before, width, d, rng.split(c));
        before = cutoffs_[c];
        width /= factor;
    }
    if (!fits) {
        throw Error(ErrorKind::constraint,
                    {"cutoffs 须递增，且每一簇的宽度 d / factor^c 至少为 1。",
                     "Cutoffs must ascend, and every cluster's width d / factor^c be at least 1."},
                    "cutoffs");
    }
}

template <typename T>
BasicVariable<T> BasicAdaptiveEmbedding<T>::forward(const IntTensor& ids) const {
    check_ids(ids, cutoffs_.back());
    // Every cluster looks its own ids up; then the rows are put in the order they were asked for.
    std::vector<BasicVariable<T>> found;
    IntTensor place(ids.shape());
    std::int32_t next = 0;
    std::int64_t before = 0;
    for (std::size_t c = 0; c < clusters_.size(); ++c) {
        std::vector<std::int32_t> own;
        for (std::int64_t i = 0; i < ids.size(); ++i) {
            if (ids[i] < before || ids[i] >= cutoffs_[c]) continue;
            own.push_back(static_cast<std::int32_t>(ids[i] - before));
            place[i] = next++;
        }
        before = cutoffs_[c];
        if (own.empty()) continue;
        const auto count = static_cast<std::int64_t>(own.size());
        found.push_back(clusters_[c].forward(IntTensor({count}, own)));
    }
    if (found.empty()) return clusters_.front().forward(ids);
    return gather_rows(concat(found, 0), place);
}

template <typename T>
BasicNamedParameters<T> BasicAdaptiveEmbedding<T>::parameters() const {
    BasicNamedParameters<T> all;
    for (std::size_t c = 0; c < clusters_.size(); ++c) {
        append_parameters(all, "clusters." + std::to_string(c), clusters_[c].parameters());
    }
    return all;
}

template class BasicFactorisedEmbedding<float>;
template class BasicFactorisedEmbedding<double>;
template class BasicHashedEmbedding<float>;
template class BasicHashedEmbedding<double>;
template class BasicQuotientRemainderEmbedding<float>;
template class BasicQuotientRemainderEmbedding<double>;
template class BasicAdaptiveEmbedding<float>;
template class BasicAdaptiveEmbedding<double>;

}  // namespace glassformer
