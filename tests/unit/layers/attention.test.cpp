// Attention as fused kernels: what they multiply, read and write, and how their work is cut.

#include "sim/layers/attention.h"
#include "sim/layers/flash/flash_kernel.h"
#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using device::TensorInstruction;

namespace {

constexpr std::uint32_t kRate = 2048;  // operations a cycle and SM
constexpr std::array kFused{TensorInstruction::hmma_16816, TensorInstruction::wgmma,
                            TensorInstruction::tcgen05};

device::GpuSpec gpu_with(TensorInstruction instruction, std::uint32_t sms = 2) {
  device::GpuSpec gpu = test::small_gpu(16);
  gpu.sms = sms;
  gpu.sm.shared_max = Bytes(227 << 10);
  gpu.tensor.instruction = instruction;
  gpu.tensor.fp16 = gpu.tensor.bf16 = kRate;
  return gpu;
}

Layer attention_of(const std::string& sizes) {
  return parse_layer("attention " + sizes + " dtype=bf16");
}

// Of the tensor cores, by all CTAs.
double multiplied(const Kernel& kernel, std::uint64_t rounds) {
  double operations = 0;
  const auto& grid = kernel.header().grid;
  trace::Cta cta;
  for (std::uint64_t i = 0; i < kernel.header().cta_count(); ++i) {
    cta = {};
    cta.index = {static_cast<std::uint32_t>(i % grid[0]),
                 static_cast<std::uint32_t>(i / grid[0] % grid[1]),
                 static_cast<std::uint32_t>(i / grid[0] / grid[1])};
    kernel.fill(cta, rounds);
    for (const trace::Instruction& instruction : cta.instructions) {
      if (instruction.op != trace::Op::tensor) continue;
      const std::uint64_t alike = std::max<std::uint64_t>(instruction.bulk_count, 1);
      operations += static_cast<double>(alike * kRate / 4) * instruction.immediate;
    }
  }
  return operations;
}

}  // namespace

TEST_CASE("a fused attention multiplies twice for every pair of a query and a key") {
  for (const TensorInstruction instruction : kFused) {
    const device::GpuSpec gpu = gpu_with(instruction);
    const Layer layer = attention_of("heads=4 kv_heads=2 q=768 d=64");
    const auto kernels = lower(layer, gpu);
    REQUIRE(kernels.size() == 1);
    const Kernel& kernel = *kernels.front();
    CAPTURE(kernel.header().block[0]);
    CHECK(multiplied(kernel, kernel.loop_rounds()) == 4.0 * 4 * 768 * 768 * 64);
    CHECK(layer.attention.pairs() == 4.0 * 768 * 768);
    // Every output once, and a word for each row.
    const test::LayerFacts facts = test::facts_of(kernel);
    CHECK(facts.store_bytes == 4U * 768 * (64 * 2 + 4));
    CHECK(facts.stored_words.size() * 4 == facts.store_bytes);
    CHECK(facts.loaded_words.size() * 4 == (4U + 2 * 2) * 768 * 64 * 2);
  }
}

TEST_CASE("what no query sees is skipped, tile by tile") {
  for (const TensorInstruction instruction : kFused) {
    const device::GpuSpec gpu = gpu_with(instruction);
    const auto all = lower(attention_of("heads=2 q=3072 d=128"), gpu);
    const auto seen = lower(attention_of("heads=2 q=3072 d=128 causal=1"), gpu);
    const double whole = multiplied(*all.front(), all.front()->loop_rounds());
    const double causal = multiplied(*seen.front(), seen.front()->loop_rounds());
    CAPTURE(all.front()->header().block[0]);
    CHECK(causal > 0.5 * whole);
    CHECK(causal < 0.57 * whole);
    CHECK(seen.front()->period() == seen.front()->header().grid[0]);
  }
}

TEST_CASE("a causal kernel that is cut short has as much less to do as one that is not") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_16816);
  const auto kernels = lower(attention_of("heads=2 q=4096 d=128 causal=1"), gpu);
  const Kernel& kernel = *kernels.front();
  const std::uint64_t all = kernel.loop_rounds();
  REQUIRE(all == 64);
  // Linear in the rounds, so that what the additional ones took is what the rest takes.
  const double few = multiplied(kernel, 8), many = multiplied(kernel, 24);
  const double predicted = many + (many - few) / 16 * static_cast<double>(all - 24);
  CHECK(predicted == Approx(multiplied(kernel, all)).epsilon(0.02));
}

TEST_CASE("keys of few queries are split over the machine, and the parts added up") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_16816, 64);
  const Layer layer = attention_of("heads=4 q=16 kv=8192 d=128");
  const auto kernels = lower(layer, gpu);
  REQUIRE(kernels.size() == 2);
  const Kernel& kernel = *kernels.front();
  CHECK(kernel.header().grid[1] > 16);
  // The tile has 128 queries, whoever has fewer.
  CHECK(multiplied(kernel, kernel.loop_rounds()) == 4.0 * 4 * 128 * 8192 * 128);
  const test::LayerFacts facts = test::facts_of(kernel);
  CHECK(facts.store_bytes == kernel.header().grid[1] * 4 * 16 * (128 * 4 + 4));
  // Enough queries fill the machine by themselves.
  CHECK(lower(attention_of("heads=32 q=1024 d=128"), gpu).size() == 1);
}

TEST_CASE("a share of attention has as much less of it") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::wgmma);
  for (const std::string sizes : {"batch=8 heads=4 q=768 d=64", "batch=2 heads=16 q=768 d=64"}) {
    const auto whole = lower(attention_of(sizes), gpu);
    const auto share = whole.front()->share(4);
    REQUIRE(share != nullptr);
    const double part = multiplied(*share, share->loop_rounds());
    CHECK(part * 4 == multiplied(*whole.front(), whole.front()->loop_rounds()));
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(share->arrays()[i].bytes * 4 == whole.front()->arrays()[i].bytes);
    }
  }
  // Heads that share their keys stay together.
  const auto one = lower(attention_of("heads=32 kv_heads=1 q=4096 d=64"), gpu);
  CHECK(one.front()->share(4) == nullptr);
}

TEST_CASE("attention without a fused kernel is products, a scaling, a mask and a softmax") {
  const device::GpuSpec volta = gpu_with(TensorInstruction::hmma_884);
  CHECK_FALSE(has_fused_attention(DataType::fp16, volta));
  CHECK_FALSE(has_fused_attention(DataType::fp32, gpu_with(TensorInstruction::wgmma)));
  CHECK(has_fused_attention(DataType::fp16, gpu_with(TensorInstruction::wgmma)));
  const Layer layer = parse_layer("attention batch=2 heads=4 q=256 kv=512 d=64 dtype=fp16");
  const auto parts = parts_of_attention(layer);
  REQUIRE(parts.size() == 4);
  CHECK(to_text(parts[0]) == "bmm batch=8 m=256 n=512 k=64 dtype=fp16");
  CHECK(to_text(parts[2]) == "softmax rows=2048 cols=512 dtype=fp16");
  CHECK(to_text(parts[3]) == "bmm batch=8 m=256 n=64 k=512 dtype=fp16");
  Layer causal = layer;
  causal.attention.causal = 1;
  CHECK(parts_of_attention(causal).size() == 5);
  CHECK(lower(layer, volta).size() >= 4);
}

TEST_CASE("the gradients of attention are five products, added up in 32 bits for the queries") {
  for (const TensorInstruction instruction : kFused) {
    const device::GpuSpec gpu = gpu_with(instruction);
    const auto kernels = lower(
        parse_layer("attention_backward batch=2 heads=4 kv_heads=2 q=512 kv=512 d=64 dtype=fp16"),
        gpu);
    REQUIRE(kernels.size() == 4);  // the last adds up what heads with the same keys have
    const Kernel& kernel = *kernels[1];
    CAPTURE(kernel.header().block[0]);
    CHECK(multiplied(kernel, kernel.loop_rounds()) == 10.0 * 2 * 4 * 512 * 512 * 64);
    std::uint64_t added = 0, stored = 0;
    trace::Cta cta;
    for (std::uint32_t i = 0; i < kernel.header().cta_count(); ++i) {
      cta = {};
      cta.index = {i % kernel.header().grid[0], 0, i / kernel.header().grid[0]};
      kernel.fill(cta, kernel.loop_rounds());
      for (const trace::Instruction& instruction_of_warp : cta.instructions) {
        if (instruction_of_warp.space != trace::Space::global) continue;
        const std::uint64_t bytes =
            std::uint64_t{instruction_of_warp.address_count()} * instruction_of_warp.access_bytes;
        if (instruction_of_warp.op == trace::Op::reduction) added += bytes;
        if (instruction_of_warp.op == trace::Op::store) stored += bytes;
      }
    }
    const std::uint64_t heads = 2 * 4;
    CHECK(added == kernel.header().grid[0] * heads * 512 * 64 * 4);
    CHECK(stored == 2 * heads * 512 * 64 * 2);
  }
}

TEST_CASE("keys that few queries see have as much less to give back") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_16816);
  const auto work_of = [&](const std::string& causal) {
    const auto kernels = lower(
        parse_layer("attention_backward heads=1 q=2048 d=128 dtype=bf16 causal=" + causal), gpu);
    CHECK(kernels.size() == 3);
    return multiplied(*kernels[1], kernels[1]->loop_rounds());
  };
  const double share = work_of("1") / work_of("0");
  CHECK(share > 0.5);
  CHECK(share < 0.55);
}
