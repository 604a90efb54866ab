#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/module.h"

/// Mixed precision, simulated (Micikevicius et al. 2018, section 3): numbers are rounded to what 16 bits can hold at
/// the places where a GPU would keep 16 bits, everything else stays float32. What it shows is real: gradients that
/// vanish below the smallest half, updates that are too small for a half's 11 bits, overflow at 65504.
namespace glassformer {

enum class HalfFormat {
    binary16,  ///< fp16: 11 significant bits, 6e-8 ... 65504
    bfloat16   ///< bf16: 8 significant bits, float's range
};

struct HalfPrecisionConfig {
    HalfFormat format = HalfFormat::binary16;
    /// Keep float32 weights and update those (section 3.1); else the weights themselves are halves, and an update below
    /// half a unit in the last place is lost.
    bool master_weights = true;
    /// The loss is multiplied by this before the backward pass, the gradients divided by it before the update (section
    /// 3.2). 1: no scaling.
    double loss_scale = 65536.0;
    /// Halve the scale when a gradient overflows (that update is skipped), double it after `patience` good updates;
    /// else it stays, and an overflow still skips its update.
    bool dynamic = true;
    std::int64_t patience = 2000;
};

/// One update: `HalfPrecision half(...)`, then each time
///     half.begin();                                          // weights as the forward pass sees them
///     scale(loss, half.loss_scale()).backward();
///     if (half.finish()) optimizer.update(rate);             // gradients rounded, checked, unscaled
///     half.end();                                            // without master weights: the new ones are rounded
class HalfPrecision {
  public:
    /// Error(out_of_range) for a scale that is not above 0 or a patience below 1.
    HalfPrecision(NamedParameters parameters, const HalfPrecisionConfig& config = {});

    void begin();
    float loss_scale() const { return static_cast<float>(scale_); }
    /// False when a gradient overflowed: the gradients are cleared, the update is to be skipped.
    bool finish();
    void end();

    std::int64_t skipped() const { return skipped_; }  ///< updates so far that overflow has cost
    /// Share of the gradient's elements of the last update that were not 0 and became 0.
    double vanished() const { return vanished_; }

  private:
    float rounded(float value) const;

    NamedParameters parameters_;
    HalfPrecisionConfig config_;
    std::vector<Tensor> masters_;
    double scale_;
    std::int64_t good_ = 0;
    std::int64_t skipped_ = 0;
    double vanished_ = 0.0;
};

/// x with each element rounded, the gradient that comes back rounded likewise: what an activation kept in 16 bits does.
/// As a trace's `edit` it rounds every observed intermediate of a forward pass:
///     trace.edit = [](const std::string&, const Variable& x) { return half_activation(x, HalfFormat::binary16); };
Variable half_activation(const Variable& x, HalfFormat format);

}  // namespace glassformer
