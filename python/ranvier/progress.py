"""A progress bar in terminals and notebooks: biological time, real-time factor, time left."""

from __future__ import annotations

import sys
import time
from typing import Any

__all__ = ["Bar", "wants_bar"]

_WIDTH = 30


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def wants_bar() -> bool:
    """Whether someone looks: standard error is a terminal, or this is a notebook."""
    return sys.stderr.isatty() or _in_notebook()


class Bar:
    """Shows how far a run has come; called with the biological time in ms, at most twice a second.

    Args:
        begin: ms where the run begins.
        end: ms where it ends.
    """

    def __init__(self, begin: float, end: float) -> None:
        self._begin = begin
        self._end = end
        self._started = time.monotonic()
        self._shown = 0.0
        self._handle: Any = None

    def __call__(self, now: float) -> None:
        elapsed = time.monotonic() - self._started
        if elapsed - self._shown < 0.5 or now <= self._begin:
            return
        self._shown = elapsed
        self._show(self.text(now, elapsed))

    def text(self, now: float, elapsed: float) -> str:
        """The bar's line.

        Args:
            now: biological time, ms.
            elapsed: wall time since the start, s.
        """
        done = (now - self._begin) / (self._end - self._begin)
        full = int(done * _WIDTH)
        left = elapsed * (1 - done) / done
        factor = elapsed / ((now - self._begin) * 1e-3)
        return (
            f"{100 * done:3.0f} % |{'#' * full}{'-' * (_WIDTH - full)}| {now:.0f}/{self._end:.0f} ms, "
            f"real-time factor {factor:.2f}, {left:.0f} s left"
        )

    def _show(self, text: str) -> None:
        if not _in_notebook():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            return
        display = sys.modules["IPython"].display.display  # a notebook has it

        shown = {"text/plain": text}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)

    def close(self) -> None:
        """Clears the line of a terminal."""
        if self._shown and not _in_notebook():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
