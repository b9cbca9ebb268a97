#include "sim/trace/kernel_code.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "sim/trace/registers.h"

namespace strobe::trace {
namespace {

constexpr std::array<std::uint8_t, 4> kAddress{2, 4, 6, 10};  // of each array: R2 and R3, ...
constexpr std::uint8_t kIndex = 8, kIndexHelper = 9;
constexpr std::uint8_t kSum = 12;
constexpr std::uint8_t kSharedAddress = 14;
constexpr std::uint8_t kFirstData = 16;

class Lines {
 public:
  explicit Lines(std::vector<CodeLine>& into) : lines_(into) {}

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
    lines_.push_back({instruction});
  }

  // `data` counts accesses of this width from the first data register on.
  void access(const char* text, Array array, std::uint32_t access, std::uint32_t data) {
    const std::uint8_t address = kAddress[static_cast<std::size_t>(array)];
    const auto value = static_cast<std::uint8_t>(
        kFirstData + data * std::max(1U, classify(text).access_bytes / 4U));
    if (text[0] == 'L') {
      add(text, value, {address});
    } else {
      add(text, kNoRegister, {address, value});
    }
    aim(array, access);
  }
  void access(const char* text, Array array, std::uint32_t which) {
    access(text, array, which, which);
  }

  void aim(Array array, std::uint32_t access) {
    lines_.back().array = array;
    lines_.back().access = access;
  }

  CodeLine& last() { return lines_.back(); }

 private:
  std::vector<CodeLine>& lines_;
};

// The text of an access of `bytes` a lane: of(bytes, "LDG.E", "LDG.E.64", "LDG.E.128").
const char* of(std::uint32_t bytes, const char* four, const char* eight, const char* sixteen) {
  return bytes == 16 ? sixteen : bytes == 8 ? eight : four;
}

const char* load_of(std::uint32_t bytes) {
  return of(bytes, "LDG.E", "LDG.E.64", "LDG.E.128");
}

const char* store_of(std::uint32_t bytes) {
  return of(bytes, "STG.E", "STG.E.64", "STG.E.128");
}

// index = blockIdx * blockDim + threadIdx, and an address for every array.
void add_prologue(Lines& code, std::uint32_t arrays) {
  code.add("MOV", 1, {});
  code.add("S2R", kIndex, {});
  code.add("S2R", kIndexHelper, {});
  code.add("IMAD", kIndex, {kIndex, kIndexHelper});
  for (std::uint32_t i = 0; i < arrays; ++i) {
    code.add("IMAD.WIDE", kAddress[i], {kIndex, kIndexHelper});
  }
}

// What a compiler leaves of a grid-stride loop's own work: the index, its compare, the addresses of
// the next turn, the branch.
void add_loop_end(Lines& code, std::uint32_t arrays) {
  code.add("IADD3", kIndex, {kIndex, kIndexHelper});
  code.add("ISETP.GE.AND", kNoRegister, {kIndex});
  for (std::uint32_t i = 0; i < arrays; ++i) {
    code.add("IMAD.WIDE", kAddress[i], {kIndex, kIndexHelper});
  }
  code.add("BRA", kNoRegister, {});
}

void add_vectoradd(Lines& code, std::uint32_t accesses) {
  for (std::uint32_t i = 0; i < accesses; ++i) code.access("LDG.E", Array::first, i);
  for (std::uint32_t i = 0; i < accesses; ++i) {
    code.access("LDG.E", Array::second, i, kMaxAccesses + i);
  }
  for (std::uint32_t i = 0; i < accesses; ++i) {
    const auto sum = static_cast<std::uint8_t>(kFirstData + i);
    code.add("FADD", sum, {sum, static_cast<std::uint8_t>(sum + kMaxAccesses)});
    code.access("STG.E", Array::third, i);
  }
}

// Arithmetic on one access: a fused multiply-add for each 4 or 8 bytes, in place.
void add_arithmetic(Lines& code, std::uint32_t lane_bytes, std::uint8_t destination,
                    std::initializer_list<std::uint8_t> values) {
  const char* const operation = lane_bytes == 4 ? "FFMA" : "DFMA";
  const std::uint32_t operations = lane_bytes == 16 ? 2 : 1;
  std::array<std::uint8_t, 3> from{};
  std::copy(values.begin(), values.end(), from.begin());
  for (std::uint32_t i = 0; i < operations; ++i) {
    const auto next = static_cast<std::uint8_t>(2 * i);
    const auto to = static_cast<std::uint8_t>(destination == kSum ? kSum : destination + next);
    const auto a = static_cast<std::uint8_t>(from[0] + next);
    const auto b = static_cast<std::uint8_t>(from[1] + next);
    const auto c = static_cast<std::uint8_t>(from[2] == kSum ? kSum : from[2] + next);
    if (values.size() == 1) code.add(operation, to, {a});
    if (values.size() == 2) code.add(operation, to, {a, b});
    if (values.size() == 3) code.add(operation, to, {a, b, c});
  }
}

// Loads of all arrays that are read, arithmetic, stores: what the stream patterns have in common.
// Copies and one-pass reads do nothing with what they load.
void add_stream(Lines& code, const KernelRecipe& recipe) {
  const Streams streams = streams_of(recipe.pattern);
  const std::uint32_t bytes = recipe.lane_bytes, accesses = recipe.loads;
  for (std::uint32_t array = 0; array < streams.reads; ++array) {
    for (std::uint32_t i = 0; i < accesses; ++i) {
      code.access(load_of(bytes), static_cast<Array>(array), i, array * accesses + i);
    }
  }
  const auto value = [&](std::uint32_t array, std::uint32_t i) {
    return static_cast<std::uint8_t>(kFirstData + (array * accesses + i) * (bytes / 4));
  };
  const auto target = static_cast<Array>(recipe.pattern == Pattern::update ? 0 : streams.reads);
  for (std::uint32_t i = 0; i < accesses; ++i) {
    const std::uint8_t a = value(0, i), b = value(1, i), c = value(2, i);
    switch (recipe.pattern) {
      case Pattern::read:
        if (recipe.ctas > 0) add_arithmetic(code, bytes, kSum, {a, a, kSum});
        break;
      case Pattern::scale:
      case Pattern::update:
        add_arithmetic(code, bytes, a, {a});
        break;
      case Pattern::add:
      case Pattern::triad:
        add_arithmetic(code, bytes, a, {a, b});
        break;
      case Pattern::vector_triad:
        add_arithmetic(code, bytes, a, {a, b, c});
        break;
      case Pattern::dot:
        add_arithmetic(code, bytes, kSum, {a, b, kSum});
        break;
      default:
        break;
    }
  }
  for (std::uint32_t i = 0; i < accesses && streams.writes > 0; ++i) {
    code.access(store_of(bytes), target, i);
  }
}

// Copies to shared memory, closed as a group each turn; a turn waits until the group of `stages`
// turns ago is there.
void add_async_read(Lines& code, const KernelRecipe& recipe) {
  for (std::uint32_t i = 0; i < recipe.loads; ++i) {
    code.add(of(recipe.lane_bytes, "LDGSTS.E", "LDGSTS.E.64", "LDGSTS.E.128"), kNoRegister,
             {kSharedAddress, kAddress[0]});
    code.aim(Array::first, i);
  }
  code.add("LDGDEPBAR", kNoRegister, {});
  code.add("DEPBAR.LE", kNoRegister, {});
  code.last().instruction.immediate = static_cast<std::int32_t>(recipe.stages) - 1;
}

void add_random(Lines& code, const KernelRecipe& recipe) {
  const std::uint32_t bytes = lane_bytes_of(recipe);
  const Pattern pattern = recipe.pattern;
  const bool loads = pattern == Pattern::gather || pattern == Pattern::random_update;
  const char* const change = pattern == Pattern::random_atomic
                                 ? of(bytes, "RED.E.ADD", "RED.E.ADD.64", "RED.E.ADD.128")
                                 : store_of(bytes);
  for (std::uint32_t i = 0; loads && i < recipe.loads; ++i) {
    code.access(load_of(bytes), Array::first, i);
  }
  if (pattern == Pattern::gather) return;
  for (std::uint32_t i = 0; i < recipe.loads; ++i) {
    const auto value = static_cast<std::uint8_t>(kFirstData + i * (bytes / 4));
    if (loads) code.add("LOP3", value, {value});
    code.access(change, Array::first, i);
  }
}

void add_turn(Lines& code, const KernelRecipe& recipe) {
  switch (recipe.pattern) {
    case Pattern::empty:
      break;
    case Pattern::chase:
      code.add("LDG.E.64", kAddress[0], {kAddress[0]});
      code.aim(Array::first, 0);
      break;
    case Pattern::vectoradd:
      add_vectoradd(code, recipe.loads);
      break;
    case Pattern::shared_read:
      for (std::uint32_t i = 0; i < recipe.loads; ++i) {
        code.add(of(recipe.lane_bytes, "LDS", "LDS.64", "LDS.128"),
                 static_cast<std::uint8_t>(kFirstData + i * (recipe.lane_bytes / 4)),
                 {kSharedAddress});
        code.aim(Array::first, i);
      }
      break;
    case Pattern::gather:
    case Pattern::scatter:
    case Pattern::random_update:
    case Pattern::random_atomic:
      add_random(code, recipe);
      break;
    default:
      if (recipe.stages > 0) return add_async_read(code, recipe);
      add_stream(code, recipe);
  }
}

std::uint32_t arrays_of(const KernelRecipe& recipe) {
  const Streams streams = streams_of(recipe.pattern);
  const bool in_place =
      recipe.pattern == Pattern::update || recipe.pattern == Pattern::random_update;
  return in_place ? 1 : streams.reads + streams.writes;
}

}  // namespace

std::uint32_t lane_bytes_of(const KernelRecipe& recipe) {
  switch (recipe.pattern) {
    case Pattern::chase:
      return 8;
    case Pattern::gather:
    case Pattern::vectoradd:
      return 4;
    default:
      return recipe.lane_bytes;
  }
}

bool is_random(Pattern pattern) {
  return pattern == Pattern::gather || pattern == Pattern::scatter ||
         pattern == Pattern::random_update || pattern == Pattern::random_atomic;
}

KernelCode kernel_code(const KernelRecipe& recipe) {
  KernelCode code;
  Lines prologue(code.prologue), turn(code.turn), epilogue(code.epilogue);
  const std::uint32_t arrays = arrays_of(recipe);
  add_prologue(prologue, arrays);
  if (recipe.pattern == Pattern::vectoradd) prologue.add("ISETP.GE.AND", kNoRegister, {kIndex});
  add_turn(turn, recipe);
  if (recipe.ctas > 0 && recipe.pattern != Pattern::chase && recipe.pattern != Pattern::empty) {
    add_loop_end(turn, arrays);
  }
  epilogue.add("EXIT", kNoRegister, {});
  return code;
}

std::uint32_t registers_used(const KernelCode& code) {
  std::uint32_t used = 16;
  for (const auto* lines : {&code.prologue, &code.turn, &code.epilogue}) {
    for (const CodeLine& line : *lines) {
      const Instruction& instruction = line.instruction;
      if (instruction.destination == kNoRegister) continue;
      used = std::max<std::uint32_t>(used, instruction.destination + instruction.destination_count);
    }
  }
  return used;
}

}  // namespace strobe::trace
