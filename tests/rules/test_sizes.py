"""No source file above 500 lines, no line above 140 columns (tables excepted: lines of data that start with a brace)."""

import sys

from files import code_files, report

MOST_LINES = 500
MOST_COLUMNS = 140


def faults():
    for name, path in code_files():
        lines = path.read_text().splitlines()
        if len(lines) > MOST_LINES:
            yield f"{name}: {len(lines)} lines, must be at most {MOST_LINES}"
        for number, line in enumerate(lines, 1):
            if len(line) > MOST_COLUMNS and not line.lstrip().startswith("{"):
                yield f"{name}:{number}: {len(line)} columns, must be at most {MOST_COLUMNS}"


if __name__ == "__main__":
    sys.exit(report(list(faults())))
