"""The marks that draw each kind of row of the plane."""

from specs import GREEN, ORANGE, PINK, RED, SKY, YELLOW, axis, colours, layers

from dlcore.lessons.linear_algebra.map import charts
from dlcore.lessons.linear_algebra.map.model import analyse, matrix


def test_every_kind_of_row_has_its_mark() -> None:
    spec = charts.spec("x₁", "x₂")
    assert axis(spec, "x")[:3] == ({"x", "x2"}, {"x₁"}, {"linear"})
    assert axis(spec, "y")[:3] == ({"y", "y2"}, {"x₂"}, {"linear"})
    arrows, words = ("e1", "e2", "x", "Ax"), ("e1_word", "e2_word", "x_word", "Ax_word")

    def only(*kinds: str) -> str:
        return f"indexof({list(kinds)}, datum.kind) >= 0"

    by_mark = {(layer.type, layer.filters): layer for layer in layers(spec)}
    assert list(by_mark) == [
        ("rule", (only("grid"),)),
        ("line", (only("unit"),)),
        ("line", (only("kept"),)),
        ("line", (only("flipped"),)),
        ("rule", (only("eigen"),)),
        ("text", (only("eigen_word"),)),
        ("rule", (only(*arrows),)),
        ("point", (only(*arrows), "isValid(datum.angle)")),
        ("text", (only(*words),)),
    ]
    grid, unit, kept, flipped, eigen, _, shafts, heads, named = by_mark.values()
    assert (kept.mark["fill"], flipped.mark["fill"], eigen.mark["color"]) == (SKY, ORANGE, YELLOW)
    assert unit.mark["strokeDash"]
    for polygon in (unit, kept, flipped):
        assert (polygon.mark["interpolate"], polygon.field("order")) == ("linear-closed", "order")
    for line in (grid, eigen, shafts):
        assert [line.field(end) for end in ("x", "y", "x2", "y2")] == ["x", "y", "x2", "y2"]
    assert (heads.field("x"), heads.field("y"), heads.field("angle")) == ("x2", "y2", "angle")
    assert heads.mark["shape"] == "triangle"
    assert heads.encoding["angle"]["scale"] is None, "degrees as they are"
    found_colours = colours(spec)
    assert [found_colours[kind] for kind in ("e1", "e2", "Ax")] == [RED, GREEN, PINK]
    assert named.field("text") == "text"


def test_the_unit_square_and_its_image_are_drawn_in_order() -> None:
    A = matrix(((2.0, 1.0), (0.0, -1.0)))
    frame = charts.frame(A, analyse(A), (1.0, 1.0))
    unit, moved = frame[frame["kind"] == "unit"], frame[frame["kind"] == "flipped"]
    assert unit.sort_values("order")[["x", "y"]].to_numpy().tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert moved.sort_values("order")[["x", "y"]].to_numpy().tolist() == [[0, 0], [2, 0], [3, -1], [1, -1]]
    assert not (frame["kind"] == "kept").any()


def test_the_grid_is_the_image_of_the_unit_grid() -> None:
    A = matrix(((2.0, 1.0), (0.0, 3.0)))
    frame = charts.frame(A, analyse(A), (1.0, 1.0))
    lines = frame[frame["kind"] == "grid"][["x", "y", "x2", "y2"]].to_numpy().tolist()
    n = charts.GRID
    upright = [[2 * k - n, -3 * n, 2 * k + n, 3 * n] for k in range(-n, n + 1)]
    level = [[-2 * n + k, 3 * k, 2 * n + k, 3 * k] for k in range(-n, n + 1)]
    assert sorted(lines) == sorted(upright + level)


def test_eigenvalues_stand_at_their_lines() -> None:
    A = matrix(((2.0, 0.0), (0.0, -0.5)))
    frame = charts.frame(A, analyse(A), (1.0, 1.0))
    words = {row.text: (row.x, row.y) for row in frame[frame["kind"] == "eigen_word"].itertuples()}
    assert set(words) == {"λ = 2", "λ = −0.5"}
    for text, on in (("λ = 2", 0), ("λ = −0.5", 1)):
        assert abs(abs(words[text][on]) - 2.6) < 1e-9
        assert abs(words[text][1 - on]) < 1e-9
