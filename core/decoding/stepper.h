#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/gpt.h"
#include "models/transformer.h"

/// How a decoder is fed: some rows of tokens go on at the same time, each asking for its next token.
namespace glassformer {

struct StepperOptions {
    /// Keys and values of earlier tokens are kept, so that only new tokens are fed; else every step reads all again.
    /// Both give the same logits, to rounding.
    bool cache = true;
    /// At which position a token fed after others is embedded. The two wrong ways are classic mistakes with a cache.
    enum class PositionIndex { correct, always_zero, off_by_one };
    PositionIndex position_index = PositionIndex::correct;
};

/// A model in the middle of decoding. Rows are independent of one another.
class Stepper {
  public:
    virtual ~Stepper() = default;
    /// Reads the next tokens of every row, [rows, n_new]: a prompt at once (prefill) or one after another. Gives the
    /// logits of what follows each of them, [rows, n_new, vocabulary]. Error(shape) for another number of rows than
    /// before; Error(out_of_range) beyond the model's longest sequence.
    Tensor advance(const IntTensor& ids);
    /// From now on row i goes on as row rows[i] did so far: beams that split and die. May change the number of rows.
    /// Error(out_of_range) for a row there is not.
    void reorder(const std::vector<std::int32_t>& rows);

    std::int64_t length() const { return length_; }    ///< tokens read, of each row
    std::int64_t lookups() const { return lookups_; }  ///< embeddings looked up, over all rows
    const IntTensor& fed() const { return fed_; }      ///< all tokens read, [rows, length]
    const StackCache* cache() const { return options_.cache ? &cache_ : nullptr; }
    virtual std::int64_t vocabulary() const = 0;
    /// The longest sequence the model can read; nothing where positions know no end.
    virtual std::optional<std::int64_t> max_length() const = 0;

  protected:
    explicit Stepper(const StepperOptions& options) : options_(options) {}

  private:
    /// Logits of `ids` [rows, n], at their positions [n]; with a cache they follow what it holds.
    virtual Tensor logits(const IntTensor& ids, const IntTensor& positions, StackCache* cache) = 0;
    /// What else belongs to rows.
    virtual void reorder_rows(const IntTensor&) {}

    StepperOptions options_;
    StackCache cache_;
    IntTensor fed_;
    IntTensor positions_;
    std::int64_t length_ = 0;
    std::int64_t lookups_ = 0;
};

/// A decoder-only model. The model must outlive it. Prompts of unequal length are padded on the left: `real` [rows, n]
/// marks the tokens of the first advance() that are none; positions then count from the first real token.
class GptStepper : public Stepper {
  public:
    explicit GptStepper(const Gpt& model, const StepperOptions& options = {},
                        std::optional<BoolTensor> real = std::nullopt);
    std::int64_t vocabulary() const override;
    std::optional<std::int64_t> max_length() const override;

  private:
    Tensor logits(const IntTensor& ids, const IntTensor& positions, StackCache* cache) override;
    void reorder_rows(const IntTensor& rows) override;
    const Gpt& model_;
    std::optional<BoolTensor> real_;
};

/// The decoder of an encoder-decoder: the sources [rows, n] are read once, here. The model must outlive it.
class TransformerStepper : public Stepper {
  public:
    TransformerStepper(const Transformer& model, const SequenceInput& source, const StepperOptions& options = {});
    /// From a memory, whatever it holds.
    TransformerStepper(const Transformer& model, const Variable& memory, std::optional<Mask> memory_mask,
                       const StepperOptions& options = {});
    std::int64_t vocabulary() const override;
    std::optional<std::int64_t> max_length() const override;
    const Variable& memory() const { return memory_; }

  private:
    Tensor logits(const IntTensor& ids, const IntTensor& positions, StackCache* cache) override;
    void reorder_rows(const IntTensor& rows) override;
    const Transformer& model_;
    Variable memory_;
    std::optional<Mask> memory_mask_;
};

}  // namespace glassformer
