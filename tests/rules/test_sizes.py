"""No source file above 500 lines: a longer one needs a name for its parts."""

import sys

from files import code_files, report

MOST_LINES = 500


def faults():
    for name, path in code_files():
        lines = len(path.read_text().splitlines())
        if lines > MOST_LINES:
            yield f"{name}: {lines} lines, must be at most {MOST_LINES}"


if __name__ == "__main__":
    sys.exit(report(list(faults())))
