"""Ranvier: simulator of spiking neural networks and event-camera input.

A `Network` is described by populations, projections, stimuli and probes; `Network.run` runs it and returns a `Result` of
NumPy arrays, `Simulation` moves it in slices. Units are PyNN's: ms, mV, nA, nF, uS, Hz, um. Results are the same bits for
any number of threads and of ranks under `mpirun`.
"""

from ranvier import encoding, events, measures
from ranvier._core import (
    __version__,
    describe_model,
    describe_rule,
    neuron_models,
    source_models,
    synapse_rules,
)
from ranvier.connectors import (
    Connector,
    all_to_all,
    distance_dependent,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total_number,
    from_file,
    from_list,
    one_to_one,
    small_world,
)
from ranvier.errors import (
    CapacityError,
    Error,
    InternalError,
    IoError,
    ParseError,
    RangeError,
    UnsupportedError,
    UsageError,
)
from ranvier.network import Connections, Network, Population, Projection, Stimulus
from ranvier.result import Result, Samples, Spikes
from ranvier.simulation import Neurons, Simulation, rank, ranks
from ranvier.stimuli import Input, ac, dc, noise, poisson, poisson_course, step
from ranvier.synapses import Rule, Synapses, synapse
from ranvier.values import (
    DistanceFunction,
    Law,
    distance_exponential,
    distance_gaussian,
    distance_linear,
    exponential,
    lognormal,
    normal,
    uniform,
)

__all__ = [
    "CapacityError",
    "Connections",
    "Connector",
    "DistanceFunction",
    "Error",
    "Input",
    "InternalError",
    "IoError",
    "Law",
    "Network",
    "Neurons",
    "ParseError",
    "Population",
    "Projection",
    "RangeError",
    "Result",
    "Rule",
    "Samples",
    "Simulation",
    "Spikes",
    "Stimulus",
    "Synapses",
    "UnsupportedError",
    "UsageError",
    "__version__",
    "ac",
    "all_to_all",
    "dc",
    "describe_model",
    "describe_rule",
    "distance_dependent",
    "distance_exponential",
    "distance_gaussian",
    "distance_linear",
    "encoding",
    "events",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "fixed_total_number",
    "from_file",
    "from_list",
    "lognormal",
    "measures",
    "neuron_models",
    "noise",
    "normal",
    "one_to_one",
    "poisson",
    "poisson_course",
    "rank",
    "ranks",
    "small_world",
    "source_models",
    "step",
    "synapse",
    "synapse_rules",
    "uniform",
]
