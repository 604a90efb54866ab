// How does an image become tokens? (Dosovitskiy et al. 2020, section 3.1)
//
//     cut into N = (H/P)(W/P) patches of P x P pixels, each flattened and multiplied by one matrix E:
//         token_i = sum over r, c of  patch_i[r, c] * E[:, r, c]  (+ position_i)
//
// That is a convolution whose kernels are E[f, :, :] and whose stride is P. Attention then sees a set: a class token
// looks at all patches, and where a patch stood is known only from the position vector added to it.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t side = 16;  // the image is 16 x 16

/// [N, P, P]: patch i holds rows P*(i / per_row) ... and columns P*(i % per_row) ...
Tensor cut(const Tensor& image, std::int64_t P) {
    const std::int64_t per_row = side / P;
    Tensor patches({per_row * per_row, P, P});
    for (std::int64_t i = 0; i < per_row * per_row; ++i) {
        for (std::int64_t r = 0; r < P; ++r) {
            for (std::int64_t c = 0; c < P; ++c) {
                patches[(i * P + r) * P + c] = image(P * (i / per_row) + r, P * (i % per_row) + c);
            }
        }
    }
    return patches;
}

/// The same pixels back in their places.
Tensor joined(const Tensor& patches, std::int64_t P) {
    const std::int64_t per_row = side / P;
    Tensor image({side, side});
    for (std::int64_t i = 0; i < per_row * per_row; ++i) {
        for (std::int64_t r = 0; r < P; ++r) {
            for (std::int64_t c = 0; c < P; ++c) {
                image(P * (i / per_row) + r, P * (i % per_row) + c) = patches[(i * P + r) * P + c];
            }
        }
    }
    return image;
}

/// The convolution as one writes it: every kernel [P, P] laid over the image at every P-th place. [N, d]
Tensor convolved(const Tensor& image, const Tensor& kernels, std::int64_t P) {
    const std::int64_t d = kernels.extent(0);
    const std::int64_t per_row = side / P;
    Tensor result({per_row * per_row, d});
    for (std::int64_t i = 0; i < per_row * per_row; ++i) {
        for (std::int64_t f = 0; f < d; ++f) {
            float sum = 0.0F;
            for (std::int64_t r = 0; r < P; ++r) {
                for (std::int64_t c = 0; c < P; ++c) {
                    sum += image(P * (i / per_row) + r, P * (i % per_row) + c) * kernels[(f * P + r) * P + c];
                }
            }
            result(i, f) = sum;
        }
    }
    return result;
}

/// Row i of the result is row order[i] of x.
Tensor reordered(const Tensor& x, const std::vector<std::int32_t>& order) {
    Tensor result(x.shape());
    const std::int64_t width = x.size() / x.extent(0);
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        for (std::int64_t k = 0; k < width; ++k)
            result[i * width + k] = x[order[static_cast<std::size_t>(i)] * width + k];
    }
    return result;
}

/// What does not change from one order of the patches to another.
struct Weights {
    Tensor kernels;    // [d, P, P]
    Tensor positions;  // [N, d]; zeros without positions
    Tensor query;      // [d], of the class token
    Tensor W_K;        // [d, d]
};

struct Seen {
    Tensor embedded;   // [N, d]
    Tensor tokens;     // [N, d], with positions
    Tensor keys;       // [N, d]
    Tensor scores;     // [N]
    Tensor attention;  // [N]
    Tensor pooled;     // [d]: what the class token takes away
};

Seen look(const Tensor& patches, const Tensor& positions, const Weights& weights) {
    const std::int64_t N = patches.extent(0);
    const std::int64_t d = weights.kernels.extent(0);
    const std::int64_t pixels = patches.size() / N;
    Seen seen;
    seen.embedded =
        matmul(patches.reshaped({N, pixels}), weights.kernels.reshaped({d, pixels}), Transpose::no, Transpose::yes);
    seen.tokens = add(seen.embedded, positions);
    seen.keys = matmul(seen.tokens, weights.W_K);
    seen.scores = scale(matmul(weights.query.reshaped({1, d}), seen.keys, Transpose::no, Transpose::yes).reshaped({N}),
                        1.0F / std::sqrt(static_cast<float>(d)));
    seen.attention = softmax(seen.scores.reshaped({1, N})).reshaped({N});
    seen.pooled = matmul(seen.attention.reshaped({1, N}), seen.tokens).reshaped({d});
    return seen;
}

Graph graph_of(std::int64_t N, std::int64_t P, std::int64_t d, bool with_positions) {
    const auto shape = [](std::initializer_list<std::int64_t> extents) {
        std::string text;
        for (const std::int64_t extent : extents) text += (text.empty() ? "" : ", ") + std::to_string(extent);
        return "[" + text + "]";
    };
    Graph graph;
    graph.boxes = {
        {"image", {"图像", "image"}, shape({side, side}), "image"},
        {"patches", {"切块", "patches"}, shape({N, P, P}), "patches"},
        {"kernels", {"卷积核 E", "kernels E"}, shape({d, P, P}), "kernels", Role::weight},
        {"embedded", {"投影", "projected"}, shape({N, d}), "embedded", Role::activation, "tokens"},
        {"positions", {"位置向量", "positions"}, shape({N, d}), "positions", Role::position, "tokens", !with_positions},
        {"tokens", {"词元", "tokens"}, shape({N, d}), "tokens", Role::activation, "tokens"},
        {"query", {"[CLS] 的 query", "query of [CLS]"}, shape({d}), "query", Role::query, "attention"},
        {"keys", {"key", "keys"}, shape({N, d}), "keys", Role::key, "attention"},
        {"scores", {"分数", "scores"}, shape({N}), "scores", Role::score, "attention"},
        {"attention", {"注意力", "attention"}, shape({N}), "attention_from_cls", Role::probability, "attention"},
        {"pooled", {"[CLS] 得到的", "what [CLS] takes"}, shape({d}), "pooled", Role::activation}};
    graph.wires = {{"image", "patches"},
                   {"patches", "embedded"},
                   {"kernels", "embedded"},
                   {"embedded", "tokens"},
                   {"positions", "tokens"},
                   {"tokens", "keys"},
                   {"keys", "scores"},
                   {"query", "scores"},
                   {"scores", "attention", {"softmax", "softmax"}},
                   {"attention", "pooled"},
                   {"tokens", "pooled", {"value", "value"}}};
    graph.groups = {{"tokens", {"图块变成词元", "patches become tokens"}},
                    {"attention", {"[CLS] 看图块", "[CLS] looks"}}};
    return graph;
}

Run run(Arguments arguments, Context context) {
    const Grid& drawn = arguments.grid("image");
    const std::int64_t P = arguments.integer("patch");
    const std::int64_t d = arguments.integer("d_model");
    const std::string& shuffle = arguments.text("shuffle");
    const bool with_positions = arguments.boolean("positions");
    const std::int64_t N = (side / P) * (side / P);

    const Tensor original({side, side}, drawn.cells);
    Weights weights;
    Rng kernels = context.rng("kernels"), positions = context.rng("positions"), query = context.rng("query"),
        keys = context.rng("keys");
    weights.kernels =
        scale(random_normal({d, P, P}, kernels), 1.0F / static_cast<float>(P));  // variance like a pixel's
    weights.positions = with_positions ? random_normal({N, d}, positions) : Tensor({N, d});
    weights.query = random_normal({d}, query);
    weights.W_K = scale(random_normal({d, d}, keys), 1.0F / std::sqrt(static_cast<float>(d)));

    std::vector<std::int32_t> order(static_cast<std::size_t>(N));
    std::iota(order.begin(), order.end(), 0);
    const std::vector<std::int32_t> untouched = order;
    if (shuffle != "none") {
        Rng rng = context.rng("shuffle");
        rng.shuffle(order);
    }
    const Tensor cut_patches = cut(original, P);
    const Tensor patches = reordered(cut_patches, order);
    const Tensor moved = reordered(weights.positions, shuffle == "both" ? order : untouched);
    const Seen seen = look(patches, moved, weights);
    const Seen before = look(cut_patches, weights.positions, weights);

    const Tensor image = joined(patches, P);
    const double convolution_gap = max_abs_difference(seen.embedded, convolved(image, weights.kernels, P));
    const double round_trip = max_abs_difference(joined(cut_patches, P), original);

    Frame frame(1, 1, [&](Values& values) {
        std::vector<std::string> numbers;
        for (const std::int32_t place : order) numbers.push_back(std::to_string(place));
        const Axis patch{"patch", numbers}, row{"row", {}}, column{"column", {}}, feature{"feature", {}};
        values.set("image", tensor_value(image, {row, column}));
        values.set("patches", tensor_value(patches, {patch, row, column}));
        values.set("kernels", tensor_value(weights.kernels, {feature, row, column}, Role::weight));
        values.set("embedded", tensor_value(seen.embedded, {patch, feature}, Role::activation,
                                            Derivation{Operation::matmul,
                                                       {{"patches", {"patch", "row", "column"}},
                                                        {"kernels", {"feature", "row", "column"}}}}));
        values.set("positions", tensor_value(moved, {patch, feature}, Role::position));
        values.set("tokens",
                   tensor_value(seen.tokens, {patch, feature}, Role::activation,
                                Derivation{Operation::add,
                                           {{"embedded", {"patch", "feature"}}, {"positions", {"patch", "feature"}}}}));
        values.set("query", tensor_value(weights.query, {feature}, Role::query));
        values.set("keys", tensor_value(seen.keys, {patch, feature}, Role::key));
        values.set("scores", tensor_value(seen.scores, {patch}, Role::score,
                                          Derivation{Operation::matmul,
                                                     {{"keys", {"patch", "feature"}}, {"query", {"feature"}}},
                                                     {{"factor", 1.0 / std::sqrt(static_cast<double>(d))}}}));
        values.set(
            "attention_from_cls",
            tensor_value(seen.attention, {patch}, Role::probability,
                         Derivation{Operation::softmax, {{"scores", {"patch"}}}, {{"axis", std::string("patch")}}}));
        values.set("pooled",
                   tensor_value(seen.pooled, {feature}, Role::activation,
                                Derivation{Operation::matmul,
                                           {{"attention_from_cls", {"patch"}}, {"tokens", {"patch", "feature"}}}}));
        values.set("graph", graph_of(N, P, d, with_positions));
        values.set("patch_count", static_cast<double>(N));
        values.set("convolution_gap", convolution_gap);
        values.set("round_trip_gap", round_trip);
        values.set("pooled_change", max_abs_difference(seen.pooled, before.pooled));
    });
    co_yield std::move(frame);
}

/// The digit 3 with a round pen: a polyline in cells, ink by the distance to it.
Grid digit_three() {
    static const float points[][2] = {{4.0F, 3.4F},  {7.8F, 2.4F},   {10.9F, 3.8F}, {10.6F, 6.2F}, {7.4F, 7.6F},
                                      {10.8F, 8.8F}, {11.6F, 11.4F}, {9.0F, 13.4F}, {5.6F, 13.2F}, {3.6F, 11.8F}};
    Grid grid{side, side, {}};
    for (std::int64_t i = 0; i < side * side; ++i) {
        const std::int64_t row = i / side, column = i % side;
        const float x = static_cast<float>(column) + 0.5F, y = static_cast<float>(row) + 0.5F;
        float nearest = 1e9F;
        for (std::size_t k = 0; k + 1 < std::size(points); ++k) {
            const float dx = points[k + 1][0] - points[k][0], dy = points[k + 1][1] - points[k][1];
            const float along =
                std::clamp(((x - points[k][0]) * dx + (y - points[k][1]) * dy) / (dx * dx + dy * dy), 0.0F, 1.0F);
            const float ex = x - points[k][0] - along * dx, ey = y - points[k][1] - along * dy;
            nearest = std::min(nearest, std::sqrt(ex * ex + ey * ey));
        }
        // In hundredths, as the page's pen draws.
        grid.cells.push_back(std::round(100.0F * std::clamp(1.5F - nearest, 0.0F, 1.0F)) / 100.0F);
    }
    return grid;
}

CostEstimate cost(const Arguments& arguments) {
    const auto d = static_cast<double>(arguments.integer("d_model"));
    const auto P = static_cast<double>(arguments.integer("patch"));
    const double N = static_cast<double>(side * side) / (P * P);
    return {8.0 * d * side * side + 6.0 * N * d * d, 4e6};
}

}  // namespace

const Experiment& vision_patch_embedding() {
    static const Experiment experiment{
        .id = "vision.patch_embedding",
        .summary = {"一张图怎样变成词元：切块、投影（就是卷积）、位置，再由 [CLS] 来看",
                    "How an image becomes tokens: patches, a projection that is a convolution, positions, and [CLS] "
                    "looking at them"},
        .parameters =
            {image_parameter("image", {"图像", "Image"}, {"16 × 16，自己画一个", "16 × 16: draw your own"},
                             digit_three()),
             integer_parameter("patch", {"图块边长 P", "Patch side P"}, {"图块个数 N = (16/P)²", "N = (16/P)² patches"},
                               4, 2, 8, Spacing::power_of_two),
             integer_parameter("d_model", {"宽度 d", "Width d"}, {"每个词元几个数", "Numbers per token"}, 16, 2, 64),
             bool_parameter("positions", {"加位置向量", "Add positions"},
                            {"不加的话，注意力看到的是一袋图块", "Without them attention sees a bag of patches"}, true),
             enum_parameter(
                 "shuffle", {"打乱", "Shuffle"},
                 {"把图块重新排列，位置向量跟不跟着走", "Rearranges the patches, with or without their positions"},
                 "none",
                 {{"none", {"不打乱", "no"}},
                  {"patches", {"只打乱图块", "patches only"}},
                  {"both", {"图块连同位置", "patches with their positions"}}})},
        .outputs =
            {{"image", OutputKind::tensor, {"模型看到的图", "The image as the model sees it"}, {"row", "column"}},
             {"patches",
              OutputKind::tensor,
              {"图块，编号是打乱前的", "Patches, numbered as before shuffling"},
              {"patch", "row", "column"}},
             {"kernels",
              OutputKind::tensor,
              {"投影矩阵 E：d 个 P × P 的卷积核", "Projection E: d kernels of P × P"},
              {"feature", "row", "column"},
              Role::weight},
             {"embedded", OutputKind::tensor, {"图块 · E", "Patches times E"}, {"patch", "feature"}, Role::activation},
             {"positions",
              OutputKind::tensor,
              {"加上的位置向量", "Positions added"},
              {"patch", "feature"},
              Role::position},
             {"tokens",
              OutputKind::tensor,
              {"词元 = 投影 + 位置", "Tokens: projection plus position"},
              {"patch", "feature"},
              Role::activation},
             {"query", OutputKind::tensor, {"[CLS] 的 query", "The query of [CLS]"}, {"feature"}, Role::query},
             {"keys", OutputKind::tensor, {"词元 · W_K", "Tokens times W_K"}, {"patch", "feature"}, Role::key},
             {"scores", OutputKind::tensor, {"q · k / √d", "q · k / √d"}, {"patch"}, Role::score},
             {"attention_from_cls",
              OutputKind::tensor,
              {"[CLS] 对每个图块的注意力", "Attention of [CLS] to every patch"},
              {"patch"},
              Role::probability},
             {"pooled",
              OutputKind::tensor,
              {"注意力加权的词元之和", "Tokens summed with those weights"},
              {"feature"},
              Role::activation},
             {"graph", OutputKind::graph, {"从图像到 [CLS]", "From the image to [CLS]"}},
             {"patch_count", OutputKind::scalar, {"图块个数 N", "Number of patches N"}},
             {"convolution_gap", OutputKind::scalar, {"和卷积的最大差", "Largest difference from the convolution"}},
             {"round_trip_gap",
              OutputKind::scalar,
              {"切开再拼回的最大差", "Largest difference after cutting and joining"}},
             {"pooled_change",
              OutputKind::scalar,
              {"打乱让 [CLS] 得到的向量变了多少", "How far shuffling moves what [CLS] takes"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
