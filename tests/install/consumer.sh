#!/bin/bash
# Installs a build to an empty folder and builds and runs a project that finds it there.
# Usage: consumer.sh CMAKE BUILD_FOLDER
set -euo pipefail
cmake="$1" build="$2" here="$(cd "$(dirname "$0")" && pwd)"
work="$build/tests/install"
rm -rf "$work"
"$cmake" --install "$build" --prefix "$work/prefix" >/dev/null
"$cmake" -S "$here" -B "$work/consumer" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=$work/prefix" >/dev/null
"$cmake" --build "$work/consumer"
"$work/consumer/consumer" | tee "$work/output.txt"
grep -qx if_curr_exp "$work/output.txt"
if [[ -x "$build/ranvier" ]]; then
  "$work/prefix/bin/ranvier" version
fi
