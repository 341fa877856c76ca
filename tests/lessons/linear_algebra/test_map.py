"""A matrix as a map of the plane: every number against torch.linalg, every area against the shoelace formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed
from torch import Tensor

from dlcore.lessons.linear_algebra.map import charts as plane
from dlcore.lessons.linear_algebra.map import model as linear_algebra
from dlcore.lessons.linear_algebra.map.model import PRESETS, Entries, analyse, interpolate, matrix, preset
from dlcore.lessons.linear_algebra.map.programs import snippet
from dlcore.programs.snippet import Snippet

entry = st.integers(-30, 30).map(lambda tenths: tenths / 10)
pairs = st.tuples(entry, entry)
matrices = st.tuples(pairs, pairs)


def check_output(shown: Snippet) -> None:
    assert printed(shown.code) == shown.output


def shoelace(corners: Tensor) -> float:
    """Return the signed area: positive if the corners run anticlockwise."""
    x, y = corners.T
    return float((x * y.roll(-1) - y * x.roll(-1)).sum() / 2)


@given(matrices)
def test_the_determinant_is_the_area_of_the_moved_square(entries: Entries) -> None:
    A = matrix(entries)
    assert analyse(A).determinant == pytest.approx(shoelace(plane.image_of_square(A)), abs=1e-9)


@given(matrices)
def test_properties_equal_their_closed_forms(entries: Entries) -> None:
    (a, b), (c, d) = entries
    A, facts = matrix(entries), analyse(matrix(entries))
    # In tenths all entries are whole numbers, so rounding cannot change the rank.
    tenths = [[round(10 * entry) for entry in row] for row in entries]
    det = tenths[0][0] * tenths[1][1] - tenths[0][1] * tenths[1][0]
    assert facts.rank == (2 if det else 1 if any(map(any, tenths)) else 0)
    assert facts.determinant == pytest.approx(det / 100)
    assert facts.trace == pytest.approx(a + d)
    squares, root = a * a + b * b + c * c + d * d, math.hypot(a * a + c * c - b * b - d * d, 2 * (a * b + c * d))
    largest, smallest = facts.singular_values  # the roots of the eigenvalues of AᵀA
    assert largest == pytest.approx(math.sqrt((squares + root) / 2))
    assert smallest == pytest.approx(abs(det) / 100 / largest if det else 0, abs=1e-9)
    if facts.eigenvalues:
        half = math.sqrt(max((a + d) ** 2 - 4 * det / 100, 0)) / 2
        assert sorted(facts.eigenvalues) == pytest.approx([(a + d) / 2 - half, (a + d) / 2 + half], abs=1e-6)
    if facts.inverse is None:
        assert facts.rank < 2
        assert facts.determinant == 0
    else:
        assert torch.allclose(A @ matrix(facts.inverse), torch.eye(2, dtype=torch.float64), atol=1e-6)


@given(matrices)
def test_invariant_lines_and_their_absence_for_complex_eigenvalues(entries: Entries) -> None:
    A, facts = matrix(entries), analyse(matrix(entries))
    discriminant = facts.trace**2 - 4 * float(torch.linalg.det(A))
    if abs(discriminant) > 1e-9:
        assert facts.complex == (discriminant < 0)
    for value, (x, y) in facts.directions:
        v = torch.tensor([x, y], dtype=torch.float64)
        assert float(v.norm()) == pytest.approx(1)
        assert torch.allclose(A @ v, value * v, atol=1e-6)
    if facts.complex:
        assert not facts.directions
        assert facts.modulus**2 == pytest.approx(facts.determinant)
        assert facts.trace == pytest.approx(2 * facts.modulus * math.cos(math.radians(facts.degrees)), abs=1e-9)
        assert 0 < abs(facts.degrees) < 180
    else:
        assert sum(facts.eigenvalues) == pytest.approx(facts.trace, abs=1e-9)
        assert facts.every_direction or len(facts.directions) in (1, 2)


@pytest.mark.parametrize("degrees", [-170, -90, -35, 5, 45, 90, 135])
@pytest.mark.parametrize(("id", "modulus"), [("rotation", 1.0), ("spiral", linear_algebra.SPIRAL_MODULUS)])
def test_a_rotation_turns_by_its_angle(id: str, modulus: float, degrees: float) -> None:
    facts = analyse(matrix(preset(id, degrees)))
    assert facts.complex
    assert facts.degrees == pytest.approx(degrees, abs=1e-3)
    assert facts.modulus == pytest.approx(modulus, abs=1e-5)


def test_presets_have_the_properties_of_their_names() -> None:
    known = {id: analyse(matrix(preset(id))) for id in PRESETS}
    assert known["identity"].every_direction
    assert known["identity"].eigenvalues == (1, 1)
    assert known["shear"].determinant == 1
    assert len(known["shear"].directions) == 1
    assert (known["scaling"].eigenvalues, known["scaling"].determinant) == ((2, 0.5), 1)
    assert known["reflection"].determinant == -1
    assert sorted(known["reflection"].eigenvalues) == pytest.approx([-1, 1])
    projection = matrix(preset("projection"))
    assert torch.equal(projection @ projection, projection)
    assert (known["projection"].rank, known["projection"].inverse, known["projection"].determinant) == (1, None, 0)
    assert known["eigen"].eigenvalues == pytest.approx((3, 1))
    assert analyse(torch.zeros(2, 2, dtype=torch.float64)).rank == 0
    with pytest.raises(KeyError):
        preset("nonsense")


def test_a_double_eigenvalue_has_one_line_despite_rounding() -> None:
    facts = analyse(matrix(((1.1, 0.1), (-0.1, 0.9))))
    assert facts.eigenvalues == pytest.approx((1, 1), abs=1e-6)
    assert len(facts.directions) == 1


@given(matrices, st.floats(0, 1))
def test_interpolation(entries: Entries, t: float) -> None:
    eye = torch.eye(2, dtype=torch.float64)
    assert torch.equal(interpolate(entries, 0.0), eye)
    assert torch.equal(interpolate(entries, 1.0), matrix(entries))
    assert torch.allclose(interpolate(entries, t) - eye, t * (matrix(entries) - eye))


def test_a_reflection_is_reached_only_through_a_collapse() -> None:
    assert [analyse(interpolate(preset("reflection"), t)).determinant for t in (0.0, 0.5, 1.0)] == [1, 0, -1]


@given(matrices, pairs, st.sampled_from([0.0, 0.34, 1.0]))
def test_the_code_prints_its_output(entries: Entries, x: tuple[float, float], t: float) -> None:
    """The program has every number that the page shows."""
    code, facts = snippet(entries, x, t).code, analyse(interpolate(entries, t))
    calls = ("A @ x", "det(A)", "A.trace()", "matrix_rank(A)", "linalg.eig(A)", "svdvals(A)")
    assert all(call in code for call in calls)
    assert ("linalg.inv(A)" in code) == (facts.inverse is not None)
    check_output(snippet(entries, x, t))


# --- drawn -----------------------------------------------------------------------------------------------------------
@given(matrices, pairs)
def test_the_frame_shows_the_matrix(entries: Entries, x: tuple[float, float]) -> None:
    A, facts = matrix(entries), analyse(matrix(entries))
    frame = plane.frame(A, facts, x)
    assert tuple(frame.columns) == plane.COLUMNS
    tips = frame.set_index("kind")[["x2", "y2"]]
    for kind, source in (("e1", (1.0, 0.0)), ("e2", (0.0, 1.0)), ("Ax", x)):
        assert tuple(tips.loc[kind]) == pytest.approx((A @ A.new_tensor(source)).tolist())
    assert tuple(tips.loc["x"]) == x
    square = frame[frame["kind"] == ("flipped" if facts.determinant < 0 else "kept")].sort_values("order")
    assert shoelace(torch.tensor(square[["x", "y"]].to_numpy().tolist(), dtype=torch.float64)) == pytest.approx(
        facts.determinant, abs=1e-9
    )
    lines = frame[frame["kind"] == "eigen"]
    assert len(lines) == len(facts.directions)
    for (_, (dx, dy)), (_, line) in zip(facts.directions, lines.iterrows(), strict=True):
        assert line["x"] * dy - line["y"] * dx == pytest.approx(0, abs=1e-9)
    heads = frame[frame["kind"].isin(["e1", "e2", "x", "Ax"])]
    for _, head in heads.iterrows():
        length = math.hypot(head["x2"], head["y2"])
        turned = math.radians(head["angle"])
        if length > 1e-9:  # a triangle points up; its angle goes clockwise
            assert (math.sin(turned) * length, math.cos(turned) * length) == pytest.approx((head["x2"], head["y2"]))
        else:
            assert np.isnan(head["angle"])


@given(matrices, pairs)
def test_every_arrow_has_its_name_within_the_chart(entries: Entries, x: tuple[float, float]) -> None:
    A = matrix(entries)
    words = plane.frame(A, analyse(A), x).query("kind in ['x_word', 'e1_word', 'e2_word', 'Ax_word']")
    named = [name for text in words["text"] for name in text.split(" = ") if name != "0"]
    assert sorted(named) == ["Ae₁", "Ae₂", "Ax", "x"]
    assert (words[["x", "y"]].abs() < plane.HALF - 0.1).all(axis=None)
    assert not words.duplicated(["x", "y"]).any()


def test_equal_arrows_share_their_name() -> None:
    def words(entries: Entries, x: tuple[float, float]) -> set[str]:
        A = matrix(entries)
        frame = plane.frame(A, analyse(A), x)
        return {*frame.loc[frame["kind"].str.endswith("_word") & (frame["kind"] != "eigen_word"), "text"]}

    assert words(((0.0, 0.0), (0.0, 0.0)), (1.0, 2.0)) == {"x", "Ae₁ = Ae₂ = Ax = 0"}
    assert words(((1.0, 0.0), (0.0, 1.0)), (1.0, 2.0)) == {"x = Ax", "Ae₁", "Ae₂"}
    assert words(((1.0, 0.0), (0.0, 0.0)), (0.0, 0.0)) == {"x = Ae₂ = Ax = 0", "Ae₁"}


def test_the_grid_is_transformed() -> None:
    frame = plane.frame(*(lambda A: (A, analyse(A)))(matrix(((0.0, -1.0), (1.0, 0.0)))), (1.0, 0.0))
    grid = frame[frame["kind"] == "grid"]
    assert len(grid) == 2 * (2 * plane.GRID + 1)
    assert {*grid["x"].abs(), *grid["y"].abs()} == set(map(float, range(plane.GRID + 1)))


def test_the_plane_keeps_squares_square() -> None:
    spec = plane.spec("x₁", "x₂")
    assert spec is plane.spec("x₁", "x₂")
    encoding = spec["layer"][0]["encoding"]
    assert (encoding["x"]["title"], encoding["y"]["title"]) == ("x₁", "x₂")
    assert encoding["x"]["scale"]["domain"][1] == {"expr": "4.0 * width / min(width, height)"}
    assert encoding["y"]["scale"]["domain"][0] == {"expr": "-4.0 * height / min(width, height)"}
