"""Records what bmtk's PointNet, that is NEST, makes of a circuit of ours: writes sonata_pointnet.json.

    python sonata_pointnet.py CIRCUIT

CIRCUIT is what `network().save_sonata("CIRCUIT")` of tests/unit/python/sonata_circuit.py writes. Needs bmtk and nest-simulator;
versions are recorded.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from bmtk.simulator import pointnet
from bmtk.utils.reports import SpikeTrains

DURATION, DT = 60.0, 0.1

circuit = Path(sys.argv[1])
config = pointnet.Config.from_json(str(circuit / "pointnet_config.json"))
config.build_env()
network = pointnet.PointNetwork.from_config(config)
pointnet.PointSimulator.from_config(config, network).run(DURATION)

table = SpikeTrains.from_sonata(str(circuit / "output/spikes.h5")).to_dataframe()
spikes = {
    name: sorted(
        [round(t / DT), int(n)] for t, n in zip(part.timestamps, part.node_ids, strict=True)
    )
    for name, part in table.groupby("population")
}
record = {
    "origin": "tests/golden/sonata_pointnet.py",
    "versions": {name: version(name) for name in ("bmtk", "nest-simulator")},
    "duration_ms": DURATION,
    "spikes": spikes,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n")
