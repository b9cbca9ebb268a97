// `strobe compare GPU GPU...`: steps of networks on several GPUs side by side.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "sim/app/command.h"
#include "sim/app/network_command.h"
#include "sim/app/progress_bar.h"
#include "sim/base/error.h"
#include "sim/run/compare.h"

namespace strobe::app {

namespace {

const Syntax& syntax() {
  static const Syntax kSyntax = [] {
    Syntax made{
        "strobe compare GPU GPU... --network N[,N...] [options]",
        "Says for every network and batch how long a step takes on each GPU, and how fast "
        "that is\nagainst the first of them. What does not fit a GPU's memory is said so.",
        {"GPU", "GPU"},
        {{"network,n", "N[,N...]", "names of configs/networks, files like those or ONNX files"},
         {"batch,b", "B[,B...]", "samples of a step, default 1"}},
        0,
        true};
    made.options.insert(made.options.end(), step_options().begin(), step_options().end());
    made.options.insert(made.options.end(),
                        {{"output,o", "FILE", "write all rows to an HDF5 file (docs/FORMATS.md)"},
                         {"threads,j", "N", "layers to run side by side, default 1"},
                         {"exact", "", "simulate every CTA and every round of a loop"},
                         {"quiet,q", "", "print no table and no progress"},
                         kJsonOption,
                         kPowerLimitOption});
    return made;
  }();
  return kSyntax;
}

// "a,b" -> a, b. Throws UserError when one is empty or there twice.
std::vector<std::string> list_of(const std::string& option, const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    if (parts.back().empty()) throw UserError("--" + option + ": '" + text + "' has an empty part");
    if (std::count(parts.begin(), parts.end(), parts.back()) > 1) {
      throw UserError("--" + option + ": '" + parts.back() + "' is there twice");
    }
    begin = end + 1;
  }
  return parts;
}

std::vector<std::uint64_t> batches_of(const Options& options) {
  std::vector<std::uint64_t> batches;
  for (const std::string& part : list_of("batch", options.text("batch").value_or("1"))) {
    std::uint64_t batch = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), batch);
    if (error != std::errc{} || end != part.data() + part.size() || batch == 0) {
      throw UserError("--batch: '" + part + "' is no whole number of at least 1");
    }
    batches.push_back(batch);
  }
  return batches;
}

}  // namespace

int compare_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
  const std::optional<std::string> networks = options.text("network");
  if (!networks) throw UserError("missing --network\nusage: " + syntax().usage);
  run::CompareRequest request;
  request.gpus = options.words();
  request.networks = list_of("network", *networks);
  request.batches = batches_of(options);
  request.epoch = options.has("epoch");
  request.of_each = step_request(options);
  request.of_each.command_line = "strobe compare";
  for (const std::string& word : words) request.of_each.command_line += " " + word;
  std::vector<report::ComparisonRow> rows;
  {
    ProgressBar progress(!options.has("quiet"));
    rows = run::compare(request, progress);
  }
  if (options.has("json")) {
    fmt::print("{}\n", report::comparison_json(rows).text());
  } else if (!options.has("quiet")) {
    fmt::print("{}", report::comparison_text(rows, request.epoch, report::style_of(STDOUT_FILENO)));
  }
  return 0;
}

}  // namespace strobe::app
