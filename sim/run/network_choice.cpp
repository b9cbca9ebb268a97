#include "sim/run/network_choice.h"

#include <algorithm>
#include <array>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/layers/common/weight_format.h"

namespace strobe::run {

networks::Optimiser optimiser_named(const std::string& name) {
  constexpr std::array<std::string_view, 3> kNames{"sgd", "momentum", "adam"};
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) throw UserError("'" + name + "' is none of sgd, momentum, adam");
  return static_cast<networks::Optimiser>(found - kNames.begin());
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

layers::DataType usual_type(bool makes_tokens) {
  return makes_tokens ? layers::DataType::bf16 : layers::DataType::fp32;
}

}  // namespace strobe::run
