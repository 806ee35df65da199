"""The command line of bench/run."""

import argparse
import datetime
import difflib
import importlib.util
import signal
import sys
import tempfile
from pathlib import Path

from harness import table
from harness.case import load_cases
from harness.machine import processor
from harness.measure_case import measure_case
from harness.sides import WORK, Ranvier, find_peers

PEERS = ("nest", "brian2")


def whole(text):
    """A whole number above 0."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}, must be >= 1")
    return value


def parse(words):
    """The options of the command line; exits with a message where they are wrong or nothing can draw the picture."""
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Runs networks in Ranvier and in peer simulators, in turn on this machine.",
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all, or names that --list shows")
    parser.add_argument("--list", action="store_true", help="names the cases and ends")
    parser.add_argument("--runs", type=whole, help="of each simulator (default: the case's)")
    parser.add_argument(
        "--duration", type=float, metavar="MS", help="biological time (default: the case's)"
    )
    parser.add_argument(
        "--threads", metavar="N[,N]", help="thread counts tried (default: the case's)"
    )
    parser.add_argument(
        "--peers", default="nest,brian2", metavar="NAMES",
        help="nest, brian2 (default: both), or none; those not installed are skipped",
    )  # fmt: skip
    parser.add_argument(
        "--peer-python", metavar="FILE", help="Python that has the peers (default: "
        "RANVIER_PEERS_PYTHON, build/venv-peers, this one)",
    )  # fmt: skip
    parser.add_argument(
        "--others", type=float, metavar="CORES", help="repeats a run, up to four times, while other "
        "processes keep more cores busy (default: never)",
    )  # fmt: skip
    parser.add_argument(
        "--prepare", action="store_true", help="compiles Brian2's programs, runs nothing"
    )
    parser.add_argument(
        "--from", nargs="+", default=[], metavar="FILE", dest="files",
        help="shows cases that --json wrote before instead of running any: one table, one picture",
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="writes everything that was measured")
    parser.add_argument("--markdown", metavar="FILE", help="writes the table as Markdown")
    parser.add_argument("--plot", metavar="FILE", help="draws a picture, .png or .svg")
    options = parser.parse_args(words)
    if options.duration is not None and not options.duration > 0:
        parser.error(f"--duration: {options.duration:g} ms, must be > 0")
    if options.plot and Path(options.plot).suffix not in (".png", ".svg"):
        parser.error(f"--plot: {options.plot}, must end in .png or .svg")
    if options.plot and importlib.util.find_spec("matplotlib") is None:
        raise SystemExit(
            f"bench/run: --plot: {sys.executable} has no matplotlib: run scripts/test, or "
            f"{sys.executable} -m pip install matplotlib"
        )
    for name in ("json", "markdown", "plot"):
        file = getattr(options, name)
        if file and not Path(file).absolute().parent.is_dir():
            parser.error(f"--{name}: {file}: there is no folder {Path(file).parent}")
    options.peers = [] if options.peers == "none" else options.peers.split(",")
    for name in options.peers:
        if name not in PEERS:
            parser.error(f'--peers: "{name}", must be nest, brian2 or none')
    try:
        options.threads = options.threads and [whole(n) for n in options.threads.split(",")]
    except (ValueError, argparse.ArgumentTypeError):
        parser.error(f"--threads: {options.threads}, must be numbers >= 1 like 1,2")
    known = load_cases()
    if options.files and options.cases:
        parser.error("--from takes what was measured: name no cases beside it")
    if not options.cases and not options.list and not options.files:
        parser.error("name cases, or all; --list shows them")
    if options.cases == ["all"]:
        options.cases = list(known)
    for name in options.cases:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f', did you mean "{near[0]}"?' if near else "; --list shows the cases"
            parser.error(f'unknown case "{name}"{hint}')
    return options, known


def main(words):
    """Runs what the words ask for. Returns 0, or 1 where a run failed or the physics differ."""
    options, known = parse(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what runs is ended, too
    if options.list:
        for case in known.values():
            peers = ", ".join(case.peers) or "no peer"
            print(f"{case.name:<24} {case.title}; {case.duration:g} ms, {case.runs} runs; {peers}")
        return 0
    machine, records = show(options) if options.files else measure(options, known)
    if options.prepare:
        return int(faulty(records))
    print(table.text(machine, records), end="")
    if options.plot:
        table.plot(machine, records, options.plot)
    return int(faulty(records))


def faulty(records):
    """Whether a run failed or the physics differ."""
    return any(row["faults"] for record in records for row in record["rows"])


def save(options, machine, records):
    """Writes the files that were asked for."""
    if options.json:
        table.write(options.json, table.as_json(machine, records))
    if options.markdown:
        table.write(options.markdown, table.markdown(machine, records))


def show(options):
    """What JSON files hold: the machine, which must be one, and the records."""
    machines, records = [], []
    for file in options.files:
        try:
            held = table.from_json(Path(file).read_text())
        except (OSError, ValueError, KeyError) as error:
            raise SystemExit(f"bench/run: {file}: not a file of --json: {error}") from error
        machines.append(held[0])
        records += held[1]
    whole = {**machines[0], "versions": {}}
    for file, machine in zip(options.files, machines):
        for name, version in machine["versions"].items():
            known = whole["versions"].setdefault(name, version)
            if known != version:
                raise SystemExit(f"bench/run: {file}: of {name} {version}, others of {known}")
        if machine["processor"] != whole["processor"]:
            raise SystemExit(
                f"bench/run: {file}: measured on {machine['processor']}, "
                f"{options.files[0]} on {whole['processor']}"
            )
    save(options, whole, records)
    return whole, records


def measure(options, known):
    """Runs the cases: the machine, and a record for each."""
    ranvier = Ranvier()
    peers, missing = find_peers(options.peers, options.peer_python)
    for word in missing:
        print(word, file=sys.stderr)
    name, cores = processor()
    machine = {
        "processor": name,
        "cores": cores,
        "versions": {side.name: side.version() for side in (ranvier, *peers)},
        "date": datetime.date.today().isoformat(),
    }
    WORK.mkdir(parents=True, exist_ok=True)
    records = []
    for name in options.cases:
        print(f"{name}: {known[name].title}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            records.append(measure_case(known[name], ranvier, peers, options, Path(folder)))
        if not options.prepare:
            save(options, machine, records)  # kept if a later case is interrupted
    return machine, records
