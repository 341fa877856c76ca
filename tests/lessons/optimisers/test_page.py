"""The page on optimizers: the race on a surface, its start by a click, the rule, and the network."""

from typing import Any

import pytest
from driver import charts, frame, open_page, rows, shown_code, sliders, sound, warnings
from programs import printed
from streamlit.testing.v1 import AppTest

from dlcore.drawing.formats import text
from dlcore.lessons.optimisers.race.model import SurfaceRace
from dlcore.lessons.optimisers.race.rule import rule
from dlcore.lessons.optimisers.race.surfaces import SURFACES
from dlcore.network.settings import OPTIMIZERS
from pages.ui import player
from pages.ui.language import LANGUAGES, labels, prose
from pages.ui.lesson import State

ALL = "-".join(OPTIMIZERS)


def shown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def state(app: AppTest) -> State:
    current: State = app.session_state["optimisers.state"]
    return current


def race(app: AppTest) -> SurfaceRace:
    run: SurfaceRace = app.session_state["optimisers.player"].run
    return run


def check_code(app: AppTest) -> None:
    """Run both programs and compare what they print with their outputs on the page."""
    programs = shown_code(app)
    assert len(programs) == 2
    for code, output in programs:
        assert printed(code) == output


def press(app: AppTest, name: str, part: str = "optimisers") -> AppTest:
    return sound(app.button(key=f"{part}.{name}").click().run())


def change(app: AppTest, **values: Any) -> AppTest:
    state(app).apply(values)
    assert not state(app).problems
    return sound(app.run())


@pytest.mark.parametrize("language", LANGUAGES)
def test_race_shows_the_numbers_of_dlcore(language: str) -> None:
    app = press(open_page("optimisers", language), "to_end")
    words, walkers = labels(language), race(app).walkers
    assert list(walkers) == ["sgd", "momentum", "adagrad", "rmsprop", "adam"]
    assert race(app).epoch == 200
    for id, walker in walkers.items():
        x, y, f = walker.path[-1]
        assert [words[f"optimisers.option.shown.{id}"], text(x), text(y), text(f, 3)] in rows(app)
    paths = frame(charts(app)[words["optimisers.alt_map"]])
    assert paths["now"].sum() == len(walkers)
    curves = frame(charts(app)[words["optimisers.alt_curves"]])
    assert set(curves["id"]) == set(walkers)
    assert rule(walkers["adam"]) in shown(app)


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_rule_shows_the_current_numbers(id: str) -> None:
    app = open_page("optimisers", "en", o=ALL, l=id)
    assert rule(race(app).walkers[id]) in shown(app)
    assert labels("en")["optimisers.not_started"] in [element.value for element in app.caption]
    before = shown(app)
    press(app, "step")
    assert race(app).epoch == 1
    assert rule(race(app).walkers[id]) in shown(app) != before


def test_new_surface_sets_its_start_and_learning_rates() -> None:
    app = press(open_page("optimisers", "en", k="20"), "to_end")
    sound(app.selectbox(key="optimisers.surface").select("saddle").run())
    s, surface = state(app), SURFACES["saddle"]
    assert (s["x0"], s["y0"]) == surface.start
    assert {id: s[f"lr_{id}"] for id in OPTIMIZERS} == surface.lrs
    assert race(app).surface is surface
    assert race(app).epoch == 20, "a race that was over is run again"


def test_a_click_sets_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest cannot click a chart, so its callback is intercepted and called with a selection."""
    import streamlit as st

    caught: dict[str, Any] = {}
    real = st.vega_lite_chart

    def spy(*args: Any, **options: Any) -> Any:
        if options.get("key") == "optimisers.click":
            caught["clicked"], caught["frame"] = options.pop("on_select"), args[0]
        return real(*args, **options)

    monkeypatch.setattr(st, "vega_lite_chart", spy)
    app = open_page("optimisers")
    row = caught["frame"].iloc[100]
    monkeypatch.setattr(
        st, "session_state", {"optimisers.click": {"selection": {"start": [{"x": row["x"], "y": row["y"]}]}}}
    )
    caught["clicked"]()
    monkeypatch.undo()
    assert (state(app)["x0"], state(app)["y0"]) == (row["x"], row["y"])
    sound(app.run())
    assert race(app).start == (row["x"], row["y"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_typed_function_and_its_errors(language: str) -> None:
    app = open_page("optimisers", language, f="typed", t="x**2 + y**4", w="2")
    assert labels(language)["optimisers.f"] in app.table[0].value.columns
    assert race(app).start == (-2, 2), "the start is moved into the window"
    good = race(app).surface.program
    box = app.text_input(key="optimisers.formula")
    sound(box.set_value("x**2 + z").run())
    assert "z" in warnings(app)
    assert app.text_input(key="optimisers.formula").value == "x**2 + z"
    assert race(app).surface.program == good
    sound(app.text_input(key="optimisers.formula").set_value("log(x) + y").run())
    assert labels(language)["optimisers.nowhere"] in warnings(app)
    press(app, "to_end")


def test_typed_function_starts_in_its_window_and_has_outputs() -> None:
    app = open_page("optimisers", "en", o=ALL)
    sound(app.selectbox(key="optimisers.surface").select("typed").run())
    assert all(abs(place) < state(app)["reach"] for place in race(app).start)
    assert race(app).lrs["sgd"] < SURFACES["ravine"].lrs["sgd"]
    press(app, "to_end")
    for id in OPTIMIZERS:
        check_code(change(app, look=id))
        assert labels("en")["optimisers.not_reproducible"] not in [element.value for element in app.caption]


@pytest.mark.parametrize("language", LANGUAGES)
def test_chaotic_run_has_no_output(language: str) -> None:
    app = press(open_page("optimisers", language, f="typed", l="sgd"), "to_end")
    assert all(output is None for _, output in shown_code(app))
    assert labels(language)["optimisers.not_reproducible"] in [element.value for element in app.caption]


def test_distance_to_the_minimum_is_never_negative() -> None:
    """At a minimum f may be rounded to slightly less than the minimum."""
    app = press(open_page("optimisers", "en", f="two_minima", o="sgd"), "step")
    lowest = SURFACES["two_minima"].lowest
    assert lowest is not None
    race(app).walkers["sgd"].path.append((-1.0, 0.0, lowest - 1e-16))
    sound(app.run())
    assert ["SGD", "−1", "0", "0"] in rows(app)


def test_last_optimizer_cannot_be_removed() -> None:
    app = open_page("optimisers", "en", o="sgd-adam")
    pills = app.pills(key="optimisers.shown")
    sound(pills.set_value(["adam"]).run())
    assert list(race(app).walkers) == ["adam"]
    sound(app.pills(key="optimisers.shown").set_value([]).run())
    assert list(race(app).walkers) == app.pills(key="optimisers.shown").value == ["adam"]
    assert not app.warning


def test_hint_disappears_after_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """While playing, the script updates the page that it has drawn; here for one frame."""
    app = open_page("optimisers")
    hint = labels("en")["optimisers.not_started"]
    assert hint in [element.value for element in app.caption]

    def one_frame(p: Any, compose: Any, show: Any) -> None:
        p.run.advance(1)
        show(compose(0))

    monkeypatch.setattr(player, "loop", one_frame)
    sound(app.run())
    assert race(app).epoch == 1
    assert hint not in [element.value for element in app.caption]


@pytest.mark.parametrize("language", LANGUAGES)
def test_diverged_optimizers_are_named_and_the_others_go_on(language: str) -> None:
    app = press(open_page("optimisers", language, r0="5"), "to_end")
    assert labels(language)["optimisers.diverged"].format(name="SGD", step=race(app).walkers["sgd"].steps + 1) in shown(
        app
    )
    assert race(app).walkers["adam"].steps == 200
    press(app, "stop")
    assert race(app).epoch == 0


def test_shared_learning_rate_and_hyper_parameters_reach_the_race() -> None:
    link = {"e": "1", "r": "0.07", "m": "0.5", "b1": "0.8", "b2": "0.99", "a": "0.9", "ep": "0.001", "d": "0.1"}
    app = open_page("optimisers", "en", o=ALL, **link)
    assert race(app).lrs == dict.fromkeys(OPTIMIZERS, 0.07)
    hyper = race(app).hyper
    assert (hyper.momentum, hyper.beta1, hyper.beta2, hyper.alpha) == (0.5, 0.8, 0.99, 0.9)
    assert (hyper.eps, hyper.weight_decay) == (0.001, 0.1)
    change(app, same=False, lr_adam=0.2)
    assert race(app).lrs["adam"] == 0.2


def test_controls_follow_the_chosen_optimizers() -> None:
    app = open_page("optimisers", "en", o="sgd")
    for group in ("rates", "hyper"):
        app.session_state[f"optimisers.lr.{group}"] = True
    sound(app.run())
    words, found = labels("en"), sliders(app)
    assert words["optimisers.setting.lr_sgd"] in found
    assert words["optimisers.setting.lr_adam"] not in found
    for name in ("momentum", "beta1", "alpha", "eps", "weight_decay"):
        assert found[words[f"optimisers.setting.{name}"]]["disabled"] is True
    change(app, shown=("sgd", "adamw"))
    assert sliders(app)[words["optimisers.setting.weight_decay"]]["disabled"] is False


def test_rule_is_of_a_chosen_optimizer() -> None:
    app = change(open_page("optimisers", "en", l="adam"), shown=("sgd", "momentum"))
    assert rule(race(app).walkers["sgd"]) in shown(app)
    assert state(app)["look"] == "adam", "the choice is remembered"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_network_race(language: str) -> None:
    app = press(open_page("optimisers", language, p="network", nk="50"), "to_end", "optimisers_network")
    run = app.session_state["optimisers_network.player"].run
    assert run.epoch == 50
    losses = frame(charts(app)[labels(language)["optimisers.alt_losses"]])
    for id, learner in run.learners.items():
        assert losses[losses["id"] == id]["value"].tolist() == pytest.approx(learner.losses)
        loss, accuracy = learner.measured()[0]
        assert [f"{loss:.4f}", f"{accuracy:.1%}"] in [row[1:] for row in rows(app)]
    loss, accuracy = run.learners["adam"].measured()[0]
    prints = f"loss {loss:.4f}, accuracy {accuracy:.1%}"
    assert [element.value for element in app.code if element.language != "python"][:2] == [prints, prints]
    assert app.segmented_control(key="optimisers.look").label == labels(language)["optimisers.look_code"]
    change(app, kind="moons", net_adam=0.05)
    again = app.session_state["optimisers_network.player"].run
    assert again is not run
    assert (again.data.kind, again.lrs["adam"], again.epoch) == ("moons", 0.05, 50)


# --- the tasks --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_task_of_the_rate_on_the_edge(language: str) -> None:
    app = change(open_page("optimisers", language), lr_sgd=0.5)
    press(app, "to_end")
    assert [round(y, 6) for _, y, _ in race(app).walkers["sgd"].path] == [2, -2] * 100 + [2]
    change(app, lr_momentum=0.5)
    assert race(app).walkers["momentum"].path[-1][2] < 1e-6, "at rest: a race that was over is run again"
    assert "0.5" in prose(language)["optimisers/try"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_task_at_the_top_of_a_pass(language: str) -> None:
    app = open_page("optimisers", language)
    sound(app.selectbox(key="optimisers.surface").select("saddle").run())
    change(app, y0=0.0)
    press(app, "to_end")
    for walker in race(app).walkers.values():
        assert walker.place == pytest.approx((0, 0), abs=1e-3)
        assert walker.path[-1][2] - SURFACES["saddle"].lowest == pytest.approx(1, abs=1e-3)
    change(app, y0=0.01)
    first = {id: next(i for i, p in enumerate(w.path) if abs(p[1]) > 1) for id, w in race(app).walkers.items()}
    task = prose(language)["optimisers/try"]
    assert f" {first['adagrad']} " in task
    assert first["sgd"] == pytest.approx(50, abs=3)
    assert " 50" in task
    change(app, x0=0.0, y0=0.0)
    assert all(walker.place == (0, 0) for walker in race(app).walkers.values())
    change(app, batch_size=1)
    assert all(walker.path[-1][2] - SURFACES["saddle"].lowest < 0.5 for walker in race(app).walkers.values())
    assert labels(language)["optimisers.setting.sample_seed"] in [element.label for element in app.number_input]
    check_code(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_task_of_the_size_of_f(language: str) -> None:
    app = press(open_page("optimisers", language), "to_end")
    before = {id: walker.path for id, walker in race(app).walkers.items()}
    sound(app.selectbox(key="optimisers.surface").select("typed").run())
    formula = "1000*(0.1*x**2 + 2*y**2)"
    assert f"`{formula}`" in prose(language)["optimisers/try"]
    sound(app.text_input(key="optimisers.formula").set_value(formula).run())
    change(app, reach=6.0, x0=-5.0, y0=2.0)
    assert race(app).lrs["sgd"] == 0.1
    assert race(app).walkers["sgd"].diverged
    for id in ("adagrad", "rmsprop", "adam"):
        for one, other in zip(before[id], race(app).walkers[id].path, strict=True):
            assert one[:2] == pytest.approx(other[:2], abs=1e-4)
