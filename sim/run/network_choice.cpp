#include "sim/run/network_choice.h"

#include <algorithm>
#include <charconv>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/device/quantity_text.h"
#include "sim/layers/common/weight_format.h"
#include "sim/networks/optimiser.h"

namespace strobe::run {
namespace {

std::uint64_t count_in(const std::string& text, const std::string& what) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count == 0) {
    throw UserError(what + " is a number above 0, not '" + text + "'");
  }
  return count;
}

}  // namespace

networks::Optimiser optimiser_named(const std::string& name) {
  const auto& names = networks::kOptimisers;
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw UserError("'" + name + "' is none of sgd, momentum, adam, adadelta");
  }
  return static_cast<networks::Optimiser>(found - names.begin());
}

bool is_by_tensor(const std::string& name) {
  if (name != "fused" && name != "tensor") {
    throw UserError("'" + name + "' is neither fused nor tensor");
  }
  return name == "tensor";
}

// As in config files, but that "8us" needs no space: words of a table have none.
Picoseconds interval_named(const std::string& text) {
  std::string spaced = text;
  const std::size_t unit = spaced.find_first_not_of("0123456789.");
  if (unit != std::string::npos && unit > 0 && spaced[unit] != ' ') spaced.insert(unit, " ");
  const auto [count, problem] = device::parse_quantity(spaced, device::Dimension::time);
  if (!problem.empty()) throw UserError("'" + text + "' " + problem);
  return Picoseconds(count);
}

bool is_eager_attention(const std::string& name) {
  if (name != "fused" && name != "eager") {
    throw UserError("'" + name + "' is neither fused nor eager");
  }
  return name == "eager";
}

layers::DataType type_named(const std::string& name) {
  const auto type = layers::data_type_named(name);
  if (!type) throw UserError("'" + name + "' is not a known type");
  return *type;
}

const std::string& weights_named(const std::string& name) {
  if (layers::weight_format_named(name) == nullptr) {
    throw UserError("'" + name + "' is none of fp32, fp16, bf16, fp8, q8_0, q4_0, nvfp4, mxfp4");
  }
  return name;
}

networks::SequenceSizes sizes_in_phase(const std::string& phase, networks::SequenceSizes sizes) {
  STROBE_CHECK(sizes.tokens == 0);
  if (phase != "decode" && phase != "prefill") {
    throw UserError("'" + phase + "' is neither decode nor prefill");
  }
  constexpr std::uint64_t kContext = 2048;
  if (sizes.context == 0) sizes.context = kContext;
  sizes.tokens = phase == "decode" ? 1 : sizes.context;
  return sizes;
}

void take_parameter(const std::string& word, networks::StepOptions& step,
                    networks::SequenceSizes& sequence) {
  const std::size_t equals = word.find('=');
  const std::string key = word.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (key == "batch") {
    step.batch = count_in(value, key);
  } else if (key == "context") {
    sequence.context = count_in(value, key);
  } else if (key == "tokens") {
    sequence.tokens = count_in(value, key);
  } else if (key == "dtype") {
    step.type = type_named(value);
    step.is_type_given = true;
  } else if (key == "weights") {
    step.weights = weights_named(value);
  } else if (key == "head") {
    step.head = weights_named(value);
  } else if (key == "optimiser") {
    step.optimiser = optimiser_named(value);
  } else if (key == "optimiser-launches") {
    step.updates_by_tensor = is_by_tensor(value);
  } else if (key == "host-interval") {
    step.host_interval = interval_named(value);
  } else if (key == "attention") {
    step.wants_eager_attention = is_eager_attention(value);
  } else {
    throw UserError("'" + word +
                    "' is none of batch=, context=, tokens=, dtype=, weights=, head=, "
                    "optimiser=, optimiser-launches=, host-interval=, attention=");
  }
}

layers::DataType usual_type(bool makes_tokens) {
  return makes_tokens ? layers::DataType::bf16 : layers::DataType::fp32;
}

}  // namespace strobe::run
