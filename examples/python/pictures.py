"""What the examples share: their options, and a picture in the folder that the caller names."""

import argparse
from contextlib import contextmanager
from pathlib import Path


def options(text):
    """A parser with the option that all examples have."""
    parser = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="where to put a picture (needs matplotlib)"
    )
    return parser


@contextmanager
def picture(folder, name, rows=1, columns=1, **figure_options):
    """Gives matplotlib axes to draw into; then FOLDER/NAME.png is written, whole or not at all."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    size = {"figsize": (4.5 * columns + 2, 2.6 * rows + 1)}
    figure, axes = plt.subplots(rows, columns, layout="constrained", **{**size, **figure_options})
    yield axes
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{name}.partial.png"
    figure.savefig(partial, dpi=120)
    plt.close(figure)
    partial.rename(folder / f"{name}.png")
