# Completion of strobe's commands, options and names for bash: source this file, or install it as
# share/bash-completion/completions/strobe. It knows nothing by itself and asks the program, so it
# is never behind it.

_strobe_commands() { "$@" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  *[^ ].*/\1/p'; }
_strobe_options() { "$@" --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u; }
_strobe_names() {
  "$1" gpus --json 2>/dev/null | grep -o -e '"name":"[^"]*"' -e '"parts":.*' |
    grep -o '[a-z0-9.-]*' | grep -v -e '^name$' -e '^parts$'
}

_strobe() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=""
  local inner=("$program" "$command")
  [[ $command != trace || $COMP_CWORD -lt 3 ]] || inner+=("${COMP_WORDS[2]}")
  if ((COMP_CWORD == 1)); then
    words=$(_strobe_commands "$program")
  elif [[ $word == -* ]]; then
    words=$(_strobe_options "${inner[@]}")
  elif [[ $command == trace && $COMP_CWORD -eq 2 ]]; then
    words=$(_strobe_commands "$program" trace)
  elif [[ ($command == run || $command == check || $command == show) && $COMP_CWORD -eq 2 ]]; then
    words=$(_strobe_names "$program")
  fi
  # What follows is a file, unless it is one of these.
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _strobe strobe
