// What a user can write as a layer, and what is said to one who writes something else.

#include "sim/layers/layer_text.h"
#include "sim/base/error.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::layers;

namespace {

std::string complaint_about(std::string_view text) {
  try {
    parse_layer(text);
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a layer is read back from its own text") {
  for (const std::string text :
       {"add rows=16 cols=40 dtype=fp32", "softmax rows=7 cols=1000 dtype=fp16",
        "embedding_backward rows=7 cols=64 table=1000 dtype=bf16", "linear m=5 n=6 k=7 dtype=fp32",
        "bmm batch=3 m=5 n=6 k=7 dtype=fp32",
        "attention batch=2 heads=8 kv_heads=2 q=5 kv=7 d=64 causal=1 dtype=bf16",
        "attention_backward batch=1 heads=1 kv_heads=1 q=5 kv=7 d=64 causal=0 splits=1 dtype=fp16",
        "linear m=5 n=6 k=7 dtype=tf32", "bmm batch=1 m=5 n=6 k=7 dtype=int8",
        "linear m=5 n=6 k=7 dtype=fp8", "linear m=5 n=6 k=7 dtype=nvfp4",
        "conv n=1 c=8 h=4 w=4 r=1 s=1 stride=1 pad=0 k=8 dtype=bf16"}) {
    CHECK(to_text(parse_layer(text)) == text);
  }
}

TEST_CASE("a table's shape says the same as words do, in either case") {
  CHECK(to_text(parse_layer("linear", "batch=1;M=5;N=6;K=7", "")) ==
        to_text(parse_layer("linear m=5 n=6 k=7")));
  CHECK(to_text(parse_layer("ADD", "rows=8;cols=4", "FP16")) == "add rows=8 cols=4 dtype=fp16");
}

TEST_CASE("what is wrong with a layer is named") {
  CHECK(complaint_about("gemmm m=1").find("no layer is called 'gemmm'; known are add") == 0);
  CHECK(complaint_about("linear m=1 n=2").find("k= is missing") != std::string::npos);
  CHECK(complaint_about("linear m=1 n=2 k=3 q=4").find("'q=4' is none of") != std::string::npos);
  CHECK(complaint_about("add rows=0 cols=1").find("a whole number from 1") != std::string::npos);
  CHECK(complaint_about("add rows=8x cols=1").find("'rows=8x'") != std::string::npos);
  CHECK(complaint_about("add rows=1 cols=1 dtype=fp5").find("dtype=fp5") != std::string::npos);
  CHECK(complaint_about("linear m=4294967296 n=4294967296 k=1").find("2^40") != std::string::npos);
  for (const char* const text :
       {"ln rows=1 cols=4194308", "softmax rows=1 cols=4194305",
        "embedding rows=1 cols=4194308 table=2", "gemv m=1 n=8 k=4194336"}) {
    CAPTURE(text);
    CHECK(complaint_about(text).find("2^22") != std::string::npos);
  }
  CHECK(complaint_about("ln rows=1 cols=4194304").empty());
  CHECK(complaint_about("add rows=1 cols=4194305").empty());
  CHECK(complaint_about("add rows=1 cols=16 dtype=fp8").find("of linear, bmm and conv only") !=
        std::string::npos);
  CHECK(complaint_about("attention heads=8 kv_heads=3 q=4 d=64").find("kv_heads=") !=
        std::string::npos);
  CHECK(complaint_about("attention heads=8 q=4 kv=2 d=64 causal=1").find("every query") !=
        std::string::npos);
  CHECK(complaint_about("attention heads=8 q=4 d=63").find("multiple of 8") != std::string::npos);
  CHECK(complaint_about("").find("an operator and its sizes") != std::string::npos);
}

TEST_CASE("images and windows are square unless their widths are given") {
  const Layer conv = parse_layer("conv", "N=9;C=3;K=5;R=3;H=12;stride=1;pad=0", "");
  CHECK(to_text(conv) == "conv n=9 c=3 h=12 w=12 r=3 s=3 stride=1 pad=0 k=5 dtype=fp32");
  CHECK(conv.image.out_pixels() == 100);
  CHECK(to_text(parse_layer("max_pool n=1 c=1 h=6 w=8 r=2 s=3 stride=2")) ==
        "max_pool n=1 c=1 h=6 w=8 r=2 s=3 stride=2 pad=0 dtype=fp32");
  CHECK(to_text(parse_layer("batch_norm n=2 c=3 h=4")) == "batch_norm n=2 c=3 h=4 w=4 dtype=fp32");
  CHECK(complaint_about("conv n=1 c=1 k=1 h=4 r=5").find("larger than the padded image") !=
        std::string::npos);
  CHECK(complaint_about("batch_norm n=1 c=1 h=4 r=5").find("'r=5' is none of") !=
        std::string::npos);
}
