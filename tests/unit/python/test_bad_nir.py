"""Damaged NIR files: tests/bad_input/nir.txt lists each case with the kind of error and the message that it must bring,
from the package (as the class of that kind) and from the program (with the exit code), and nothing is written."""

import os
import subprocess
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
import ranvier
import ranvier.nir

LIST = Path(__file__).resolve().parents[2] / "bad_input/nir.txt"
EXIT_CODES = {"usage": 2, "internal": 3}  # of all other kinds: 1


def ones(n, *names):
    return {name: np.ones(n) for name in names}


def good_graph(path):
    """Input [2, 6, 6] -> conv -> IF -> pool -> flat -> fc -> delay -> LIF with a loop -> LI -> CubaLI -> Output."""
    nodes = {
        "input": nir.Input(np.array([2, 6, 6])),
        "conv": nir.Conv2d((6, 6), np.ones((4, 2, 3, 3)), 1, 0, 1, 1, np.zeros(4)),
        "if": nir.IF(np.ones((4, 4, 4)), np.ones((4, 4, 4)), np.zeros((4, 4, 4))),
        "pool": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "flat": nir.Flatten(np.array([4, 2, 2]), 0, -1),
        "fc": nir.Affine(np.ones((5, 16)), np.zeros(5)),
        "delay": nir.Delay(np.full(5, 1e-3)),
        "lif": nir.LIF(**ones(5, "tau", "r", "v_threshold"), v_leak=np.zeros(5)),
        "rec": nir.Linear(np.eye(5)),
        "li": nir.LI(**ones(5, "tau", "r"), v_leak=np.zeros(5)),
        "cuba": nir.CubaLI(**ones(5, "tau_syn", "tau_mem", "r"), v_leak=np.zeros(5)),
        "output": nir.Output(np.array([5])),
    }
    chain = ["input", "conv", "if", "pool", "flat", "fc", "delay", "lif"]
    edges = list(zip(chain, chain[1:], strict=False))
    edges += [("lif", "rec"), ("rec", "lif"), ("li", "cuba"), ("cuba", "output"), ("fc", "li")]
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=edges, type_check=False))


def keep_bytes(part):
    def damage(path):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * part)])

    return damage


def put(**changes):
    """Puts values in the place of what the file has there (`__` is `/`); None takes it away."""

    def damage(path):
        with h5py.File(path, "r+") as file:
            for name, value in changes.items():
                place = "node/" + name.replace("__", "/")
                if place in file:
                    del file[place]
                if value is not None:
                    file[place] = value

    return damage


def put_in(name, value):
    return put(**{"nodes__" + name: value})


def edges(*extra, without=()):
    """Adds edges "a b", after those of `without` are gone."""

    def damage(path):
        with h5py.File(path, "r+") as file:
            old = [tuple(end.decode() for end in edge) for edge in file["node/edges"][()]]
            new = [e for e in old if " ".join(e) not in without] + [tuple(e.split()) for e in extra]
            del file["node/edges"]
            file["node/edges"] = np.array(new, dtype=object).astype(h5py.string_dtype())

    return damage


def both(*damages):
    def damage(path):
        for one in damages:
            one(path)

    return damage


def nest(depth):
    """Graphs in one another in the place of the node `rec`."""

    def damage(path):
        with h5py.File(path, "r+") as file:
            del file["node/nodes/rec"]
            group = file["node/nodes"].create_group("rec")
            for _ in range(depth):
                group["type"] = "NIRGraph"
                group["edges"] = np.empty((0, 2), dtype=h5py.string_dtype())
                group = group.create_group("nodes").create_group("rec")
            group["type"] = "Input"
            group["shape"] = [5]

    return damage


def name_twice(path):
    """`nest.in` beside the graph `nest` with a node `in`."""
    with h5py.File(path, "r+") as file:
        nodes = file["node/nodes"]
        nodes["nest.in/type"] = nodes["nest/nodes/in/type"] = "Flatten"
        nodes["nest/type"] = "NIRGraph"
        nodes["nest/edges"] = np.empty((0, 2), dtype=h5py.string_dtype())


def layers_in_a_row(path):
    """Scales one behind the other between `input` and `conv`."""
    names = ["input", *(f"scale_{k}" for k in range(1200)), "conv"]
    edges(*map(" ".join, zip(names, names[1:], strict=False)), without=("input conv",))(path)
    with h5py.File(path, "r+") as file:
        for name in names[1:-1]:
            file[f"node/nodes/{name}/type"] = "Scale"
            file[f"node/nodes/{name}/scale"] = [1.0]


def other_root(path):
    with h5py.File(path, "w") as file:
        file["spikes"] = [1.0]


NAN_WEIGHT = np.ones((5, 16))
NAN_WEIGHT[2, 3] = np.nan
CASES = {
    "cut_in_half": keep_bytes(0.5),
    "cut_after_its_first_bytes": keep_bytes(0.001),
    "hdf5_of_something_else": other_root,
    "root_is_no_graph": put(type="LIF"),
    "nodes_missing": put(nodes=None),
    "edges_missing": put(edges=None),
    "edges_are_numbers": put(edges=np.zeros((3, 2))),
    "edges_in_threes": put(edges=np.array([["input", "conv", "if"]], dtype="S5")),
    "edge_from_nobody": edges("nobody lif"),
    "edge_to_nobody": edges("lif nobody"),
    "edge_twice": edges("input conv"),
    "type_missing": put_in("fc__type", None),
    "type_is_a_number": put_in("fc__type", 3),
    "types_unknown": both(put_in("fc__type", "Afine"), put_in("lif__type", "ALIF")),
    "name_twice": name_twice,
    "nested_too_deep": nest(70),
    "nested_graph_without_outputs": nest(1),
    "input_shape_missing": put_in("input__shape", None),
    "input_shape_zero": put_in("input__shape", [2, 0, 6]),
    "input_shape_negative": put_in("input__shape", [2, -6, 6]),
    "input_shape_beyond_64_bits": put_in("input__shape", [2**40, 2**40]),
    "input_shape_huge": put_in("input__shape", [2**20, 2**20, 2**20]),
    "input_shape_fraction": put_in("input__shape", [2.5, 6, 6]),
    "input_shape_beyond_integers": put_in("input__shape", [1e300, 6, 6]),
    "weight_missing": put_in("fc__weight", None),
    "weight_of_another_shape": put_in("fc__weight", np.ones((5, 15))),
    "weight_with_one_axis": put_in("fc__weight", np.ones(16)),
    "weight_nan": put_in("fc__weight", NAN_WEIGHT),
    "weight_infinite": put_in("rec__weight", np.full((5, 5), np.inf)),
    "weight_is_text": put_in("fc__weight", "heavy"),
    "bias_of_another_shape": put_in("fc__bias", np.zeros(4)),
    "convolution_with_three_axes": put_in("conv__weight", np.ones((4, 2, 3))),
    "convolution_of_three_channels": put_in("conv__weight", np.ones((4, 3, 3, 3))),
    "groups_do_not_divide": put_in("conv__groups", 3),
    "stride_zero": put_in("conv__stride", [1, 0]),
    "window_too_large": put_in("pool__kernel_size", [9, 9]),
    "window_huge_and_padded": put(
        nodes__pool__kernel_size=[2 * 10**9] * 2, nodes__pool__padding=[10**9] * 2, nodes__pool__stride=[2, 2]
    ),
    "padding_huge": put_in("conv__padding", [2 * 10**9] * 2),
    "layers_in_a_row": layers_in_a_row,
    "padding_unknown": put_in("conv__padding", "sane"),
    "flatten_axis": put_in("flat__end_dim", 3),
    "delay_negative": put_in("delay__delay", np.full(5, -1e-3)),
    "delay_nan": put_in("delay__delay", np.full(5, np.nan)),
    "tau_zero": put_in("lif__tau", np.zeros(5)),
    "tau_of_another_shape": put_in("lif__tau", np.ones(4)),
    "threshold_nan": put_in("lif__v_threshold", np.full(5, np.nan)),
    "threshold_missing": put_in("lif__v_threshold", None),
    "reset_above_threshold": put_in("lif__v_reset", np.full(5, 2.0)),
    "neurons_of_another_shape": put_in("if__r", np.ones((4, 4, 5))),
    "no_neurons": put(**{f"nodes__lif__{p}": [] for p in ("tau", "r", "v_leak", "v_threshold", "v_reset")}),
    "neurons_in_a_row_of_other_shapes": put(**{f"nodes__li__{p}": np.ones(4) for p in ("tau", "r", "v_leak")}),
    "shapes_meet": edges("input lif"),
    "no_input": edges(without=["input conv"]),
    "loop_without_neurons": edges("delay fc"),
    "loop_of_quiet_neurons": edges("cuba li"),
    "values_into_a_matrix": edges("li rec"),
    "values_meet": edges("li lif", "cuba lif"),
}  # fmt: skip


def listed():
    lines = [line for line in LIST.read_text().splitlines() if line and line[0] != "#"]
    return {
        case: (kind, message)
        for kind, rest in (line.split(" | ", 1) for line in lines)
        for case, message in [rest.split(": ", 1)]
    }


def test_every_case_is_listed():
    assert listed().keys() == CASES.keys()


@pytest.mark.parametrize("case", CASES)
def test_a_damaged_graph_is_refused_as_the_list_says(tmp_path, case):
    path = tmp_path / "bad.nir"
    good_graph(path)
    CASES[case](path)
    kind, message = listed()[case]
    with pytest.raises(ranvier.Error) as raised:
        ranvier.nir.load(path)
    assert raised.value.kind == kind
    whole = not message.endswith("...")
    assert str(raised.value).endswith(message) if whole else message[:-3] in str(raised.value)
    command = [os.environ["RANVIER_PROGRAM"], "run", path, "-o", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == EXIT_CODES.get(kind, 1)
    assert (
        done.stderr.startswith(f"ranvier: {path}: ") and message.removesuffix("...") in done.stderr
    )
    assert list(tmp_path.iterdir()) == [path]


def test_the_undamaged_graph_runs(tmp_path):
    good_graph(tmp_path / "good.nir")
    ranvier.nir.load(tmp_path / "good.nir").run(1.0)
