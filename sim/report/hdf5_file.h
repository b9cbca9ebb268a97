#pragma once

// The door to HDF5. A file is built in memory and reaches the disk in one piece: results are a few
// megabytes at most, and HDF5 itself cannot be trusted with a disk that fills up (a file that it
// could not flush can be neither closed nor forgotten, and haunts the exit of the process). So
// every failure of the disk is met by replace_file, and a failure of HDF5 is a mistake of ours.
//
// What is written opens as it is in h5py, xarray and netCDF tools: each group is one xarray
// Dataset, every axis of every variable has a dimension scale, every variable has units and a
// long_name. Nothing in it depends on the time of writing, so equal results are equal bytes.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strobe::report {

// What a variable is called and means.
struct Label {
  std::string name;
  std::string units;  // as stats::name(Unit) gives them; never a word that means a timedelta
  std::string long_name;
  std::string nsight_metric = {};  // empty when there is none
};

// In memory; 64-bit integers stay signed in the file, because differences of unsigned ones wrap in
// numpy. Many-dimensional values are in C order, the last dimension fastest.
using Values = std::variant<std::span<const std::int64_t>, std::span<const double>,
                            std::span<const std::string>>;

// An identifier of the HDF5 library that is given back in time.
class Hdf5Handle {
 public:
  using Close = int (*)(std::int64_t);

  Hdf5Handle(std::int64_t id, Close close);  // REQUIRES: id is valid
  Hdf5Handle(Hdf5Handle&& other) noexcept;
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  ~Hdf5Handle();

  std::int64_t id() const { return id_; }
  void close_now();

 private:
  std::int64_t id_;
  Close close_;
};

class Hdf5Group {
 public:
  // A dimension of the group and the values along it, under the same name.
  void coordinate(const Label& label, const Values& values);

  // REQUIRES: each dimension is a coordinate already, and as many values as they span.
  void variable(const Label& label, std::span<const std::string_view> dimensions,
                const Values& values);
  void variable(const Label& label, std::initializer_list<std::string_view> dimensions,
                const Values& values) {
    variable(label, std::span(dimensions.begin(), dimensions.size()), values);
  }

 private:
  friend class Hdf5File;
  explicit Hdf5Group(Hdf5Handle group) : group_(std::move(group)) {}

  struct Dimension {
    std::string name;
    std::uint64_t size;
    Hdf5Handle scale;
  };
  const Dimension& dimension(std::string_view name) const;

  Hdf5Handle group_;
  std::vector<Dimension> dimensions_;
};

class Hdf5File {
 public:
  Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  // Where every file begins, a group too.
  Hdf5Group root();
  // A new group. REQUIRES: the groups above it exist.
  Hdf5Group group(const std::string& path);
  void attribute(const std::string& name, const std::string& text);
  void attribute(const std::string& name, std::int64_t number);
  void attribute(const std::string& name, double number);

  // Marks the file complete, seals it (seal.h) and puts it at `path`, see replace_file. The end of
  // the object's use. REQUIRES: no group is open.
  void commit(const std::filesystem::path& path);

 private:
  std::vector<std::byte> image_;  // before file_, which writes here until it is closed
  Hdf5Handle file_;
};

// `text` with a question mark in place of every byte that is not part of valid UTF-8: file names
// and command lines can hold anything, readers of HDF5 refuse to.
std::string valid_utf8(std::string_view text);

}  // namespace strobe::report
