#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nn/module.h"
#include "nn/position.h"

/// Positions that act inside attention: on queries and keys (RoPE), on the scores (ALiBi, T5, Shaw), on the values
/// (Shaw). With them the scores depend on the distance of two tokens only.
namespace glassformer {

struct RopeConfig {
    double base = 10000.0;
    /// How a model trained on short sequences is stretched, at test time, over `factor` times the length.
    enum class Extension {
        none,
        interpolation,  ///< positions divided by factor (Chen et al. 2023, equation 4)
        ntk,            ///< base * factor^(d / (d - 2)): fast pairs stay, slow ones stretch ("NTK-aware", 2023)
    };
    Extension extension = Extension::none;
    double factor = 1.0;
    /// Which features turn together: (0, 1), (2, 3), ... as in the paper, or (0, d/2), (1, d/2 + 1), ... as in the
    /// LLaMA code of Hugging Face.
    enum class Pairs { adjacent, halves };
    Pairs pairs = Pairs::adjacent;
};

struct RelativePositionConfig {
    PositionKind kind = PositionKind::none;  ///< rope, alibi, t5, shaw; anything else does nothing here
    std::int64_t n_heads = 1;
    std::int64_t d_head = 1;
    RopeConfig rope = {};
    std::int64_t buckets = 32;        ///< t5
    std::int64_t max_distance = 128;  ///< t5: distances from here on share the last bucket; shaw: clipped to it
    bool bidirectional = true;        ///< t5: separate buckets for keys before and after; false for decoders
};

/// Angles p / base^(2i/d) of the rotation, i = 0 ... d/2 - 1, with the extension applied; positions of any shape ->
/// [positions..., d / 2]. In double. Error(constraint) for an odd d.
DoubleTensor rope_angles(const IntTensor& positions, std::int64_t d, const RopeConfig& config);
/// ALiBi's slopes (Press et al. 2022, section 3): 2^(-8/h), 2^(-16/h), ...; for h not a power of two those of the next
/// lower power, followed by every other one of twice that.
std::vector<double> alibi_slopes(std::int64_t n_heads);
/// T5's bucket of a distance key - query: small distances have their own, larger ones share logarithmically.
std::int64_t t5_bucket(std::int64_t distance, const RelativePositionConfig& config);

/// Positions are [n] or [batch, n]: those of the queries and those of the keys, which differ with a cache.
template <typename T>
class BasicRelativePosition {
  public:
    /// Error(constraint) for rope on an odd d_head; Error(out_of_range) for counts below 1.
    BasicRelativePosition(const RelativePositionConfig& config, Rng rng);

    /// RoPE: the pairs of features of x [batch, heads, n, d_head] turned by their positions' angles; norms stay. Other
    /// kinds: x.
    BasicVariable<T> rotate(const BasicVariable<T>& x, const IntTensor& positions) const;
    /// What is added to the scores, broadcasting to [batch, heads, n_query, n_key]; nothing for RoPE and none. Shaw's
    /// term reads the query [batch, heads, n_query, d_head] and is multiplied by `scale`, as the scores are.
    std::optional<BasicVariable<T>> score_term(const BasicVariable<T>& query, const IntTensor& query_positions,
                                               const IntTensor& key_positions, T scale) const;
    /// Shaw: sum_j attention[i, j] a^V[j - i], [batch, heads, n_query, d_head], added to the heads' outputs.
    std::optional<BasicVariable<T>> output_term(const BasicVariable<T>& attention, const IntTensor& query_positions,
                                                const IntTensor& key_positions) const;

    const RelativePositionConfig& config() const { return config_; }
    /// t5: "bias" [buckets, n_heads], starting at 0; shaw: "key", "value" [2 max_distance + 1, d_head].
    BasicNamedParameters<T> parameters() const;

  private:
    RelativePositionConfig config_;
    BasicVariable<T> bias_;
    BasicVariable<T> key_;
    BasicVariable<T> value_;
};
using RelativePosition = BasicRelativePosition<float>;

}  // namespace glassformer
