#include "nn/chunked_loss.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"
#include "nn/module.h"

namespace glassformer {
namespace {

/// Rows [begin, end) of a matrix.
template <typename T>
BasicTensor<T> rows_between(const BasicTensor<T>& a, std::int64_t begin, std::int64_t end) {
    return slice(a, 0, begin, end);
}

/// All that the two passes share.
template <typename T>
struct Blocks {
    IntTensor targets;
    std::int64_t row_step;
    std::int64_t word_step;
    std::int64_t counted = 0;
    ChunkedLossConfig config;

    bool counts(std::int64_t row) const { return !config.ignore_index || targets[row] != *config.ignore_index; }

    /// visit(first row, first word, logits of the block) over a band of rows, all words in order.
    template <typename Visit>
    void for_each_block(const BasicTensor<T>& hidden, const BasicTensor<T>& weight, std::int64_t row,
                        Visit visit) const {
        const BasicTensor<T> band = rows_between(hidden, row, std::min(row + row_step, hidden.extent(0)));
        for (std::int64_t word = 0; word < weight.extent(0); word += word_step) {
            const BasicTensor<T> words = rows_between(weight, word, std::min(word + word_step, weight.extent(0)));
            visit(band, word, words, matmul(band, words, Transpose::no, Transpose::yes));
        }
    }
};

template <typename T>
Blocks<T> checked(const BasicVariable<T>& hidden, const BasicVariable<T>& weight, const IntTensor& targets,
                  const ChunkedLossConfig& config) {
    const Shape& h = hidden.shape();
    const Shape& w = weight.shape();
    if (h.rank() != 2 || w.rank() != 2 || h[1] != w[1] || targets.shape() != Shape{h[0]} || w.size() == 0) {
        throw Error(ErrorKind::shape,
                    {"需要 hidden [rows, d]、weight [vocabulary, d] 和 targets [rows]；给的是 " + h.to_string() + "、" +
                         w.to_string() + "、" + targets.shape().to_string() + "。",
                     "Needed are hidden [rows, d], weight [vocabulary, d] and targets [rows]; given are " +
                         h.to_string() + ", " + w.to_string() + ", " + targets.shape().to_string() + "."});
    }
    if (config.rows < 0 || config.vocabulary < 0) {
        throw Error(ErrorKind::out_of_range, {"分块的大小不能为负。", "The sizes of blocks must not be negative."},
                    "rows");
    }
    require_probability("label_smoothing", config.label_smoothing);
    Blocks<T> blocks{targets, config.rows == 0 ? std::max<std::int64_t>(h[0], 1) : config.rows,
                     config.vocabulary == 0 ? w[0] : config.vocabulary, 0, config};
    for (std::int64_t row = 0; row < h[0]; ++row) {
        if (!blocks.counts(row)) continue;
        ++blocks.counted;
        if (targets[row] >= 0 && targets[row] < w[0]) continue;
        const std::string range = "0 ... " + std::to_string(w[0] - 1);
        throw Error(ErrorKind::shape, {"目标 " + std::to_string(targets[row]) + " 不在 " + range + " 内。",
                                       "The target " + std::to_string(targets[row]) + " is outside " + range + "."});
    }
    return blocks;
}

}  // namespace

template <typename T>
ChunkedLoss<T> chunked_cross_entropy(const BasicVariable<T>& hidden, const BasicVariable<T>& weight,
                                     const IntTensor& targets, const ChunkedLossConfig& config) {
    using Node = typename BasicVariable<T>::Node;
    const Blocks<T> blocks = checked(hidden, weight, targets, config);
    const std::int64_t rows = hidden.shape()[0];
    const std::int64_t words = weight.shape()[0];
    const double epsilon = config.label_smoothing;
    // ln sum exp of each row, carried from block to block: when a larger maximum comes, the old sum shrinks by
    // exp(old - new).
    BasicTensor<T> log_total({rows});
    double loss = 0.0;
    std::int64_t peak = 0;
    for (std::int64_t row = 0; row < rows; row += blocks.row_step) {
        const auto band = static_cast<std::size_t>(std::min(blocks.row_step, rows - row));
        PooledVector<T> maximum(band, -std::numeric_limits<T>::infinity());
        PooledVector<T> total(band, T{0});
        PooledVector<T> of_target(band, T{0});
        PooledVector<T> of_all(band, T{0});
        blocks.for_each_block(
            hidden.value(), weight.value(), row,
            [&](const auto&, std::int64_t word, const auto&, const BasicTensor<T>& logits) {
                peak = std::max(peak, logits.size() * static_cast<std::int64_t>(sizeof(T)));
                for (std::size_t r = 0; r < band; ++r) {
                    const auto line = logits.row(static_cast<std::int64_t>(r));
                    const T larger = std::max(maximum[r], *std::max_element(line.begin(), line.end()));
                    T sum = total[r] == T{0} ? T{0} : total[r] * glassformer::exp(maximum[r] - larger);
                    for (const T logit : line) {
                        sum += glassformer::exp(logit - larger);
                        of_all[r] += logit;
                    }
                    maximum[r] = larger;
                    total[r] = sum;
                    const std::int64_t target = targets[row + static_cast<std::int64_t>(r)] - word;
                    if (target >= 0 && target < static_cast<std::int64_t>(line.size())) {
                        of_target[r] = line[static_cast<std::size_t>(target)];
                    }
                }
            });
        for (std::size_t r = 0; r < band; ++r) {
            const std::int64_t at = row + static_cast<std::int64_t>(r);
            log_total[at] = maximum[r] + glassformer::log(total[r]);
            if (!blocks.counts(at)) continue;
            const double expected = (1.0 - epsilon) * static_cast<double>(of_target[r]) +
                                    epsilon / static_cast<double>(words) * static_cast<double>(of_all[r]);
            loss += static_cast<double>(log_total[at]) - expected;
        }
    }
    const double share = blocks.counted > 0 ? 1.0 / static_cast<double>(blocks.counted) : 0.0;

    // d logit = (softmax - q) / counted, block by block; then hidden and weight get their products with it.
    const auto backward = [blocks, log_total, share, epsilon, words](Node& node) {
        Node& h = *node.parents[0];
        Node& w = *node.parents[1];
        BasicTensor<T> of_hidden(h.value.shape());
        BasicTensor<T> of_weight(w.value.shape());
        const T upstream = node.gradient[0] * static_cast<T>(share);
        const T smooth = static_cast<T>(epsilon / static_cast<double>(words));
        const auto add_rows = [](BasicTensor<T>& to, std::int64_t first, const BasicTensor<T>& from) {
            T* start = to.data() + first * to.extent(1);
            for (std::int64_t i = 0; i < from.size(); ++i) start[i] += from[i];
        };
        for (std::int64_t row = 0; row < h.value.extent(0); row += blocks.row_step) {
            blocks.for_each_block(
                h.value, w.value, row,
                [&](const BasicTensor<T>& band, std::int64_t word, const BasicTensor<T>& part, BasicTensor<T> logits) {
                    for (std::int64_t r = 0; r < logits.extent(0); ++r) {
                        const auto line = logits.row(r);
                        const bool counts = blocks.counts(row + r);
                        for (std::int64_t c = 0; c < logits.extent(1); ++c) {
                            T& each = line[static_cast<std::size_t>(c)];
                            T q = smooth;
                            if (word + c == blocks.targets[row + r]) q += static_cast<T>(1.0 - epsilon);
                            each = counts ? upstream * (glassformer::exp(each - log_total[row + r]) - q) : T{0};
                        }
                    }
                    if (h.requires_gradient) add_rows(of_hidden, row, matmul(logits, part));
                    if (w.requires_gradient) add_rows(of_weight, word, matmul(logits, band, Transpose::yes));
                });
        }
        if (h.requires_gradient) h.accumulate(of_hidden);
        if (w.requires_gradient) w.accumulate(of_weight);
    };
    const BasicTensor<T> value(Shape{}, {static_cast<T>(loss * share)});
    return {BasicVariable<T>(value, {hidden, weight}, backward), peak};
}

template ChunkedLoss<float> chunked_cross_entropy(const BasicVariable<float>&, const BasicVariable<float>&,
                                                  const IntTensor&, const ChunkedLossConfig&);
template ChunkedLoss<double> chunked_cross_entropy(const BasicVariable<double>&, const BasicVariable<double>&,
                                                   const IntTensor&, const ChunkedLossConfig&);

}  // namespace glassformer
