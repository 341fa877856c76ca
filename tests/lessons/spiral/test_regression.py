"""A regression on the spiral page: its words speak of no class and no accuracy, in both languages."""

from __future__ import annotations

import pytest
from driver import charts, open_groups, open_panel, open_spiral, open_view, press, session, sound, upload
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from dlcore.network.heads import SQUARED_ERROR
from pages.spiral.spiral import view_curves, view_network
from pages.spiral.spiral.views import PANELS
from pages.ui.language import LANGUAGES, labels

LINK = {"v": "1", "d": "hills", "n": "100", "k": "40", "h": "6", "a": "tanh", "r": "0.03"}


def said(app: AppTest) -> str:
    """Return the text on the page, but for the prose."""
    return "\n".join(element.value for element in [*app.caption, *app.markdown[:-1]])


@pytest.fixture(params=LANGUAGES)
def app(request: pytest.FixtureRequest) -> AppTest:
    return press(open_spiral(request.param, **LINK), "play")


def words(app: AppTest) -> dict[str, str]:
    return dict(labels(app.session_state["language"]))


def test_the_numbers_are_the_loss_and_r2(app: AppTest) -> None:
    s = session(app)
    record = s.run.measure()
    assert s.run.finished
    assert s.network.head is SQUARED_ERROR
    numbers = next(m.value for m in app.markdown if "[EPOCH]" in m.value)
    for subset in ("train", "test"):
        loss, r2 = (getattr(record, f"{subset}_{name}") for name in ("loss", "accuracy"))
        label = words(app)[f"spiral.regression.{subset}"]
        assert label.format(loss=formats.fixed(loss, 4), accuracy=formats.fixed(r2, 3)) in numbers
    assert "[R2]: " in numbers
    assert "ACCURACY" not in numbers
    assert words(app)["spiral.regression.scale"] in said(app)
    sound(app.button(key="spiral.time.pin").click().run())
    pinned = words(app)["spiral.regression.train"].partition("{")[0]
    assert len([m for m in app.markdown if pinned in m.value]) == 2
    session(app).set("data.kind", "moons")
    sound(app.run())
    assert words(app)["spiral.regression.scale"] not in said(app)
    assert len([m for m in app.markdown if "R²" in m.value and pinned in m.value]) == 1, "the pin keeps its words"


def test_the_curve_of_r2_ends_at_1_and_at_a_stated_floor(app: AppTest) -> None:
    open_view(app, "curves")
    chart = charts(app)[words(app)["spiral.regression.alt_r2"]]
    assert words(app)["alt.accuracy"] not in charts(app)
    assert '"domain": [-0.5, 1.0]' in chart.spec or '"domain":[-0.5,1.0]' in chart.spec.replace(" ", "")
    assert "clamp" in chart.spec
    assert view_curves.R2_FLOOR == -0.5
    session(app).set("data.kind", "moons")
    assert words(app)["alt.accuracy"] in charts(sound(app.run()))


@pytest.mark.parametrize("panel", PANELS)
def test_every_view_is_drawn(app: AppTest, panel: str) -> None:
    open_view(app, panel)
    assert (words(app)["spiral.regression.space"] in said(app)) == (panel == "space")


@pytest.mark.parametrize("panel", ["predictions", "code", "share"])
def test_every_panel_is_drawn(app: AppTest, panel: str) -> None:
    open_panel(app, panel)
    assert (words(app)["spiral.regression.no_classes"] in said(app)) == (panel == "predictions")
    assert words(app)["alt.confusion"] not in charts(app)
    if panel == "code":
        assert any("nn.MSELoss()" in code.value for code in app.code)


def test_the_network_has_one_output(app: AppTest) -> None:
    column = view_network._static(session(app))["columns"][-1]
    assert column["title"] == words(app)["spiral.regression.output"]
    assert [unit["short"] for unit in column["units"]] == ["ŷ"]
    app.session_state["spiral.network.table"] = True
    sound(app.run())
    names = [str(name) for name in app.table[0].value.columns]
    assert words(app)["spiral.units.weight"] in names
    assert words(app)["spiral.units.cost"] not in names


def test_a_unit_that_is_off_is_told_by_the_loss_and_all_points_stay(app: AppTest) -> None:
    s = session(app)
    before = s.points(300)
    s.view.unit = (0, 0)
    s.edits.off = {(0, 0)}
    sound(app.run())
    y = s.run.prepared.train.y
    loss = [float((network.logits(s.run.X_train) - y).square().mean()) for network in (s.trained, s.network)]
    told = words(app)["spiral.regression.edited"].format(
        before=formats.fixed(loss[0], 4), after=formats.fixed(loss[1], 4)
    )
    assert told in said(app)
    assert s.points(300) is before


def test_controls_of_classes_are_gone_and_come_back(app: AppTest) -> None:
    open_groups(app)
    shown = str(app)
    assert words(app)["spiral.view.hard_edges"] not in [toggle.label for toggle in app.toggle]
    assert words(app)["spiral.view.log_loss"] in [toggle.label for toggle in app.toggle]
    assert words(app)["spiral.setting.data.points"] not in shown
    assert words(app)["spiral.setting.data.classes"] not in shown
    session(app).set("data.kind", "spiral")
    sound(app.run())
    assert words(app)["spiral.view.hard_edges"] in [toggle.label for toggle in app.toggle]
    assert session(app).config.data.n_classes == 3


def test_a_table_and_own_points_follow_a_regression(app: AppTest) -> None:
    upload(app, b"a,b,c\n" + b"".join(b"%d,%d,%d\n" % (i, i * i % 7, i % 2) for i in range(20)))
    assert session(app).config.data.kind == "csv"
    assert session(app).run.prepared.train.n_classes == 2
    session(app).set("data.kind", "hills")
    sound(app.run())
    assert session(app).run.prepared.train.regression
    session(app).set("data.kind", "points")
    sound(app.run())
    assert session(app).run.empty


def test_a_picture_that_stays_the_same_can_be_sent_again() -> None:
    """A linear model finds its plane and then moves no more, while the run goes on."""
    app = open_spiral("en", **{**LINK, "d": "plane", "h": "0", "z": "0", "r": "0.1", "k": "3000", "l2": "0"})
    assert session(press(app, "play")).run.finished
