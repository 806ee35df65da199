"""No file names a folder of the machine on which it was written: the tree has to work wherever it lies."""

import re
import sys

from files import all_files, report

MACHINE_PATH = re.compile(rb"(?<![\w./:-])/(?:work|root|home|Users|mnt)/[\w.-]+")
NOT_TEXT = {".h5", ".bin", ".png", ".gz", ".npy"}


def faults():
    for name, path in all_files():
        if path.suffix in NOT_TEXT:
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            for found in MACHINE_PATH.findall(line):
                yield f"{name}:{number}: machine path {found.decode()}"


if __name__ == "__main__":
    sys.exit(report(list(faults())))
