"""Tests of the generalisation page: each part shows the numbers of dlcore, and each control changes them."""

import math

import pytest
import torch
from driver import charts, frame, open_page, sliders, sound
from numerals import read_all
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from dlcore.lessons.generalisation.dropout.model import dropout, mean_of_draws
from dlcore.lessons.generalisation.model import best_record, exact_fits, exact_weights
from pages.learning.generalisation.dropout import X
from pages.ui.language import LANGUAGES, labels, prose

PARTS = ("polynomial", "decay", "mask", "dropout")


def press(app: AppTest, name: str) -> AppTest:
    return sound(app.button(key=f"generalisation_{name}").click().run())


def run_of(app: AppTest, part: str) -> object:
    return app.session_state[f"generalisation_{part}.player"].run


def change(app: AppTest, **values: object) -> AppTest:
    """Set settings and rerun the page."""
    state = app.session_state["generalisation.state"]
    state.apply(values)
    assert not state.problems
    return sound(app.run())


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


def chart(app: AppTest, alt: str, language: str = "en"):
    return frame(charts(app)[labels(language)[f"generalisation.{alt}"]])


# --- the polynomial ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_training_finds_the_cubic(language: str) -> None:
    app = press(open_page("generalisation", language), "polynomial.to_end")
    words, run = labels(language), run_of(app, "polynomial")
    table = app.table[0].value
    assert table[words["generalisation.true"]].tolist() == ["5", "1.2", "−3.4", "5.6"]
    learnt = read_all(table[words["generalisation.learnt"]])
    assert learnt == pytest.approx([5, 1.2, -3.4, 5.6], abs=0.05)
    last = run.history[-1]
    assert f"**{formats.text(last.train_error)}**" in texts(app)
    assert f"**{formats.text(last.test_error)}**" in texts(app)
    errors = chart(app, "alt_error", language)
    assert errors[errors["mark"]]["epoch"].tolist() == [best_record(run.history).epoch]
    model = chart(app, "alt_polynomial", language)
    middle = model[(model["kind"] == "model") & (model["x"].abs() < 1e-9)]["y"]
    assert middle.tolist() == pytest.approx([run.w[0].item()])


@pytest.mark.parametrize("language", LANGUAGES)
def test_exact_fit_of_a_high_degree_leaves_the_true_curve(language: str) -> None:
    app = open_page("generalisation", language, n="10")

    def max_distance() -> float:
        """Return how far the exact fit is from the true curve at most."""
        curves = (
            chart(app, "alt_polynomial", language).drop_duplicates(["kind", "x"]).pivot(columns="kind", index="x")["y"]
        )
        return float((curves["exact"] - curves["true"]).abs().max())

    assert max_distance() < 5
    change(app, degree=9)
    assert max_distance() > 1000
    exact = exact_weights(run_of(app, "polynomial").problem)
    fit = exact_fits(n_train=10, n_test=100, noise=0.1, seed=0)[9]
    for number in (fit.train_error, fit.test_error, float(exact.abs().max())):
        assert f"**{formats.text(number, 3)}**" in texts(app)
    shown = app.table[0].value[labels(language)["generalisation.exact"]]
    assert read_all(shown) == pytest.approx(exact.tolist(), rel=1e-3)


def test_another_degree_begins_a_new_run_and_moves_the_mark() -> None:
    app = press(open_page("generalisation", "en", d="1", k="20"), "polynomial.to_end")
    assert len(run_of(app, "polynomial").w) == 2
    change(app, degree=12, n_points=10)
    run = run_of(app, "polynomial")
    assert (len(run.w), run.epoch, len(run.problem.y_train)) == (13, 20, 10)  # it was over, so the new one played too
    fits = chart(app, "alt_degrees")
    assert fits[fits["mark"]]["epoch"].tolist() == [12]
    expected = exact_fits(n_train=10, n_test=100, noise=0.1, seed=0)
    assert fits["test"].tolist() == pytest.approx([fit.test_error for fit in expected], rel=1e-5)


def test_nothing_is_marked_while_the_test_error_falls() -> None:
    app = open_page("generalisation", "en", n="10", d="9")
    assert not chart(app, "alt_error")["mark"].any()
    press(app, "polynomial.step")
    assert run_of(app, "polynomial").epoch == 1
    assert not chart(app, "alt_error")["mark"].any()
    press(app, "polynomial.to_end")
    assert best_record(run_of(app, "polynomial").history).epoch == 400
    assert not chart(app, "alt_error")["mark"].any()


# --- weight decay -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_decay_shrinks_the_norm(language: str) -> None:
    app = press(open_page("generalisation", language, p="decay"), "decay.to_end")
    plain = run_of(app, "decay").history[-1]
    assert plain.train_error < 1e-6 < 200 < plain.test_error
    assert " 200" in prose(language)["generalisation/try"]
    assert f"**{formats.text(plain.norm)}**" in texts(app)
    assert chart(app, "alt_norm", language)["name"].unique().tolist() == ["λ = 0"]
    change(app, weight_decay=3.0)
    run = run_of(app, "decay")
    assert (run.weight_decay, run.epoch) == (3.0, 100)
    ratio = plain.norm / run.history[-1].norm
    assert ratio == pytest.approx(36, abs=0.5)
    for part in ("decay", "try"):
        assert ("36" if language == "en" else "三十六") in prose(language)[f"generalisation/{part}"]
    assert run.history[-1].train_error > plain.train_error
    assert run.history[-1].test_error < 1
    assert f"**{formats.text(ratio, 3)}**" in texts(app)
    norms = chart(app, "alt_norm", language)
    assert norms.groupby("name")["norm"].last().to_dict() == {
        "λ = 0": pytest.approx(plain.norm),
        "λ = 3": pytest.approx(run.history[-1].norm),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_about_inputs_and_samples_follows_the_controls(language: str) -> None:
    app, words = open_page("generalisation", language, p="decay"), labels(language)
    assert words["generalisation.more_inputs"].format(inputs=200, samples=20) in texts(app)
    change(app, n_inputs=10, n_train=300)
    assert words["generalisation.fewer_inputs"].format(inputs=10, samples=300) in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_divergence_of_the_baseline_alone_is_reported(language: str) -> None:
    app = open_page("generalisation", language, p="decay", l="10", a="0.03")
    press(app, "decay.to_end")
    run = run_of(app, "decay")
    assert (run.epoch, run.diverged, run.baseline.diverged) == (100, False, True)
    said = labels(language)["generalisation.norms_diverged"]
    assert said.format(norm=formats.text(run.history[-1].norm), epoch=run.baseline.epoch) in texts(app)
    norms = chart(app, "alt_norm", language)
    assert norms[norms["name"] == "λ = 0"]["norm"].max() > 1e5


def test_baseline_advances_with_the_run_and_is_reused() -> None:
    """The page does not wait for the baseline: the longest possible run opens at once."""
    longest = {"f": "300", "b": "1", "e": "500", "i": "400", "a": "0.0001"}
    app = open_page("generalisation", "en", p="decay", l="3", **longest)
    plain = run_of(app, "decay").baseline
    assert plain.epoch == 0
    press(app, "decay.step")
    assert (run_of(app, "decay").epoch, plain.epoch) == (1, 1)
    change(app, weight_decay=5.0)
    assert run_of(app, "decay").baseline is plain
    change(app, weight_decay=0.0)
    run = run_of(app, "decay")
    assert (run.weight_decay, run.epoch, run.baseline) == (0.0, 0, None)
    press(app, "decay.step")
    change(app, weight_decay=1.0)
    assert run_of(app, "decay").baseline is run
    change(app, n_train=290)
    assert run_of(app, "decay").baseline is not run


def test_divergence_of_a_high_learning_rate_is_reported() -> None:
    app = press(open_page("generalisation", "en", p="decay", a="0.03", i="400"), "decay.to_end")
    assert run_of(app, "decay").diverged
    assert "diverged" in texts(app)


# --- dropout: the mask ------------------------------------------------------------------------------------------------
def cells(app: AppTest) -> list[list[str]]:
    """Return the texts of input, output, mask and mean, in the order of the page."""
    frames = [frame(element.proto) for element in app.get("vega_lite_chart")]
    return [table["text"].tolist() for table in frames if "shade" in table]


@pytest.mark.parametrize("language", LANGUAGES)
def test_input_times_mask_is_the_output(language: str) -> None:
    app = open_page("generalisation", language, p="mask", q="0.5", m="7", w="50")
    given, output, factors, mean = ([float(text) for text in texts] for texts in cells(app))
    assert given == X.flatten().tolist()
    assert output == [a * b for a, b in zip(given, factors, strict=True)]
    assert output == dropout(X, 0.5, torch.Generator().manual_seed(7)).flatten().tolist()
    assert mean == pytest.approx(mean_of_draws(X, 0.5, 50, seed=7).flatten().tolist(), rel=1e-3)
    marked = [frame(element.proto) for element in app.get("vega_lite_chart")][1]
    assert ((marked["mark"] == "selected") == (marked["text"] == "0")).all()
    assert f"**{output.count(0)}**" in texts(app)


def test_new_mask_button_and_evaluation_mode() -> None:
    app = open_page("generalisation", "en", p="mask", m="9999")
    before = cells(app)[2]
    sound(app.button(key="generalisation.new_mask").click().run())
    assert app.session_state["generalisation.state"]["mask_seed"] == 0
    assert cells(app)[2] != before
    sound(app.toggle(key="generalisation.evaluating").set_value(True).run())
    given, output, factors, mean = cells(app)
    assert given == output == mean
    assert labels("en")["generalisation.no_mask"] in texts(app)
    assert "1 / (1 − p)" not in texts(app)
    assert set(factors) == {"1"}
    assert labels("en")["generalisation.nothing_dropped"] in texts(app)
    assert ".eval()" in "\n".join(element.value for element in app.code)


@pytest.mark.parametrize(("p", "label"), [("0", "nothing_dropped"), ("1", "all_dropped")])
def test_dropout_of_0_and_of_1_is_explained(p: str, label: str) -> None:
    app = open_page("generalisation", "en", p="mask", q=p)
    assert labels("en")[f"generalisation.{label}"] in texts(app)
    assert (set(cells(app)[1]) == {"0"}) is (p == "1")


# --- dropout in a network ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_network_part_shows_the_run(language: str) -> None:
    app = press(open_page("generalisation", language, p="dropout", t="100", h="16", g="10"), "dropout.to_end")
    run = run_of(app, "dropout")
    assert (run.p, run.n_train, run.hidden, run.epoch) == ((0.2, 0.5), 100, 16, 10)
    losses = chart(app, "alt_loss", language)
    assert best_record(run.history, "loss").epoch == 10
    assert not losses["mark"].any()  # it still falls
    assert losses["test"].tolist() == pytest.approx([record.test_loss for record in run.history], rel=1e-5)
    assert f"**{run.history[-1].test_accuracy:.3f}**" in texts(app)
    assert len(chart(app, "alt_accuracy", language)) == 11


def test_the_best_epoch_is_marked_once_the_loss_has_turned() -> None:
    link = {"p1": "0.8", "p2": "0.8", "t": "100", "h": "16", "g": "10"}
    app = press(open_page("generalisation", "en", p="dropout", **link), "dropout.to_end")
    losses = chart(app, "alt_loss")
    assert (
        losses[losses["mark"]]["epoch"].tolist() == [best_record(run_of(app, "dropout").history, "loss").epoch] == [7]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_validation_chooses_the_epoch_that_is_marked_and_reported(language: str) -> None:
    link = {"p1": "0.8", "p2": "0.8", "t": "100", "h": "16", "g": "10", "nv": "250", "wd": "0.001"}
    app = press(open_page("generalisation", language, p="dropout", **link), "dropout.to_end")
    run, words = run_of(app, "dropout"), labels(language)
    assert (run.n_validation, run.weight_decay) == (250, 0.001)
    best = best_record(run.history, "loss", "validation")
    losses = chart(app, "alt_loss", language)
    assert losses["validation"].tolist() == pytest.approx([record.validation_loss for record in run.history], rel=1e-5)
    assert losses[losses["mark"]]["epoch"].tolist() == ([best.epoch] if best.epoch < 10 else [])
    says = words["numbers.chosen"].format(
        epoch=best.epoch,
        valid=f"{best.validation_loss:.4f}",
        loss=f"{best.test_loss:.4f}",
        accuracy=f"{best.test_accuracy:.3f}",
    )
    assert says in texts(app)
    assert f"**{run.norm:.2f}**" in texts(app)
    parameters = sum(p.numel() for p in run.model.parameters)
    products = 64 * 16 + 16 * 16 + 16 * 10
    assert words["numbers.size"].format(parameters=f"{parameters:,}", products=f"{products:,}") in texts(app)


def test_swap_exchanges_the_probabilities() -> None:
    app = open_page("generalisation", "en", p="dropout", t="50", h="8", g="5")
    sound(app.button(key="generalisation.swap").click().run())
    state = app.session_state["generalisation.state"]
    assert (state["p1"], state["p2"]) == (0.5, 0.2) == run_of(app, "dropout").p
    change(app, p2=0.5)
    assert app.button(key="generalisation.swap").disabled


# --- all parts --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_every_part_shows_both_programs(part: str, language: str) -> None:
    app = open_page("generalisation", language, p=part, t="50", h="8")
    shown = [element.value for element in app.code]
    assert sum("import torch" in code for code in shown) == 2
    for name in ("scratch", "concise"):
        assert labels(language)[f"lesson.{name}"] in texts(app)


def test_every_setting_has_a_control() -> None:
    seen: set[str] = set()
    app = open_page("generalisation")
    for part in PARTS:
        sound(app.segmented_control(key="generalisation.part").set_value(part).run())
        seen |= set(sliders(app))
    state, words = app.session_state["generalisation.state"], labels("en")
    other = {"part", "seed", "mask_seed", "evaluating"}
    assert seen == {words[f"generalisation.setting.{name}"] for name in state.settings if name not in other}
    app.number_input(key="generalisation.seed").set_value(5)
    sound(app.run())
    assert state["seed"] == 5
    assert run_of(app, "dropout").seed == 5
    assert math.isfinite(run_of(app, "dropout").history[-1].test_loss)
