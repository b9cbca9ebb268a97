#include "sim/networks/onnx_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"

namespace strobe::networks {

std::int64_t bounded(std::int64_t number) {
  return std::clamp(number, -kMostCount, kMostCount);
}

const Value& OnnxCall::input(std::size_t i) const {
  if (!has(i)) refuse(fmt::format("input {} is missing", i + 1));
  return *inputs[i];
}

const Extents& OnnxCall::numbers(std::size_t i) const {
  const Value& value = input(i);
  if (!value.numbers) refuse("'" + node.inputs[i] + "' is known only when the network runs");
  return *value.numbers;
}

std::vector<std::int64_t> OnnxCall::integers(std::string_view attribute) const {
  std::vector<std::int64_t> numbers = node.integers(attribute);
  std::ranges::transform(numbers, numbers.begin(), bounded);
  return numbers;
}

std::int64_t OnnxCall::integer(std::string_view attribute, std::int64_t otherwise) const {
  return bounded(node.integer(attribute, otherwise));
}

std::size_t OnnxCall::axis(std::int64_t at, std::size_t rank) const {
  const auto all = static_cast<std::int64_t>(rank);
  if (at < -all || at >= all) refuse(fmt::format("there is no axis {} of {}", at, rank));
  return static_cast<std::size_t>(at < 0 ? at + all : at);
}

void OnnxCall::refuse(const std::string& why) const {
  throw UserError(node.op + " " + node.name + ": " + why);
}

std::uint64_t count_of(const Extents& shape) {
  std::uint64_t product = 1;
  for (const Extent& extent : shape) product *= static_cast<std::uint64_t>(extent.count);
  return product;
}

bool has_batch(const Extents& shape) {
  return std::ranges::any_of(shape, &Extent::of_batch);
}

std::string text_of(const Extents& shape) {
  std::string text;
  for (const Extent& extent : shape) {
    if (!text.empty()) text += " x ";
    text += !extent.of_batch    ? fmt::format("{}", extent.count)
            : extent.count == 1 ? "batch"
                                : fmt::format("{} batch", extent.count);
  }
  return text.empty() ? "a number" : text;
}

Shape sample_of(const OnnxCall& call, const Extents& shape) {
  if (std::ranges::count_if(shape, &Extent::of_batch) != 1) {
    call.refuse("its result, " + text_of(shape) + ", is not one of each sample");
  }
  Shape sample;
  std::uint64_t elements = 1;
  for (const Extent& extent : shape) {
    constexpr auto kMost = static_cast<std::uint64_t>(kMostCount);
    const auto count = static_cast<std::uint64_t>(extent.count);
    if (count == 0 || count > kMost / elements) {
      call.refuse("its result, " + text_of(shape) + ", is empty or too large");
    }
    elements *= count;
    if (!extent.of_batch || count > 1) sample.push_back(count);
  }
  if (sample.empty()) sample.push_back(1);
  return sample;
}

}  // namespace strobe::networks
