"""The networks whose statistics are compared, as documents that both sides read.

The four states of Brunel's network (2000, figure 8) are bench/networks/brunel.json at half of its
size and in-degree with twice the weight, so that mean inputs are the published ones: the external
drive of eta times the threshold, and relative inhibition g. Vogels & Abbott's networks and the
tenth of the microcircuit are the documents of bench/networks as they are.
"""

import copy
import dataclasses
import json
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"
FOLDER = BENCH / "networks"

sys.path.insert(0, str(BENCH))
from harness.measures import MEASURES, measure  # noqa: E402, F401 (the other scripts' too)


@dataclasses.dataclass(frozen=True)
class Case:
    """What is simulated (ms of biological time), and the bin of the spike counts (ms)."""

    title: str
    document: dict
    discard: float
    duration: float
    bin: float


def _load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def _brunel(g, eta):
    document = _load("brunel")
    neuron = document["populations"]["E"]["parameters"]
    for population in document["populations"].values():
        population["size"] //= 2
    weight = 2 * document["projections"][0]["weight"]
    for projection in document["projections"]:
        projection["connector"]["number"] //= 2
        projection["weight"] = weight if projection["source"] == "E" else -g * weight
    for stimulus in document["stimuli"]:
        stimulus["weight"] = weight
        stimulus["rate"] = 1000 * eta * neuron["v_thresh"] / (weight * neuron["tau_m"])
    return document


def cases():
    """All cases by name."""
    brunel = {
        "brunel_sr": ("Brunel SR (g 3, eta 2)", 3, 2, 400),
        "brunel_si_fast": ("Brunel SI, fast (g 6, eta 4)", 6, 4, 1200),
        "brunel_ai": ("Brunel AI (g 5, eta 2)", 5, 2, 1200),
        "brunel_si_slow": ("Brunel SI, slow (g 4.5, eta 0.9)", 4.5, 0.9, 2200),
    }
    out = {
        name: Case(title, _brunel(g, eta), 200, duration, 1)
        for name, (title, g, eta, duration) in brunel.items()
    }
    for name, title, duration in (
        ("vogels_abbott_cuba", "Vogels-Abbott CUBA", 6300),
        ("vogels_abbott_coba", "Vogels-Abbott COBA", 2300),
        ("cobahh", "COBAHH", 1300),
        ("microcircuit_tenth", "Microcircuit, a tenth", 2300),
    ):
        out[name] = Case(title, _load(name), 300, duration, 5)
    return out


def with_weights(case, factor, receptor="all"):
    """The case with the weights of all, excitatory or inhibitory projections multiplied."""
    document = copy.deepcopy(case.document)
    for projection in document["projections"]:
        inhibitory = projection["source"].endswith("I")
        if receptor == ("excitatory" if inhibitory else "inhibitory"):
            continue
        weight = projection["weight"]
        if isinstance(weight, dict):
            weight.update({key: weight[key] * factor for key in ("mean", "sd")})
        else:
            projection["weight"] = weight * factor
    return dataclasses.replace(case, document=document)
