#!/bin/sh
# Installs the Debian packages that Strobe needs, and nothing that is there already.
#   tools/bootstrap.sh --build   what the program needs (the default)
#   tools/bootstrap.sh --test    that and what the tests and checks need
#   tools/bootstrap.sh --slurm   a Slurm, for tools/test_slurm.sh
#   tools/bootstrap.sh --report  a browser, for the pages of strobe report
#   tools/bootstrap.sh --notebooks  what runs tools/notebooks
set -eu

build="g++ cmake ninja-build libtbb-dev libhdf5-dev libboost-dev libboost-program-options-dev
       libfmt-dev liblzma-dev libprotobuf-dev libtomlplusplus-dev libssl-dev"
test="catch2 clang libclang-rt-14-dev clang-format ccache valgrind
      python3 python3-h5py python3-h5netcdf python3-xarray python3-pandas python3-tables"

case "${1:---build}" in
  --build) wanted=$build ;;
  --test) wanted="$build $test" ;;
  --slurm) wanted="slurm-wlm munge" ;;
  --report) wanted="python3 chromium" ;;
  --notebooks) wanted="jupyter-nbconvert python3-ipykernel python3-matplotlib
                       python3-h5py python3-h5netcdf python3-xarray python3-pandas" ;;
  *) sed -n '2,7s/^# *//p' "$0" >&2; exit 2 ;;
esac

missing=""
for package in $wanted; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2086  # one word a package
$as_root apt-get install -q -y --no-install-recommends $missing
