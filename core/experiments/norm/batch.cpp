// Batch normalisation, written out  (Ioffe & Szegedy 2015, algorithm 1)
//
//   z = x W c + b,   y = gamma (z - mean) / sqrt(variance + epsilon) + beta,   mean and variance of each feature over
//   the B rows
//
// The factor c stands for the size of the weights. What does it do to the output, and what to the gradient?

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

constexpr std::int64_t features = 16;

struct Normalised {
    Variable output;    // [B, features]
    Variable mean;      // [1, features]
    Variable variance;  // [1, features]
};

Normalised batch_norm(const Variable& z, const Variable& gamma, const Variable& beta, float epsilon) {
    const Variable mean_z = mean(z, 0, KeepAxis::yes);
    const Variable centred = subtract(z, mean_z);
    const Variable variance_z = mean(square(centred), 0, KeepAxis::yes);  // biased: divided by B
    const Variable x_hat = divide(centred, sqrt(add_scalar(variance_z, epsilon)));
    return {add(multiply(x_hat, gamma), beta), mean_z, variance_z};
}

double norm(const Tensor& tensor) {
    double squares = 0.0;
    for (const float x : tensor.elements()) squares += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(squares);
}

struct Pass {
    Tensor z, y, mean, variance;
    Tensor weight_gradient, bias_gradient;
};

/// One forward and one backward pass with weights c W. The gradient at the output is random, not all ones: those sum to
/// zero behind any normalisation and would prove nothing.
Pass pass(const Tensor& x, const Tensor& W, float c, const Tensor& out_gradient, float epsilon) {
    const Variable weight(scale(W, c), true);
    const Variable bias(Tensor({features}, 0.5F), true);
    const Variable gamma(Tensor({features}, 1.0F)), beta(Tensor({features}, 0.0F));
    const Variable z = add(matmul(Variable(x), weight), bias);
    const Normalised result = batch_norm(z, gamma, beta, epsilon);
    result.output.backward(out_gradient);
    return {z.value(),         result.output.value(), result.mean.value(), result.variance.value(),
            weight.gradient(), bias.gradient()};
}

/// Root mean square error of a batch's mean against the true one, over many batches, times sqrt(B) / sigma: 1 if the
/// error is sigma / sqrt(B).
double mean_error(std::int64_t batch, const Rng& rng) {
    constexpr std::int64_t trials = 2000;
    double squares = 0.0;
    for (std::int64_t t = 0; t < trials; ++t) {
        Rng own = rng.split(static_cast<std::uint64_t>(t));
        double mean = 0.0;
        for (std::int64_t i = 0; i < batch; ++i) mean += static_cast<double>(own.normal()) / static_cast<double>(batch);
        squares += mean * mean;
    }
    return std::sqrt(squares / trials);
}

/// Inference folds into the linear layer: y = x W' + b' with W' = W gamma / sqrt(v + epsilon), b' = (b - m) gamma / ...
/// + beta.
double fold_gap(const Tensor& x, const Tensor& W, const Pass& p, float c, float epsilon) {
    Tensor folded = scale(W, c);
    Tensor offset({features});
    for (std::int64_t f = 0; f < features; ++f) {
        const float root = std::sqrt(p.variance[f] + epsilon);
        for (std::int64_t i = 0; i < features; ++i) folded(i, f) /= root;
        offset[f] = (0.5F - p.mean[f]) / root;
    }
    return max_abs_difference(add(matmul(x, folded), offset), p.y);
}

Run run(Arguments arguments, Context context) {
    const std::int64_t batch = arguments.integer("batch");
    const auto c = static_cast<float>(arguments.number("weight_scale"));
    const auto epsilon = static_cast<float>(arguments.number("epsilon"));
    const double momentum = arguments.number("momentum");
    Rng rng = context.rng("data");
    const Tensor W = random_normal({features, features}, rng, 0.0F, 0.25F);  // 1 / sqrt(features): variance kept
    const Tensor x = random_normal({batch, features}, rng, 0.5F);
    const Tensor out_gradient = random_normal({batch, features}, rng);
    const Pass scaled = pass(x, W, c, out_gradient, epsilon), plain = pass(x, W, 1.0F, out_gradient, epsilon);

    // Running averages over 60 batches, of feature 0, towards the mean of the whole distribution.
    Series running{"batch", {{0.0, 0.0}}};
    double average = 0.0;
    for (std::int64_t t = 1; t <= 60; ++t) {
        Rng own = context.rng("batches").split(static_cast<std::uint64_t>(t));
        const Tensor more = random_normal({batch, features}, own, 0.5F);
        const Tensor z = scale(matmul(more, W), c);
        double mean = 0.0;
        for (std::int64_t i = 0; i < batch; ++i)
            mean += (static_cast<double>(z(i, 0)) + 0.5) / static_cast<double>(batch);
        average = (1.0 - momentum) * average + momentum * mean;
        running.points.push_back({static_cast<double>(t), average});
    }
    double true_mean = 0.5;
    for (std::int64_t i = 0; i < features; ++i)
        true_mean += 0.5 * static_cast<double>(c) * static_cast<double>(W(i, 0));

    Frame frame(1, 1, [&](Values& values) {
        const std::vector<Axis> axes{{"row", {}}, {"feature", {}}};
        values.set("before", tensor_value(scaled.z, axes, Role::activation));
        values.set("after", tensor_value(scaled.y, axes, Role::activation));
        const std::vector<std::string> sizes = {"1", "2", "4", "8", "16", "32", "64"};
        DoubleTensor errors({7}), products({7});
        for (std::int64_t b = 0; b < 7; ++b) {
            const double error =
                mean_error(std::int64_t{1} << b, context.rng("error").split(static_cast<std::uint64_t>(b)));
            errors[b] = error;
            products[b] = error * std::sqrt(static_cast<double>(std::int64_t{1} << b));
        }
        values.set("mean_error", TensorValue{errors, {{"batch", sizes}}});
        values.set("mean_error_times_root", TensorValue{products, {{"batch", sizes}}});
        double column_mean = 0.0;
        for (std::int64_t f = 0; f < features; ++f) {
            double mean = 0.0;
            for (std::int64_t i = 0; i < batch; ++i)
                mean += static_cast<double>(scaled.y(i, f)) / static_cast<double>(batch);
            column_mean = std::max(column_mean, std::abs(mean));
        }
        values.set("largest_mean", column_mean);
        values.set("scale_gap", max_abs_difference(scaled.y, plain.y));
        double least = std::numeric_limits<double>::infinity();
        for (const float v : plain.variance.elements()) least = std::min(least, static_cast<double>(v));
        values.set("least_variance", least);
        const double b = static_cast<double>(batch);
        // |x_hat| <= sqrt(B - 1); epsilon moves it by at most epsilon / (2 variance) of that; the rest is rounding.
        values.set("scale_gap_bound", std::sqrt(std::max(0.0, b - 1.0)) * static_cast<double>(epsilon) / (2.0 * least) +
                                          1e-5 * (1.0 + 1.0 / std::sqrt(least)));
        values.set("grad_ratio_times_c",
                   static_cast<double>(c) * norm(scaled.weight_gradient) / norm(plain.weight_gradient));
        values.set("grad_ratio", norm(scaled.weight_gradient) / norm(plain.weight_gradient));
        values.set("bias_gradient", max_abs(scaled.bias_gradient));
        values.set("fold_gap", fold_gap(x, W, scaled, c, epsilon));
        values.set("running_mean", running);
        values.set("true_mean", true_mean);
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto b = static_cast<double>(arguments.integer("batch"));
    return {70.0 * 2.0 * b * features * features + 2000.0 * 127.0 * 60.0, 1e6};
}

}  // namespace

const Experiment& norm_batch() {
    static const Experiment experiment{
        .id = "norm.batch",
        .summary = {"BatchNorm 拆开看：权重放大 c 倍，输出和梯度各怎么变",
                    "BatchNorm taken apart: what a weight scale c does to output and gradient"},
        .parameters = {integer_parameter("batch", {"批大小 B", "Batch size B"},
                                         {"均值和方差取自几行", "Rows that mean and variance are taken over"}, 8, 1,
                                         64),
                       number_parameter("weight_scale", {"权重放大 c", "Weight scale c"},
                                        {"z = x (cW) + b", "z = x (cW) + b"}, 10.0, 0.01, 100.0, Spacing::logarithmic),
                       number_parameter("epsilon", {"ε", "ε"}, {"加在方差上", "Added to the variance"}, 1e-5, 1e-8,
                                        1e-1, Spacing::logarithmic),
                       number_parameter("momentum", {"动量", "Momentum"},
                                        {"滑动平均每批向新值走多少", "How far each batch moves the running average"},
                                        0.1, 0.0, 1.0)},
        .outputs =
            {{"before",
              OutputKind::tensor,
              {"归一化之前 z", "z, before the norm"},
              {"row", "feature"},
              Role::activation},
             {"after", OutputKind::tensor, {"归一化之后 y", "y, after it"}, {"row", "feature"}, Role::activation},
             {"mean_error",
              OutputKind::tensor,
              {"批均值的误差（σ = 1）", "Error of the batch mean (σ = 1)"},
              {"batch"}},
             {"mean_error_times_root", OutputKind::tensor, {"误差 × √B", "Error × √B"}, {"batch"}},
             {"largest_mean",
              OutputKind::scalar,
              {"输出各特征均值的最大绝对值", "Largest absolute mean of an output feature"}},
             {"scale_gap", OutputKind::scalar, {"|BN(cWx) − BN(Wx)| 的最大值", "Largest |BN(cWx) − BN(Wx)|"}},
             {"scale_gap_bound",
              OutputKind::scalar,
              {"它的上界（c ≥ 1）", "Its bound (c ≥ 1)"},
              {},
              Role::none,
              false,
              true},
             {"least_variance", OutputKind::scalar, {"c = 1 时最小的特征方差", "Least variance of a feature at c = 1"}},
             {"grad_ratio",
              OutputKind::scalar,
              {"‖dL/d(cW)‖ ÷ ‖dL/dW‖", "‖dL/d(cW)‖ ÷ ‖dL/dW‖"},
              {},
              Role::gradient,
              false,
              true},
             {"grad_ratio_times_c",
              OutputKind::scalar,
              {"上面的比 × c", "That ratio × c"},
              {},
              Role::gradient,
              false,
              true},
             {"bias_gradient",
              OutputKind::scalar,
              {"偏置 b 的最大梯度", "Largest gradient of the bias b"},
              {},
              Role::gradient},
             {"fold_gap",
              OutputKind::scalar,
              {"并入线性层之后与原来最多差多少", "Largest difference after folding into the linear layer"}},
             {"running_mean", OutputKind::series, {"特征 0 的滑动平均", "Running mean of feature 0"}},
             {"true_mean", OutputKind::scalar, {"特征 0 的真实均值", "True mean of feature 0"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
