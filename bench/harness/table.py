"""The measured cases as text, Markdown, JSON and a picture."""

import json
import math
import os
from pathlib import Path

HEAD = [
    "network", "simulator", "threads", "real-time factor", "least - most", "runs", "build s",
    "MiB", "rate Hz", "CV", "corr.", "others' cores", "times slower",
]  # fmt: skip


def _number(value, digits=3):
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}g}"


def _rows(records):
    for record in records:
        for row in record["rows"]:
            cells = [record["title"], row["simulator"], str(row["threads"])]
            if not row["runs"]:
                yield [*cells, "failed", *[""] * (len(HEAD) - 4)]
                continue
            factors = row["real_time_factors"]
            found = {p: values for p, values in row["physics"].items() if "rate" in values}
            means = [
                " / ".join(_number(values[m]) for values in found.values())
                if len(found) <= 2
                else f"{_number(min(v[m] for v in found.values()))} - "
                f"{_number(max(v[m] for v in found.values()))}"
                for m in ("rate", "cv", "correlation")
            ]
            slower = "too short to compare" if record.get("too_short") else ""
            if row["faults"]:
                slower = "physics differ"
            if "ratio" in row:
                slower = _number(row["ratio"])
                if row["goal"]:
                    slower += f" (goal {row['goal']:g})"
            yield [
                *cells, _number(row["real_time_factor"]),
                f"{_number(min(factors))} - {_number(max(factors))}", str(row["runs"]),
                f"{row['build_seconds']:.1f}", f"{row['memory_mib']:.0f}", *means,
                f"{max(row['others_cores']):.2f}", slower,
            ]  # fmt: skip


def _faults(records):
    for record in records:
        if record.get("too_short"):
            yield f"{record['title']}: {record['too_short']}"
        for row in record["rows"]:
            for fault in row["faults"]:
                yield f"{record['title']}, {row['simulator']}, {row['threads']} threads: {fault}"


def _weights(records):
    for record in records:
        for row in record["rows"]:
            for name, values in row.get("physics", {}).items():
                if "weight_mean" in values:
                    yield (
                        f"{record['title']}, {row['simulator']}: weights of {name} "
                        f"{values['weight_mean']:.6g}, sd {values['weight_sd']:.4g}"
                    )


def header(machine):
    """Processor and versions in a line or two."""
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items())
    return f"{machine['processor']}, {machine['cores']} cores; {versions}; {machine['date']}"


def text(machine, records):
    """Columns aligned for a terminal."""
    table = [HEAD, *_rows(records)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in table]
    return "\n".join([header(machine), "", *lines, *_weights(records), *_faults(records)]) + "\n"


def markdown(machine, records):
    """The same as a table of Markdown."""
    lines = [header(machine), "", "| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in _rows(records)]
    faults = [f"- {words}" for words in (*_weights(records), *_faults(records))]
    return "\n".join([*lines, *([""] if faults else []), *faults]) + "\n"


def write(path, content):
    """Writes bytes or text under a temporary name and renames it."""
    path = Path(path)
    part = path.with_name(path.name + ".partial")
    part.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.replace(part, path)


def as_json(machine, records):
    """Everything that was measured; what could not be measured is null."""

    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        return None if isinstance(value, float) and math.isnan(value) else value

    return json.dumps({"machine": machine, "cases": plain(records)}, indent=1) + "\n"


def from_json(content):
    """The machine and the records that as_json wrote. Throws ValueError or KeyError for other text."""

    def numbers(value):
        """null back to nan, where a measure was none."""
        return {k: math.nan if v is None else v for k, v in value.items()}

    held = json.loads(content)
    for record in held["cases"]:
        for row in record["rows"]:
            row["physics"] = {p: numbers(v) for p, v in row.get("physics", {}).items()}
    return held["machine"], held["cases"]


def plot(machine, records, path):
    """Real-time factors of all cases as bars on a logarithmic scale; PNG or SVG by the name."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    best, names = {}, []
    for record in records:
        for row in record["rows"]:
            if row["runs"] and not row["faults"]:
                key = record["title"], row["simulator"]
                value = row["real_time_factor"]
                best[key] = min(value, best.get(key, value))
                if row["simulator"] not in names:
                    names.append(row["simulator"])
    titles = [record["title"] for record in records]
    height = 0.8 / max(1, len(names))
    figure, axes = pyplot.subplots(figsize=(9, 1.5 + 0.6 * len(titles)), layout="constrained")
    for n, name in enumerate(names):
        at = [(i, best[t, name]) for i, t in enumerate(titles) if (t, name) in best]
        bars = axes.barh(
            [i + (n - (len(names) - 1) / 2) * height for i, _ in at], [v for _, v in at], height,
            label=name,
        )  # fmt: skip
        axes.bar_label(bars, [f"{v:.3g}" for _, v in at], fontsize=7, padding=2)
    axes.set(xscale="log", xlabel="wall seconds a biological second (left is faster)")
    axes.axvline(1, color="0.6", linewidth=0.8, zorder=0)
    axes.margins(x=0.1)
    axes.set_yticks(range(len(titles)), titles)
    axes.invert_yaxis()
    axes.set_title(header(machine), fontsize=7)
    if names:
        axes.legend(fontsize=8)
    part = Path(path).with_name(Path(path).name + ".partial")
    figure.savefig(part, format=Path(path).suffix[1:], dpi=150)
    os.replace(part, path)
