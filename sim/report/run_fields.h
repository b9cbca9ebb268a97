#pragma once

// The numbers of one run as a row of a sweep, with what each is called and means.

#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/device/result.h"
#include "sim/report/figures.h"
#include "sim/report/grid.h"
#include "sim/stats/counters.h"

namespace strobe::report {

struct RunFields {
  std::vector<StoredVariable> inner;  // dimensions of columns
  std::vector<GridColumn> columns;
  std::vector<double> values;  // of all columns in turn
};

// A new inner dimension, by the names of its entries; then what is along the newest one.
void add_inner(RunFields& all, const Label& label, std::vector<std::string> names);
void add_along(RunFields& all, const Label& label, std::span<const double> values);

// Takes what Columns takes (columns.h), of a single row. A sweep compares numbers: texts are left
// out.
template <class Row>
class Fields {
 public:
  Fields(RunFields& into, const Row& row) : into_(into), row_(row) {}

  template <class Value>
  void add(const Label& label, Value value) {
    if constexpr (!std::convertible_to<std::invoke_result_t<Value, const Row&>, std::string>) {
      into_.columns.push_back({label});
      into_.values.push_back(static_cast<double>(value(row_)));
    }
  }

  template <class Counters, std::size_t N, class Of>
  void add_counters(const std::string& prefix, const stats::Described<Counters> (&table)[N],
                    Of counters) {
    for (const stats::Described<Counters>& row : table) {
      add({prefix + std::string(row.name), std::string(stats::name(row.unit)),
           std::string(row.meaning), std::string(row.nsight)},
          [&](const Row& of) { return counters(of).*row.counter; });
    }
  }

 private:
  RunFields& into_;
  const Row& row_;
};

// Of one kernel; of all kernels of a run as if they were one, back to back, and of the run itself.
RunFields fields_of(const device::KernelResult& kernel, const device::GpuSpec& gpu,
                    const Limits& limits);
RunFields fields_of(const device::RunResult& result, const device::GpuSpec& gpu,
                    const Limits& limits);

}  // namespace strobe::report
