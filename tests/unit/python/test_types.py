"""What ships is typed and documented: mypy is content with the package and with a user's script, the stub says what the
module holds, every public name has a docstring."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import ranvier

ROOT = Path(__file__).resolve().parents[3]
CALLS = Path(__file__).with_name("every_call.py")

SCRIPT = """
import ranvier

net = ranvier.Network(dt=0.1, seed=1)
source = net.population("spike_source_poisson", 10, rate=5)
cells = net.population("if_curr_exp", 10, name="cells", tau_m=ranvier.normal(20, 1))
net.project(source, cells, ranvier.fixed_probability(0.1), weight=[1.0], delay=1.5)
net.record(cells, "spikes", "v", neurons=range(3), interval=1.0)
result: ranvier.Result = net.run(10.0, threads=2)
rate: float = result.spikes[cells].rate()
with ranvier.Simulation(net) as sim:
    sim.run(10.0, every=1.0, callback=lambda s, r: None)
    sim[cells][2:4].v = -60
    first: float = sim["cells"].v[0]
reveal_type(result.samples("cells", "v").values)
"""


def mypy(*arguments):
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=ROOT)


def test_the_package_passes_strict_type_checks():
    pytest.importorskip("mypy")
    done = mypy(str(Path(ranvier.__file__).parent))
    assert done.returncode == 0, done.stdout


def test_a_users_script_passes_and_sees_the_types(tmp_path):
    pytest.importorskip("mypy")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = mypy(str(script))
    assert done.returncode == 0, done.stdout
    assert 'Revealed type is "numpy.ndarray[' in done.stdout
    script.write_text(SCRIPT + "net.run('long')\n")
    assert 'incompatible type "str"' in mypy(str(script)).stdout


#: What `run` draws on a terminal, and PyNN's own names.
NOT_CALLED = {"progress", "pynn"}


def public_names():
    """(module without "ranvier.", name, member of that class or None)."""
    modules = [m.name for m in pkgutil.iter_modules(ranvier.__path__) if m.name[0] != "_"]
    for module in ["", *(m for m in modules if m not in NOT_CALLED)]:
        loaded = importlib.import_module(f"ranvier.{module}".rstrip("."))
        for name in getattr(loaded, "__all__", []):
            yield module, name, None
            value = getattr(loaded, name)
            if inspect.isclass(value):
                members = [*vars(value), *getattr(value, "__dataclass_fields__", [])]
                yield from ((module, name, member) for member in members if member[0] != "_")


def test_every_public_name_is_used_in_the_script_that_is_type_checked():
    """A name as `ranvier.NAME` or `MODULE.NAME`, a member on whatever variable holds the object."""
    nodes = list(ast.walk(ast.parse(CALLS.read_text())))
    members = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names = {
        ast.unparse(node).removeprefix("ranvier.")
        for node in nodes
        if isinstance(node, (ast.Attribute, ast.alias))
    }
    missing = [
        (module, name, member)
        for module, name, member in public_names()
        if not (member in members if member else {name, f"{module}.{name}"} & names)
    ]
    assert not missing


def test_the_script_of_all_calls_runs_and_is_type_checked(tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    pytest.importorskip("mypy")
    matplotlib.use("Agg")
    sys.path.insert(0, str(CALLS.parent))
    importlib.import_module(CALLS.stem).main(tmp_path)
    done = mypy(str(CALLS))
    assert done.returncode == 0, done.stdout


def test_the_stub_says_what_the_extension_module_holds():
    stub = (ROOT / "python/ranvier/_core.pyi").read_text()
    for name, value in inspect.getmembers(ranvier._core):
        if name.startswith("__") and name != "__version__":
            continue
        if not inspect.isclass(value):
            assert f"def {name}(" in stub or f"{name}: " in stub
            continue
        assert f"class {name}:" in stub
        for method in (m for m in vars(value) if not m.startswith("_")):
            assert f"def {method}(" in stub.split(f"class {name}:")[1], f"{name}.{method}"


def public_members():
    for name in ranvier.__all__:
        value = getattr(ranvier, name)
        if inspect.isclass(value) or inspect.isroutine(value):
            yield name, value
        if inspect.isclass(value):
            for method, member in vars(value).items():
                if not method.startswith("_") and (
                    callable(member) or isinstance(member, property)
                ):
                    yield f"{name}.{method}", member


@pytest.mark.parametrize(
    ("name", "value"), list(public_members()), ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_public_name_has_a_docstring(name, value):
    assert (value.__doc__ or "").strip(), name
