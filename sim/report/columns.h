#pragma once

// Rows of results as columns of a file, and the groups that every kind of result file has.

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/device/spec.h"
#include "sim/report/hdf5_file.h"
#include "sim/report/provenance.h"
#include "sim/stats/counters.h"

namespace strobe::report {

// Writes one variable at a time, each with a value for every row.
template <class Row>
class Columns {
 public:
  Columns(Hdf5Group& group, std::string_view dimension, std::span<const Row> rows)
      : group_(group), dimension_(dimension), rows_(rows) {}

  // `value(row)` is a string, a floating-point number or an integer.
  template <class Value>
  void add(const Label& label, Value value) {
    using Result = std::invoke_result_t<Value, const Row&>;
    if constexpr (std::convertible_to<Result, std::string>) {
      write<std::string>(label, value);
    } else if constexpr (std::floating_point<Result>) {
      write<double>(label, value);
    } else {
      write<std::int64_t>(label, value);
    }
  }

  // A variable for each counter of `table`; `counters(row)` is what it describes.
  template <class Counters, std::size_t N, class Of>
  void add_counters(const std::string& prefix, const stats::Described<Counters> (&table)[N],
                    Of counters) {
    for (const stats::Described<Counters>& row : table) {
      const Label label{prefix + std::string(row.name), std::string(stats::name(row.unit)),
                        std::string(row.meaning), std::string(row.nsight)};
      add(label, [&](const Row& of) { return counters(of).*row.counter; });
    }
  }

 private:
  template <class Stored, class Value>
  void write(const Label& label, Value value) {
    std::vector<Stored> values;
    values.reserve(rows_.size());
    for (const Row& row : rows_) values.push_back(static_cast<Stored>(value(row)));
    group_.variable(label, {dimension_}, std::span<const Stored>(values));
  }

  Hdf5Group& group_;
  std::string_view dimension_;
  std::span<const Row> rows_;
};

// 0, 1, 2, ... along a new dimension.
void number_dimension(Hdf5Group& group, const Label& label, std::size_t size);

// The names of a described enumeration along a new dimension.
template <class Named, std::size_t N>
void name_dimension(Hdf5Group& group, const Label& label, const std::array<Named, N>& described) {
  std::vector<std::string> names;
  for (const Named& each : described) names.emplace_back(each.name);
  group.coordinate(label, std::span<const std::string>(names));
}

// The lower edges of the bins of a latency histogram, as the dimension latency_bin.
void latency_dimension(Hdf5Group& group);

// Root attributes and /inputs.
void write_provenance(Hdf5File& file, const Provenance& provenance);

// /inputs: every file that was read.
void write_inputs(Hdf5File& file, std::span<const InputFile> files);

// /config: every number of the configuration, with where it came from.
void write_config(Hdf5File& file, std::span<const device::Sourced> sources);

}  // namespace strobe::report
