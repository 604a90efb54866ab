// Coloured pictures of shapes -> the shape.
#include "data/images.h"
#include "nn/loss.h"
#include "tensor/kernels.h"
#include "training/checkpoint.h"
#include "training/recipes/recipes.h"

namespace glassformer {
namespace {

struct Pictures {
    Tensor images;      // [batch, 3, 16, 16]
    IntTensor targets;  // [batch], a ShapeKind
};

Pictures draw(std::int64_t batch, Rng& rng) {
    std::vector<int> classes;
    for (std::int64_t b = 0; b < batch; ++b)
        classes.push_back(static_cast<int>(rng.integer(shape_kinds * colour_kinds)));
    const ImageBatch drawn = shape_images({}, classes, rng);
    Pictures pictures{permute(drawn.images, {0, 3, 1, 2}), drawn.labels};
    for (std::int32_t& label : pictures.targets.elements()) label /= colour_kinds;
    return pictures;
}

class VitMini : public TrainingTask {
  public:
    explicit VitMini(const Rng& weights) : model_(vit_mini_config(), weights) {}
    NamedParameters parameters() const override { return model_.parameters(); }

    Loss loss(std::int64_t batch, Rng rng) const override {
        const Pictures pictures = draw(batch, rng);
        return {cross_entropy(model_.forward(pictures.images), pictures.targets), batch * model_.patch_count()};
    }

    std::vector<Measure> measure(std::int64_t examples, Rng rng) const override {
        const Pictures pictures = draw(examples, rng);
        const Tensor logits = model_.forward(pictures.images).value();
        double right = 0.0;
        for (std::int64_t r = 0; r < examples; ++r) right += likeliest(logits, r) == pictures.targets[r] ? 1.0 : 0.0;
        return {{"accuracy", {"认对的图形", "shapes named right"}, right / static_cast<double>(examples)}};
    }

  private:
    Vit model_;
};

}  // namespace

Recipe vit_mini_recipe() {
    return {
        .name = "vit-mini",
        .summary = {"认出 16x16 彩色图里的六种形状", "six shapes in coloured pictures of 16 x 16"},
        .settings = {.updates = 1500, .batch = 64, .rate = 2e-3},
        .examples = 1000,
        .make = [](const Rng& weights) -> std::unique_ptr<TrainingTask> { return std::make_unique<VitMini>(weights); }};
}

}  // namespace glassformer
