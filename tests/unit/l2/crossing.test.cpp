// The L2 in two partitions. The home and its mirror by hand: what crosses, who holds what, and when
// a copy is recalled. And the whole machine: what a far line costs.

#include <vector>

#include "sim/model/l2/slice.h"
#include "tests/support/catch.h"
#include "tests/support/print_units.h"
#include "tests/support/run_small.h"

using namespace strobe;
using wire::Kind;
using wire::Message;

namespace {

// Two slices, mirrors of each other, in one partition; SMs and DRAM are elsewhere and their
// messages are kept. The DRAM answers when it is told to.
class TwoSides {
 public:
  TwoSides() : mail_(directory_, 0) {
    for (std::uint32_t i = 0; i < 2; ++i) slices_.emplace_back(spec(), wiring(i));
  }

  // From an SM on the side of `slice`.
  void ask(std::uint32_t slice, Kind kind, std::uint64_t line, bool is_far) {
    Message message;
    message.kind = kind;
    message.line = line;
    message.sectors = 0b1111;
    message.whole_sectors = kind == Kind::store ? message.sectors : wire::SectorMask{0};
    message.is_far = is_far;
    message.from = kSm.value;
    message.sent = now_;
    slices_[slice].receive(message, now_, mail_);
    run();
  }
  void answer_all() {
    const std::vector<Message> asked = std::move(to_dram);
    to_dram.clear();
    for (const Message& request : asked) {
      wire::Reply reply{request.kind, request.sectors, request.tag, now_, {}};
      reply.stages.add(stats::Cause::dram_path, now_ - request.sent);
      slices_[request.from].receive(reply, now_, mail_);
    }
    run();
  }
  const l2::Counters& counters(std::uint32_t slice) const { return slices_[slice].counters(); }

  std::vector<Message> to_dram;
  std::vector<wire::Reply> to_sm;
  static constexpr std::uint32_t kHome = 0, kMirror = 1;

 private:
  static constexpr ComponentId kSm{2}, kDram{3};

  static wire::Directory four() {
    wire::Directory directory;
    directory.add({wire::Role::slice, 0, 0});
    directory.add({wire::Role::slice, 0, 1});
    directory.add({wire::Role::sm, 1, 0});
    directory.add({wire::Role::channel, 1, 0});
    return directory;
  }
  static l2::Spec spec() {
    return {1000_MHz, Bytes(4 * 128), 4, 2, 4, 2, 64, 30_ns, 20_ns, l2::CrossingSpec{25_ns, 40}};
  }
  static l2::Wiring wiring(std::uint32_t slice) {
    const wire::Port port(1000_MHz, 64);
    const l2::Crossing crossing{ComponentId{1 - slice}, wire::Port(1000_MHz, 40), 25_ns};
    return {ComponentId{slice},
            kDram,
            ComponentId{99},
            port,
            port,
            8,
            40_ns,
            64,
            1,
            0,
            1,
            {},
            crossing};
  }
  void run() {
    Event event;
    while (mail_.pop_before(Instant::never(), event)) {
      now_ = event.at;
      l2::Slice& slice = slices_[event.target.value];
      if (event.message == Event::kWake) {
        slice.wake(now_, mail_);
      } else if (wire::is_reply(event)) {
        slice.receive(mail_.open<wire::Reply>(event), now_, mail_);
      } else {
        slice.receive(mail_.open<wire::Message>(event), now_, mail_);
      }
    }
    mail_.take_outgoing([&](const auto& outgoing) { note(outgoing.letter); });
    now_ = now_ + 100_ns;
  }

  void note(const Message& message) { to_dram.push_back(message); }
  void note(const wire::Reply& reply) { to_sm.push_back(reply); }

  wire::Directory directory_ = four();
  wire::Mail mail_;
  std::vector<l2::Slice> slices_;
  Instant now_;
};

}  // namespace

TEST_CASE("a far line is fetched from its home once and then read on the near side") {
  TwoSides l2;
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  REQUIRE(l2.to_dram.size() == 1);
  CHECK(l2.to_dram[0].from == TwoSides::kHome);
  l2.answer_all();
  REQUIRE(l2.to_sm.size() == 1);
  CHECK(l2.to_sm[0].stages.of(stats::Cause::l2_far) > 50_ns);
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  REQUIRE(l2.to_sm.size() == 2);
  CHECK(l2.to_sm[1].stages.of(stats::Cause::l2_far) == 0_ns);
  CHECK(l2.counters(TwoSides::kMirror).read_sector_hits == 4);
  CHECK(l2.counters(TwoSides::kHome).far_read_sectors == 4);
  CHECK(l2.counters(TwoSides::kHome).read_sectors == 0);
}

TEST_CASE("a far line that its home holds costs the crossing and no DRAM") {
  TwoSides l2;
  l2.ask(TwoSides::kHome, Kind::load, 7, false);
  l2.answer_all();
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  CHECK(l2.to_dram.empty());
  REQUIRE(l2.to_sm.size() == 2);
  // There: 8 bytes in a cycle. Back: 136 bytes in four cycles of 40.
  CHECK(l2.to_sm[1].stages.of(stats::Cause::l2_far) == 25_ns + 1_ns + 25_ns + 4_ns);
  CHECK(l2.to_sm[1].stages.of(stats::Cause::l2_hit) > 60_ns);
  CHECK(l2.counters(TwoSides::kHome).far_read_sector_hits == 4);
}

TEST_CASE("a far store goes through to the home, which answers the SM, and the copy is gone") {
  TwoSides l2;
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  l2.answer_all();
  l2.ask(TwoSides::kMirror, Kind::store, 7, true);
  REQUIRE(l2.to_sm.size() == 2);
  CHECK(l2.to_sm[1].kind == Kind::store);
  CHECK(l2.counters(TwoSides::kHome).far_write_sectors == 4);
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  CHECK(l2.counters(TwoSides::kMirror).read_sector_hits == 0);
  CHECK(l2.counters(TwoSides::kHome).far_read_sector_hits == 4);
}

TEST_CASE("a store on the home's side recalls the copy, once") {
  TwoSides l2;
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  l2.answer_all();
  l2.ask(TwoSides::kHome, Kind::store, 7, false);
  l2.ask(TwoSides::kHome, Kind::store, 7, false);
  CHECK(l2.counters(TwoSides::kHome).recalls == 1);
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  CHECK(l2.counters(TwoSides::kMirror).read_sector_hits == 0);
}

TEST_CASE("a line that leaves its home takes its copy with it") {
  TwoSides l2;
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  l2.answer_all();
  for (std::uint64_t line = 20; line < 24; ++line) {
    l2.ask(TwoSides::kHome, Kind::load, line, false);
    l2.answer_all();
  }
  CHECK(l2.counters(TwoSides::kHome).recalls == 1);
  l2.ask(TwoSides::kMirror, Kind::load, 7, true);
  CHECK(l2.counters(TwoSides::kMirror).read_sector_hits == 0);
  CHECK(l2.to_dram.size() == 1);
}

TEST_CASE("with its table full a mirror passes loads on and keeps no copy") {
  TwoSides l2;
  for (std::uint64_t line = 0; line < 3; ++line) l2.ask(TwoSides::kMirror, Kind::load, line, true);
  // The home's own table has two entries too: it is the third that waits there.
  CHECK(l2.to_dram.size() == 2);
  l2.answer_all();
  l2.answer_all();
  REQUIRE(l2.to_sm.size() == 3);
  l2.ask(TwoSides::kMirror, Kind::load, 2, true);
  CHECK(l2.counters(TwoSides::kMirror).read_sector_hits == 0);
  CHECK(l2.counters(TwoSides::kHome).far_read_sector_hits == 4);
}

TEST_CASE("half of what an SM reads comes over the crossing, whatever the number of SMs") {
  device::GpuSpec gpu = test::small_gpu(4, 2);
  gpu.l2.crossing = l2::CrossingSpec{25_ns, 40};
  trace::KernelRecipe read;
  read.pattern = trace::Pattern::read;
  read.bytes = 128 << 10;
  const device::RunResult result = test::run_recipes(gpu, {read, read});
  const l2::Counters& first = result.kernels[0].l2;
  CHECK(first.read_sectors == (128u << 10) / 32);
  CHECK(first.far_read_sectors == first.read_sectors / 2);
  CHECK(first.fill_sectors == first.read_sectors);
  CHECK(result.kernels[0].stalls.of(stats::Cause::l2_far) > 0_ns);
}
