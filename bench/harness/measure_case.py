"""Runs one case: all sides in turn, again and again, and what came out as one record."""

import dataclasses
import json
import statistics
import sys
from collections.abc import Callable

from harness import physics
from harness.machine import Failed

MIB = 1 << 20
MOST_ATTEMPTS = 5  # at a run that others are not to disturb


@dataclasses.dataclass
class Entry:
    """A side of a case with one thread count, and its runs so far."""

    side: object
    threads: int
    runs: int  # wanted
    duration: float  # ms
    recorded: int  # neurons of each population whose spikes are recorded
    label: str = ""  # of a variant of Ranvier
    fields: dict = dataclasses.field(default_factory=dict)
    goal: float = 0
    start: Callable | None = None  # runs once with a seed
    outcomes: list = dataclasses.field(default_factory=list)
    measures: list = dataclasses.field(default_factory=list)
    failure: str = ""

    @property
    def name(self):
        """As in the table."""
        return f"{self.side.name} ({self.label})" if self.label else self.side.name

    def say(self, words):
        """A line of progress."""
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        print(f"  {self.name}, {threads}: {words}", file=sys.stderr, flush=True)


def entries_of(case, ranvier, peers, options):
    """The entries of a case: Ranvier, its variants, the peers, each with every thread count."""
    duration = options.duration or case.duration
    runs = 0 if options.prepare else options.runs or case.runs
    entries = []
    for label, fields in {"": {}, **case.variants}.items():
        for threads in options.threads or case.threads:
            entries.append(Entry(ranvier, threads, runs, duration, sys.maxsize, label, fields))
    for side in peers:
        peer = case.peers.get(side.name)
        if peer is None:
            continue
        for threads in options.threads or peer.threads or case.threads:
            of_peer = min(duration, peer.duration or duration)
            count = min(runs, peer.runs or runs)
            entries.append(Entry(side, threads, count, of_peer, case.recorded, goal=peer.goal))
    return entries


def measure_case(case, ranvier, peers, options, folder):
    """Runs a case and returns its record, an element of "cases" in the JSON file (README.md)."""
    populations = json.loads(case.document.read_text())["populations"]
    entries = entries_of(case, ranvier, peers, options)
    end = min(entry.duration for entry in entries)
    span = physics.Span(case.discard if case.discard < end else 0, end, case.bin)
    for number, entry in enumerate(entries):
        own = folder / str(number)
        own.mkdir(parents=True)
        try:
            entry.start = entry.side.prepare(
                case, entry.threads, entry.duration, own, entry.fields, end
            )
        except Failed as failed:
            _fail(entry, f"could not be prepared: {failed}")
    for turn in range(max(entry.runs for entry in entries)):
        for entry in entries:
            if turn < entry.runs and not entry.failure:
                try:
                    outcome = _run(entry, turn + 1, options.others)
                except Failed as failed:
                    _fail(entry, f"run {turn + 1} of {entry.runs}: {failed}")
                    continue
                entry.outcomes.append(outcome)
                measures = physics.measure_run(outcome.spikes, populations, span, entry.recorded)
                entry.measures.append({**measures, **outcome.weights})
                outcome.spikes = {}  # they may be many
    return _record(case, entries, span, expected_in(case, options.duration))


def expected_in(case, duration):
    """What the case expects; of another duration only rates and weights, since CV and correlation depend on it."""
    if duration in (None, case.duration):
        return case.expected
    lasting = ("rate", "weight_mean", "weight_sd")
    return {
        p: {m: v for m, v in values.items() if m in lasting} for p, values in case.expected.items()
    }


def _run(entry, seed, others):
    """One run, tried again while other processes keep more cores busy than `others` (None: any)."""
    least = None
    for _ in range(1 if others is None else MOST_ATTEMPTS):
        outcome = entry.start(seed)
        entry.say(
            f"real-time factor {outcome.real_time_factor:.4g}, built in "
            f"{outcome.build_seconds:.1f} s, others' cores {outcome.usage.others_cores:.2f}"
        )
        if least is None or outcome.usage.others_cores < least.usage.others_cores:
            least = outcome
        if others is not None and least.usage.others_cores <= others:
            break
    return least


def _fail(entry, words):
    entry.failure = words
    entry.say(words)


def _record(case, entries, span, expected):
    rows = [_row(entry) for entry in entries]
    measured = [row for row in rows if row["runs"]]
    own = [row for row in measured if row["simulator"] == "ranvier"]
    wider = physics.widening(case, span.duration)
    too_short = wider if isinstance(wider, str) else ""
    if own and not too_short:
        best = min(own, key=lambda row: row["real_time_factor"])
        weights = {
            name: values
            for row in measured
            if row["simulator"].startswith("ranvier")
            for name, values in row["physics"].items()
            if "weight_mean" in values
        }
        ours = {**best["physics"], **weights}
        for row in measured:
            for whose, reference in (("published", expected), ("Ranvier", ours)):
                row["faults"] += physics.differences(
                    row["physics"], reference, case.tolerance, whose, wider
                )
        _ratios(measured, best)
    return {
        "case": case.name,
        "title": case.title,
        "network": f"bench/networks/{case.network}.json",
        "physics_span_ms": [span.discard, span.duration],
        "too_short": too_short,
        "tolerance": case.tolerance,
        "expected": expected,
        "source": case.source,
        "rows": rows,
    }


def _ratios(rows, best):
    """The ratio of every side's best thread count to Ranvier's best: none where the physics differ."""
    for name in dict.fromkeys(row["simulator"] for row in rows):
        row = min(
            (row for row in rows if row["simulator"] == name),
            key=lambda row: row["real_time_factor"],
        )
        if row is not best and not row["faults"] and not best["faults"]:
            row["ratio"] = row["real_time_factor"] / best["real_time_factor"]


def _row(entry):
    row = {
        "simulator": entry.name,
        "threads": entry.threads,
        "duration_ms": entry.duration,
        "runs": len(entry.outcomes),
        "goal": entry.goal,
        "faults": [entry.failure] if entry.failure else [],
    }
    if not entry.outcomes:
        return row
    outcomes = entry.outcomes
    factors = [o.real_time_factor for o in outcomes]
    events = statistics.median(o.events for o in outcomes)
    simulated = statistics.median(o.simulate_seconds for o in outcomes)
    row.update(
        real_time_factor=statistics.median(factors),
        real_time_factors=factors,
        build_seconds=statistics.median(o.build_seconds for o in outcomes),
        memory_mib=max(o.memory_bytes for o in outcomes) / MIB,
        ns_an_event=1e9 * simulated / events if events else None,
        physics=physics.mean_of(entry.measures),
        load_average=[o.usage.load_before for o in outcomes],
        others_cores=[round(o.usage.others_cores, 3) for o in outcomes],
        busy=sorted({name for o in outcomes for name in o.usage.busy}),
    )
    return row
