#include "sim/report/hdf5_input.h"

#include <hdf5.h>
#include <hdf5_hl.h>

#include <fstream>
#include <iterator>

#include "sim/base/error.h"
#include "sim/report/seal.h"

namespace strobe::report {
namespace {

// Thrown inside this file only: what HDF5 could not do, for the reader to put into words.
struct Unreadable {};

Hdf5Handle opened(hid_t id, Hdf5Handle::Close close) {
  if (id < 0) throw Unreadable{};
  return {id, close};
}

void succeed(herr_t status) {
  if (status < 0) throw Unreadable{};
}

// Text of variable length as HDF5 hands it out, given back to it in the end.
class Texts {
 public:
  Texts(std::size_t count, hid_t type, hid_t space)
      : pointers_(count, nullptr), type_(type), space_(space) {}
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  ~Texts() { H5Dvlen_reclaim(type_, space_, H5P_DEFAULT, pointers_.data()); }

  char** data() { return pointers_.data(); }
  std::vector<std::string> copied() const {
    std::vector<std::string> texts;
    for (const char* text : pointers_) texts.emplace_back(text == nullptr ? "" : text);
    return texts;
  }

 private:
  std::vector<char*> pointers_;
  hid_t type_, space_;
};

bool is_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
}

StoredAttribute read_attribute(hid_t object, const std::string& name) {
  const Hdf5Handle attribute = opened(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  const Hdf5Handle type = opened(H5Aget_type(attribute.id()), H5Tclose);
  const Hdf5Handle space = opened(H5Aget_space(attribute.id()), H5Sclose);
  if (H5Sget_simple_extent_npoints(space.id()) != 1) throw Unreadable{};
  if (is_text(type.id())) {
    Texts text(1, type.id(), space.id());
    succeed(H5Aread(attribute.id(), type.id(), text.data()));
    return {name, text.copied().front()};
  }
  if (H5Tget_class(type.id()) == H5T_FLOAT) {
    double number = 0;
    succeed(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &number));
    return {name, number};
  }
  if (H5Tget_class(type.id()) != H5T_INTEGER) throw Unreadable{};
  std::int64_t number = 0;
  succeed(H5Aread(attribute.id(), H5T_NATIVE_INT64, &number));
  return {name, number};
}

std::string text_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return {};
  const StoredAttribute attribute = read_attribute(object, name);
  const auto* text = std::get_if<std::string>(&attribute.value);
  return text == nullptr ? std::string() : *text;
}

// The name of the scale of an axis.
std::string dimension_of(hid_t dataset, unsigned axis) {
  std::string name;
  const auto keep = [](hid_t, unsigned, hid_t scale, void* kept) -> herr_t {
    const ssize_t size = H5DSget_scale_name(scale, nullptr, 0);
    if (size <= 0) return -1;
    std::string text(static_cast<std::size_t>(size) + 1, '\0');
    H5DSget_scale_name(scale, text.data(), text.size());
    text.pop_back();
    *static_cast<std::string*>(kept) = text;
    return 1;
  };
  succeed(H5DSiterate_scales(dataset, axis, nullptr, keep, &name));
  if (name.empty()) throw Unreadable{};
  return name;
}

std::vector<std::uint64_t> shape_of(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank <= 0) throw Unreadable{};
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  succeed(H5Sget_simple_extent_dims(space, shape.data(), nullptr));
  return {shape.begin(), shape.end()};
}

template <class Number>
std::vector<Number> read_numbers(hid_t dataset, hid_t memory_type, std::size_t count) {
  std::vector<Number> numbers(count);
  if (count > 0) {
    succeed(H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()));
  }
  return numbers;
}

StoredValues read_values(hid_t dataset, hid_t space) {
  const Hdf5Handle type = opened(H5Dget_type(dataset), H5Tclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count < 0) throw Unreadable{};
  const auto size = static_cast<std::size_t>(count);
  if (is_text(type.id())) {
    Texts texts(size, type.id(), space);
    if (size > 0) {
      succeed(H5Dread(dataset, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()));
    }
    return texts.copied();
  }
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_FLOAT) return read_numbers<double>(dataset, H5T_NATIVE_DOUBLE, size);
  if (kind != H5T_INTEGER) throw Unreadable{};
  return read_numbers<std::int64_t>(dataset, H5T_NATIVE_INT64, size);
}

StoredVariable read_variable(hid_t dataset, const std::string& name) {
  StoredVariable variable;
  variable.label = {name, text_attribute(dataset, "units"), text_attribute(dataset, "long_name"),
                    text_attribute(dataset, "nsight_metric")};
  const Hdf5Handle space = opened(H5Dget_space(dataset), H5Sclose);
  variable.shape = shape_of(space.id());
  const bool is_coordinate = H5DSis_scale(dataset) > 0;
  for (unsigned axis = 0; axis < variable.shape.size(); ++axis) {
    variable.dimensions.push_back(is_coordinate ? name : dimension_of(dataset, axis));
  }
  variable.values = read_values(dataset, space.id());
  return variable;
}

// Names of an object's links or attributes, in the order of writing.
herr_t keep_link(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}
herr_t keep_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

std::vector<std::string> links_of(hid_t group) {
  std::vector<std::string> names;
  succeed(H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, keep_link, &names));
  return names;
}

// Adds `path` if there are variables in it, and then what is below.
void collect_groups(hid_t group, const std::string& path, std::vector<std::string>& groups) {
  std::vector<std::string> inner;
  bool has_variables = false;
  for (const std::string& name : links_of(group)) {
    const Hdf5Handle object = opened(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose);
    if (H5Iget_type(object.id()) == H5I_GROUP) inner.push_back(name);
    has_variables = has_variables || H5Iget_type(object.id()) == H5I_DATASET;
  }
  if (has_variables) groups.push_back(path);
  for (const std::string& name : inner) {
    const Hdf5Handle below = opened(H5Gopen2(group, name.c_str(), H5P_DEFAULT), H5Gclose);
    collect_groups(below.id(), path == "/" ? name : path + "/" + name, groups);
  }
}

}  // namespace

Hdf5Input::Hdf5Input(const std::filesystem::path& path) : path_(path.string()) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  std::ifstream stream(path, std::ios::binary);
  std::vector<char> image(std::istreambuf_iterator<char>(stream), {});
  if (!stream || stream.bad()) throw UserError({path_}, "cannot be read");
  if (!is_sealed_and_whole(std::as_bytes(std::span(image)))) {
    throw UserError({path_}, "is damaged, or strobe did not write it");
  }
  // What was checked is what is read: the bytes in memory, which HDF5 copies. Not the file again,
  // and not H5LTopen_file_image, which leaks.
  const Hdf5Handle access = opened(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  succeed(H5Pset_fapl_core(access.id(), 1 << 20, false));
  succeed(H5Pset_file_image(access.id(), image.data(), image.size()));
  const hid_t file = H5Fopen(("memory:" + path_).c_str(), H5F_ACC_RDONLY, access.id());
  if (file < 0) throw UserError({path_}, "is no HDF5 file");
  file_.emplace_back(file, H5Fclose);
}

std::vector<StoredAttribute> Hdf5Input::attributes() const {
  std::vector<std::string> names;
  std::vector<StoredAttribute> attributes;
  const hid_t file = file_.front().id();
  try {
    succeed(H5Aiterate2(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, keep_attribute, &names));
    for (const std::string& name : names) {
      if (name != "complete" && name != kSealAttribute)
        attributes.push_back(read_attribute(file, name));
    }
  } catch (const Unreadable&) {
    throw UserError({path_}, "is damaged: its attributes cannot be read");
  }
  return attributes;
}

std::vector<std::string> Hdf5Input::groups() const {
  std::vector<std::string> groups;
  try {
    const Hdf5Handle root = opened(H5Gopen2(file_.front().id(), "/", H5P_DEFAULT), H5Gclose);
    collect_groups(root.id(), "/", groups);
  } catch (const Unreadable&) {
    throw UserError({path_}, "is damaged: its groups cannot be read");
  }
  return groups;
}

std::vector<StoredVariable> Hdf5Input::variables(const std::string& group) const {
  std::vector<StoredVariable> variables;
  try {
    const Hdf5Handle opened_group =
        opened(H5Gopen2(file_.front().id(), group.c_str(), H5P_DEFAULT), H5Gclose);
    for (const std::string& name : links_of(opened_group.id())) {
      const Hdf5Handle object =
          opened(H5Oopen(opened_group.id(), name.c_str(), H5P_DEFAULT), H5Oclose);
      if (H5Iget_type(object.id()) != H5I_DATASET) continue;
      variables.push_back(read_variable(object.id(), name));
    }
  } catch (const Unreadable&) {
    throw UserError({path_}, "is damaged: " + group + " cannot be read");
  }
  return variables;
}

}  // namespace strobe::report
