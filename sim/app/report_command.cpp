#include <fmt/format.h>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/base/error.h"
#include "sim/report/json.h"
#include "sim/report/output_file.h"
#include "sim/report/page.h"

namespace strobe::app {

int report_command(const Words& words) {
  const Syntax syntax{
      "strobe report FILE -o PAGE",
      "Draws a result file of any command as one HTML page: where the time went, bandwidth over\n"
      "time and by channel, latencies, what was measured beside what was simulated, every "
      "number's\n"
      "source. The page needs no network and nothing beside it.",
      {"FILE"},
      {{"output,o", "PAGE", "the page to write, out.html"},
       kJsonOption,
       {"quiet,q", "", "print nothing"}}};
  const Options options(syntax, words);
  if (options.helped()) return 0;
  const std::optional<std::filesystem::path> output = options.path("output");
  if (!output) throw UserError("missing -o PAGE\nusage: " + syntax.usage);
  report::ensure_writable(*output);
  const std::filesystem::path input = options.word(0);
  const std::string page = report::report_page(report::Hdf5Input(input), input.filename().string());
  report::replace_file(*output, std::as_bytes(std::span(page)));
  if (options.has("json")) {
    report::JsonObject written;
    written.add("output", output->string()).add("bytes", page.size());
    fmt::print("{}\n", written.text());
  } else if (!options.has("quiet")) {
    fmt::print("{}: {} KB\n", output->string(), (page.size() + 999) / 1000);
  }
  return 0;
}

}  // namespace strobe::app
