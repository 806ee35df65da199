"""The C++ and Python files are as clang-format 14 and ruff leave them (.clang-format, pyproject.toml).

The formatters are those of build/venv (scripts/requirements-test.txt) or of the PATH; a machine
without them skips the rule, CI has them.
"""

import shutil
import subprocess
import sys

from files import ROOT, code_files, report

SKIP = 77
COMMANDS = [
    ("clang-format", ["--dry-run", "-Werror"], (".cpp", ".h")),
    ("ruff", ["format", "--check", "-q"], (".py", ".pyi")),
    ("ruff", ["check", "-q"], (".py", ".pyi")),
]


def find(program):
    return shutil.which(program, path=ROOT / "build/venv/bin") or shutil.which(program)


def faults():
    for program, options, suffixes in COMMANDS:
        files = [str(path) for _, path in code_files(*suffixes)]
        done = subprocess.run(
            [find(program), *options, *files], capture_output=True, text=True, cwd=ROOT
        )
        if done.returncode != 0:
            yield f"{program} {' '.join(options)}: {(done.stdout + done.stderr).strip()[:4000]}"


if __name__ == "__main__":
    if any(find(program) is None for program, _, _ in COMMANDS):
        print("clang-format or ruff is not installed: pip install -r scripts/requirements-test.txt")
        sys.exit(SKIP)
    sys.exit(report(list(faults())))
