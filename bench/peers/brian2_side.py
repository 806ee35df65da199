"""Makes the C++ standalone program of one network document: python brian2_side.py JOB.json.

The job: document (a file), duration (ms), threads, seed, project (a folder), result (a file to write).
The program `main` in the project folder then runs the network as often as it is started there. What
is written as result: version, build_seconds (with compiling), timed_ms (the biological time that the
program's own clock, results/last_run_info.txt, counts: what follows the last input that ends).
"""

import json
import sys
import time
from pathlib import Path

import brian2
from brian2_document import build


def main():
    job = json.loads(Path(sys.argv[1]).read_text())
    begin = time.monotonic()
    brian2.set_device("cpp_standalone", directory=job["project"], build_on_run=False)
    # One thread is compiled without OpenMP.
    brian2.prefs.devices.cpp_standalone.openmp_threads = job["threads"] if job["threads"] > 1 else 0
    document = json.loads(Path(job["document"]).read_text())
    network, _, stopping = build(document, job["seed"])
    now = 0.0
    for end in sorted({end for end, _ in stopping}):
        network.run((end - now) * brian2.ms)
        for stop, poisson in stopping:
            poisson.active = poisson.active and stop > end
        now = end
    network.run((job["duration"] - now) * brian2.ms)
    brian2.device.build(directory=job["project"], compile=True, run=False, debug=False)
    result = {
        "version": brian2.__version__,
        "build_seconds": time.monotonic() - begin,
        "timed_ms": job["duration"] - now,
        "dt": document["run"]["dt"],
    }
    Path(job["result"]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
