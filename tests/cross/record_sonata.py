"""Records NEST's spikes in the SONATA example of 300 point neurons (AllenInstitute/sonata, examples).

Run:  python record_sonata.py .../300_pointneurons    (pip install nest-simulator==3.10.* h5py)
Writes sonata_300_pointneurons.json beside it: of every neuron the number of spikes and a checksum
of their times, in steps of the configuration's dt.

NEST's wheel has no HDF5, so its SonataNetwork cannot connect: the files are read here, by SONATA's
rules and as hl_api_sonata.py does (virtual nodes are spike_train_injectors, edges without a delay
have NEST's 1 ms). Unlike SonataNetwork this script sets V_m to the configuration's v_init, and
moves off-grid input times to the end of their step itself.
"""

import csv
import json
import re
import sys
from pathlib import Path

import h5py
import nest
import numpy as np
from sonata_trains import summarise


def read_json(path):
    return json.loads(path.read_text())


def read_table(path):
    """Rows of a csv file separated by blanks, as dictionaries."""
    return list(
        csv.DictReader(re.sub(r"[ \t]+", " ", path.read_text()).splitlines(), delimiter=" ")
    )


def create_neurons(folder, components, v_init):
    types = {
        int(row["node_type_id"]): row
        for row in read_table(folder / "network/internal_node_types.csv")
    }
    with h5py.File(folder / "network/internal_nodes.h5") as file:
        ids = file["nodes/internal/node_type_id"][:]
        assert (file["nodes/internal/node_id"][:] == np.arange(len(ids))).all()
    nodes = None
    for type_id in ids:
        row = types[type_id]
        parameters = read_json(components / "cell_models" / row["dynamics_params"])
        model = row["model_template"].removeprefix("nest:")
        node = nest.Create(model, params={**parameters, "V_m": v_init})
        nodes = node if nodes is None else nodes + node
    return nodes


def create_inputs(folder, size, dt):
    """Injectors of the file's trains; off-grid times are moved to the end of their step.

    NEST moves them likewise, but only after rounding to its clock's tick of 1 us.
    """
    with h5py.File(folder / "inputs/external_spike_trains.h5") as file:
        ids, times = file["spikes/gids"][:], file["spikes/timestamps"][:]
    times = np.round(np.ceil(np.round(times / dt, 6)) * dt, 6)
    return nest.Create(
        "spike_train_injector",
        size,
        params=[{"spike_times": np.sort(times[ids == i])} for i in range(size)],
    )


def connect(folder, name, population, source, target):
    delays = {
        int(row["edge_type_id"]): float(row.get("delay", 1.0))
        for row in read_table(folder / f"network/{name}_edge_types.csv")
    }
    with h5py.File(folder / f"network/{name}_edges.h5") as file:
        edges = file[f"edges/{population}"]
        group, index = edges["edge_group_id"][:], edges["edge_group_index"][:]
        assert (group == 0).all()
        pre = np.asarray(source.tolist())[edges["source_node_id"][:]]
        post = np.asarray(target.tolist())[edges["target_node_id"][:]]
        weights = edges["0/syn_weight"][:][index]
        delay = np.array([delays[i] for i in edges["edge_type_id"][:]])
    nest.Connect(pre, post, "one_to_one", {"weight": weights, "delay": delay})
    return len(pre)


def main():
    folder = Path(sys.argv[1])
    components = folder.parent / "shared_components/nest_models"
    simulation = read_json(folder / "simulation_config.json")
    dt, duration = simulation["run"]["dt"], simulation["run"]["tstop"]
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=dt, print_time=False)
    neurons = create_neurons(folder, components, simulation["conditions"]["v_init"])
    with h5py.File(folder / "network/external_nodes.h5") as file:
        inputs = create_inputs(folder, len(file["nodes/external/node_type_id"]), dt)
    edges = connect(folder, "internal_internal", "internal_to_internal", neurons, neurons)
    edges += connect(folder, "external_internal", "external_to_internal", inputs, neurons)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    nest.Simulate(duration)
    events = recorder.events
    trains = summarise(
        events["times"], np.asarray(events["senders"]) - neurons[0].global_id, len(neurons), dt
    )
    out = {
        "origin": "NEST, SONATA example 300_pointneurons (AllenInstitute/sonata, BSD-3-Clause)",
        "nest": nest.__version__,
        "script": "tests/cross/record_sonata.py",
        "dt": dt,
        "duration": duration,
        "edges": edges,
        "spikes": sum(trains["count"]),
        **trains,
    }
    Path(__file__).with_name("sonata_300_pointneurons.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
