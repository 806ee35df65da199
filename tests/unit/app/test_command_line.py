"""The program's face: help on every level, exit codes, options from a file, what it says of itself."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ["RANVIER_PROGRAM"]
ROOT = Path(__file__).resolve().parents[3]
FIRST = ROOT / "examples/first/network.json"
VERBS = ["convert", "crop", "filters", "info", "slice", "stats"]


def program(*words, code=0):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def commands():
    lines = program("--help").split("commands:\n")[1].splitlines()
    return [line.split()[0] for line in lines if line.startswith("  ")]


def test_every_command_has_help_that_fits_a_terminal():
    names = commands()
    assert {"run", "replay", "plan", "validate", "digest", "report", "info", "version"} <= set(
        names
    )
    for words in [[], *([name] for name in names), *(["events", verb] for verb in VERBS)]:
        text = program(*words, "--help")
        assert text.startswith(f"usage: ranvier {' '.join(words)}"), text
        assert max(map(len, text.splitlines())) <= 100, text


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["runs"], 2, 'unknown command "runs", did you mean "run"?'),
        (["rnu"], 2, 'unknown command "rnu", did you mean "run"?'),
        (["simulate"], 2, "unknown command \"simulate\"; see 'ranvier --help'"),
        (["events", "play"], 2, "unknown verb \"play\"; see 'ranvier events --help'"),
        (["run"], 2, "NETWORK is missing; usage: ranvier run"),
        (["run", FIRST, "--thread", "2", "--nonsense"], 2, "nonsense"),
        (["run", FIRST, "--threads", "0"], 2, "--threads: 0, must lie in [1, 1024]"),
        (["run", FIRST, "--duration", "nan"], 2, "--duration: nan ms, must be > 0"),
        (["run", FIRST, "--duration", "9e12"], 2, "--duration: 9000000000000 ms, must be > 0 and"),
        (["plan", FIRST, "--dt", "-1"], 2, "--dt: -1 ms, must be > 0"),
        (["convert", FIRST, "no/x.json", "--dt", "0"], 2, "--dt: 0 ms, must be > 0"),
        (["run", "none.json"], 1, "none.json"),
        (["run", FIRST, "--summary", "none/s.json"], 1, "there is no folder none"),
        (["run", FIRST, "--summary", ROOT], 1, "--summary: " + str(ROOT) + ": is a folder"),
        (["run", FIRST, "--duration", "1.0000001"], 2, "--duration: 1.0000001 ms, must be a whole"),
        (["plan", FIRST, "--json", "none/p.json"], 1, "--json: none/p.json: there is no folder"),
        (["plan", FIRST, "--json", ROOT], 1, "is a folder"),
        (["run", FIRST, "-o", ""], 2, "--output: the text given for it is empty"),
        (["run", ""], 2, "NETWORK: the text given for it is empty"),
        (["plan", FIRST, "-o", "x"], 2, "'-o'"),  # it writes nothing
        (["plan", FIRST, "--resume"], 2, "'--resume'"),
        (["plan", FIRST, "--rate", "5"], 2, "--rate: goes with --measure"),
        (["run", FIRST, "--options", ROOT], 2, "cannot be opened, or is a folder"),
        (["version", "2"], 2, '"2" is a word too many; usage: ranvier version\n'),
        (["digest", "A", "B"], 2, '"B" is a word too many; usage: ranvier digest RUN_FOLDER\n'),
        (["run", "-q", "A", "--seed", "1", "out", "C"], 2, '"out" is a word too many; usage: '),
        (["events", "convert", "A", "B", "C"], 2, '"C" is a word too many; usage: ranvier events'),
        (["digest", "none"], 1, "none: no such run folder"),
        (["info", "models", "if_curr"], 2, 'unknown model "if_curr"'),
        (["info", "models", "iaf_psc_exp"], 2, 'mean "if_curr_exp" (NEST\'s iaf_psc_exp)?'),
    ],
)
def test_what_is_wrong_is_answered_in_one_line_with_its_exit_code(words, code, message):
    answer = program(*words, code=code)
    assert answer.startswith("ranvier: ") and message in answer
    assert answer.count("\n") == 1


def test_a_wrong_option_points_to_the_help_of_its_own_verb():
    for words in [
        *([name] for name in commands() if name != "events"),
        *(["events", v] for v in VERBS),
    ]:
        answer = program(*words, "--overwrit-e", code=2)
        assert answer.endswith(f"; see 'ranvier {' '.join(words)} --help'\n"), answer


def test_options_are_read_from_a_file_and_the_command_line_wins(tmp_path):
    (tmp_path / "options").write_text("duration = 20\nthreads = 2\nquiet = true\n")
    words = ["run", FIRST, "--options", tmp_path / "options"]
    assert program(*words, "-o", tmp_path / "a") == ""
    program("run", FIRST, "--duration", "20", "-q", "-o", tmp_path / "b")
    program(*words, "--duration", "10", "-o", tmp_path / "c")
    digests = [program("digest", tmp_path / name) for name in "abc"]
    assert digests[0] == digests[1] != digests[2]


def test_what_standard_output_does_not_take_is_no_success():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([PROGRAM, "info"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("ranvier: ") and "No space left" in done.stderr


def test_a_wrong_interval_of_checkpoints_leaves_no_folder(tmp_path):
    answer = program("run", FIRST, "-o", tmp_path / "out", "--checkpoint-every", 0.05, code=1)
    assert "--checkpoint-every: 0.05 ms, must be a multiple of dt (0.1 ms)" in answer
    assert not list(tmp_path.iterdir())


def test_checkpoints_lie_a_step_apart_or_more_where_neurons_are_moved_by_events(tmp_path):
    cells = {"model": "if_curr_exp", "size": 5, "advance": "event", "parameters": {"i_offset": 1}}
    network = {"ranvier": 1, "run": {"dt": 0.1, "duration": 2}, "populations": {"cells": cells}}
    (tmp_path / "net.json").write_text(json.dumps(network))
    words = ["run", tmp_path / "net.json", "-q", "-o", tmp_path / "out", "--checkpoint-every"]
    for every in (0.00001, 0.0999):
        answer = program(*words, every, code=1)
        assert answer.endswith(f"--checkpoint-every: {every:g} ms, must be at least dt (0.1 ms)\n")
    assert not (tmp_path / "out.partial").exists()
    program(*words, 0.15)  # of what is exact to the nanosecond there is no grid


def test_an_output_that_cannot_be_written_is_told_before_a_run(tmp_path):
    # A folder that nobody can write to, not even root; the run would take longer than any test.
    words = ["run", FIRST, "--duration", "1e9", "-o", tmp_path / "out", "--summary", "/proc/s.json"]
    assert "--summary: /proc/s.json: cannot be written" in program(*words, code=1)
    assert not list(tmp_path.iterdir())
    words = ["plan", FIRST, "--ranks", "1,2", "--json", "/proc/p.json"]
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")  # nothing was planned
    assert "--json: /proc/p.json: cannot be written" in done.stderr
    kept = tmp_path / "s.json"
    kept.write_text("what was there")
    program("run", FIRST, "--duration", "0", "--summary", kept, code=2)
    assert kept.read_text() == "what was there" and len(list(tmp_path.iterdir())) == 1


def test_what_a_run_tells_goes_into_a_pipe_or_a_device_and_never_takes_its_place(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR)
    told = []
    for words in (["run", FIRST, "--duration", "1", "-q", "--summary"], ["plan", FIRST, "--json"]):
        program(*words, pipe)
        told.append(json.loads(os.read(end, 1 << 16)))
        assert pipe.is_fifo()
    os.close(end)
    assert told[0]["neurons"] == 1000 and told[1]
    recording = ROOT / "examples/data/dvs_gesture_1.bin"
    for words in (
        ["run", FIRST, "--duration", "1", "-o"],
        ["convert", "--to", "json", FIRST],
        ["events", "convert", "--to", "text", recording],
    ):
        for again in ([], ["--overwrite"]):
            answer = program(*words, pipe, *again, code=1)
            assert answer.endswith(f"{pipe}: is a device or a pipe; give another name\n")
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]
    with (tmp_path / "out").open("w") as out:  # a link that leads to a file stays a link
        words = ["run", FIRST, "--summary", f"/proc/self/fd/{out.fileno()}"]
        done = subprocess.run(
            [PROGRAM, *words], stderr=subprocess.PIPE, text=True, pass_fds=[out.fileno()]
        )
    assert done.returncode == 1 and done.stderr.endswith(
        ": leads to a file; give that one's name\n"
    )


def test_what_a_run_tells_does_not_take_the_place_of_its_network(tmp_path):
    network = tmp_path / "net.json"
    network.write_bytes(FIRST.read_bytes())
    for words in (["run", network, "--duration", "1", "--summary"], ["plan", network, "--json"]):
        answer = program(*words, tmp_path / "." / "net.json", code=1)
        assert answer.endswith("net.json: is what is read; give another name\n")
    assert network.read_bytes() == FIRST.read_bytes()


def test_a_converted_document_does_not_take_the_place_of_what_it_was_read_from(tmp_path):
    n = 10_001  # beyond which arrays go to a file of their own
    cells = {"model": "if_curr_exp", "size": n, "initial": {"v": [-65.0 - i / n for i in range(n)]}}
    (tmp_path / "net.json").write_text(json.dumps({"ranvier": 1, "populations": {"cells": cells}}))
    program("convert", tmp_path / "net.json", tmp_path / "data.json")
    (tmp_path / "data.json").rename(tmp_path / "other.json")  # its arrays lie in data.h5
    before = (tmp_path / "data.h5").read_bytes()
    answer = program("convert", tmp_path / "other.json", tmp_path / "data.json", code=2)
    assert "data.json: the network is read from" in answer
    assert (tmp_path / "data.h5").read_bytes() == before
    words = ["convert", tmp_path / "other.json", tmp_path / "data.h5", "--to", "json"]
    assert "data.h5: must not end in .h5" in program(*words, code=2)
    program("convert", tmp_path / "other.json", tmp_path / "other.json", "--overwrite")
    assert (tmp_path / "other.h5").read_bytes() == before


def test_outputs_that_are_there_are_kept_unless_told_otherwise(tmp_path):
    program("run", FIRST, "--duration", "5", "-q", "-o", tmp_path / "out")
    n = 10_001  # beyond which arrays go to a file of their own
    cells = {"model": "if_curr_exp", "size": n, "initial": {"v": [-65.0 - i / n for i in range(n)]}}
    (tmp_path / "net.json").write_text(json.dumps({"ranvier": 1, "populations": {"cells": cells}}))
    convert = ["convert", tmp_path / "net.json"]
    program(*convert, tmp_path / "circuit", "--to", "sonata")
    verbs = {
        "copy.json": convert,
        "data.h5": ["convert", tmp_path / "net.json", tmp_path / "data.json"],
        "copy.nir": ["convert", ROOT / "tests/golden/nir/two_lif_neurons.nir"],
        "circuit": [*convert, "--to", "sonata"],
        "page.html": ["report", tmp_path / "out", "-o"],
        "out/report.html": ["report", tmp_path / "out"],
    }
    for name, words in verbs.items():
        output = tmp_path / name
        if name != "circuit":
            output.write_text("mine")
        words = words if name in ("data.h5", "out/report.html") else [*words, output]
        before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
        message = f"ranvier: {output}: exists already; give another name, or --overwrite\n"
        assert program(*words, code=1) == message
        assert before == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
        program(*words, "--overwrite")
        assert output.is_dir() or not output.read_bytes().startswith(b"mine")
    (tmp_path / "mine").mkdir()
    answer = program(*convert, tmp_path / "mine", "--to", "sonata", "--overwrite", code=1)
    assert "mine: is no SONATA circuit's folder" in answer and (tmp_path / "mine").is_dir()


@pytest.mark.parametrize("output", ["out.nir", "out --to sonata"])
def test_what_a_form_cannot_say_is_told_with_the_name_of_the_document(tmp_path, output):
    cells = {"model": "hh_cond_exp", "size": 2}
    (tmp_path / "net.json").write_text(json.dumps({"ranvier": 1, "populations": {"cells": cells}}))
    name, *words = output.split()
    answer = program("convert", tmp_path / "net.json", tmp_path / name, *words, code=1)
    assert re.match(rf"ranvier: {tmp_path}/net.json: (NIR|SONATA) cannot say: population", answer)
    assert "hh_cond_exp" in answer and answer.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["net.json"]


def test_info_says_what_was_built():
    fields = dict(line.split(": ", 1) for line in program("info").splitlines()[1:5])
    assert list(fields) == ["build", "SIMD", "MPI", "processors"]
    assert fields["SIMD"] in ("AVX2", "AVX-512", "NEON", "NEON_WITHOUT_AES", "SVE", "SVE2")
    assert "GNU" in fields["build"] or "Clang" in fields["build"]
    assert any(character.isdigit() for character in fields["MPI"])


def test_what_is_counted_is_told_in_the_singular_where_it_is_one(tmp_path):
    network = {
        "ranvier": 1,
        "run": {"duration": 1},
        "populations": {"cells": {"model": "if_curr_exp", "size": 1}},
        "projections": [
            {
                "source": "cells",
                "target": "cells",
                "connector": {"rule": "all_to_all"},
                "weight": 0.1,
                "delay": 1,
            }
        ],
    }
    path = tmp_path / "net.json"
    path.write_text(json.dumps(network))
    one = "valid: 1 population, 1 neuron, 1 projection, about 1 synapse\n"
    assert program("validate", path) == f"{path}: {one}"
    assert "; 1 rank x 1 thread\n" in program("run", path)
    assert re.search(r"on 1 rank, .* takes 1 rank of its size\n", program("plan", path), re.S)
    text = program("plan", path, "--ranks", "1,2", "--measure")
    assert re.search("^1 rank: .*^2 ranks: ", text, re.S | re.M)
    assert (
        "  rank 0: 1 neuron, 1 synapse of 1 source (" in text and "  spikes go to 0 ranks: " in text
    )
    network["populations"]["cells"]["size"] = 2
    path.write_text(json.dumps(network))
    assert "valid: 1 population, 2 neurons, 1 projection, about 4 synapses" in program(
        "validate", path
    )


# As pyNN.nest maps its cells (pyNN/nest/standardmodels/cells.py), whose names Ranvier's are.
@pytest.mark.parametrize(
    "nest,name",
    [
        ("iaf_psc_alpha", "if_curr_alpha"),
        ("iaf_psc_exp", "if_curr_exp"),
        ("iaf_psc_delta", "if_curr_delta"),
        ("iaf_cond_alpha", "if_cond_alpha"),
        ("iaf_cond_exp", "if_cond_exp"),
        ("iaf_cond_exp_sfa_rr", "if_cond_exp_gsfa_grr"),
        ("hh_cond_exp_traub", "hh_cond_exp"),
        ("aeif_cond_exp", "eif_cond_exp_isfa_ista"),
        ("aeif_cond_alpha", "eif_cond_alpha_isfa_ista"),
    ],
)
def test_a_model_by_its_name_in_nest_is_answered_with_its_name_here(tmp_path, nest, name):
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"ranvier": 1, "populations": {"e": {"model": nest, "size": 1}}}))
    assert program("validate", path, code=1) == (
        f'ranvier: {path}: /populations/e/model: unknown neuron model "{nest}", '
        f'did you mean "{name}" (NEST\'s {nest})?\n'
    )


def test_a_model_of_nest_without_a_counterpart_is_answered_with_where_models_are_listed(tmp_path):
    path = tmp_path / "net.json"
    cells = {"model": "hh_psc_alpha_clopath", "size": 1}
    path.write_text(json.dumps({"ranvier": 1, "populations": {"e": cells}}))
    assert "NEST" not in program("validate", path, code=1)


def test_info_names_the_fields_that_a_source_takes(tmp_path):
    for model in ("array", "encoded", "events", "stream"):
        text = program("info", "models", f"spike_source_{model}")
        fields = set(re.findall(r"^  (\S+)", text.split("fields of the population\n")[1], re.M))
        needed = {"array": "spike_times", "encoded": "values", "events": "file", "stream": "file"}
        assert needed[model] in fields
    # Those that the loader takes, as its refusal of another lists them.
    source = {"model": "spike_source_events", "size": 4, "options": {"colour": 1}}
    (tmp_path / "net.json").write_text(json.dumps({"ranvier": 1, "populations": {"in": source}}))
    refusal = program("validate", tmp_path / "net.json", code=1)
    options = refusal.split("must be one of ")[1].strip().split(", ")
    text = program("info", "models", "spike_source_events")
    assert sorted(re.findall(r"^  options/(\S+)", text, re.M)) == sorted(options)


def test_trying_how_a_silent_network_moves_takes_no_more_memory_than_its_run(tmp_path):
    # Clocked, rows with a delay a synapse would take six times as much as event-driven ones.
    network = {
        "ranvier": 1,
        "run": {"duration": 1, "dt": 0.1},
        "populations": {"cells": {"model": "if_curr_exp", "size": 40_000}},
        "projections": [
            {
                "source": "cells",
                "target": "cells",
                "connector": {"rule": "fixed_indegree", "number": 100},
                "weight": 0.01,
                "delay": {"distribution": "uniform", "low": 1, "high": 5},
            }
        ],
    }
    memory = {}
    for advance in ("event", "auto"):
        network["populations"]["cells"]["advance"] = advance
        (tmp_path / "net.json").write_text(json.dumps(network))
        program("run", tmp_path / "net.json", "-q", "--summary", tmp_path / f"{advance}.json")
        memory[advance] = json.loads((tmp_path / f"{advance}.json").read_text())["memory_bytes"]
    assert memory["auto"] < 1.25 * memory["event"], memory


def test_a_folder_that_is_not_gone_on_with_is_said_to_be_of_another_network_or_ended_early(
    tmp_path,
):
    text = (ROOT / FIRST).read_text()
    (tmp_path / "net.json").write_text(text)
    words = ["run", tmp_path / "net.json", "-q", "-o", tmp_path / "out"]
    program(*words)
    (tmp_path / "net.json").write_text(text.replace('"weight": 0.12', '"weight": 0.13'))
    assert "a finished run of another network or input" in program(*words, "--resume", code=1)
    status = json.loads((tmp_path / "out/status.json").read_text())
    status["complete"] = False
    (tmp_path / "out/status.json").write_text(json.dumps(status))
    assert "ended early, at 500 ms" in program(*words, "--resume", code=1)


def test_a_duration_off_the_grid_is_refused_where_auto_chooses_clocked(tmp_path):
    network = json.loads((ROOT / FIRST).read_text())
    network["populations"]["cells"]["advance"] = "auto"
    network["probes"] = []
    network["run"]["duration"] = 100.05
    (tmp_path / "net.json").write_text(json.dumps(network))
    answer = program("run", tmp_path / "net.json", "-o", tmp_path / "out", code=1)
    name = tmp_path / "net.json"
    assert answer == f"ranvier: {name}: duration: 100.05 ms, must be a multiple of dt (0.1 ms)\n"
    assert not list(tmp_path.glob("out*"))


def faulty(advance, storage="exact", **parameters):
    """Neurons whose parameters are beyond what can be computed with, and sources that fire 1000 times a step."""
    cells = {"model": "if_curr_exp", "size": 3, "advance": advance, "parameters": parameters}
    sources = {"model": "spike_source_poisson", "size": 2, "parameters": {"rate": 1e6}}
    return {
        "ranvier": 1,
        "run": {"duration": 100, "dt": 1, "storage": storage},
        "populations": {"cells": cells, "in": sources},
        "projections": [
            {
                "source": "in",
                "target": "cells",
                "connector": {"rule": "all_to_all"},
                "weight": 1e-6,
                "delay": 1,
            }
        ],
    }


NOT_FINITE = {"i_offset": -1e9, "cm": 1e-300}
FOR_EVER = {"i_offset": 1e9, "cm": 1e-200, "tau_refrac": 0}


@pytest.mark.parametrize(
    "network,words,message",
    [
        (faulty("clocked", **NOT_FINITE), ["run"], '"cells": v of neuron 0 is not finite'),
        (faulty("event", **FOR_EVER), ["run"], '"cells": neuron 0 fires at 0 ms again and again'),
        (faulty("event", **FOR_EVER), ["plan", "--measure"], '"cells": neuron 0 fires at 0 ms'),
        (faulty("clocked", "compact"), ["run"], '"in": 1 sent more than 255 spikes in the step'),
    ],
)
def test_what_a_network_does_while_it_runs_is_told_with_its_name(tmp_path, network, words, message):
    (tmp_path / "net.json").write_text(json.dumps(network))
    answer = program(*words, tmp_path / "net.json", code=1)
    assert answer.startswith(f"ranvier: {tmp_path / 'net.json'}: population {message}"), answer
    assert answer.count("\n") == 1


def test_what_a_network_does_while_its_advance_is_tried_is_told_with_its_name(tmp_path):
    network = faulty("auto", **NOT_FINITE)
    del network["projections"]  # without synapses the clocked form takes less memory, and is tried
    (tmp_path / "net.json").write_text(json.dumps(network))
    answer = program("run", tmp_path / "net.json", code=1)
    assert answer.startswith(f'ranvier: {tmp_path / "net.json"}: population "cells": v of'), answer
    assert "not finite any more at 1 ms" in answer  # a run of its own would look at 100 ms
