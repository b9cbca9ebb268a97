#include "sim/report/columns.h"

#include <numeric>

#include "sim/stats/histogram.h"

namespace strobe::report {

void number_dimension(Hdf5Group& group, const Label& label, std::size_t size) {
  std::vector<std::int64_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), 0);
  group.coordinate(label, std::span<const std::int64_t>(numbers));
}

void latency_dimension(Hdf5Group& group) {
  std::vector<std::int64_t> edges;
  for (std::size_t bin = 0; bin < stats::LatencyHistogram::kBins; ++bin) {
    edges.push_back(stats::LatencyHistogram::edge(bin).count());
  }
  group.coordinate({"latency_bin", "ps", "lower edge of the latency bin"},
                   std::span<const std::int64_t>(edges));
}

void write_provenance(Hdf5File& file, const Provenance& provenance) {
  file.attribute("strobe_version", provenance.strobe_version);
  file.attribute("command_line", provenance.command_line);
  file.attribute("created", provenance.created);
  file.attribute("trace", provenance.trace);
  file.attribute("seed", static_cast<std::int64_t>(provenance.seed));
  file.attribute("host_threads", static_cast<std::int64_t>(provenance.host_threads));
  write_inputs(file, provenance.inputs);
}

void write_inputs(Hdf5File& file, std::span<const InputFile> files) {
  Hdf5Group group = file.group("inputs");
  number_dimension(group, {"input", "1", "number of the input file"}, files.size());
  Columns<InputFile> inputs(group, "input", files);
  inputs.add({"path", "1", "input file, as opened"}, [](const InputFile& i) { return i.path; });
  inputs.add({"bytes", "B", "size of the input file"}, [](const InputFile& i) { return i.bytes; });
  inputs.add({"sha256", "1", "SHA-256 of the input file, hexadecimal"},
             [](const InputFile& i) { return i.sha256; });
}

void write_config(Hdf5File& file, std::span<const device::Sourced> sources) {
  using device::Sourced;
  Hdf5Group group = file.group("config");
  std::vector<std::string> keys;
  for (const Sourced& number : sources) keys.push_back(number.key);
  group.coordinate({"key", "1", "key of the configuration file, tables joined by dots"},
                   std::span<const std::string>(keys));
  Columns<Sourced> numbers(group, "key", sources);
  numbers.add({"value", "1", "value with its unit, as written"},
              [](const Sourced& n) { return n.value; });
  numbers.add({"from", "1", "kind of origin: standard, datasheet, measured, derived or assumed"},
              [](const Sourced& n) { return n.from; });
  numbers.add({"source", "1", "document or measurement the value was taken from"},
              [](const Sourced& n) { return n.source; });
  numbers.add({"file", "1", "configuration file"}, [](const Sourced& n) { return n.file; });
  numbers.add({"line", "1", "line of the configuration file"},
              [](const Sourced& n) { return n.line; });
}

}  // namespace strobe::report
