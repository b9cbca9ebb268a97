#!/bin/sh
# Is every C++ file as .clang-format says? `--fix` makes it so. Version 14 (Debian 12) is preferred:
# others break lines differently here and there.
set -eu
cd "$(dirname "$0")/.."

formatter=$(command -v clang-format-14 || command -v clang-format) ||
  { echo "clang-format is missing: run tools/bootstrap.sh --test" >&2; exit 1; }
"$formatter" --version

case "${1:-}" in
  --fix) mode="-i" ;;
  "") mode="--dry-run -Werror" ;;
  *) echo "usage: tools/check_format.sh [--fix]" >&2; exit 2 ;;
esac
# shellcheck disable=SC2086  # $mode is two words
find sim tests tools -name '*.h' -o -name '*.cpp' | sort | xargs "$formatter" $mode
