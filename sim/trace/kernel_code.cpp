#include "sim/trace/kernel_code.h"

#include <algorithm>
#include <initializer_list>

#include "sim/trace/registers.h"

namespace strobe::trace {
namespace {

constexpr std::uint8_t kFirstAddress = 2;  // R2, R3
constexpr std::uint8_t kSecondAddress = 4;
constexpr std::uint8_t kThirdAddress = 6;
constexpr std::uint8_t kFirstData = 16;

class Code {
 public:
  void add(const char* text, std::uint8_t destination,
           std::initializer_list<std::uint8_t> sources) {
    const Opcode opcode = classify(text);
    Instruction instruction;
    instruction.active_mask = 0xFFFFFFFF;
    instruction.op = opcode.op;
    instruction.space = opcode.space;
    instruction.access_bytes = opcode.access_bytes;
    instruction.destination = destination;
    if (destination != kNoRegister) instruction.destination_count = opcode.destination_count;
    expand_sources(instruction, opcode, {sources.begin(), sources.size()});
    lines.push_back({instruction});
  }

  void access(const char* text, Array array, std::uint32_t access) {
    const bool is_load = text[0] == 'L';
    const auto address = static_cast<std::uint8_t>(kFirstAddress + 2 * static_cast<int>(array));
    const auto data = static_cast<std::uint8_t>(
        kFirstData + access * std::max(1U, classify(text).access_bytes / 4U));
    if (is_load) add(text, data, {address});
    if (!is_load) add(text, kNoRegister, {address, data});
    lines.back().array = array;
    lines.back().access = access;
  }

  std::vector<CodeLine> lines;
};

const char* load_of(std::uint32_t bytes) {
  return bytes == 16 ? "LDG.E.128" : bytes == 8 ? "LDG.E.64" : "LDG.E";
}

const char* store_of(std::uint32_t bytes) {
  return bytes == 16 ? "STG.E.128" : bytes == 8 ? "STG.E.64" : "STG.E";
}

// index = blockIdx * blockDim + threadIdx, and an address for every array.
void add_prologue(Code& code, std::uint32_t arrays) {
  code.add("MOV", 1, {});
  code.add("S2R", 8, {});
  code.add("S2R", 9, {});
  code.add("IMAD", 8, {8, 9});
  for (const std::uint8_t address : {kFirstAddress, kSecondAddress, kThirdAddress}) {
    if (arrays-- == 0) break;
    code.add("IMAD.WIDE", address, {8, 9});
  }
}

void add_vectoradd(Code& code, std::uint32_t accesses) {
  add_prologue(code, 3);
  code.add("ISETP.GE.AND", kNoRegister, {8});
  for (std::uint32_t i = 0; i < accesses; ++i) code.access("LDG.E", Array::first, i);
  for (std::uint32_t i = 0; i < accesses; ++i) {
    code.access("LDG.E", Array::second, kMaxAccesses + i);
    code.lines.back().access = i;
  }
  for (std::uint32_t i = 0; i < accesses; ++i) {
    const auto sum = static_cast<std::uint8_t>(kFirstData + i);
    code.add("FADD", sum, {sum, static_cast<std::uint8_t>(sum + kMaxAccesses)});
    code.access("STG.E", Array::third, i);
  }
}

}  // namespace

std::vector<CodeLine> kernel_code(const KernelRecipe& recipe) {
  Code code;
  const std::uint32_t accesses = recipe.loads;
  const bool is_copy = recipe.pattern == Pattern::copy;
  switch (recipe.pattern) {
    case Pattern::chase:
      add_prologue(code, 1);
      code.add("LDG.E.64", kFirstAddress, {kFirstAddress});
      code.lines.back().array = Array::first;
      break;
    case Pattern::vectoradd:
      add_vectoradd(code, accesses);
      break;
    case Pattern::gather:
      add_prologue(code, 1);
      for (std::uint32_t i = 0; i < accesses; ++i) code.access("LDG.E", Array::first, i);
      break;
    default:
      add_prologue(code, is_copy ? 2 : 1);
      for (std::uint32_t i = 0; i < accesses && recipe.pattern != Pattern::write; ++i) {
        code.access(load_of(recipe.lane_bytes), Array::first, i);
      }
      for (std::uint32_t i = 0; i < accesses && recipe.pattern != Pattern::read; ++i) {
        code.access(store_of(recipe.lane_bytes), is_copy ? Array::second : Array::first, i);
      }
  }
  code.add("EXIT", kNoRegister, {});
  return std::move(code.lines);
}

std::uint32_t registers_used(const std::vector<CodeLine>& code) {
  std::uint32_t used = 16;
  for (const CodeLine& line : code) {
    const Instruction& instruction = line.instruction;
    if (instruction.destination == kNoRegister) continue;
    used = std::max<std::uint32_t>(used, instruction.destination + instruction.destination_count);
  }
  return used;
}

}  // namespace strobe::trace
