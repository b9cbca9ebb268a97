#!/bin/sh
# From a fresh clone to a first result: installs what is missing, builds, and replays a small trace
# on one GPU of each memory family. The first run's file is left in build/demo.h5.
set -eu
cd "$(dirname "$0")/.."

tools/bootstrap.sh --build
cmake --preset release -DSTROBE_TESTS=OFF
cmake --build --preset release --target strobe

set -x
build/release/strobe run v100-pcie-32gb traces/small/vectoradd -o build/demo.h5
build/release/strobe run rtx-a6000 traces/small/vectoradd
build/release/strobe run gb10 traces/small/vectoradd
