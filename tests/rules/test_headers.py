"""Every header may be included twice: it has `#pragma once`, or says what it has instead. X.cpp includes the X.h beside it first,
which shows that X.h stands alone (tests/rules/headers.cmake compiles the headers that have no such file)."""

import re
import sys

from files import code_files, report

REASON = re.compile(r"hence (the toggle in place of|no guard)")
FIRST = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def faults():
    headers = dict(code_files(".h"))
    for name, path in headers.items():
        text = path.read_text()
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            if not REASON.search(re.sub(r"\n// ?", " ", text)):
                yield f"{name}: has no #pragma once, and does not say why"
    for name, path in code_files(".cpp"):
        own = name.removesuffix(".cpp") + ".h"
        first = FIRST.search(path.read_text())
        if own in headers and (not first or first[1] not in (own, own.split("/")[-1])):
            yield f"{name}: does not include {own} first"


if __name__ == "__main__":
    sys.exit(report(list(faults())))
