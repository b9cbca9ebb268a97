#!/bin/bash
# Runs every notebook of tools/notebooks with a strobe and leaves them as pages:
#   tools/run_notebooks.sh STROBE FOLDER
# They are committed without outputs, which change with the model; here is where they must work.
set -euo pipefail
STROBE=$(realpath "${1:?STROBE}")
folder=${2:?FOLDER}
export STROBE PYTHONDONTWRITEBYTECODE=1 PYDEVD_DISABLE_FILE_VALIDATION=1
cd "$(dirname "$0")/.."
mkdir -p "$folder"
jupyter-nbconvert --log-level ERROR --execute --to html --output-dir "$folder" \
  tools/notebooks/*.ipynb
for notebook in tools/notebooks/*.ipynb; do
  name=$(basename "$notebook" .ipynb)
  pictures=$(grep -c 'image/png' "$folder/$name.html" || true)
  echo "$name: $pictures pictures"
  [ "$pictures" -ge 2 ] || { echo "$name has too few pictures" >&2; exit 1; }
  if grep -q '"execution_count": [0-9]' "$notebook"; then
    echo "$notebook is committed with outputs: clear them" >&2
    exit 1
  fi
done
