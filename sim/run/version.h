#pragma once

namespace strobe::run {

// Of the program and of the files it writes about itself; the same as in CMakeLists.txt, which a
// test holds it to.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace strobe::run
