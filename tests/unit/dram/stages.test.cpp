// A few requests whose waits are known by construction: each is charged to its cause.

#include "sim/model/dram/stages.h"

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using stats::Cause;

namespace {

// hbm2-2000: a clock is a nanosecond. Without hashing, line n of a pseudo-channel lies in bank
// group n % 4; a row of all four groups has 32 lines, all banks 128.
class OneChannel {
 public:
  OneChannel() : part_(unhashed()), channel_(part_), recorder_(part_) {}

  void push(bool is_write, std::uint64_t line, std::uint8_t bursts = 1) {
    channel_.push({tag_++, is_write, 0, bursts, line * 4}, now_);
  }
  void wait_until(Instant at) {
    channel_.run_until(at, recorder_);
    now_ = at;
  }
  // The stages of the last request pushed, when all is done.
  stats::StageTimes last() {
    dram_test::run_dry(channel_, recorder_);
    for (const dram_test::Completion& completion : recorder_.completions) {
      if (completion.tag == tag_ - 1) return completion.stages;
    }
    return {};
  }

 private:
  static PartSpec unhashed() {
    PartSpec part = dram_test::part_named("hbm2-2000");
    part.mapping.bank_hash = BankHash::none;
    return part;
  }
  PartSpec part_;
  Channel channel_;
  dram_test::Recorder recorder_;
  Instant now_;
  std::uint32_t tag_ = 0;
};

constexpr std::uint64_t kNextRow = 128;

}  // namespace

TEST_CASE("a lone read pays for opening its row and for its data") {
  OneChannel channel;
  channel.wait_until(Instant(Picoseconds(1'300)));  // 0.7 ns before a clock
  channel.push(false, 0);
  const stats::StageTimes stages = channel.last();
  CHECK(stages.of(Cause::dram_queue) == Picoseconds(700));
  CHECK(stages.of(Cause::dram_row_miss) == 14_ns);
  CHECK(stages.of(Cause::dram_burst) == 16_ns);
  CHECK(stages.total() == Picoseconds(30'700));
}

TEST_CASE("a row hit pays for its data alone") {
  OneChannel channel;
  channel.push(false, 0);
  channel.wait_until(Instant(100_ns));
  channel.push(false, 4);
  CHECK(channel.last().total() == 16_ns);
}

TEST_CASE("a conflict pays tRP, and the rest of tRAS when it comes early") {
  OneChannel late;
  late.push(false, 0);
  late.wait_until(Instant(100_ns));
  late.push(false, kNextRow);
  CHECK(late.last().of(Cause::dram_row_conflict) == 14_ns);

  OneChannel early;
  early.push(false, 0);
  early.wait_until(Instant(20_ns));  // opened at 0, used at 14, may be closed at 34
  early.push(false, kNextRow);
  const stats::StageTimes stages = early.last();
  CHECK(stages.of(Cause::dram_row_conflict) == 28_ns);
  CHECK(stages.of(Cause::dram_row_miss) == 14_ns);
  CHECK(stages.total() == 58_ns);
}

TEST_CASE("the fifth row of a burst of activates waits for the activate window") {
  OneChannel channel;
  for (const std::uint64_t line : {0U, 1U, 2U, 3U, 32U}) channel.push(false, line);
  const stats::StageTimes stages = channel.last();
  CHECK(stages.of(Cause::dram_activate_window) == 16_ns);
  CHECK(stages.of(Cause::dram_row_miss) == 14_ns);
}

TEST_CASE("a read after a write waits for the turnaround") {
  OneChannel channel;
  channel.push(true, 0);
  channel.wait_until(Instant(16_ns));  // the write issued at 12 (tRCDWR)
  channel.push(false, 4);
  const stats::StageTimes stages = channel.last();
  CHECK(stages.of(Cause::dram_turnaround) == 11_ns);  // CWL + BL + tWTR_L = 15, from 12
  CHECK(stages.total() == 27_ns);
}

TEST_CASE("the bursts of a lone line wait for their bank group") {
  OneChannel channel;
  channel.push(false, 0, 15);
  const stats::StageTimes stages = channel.last();
  CHECK(stages.of(Cause::dram_bank_group) == 6_ns);  // three times tCCD_L - tCCD_S
  CHECK(stages.of(Cause::dram_queue) == 6_ns);       // three times tCCD_S
}

TEST_CASE("a read in a bank under refresh waits for it") {
  OneChannel channel;
  channel.wait_until(Instant(250_ns));  // bank 0 was refreshed at 244, for 160
  channel.push(false, 0);
  const stats::StageTimes stages = channel.last();
  CHECK(stages.of(Cause::dram_refresh) == 154_ns);
  CHECK(stages.of(Cause::dram_row_miss) == 14_ns);
}

TEST_CASE("a read of what waits to be written never reaches the pins") {
  OneChannel channel;
  channel.push(false, kNextRow);  // keeps the bus in the read direction
  channel.push(true, 0, 15);
  channel.push(false, 0, 6);
  const stats::StageTimes stages = channel.last();
  CHECK(stages.total() == 2_ns);
}
