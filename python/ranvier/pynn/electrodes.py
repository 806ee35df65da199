"""PyNN's current sources as native stimuli."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import build_translations, electrodes

import ranvier
from ranvier import _core
from ranvier.pynn import simulator

__all__ = ["ACSource", "CurrentSource", "DCSource", "NoisyCurrentSource", "StepCurrentSource"]


class CurrentSource:
    """What the current sources share: the cells they go to, and handing changes on."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))  # type: ignore[attr-defined]
        space.update(**parameters)
        self._values: dict[str, Any] = {}
        self._take(self.translate(space))  # type: ignore[attr-defined]
        self._cells: list[Any] = []
        self._trace: list[Any] | None = None
        self._stimuli: list[ranvier.Stimulus] = []

    def _take(self, space: ParameterSpace) -> None:
        space.shape = (1,)
        space.evaluate(simplify=True)
        self._values.update(space.as_dict())

    def inject_into(self, cells: Any, location: Any = None) -> None:
        """Injects into the cells of a population, view, assembly or list; once more into those that have it already."""
        if location is not None:
            raise ranvier.UnsupportedError("location: cells of this backend are points")
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        for owner in {id(cell.parent): cell.parent for cell in cells}.values():
            simulator.state.must_hold(owner)
        if self not in simulator.state.currents:
            self._cells.clear()  # those of a network that setup() has freed
            simulator.state.currents.append(self)
        self._cells.extend(cells)
        simulator.state.structure_changed()

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Changes parameters, also while the network runs; what is refused leaves them as they were."""
        before = dict(self._values)
        try:
            self._take(parameters)
            simulation = simulator.state.simulation
            if simulation is not None:
                for stimulus in self._stimuli:
                    simulation.change(stimulus, **self._changes())
        except Exception:
            self._values = before
            raise

    def get_native_parameters(self) -> ParameterSpace:
        """The parameters as they are."""
        return ParameterSpace(dict(self._values), shape=(1,))

    def record(self) -> None:
        """Records the current from now on; see `get_data`."""
        self._trace = []

    def _forget(self) -> None:
        """The simulation is no more: what is recorded begins at time 0 again."""
        if self._trace is not None:
            self._trace = []

    def _sample(self, begin: int, end: int) -> None:
        """Takes in the current at the steps begin to end - 1, as the kernel gives it to the first cell."""
        simulation = simulator.state.simulation
        if self._trace is None or not self._stimuli or simulation is None:
            return
        times = np.arange(begin, end) * simulator.state.dt
        first = self._cells[0]
        values = simulation.current(self._stimuli[0], first.parent.id_to_index(first), times)
        self._trace.append((times, values))

    def _get_data(self) -> tuple[Any, Any]:
        """Times (ms) and currents (nA) that were recorded."""
        if not self._trace:
            return np.zeros(0), np.zeros(0)
        times, values = zip(*self._trace, strict=True)
        return np.concatenate(times), np.concatenate(values)

    def _span(self) -> dict[str, float]:
        span = {}
        if "start" in self._values:
            span["start"] = float(self._values["start"])
        if float(self._values.get("stop", _core.max_ms)) < _core.max_ms:  # else it never stops
            span["stop"] = float(self._values["stop"])
        return span

    def _changes(self) -> dict[str, Any]:
        fields = {k: v for k, v in self._input().form.items() if k not in ("type", "interval")}
        return {**fields, **self._span()}

    def _input(self) -> ranvier.Input:
        raise NotImplementedError

    def _describe(self, net: ranvier.Network) -> None:
        # A cell that it was injected into twice gets it twice, as with pyNN.nest: a stimulus more.
        times: Counter[Any] = Counter()
        parts: dict[tuple[str, int], list[int]] = {}
        for cell in self._cells:
            owner = cell.parent
            parts.setdefault((owner._native_name, times[cell]), []).append(owner.id_to_index(cell))
            times[cell] += 1
        self._stimuli = [
            net.stimulate(
                name,
                self._input(),
                neurons=sorted(cells),
                start=self._span().get("start"),
                stop=self._span().get("stop"),
            )
            for (name, _), cells in parts.items()
        ]


class DCSource(CurrentSource, electrodes.DCSource):  # type: ignore[misc]
    __doc__ = electrodes.DCSource.__doc__
    translations: ClassVar = build_translations(
        ("amplitude", "amplitude"), ("start", "start"), ("stop", "stop")
    )

    def _input(self) -> ranvier.Input:
        return ranvier.dc(float(self._values["amplitude"]))


class ACSource(CurrentSource, electrodes.ACSource):  # type: ignore[misc]
    __doc__ = electrodes.ACSource.__doc__
    translations: ClassVar = build_translations(
        *((name, name) for name in ("amplitude", "start", "stop", "frequency", "offset", "phase"))
    )

    def _input(self) -> ranvier.Input:
        v = {name: float(value) for name, value in self._values.items()}
        return ranvier.ac(v["amplitude"], v["frequency"], v["offset"], v["phase"])


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):  # type: ignore[misc]
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations: ClassVar = build_translations(("amplitudes", "amplitudes"), ("times", "times"))

    def _take(self, space: ParameterSpace) -> None:
        """Times are moved to the grid; of several in one step the last counts, as in PyNN's other backends."""
        for name in ("times", "amplitudes"):
            if name in space.keys():
                self._values[name] = _array(space[name])
        dt = simulator.state.dt
        times, amplitudes = self._values["times"], self._values["amplitudes"]
        if len(times) != len(amplitudes):
            return  # the other of the two is still to come
        if np.any(times < 0):
            raise ValueError(f"times of a StepCurrentSource must not be negative: {times}")
        if np.any(np.diff(times) < 0):
            raise ValueError(f"times of a StepCurrentSource must rise: {times}")
        steps = np.rint(times / dt)
        last = np.append(np.diff(steps) > 0, True)[: len(steps)]
        self._values.update(times=np.round(steps[last] * dt, 9), amplitudes=amplitudes[last])

    def get_native_parameters(self) -> ParameterSpace:
        """Times and amplitudes as they are used."""
        return ParameterSpace(dict(self._values), shape=self._values["times"].shape)

    def _input(self) -> ranvier.Input:
        times, amplitudes = self._values["times"], self._values["amplitudes"]
        if len(times) != len(amplitudes):
            raise ranvier.RangeError(
                f"StepCurrentSource: {len(times)} times, {len(amplitudes)} amplitudes, must be as many"
            )
        return ranvier.step(times, amplitudes)


class NoisyCurrentSource(CurrentSource, electrodes.NoisyCurrentSource):  # type: ignore[misc]
    __doc__ = electrodes.NoisyCurrentSource.__doc__
    translations: ClassVar = build_translations(
        *((name, name) for name in ("mean", "stdev", "start", "stop", "dt"))
    )

    def _input(self) -> ranvier.Input:
        v = {name: float(value) for name, value in self._values.items()}
        return ranvier.noise(v["stdev"], v["mean"], max(v["dt"], simulator.state.dt))


def _array(lazy: Any) -> Any:
    """The numbers of a lazy array that holds one sequence, or the numbers themselves."""
    value = lazy.base_value if hasattr(lazy, "base_value") else lazy
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.reshape(-1)[0]
    return np.asarray(value.value if isinstance(value, Sequence) else value, dtype=float).reshape(
        -1
    )
