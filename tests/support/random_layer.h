#pragma once

// Layers of every family and type with sizes drawn at random, for tests that compare ways to time
// them. A layer is one of those that a GPU takes in about as much time as was asked for, counted in
// the instructions of its warps.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/lower.h"

namespace strobe::test {

struct Work {
  double least = 0, most = 0;  // instructions of warps
};

class RandomLayers {
 public:
  RandomLayers(std::uint64_t seed, const device::GpuSpec& gpu, const Work& work)
      : random_(seed), gpu_(gpu), work_(work) {}

  // The families take turns; those that the GPU has no kernels for are left out.
  std::string next() {
    constexpr int kMostDraws = 5000;
    while (true) {
      const std::size_t family = family_++ % kFamilies;
      for (int draw = 0; draw < kMostDraws; ++draw) {
        const std::string text = of_family(family);
        if (const auto work = work_of(text); work && *work >= work_.least && *work <= work_.most) {
          return text;
        }
      }
    }
  }

 private:
  static constexpr std::size_t kFamilies = 12;

  // Any size is as likely as any twice as large.
  std::string size(double least, double most, std::uint64_t unit = 1) {
    const double place = static_cast<double>(random_.next() >> 11) * 0x1p-53;
    const auto drawn = static_cast<std::uint64_t>(least * std::pow(most / least, place));
    return std::to_string(std::max<std::uint64_t>(drawn / unit, 1) * unit);
  }

  std::string one_of(std::initializer_list<std::string_view> names) {
    return std::string(names.begin()[random_.next() % names.size()]);
  }

  bool has_tensor_cores() const {
    return gpu_.tensor.instruction != device::TensorInstruction::none;
  }
  std::string general_type() { return " dtype=" + one_of({"fp32", "fp32", "fp16", "bf16"}); }
  std::string product_type() {
    return " dtype=" + (has_tensor_cores() ? one_of({"fp32", "fp16", "bf16", "tf32", "int8"})
                                           : std::string("fp32"));
  }
  std::string convolution_type() {
    return " dtype=" +
           (has_tensor_cores() ? one_of({"fp32", "fp16", "bf16"}) : std::string("fp32"));
  }

  std::string of_family(std::size_t family) {
    switch (family) {
      case 0:
        return one_of({"relu", "add", "gelu"}) + " rows=" + size(64, 8192) +
               " cols=" + size(64, 8192) + general_type();
      case 1:
        return "softmax rows=" + size(256, 32768) + " cols=" + size(32, 4096) + general_type();
      case 2:
        return "ln rows=" + size(256, 16384) + " cols=" + size(64, 4096, 8) + general_type();
      case 3:
        return "linear m=" + size(32, 4096) + " n=" + size(64, 4096, 8) +
               " k=" + size(32, 4096, 8) + product_type();
      case 4:
        return "bmm batch=" + size(4, 256) + " m=" + size(32, 512) + " n=" + size(32, 512, 8) +
               " k=" + size(16, 256, 8) + product_type();
      case 5:
        return one_of({"batch_norm", "batch_norm_backward"}) + " n=" + size(4, 128) +
               " c=" + size(16, 512) + " h=" + one_of({"7", "14", "28", "56"});
      case 6:
        return "max_pool n=" + size(4, 128) + " c=" + size(16, 512) +
               " h=" + one_of({"14", "28", "56"}) + " r=3 stride=2 pad=1";
      case 7:
        return "gemv m=1 n=" + size(512, 16384) + " k=" + size(512, 8192, 32) + general_type();
      case 8:
        return one_of({"attention", "attention_backward"}) + " batch=" + size(1, 8) +
               " heads=" + one_of({"4", "8", "16"}) + " q=" + size(128, 2048, 64) +
               " d=" + one_of({"64", "128"}) + " causal=" + one_of({"0", "1"}) + " dtype=fp16";
      default:
        return convolution(family);
    }
  }

  std::string convolution(std::size_t family) {
    const std::string window = one_of({"1", "1", "3", "3", "5"});
    constexpr std::array<std::string_view, 3> kNames{"conv", "conv_data", "conv_weights"};
    return std::string(kNames[family % kNames.size()]) + " n=" + size(2, 64) +
           " c=" + size(16, 512, 16) + " h=" + one_of({"7", "14", "17", "28", "33", "56"}) +
           " r=" + window + " stride=" + one_of({"1", "1", "2"}) +
           " pad=" + std::to_string(std::stoi(window) / 2) + " k=" + size(16, 512, 16) +
           convolution_type();
  }

  // Nothing where the GPU has no kernel for it.
  std::optional<double> work_of(const std::string& text) const {
    double work = 0;
    try {
      for (const auto& kernel : layers::lower(layers::parse_layer(text), gpu_)) {
        constexpr std::uint64_t kRounds = 4;  // that stand for all: the rest are like them
        const std::uint64_t rounds = std::min(kernel->loop_rounds(), kRounds);
        trace::Cta first;
        kernel->fill(first, rounds);
        work += static_cast<double>(first.instructions.size()) *
                static_cast<double>(kernel->header().cta_count()) *
                static_cast<double>(kernel->loop_rounds()) / static_cast<double>(rounds);
      }
    } catch (const UserError&) {
      return std::nullopt;
    }
    return work;
  }

  SplitMix64 random_;
  device::GpuSpec gpu_;
  Work work_;
  std::size_t family_ = 0;
};

}  // namespace strobe::test
