// What dropout minimises, exactly: linear regression with dropout on the inputs is ridge regression  (Wager et al.
// 2013)
//
//     E_mask ||y - (X * mask / (1 - p)) w||^2  =  ||y - X w||^2 + lambda sum_j w_j^2 ||x_j||^2,   lambda = p / (1 - p)
//
// x_j is column j of X. The right-hand side has a closed minimum for every p; the left-hand side is what training with
// masks descends. We draw the curve of the first and let the second be trained beside it.

#include <algorithm>
#include <cmath>

#include "data/points.h"
#include "experiments/registry.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

const std::vector<double> rates = {0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
const std::vector<std::string> rate_names = {"0", "0.05", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"};

/// y = X w* + noise, in double: X [samples, features], y [samples, 1].
struct Data {
    DoubleTensor X, y, truth;
    DoubleTensor column_size;  // [features]: ||x_j||
    double noise = 0.0;
    std::int64_t samples() const { return X.extent(0); }
    std::int64_t features() const { return X.extent(1); }
};

Data draw(const Arguments& arguments, Rng rng) {
    const Regression drawn =
        noisy_linear({static_cast<int>(arguments.integer("samples")), static_cast<int>(arguments.integer("features")),
                      static_cast<float>(arguments.number("noise"))},
                     rng);
    Data data{DoubleTensor(drawn.inputs.shape()), DoubleTensor({drawn.targets.size(), 1}),
              DoubleTensor({drawn.weights.size(), 1}), DoubleTensor({drawn.weights.size()}), arguments.number("noise")};
    for (std::int64_t i = 0; i < data.X.size(); ++i) data.X[i] = static_cast<double>(drawn.inputs[i]);
    for (std::int64_t i = 0; i < data.y.size(); ++i) data.y[i] = static_cast<double>(drawn.targets[i]);
    for (std::int64_t j = 0; j < data.truth.size(); ++j) data.truth[j] = static_cast<double>(drawn.weights[j]);
    for (std::int64_t i = 0; i < data.samples(); ++i)
        for (std::int64_t j = 0; j < data.features(); ++j) data.column_size[j] += data.X(i, j) * data.X(i, j);
    for (double& size : data.column_size.elements()) size = std::sqrt(size);
    return data;
}

/// The w of least ||y - X w||^2 + lambda sum_j w_j^2 ||x_j||^2, p = 0 included (then the limit of small p). With
/// columns of length 1, u_j = w_j ||x_j||, it is plain ridge: u = V diag(s / (s^2 + lambda)) U^T y.
class Ridge {
  public:
    explicit Ridge(const Data& data) : data_(data) {
        DoubleTensor scaled = data.X;
        for (std::int64_t i = 0; i < data.samples(); ++i)
            for (std::int64_t j = 0; j < data.features(); ++j) scaled(i, j) /= data.column_size[j];
        svd_ = singular_value_decomposition(scaled);
        projected_ = matmul(svd_.u, data.y, Transpose::yes);  // U^T y [k, 1]
    }

    DoubleTensor weights(double p) const {
        const double lambda = p / (1.0 - p);
        DoubleTensor shrunk = projected_;
        for (std::size_t k = 0; k < svd_.s.size(); ++k) {
            const double s = svd_.s[k];
            shrunk[static_cast<std::int64_t>(k)] *= s < 1e-12 ? 0.0 : s / (s * s + lambda);
        }
        DoubleTensor w = matmul(svd_.v, shrunk);  // u [features, 1]
        for (std::int64_t j = 0; j < w.size(); ++j) w[j] /= data_.column_size[j];
        return w;
    }

  private:
    const Data& data_;
    SingularValues svd_;
    DoubleTensor projected_;
};

double squared_norm(const DoubleTensor& x) {
    double squares = 0.0;
    for (const double v : x.elements()) squares += v * v;
    return squares;
}

/// ||y - X w||^2 / samples
double train_error(const Data& data, const DoubleTensor& w) {
    return squared_norm(subtract(matmul(data.X, w), data.y)) / static_cast<double>(data.samples());
}
/// Expected squared error on fresh data, exactly: inputs are independent N(0, 1), so it is ||w - w*||^2 + noise^2.
double test_error(const Data& data, const DoubleTensor& w) {
    return squared_norm(subtract(w, data.truth)) + data.noise * data.noise;
}
/// sum_j w_j^2 ||x_j||^2
double penalty(const Data& data, const DoubleTensor& w) {
    double total = 0.0;
    for (std::int64_t j = 0; j < w.size(); ++j) total += w[j] * w[j] * data.column_size[j] * data.column_size[j];
    return total;
}

/// Mean over many masks of ||y - (X * mask / (1 - p)) w||^2, each p with its own w. An element is dropped where its
/// uniform number is below p: one draw serves all rates.
DoubleTensor monte_carlo(const Data& data, const std::vector<DoubleTensor>& w, std::int64_t masks, Rng rng) {
    DoubleTensor loss({static_cast<std::int64_t>(rates.size())});
    std::vector<double> residual(rates.size());
    for (std::int64_t m = 0; m < masks; ++m) {
        for (std::int64_t i = 0; i < data.samples(); ++i) {
            std::fill(residual.begin(), residual.end(), data.y[i]);
            for (std::int64_t j = 0; j < data.features(); ++j) {
                const auto u = static_cast<double>(rng.uniform());
                for (std::size_t r = 0; r < rates.size() && u >= rates[r]; ++r)
                    residual[r] -= data.X(i, j) * w[r][j] / (1.0 - rates[r]);
            }
            for (std::size_t r = 0; r < rates.size(); ++r)
                loss[static_cast<std::int64_t>(r)] += residual[r] * residual[r] / static_cast<double>(masks);
        }
    }
    return loss;
}

/// Gradient descent with a fresh mask each update; the mean of the second half of the way is the result (Polyak &
/// Juditsky 1992), for single steps keep trembling.
class Descent {
  public:
    Descent(const Data& data, double p, std::int64_t updates, const Rng& rng)
        : data_(data), p_(p), updates_(updates), rng_(rng), w_({data.features(), 1}), sum_({data.features(), 1}) {
        for (std::int64_t j = 0; j < data.features(); ++j)
            largest_ = std::max(largest_, data.column_size[j] * data.column_size[j]);
    }

    void update() {
        DoubleTensor masked = data_.X;
        Rng rng = rng_.split(static_cast<std::uint64_t>(done_));
        for (double& x : masked.elements()) x = static_cast<double>(rng.uniform()) >= p_ ? x / (1.0 - p_) : 0.0;
        const DoubleTensor residual = subtract(matmul(masked, w_), data_.y);
        const DoubleTensor gradient = matmul(masked, residual, Transpose::yes);  // of half the squared error
        const double rate = 0.2 * (1.0 - p_) / largest_;
        for (std::int64_t j = 0; j < w_.size(); ++j) w_[j] -= rate * gradient[j];
        if (++done_ > updates_ / 2) {
            for (std::int64_t j = 0; j < w_.size(); ++j) sum_[j] += w_[j];
            ++summed_;
        }
    }
    DoubleTensor weights() const {
        if (summed_ == 0) return w_;
        return scale(sum_, 1.0 / static_cast<double>(summed_));
    }

  private:
    const Data& data_;
    double p_;
    std::int64_t updates_;
    Rng rng_;
    DoubleTensor w_, sum_;
    double largest_ = 0.0;
    std::int64_t done_ = 0, summed_ = 0;
};

double relative_distance(const DoubleTensor& a, const DoubleTensor& b) {
    return std::sqrt(squared_norm(subtract(a, b)) / squared_norm(b));
}

Run run(Arguments arguments, Context context) {
    const double p = arguments.number("p");
    const std::int64_t updates = arguments.integer("updates");
    const Data data = draw(arguments, context.rng("data"));
    const Ridge ridge(data);
    std::vector<DoubleTensor> w;
    for (const double rate : rates) w.push_back(ridge.weights(rate));
    const auto count = static_cast<std::int64_t>(rates.size());
    const DoubleTensor sampled = monte_carlo(data, w, arguments.integer("masks"), context.rng("masks"));

    DoubleTensor train({count}), test({count}), formula({count}), size({count}), ratio({count});
    for (std::int64_t r = 0; r < count; ++r) {
        const auto k = static_cast<std::size_t>(r);
        train[r] = train_error(data, w[k]);
        test[r] = test_error(data, w[k]);
        formula[r] = train[r] * static_cast<double>(data.samples()) + rates[k] / (1.0 - rates[k]) * penalty(data, w[k]);
        size[r] = std::sqrt(squared_norm(w[k]));
        ratio[r] = rates[k] > 0.0 ? sampled[r] / formula[r] : 1.0;  // without masks the two are the same sum
    }
    const DoubleTensor target = ridge.weights(p);

    Descent descent(data, p, updates, context.rng("descent"));
    Series to_ridge{"update", {}}, to_least_squares{"update", {}}, error{"update", {}};
    constexpr std::int64_t stride = 10;
    for (std::int64_t update = 0; update <= updates; ++update) {
        if (update > 0) descent.update();
        if (update % stride != 0 && update != updates) continue;
        const DoubleTensor now = descent.weights();
        to_ridge.points.push_back({static_cast<double>(update), relative_distance(now, target)});
        to_least_squares.points.push_back({static_cast<double>(update), relative_distance(now, w[0])});
        error.points.push_back({static_cast<double>(update), test_error(data, now)});

        Frame frame(update, updates, [&](Values& values) {
            const Axis rate{"p", rate_names};
            values.set("train_error", TensorValue{train, {rate}, Role::loss});
            values.set("test_error", TensorValue{test, {rate}, Role::loss});
            values.set("monte_carlo_loss", TensorValue{sampled, {rate}, Role::loss});
            values.set("ridge_formula", TensorValue{formula, {rate}, Role::loss});
            values.set("formula_ratio", TensorValue{ratio, {rate}});
            values.set("weight_norm", TensorValue{size, {rate}, Role::weight});
            double rise = std::numeric_limits<double>::infinity();
            for (std::int64_t r = 1; r < count; ++r) rise = std::min(rise, train[r] - train[r - 1]);
            values.set("least_rise", rise);
            values.set("noise_floor", data.noise * data.noise);
            const auto best = std::min_element(test.elements().begin(), test.elements().end());
            values.set("best_error", *best);
            values.set("best_rate", rates[static_cast<std::size_t>(best - test.elements().begin())]);
            values.set("to_ridge", to_ridge);
            values.set("to_least_squares", to_least_squares);
            values.set("trained_test_error", error);
            values.set("distance", to_ridge.points.back()[1]);
            values.set("distance_to_least_squares", to_least_squares.points.back()[1]);
            values.set("ridge_test_error", test_error(data, target));
            values.set("ridge_train_error", train_error(data, target));
            values.set("trained_error", error.points.back()[1]);
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto cells = static_cast<double>(arguments.integer("samples") * arguments.integer("features"));
    return {cells * (static_cast<double>(arguments.integer("masks")) * 30.0 +
                     static_cast<double>(arguments.integer("updates")) * 20.0 + 2000.0),
            2e7};
}

Output by_rate(const std::string& name, Text doc, Role role) {
    return {name, OutputKind::tensor, std::move(doc), {"p"}, role};
}
Output number(const std::string& name, Text doc) { return {name, OutputKind::scalar, std::move(doc)}; }

}  // namespace

const Experiment& training_dropout_regularizer() {
    static const Experiment experiment{
        .id = "training.dropout_regularizer",
        .summary =
            {"线性回归的输入 dropout 就是加权岭回归：公式、抽样、真的训练，三者对照",
             "Dropout on the inputs of linear regression is weighted ridge: formula, sampling and training agree"},
        .parameters =
            {number_parameter("p", {"训练用的 p", "p in training"},
                              {"真的带 mask 训练时用的丢弃概率", "Dropout rate of the run that trains with masks"}, 0.5,
                              0.0, 0.8),
             integer_parameter("samples", {"样本数 N", "Examples N"}, {"训练样本", "Training examples"}, 40, 10, 200),
             integer_parameter("features", {"特征数 D", "Features D"}, {"输入的维数", "Width of the input"}, 40, 5, 80),
             number_parameter("noise", {"标签噪声", "Label noise"}, {"标准差", "Standard deviation"}, 0.5, 0.0, 2.0),
             work(integer_parameter("masks", {"抽样的 mask 数", "Masks sampled"}, {"验证公式用", "To test the formula"},
                                    300, 10, 2000, Spacing::logarithmic)),
             work(integer_parameter("updates", {"更新次数", "Updates"},
                                    {"梯度下降，每次换一张 mask", "Gradient descent, a fresh mask each"}, 2000, 10,
                                    5000, Spacing::logarithmic))},
        .outputs = {by_rate("train_error", {"训练误差（没有 mask）", "Training error, without masks"}, Role::loss),
                    by_rate("test_error", {"新数据上的期望误差", "Expected error on fresh data"}, Role::loss),
                    by_rate("monte_carlo_loss", {"带 mask 的损失，抽样平均", "Loss with masks, mean over samples"},
                            Role::loss),
                    by_rate("ridge_formula",
                            {"公式：残差平方和 + λΣw²‖x‖²", "Formula: residual sum of squares + λΣw²‖x‖²"}, Role::loss),
                    by_rate("formula_ratio", {"抽样 ÷ 公式", "Samples ÷ formula"}, Role::none),
                    by_rate("weight_norm", {"‖w‖", "‖w‖"}, Role::weight),
                    number("least_rise", {"p 每升一档，训练误差最少升多少",
                                          "Least rise of the training error from one p to the next"}),
                    number("noise_floor", {"测试误差的下界：噪声的平方", "Floor of the test error: noise squared"}),
                    number("best_error", {"最小的测试误差", "Least test error"}),
                    number("best_rate", {"在哪个 p", "At which p"}),
                    {"to_ridge",
                     OutputKind::series,
                     {"带 mask 训练的 w 离岭回归的解多远（相对）",
                      "Distance of the w trained with masks from the ridge solution, relative"}},
                    {"to_least_squares",
                     OutputKind::series,
                     {"离最小二乘的解多远（相对）", "Distance from the least-squares solution, relative"}},
                    {"trained_test_error",
                     OutputKind::series,
                     {"带 mask 训练的 w 的测试误差", "Test error of the w trained with masks"},
                     {},
                     Role::loss},
                    number("distance", {"最后离岭回归的解多远", "Distance from the ridge solution at the end"}),
                    number("distance_to_least_squares",
                           {"最后离最小二乘的解多远", "Distance from least squares at the end"}),
                    number("ridge_test_error", {"岭回归在这个 p 的测试误差", "Test error of ridge at this p"}),
                    number("ridge_train_error", {"岭回归在这个 p 的训练误差", "Training error of ridge at this p"}),
                    number("trained_error", {"带 mask 训练的测试误差", "Test error after training with masks"})},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
