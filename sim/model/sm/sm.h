#pragma once

// A streaming multiprocessor: warps replay their instructions in order, four sub-partitions issue
// one each cycle, a load/store unit takes memory instructions apart into lines and looks them up in
// the L1, and misses go out through the SM's crossbar port.
//
// Nothing is polled. A warp's next instruction gets a ready cycle as soon as everything it depends
// on is known, else the warp is blocked until the event that unblocks it. The SM asks to be woken
// at the earliest cycle at which a sub-partition or the load/store unit has something to do.
//
// Every cycle of every resident warp is charged to one state (stats/stalls.h) when it is over:
// `Warp::accounted` says how far that has come.

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sim/base/ring.h"
#include "sim/base/slots.h"
#include "sim/kernel/clock.h"
#include "sim/model/sm/coalescer.h"
#include "sim/model/sm/managed_pages.h"
#include "sim/model/sm/registers.h"
#include "sim/model/sm/spec.h"
#include "sim/model/sm/tlb.h"
#include "sim/model/sm/warp.h"
#include "sim/stats/histogram.h"
#include "sim/tags/miss_table.h"
#include "sim/tags/sectored_tags.h"
#include "sim/trace/cta_pool.h"
#include "sim/wire/address_map.h"
#include "sim/wire/mail.h"
#include "sim/wire/port.h"

namespace strobe::sm {

// Where an SM is in the machine.
struct Wiring {
  ComponentId self, dispatcher, first_slice;
  std::optional<ComponentId> pager;  // where memory is managed
  const trace::CtaPool* ctas;        // filled by the dispatcher, read here while a CTA is resident
  wire::AddressMap map;
  wire::Port request_port, reply_port;  // its side of the crossbar
  std::int64_t header_bytes;
  Picoseconds request_latency;  // flight time to the slices
  Picoseconds report_latency;   // to the dispatcher
  wire::L2Sides sides;
  std::uint32_t side;  // of an L2 in two partitions, the one that it is connected to
};

// What all CTAs of a kernel share.
struct Launch {
  Bytes l1_capacity;
  std::uint32_t warps_per_cta = 0;
  std::array<std::uint32_t, 3> grid{1, 1, 1};
};

// What an SM has to say of a kernel.
struct KernelRecord {
  Counters counters;
  stats::StallTimes stalls;
  stats::LatencyHistogram load_latency;
  Instant stores_done;  // when the L2 had answered the last of them
};

// What it keeps over time besides, over all kernels, when it is asked to.
struct OverTime {
  stats::StallSeries stalls;
  stats::Series load_sectors, load_sector_hits;  // of global loads, in the L1
};

class Sm {
 public:
  Sm(const Spec& spec, const Wiring& wiring);

  void keep_over_time() { over_time_.emplace(); }
  const std::optional<OverTime>& over_time() const { return over_time_; }

  // Between kernels: the L1 starts empty, as hardware invalidates it at a launch. REQUIRES: no warp
  // is resident.
  void start_kernel(const Launch& launch);
  // Between kernels: none of managed memory's blocks in [first, end) is on the device any more.
  void forget_pages(std::uint64_t first, std::uint64_t end);
  // The record of the kernel since start_kernel. REQUIRES: no warp is resident.
  KernelRecord end_kernel();

  void receive(const wire::Message& message, Instant now, wire::Mail& mail);
  void receive(const wire::Reply& reply, Instant now, wire::Mail& mail);
  void wake(Instant now, wire::Mail& mail);

  // Ask the host for what a reply that is to come will touch: first what it names, then what that
  // names.
  void prefetch(const wire::Reply& reply) const;
  void prefetch_more(const wire::Reply& reply) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr Cycles kNever{std::int64_t{1} << 62};
  static constexpr std::int64_t kMostPlaces = 1 << 12;
  static constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::max();  // an age
  // Local memory lies far above every address of a trace: byte addresses have 64 bits, so line
  // numbers 57.
  static constexpr std::uint64_t kFirstLocalLine = std::uint64_t{1} << 56;

  // What the head of the load/store unit's queue stands still for.
  enum class LsuStall : std::uint8_t { none, misses, stores };

  // A load, atomic or async copy from issue until its last line is there.
  struct alignas(32) Access {
    std::uint32_t warp;
    trace::Op op;
    std::uint8_t destination, destination_count;
    bool is_shared : 1;
    bool has_turn : 1;  // among the misses that return in order
    bool is_there : 1;  // but waits for its turn
    std::uint32_t copy_group;
    std::uint32_t lines_open;  // looked up but not there, plus one while lookups go on
    Cycles issued;
    Cycles done;  // the latest of its lines so far
  };
  // An instruction in the load/store unit's queue.
  struct Queued {
    const trace::Instruction* instruction;
    std::uint32_t warp;
    std::uint32_t access;  // kNone for stores and reductions
    Cycles issued;
    Picoseconds table_full_at_issue;
  };
  struct Waiter {  // of the L1's miss table: one line of an access
    std::uint32_t access;
    TagPassage tag;
  };
  struct alignas(64) StoreLine {  // a store, reduction or atomic line under way
    std::int64_t age;             // of the warp, which may have left its place to another one
    TagPassage tag;
    std::uint32_t warp;
    std::uint32_t access;  // of an atomic, else kNone
    wire::SectorMask sectors;
  };
  // A reply that has come through the SM's port.
  struct Returned {
    const wire::Reply& reply;
    Instant at;
    Translation translation;
    Cycles done;  // a dependent instruction may issue

    Timeline timeline(const TagPassage& tag) const {
      return {tag, true, {reply.sent - reply.stages.total(), at, reply.stages, translation}, done};
    }
  };
  struct FinishedCta {
    std::uint32_t pool_slot;
    Instant at;
  };

  // warps.cpp: residency and what a warp does next
  void launch_cta(std::uint32_t pool_slot, Instant now);
  void place_warp(std::uint32_t resident, const trace::Warp& warp, std::uint64_t number,
                  Cycles now);
  std::uint32_t free_warp_slot() const;
  void plan(std::uint32_t warp, const Timeline* returned);
  void block(std::uint32_t warp, Blocked why, stats::WarpState state);
  void ready(std::uint32_t warp, Cycles at);
  void charge_until(std::uint32_t warp, Cycles until, stats::WarpState state);
  void charge_memory_until(std::uint32_t warp, Cycles until, stats::WarpState state,
                           const Timeline* timeline);
  void charge_lsu_wait(const Warp& warp, Cycles now);
  void finish_if_done(std::uint32_t warp, const Timeline* returned);
  void release(std::uint32_t warp);
  void open_barrier_if_all_there(std::uint32_t cta, Cycles now);
  bool are_copies_there(const Warp& warp, std::uint32_t groups) const;
  void tell_of_copies(std::uint32_t cta, const Timeline* returned);
  void tell_of_arrival(std::uint32_t cta, Cycles now);

  // sm.cpp: issue
  std::uint32_t part_of(std::uint32_t place) const { return place >> part_shift_; }
  std::uint32_t first_of(std::uint32_t part) const { return part << part_shift_; }
  void issue_from(std::uint32_t sub_partition, Cycles now);
  std::uint32_t next_to_issue(std::uint32_t sub_partition, Cycles now) const;
  bool may_issue(std::uint32_t warp, Cycles now);
  void issue(std::uint32_t warp, Cycles now);
  void issue_arithmetic(std::uint32_t warp, const trace::Instruction& instruction, Cycles now);
  Cycles issue_alike(std::uint32_t warp, const trace::Instruction& instruction, Cycles interval,
                     Cycles now);
  Cycles read_operands(const trace::Instruction& instruction, Cycles now);
  void issue_memory(std::uint32_t warp, const trace::Instruction& instruction, Cycles now);
  void run_from(Instant next, wire::Mail& mail);
  Instant run_cycle(Instant now, wire::Mail& mail);
  Instant schedule(Instant now, wire::Mail& mail);

  // lsu.cpp: the load/store unit and the L1
  void run_lsu(Cycles now, wire::Mail& mail);
  void find_lines(const Queued& head);
  std::int64_t pass_shared(const Queued& head, Cycles now);
  std::int64_t cycles_of_return(const trace::Cta& cta, const trace::Instruction& instruction) const;
  // When a line's tag is looked up, and for how long its data wait for those of lines before it.
  struct Lookup {
    Cycles at, behind;
  };
  bool look_up_line(const Queued& head, const LineAccess& line, const Lookup& lookup,
                    wire::Mail& mail);
  bool look_up_load(const Queued& head, const LineAccess& line, const Lookup& lookup,
                    wire::Mail& mail);
  bool send_store(const Queued& head, const LineAccess& line, Cycles now, wire::Mail& mail);
  TagPassage passage(const Queued& head, Cycles now) const;
  void leave_queue(const Queued& head, Cycles now);
  void note_stores_done(std::uint32_t place, const Timeline& last);
  Returned pass_reply_port(const wire::Reply& reply, std::int64_t data, Instant now);
  void take_load_reply(const wire::Reply& reply, Instant now);
  void take_store_reply(const wire::Reply& reply, Instant now);
  void send(wire::Message message, std::uint64_t line, Cycles now, wire::Mail& mail);

  // returns.cpp
  void note_hit(std::uint32_t access, const TagPassage& tag, Cycles done);
  void finish_line(std::uint32_t access, const TagPassage& tag, const Returned& returned);
  Timeline& last_line(std::uint32_t access) {
    if (access >= last_lines_.size()) last_lines_.resize(access + 1);
    return last_lines_[access];
  }
  void complete(std::uint32_t access, const Timeline& last);
  void take_turn(std::uint32_t access);
  void deliver(std::uint32_t access, const Timeline& last);

  // beyond_port.cpp
  Picoseconds translate(wire::Message& message, std::uint64_t line, Instant at, Picoseconds paged);
  void wait_for_page(const ParkedRequest& request, wire::Mail& mail);
  void note_pages(const wire::Message& message, Instant now, wire::Mail& mail);

  void count_request(const Queued& head);
  void count_in_flight(Instant now, std::int64_t sectors);
  void account_tag_stage(Cycles now);
  TagStageTimes tag_stage_times(Cycles now) const;
  void end_lsu_stall(LsuStall what, Instant now);

  Spec spec_;
  Wiring wiring_;
  Clock clock_;
  Launch launch_;

  // Warps by place; places of a sub-partition are neighbours, and ready cycles and ages lie apart
  // from the rest because picking a warp reads nothing else. Places beyond places_per_part_ up to
  // the power of two stay empty.
  std::uint32_t places_per_part_;
  int part_shift_;
  std::vector<Cycles> ready_;
  std::vector<std::int64_t> ages_;  // smaller is older; times kMostPlaces, plus the place
  std::vector<Warp> warps_;
  Scoreboard scoreboard_;
  std::vector<ResidentCta> ctas_;
  std::uint32_t resident_warps_ = 0;
  std::int64_t warps_started_ = 0;
  Cycles active_since_, active_until_;

  std::vector<Cycles> part_ready_;        // when a sub-partition has a warp to issue from
  std::vector<Cycles> part_free_;         // ... and when it may issue again: one each cycle
  std::vector<std::uint32_t> part_last_;  // the warp it issued from last
  std::vector<std::array<Cycles, kPipeCount>> pipe_free_;
  Cycles wake_cycle_ = kNever;
  std::vector<FinishedCta> finished_ctas_;  // to report at the end of this event

  Ring<Queued> lsu_queue_;
  Ring<std::uint32_t> lsu_waiting_;  // warps that wait for room in the queue
  std::uint32_t lsu_promised_ = 0;   // places kept for warps that were told of room
  LineList lines_;                   // of the head of the queue
  std::uint32_t next_line_ = 0;
  bool head_started_ = false;
  LsuStall lsu_stall_ = LsuStall::none;
  Cycles lsu_free_;      // when the tag stage takes the next lines
  Cycles data_free_;     // when the banks and the way to the registers behind it are free
  Cycles first_lookup_;  // of the head
  Picoseconds table_full_at_first_lookup_;
  Cycles tag_stage_accounted_;
  TagStageTimes tag_stage_;
  Slots<Access> accesses_;
  std::vector<Timeline> last_lines_;  // by access: of the line that `Access::done` is of
  Ring<std::uint32_t> turns_;         // accesses with a missing line, as they were looked up
  Timeline last_turn_;                // the latest line of those that had theirs
  tags::SectoredTags tags_;
  tags::MissTable<Waiter> misses_;
  Slots<StoreLine> stores_;
  std::optional<Tlb> tlb_;
  std::optional<ManagedPages> pages_;
  // Of requests under way, by tag; empty where nothing is translated or managed.
  Translations load_translations_, store_translations_;
  std::int64_t in_flight_sectors_ = 0;
  Instant in_flight_since_;

  KernelRecord record_;
  std::optional<OverTime> over_time_;
};

}  // namespace strobe::sm
