"""The project's own text files, for the rules: found by walking, so that an unpacked archive serves as well as a clone."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", "build", "__pycache__"}
CODE = {".h", ".cpp", ".in", ".py", ".pyi", ".sh", ".cmake"}


def all_files():
    """Every file of the source tree as (path from the root with '/', Path)."""
    pending = [ROOT]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if path.name in SKIPPED or path.is_symlink():
                continue
            if path.is_dir():
                pending.append(path)
            else:
                yield path.relative_to(ROOT).as_posix(), path


def code_files(*suffixes):
    """The files with one of the suffixes (default: all kinds of code)."""
    wanted = set(suffixes) or CODE
    return [(name, path) for name, path in all_files() if path.suffix in wanted]


def report(faults):
    """Prints the faults; the exit status says whether there are any."""
    for fault in faults:
        print(fault)
    return 1 if faults else 0
