#include "base/error.h"
#include "base/rng.h"
#include "support/catch.h"
#include "tokenizer/trainer.h"
#include "tokenizer/utf8.h"

using namespace glassformer;

namespace {

using Pieces = std::vector<std::string>;

Pieces pieces(const Vocabulary& vocabulary, const std::vector<Token>& tokens) {
    Pieces result;
    for (const Token& token : tokens) result.push_back(vocabulary.piece(token.id));
    return result;
}

Bpe characters(const std::string& letters) {
    Bpe bpe(Bpe::Units::characters);
    for (const char c : letters) bpe.add_character(std::string(1, c));
    return bpe;
}

void merge(Bpe& bpe, const std::string& left, const std::string& right) {
    bpe.add_merge(*bpe.vocabulary().find(left), *bpe.vocabulary().find(right));
}

const std::map<std::string, std::int64_t> sennrich = {{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}};

/// Replays merges one after the other over the whole word: what the queue must agree with.
Pieces replay(const std::vector<std::pair<std::string, std::string>>& merges, const std::string& word) {
    Pieces symbols;
    for (const char c : word) symbols.emplace_back(1, c);
    for (const auto& [left, right] : merges) {
        Pieces next;
        for (std::size_t i = 0; i < symbols.size(); ++i) {
            const bool here = i + 1 < symbols.size() && symbols[i] == left && symbols[i + 1] == right;
            next.push_back(here ? left + right : symbols[i]);
            if (here) ++i;
        }
        symbols = next;
    }
    return symbols;
}

}  // namespace

TEST_CASE("BPE replays merges by rank: it is not longest match") {
    Bpe bpe = characters("abcd");
    merge(bpe, "b", "c");
    merge(bpe, "bc", "d");
    merge(bpe, "a", "b");
    CHECK(pieces(bpe.vocabulary(), bpe.encode_word("abcd")) == Pieces{"a", "bcd"});
    CHECK(pieces(bpe.vocabulary(), bpe.encode_word("abab")) == Pieces{"ab", "ab"});
    CHECK(bpe.encode_word("").empty());
}

TEST_CASE("BPE merges the leftmost of overlapping pairs first") {
    Bpe bpe = characters("a");
    merge(bpe, "a", "a");
    CHECK(pieces(bpe.vocabulary(), bpe.encode_word("aaaaa")) == Pieces{"aa", "aa", "a"});
}

TEST_CASE("spans of tokens cover the word without gap or overlap") {
    Bpe bpe(Bpe::Units::bytes);
    const std::string word = "狗年";
    const auto tokens = bpe.encode_word(word, 10);
    REQUIRE(tokens.size() == 6);
    CHECK(tokens.front().begin == 10);
    CHECK(tokens.back().end == 16);
    for (std::size_t i = 1; i < tokens.size(); ++i) CHECK(tokens[i].begin == tokens[i - 1].end);
}

TEST_CASE("the queue agrees with replaying merges one by one, on random words") {
    const MergeTrainer reference(TokenizerAlgorithm::char_bpe, sennrich);
    MergeTrainer trainer = reference;
    std::vector<std::pair<std::string, std::string>> merges;
    while (const auto best = trainer.best(MergeCriterion::frequency)) {
        merges.emplace_back(best->left, best->right);
        trainer.merge(*best);
    }
    REQUIRE(merges.size() > 8);
    Rng rng(3);
    const std::string letters = "lowernstid";
    for (int i = 0; i < 300; ++i) {
        std::string word;
        for (std::uint32_t n = rng.integer(12); n > 0; --n) word += letters[rng.integer(10)];
        CHECK(pieces(trainer.bpe().vocabulary(), trainer.bpe().encode_word(word)) == replay(merges, word));
    }
}

TEST_CASE("a character BPE has not seen is [UNK], alone") {
    Bpe bpe = characters("ab");
    merge(bpe, "a", "b");
    CHECK(pieces(bpe.vocabulary(), bpe.encode_word("ab狗ab")) == Pieces{"ab", "[UNK]", "ab"});
}

TEST_CASE("WordPiece takes the longest prefix and gives up on the whole word") {
    WordPiece model;
    for (const char* piece : {"un", "##aff", "##able", "##a", "##b", "狗", "##年"}) model.vocabulary().add(piece);
    CHECK(pieces(model.vocabulary(), model.encode_word("unaffable")) == Pieces{"un", "##aff", "##able"});
    CHECK(pieces(model.vocabulary(), model.encode_word("狗年")) == Pieces{"狗", "##年"});
    CHECK(pieces(model.vocabulary(), model.encode_word("unaffz")) == Pieces{"[UNK]"});
    CHECK(pieces(model.vocabulary(), model.encode_word("able")) == Pieces{"[UNK]"});
    CHECK(model.encode_word("").empty());
    CHECK(pieces(model.vocabulary(), model.encode_word("un" + std::string(99, 'a'))) == Pieces{"[UNK]"});
    CHECK(model.encode_word("un" + std::string(98, 'a')).size() == 99);
}

TEST_CASE("three criteria choose three first merges on the corpus of Sennrich et al.") {
    const MergeTrainer bpe(TokenizerAlgorithm::char_bpe, sennrich);
    const auto frequent = *bpe.best(MergeCriterion::frequency);
    CHECK((frequent.left == "e" && frequent.right == "s" && frequent.count == 9));  // ties with (s, t)
    const MergeTrainer wordpiece(TokenizerAlgorithm::wordpiece, sennrich);
    const auto ratio = *wordpiece.best(MergeCriterion::ratio);
    CHECK((ratio.left == "##i" && ratio.right == "##d"));
    CHECK(std::abs(ratio.ratio - 1.0 / 3.0) < 1e-15);
    const auto likely = *wordpiece.best(MergeCriterion::likelihood_gain);
    CHECK((likely.left == "##s" && likely.right == "##t"));
    CHECK(std::abs(likely.likelihood_gain - 28.0167) < 1e-3);
    CHECK(std::abs(wordpiece.candidate("l", "##o").likelihood_gain - 23.6450) < 1e-3);
}

TEST_CASE("the likelihood gain is the difference of two likelihoods counted anew") {
    // (a, a) in "aaa aaa b": 2 merges, 4 a and 1 b become 2 aa, 2 a, 1 b.
    const auto likelihood = [](std::vector<double> counts) {
        double total = 0.0, sum = 0.0;
        for (const double c : counts) total += c;
        for (const double c : counts) sum += c * std::log(c / total);
        return sum;
    };
    const MergeTrainer trainer(TokenizerAlgorithm::char_bpe, {{"aaa", 2}, {"b", 1}});
    const auto pair = trainer.candidate("a", "a");
    CHECK(pair.count == 4);
    CHECK(pair.merges == 2);
    CHECK(std::abs(pair.likelihood_gain - (likelihood({2, 2, 1}) - likelihood({6, 1}))) < 1e-12);
}

TEST_CASE("counts kept up to date equal counts made anew after every merge") {
    const std::map<std::string, std::int64_t> words =
        count_words("aaa aab baab abab ababab aaaa bbb 狗狗狗 狗年", PreTokenizer::whitespace);
    for (const auto algorithm :
         {TokenizerAlgorithm::byte_bpe, TokenizerAlgorithm::char_bpe, TokenizerAlgorithm::wordpiece}) {
        MergeTrainer trainer(algorithm, words);
        std::int64_t tokens = trainer.tokens();
        for (int i = 0; i < 30; ++i) {
            const auto best = trainer.best(MergeCriterion::frequency);
            if (!best) break;
            trainer.merge(*best);
            CHECK(trainer.tokens() == tokens - best->merges);
            tokens = trainer.tokens();
        }
        CHECK(!trainer.best(MergeCriterion::frequency));
        CHECK(trainer.pairs() == 0);
    }
}

TEST_CASE("byte-level BPE gives any text back, without [UNK], also texts it never saw") {
    MergeTrainer trainer(TokenizerAlgorithm::byte_bpe, count_words("low lower 狗狗 狗年 newest", PreTokenizer::gpt2));
    for (int i = 0; i < 40; ++i) {
        const auto best = trainer.best(MergeCriterion::frequency);
        if (!best) break;
        trainer.merge(*best);
    }
    Rng rng(17);
    for (int i = 0; i < 200; ++i) {
        std::u32string text;
        for (std::uint32_t n = rng.integer(20); n > 0; --n) {
            char32_t c = rng.integer(4) == 0 ? rng.integer(0x110000) : rng.integer(0x3000);
            if (c >= 0xD800 && c < 0xE000) c = U'狗';
            text += c;
        }
        const TextIndex index(encode_utf8(text));
        std::string decoded;
        for (const WordSpan& span : pre_tokenize(PreTokenizer::gpt2, index.points())) {
            for (const Token& token : trainer.bpe().encode_word(index.slice(span.begin, span.end))) {
                decoded += trainer.bpe().vocabulary().piece(token.id);
            }
        }
        CHECK(decoded == index.text());
    }
}

TEST_CASE("a word of a megabyte is encoded, not hung over") {
    Bpe bpe = characters("ab");
    merge(bpe, "a", "b");
    merge(bpe, "ab", "ab");
    std::string word;
    for (int i = 0; i < 500000; ++i) word += "ab";
    CHECK(bpe.encode_word(word).size() == 250000);
}

TEST_CASE("an id that is not there is named") {
    const Vocabulary vocabulary;
    CHECK_THROWS_AS(vocabulary.piece(0), Error);
    const MergeTrainer trainer(TokenizerAlgorithm::char_bpe, sennrich);
    CHECK_THROWS_AS(trainer.candidate("x", "y"), Error);
}
