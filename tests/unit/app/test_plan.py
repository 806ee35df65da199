"""`ranvier plan` of several numbers of ranks: estimates beside what one rank's share really takes, as a table and JSON."""

import json
import os
import subprocess

from ranks import launcher

PROGRAM = os.environ["RANVIER_PROGRAM"]
PARTS = ("neurons", "rows", "header_tables", "calendars", "exchange_tables", "recorder")
NETWORK = {
    "ranvier": 1,
    "run": {"duration": 10, "dt": 0.1, "storage": "compact"},
    "populations": {
        "e": {"model": "if_curr_exp", "size": 8000},
        "i": {"model": "if_curr_exp", "size": 2000},
    },
    "projections": [
        {
            "source": s,
            "target": t,
            "connector": {"rule": "fixed_indegree", "number": n},
            "weight": 0.01,
            "delay": 1.5,
        }
        for s, n in (("e", 80), ("i", 20))
        for t in "ei"
    ],
}


def plan(tmp_path, *options, network=NETWORK):
    path = tmp_path / "network.json"
    path.write_text(json.dumps(network))
    return subprocess.run([PROGRAM, "plan", path, *options], capture_output=True, text=True)


def test_a_measured_share_agrees_with_its_estimate_and_adds_up(tmp_path):
    result = plan(
        tmp_path, "--ranks", "1,64,4096", "--grow", "--measure", "--json", tmp_path / "plan.json"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("measured") == 6
    points = json.loads((tmp_path / "plan.json").read_text())["points"]
    assert [p["ranks"] for p in points] == [1, 64, 4096]
    for p in points:
        assert p["neurons"] == 10_000 * p["ranks"] and p["synapses"] == 1e6 * p["ranks"]
        measured, estimated = p["measured_bytes"], p["estimated_bytes"]
        assert abs(sum(measured[part] for part in PARTS) - measured["total"]) < 1
        # Neurons and recorder are counted by the allocator, which under a sanitizer counts nothing.
        assert all(measured[part] > 0 for part in PARTS[1:5]), measured
        counted = [part for part in PARTS if measured[part] > 0]
        # Vectors keep up to twice what they hold.
        ratio = sum(estimated[part] for part in counted) / sum(measured[part] for part in counted)
        assert 0.5 < ratio < 1.2
        assert p["compute_seconds"] > 0
    assert points[0]["exchange_seconds"] == 0 and points[0]["messages_a_window"] == 0
    assert points[2]["exchange_seconds"] > points[1]["exchange_seconds"] > 0


def test_an_mb_is_a_million_bytes(tmp_path):
    def line(text, begin):
        return next(line for line in text.splitlines() if line.split()[:1] == [begin]).split()

    shown = plan(tmp_path, "--ranks", "1", "--json", tmp_path / "plan.json").stdout
    (point,) = json.loads((tmp_path / "plan.json").read_text())["points"]
    held = point["estimated_bytes"]
    assert "MB a rank " in shown
    expected = [round(held[part] / 1e6, 2) for part in (*PARTS, "total")]
    assert [float(word) for word in line(shown, "estimated")[1:]] == expected
    fixed = 60e6  # program and libraries, which the parts leave out
    total = round((held["total"] + point["building_bytes"] + fixed) / 1e6, 1)
    assert line(plan(tmp_path).stdout, "total")[1:3] == [str(total), "MB"]
    assert "An MB is 10^6 bytes" in plan(tmp_path, "--help").stdout


def test_a_run_tells_its_memory_in_mb_of_a_million_bytes(tmp_path):
    plan(tmp_path)
    words = [PROGRAM, "run", tmp_path / "network.json", "--summary", tmp_path / "s.json"]
    table = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    held = json.loads((tmp_path / "s.json").read_text())["memory_bytes"]
    assert f"memory {held / 1e6:.0f} MB" in table


def test_what_is_due_at_event_driven_neurons_is_estimated_as_it_is_kept(tmp_path):
    drawn = {"distribution": "uniform", "low": 0.5, "high": 20}
    # About 200 entries a step in either case, which vectors keep room for 256 of.
    for delay, dt, size, number in ((drawn, 0.1, 2000, 100), (10, 1, 20_000, 10)):
        network = {
            "ranvier": 1,
            "run": {"dt": dt},
            "populations": {"e": {"model": "if_curr_exp", "size": size, "advance": "event"}},
            "projections": [
                {
                    "source": "e",
                    "target": "e",
                    "connector": {"rule": "fixed_indegree", "number": number},
                    "weight": 0.01,
                    "delay": delay,
                }
            ],
        }
        result = plan(tmp_path, "--measure", "--json", tmp_path / "plan.json", network=network)
        assert result.returncode == 0, result.stderr
        point = json.loads((tmp_path / "plan.json").read_text())["points"][0]
        estimated, measured = point["estimated_bytes"], point["measured_bytes"]
        assert 0.6 < estimated["calendars"] / measured["calendars"] < 1.1
        assert 0.8 < estimated["rows"] / measured["rows"] < 1.2


def test_rows_of_event_driven_neurons_are_estimated_as_they_are_kept(tmp_path):
    for weights in ([0.01], [0.01, -0.04]):  # one group a row, or two
        network = {
            "ranvier": 1,
            "populations": {"e": {"model": "if_curr_exp", "size": 20_000, "advance": "event"}},
            "projections": [
                {
                    "source": "e",
                    "target": "e",
                    "connector": {"rule": "fixed_indegree", "number": 10},
                    "weight": weight,
                    "delay": 1.5,
                }
                for weight in weights
            ],
        }
        result = plan(tmp_path, "--measure", "--json", tmp_path / "plan.json", network=network)
        assert result.returncode == 0, result.stderr
        point = json.loads((tmp_path / "plan.json").read_text())["points"][0]
        estimated, measured = point["estimated_bytes"], point["measured_bytes"]
        for part in ("rows", "header_tables"):
            assert 0.99 < estimated[part] / measured[part] < 1.01, (weights, part)


def test_what_finds_rows_is_estimated_as_it_is_kept_where_clocked_and_event_driven_meet(tmp_path):
    populations = {
        "e": {"model": "if_curr_exp", "size": 20_000, "advance": "event"},
        "c": {"model": "if_curr_exp", "size": 20_000},
        "s": {"model": "spike_source_poisson", "size": 5_000},
    }

    def projections(*pairs):
        return [
            {
                "source": source,
                "target": target,
                "connector": {"rule": "fixed_indegree", "number": number},
                "weight": 0.01,
                "delay": 1.5,
            }
            for source, target, number in pairs
        ]

    for pairs in (
        [("c", "c", 20)],  # clocked alone
        [("e", "e", 20), ("c", "c", 20)],  # side by side
        [("e", "e", 20), ("e", "c", 100)],
        [("e", "e", 2), ("e", "c", 2)],  # not every source has both
        [(s, t, n) for s, n in (("e", 10), ("c", 40), ("s", 5)) for t in "ec"],
    ):
        names = {name for pair in pairs for name in pair[:2]}
        network = {
            "ranvier": 1,
            "run": {"duration": 10, "dt": 0.1, "storage": "compact"},
            "populations": {name: populations[name] for name in sorted(names)},
            "projections": projections(*pairs),
        }
        result = plan(
            tmp_path, "--ranks", "1,3", "--measure", "--json", tmp_path / "p.json", network=network
        )
        assert result.returncode == 0, result.stderr
        for point in json.loads((tmp_path / "p.json").read_text())["points"]:
            estimated, measured = point["estimated_bytes"], point["measured_bytes"]
            for part, bound in (("header_tables", 0.01), ("rows", 0.05), ("exchange_tables", 0.1)):
                ratio = estimated[part] / measured[part]
                assert abs(ratio - 1) < bound, (pairs, point["ranks"], part, ratio)


def test_routes_of_sources_are_estimated_as_they_are_kept(tmp_path):
    for number in (1, 2, 3, 50):  # with few synapses some sources have none, one or two ranks
        network = {
            "ranvier": 1,
            "populations": {
                "s": {"model": "spike_source_poisson", "size": 30_000},
                "e": {"model": "if_curr_exp", "size": 20_000, "advance": "event"},
            },
            "projections": [
                {
                    "source": "s",
                    "target": "e",
                    "connector": {"rule": "fixed_indegree", "number": number},
                    "weight": 0.01,
                    "delay": 1.5,
                }
            ],
        }
        file = tmp_path / "plan.json"
        result = plan(tmp_path, "--ranks", "1,3", "--measure", "--json", file, network=network)
        assert result.returncode == 0, result.stderr
        for point in json.loads(file.read_text())["points"]:
            estimated, measured = point["estimated_bytes"], point["measured_bytes"]
            assert 0.95 < estimated["exchange_tables"] / measured["exchange_tables"] < 1.05, number


def test_messages_are_predicted_as_a_run_on_ranks_counts_them(tmp_path):
    network = json.loads(json.dumps(NETWORK))
    for name in "ei":
        network["populations"][name] = {
            "model": "spike_source_poisson",
            "size": 1000,
            "parameters": {"rate": 10},
        }
        network["populations"][f"{name}_cells"] = {"model": "if_curr_exp", "size": 1000}
    for p in network["projections"]:
        p["target"] += "_cells"
    planned = plan(
        tmp_path, "--ranks", "2", "--measure", "--rate", "10", "--json", tmp_path / "plan.json",
        network=network,
    )  # fmt: skip
    assert planned.returncode == 0, planned.stderr
    point = json.loads((tmp_path / "plan.json").read_text())["points"][0]
    run = [PROGRAM, "run", tmp_path / "network.json", "-q", "--duration", "1500", "--profile"]
    subprocess.run(
        [*launcher(2), *run, "--summary", tmp_path / "s.json"], check=True, capture_output=True
    )
    counted = json.loads((tmp_path / "s.json").read_text())["profile"][1]
    assert counted["windows"] == 1000
    # 10,000 spikes a rank: three standard deviations of their number are 3 %.
    assert abs(counted["message_bytes"] / 1000 / point["message_bytes_a_window"] - 1) < 0.05
    assert abs(counted["messages"] / 1000 / point["messages_a_window"] - 1) < 0.05


def test_what_cannot_grow_is_named(tmp_path):
    stimulus = {"type": "dc", "target": "e", "amplitude": 0.1, "neurons": [0]}
    network = {**NETWORK, "stimuli": [stimulus]}
    result = plan(tmp_path, "--ranks", "2", "--grow", network=network)
    assert result.returncode == 1
    assert 'stimulus 0 (dc on "e")' in result.stderr and "lists its neurons" in result.stderr


def test_a_human_brain_is_described_by_the_plan(tmp_path):
    result = plan(tmp_path, "--ranks", "8600000", "--grow", "--json", tmp_path / "plan.json")
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "plan.json").read_text())["points"][0]["neurons"] == 8.6e10


def test_bad_numbers_of_ranks_are_named(tmp_path):
    for ranks in ("0", "4,", "two", "16,-1"):
        result = plan(tmp_path, "--ranks", ranks)
        assert result.returncode == 2
        assert f'--ranks: "{ranks}", must be whole numbers in [1, 10000000]' in result.stderr
