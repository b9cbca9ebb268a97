// One slice of one set by itself: messages go in by hand and what it sends is looked at.

#include "sim/model/l2/slice.h"

#include <vector>

#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;
using wire::Kind;
using wire::Message;

namespace {

class Bench {
 public:
  // `row_lines`: that are written back together.
  explicit Bench(std::uint32_t row_lines = 1, bool coalesces = false)
      : Bench(spec(coalesces), row_lines) {}
  static Bench of_promotion(Bytes together) {
    l2::Spec promotes = spec(false);
    promotes.sector_promotion = together;
    return Bench(promotes, 1);
  }

  void request(Kind kind, std::uint64_t line, std::uint8_t sectors, bool whole_line = false) {
    Message message = message_of(kind, line, sectors);
    message.whole_line = whole_line;
    handle([&] { slice_.receive(message, now_, mail_); });
  }
  // Loads that come at once.
  struct Load {
    std::uint64_t line;
    std::uint8_t sectors;
    bool bulk;
  };
  void request_at_once(const std::vector<Load>& loads) {
    handle([&] {
      for (const Load& load : loads) {
        Message message = message_of(Kind::load, load.line, load.sectors);
        message.bulk = load.bulk;
        slice_.receive(message, now_, mail_);
      }
    });
  }
  // The DRAM answers the n-th message that went to it.
  void answer(std::size_t n) {
    const Message& request = to_dram[n];
    wire::Reply reply{request.kind, request.sectors, request.tag, now_ + 1_ns, {}};
    reply.stages.add(stats::Cause::dram_path, reply.sent - request.sent);
    handle([&] { slice_.receive(reply, now_, mail_); });
  }

  std::vector<Message> to_dram;
  std::vector<wire::Reply> to_sm;
  const l2::Counters& counters() const { return slice_.counters(); }

 private:
  Bench(const l2::Spec& spec, std::uint32_t row_lines)
      : mail_(directory_, 0), slice_(spec, wiring(row_lines)) {}

  // Ids in the order of their making: the slice lives in partition 0, the others elsewhere.
  static wire::Directory three() {
    wire::Directory directory;
    directory.add({wire::Role::slice, 0, 0});
    directory.add({wire::Role::sm, 1, 0});
    directory.add({wire::Role::channel, 1, 0});
    return directory;
  }
  static l2::Spec spec(bool coalesces) {
    return {1000_MHz, Bytes(4 * 128), 4, 4, 8, 2, 64, 30_ns, 20_ns, {}, coalesces};
  }
  Message message_of(Kind kind, std::uint64_t line, std::uint8_t sectors) {
    Message message;
    message.kind = kind;
    message.line = line;
    message.sectors = sectors;
    message.whole_sectors = kind == Kind::store ? sectors : 0;
    message.from = sm_.value;
    message.tag = next_tag_++;
    message.sent = now_;
    return message;
  }
  l2::Wiring wiring(std::uint32_t row_lines) const {
    const wire::Port port(1000_MHz, 64);
    return {self_, dram_, ComponentId{99}, port, port, 8, 40_ns, 64, 1, 0, 1, row_lines};
  }

  // A nanosecond later, and every wake that follows from it. Something may come at any time, so
  // that a window has only one event.
  template <class Receive>
  void handle(const Receive& receive) {
    now_ = now_ + 1_ns;
    receive();
    Event event;
    while (mail_.next_at() != Instant::never()) {
      now_ = mail_.next_at();
      REQUIRE(mail_.pop_before(now_ + 1_ps, event));
      slice_.wake(now_, mail_);
    }
    mail_.take_outgoing([&](const auto& outgoing) { note(outgoing.letter); });
  }

  void note(const Message& message) { to_dram.push_back(message); }
  void note(const wire::Reply& reply) { to_sm.push_back(reply); }

  ComponentId self_{0}, sm_{1}, dram_{2};
  wire::Directory directory_ = three();
  wire::Mail mail_;
  l2::Slice slice_;
  Instant now_;
  std::uint32_t next_tag_ = 0;
};

}  // namespace

TEST_CASE("a line that still waits for a fill keeps its place, though another fill has come") {
  Bench bench;
  bench.request(Kind::load, 0, 0b0001);
  bench.request(Kind::load, 0, 0b0010);
  REQUIRE(bench.to_dram.size() == 2);
  bench.answer(0);
  // Five lines for the three places that are left: the oldest may go, line 0 may not.
  for (std::uint64_t line = 1; line <= 5; ++line) bench.request(Kind::store, line, 0b1111);
  bench.answer(1);
  REQUIRE(bench.to_sm.size() == 2 + 5);
  bench.request(Kind::load, 0, 0b0011);
  CHECK(bench.counters().read_sector_hits == 2);
}

TEST_CASE("a sector is fetched once, however many ask for it while it is on its way") {
  Bench bench;
  bench.request(Kind::load, 0, 0b0011);
  bench.request(Kind::load, 0, 0b0110);
  bench.request(Kind::load, 0, 0b0001);
  REQUIRE(bench.to_dram.size() == 2);
  CHECK(bench.to_dram[0].sectors == 0b0011);
  CHECK(bench.to_dram[1].sectors == 0b0100);
  CHECK(bench.counters().miss_merges == 2);
  bench.answer(0);
  REQUIRE(bench.to_sm.size() == 2);  // the first and the third
  CHECK(bench.to_sm[0].tag == 0);
  CHECK(bench.to_sm[1].tag == 2);
  bench.answer(1);
  CHECK(bench.to_sm.size() == 3);
}

TEST_CASE("a load may have the rest of its line fetched, and is answered what it asked for") {
  Bench bench;
  bench.request(Kind::load, 0, 0b0011, true);
  REQUIRE(bench.to_dram.size() == 1);
  CHECK(bench.to_dram[0].sectors == 0b1111);
  bench.request(Kind::load, 0, 0b0100);  // is on its way
  bench.answer(0);
  REQUIRE(bench.to_sm.size() == 2);
  CHECK(bench.to_sm[0].sectors == 0b0011);
  bench.request(Kind::load, 0, 0b1000);
  CHECK(bench.to_sm.size() == 3);
  CHECK(bench.counters().read_sector_hits == 1);
  bench.request(Kind::store, 1, 0b0001);
  bench.request(Kind::load, 1, 0b0010, true);
  bench.request(Kind::load, 1, 0b0001, true);  // is there: nothing has to be fetched
  REQUIRE(bench.to_dram.size() == 2);
  CHECK(bench.to_dram[1].sectors == 0b1110);
}

TEST_CASE("a load that misses a sector has the other one of its 64 bytes fetched too") {
  Bench bench = Bench::of_promotion(Bytes(64));
  bench.request(Kind::load, 0, 0b0010);
  REQUIRE(bench.to_dram.size() == 1);
  CHECK(bench.to_dram[0].sectors == 0b0011);
  bench.answer(0);
  REQUIRE(bench.to_sm.size() == 1);
  CHECK(bench.to_sm[0].sectors == 0b0010);
  bench.request(Kind::load, 0, 0b0101);
  REQUIRE(bench.to_dram.size() == 2);
  CHECK(bench.to_dram[1].sectors == 0b1100);
  CHECK(bench.counters().read_sector_hits == 1);
}

TEST_CASE("what is there or on its way is not fetched again with the rest of its 128 bytes") {
  Bench bench = Bench::of_promotion(Bytes(128));
  bench.request(Kind::store, 0, 0b0001);
  bench.request(Kind::load, 0, 0b0010);
  bench.request(Kind::load, 0, 0b0100);
  REQUIRE(bench.to_dram.size() == 1);
  CHECK(bench.to_dram[0].sectors == 0b1110);
}

TEST_CASE("a reply's stages are the whole time since its request was sent, of merges too") {
  Bench bench;
  bench.request(Kind::load, 0, 0b0001);
  const Instant first_sent{};
  bench.request(Kind::load, 0, 0b0001);
  bench.answer(0);
  REQUIRE(bench.to_sm.size() == 2);
  CHECK(bench.to_sm[0].sent - bench.to_sm[0].stages.total() == first_sent);
  CHECK(bench.to_sm[1].sent - bench.to_sm[1].stages.total() > first_sent);
}

TEST_CASE("a dirty line goes to the DRAM before its place is used, and no more at once than may") {
  Bench bench;
  for (std::uint64_t line = 0; line < 4; ++line) bench.request(Kind::store, line, 0b0101);
  CHECK(bench.to_dram.empty());
  bench.request(Kind::store, 4, 0b1111);
  bench.request(Kind::store, 5, 0b1111);
  REQUIRE(bench.to_dram.size() == 2);
  CHECK(bench.to_dram[0].line == 0);
  CHECK(bench.to_dram[0].sectors == 0b0101);
  bench.request(Kind::store, 6, 0b1111);  // two write-backs are under way, the limit
  CHECK(bench.to_dram.size() == 2);
  CHECK(bench.to_sm.size() == 6);
  bench.answer(0);
  CHECK(bench.to_dram.size() == 3);
  CHECK(bench.to_sm.size() == 7);
  CHECK(bench.counters().write_back_full_ps > 0);
}

TEST_CASE("what is dirty in the row of a line that has to leave goes with it and stays, clean") {
  Bench bench(4);
  for (const std::uint64_t line : {1U, 3U, 2U, 9U}) bench.request(Kind::store, line, 0b0011);
  bench.request(Kind::store, 17, 0b1111);
  // Line 1 leaves; 2 and 3 are of its row, lines 0 to 3; 9 is not. Two may be under way before a
  // row begins, and a row that has begun is finished.
  REQUIRE(bench.to_dram.size() == 3);
  CHECK(bench.to_dram[0].line == 1);
  CHECK(bench.to_dram[1].line == 2);
  CHECK(bench.to_dram[2].line == 3);
  bench.request(Kind::load, 3, 0b0011);
  CHECK(bench.counters().read_sector_hits == 2);
  for (std::size_t i = 0; i < 3; ++i) bench.answer(i);
  bench.request(Kind::load, 18, 0b0001);  // 2 leaves, clean
  CHECK(bench.to_dram.back().kind == Kind::load);
  CHECK(bench.counters().written_back_sectors == 6);
}

TEST_CASE("a store of part of a sector has the rest fetched, and is answered at once") {
  Bench bench;
  bench.request(Kind::reduction, 0, 0b0100);
  REQUIRE(bench.to_dram.size() == 1);
  CHECK(bench.to_dram[0].sectors == 0b0100);
  CHECK(bench.to_sm.size() == 1);
  bench.request(Kind::atomic, 0, 0b0100);  // returns the old value: waits for it
  CHECK(bench.to_sm.size() == 1);
  bench.answer(0);
  CHECK(bench.to_sm.size() == 2);
}

TEST_CASE("requests behind one that lacks a miss-table entry wait for it, in their order") {
  Bench bench;
  for (std::uint64_t line = 0; line < 4; ++line) bench.request(Kind::load, line, 0b0001);
  bench.request(Kind::load, 4, 0b0001);   // the four entries are taken
  bench.request(Kind::store, 0, 0b1110);  // could be served, but not before it
  CHECK(bench.to_dram.size() == 4);
  CHECK(bench.to_sm.empty());
  bench.answer(2);
  REQUIRE(bench.to_sm.size() == 2);
  CHECK(bench.to_sm[0].tag == 2);
  CHECK(bench.to_sm[1].tag == 5);
  CHECK(bench.to_dram.size() == 5);
  CHECK(bench.counters().miss_table_full_ps > 0);
}

// Requests are ready a nanosecond after each other and a whole line takes the data array two: the
// third finds the second still waiting.
TEST_CASE("a bulk read that finds one of its line waiting goes out with that one's reply") {
  const std::vector<Bench::Load> loads(4, {0, 0b1111, true});
  for (const bool coalesces : {false, true}) {
    Bench bench(1, coalesces);
    bench.request(Kind::store, 0, 0b1111);
    bench.request_at_once(loads);
    REQUIRE(bench.to_sm.size() == 5);
    CHECK((bench.to_sm[3].sent == bench.to_sm[2].sent) == coalesces);
    CHECK(bench.to_sm[2].sent > bench.to_sm[1].sent);
    CHECK(bench.counters().coalesced_sectors == (coalesces ? 4 : 0));
    CHECK(bench.counters().read_sectors == 16);
  }
}

TEST_CASE("bulk reads that wait for the DRAM together are answered by one reply") {
  Bench bench(1, true);
  bench.request_at_once({{0, 0b1111, true}, {0, 0b1111, true}, {0, 0b0011, true}});
  REQUIRE(bench.to_dram.size() == 1);
  bench.answer(0);
  REQUIRE(bench.to_sm.size() == 3);
  CHECK(bench.to_sm[1].sent == bench.to_sm[0].sent);
  CHECK(bench.to_sm[2].sent == bench.to_sm[0].sent);
  CHECK(bench.counters().coalesced_sectors == 6);
}

TEST_CASE("reads of threads, of other lines and of more sectors go out by themselves") {
  const Bench::Load first{0, 0b0011, true};
  for (const Bench::Load& other :
       std::vector<Bench::Load>{{0, 0b0011, false}, {1, 0b0011, true}, {0, 0b0111, true}}) {
    Bench bench(1, true);
    bench.request(Kind::store, 0, 0b1111);
    bench.request(Kind::store, 1, 0b1111);
    bench.request_at_once({{2, 0b1111, false}, {2, 0b1111, false}, first, other});
    CHECK(bench.counters().coalesced_sectors == 0);
  }
}
