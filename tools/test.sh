#!/bin/bash
# Everything that is asked of the tree, in order, ending with how long each step took, on the clock
# and in processor time (the better measure where others use the machine too):
#   tools/test.sh              all steps
#   tools/test.sh STEP...      only those, of: install format layers style build sanitize threads
#                              fuzz counts slurm validate report notebooks
# The first step that fails stops it. Of all steps, those that need only the product run beside the
# sanitizers', which compile most of the time. Three builds answer all: g++ optimised (the product
# and its tests), clang++ with the address and undefined-behaviour sanitizers (a second compiler,
# and the fuzzers live there), clang++ with the thread sanitizer (in less than half of g++'s time).
set -euo pipefail
cd "$(dirname "$0")/.."

first_steps=(install format layers style build)
sanitizer_steps=(sanitize threads fuzz)
product_steps=(counts slurm validate report notebooks)
steps="${first_steps[*]} ${sanitizer_steps[*]} ${product_steps[*]}"
fuzz_seconds=10
export CTEST_OUTPUT_ON_FAILURE=1 CLICOLOR_FORCE=0

install_step() { tools/bootstrap.sh --test; }
format_step() { tools/check_format.sh; }
layers_step() { tools/check_layers.py; }
style_step() { tools/check_style.py; }

configure() {
  cmake --preset "$1" -DSTROBE_TESTS=ON \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" >"build/$1.log" 2>&1 ||
    { cat "build/$1.log"; return 1; }
}

run_tests() {
  ctest --preset "$1" -j "$(nproc)" --no-tests=error "${@:2}"
}

build_step() {
  configure release
  cmake --build --preset release
  run_tests release
}

sanitize_step() {
  configure asan
  cmake --build --preset asan --target unit_tests property_tests fuzzers
  # Mutants and volume take long and go where property_dram has gone.
  run_tests asan -R '^(unit|property)_' -E '^property_dram_(mutants|volume)$'
}

threads_step() {
  configure tsan
  cmake --build --preset tsan --target determinism_tests
  run_tests tsan -R '^determinism_'
}

fuzz_step() {
  local seeds=build/fuzz-seeds fuzzer
  rm -rf "$seeds" && mkdir -p "$seeds"
  build/asan/tests/fuzz/make_fuzz_seeds "$seeds"
  for fuzzer in build/asan/tests/fuzz/fuzz_*; do
    local name=${fuzzer##*/fuzz_} log
    log=build/fuzz-$name.log
    mkdir -p "$seeds/$name"
    "$fuzzer" -max_total_time=$fuzz_seconds -print_final_stats=1 \
      -artifact_prefix="build/fuzz-$name-" "$seeds/$name" >"$log" 2>&1 ||
      { tail -50 "$log"; return 1; }
    echo "$name: $(sed -n 's/stat::number_of_executed_units: *//p' "$log") inputs"
  done
}

validate_step() {
  build/release/strobe validate --quick -j "$(nproc)"
  validation/dram/compare.py build/release/strobe --streams
}
report_step() {
  tools/bootstrap.sh --report
  /usr/bin/python3 -B tests/browser/report_test.py build/release/strobe
}
notebooks_step() {
  tools/bootstrap.sh --notebooks
  tools/run_notebooks.sh build/release/strobe build/notebooks
}
slurm_step() { tools/test_slurm.sh build/release/strobe; }
counts_step() { tests/bench/count_instructions.py build/release/strobe; }

for step in "$@"; do
  [[ " $steps " == *" $step "* ]] || { echo "no step '$step'; there are: $steps" >&2; exit 2; }
done

# Processor seconds of all commands that have ended.
processor_seconds() {
  local fields
  read -r -a fields </proc/$$/stat
  echo $(((fields[15] + fields[16]) / $(getconf CLK_TCK)))
}

mkdir -p build
timings="" passed=0 current="" beside=""
finish() {
  local status=$?
  [[ -z $beside ]] || kill "$beside" 2>/dev/null || true
  printf '\n%-10s %6s %10s\n%s' step clock processor "$timings"
  [[ $status -eq 0 ]] || printf '%-10s failed\n' "$current"
  printf '%-10s %4d s %8d s\n' total $SECONDS "$(processor_seconds)"
  echo "steps: $passed passed, $((status == 0 ? 0 : 1)) failed"
}
trap finish EXIT

do_steps() {
  for current in "$@"; do
    local began=$SECONDS processor_began
    processor_began=$(processor_seconds)
    echo "== $current"
    "${current}_step"
    timings+=$(printf '%-10s %4d s %8d s' "$current" $((SECONDS - began)) \
      $(($(processor_seconds) - processor_began)))$'\n'
    passed=$((passed + 1))
  done
}

# Waits for the steps that ran beside the sanitizers and shows what they said.
product_step() {
  local status=0
  wait "$beside" || status=$?
  beside=""
  cat build/product.log
  return $status
}

if [[ $# -gt 0 ]]; then
  do_steps "$@"
else
  do_steps "${first_steps[@]}"
  tools/test.sh "${product_steps[@]}" >build/product.log 2>&1 &
  beside=$!
  do_steps "${sanitizer_steps[@]}" product
fi
