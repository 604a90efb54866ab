// Meanings as sentences and back. The reader builds the one meaning that the words could have and renders it: the
// sentence is right exactly when that gives the same words, so reader and writer cannot disagree.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/grammar.h"
#include "data/lexicon.h"

namespace glassformer {

using namespace lexicon;

namespace {

const Noun& noun_of(const Entity& entity) { return nouns[static_cast<std::size_t>(entity.noun)]; }

/// The parts of an entity as subject or object.
struct EntityParts {
    int noun, adjective, count;
    WordRole role;
};
constexpr EntityParts subject_parts{part_subject, part_subject_adjective, part_subject_count, WordRole::subject};
constexpr EntityParts object_parts{part_object, part_object_adjective, part_object_count, WordRole::object};

void add_chinese(Sentence& sentence, const Entity& entity, const EntityParts& parts) {
    const Noun& noun = noun_of(entity);
    if (entity.determiner != Determiner::the) {
        sentence.push_back({entity.determiner == Determiner::a ? "一" : "两", WordRole::modifier, parts.count});
        sentence.push_back({noun.measure, WordRole::function, parts.count});
    }
    if (entity.adjective >= 0) {
        sentence.push_back(
            {adjectives[static_cast<std::size_t>(entity.adjective)].zh, WordRole::modifier, parts.adjective});
        sentence.push_back({"的", WordRole::function, parts.adjective});
    }
    sentence.push_back({noun.zh, parts.role, parts.noun});
}

void add_english(Sentence& sentence, const Entity& entity, const EntityParts& parts) {
    const bool plural = entity.determiner == Determiner::two;
    const std::string noun = plural ? noun_of(entity).plural : noun_of(entity).singular;
    const std::string adjective =
        entity.adjective >= 0 ? adjectives[static_cast<std::size_t>(entity.adjective)].en : "";
    if (entity.determiner == Determiner::the) {
        sentence.push_back({"the", WordRole::function, parts.noun});
    } else {
        const bool vowel = std::string("aeiou").find((adjective + noun)[0]) != std::string::npos;
        sentence.push_back({plural ? "two" : vowel ? "an" : "a", WordRole::modifier, parts.count});
    }
    if (!adjective.empty()) sentence.push_back({adjective, WordRole::modifier, parts.adjective});
    sentence.push_back({noun, parts.role, parts.noun});
}

Sentence chinese(const Meaning& meaning) {
    Sentence sentence;
    add_chinese(sentence, meaning.subject, subject_parts);
    if (meaning.negated) sentence.push_back({meaning.past ? "没有" : "不", WordRole::modifier, part_negation});
    if (meaning.place >= 0) {
        sentence.push_back({"在", WordRole::function, part_place});
        sentence.push_back({places[static_cast<std::size_t>(meaning.place)].zh, WordRole::place, part_place});
        sentence.push_back({"里", WordRole::function, part_place});
    }
    sentence.push_back({verbs[static_cast<std::size_t>(meaning.verb)].zh, WordRole::verb, part_verb});
    if (meaning.past && !meaning.negated) sentence.push_back({"了", WordRole::function, part_verb});
    if (meaning.object) add_chinese(sentence, *meaning.object, object_parts);
    sentence.push_back({"。", WordRole::function, part_end});
    return sentence;
}

Sentence english(const Meaning& meaning) {
    const Verb& verb = verbs[static_cast<std::size_t>(meaning.verb)];
    const bool plural = meaning.subject.determiner == Determiner::two;
    Sentence sentence;
    add_english(sentence, meaning.subject, subject_parts);
    if (meaning.negated) {
        sentence.push_back({meaning.past ? "did" : plural ? "do" : "does", WordRole::function, part_verb});
        sentence.push_back({"not", WordRole::modifier, part_negation});
    }
    const bool base = meaning.negated || (plural && !meaning.past);
    sentence.push_back({base ? verb.base : meaning.past ? verb.past : verb.third, WordRole::verb, part_verb});
    if (meaning.object) add_english(sentence, *meaning.object, object_parts);
    if (meaning.place >= 0) {
        sentence.push_back({"in", WordRole::function, part_place});
        sentence.push_back({"the", WordRole::function, part_place});
        sentence.push_back({places[static_cast<std::size_t>(meaning.place)].en, WordRole::place, part_place});
    }
    sentence.push_back({".", WordRole::function, part_end});
    return sentence;
}

/// Looks at the words one after the other.
class Reader {
  public:
    Reader(const std::vector<std::string>& words, Language language) : words_(words), zh_(language == Language::zh) {}

    bool take(const char* word) {
        if (at_ >= words_.size() || words_[at_] != word) return false;
        ++at_;
        return true;
    }

    /// The index of the entry one of whose words comes next; -1 if none.
    template <typename List, typename Words>
    int take_any(const List& list, Words words_of) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            for (const char* word : words_of(list[i])) {
                if (take(word)) return static_cast<int>(i);
            }
        }
        return -1;
    }

    std::optional<Entity> entity() {
        Entity entity;
        if (zh_) {
            const bool one = take("一"), two = !one && take("两");
            if (one || two) entity.determiner = one ? Determiner::a : Determiner::two;
            if (one || two) take_any(nouns, [](const Noun& noun) { return std::array{noun.measure}; });
        } else {
            const bool one = take("a") || take("an"), two = !one && take("two");
            if (one || two) entity.determiner = one ? Determiner::a : Determiner::two;
            if (!one && !two && !take("the")) return std::nullopt;
        }
        entity.adjective = take_any(
            adjectives, [&](const Adjective& adjective) { return std::array{zh_ ? adjective.zh : adjective.en}; });
        if (zh_) take("的");
        entity.noun = take_any(nouns, [&](const Noun& noun) {
            return zh_ ? std::array{noun.zh, noun.zh} : std::array{noun.singular, noun.plural};
        });
        if (entity.noun < 0) return std::nullopt;
        return entity;
    }

    int place() {
        if (!take(zh_ ? "在" : "in")) return -1;
        if (!zh_) take("the");
        const int place = take_any(places, [&](const Place& one) { return std::array{zh_ ? one.zh : one.en}; });
        if (zh_) take("里");
        return place;
    }

    bool verb(Meaning& meaning) {
        if (zh_) {
            meaning.verb = take_any(verbs, [](const Verb& verb) { return std::array{verb.zh}; });
            meaning.past |= take("了");
            return meaning.verb >= 0;
        }
        for (const char* helper : {"do", "does", "did"}) {
            if (!take(helper)) continue;
            meaning.past = helper[1] == 'i';
            meaning.negated = take("not");
        }
        const std::size_t before = at_;
        meaning.verb = take_any(verbs, [](const Verb& verb) { return std::array{verb.base, verb.third, verb.past}; });
        if (meaning.verb < 0) return false;
        meaning.past |= words_[before] == verbs[static_cast<std::size_t>(meaning.verb)].past;
        return true;
    }

    std::optional<Meaning> meaning() {
        Meaning meaning;
        const std::optional<Entity> subject = entity();
        if (!subject) return std::nullopt;
        meaning.subject = *subject;
        if (zh_) {
            meaning.negated = take("不");
            if (!meaning.negated && take("没有")) meaning.negated = meaning.past = true;
            meaning.place = place();
        }
        if (!verb(meaning)) return std::nullopt;
        if (at_ < words_.size()) meaning.object = entity();
        if (!zh_) meaning.place = place();
        return meaning;
    }

  private:
    const std::vector<std::string>& words_;
    bool zh_;
    std::size_t at_ = 0;
};

/// Every meaning that anyone may utter.
constexpr GrammarTask anything{0.5F, 0.5F, 0.5F, 0.5F, 0.5F};

Vocabulary make_vocabulary(bool zh, bool en) {
    Vocabulary vocabulary;
    for (const char* special : {"[PAD]", "[START]", "[END]", "[MASK]", "[CLS]", "[SEP]"}) vocabulary.add(special);
    const auto add = [&](bool wanted, std::initializer_list<const char*> words) {
        if (!wanted) return;
        for (const char* word : words) vocabulary.add(word);
    };
    add(zh, {"。", "一", "两", "的", "在", "里", "了", "不", "没有"});
    add(en, {".", "the", "a", "an", "two", "in", "do", "does", "did", "not"});
    for (const Noun& noun : nouns) {
        add(zh, {noun.measure, noun.zh});
        add(en, {noun.singular, noun.plural});
    }
    for (const Verb& verb : verbs) {
        add(zh, {verb.zh});
        add(en, {verb.base, verb.third, verb.past});
    }
    for (const Adjective& adjective : adjectives) {
        add(zh, {adjective.zh});
        add(en, {adjective.en});
    }
    for (const Place& place : places) {
        add(zh, {place.zh});
        add(en, {place.en});
    }
    return vocabulary;
}

}  // namespace

Sentence render(const Meaning& meaning, Language language) {
    if (!std::isfinite(log_probability(meaning, anything))) {
        throw Error(ErrorKind::out_of_range,
                    {"语法里没有这个意思：词不在词表中，或者搭配不当。",
                     "The grammar cannot say this: a word is not in the lexicon, or they do not go together."},
                    "meaning");
    }
    return language == Language::zh ? chinese(meaning) : english(meaning);
}

std::string written(const Sentence& sentence, Language language) {
    std::string text;
    for (const SaidWord& word : sentence) {
        if (language == Language::en && !text.empty() && word.text != ".") text += ' ';
        text += word.text;
    }
    if (language == Language::en && !text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

std::optional<Meaning> understand(const std::vector<std::string>& words, Language language) {
    std::vector<std::string> given = words;
    const char* end = language == Language::zh ? "。" : ".";
    if (!given.empty() && given.back() == end) given.pop_back();
    if (given.empty() || given.size() > 30) return std::nullopt;
    const std::optional<Meaning> meaning = Reader(given, language).meaning();
    if (!meaning || !std::isfinite(log_probability(*meaning, anything))) return std::nullopt;
    const Sentence sentence = render(*meaning, language);
    const bool same = sentence.size() == given.size() + 1 &&
                      std::equal(given.begin(), given.end(), sentence.begin(),
                                 [](const std::string& text, const SaidWord& word) { return text == word.text; });
    return same ? meaning : std::nullopt;
}

std::vector<std::pair<int, int>> alignment(const Sentence& a, const Sentence& b) {
    std::vector<std::pair<int, int>> pairs;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < b.size(); ++j) {
            if (a[i].part == b[j].part) pairs.emplace_back(static_cast<int>(i), static_cast<int>(j));
        }
    }
    return pairs;
}

const Vocabulary& grammar_vocabulary(std::optional<Language> language) {
    static const Vocabulary zh = make_vocabulary(true, false), en = make_vocabulary(false, true),
                            both = make_vocabulary(true, true);
    return !language ? both : *language == Language::zh ? zh : en;
}

std::vector<std::int32_t> word_ids(const Sentence& sentence, const Vocabulary& vocabulary) {
    std::vector<std::int32_t> ids;
    for (const SaidWord& word : sentence) {
        const std::optional<std::int32_t> id = vocabulary.find(word.text);
        if (!id) {
            throw Error(ErrorKind::unknown_name,
                        {"词表里没有“" + word.text + "”。", "The vocabulary has no \"" + word.text + "\"."}, "word");
        }
        ids.push_back(*id);
    }
    return ids;
}

}  // namespace glassformer
