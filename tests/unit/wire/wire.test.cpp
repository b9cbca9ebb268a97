#include "sim/wire/address_map.h"
#include "sim/wire/mail.h"
#include "sim/wire/port.h"
#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;
using namespace strobe::wire;

TEST_CASE("a port passes packets one after another, in whole cycles of its clock") {
  Port port(1000_MHz, 32);
  const Port::Passage first = port.pass(Instant(10'500_ps), 40);  // two cycles from the next edge
  CHECK(first.first == Instant(11_ns));
  CHECK(first.last == Instant(13_ns));
  const Port::Passage second = port.pass(Instant(11_ns), 32);  // waits for the first
  CHECK(second.first == Instant(13_ns));
  CHECK(second.last == Instant(14_ns));
  const Port::Passage later = port.pass(Instant(20_ns), 1);  // finds it idle
  CHECK(later.first == Instant(20_ns));
  CHECK(later.last == Instant(21_ns));
  CHECK(port.busy() == Cycles(4));
}

TEST_CASE("a port whose period is no whole number of picoseconds does not drift") {
  Port port(1235_MHz, 32);
  Instant last;
  for (int i = 0; i < 1'235'000; ++i) last = port.pass(Instant(), 32).last;
  CHECK(last == Instant(1'000'000_ns));
}

TEST_CASE("units that follow each other go to all slices before one has its second") {
  const AddressMap map(6, 4);
  for (std::uint64_t block = 0; block < 100; ++block) {
    std::uint32_t seen = 0;
    for (std::uint64_t unit = 0; unit < 6; ++unit) {
      const SlicePlace place = map.place((block * 6 + unit) * 4);
      seen |= 1u << place.slice;
      CHECK(place.line == block * 4);
      for (std::uint64_t within = 1; within < 4; ++within) {
        CHECK(map.place((block * 6 + unit) * 4 + within).slice == place.slice);
      }
    }
    CHECK(seen == 0b111111);
  }
}

namespace {

struct TwoPartitions {
  Directory directory;
  ComponentId here, beside, elsewhere;
  TwoPartitions() {
    here = directory.add({Role::sm, 0, 0});
    beside = directory.add({Role::sm, 0, 1});
    elsewhere = directory.add({Role::slice, 1, 0});
  }
};

Message tagged(std::uint32_t tag) {
  Message message;
  message.tag = tag;
  return message;
}

}  // namespace

TEST_CASE("mail for a neighbour is delivered here, mail for elsewhere is kept to be handed over") {
  const TwoPartitions machine;
  Mail mail(machine.directory, 0), other(machine.directory, 1);
  mail.send(machine.here, machine.beside, Instant(5_ns), tagged(1));
  mail.send(machine.here, machine.elsewhere, Instant(9_ns), tagged(2));
  REQUIRE(mail.next_at() == Instant(5_ns));
  REQUIRE(mail.next_message_at(machine.beside) == Instant(5_ns));
  CHECK(mail.next_message_at(machine.here) == Instant::never());
  Event event;
  CHECK(!mail.pop_before(Instant(5_ns), event));
  REQUIRE(mail.pop_before(Instant(6_ns), event));
  CHECK(event.target == machine.beside);
  CHECK(mail.open<Message>(event).tag == 1);
  CHECK(mail.next_at() == Instant::never());

  mail.take_outgoing([&](const auto& outgoing) { other.accept(outgoing.event, outgoing.letter); });
  mail.take_outgoing([](const auto&) { FAIL("it has left"); });
  Event handed_over;
  REQUIRE(other.pop_before(Instant::never(), handed_over));
  CHECK(handed_over.at == Instant(9_ns));
  CHECK(handed_over.tie.sender == machine.here);
  CHECK_FALSE(is_reply(handed_over));
  CHECK(other.open<Message>(handed_over).tag == 2);
}

TEST_CASE("where one thread runs all, what leaves is in the receiver's mail at once") {
  const TwoPartitions machine;
  Neighbours neighbours;
  Mail mail(machine.directory, 0, &neighbours), other(machine.directory, 1, &neighbours);
  neighbours.mail = {&mail, &other};
  mail.send(machine.here, machine.elsewhere, Instant(7_ns), tagged(2));
  mail.send(machine.beside, machine.elsewhere, Instant(9_ns), Reply{{}, {}, 3, {}, {}});
  mail.take_outgoing([](const auto&) { FAIL("it is there already"); });
  REQUIRE(neighbours.arrivals.size() == 2);
  CHECK(neighbours.arrivals[1].partition == 1);
  CHECK(neighbours.arrivals[1].at == Instant(9_ns));
  CHECK(other.next_at() == Instant(7_ns));
  CHECK(other.incoming().messages.size() == 1);
  CHECK(other.incoming().replies.size() == 1);
  Event event;
  CHECK(!other.pop_before(Instant(7_ns), event));
  CHECK(other.incoming().messages.empty());
  REQUIRE(other.pop_before(Instant::never(), event));
  CHECK(other.open<Message>(event).tag == 2);
  REQUIRE(other.pop_before(Instant::never(), event));
  CHECK(is_reply(event));
  CHECK(other.open<Reply>(event).tag == 3);
}

TEST_CASE("a component is left alone until its next message, and no longer than the window lasts") {
  const TwoPartitions machine;
  Mail mail(machine.directory, 0);
  CHECK(mail.quiet_until(machine.here) == Instant());  // there was no window yet
  mail.send(machine.beside, machine.here, Instant(5_ns), tagged(1));
  mail.wake(machine.beside, Instant(1_ns));
  Event event;
  REQUIRE(mail.pop_before(Instant(8_ns), event));
  CHECK(mail.quiet_until(machine.here) == Instant(5_ns));
  CHECK(mail.quiet_until(machine.beside) == Instant(8_ns));
}

TEST_CASE("mail of one instant is read by sender and then in the order of sending") {
  const TwoPartitions machine;
  Mail mail(machine.directory, 0);
  mail.send(machine.beside, machine.here, Instant(1_ns), tagged(20));
  mail.send(machine.here, machine.here, Instant(1_ns), tagged(10));
  mail.send(machine.beside, machine.here, Instant(1_ns), tagged(21));
  mail.wake(machine.here, Instant(1_ns));
  std::vector<std::uint32_t> tags;
  Event event;
  while (mail.pop_before(Instant::never(), event)) {
    tags.push_back(event.message == Event::kWake ? 99 : mail.open<Message>(event).tag);
  }
  // What a component sends itself comes after its wake.
  CHECK(tags == std::vector<std::uint32_t>{99, 10, 20, 21});
}

TEST_CASE("messages and replies of one instant keep the order in which they were sent") {
  const TwoPartitions machine;
  Mail mail(machine.directory, 0);
  for (std::uint32_t tag = 0; tag < 10; ++tag) {
    if (tag % 3 == 0) {
      mail.send(machine.here, machine.beside, Instant(1_ns), tagged(tag));
    } else {
      mail.send(machine.here, machine.beside, Instant(1_ns), Reply{{}, {}, tag, {}, {}});
    }
  }
  Event event;
  for (std::uint32_t tag = 0; tag < 10; ++tag) {
    REQUIRE(mail.pop_before(Instant::never(), event));
    REQUIRE(is_reply(event) == (tag % 3 != 0));
    CHECK((tag % 3 != 0 ? mail.open<Reply>(event).tag : mail.open<Message>(event).tag) == tag);
  }
}

TEST_CASE("a component is woken when it last asked for, and once") {
  const TwoPartitions machine;
  Mail mail(machine.directory, 0);
  mail.wake(machine.here, Instant(3_ns));
  mail.wake(machine.here, Instant(7_ns));
  mail.wake(machine.beside, Instant(5_ns));
  std::vector<Instant> wakes;
  Event event;
  while (mail.pop_before(Instant::never(), event)) wakes.push_back(event.at);
  CHECK(wakes == std::vector<Instant>{Instant(5_ns), Instant(7_ns)});
}

TEST_CASE("a message's slot is used again, and never while its message is under way") {
  const TwoPartitions machine;
  Mail mail(machine.directory, 0);
  for (std::uint32_t i = 0; i < 100; ++i) {
    mail.send(machine.here, machine.beside, Instant(Picoseconds(i * 10)), tagged(i));
    mail.send(machine.here, machine.beside, Instant(Picoseconds(i * 10 + 5)), tagged(1000 + i));
    for (const std::uint32_t expected : {i, 1000 + i}) {
      Event event;
      REQUIRE(mail.pop_before(Instant::never(), event));
      CHECK(event.message < 2);
      CHECK(mail.open<Message>(event).tag == expected);
    }
  }
}
