#pragma once

// The tag array of a sectored cache: 128-byte lines of four sectors that are valid, dirty or
// neither one by one. Least recently used replacement.
//
// A cache of a whole GPU is larger than the host's, so what counts is how much of it a lookup
// touches. Of each line of a set there is a byte of its number's hash, one of its rank in the order
// of use and one of its sectors; all of a 16-way set is one line of the host's cache. The number
// itself lies elsewhere and is read only where the hash agrees.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/divider.h"
#include "sim/base/prefetch.h"
#include "sim/base/random.h"

namespace strobe::tags {

// Eight bytes of a word at once, each below 128.
namespace bytes {
inline constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101, kTops = kOnes << 7;
constexpr std::uint64_t spread(std::uint8_t byte) {
  return kOnes * byte;
}
// The top bit of each byte that is 0; of a byte above one that is 0, perhaps too.
constexpr std::uint64_t zeros(std::uint64_t word) {
  return (word - kOnes) & ~word & kTops;
}
}  // namespace bytes

class SectoredTags {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr std::uint32_t kMostWays = 64;

  SectoredTags(std::uint32_t sets, std::uint32_t ways)
      : most_sets_(sets), sets_(sets), ways_(ways), shift_(shift_of(ways)) {
    STROBE_CHECK(ways > 0 && ways <= kMostWays);
    const std::size_t words = std::size_t{sets} * kFields * words_of_field();
    rows_.resize((words + kWordsOfRow - 1) / kWordsOfRow);
    lines_.resize(std::size_t{sets} << shift_);
  }

  // Uses only the first `sets` sets from now on (an L1 that gives up capacity to shared memory) and
  // forgets everything.
  void limit_sets(std::uint32_t sets) {
    STROBE_CHECK(sets > 0 && sets <= most_sets_);
    sets_ = Divider(sets);
    std::fill(rows_.begin(), rows_.end(), Row{});
  }

  // Where a line may be; who asks several things about one line finds that out once. Consecutive
  // lines fill the sets evenly; each round over the sets starts at another one, so that a stride
  // does not fall on few of them. Any number of sets.
  struct Home {
    Home(const SectoredTags& tags, std::uint64_t number) : line(number) {
      const auto [round, column] = tags.sets_.divide(line);
      const std::uint64_t mixed = mix64(round), sets = tags.sets_.divisor();
      const std::uint64_t place = column + (((mixed >> 32) * sets) >> 32);
      set = static_cast<std::uint32_t>(place >= sets ? place - sets : place);
      hash = static_cast<std::uint8_t>(std::max<std::uint64_t>(mixed & 0xFF, 1));
    }
    std::uint64_t line;
    std::uint32_t set;
    std::uint8_t hash;  // never 0
  };

  // The slot that holds the line, or kNone.
  std::uint32_t find(const Home& home) const {
    return find_in(home.set, kHash, home.hash,
                   [&](std::uint32_t slot) { return lines_[slot] == home.line; });
  }
  std::uint32_t find(std::uint64_t line) const { return find(Home(*this, line)); }

  // The slot to put the line in: a free one, else the least recently used one that is not locked,
  // else kNone.
  std::uint32_t victim(const Home& home) const {
    // The rank of a free one is 0, and as long as there are free ones no other's is.
    for (std::uint8_t rank = 0; rank < ways_; ++rank) {
      const std::uint32_t slot = find_in(home.set, kRank, rank, [](std::uint32_t) { return true; });
      if (!marked(slot, kLocked)) return slot;
    }
    return kNone;
  }

  // Puts the line, with no valid sector, in the place of whatever was in `slot`.
  void replace(std::uint32_t slot, const Home& home) {
    lines_[slot] = home.line;
    set_byte(slot, kHash, home.hash);
    set_byte(slot, kSectors, 0);
    set_byte(slot, kMarks, 0);
    touch(slot);
  }

  // It becomes the last in the order of use, and those after it move up.
  void touch(std::uint32_t slot) {
    const std::uint64_t after = bytes::spread(static_cast<std::uint8_t>(byte(slot, kRank) + 1));
    std::uint64_t* const ranks = field(slot >> shift_, kRank);
    for (std::uint32_t i = 0; i < words_of_field(); ++i) {
      const std::uint64_t moves_up = ((ranks[i] | bytes::kTops) - after) & bytes::kTops;
      ranks[i] -= moves_up >> 7;
    }
    set_byte(slot, kRank, static_cast<std::uint8_t>(ways_ - 1));
  }

  bool holds_line(std::uint32_t slot) const { return byte(slot, kHash) != 0; }
  std::uint64_t line(std::uint32_t slot) const { return lines_[slot]; }
  std::uint8_t valid(std::uint32_t slot) const { return byte(slot, kSectors) & kValid; }
  std::uint8_t dirty(std::uint32_t slot) const {
    return static_cast<std::uint8_t>(byte(slot, kSectors) >> 4);
  }
  void add_valid(std::uint32_t slot, std::uint8_t sectors) {
    set_byte(slot, kSectors, static_cast<std::uint8_t>(byte(slot, kSectors) | sectors));
  }
  void remove_valid(std::uint32_t slot, std::uint8_t sectors) {
    set_byte(slot, kSectors, static_cast<std::uint8_t>(byte(slot, kSectors) & ~sectors));
  }
  void set_dirty(std::uint32_t slot, std::uint8_t sectors) {
    set_byte(slot, kSectors, static_cast<std::uint8_t>(valid(slot) | sectors << 4));
  }

  enum Mark : std::uint8_t {
    kLocked = 1,  // waits for a fill and may not be replaced
    kCopied = 2,  // another cache holds it too, and has to hear when it changes or leaves
    kOfCpu = 4,   // the CPU wrote it last
  };
  bool marked(std::uint32_t slot, Mark mark) const { return (byte(slot, kMarks) & mark) != 0; }
  void set_mark(std::uint32_t slot, Mark mark, bool set) {
    const std::uint8_t others = byte(slot, kMarks) & static_cast<std::uint8_t>(~mark);
    set_byte(slot, kMarks, set ? static_cast<std::uint8_t>(others | mark) : others);
  }

 private:
  // Asks the host for a line's set.
  friend void prefetch_set(const SectoredTags& tags, const Home& home) {
    const std::uint64_t* const first = tags.field(home.set, kHash);
    for (std::size_t i = 0; i < kFields * tags.words_of_field(); i += kWordsOfRow) {
      strobe::prefetch(first + i);
    }
  }

  // What is kept of each line of a set, as so many bytes side by side. Sets whose ways are no power
  // of two have bytes to spare: hash and rank stay 0 there.
  enum Field : std::uint32_t {
    kHash,     // of the line's number; 0 when there is no line
    kRank,     // in the order of use: 0 is the least recently used of a full set
    kSectors,  // valid, and from bit 4 on dirty
    kMarks,    // of `Mark`
    kFields
  };
  static constexpr std::uint8_t kValid = 0x0F;
  static constexpr std::uint32_t kBytesOfWord = 8;

  // Places for the lines of a set: a power of two, so that a slot says its set.
  static std::uint32_t shift_of(std::uint32_t ways) {
    return static_cast<std::uint32_t>(
        std::countr_zero(std::max(std::bit_ceil(ways), kBytesOfWord)));
  }

  // The first slot of the set whose byte is `wanted` and that `is_right`, or kNone.
  template <class IsRight>
  std::uint32_t find_in(std::uint32_t set, Field which, std::uint8_t wanted,
                        const IsRight& is_right) const {
    const std::uint64_t* const words = field(set, which);
    for (std::uint32_t i = 0; i < words_of_field(); ++i) {
      std::uint64_t found = bytes::zeros(words[i] ^ bytes::spread(wanted));
      for (; found != 0; found &= found - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(found));
        const std::uint32_t slot = (set << shift_) + i * kBytesOfWord + bit / 8;
        if (is_right(slot)) return slot;
      }
    }
    return kNone;
  }

  std::uint32_t words_of_field() const { return (1u << shift_) / kBytesOfWord; }
  std::uint64_t* field(std::uint32_t set, Field which) {
    return const_cast<std::uint64_t*>(static_cast<const SectoredTags&>(*this).field(set, which));
  }
  const std::uint64_t* field(std::uint32_t set, Field which) const {
    return rows_.data()->words.data() + (std::size_t{set} * kFields + which) * words_of_field();
  }
  std::uint8_t byte(std::uint32_t slot, Field which) const {
    const std::uint32_t place = slot & ((1u << shift_) - 1);
    return static_cast<std::uint8_t>(field(slot >> shift_, which)[place / kBytesOfWord] >>
                                     (place % kBytesOfWord * 8));
  }
  void set_byte(std::uint32_t slot, Field which, std::uint8_t value) {
    const std::uint32_t place = slot & ((1u << shift_) - 1), bit = place % kBytesOfWord * 8;
    std::uint64_t& word = field(slot >> shift_, which)[place / kBytesOfWord];
    word = (word & ~(std::uint64_t{0xFF} << bit)) | (std::uint64_t{value} << bit);
  }

  // One line of the host's cache; no field of a set lies in two.
  struct alignas(64) Row {
    std::array<std::uint64_t, 8> words{};
  };
  static constexpr std::uint32_t kWordsOfRow = 8;

  std::uint32_t most_sets_;
  Divider sets_;
  std::uint32_t ways_, shift_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> lines_;  // by slot
};

}  // namespace strobe::tags
