#include "sim/report/hdf5_file.h"

#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "sim/base/check.h"
#include "sim/report/output_file.h"
#include "sim/report/seal.h"

namespace strobe::report {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t> && std::is_same_v<herr_t, int>);

constexpr std::size_t kCompressedFrom = 1024;  // bytes; below, a chunk costs more than it saves
constexpr std::uint64_t kChunkElements = 64 * 1024;  // 512 KiB: fits HDF5's chunk cache of 1 MiB
constexpr unsigned kTracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

void succeed(herr_t status) {
  STROBE_CHECK(status >= 0);
}

Hdf5Handle properties(hid_t of_class) {
  return {H5Pcreate(of_class), H5Pclose};
}

// Readers list links in the order of writing only where the file keeps it, as netCDF's own do.
Hdf5Handle group_properties(hid_t of_class) {
  Hdf5Handle list = properties(of_class);
  succeed(H5Pset_link_creation_order(list.id(), kTracked));
  succeed(H5Pset_attr_creation_order(list.id(), kTracked));
  succeed(H5Pset_obj_track_times(list.id(), false));
  return list;
}

// Variable length, because fixed-length strings arrive as bytes in Python.
Hdf5Handle text_type() {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  succeed(H5Tset_size(type.id(), H5T_VARIABLE));
  succeed(H5Tset_cset(type.id(), H5T_CSET_UTF8));
  return type;
}

void write_attribute(hid_t object, const std::string& name, const std::string& text) {
  const std::string valid = valid_utf8(text);
  const char* characters = valid.c_str();
  const Hdf5Handle type = text_type();
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose);
  const Hdf5Handle attribute(
      H5Acreate2(object, name.c_str(), type.id(), scalar.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  succeed(H5Awrite(attribute.id(), type.id(), &characters));
}

template <class Number>
void write_number(hid_t object, const std::string& name, Number number) {
  constexpr bool kInteger = std::is_integral_v<Number>;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose);
  const Hdf5Handle attribute(
      H5Acreate2(object, name.c_str(), kInteger ? H5T_STD_I64LE : H5T_IEEE_F64LE, scalar.id(),
                 H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  succeed(H5Awrite(attribute.id(), kInteger ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, &number));
}

std::uint64_t size_of(const Values& values) {
  return std::visit([](const auto& span) { return std::uint64_t{span.size()}; }, values);
}

Hdf5Handle file_type(const Values& values) {
  if (std::holds_alternative<std::span<const std::int64_t>>(values)) {
    return {H5Tcopy(H5T_STD_I64LE), H5Tclose};
  }
  if (std::holds_alternative<std::span<const double>>(values)) {
    return {H5Tcopy(H5T_IEEE_F64LE), H5Tclose};
  }
  return text_type();
}

void write_values(hid_t dataset, const Values& values) {
  const auto write = [dataset](hid_t memory_type, const void* data) {
    succeed(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  };
  if (const auto* integers = std::get_if<std::span<const std::int64_t>>(&values)) {
    write(H5T_NATIVE_INT64, integers->data());
  } else if (const auto* numbers = std::get_if<std::span<const double>>(&values)) {
    write(H5T_NATIVE_DOUBLE, numbers->data());
  } else {
    std::vector<std::string> valid;
    for (const std::string& text : std::get<std::span<const std::string>>(values)) {
      valid.push_back(valid_utf8(text));
    }
    std::vector<const char*> characters;
    for (const std::string& text : valid) characters.push_back(text.c_str());
    write(text_type().id(), characters.data());
  }
}

// Shuffled and deflated at level 1: any reader anywhere opens it, and higher levels gain 3 %.
void compress(hid_t list, std::vector<hsize_t> chunk) {
  std::uint64_t row = 1;
  for (std::size_t axis = 1; axis < chunk.size(); ++axis) row *= chunk[axis];
  chunk[0] = std::clamp<hsize_t>(kChunkElements / row, 1, chunk[0]);
  succeed(H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data()));
  succeed(H5Pset_shuffle(list));
  succeed(H5Pset_deflate(list, 1));
}

Hdf5Handle write_dataset(hid_t group, const Label& label, const std::vector<hsize_t>& shape,
                         const Values& values) {
  const Hdf5Handle type = file_type(values);
  const Hdf5Handle list = properties(H5P_DATASET_CREATE);
  succeed(H5Pset_attr_creation_order(list.id(), kTracked));
  succeed(H5Pset_obj_track_times(list.id(), false));
  // netCDF knows no fixed dimension of length zero, only an unlimited one that has not grown yet.
  std::vector<hsize_t> most = shape, chunk = shape;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] > 0) continue;
    most[axis] = H5S_UNLIMITED;
    chunk[axis] = 1;
  }
  if (most != shape || size_of(values) * H5Tget_size(type.id()) > kCompressedFrom) {
    compress(list.id(), chunk);
  }
  const Hdf5Handle space(
      H5Screate_simple(static_cast<int>(shape.size()), shape.data(), most.data()), H5Sclose);
  Hdf5Handle dataset(H5Dcreate2(group, label.name.c_str(), type.id(), space.id(), H5P_DEFAULT,
                                list.id(), H5P_DEFAULT),
                     H5Dclose);
  if (size_of(values) > 0) write_values(dataset.id(), values);
  write_attribute(dataset.id(), "units", label.units);
  write_attribute(dataset.id(), "long_name", label.long_name);
  if (!label.nsight_metric.empty()) {
    write_attribute(dataset.id(), "nsight_metric", label.nsight_metric);
  }
  return dataset;
}

// HDF5's driver for files in memory keeps the file in `image`, a vector of ours, because what it
// gives out by itself (H5Fget_file_image) is a copy that 1.10 leaves with a wrong checksum.
H5FD_file_image_callbacks_t keep_in(std::vector<std::byte>& image) {
  using Operation = H5FD_file_image_op_t;
  H5FD_file_image_callbacks_t calls{};
  calls.udata = &image;
  calls.udata_copy = [](void* same) { return same; };
  calls.udata_free = [](void*) { return 0; };
  calls.image_malloc = [](std::size_t size, Operation, void* kept) -> void* {
    auto& bytes = *static_cast<std::vector<std::byte>*>(kept);
    bytes.resize(size);
    return bytes.data();
  };
  calls.image_realloc = [](void*, std::size_t size, Operation, void* kept) -> void* {
    auto& bytes = *static_cast<std::vector<std::byte>*>(kept);
    bytes.resize(size);
    return bytes.data();
  };
  calls.image_free = [](void*, Operation, void*) { return 0; };
  return calls;
}

Hdf5Handle create_in(std::vector<std::byte>& image) {
  succeed(H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr));  // a check says what its stack would
  const Hdf5Handle access = properties(H5P_FILE_ACCESS);
  H5FD_file_image_callbacks_t calls = keep_in(image);
  succeed(H5Pset_file_image_callbacks(access.id(), &calls));
  succeed(H5Pset_fapl_core(access.id(), 1 << 20, false));
  succeed(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V110));
  succeed(H5Pset_fclose_degree(access.id(), H5F_CLOSE_SEMI));  // refuses while a group is open
  const Hdf5Handle creation = group_properties(H5P_FILE_CREATE);
  // Even in memory HDF5 first looks for a file of this name, so it is one that cannot exist.
  return {H5Fcreate("/dev/null/strobe", H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose};
}

// How many bytes of valid UTF-8 begin `text`: 1 to 4, or 0. Rejects surrogates and overlong forms.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return byte(0) == 0 ? 0 : 1;
  const std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool surrogate = byte(0) == 0xED && byte(1) >= 0xA0;
  const bool too_large = byte(0) == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

Hdf5Handle::Hdf5Handle(std::int64_t id, Close close) : id_(id), close_(close) {
  STROBE_CHECK(id >= 0);
}

Hdf5Handle::Hdf5Handle(Hdf5Handle&& other) noexcept
    : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0) close_(id_);
}

void Hdf5Handle::close_now() {
  succeed(close_(std::exchange(id_, H5I_INVALID_HID)));
}

void Hdf5Group::coordinate(const Label& label, const Values& values) {
  const std::uint64_t size = size_of(values);
  Hdf5Handle scale = write_dataset(group_.id(), label, {size}, values);
  succeed(H5DSset_scale(scale.id(), label.name.c_str()));
  dimensions_.push_back({label.name, size, std::move(scale)});
}

void Hdf5Group::variable(const Label& label, std::span<const std::string_view> dimensions,
                         const Values& values) {
  std::vector<hsize_t> shape;
  std::uint64_t spanned = 1;
  for (const std::string_view name : dimensions) {
    shape.push_back(dimension(name).size);
    spanned *= shape.back();
  }
  STROBE_CHECK(!shape.empty() && spanned == size_of(values));
  const Hdf5Handle dataset = write_dataset(group_.id(), label, shape, values);
  unsigned axis = 0;
  for (const std::string_view name : dimensions) {
    succeed(H5DSattach_scale(dataset.id(), dimension(name).scale.id(), axis++));
  }
}

const Hdf5Group::Dimension& Hdf5Group::dimension(std::string_view name) const {
  const auto found = std::find_if(dimensions_.begin(), dimensions_.end(),
                                  [name](const Dimension& d) { return d.name == name; });
  STROBE_CHECK(found != dimensions_.end());
  return *found;
}

Hdf5File::Hdf5File() : file_(create_in(image_)) {}

Hdf5Group Hdf5File::root() {
  return Hdf5Group({H5Gopen2(file_.id(), "/", H5P_DEFAULT), H5Gclose});
}

Hdf5Group Hdf5File::group(const std::string& path) {
  const Hdf5Handle creation = group_properties(H5P_GROUP_CREATE);
  return Hdf5Group(
      {H5Gcreate2(file_.id(), path.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Gclose});
}

void Hdf5File::attribute(const std::string& name, const std::string& text) {
  write_attribute(file_.id(), name, text);
}

void Hdf5File::attribute(const std::string& name, std::int64_t number) {
  write_number(file_.id(), name, number);
}

void Hdf5File::attribute(const std::string& name, double number) {
  write_number(file_.id(), name, number);
}

void Hdf5File::commit(const std::filesystem::path& path) {
  attribute("complete", std::int64_t{1});
  attribute(kSealAttribute, blank_seal());
  succeed(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL));
  // The image grows in steps; this is how much of it is the file.
  const ssize_t size = H5Fget_file_image(file_.id(), nullptr, 0);
  file_.close_now();
  STROBE_CHECK(size > 0 && static_cast<std::size_t>(size) <= image_.size());
  const std::span file = std::span(image_).first(static_cast<std::size_t>(size));
  seal(file);
  replace_file(path, file);
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    valid += length > 0 ? text.substr(0, length) : "?";
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

}  // namespace strobe::report
