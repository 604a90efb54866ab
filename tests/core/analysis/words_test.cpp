#include "analysis/words.h"

#include <numeric>

#include "analysis/probes.h"
#include "analysis_support.h"
#include "base/error.h"
#include "data/corpora.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

WordIds both(const WordIds& a, const WordIds& b) {
    WordIds all = a;
    all.insert(all.end(), b.begin(), b.end());
    return all;
}

/// Vectors of a corpus and the sets that WEAT compares.
struct Space {
    AssociationCorpus corpus;
    DoubleTensor vectors;
    Weat test(const DoubleTensor& v) const {
        return weat(v, corpus.occupation[0], corpus.occupation[1], corpus.gender[0], corpus.gender[1]);
    }
};

Space space_of(float strength, std::uint64_t seed, bool swapped = false) {
    Rng rng(seed);
    Space space{association_corpus({.sentences = 3000, .strength = strength}, Language::en, rng), {}};
    const IntTensor sentences = swapped ? counterfactual(space.corpus) : space.corpus.sentences;
    const auto vocabulary = static_cast<int>(space.corpus.words.size());
    space.vectors = svd_vectors(positive_pmi(cooccurrence(sentences, vocabulary)), 16);
    return space;
}

/// Can a probe fitted on half of the occupations still tell the groups of the other half apart?
double held_out_probe(const Space& space, const DoubleTensor& vectors) {
    DoubleTensor train({20, vectors.extent(1)}), test({20, vectors.extent(1)});
    IntTensor labels({20});
    for (int g = 0; g < 2; ++g) {
        for (int i = 0; i < 20; ++i) {
            const auto row = vectors.row(space.corpus.occupation[g][static_cast<std::size_t>(i)]);
            std::copy(row.begin(), row.end(), (i < 10 ? train : test).row(10 * g + i % 10).begin());
        }
        for (int i = 0; i < 10; ++i) labels[10 * g + i] = g;
    }
    return accuracy(predict_binary(logistic(train, labels, 0.1), test), labels);
}

}  // namespace

TEST_CASE("counts and PMI by hand") {
    const IntTensor sentences({2, 3}, std::vector<std::int32_t>{0, 1, 2, 0, 1, 1});
    const DoubleTensor counts = cooccurrence(sentences, 4);
    CHECK(counts(0, 1) == 3.0);
    CHECK(counts(1, 0) == 3.0);
    CHECK(counts(1, 1) == 2.0);
    CHECK(counts(0, 2) == 1.0);
    CHECK(counts(3, 3) == 0.0);
    CHECK(sum(counts) == 12.0);  // 6 ordered pairs a sentence
    const DoubleTensor pmi = positive_pmi(counts);
    CHECK(pmi(0, 1) == Approx(std::log(3.0 * 12 / (4 * 6))));  // row sums 4, 6, 2
    CHECK(pmi(0, 2) == Approx(std::log(1.0 * 12 / (4 * 2))));
    CHECK(pmi(1, 1) == 0.0);  // ln(24 / 36) < 0
    CHECK(pmi(0, 0) == 0.0);
    CHECK_THROWS_AS(cooccurrence(sentences, 2), Error);
}

TEST_CASE("vectors by SVD reproduce a positive matrix of that rank") {
    const DoubleTensor x = normal_points(10, 3, 1);
    const DoubleTensor gram = matmul(x, x, Transpose::no, Transpose::yes);
    const DoubleTensor v = svd_vectors(gram, 3);
    CHECK(max_abs_difference(matmul(v, v, Transpose::no, Transpose::yes), gram) < 1e-9);
    CHECK_THROWS_AS(svd_vectors(gram, 11), Error);
}

TEST_CASE("WEAT by hand, and its bounds") {
    // Words 0 and 1 along a, 2 and 3 along b; attributes 4 = a, 5 = b.
    const DoubleTensor v({6, 2}, std::vector<double>{1, 0, 2, 0, 0, 1, 0, 3, 1, 0, 0, 1});
    const Weat found = weat(v, {0, 1}, {2, 3}, {4}, {5});
    CHECK(found.statistic == Approx(2.0));    // s = 1 against -1
    CHECK(found.effect_size == Approx(2.0));  // the greatest there is
    CHECK(association(v, 0, {4}, {5}) == Approx(1.0));
    const Weat none = weat(v, {0}, {1}, {4}, {5});
    CHECK(none.statistic == Approx(0.0).margin(1e-12));
    CHECK(std::isnan(none.effect_size));
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const DoubleTensor random = normal_points(20, 4, seed);
        const Weat any = weat(random, {0, 1, 2}, {3, 4, 5}, {6, 7}, {8, 9});
        CHECK(std::fabs(any.effect_size) <= 2.0);
    }
    CHECK_THROWS_AS(weat(v, {}, {1}, {4}, {5}), Error);
    CHECK_THROWS_AS(weat(v, {9}, {1}, {4}, {5}), Error);
}

TEST_CASE("debiasing does what it promises to the geometry") {
    const Space space = space_of(0.6F, 1);
    const DoubleTensor subspace = bias_subspace(space.vectors, space.corpus.gender[0], space.corpus.gender[1], 1);
    CHECK(frobenius_norm(subspace) == Approx(1.0));
    const WordIds jobs = both(space.corpus.occupation[0], space.corpus.occupation[1]);
    const DoubleTensor neutral = neutralise(unit_rows(space.vectors), subspace, jobs);
    for (const std::int32_t job : jobs) {
        double along = 0.0;
        for (std::int64_t j = 0; j < 16; ++j) along += neutral(job, j) * subspace(0, j);
        CHECK(std::fabs(along) < 1e-12);
    }
    const DoubleTensor equal = equalise(neutral, subspace, space.corpus.gender[0], space.corpus.gender[1]);
    const DoubleTensor cosines = cosine_map(equal);
    for (std::size_t k = 0; k < space.corpus.gender[0].size(); ++k) {
        double square = 0.0;
        for (const double x : equal.row(space.corpus.gender[0][k])) square += x * x;
        CHECK(square == Approx(1.0).epsilon(1e-9));
        for (const std::int32_t job : jobs) {
            CHECK(cosines(job, space.corpus.gender[0][k]) ==
                  Approx(cosines(job, space.corpus.gender[1][k])).margin(1e-9));
        }
    }
    CHECK_THROWS_AS(equalise(neutral, subspace, {0, 1}, {2}), Error);
    CHECK_THROWS_AS(bias_subspace(space.vectors, {}, {}, 1), Error);
}

TEST_CASE("the trap of the lesson: WEAT goes to zero, a probe still knows the groups") {
    const Space space = space_of(0.6F, 2);
    const Weat raw = space.test(space.vectors);
    CHECK(raw.effect_size > 1.2);
    CHECK(std::fabs(space_of(0.0F, 3).test(space_of(0.0F, 3).vectors).effect_size) < 1.4);
    const DoubleTensor subspace = bias_subspace(space.vectors, space.corpus.gender[0], space.corpus.gender[1], 1);
    const WordIds jobs = both(space.corpus.occupation[0], space.corpus.occupation[1]);
    const DoubleTensor hard = equalise(neutralise(unit_rows(space.vectors), subspace, jobs), subspace,
                                       space.corpus.gender[0], space.corpus.gender[1]);
    CHECK(std::fabs(space.test(hard).statistic) < 1e-9);
    CHECK(held_out_probe(space, hard) > 0.8);
    const Space swapped = space_of(0.6F, 2, true);
    CHECK(std::fabs(swapped.test(swapped.vectors).statistic) < 1e-4);
    CHECK(held_out_probe(swapped, swapped.vectors) > 0.8);
}

TEST_CASE("all but the top: centred, the leading directions gone, the rest untouched") {
    DoubleTensor x = normal_points(100, 6, 4);
    for (std::int64_t i = 0; i < 100; ++i) x(i, 0) = 10 * x(i, 0) + 50;
    CHECK(mean_cosine(x) > 0.8);
    const DoubleTensor cleaned = all_but_the_top(x, 1);
    CHECK(std::fabs(mean_cosine(cleaned)) < 0.06);
    CHECK(max_abs(column_means(cleaned)) < 1e-9);
    CHECK(covariance(cleaned)(0, 0) < 0.2);
    CHECK(covariance(cleaned)(3, 3) == Approx(covariance(x)(3, 3)).epsilon(0.1));
    CHECK(max_abs_difference(all_but_the_top(x, 0), centred(x)) == 0.0);
}
