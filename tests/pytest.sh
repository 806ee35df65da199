#!/bin/bash
# Runs pytest of build/venv on the files given; without that environment the test counts as skipped (77).
set -euo pipefail
python="$(dirname "$0")/../build/venv/bin/python"
if [[ ! -x "$python" ]]; then
  echo "build/venv is not there: scripts/test makes it"
  exit 77
fi
exec "$python" -m pytest -q "$@"
