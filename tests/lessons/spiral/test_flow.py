"""The view of the flow: verdicts, counts and curves are those of the network that the page shows."""

import numpy as np
import pytest
from driver import SMALL, charts, frame, open_spiral, open_view, press, session, sound
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from dlcore.network.passes import with_ones
from dlcore.spiral import units
from dlcore.spiral.experiments import PRESETS
from dlcore.spiral.flow import POINTS, Probe, moments
from dlcore.spiral.flow_charts import QUANTITIES
from pages.spiral.spiral.view_flow import FlowView
from pages.ui.language import LANGUAGES, labels

VANISHING = {"h": "12-12-12-12-12-12", "a": "sigmoid"}


def flow_page(language: str = "en", **link: str) -> AppTest:
    return open_view(open_spiral(language, **{**SMALL, **link}), "flow")


def told(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def now(app: AppTest):
    s = session(app)
    return Probe(s.trained, s.run.engine.X, s.run.engine.Y).measure(s.run.epoch, s.network.theta)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("link", "verdict"), [({}, "stable"), (VANISHING, "vanishes"), ({"i": "zeros"}, "nothing"), ({"h": "0"}, "single")]
)
def test_the_verdict_names_the_ratio_of_the_gradients(link: dict[str, str], verdict: str, language: str) -> None:
    app = flow_page(language, **link)
    assert verdict in ("single", now(app).verdict)
    words = labels(language)[f"spiral.flow.verdict.{verdict}"]
    assert words.format(ratio=formats.text(now(app).ratio, 2)) in told(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_diverged_has_exploded(language: str) -> None:
    app = flow_page(language, h="8-8", o="sgd", r="10", l2="1")
    app = press(app, "to_end")
    s = session(app)
    assert s.run.diverged
    assert labels(language)["spiral.flow.verdict.diverged"].format(epoch=s.run.diverged_at) in told(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_units_are_counted_and_explained(language: str) -> None:
    app = press(flow_page(language, h="12-8", k="200"), "to_end")
    s = session(app)
    described = units.describe(s.network, with_ones(s.run.X_train))
    for mark in units.MARKS:
        count = sum(int(getattr(layer, mark).sum()) for layer in described)
        assert "- " + labels(language)[f"spiral.flow.unit.{mark}"].format(count=count, of=20) in told(app)


def test_zeros_make_twins_of_all_units_and_a_linear_model_has_none() -> None:
    words = labels("en")["spiral.flow.unit.twin"]
    assert words.format(count=8) in told(flow_page(i="zeros"))
    assert words.split("{")[0] not in told(flow_page(h="0"))


def test_the_curves_are_those_of_the_run() -> None:
    app = press(flow_page(h="6-5", k="100"), "to_end")
    run, shown = session(app).run, charts(app)
    kept = moments(run)
    probe = Probe(run.engine.network, run.engine.X, run.engine.Y)
    for quantity in QUANTITIES:
        rows = frame(shown[labels("en")[f"spiral.flow.alt_{quantity}"]])
        assert rows.columns.tolist() == ["epoch", "1", "2", "3"]
        assert POINTS / 2 <= len(rows) <= POINTS + 1
        assert (rows["epoch"].iloc[0], rows["epoch"].iloc[-1]) == (0, 100)
        for epoch, theta in kept:
            row = rows[rows["epoch"] == epoch]
            if not row.empty:
                expected = getattr(probe.measure(epoch, theta, run.updates.get(epoch, ())), quantity)
                assert row.iloc[0, 1:].tolist() == pytest.approx(expected or [np.nan] * 3, rel=1e-5, nan_ok=True)


def test_the_past_is_measured_when_the_view_opens() -> None:
    """Nothing of it was measured while another view was open."""
    app = press(open_spiral("en", **SMALL), "to_end")
    assert "flow" not in session(app).memo
    rows = frame(charts(open_view(app, "flow"))[labels("en")["spiral.flow.alt_spread"]])
    assert rows["epoch"].tolist() == list(range(51))


def test_another_run_and_a_restart_have_a_past_of_their_own() -> None:
    alt = labels("en")["spiral.flow.alt_gradient"]
    app = press(press(flow_page(), "to_end"), "restart")
    assert frame(charts(app)[alt])["epoch"].tolist() == [0]
    session(app).set("model.hidden", (4, 4))
    app = press(sound(app.run()), "step")
    rows = frame(charts(app)[alt])
    assert rows["epoch"].tolist() == [0, 1]
    assert rows.columns.tolist() == ["epoch", "1", "2", "3"]


def test_without_points_there_is_no_flow() -> None:
    s = session(flow_page())
    s.run.X_train = s.run.X_train[:0]
    view = FlowView()
    assert view.compute(s) is None
    view.redraw(s, None)


def test_changes_by_hand_are_judged_too() -> None:
    app = flow_page()
    before = told(app)
    s = session(app)
    s.edits.off.update((0, unit) for unit in range(8))
    sound(app.run())
    assert told(app) != before
    assert now(app).verdict == "nothing"
    assert labels("en")["spiral.flow.verdict.nothing"] in told(app)


def test_a_moment_of_the_past_is_judged_and_marked() -> None:
    app = press(flow_page(h="12-12-12", a="sigmoid", k="400", r="0.01"), "to_end")
    s, words = session(app), labels("en")
    alt = words["spiral.flow.alt_gradient"]
    assert "mark" not in frame(charts(app)[alt])
    assert words["spiral.flow.verdict.stable"].split("{")[0] in told(app)
    s.look_at(4)
    app = sound(app.run())
    shown = s.run.timeline.theta(s.epoch)
    past = Probe(s.trained, s.run.engine.X, s.run.engine.Y).measure(s.epoch, shown)
    assert past.verdict == "vanishes"
    assert words["spiral.flow.verdict.vanishes"].format(ratio=formats.text(past.ratio, 2)) in told(app)
    assert set(frame(charts(app)[alt])["mark"]) == {s.epoch}


def test_while_it_plays_a_frame_measures_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn of the gate is short: the past is measured some moments at a time, and drawn in the end all the same."""
    app = press(open_spiral("en", **SMALL), "to_end")
    s = session(app)
    measured: list[int] = []
    measure = Probe.measure
    monkeypatch.setattr(Probe, "measure", lambda *args: measured.append(args[1]) or measure(*args))
    monkeypatch.setattr("pages.spiral.spiral.view_flow.LIVE_SECONDS", 0.0)
    view = FlowView()
    assert [flow.epoch for flow in view.compute(s).flows] == [50]
    assert [flow.epoch for flow in view.compute(s).flows] == [49, 50]
    assert measured == [50, 50, 49, 50]
    rows = frame(charts(open_view(app, "flow"))[labels("en")["spiral.flow.alt_spread"]])
    assert rows["epoch"].tolist() == list(range(51))


def test_the_preset_of_zeros_and_the_default_get_their_verdicts() -> None:
    app = open_view(open_spiral(), "flow")
    assert now(app).verdict == "stable"
    s = session(app)
    s.apply({**PRESETS["zeros"].values(), "training.epochs": 20})
    app = press(sound(app.run()), "to_end")
    words = labels("en")
    assert words["spiral.flow.verdict.nothing"] in told(app)
    for mark in ("dead", "twin"):
        assert words[f"spiral.flow.unit.{mark}"].format(count=100, of=100) in told(app)
