"""Every neuron model and synapse rule gives equation, source and test: its file opens with the equation and names the test, its
`source` names a paper (author and year), or the peer whose definition it is."""

import re
import sys

from files import ROOT, code_files, report

FOLDERS = ("neurons/models/", "learning/rules/")
PAPER = re.compile(r"[A-Z][\w'&. ]+,? \d{4}|PyNN, \w+")
SOURCE = re.compile(r'\bsource =\s*((?:"[^"]*"\s*)+|nir::source);')


def faults_of(name, text):
    head = re.match(r"(?://.*\n)+", text)
    head = head[0].replace("\n// ", " ") if head else ""
    if not re.search(r" \+?=|<=|>=", head):
        yield f"{name}: opens without an equation"
    tests = re.findall(r"\btests/[\w/]+\.(?:cpp|py)", head)
    if not tests:
        yield f"{name}: opens without the file that tests it"
    yield from (f"{name}: {test} is not there" for test in tests if not (ROOT / test).exists())
    source = SOURCE.search(text)
    if not source or not (source[1] == "nir::source" or PAPER.search(source[1])):
        yield f"{name}: its source names no paper"


if __name__ == "__main__":
    files = [(n, p) for n, p in code_files(".cpp") if n.startswith(FOLDERS)]
    sys.exit(report([f for name, path in files for f in faults_of(name, path.read_text())]))
