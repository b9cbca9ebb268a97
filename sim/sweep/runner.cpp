#include "sim/sweep/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <map>
#include <mutex>

#include "sim/base/error.h"
#include "sim/kernel/executor.h"
#include "sim/report/memory_rows.h"
#include "sim/report/output_file.h"
#include "sim/run/gpu_run.h"
#include "sim/sweep/parts.h"

namespace strobe::sweep {
namespace {

using report::GridRow;
using report::RunStatus;

std::vector<double> result_of(const device::GpuSpec& gpu, const Work& work) {
  if (const auto* network = std::get_if<NetworkWork>(&work)) return run_network(*network, gpu);
  device::RunResult result;
  if (const auto* layer = std::get_if<LayerWork>(&work)) {
    result = run_layer(*layer, gpu);
  } else {
    device::NoProgress nobody;
    result = run::replay(gpu, *open_program(work), {}, nobody);
  }
  return report::fields_of(result, gpu, report::limits_of(gpu)).values;
}

std::vector<double> result_of(const dram::PartSpec& part, const Work& work) {
  const auto& requests = std::get<Requests>(work);
  run::OfferedRequests offered(requests.input, part.command_clock(), requests.load);
  dram::ReplaySpec spec;
  spec.channels = part.geometry.channels;
  spec.saturating = !offered.timed();
  Executor here(1);
  const dram::ReplayResult result = dram::replay(part, spec, offered, here);
  return report::fields_of(report::MemoryRun{part, spec.channels, result, requests.load}).values;
}

std::size_t numbers_of_row(const report::Grid& grid) {
  std::size_t numbers = 0;
  for (const report::GridColumn& column : grid.columns) numbers += column.size;
  return numbers;
}

// Columns that only other kinds of work have are not numbers.
GridRow execute(const Device& device, const Work& work, std::size_t numbers) {
  try {
    GridRow row{RunStatus::done, "",
                std::visit([&work](const auto& spec) { return result_of(spec, work); }, device)};
    row.values.resize(numbers, std::numeric_limits<double>::quiet_NaN());
    return row;
  } catch (const UserError& error) {
    return {RunStatus::failed, error.what(), {}};
  } catch (const std::bad_alloc&) {
    return {RunStatus::failed, "out of memory", {}};
  }
}

class Runner {
 public:
  Runner(const Plan& plan, const SweepOptions& options, SweepWatcher& watcher,
         const std::atomic<bool>& stop)
      : plan_(plan), options_(options), watcher_(watcher), stop_(stop), parts_(options.output) {}

  SweepOutcome run() {
    choose();
    run_all();
    if (failure_) std::rethrow_exception(failure_);
    return finish();
  }

 private:
  // Whose turn it is: runs of this shard, each hash once, without a result so far.
  void choose() {
    std::vector<std::size_t> shards(plan_.runs.size(), 0);
    std::size_t own = 0;
    if (options_.shard) {
      shards = shard_of_runs(plan_, options_.shard->of);
      own = options_.shard->number - 1;
    }
    double seconds = 0;
    for (std::size_t i = 0; i < plan_.runs.size(); ++i) {
      const PlannedRun& run = plan_.runs[i];
      if (shards[i] != own) continue;
      mine_.push_back(i);
      if (results_.contains(run.hash)) continue;
      std::optional<GridRow> row = parts_.find(run, plan_.grid);
      if (row) {
        ++outcome_.found;
      } else {
        waiting_.push_back(i);
        seconds += run.seconds;
      }
      results_.emplace(run.hash, row ? std::move(*row) : GridRow{});
    }
    // The longest first, so that none of them is left alone at the end.
    std::ranges::stable_sort(waiting_, [this](std::size_t a, std::size_t b) {
      return plan_.runs[a].seconds > plan_.runs[b].seconds;
    });
    watcher_.begin(outcome_.found + waiting_.size(), outcome_.found, seconds);
  }

  void run_all() {
    Executor executor(options_.at_once);
    const auto workers = static_cast<std::size_t>(options_.at_once);
    executor.for_each_index(workers, [this](std::size_t) {
      for (std::size_t i = next_++; i < waiting_.size() && !stop_ && !broken_; i = next_++) {
        run_one(plan_.runs[waiting_[i]]);
      }
    });
  }

  void run_one(const PlannedRun& run) {
    GridRow row = execute(plan_.devices[run.device], run.work, numbers_of_row(plan_.grid));
    const std::lock_guard lock(keeping_);
    try {
      // A failure may be of the moment, no memory say, and is tried again next time.
      if (row.status == RunStatus::done) parts_.keep(run, row, plan_.grid);
      watcher_.finished(run, row);
      results_.at(run.hash) = std::move(row);
    } catch (...) {
      failure_ = std::current_exception();
      broken_ = true;
    }
  }

  SweepOutcome finish() {
    report::Grid grid = plan_.grid;
    bool complete = true;
    outcome_.runs = mine_.size();
    for (const std::size_t i : mine_) {
      const PlannedRun& run = plan_.runs[i];
      const GridRow& row = results_.at(run.hash);
      if (row.status == RunStatus::done) ++outcome_.done;
      if (row.status == RunStatus::failed) outcome_.failures.push_back({run.label, row.error});
      complete = complete && row.status != RunStatus::missing;
      grid.rows[run.place] = row;
    }
    if (complete) {
      if (options_.shard) {
        grid.attributes.push_back(
            {"shard", fmt::format("{}/{}", options_.shard->number, options_.shard->of)});
      }
      report::write_grid(options_.output, grid);
      outcome_.complete = true;
    }
    return outcome_;
  }

  const Plan& plan_;
  const SweepOptions& options_;
  SweepWatcher& watcher_;
  const std::atomic<bool>& stop_;
  Parts parts_;
  std::vector<std::size_t> mine_, waiting_;  // of the plan's runs
  std::map<std::string, GridRow> results_;   // by hash
  std::atomic<std::size_t> next_{0};
  std::mutex keeping_;
  std::atomic<bool> broken_{false};
  std::exception_ptr failure_;
  SweepOutcome outcome_;
};

}  // namespace

SweepOutcome run_sweep(const Plan& plan, const SweepOptions& options, SweepWatcher& watcher,
                       const std::atomic<bool>& stop) {
  report::ensure_writable(options.output);
  return Runner(plan, options, watcher, stop).run();
}

}  // namespace strobe::sweep
