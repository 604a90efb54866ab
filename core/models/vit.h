#pragma once

#include <optional>

#include "models/config.h"

namespace glassformer {

/// Images [batch, channels, height, width] cut into patches in reading order -> [batch, patches, channels * P * P],
/// each patch in the order channel, row, column (that of a convolution's weights). Error(shape) unless P divides both
/// sides.
Tensor image_patches(const Tensor& images, std::int64_t patch);
/// The way back. Error(shape) when the sizes do not fit.
Tensor patches_image(const Tensor& patches, std::int64_t patch, std::int64_t channels, std::int64_t height,
                     std::int64_t width);

/// A vision Transformer (Dosovitskiy et al. 2021): the same encoder as for text, on patches.
struct VitConfig {
    std::int64_t channels = 1;
    std::int64_t height = 16;
    std::int64_t width = 16;
    std::int64_t patch = 4;
    std::int64_t classes = 10;
    TransformerStackConfig stack = {};
    enum class Position { none, learned, sinusoidal_2d };
    Position position = Position::learned;
    float position_deviation = 0.02F;
    bool class_token = true;  ///< read from a token of its own; false: from the mean of the patches
    double dropout = 0.0;     ///< on the embedded patches
};

/// Pre-LN, GELU, weights N(0, 1/fan-in); size.vocabulary and max_length are not used.
VitConfig vit_config(const ModelSize& size);

/// Observed: patches (embedded), embedding (with class token and positions), layers.*, final_norm, pooled, logits.
template <typename T>
class BasicVit {
  public:
    BasicVit(const VitConfig& config, Rng rng);

    /// Images [batch, channels, height, width] -> logits [batch, classes]. Error(shape) for another size.
    BasicVariable<T> forward(const BasicTensor<T>& images, const BasicPass<T>& pass = {}) const;
    /// The same from patches that were cut, perhaps shuffled or edited: [batch, patches, channels P P].
    BasicVariable<T> forward_patches(const BasicVariable<T>& patches, const BasicPass<T>& pass = {}) const;

    const VitConfig& config() const { return config_; }
    std::int64_t patch_count() const { return (config_.height / config_.patch) * (config_.width / config_.patch); }
    /// patch.weight [channels P P, d], patch.bias, class_token [1, d], position [patches (+ 1), d], layers.*, head.*.
    BasicNamedParameters<T> parameters() const;

  private:
    VitConfig config_;
    BasicLinear<T> patch_;
    BasicVariable<T> class_token_;
    BasicVariable<T> position_;
    BasicTransformerStack<T> stack_;
    BasicLinear<T> head_;
};
using Vit = BasicVit<float>;

}  // namespace glassformer
