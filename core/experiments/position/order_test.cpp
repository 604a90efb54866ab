// Can an encoder without positions tell "dog bites man" from "man bites dog"?
//
// One Transformer layer reads a sentence, averages its outputs and answers yes or no. The sentences come in pairs: the
// same words, two of them exchanged, opposite answers. Self-attention and the feed-forward network treat the words as a
// set, so that both sentences of a pair get the same answer: at best one of two is right, and the loss stays at ln 2.
// An encoding of the positions, or a causal mask, breaks the symmetry.

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/operations.h"
#include "base/math.h"
#include "experiments/registry.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 32;
constexpr std::int64_t d_ff = 64;
constexpr std::int64_t test_pairs = 100;

/// Sentences 2i and 2i + 1 are a pair; label 1 is "yes".
struct Sentences {
    IntTensor tokens;  // [2 pairs, n]
    Tensor labels;     // [2 pairs], 1 or 0
};

struct Task {
    std::vector<std::string> vocabulary;
    std::int64_t n = 0;
    Sentences (*draw)(std::int64_t pairs, Rng rng) = nullptr;
};

void exchange(Sentences& s, std::int64_t pair, std::int64_t a, std::int64_t b) {
    const std::int64_t n = s.tokens.extent(1);
    for (std::int64_t j = 0; j < n; ++j) s.tokens(2 * pair + 1, j) = s.tokens(2 * pair, j);
    std::swap(s.tokens(2 * pair + 1, a), s.tokens(2 * pair + 1, b));
    s.labels[2 * pair + 1] = 1.0F - s.labels[2 * pair];
}

/// Eight letters, "a" and "b" once each among others: did a come before b?
Sentences first_symbol(std::int64_t pairs, Rng rng) {
    constexpr std::int64_t n = 8;
    Sentences s{IntTensor({2 * pairs, n}), Tensor({2 * pairs})};
    for (std::int64_t p = 0; p < pairs; ++p) {
        for (std::int64_t j = 0; j < n; ++j) s.tokens(2 * p, j) = 2 + static_cast<std::int32_t>(rng.integer(6));
        const std::int64_t a = rng.integer(n);
        const std::int64_t b = (a + 1 + rng.integer(n - 1)) % n;
        s.tokens(2 * p, a) = 0;
        s.tokens(2 * p, b) = 1;
        s.labels[2 * p] = a < b ? 1.0F : 0.0F;
        exchange(s, p, a, b);
    }
    return s;
}

const std::vector<std::string> role_words = {"狗",     "猫",      "鹅",        "孩子",    "邮差",     "客人",
                                             "追",     "看",      "昨天",      "刚才",    "在公园里", "在门口",
                                             "dog",    "cat",     "goose",     "child",   "postman",  "guest",
                                             "chased", "watched", "yesterday", "earlier", "outside",  "here"};

/// Who does it to whom, in Chinese or English: is the animal the one who acts? Subject and object are exchanged.
Sentences toy_roles(std::int64_t pairs, Rng rng) {
    constexpr std::int64_t n = 5;
    Sentences s{IntTensor({2 * pairs, n}), Tensor({2 * pairs})};
    for (std::int64_t p = 0; p < pairs; ++p) {
        const bool chinese = rng.integer(2) == 0;
        const std::int32_t base = chinese ? 0 : 12;
        const auto word = [&](std::int32_t first, std::uint32_t count) {
            return base + first + static_cast<std::int32_t>(rng.integer(count));
        };
        const std::int32_t animal = word(0, 3), human = word(3, 3), verb = word(6, 2), time = word(8, 2),
                           place = word(10, 2);
        const bool animal_acts = rng.integer(2) == 0;
        const std::int32_t subject = animal_acts ? animal : human, object = animal_acts ? human : animal;
        // 昨天 狗 公园里 追 孩子, but: yesterday dog chased child outside. The verb's object stands last or last but
        // one.
        const std::int32_t zh[] = {time, subject, place, verb, object};
        const std::int32_t en[] = {time, subject, verb, object, place};
        std::copy_n(chinese ? zh : en, n, s.tokens.row(2 * p).data());
        s.labels[2 * p] = animal_acts ? 1.0F : 0.0F;
        exchange(s, p, 1, chinese ? 4 : 3);
    }
    return s;
}

Task task_named(const std::string& name) {
    if (name == "first_symbol") return {{"a", "b", "c", "d", "e", "f", "g", "h"}, 8, first_symbol};
    return {role_words, 5, toy_roles};
}

/// [n, d_model]: sin and cos of p / 10000^(2i/d).
Tensor sinusoidal(std::int64_t n) {
    Tensor PE({n, d_model});
    for (std::int64_t p = 0; p < n; ++p) {
        for (std::int64_t i = 0; i < d_model / 2; ++i) {
            const double w = glassformer::exp(-2.0 * static_cast<double>(i) / d_model * glassformer::log(10000.0));
            PE(p, 2 * i) = static_cast<float>(glassformer::sin(static_cast<double>(p) * w));
            PE(p, 2 * i + 1) = static_cast<float>(glassformer::cos(static_cast<double>(p) * w));
        }
    }
    return PE;
}

/// (x_0, x_1) -> (-x_1, x_0) for every pair of dimensions, as a matrix to multiply with from the right.
Tensor quarter_turn() {
    Tensor P({d_model, d_model});
    for (std::int64_t i = 0; i < d_model; i += 2) {
        P(i + 1, i) = -1.0F;
        P(i, i + 1) = 1.0F;
    }
    return P;
}

/// One layer: attention, feed-forward, both with a residual; then the mean over the positions and one logit.
struct Model {
    std::string position;
    std::int64_t n = 0;
    Variable embedding, learned, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, w_out;
    Variable PE, turn, cosine, sine;  // constants

    Model(std::string kind, std::int64_t vocabulary, std::int64_t length, const Rng& seed)
        : position(std::move(kind)), n(length) {
        const auto weight = [&](const char* name, std::int64_t rows, std::int64_t columns, float spread) {
            Rng rng = seed.split(name);
            return Variable(random_normal({rows, columns}, rng, 0.0F, spread), true);
        };
        const float s = 1.0F / std::sqrt(static_cast<float>(d_model));
        embedding = weight("embedding", vocabulary, d_model, 1.0F);
        learned = weight("learned", n, d_model, 1.0F);
        W_Q = weight("W_Q", d_model, d_model, s);
        W_K = weight("W_K", d_model, d_model, s);
        W_V = weight("W_V", d_model, d_model, s);
        W_O = weight("W_O", d_model, d_model, s);
        W_1 = weight("W_1", d_model, d_ff, s);
        b_1 = Variable(Tensor({d_ff}), true);
        W_2 = weight("W_2", d_ff, d_model, 1.0F / std::sqrt(static_cast<float>(d_ff)));
        b_2 = Variable(Tensor({d_model}), true);
        w_out = weight("w_out", d_model, 1, s);
        const Tensor table = sinusoidal(n);
        PE = Variable(table);
        turn = Variable(quarter_turn());
        Tensor c({n, d_model}), z({n, d_model});
        for (std::int64_t p = 0; p < n; ++p) {
            for (std::int64_t i = 0; i < d_model; ++i) {
                z(p, i) = table(p, i - i % 2);
                c(p, i) = table(p, i - i % 2 + 1);
            }
        }
        cosine = Variable(c);
        sine = Variable(z);
    }

    NamedParameters parameters() const {
        NamedParameters all{{"embedding", embedding},
                            {"W_Q", W_Q},
                            {"W_K", W_K},
                            {"W_V", W_V},
                            {"W_O", W_O},
                            {"W_1", W_1},
                            {"b_1", b_1},
                            {"W_2", W_2},
                            {"b_2", b_2},
                            {"w_out", w_out}};
        if (position == "learned") all.emplace_back("learned", learned);
        return all;
    }

    struct Result {
        Variable query, key, attention;  // [sentences, n, d_model] twice, [sentences, n, n]
        Variable logits;                 // [sentences]
    };

    Result forward(const IntTensor& tokens) const {
        const std::int64_t sentences = tokens.extent(0);
        const Shape wide({sentences, n, d_model});
        Variable x = gather_rows(embedding, tokens);  // [sentences, n, d_model]
        if (position == "sinusoidal") x = add(x, PE);
        if (position == "learned") x = add(x, learned);
        const auto project = [&](const Variable& of, const Variable& W) { return batched_matmul(of, W); };
        Variable Q = project(x, W_Q), K = project(x, W_K);
        if (position == "rope") {  // Su et al. 2021: rotate queries and keys by their position, leave values alone
            Q = add(multiply(Q, cosine), multiply(project(Q, turn), sine));
            K = add(multiply(K, cosine), multiply(project(K, turn), sine));
        }
        Variable scores =
            scale(batched_matmul(Q, K, Transpose::no, Transpose::yes), 1.0F / std::sqrt(static_cast<float>(d_model)));
        if (position == "causal_mask") {
            BoolTensor keep({n, n});
            for (std::int64_t i = 0; i < n; ++i)
                for (std::int64_t j = 0; j <= i; ++j) keep(i, j) = 1;
            scores = masked_fill(scores, keep, -std::numeric_limits<float>::infinity());
        }
        const Variable A = softmax(scores);                                   // [sentences, n, n]
        x = add(x, project(batched_matmul(A, project(x, W_V)), W_O));         // attention
        x = add(x, add(project(relu(add(project(x, W_1), b_1)), W_2), b_2));  // feed-forward
        const Variable pooled = mean(x, 1);                                   // [sentences, d_model]
        return {Q, K, A, reshape(matmul(pooled, w_out), {sentences})};
    }
};

/// Mean binary cross-entropy: softplus(-z) where the answer is yes, softplus(z) where it is no.
Variable binary_cross_entropy(const Variable& logits, const Tensor& labels) {
    Tensor sign(labels.shape());
    for (std::int64_t i = 0; i < labels.size(); ++i) sign[i] = labels[i] > 0.5F ? -1.0F : 1.0F;
    return mean(softplus(multiply(logits, Variable(sign))));
}

struct Test {
    double loss = 0.0;
    double accuracy = 0.0;
    double pair_gap = 0.0;  // largest difference of the logits within a pair
};

Test measure(const Tensor& logits, const Sentences& test) {
    Test result;
    result.loss = static_cast<double>(binary_cross_entropy(Variable(logits), test.labels).value()[0]);
    for (std::int64_t i = 0; i < logits.size(); ++i) {
        // A logit of 0 up to rounding is no answer: it counts half.
        const bool undecided = std::abs(logits[i]) < 1e-5F;
        result.accuracy += undecided ? 0.5 : (logits[i] > 0.0F) == (test.labels[i] > 0.5F) ? 1.0 : 0.0;
        if (i % 2 == 1)
            result.pair_gap = std::max(result.pair_gap,
                                       std::abs(static_cast<double>(logits[i]) - static_cast<double>(logits[i - 1])));
    }
    result.accuracy /= static_cast<double>(logits.size());
    return result;
}

std::int64_t characters(const std::string& text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// The first pairs of the test as strips of words.
Tokens strips_of(const Sentences& test, const Task& task, std::int64_t count) {
    Tokens result;
    for (std::int64_t s = 0; s < count; ++s) {
        Strip strip;
        strip.label = test.labels[s] > 0.5F ? "1" : "0";
        for (std::int64_t j = 0; j < task.n; ++j) {
            const std::int32_t id = test.tokens(s, j);
            const std::string& word = task.vocabulary[static_cast<std::size_t>(id)];
            if (j > 0) strip.source += " ";
            const std::int64_t begin = characters(strip.source);
            strip.source += word;
            strip.pieces.push_back({id, word, begin, begin + characters(word)});
        }
        result.strips.push_back(std::move(strip));
    }
    return result;
}

/// One sentence's matrix out of a batch.
Tensor sentence(const Tensor& batch, std::int64_t s) {
    const Shape shape({batch.extent(1), batch.extent(2)});
    return Tensor(shape, {batch.data() + s * shape.size(), batch.data() + (s + 1) * shape.size()});
}

Run run(Arguments arguments, Context context) {
    const Task task = task_named(arguments.text("task"));
    const std::int64_t updates = arguments.integer("updates");
    constexpr std::int64_t pairs = 16;  // a batch

    const Sentences test = task.draw(test_pairs, context.rng("test"));
    const Rng batches = context.rng("training");
    const Model model(arguments.text("position"), static_cast<std::int64_t>(task.vocabulary.size()), task.n,
                      context.rng("weights"));
    Adam optimizer(model.parameters());
    const Schedule schedule{Schedule::Kind::cosine, updates / 20, updates + 1};

    Series curve{"update", {}};
    for (std::int64_t update = 0; update <= updates; ++update) {
        const Sentences batch = task.draw(pairs, batches.split(static_cast<std::uint64_t>(update)));
        const Variable loss = binary_cross_entropy(model.forward(batch.tokens).logits, batch.labels);
        curve.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});

        Frame frame(update, updates, [&](Values& values) {
            const Model::Result result = model.forward(test.tokens);
            const Tensor& logits = result.logits.value();
            const Test measured = measure(logits, test);
            values.set("test_loss", measured.loss);
            values.set("accuracy", measured.accuracy);
            values.set("pair_gap", measured.pair_gap);
            values.set("floor", arguments.text("position") == "none" ? glassformer::log(2.0) : 0.0);
            values.set("loss_curve", curve);
            values.set("sentences", strips_of(test, task, 6));
            Table answers{{{"sentence", Column::Kind::text, {"句子", "sentence"}},
                           {"answer", Column::Kind::integer, {"正确答案", "right answer"}},
                           {"logit", Column::Kind::number, {"logit", "logit"}},
                           {"probability", Column::Kind::number, {"模型说“是”的概率", "model's probability of yes"}}},
                          {}};
            const Tokens strips = strips_of(test, task, 6);
            for (std::int64_t s = 0; s < 6; ++s) {
                const auto z = static_cast<double>(logits[s]);
                answers.rows.push_back({strips.strips[static_cast<std::size_t>(s)].source,
                                        static_cast<std::int64_t>(test.labels[s]), z,
                                        1.0 / (1.0 + glassformer::exp(-z))});
            }
            values.set("answers", std::move(answers));
            std::vector<std::string> words;
            for (const Piece& piece : strips.strips[0].pieces) words.push_back(piece.text);
            values.set("query",
                       tensor_value(sentence(result.query.value(), 0), {{"query", words}, {"d_k", {}}}, Role::query));
            values.set("key", tensor_value(sentence(result.key.value(), 0), {{"key", words}, {"d_k", {}}}, Role::key));
            values.set("attention", tensor_value(sentence(result.attention.value(), 0),
                                                 {{"query", words}, {"key", words}}, Role::probability));
        });
        co_yield std::move(frame);

        if (update == updates) break;
        loss.backward();
        optimizer.update(0.005F * schedule.factor(update + 1));
    }
}

CostEstimate cost(const Arguments& arguments) {
    const double rows = 32.0 * 8.0;
    const double forward = rows * 2.0 * (4.0 * d_model * d_model + 2.0 * d_model * d_ff + 16.0 * d_model);
    return {static_cast<double>(arguments.integer("updates")) * 4.0 * forward, 2e7};
}

}  // namespace

const Experiment& position_order_test() {
    static const Experiment experiment{
        .id = "position.order_test",
        .summary =
            {"同样的词、交换两个、答案相反：没有位置信息的编码器能分清吗",
             "The same words, two exchanged, opposite answers: can an encoder without positions tell them apart?"},
        .parameters = {enum_parameter("position", {"位置信息", "Position"},
                                      {"位置从哪里来", "Where position comes from"}, "none",
                                      {{"none", {"没有", "none"}},
                                       {"sinusoidal", {"正弦编码", "sinusoidal"}},
                                       {"learned", {"可学习编码", "learned"}},
                                       {"rope", {"RoPE", "RoPE"}},
                                       {"causal_mask", {"只有因果掩码", "causal mask only"}}}),
                       enum_parameter(
                           "task", {"任务", "Task"}, {"模型要回答什么", "What the model has to answer"}, "toy_roles",
                           {{"toy_roles", {"谁对谁做：是动物干的吗", "who did it to whom: was it the animal?"}},
                            {"first_symbol", {"a 在 b 前面吗", "did a come before b?"}}}),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 400, 10, 1000))},
        .outputs =
            {{"test_loss",
              OutputKind::scalar,
              {"没见过的句子对上的交叉熵（nat）", "Cross-entropy on unseen pairs (nats)"},
              {},
              Role::loss},
             {"accuracy", OutputKind::scalar, {"没见过的句子对上的正确率", "Accuracy on unseen pairs"}},
             {"pair_gap",
              OutputKind::scalar,
              {"一对句子的 logit 最多差多少", "Largest difference of the two logits of a pair"}},
             {"floor",
              OutputKind::scalar,
              {"没有位置信息时损失的下界", "The least loss that is possible without positions"}},
             {"loss_curve", OutputKind::series, {"每批的交叉熵", "Cross-entropy of each batch"}, {}, Role::loss},
             {"sentences",
              OutputKind::tokens,
              {"测试集里的前三对句子，标签是正确答案", "Three pairs of the test; labelled with the right answer"}},
             {"answers",
              OutputKind::table,
              {"模型对这三对句子的回答", "The model's answers to these three pairs"},
              {"sentence", "answer", "logit", "probability"}},
             {"query", OutputKind::tensor, {"第一句的 Q", "Q of the first sentence"}, {"query", "d_k"}, Role::query},
             {"key", OutputKind::tensor, {"第一句的 K", "K of the first sentence"}, {"key", "d_k"}, Role::key},
             {"attention",
              OutputKind::tensor,
              {"第一句的注意力", "Attention of the first sentence"},
              {"query", "key"},
              Role::probability}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
