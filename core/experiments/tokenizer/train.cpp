// How do BPE and WordPiece learn their pieces?  (Sennrich et al. 2016; Schuster & Nakajima 2012; Radford et al. 2019)
//
// Cut the corpus into words and the words into single units. Then, again and again: count the adjacent pairs, score
// them, merge the best one everywhere. One frame per merge. The probe text is encoded with what has been learned so
// far.

#include <algorithm>
#include <tuple>

#include "experiments/pieces.h"
#include "experiments/registry.h"
#include "tokenizer/trainer.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

struct Word {
    std::string text;
    std::int64_t count;                // how often it stands in the corpus
    std::vector<std::string> symbols;  // how it is cut at present
};
struct Pair {
    std::string left;
    std::string right;
    std::int64_t count = 0;        // adjacent positions in the corpus
    std::int64_t merges = 0;       // of them without overlap: "aaa" has two positions of (a, a) but room for one merge
    double ratio = 0.0;            // c(ab) / (c(a) c(b))
    double likelihood_gain = 0.0;  // growth of  sum c ln(c / N)  over all pieces
    double score = 0.0;            // the one that decides
};

/// Letters, bytes, or letters of which all but the first carry ##.
std::vector<std::string> units_of(const std::string& word, const std::string& algorithm) {
    std::vector<std::string> units;
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t length = algorithm == "byte_bpe" ? 1 : character_length(word, at);
        const bool continues = algorithm == "wordpiece" && at > 0;
        units.push_back((continues ? std::string(continuation) : "") + word.substr(at, length));
        at += length;
    }
    return units;
}

std::string joined(const std::string& left, const std::string& right, const std::string& algorithm) {
    const bool drop = algorithm == "wordpiece" && right.starts_with(continuation);
    return left + (drop ? right.substr(continuation.size()) : right);
}

/// All adjacent pairs of the corpus with their scores, best first; equal scores in lexicographic order.
std::vector<Pair> score_pairs(const std::vector<Word>& words, const std::string& algorithm,
                              const std::string& criterion) {
    std::map<std::string, std::int64_t> pieces;  // c(a)
    std::map<std::pair<std::string, std::string>, Pair> pairs;
    std::int64_t tokens = 0;  // N
    for (const Word& word : words) {
        std::size_t merged_until = 0;
        for (std::size_t i = 0; i < word.symbols.size(); ++i) {
            pieces[word.symbols[i]] += word.count;
            tokens += word.count;
            if (i == 0) continue;
            Pair& pair = pairs[{word.symbols[i - 1], word.symbols[i]}];
            pair.count += word.count;
            const bool overlaps = i >= 2 && merged_until == i && word.symbols[i - 2] == word.symbols[i - 1] &&
                                  word.symbols[i - 1] == word.symbols[i];
            if (overlaps) continue;
            pair.merges += word.count;
            merged_until = i + 1;
        }
    }
    std::vector<Pair> result;
    for (auto& [names, pair] : pairs) {
        std::tie(pair.left, pair.right) = names;
        const std::int64_t a = pieces[pair.left];
        const std::int64_t b = pieces[pair.right];
        const auto same_piece = pieces.find(joined(pair.left, pair.right, algorithm));
        const std::int64_t ab = same_piece == pieces.end() ? 0 : same_piece->second;
        pair.ratio = static_cast<double>(pair.count) / (static_cast<double>(a) * static_cast<double>(b));
        pair.likelihood_gain = likelihood_gain(a, b, ab, tokens, pair.merges, pair.left == pair.right);
        pair.score = criterion == "frequency" ? static_cast<double>(pair.count)
                     : criterion == "ratio"   ? pair.ratio
                                              : pair.likelihood_gain;
        result.push_back(pair);
    }
    std::stable_sort(result.begin(), result.end(), [](const Pair& x, const Pair& y) { return x.score > y.score; });
    return result;
}

/// Replaces left right by their join in every word, from the left.
void merge_everywhere(std::vector<Word>& words, const Pair& pair, const std::string& algorithm) {
    for (Word& word : words) {
        std::vector<std::string> merged;
        for (std::size_t i = 0; i < word.symbols.size(); ++i) {
            const bool here =
                i + 1 < word.symbols.size() && word.symbols[i] == pair.left && word.symbols[i + 1] == pair.right;
            merged.push_back(here ? joined(pair.left, pair.right, algorithm) : word.symbols[i]);
            if (here) ++i;
        }
        word.symbols = std::move(merged);
    }
}

std::int64_t count_tokens(const std::vector<Word>& words) {
    std::int64_t tokens = 0;
    for (const Word& word : words) tokens += word.count * static_cast<std::int64_t>(word.symbols.size());
    return tokens;
}

/// Encodes with what has been learned: BPE replays the merges by rank, WordPiece takes the longest match.
struct Encoder {
    Bpe bpe;
    WordPiece wordpiece;
    bool longest_match;

    const Vocabulary& vocabulary() const { return longest_match ? wordpiece.vocabulary() : bpe.vocabulary(); }
    void add(const std::string& piece) {
        if (longest_match)
            wordpiece.vocabulary().add(piece);
        else if (bpe.units() == Bpe::Units::characters)
            bpe.add_character(piece);
    }
    void add_merge(const Pair& pair, const std::string& piece) {
        if (longest_match)
            wordpiece.vocabulary().add(piece);
        else
            bpe.add_merge(*bpe.vocabulary().find(pair.left), *bpe.vocabulary().find(pair.right));
    }
    std::vector<Token> encode(const std::string& word, std::int64_t offset) const {
        return longest_match ? wordpiece.encode_word(word, offset) : bpe.encode_word(word, offset);
    }
};

/// The probe's words, their tokens, and what comes back.
struct Encoded {
    std::vector<Token> tokens;
    Table trace{{{"word", Column::Kind::text, {"词", "word"}},
                 {"piece", Column::Kind::text, {"片段", "piece"}},
                 {"id", Column::Kind::integer, {"id", "id"}},
                 {"rest", Column::Kind::text, {"剩下", "rest"}},
                 {"longer_in_vocabulary",
                  Column::Kind::integer,
                  {"词表里还有多少更长的前缀", "longer prefixes in the vocabulary"}}},
                {}};
    std::string decoded;
    std::int64_t unknown = 0;
    std::int64_t not_longest = 0;  // pieces for which the vocabulary has a longer prefix of the rest
};

Encoded encode_probe(const TextIndex& probe, PreTokenizer pre_tokenizer, const Encoder& encoder,
                     bool marks_continuation) {
    Encoded result;
    for (const WordSpan& span : pre_tokenize(pre_tokenizer, probe.points())) {
        const std::string word = probe.slice(span.begin, span.end);
        const std::int64_t offset = probe.byte_of(span.begin);
        const std::vector<Token> tokens = encoder.encode(word, offset);
        if (pre_tokenizer != PreTokenizer::gpt2 && !result.decoded.empty()) result.decoded += ' ';
        for (const Token& token : tokens) {
            const std::string& piece = encoder.vocabulary().piece(token.id);
            const bool unknown = piece == unknown_piece;
            const std::string rest = word.substr(static_cast<std::size_t>(token.begin - offset));
            const std::string prefix = marks_continuation && token.begin > offset ? std::string(continuation) : "";
            std::int64_t longer = 0;
            for (std::size_t length = static_cast<std::size_t>(token.end - token.begin) + 1;
                 !unknown && length <= rest.size(); ++length) {
                if (encoder.vocabulary().find(prefix + rest.substr(0, length))) ++longer;
            }
            result.not_longest += longer > 0 ? 1 : 0;
            result.unknown += unknown ? 1 : 0;
            const auto bytes = static_cast<std::size_t>(token.end - token.begin);
            result.decoded += unknown ? std::string(unknown_piece) : rest.substr(0, bytes);
            result.trace.rows.push_back({readable_piece(word), readable_piece(piece), std::int64_t{token.id},
                                         readable_piece(rest.substr(bytes)), longer});
            result.tokens.push_back(token);
        }
    }
    return result;
}

/// How the words of the corpus are cut at present, the most frequent first.
Tokens word_strips(const std::vector<Word>& words, const Vocabulary& vocabulary, bool marks_continuation) {
    std::vector<const Word*> order;
    for (const Word& word : words) order.push_back(&word);
    std::stable_sort(order.begin(), order.end(), [](const Word* a, const Word* b) { return a->count > b->count; });
    order.resize(std::min<std::size_t>(order.size(), 60));
    Tokens strips;
    for (const Word* word : order) {
        std::vector<Token> tokens;
        std::int64_t at = 0;
        for (const std::string& symbol : word->symbols) {
            const std::size_t mark = marks_continuation && at > 0 ? continuation.size() : 0;
            const auto bytes = static_cast<std::int64_t>(symbol.size() - mark);
            tokens.push_back({vocabulary.find(symbol).value_or(0), at, at + bytes});
            at += bytes;
        }
        const TextIndex source(word->text);
        strips.strips.push_back(
            {readable_piece(word->text), word->text, word->count, pieces_of(source, tokens, vocabulary)});
    }
    return strips;
}

/// Characters of the corpus that a piece of broken bytes is part of: "狗 猫".
std::string characters_with(const std::string& piece, const std::vector<Word>& words) {
    if (is_utf8(piece)) return "";
    std::string found;
    int kinds = 0;
    for (const Word& word : words) {
        const std::size_t at = word.text.find(piece);
        if (at == std::string::npos || kinds == 4) continue;
        const TextIndex source(word.text);
        const auto first = source.character_at(static_cast<std::int64_t>(at));
        const auto last = source.character_at(static_cast<std::int64_t>(at + piece.size() - 1));
        const std::string characters = source.slice(first, last + 1);
        if (found.find(characters) != std::string::npos) continue;
        found += (found.empty() ? "" : " ") + characters;
        ++kinds;
    }
    return found;
}

Table merges_table() {
    return {{{"update", Column::Kind::integer, {"第几次", "merge"}},
             {"left", Column::Kind::text, {"左", "left"}},
             {"right", Column::Kind::text, {"右", "right"}},
             {"piece", Column::Kind::text, {"合成", "piece"}},
             {"part_of", Column::Kind::text, {"属于字符", "part of"}},
             {"count", Column::Kind::integer, {"次数", "count"}},
             {"score", Column::Kind::number, {"得分", "score"}},
             {"runner_up", Column::Kind::text, {"第二名", "runner-up"}},
             {"runner_up_score", Column::Kind::number, {"第二名得分", "its score"}},
             {"saved", Column::Kind::integer, {"少了几个词元", "tokens saved"}}},
            {}};
}

Table candidates_table(const std::vector<Pair>& pairs) {
    Table table{{{"left", Column::Kind::text, {"左", "left"}},
                 {"right", Column::Kind::text, {"右", "right"}},
                 {"count", Column::Kind::integer, {"次数 c(ab)", "count c(ab)"}},
                 {"ratio", Column::Kind::number, {"比值", "ratio"}},
                 {"likelihood_gain", Column::Kind::number, {"似然增益", "likelihood gain"}}},
                {}};
    for (std::size_t i = 0; i < std::min<std::size_t>(pairs.size(), 12); ++i) {
        const Pair& pair = pairs[i];
        table.rows.push_back(
            {readable_piece(pair.left), readable_piece(pair.right), pair.count, pair.ratio, pair.likelihood_gain});
    }
    return table;
}

Table vocabulary_table(const Vocabulary& vocabulary, const std::vector<Word>& words) {
    std::map<std::string, std::int64_t> counts;
    for (const Word& word : words) {
        for (const std::string& symbol : word.symbols) counts[symbol] += word.count;
    }
    Table table{{{"id", Column::Kind::integer, {"id", "id"}},
                 {"piece", Column::Kind::text, {"片段", "piece"}},
                 {"count", Column::Kind::integer, {"语料中的个数", "count in the corpus"}}},
                {}};
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
        const std::string& piece = vocabulary.piece(id);
        const auto counted = counts.find(piece);
        const bool unused_byte = piece.size() == 1 && vocabulary.size() >= 256 && counted == counts.end();
        if (unused_byte) continue;
        table.rows.push_back(
            {std::int64_t{id}, readable_piece(piece), counted == counts.end() ? std::int64_t{0} : counted->second});
    }
    return table;
}

Run run(Arguments arguments, Context) {
    const std::string& algorithm = arguments.text("algorithm");
    const std::string& criterion = arguments.text("criterion");
    const std::string& cut = arguments.text("pre_tokenizer");
    const PreTokenizer pre_tokenizer = cut == "gpt2"   ? PreTokenizer::gpt2
                                       : cut == "bert" ? PreTokenizer::bert
                                                       : PreTokenizer::whitespace;
    const TextIndex probe(arguments.text("probe"));
    const std::int64_t limit = arguments.integer("merges");

    std::vector<Word> words;
    for (const auto& [text, count] : count_words(arguments.text("corpus"), pre_tokenizer)) {
        words.push_back({text, count, units_of(text, algorithm)});
    }
    if (words.empty()) {
        throw Error(ErrorKind::out_of_range,
                    {"语料里没有一个词：至少写一个不是空白的字符。",
                     "The corpus has no word: write at least one character that is not a space."},
                    "corpus");
    }
    Encoder encoder{
        Bpe(algorithm == "byte_bpe" ? Bpe::Units::bytes : Bpe::Units::characters), {}, algorithm == "wordpiece"};
    for (const Word& word : words) {
        for (const std::string& symbol : word.symbols) encoder.add(symbol);
    }
    const auto base_size = std::int64_t{encoder.vocabulary().size()};

    Table merges = merges_table();
    Series curve{"merge", {{0.0, static_cast<double>(count_tokens(words))}}};
    std::int64_t least_saved = count_tokens(words);
    std::int64_t best_is_not_most_frequent = 0;
    for (std::int64_t update = 0;; ++update) {
        const std::vector<Pair> pairs = score_pairs(words, algorithm, criterion);
        const std::int64_t tokens = count_tokens(words);
        const bool last = update == limit || pairs.empty();  // nothing left to merge ends it early

        Frame frame(update, last ? update : limit, [&](Values& values) {
            const Encoded encoded = encode_probe(probe, pre_tokenizer, encoder, encoder.longest_match);
            values.set("merges", merges);
            values.set("candidates", candidates_table(pairs));
            values.set("vocabulary", vocabulary_table(encoder.vocabulary(), words));
            values.set("words", word_strips(words, encoder.vocabulary(), encoder.longest_match));
            Tokens strip;
            strip.strips.push_back({"", probe.text(), 1, pieces_of(probe, encoded.tokens, encoder.vocabulary())});
            values.set("probe_tokens", strip);
            values.set("trace", encoded.trace);
            values.set("decoded", Text{encoded.decoded, encoded.decoded});
            values.set("corpus_curve", curve);
            values.set("merges_done", static_cast<double>(update));
            values.set("corpus_tokens", static_cast<double>(tokens));
            values.set("least_saved", static_cast<double>(least_saved));
            values.set("not_most_frequent", static_cast<double>(best_is_not_most_frequent));
            values.set("base_size", static_cast<double>(base_size));
            values.set("vocabulary_size", static_cast<double>(encoder.vocabulary().size()));
            values.set("probe_count", static_cast<double>(encoded.tokens.size()));
            values.set("probe_characters", static_cast<double>(probe.characters()));
            values.set("unknown_count", static_cast<double>(encoded.unknown));
            values.set("not_longest", static_cast<double>(encoded.not_longest));
            values.set("round_trip", encoded.decoded == probe.text() ? 1.0 : 0.0);
        });
        co_yield std::move(frame);
        if (last) break;

        const Pair& best = pairs.front();
        const std::string piece = joined(best.left, best.right, algorithm);
        const bool most_frequent =
            std::all_of(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.count <= best.count; });
        if (!most_frequent) ++best_is_not_most_frequent;
        merge_everywhere(words, best, algorithm);
        encoder.add_merge(best, piece);
        const std::int64_t saved = tokens - count_tokens(words);
        least_saved = std::min(least_saved, saved);
        const Pair second = pairs.size() > 1 ? pairs[1] : Pair{};
        const std::string runner_up =
            pairs.size() > 1 ? readable_piece(second.left) + " + " + readable_piece(second.right) : "";
        merges.rows.push_back({update + 1, readable_piece(best.left), readable_piece(best.right), readable_piece(piece),
                               characters_with(piece, words), best.count, best.score, runner_up, second.score, saved});
        curve.points.push_back({static_cast<double>(update + 1), static_cast<double>(tokens - saved)});
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto characters = static_cast<double>(arguments.text("corpus").size());
    // Every merge counts every pair anew: about 1000 operations a character with its maps.
    return {(static_cast<double>(arguments.integer("merges")) + 1.0) * characters * 1000.0, characters * 400.0 + 1e6};
}

const char* const sample_corpus =
    "low low low low low lower lower newest newest newest newest newest newest widest widest widest";

}  // namespace

const Experiment& tokenizer_train() {
    static const Experiment experiment{
        .id = "tokenizer.train",
        .summary = {"在你的文本上训练 BPE 与 WordPiece，一次合并一步",
                    "Train BPE and WordPiece on your own text, merge by merge"},
        .parameters = {[] {
                           Parameter corpus =
                               text_parameter("corpus", {"语料", "Corpus"},
                                              {"训练用的文本；同一个词多写几遍，次数就多几次",
                                               "The text to train on; write a word more often to raise its count"},
                                              sample_corpus, 10000);
                           corpus.minimum = 1;
                           return corpus;
                       }(),
                       text_parameter("probe", {"试编码的文本", "Probe text"},
                                      {"用目前学到的词表来编码它", "Encoded with what has been learned so far"},
                                      "lowest newer 狼", 2000),
                       enum_parameter("algorithm", {"算法", "Algorithm"},
                                      {"从什么单位出发，怎样编码", "The units it starts from and how it encodes"},
                                      "char_bpe",
                                      {{"char_bpe", {"字符 BPE", "character BPE"}},
                                       {"byte_bpe", {"字节级 BPE", "byte-level BPE"}},
                                       {"wordpiece", {"WordPiece", "WordPiece"}}}),
                       enum_parameter("criterion", {"合并准则", "Criterion"},
                                      {"先合并哪一对；得分相同按字典序",
                                       "Which pair is merged next; equal scores go in lexicographic order"},
                                      "frequency",
                                      {{"frequency", {"次数", "frequency"}},
                                       {"ratio", {"比值 c(ab)/c(a)c(b)", "ratio c(ab)/c(a)c(b)"}},
                                       {"likelihood_gain", {"似然增益", "likelihood gain"}}}),
                       enum_parameter("pre_tokenizer", {"预切分", "Pre-tokenizer"},
                                      {"合并不会跨过它的边界", "No merge crosses its borders"}, "whitespace",
                                      {{"whitespace", {"空白", "whitespace"}},
                                       {"bert", {"BERT（汉字、标点单独）", "BERT (CJK and punctuation alone)"}},
                                       {"gpt2", {"GPT-2（保留空格）", "GPT-2 (keeps spaces)"}}}),
                       work(integer_parameter("merges", {"合并次数", "Merges"},
                                              {"最多合并多少次；没有可合并的就提前结束",
                                               "At most this many; it ends early when nothing is left to merge"},
                                              8, 0, 350))},
        .outputs =
            {{"merges",
              OutputKind::table,
              {"合并记录", "The merges so far"},
              {"update", "left", "right", "piece", "part_of", "count", "score", "runner_up", "runner_up_score",
               "saved"}},
             {"candidates",
              OutputKind::table,
              {"目前得分最高的相邻对，三种准则并列", "The best pairs at present, under all three criteria"},
              {"left", "right", "count", "ratio", "likelihood_gain"}},
             {"vocabulary",
              OutputKind::table,
              {"词表（未用到的单字节略去）", "Vocabulary (unused single bytes left out)"},
              {"id", "piece", "count"}},
             {"words", OutputKind::tokens, {"语料里的词目前怎样切", "How the words of the corpus are cut at present"}},
             {"probe_tokens", OutputKind::tokens, {"试编码文本的词元", "Tokens of the probe text"}},
             {"trace",
              OutputKind::table,
              {"编码过程", "How the probe was encoded"},
              {"word", "piece", "id", "rest", "longer_in_vocabulary"}},
             {"decoded", OutputKind::text, {"解码结果", "What decoding gives back"}},
             {"corpus_curve", OutputKind::series, {"语料的词元数", "Tokens in the corpus"}, {}, Role::count},
             {"merges_done", OutputKind::scalar, {"已合并次数", "Merges so far"}, {}, Role::count},
             {"corpus_tokens", OutputKind::scalar, {"语料的词元数", "Tokens in the corpus"}, {}, Role::count},
             {"least_saved",
              OutputKind::scalar,
              {"一次合并最少减少的词元数（合并前为总数）",
               "Fewest tokens that one merge saved (their number before the first)"},
              {},
              Role::count},
             {"not_most_frequent",
              OutputKind::scalar,
              {"所选的对不是最频繁的有几次", "How often the chosen pair was not the most frequent"},
              {},
              Role::count},
             {"base_size",
              OutputKind::scalar,
              {"合并前的词表大小", "Vocabulary before the first merge"},
              {},
              Role::count},
             {"vocabulary_size", OutputKind::scalar, {"词表大小", "Vocabulary size"}, {}, Role::count},
             {"probe_count", OutputKind::scalar, {"试编码文本的词元数", "Tokens of the probe text"}, {}, Role::count},
             {"probe_characters",
              OutputKind::scalar,
              {"试编码文本的字符数", "Characters of the probe text"},
              {},
              Role::count},
             {"unknown_count", OutputKind::scalar, {"[UNK] 的个数", "Number of [UNK]"}, {}, Role::count},
             {"not_longest",
              OutputKind::scalar,
              {"不是最长前缀的片段数", "Pieces that are not the longest prefix"},
              {},
              Role::count},
             {"round_trip",
              OutputKind::scalar,
              {"解码是否还原（1 是，0 否）", "Whether decoding restores the text (1 yes, 0 no)"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
