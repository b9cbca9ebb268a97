#pragma once

// A [[work]] that is a step of a network: `network = "cifar-cnn-1"`, with the options of `strobe
// predict` as keys, `batch = 64`, so that an axis can vary them.

#include <string>
#include <vector>

#include "sim/device/section.h"
#include "sim/device/spec.h"
#include "sim/networks/network_file.h"
#include "sim/networks/step.h"

namespace strobe::sweep {

struct NetworkWork {
  std::string file;
  networks::StepOptions step;
  networks::SequenceSizes sequence;
  bool exact = false;  // nothing is sampled
};

// Reads all keys of the table; paths are relative to `folder`. Throws UserError with the place of
// what is wrong, also when the network's file is.
NetworkWork read_network_work(device::Section& section, const std::string& folder);

// How long a run of it takes one core, about. Throws UserError when the GPU cannot run a layer of
// it; a step that does not fit the memory takes no time, because its run only says so.
double estimated_seconds(const NetworkWork& work, const device::GpuSpec& gpu);

// Values of a sweep's columns: those of runs of kernels, then those of steps. Throws UserError when
// the step does not fit the GPU's memory.
std::vector<double> run_network(const NetworkWork& work, const device::GpuSpec& gpu);

}  // namespace strobe::sweep
