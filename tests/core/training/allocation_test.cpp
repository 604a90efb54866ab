#include "models/bert.h"
#include "models/gpt.h"
#include "models/transformer.h"
#include "nn/loss.h"
#include "support/catch.h"
#include "support/count_requests.h"
#include "support/random.h"
#include "training/optimizer.h"

using namespace glassformer;
using test::random_ids;
using test::requests;

namespace {

/// Requests during updates 4 ... 8 of the same batch: what one training update still takes from the system.
template <typename LossOf>
double requests_per_update(const NamedParameters& parameters, const LossOf& loss_of) {
    Adam adam(parameters);
    std::uint64_t before = 0;
    for (int update = 0; update < 8; ++update) {
        if (update == 3) before = requests;
        loss_of().backward();
        clip_gradient_norm(adam.parameters(), 1.0);
        adam.update(1e-3F);
    }
    return static_cast<double>(requests - before) / 5.0;
}

}  // namespace

TEST_CASE("whole models: in steady state a training update takes nothing from the system") {
    const ModelSize size{.vocabulary = 13, .max_length = 8, .n_layers = 2, .d_model = 16, .n_heads = 2};
    const IntTensor ids = random_ids({3, 8}, 13, 1);
    const IntTensor targets = random_ids({3, 8}, 13, 2);
    const Gpt gpt(gpt_config(size), Rng(1));
    CHECK(requests_per_update(gpt.parameters(), [&] { return cross_entropy(gpt.forward({.ids = ids}), targets); }) ==
          0);
    const Bert bert(bert_live_config(size), Rng(1));
    CHECK(requests_per_update(bert.parameters(), [&] {
              return cross_entropy(bert.mlm_logits(bert.forward({.ids = ids})), targets);
          }) == 0);
    const Transformer pair(transformer_live_config(size, size), Rng(1));
    CHECK(requests_per_update(pair.parameters(),
                              [&] { return cross_entropy(pair.forward({.ids = ids}, {.ids = ids}), targets); }) == 0);
}
