"""Tests of the images page: presets, panels, drawing, and the download of Fashion-MNIST with its failures."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driver import charts, frame, go, open_page, sliders, sound, warnings
from PIL import Image
from streamlit.testing.v1 import AppTest

from dlcore.images import data as images
from dlcore.images import download
from dlcore.lessons.images.model import ImagesRun
from pages.learning.images import fetch
from pages.ui.drawing import read
from pages.ui.language import LANGUAGES, labels

EN = labels("en")
PANELS = ("samples", "batches", "weights", "confusion", "mistakes", "draw")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Use an empty cache folder and no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setattr(download, "MIRRORS", ("http://127.0.0.1:1/",))
    yield download.cache_folder()
    images.fashion.cache_clear()


def run(app: AppTest) -> ImagesRun:
    found: ImagesRun = app.session_state["images.player"].run
    return found


def put(app: AppTest, **values: Any) -> AppTest:
    app.session_state["images.state"].apply(values)
    return sound(app.run())


def press(app: AppTest, name: str) -> AppTest:
    return sound(app.button(key=f"images.{name}").click().run())


def shown(app: AppTest) -> str:
    return "\n".join(element.value for kind in ("markdown", "caption", "info") for element in app.get(kind))


def pictures(app: AppTest) -> list[Image.Image]:
    urls = [image.url for element in app.get("image") for image in element.proto.imgs]
    found = [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2], validate=True))) for url in urls]
    for image in found:
        image.load()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_default_learns_the_digits(language: str) -> None:
    app = open_page("images", language)
    words = labels(language)
    assert words["numbers.untrained"] in shown(app)
    app = press(app, "to_end")
    last = run(app).history[-1]
    assert (last.epoch, last.test_accuracy >= 0.97) == (30, True)
    assert f"{last.test_accuracy:.3f}" in shown(app)
    for chart in [proto for alt, proto in charts(app).items() if alt == words["images.alt_curve"]]:
        assert len(frame(chart)) == 31


@pytest.mark.parametrize(("preset", "kind"), [("softmax", "softmax"), ("mlp", "mlp"), ("dropout", "dropout")])
def test_a_preset_sets_the_model_and_its_settings(preset: str, kind: str) -> None:
    app = open_page("images", "en", s="5", l="0.01")
    assert app.selectbox(key="images.preset").value == "own"
    app.selectbox(key="images.preset").set_value(preset)
    sound(app.run())
    assert app.selectbox(key="images.preset").value == preset
    assert (run(app).training.kind, run(app).training.seed) == (kind, 0)


def test_every_control_changes_the_run() -> None:
    app = open_page("images", "en", m="dropout")
    for name in ("hidden", "dropout", "lr", "batch_size", "epochs", "weight_decay"):
        assert EN[f"images.setting.{name}"] in sliders(app)
    changed = {
        "hidden": 16,
        "dropout": 0.5,
        "lr": 0.01,
        "batch_size": 64,
        "epochs": 2,
        "weight_decay": 0.01,
        "optimizer": "sgd",
    }
    for name, value in changed.items():
        put(app, **{name: value})
        assert getattr(run(app).training, name) == value
    assert run(app).epochs == 2
    app.number_input(key="images.seed").set_value(7)
    sound(app.run())
    assert run(app).training.seed == 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_validation_is_drawn_and_chooses_the_epoch(language: str) -> None:
    app, words = open_page("images", language, k="3", h="16", nv="100"), labels(language)
    press(app, "to_end")
    best = run(app).chosen
    says = words["numbers.chosen"].format(
        epoch=best.epoch,
        valid=f"{best.validation_loss:.4f}",
        loss=f"{best.test_loss:.4f}",
        accuracy=f"{best.test_accuracy:.3f}",
    )
    assert says in shown(app)
    assert words["numbers.size"].format(parameters="1,210", products="1,184") in shown(app)
    curves = [frame(element.proto) for element in app.get("vega_lite_chart")][:2]
    assert [len(table["validation"]) for table in curves] == [4, 4]


def test_settings_of_another_model_are_hidden_and_begin_no_new_run() -> None:
    app = press(open_page("images", "en", m="softmax", k="1"), "to_end")
    assert EN["images.setting.hidden"] not in sliders(app)
    before = run(app)
    put(app, hidden=64, dropout=0.7)
    assert run(app) is before


def test_a_step_is_an_epoch_and_training_survives_leaving() -> None:
    app = press(open_page("images", "en", h="8"), "step")
    assert run(app).epoch == 1
    before = run(app)
    app = go(go(app, "home"), "images")
    assert run(app) is before
    assert "epoch **\u2060\u20071** / 30" in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("panel", PANELS)
def test_panels_show_the_trained_model(panel: str, language: str) -> None:
    app = open_page("images", language, p=panel, h="8", k="2")
    app = press(app, "to_end")
    assert run(app).finished
    words = labels(language)
    if panel == "confusion":
        table = frame(charts(app)[words["alt.confusion"]])
        part, probabilities = run(app).predict_test()
        assert table["count"].sum() == 360
        right = table[table["true"] == table["predicted"]]["count"].sum()
        assert right == (probabilities.argmax(1) == part.y).sum()
    elif panel == "draw":
        assert words["images.nothing_drawn"] in shown(app)
        assert frame(charts(app)[words["images.alt_probabilities"]])["probability"].sum() == 0
    else:
        assert len(pictures(app)) == 1
    if panel == "mistakes":
        part, probabilities = run(app).predict_test()
        assert f"**{int((probabilities.argmax(1) != part.y).sum())}**" in shown(app)
    if panel == "batches":
        assert words["images.batch"].format(shown=32, size=32, batches=45) in shown(app)
        assert [metric.value[-1] for metric in app.metric] == ["s", "s"]  # µs, ms or s
        press(app, "again")


def test_samples_panel_shows_one_class() -> None:
    app = open_page("images", "en", c="3")
    count = int((run(app).images.train.y == 3).sum())
    assert EN["images.samples"].format(first=0, last=49, count=count) in shown(app)
    put(app, first_sample=59_999)
    assert EN["images.samples"].format(first=count - 50, last=count - 1, count=count) in shown(app)


def test_weights_panel_changes_with_training() -> None:
    app = open_page("images", "en", m="softmax", p="weights")
    before = np.asarray(pictures(app)[0])
    app = press(app, "to_end")
    after = np.asarray(pictures(app)[0])
    assert before.shape == after.shape
    assert (before != after).mean() > 0.3
    assert EN["images.templates"] in shown(app)


# --- drawing ----------------------------------------------------------------------------------------------------------
SEVEN = "".join(
    "f" if (3 <= row < 8 and 8 <= column < 23) or (8 <= row < 30 and 18 <= column < 23) else "0"
    for row in range(32)
    for column in range(32)
)


def bars(app: AppTest) -> Any:
    return frame(charts(app)[EN["images.alt_probabilities"]])


def test_a_drawing_is_classified_and_kept() -> None:
    app = press(open_page("images", "en", p="draw"), "to_end")
    app.session_state["images.state"].memo["drawing"] = SEVEN
    sound(app.run())
    first = bars(app)
    assert first["probability"].sum() == pytest.approx(1)
    assert first["best"].sum() == 1
    app = go(go(app, "home"), "images")
    assert bars(app).equals(first)
    app.session_state["images.state"].memo["drawing"] = "nonsense"
    sound(app.run())
    assert EN["images.nothing_drawn"] in shown(app)


def test_a_test_image_moved_by_buttons() -> None:
    app = press(open_page("images", "en", p="draw", a="sample", j="4"), "to_end")
    part, probabilities = run(app).predict_test()
    assert bars(app)["probability"].tolist() == pytest.approx(probabilities[4].tolist())
    assert f"labelled {int(part.y[4])}" in shown(app)
    before = bars(app)
    for name in ("right", "right", "up"):
        press(app, name)
    state = app.session_state["images.state"]
    assert (state["dx"], state["dy"]) == (2, -1)
    assert not bars(app).equals(before)
    state.set("dx", 14)
    press(app, "right")
    assert state["dx"] == 14
    press(app, "back")
    assert bars(app).equals(before)


def test_drawing_component_accepts_only_valid_values() -> None:
    assert read("0f0f", 2) == "0f0f"
    assert read("", 2) == ""
    for wrong in ("0f0", "0f0f0", "0F0F", "0g0f", "0f0f\n", None, 5, ["0"] * 4):
        assert read(wrong, 2) is None


# --- Fashion-MNIST ----------------------------------------------------------------------------------------------------
def idx(array: np.ndarray[Any, Any]) -> bytes:
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes())


@pytest.fixture
def little_fashion(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return files like those of Fashion-MNIST with fewer pictures, by name."""
    rng = np.random.default_rng(0)
    arrays = (rng.integers(0, 256, (1200, 28, 28)), np.arange(1200) % 10, rng.integers(0, 256, (50, 28, 28)))
    contents = [idx(array) for array in (*arrays, np.arange(50) % 10)]
    files = [
        download.File(file.name, len(content), hashlib.md5(content).hexdigest())
        for file, content in zip(download.FASHION, contents, strict=True)
    ]
    monkeypatch.setattr(download, "FASHION", tuple(files))
    return {file.name: content for file, content in zip(files, contents, strict=True)}


@pytest.fixture
def going() -> Iterator[threading.Event]:
    """Return an event; while it is cleared, the server keeps back the last byte of a file."""
    event = threading.Event()
    event.set()
    yield event
    event.set()


@pytest.fixture
def mirror(
    monkeypatch: pytest.MonkeyPatch, little_fashion: dict[str, bytes], going: threading.Event
) -> Iterator[dict[str, bytes]]:
    """Serve files on 127.0.0.1; return them by name."""
    there = dict(little_fashion)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = there.get(self.path.removeprefix("/"), b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:-1])
            going.wait()
            with suppress(ConnectionError):  # the other side has given up
                self.wfile.write(body[-1:])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr(download, "MIRRORS", (f"http://127.0.0.1:{server.server_port}/",))
    yield there
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_fashion_is_fetched_and_trained_on(language: str, mirror: dict[str, bytes], cache: Path) -> None:
    app = open_page("images", language, d="fashion", h="8", n="1000", k="1", b="512")
    assert run(app).images.name == "digits"
    assert not cache.exists(), "fetched without being asked"
    app = press(app, "download")
    assert sorted(path.name for path in cache.iterdir()) == sorted(mirror)
    assert (run(app).images.name, len(run(app).images.train)) == ("fashion", 1000)
    assert not warnings(app)
    app = press(app, "to_end")
    assert run(app).epoch == 1
    for panel in PANELS:
        put(app, panel=panel)
        assert labels(language)["images.fashion_9"] in shown(app) or panel in ("weights", "draw")
    put(app, data="digits")
    assert run(app).images.name == "digits"


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_network_the_digits_stay_and_a_warning_says_why(language: str, cache: Path) -> None:
    app = open_page("images", language, d="fashion")
    app = press(app, "download")
    assert "`127.0.0.1`" in warnings(app)
    assert labels(language)["images.digits_stay"] in warnings(app)
    assert list(cache.iterdir()) == []
    assert run(app).images.name == "digits"
    app = press(app, "step")
    assert run(app).epoch == 1


def test_a_file_with_a_wrong_hash_is_refused_and_the_good_ones_kept(mirror: dict[str, bytes], cache: Path) -> None:
    bad = download.FASHION[2].name
    good = mirror[bad]
    mirror[bad] = good[:-1] + bytes([good[-1] ^ 1])
    app = press(open_page("images", "en", d="fashion"), "download")
    assert "MD5" in warnings(app)
    assert sorted(path.name for path in cache.iterdir()) == sorted(file.name for file in download.FASHION[:2])
    mirror[bad] = good
    app = press(app, "download")
    assert run(app).images.name == "fashion"


def test_a_download_goes_on_over_reruns_and_can_be_stopped(
    mirror: dict[str, bytes], cache: Path, going: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("images", "en", d="fashion")
    going.clear()
    with monkeypatch.context() as patch:
        patch.setattr("pages.learning.images.fetch._wait", lambda *_: None)  # the run ended by a moved control
        app = press(app, "download")
        task = app.session_state["images.state"].memo["download"]
        while not task.done:
            assert task.wait(0.01)
        sound(app.run())
        assert app.session_state["images.state"].memo["download"] is task
        assert task.name in "".join(element.proto.text for element in app.get("progress"))
        assert list(cache.iterdir())
        app = press(app, "stop_download")
    going.set()
    while task.wait(1):
        pass
    assert list(cache.iterdir()) == []
    assert app.button(key="images.download")
    assert "download" not in app.session_state["images.state"].memo


def test_progress_bar_moves_during_the_download(
    mirror: dict[str, bytes], going: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    going.clear()
    shares: list[float] = []
    words = fetch._words

    def seen(task: download.Download) -> str:
        shares.append(task.done / task.total)
        if len(shares) > 3 and shares[-1] > 0:  # drawn again and again while nothing more comes
            going.set()
        return words(task)

    monkeypatch.setattr(fetch, "_words", seen)
    app = press(open_page("images", "en", d="fashion"), "download")
    assert shares == sorted(shares)
    assert run(app).images.name == "fashion"
