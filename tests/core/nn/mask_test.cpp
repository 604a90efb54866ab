#include "nn/mask.h"
#include "base/error.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

/// Rows of 0 and 1, as one reads a mask.
std::string drawn(const Mask& mask, std::int64_t sequence = 0) {
    const BoolTensor keep = mask.matrix(sequence);
    std::string text;
    for (std::int64_t i = 0; i < keep.extent(0); ++i) {
        if (i > 0) text += ' ';
        for (std::int64_t j = 0; j < keep.extent(1); ++j) text += keep(i, j) != 0 ? '1' : '0';
    }
    return text;
}

}  // namespace

TEST_CASE("every mask is the relation it is named after") {
    CHECK(drawn(causal_mask(4)) == "1000 1100 1110 1111");
    CHECK(drawn(causal_mask(2, 5)) == "11110 11111");
    CHECK(drawn(window_mask(4, 1, 0)) == "1000 1100 0110 0011");
    CHECK(drawn(window_mask(4, 1, 1)) == "1100 1110 0111 0011");
    CHECK(drawn(global_mask(4, 1)) == "1111 1000 1000 1000");
    CHECK(drawn(prefix_mask(4, 2)) == "1100 1100 1110 1111");
    CHECK(drawn(packed_mask({1, 0, 2})) == "100 011 011");
    CHECK(drawn(no_diagonal_mask(3)) == "011 101 110");
    CHECK(drawn(full_mask(2, 3)) == "111 111");
    // Predicted in the order 2, 0, 1: token 0 sees 2; token 1 sees 2 and 0; token 2 sees nothing.
    CHECK(drawn(permutation_mask({2, 0, 1}, false)) == "001 101 000");
    CHECK(drawn(permutation_mask({2, 0, 1}, true)) == "101 111 001");
    CHECK(drawn(lengths_mask({3, 1}, 3), 1) == "100");
    CHECK(drawn(lengths_mask({3, 1}, 3, PaddingSide::left), 1) == "001");
    CHECK(permutation_mask({0, 1, 2, 3}, true) == causal_mask(4));
}

TEST_CASE("masks combine by and, or, not, repeating extents of 1") {
    const Mask both = causal_mask(3) & lengths_mask({3, 2}, 3);
    CHECK(both.batch() == 2);
    CHECK(drawn(both, 0) == "100 110 111");
    CHECK(drawn(both, 1) == "100 110 110");
    CHECK((causal_mask(4) & window_mask(4, 1, 1)) == window_mask(4, 1, 0));
    CHECK(drawn(window_mask(4, 0, 0) | global_mask(4, 1)) == "1111 1100 1010 1001");
    CHECK(~no_diagonal_mask(3) == window_mask(3, 0, 0));
    CHECK_FALSE(causal_mask(3) == no_diagonal_mask(3));
    // De Morgan.
    const Mask a = causal_mask(5);
    const Mask b = window_mask(5, 1, 2);
    CHECK(~(a & b) == (~a | ~b));
}

TEST_CASE("a mask counts its pairs and its empty rows") {
    CHECK(allowed_pairs(causal_mask(5)) == 15);
    CHECK(empty_rows(causal_mask(5)) == 0);
    CHECK(empty_rows(permutation_mask({2, 0, 1}, false)) == 1);
    CHECK(empty_rows(lengths_mask({2, 0}, 2)) == 1);
}

TEST_CASE("reach is the boolean power: a window of one step spreads one step a layer") {
    const Mask window = window_mask(6, 1, 0);
    CHECK(reach(window, 3, false) == window_mask(6, 3, 0));
    CHECK(reach(causal_mask(5), 4, true) == causal_mask(5));
    CHECK(reach(window, 0, true) == window_mask(6, 0, 0));
    // Nobody looks at itself, but two layers read it back through a neighbour; without residual one layer does not.
    const Mask blind = no_diagonal_mask(3);
    CHECK(drawn(reach(blind, 1, false)) == "011 101 110");
    CHECK(reach(blind, 2, false) == full_mask(3, 3));
    CHECK(reach(blind, 1, true) == full_mask(3, 3));
}

TEST_CASE("tiles are empty, partial or full, the edge included") {
    const auto tiles = tile_occupancy(causal_mask(5), 2);
    const auto empty = static_cast<std::uint8_t>(Tile::empty);
    const auto partial = static_cast<std::uint8_t>(Tile::partial);
    const auto full = static_cast<std::uint8_t>(Tile::full);
    const std::vector<std::uint8_t> expected{partial, empty, empty, full, partial, empty, full, full, full};
    CHECK(tiles.shape() == Shape({3, 3}));
    CHECK(std::vector<std::uint8_t>(tiles.elements().begin(), tiles.elements().end()) == expected);
    CHECK_THROWS_AS(tile_occupancy(causal_mask(5), 0), Error);
}

TEST_CASE("what is no mask is refused by name") {
    CHECK_THROWS_AS(Mask(BoolTensor({3})), Error);
    CHECK_THROWS_AS(causal_mask(3) & causal_mask(4), Error);
    CHECK_THROWS_AS(causal_mask(5, 4), Error);
    CHECK_THROWS_AS(permutation_mask({0, 0}, true), Error);
    CHECK_THROWS_AS(permutation_mask({0, 2}, true), Error);
    CHECK_THROWS_AS(lengths_mask({4}, 3), Error);
    CHECK_THROWS_AS(lengths_mask({-1}, 3), Error);
    CHECK_THROWS_AS(reach(full_mask(2, 3), 1, true), Error);
    CHECK_THROWS_AS(causal_mask(3).matrix(1), Error);
    CHECK_THROWS_AS(causal_mask(3).expanded(2, 3, 4), Error);
}

TEST_CASE("real tokens of either side") {
    const BoolTensor right = real_tokens({1, 2}, 2);
    CHECK(right(0, 0) == 1);
    CHECK(right(0, 1) == 0);
    const BoolTensor left = real_tokens({1, 2}, 2, PaddingSide::left);
    CHECK(left(0, 0) == 0);
    CHECK(left(0, 1) == 1);
}
