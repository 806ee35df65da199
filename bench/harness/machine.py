"""What machine this is, what else keeps it busy, and a program run with its time and memory."""

import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
# Starts the program from a small process: at exec, Linux counts the starter's own memory to the peak.
STARTER = """
import json, resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss], file)
sys.exit(status if status >= 0 else 128 - status)
"""


class Failed(Exception):
    """A program did not end well; the text is the last of what it wrote."""


@dataclasses.dataclass
class Usage:
    """What a program took, and what others took meanwhile."""

    wall_seconds: float
    memory_bytes: int
    load_before: float  # load average of the last minute
    others_cores: float  # cores that other processes kept busy, on average
    busy: list  # names of those that took over a tenth of a core


def processor():
    """Name of the processor, and the cores this process may use."""
    name = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Processor"):
            name = value.strip()
            break
    identity = _cpuinfo(("cpu family", "model", "stepping"))
    return f"{name} ({identity})" if identity else name, len(os.sched_getaffinity(0))


def _cpuinfo(keys):
    found = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key.strip(), value.strip())
    return ", ".join(f"{key} {found[key]}" for key in keys if key in found)


def _busy_ticks():
    """Ticks that all cores were busy so far, those of a hypervisor's other guests with them."""
    fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4]  # idle, waiting for a disk


def _processes():
    """Ticks by (process, name)."""
    ticks = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                head, _, tail = Path(entry.path, "stat").read_text().rpartition(")")
            except OSError:
                continue  # it ended
            fields = tail.split()
            ticks[int(entry.name), head.partition("(")[2]] = int(fields[11]) + int(fields[12])
    return ticks


def run_program(command, folder):
    """Runs a program to its end.

    Args:
        command: words of the command.
        folder: where it runs; its output goes to a file there.

    Returns:
        Usage. Raises Failed with the end of the output where the exit status is not 0.
    """
    load, before, busy = os.getloadavg()[0], _processes(), _busy_ticks()
    own = resource.getrusage(resource.RUSAGE_SELF)
    output, used = folder / "output.txt", folder / "usage.json"
    begin = time.monotonic()
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", STARTER, str(used), *map(str, command)],
            cwd=folder, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    wall = time.monotonic() - begin
    if status != 0:
        text = output.read_text(errors="replace").strip().splitlines()
        words = " | ".join(text[-3:])
        raise Failed(f"{Path(command[0]).name}: exit status {status}: {words}")
    cpu_seconds, peak = json.loads(used.read_text())
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_seconds += sum(after[:2]) - sum(own[:2])
    ours = {process.pid, os.getpid()}
    return Usage(
        wall_seconds=wall,
        memory_bytes=peak * 1024,
        load_before=load,
        others_cores=max(0.0, (_busy_ticks() - busy) / TICK - cpu_seconds) / wall,
        busy=sorted(
            name
            for (pid, name), ticks in _processes().items()
            if pid not in ours
            and (ticks - before.get((pid, name), 0)) / TICK > 0.1 * max(wall, 0.1)
        ),
    )
