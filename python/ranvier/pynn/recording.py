"""PyNN's recorder over the results of the native simulation."""

from __future__ import annotations

from typing import Any

import neo
import numpy as np
import quantities
from neo.core.spiketrainlist import SpikeTrainList
from numpy.typing import NDArray
from pyNN import errors, recording

import ranvier
from ranvier import _core, _given
from ranvier.pynn import simulator

__all__ = ["Recorder"]


class SpikeTrains(SpikeTrainList):  # type: ignore[misc]
    """Trains that become objects when they are looked at, all in one pass: neo's go through all spikes for each train.

    From then on they are a list of trains as any other: what neo keeps of the arrays says nothing of trains that are
    appended, as those of an assembly's other populations are.
    """

    _spike_time_array: Any
    _channel_id_array: Any
    _all_channel_ids: Any
    _spiketrain_metadata: dict[str, Any]

    def _spiketrains_from_array(self) -> None:
        times, channels = self._spike_time_array, self._channel_id_array
        order = np.argsort(channels, kind="stable")
        times, channels = times[order], channels[order]
        ids: NDArray[np.int64] = np.asarray(self._all_channel_ids, np.int64)
        first = np.searchsorted(channels, ids, side="left")
        last = np.searchsorted(channels, ids, side="right")
        notes = self._annotations
        self._items = []
        for i, channel in enumerate(self._all_channel_ids):
            train = neo.SpikeTrain(
                times[first[i] : last[i]],
                channel_id=channel,
                source_index=notes["source_index"][i],
                source_population=notes["source_population"],
                **self._spiketrain_metadata,
            )
            train.segment = self.segment
            self._items.append(train)
        self._spike_time_array = self._channel_id_array = self._all_channel_ids = None
        self._spiketrain_metadata = {}

    def _add_spiketrainlists(self, other: Any, in_place: bool = False) -> Any:
        """As lists of trains: of two pairs of arrays neo makes trains without annotations."""
        if self._items is None:
            self._spiketrains_from_array()
        self._spike_time_array = None
        return super()._add_spiketrainlists(other, in_place)


class Recorder(recording.Recorder):  # type: ignore[misc]
    """Spikes and sampled variables of one population."""

    _simulator = simulator

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: Cells whose spikes are recorded since a time after 0: the segment, and that time in ms.
        self._late: dict[int, tuple[int, float]] = {}

    def _native(self, name: str) -> tuple[str, ...]:
        """State variables (and parameters) of the kernel whose sum a recordable is."""
        native = self.population.celltype.native_state.get(name)
        if native is None:
            raise ranvier.UnsupportedError(
                f"{name}: this backend does not record it from "
                f"{type(self.population.celltype).__name__}"
            )
        return (native,) if isinstance(native, str) else tuple(native)

    def _is_parameter(self, native: str) -> bool:
        return native in self.population._native

    def record(
        self,
        variables: Any,
        ids: Any,
        sampling_interval: float | None = None,
        locations: Any = None,
    ) -> None:
        """Adds cells to those whose variables are recorded; all of a population come as a range of their numbers.

        PyNN asks each whether it is local; here all are.
        """
        simulator.state.must_hold(self.population)
        self._check_sampling_interval(sampling_interval)
        cells = ids if isinstance(ids, range) else set(map(int, ids))
        for variable in self._localize_variables(variables, locations):
            if not self.population.can_record(variable.name, variable.location):
                raise errors.RecordingError(variable, self.population.celltype)
            known = self.recorded[variable]
            new = set(cells).difference(known) if known else cells
            if new:
                self.recorded[variable] = set(known).union(new) if known else new
            self._record(variable, new, sampling_interval)

    def _check_sampling_interval(self, sampling_interval: Any) -> None:
        """Also of whole steps, and known here rather than when the run begins."""
        super()._check_sampling_interval(sampling_interval)
        if sampling_interval is None:
            return
        ms = float(_given.numbers("sampling_interval", sampling_interval))
        fault = _core.fault_of_interval(ms, simulator.state.dt)
        if fault:
            raise ranvier.RangeError(f"sampling_interval: {fault}")

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        state = simulator.state
        if variable.name == "spikes":
            if state.t > 0:
                self._late.update(dict.fromkeys(new_ids, (state.segment_counter, state.t)))
            return
        self._native(variable.name)
        if new_ids:
            simulator.state.structure_changed()
        if sampling_interval is not None:
            self.sampling_interval = sampling_interval

    def get(self, *args: Any, **options: Any) -> Any:
        """What was recorded, as a Neo block; see PyNN's documentation."""
        simulator.state.must_hold(self.population)
        return super().get(*args, **options)

    def _describe(self, net: ranvier.Network) -> None:
        for variable in sorted(self.recorded, key=str):  # a script may name them in a set
            ids = self.recorded[variable]
            if variable.name == "spikes" or not ids:
                continue
            net.record(
                self.population._native_name,
                *(name for name in self._native(variable.name) if not self._is_parameter(name)),
                neurons=sorted(self.population.id_to_index(i) for i in ids),
                interval=self.sampling_interval,
            )

    def _get_current_segment(
        self, filter_ids: Any = None, variables: Any = "all", clear: bool = False
    ) -> Any:
        """PyNN's, but for spikes: it asks of each train whether the segment has it already, one by one."""
        spikes = recording.Variable(name="spikes", location=None, label=None)
        wanted = set(self.recorded) if variables == "all" else set(self.recorded) & set(variables)
        segment = super()._get_current_segment(filter_ids, wanted - {spikes}, clear)
        if spikes in wanted:
            ids = [int(cell) for cell in sorted(self.filter_recorded(spikes, filter_ids))]
            channels, times = self._get_spiketimes(ids)
            segment.spiketrains = SpikeTrains.from_spike_time_array(
                times * quantities.ms,
                channels,
                ids,
                t_start=self._recording_start_time,
                t_stop=simulator.state.t * quantities.ms,
                source_population=self.population.label,
                source_index=[self.population.id_to_index(cell) for cell in ids],
            )
            segment.spiketrains.segment = segment
        return segment

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> Any:
        """Of several cells: cells and times (ms) of their spikes, cell by cell; of one: its times."""
        simulator.state.must_hold(self.population)
        times, neurons = simulator.state.spikes(self.population._native_name)
        since = float(self._recording_start_time.rescale("ms").magnitude)
        if since > 0:
            times, neurons = times[times > since], neurons[times > since]
        order = np.argsort(neurons, kind="stable")
        times, neurons = times[order], neurons[order]
        several = hasattr(ids, "__len__")
        cells = list(map(int, ids)) if several else [int(ids)]
        indices = np.array([self.population.id_to_index(cell) for cell in cells], int)
        cell_of = np.full(self.population.size, -1)
        cell_of[indices] = cells
        begin = np.zeros(self.population.size)
        for cell in self._late.keys() & set(cells):
            segment, from_ms = self._late[cell]
            if segment == simulator.state.segment_counter:
                begin[self.population.id_to_index(cell)] = from_ms
        kept = (cell_of[neurons] >= 0) & (times > begin[neurons])
        return (cell_of[neurons[kept]], times[kept]) if several else times[kept]

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> Any:
        neurons = [self.population.id_to_index(cell) for cell in ids]
        since = float(self._recording_start_time.rescale("ms").magnitude)
        signals = [
            self.population._native[name][neurons]
            if self._is_parameter(name)
            else simulator.state.signal(
                self.population._native_name, name, neurons, self.sampling_interval, since
            )
            for name in self._native(variable.name)
        ]
        return (sum(signals[1:], signals[0]) if len(signals) > 1 else signals[0]), None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        channels, _ = self._get_spiketimes(ids)
        cells, numbers = np.unique(channels, return_counts=True)
        return dict.fromkeys(map(int, ids), 0) | dict(
            zip(cells.tolist(), numbers.tolist(), strict=True)
        )

    def _clear_simulator(self) -> None:
        """Nothing: what lies before the recording's start is left out when read."""

    def _reset(self) -> None:
        simulator.state.structure_changed()

    def write(
        self, variables: Any, file: Any = None, gather: bool = True, *more: Any, **options: Any
    ) -> None:
        """Writes what was recorded to a file; every process has it all, the first one writes."""
        super().write(variables, file, True, *more, **options)
