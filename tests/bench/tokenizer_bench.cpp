// The tokenizer as tests/bench/tokenizer.mjs measures it: texts come as UTF-8 in the module's memory, ids stay there
// until they are copied out.
#include <emscripten.h>

#include "tokenizer/vocabulary_files.h"

using namespace glassformer;

namespace {

/// A tokenizer and what it made last.
struct Bench {
    Tokenizer tokenizer;
    std::vector<std::int32_t> ids;
};

std::vector<MergeRule>& rules() {
    static std::vector<MergeRule> trained;
    return trained;
}

std::string_view text_at(const char* data, int size) { return {data, static_cast<std::size_t>(size)}; }

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void* bench_gpt2(const char* vocab, int vocab_size, const char* merges, int merges_size) {
    return new Bench{gpt2_tokenizer(text_at(vocab, vocab_size), text_at(merges, merges_size)), {}};
}

EMSCRIPTEN_KEEPALIVE void bench_drop(void* bench) { delete static_cast<Bench*>(bench); }

EMSCRIPTEN_KEEPALIVE int bench_encode(void* handle, const char* text, int size) {
    auto* bench = static_cast<Bench*>(handle);
    bench->ids = bench->tokenizer.encode_ids(text_at(text, size));
    return static_cast<int>(bench->ids.size());
}

EMSCRIPTEN_KEEPALIVE const std::int32_t* bench_ids(void* handle) { return static_cast<Bench*>(handle)->ids.data(); }

/// Trains a byte-level BPE of so many merges; returns how many there were. Their ids (left, right, result) are at
/// bench_rules().
EMSCRIPTEN_KEEPALIVE int bench_train(const char* corpus, int size, int merges) {
    TokenizerParts parts{.normalizers = {},
                         .splitters = {ByteLevelSplit{.add_prefix_space = false}},
                         .model = Bpe(Bpe::Units::bytes),
                         .post_processors = {},
                         .decoders = {},
                         .added_tokens = {}};
    const Tokenizer tokenizer(std::move(parts));
    BpeTrainerOptions options;
    options.vocab_size = 256 + static_cast<std::size_t>(merges);
    options.initial_alphabet = byte_alphabet();
    rules() = train_bpe(tokenizer.count_words(text_at(corpus, size)), options).merges;
    return static_cast<int>(rules().size());
}

EMSCRIPTEN_KEEPALIVE const MergeRule* bench_rules() { return rules().data(); }
}
