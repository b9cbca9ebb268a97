#pragma once

// The operations of a network's step as a person reads them. A network repeats its blocks, so what
// has the same shape and the same name but for its numbers is one line.

#include <span>
#include <string>
#include <vector>

#include "sim/report/network_report.h"

namespace strobe::report {

// Operations of one pass and shape whose names differ in their numbers alone. The sums stand for
// all of them together, what most of their time went to for the sum.
struct OperationGroup {
  OperationReport sum;    // named as all are: "decoder*.gate" of decoder1.gate and decoder2.gate
  std::size_t count = 0;  // operations
};

// In the order in which the first of each comes.
std::vector<OperationGroup> group_alike(std::span<const OperationReport> operations);

std::string operations_text(const NetworkReport& report, const TextStyle& style);

}  // namespace strobe::report
