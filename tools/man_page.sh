#!/bin/bash
# The manual page of strobe, made of what the program itself says to --help:
#   tools/man_page.sh STROBE > strobe.1
set -euo pipefail
strobe=${1:?STROBE}

# Text as it is, whatever troff would make of its first characters, hyphens and backslashes.
verbatim() {
  echo .nf
  sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\&&/" -e 's/-/\\-/g'
  echo .fi
}

# "  run    TARGET TRACE   ..." -> run
commands_of() { sed -n 's/^  \([a-z][a-z]*\)  *[^ ].*/\1/p'; }

echo ".TH STROBE 1 \"\" \"$("$strobe" --version)\" \"User Commands\""
echo ".SH NAME"
echo "strobe \- trace-driven simulator of GPU memory systems"
echo ".SH DESCRIPTION"
"$strobe" --help | verbatim
for command in $("$strobe" --help | commands_of); do
  echo ".SH STROBE ${command^^}"
  "$strobe" "$command" --help | verbatim
  if [ "$command" = trace ]; then
    for inner in $("$strobe" trace --help | commands_of); do
      echo ".SS strobe trace $inner"
      "$strobe" trace "$inner" --help | verbatim
    done
  fi
done
