#include "sim/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "sim/report/json.h"
#include "sim/report/output_file.h"

namespace strobe::report {
namespace {

// Processes of the timeline: the GPU as a whole, then each SM.
constexpr std::uint32_t kGpu = 1, kFirstSm = 2;
// Its rows: threads of the GPU.
constexpr std::uint32_t kKernels = 1, kCopies = 2;

// The format counts in microseconds; six digits are picoseconds.
std::string microseconds(std::int64_t ps) {
  return fmt::format("{}.{:06}", ps / 1'000'000, ps % 1'000'000);
}
std::string microseconds(Instant at) {
  return microseconds(at.since_start().count());
}

// Where an event belongs: a process and, in it, a thread.
struct Row {
  std::uint32_t process = 0, thread = 0;
};

class Timeline {
 public:
  void name_process(std::uint32_t process, const std::string& name) {
    JsonObject arguments, order;
    add("process_name", "M", {process, 0}, "0", arguments.add("name", name));
    add("process_sort_index", "M", {process, 0}, "0", order.add("sort_index", process));
  }
  void name_row(Row row, const std::string& name) {
    JsonObject arguments;
    add("thread_name", "M", row, "0", arguments.add("name", name));
  }
  // A slice of a row; those of one row follow each other.
  void slice(const std::string& name, Row row, std::array<Instant, 2> from_to,
             const JsonObject& arguments) {
    begin(name, "X", row, microseconds(from_to[0]));
    text_ += ",\"dur\":" + microseconds((from_to[1] - from_to[0]).count());
    end(arguments);
  }
  // The values of a counter from `at` on, stacked.
  void counter(const std::string& name, const std::string& at, const JsonObject& values) {
    add(name, "C", {kGpu, 0}, at, values);
  }

  std::string text() const {
    return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n" + text_ + "\n]}\n";
  }

 private:
  void add(const std::string& name, const char* phase, Row row, const std::string& at,
           const JsonObject& arguments) {
    begin(name, phase, row, at);
    end(arguments);
  }
  void begin(const std::string& name, const char* phase, Row row, const std::string& at) {
    text_ += fmt::format("{}{{\"name\":{},\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{}",
                         text_.empty() ? "" : ",\n", json_text(name), phase, row.process,
                         row.thread, at);
  }
  void end(const JsonObject& arguments) { text_ += ",\"args\":" + arguments.text() + "}"; }

  std::string text_;
};

std::string extent(const std::array<std::uint32_t, 3>& size) {
  return fmt::format("{}x{}x{}", size[0], size[1], size[2]);
}

void add_kernels(Timeline& timeline, const device::RunResult& result, const device::GpuSpec& gpu,
                 const Limits& limits) {
  std::vector<std::uint64_t> shown(result.kernels.size(), 0);
  for (const device::CtaSpan& cta : result.ctas) ++shown[cta.kernel];
  for (std::size_t i = 0; i < result.kernels.size(); ++i) {
    const device::KernelResult& kernel = result.kernels[i];
    const Figures figures = figures_of(kernel, gpu);
    JsonObject arguments;
    arguments.add("grid", extent(kernel.grid)).add("block", extent(kernel.block));
    arguments.add("ctas", kernel.sm.ctas).add("ctas_shown", shown[i]);
    arguments.add("bound_by", text_of(bound_of(figures, limits)).by);
    arguments.add("dram_bandwidth_GBps", figures.dram() * 1e-9);
    arguments.add("l2_read_hit_rate", figures.l2_read_hit_rate);
    arguments.add("left_out_us", static_cast<double>(kernel.left_out.time.count()) * 1e-6);
    timeline.slice(kernel.name, {kGpu, kKernels}, {kernel.start, kernel.end}, arguments);
    // Waves that sampling left out keep the next kernel waiting; rounds of loops do not.
    const Instant next = i + 1 < result.kernels.size() ? result.kernels[i + 1].start : result.end;
    if (kernel.left_out.ctas == 0 || next <= kernel.end) continue;
    JsonObject left_out;
    left_out.add("ctas", kernel.left_out.ctas);
    timeline.slice("left out by sampling", {kGpu, kKernels},
                   {kernel.end, std::min(next, kernel.end + kernel.left_out.time)}, left_out);
  }
}

void add_copies(Timeline& timeline, const device::RunResult& result) {
  for (const device::CopyResult& copy : result.copies) {
    if (!copy.over_link) continue;
    JsonObject arguments;
    arguments.add("bytes", copy.bytes);
    timeline.slice(copy.to_host ? "copy to host" : "copy to device", {kGpu, kCopies},
                   {copy.start, copy.end}, arguments);
  }
}

// CTAs of one SM overlap: each takes the first row that is free.
void add_ctas(Timeline& timeline, std::span<const device::CtaSpan> ctas) {
  std::vector<std::vector<Instant>> free_from;  // [SM][row]
  for (const device::CtaSpan& cta : ctas) {
    const std::uint32_t process = kFirstSm + cta.sm;
    while (free_from.size() <= cta.sm) free_from.emplace_back();
    std::vector<Instant>& rows = free_from[cta.sm];
    if (rows.empty()) timeline.name_process(process, fmt::format("SM {}", cta.sm));
    auto row = std::ranges::find_if(rows, [&](Instant from) { return from <= cta.start; });
    const auto number = static_cast<std::uint32_t>(row - rows.begin());
    if (row == rows.end()) {
      timeline.name_row({process, number}, fmt::format("CTA slot {}", number));
      row = rows.insert(rows.end(), cta.end);
    }
    *row = cta.end;
    JsonObject arguments;
    arguments.add("kernel", cta.kernel);
    timeline.slice(fmt::format("CTA {}", cta.cta), {process, number}, {cta.start, cta.end},
                   arguments);
  }
}

std::uint64_t sum_at(const std::vector<std::vector<std::uint64_t>>& rows, std::size_t i) {
  std::uint64_t sum = 0;
  for (const auto& row : rows) sum += i < row.size() ? row[i] : 0;
  return sum;
}

void add_memory(Timeline& timeline, const device::RunResult& result) {
  const device::SeriesResult& series = result.series;
  const std::int64_t interval = series.interval.count();
  for (std::size_t i = 0; i < series.l2_read_sectors.size(); ++i) {
    const std::int64_t start = static_cast<std::int64_t>(i) * interval;
    const std::int64_t length = std::min(interval, result.end.since_start().count() - start);
    const std::string at = microseconds(start);
    const auto rate = [&](const std::vector<std::vector<std::uint64_t>>& bytes) {
      return static_cast<double>(sum_at(bytes, i)) / static_cast<double>(length) * 1e3;
    };
    if (length > 0) {
      JsonObject bandwidth;
      bandwidth.add("read", rate(series.channel_read_bytes));
      bandwidth.add("written", rate(series.channel_write_bytes));
      timeline.counter("DRAM GB/s", at, bandwidth);
    }
    if (series.l2_read_sectors[i] == 0) continue;
    JsonObject hits;
    hits.add("hits", 100 * static_cast<double>(series.l2_read_sector_hits[i]) /
                         static_cast<double>(series.l2_read_sectors[i]));
    timeline.counter("L2 hits %", at, hits);
  }
}

// How many warps were in each state, on average over an interval.
void add_stalls(Timeline& timeline, const device::SeriesResult& series) {
  const auto length = static_cast<double>(series.interval.count());
  for (std::size_t i = 0; i < series.stalls.size(); ++i) {
    JsonObject warps;
    for (std::size_t state = 0; state < stats::kWarpStateCount; ++state) {
      const auto in_state = static_cast<double>(series.stalls[i].by_state[state].count());
      warps.add(stats::kWarpStates[state].name, in_state / length);
    }
    const std::int64_t start = static_cast<std::int64_t>(i) * series.interval.count();
    timeline.counter("resident warps", microseconds(start), warps);
  }
}

}  // namespace

void write_timeline(const std::filesystem::path& path, const device::RunResult& result,
                    const device::GpuSpec& gpu, const Limits& limits) {
  Timeline timeline;
  timeline.name_process(kGpu, gpu.title);
  timeline.name_row({kGpu, kKernels}, "kernels");
  if (!result.copies.empty()) timeline.name_row({kGpu, kCopies}, "host copies");
  add_kernels(timeline, result, gpu, limits);
  add_copies(timeline, result);
  add_memory(timeline, result);
  add_stalls(timeline, result.series);
  add_ctas(timeline, result.ctas);
  const std::string text = timeline.text();
  replace_file(path, std::as_bytes(std::span(text)));
}

}  // namespace strobe::report
