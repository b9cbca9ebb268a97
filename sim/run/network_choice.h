#pragma once

// What a user says of a network's step by name, on the command line and in a sweep alike.
// Complaints do not say where the name was given: the caller knows.

#include <string>

#include "sim/networks/network_file.h"
#include "sim/networks/step.h"

namespace strobe::run {

// All throw UserError for a name that means nothing.
networks::Optimiser optimiser_named(const std::string& name);
bool is_by_tensor(const std::string& name);           // fused or tensor
Picoseconds interval_named(const std::string& text);  // "8us"
bool is_eager_attention(const std::string& name);
layers::DataType type_named(const std::string& name);
const std::string& weights_named(const std::string& name);

// What goes in: one token after `sizes.context` others ("decode"), or all of them ("prefill").
// REQUIRES: the tokens are not chosen. A context that is not either is a usual one.
networks::SequenceSizes sizes_in_phase(const std::string& phase, networks::SequenceSizes sizes);

// "batch=8", "context=1024", "optimiser=adam", "host-interval=20us": an option of strobe predict,
// as a word of a table of what was measured.
void take_parameter(const std::string& word, networks::StepOptions& step,
                    networks::SequenceSizes& sequence);

// What a language model that makes tokens is run in is not fp32, unless it is said.
layers::DataType usual_type(bool makes_tokens);

}  // namespace strobe::run
