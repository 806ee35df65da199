"""NIR, the Neuromorphic Intermediate Representation: trained spiking networks from and for other tools.

`load` reads a graph (a file, or a `nir.NIRGraph`) into a `Network`, `save` writes one. NIR is continuous in time and has no
step; here a spike is a current of its weight for one step `dt`, as in the simulators that exchange NIR. Those carry a
signal through the whole graph within a step; here every projection takes a step, so a population at depth d (projections on
the longest way from an input) does d steps later what it does there: an input spike of step k (from 0 on) lies at (k + 1) dt
and its effect in that population at (k + 1 + d) dt.

Source: Pedersen et al. 2024, Nature Communications 15:8122; the form of nir 1.0.8.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import ArrayLike

from ranvier import _given
from ranvier.errors import RangeError, UsageError
from ranvier.network import Network

if TYPE_CHECKING:
    import nir

__all__ = ["load", "save"]


def load(
    graph: str | os.PathLike[str] | nir.NIRGraph,
    *,
    dt: float = 0.1,
    method: Literal["exact", "euler"] = "exact",
    reset: Literal["value", "subtract"] = "value",
    integration: Literal["step", "second"] = "step",
    spikes: Mapping[str, Sequence[ArrayLike]] | None = None,
    currents: Mapping[str, ArrayLike] | None = None,
    seed: int = 1,
) -> Network:
    """Reads a NIR graph.

    Args:
        graph: a file, or a graph of the package `nir`.
        dt: step in ms; what a network was trained with, where it was trained with steps.
        method: how neurons are moved: "exact" under the input of a step, or "euler" as other simulators do.
        reset: to `v_reset`, as NIR has it, or by taking `v_threshold - v_reset` off.
        integration: whether an input of 1 moves the nodes IF and I by `r` in a step, as other simulators have it, or
            in a second, as NIR's equation reads.
        spikes: by name of an Input, the spike times in ms of every element, in row-major order; > 0. An Input
            that is not named stays silent, unless `Simulation.inject` gives it spikes.
        currents: by name of an Input that is no spikes but constant real values, one an element.
        seed: of the network's random numbers, of which a NIR graph uses none.

    Returns:
        a network whose populations are called like the graph's nodes; spikes of spiking neurons and `v` of the others
        are recorded.

    Raises:
        ranvier.IoError: the file cannot be read.
        ranvier.UnsupportedError: nodes that have no counterpart here, all of them in one message.
        ranvier.RangeError: parameters or shapes that do not fit.
    """
    part: dict[str, Any] = {"method": method, "reset": reset, "integration": integration}
    if currents:
        part["currents"] = {
            name: _given.numbers(f"currents: {name}", values).ravel().tolist()
            for name, values in _given.fields("currents", currents).items()
        }
    populations = {
        name: {
            "model": "spike_source_array",
            "size": len(trains),
            "spike_times": _given.trains(trains),
        }
        for name, trains in _given.fields("spikes", spikes or {}).items()
    }
    with tempfile.TemporaryDirectory() as folder:
        if not isinstance(graph, (str, os.PathLike)):
            import nir

            if not isinstance(graph, nir.NIRGraph):
                raise UsageError(f"graph: a {type(graph).__name__}, must be a file or a NIRGraph")
            path = Path(folder) / "graph.nir"
            nir.write(path, graph)
        else:
            path = Path(graph)
        document: dict[str, Any] = {"ranvier": 1, "run": {"dt": dt, "seed": seed}}
        document["nir"] = {"file": path.name, **part}
        if populations:
            document["populations"] = populations
        network = Network.from_document(document, path.parent)
        heard = {projection.source for projection in network.projections}
        if not heard.issuperset(populations):
            del document["populations"]
            _must_be_inputs(populations, Network.from_document(document, path.parent))
        return network


def _must_be_inputs(names: Iterable[str], silent: Network) -> None:
    inputs = [p.name for p in silent.populations.values() if p.model == "spike_source_array"]
    for name in names:
        if name not in inputs:
            raise RangeError(
                f"spikes: {name}, must be one of the graph's inputs: {', '.join(inputs)}"
            )


def save(network: Network, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Writes a network as a NIR graph, whole or not at all.

    Populations of the models `nir_*` become their nodes (`nir_chain` a row of LI and I before its last node), sources
    become Inputs, projections matrices (with a Delay where they are slower than the graph alone), constant currents
    biases, and populations that send to no other are read by Outputs.

    Args:
        network: of the models that NIR knows.
        path: of the file.
        overwrite: replace the file if it is there.

    Raises:
        ranvier.UnsupportedError: what NIR cannot say, all of it in one message.
        ranvier.IoError: the file is there and is to stay, or cannot be written.
    """
    network._core.save_nir(_given.new_file(path, overwrite))
