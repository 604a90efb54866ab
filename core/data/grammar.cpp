#include "data/grammar.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/math.h"
#include "data/lexicon.h"

namespace glassformer {

using namespace lexicon;

namespace {

const Noun& noun_of(const Entity& entity) { return nouns[static_cast<std::size_t>(entity.noun)]; }
const Verb& verb_of(const Meaning& meaning) { return verbs[static_cast<std::size_t>(meaning.verb)]; }

int pick(const std::vector<int>& from, Rng& rng) { return from[rng.integer(static_cast<std::uint32_t>(from.size()))]; }

/// What the verb takes as its object, other than the subject itself.
std::vector<int> objects_of(const Verb& verb, int subject) {
    std::vector<int> found = nouns_of(verb.objects, verb.topic);
    std::erase(found, subject);
    return found;
}

Entity draw_entity(const std::vector<int>& from, const GrammarTask& task, Rng& rng) {
    Entity entity{pick(from, rng), static_cast<Determiner>(rng.integer(3)), -1};
    if (rng.uniform() < task.adjective) entity.adjective = pick(adjectives_of(noun_of(entity).kind), rng);
    return entity;
}

double log_of(double p) { return p > 0.0 ? log(p) : -std::numeric_limits<double>::infinity(); }

/// ln of the chance of `value` when one of `options` is drawn evenly.
double log_even(const std::vector<int>& options, int value) {
    const bool there = std::find(options.begin(), options.end(), value) != options.end();
    return there ? -log(static_cast<double>(options.size())) : -std::numeric_limits<double>::infinity();
}

double log_entity(const Entity& entity, const std::vector<int>& from, const GrammarTask& task) {
    double result = log_even(from, entity.noun) - log(3.0);
    if (entity.adjective < 0) return result + log_of(1.0 - static_cast<double>(task.adjective));
    return result + log_of(task.adjective) + log_even(adjectives_of(noun_of(entity).kind), entity.adjective);
}

double entropy_of_choice(double p) { return entropy_of(std::vector<double>{p, 1.0 - p}); }

/// Determiner and adjective beside one of these nouns, drawn evenly, and the noun itself.
double entity_entropy(const std::vector<int>& from, const GrammarTask& task) {
    double adjective = 0.0;
    for (const int noun : from) {
        const auto options = adjectives_of(nouns[static_cast<std::size_t>(noun)].kind).size();
        adjective += log(static_cast<double>(options)) / static_cast<double>(from.size());
    }
    return log(static_cast<double>(from.size())) + log(3.0) + entropy_of_choice(task.adjective) +
           task.adjective * adjective;
}

double verb_entropy(const Verb& verb, const GrammarTask& task) {
    const std::vector<int> subjects = nouns_of(verb.subjects);
    double result = entity_entropy(subjects, task);
    if (verb.objects == 0) return result;
    for (const int subject : subjects) {
        result += entity_entropy(objects_of(verb, subject), task) / static_cast<double>(subjects.size());
    }
    return result;
}

}  // namespace

int noun_count() { return static_cast<int>(nouns.size()); }
int verb_count() { return static_cast<int>(verbs.size()); }
int adjective_count() { return static_cast<int>(adjectives.size()); }
int place_count() { return static_cast<int>(places.size()); }
bool is_transitive(int verb) { return verbs.at(static_cast<std::size_t>(verb)).objects != 0; }

int topic_of(const Meaning& meaning) {
    const int topic = verb_of(meaning).topic;
    return topic == topic_other && meaning.object ? noun_of(*meaning.object).topic : topic;
}

const char* topic_name(int topic, Language language) {
    const Place& name = topics.at(static_cast<std::size_t>(topic));
    return language == Language::zh ? name.zh : name.en;
}

Meaning draw_meaning(const GrammarTask& task, Rng& rng) {
    for (const float chance : {task.transitive, task.adjective, task.place, task.past, task.negation}) {
        require_within("probability", chance, 0, 1);
    }
    Meaning meaning;
    meaning.verb = pick(verbs_of(rng.uniform() < task.transitive), rng);
    const Verb& verb = verb_of(meaning);
    meaning.subject = draw_entity(nouns_of(verb.subjects), task, rng);
    if (verb.objects != 0) meaning.object = draw_entity(objects_of(verb, meaning.subject.noun), task, rng);
    meaning.past = rng.uniform() < task.past;
    meaning.negated = rng.uniform() < task.negation;
    if (rng.uniform() < task.place) meaning.place = static_cast<int>(rng.integer(places.size()));
    return meaning;
}

double log_probability(const Meaning& meaning, const GrammarTask& task) {
    const auto inside = [](int index, std::size_t size) { return index >= 0 && index < static_cast<int>(size); };
    const bool known = inside(meaning.verb, verbs.size()) && inside(meaning.subject.noun, nouns.size()) &&
                       (!meaning.object || inside(meaning.object->noun, nouns.size())) &&
                       meaning.place < static_cast<int>(places.size());
    if (!known) return -std::numeric_limits<double>::infinity();
    const Verb& verb = verb_of(meaning);
    const bool transitive = verb.objects != 0;
    if (transitive != meaning.object.has_value()) return -std::numeric_limits<double>::infinity();
    const auto chance = [](bool happened, double p) { return log_of(happened ? p : 1.0 - p); };
    double result = chance(transitive, task.transitive) + log_even(verbs_of(transitive), meaning.verb) +
                    log_entity(meaning.subject, nouns_of(verb.subjects), task) + chance(meaning.past, task.past) +
                    chance(meaning.negated, task.negation) + chance(meaning.place >= 0, task.place);
    if (meaning.object) result += log_entity(*meaning.object, objects_of(verb, meaning.subject.noun), task);
    if (meaning.place >= 0) result -= log(static_cast<double>(places.size()));
    return result;
}

double grammar_entropy(const GrammarTask& task) {
    double result = entropy_of_choice(task.transitive) + entropy_of_choice(task.past) +
                    entropy_of_choice(task.negation) + entropy_of_choice(task.place) +
                    task.place * log(static_cast<double>(places.size()));
    for (const bool transitive : {true, false}) {
        const double share = transitive ? task.transitive : 1.0 - static_cast<double>(task.transitive);
        const std::vector<int> of = verbs_of(transitive);
        double mean = log(static_cast<double>(of.size()));
        for (const int verb : of) {
            mean += verb_entropy(verbs[static_cast<std::size_t>(verb)], task) / static_cast<double>(of.size());
        }
        result += share * mean;
    }
    return result;
}

double overlap(const Meaning& a, const Meaning& b) {
    const auto parts = [](const Meaning& meaning) {
        std::set<std::pair<int, int>> found{{part_verb, meaning.verb}, {part_end, meaning.past ? 1 : 0}};
        const auto add = [&](const Entity& entity, int noun, int adjective, int count) {
            found.insert({noun, entity.noun});
            found.insert({count, static_cast<int>(entity.determiner)});
            if (entity.adjective >= 0) found.insert({adjective, entity.adjective});
        };
        add(meaning.subject, part_subject, part_subject_adjective, part_subject_count);
        if (meaning.object) add(*meaning.object, part_object, part_object_adjective, part_object_count);
        if (meaning.place >= 0) found.insert({part_place, meaning.place});
        if (meaning.negated) found.insert({part_negation, 1});
        return found;
    };
    const std::set<std::pair<int, int>> of_a = parts(a), of_b = parts(b);
    const auto common = std::count_if(of_a.begin(), of_a.end(), [&](const auto& part) { return of_b.contains(part); });
    return static_cast<double>(common) /
           static_cast<double>(of_a.size() + of_b.size() - static_cast<std::size_t>(common));
}

SentencePair draw_sentence_pair(const GrammarTask& task, Rng& rng) {
    SentencePair pair{draw_meaning(task, rng), {}, rng.integer(2) == 1};
    do {
        pair.second = draw_meaning(task, rng);
    } while ((pair.second.subject.noun == pair.first.subject.noun) != pair.is_next);
    pair.second.subject.determiner = Determiner::the;
    if (pair.is_next && pair.first.place >= 0) pair.second.place = pair.first.place;
    return pair;
}

TokenBatch translation_batch(const GrammarTask& task, Language source, int batch, Rng& rng) {
    require_within("batch", batch, 1, 65536);
    const Language target = source == Language::zh ? Language::en : Language::zh;
    std::vector<std::vector<std::int32_t>> sources, targets;
    std::size_t longest_source = 0, longest_target = 0, words = 0;
    for (int b = 0; b < batch; ++b) {
        const Meaning meaning = draw_meaning(task, rng);
        sources.push_back(word_ids(render(meaning, source), grammar_vocabulary(source)));
        targets.push_back(word_ids(render(meaning, target), grammar_vocabulary(target)));
        targets.back().push_back(end_id);
        longest_source = std::max(longest_source, sources.back().size());
        longest_target = std::max(longest_target, targets.back().size());
        words += targets.back().size();
    }
    const auto n = static_cast<std::int64_t>(longest_source), m = static_cast<std::int64_t>(longest_target);
    TokenBatch result{IntTensor({batch, n}, padding_id), IntTensor({batch, m}, padding_id), BoolTensor({batch, m}), 0.0,
                      grammar_entropy(task) * batch / static_cast<double>(words)};
    for (std::int64_t b = 0; b < batch; ++b) {
        const auto& from = sources[static_cast<std::size_t>(b)];
        const auto& to = targets[static_cast<std::size_t>(b)];
        std::copy(from.begin(), from.end(), result.inputs.row(b).begin());
        std::copy(to.begin(), to.end(), result.targets.row(b).begin());
        std::fill_n(result.mask.row(b).begin(), to.size(), std::uint8_t{1});
    }
    return result;
}

std::vector<double> sampling_shares(const std::vector<double>& sentences, double alpha) {
    require_within("alpha", alpha, 0, 1);
    std::vector<double> shares;
    double sum = 0.0;
    for (const double count : sentences) {
        require_within("sentences", count, 1, 1e15);
        shares.push_back(exp(alpha * log(count)));
        sum += shares.back();
    }
    for (double& share : shares) share /= sum;
    return shares;
}

}  // namespace glassformer
