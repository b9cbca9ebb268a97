// Products on the tensor cores: what an instruction does, and what a whole kernel reads, computes
// and writes.

#include <algorithm>
#include <set>

#include "sim/base/error.h"
#include "sim/layers/products/tensor_choice.h"
#include "sim/layers/products/tensor_names.h"
#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using device::TensorInstruction;

namespace {

constexpr std::uint32_t kRate = 2048;  // operations a cycle and SM, of fp16

device::GpuSpec gpu_with(TensorInstruction instruction) {
  device::GpuSpec gpu = test::small_gpu(16);
  gpu.sm.shared_max = Bytes(227 << 10);
  gpu.tensor.instruction = instruction;
  gpu.tensor.tf32 = kRate / 2;
  gpu.tensor.fp16 = gpu.tensor.bf16 = kRate;
  gpu.tensor.int8 = gpu.tensor.fp8 = 2 * kRate;
  gpu.tensor.fp4 = 4 * kRate;
  return gpu;
}

struct TensorFacts {
  double operations = 0;
  std::uint64_t loaded = 0, stored = 0;  // bytes, of whoever's lanes
};

template <class Visit>
void for_each_instruction(const Kernel& kernel, const Visit& visit) {
  trace::Cta cta;
  for (std::uint32_t i = 0; i < kernel.header().cta_count(); ++i) {
    cta = {};
    cta.index = {i, 0, 0};
    kernel.fill(cta, kernel.loop_rounds());
    for (const trace::Instruction& instruction : cta.instructions) visit(cta, instruction);
  }
}

TensorFacts facts_of(const Kernel& kernel, std::uint32_t rate) {
  TensorFacts facts;
  for_each_instruction(kernel, [&](const trace::Cta&, const trace::Instruction& instruction) {
    const std::uint64_t alike = std::max<std::uint64_t>(instruction.bulk_count, 1);
    if (instruction.op == trace::Op::tensor) {
      facts.operations += static_cast<double>(alike * rate / 4) * instruction.immediate;
    }
    if (instruction.space != trace::Space::global) return;
    const std::uint64_t bytes =
        std::uint64_t{instruction.address_count()} * instruction.access_bytes;
    (instruction.op == trace::Op::store ? facts.stored : facts.loaded) += bytes;
  });
  return facts;
}

std::uint32_t rate_of(const device::GpuSpec& gpu, DataType type) {
  return tensor_unit(type, gpu)->operations;
}

bool are_within_arrays(const Kernel& kernel) {
  bool are_within = true;
  for_each_instruction(kernel, [&](const trace::Cta& cta, const trace::Instruction& instruction) {
    if (instruction.space != trace::Space::global) return;
    for (std::uint32_t lane = 0; lane < instruction.address_count(); ++lane) {
      const std::uint64_t address = cta.address(instruction, lane);
      are_within &= std::ranges::any_of(kernel.arrays(), [&](const Array& array) {
        return address >= array.address &&
               address + instruction.access_bytes <= array.address + array.bytes;
      });
    }
  });
  return are_within;
}

constexpr std::array kInstructions{TensorInstruction::hmma_884, TensorInstruction::hmma_1688,
                                   TensorInstruction::hmma_16816, TensorInstruction::wgmma,
                                   TensorInstruction::tcgen05};

}  // namespace

TEST_CASE("an HMMA.16816 is 4096 operations, and takes A100's tensor cores eight cycles") {
  const TensorUnit unit{TensorInstruction::hmma_16816, 2048, 16};
  const TensorWork work = work_of_step({128, 128, 64, 5, 64, 64, false}, unit);
  CHECK(work.step.cycles == 8);
  CHECK(work.count == 4 * 8);  // of 16 x 8 outputs each
  CHECK(work.step.shared_bytes == 0);
}

TEST_CASE("one row of a block-scaled type takes sm_120 a tile of 128, and k is not split") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_16816);
  const auto plan_of = [&](const std::string& text) {
    const Layer layer = parse_layer(text);
    return choose_tensor(tensor_product_of(layer), gpu, *tensor_unit(layer.type, gpu), layer.type);
  };
  const TensorPlan scaled = plan_of("linear m=1 n=4608 k=7168 dtype=nvfp4");
  CHECK(scaled.tile.rows >= 128);
  CHECK(scaled.tile.columns >= 128);
  CHECK(scaled.parts == 1);
  const TensorPlan other = plan_of("linear m=1 n=4608 k=7168 dtype=bf16");
  CHECK(other.tile.rows < 128);
}

TEST_CASE("steps of older tensor cores are shorter along k") {
  const TensorWork volta =
      work_of_step({128, 128, 64, 2, 64, 64, false}, {TensorInstruction::hmma_884, 1024, 16});
  CHECK(volta.step.cycles == 2);
  CHECK(volta.count == 64 * 64 * 4 / 256);
  const TensorWork turing =
      work_of_step({128, 128, 64, 2, 64, 64, false}, {TensorInstruction::hmma_1688, 1024, 16});
  CHECK(turing.step.cycles == 8);
  CHECK(turing.count == 4 * 8);
}

TEST_CASE("a Volta warp's fragments fill reads of 512 bytes with each line twice") {
  const TensorUnit volta{TensorInstruction::hmma_884, 1024, 16};
  CHECK(fragment_reads({64, 64, 64, 2, 32, 32, false}, volta) == 1 + 1);
  CHECK(fragment_reads({64, 128, 64, 2, 32, 64, false}, volta) == 1 + 2);
  CHECK(fragment_reads({128, 128, 64, 2, 64, 64, false}, volta) == 2 + 2);
  const TensorUnit turing{TensorInstruction::hmma_1688, 1024, 16};
  CHECK(fragment_reads({64, 64, 64, 2, 32, 32, false}, turing) == 1 + 1);
  const TensorUnit ampere{TensorInstruction::hmma_16816, 2048, 16};
  CHECK(fragment_reads({128, 128, 64, 5, 64, 64, false}, ampere) == 4 + 4);
}

TEST_CASE("a WGMMA of 64 x 256 takes Hopper 128 cycles and reads both sides from shared memory") {
  const TensorUnit unit{TensorInstruction::wgmma, 4096, 16};
  const TensorWork work = work_of_step({128, 256, 128, 4, 64, 256, false}, unit);
  CHECK(work.step.cycles == 128);
  CHECK(work.count == 1);
  CHECK(4 * work.step.shared_bytes == (64 + 256) * 32);
  // Of two CTAs that multiply together, each reads half of the columns' side.
  const TensorWork pair =
      work_of_step({128, 256, 128, 7, 128, 256, true}, {TensorInstruction::tcgen05, 8192, 16});
  CHECK(pair.step.cycles == 128);
  CHECK(4 * pair.step.shared_bytes == (128 + 128) * 32);
}

TEST_CASE("a product multiplies, reads and writes in full on every kind of tensor core") {
  for (const TensorInstruction instruction : kInstructions) {
    const device::GpuSpec gpu = gpu_with(instruction);
    for (const std::string type : {"fp16", "bf16", "tf32", "int8", "fp8", "nvfp4", "mxfp4"}) {
      const Layer layer = parse_layer("linear m=128 n=512 k=512 dtype=" + type);
      if (instruction == TensorInstruction::hmma_884 && bits_of(layer.type) < 16) continue;
      const TensorProduct product = tensor_product_of(layer);
      const auto unit = tensor_unit(layer.type, gpu);
      TensorPlan plan = choose_tensor(product, gpu, *unit, layer.type);
      plan.parts = 1;
      const auto kernel = tensor_kernel(product, plan);
      const TensorFacts facts = facts_of(*kernel, rate_of(gpu, layer.type));
      CAPTURE(type, kernel->header().name);
      CHECK(facts.operations == 2.0 * 128 * 512 * 512);
      const std::uint64_t rows = 128 / plan.tile.rows, columns = 512 / plan.tile.columns;
      const std::uint64_t bits = bits_of(layer.type);
      // Two CTAs share a strip of columns where they multiply together or are in a cluster, and one
      // of rows where there is one row of tiles.
      const bool is_cluster = plan.tile.pairs || instruction == TensorInstruction::wgmma;
      const std::uint64_t by_columns = is_cluster && rows > 1 ? 2 : 1;
      const std::uint64_t by_rows = is_cluster && rows == 1 && columns > 1 ? 2 : 1;
      const std::uint64_t operands =
          (columns * 128 / by_rows + rows * 512 / by_columns) * 512 * bits / 8;
      const BlockScale scale = scale_of(layer.type);
      if (scale.elements == 0) {
        const std::uint64_t vector = std::uint64_t{4} * bytes_of(result_of(layer.type));
        CHECK(facts.loaded >= operands);
        CHECK(facts.loaded < operands + 16 * rows * columns * 32 * vector);
      } else {
        CHECK(facts.loaded > operands + operands * 8 * scale.bytes / (bits * scale.elements) / 2);
      }
      CHECK(facts.stored == 128 * 512 * bytes_of(result_of(layer.type)));
    }
  }
}

TEST_CASE("CTAs that share a strip read all of it between them, also in a share of the machine") {
  const auto weights_read = [](const Kernel& kernel) {
    const Array& weights = kernel.arrays()[1];
    std::set<std::uint64_t> places;
    for_each_instruction(kernel, [&](const trace::Cta& cta, const trace::Instruction& one) {
      if (one.space != trace::Space::global || one.op == trace::Op::store) return;
      for (std::uint32_t lane = 0; lane < one.address_count(); ++lane) {
        const std::uint64_t address = cta.address(one, lane);
        if (address < weights.address || address >= weights.address + weights.bytes) continue;
        for (std::uint32_t byte = 0; byte < one.access_bytes; byte += 32) {
          places.insert((address + byte) / 32);
        }
      }
    });
    return places.size() * 32;
  };
  const auto kernel_of = [](TensorInstruction instruction, std::uint64_t rows, TensorTile tile) {
    const Layer layer =
        parse_layer("linear m=" + std::to_string(rows) + " n=4096 k=256 dtype=bf16");
    const TensorUnit unit = *tensor_unit(layer.type, gpu_with(instruction));
    return tensor_kernel(tensor_product_of(layer), {"some", tile, unit, 1});
  };
  const auto pair = kernel_of(TensorInstruction::tcgen05, 128, {128, 128, 128, 8, 128, 128, true});
  CHECK(weights_read(*pair) == 4096 * 256 * 2);
  const auto cluster = kernel_of(TensorInstruction::wgmma, 512, {128, 128, 128, 6, 64, 128, false});
  CHECK(weights_read(*cluster) == 4096 * 256 * 2);
  const auto share = cluster->share(4);
  REQUIRE(share != nullptr);
  CHECK(weights_read(*share) == share->arrays()[1].bytes);
}

TEST_CASE("one row is a tile of the tensor cores on Blackwell of the data centre alone") {
  const auto kernel_on = [](TensorInstruction instruction) {
    const Layer layer = parse_layer("linear m=1 n=4096 k=4096 dtype=bf16");
    return lower(layer, gpu_with(instruction)).front()->header().name;
  };
  CHECK(kernel_on(TensorInstruction::wgmma) == "gemv_bf16");
  CHECK(kernel_on(TensorInstruction::tcgen05).starts_with("sm100_gemm_bf16_tilesize"));
}

TEST_CASE("four bits and their scales are what a product in fp4 takes from memory") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::tcgen05);
  const auto arrays_of = [&](const std::string& type) {
    return lower(parse_layer("linear m=1024 n=4096 k=2048 dtype=" + type), gpu).front()->arrays();
  };
  const auto fp16 = arrays_of("fp16"), nvfp4 = arrays_of("nvfp4"), mxfp4 = arrays_of("mxfp4");
  CHECK(nvfp4[0].bytes * 4 == fp16[0].bytes);
  CHECK(nvfp4[1].bytes * 4 == fp16[1].bytes);
  CHECK(nvfp4[2].bytes == fp16[2].bytes);  // in bf16
  CHECK(nvfp4[5].bytes == 4096U * 2048 / 16);
  CHECK(mxfp4[5].bytes == 4096U * 2048 / 32);
}

TEST_CASE("a share of a product reads and writes as much less, as often") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_16816);
  const auto whole = lower(parse_layer("linear m=4096 n=2048 k=256 dtype=fp16"), gpu);
  const auto share = whole.front()->share(4);
  REQUIRE(share != nullptr);
  CHECK(share->header().cta_count() * 4 == whole.front()->header().cta_count());
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(share->arrays()[i].bytes * 4 == whole.front()->arrays()[i].bytes);
  }
  const TensorFacts all = facts_of(*whole.front(), kRate), part = facts_of(*share, kRate);
  CHECK(part.operations * 4 == all.operations);
  CHECK(part.loaded * 4 == all.loaded);
  CHECK(part.stored * 4 == all.stored);
}

TEST_CASE("a kernel and its shares touch nothing outside of their arrays") {
  const std::string image = " n=8 c=64 h=12 k=128 dtype=fp16 r=";
  for (const TensorInstruction instruction :
       {TensorInstruction::hmma_16816, TensorInstruction::wgmma}) {
    const device::GpuSpec gpu = gpu_with(instruction);
    for (const std::string& text :
         {std::string("linear m=512 n=768 k=256 dtype=bf16"),
          std::string("bmm batch=2 m=512 n=768 k=256 dtype=bf16"),
          "conv" + image + "3 pad=1 stride=1", "conv" + image + "1 pad=0 stride=2",
          "conv_data" + image + "3 pad=1 stride=1", "conv_weights" + image + "3 pad=1 stride=1"}) {
      const auto kernels = lower(parse_layer(text), gpu);
      const auto share = kernels.front()->share(2);
      CAPTURE(text, kernels.front()->header().name);
      CHECK(are_within_arrays(*kernels.front()));
      if (share != nullptr) CHECK(are_within_arrays(*share));
    }
  }
}

TEST_CASE("convolutions and their gradients multiply what their sizes say") {
  const device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_16816);
  for (const std::string op : {"conv", "conv_data", "conv_weights"}) {
    const Layer layer = parse_layer(op + " n=8 c=64 h=16 k=64 r=3 pad=1 stride=1 dtype=fp16");
    const auto kernels = lower(layer, gpu);
    const TensorFacts facts = facts_of(*kernels.front(), kRate);
    CAPTURE(op);
    CHECK(facts.operations == 2.0 * 8 * 16 * 16 * 64 * 64 * 9);
  }
}

TEST_CASE("a type that a GPU's tensor cores do not know is refused by name") {
  device::GpuSpec gpu = gpu_with(TensorInstruction::hmma_1688);
  gpu.title = "Small";
  gpu.tensor.bf16 = 0;
  try {
    lower(parse_layer("linear m=64 n=64 k=64 dtype=bf16"), gpu);
    FAIL("it was lowered");
  } catch (const UserError& error) {
    CHECK(std::string(error.what()).find("Small has no tensor cores for bf16") !=
          std::string::npos);
  }
}

TEST_CASE("a kernel's name says its tile, stages and parts") {
  const Layer layer = parse_layer("linear m=512 n=1024 k=4096 dtype=fp16");
  const TensorProduct product = tensor_product_of(layer);
  const TensorPlan ampere = given_tensor(
      product, {TensorInstruction::hmma_16816, 2048, 16},
      {"ampere_fp16_s16816gemm_fp16_128x64_ldg8_f2f_stages_32x6_tn", {8, 8, 3}, {128, 1, 1}});
  CHECK(ampere.tile.columns == 128);
  CHECK(ampere.tile.rows == 64);
  CHECK(ampere.tile.depth == 64);
  CHECK(ampere.tile.stages == 6);
  CHECK(ampere.tile.parts() == 4);
  CHECK(ampere.parts == 3);
  const TensorPlan hopper = given_tensor(
      product, {TensorInstruction::wgmma, 4096, 16},
      {"sm90_xmma_gemm_f16f16_f16f32_f32_tn_n_tilesize128x256x64_warpgroupsize2x1x1_execute",
       {4, 4, 1},
       {384, 1, 1}});
  CHECK(hopper.tile.rows == 128);
  CHECK(hopper.tile.columns == 256);
  CHECK(hopper.tile.depth == 128);
  CHECK(hopper.tile.part_rows * hopper.tile.part_columns == 128 * 128);
  CHECK_THROWS_AS(given_tensor(product, {TensorInstruction::wgmma, 4096, 16},
                               {"some_kernel", {4, 4, 1}, {384, 1, 1}}),
                  UserError);
}
