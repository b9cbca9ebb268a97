#include "sim/device/read_gpu.h"

#include <array>
#include <optional>
#include <utility>

#include "sim/device/catalogue.h"
#include "sim/device/extended_file.h"
#include "sim/device/gpu_relations.h"
#include "sim/device/read_dram.h"
#include "sim/device/read_energy.h"
#include "sim/device/read_shared_memory.h"
#include "sim/device/section.h"
#include "sim/wire/message.h"

namespace strobe::device {
namespace {

std::int64_t read_width(Section& section, std::string_view key) {
  return section.quantity<BytesPerCycle>(key).count();
}

void read_gpu_table(Section section, GpuSpec& gpu) {
  gpu.name = section.text("name");
  gpu.title = section.text("title");
  gpu.memory_kind = section.text("memory_kind");
  gpu.sms = section.count("sms");
  section.close();
}

BoardSpec read_board(Section section) {
  BoardSpec board;
  board.power = section.quantity<dram::Microwatts>("power");
  board.base_clock = section.quantity<Kilohertz>("base_clock");
  board.boost_clock = section.quantity<Kilohertz>("boost_clock");
  board.typical_clock = section.quantity<Kilohertz>("typical_clock");
  section.close();
  return board;
}

TensorRates read_tensor(Section section) {
  constexpr std::array<std::string_view, 6> kInstructions{"none",       "HMMA.884", "HMMA.1688",
                                                          "HMMA.16816", "WGMMA",    "tcgen05.mma"};
  TensorRates rates;
  rates.instruction = section.choice<TensorInstruction>("instruction", kInstructions);
  rates.fp64 = section.count("fp64", 0);
  rates.tf32 = section.count("tf32", 0);
  rates.fp16 = section.count("fp16", 0);
  rates.fp16_half_sums = section.count("fp16_half_sums", 0);
  rates.bf16 = section.count("bf16", 0);
  rates.int8 = section.count("int8", 0);
  rates.fp8 = section.count("fp8", 0);
  rates.fp8_half_sums = section.count("fp8_half_sums", 0);
  rates.fp4 = section.count("fp4", 0);
  section.close();
  return rates;
}

void read_pipes(Section section, sm::Spec& spec) {
  for (std::size_t pipe = 0; pipe < sm::kPipeCount; ++pipe) {
    Section row = section.section(sm::kPipeNames[pipe]);
    spec.pipes[pipe] = {row.quantity<Cycles>("latency"), row.quantity<Cycles>("interval")};
    row.close();
  }
  section.close();
}

sm::L1Spec read_l1(Section section) {
  sm::L1Spec spec;
  spec.capacity = section.quantity<Bytes>("capacity");
  spec.unified_with_shared = section.flag("unified_with_shared");
  spec.misses_return_in_order = section.flag("misses_return_in_order");
  spec.ways = section.count("ways");
  spec.miss_lines = section.count("miss_lines");
  spec.miss_merges = section.count("miss_merges");
  spec.store_lines = section.count("store_lines");
  spec.tags_per_cycle = section.count("tags_per_cycle");
  spec.bytes_per_cycle = read_width(section, "bytes_per_cycle");
  spec.hit_latency = section.quantity<Cycles>("hit_latency");
  spec.miss_latency = section.quantity<Cycles>("miss_latency");
  spec.fill_latency = section.quantity<Cycles>("fill_latency");
  section.close();
  return spec;
}

sm::TlbSpec read_tlb(Section section) {
  sm::TlbSpec spec;
  spec.page = section.quantity<Bytes>("page");
  spec.entries = section.count("entries");
  spec.miss_latency = section.quantity<Cycles>("miss_latency");
  if (section.optional("second") != nullptr) {
    Section second = section.section("second");
    spec.second.emplace();
    spec.second->page = second.quantity<Bytes>("page");
    spec.second->entries = second.count("entries");
    spec.second->walk_latency = second.quantity<Picoseconds>("walk_latency");
    second.close();
  }
  section.close();
  return spec;
}

sm::Spec read_sm(Section section) {
  sm::Spec spec;
  spec.clock = section.quantity<Kilohertz>("clock");
  spec.sub_partitions = section.count("sub_partitions");
  spec.max_warps = section.count("max_warps");
  spec.max_ctas = section.count("max_ctas");
  spec.registers = section.count("registers");
  spec.register_unit = section.count("register_unit");
  spec.register_reads = section.count("register_reads", 0);
  spec.shared_max = section.quantity<Bytes>("shared_max");
  spec.shared_unit = section.quantity<Bytes>("shared_unit");
  spec.shared_reserved = section.quantity<Bytes>("shared_reserved", 0);
  spec.lsu_queue = section.count("lsu_queue");
  spec.shared_latency = section.quantity<Cycles>("shared_latency");
  spec.shared_bytes_per_cycle = read_width(section, "shared_bytes_per_cycle");
  if (section.optional("shared_pair_registers") != nullptr) {
    spec.shared_pair_registers = section.count("shared_pair_registers");
  }
  spec.constant_latency = section.quantity<Cycles>("constant_latency");
  spec.barrier_latency = section.quantity<Cycles>("barrier_latency");
  spec.launch_latency = section.quantity<Cycles>("launch_latency");
  Section pipes = section.section("pipes"), l1 = section.section("l1");
  if (section.optional("tlb") != nullptr) spec.tlb = read_tlb(section.section("tlb"));
  section.close();
  read_pipes(std::move(pipes), spec);
  spec.l1 = read_l1(std::move(l1));
  return spec;
}

CrossbarSpec read_crossbar(Section section) {
  CrossbarSpec spec;
  spec.clock = section.quantity<Kilohertz>("clock");
  spec.sm_request_bytes_per_cycle = read_width(section, "sm_request_bytes_per_cycle");
  spec.sm_reply_bytes_per_cycle = read_width(section, "sm_reply_bytes_per_cycle");
  spec.slice_request_bytes_per_cycle = read_width(section, "slice_request_bytes_per_cycle");
  spec.slice_reply_bytes_per_cycle = read_width(section, "slice_reply_bytes_per_cycle");
  spec.header_bytes = section.quantity<Bytes>("header_bytes").count();
  spec.request_latency = section.quantity<Picoseconds>("request_latency");
  spec.reply_latency = section.quantity<Picoseconds>("reply_latency");
  section.close();
  return spec;
}

l2::CrossingSpec read_crossing(Section section) {
  l2::CrossingSpec spec;
  spec.latency = section.quantity<Picoseconds>("latency");
  spec.bytes_per_cycle = read_width(section, "bytes_per_cycle");
  section.close();
  return spec;
}

void read_l2(Section section, GpuSpec& gpu) {
  gpu.slices = section.count("slices");
  gpu.l2.clock = section.quantity<Kilohertz>("clock");
  gpu.l2_follows_sms = section.flag("clock_follows_sms");
  gpu.l2.coalesces_bulk_reads = section.flag("coalesces_bulk_reads");
  gpu.l2.capacity = section.quantity<Bytes>("capacity");
  gpu.l2.ways = section.count("ways");
  gpu.l2.miss_lines = section.count("miss_lines");
  gpu.l2.miss_merges = section.count("miss_merges");
  gpu.l2.write_backs = section.count("write_backs");
  gpu.l2.bytes_per_cycle = read_width(section, "bytes_per_cycle");
  gpu.l2.sector_promotion = section.quantity<Bytes>("sector_promotion");
  gpu.l2.hit_latency = section.quantity<Picoseconds>("hit_latency");
  gpu.l2.dram_path = section.quantity<Picoseconds>("dram_path");
  if (section.optional("crossing") != nullptr) {
    gpu.l2.crossing = read_crossing(section.section("crossing"));
  }
  section.close();
}

// What makes a board's memory larger or smaller than its part says (denser dies, ranks, clamshell)
// is rows to everything that is modelled here.
void set_rows(const TomlNode& memory_table, MemorySpec& memory) {
  dram::Geometry& part = memory.part.geometry;
  const std::uint64_t one_row_everywhere = std::uint64_t{memory.channels} * part.pseudo_channels *
                                           part.banks() *
                                           static_cast<std::uint64_t>(part.row.count());
  const std::uint64_t rows = memory.capacity / one_row_everywhere;
  if (rows == 0 || rows > UINT32_MAX || memory.capacity % one_row_everywhere != 0) {
    throw UserError(place_of(memory_table, "capacity"),
                    "'memory.capacity' must be a whole number of rows of " +
                        std::to_string(one_row_everywhere) + " B over all channels and banks");
  }
  part.rows = static_cast<std::uint32_t>(rows);
}

MemoryLinkSpec read_memory_link(Section section) {
  MemoryLinkSpec spec;
  spec.bandwidth = section.quantity<BytesPerSecond>("bandwidth");
  spec.header_bytes = section.quantity<Bytes>("header_bytes").count();
  spec.packet_bytes = section.quantity<Bytes>("packet_bytes").count();
  section.close();
  return spec;
}

void read_memory(Section section, const TomlNode& part_overrides, GpuSpec& gpu) {
  const std::string part = section.text("part");
  gpu.memory.channels = section.count("channels");
  gpu.memory.capacity = static_cast<std::uint64_t>(section.quantity<Bytes>("capacity").count());
  gpu.memory.interleave = static_cast<std::uint32_t>(section.quantity<Bytes>("interleave").count());
  // Both are read with the part that they go over.
  const BoardMemory board{section.optional("data_rate"), section.optional("controller"),
                          &part_overrides};
  if (section.optional("link") != nullptr) {
    gpu.memory.link = read_memory_link(section.section("link"));
  }
  if (section.optional("system_cache") != nullptr) {
    gpu.memory.system_cache = read_system_cache(section.section("system_cache"));
  }
  if (section.optional("cpu") != nullptr) gpu.memory.cpu = read_cpu(section.section("cpu"));
  if (section.optional("ecc") != nullptr) {
    enum class Ecc : std::uint8_t { none, sideband, in_line };
    constexpr std::array<std::string_view, 3> kNames{"none", "sideband", "inline"};
    const bool in_line = section.choice<Ecc>("ecc", kNames) == Ecc::in_line;
    // A board that ships with it keeps its number where --set turns it off.
    if (in_line || section.optional("ecc_bursts") != nullptr) {
      const std::uint32_t bursts = section.count("ecc_bursts", 0);
      if (in_line) gpu.memory.ecc_bursts = bursts;
    }
  }
  section.close();
  try {
    find_part(part);
  } catch (const UserError& error) {
    throw UserError(place_of(section.node(), "part"), error.what());
  }
  SourcedPart sourced = read_dram(part, board);
  gpu.memory.part = std::move(sourced.part);
  gpu.resolved += "[memory.part]\n" + sourced.resolved;
  for (std::string& file : sourced.files) gpu.files.push_back(std::move(file));
  set_rows(section.node(), gpu.memory);
  share_out(section.node(), gpu.memory);
  for (Sourced& source : sourced.sources) {
    // Keys of the part's own file stand under its name; what the board overrides does already.
    if (!source.key.starts_with("memory.")) source.key = "memory.part." + source.key;
    gpu.sources.push_back(std::move(source));
  }
}

ManagedMemorySpec read_managed(Section section) {
  ManagedMemorySpec managed;
  managed.on = section.flag("on");
  managed.pager.batch_latency = section.quantity<Picoseconds>("batch_latency");
  managed.pager.batch_faults = section.count("batch_faults");
  managed.pager.prefetch_threshold = section.count("prefetch_threshold");
  section.close();
  return managed;
}

HostLinkSpec read_host(Section section) {
  HostLinkSpec host;
  host.unified = section.flag("unified");
  host.name = section.text("name");
  if (!host.unified) {
    host.bandwidth = host.to_host_bandwidth = section.quantity<BytesPerSecond>("bandwidth");
    if (section.optional("to_host_bandwidth") != nullptr) {
      host.to_host_bandwidth = section.quantity<BytesPerSecond>("to_host_bandwidth");
    }
    host.latency = section.quantity<Picoseconds>("latency");
    host.lines_in_flight = section.count("lines_in_flight");
    if (section.optional("managed") != nullptr) {
      host.managed = read_managed(section.section("managed"));
    }
  }
  section.close();
  return host;
}

DispatchSpec read_dispatch(Section section) {
  DispatchSpec dispatch;
  dispatch.launch_latency = section.quantity<Picoseconds>("launch_latency");
  dispatch.cta_interval = section.quantity<Picoseconds>("cta_interval");
  dispatch.cta_latency = section.quantity<Picoseconds>("cta_latency");
  section.close();
  return dispatch;
}

MigProfile read_mig(Section section) {
  MigProfile profile;
  profile.name = section.text("name");
  profile.sms = section.count("sms");
  profile.memory_eighths = section.count("memory_eighths");
  section.close();
  return profile;
}

}  // namespace

GpuSpec read_gpu(const std::string& name, const Overrides& overrides) {
  GpuSpec gpu;
  TomlNode root = read_extended(find_gpu(name), gpu.files);
  lay_over_file(root, overrides.file);
  gpu.resolved = canonical_text(root);
  Section file(root, gpu.sources);
  Section gpu_table = file.section("gpu"), sm = file.section("sm"), l2 = file.section("l2");
  Section board = file.section("board"), tensor = file.section("tensor");
  Section crossbar = file.section("crossbar"), memory = file.section("memory");
  Section host = file.section("host"), dispatch = file.section("dispatch");
  std::optional<Section> energy;
  if (file.optional("energy") != nullptr) energy = file.section("energy");
  if (file.optional("mig") != nullptr) {
    for (Section& profile : file.sections("mig")) gpu.mig.push_back(read_mig(std::move(profile)));
  }
  file.close();

  read_gpu_table(std::move(gpu_table), gpu);
  gpu.board = read_board(std::move(board));
  gpu.tensor = read_tensor(std::move(tensor));
  gpu.sm = read_sm(std::move(sm));
  read_l2(std::move(l2), gpu);
  gpu.crossbar = read_crossbar(std::move(crossbar));
  read_memory(std::move(memory), overrides.part, gpu);
  gpu.host = read_host(std::move(host));
  gpu.dispatch = read_dispatch(std::move(dispatch));
  if (energy) gpu.energy = read_energy(*std::move(energy), gpu);
  check_relations(gpu, root);
  return gpu;
}

}  // namespace strobe::device
