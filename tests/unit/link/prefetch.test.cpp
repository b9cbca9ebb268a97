#include "sim/model/link/prefetch.h"

#include "sim/base/random.h"
#include "tests/support/catch.h"

using namespace strobe;
using link::blocks_to_move;
using wire::BlockMask;

TEST_CASE("a lone block moves alone, and its neighbour's comes with half of a tree each time") {
  CHECK(blocks_to_move(0, 1, 51) == 0x1);
  // Two of two are more than 51 %, two of four are not.
  CHECK(blocks_to_move(0x1, 0x2, 51) == 0x2);
  // Three of four are: the fourth comes along.
  CHECK(blocks_to_move(0x3, 0x4, 51) == 0xC);
  // Five of eight are, and nine of sixteen, and seventeen of thirty-two.
  CHECK(blocks_to_move(0xF, 0x10, 51) == 0xF0);
  CHECK(blocks_to_move(0xFF, 0x100, 51) == 0xFF00);
  CHECK(blocks_to_move(0xFFFF, 0x1'0000, 51) == 0xFFFF'0000);
}

TEST_CASE("the largest tree that is full enough moves, however empty those within it are") {
  // Of the upper half of sixteen one is faulted on, of all thirty-two seventeen are taken.
  CHECK(blocks_to_move(0x0000'FFFF, 0x8000'0000, 51) == 0xFFFF'0000);
  CHECK(blocks_to_move(0x0000'7FFF, 0x8000'0000, 51) == 0x8000'0000);
}

TEST_CASE("without prefetching what was faulted on moves, and never what is there") {
  SplitMix64 random(3);
  for (int i = 0; i < 1000; ++i) {
    const auto there = static_cast<BlockMask>(random.next());
    const auto faulted = static_cast<BlockMask>(random.next() & random.next());
    CHECK(blocks_to_move(there, faulted, 100) == (faulted & ~there));
    const BlockMask moved = blocks_to_move(there, faulted, 51);
    CHECK((moved & there) == 0);
    CHECK((moved | there | faulted) == (moved | there));
  }
}
