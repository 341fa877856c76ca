"""Specifications without data, and text in Vega expressions."""

import altair as alt
import pytest
from contrast import READABLE, contrast
from specs import layers

from dlcore.drawing.palette import BACKGROUND, hex_colour
from dlcore.drawing.vega import INK, TEXT, TEXT_SIZE, as_spec, empty, literal


@pytest.mark.parametrize(
    ("text", "written"),
    [("train", "'train'"), ("it's", r"'it\'s'"), ("\\", r"'\\'"), ("\\'", r"'\\\''"), ("训练", "'训练'")],
)
def test_a_word_cannot_leave_its_quotes(text: str, written: str) -> None:
    assert literal(text) == written


def test_a_specification_has_no_data_of_its_own() -> None:
    base = alt.Chart(empty("x", "y")).encode(x="x:Q", y="y:Q")
    for chart in (base.mark_point(), alt.layer(base.mark_point(), base.mark_line())):
        spec = as_spec(chart)
        assert not {"data", "datasets", "$schema"} & set(spec)
        assert all("data" not in layer for layer in spec.get("layer", ()))
    assert list(empty("x", "y").columns) == ["x", "y"]


def test_the_words_of_all_charts_are_readable_and_their_marks_silent() -> None:
    config = as_spec(alt.Chart(empty("x")).mark_text())["config"]
    assert TEXT_SIZE >= 14
    assert config["axis"]["labelFontSize"] == config["text"]["fontSize"] == TEXT_SIZE
    inks = [config[part][f"{word}Color"] for part in ("axis", "legend") for word in ("label", "title")]
    assert [*inks, config["text"]["color"]] == [INK] * 5
    assert not any(config[part]["aria"] for part in ("mark", "axis", "legend"))
    for theme, ground in BACKGROUND.items():
        assert contrast(TEXT[theme], hex_colour(ground)) >= READABLE


def test_what_all_layers_share_is_sent_once() -> None:
    base = alt.Chart(empty("x", "y")).encode(x="x:Q", y="y:Q").transform_filter("datum.x > 0")
    whole = alt.layer(base.mark_point(), base.transform_filter("datum.y > 0").mark_line().encode(y="z:Q"))
    spec = as_spec(whole)
    assert list(spec["encoding"]) == ["x"]
    assert spec["transform"] == [{"filter": "datum.x > 0"}]
    points, line = layers(spec)
    assert (points.field("x"), points.field("y"), points.filters) == ("x", "y", ("datum.x > 0",))
    assert (line.field("x"), line.field("y"), line.filters) == ("x", "z", ("datum.x > 0", "datum.y > 0"))
