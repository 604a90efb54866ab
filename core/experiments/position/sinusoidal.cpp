// The sinusoidal position encoding  (Vaswani et al. 2017, section 3.5)
//
//   PE[p, 2i] = sin(p w_i),   PE[p, 2i + 1] = cos(p w_i),   w_i = base^(-2i / d_model)
//
// Each pair of dimensions is the hand of a clock: it turns by w_i from one position to the next. From that alone follow
// its constant length, the rotation that leads from position p to p + k, and a dot product that knows how far apart two
// positions are but not which one comes first. All in double.

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t reach = 64;  // offsets are looked at from -reach to +reach

/// w_i for i = 0 ... d_model/2 - 1, in radians per position.
std::vector<double> frequencies(std::int64_t d_model, double base) {
    std::vector<double> w;
    for (std::int64_t i = 0; i < d_model / 2; ++i) {
        const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(d_model);
        w.push_back(glassformer::exp(-exponent * glassformer::log(base)));
    }
    return w;
}

/// [length, d_model]
DoubleTensor sinusoidal(std::int64_t length, const std::vector<double>& w) {
    DoubleTensor PE({length, 2 * static_cast<std::int64_t>(w.size())});
    for (std::int64_t p = 0; p < length; ++p) {
        for (std::size_t i = 0; i < w.size(); ++i) {
            const double angle = static_cast<double>(p) * w[i];
            PE(p, static_cast<std::int64_t>(2 * i)) = glassformer::sin(angle);
            PE(p, static_cast<std::int64_t>(2 * i + 1)) = glassformer::cos(angle);
        }
    }
    return PE;
}

/// R_k, one 2x2 block a pair: (sin, cos) at p becomes (sin, cos) at p + k. It does not depend on p.
///   sin((p + k) w) =  cos(k w) sin(p w) + sin(k w) cos(p w)
///   cos((p + k) w) = -sin(k w) sin(p w) + cos(k w) cos(p w)
DoubleTensor rotation(std::int64_t k, const std::vector<double>& w) {
    DoubleTensor R({static_cast<std::int64_t>(w.size()), 2, 2});
    for (std::size_t i = 0; i < w.size(); ++i) {
        const double angle = static_cast<double>(k) * w[i];
        const double block[] = {glassformer::cos(angle), glassformer::sin(angle), -glassformer::sin(angle),
                                glassformer::cos(angle)};
        std::copy_n(block, 4, R.data() + 4 * i);
    }
    return R;
}

/// R_k times one row of PE.
std::vector<double> rotate(const DoubleTensor& R, std::span<const double> row) {
    std::vector<double> result(row.size());
    for (std::size_t i = 0; i < row.size() / 2; ++i) {
        const double* block = R.data() + 4 * i;
        result[2 * i] = block[0] * row[2 * i] + block[1] * row[2 * i + 1];
        result[2 * i + 1] = block[2] * row[2 * i] + block[3] * row[2 * i + 1];
    }
    return result;
}

double dot(std::span<const double> a, std::span<const double> b) {
    double total = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
    return total;
}

/// The hands of one position as points: [pair, 2] with columns sin, cos.
DoubleTensor hands(std::span<const double> row) {
    return DoubleTensor({static_cast<std::int64_t>(row.size() / 2), 2}, {row.begin(), row.end()});
}

/// What holds for the whole table: each is a largest deviation over all positions and all offsets up to `reach`.
struct Laws {
    double norm_gap = 0.0;      // | ||PE_p||^2 - d/2 |
    double shift_gap = 0.0;     // | PE_p . PE_{p+k} - sum_i cos(k w_i) |: the dot product depends on k only
    double evenness_gap = 0.0;  // | PE_p . PE_{p+k} - PE_p . PE_{p-k} |: and not on its sign
};

Laws measure_laws(const DoubleTensor& PE, const std::vector<double>& w) {
    Laws laws;
    const std::int64_t length = PE.extent(0);
    for (std::int64_t k = 0; k <= std::min(reach, length - 1); ++k) {
        double expected = 0.0;
        for (const double frequency : w) expected += glassformer::cos(static_cast<double>(k) * frequency);
        for (std::int64_t p = 0; p + k < length; ++p) {
            const double ahead = dot(PE.row(p), PE.row(p + k));
            laws.shift_gap = std::max(laws.shift_gap, std::abs(ahead - expected));
            if (k == 0) laws.norm_gap = std::max(laws.norm_gap, std::abs(ahead - static_cast<double>(w.size())));
            if (p >= k)
                laws.evenness_gap = std::max(laws.evenness_gap, std::abs(ahead - dot(PE.row(p), PE.row(p - k))));
        }
    }
    return laws;
}

/// Largest |R_k PE_p - PE_{p+k}| over all p for which both positions are in the table.
double rotation_residual(const DoubleTensor& PE, const DoubleTensor& R, std::int64_t k) {
    double largest = 0.0;
    for (std::int64_t p = std::max<std::int64_t>(0, -k); p < PE.extent(0) - std::max<std::int64_t>(0, k); ++p) {
        const std::vector<double> turned = rotate(R, PE.row(p));
        for (std::size_t c = 0; c < turned.size(); ++c)
            largest = std::max(largest, std::abs(turned[c] - PE.row(p + k)[c]));
    }
    return largest;
}

Run run(Arguments arguments, Context) {
    const std::int64_t d_model = arguments.integer("d_model");
    const std::int64_t length = arguments.integer("length");
    const std::int64_t anchor = arguments.integer("anchor");
    const std::int64_t offset = arguments.integer("offset");
    const std::vector<double> w = frequencies(d_model, arguments.number("base"));

    const DoubleTensor PE = sinusoidal(length, w);
    const DoubleTensor R = rotation(offset, w);
    const DoubleTensor PE_dot = matmul(PE, PE, Transpose::no, Transpose::yes);  // [length, length]
    const Laws laws = measure_laws(PE, w);

    // Seen from the anchor: raw similarity, and the similarity after a projection that turns the query by R_k.
    std::vector<std::string> offsets;
    std::vector<double> raw, aimed;
    const std::vector<double> turned = rotate(R, PE.row(anchor));
    double most = -std::numeric_limits<double>::infinity();
    double most_at = 0.0;
    for (std::int64_t k = -std::min(reach, anchor); k <= std::min(reach, length - 1 - anchor); ++k) {
        offsets.push_back(std::to_string(k));
        raw.push_back(dot(PE.row(anchor), PE.row(anchor + k)) / dot(PE.row(anchor), PE.row(anchor)));
        aimed.push_back(dot(turned, PE.row(anchor + k)) / dot(PE.row(anchor), PE.row(anchor)));
        if (aimed.back() > most) {
            most = aimed.back();
            most_at = static_cast<double>(k);
        }
    }

    Frame frame(1, 1, [&](Values& values) {
        const auto pairs = static_cast<std::int64_t>(w.size());
        const auto count = static_cast<std::int64_t>(offsets.size());
        values.set("pe", TensorValue{PE, {{"position", {}}, {"dimension", {}}}, Role::position});
        values.set("dot", TensorValue{PE_dot,
                                      {{"position", {}}, {"other", {}}},
                                      Role::score,
                                      Derivation{Operation::matmul,
                                                 {{"pe", {"position", "dimension"}}, {"pe", {"other", "dimension"}}}}});
        values.set("similarity", TensorValue{DoubleTensor({count}, raw), {{"offset", offsets}}, Role::score});
        values.set("aimed_similarity", TensorValue{DoubleTensor({count}, aimed), {{"offset", offsets}}, Role::score});
        values.set("aimed_at", most_at);
        DoubleTensor wavelengths({pairs});
        for (std::int64_t i = 0; i < pairs; ++i) wavelengths[i] = 6.283185307179586 / w[static_cast<std::size_t>(i)];
        values.set("wavelengths", TensorValue{wavelengths, {{"pair", {}}}, Role::position});
        values.set("hands",
                   TensorValue{hands(PE.row(anchor)), {{"pair", {}}, {"coordinate", {"sin", "cos"}}}, Role::position});
        values.set("rotation",
                   TensorValue{R, {{"pair", {}}, {"to", {"sin", "cos"}}, {"from", {"sin", "cos"}}}, Role::weight});
        values.set(
            "turned_hands",
            TensorValue{hands(turned),
                        {{"pair", {}}, {"coordinate", {"sin", "cos"}}},
                        Role::position,
                        Derivation{Operation::matmul,
                                   {{"rotation", {"pair", "coordinate", "from"}}, {"hands", {"pair", "from"}}}}});
        values.set("rotation_residual", rotation_residual(PE, R, offset));
        values.set("squared_norm", dot(PE.row(anchor), PE.row(anchor)));
        values.set("norm_gap", laws.norm_gap);
        values.set("shift_gap", laws.shift_gap);
        values.set("evenness_gap", laws.evenness_gap);
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto d = static_cast<double>(arguments.integer("d_model"));
    const auto n = static_cast<double>(arguments.integer("length"));
    return {2.0 * n * n * d + 6.0 * n * d * static_cast<double>(reach), 8.0 * (n * n + 2.0 * n * d)};
}

}  // namespace

const Experiment& position_sinusoidal() {
    static const Experiment experiment{
        .id = "position.sinusoidal",
        .summary = {"正弦位置编码：每对维度是一根钟表指针。长度、旋转、点积，逐条验证",
                    "The sinusoidal position encoding as clock hands: its length, its rotation and its dot product, "
                    "verified one by one"},
        .parameters = {integer_parameter(
                           "d_model", {"宽度 d_model", "Width d_model"},
                           {"编码有多少维；两维一根指针", "Dimensions of the encoding; two make one hand"}, 64, 16, 256,
                           Spacing::power_of_two),
                       integer_parameter("length", {"位置数", "Positions"},
                                         {"表里有多少个位置", "How many positions the table has"}, 128, 32, 512,
                                         Spacing::power_of_two),
                       number_parameter("base", {"底数", "Base"},
                                        {"论文取 10000；最长的波长接近 2π × 底数",
                                         "10000 in the paper; the longest wavelength comes near 2π × base"},
                                        10000.0, 10.0, 1e6, Spacing::logarithmic),
                       integer_parameter("anchor", {"从哪个位置看 p", "Seen from position p"},
                                         {"必须在表里", "Must lie in the table"}, 64, 0, 511),
                       integer_parameter("offset", {"偏移 k", "Offset k"},
                                         {"旋转 R_k 往后转多少个位置", "How many positions R_k turns"}, 8, -reach,
                                         reach)},
        .constraints =
            {{{"anchor", "length"},
              {"位置 p 必须小于位置数：表里没有它。", "Position p must be less than the number of positions."},
              [](const Arguments& a) { return a.integer("anchor") < a.integer("length"); }},
             {{"offset", "length"},
              {"偏移的绝对值必须小于位置数。", "The offset must be smaller in size than the number of positions."},
              [](const Arguments& a) { return std::abs(a.integer("offset")) < a.integer("length"); }}},
        .outputs =
            {{"pe",
              OutputKind::tensor,
              {"位置编码表", "The table of encodings"},
              {"position", "dimension"},
              Role::position},
             {"dot",
              OutputKind::tensor,
              {"两个位置编码的点积", "Dot product of two positions' encodings"},
              {"position", "other"},
              Role::score},
             {"similarity",
              OutputKind::tensor,
              {"PE_p·PE_{p+k}，除以 d/2", "PE_p·PE_{p+k}, divided by d/2"},
              {"offset"},
              Role::score},
             {"aimed_similarity",
              OutputKind::tensor,
              {"(R_k PE_p)·PE_{p+j}，除以 d/2：query 先转过 k 步",
               "(R_k PE_p)·PE_{p+j}, divided by d/2: the query is turned by k first"},
              {"offset"},
              Role::score},
             {"aimed_at",
              OutputKind::scalar,
              {"转过以后最像哪个偏移", "The offset that the turned query matches best"}},
             {"wavelengths",
              OutputKind::tensor,
              {"每根指针转一圈要多少个位置", "Positions per full turn of each hand"},
              {"pair"},
              Role::position},
             {"hands",
              OutputKind::tensor,
              {"位置 p 的指针", "Hands at position p"},
              {"pair", "coordinate"},
              Role::position},
             {"rotation",
              OutputKind::tensor,
              {"R_k，每对一块 2×2", "R_k, one 2×2 block a pair"},
              {"pair", "to", "from"},
              Role::weight},
             {"turned_hands", OutputKind::tensor, {"R_k PE_p", "R_k PE_p"}, {"pair", "coordinate"}, Role::position},
             {"rotation_residual",
              OutputKind::scalar,
              {"所有 p 上 |R_k PE_p − PE_{p+k}| 的最大值", "Largest |R_k PE_p − PE_{p+k}| over all p"}},
             {"squared_norm", OutputKind::scalar, {"‖PE_p‖²", "‖PE_p‖²"}},
             {"norm_gap", OutputKind::scalar, {"‖PE_p‖² 离 d/2 最远多少", "Largest deviation of ‖PE_p‖² from d/2"}},
             {"shift_gap",
              OutputKind::scalar,
              {"点积离 Σcos(kω) 最远多少（所有 p、k）",
               "Largest deviation of the dot product from Σcos(kω), all p and k"}},
             {"evenness_gap",
              OutputKind::scalar,
              {"向前与向后 k 步的点积最多差多少", "Largest difference of the dot products k ahead and k behind"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
