"""Runs one case: all sides in turn, again and again, and what came out as one record."""

import json
import shutil
import statistics
import sys

from harness import physics
from harness.machine import Failed

MIB = 1 << 20


class Entry:
    """A side of a case with one thread count: its runs so far."""

    def __init__(self, side, threads, runs, duration, label="", fields=None, goal=0):
        self.side, self.threads, self.runs = side, threads, runs
        self.duration, self.label, self.fields, self.goal = duration, label, fields or {}, goal
        self.outcomes, self.measures, self.failure = [], [], ""

    @property
    def name(self):
        """As in the table."""
        return f"{self.side.name} ({self.label})" if self.label else self.side.name


def entries_of(case, ranvier, peers, options):
    """The entries of a case: Ranvier, its variants, the peers, each with every thread count."""
    duration = options.duration or case.duration
    runs = 0 if options.prepare else options.runs or case.runs
    entries = []
    for label, fields in {"": {}, **case.variants}.items():
        for threads in options.threads or case.threads:
            entries.append(Entry(ranvier, threads, runs, duration, label, fields))
    for side in peers:
        peer = case.peers.get(side.name)
        if peer is None:
            continue
        for threads in options.threads or peer.threads or case.threads:
            of_peer = min(duration, peer.duration or duration)
            count = min(runs, peer.runs or runs)
            entries.append(Entry(side, threads, count, of_peer, goal=peer.goal))
    return entries


def measure_case(case, ranvier, peers, options, folder):
    """Runs a case and returns its record (see README.md, the JSON file)."""
    populations = json.loads(case.document.read_text())["populations"]
    entries = entries_of(case, ranvier, peers, options)
    end = min(entry.duration for entry in entries)
    discard = case.discard if case.discard < end else 0
    span = physics.Span(discard, end, case.bin)
    for number, entry in enumerate(entries):
        own = folder / f"{case.name}_{number}"
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        _attempt(entry, "prepared", lambda: _prepare(entry, case, own))
    for turn in range(max(entry.runs for entry in entries)):
        for entry in entries:
            if turn >= entry.runs or entry.failure:
                continue
            _attempt(entry, f"run {turn + 1} of {entry.runs}", lambda: _run(entry, turn))
            if entry.outcomes and len(entry.measures) < len(entry.outcomes):
                outcome = entry.outcomes[-1]
                recorded = 10**18 if entry.side.name == "ranvier" else case.recorded
                entry.measures.append(
                    physics.measure_run(outcome.spikes, populations, span, recorded)
                )
                outcome.spikes = {}
    return _record(case, entries, span, expected_in(case, options.duration))


def expected_in(case, duration):
    """What the case expects; of another duration only rates, since CV and correlation depend on it."""
    if duration in (None, case.duration):
        return case.expected
    return {p: {"rate": values["rate"]} for p, values in case.expected.items() if "rate" in values}


def _prepare(entry, case, folder):
    entry.run = entry.side.prepare(case, entry.threads, entry.duration, folder, entry.fields)


def _run(entry, turn):
    entry.outcomes.append(entry.run(turn + 1))
    outcome = entry.outcomes[-1]
    print(
        f"  {entry.name}, {entry.threads} threads: real-time factor {outcome.real_time_factor:.4g}, "
        f"built in {outcome.build_seconds:.1f} s",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def _attempt(entry, what, action):
    try:
        action()
    except Failed as failed:
        entry.failure = f"{what}: {failed}"
        print(f"  {entry.name}, {entry.threads} threads: {entry.failure}", file=sys.stderr)


def _record(case, entries, span, expected):
    done = [entry for entry in entries if entry.outcomes]
    rows = [_row(entry, case) for entry in entries]
    by_entry = {id(entry): row for entry, row in zip(entries, rows)}
    own = [entry for entry in done if entry.side.name == "ranvier"]
    main = [entry for entry in own if not entry.label]
    if main:
        best = min(main, key=lambda e: by_entry[id(e)]["real_time_factor"])
        reference = by_entry[id(best)]["physics"]
        for entry in done:
            row = by_entry[id(entry)]
            faults = physics.differences(row["physics"], expected, case.tolerance, "published")
            if entry is not best:
                faults += physics.differences(row["physics"], reference, case.tolerance, "Ranvier")
            row["faults"] += faults
        _ratios(entries, by_entry, by_entry[id(best)])
    return {
        "case": case.name,
        "title": case.title,
        "network": f"bench/networks/{case.network}.json",
        "physics_span_ms": [span.discard, span.duration],
        "tolerance": case.tolerance,
        "expected": expected,
        "source": case.source,
        "rows": rows,
    }


def _ratios(entries, rows, best):
    """The ratio of every side's best thread count to Ranvier's best: nothing where physics failed."""
    for name in dict.fromkeys(entry.name for entry in entries):
        mine = [e for e in entries if e.name == name and e.outcomes]
        if not mine:
            continue
        entry = min(mine, key=lambda e: rows[id(e)]["real_time_factor"])
        row = rows[id(entry)]
        if row is not best and not row["faults"] and not best["faults"]:
            row["ratio"] = row["real_time_factor"] / best["real_time_factor"]
            row["goal"] = entry.goal


def _row(entry, case):
    row = {
        "simulator": entry.name,
        "threads": entry.threads,
        "duration_ms": entry.duration,
        "runs": len(entry.outcomes),
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
