#include <cmath>

#include "experiments/pieces.h"
#include "nn/attention.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"
#include "tokenizer/trainer.h"

/// What experiments spell out for the reader must be what the layers compute.
using namespace glassformer;

TEST_CASE("attention.scaling attends as the attention layer does") {
    const Values values = run_to_end("attention.scaling", {{"d_k", std::int64_t{64}}});
    const Variable q(floats(values, "query").reshaped({1, 64}));
    const Variable k(floats(values, "keys"));
    const auto layer = scaled_dot_product_attention(q, k, k);
    CHECK(max_abs_difference(layer.scores.value().reshaped({64}), floats(values, "row_logits")) < 1e-5);
    CHECK(max_abs_difference(layer.attention.value().reshaped({64}), floats(values, "row_attention")) < 1e-6);
}

TEST_CASE("attention.scaling's entropy and Jacobian norm are those of their definitions") {
    const Values values = run_to_end(
        "attention.scaling", {{"scale", std::string("none")}, {"d_k", std::int64_t{32}}, {"rows", std::int64_t{16}}});
    const Tensor p = softmax(floats(values, "logits"));
    double entropy = 0.0;
    for (std::int64_t i = 0; i < 16; ++i) {
        double squares = 0.0;
        for (std::int64_t a = 0; a < 64; ++a) {
            const double pa = static_cast<double>(p(i, a));
            if (pa > 0.0) entropy -= pa * std::log(pa) / 16.0;
            for (std::int64_t b = 0; b < 64; ++b) {
                const double element = (a == b ? pa : 0.0) - pa * static_cast<double>(p(i, b));
                squares += element * element;
            }
        }
        CHECK(std::abs(std::sqrt(squares) - static_cast<double>(floats(values, "jacobian_norms")[i])) < 1e-5);
    }
    const auto& selected = std::get<DoubleTensor>(std::get<TensorValue>(*values.find("selected")).data);
    CHECK(std::abs(selected[4] - entropy) < 1e-4);
}

TEST_CASE("attention.qk_tying: separate weights learn, tied ones stop at their floor") {
    const double ln3 = std::log(3.0);
    CHECK(scalar(run_to_end("attention.qk_tying", {{"mode", std::string("separate")}}), "loss") < 0.05);
    CHECK(std::abs(scalar(run_to_end("attention.qk_tying", {{"n", std::int64_t{3}}}), "loss") - ln3) < 1e-3);
    const Values hidden =
        run_to_end("attention.qk_tying", {{"n", std::int64_t{3}}, {"mode", std::string("tied_no_diagonal")}});
    CHECK(std::abs(scalar(hidden, "loss") - std::log(2.0)) < 1e-3);
    CHECK(floats(hidden, "attention")(1, 1) == 0.0F);
}

TEST_CASE("tokenizer.train merges as the layer's trainer does, for every algorithm, criterion and border") {
    const std::string corpus = "low low lower newest newest widest 狗狗 狗年 小狗 aaa aaaa don't ##x a##";
    const std::pair<const char*, TokenizerAlgorithm> algorithms[] = {{"char_bpe", TokenizerAlgorithm::char_bpe},
                                                                     {"byte_bpe", TokenizerAlgorithm::byte_bpe},
                                                                     {"wordpiece", TokenizerAlgorithm::wordpiece}};
    const std::pair<const char*, MergeCriterion> criteria[] = {{"frequency", MergeCriterion::frequency},
                                                               {"ratio", MergeCriterion::ratio},
                                                               {"likelihood_gain", MergeCriterion::likelihood_gain}};
    const std::pair<const char*, PreTokenizer> borders[] = {
        {"whitespace", PreTokenizer::whitespace}, {"bert", PreTokenizer::bert}, {"gpt2", PreTokenizer::gpt2}};
    for (const auto& [algorithm_name, algorithm] : algorithms) {
        for (const auto& [criterion_name, criterion] : criteria) {
            for (const auto& [border_name, border] : borders) {
                CAPTURE(algorithm_name, criterion_name, border_name);
                const Values values = run_to_end("tokenizer.train", {{"corpus", corpus},
                                                                     {"algorithm", std::string(algorithm_name)},
                                                                     {"criterion", std::string(criterion_name)},
                                                                     {"pre_tokenizer", std::string(border_name)},
                                                                     {"merges", std::int64_t{25}}});
                const Table& merges = std::get<Table>(*values.find("merges"));
                MergeTrainer trainer(algorithm, count_words(corpus, border));
                for (const auto& row : merges.rows) {
                    const auto best = trainer.best(criterion);
                    REQUIRE(best);
                    CHECK(std::get<std::string>(row[1]) == readable_piece(best->left));
                    CHECK(std::get<std::string>(row[2]) == readable_piece(best->right));
                    CHECK(std::get<std::int64_t>(row[5]) == best->count);
                    CHECK(std::abs(std::get<double>(row[6]) - best->score(criterion)) < 1e-9);
                    CHECK(std::get<std::int64_t>(row[9]) == best->merges);
                    trainer.merge(*best);
                }
                CHECK(scalar(values, "corpus_tokens") == static_cast<double>(trainer.tokens()));
            }
        }
    }
}

TEST_CASE("pieces: fragments belong to their character and no replacement sign is ever shown") {
    const Values values = run_to_end("tokenizer.train", {{"algorithm", std::string("byte_bpe")},
                                                         {"pre_tokenizer", std::string("gpt2")},
                                                         {"corpus", std::string("狗 狼")},
                                                         {"probe", std::string("狼👩a")},
                                                         {"merges", std::int64_t{1}}});
    const Tokens& tokens = std::get<Tokens>(*values.find("probe_tokens"));
    const std::vector<Piece>& pieces = tokens.strips[0].pieces;
    REQUIRE(pieces.size() == 7);  // 狼 and 狗 share their first two bytes: one merge
    CHECK(
        (pieces[0].text == "狼" && pieces[0].fragment == 1 && pieces[0].fragments == 2 && pieces[0].bytes == "E7 8B"));
    CHECK((pieces[1].text == "狼" && pieces[1].fragment == 2 && pieces[1].bytes == "BC"));
    CHECK((pieces[2].text == "👩" && pieces[2].fragments == 4));
    CHECK((pieces[6].text == "a" && pieces[6].fragments == 0 && pieces[6].begin == 2 && pieces[6].end == 3));
    CHECK(readable_piece("\xE7\x8B") == "⟨E7 8B⟩");
    CHECK(readable_piece("\x8B狗 a") == "⟨8B⟩狗␣a");
}
