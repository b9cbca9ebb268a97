#include "sim/sweep/program_hash.h"

#include <filesystem>
#include <span>

#include "sim/report/provenance.h"

namespace strobe::sweep {

const std::string& program_hash() {
  static const std::string kHash = [] {
    const std::filesystem::path self("/proc/self/exe");
    return report::hash_inputs(std::span(&self, 1)).front().sha256;
  }();
  return kHash;
}

}  // namespace strobe::sweep
