#pragma once

#include "data/batch.h"

/// Tasks on token sequences for encoder-decoders and causal models. All symbols are independent and uniform, so that
/// nothing but the rule can be learned.
namespace glassformer {

/// Independent uniform tokens, to be predicted one ahead: inputs x_1 ... x_n, targets x_2 ... x_{n+1}. Nothing can be
/// learned: floor = blind = ln(vocabulary). Any loss below it is a leak.
struct UniformTokens {
    int length = 16;      ///< 1 ... 4096
    int vocabulary = 16;  ///< 2 ... 65536
};
TokenBatch uniform_tokens(const UniformTokens& task, int batch, Rng& rng);

/// y = rule(x), as long as x.
enum class Rule {
    copy,         ///< y_t = x_t
    reverse,      ///< y_t = x_{n+1-t}: earlier answers do not help
    running_sum,  ///< y_t = (y_{t-1} + x_t) mod vocabulary, y_0 = 0: the answer before is all that is needed of the
                  ///< past
};
struct Transduction {
    Rule rule = Rule::reverse;
    int length = 8;       ///< 1 ... 4096
    int vocabulary = 10;  ///< 2 ... 65536; the plan's running sum is mod 6
};
/// floor 0; without the source every answer is uniform: blind = ln(vocabulary).
TokenBatch transductions(const Transduction& task, int batch, Rng& rng);
/// The right answers to any inputs [batch, length]. Error(out_of_range) for a token outside the vocabulary.
IntTensor apply_rule(const Transduction& task, const IntTensor& inputs);

/// Something seen earlier must be reported at every place of one stream; a causal model sees enough.
enum class Recall {
    previous,       ///< the token one back
    two_back,       ///< two back
    offset3,        ///< three back
    latest_marked,  ///< the symbol of the nearest marked token so far, this one included
};
struct RecallTask {
    Recall recall = Recall::previous;
    int length = 16;         ///< 4 ... 65536
    int symbols = 8;         ///< 2 ... 32768
    float mark_rate = 0.2F;  ///< latest_marked: share of marked tokens, 0.01 ... 1
};
/// Ids: symbol, or symbols + symbol for a marked one (latest_marked only).
int recall_vocabulary(const RecallTask& task);
/// Places without an answer (too near the start, nothing marked yet) do not count. floor 0, blind ln(symbols).
TokenBatch recalls(const RecallTask& task, int batch, Rng& rng);

/// One token of n is marked; its symbol is the one answer. Ids as in latest_marked. floor 0, blind ln(symbols).
struct MarkedToken {
    int length = 8;   ///< 1 ... 4096
    int symbols = 8;  ///< 2 ... 32768
};
TokenBatch marked_tokens(const MarkedToken& task, int batch, Rng& rng);

/// The three-route look-up (plan, 4-08): source [p, x_1 ... x_items], target [case, |, y], y = x_p written in that
/// case. Only y counts. It needs all three attentions: cross (x), encoder self (from p to x_p), decoder self (the
/// case).
struct Lookup {
    int items = 5;    ///< 1 ... 64
    int symbols = 8;  ///< 2 ... 1024
};
/// Source ids: pointers 0 ... items - 1, then symbols. Target ids: lower 0, upper 1, bar 2, then the symbols in lower
/// case, then in upper case, last the start token for the shifted decoder input.
int lookup_source_vocabulary(const Lookup& task);
int lookup_target_vocabulary(const Lookup& task);
TokenBatch lookups(const Lookup& task, int batch, Rng& rng);
/// What is out of reach of the one who predicts y.
enum class LookupHidden {
    nothing,       ///< floor 0
    source,        ///< no cross-attention: ln(symbols)
    target_case,   ///< no decoder self-attention: ln 2
    pointer_link,  ///< the source as a bag, not which item is asked: no encoder self-attention, one decoder layer
};
/// pointer_link: E[H(shares of the items' symbols)], a limit of one decoder layer, not of every model (plan, 4-08).
double lookup_floor(const Lookup& task, LookupHidden hidden);

/// All 2^bits rows, each with the parity of its bits as the one answer. Any proper subset of the bits says nothing:
/// floor 0, blind ln 2. 1 ... 16 bits.
TokenBatch parity_rows(int bits);

/// Keys and values in pairs, and queries that must return the value stored under their key (plan, 2-01).
struct AssociativeRecall {
    IntTensor keys;     ///< [batch, pairs], distinct within a row
    IntTensor values;   ///< [batch, pairs]
    IntTensor queries;  ///< [batch, queries], each one of the row's keys
    IntTensor targets;  ///< [batch, queries]
};
AssociativeRecall associative_recall(int pairs, int queries, int vocabulary, int batch, Rng& rng);

}  // namespace glassformer
