// What changes shapes, moves data or computes the numbers that shapes are made of.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "sim/networks/onnx_operators.h"

namespace strobe::networks {
namespace {

// The same elements in another shape.
Result view(const OnnxCall& call, const Extents& shape) {
  return {shape, {}, {}, call.input(0).numbers};
}

// Elements that lie elsewhere afterwards.
Result moved(const OnnxCall& call, const Extents& shape) {
  const bool runs = std::ranges::any_of(
      call.inputs, [](const Value* value) { return value != nullptr && value->node; });
  return runs ? layer_of(call, Kind::copy, shape) : Result{shape, {}, {}, {}};
}

// The numbers of an attribute, or of an input since some opset.
std::vector<std::int64_t> listed(const OnnxCall& call, std::string_view name, std::size_t input) {
  std::vector<std::int64_t> numbers = call.integers(name);
  if (!call.has(input)) return numbers;
  for (const Extent& number : call.numbers(input)) numbers.push_back(number.count);
  return numbers;
}

std::vector<Result> identity(const OnnxCall& call) {
  return {view(call, call.input(0).shape)};
}

// A type that is narrower or wider is another array; but those of indices and masks stay small.
std::vector<Result> cast(const OnnxCall& call) {
  return {view(call, call.input(0).shape)};
}

std::vector<Result> shape(const OnnxCall& call) {
  const Extents& of = call.input(0).shape;
  return {{{{static_cast<std::int64_t>(of.size())}}, {}, {}, of}};
}

std::vector<Result> constant_of_shape(const OnnxCall& call) {
  return {{call.numbers(0), {}, {}, {}}};
}

// Without -1 the sizes multiply up to those of the input. The batch that a file was exported with
// may be written out in the new shape: it is the batch where otherwise there would be none.
void restore_batch(const OnnxCall& call, const Extents& from, Extents& to) {
  if (!has_batch(from) || has_batch(to) || to.empty()) return;
  const bool has_open = std::ranges::find(to, -1, &Extent::count) != to.end();
  if (call.file_batch > 0 && to[0].count > 0 && to[0].count % call.file_batch == 0) {
    const std::uint64_t rest = count_of(from);
    Extents of_batch = to;
    of_batch[0] = {to[0].count / call.file_batch, true};
    if (has_open || count_of(of_batch) == rest) to = of_batch;
  }
}

std::vector<Result> reshape(const OnnxCall& call) {
  const Value& value = call.input(0);
  Extents to;
  if (call.has(1)) {
    to = call.numbers(1);
  } else {
    for (const std::int64_t size : call.integers("shape")) to.push_back({size});
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    const bool is_kept = to[i].count == 0 && call.integer("allowzero", 0) == 0;
    if (is_kept && i >= value.shape.size()) call.refuse("there is no size to keep");
    if (is_kept) to[i] = value.shape[i];
  }
  restore_batch(call, value.shape, to);
  const auto open = std::ranges::find(to, -1, &Extent::count);
  if (open != to.end()) {
    *open = {1, has_batch(value.shape) && !has_batch(to)};
    const std::uint64_t rest = count_of(to);
    if (rest > 0) open->count = static_cast<std::int64_t>(count_of(value.shape) / rest);
  }
  const bool is_sound = std::ranges::all_of(to, [](Extent size) { return size.count >= 0; });
  if (!is_sound || count_of(to) != count_of(value.shape) ||
      has_batch(to) != has_batch(value.shape)) {
    call.refuse(text_of(value.shape) + " cannot become " + text_of(to));
  }
  return {view(call, to)};
}

std::vector<Result> flatten(const OnnxCall& call) {
  const Extents& from = call.input(0).shape;
  const std::int64_t at = call.integer("axis", 1);
  const std::size_t axis =
      at == static_cast<std::int64_t>(from.size()) ? from.size() : call.axis(at, from.size());
  const auto middle = from.begin() + static_cast<std::ptrdiff_t>(axis);
  const Extents before(from.begin(), middle), after(middle, from.end());
  const auto joined = [](const Extents& sizes) {
    return Extent{static_cast<std::int64_t>(count_of(sizes)), has_batch(sizes)};
  };
  return {view(call, {joined(before), joined(after)})};
}

std::vector<Result> squeeze(const OnnxCall& call) {
  const Extents& from = call.input(0).shape;
  std::vector<bool> goes(from.size());
  const std::vector<std::int64_t> axes = listed(call, "axes", 1);
  for (const std::int64_t axis : axes) goes[call.axis(axis, from.size())] = true;
  Extents to;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const bool is_one = from[i] == Extent{1};
    if (goes[i] && !is_one) call.refuse(text_of(from) + ": only a size of 1 can go");
    if (!goes[i] && !(axes.empty() && is_one)) to.push_back(from[i]);
  }
  return {view(call, to)};
}

std::vector<Result> unsqueeze(const OnnxCall& call) {
  Extents to = call.input(0).shape;
  const std::vector<std::int64_t> axes = listed(call, "axes", 1);
  std::vector<std::size_t> places;
  for (const std::int64_t axis : axes) places.push_back(call.axis(axis, to.size() + axes.size()));
  std::ranges::sort(places);
  for (const std::size_t place : places) {
    if (place > to.size()) call.refuse("an axis is there twice");
    to.insert(to.begin() + static_cast<std::ptrdiff_t>(place), Extent{1});
  }
  return {view(call, to)};
}

// Moving sizes of one about moves nothing.
std::vector<Result> transpose(const OnnxCall& call) {
  const Extents& from = call.input(0).shape;
  std::vector<std::int64_t> order = call.integers("perm");
  if (order.empty()) {
    for (std::size_t i = from.size(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  }
  Extents to;
  std::set<std::size_t> named;
  std::vector<std::size_t> kept;
  for (const std::int64_t axis : order) {
    const std::size_t place = call.axis(axis, from.size());
    to.push_back(from[place]);
    named.insert(place);
    if (from[place] != Extent{1}) kept.push_back(place);
  }
  if (to.size() != from.size() || named.size() != from.size())
    call.refuse("perm does not name every axis once");
  return {std::ranges::is_sorted(kept) ? Result{to, {}, {}, {}} : moved(call, to)};
}

std::vector<Result> concat(const OnnxCall& call) {
  Extents to = call.input(0).shape;
  const std::size_t axis = call.axis(call.integer("axis", 0), std::max<std::size_t>(to.size(), 1));
  if (to.empty()) call.refuse("a number has no axis");
  to[axis].count = 0;
  std::optional<Extents> numbers;
  if (to.size() == 1) numbers.emplace();
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Value& part = call.input(i);
    if (part.shape.size() != to.size() || part.shape[axis].of_batch != to[axis].of_batch) {
      call.refuse(text_of(part.shape) + " does not fit " + text_of(call.input(0).shape));
    }
    to[axis].count += part.shape[axis].count;
    if (!part.numbers) numbers.reset();
    if (numbers) numbers->insert(numbers->end(), part.numbers->begin(), part.numbers->end());
  }
  if (numbers) return {{to, {}, {}, numbers}};
  return {moved(call, to)};
}

// From a first to before a last place, both counted from the end when negative.
std::int64_t taken(std::int64_t begin, std::int64_t end, std::int64_t step, std::int64_t size) {
  const auto place = [size](std::int64_t at, std::int64_t least, std::int64_t most) {
    return std::clamp(at < 0 && at >= -size ? at + size : at, least, most);
  };
  if (step > 0) {
    const std::int64_t room = place(end, 0, size) - place(begin, 0, size);
    return room <= 0 ? 0 : (room - 1) / step + 1;
  }
  const std::int64_t last = end < -size ? -1 : place(end, -1, size - 1);
  const std::int64_t room = place(begin, -1, size - 1) - last;
  return room <= 0 ? 0 : (room - 1) / -step + 1;
}

std::vector<Result> slice(const OnnxCall& call) {
  const Value& value = call.input(0);
  const std::vector<std::int64_t> starts = listed(call, "starts", 1),
                                  ends = listed(call, "ends", 2);
  std::vector<std::int64_t> axes = listed(call, "axes", 3), steps = listed(call, "steps", 4);
  for (std::size_t i = axes.size(); i < starts.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  steps.resize(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size())
    call.refuse("starts and ends differ");
  Extents to = value.shape;
  std::optional<Extents> numbers;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    Extent& size = to[call.axis(axes[i], to.size())];
    if (steps[i] == 0) call.refuse("a step is 0");
    const std::int64_t all = size.count;
    size.count = taken(starts[i], ends[i], steps[i], all);
    if (size.of_batch && size.count != all) call.refuse("a part of the batch cannot be taken");
    if (value.numbers && to.size() == 1 && size.count > 0) {
      std::int64_t at =
          starts[i] < 0 ? std::max<std::int64_t>(starts[i] + all, 0) : std::min(starts[i], all - 1);
      numbers.emplace();
      for (std::int64_t n = 0; n < size.count; ++n, at += steps[i]) {
        numbers->push_back((*value.numbers)[static_cast<std::size_t>(at)]);
      }
    }
  }
  if (value.numbers && to.size() == 1) return {{to, {}, {}, numbers}};
  return {to == value.shape ? view(call, to) : moved(call, to)};
}

std::vector<Result> split(const OnnxCall& call) {
  const Extents& from = call.input(0).shape;
  const std::size_t axis = call.axis(call.integer("axis", 0), from.size());
  std::vector<std::int64_t> parts = listed(call, "split", 1);
  const auto count = static_cast<std::int64_t>(call.node.outputs.size());
  if (parts.empty() && count > 0) {
    const std::int64_t each = (from[axis].count + count - 1) / count;
    for (std::int64_t left = from[axis].count; left > 0; left -= each) {
      parts.push_back(std::min(each, left));
    }
  }
  if (static_cast<std::int64_t>(parts.size()) != count || from[axis].of_batch) {
    call.refuse(fmt::format("{} cannot be split into {}", text_of(from), count));
  }
  std::vector<Result> results;
  for (const std::int64_t part : parts) {
    Extents to = from;
    to[axis].count = part;
    results.push_back(moved(call, to));
  }
  return results;
}

// Rows of a table of weights, or places of a tensor.
std::vector<Result> gather(const OnnxCall& call) {
  const Value &table = call.input(0), &places = call.input(1);
  const std::size_t axis = call.axis(call.integer("axis", 0), table.shape.size());
  Extents to(table.shape.begin(), table.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  to.insert(to.end(), places.shape.begin(), places.shape.end());
  to.insert(to.end(), table.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
            table.shape.end());
  if (table.numbers && places.numbers && table.shape.size() == 1) {
    Extents numbers;
    for (const Extent& place : *places.numbers) {
      numbers.push_back((*table.numbers)[call.axis(place.count, table.numbers->size())]);
    }
    return {{to, {}, {}, numbers}};
  }
  if (table.node || !places.node) {
    if (table.node && table.shape[axis].of_batch) call.refuse("samples cannot be picked");
    return {moved(call, to)};
  }
  if (axis != 0 || table.shape.size() != 2) call.refuse("only rows of a table are supported");
  Result made = layer_of(call, Kind::embedding, to);
  made.layer->sizes.vocabulary = static_cast<std::uint64_t>(table.shape[0].count);
  made.layer->sizes.out = static_cast<std::uint64_t>(table.shape[1].count);
  made.layer->parameters = count_of(table.shape);
  return {made};
}

std::vector<Result> expand(const OnnxCall& call) {
  const Extents& from = call.input(0).shape;
  Extents to = call.numbers(1);
  while (to.size() < from.size()) to.insert(to.begin(), Extent{1});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    if (to[to.size() - i] == Extent{1}) to[to.size() - i] = from[from.size() - i];
  }
  return {to == from ? view(call, to) : moved(call, to)};
}

std::vector<Result> pad(const OnnxCall& call) {
  Extents to = call.input(0).shape;
  const std::vector<std::int64_t> pads = listed(call, "pads", 1);
  if (pads.size() != 2 * to.size()) call.refuse("pads are not those of every axis");
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::int64_t more = pads[i] + pads[i + to.size()];
    if (to[i].of_batch && more != 0) call.refuse("the batch cannot be padded");
    to[i].count += more;
  }
  return {to == call.input(0).shape ? view(call, to) : moved(call, to)};
}

struct Named {
  std::string_view name;
  OnnxOperator op;
};
constexpr std::array<Named, 16> kOperators{{{"Identity", identity},
                                            {"Dropout", identity},
                                            {"Cast", cast},
                                            {"Shape", shape},
                                            {"ConstantOfShape", constant_of_shape},
                                            {"Reshape", reshape},
                                            {"Flatten", flatten},
                                            {"Squeeze", squeeze},
                                            {"Unsqueeze", unsqueeze},
                                            {"Transpose", transpose},
                                            {"Concat", concat},
                                            {"Slice", slice},
                                            {"Split", split},
                                            {"Gather", gather},
                                            {"Expand", expand},
                                            {"Pad", pad}}};

}  // namespace

OnnxOperator shape_operator(std::string_view op) {
  const auto* const found = std::ranges::find(kOperators, op, &Named::name);
  return found == kOperators.end() ? nullptr : found->op;
}

}  // namespace strobe::networks
