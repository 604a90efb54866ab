#include "support/bits.h"

#include "autograd/operations.h"
#include "support/catch.h"
#include "training/optimizer.h"

using namespace glassformer;
using namespace glassformer::testing;

TEST_CASE("a hundred updates of Adam, clipped: the bits recorded for every compiler") {
    Rng rng(20240603);
    Chain<float> chain(random_normal({7, 9}, rng));
    const Variable w(chain.state({9, 16}), true);
    const Variable v(chain.state({16, 5}), true);
    const Variable x(chain.state({24, 9}));
    const IntTensor targets = IntTensor({24}, {0, 1, 2, 3, 4, 0, 2, 4, 1, 3, 0, 3, 1, 4, 2, 0, 4, 3, 2, 1, 0, 1, 3, 2});
    const NamedParameters parameters = {{"w", w}, {"v", v}};
    Adam adam(parameters, {.weight_decay = 0.01F});
    for (int update = 0; update < 100; ++update) {
        const Variable logits = matmul(gelu(matmul(x, w)), v);
        const Variable loss = scale(mean(pick(log_softmax(logits), targets)), -1.0F);
        loss.backward();
        chain.link("clip_gradient_norm", clip_gradient_norm(parameters, 0.5));
        adam.update(0.02F);
        chain.link("loss", loss.value());
    }
    chain.link("w", w.value());
    INFO(chain.log());
    CHECK(chain.hash() == 0x7C857793E5BEBA39ULL);
}
