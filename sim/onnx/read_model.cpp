// Which field of which message is what: the numbers are those of onnx.proto, which the ONNX
// standard never gives to another field.

#include <algorithm>
#include <cstring>

#include "sim/base/error.h"
#include "sim/onnx/model.h"
#include "sim/onnx/wire_format.h"

namespace strobe::onnx {
namespace {

// Of numbers that shapes follow from; more of them are weights.
constexpr std::size_t kMostIntegers = 1024;

void decode_integers(const std::string& raw, Tensor& tensor) {
  const std::size_t width = tensor.type == ElementType::int64 ? 8 : 4;
  for (std::size_t at = 0; at + width <= raw.size(); at += width) {
    std::int64_t wide = 0;
    std::int32_t narrow = 0;
    if (width == 8) {
      std::memcpy(&wide, raw.data() + at, width);
    } else {
      std::memcpy(&narrow, raw.data() + at, width);
      wide = narrow;
    }
    tensor.integers.push_back(wide);
  }
}

Tensor read_tensor(WireReader& in) {
  Tensor tensor;
  std::string raw;
  while (const std::uint32_t field = in.next_field()) {
    switch (field) {
      case 1:
        in.add_integers(tensor.sizes);
        break;
      case 2:
        tensor.type = static_cast<ElementType>(in.integer());
        break;
      case 5:  // 32-bit integers, or bytes or halves as such
      case 7:
        in.add_integers(tensor.integers);
        break;
      case 8:
        tensor.name = in.text();
        break;
      case 9:
        if (!in.short_text(kMostIntegers * 8, raw)) raw.clear();
        break;
      default:
        in.skip();
    }
  }
  if (tensor.type != ElementType::int64 && tensor.type != ElementType::int32) {
    tensor.integers.clear();
    return tensor;
  }
  if (tensor.integers.empty()) decode_integers(raw, tensor);
  std::size_t elements = 1;
  for (const std::int64_t size : tensor.sizes) {
    const bool is_small = size >= 0 && size <= static_cast<std::int64_t>(kMostIntegers);
    elements = is_small ? elements * static_cast<std::size_t>(size) : kMostIntegers + 1;
    elements = std::min(elements, kMostIntegers + 1);
  }
  tensor.has_integers = tensor.integers.size() == elements;
  return tensor;
}

Attribute read_attribute(WireReader& in) {
  Attribute attribute;
  while (const std::uint32_t field = in.next_field()) {
    switch (field) {
      case 1:
        attribute.name = in.text();
        break;
      case 3:
        attribute.integer = in.integer();
        break;
      case 4:
        attribute.text = in.text();
        break;
      case 5:
        in.message([&] { attribute.tensor = read_tensor(in); });
        break;
      case 6:
      case 11:
        attribute.is_graph = true;
        in.skip();
        break;
      case 8:
        in.add_integers(attribute.integers);
        break;
      default:
        in.skip();
    }
  }
  return attribute;
}

Node read_node(WireReader& in) {
  Node node;
  while (const std::uint32_t field = in.next_field()) {
    switch (field) {
      case 1:
        node.inputs.push_back(in.text());
        break;
      case 2:
        node.outputs.push_back(in.text());
        break;
      case 3:
        node.name = in.text();
        break;
      case 4:
        node.op = in.text();
        break;
      case 5:
        in.message([&] { node.attributes.push_back(read_attribute(in)); });
        break;
      case 7:
        node.domain = in.text();
        break;
      default:
        in.skip();
    }
  }
  if (node.domain == "ai.onnx") node.domain.clear();
  if (node.name.empty()) node.name = node.outputs.empty() ? node.op : node.outputs.front();
  return node;
}

Size read_size(WireReader& in) {
  Size size;
  while (const std::uint32_t field = in.next_field()) {
    if (field == 1) {
      size.count = std::max<std::int64_t>(in.integer(), 0);  // some exporters write -1 for open
    } else if (field == 2) {
      size.name = in.text();
    } else {
      in.skip();
    }
  }
  return size;
}

void read_shape(WireReader& in, Input& input) {
  while (const std::uint32_t field = in.next_field()) {
    field == 1 ? in.message([&] { input.sizes.push_back(read_size(in)); }) : in.skip();
  }
}

void read_tensor_type(WireReader& in, Input& input) {
  input.is_tensor = true;
  while (const std::uint32_t field = in.next_field()) {
    if (field == 1) {
      input.type = static_cast<ElementType>(in.integer());
    } else if (field == 2) {
      in.message([&] { read_shape(in, input); });
    } else {
      in.skip();
    }
  }
}

void read_type(WireReader& in, Input& input) {
  while (const std::uint32_t field = in.next_field()) {
    field == 1 ? in.message([&] { read_tensor_type(in, input); }) : in.skip();
  }
}

Input read_input(WireReader& in) {
  Input input;
  while (const std::uint32_t field = in.next_field()) {
    if (field == 1) {
      input.name = in.text();
    } else if (field == 2) {
      in.message([&] { read_type(in, input); });
    } else {
      in.skip();
    }
  }
  return input;
}

void read_graph(WireReader& in, Model& model) {
  while (const std::uint32_t field = in.next_field()) {
    switch (field) {
      case 1:
        in.message([&] { model.nodes.push_back(read_node(in)); });
        break;
      case 2:
        model.graph_name = in.text();
        break;
      case 5:
        in.message([&] { model.weights.push_back(read_tensor(in)); });
        break;
      case 11:
        in.message([&] { model.inputs.push_back(read_input(in)); });
        break;
      case 12:
        in.message([&] { model.outputs.push_back(read_input(in).name); });
        break;
      default:
        in.skip();
    }
  }
}

void read_opset(WireReader& in, Model& model) {
  std::string domain;
  std::int64_t version = 0;
  while (const std::uint32_t field = in.next_field()) {
    if (field == 1) {
      domain = in.text();
    } else if (field == 2) {
      version = in.integer();
    } else {
      in.skip();
    }
  }
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

}  // namespace

const Attribute* Node::attribute(std::string_view wanted) const {
  const auto found = std::ranges::find(attributes, wanted, &Attribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

std::int64_t Node::integer(std::string_view wanted, std::int64_t otherwise) const {
  const Attribute* const found = attribute(wanted);
  return found == nullptr ? otherwise : found->integer;
}

std::vector<std::int64_t> Node::integers(std::string_view wanted) const {
  const Attribute* const found = attribute(wanted);
  return found == nullptr ? std::vector<std::int64_t>{} : found->integers;
}

std::string Node::text(std::string_view wanted, std::string_view otherwise) const {
  const Attribute* const found = attribute(wanted);
  return found == nullptr ? std::string(otherwise) : found->text;
}

Model read_model(const std::string& path) {
  WireReader in(path);
  Model model;
  model.file = path;
  while (const std::uint32_t field = in.next_field()) {
    if (field == 7) {
      in.message([&] { read_graph(in, model); });
    } else if (field == 8) {
      in.message([&] { read_opset(in, model); });
    } else {
      in.skip();
    }
  }
  if (model.nodes.empty() || model.opset == 0) {
    throw UserError({path}, "no sound ONNX file: it has no graph of operators");
  }
  return model;
}

}  // namespace strobe::onnx
