#pragma once

// Result files appear whole or not at all. The bytes go to a temporary file beside the target, onto
// the disk, and only then under the target's name; whatever happens before that leaves an existing
// target as it was.

#include <cstddef>
#include <filesystem>
#include <span>

namespace strobe::report {

// Throws UserError unless a file can be put at `path`: asked before a run, so that hours of
// simulation do not end at a mistyped directory. Only a regular file is ever replaced, so
// "-o /dev/null" is an error and not the end of /dev/null.
void ensure_writable(const std::filesystem::path& path);

// Puts `bytes` at `path`. Throws UserError with the system's reason ("No space left on device").
void replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace strobe::report
