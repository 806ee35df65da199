"""The simulators: how each is found, prepared for a case, and run once.

A side has `name`, `version()` (None with a reason in `missing` where it cannot run), and
`prepare(case, ...)`, which gives a function of (seed) that runs once and returns an Outcome.
"""

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

from harness.case import BENCH
from harness.machine import Usage, run_program

ROOT = BENCH.parent
PEERS = BENCH / "peers"
WORK = ROOT / "build/bench"


@dataclasses.dataclass
class Outcome:
    """One run: what it took, and {population: (times in ms, neurons)} of what it recorded."""

    usage: Usage
    build_seconds: float
    simulate_seconds: float
    biological_seconds: float
    memory_bytes: int
    spikes: dict
    events: int = 0  # synaptic events, where the simulator counts them
    weights: dict = dataclasses.field(
        default_factory=dict
    )  # {projection: {weight_mean, weight_sd}}

    @property
    def real_time_factor(self):
        """Wall seconds a biological second."""
        return self.simulate_seconds / self.biological_seconds


def _write_job(folder, **job):
    file = folder / "job.json"
    file.write_text(json.dumps({k: str(v) if isinstance(v, Path) else v for k, v in job.items()}))
    return file


def _plastic(document):
    """Names "SOURCE to TARGET" of projections with a rule, and the projections."""
    plastic = [p for p in document.get("projections", []) if p.get("synapse", "static") != "static"]
    return {f"{p['source']} to {p['target']}": p for p in plastic}


def _of_weights(weights):
    return {"weight_mean": float(np.mean(weights)), "weight_sd": float(np.std(weights))}


class Ranvier:
    """The program, found in build/release, by RANVIER_PROGRAM or in the PATH."""

    name = "ranvier"

    def __init__(self):
        built = ROOT / "build/release/ranvier"
        self.program = os.environ.get("RANVIER_PROGRAM") or (
            str(built) if built.exists() else shutil.which("ranvier")
        )
        if not self.program:
            raise SystemExit(
                "bench/run: there is no build/release/ranvier: scripts/test or "
                "`cmake --build --preset release` makes it; RANVIER_PROGRAM names another one"
            )

    def version(self):
        """As the program says it; of a build in this clone, also the commit."""
        done = subprocess.run([self.program, "version"], capture_output=True, text=True, check=True)
        version = done.stdout.strip().removeprefix("ranvier ")
        commit = subprocess.run(
            ["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True
        )
        if ROOT in Path(self.program).resolve().parents and commit.returncode == 0:
            version += f" ({commit.stdout.strip()})"
        return version

    def prepare(self, case, threads, duration, folder, fields, end):
        """`fields` are set in every population of the document, those of "run" there; weights are read at `end` ms."""
        document = json.loads(case.document.read_text())
        fields = dict(fields)
        document["run"].update(fields.pop("run", {}))
        plastic = _plastic(document) if fields.pop("weights", False) else {}
        for name, projection in plastic.items():
            projection["name"] = name
            probe = {"projection": name, "variables": ["weight"], "interval": end}
            document.setdefault("probes", []).append(probe)
        if plastic:
            document["probes"] += [
                {"population": p, "variables": ["spikes"]} for p in document["populations"]
            ]
        for population in document["populations"].values():
            population.update(fields)
        file = folder / "network.json"
        file.write_text(json.dumps(document))

        def run(seed):
            out, summary = folder / "out", folder / "summary.json"
            command = [self.program, "run", file, "-o", out, "--overwrite", "-q"]
            command += ["--threads", threads, "--seed", seed, "--duration", duration]
            usage = run_program([*command, "--summary", summary], folder)
            said, spikes = json.loads(summary.read_text()), {}
            # After the summary spikes.h5 is made of what the run has written, status.json last.
            finish = (out / "status.json").stat().st_mtime - summary.stat().st_mtime
            with h5py.File(out / "spikes.h5") as recorded:
                for name in document["populations"]:
                    group = recorded[f"spikes/{name}"]
                    spikes[name] = group["timestamps"][:], group["node_ids"][:]
            weights = {}
            for name in plastic:
                with h5py.File(out / "weights.h5") as recorded:
                    weights[name] = _of_weights(recorded[f"weights/{name}/data"][1])
            shutil.rmtree(out)
            return Outcome(
                usage, said["build_seconds"], said["simulate_seconds"] + finish,
                said["biological_seconds"], said["memory_bytes"], spikes, said["synaptic_events"],
                weights,
            )  # fmt: skip

        return run


class _Peer:
    """A Python package of the peers' environment."""

    def __init__(self, python):
        self.python = python

    def version(self):
        """Of the installed package, or None."""
        code = f"import importlib.metadata as m; print(m.version('{self.package}'))"
        done = subprocess.run([self.python, "-c", code], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None


class Nest(_Peer):
    """NEST 3: built anew for every run, from the document."""

    name, package = "nest", "nest-simulator"

    def prepare(self, case, threads, duration, folder, *_):
        """Nothing is done before a run."""

        def run(seed):
            result, recorded = folder / "result.json", folder / "spikes.npz"
            job = _write_job(
                folder, document=case.document, duration=duration, threads=threads, seed=seed,
                recorded=case.recorded, spikes=recorded, result=result,
            )  # fmt: skip
            usage = run_program([self.python, PEERS / "nest_side.py", job], folder)
            said, spikes = json.loads(result.read_text()), {}
            with np.load(recorded) as arrays:
                for key in arrays.files:
                    population, kind = key.split("/")
                    spikes.setdefault(population, {})[kind] = arrays[key]
            return Outcome(
                usage, said["build_seconds"], said["simulate_seconds"], duration * 1e-3,
                usage.memory_bytes, {p: (s["times"], s["neurons"]) for p, s in spikes.items()},
                weights={name: _of_weights(w) for name, w in said["weights"].items()},
            )  # fmt: skip

        return run


class Brian2(_Peer):
    """Brian2's C++ standalone program: made once a case and thread count, started for every run.

    It is kept in build/bench/brian2 and made again when the document or the script changes. Its own clock is taken, which leaves out writing the spikes: to its favour. Its seed is compiled in.
    """

    name, package = "brian2", "brian2"

    def prepare(self, case, threads, duration, folder, *_):
        """Makes and compiles the program, unless it is there."""
        job = {"threads": threads, "duration": duration, "seed": 1, "version": self.version()}
        parts = [json.dumps(job).encode(), case.document.read_bytes()]
        parts += [file.read_bytes() for file in sorted(PEERS.glob("brian2_*.py"))]
        kept = WORK / "brian2" / hashlib.sha256(b"".join(parts)).hexdigest()[:16]
        project, result = kept / "project", kept / "result.json"
        if not result.exists():
            kept.mkdir(parents=True, exist_ok=True)
            file = _write_job(folder, document=case.document, project=project, result=result, **job)
            run_program([self.python, PEERS / "brian2_side.py", file], folder)
        said = json.loads(result.read_text())
        populations = json.loads(case.document.read_text())["populations"]

        def run(_):
            usage = run_program([project / "main"], project)
            results = project / "results"
            seconds = float((results / "last_run_info.txt").read_text().split()[0])
            neurons = np.fromfile(next(results.glob("_dynamic_array_spikes_i_*")), np.int32)
            # A spike carries the begin of its step; elsewhere it carries the step's end.
            times = np.fromfile(next(results.glob("_dynamic_array_spikes_t_*"))) * 1e3 + said["dt"]
            spikes, first = {}, 0
            for name, population in populations.items():
                own = (neurons >= first) & (neurons < first + population["size"])
                spikes[name] = times[own], neurons[own] - first
                first += population["size"]
            return Outcome(
                usage, said["build_seconds"], seconds, said["timed_ms"] * 1e-3, usage.memory_bytes,
                spikes,
            )  # fmt: skip

        return run


def find_peers(names, python):
    """The peers of `names` that are installed, and a word on each that is not."""
    python = python or os.environ.get("RANVIER_PEERS_PYTHON")
    own = ROOT / "build/venv-peers/bin/python"
    python = str(python or (own if own.exists() else sys.executable))
    found, words = [], []
    for kind in (Nest, Brian2):
        if kind.name not in names:
            continue
        peer = kind(python)
        if peer.version():
            found.append(peer)
        else:
            words.append(
                f"{kind.name} is skipped: {python} has no {kind.package} (bench/README.md)"
            )
    return found, words
