#include "models/vit.h"

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

template <typename T>
BasicTensor<T> cut(const BasicTensor<T>& images, std::int64_t patch) {
    const Shape& shape = images.shape();
    if (shape.rank() != 4 || patch < 1 || shape[2] % patch != 0 || shape[3] % patch != 0) {
        throw Error(ErrorKind::shape,
                    {"图像的形状应为 [batch, channels, height, width]，高和宽须能被 patch = " + std::to_string(patch) +
                         " 整除；给的是 " + shape.to_string() + "。",
                     "Images must be [batch, channels, height, width] with sides that patch = " +
                         std::to_string(patch) + " divides; they have the shape " + shape.to_string() + "."},
                    "patch");
    }
    const std::int64_t rows = shape[2] / patch;
    const std::int64_t columns = shape[3] / patch;
    const auto grid = permute(images.reshaped({shape[0], shape[1], rows, patch, columns, patch}), {0, 2, 4, 1, 3, 5});
    return grid.reshaped({shape[0], rows * columns, shape[1] * patch * patch});
}

VitConfig checked(VitConfig config) {
    require_positive("channels", config.channels);
    require_positive("patch", config.patch);
    require_divides("patch", config.patch, "height", config.height);
    require_divides("patch", config.patch, "width", config.width);
    require_positive("height", config.height);
    require_positive("width", config.width);
    require_probability("dropout", config.dropout);
    return config;
}

}  // namespace

Tensor image_patches(const Tensor& images, std::int64_t patch) { return cut(images, patch); }

Tensor patches_image(const Tensor& patches, std::int64_t patch, std::int64_t channels, std::int64_t height,
                     std::int64_t width) {
    require_divides("patch", patch, "height", height);
    require_divides("patch", patch, "width", width);
    const std::int64_t rows = height / patch;
    const std::int64_t columns = width / patch;
    const Shape& shape = patches.shape();
    if (shape.rank() != 3 || shape[1] != rows * columns || shape[2] != channels * patch * patch) {
        throw Error(ErrorKind::shape,
                    {"图块的形状 " + shape.to_string() + " 拼不成要求的图像。",
                     "Patches of shape " + shape.to_string() + " do not make up an image of the size asked for."},
                    "patches");
    }
    const Tensor grid = patches.reshaped({shape[0], rows, columns, channels, patch, patch});
    return permute(grid, {0, 3, 1, 4, 2, 5}).reshaped({shape[0], channels, height, width});
}

VitConfig vit_config(const ModelSize& size) {
    VitConfig config;
    config.stack = stack_of(size);
    config.stack.layer.placement = NormPlacement::pre;
    config.stack.layer.feed_forward.activation = Activation::gelu;
    return config;
}

template <typename T>
BasicVit<T>::BasicVit(const VitConfig& config, Rng rng)
    : config_(checked(config)),
      patch_(config.channels * config.patch * config.patch, config.stack.layer.attention.d_model, rng.split("patch")),
      stack_(config.stack, rng.split("stack")),
      head_(config.stack.layer.attention.d_model, config.classes, rng.split("head")) {
    const std::int64_t d = config.stack.layer.attention.d_model;
    const std::int64_t tokens = patch_count() + (config.class_token ? 1 : 0);
    if (config.class_token) class_token_ = normal_parameter<T>({1, d}, rng.split("class_token"), 0.02F);
    if (config.position == VitConfig::Position::learned) {
        position_ = normal_parameter<T>({tokens, d}, rng.split("position"), config.position_deviation);
    } else if (config.position == VitConfig::Position::sinusoidal_2d) {
        const BasicTensor<T> grid =
            sinusoidal_positions_2d<T>(config.height / config.patch, config.width / config.patch, d);
        // The class token stands nowhere in the picture: it gets no position.
        position_ = BasicVariable<T>(config.class_token ? pad(grid, 0, 1, 0) : grid);
    }
}

template <typename T>
BasicVariable<T> BasicVit<T>::forward(const BasicTensor<T>& images, const BasicPass<T>& pass) const {
    const Shape& shape = images.shape();
    if (shape.rank() != 4 || shape[0] < 1 || shape[1] != config_.channels || shape[2] != config_.height ||
        shape[3] != config_.width) {
        const std::string wanted = "[batch, " + std::to_string(config_.channels) + ", " +
                                   std::to_string(config_.height) + ", " + std::to_string(config_.width) + "]";
        throw Error(ErrorKind::shape,
                    {"图像的形状应为 " + wanted + "，给的是 " + shape.to_string() + "。",
                     "Images must be " + wanted + "; they have the shape " + shape.to_string() + "."},
                    "images");
    }
    return forward_patches(BasicVariable<T>(cut(images, config_.patch)), pass);
}

template <typename T>
BasicVariable<T> BasicVit<T>::forward_patches(const BasicVariable<T>& patches, const BasicPass<T>& pass) const {
    const Shape& shape = patches.shape();
    if (shape.rank() != 3 || shape[0] < 1 || shape[1] != patch_count()) {
        throw Error(ErrorKind::shape,
                    {"应有 " + std::to_string(patch_count()) + " 个图块，给的形状是 " + shape.to_string() + "。",
                     "There must be " + std::to_string(patch_count()) + " patches; the shape given is " +
                         shape.to_string() + "."},
                    "patches");
    }
    BasicVariable<T> x = pass.observe("patches", patch_.forward(patches));
    const std::int64_t d = x.shape()[-1];
    if (config_.class_token) x = concat(std::vector{broadcast_to(class_token_, {shape[0], 1, d}), x}, 1);
    if (config_.position != VitConfig::Position::none) x = add(x, position_);
    x = pass.observe("embedding", pass.dropout("embedding", x, config_.dropout));
    const BasicVariable<T> hidden = stack_.forward(x, {}, pass);
    const BasicVariable<T> pooled =
        config_.class_token ? reshape(slice(hidden, 1, 0, 1), {shape[0], d}) : mean(hidden, 1);
    return pass.observe("logits", head_.forward(pass.observe("pooled", pooled)));
}

template <typename T>
BasicNamedParameters<T> BasicVit<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "patch", patch_.parameters());
    if (config_.class_token) all.emplace_back("class_token", class_token_);
    if (config_.position == VitConfig::Position::learned) all.emplace_back("position", position_);
    for (const auto& named : stack_.parameters()) all.push_back(named);
    append_parameters(all, "head", head_.parameters());
    return all;
}

template class BasicVit<float>;
template class BasicVit<double>;

}  // namespace glassformer
