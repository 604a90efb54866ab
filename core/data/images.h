#pragma once

#include "data/batch.h"
#include "data/dates.h"

/// Small pictures drawn by formula: digits from strokes, coloured shapes. Values are in 0 ... 1, background 0.
namespace glassformer {

struct ImageBatch {
    Tensor images;     ///< [batch, size, size, channels], rows from the top
    IntTensor labels;  ///< [batch]: the digit, or shape * colour_kinds + colour
    int classes = 10;
};

struct DigitTask {
    int size = 16;        ///< 8 ... 64 pixels a side
    float jitter = 1.0F;  ///< 0: always the same; 1: turned up to 0.2 rad, slanted, scaled, shifted, thicker or thinner
    float noise = 0.05F;  ///< standard deviation added to each pixel, then cut to 0 ... 1
};
/// One digit, [size, size]. Error(out_of_range) unless 0 <= digit <= 9.
Tensor draw_digit(int digit, const DigitTask& task, Rng& rng);
/// Digits in turn, 0 1 2 ... 9 0 ..., so every class is as large (to one). channels 1.
ImageBatch digit_images(const DigitTask& task, int batch, Rng& rng);

enum class ShapeKind { circle, square, triangle, cross, ring, diamond };
constexpr int shape_kinds = 6;
enum class Colour { red, green, blue, yellow, purple, white };
constexpr int colour_kinds = 6;
const char* shape_name(int shape, Language language);
const char* colour_name(int colour, Language language);
/// "红色的圆形", "red circle": what a text encoder reads of a class.
std::string shape_caption(int shape, int colour, Language language);

struct ShapeTask {
    int size = 16;
    float jitter = 1.0F;  ///< up to 0.25 rad, a fifth of the size, an eighth of the picture
    float noise = 0.05F;
};
/// One coloured shape, [size, size, 3].
Tensor draw_shape(ShapeKind shape, Colour colour, const ShapeTask& task, Rng& rng);
/// One picture for each (shape, colour) given: classes[i] = shape * colour_kinds + colour.
ImageBatch shape_images(const ShapeTask& task, const std::vector<int>& classes, Rng& rng);
/// The combinations of the first `shapes` shapes and `colours` colours, split for zero-shot learning: each shape misses
/// `held_out` colours in training (1 <= held_out < colours). Every shape is seen, and every colour whenever enough
/// combinations are left: shapes * (colours - held_out) >= colours (plan, 3-01).
struct ShapeSplit {
    std::vector<int> seen, unseen;
};
ShapeSplit shape_split(int shapes, int colours, int held_out, Rng& rng);

/// Pictures as vectors of their attributes, for a linear encoder: the one-hot shape and colour mixed into `features`
/// inputs by a fixed random matrix, noise added.
class AttributeMixer {
  public:
    AttributeMixer(int shapes, int colours, int features, Rng& rng);
    /// [classes.size(), features]; classes as in `shape_images`.
    Tensor draw(const std::vector<int>& classes, float noise, Rng& rng) const;

  private:
    int shapes_, colours_;
    Tensor mixing_;  ///< [shapes + colours, features]
};

}  // namespace glassformer
