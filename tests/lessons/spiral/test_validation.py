"""The validation samples of the spiral page: they choose, and the test samples report."""

from __future__ import annotations

import math

import pytest
from driver import charts, frame, open_groups, open_panel, open_spiral, open_view, press, session
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from pages.ui.language import LANGUAGES, labels

THREE = {"v": "1", "n": "100", "h": "8", "k": "50", "vs": "0.25"}


def told(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_subsets_are_measured_and_the_lowest_validation_loss_is_reported_by_the_test(language: str) -> None:
    app, words = press(open_spiral(language, **THREE), "to_end"), labels(language)
    run = session(app).run
    assert [len(part.y) for part in (run.prepared.train, run.prepared.validation, run.prepared.test)] == [180, 60, 60]
    best = min(run.history, key=lambda record: record.validation_loss)
    chosen = words["spiral.numbers.best"].format(
        epoch=formats.count(best.epoch), loss=formats.fixed(best.validation_loss, 4)
    )
    reported = words["spiral.numbers.best_test"].format(
        loss=formats.fixed(best.test_loss, 4), accuracy=formats.fixed(best.test_accuracy, 3)
    )
    assert chosen + reported in told(app)
    rows = frame(charts(open_view(app, "curves"))[words["alt.loss"]])
    assert rows["validation"].tolist() == pytest.approx([record.validation_loss for record in run.history])
    open_panel(open_groups(app), "predictions")
    captions = [caption.value for caption in app.caption]
    for subset, n in (("train", 180), ("validation", 60), ("test", 60)):
        assert words[f"spiral.predictions.confusion_{subset}"].format(n=n) in captions


def test_without_a_validation_share_nothing_is_as_if_there_were_one() -> None:
    app = press(open_spiral(**{**THREE, "vs": "0"}), "to_end")
    run = session(app).run
    assert run.best() is None
    assert math.isnan(run.history[-1].validation_loss)
    assert "validation" not in told(app)
    assert "validation" not in frame(charts(open_view(app, "curves"))[labels("en")["alt.loss"]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_network_is_counted_where_it_is_set(language: str) -> None:
    app = open_spiral(language, **THREE)
    model = session(app).run.prepared.model
    counts = labels(language)["spiral.control.counts"].format(
        parameters=sum(p.numel() for p in model.parameters()), products=2 * 8 + 8 * 3
    )
    assert counts in [caption.value for caption in app.caption]
