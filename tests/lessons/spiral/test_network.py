"""The view of the network: names, choosing a unit, switching it off, moving its weights, in both languages."""

import json
import time
from typing import Any

import pytest
import torch
from driver import SMALL, open_panel, open_spiral, open_view, picture, press, session, sliders, sound
from hypothesis import given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.diagram import MOST
from dlcore.spiral.training import Run
from pages.spiral.spiral import view_network
from pages.spiral.spiral.session import Session
from pages.ui.language import LANGUAGES, labels


def diagram(app: AppTest) -> dict[str, Any]:
    """Return the data of the mounted diagram."""
    data = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    (found,) = [one for one in data if "columns" in one]
    return found


def pick(app: AppTest, **value: object) -> AppTest:
    """Send what the browser sends when something in the diagram is clicked."""
    n = max(int(time.time() * 1000), diagram(app)["seen"] + 1)
    app.session_state[view_network.KEY] = {"pick": {"epoch": diagram(app)["epoch"], "n": n, "value": value}}
    return sound(app.run())


@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_are_named_and_further_units_can_be_paged_to(language: str) -> None:
    app, words = open_spiral(language, **{**SMALL, "h": "30-3"}), labels(language)
    columns = diagram(app)["columns"]
    titles = [words["spiral.network.features"], *(words["spiral.network.layer"].format(layer=i) for i in (1, 2))]
    assert [column["title"] for column in columns] == [*titles, words["spiral.network.classes"]]
    assert [len(column["units"]) for column in columns] == [2, MOST, 3, 3]
    assert [unit["name"] for unit in columns[2]["units"]] == [
        words["spiral.network.unit"].format(layer=2, unit=unit) for unit in (1, 2, 3)
    ]
    seen: set[int] = set()
    for expected in (12, 12, 6, 12):
        units = {unit["index"] for unit in diagram(app)["columns"][1]["units"]}
        assert len(units) == expected
        assert diagram(app)["columns"][1]["more"] == words["spiral.network.more"].format(count=30 - expected)
        seen |= units
        app = pick(app, page=[0, diagram(app)["columns"][1]["next"]])
    assert len(seen) == 30
    assert not diagram(app)["columns"][2].get("more")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_unit_is_switched_off_and_on_again(language: str) -> None:
    app, words = press(open_spiral(language, **{**SMALL, "h": "4"}), "to_end"), labels(language)
    whole = picture(app).tobytes()
    app = pick(app, unit=[0, 2])
    assert diagram(app)["selected"] == [1, 2]
    name = words["spiral.network.unit"].format(layer=1, unit=3)
    (switch,) = [toggle for toggle in app.toggle if toggle.label == words["spiral.network.off"].format(unit=name)]
    app = sound(switch.set_value(True).run())
    s = session(app)
    assert picture(app).tobytes() != whole
    assert [unit["off"] for unit in diagram(app)["columns"][1]["units"]] == [False, False, True, False]
    before, after = (network.logits(s.run.X_train).argmax(1) for network in (s.trained, s.network))
    y = s.run.prepared.train.y
    told = words["spiral.network.edited"].format(
        changed=int((before != after).sum()),
        n=len(y),
        before=f"{float((before == y).float().mean()):.3f}",
        after=f"{float((after == y).float().mean()):.3f}",
    )
    assert told in [element.value for element in app.markdown]
    app = sound(app.button(key="spiral.restore").click().run())
    assert picture(app).tobytes() == whole
    assert not session(app).edits


def test_a_weight_is_moved_and_training_goes_on_from_it() -> None:
    app = press(open_spiral(**{**SMALL, "h": "4", "b": "0"}), "step")
    app = pick(app, unit=[0, 1])
    words = labels("en")
    assert {words["spiral.network.weight_of"].format(source=x) for x in ("x₁", "x₂")} <= set(sliders(app))
    bias = sliders(app)[words["spiral.network.bias"]]
    key = "spiral.weight.0.1.2"
    app.session_state[key] = {"pick": {"epoch": bias["epoch"], "n": int(time.time() * 1000), "value": bias["max"]}}
    app = sound(app.run())
    s = session(app)
    assert s.edits.weights == {(0, 1, 2): bias["max"]}
    assert float(s.trained.W[0][1, 2]) != bias["max"]
    edited = s.network.theta.clone()
    twin = Run(s.config)
    twin.advance(1)
    twin.replace_weights(edited)
    app = sound(app.button(key="spiral.take").click().run())
    run = session(app).run
    assert run.finished
    assert not session(app).edits
    assert run.changes == [(1, "weights")]
    twin.advance(s.config.training.epochs)
    assert torch.equal(run.engine.network.theta, twin.engine.network.theta)
    assert app.button(key="spiral.play")


@pytest.mark.parametrize("language", LANGUAGES)
def test_units_are_marked_and_listed_as_a_table(language: str) -> None:
    words = labels(language)
    app = open_spiral(language, **{**SMALL, "h": "4-3", "i": "zeros"})
    hidden = [unit for column in diagram(app)["columns"][1:-1] for unit in column["units"]]
    # Under zeros every unit equals the others, and ReLU gives 0 with slope 0 everywhere.
    expected = ", ".join(words[f"spiral.mark.{mark}"] for mark in ("dead", "twin"))
    assert [unit["marks"] for unit in hidden] == [expected] * 7
    assert [unit["mark"] for unit in hidden] == ["∅="] * 7
    app.session_state["spiral.network.table"] = True
    (shown,) = [table.value for table in sound(app.run()).table if words["spiral.units.cost"] in table.value.columns]
    assert shown[words["spiral.units.unit"]].tolist() == ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3"]
    assert set(shown[words["spiral.units.mark"]]) == {expected}
    assert set(shown[words["spiral.units.active"]]) == {"0%"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shared_link_of_a_changed_network_says_so(language: str) -> None:
    app = open_panel(open_spiral(language, **{**SMALL, "h": "4"}), "share")
    assert not app.warning
    session(app).edits.off.add((0, 1))
    assert [warning.value for warning in sound(app.run()).warning] == [labels(language)["spiral.share.edited"]]


@pytest.mark.parametrize("action", ["restart", "new_weights", "hidden"])
def test_another_network_has_no_changes(action: str) -> None:
    app = press(open_spiral(**{**SMALL, "h": "4"}), "step")
    session(app).edits.off.add((0, 3))
    if action == "hidden":
        session(app).set("model.hidden", (3,))
    else:
        press(app, action)
    assert not session(app).edits
    sound(app.run())


def test_the_shown_units_stay_while_the_run_plays() -> None:
    s = Session(run=Run(replace_field(RunConfig(), "model.hidden", (40,))), mode="playing")
    before = view_network.shown(s)
    s.run.engine.network.theta.copy_(torch.randn(s.run.engine.network.theta.shape))
    assert view_network.shown(s) is before
    s.mode = "paused"
    assert view_network.shown(s) != before


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.sampled_from([10**400, -1]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(["unit", "page"]), inner),
    max_leaves=6,
)


@settings(max_examples=200)
@given(sent=anything)
def test_a_pick_may_be_anything(sent: object) -> None:
    s = Session(run=Run(replace_field(RunConfig(), "model.hidden", (5,))))
    view_network.use(s, sent)
    assert s.view.unit is None or s.view.unit in {(0, unit) for unit in range(5)}
    view_network.shown(s)
    view_network.use(s, {"unit": [0, 4]})
    assert s.view.unit in {(0, 4), None}


def test_the_view_is_chosen_in_the_menu_and_kept() -> None:
    app = open_spiral(**SMALL)
    assert session(app).view.panel == "network"
    app = open_view(app, "curves")
    assert not [one for one in app.get("bidi_component") if "columns" in json.loads(one.proto.json)]
    app = sound(app.switch_page("pages/spiral/reproduce/page.py").run())
    app = sound(app.switch_page("pages/spiral/spiral/page.py").run())
    assert session(app).view.panel == "curves"
