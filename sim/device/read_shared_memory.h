#pragma once

// What a memory has that a CPU shares: a system-level cache and the CPU's own part in it. A config
// file states both for the whole memory, a spec for one of its pseudo-channels.

#include "sim/device/section.h"
#include "sim/device/spec.h"

namespace strobe::device {

// [memory.system_cache] and [memory.cpu], of the whole. A CPU without a load is idle.
l2::Spec read_system_cache(Section section);
cpu::Spec read_cpu(Section section);

// Divides both among the pseudo-channels, each of which has a bank and a share of the CPU's
// requests. Throws UserError where that leaves no whole numbers. REQUIRES: the part has been read.
void share_out(const TomlNode& memory_table, MemorySpec& memory);

}  // namespace strobe::device
