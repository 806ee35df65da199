#!/bin/bash
# `pip install .` into an empty folder: the package imports, runs a network, and the program is beside it. Compiled with the
# release preset's options, so that ccache, where it is there, has the objects already.
# Usage: wheel.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
source="$1" build="$2" work="$2/tests/wheel" python="$1/build/venv/bin/python"
if [[ ! -x "$python" ]]; then
  echo "build/venv is not there: scripts/test makes it"
  exit 77
fi
rm -rf "$work"
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
CC="$(cached CMAKE_C_COMPILER)" CXX="$(cached CMAKE_CXX_COMPILER)" "$python" -m pip install --quiet \
  --disable-pip-version-check --no-build-isolation --no-deps --target "$work" \
  --config-settings="cmake.define.CMAKE_CXX_FLAGS_RELEASE=$(cached CMAKE_CXX_FLAGS_RELEASE)" \
  --config-settings="cmake.define.CMAKE_COMPILE_WARNING_AS_ERROR=ON" "$source"
cd "$work"
PYTHONPATH="$work" "$python" -c '
import ranvier
print(ranvier.__file__, ranvier.__version__)
assert ranvier.__file__.startswith("'"$work"'")
assert "if_curr_exp" in ranvier.neuron_models()
net = ranvier.Network()
cells = net.population("if_curr_exp", 3, name="cells")
net.stimulate(cells, ranvier.dc(1.0))
assert len(net.run(100.0).spikes["cells"]) > 0'
test -f "$work/ranvier/py.typed" && test -f "$work/ranvier/_core.pyi" && test -f "$work/pyNN/ranvier.py"
if [[ -x "$build/ranvier" ]]; then
  "$work/bin/ranvier" version
fi
