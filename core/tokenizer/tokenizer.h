#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/bpe.h"
#include "tokenizer/bpe_trainer.h"
#include "tokenizer/byte_bpe.h"
#include "tokenizer/decoder.h"
#include "tokenizer/encoding.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/splitting.h"
#include "tokenizer/unigram.h"
#include "tokenizer/wordpiece.h"

namespace glassformer {

using TokenizerModel = std::variant<Bpe, WordPiece, Unigram>;

/// The five roles of a tokenizer, in the order in which a text meets them.
struct TokenizerParts {
    std::vector<Normalizer> normalizers;
    std::vector<Splitter> splitters;
    TokenizerModel model;
    std::vector<PostProcessor> post_processors;
    std::optional<std::vector<Decoder>> decoders;  ///< none: pieces are joined by spaces
    AddedTokens added_tokens;
};

struct EncodeOptions {
    bool add_special_tokens = true;
    Rng* rng = nullptr;          ///< draws BPE's dropped merges and Unigram's segmentations; none: the best
    SegmentationChoice unigram;  ///< how Unigram draws
};

/// What a stage of encoding made of a text, to be shown.
struct TokenizerStage {
    struct Piece {
        std::string text;
        SourceSpan span;       ///< characters of the source
        std::int32_t id = -1;  ///< tokens only
    };
    std::string role;  ///< source, normalizer, pre_tokenizer, model, post_processor
    std::string name;  ///< "clean_text", "BertPreTokenizer", "WordPiece", ...
    std::vector<Piece> pieces;
};

/// A text to ids and back, with the results of Hugging Face's `tokenizers` for the same parts. Encoding remembers short
/// words, so one object must not be used by two threads at once.
class Tokenizer {
  public:
    explicit Tokenizer(TokenizerParts parts) : parts_(std::move(parts)) {}

    const TokenizerParts& parts() const { return parts_; }
    const TokenizerModel& model() const { return parts_.model; }
    const Vocabulary& vocabulary() const;
    void add_tokens(const std::vector<AddedToken>& tokens);

    /// Error(malformed) when the text is not UTF-8.
    Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
    Encoding encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options = {}) const;
    /// The ids of encode(), quicker where the model is a byte-level BPE.
    std::vector<std::int32_t> encode_ids(std::string_view text, bool add_special_tokens = true) const;

    /// Ids without a piece are passed over, as in the reference.
    std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens = false) const;
    /// The piece of an id, of the model or an added token; none where there is none.
    std::optional<std::string> piece(std::int32_t id) const;

    /// Every stage that the text goes through, each with its pieces and where they come from.
    std::vector<TokenizerStage> stages(std::string_view text) const;

    /// Counts the words of a corpus, each line (with its end) a text of its own, as training takes them.
    WordCounts count_words(std::string_view corpus) const;

  private:
    SplitText split_text(std::string_view text) const;
    Encoding encode_one(std::string_view text, const EncodeOptions& options) const;
    std::vector<Token> encode_word(std::string_view word, const EncodeOptions& options) const;
    ByteBpeEncoder* fast_encoder() const;

    TokenizerParts parts_;
    mutable std::shared_ptr<ByteBpeEncoder> fast_;
    mutable const void* fast_for_ = nullptr;  // the model that fast_ was made for; copies and moves change it
};

}  // namespace glassformer
