"""The data that the page passes to the picture, and what is cached from one frame to the next."""

import re
from dataclasses import replace

import numpy as np
import pytest
from driver import SMALL, frame, open_panel, open_spiral, press
from driver import charts as driver_charts
from driver import session as driver_session

from dlcore.drawing.confusion import confusion_frame
from dlcore.drawing.image import data_url
from dlcore.spiral import regions
from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.training import Run
from pages.spiral.spiral import live
from pages.spiral.spiral import session as module
from pages.spiral.spiral.session import Session
from pages.spiral.spiral.view_curves import Curves
from pages.ui.language import labels

PIXELS = 60


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live.layout, "theme", lambda: "light")


def small(seed: int = 1, kind: str = "spiral") -> RunConfig:
    config = RunConfig()
    for name, value in {"data.points": 20, "data.seed": seed, "data.kind": kind, "model.hidden": (4,)}.items():
        config = replace_field(config, name, value)
    return config


def following(config: RunConfig) -> Session:
    session = Session()
    session.apply(config.values())
    return session


def painted(session: Session, pixels: int = PIXELS) -> np.ndarray:
    indices = np.zeros((pixels, pixels), np.uint8)
    points = session.points(pixels)
    if points:
        points.paint(indices)
    return indices


def fresh(run: Run, *, test: bool = True, pixels: int = PIXELS) -> np.ndarray:
    prepared = run.prepared
    half = max(regions.limit(prepared.train), regions.limit(prepared.test))
    kept = prepared.test if test else replace(prepared.test, X=prepared.test.X[:0], y=prepared.test.y[:0])
    indices = np.zeros((pixels, pixels), np.uint8)
    regions.Points(prepared.train, kept, half=half, pixels=pixels).paint(indices)
    return indices


def test_the_pixels_of_the_points_are_computed_once_per_run() -> None:
    session = following(small())
    assert session.points(PIXELS) is session.points(PIXELS)
    assert np.array_equal(painted(session), fresh(session.run))
    assert np.array_equal(painted(session, 90), fresh(session.run, pixels=90))
    session.view.show_test = False
    assert np.array_equal(painted(session), fresh(session.run, test=False))
    session.view.show_points = False
    assert session.points(PIXELS) is None


def test_points_are_those_of_the_run_that_is_shown() -> None:
    session = following(small())
    before = painted(session)
    session.apply(small(2).values())
    assert not np.array_equal(painted(session), before)
    assert np.array_equal(painted(session), fresh(session.run))


def test_points_of_a_freed_run_are_not_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object may get the id of a freed one, so the id of a run cannot be the key of its points."""
    for file in (module, live):
        monkeypatch.setattr(file, "id", lambda _: 1, raising=False)
    session = following(small())
    painted(session)
    live.sharpen(live.View(session), session)
    old = live.still(session, Curves()).region
    session.run = Run(small(2))
    assert np.array_equal(painted(session), fresh(session.run))
    assert live.still(session, Curves()).region != old


def test_a_frame_is_the_picture_of_the_sessions_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    session = following(replace_field(small(kind="moons"), "data.features", ("x2", "x1x2")))
    session.run.advance(3)
    for theme, hard in (("light", False), ("dark", True)):
        monkeypatch.setattr(live.layout, "theme", lambda theme=theme: theme)
        session.view.hard_edges = hard
        frame = live.compose(session, size=30, factor=2)
        png = regions.region(
            session.run.engine,
            half=frame.half,
            names=("x2", "x1x2"),
            size=30,
            factor=2,
            theme=theme,
            hard=hard,
            points=session.points(60),
        )
        assert frame.region == data_url(png)
    assert frame.half == max(map(regions.limit, (session.run.prepared.train, session.run.prepared.test)))
    assert frame.record == session.run.measure()
    assert frame.panel is None
    with_curves = live.compose(session, Curves(), size=30, factor=2)
    assert with_curves.panel == [*session.run.history, frame.record]


@pytest.mark.parametrize("change", ["epoch", "view", "theme", "edits"])
def test_a_crisp_picture_is_kept_until_something_changes(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = following(small())
    view = live.View(session)
    live.sharpen(view, session)
    crisp = live.still(session, Curves())
    assert crisp.region is live.still(session, Curves()).region
    live.sharpen(view, session)
    assert live.still(session, Curves()).region is crisp.region, "it was made twice"
    match change:
        case "epoch":
            session.run.advance(1)
        case "view":
            session.view.hard_edges = True
        case "theme":
            monkeypatch.setattr(live.layout, "theme", lambda: "dark")
        case "edits":
            session.edits.off.add((0, 0))
    assert live.still(session, Curves()).region != crisp.region


def test_the_marks_of_the_axes_are_at_their_coordinates(monkeypatch: pytest.MonkeyPatch) -> None:
    html: list[str] = []
    monkeypatch.setattr(live.st, "html", html.append)
    live.axes(live.Frame("", 2.0, Run(small()).measure()))
    marks = re.findall(r'class="([xy])" style="(left|top):([\d.]+)%">([^<]+)<', html[0])
    assert {(axis, side) for axis, side, *_ in marks} == {("x", "left"), ("y", "top")}
    for axis in "xy":
        at = {float(number.replace("−", "-")): float(share) for name, _, share, number in marks if name == axis}
        assert sorted(at) == regions.ticks(2.0)
        for number, share in at.items():
            assert share == pytest.approx(25 * (2 + (number if axis == "x" else -number)))


# --- panels ----------------------------------------------------------------------------------------------------------
def test_predictions_are_counted_and_drawn_by_subset_and_class() -> None:
    app = open_panel(press(open_spiral(**SMALL), "to_end"), "predictions")
    s, words = driver_session(app), labels("en")
    prepared, n = s.run.prepared, len(s.run.prepared.train.y)
    predicted = [s.run.engine.logits(X).argmax(1).numpy() for X in (s.run.X_train, s.run.X_test)]
    counts = [chart.proto for chart in app.get("vega_lite_chart") if chart.proto.alt == words["alt.confusion"]]
    for chart, subset, found in zip(counts, (prepared.train, prepared.test), predicted, strict=True):
        expected = confusion_frame(subset.y.numpy(), found, ["0", "1", "2"])
        assert frame(chart)["count"].tolist() == expected["count"].tolist()
    points = frame(driver_charts(app)[words["spiral.alt.scatter"]])
    X, y = (
        np.concatenate([getattr(subset, name).numpy() for subset in (prepared.train, prepared.test)]) for name in "Xy"
    )
    assert points[["x", "y"]].to_numpy() == pytest.approx(X)
    assert points["class"].tolist() == [str(label) for label in y]
    assert points["predicted"].tolist() == [str(label) for label in np.concatenate(predicted)]
    assert points["subset"].tolist() == [words["subset.train"]] * n + [words["subset.test"]] * (len(y) - n)
    assert points["row"].tolist() == list(range(len(y)))
