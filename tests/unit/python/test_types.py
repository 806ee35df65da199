"""What ships is typed and documented: mypy is content with the package and with a user's script, the stub says what the
module holds, every public name has a docstring."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import ranvier

ROOT = Path(__file__).resolve().parents[3]

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
