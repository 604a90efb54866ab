#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "base/math.h"
#include "golden.h"
#include "support/catch.h"
#include "tokenizer/unigram_trainer.h"

using namespace glassformer;

namespace {

/// All segmentations of a lattice by recursion, best first; equal scores in the order of the edges.
std::vector<Segmentation> enumerate(const Lattice& lattice) {
    std::vector<Segmentation> all;
    std::function<void(std::int32_t, Segmentation)> extend = [&](std::int32_t place, Segmentation so_far) {
        if (place == lattice.length()) return all.push_back(so_far);
        for (std::size_t e = 0; e < lattice.edges().size(); ++e) {
            const LatticeEdge& edge = lattice.edges()[e];
            if (edge.begin != place) continue;
            Segmentation next = so_far;
            next.edges.push_back(static_cast<std::int32_t>(e));
            next.score += edge.score;
            extend(edge.end, next);
        }
    };
    extend(0, {});
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    return all;
}

/// Random pieces over a few letters with random scores, every letter among them.
Unigram random_model(Rng& rng) {
    std::vector<std::pair<std::string, double>> pieces{{"<unk>", 0.0}};
    Vocabulary seen;
    seen.add("<unk>");
    for (const char* letter : {"a", "b", "狗"}) {
        pieces.emplace_back(letter, -3.0 - static_cast<double>(rng.uniform()));
        seen.add(letter);
    }
    for (int i = 0; i < 14; ++i) {
        std::string piece;
        for (std::uint32_t n = 2 + rng.integer(3); n > 0; --n)
            piece += std::vector<std::string>{"a", "b", "狗"}[rng.integer(3)];
        if (seen.find(piece)) continue;
        seen.add(piece);
        pieces.emplace_back(piece, -4.0 - 4.0 * static_cast<double>(rng.uniform()));
    }
    return {pieces, 0};
}

std::string random_word(Rng& rng, std::uint32_t longest) {
    std::string word;
    for (std::uint32_t n = 1 + rng.integer(longest); n > 0; --n)
        word += std::vector<std::string>{"a", "b", "狗", "x"}[rng.integer(4)];
    return word;
}

WordCounts corpus_words() {
    return golden::tokenizer("unigram").count_words(golden::read_file(golden::path("corpus.txt")));
}

}  // namespace

TEST_CASE("the lattice agrees with all segmentations written out") {
    Rng rng(11);
    for (int trial = 0; trial < 60; ++trial) {
        const Unigram model = random_model(rng);
        const std::string word = random_word(rng, 9);
        const Lattice lattice = model.lattice(word);
        const std::vector<Segmentation> all = enumerate(lattice);
        REQUIRE(!all.empty());
        CHECK(lattice.segmentations() == static_cast<double>(all.size()));
        CHECK(std::abs(lattice.best().score - all[0].score) < 1e-12);
        // The n best have the n highest scores, each once.
        const auto best = lattice.n_best(12);
        REQUIRE(best.size() == std::min<std::size_t>(12, all.size()));
        for (std::size_t i = 0; i < best.size(); ++i) CHECK(std::abs(best[i].score - all[i].score) < 1e-12);
        for (std::size_t i = 1; i < best.size(); ++i) CHECK(best[i].edges != best[i - 1].edges);
        for (const double theta : {1.0, 0.3}) {
            double total = 0.0;
            std::vector<double> used(lattice.edges().size(), 0.0);
            for (const Segmentation& way : all) {
                const double weight = std::exp(theta * way.score);
                total += weight;
                for (const std::int32_t e : way.edges) used[static_cast<std::size_t>(e)] += weight;
            }
            CHECK(std::abs(lattice.log_total(theta) - std::log(total)) < 1e-9);
            const std::vector<double> marginals = lattice.marginals(theta);
            for (std::size_t e = 0; e < used.size(); ++e) CHECK(std::abs(marginals[e] - used[e] / total) < 1e-9);
        }
    }
}

TEST_CASE("encoding takes the best path of the lattice") {
    Rng rng(12);
    for (int trial = 0; trial < 100; ++trial) {
        const Unigram model = random_model(rng);
        const std::string word = random_word(rng, 20);
        const Lattice lattice = model.lattice(word);
        CHECK(model.encode_word(word, 5) == model.tokens(word, 5, lattice, lattice.best()));
    }
}

TEST_CASE("a word of m letters of which every substring is a piece has 2^(m-1) segmentations") {
    const std::string word = "abcdefghijkl";
    std::vector<std::pair<std::string, double>> pieces;
    for (std::size_t i = 0; i < word.size(); ++i) {
        for (std::size_t n = 1; i + n <= word.size(); ++n) pieces.emplace_back(word.substr(i, n), -1.0);
    }
    const Unigram model(pieces, std::nullopt);
    CHECK(model.lattice(word).segmentations() == 2048.0);
    CHECK(model.encode_word(word).size() == 1);
}

TEST_CASE("unknown characters cost the penalty, fuse, and may fall back to bytes") {
    const Unigram model({{"<unk>", 0.0}, {"a", -1.0}, {"b", -2.0}}, 0);
    const auto tokens = model.encode_word("a狗犬b");
    REQUIRE(tokens.size() == 3);
    CHECK(tokens[1] == Token{0, 1, 7});
    CHECK(model.lattice("狗").edges()[0].score == -2.0 - Unigram::unknown_penalty);
    CHECK(model.lattice("狗").edges()[0].unknown);

    std::vector<std::pair<std::string, double>> pieces{{"<unk>", 0.0}, {"a", -1.0}};
    for (int b = 0; b < 256; ++b)
        pieces.emplace_back("<0x" + std::string{"0123456789ABCDEF"[b / 16], "0123456789ABCDEF"[b % 16]} + ">", -9.0);
    const Unigram bytes(pieces, 0, true);
    const auto fallen = bytes.encode_word("a狗");
    REQUIRE(fallen.size() == 4);
    CHECK(fallen[1] == Token{2 + 0xE7, 1, 4});
    CHECK_THROWS_AS(Unigram({{"a", -1.0}}, std::nullopt).encode_word("b"), Error);
    CHECK_THROWS_AS(Unigram({{"a", -1.0}}, 1), Error);
    CHECK_THROWS_AS(Unigram({{"a", -1.0}, {"a", -2.0}}, 0), Error);
}

TEST_CASE("segmentations are drawn in proportion to their probability to the power theta") {
    Rng rng(13);
    const Unigram model({{"<unk>", 0.0}, {"a", -1.5}, {"aa", -2.0}, {"aaa", -3.5}}, 0);
    const Lattice lattice = model.lattice("aaaa");
    const std::vector<Segmentation> all = enumerate(lattice);
    for (const double theta : {0.2, 1.0}) {
        const int draws = 20000;
        std::vector<int> drawn(all.size(), 0);
        for (int i = 0; i < draws; ++i) {
            const Segmentation way = lattice.sample(rng, theta);
            const auto same = [&](const Segmentation& other) { return other.edges == way.edges; };
            ++drawn[static_cast<std::size_t>(std::find_if(all.begin(), all.end(), same) - all.begin())];
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double expected = std::exp(theta * all[i].score - lattice.log_total(theta));
            CHECK(std::abs(drawn[i] / static_cast<double>(draws) - expected) <
                  5.0 * std::sqrt(expected / draws) + 1e-3);
        }
    }
    // Among the two best, never a third.
    const auto two = lattice.n_best(2);
    for (int i = 0; i < 200; ++i) {
        const auto tokens = model.sample_word("aaaa", 0, {.n_best = 2, .theta = 0.1}, rng);
        CHECK(
            (tokens == model.tokens("aaaa", 0, lattice, two[0]) || tokens == model.tokens("aaaa", 0, lattice, two[1])));
    }
}

TEST_CASE("under plain EM the corpus never gets less likely") {
    UnigramTrainerOptions options;
    options.vocab_size = 600;
    options.seed_size = 4000;
    options.sparse = false;
    UnigramTrainer trainer(corpus_words(), options);
    double before = trainer.update();
    for (int i = 0; i < 6; ++i) {
        const double now = trainer.update();
        CHECK(now >= before - 1e-6);
        before = now;
    }
    CHECK(trainer.log_likelihood() >= before - 1e-6);
    double total = 0.0;
    for (const auto& piece : trainer.pieces()) total += std::exp(piece.score);
    CHECK(std::abs(total - 1.0) < 1e-9);
}

TEST_CASE("pruning drops the pieces that cost least, keeps characters, and ends at the size") {
    UnigramTrainerOptions options;
    options.vocab_size = 700;
    options.seed_size = 3000;
    UnigramTrainer trainer(corpus_words(), options);
    trainer.update();
    const std::size_t before = trainer.pieces().size();
    const double likelihood = trainer.log_likelihood();
    const std::size_t gone = trainer.prune(0.75);
    CHECK(gone > 0);
    CHECK(trainer.pieces().size() == before - gone);
    CHECK(trainer.log_likelihood() <= likelihood);
    CHECK(std::isfinite(trainer.log_likelihood()));

    const Unigram model = train_unigram(corpus_words(), options);
    CHECK(model.vocabulary().size() == 700);
    CHECK(model.unknown() == 0);
    for (const auto& [word, count] : corpus_words()) {
        for (const Token& token : model.encode_word(word)) CHECK(token.id != 0);
    }
    options.vocab_size = 20;
    CHECK_THROWS_AS(UnigramTrainer(corpus_words(), options), Error);
}

TEST_CASE("Unigram training gives the same bits everywhere") {
    UnigramTrainerOptions options;
    options.vocab_size = 650;
    options.seed_size = 2000;
    for (const bool sparse : {true, false}) {
        options.sparse = sparse;
        const Unigram model = train_unigram(corpus_words(), options);
        golden::Hash hash;
        for (std::int32_t id = 0; id < model.vocabulary().size(); ++id) {
            std::uint64_t bits = 0;
            const double score = model.score(id);
            std::memcpy(&bits, &score, sizeof(bits));
            hash.bytes(model.vocabulary().piece(id));
            hash.number(static_cast<std::int64_t>(bits & 0xFFFFFFFF));
            hash.number(static_cast<std::int64_t>(bits >> 32));
        }
        // Written by the first native run; wasm must agree.
        CHECK(hash.hex() == (sparse ? "12a73179d8442e03" : "505d93379bd25f19"));
    }
}
