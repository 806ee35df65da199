"""`ranvier report --replay`: a page and a picture of what went into a network and what came out.

The page holds the run's own events and spikes (read back here), needs nothing from elsewhere, and in a browser (Debian's
chromium, where it is installed) draws at every time the events and spikes that lie there.
"""

import base64
import html.parser
import json
import os
import re
import shutil
import subprocess

import numpy as np
import pytest

h5py = pytest.importorskip("h5py")
PROGRAM = os.environ["RANVIER_PROGRAM"]
WIDTH, HEIGHT = 12, 8
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no browser: apt-get install chromium, and this runs"
)


def write_network(path, probes, name="eyes"):
    split = {"width": WIDTH, "height": HEIGHT, "polarity": "split"}
    size = 2 * WIDTH * HEIGHT
    network = {
        "ranvier": 1,
        "run": {"duration": 1, "dt": 1, "seed": 1},
        "populations": {
            name: {"model": "spike_source_events", "size": size, "options": split},
            "a": {"model": "if_curr_delta", "size": 5, "parameters": {"v_thresh": -60}},
            "b": {"model": "if_curr_delta", "size": 1, "parameters": {"v_thresh": -40}},
        },
        "projections": [
            {
                "source": name,
                "target": target,
                "connector": {"rule": "fixed_probability", "probability": 0.5},
                "weight": 3,
                "delay": 1,
            }
            for target in ("a", "b")
        ],
        "probes": [{"population": p, "variables": ["spikes"]} for p in probes],
    }
    path.write_text(json.dumps(network))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of 200 ms: an ON event that wanders over the sensor each ms, OFF behind it."""
    path = tmp_path_factory.mktemp("replay")
    events = [(ms, ms % WIDTH, ms // 20 % HEIGHT, 1) for ms in range(200)]
    events += [(ms + 0.5, ms % WIDTH, ms // 30 % HEIGHT, 0) for ms in range(0, 200, 2)]
    data = b"".join(
        bytes((x, y)) + (on << 23 | int(ms * 1000)).to_bytes(3, "big")
        for ms, x, y, on in sorted(events)
    )
    (path / "rec.bin").write_bytes(data)
    write_network(path / "net.json", ["eyes", "a", "b"])
    run("replay", path / "rec.bin", "--network", path / "net.json", "-o", path / "out")
    run("report", path / "out", "--replay")
    return path


def run(*words, code=0):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def spikes(folder, population):
    with h5py.File(folder / "out/spikes.h5") as file:
        group = file[f"spikes/{population}"]
        return group["timestamps"][:], group["node_ids"][:]


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))


def words(text):
    return np.frombuffer(base64.b64decode(text), np.uint32)


def test_the_page_holds_the_runs_events_and_spikes(folder):
    data = data_of((folder / "out/replay.html").read_text())
    assert (data["width"], data["height"], data["polarity"]) == (WIDTH, HEIGHT, "split")
    assert data["duration"] == 200
    for train in [data["input"], *data["outputs"]]:
        times, neurons = spikes(folder, train["name"])
        assert train["every"] == 1
        assert np.array_equal(words(train["neurons"]), neurons)
        assert np.allclose(words(train["times"]) * data["unit"], times, atol=0.0006)
    assert [train["name"] for train in data["outputs"]] == ["a", "b"]
    assert len(words(data["outputs"][0]["times"])) > 100


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [v for k, v in attributes if k in ("src", "href", "srcset", "action")]


def test_the_page_needs_nothing_from_elsewhere(folder):
    page = (folder / "out/replay.html").read_text()
    links = Links()
    links.feed(page)
    assert links.found == []
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|import\(", page)


def test_a_name_is_no_markup(folder, tmp_path):
    name = "<script>&<!--"
    write_network(tmp_path / "net.json", [name, "a"], name)
    out = tmp_path / "out"
    run("replay", folder / "rec.bin", "--network", tmp_path / "net.json", "-o", out)
    run("report", out, "--replay")
    page = (out / "replay.html").read_text()
    assert data_of(page)["input"]["name"] == name
    assert page.count("<script>") == 1
    assert "<!--" not in page


def opened(folder, fragment, *options, name="replay.html"):
    """The page in the browser: flags that keep it from reaching for hosts that are not there."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    flags += [f"--user-data-dir={folder / 'browser'}", "--window-size=1200,900", *options]
    page = f"file://{folder}/out/{name}{fragment}"
    done = subprocess.run([BROWSER, *flags, page], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(dom):
    body = re.search(r"<body([^>]*)>", dom).group(1)
    return {k: int(v) for k, v in re.findall(r'data-(\w+)="(\d+)"', body)}


@needs_browser
@pytest.mark.parametrize("ms", [0, 20, 117, 200])
def test_at_every_time_the_browser_draws_what_lies_there(folder, ms):
    drawn = shown(opened(folder, f"#{ms}", "--dump-dom"))
    span = 33
    expected = []
    for population in ("eyes", "a", "b"):
        times = np.round(spikes(folder, population)[0], 3)
        expected.append(int(np.sum((times > ms - span) & (times <= ms))))
    assert drawn == {"time": ms, "events": expected[0], "spikes": sum(expected[1:])}
    assert expected[0] > (0 if ms else -1)


@needs_browser
def test_the_play_button_moves_through_time(folder):
    page = (folder / "out/replay.html").read_text()
    timer = "requestAnimationFrame=f=>setTimeout(()=>f(performance.now()),16);"  # no screen here
    click = f"<script>{timer}document.getElementById('play').click()</script></body>"
    (folder / "out/played.html").write_text(page.replace("</body>", click))
    flags = ["--dump-dom", "--virtual-time-budget=8000"]
    assert shown(opened(folder, "#0", *flags))["time"] == 0
    assert shown(opened(folder, "#0", *flags, name="played.html"))["time"] == 200


@needs_browser
def test_the_canvases_show_the_colours_of_both_polarities_and_of_the_populations(folder):
    image = pytest.importorskip("PIL.Image")
    opened(folder, "#117", f"--screenshot={folder / 'shot.png'}")
    pixels = np.asarray(image.open(folder / "shot.png").convert("RGB")).astype(int)

    def near(colour):
        return int(np.sum(np.abs(pixels - colour).sum(axis=2) < 40))

    assert near((86, 180, 255)) > 200  # ON
    assert near((255, 159, 28)) > 200  # OFF
    assert near((0, 114, 178)) > 100  # population a
    assert near((24, 26, 31)) > 20000  # the sensor's ground


def test_the_picture_is_a_png_of_frames_over_a_raster(folder):
    image = pytest.importorskip("PIL.Image")
    run("report", folder / "out", "--replay", "-o", folder / "replay.png")
    picture = image.open(folder / "replay.png")
    picture.load()  # checks the sums of its parts
    assert (picture.format, picture.mode, picture.size[0]) == ("PNG", "RGB", 1200)
    pixels = np.asarray(picture).astype(int)
    # Six frames of 170 pixels with ON and OFF events, then population a: dots of two pixels in its colour.
    for k in range(6):
        frame = pixels[24:137, 110 + 180 * k : 280 + 180 * k]
        assert np.all(frame == (24, 26, 31), axis=2).sum() > 5000
        assert (frame[..., 2] > frame[..., 0] + 30).any() and (
            frame[..., 0] > frame[..., 2] + 30
        ).any()
    dots = np.all(pixels == (0, 114, 178), axis=2)
    dots[:, :110] = False  # its name
    columns = np.flatnonzero(dots.any(axis=0))
    times, _ = spikes(folder, "a")
    expected = 110 + (times / 200 * (1200 - 130 - 1)).astype(int)
    assert set(columns) == set(expected) | set(np.minimum(expected + 1, 1199))


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["-o", "x.png"], 2, "x.png: pictures are drawn of a --replay alone"),
        (["-o", "x.gif"], 2, "--output: x.gif, must end in .html\n"),
        (["--replay", "-o", "x.svg"], 2, "x.svg, must end in .html, or in .png for a picture"),
        (["--replay"], 1, "holds no events of a population of model spike_source_events"),
    ],
)
def test_what_cannot_be_drawn_is_said(folder, tmp_path, words, code, message):
    write_network(tmp_path / "net.json", ["a"])
    out = tmp_path / "out"
    run("replay", folder / "rec.bin", "--network", tmp_path / "net.json", "-o", out)
    assert message in run("report", out, *words, code=code).stderr
