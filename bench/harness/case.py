"""A benchmark case: a network document, how long it runs, and what must be true of its spikes.

Every file of bench/cases defines CASES, a list of these; nothing else lists them.
"""

import dataclasses
import importlib.util
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]


@dataclasses.dataclass(frozen=True)
class Peer:
    """How a peer simulator takes part in a case."""

    runs: int = 0  # 0: as many as Ranvier's
    duration: float = 0  # ms; 0: Ranvier's
    threads: tuple = ()  # (): the case's
    goal: float = 0  # how many times slower than Ranvier it is meant to be; 0: no goal


@dataclasses.dataclass(frozen=True)
class Case:
    """One network and the figures that are measured on it.

    Attributes:
        name: on the command line.
        title: in the table.
        network: stem of a document in bench/networks.
        duration: biological time of Ranvier's runs, ms.
        discard: spikes up to then are left out of rate, CV and correlation, ms.
        tolerance: largest difference between Ranvier and a peer, and between each of them and
            `expected`, for each of rate (Hz), cv, correlation, weight_mean and weight_sd: a number, or (number,
            part of the value); what is not named is not compared.
        expected: {population: {measure: value}} from a publication or a peer's recording; of plastic projections
            {"SOURCE to TARGET": {"weight_mean": ..., "weight_sd": ...}}, nA or uS.
        source: where `expected` comes from.
        peers: {"nest" or "brian2": Peer}; a peer not named is not run.
        variants: {label: fields set in every population; "run": those of the run; "weights": True: the weights of plastic
            projections are recorded} of further runs of Ranvier.
        threads: thread counts tried; the ratio takes each simulator's best.
        bin: of the spike counts that are correlated, ms.
        runs: of each simulator, interleaved; the table has their median.
        recorded: neurons of each population whose spikes a peer records (all: a large number).
    """

    name: str
    title: str
    network: str
    duration: float
    discard: float
    tolerance: dict
    expected: dict = dataclasses.field(default_factory=dict)
    source: str = ""
    peers: dict = dataclasses.field(default_factory=dict)
    variants: dict = dataclasses.field(default_factory=dict)
    threads: tuple = (2,)
    bin: float = 5
    runs: int = 5
    recorded: int = 10**9

    @property
    def document(self):
        """The network document's file."""
        return BENCH / "networks" / f"{self.network}.json"


def load_cases():
    """All cases by name, in the order of the files' names."""
    cases = {}
    for path in sorted((BENCH / "cases").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"cases_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for case in module.CASES:
            assert case.name not in cases, f"{path.name}: there is another case {case.name}"
            cases[case.name] = case
    return cases
