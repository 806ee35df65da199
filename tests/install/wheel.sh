#!/bin/bash
# `pip install .` into an empty folder: the package imports, lists its models, and the program is beside it.
# Usage: wheel.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
source="$1" work="$2/tests/wheel" python="$1/build/venv/bin/python"
if [[ ! -x "$python" ]]; then
  echo "build/venv is not there: scripts/test makes it"
  exit 77
fi
rm -rf "$work"
"$python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --target "$work" "$source"
cd "$work"
PYTHONPATH="$work" "$python" -c '
import ranvier
print(ranvier.__file__, ranvier.__version__)
assert ranvier.__file__.startswith("'"$work"'")
assert "if_curr_exp" in ranvier.neuron_models()'
if [[ -x "$2/ranvier" ]]; then
  "$work/bin/ranvier" version
fi
