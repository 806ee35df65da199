"""Runs a script or notebook of examples/ and looks at the pictures that it draws.

    run_example.py SCRIPT.py|NOTEBOOK.ipynb FOLDER [script's options]

Pictures go to FOLDER, at least one; their axes have labels. A notebook must hold no outputs; its cells run one after the other
in one namespace, with matplotlib's pictures written where `plt.show()` would show them. That is all that these notebooks ask
for (no magics, no widgets), so that the 20 packages of nbclient and ipykernel are not needed; `nbformat` says whether they
are well-formed.
"""

import runpy
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402


def faults_of(figure):
    """What a reader would miss: labels of axes that are drawn."""
    for axes in figure.axes:
        if not axes.axison or not axes.get_visible():
            continue
        shared = axes.get_shared_x_axes().get_siblings(axes)
        lowest = min(shared, key=lambda other: other.get_position().y0)
        labels = {"x": lowest.get_xlabel(), "y": axes.get_ylabel() or axes.get_title()}
        if axes.get_label() == "<colorbar>":
            labels["x"] = labels["y"]
        for name, label in labels.items():
            if not label:
                yield f"axes {figure.axes.index(axes)}: no label of the {name} axis"


def checked(save):
    def checked_save(figure, *arguments, **options):
        figure.canvas.draw()
        faults = list(faults_of(figure))
        if faults:
            raise SystemExit(f"{arguments[0]}: {', '.join(faults)}")
        return save(figure, *arguments, **options)

    return checked_save


def run_script(path, folder, options):
    sys.argv = [str(path), "--pictures", str(folder), *options]
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name="__main__")


def run_notebook(path, folder):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    drawn = []

    def show():
        for number in plt.get_fignums():
            drawn.append(folder / f"{path.stem}_{len(drawn) + 1}.png")
            plt.figure(number).savefig(drawn[-1])
        plt.close("all")

    plt.show = show
    names = {"__name__": "__main__"}
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if cell.outputs or cell.execution_count:
            raise SystemExit(
                f"{path}: cell {k}: holds outputs, which belong to a reader's run alone"
            )
        exec(compile(cell.source, f"{path.name}, cell {k}", "exec"), names)
    if plt.get_fignums():
        raise SystemExit(f"{path}: a picture without plt.show()")


def main():
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    Figure.savefig = checked(Figure.savefig)
    if path.suffix == ".ipynb":
        run_notebook(path, folder)
    else:
        run_script(path, folder, sys.argv[3:])
    pictures = sorted(folder.glob("*.png"))
    if not pictures or min(p.stat().st_size for p in pictures) < 5000:
        raise SystemExit(f"{path}: no picture, or an empty one")


if __name__ == "__main__":
    main()
