"""Tables that notebooks show for networks and results."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ranvier.network import Network
    from ranvier.result import Result


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    if not body:
        return ""
    header = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    return f"<table><caption>{escape(title)}</caption><tr>{header}</tr>{body}</table>"


def network(net: Network) -> str:
    """Populations and projections."""
    populations = [(p.name, p.model, p.size) for p in net.populations.values()]
    projections = [(p.name, p.source, p.target) for p in net.projections]
    return (
        f"<p>Ranvier network, dt {net.dt:g} ms, seed {net.seed}</p>"
        + _table("populations", ("name", "model", "size"), populations)
        + _table("projections", ("name", "source", "target"), projections)
    )


def result(res: Result) -> str:
    """Spikes with rates, and reports."""
    spikes = [
        (s.population, s.size, len(s), f"{s.rate():.2f}" if res.duration > 0 else "")
        for s in res.spikes.values()
    ]
    reports = [
        (r.population, r.variable, r.unit, f"{r.interval:g}", " x ".join(map(str, r.values.shape)))
        for r in res.reports
    ]
    return (
        f"<p>Ranvier result, {res.begin:g} to {res.end:g} ms</p>"
        + _table("spikes", ("population", "neurons", "spikes", "rate (Hz)"), spikes)
        + _table("samples", ("population", "variable", "unit", "interval (ms)", "shape"), reports)
    )
