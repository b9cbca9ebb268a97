#pragma once

// What `strobe WORD ...` does. A command gets the words after its own and returns the exit status:
// 0 when all is well, 1 when a check that it was asked for failed. What the user got wrong is
// thrown as UserError and becomes status 2.

#include <string>
#include <string_view>
#include <vector>

namespace strobe::app {

using Words = std::vector<std::string>;

struct Command {
  std::string_view name, usage, purpose;
  int (*run)(const Words& words);
};

int run_command(const Words& words);
int gpus_command(const Words& words);
int check_command(const Words& words);
int compare_command(const Words& words);
int predict_command(const Words& words);
int report_command(const Words& words);
int show_command(const Words& words);
int sweep_command(const Words& words);
int merge_command(const Words& words);
int trace_command(const Words& words);
int validate_command(const Words& words);

}  // namespace strobe::app
