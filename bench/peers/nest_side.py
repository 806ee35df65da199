"""Runs one network document in NEST 3: python nest_side.py JOB.json (made by bench/run).

The job: document (a file), duration (ms), threads, seed, recorded (how many neurons a population
records), spikes (a file to write), result (a file to write). What is written as result: version,
build_seconds, simulate_seconds (with writing the spikes), synapses, weights ({"SOURCE to TARGET": those of
the first 100 sources of a plastic projection, as the document has them}).
"""

import json
import sys
import time
from pathlib import Path

import nest
import numpy as np
from nest_document import build, weights_of


def main():
    job = json.loads(Path(sys.argv[1]).read_text())
    nest.verbosity = nest.VerbosityLevel.ERROR
    begin = time.monotonic()
    document = json.loads(Path(job["document"]).read_text())
    nodes = build(document, job["threads"], job["seed"])
    recorders = {}
    for name, neurons in nodes.items():
        recorders[name] = nest.Create("spike_recorder")
        nest.Connect(neurons[: min(len(neurons), job["recorded"])], recorders[name])
    synapses = nest.num_connections
    nest.Prepare()
    built = time.monotonic()
    nest.Run(job["duration"])
    spikes = {}
    for name, recorder in recorders.items():
        events = recorder.events
        spikes[f"{name}/times"] = np.asarray(events["times"])
        spikes[f"{name}/neurons"] = np.asarray(events["senders"]) - nodes[name][0].global_id
    np.savez(job["spikes"], **spikes)
    done = time.monotonic()
    result = {
        "version": nest.__version__,
        "build_seconds": built - begin,
        "simulate_seconds": done - built,
        "synapses": synapses,
        "weights": weights_of(document, nodes, sources=100),
    }
    Path(job["result"]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
