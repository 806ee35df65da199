"""Nothing includes upward or sideways, and an external library is included by its owner alone (ARCHITECTURE, 2)."""

import re
import sys

from files import code_files, report

LEVEL = {
    "core": 0,
    "neurons": 1,
    "encoding": 1,
    "learning": 2,
    "chips": 2,
    "conversion": 3,
    "app": 4,
}
OWNERS = {
    r"mpi\.h": {"core/comm/mpi.cpp"},
    r"(tbb|oneapi)/": {"core/parallel.cpp"},
    r"hdf5(_hl)?\.h|H5\w*public\.h": {"core/hdf5.cpp", "core/hdf5_columns.cpp"},
    r"libdeflate\.h": {"core/deflate.cpp"},
    r"openssl/": {"core/sha256.cpp"},
    r"(lz4\w*|zstd\w*)\.h": {"encoding/formats/aedat4.cpp"},
    r"nlohmann/": {"core/json.cpp"},
    r"hwy/": {
        "core/simd.h",
        "core/bit_rows.cpp",
        "core/math.cpp",
        "core/step_random.cpp",
        "encoding/pixel_vectors.cpp",
        "neurons/lif_crossing.cpp",
        "cmake/model.cpp.in",
    },
    r"Random123/": {"core/rng.h", "core/rng.cpp"},
    r"boost/heap/": {"core/firing_queue.h"},
    r"boost/program_options": {"app/options.cpp"},
    r"boost/numeric/odeint": {"neurons/reference_solver.h"},
    r"pybind11/": {"python/src/"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def owner_faults(name, header):
    for pattern, owners in OWNERS.items():
        if re.match(pattern, header) and not any(name.startswith(owner) for owner in owners):
            yield f"{name}: includes {header}, which only {', '.join(sorted(owners))} may"


def faults():
    for name, path in code_files(".h", ".cpp", ".in"):
        folder = name.split("/")[0]
        if folder == "tests":
            continue
        for quote, header in INCLUDE.findall(path.read_text()):
            yield from owner_faults(name, header)
            target = header.removeprefix("generated/").split("/")[0]
            if quote == '"' and folder in LEVEL and "/" not in header:
                yield f'{name}: includes "{header}", must be written from the root'
            if (
                folder in LEVEL
                and target in LEVEL
                and target != folder
                and LEVEL[target] >= LEVEL[folder]
            ):
                yield f"{name}: includes {header}, which is not of a lower level"
            if folder in LEVEL and target in {"tests", "python", "bench", "examples"}:
                yield f"{name}: includes {header}, which is not of a lower level"


if __name__ == "__main__":
    sys.exit(report(list(faults())))
