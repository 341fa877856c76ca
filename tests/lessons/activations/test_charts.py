"""Tests of the charts of activation functions and of the bars of a deep network."""

import pytest
from specs import BLUE, CLASS_COLOURS, ORANGE, axis, colours, hex_colour, layers

from dlcore.lessons.activations import charts
from dlcore.lessons.activations.functions.model import FUNCTIONS


@pytest.mark.parametrize("quantity", ["value", "derivative"])
def test_a_function_keeps_its_colour_whatever_else_is_shown(quantity: str) -> None:
    names = tuple((id, id.upper()) for id in FUNCTIONS)
    every, some = (charts.curves_spec(quantity, shown, -2.0, 4.0, "x", "f", 100) for shown in (names, names[2:4]))
    assert axis(every, "x") == ({"x"}, {"x"}, {"linear"}, [-5, 5])
    assert axis(every, "y") == ({quantity}, {"f"}, {"linear"}, [-2, 4])
    assert colours(some) == {id: colours(every)[id] for id, _ in names[2:4]}
    looks = {id: (colour, str(colours(every, "strokeDash")[id])) for id, colour in colours(every).items()}
    assert len(set(looks.values())) == len(FUNCTIONS), "those of one colour differ in their dashes"
    assert list(colours(every).values())[:8] == [hex_colour(colour) for colour in CLASS_COLOURS]
    rule, line, point = layers(every)
    assert (rule.type, rule.filters, rule.field("y")) == ("rule", ("datum.marked",), None)
    assert (line.type, line.filters, line.field("color")) == ("line", ("!datum.marked",), "name")
    assert (point.type, point.filters, point.field("y")) == ("point", ("datum.marked",), quantity)
    label = line.encoding["color"]["legend"]["labelExpr"]
    assert "'relu': 'RELU'" in label
    assert label.endswith("[datum.label]")


def test_curves_frame_has_the_functions_on_both_sides_of_zero() -> None:
    frame = charts.curves_frame({"relu": 0.0, "identity": 0.0}, 3.0)
    for name, rows in frame[~frame["marked"]].groupby("name"):
        x = rows["x"].to_numpy()
        assert (x[0], x[-1], len(x)) == (-5.0, 5.0, 2 * charts.POINTS + 1)
        assert (x[1:] > x[:-1]).all()
        assert x == pytest.approx(-x[::-1])
        assert rows["value"].to_numpy() == pytest.approx(x.clip(0) if name == "relu" else x)


@pytest.mark.parametrize(("quantity", "colour"), [("signal", BLUE), ("gradient", ORANGE)])
def test_a_bar_for_each_layer_from_1_on_a_logarithmic_axis(quantity: str, colour: str) -> None:
    spec = charts.flow_spec(quantity, 20, "layer", "size", "dead", 100)
    assert axis(spec, "x")[:2] == ({"layer"}, {"layer"})
    assert axis(spec, "y") == ({f"{quantity}_shown"}, {"size"}, {"log"}, [1e-16, 1e8])
    (bar,) = layers(spec)
    assert (bar.type, bar.mark["color"], bar.field("y2")) == ("bar", colour, 1.0)
    assert [tip["field"] for tip in bar.encoding["tooltip"]] == ["layer", "dead", f"{quantity}_written"]
    assert bar.encoding["x"]["axis"]["values"] == [1, *range(2, 21, 2)]
    (few,) = layers(charts.flow_spec(quantity, 3, "layer", "size", "dead", 100))
    assert few.encoding["x"]["axis"]["values"] == [1, 2, 3]
