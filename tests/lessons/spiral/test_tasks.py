"""The tasks and notes of the spiral page, carried out as written, with the numbers of both languages."""

from __future__ import annotations

import math
import re

import pytest
from driver import open_spiral, open_view, press, session, sound
from streamlit.testing.v1 import AppTest

from dlcore.network.passes import with_ones
from dlcore.spiral.experiments import EXPERIMENTS, PRESETS
from dlcore.spiral.training import Record
from pages.spiral.spiral import view_space
from pages.ui.language import LANGUAGES, labels, prose


def chosen(preset: str) -> AppTest:
    """Choose the preset on the page and press Play."""
    app = open_spiral()
    sound(app.selectbox(key="spiral.preset").select(preset).run())
    return press(app, "play")


def changed(app: AppTest, **settings: object) -> Record:
    """Change settings of the finished run, as their controls do; it trains again by itself. Return its last record."""
    for name, value in settings.items():
        session(app).set(name.replace("__", "."), value)
    sound(app.run())
    assert session(app).run.finished
    assert not session(app).run.changes
    return session(app).run.measure()


def promised(number: float, digits: int) -> None:
    """Assert that the number, rounded, stands in the tasks of both languages."""
    for language in LANGUAGES:
        text = prose(language)["spiral/try"]
        found = re.findall(rf"(?<![\d.,]){re.escape(f'{number:.{digits}f}')}(?![\d]|[.,]\d)", text)
        assert found, (language, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tasks_name_presets_by_their_labels(language: str) -> None:
    quoted = re.findall(r"\*([A-Z][^*\n]+)\*" if language == "en" else r"“([^”]+)”", prose(language)["spiral/try"])
    presets = (
        "linear_cannot",
        "relu_folds",
        "straight_pieces",
        "hills",
        "folds_then_line",
        "arms_unrolled",
        "noisy_clouds",
    )
    for id in (*presets, "overfitting"):
        assert labels(language)[f"spiral.preset.{id}"] in quoted
    for id in ("views.network", "views.space", "space.play", "group.data", "group.network", "option.data.kind.points"):
        assert labels(language)[f"spiral.{id}"] in quoted
    assert labels(language)["spiral.control.layer"].format(number=1) in quoted


def test_linear_cannot() -> None:
    app = chosen("linear_cannot")
    record = session(app).run.measure()
    promised(record.train_loss, 2)
    assert record.train_accuracy == pytest.approx(0.5, abs=0.02)
    assert len(session(app).config.model.hidden) + 1 == 3  # layers
    promised(changed(app, model__activation="relu").train_loss, 2)


def test_count_the_folds() -> None:
    app = chosen("relu_folds")
    assert session(app).config.model.hidden == (8,)
    promised(session(app).run.measure().test_loss, 2)
    s = session(app)
    accuracy = s.run.measure().train_accuracy
    costs, on = [], []
    for unit in range(8):
        s.edits.off = {(0, unit)}
        y = s.run.prepared.train.y
        costs.append(accuracy - float((s.network.logits(s.run.X_train).argmax(1) == y).float().mean()))
        on.append(bool((s.trained.outputs(with_ones(s.run.X_train))[0].a[unit] > 0).any()))
    s.edits.clear()
    free = [unit for unit in range(8) if costs[unit] == 0]
    assert (len(free), on.count(False), on[free[0]]) == (1, 1, False)
    dear = sorted(cost for cost in costs if cost)
    promised(dear[0], 2)
    promised(dear[-1], 2)
    promised(changed(app, model__hidden=(3,)).test_loss, 2)


def test_straight_pieces_make_a_curve() -> None:
    app = chosen("straight_pieces")
    assert session(app).config.model.hidden == (6,)
    promised(session(app).run.measure().test_loss, 2)
    promised(changed(app, model__hidden=(1,)).test_loss, 2)


def test_predict_a_number() -> None:
    app = chosen("hills")
    s = session(app)
    assert (s.config.data.noise, s.config.model.hidden, s.config.model.activation) == (0.1, (8,), "tanh")
    record = s.run.measure()
    promised(record.train_accuracy, 2)
    assert s.config.data.noise**2 < record.train_loss < 2 * s.config.data.noise**2
    promised(s.config.data.noise**2, 2)
    promised(changed(app, model__hidden=(4,)).train_loss, 2)
    record = changed(app, model__hidden=())
    promised(record.train_loss, 2)
    promised(record.train_accuracy, 2)


def test_fold_then_a_line() -> None:
    app = chosen("folds_then_line")
    assert session(app).config.model.hidden == (3, 2)
    promised(session(app).run.measure().train_loss, 3)
    promised(changed(app, model__hidden=(2, 2)).train_loss, 2)
    app = chosen("arms_unrolled")
    assert session(app).config.model.embedding
    frame = view_space.walk(session(open_view(app, "space"))).camera.frame(session(app).network, 3)
    assert frame.exact
    assert len(frame.boundaries) >= 5


@pytest.mark.long
def test_cures_help_on_noisy_clouds() -> None:
    app = chosen("noisy_clouds")
    run = session(app).run
    assert len(run.prepared.train.y) == 60
    promised(run.measure().train_loss, 3)
    promised(run.measure().test_loss, 1)
    promised(next(record.test_loss for record in run.history if record.epoch == 5), 2)
    for cure in (
        {"training__l2": 0.03},
        {"training__l2": 0.0, "model__hidden": ()},
        {"model__hidden": (128, 128), "training__dropout": 0.9},
        {"training__dropout": 0.0, "training__l2": 1.0},
    ):
        record = changed(app, **cure)
        digits = 1 if cure.get("training__dropout") else 2  # the last digits of such a run hang on rounding
        promised(record.train_loss, digits)
        promised(record.test_loss, digits)
    assert record.test_loss == pytest.approx(math.log(3), abs=0.01)
    assert changed(app, training__l2=0.0, data__points=1000).test_loss < 0.35
    promised(0.3, 1)


@pytest.mark.long
def test_only_data_help_on_the_noisy_spiral() -> None:
    app = chosen("overfitting")
    for cure in ({"training__l2": 0.1}, {"training__l2": 0.0, "training__dropout": 0.9}):
        record = changed(app, **cure)
        digits = 1 if cure.get("training__dropout") else 2  # the last digits of such a run hang on rounding
        promised(record.train_loss, digits)
        promised(record.test_loss, digits)
    record = changed(app, training__dropout=0.0, data__points=1000)
    assert record.train_loss < record.test_loss < 0.1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", ["lecture_linear", "student_sgd", "student_adam"])
def test_a_note_has_the_numbers_of_its_preset(language: str, id: str) -> None:
    note = labels(language)[f"spiral.note.{id}"]
    app = open_spiral(language)
    assert note not in [caption.value for caption in app.caption]
    session(app).apply(PRESETS[id].values())
    assert note in [caption.value for caption in sound(app.run()).caption]
    told = (
        [EXPERIMENTS["lecture_linear"]]
        if id == "lecture_linear"
        else [EXPERIMENTS[i] for i in EXPERIMENTS if "student" in i]
    )
    for experiment in told:
        assert f"{experiment.loss} / {experiment.accuracy}" in note
        assert f"{experiment.loss}" in prose(language)["reproduce/idea"] or id == "lecture_linear"
    assert ("0.864019 / 0.500" in note) is (id == "lecture_linear")
