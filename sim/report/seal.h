#pragma once

// Every result file carries a hash of itself, because HDF5 neither notices a bit of data that
// turned over nor survives all that turn over in its own structures: what is read back is looked
// over before HDF5 sees it. The seal is a text of fixed length somewhere in the file; the hash is
// that of the file with zeros for its digits.

#include <cstddef>
#include <span>
#include <string>

namespace strobe::report {

inline constexpr const char* kSealAttribute = "seal";

// What is written in the seal's place.
std::string blank_seal();

// REQUIRES: the last blank seal of the file is the one to fill in.
void seal(std::span<std::byte> file);

bool is_sealed_and_whole(std::span<const std::byte> file);

}  // namespace strobe::report
