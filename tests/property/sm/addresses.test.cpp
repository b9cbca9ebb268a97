// The coalescer and the shared memory's banks against brute force over bytes and words.

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "sim/base/random.h"
#include "sim/model/sm/coalescer.h"
#include "sim/model/sm/shared_banks.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::sm;

namespace {

struct Access {
  trace::Cta cta;
  trace::Instruction instruction;
};

Access random_access(SplitMix64& random, trace::Space space) {
  constexpr std::uint8_t kWidths[] = {1, 2, 4, 8, 16, 32};
  constexpr std::int64_t kStrides[] = {0, 1, 2, 4, 8, 16, 32, 64, 100, 128, 256, 4096, -4, -16};
  Access access;
  trace::Instruction& instruction = access.instruction;
  instruction.op = trace::Op::load;
  instruction.space = space;
  instruction.active_mask = static_cast<std::uint32_t>(random.next());
  if (random.next() % 2 == 0) instruction.active_mask = 0xFFFF'FFFF;
  if (instruction.active_mask == 0) instruction.active_mask = 1;
  instruction.access_bytes = kWidths[random.next() % 6];
  const bool is_aligned = random.next() % 2 == 0;
  const auto aligned = [&](std::uint64_t address) {
    return is_aligned ? address & ~std::uint64_t{instruction.access_bytes - 1U} : address;
  };
  const std::uint64_t base = aligned(65'536 + random.next() % 1024);
  switch (random.next() % 4) {
    case 0:  // lanes side by side
      instruction.base = base;
      instruction.stride = instruction.access_bytes;
      break;
    case 1:
      instruction.base = base;
      instruction.stride = kStrides[random.next() % 14];
      break;
    case 2: {  // runs of lanes side by side, in any order, one over the other too
      instruction.listed = true;
      std::uint64_t next = base;
      for (std::uint32_t i = 0; i < instruction.address_count(); ++i) {
        if (random.next() % 4 == 0) next = aligned(base + random.next() % 1024);
        access.cta.addresses.push_back(next);
        next += instruction.access_bytes;
      }
      break;
    }
    default: {
      instruction.listed = true;
      access.cta.addresses.push_back(0);  // of another instruction
      instruction.first_address = 1;
      const std::uint64_t spread = std::uint64_t{1} << random.next() % 14;
      for (std::uint32_t i = 0; i < instruction.address_count(); ++i) {
        access.cta.addresses.push_back(aligned(base + random.next() % spread));
      }
    }
  }
  return access;
}

// Every byte that an access touches.
std::set<std::uint64_t> bytes_of(const Access& access) {
  std::set<std::uint64_t> bytes;
  for (std::uint32_t i = 0; i < access.instruction.address_count(); ++i) {
    const std::uint64_t first = access.cta.address(access.instruction, i);
    for (std::uint64_t b = 0; b < access.instruction.access_bytes; ++b) bytes.insert(first + b);
  }
  return bytes;
}

struct Sectors {
  std::uint8_t touched = 0, whole = 0;
  bool operator==(const Sectors&) const = default;
};

std::map<std::uint64_t, Sectors> lines_of(const std::set<std::uint64_t>& bytes) {
  std::map<std::uint64_t, std::size_t> bytes_in_sector;
  for (const std::uint64_t byte : bytes) ++bytes_in_sector[byte / 32];
  std::map<std::uint64_t, Sectors> lines;
  for (const auto& [sector, count] : bytes_in_sector) {
    Sectors& line = lines[sector / 4];
    const auto bit = static_cast<std::uint8_t>(1u << sector % 4);
    line.touched |= bit;
    if (count == 32) line.whole |= bit;
  }
  return lines;
}

std::map<std::uint64_t, Sectors> found_by(const LineList& list) {
  std::map<std::uint64_t, Sectors> lines;
  for (const LineAccess& access : list) {
    REQUIRE(lines.count(access.line) == 0);  // no line twice
    lines[access.line] = {access.sectors, access.whole};
  }
  return lines;
}

std::vector<std::uint64_t> order_of(const LineList& list) {
  std::vector<std::uint64_t> lines;
  for (const LineAccess& access : list) lines.push_back(access.line);
  return lines;
}

std::vector<std::uint64_t> order_of(const Access& access) {
  std::vector<std::uint64_t> lines;
  for (std::uint32_t i = 0; i < access.instruction.address_count(); ++i) {
    const std::uint64_t first = access.cta.address(access.instruction, i);
    for (std::uint64_t b = 0; b < access.instruction.access_bytes; ++b) {
      const std::uint64_t line = (first + b) / 128;
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
    }
  }
  return lines;
}

// Calls `check` with accesses of all kinds and the lines that they were found to touch.
template <class Check>
void coalesce_at_random(const Check& check) {
  SplitMix64 random(1);
  LineList list;
  for (int i = 0; i < 5000; ++i) {
    CAPTURE(i);
    const Access access = random_access(random, trace::Space::global);
    coalesce(access.cta, access.instruction, list);
    check(access, list);
  }
}

}  // namespace

TEST_CASE("an access touches the sectors that its bytes lie in, and covers those it fills") {
  coalesce_at_random([](const Access& access, const LineList& list) {
    REQUIRE(list.size() <= kLinesOfWarp);
    REQUIRE(found_by(list) == lines_of(bytes_of(access)));
  });
}

TEST_CASE("lines come in the order in which lanes first touch them, runs of lanes or not") {
  coalesce_at_random([](const Access& access, const LineList& list) {
    REQUIRE(order_of(list) == order_of(access));
  });
}

TEST_CASE("a line that lies below all others so far is one of its own") {
  Access access;
  access.instruction.space = trace::Space::global;
  access.instruction.active_mask = 0b1111;
  access.instruction.access_bytes = 4;
  access.instruction.listed = true;
  access.cta.addresses = {640, 128, 644, 0};
  LineList list;
  coalesce(access.cta, access.instruction, list);
  REQUIRE(list.size() == 3);
  CHECK(list[0].line == 5);
  CHECK(list[1].line == 1);
  CHECK(list[2].line == 0);
}

TEST_CASE("a bulk copy of many lines is all of them") {
  Access access;
  access.instruction.space = trace::Space::global;
  access.instruction.active_mask = 1;
  access.instruction.access_bytes = 128;
  access.instruction.listed = true;
  access.instruction.bulk_count = 1000;
  for (std::uint64_t i = 0; i < 1000; ++i) access.cta.addresses.push_back(i * 128);
  LineList list;
  coalesce(access.cta, access.instruction, list);
  REQUIRE(list.size() == 1000);
  for (const LineAccess& line : list) CHECK(line.whole == 0xF);
}

// The same word of all lanes is one line; lane i has the i-th word of it.
TEST_CASE("a word of local memory lies beside the same word of the other lanes") {
  SplitMix64 random(1);
  LineList list;
  for (int i = 0; i < 2000; ++i) {
    CAPTURE(i);
    Access access = random_access(random, trace::Space::local);
    const auto width = std::max<std::uint8_t>(access.instruction.access_bytes, 4);
    access.instruction.access_bytes = width;
    access.instruction.base &= ~std::uint64_t{15};
    if (!access.instruction.listed && access.instruction.stride % 4 != 0) continue;
    for (std::uint64_t& address : access.cta.addresses) address &= ~std::uint64_t{15};
    const std::uint64_t first_line = (std::uint64_t{1} << 57) - (1 << 17);  // the highest there are
    std::set<std::uint64_t> bytes;
    std::uint32_t lane_mask = access.instruction.active_mask;
    for (std::uint32_t n = 0; lane_mask != 0; ++n, lane_mask &= lane_mask - 1) {
      const auto lane = static_cast<std::uint64_t>(std::countr_zero(lane_mask));
      const std::uint64_t offset = access.cta.address(access.instruction, n);
      for (std::uint64_t b = 0; b < width; ++b) {
        const std::uint64_t word = (offset + b) / 4;
        bytes.insert((first_line + word) * 128 + lane * 4 + (offset + b) % 4);
      }
    }
    coalesce_local(access.cta, access.instruction, first_line, list);
    REQUIRE(found_by(list) == lines_of(bytes));
  }
}

TEST_CASE("pairs agree where each lane reads what one neighbour or each what the other reads") {
  SplitMix64 random(1);
  int agreeing = 0;
  for (int i = 0; i < 5000; ++i) {
    CAPTURE(i);
    Access access = random_access(random, trace::Space::shared);
    // Lanes by chance hardly ever agree: half of them are made to, at one distance or the other.
    const std::uint32_t bit = static_cast<std::uint32_t>(random.next() % 3);
    if (access.instruction.listed && bit < 2 && access.instruction.active_mask == 0xFFFF'FFFF) {
      const std::size_t first = access.instruction.first_address;
      for (std::size_t lane = 0; lane < 32; ++lane) {
        access.cta.addresses[first + lane] = access.cta.addresses[first + (lane & ~(1U << bit))];
      }
    }
    std::map<std::uint32_t, std::uint64_t> reads;
    std::uint32_t place = 0;
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      if ((access.instruction.active_mask >> lane & 1U) == 0) continue;
      reads[lane] = access.cta.address(access.instruction, place++);
    }
    bool agree[2] = {true, true};
    for (const auto& [lane, address] : reads) {
      for (const std::uint32_t each : {0U, 1U}) {
        const auto other = reads.find(lane ^ (1U << each));
        if (other != reads.end() && other->second != address) agree[each] = false;
      }
    }
    REQUIRE(pairs_agree(access.cta, access.instruction) == (agree[0] || agree[1]));
    agreeing += agree[0] || agree[1] ? 1 : 0;
  }
  CHECK(agreeing > 500);
  CHECK(agreeing < 4500);
}

TEST_CASE("shared memory takes as many passes as the busiest bank has different words") {
  SplitMix64 random(1);
  for (int i = 0; i < 5000; ++i) {
    CAPTURE(i);
    const Access access = random_access(random, trace::Space::shared);
    std::set<std::uint64_t> words;
    for (const std::uint64_t byte : bytes_of(access)) words.insert(byte / 4);
    std::map<std::uint64_t, std::uint32_t> in_bank;
    for (const std::uint64_t word : words) ++in_bank[word % 32];
    std::uint32_t busiest = 0;
    for (const auto& [bank, count] : in_bank) busiest = std::max(busiest, count);
    const SharedPasses passes = shared_passes(access.cta, access.instruction);
    REQUIRE(passes.needed == busiest);
    REQUIRE(passes.ideal == (words.size() + 31) / 32);
  }
}
