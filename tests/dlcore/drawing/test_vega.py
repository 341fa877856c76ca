"""Specifications without data, and text in Vega expressions."""

import altair as alt
import pytest

from dlcore.drawing.vega import as_spec, empty, literal


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
        assert not {"data", "datasets", "config", "$schema"} & set(spec)
        assert all("data" not in layer for layer in spec.get("layer", ()))
    assert list(empty("x", "y").columns) == ["x", "y"]
