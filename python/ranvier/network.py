"""The description of a network: what is to be simulated, in the same terms as a network document of the command line.

Units are PyNN's: ms, mV, nA, nF, uS, Hz, um. Every part is checked when it is added, by the readers of documents, with their
messages. Nothing is built before `run` or `Simulation`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import _core, _given, _html
from ranvier.connectors import Connector
from ranvier.errors import RangeError, UsageError
from ranvier.stimuli import Input
from ranvier.synapses import Rule, to_form
from ranvier.values import Value, to_core

if TYPE_CHECKING:
    from ranvier.result import Result
    from ranvier.simulation import Simulation

__all__ = ["Connections", "Network", "Population", "Projection", "Stimulus"]


class _Part:
    """What the handles of a network's parts share: the network and the number among its kind."""

    def __init__(self, network: Network, index: int) -> None:
        self.network = network
        self.index = index

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and isinstance(other, _Part)
            and self.network is other.network
            and self.index == other.index
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, id(self.network), self.index))


class Population(_Part):
    """Neurons of one model, or spike sources, in a `Network`; made by `Network.population`."""

    def __init__(self, network: Network, index: int, name: str, model: str, size: int) -> None:
        super().__init__(network, index)
        self.name = name
        self.model = model
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f'<Population "{self.name}": {self.size} x {self.model}>'

    @property
    def positions(self) -> NDArray[np.float64]:
        """Positions in um, [size, 3]; [0, 3] where none were given."""
        return self.network._core.positions(self.index)

    def record(
        self, *variables: str, neurons: Iterable[int] | None = None, interval: float | None = None
    ) -> None:
        """Records variables of this population; see `Network.record`."""
        self.network.record(self, *variables, neurons=neurons, interval=interval)

    def stimulate(self, kind: Input, **options: Any) -> Stimulus:
        """Gives this population an input; see `Network.stimulate`."""
        return self.network.stimulate(self, kind, **options)


@dataclass(frozen=True, eq=False)
class Connections:
    """Synapses of one projection, by source.

    Attributes:
        sources: [n] indices in the source population.
        targets: [n] indices in the target population.
        weights: [n] in the receptor's unit, as given or drawn (compact storage keeps 16 bits of them).
        delays: [n] in ms, on the grid of dt.
    """

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]
    delays: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.sources)


class Projection(_Part):
    """Connections from one population to another in a `Network`; made by `Network.project`."""

    def __init__(self, network: Network, index: int, name: str, source: str, target: str) -> None:
        super().__init__(network, index)
        self.name = name
        self.source = source
        self.target = target

    def __repr__(self) -> str:
        return f'<Projection "{self.name}">'

    def connections(self) -> Connections:
        """The synapses that the kernel makes of this projection, drawn here from the same seed."""
        return Connections(*self.network._core.connections(self.index))

    def record(self, *variables: str, interval: float) -> None:
        """Records synapses of a rule: `result.samples(projection, "weight")`, [n_steps, n_synapses].

        Args:
            variables: "weight" (alone unless others are named) and the rule's state (`describe_rule(...)["trace"]` and
                `["synapse"]`), as the last presynaptic spike left it; columns in the order of `connections()`.
            interval: ms between samples, a multiple of dt.
        """
        probe: dict[str, Any] = {"projection": self.name, "interval": interval}
        if variables:
            probe["variables"] = list(variables)
        self.network._core.add_probe(probe)


class Stimulus(_Part):
    """An input of a `Network`; made by `Network.stimulate`, changed by `Simulation.change`."""

    def __init__(self, network: Network, index: int, name: str, target: str) -> None:
        super().__init__(network, index)
        self.name = name
        self.target = target

    def __repr__(self) -> str:
        return f'<Stimulus {self.index} on "{self.target}">'


class Network:
    """A network and the settings of its run.

    Args:
        dt: step of clocked populations and grid of delays, ms.
        seed: of everything random, 0 to 2^64 - 1: the same numbers for any number of threads and ranks.
        storage: "auto", "compact" (16-bit weights, single precision) or "exact".

    Example:
        >>> net = ranvier.Network(dt=0.1, seed=1)
        >>> noise = net.population("spike_source_poisson", 100, name="in", rate=20)
        >>> cells = net.population("if_curr_exp", 50, name="exc", tau_m=15.0)
        >>> net.project(noise, cells, ranvier.fixed_probability(0.2), weight=0.5, delay=1.5)
        >>> result = net.run(200.0)
        >>> result.spikes["exc"].times
    """

    def __init__(self, dt: float = 0.1, seed: int = 1, storage: str = "auto") -> None:
        run = {"dt": dt, "seed": seed, "storage": storage}
        self._core, self._folder = _core.Network(run), "."

    # -- building -------------------------------------------------------------------------------

    def population(
        self,
        model: str,
        size: int,
        name: str | None = None,
        *,
        initial: Mapping[str, Value] | None = None,
        positions: ArrayLike | Mapping[str, Any] | None = None,
        spike_times: Sequence[ArrayLike] | None = None,
        values: ArrayLike | None = None,
        file: str | os.PathLike[str] | None = None,
        options: Mapping[str, str | float | bool] | None = None,
        preset: str | None = None,
        method: str | None = None,
        advance: str | None = None,
        precision: str | None = None,
        **parameters: Value,
    ) -> Population:
        """Adds neurons of one model, or spike sources.

        Args:
            model: a name of `neuron_models()` or `source_models()`.
            size: number of neurons, >= 1.
            name: of the population in results; default: the model's name, numbered where it is taken.
            initial: state variables at time 0 (default: the model's own).
            positions: [size, 1 to 3] in um, {"grid": [nx, ny], "spacing": [dx, dy]} or {"random_in": [low, high]}.
            spike_times: of a spike_source_array: one list of times (ms, > 0) a source.
            values: of a spike_source_encoded: numbers to encode (`ranvier.encoding.source` makes such a source).
            file: of a source that reads one.
            options: text options of such a source.
            preset: a published set of the model's parameters (`describe_model`); those given take their place.
            method: of integration, by name (`describe_model`; default: the model's first).
            advance: "clocked", "event" or "auto".
            precision: "auto", "single" or "double".
            parameters: the model's parameters (`describe_model`): a number, [size] numbers, or a law.

        Raises:
            Error: the model, a parameter or a value is not accepted.
        """
        if not isinstance(model, str) or not (name is None or isinstance(name, str)):
            raise UsageError(f"model {model!r}, name {name!r}: must be texts")
        if name is not None and "\0" in name:
            raise RangeError(f"name {name!r}: must not hold a null character")
        known = {entry[0] for entry in self._core.populations()}
        if name is None:
            numbered = (f"{model}_{n}" for n in range(2, len(known) + 3))
            name = next(free for free in (model, *numbered) if free not in known)
        part: dict[str, Any] = {"model": model, "size": size}
        if parameters:
            part["parameters"] = {key: to_core(key, value) for key, value in parameters.items()}
        if initial is not None:
            part["initial"] = {
                key: to_core(key, value) for key, value in _given.fields("initial", initial).items()
            }
        if positions is not None:
            part["positions"] = _given.positions(positions)
        if spike_times is not None:
            part["spike_times"] = _given.trains(spike_times)
        if values is not None:
            part["values"] = _given.numbers("values", values).reshape(-1)
        if file is not None:
            part["file"] = os.fspath(file)
        if options is not None:
            part["options"] = _given.fields("options", options)
        settings = {"preset": preset, "method": method, "advance": advance, "precision": precision}
        part.update({key: value for key, value in settings.items() if value is not None})
        index = self._core.add_population(name, part)
        return Population(self, index, *self._core.populations()[index])

    def project(
        self,
        source: Population | str,
        target: Population | str,
        connector: Connector,
        weight: Value | None = None,
        delay: Value | None = None,
        receptor: str | None = None,
        name: str | None = None,
        stream: int | None = None,
        synapse: Rule | Mapping[str, Any] | str | None = None,
    ) -> Projection:
        """Connects two populations.

        Args:
            source: where spikes come from.
            target: where they go, a population of neurons.
            connector: a rule of `ranvier.connectors`.
            weight: in the receptor's unit (nA, uS or mV): a number, an array where the rule fixes the pairs ([n], or
                [sources, targets] of all_to_all), a law or a function of distance; a list may bring its own.
            delay: ms, at least dt; default 1.
            receptor: "excitatory", ...; default: the model's first, or its second for weights below 0.
            name: default SOURCE->TARGET.
            stream: number under which connections, weights and delays are drawn; default: the projection's position.
            synapse: a name of `synapse_rules()` or a rule of `ranvier.synapse`; default: static.

        Raises:
            Error: a name, size or value is not accepted.
        """
        if not isinstance(connector, Connector):
            raise UsageError(
                f"connector: {type(connector).__name__}, must be a Connector such as ranvier.all_to_all()"
            )
        part: dict[str, Any] = {
            "source": self._name_of(source),
            "target": self._name_of(target),
            "connector": connector.form,
        }
        shape = (self._size_of(part["source"]), self._size_of(part["target"]))
        for key, value in (("weight", weight), ("delay", delay)):
            if value is not None:
                part[key] = _given.flat(key, to_core(key, value), shape)
        settings = {"receptor": receptor, "name": name, "stream": stream}
        part.update({key: setting for key, setting in settings.items() if setting is not None})
        if synapse is not None:
            part["synapse"] = to_form(synapse, shape)
        index = self._core.add_projection(part)
        return Projection(self, index, *self._core.projections()[index])

    def stimulate(
        self,
        target: Population | str,
        kind: Input,
        *,
        neurons: Iterable[int] | None = None,
        start: float | None = None,
        stop: float | None = None,
        name: str | None = None,
    ) -> Stimulus:
        """Gives a population an input of its own: a current or Poisson trains.

        Args:
            target: a population of neurons.
            kind: an input of `ranvier.stimuli`, e.g. `ranvier.dc(0.5)`.
            neurons: indices of those that get it; default: all.
            start: ms; default 0.
            stop: ms; default: never.
            name: of the stimulus.

        Raises:
            Error: a name or value is not accepted.
        """
        if not isinstance(kind, Input):
            raise UsageError(
                f"kind: {type(kind).__name__}, must be an input such as ranvier.dc(0.5)"
            )
        part = dict(kind.form, target=self._name_of(target))
        if neurons is not None:
            part["neurons"] = _given.indices(neurons, self._size_of(part["target"]))
        if start is not None:
            part["start"] = start
        if stop is not None and not (isinstance(stop, float) and stop == float("inf")):
            part["stop"] = stop
        if name is not None:
            part["name"] = name
        index = self._core.add_stimulus(part)
        return Stimulus(self, index, *self._core.stimuli()[index])

    def record(
        self,
        population: Population | str,
        *variables: str,
        neurons: Iterable[int] | None = None,
        interval: float | None = None,
    ) -> None:
        """Records "spikes" or state variables. Without any call, the spikes of all neuron populations are recorded.

        Args:
            population: whose variables.
            variables: "spikes" and names of `describe_model(...)["state"]`.
            neurons: indices of those whose state is sampled; default: all. Spikes are always those of the whole population.
            interval: ms between samples, a multiple of dt; default dt. It and `neurons` are refused where nothing is sampled.
        """
        part: dict[str, Any] = {
            "population": self._name_of(population),
            "variables": list(variables),
        }
        if neurons is not None:
            part["neurons"] = _given.indices(neurons, self._size_of(part["population"]))
        if interval is not None:
            part["interval"] = interval
        self._core.add_probe(part)

    # -- looking --------------------------------------------------------------------------------

    @property
    def dt(self) -> float:
        """Step of clocked populations and grid of delays, ms."""
        return self._core.settings()[0]

    @property
    def seed(self) -> int:
        """Seed of everything random."""
        return self._core.settings()[1]

    @property
    def populations(self) -> dict[str, Population]:
        """The populations by name, in the order of their neurons' numbers."""
        return {
            entry[0]: Population(self, i, *entry)
            for i, entry in enumerate(self._core.populations())
        }

    @property
    def projections(self) -> list[Projection]:
        """The projections, in the order in which they were added."""
        return [Projection(self, i, *entry) for i, entry in enumerate(self._core.projections())]

    @property
    def stimuli(self) -> list[Stimulus]:
        """The stimuli, in the order in which they were added."""
        return [Stimulus(self, i, *entry) for i, entry in enumerate(self._core.stimuli())]

    def __contains__(self, name: object) -> bool:
        return name in self.populations

    def __getitem__(self, name: str) -> Population:
        populations = self.populations
        if name not in populations:
            raise RangeError(f'there is no population "{name}"')
        return populations[name]

    def __repr__(self) -> str:
        populations = ", ".join(
            f"{name} ({size} x {model})" for name, model, size in self._core.populations()
        )
        return f"<Network: {populations or 'empty'}; projections: {len(self._core.projections())}>"

    def _repr_html_(self) -> str:
        return _html.network(self)

    # -- documents ------------------------------------------------------------------------------

    def to_document(self) -> dict[str, Any]:
        """The network as a document, as `ranvier run` reads it; doubles read back as the same bits."""
        return dict(json.loads(self._core.to_json()))

    @classmethod
    def from_document(
        cls, document: Mapping[str, Any] | str, folder: str | os.PathLike[str] = "."
    ) -> Network:
        """A network from a document.

        Args:
            document: as a dict or as JSON text.
            folder: where files that it names lie.
        """
        text = document if isinstance(document, str) else _given.document_text(document)
        return cls._wrap(_core.Network.parse(text, os.fspath(folder)), folder)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Network:
        """Loads a network document, a SONATA circuit or simulation configuration, or a NIR graph (see `ranvier.nir`)."""
        return cls._wrap(_core.Network.load(os.fspath(path)), os.path.dirname(path))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes the document, and long arrays to an HDF5 file beside it; files that are there only if `overwrite`, else IoError."""
        self._core.save(_given.new_file(path, overwrite), overwrite)

    def save_sonata(self, folder: str | os.PathLike[str]) -> None:
        """Writes a SONATA circuit and its simulation configuration to a new folder, whole or not at all.

        `Network.load(folder / "simulation_config.json")` gives the same spikes; libsonata and bmtk read the circuit.
        Models get NEST's names and units; what is drawn is written as it is drawn.

        Raises:
            UnsupportedError: what SONATA has no form for (other models, sources, stimuli, probes of other than v), in one message.
            IoError: the folder exists, or cannot be written.
        """
        self._core.save_sonata(os.fspath(folder))

    @classmethod
    def _wrap(cls, core: _core.Network, folder: str | os.PathLike[str]) -> Network:
        network = cls.__new__(cls)
        network._core, network._folder = core, os.path.abspath(folder)
        return network

    def __reduce__(self) -> tuple[Callable[..., Network], tuple[str, str]]:
        """Pickles and copies are made of the document and its folder; handles of parts that go along are the copy's."""
        return type(self).from_document, (self._core.to_json(), self._folder)

    # -- running --------------------------------------------------------------------------------

    def simulation(
        self,
        threads: int = 1,
        output: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        resume: str | os.PathLike[str] | None = None,
    ) -> Simulation:
        """Builds the network for a run in slices; see `ranvier.Simulation`."""
        from ranvier.simulation import Simulation

        return Simulation(self, threads, output, overwrite, resume)

    def run(
        self,
        ms: float,
        threads: int = 1,
        output: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        progress: bool | Callable[[float], object] | None = None,
    ) -> Result:
        """Builds the network, runs it from time 0, and returns what was recorded.

        Args:
            ms: biological time, whole nanoseconds, > 0; a multiple of dt where clocked populations exist.
            threads: workers; the results are the same bits for any number.
            output: run folder to write as well, as `ranvier run -o` does.
            overwrite: whether an earlier run folder of that name is replaced.
            progress: True or False for a bar, None for one on terminals and in notebooks, or a function of the time in ms.

        Raises:
            Error: the network cannot be built or a file cannot be written.
            KeyboardInterrupt: after Ctrl-C, once the run has ended in order (a run folder is whole then).
        """
        from ranvier.simulation import Simulation

        _given.must_be_ms("ms", ms)  # its value, too, is looked at before the folder is there
        with Simulation(self, threads, output, overwrite, _first_run=ms) as simulation:
            return simulation.run(ms, progress=progress)

    def _size_of(self, name: str) -> int | None:
        return next((size for known, _, size in self._core.populations() if known == name), None)

    def _name_of(self, population: Population | str) -> str:
        if isinstance(population, str):
            return population
        if not isinstance(population, Population):
            raise UsageError(
                f"a {type(population).__name__}, must be a population of this network or its name"
            )
        if population.network is not self:
            raise UsageError(f'population "{population.name}" belongs to another network')
        return population.name
