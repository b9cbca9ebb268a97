#pragma once

// Steps of several networks with several batches on several GPUs. All are planned before the first
// is simulated, so that no name is found wrong after hours.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/report/comparison.h"
#include "sim/run/network_run.h"

namespace strobe::run {

struct CompareRequest {
  std::vector<std::string> gpus, networks;
  std::vector<std::uint64_t> batches;
  bool epoch = false;      // every network must say how many samples one has
  NetworkRequest of_each;  // the rest
};

// Network by network, batch by batch, GPU by GPU. Throws UserError before anything is simulated.
std::vector<report::ComparisonRow> compare(const CompareRequest& request,
                                           PredictProgress& progress);

}  // namespace strobe::run
