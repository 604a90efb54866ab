#include "decoding/stepper.h"

#include <string>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

Tensor rows_of(const Tensor& tensor, const IntTensor& rows) { return index_select(tensor, 0, rows); }

void reorder_cache(KeyValueCache& cache, const IntTensor& rows) {
    if (cache.length == 0) return;
    cache.keys = rows_of(cache.keys, rows);
    cache.values = rows_of(cache.values, rows);
    if (cache.positions.shape().rank() == 2) cache.positions = index_select(cache.positions, 0, rows);
}

std::optional<std::int64_t> limit_of(const InputEmbeddingConfig& embedding) {
    if (embedding.position != PositionKind::learned) return std::nullopt;
    return embedding.max_length;
}

}  // namespace

Tensor Stepper::advance(const IntTensor& ids) {
    const bool fits = ids.shape().rank() == 2 && ids.size() > 0 && (length_ == 0 || ids.extent(0) == fed_.extent(0));
    if (!fits) {
        const std::string rows = length_ == 0 ? "rows" : std::to_string(fed_.extent(0));
        throw Error(
            ErrorKind::shape,
            {"下一批词元的形状应为 [" + rows + ", n]，n 至少为 1；给的是 " + ids.shape().to_string() + "。",
             "The next tokens must be [" + rows + ", n] with n at least 1; they are " + ids.shape().to_string() + "."});
    }
    const std::int64_t n = ids.extent(1);
    const std::optional<std::int64_t> limit = max_length();
    if (limit && length_ + n > *limit) {
        throw Error(
            ErrorKind::out_of_range,
            {"序列有 " + std::to_string(length_ + n) + " 个词元，模型最长只能读 " + std::to_string(*limit) + " 个。",
             "The sequence has " + std::to_string(length_ + n) + " tokens; the model reads at most " +
                 std::to_string(*limit) + "."},
            "length");
    }
    using Index = StepperOptions::PositionIndex;
    IntTensor positions({n});
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t position = length_ + i;
        if (length_ > 0 && options_.position_index == Index::always_zero) position = 0;
        if (length_ > 0 && options_.position_index == Index::off_by_one) position -= 1;
        positions[i] = static_cast<std::int32_t>(position);
    }
    fed_ = length_ == 0 ? ids : concat(std::vector<IntTensor>{fed_, ids}, 1);
    positions_ = length_ == 0 ? positions : concat(std::vector<IntTensor>{positions_, positions}, 0);
    length_ += n;
    lookups_ += options_.cache ? ids.size() : fed_.size();
    if (options_.cache) return logits(ids, positions, &cache_);
    return slice(logits(fed_, positions_, nullptr), 1, length_ - n, length_);
}

void Stepper::reorder(const std::vector<std::int32_t>& rows) {
    const std::int64_t had = length_ == 0 ? 0 : fed_.extent(0);
    for (const std::int32_t row : rows) {
        if (row >= 0 && row < had) continue;
        throw Error(ErrorKind::out_of_range,
                    {"没有第 " + std::to_string(row) + " 行。", "There is no row " + std::to_string(row) + "."},
                    "rows");
    }
    if (rows.empty()) throw Error(ErrorKind::out_of_range, {"至少要留一行。", "At least one row must stay."}, "rows");
    const IntTensor index({static_cast<std::int64_t>(rows.size())}, rows);
    fed_ = index_select(fed_, 0, index);
    for (KeyValueCache& each : cache_.self) reorder_cache(each, index);
    for (KeyValueCache& each : cache_.cross) reorder_cache(each, index);
    reorder_rows(index);
}

GptStepper::GptStepper(const Gpt& model, const StepperOptions& options, std::optional<BoolTensor> real)
    : Stepper(options), model_(model), real_(std::move(real)) {}

std::int64_t GptStepper::vocabulary() const { return model_.config().embedding.vocabulary; }
std::optional<std::int64_t> GptStepper::max_length() const { return limit_of(model_.config().embedding); }

void GptStepper::reorder_rows(const IntTensor& rows) {
    if (real_) real_ = index_select(*real_, 0, rows);
}

Tensor GptStepper::logits(const IntTensor& ids, const IntTensor& positions, StackCache* cache) {
    GptInput input{.ids = ids};
    input.positions = positions;
    if (real_) {
        // Padding is no key; positions count the real tokens only.
        const std::int64_t rows = ids.extent(0);
        const std::int64_t n = ids.extent(1);
        const std::int64_t all = length();
        BoolTensor keep({rows, 1, all}, 1);
        IntTensor own({rows, n});
        for (std::int64_t r = 0; r < rows; ++r) {
            std::int32_t padding = 0;
            for (std::int64_t j = 0; j < real_->extent(1); ++j) {
                keep.at({r, 0, j}) = real_->at({r, j});
                padding += real_->at({r, j}) == 0 ? 1 : 0;
            }
            for (std::int64_t i = 0; i < n; ++i) own(r, i) = std::max(0, positions[i] - padding);
        }
        input.mask = Mask(std::move(keep));
        input.positions = std::move(own);
    }
    return model_.forward(input, {}, cache).value();
}

TransformerStepper::TransformerStepper(const Transformer& model, const SequenceInput& source,
                                       const StepperOptions& options)
    : Stepper(options), model_(model), memory_(model.encode(source).detach()), memory_mask_(source.mask) {}

TransformerStepper::TransformerStepper(const Transformer& model, const Variable& memory,
                                       std::optional<Mask> memory_mask, const StepperOptions& options)
    : Stepper(options), model_(model), memory_(memory.detach()), memory_mask_(std::move(memory_mask)) {}

std::int64_t TransformerStepper::vocabulary() const { return model_.config().target.vocabulary; }
std::optional<std::int64_t> TransformerStepper::max_length() const { return limit_of(model_.config().target); }

void TransformerStepper::reorder_rows(const IntTensor& rows) {
    memory_ = Variable(rows_of(memory_.value(), rows));
    if (memory_mask_ && memory_mask_->batch() > 1) memory_mask_ = Mask(index_select(memory_mask_->keep(), 0, rows));
}

Tensor TransformerStepper::logits(const IntTensor& ids, const IntTensor& positions, StackCache* cache) {
    return model_.decode({.ids = ids, .mask = {}, .positions = positions, .real = {}}, memory_, memory_mask_, {}, cache)
        .value();
}

}  // namespace glassformer
