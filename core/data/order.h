#pragma once

#include <string>
#include <vector>

#include "data/batch.h"

/// Tasks that only order decides, and relations between places.
namespace glassformer {

enum class OrderTask {
    first_symbol,  ///< does symbol 0 come before symbol 1? The partner has the two exchanged
    mirror,        ///< the same; the partner is the sequence read backwards
    toy_roles,  ///< "asked noun, noun, verb, noun": is the asked one the subject? The partner has the nouns exchanged
};
struct OrderPairs {
    OrderTask task = OrderTask::first_symbol;
    int length = 8;      ///< 2 ... 512; toy_roles: always 4
    int vocabulary = 8;  ///< 3 ... 65536; toy_roles: as many as there are words
};
/// Rows 2i and 2i + 1 are permutations of each other with opposite answers, so a model blind to order gives both the
/// same logits: accuracy exactly 1/2 and loss at least ln 2, whatever the training. floor 0, blind ln 2.
TokenBatch order_pairs(const OrderPairs& task, int pairs, Rng& rng);
/// The words of toy_roles by id: Chinese nouns and verbs, then English ones. A sentence keeps to one language.
const std::vector<std::string>& role_words();

/// Whom place i of n attends to, each place with k partners: [n, k].
enum class Relation {
    next_cyclic,      ///< i + 1 mod n (k = 1)
    mirror,           ///< n - 1 - i (k = 1)
    next_neighbours,  ///< i + 1 ... i + k mod n
};
IntTensor relation_targets(Relation relation, int n, int k = 1);

}  // namespace glassformer
