"""Broadcasting against torch: shapes that fit, the axis that fails, stretched operands, and the programs."""

import re

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from programs import printed

from dlcore.drawing import grid
from dlcore.lessons.broadcasting import charts as picture
from dlcore.lessons.broadcasting import model as b
from dlcore.lessons.broadcasting import programs as broadcasting_programs

SIZES = st.lists(st.sampled_from([1, 1, 2, 3, 8]), max_size=4).map(tuple)
MOST = 4


def fits(left: b.Shape, right: b.Shape) -> bool:
    try:
        torch.broadcast_shapes(left, right)
    except RuntimeError:
        return False
    return True


@given(SIZES, SIZES)
@example((2, 3, 4), (3, 4, 3))  # all three fail: torch names the last
def test_the_rule_agrees_with_torch(left: b.Shape, right: b.Shape) -> None:
    axes = b.align(left, right)
    assert [axis.number for axis in axes] == list(range(-max(len(left), len(right)), 0))
    wrong, outcome = b.failing_axis(axes), b.operate(left, right, "add")
    if fits(left, right):
        assert wrong is None
        assert b.result_shape(axes) == tuple(torch.broadcast_shapes(left, right))
        assert outcome.result is not None
        assert tuple(outcome.result.shape) == b.result_shape(axes)
        return
    assert b.result_shape(axes) is None
    assert outcome.result is None
    match = re.search(r"tensor a \((\d)\) .* tensor b \((\d)\) at non-singleton dimension (\d)", outcome.error)
    assert wrong is not None
    assert match is not None
    assert (wrong.left, wrong.right, len(axes) + wrong.number) == tuple(map(int, match.groups()))


@given(SIZES, SIZES)
def test_the_fate_of_an_axis(left: b.Shape, right: b.Shape) -> None:
    for axis in b.align(left, right):
        sizes = {"left": axis.left, "right": axis.right}
        side, _, what = axis.fate.partition("_")
        if what:
            assert sizes.pop(side) == (None if what == "missing" else 1)
            assert list(sizes.values()) == [axis.size]
        else:
            assert (axis.left == axis.right) is (axis.fate == "equal")


@given(SIZES, SIZES)
def test_cures_work_and_none_is_missed(left: b.Shape, right: b.Shape) -> None:
    cures = {(cure.left, cure.right) for cure in b.cures(left, right, MOST)}
    a, c = torch.empty(left), torch.empty(right)
    tried = {(tuple(a.unsqueeze(d).shape), right) for d in range(len(left) + 1)}
    tried |= {(left, tuple(c.unsqueeze(d).shape)) for d in range(len(right) + 1)}
    assert cures == {pair for pair in tried if fits(*pair) and max(map(len, pair)) <= MOST}
    sizes = [torch.Size(cure.result).numel() for cure in b.cures(left, right, MOST)]
    assert sizes == sorted(sizes)
    for cure in b.cures(left, right, MOST):
        tensor = a if cure.operand == "a" else c
        changed = cure.left if cure.operand == "a" else cure.right
        assert tuple(tensor.unsqueeze(cure.dim).shape) == changed
        assert cure.code == f"{cure.operand}.unsqueeze({cure.dim})"


@given(SIZES, SIZES, st.sampled_from(list(b.OPERATIONS)))
def test_the_code_prints_what_is_shown(left: b.Shape, right: b.Shape, operation: str) -> None:
    outcome = b.operate(left, right, operation)
    for snippet in (broadcasting_programs.snippet(outcome, operation), broadcasting_programs.memory_snippet(outcome)):
        assert printed(snippet.code) == snippet.output


@given(SIZES, SIZES)
def test_stretching_copies_nothing(left: b.Shape, right: b.Shape) -> None:
    outcome = b.operate(left, right, "add")
    if outcome.result is None:
        return
    shape = tuple(outcome.result.shape)
    for tensor, wide in zip((outcome.a, outcome.b), torch.broadcast_tensors(outcome.a, outcome.b), strict=True):
        stretched = b.stretch(tensor, shape)
        assert stretched.shared
        assert (stretched.stored, stretched.seen) == (tensor.numel(), wide.numel())
        assert stretched.expanded_stride == wide.stride()
        stretched_axes = [
            at for at, size in enumerate((1,) * (len(shape) - tensor.dim()) + stretched.shape) if size != shape[at]
        ]
        assert all(stretched.expanded_stride[at] == 0 for at in stretched_axes)


@given(SIZES, SIZES)
def test_stretched_marks_are_on_elements_at_repeated_addresses(left: b.Shape, right: b.Shape) -> None:
    outcome = b.operate(left, right, "add")
    if outcome.result is None:
        return
    shape = tuple(outcome.result.shape)
    for tensor in (outcome.a, outcome.b):
        seen: set[int] = set()  # the values of a tensor are distinct, so a value stands for its address
        expected = []
        for value in tensor.expand(shape).flatten().tolist():
            expected.append("stretched" if value in seen else "")
            seen.add(value)
        assert picture.stretched_marks(tensor, shape) == expected


def test_the_digits_of_a_sum_show_both_terms() -> None:
    for size, step in ((1, 10), (9, 10), (10, 100), (4096, 10_000)):
        assert b.b_step((size,)) == step > size


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ((3, 1), (1, 2), (3, 2)),
        ((3, 4, 5), (3, 1, 5), (3, 4, 5)),
        ((2, 3), (2,), None),
        ((2, 3), (2, 1), (2, 3)),
        ((8, 1, 6, 1), (7, 1, 5), (8, 7, 6, 5)),
    ],
)
def test_the_examples_of_the_course(left: b.Shape, right: b.Shape, result: b.Shape | None) -> None:
    assert (left, right) in b.PRESETS.values()
    assert b.result_shape(b.align(left, right)) == result


def test_the_failing_pair_and_its_cure() -> None:
    axes = b.align((2, 3), (2,))
    assert b.failing_axis(axes) == b.AlignedAxis(-1, 3, 2, None, "failing")
    message = "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1"
    assert b.operate((2, 3), (2,), "multiply").error == message
    first = b.cures((2, 3), (2,), MOST)[0]
    assert (first.code, first.right, first.result) == ("b.unsqueeze(1)", (2, 1), (2, 3))
    assert b.cures((2, 3), (4, 5), 2) == ()


def test_the_boxes_of_a_failing_pair() -> None:
    frame = picture.shape_frame(b.align((2, 3), (2,)), ("a", "b", "c"), ("word 2", "word 1"), "axis")
    boxes = [tuple(row) for row in frame[frame["kind"].isin(["plain", "virtual", "failing", "result"])].to_numpy()]
    assert [(x, text, kind) for x, _, text, kind in boxes] == [
        (0.0, "2", "plain"),
        (0.0, "1 → 2", "virtual"),
        (0.0, "2", "result"),
        (1.0, "3", "failing"),
        (1.0, "2", "failing"),
        (1.0, "✗", "failing"),
    ]
    assert {*frame.loc[frame["kind"] == "name", "x"]} == {-1.0}  # at the left edge
    assert frame[frame["kind"] == "word"]["text"].tolist() == ["word 2", "word 1"]
    assert picture.column_count(b.align((2, 3), (2,))) == 3
    spec = picture.shape_spec(3)
    assert "datasets" not in spec
    assert any(layer["mark"].get("strokeDash") for layer in spec["layer"])


@given(SIZES, SIZES)
def test_the_cells_drawn_are_the_elements(left: b.Shape, right: b.Shape) -> None:
    outcome = b.operate(left, right, "subtract")
    frame = picture.values_frame(outcome, "subtract")
    cells = frame[frame["mark"] != "gap"]
    if outcome.result is None:
        assert set(cells["mark"]) == {"failing"}
        drawn = [outcome.a, outcome.b]
    else:
        drawn = [*torch.broadcast_tensors(outcome.a, outcome.b), outcome.result]
        assert "=" in frame["text"].tolist()
    assert "−" in frame["text"].tolist()
    at = 0
    for tensor in drawn:
        count, total = picture.drawn_and_total(tuple(tensor.shape))
        assert 1 <= count <= total == tensor[..., :1, :1].numel() if tensor.dim() > 1 else count == total == 1
        for _, row in cells.iloc[at : at + tensor.numel() * count // total].iterrows():
            index = tuple(map(int, row["index"].split(", "))) if row["index"] else ()
            assert row["text"] == grid.number(int(tensor[index]))
        at += tensor.numel() * count // total
    assert at == len(cells)
    assert not frame[frame["mark"] != "gap"].duplicated(["x", "y"]).any()
    assert grid.extent(frame)[1] * picture.cell_size(frame) < 1280
