#include "sim/networks/l2_ledger.h"

#include <algorithm>

namespace strobe::networks {

void L2Ledger::run(const Step& step, const Operation& operation) {
  for (const std::size_t i : operation.reads) touch(i, step.tensors[i].bytes, false);
  for (const std::size_t i : operation.writes) touch(i, step.tensors[i].bytes, true);
}

void L2Ledger::touch(std::size_t tensor, std::uint64_t bytes, bool written) {
  HeldTensor now{tensor, std::min(bytes, capacity_), written};
  const auto before = std::ranges::find(held_, tensor, &HeldTensor::tensor);
  if (before != held_.end()) {
    // What was written stays so until it leaves; a whole new reading does not make it clean.
    now.dirty |= before->dirty && before->bytes == now.bytes;
    held_.erase(before);
  }
  held_.push_back(now);
  std::uint64_t all = 0;
  for (const HeldTensor& each : held_) all += each.bytes;
  while (all > capacity_) {
    HeldTensor& oldest = held_.front();
    const std::uint64_t gone = std::min(oldest.bytes, all - capacity_);
    oldest.bytes -= gone;
    all -= gone;
    if (oldest.bytes == 0) held_.erase(held_.begin());
  }
}

std::vector<std::vector<HeldTensor>> contents_before_each(const Step& step,
                                                          std::uint64_t capacity) {
  L2Ledger ledger(capacity);
  for (const Operation& operation : step.operations) ledger.run(step, operation);
  std::vector<std::vector<HeldTensor>> contents;
  for (const Operation& operation : step.operations) {
    contents.push_back(ledger.held());
    ledger.run(step, operation);
  }
  return contents;
}

}  // namespace strobe::networks
