#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/base/error.h"
#include "sim/report/json.h"
#include "sim/trace/accelsim_writer.h"
#include "sim/trace/facts.h"
#include "sim/trace/generate.h"
#include "sim/trace/kernel_list.h"

namespace strobe::app {

namespace {

report::JsonObject json_of(const trace::Counts& counts) {
  report::JsonObject requests, all;
  for (std::size_t i = 0; i < trace::kRequestKindCount; ++i) {
    std::string name(trace::name_of(static_cast<trace::RequestKind>(i)));
    std::ranges::replace(name, ' ', '_');
    requests.add(name, counts.requests[i]);
  }
  all.add("ctas", counts.ctas).add("warps", counts.warps).add("empty_warps", counts.empty_warps);
  all.add("warp_instructions", counts.warp_instructions);
  all.add("thread_instructions", counts.thread_instructions);
  all.add_json("requests", requests.text());
  const auto sectors = [](const trace::SectorFacts& facts) {
    report::JsonObject each;
    return each.add("load", facts.load)
        .add("store", facts.store)
        .add("atomic", facts.atomic)
        .text();
  };
  all.add_json("sectors_asked", sectors(counts.asked));
  all.add_json("sectors_distinct", sectors(counts.distinct));
  all.add("footprint_sectors", counts.footprint_sectors);
  return all;
}

std::string json_of(const trace::Facts& facts) {
  std::vector<std::string> kernels;
  for (const trace::KernelFacts& kernel : facts.kernels) {
    report::JsonObject one = json_of(kernel.counts);
    one.add("name", kernel.header.name).add("file", kernel.file);
    one.add("architecture", kernel.header.architecture);
    kernels.push_back(one.text());
  }
  report::JsonObject all;
  all.add("copies", facts.copies).add("copied_bytes", facts.copied_bytes);
  all.add_json("total", json_of(facts.total).text());
  all.add_json("kernels", report::json_list(kernels));
  return all.text();
}

int info(const Words& words) {
  const Options options({"strobe trace info TRACE",
                         "Counts what a trace asks for: CTAs, instructions, requests and sectors by"
                         " kernel.",
                         {"TRACE"},
                         {kJsonOption}},
                        words);
  if (options.helped()) return 0;
  const auto program = trace::open_program(options.word(0));
  program->check();
  const trace::Facts facts = trace::gather_facts(*program);
  fmt::print("{}", options.has("json") ? json_of(facts) + "\n" : trace::to_text(facts));
  return 0;
}

int check(const Words& words) {
  const Options options({"strobe trace check TRACE",
                         "Reads a whole trace and says whether it is damaged.",
                         {"TRACE"},
                         {kJsonOption}},
                        words);
  if (options.helped()) return 0;
  const auto program = trace::open_program(options.word(0));
  program->check();
  const trace::Facts facts = trace::gather_facts(*program);
  if (options.has("json")) {
    std::vector<std::string> warnings;
    for (const trace::Warning& warning : facts.warnings) {
      report::JsonObject one;
      warnings.push_back(one.add("text", warning.text).add("times", warning.times).text());
    }
    report::JsonObject whole;
    whole.add("whole", true).add("kernels", facts.kernels.size()).add("copies", facts.copies);
    fmt::print("{}\n", whole.add_json("warnings", report::json_list(warnings)).text());
    return 0;
  }
  for (const trace::Warning& warning : facts.warnings) {
    fmt::print("warning: {} ({} times)\n", warning.text, warning.times);
  }
  fmt::print("{}: {} kernels, {} copies, whole\n", options.word(0), facts.kernels.size(),
             facts.copies);
  return 0;
}

const Syntax& generate_syntax() {
  static const Syntax kSyntax{
      "strobe trace generate PATTERN FOLDER [options]",
      "Writes a synthetic kernel as an Accel-Sim trace (kernelslist.g and a .traceg) into FOLDER.\n"
      "PATTERN is copy, scale, add, triad, vector-triad, dot, update, read or write (streams),\n"
      "gather, scatter, random-update or random-atomic (random places), chase, vectoradd,\n"
      "shared-read or empty. One element a thread, unless --blocks makes the threads loop.",
      {"PATTERN", "FOLDER"},
      {{"bytes,b", "SIZE", "of one array, default 1M"},
       {"warps", "N", "in a CTA, default 8"},
       {"loads", "N", "accesses to each array by each warp, default 1; of a chase, all of them"},
       {"lane-bytes", "N", "4, 8 or 16 a lane, default 16"},
       {"stride", "SIZE", "of a chase or of the lanes of shared-read, default 128"},
       {"blocks", "N", "so many CTAs, whose threads loop over the arrays"},
       {"share", "HOW", "of a loop: interleaved (grid-stride, the default), chunks or whole"},
       {"passes", "N", "over the arrays, default 1"},
       {"shared-bytes", "SIZE", "of shared memory a CTA"},
       {"stages", "N", "reads as asynchronous copies to shared memory, so many groups under way"},
       {"random", "", "chase in one random cycle through all places"},
       {"seed", "N", "of gather and --random, default 1"},
       {"architecture", "N", "70, 80, ... as the trace is to say, default 80"},
       {"copies", "", "a host-to-device copy of what the kernel reads comes first"}}};
  return kSyntax;
}

trace::Share share_of(const std::string& name) {
  if (name == "interleaved") return trace::Share::interleaved;
  if (name == "chunks") return trace::Share::chunks;
  if (name == "whole") return trace::Share::whole;
  throw UserError("--share must be interleaved, chunks or whole, not '" + name + "'");
}

int generate(const Words& words) {
  const Options options(generate_syntax(), words);
  if (options.helped()) return 0;
  const auto pattern = trace::pattern_named(options.word(0));
  if (!pattern) throw UserError("no pattern is called '" + options.word(0) + "'; see --help");
  trace::KernelRecipe recipe;
  recipe.pattern = *pattern;
  const auto number = [&](const char* name, std::uint32_t otherwise) {
    return static_cast<std::uint32_t>(options.number(name, otherwise, 1));
  };
  recipe.bytes = options.bytes("bytes", recipe.bytes);
  recipe.warps_per_cta = number("warps", recipe.warps_per_cta);
  recipe.loads = number("loads", recipe.loads);
  recipe.lane_bytes = number("lane-bytes", recipe.lane_bytes);
  recipe.stride = options.bytes("stride", recipe.stride);
  recipe.random_order = options.has("random");
  recipe.ctas = number("blocks", 0);
  recipe.share = share_of(options.text("share").value_or("interleaved"));
  recipe.passes = number("passes", 1);
  recipe.stages = number("stages", 0);
  recipe.shared_bytes = static_cast<std::uint32_t>(options.bytes("shared-bytes", 0));
  recipe.seed = number("seed", 1);
  recipe.architecture = number("architecture", recipe.architecture);
  recipe.copies_first = options.has("copies");
  trace::write_accelsim(*trace::generate({recipe}), options.word(1));
  return 0;
}

constexpr Command kTraceCommands[] = {
    {"info", "TRACE", "count what a trace asks for", info},
    {"check", "TRACE", "say whether a trace is damaged", check},
    {"generate", "PATTERN FOLDER", "write a synthetic trace", generate},
};

void print_help(std::FILE* file) {
  fmt::print(file, "usage: strobe trace COMMAND ...\n\n");
  for (const Command& command : kTraceCommands) {
    fmt::print(file, "  {:<10} {:<16} {}\n", command.name, command.usage, command.purpose);
  }
  fmt::print(file, "\nstrobe trace COMMAND --help says more.\n");
}

}  // namespace

int trace_command(const Words& words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    print_help(stdout);
    return 0;
  }
  for (const Command& command : kTraceCommands) {
    if (!words.empty() && words[0] == command.name) {
      return command.run(Words(words.begin() + 1, words.end()));
    }
  }
  print_help(stderr);
  throw UserError(words.empty() ? "missing COMMAND" : "no trace command '" + words[0] + "'");
}

}  // namespace strobe::app
