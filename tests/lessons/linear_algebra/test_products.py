"""dot, mv, mm and bmm, term by term, against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.linear_algebra.products import charts
from dlcore.lessons.linear_algebra.products import model as products
from dlcore.lessons.linear_algebra.products.charts import product_frame
from dlcore.lessons.linear_algebra.products.model import MatrixProduct, multiply, partial_result, step_at
from dlcore.lessons.linear_algebra.products.programs import snippet
from dlcore.programs.snippet import Snippet

M = torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]])
V = torch.tensor([1.0, 2, 3, 4])


def check_output(shown: Snippet) -> None:
    assert printed(shown.code) == shown.output


@st.composite
def any_product(draw: st.DrawFn) -> MatrixProduct:
    kind = draw(st.sampled_from(list(products.PRODUCTS)))
    batch, rows, inner, columns = (draw(st.integers(1, 4)) for _ in range(4))
    shapes: dict[str, Any] = {
        "dot": ((inner,), (inner,)),
        "mv": ((rows, inner), (inner,)),
        "mm": ((rows, inner), (inner, columns)),
        "bmm": ((batch, rows, inner), (batch, inner, columns)),
    }
    generator = torch.Generator().manual_seed(draw(st.integers(0, 99)))
    left, right = (torch.randint(-9, 10, shape, generator=generator).float() for shape in shapes[kind])
    return multiply(kind, left, right)


def test_the_example_of_the_lecture() -> None:
    p = multiply("mv", M, V)
    assert p.result is not None
    assert p.result.tolist() == [49, 47]
    assert step_at(p, 2).sum_text == "2·1 + 5·2 = 12"
    assert step_at(p, 4).sum_text == "2·1 + 5·2 + 3·3 + 7·4 = 49"
    assert step_at(p, 8).sum_text == "4·1 + 2·2 + 1·3 + 9·4 = 47"
    nine = multiply("mv", torch.arange(1.0, 10).reshape(3, 3), torch.tensor([1.0, 2, 3]))
    assert nine.result is not None
    assert nine.result.tolist() == [14, 32, 50]


def test_negative_numbers_are_in_brackets() -> None:
    p = multiply("dot", torch.tensor([-2.0, -3]), torch.tensor([-1.0, 0.5]))
    assert step_at(p, 2).sum_text == "−2·(−1) + (−3)·0.5 = 0.5"


@given(any_product())
def test_the_last_step_is_torchs_result(p: MatrixProduct) -> None:
    assert p.result is not None
    assert torch.equal(partial_result(p, p.steps).flatten(), p.result.flatten())
    assert torch.equal(partial_result(p, 0), torch.zeros(p.shape))
    assert step_at(p, 0).at is None
    assert step_at(p, p.steps + 99) == step_at(p, p.steps)
    for step in range(p.inner, p.steps + 1, p.inner):
        here = step_at(p, step)
        assert here.at is not None
        assert here.terms == p.inner
        assert here.filled == step // p.inner
        assert here.total == p.result.reshape(p.shape)[here.at]


@given(any_product(), st.data())
def test_every_step_adds_one_term(p: MatrixProduct, data: st.DataObject) -> None:
    step = data.draw(st.integers(1, p.steps))
    here = step_at(p, step)
    assert here.at is not None
    batch, row, column = here.at
    left, right = p.left[batch, row], p.right[batch, :, column]
    assert here.total == (left * right)[: here.terms].sum()
    assert here.sum_text.count("·") == here.terms
    assert partial_result(p, step)[here.at] == here.total


@given(any_product(), st.data())
def test_the_frame_marks_the_current_row_and_column(p: MatrixProduct, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, p.steps))
    here, frame = step_at(p, step), product_frame(p, step)
    cells = frame[frame["mark"] != "gap"]
    batch, rows, columns = p.shape
    assert len(cells) == p.left.numel() + p.right.numel() + batch * rows * columns
    assert not cells.duplicated(["x", "y"]).any()
    selected = int((cells["mark"] == "selected").sum())
    dashed = int((cells["mark"] == "stretched").sum())
    if here.at is None:
        assert (selected, dashed) == (0, 0)
    else:
        assert (selected, dashed) == (2 * here.terms + 1, 2 * (p.inner - here.terms))
        chosen = cells[cells["mark"].isin(["selected", "stretched"])]
        assert list(chosen["text"][: p.inner]) == [grid.number(x) for x in p.left[here.at[0], here.at[1]].tolist()]
        terms = p.right[here.at[0], :, here.at[2]].tolist()
        assert list(chosen["text"][p.inner : 2 * p.inner]) == [grid.number(x) for x in terms]
    going = here.at is not None and here.terms < p.inner
    to_come = cells["mark"] == "faded"
    assert int(to_come.sum()) == batch * rows * columns - here.filled - going
    assert ((cells["text"] == "·") == to_come).all()  # a cell has a number only once its sum has begun
    assert charts.cell_size(frame) >= 24


@pytest.mark.parametrize(
    ("kind", "left", "right", "first", "last"),
    [
        ("dot", V, V, "0", ""),
        ("mv", M, V, "0, 0", "1"),
        ("mm", M, M.T, "0, 0", "1, 1"),
        ("bmm", torch.stack([M, M]), torch.stack([M.T, M.T]), "0, 0, 0", "1, 1, 1"),
    ],
)
def test_the_index_of_a_cell_is_that_in_its_tensor(
    kind: str, left: Tensor, right: Tensor, first: str, last: str
) -> None:
    cells = product_frame(multiply(kind, left, right), 0)
    cells = cells[cells["mark"] != "gap"]
    assert (cells["index"].iloc[0], cells["index"].iloc[-1]) == (first, last)


@given(any_product(), st.data())
def test_the_code_prints_its_output(p: MatrixProduct, data: st.DataObject) -> None:
    check_output(snippet(p, data.draw(st.integers(0, p.steps))))


ROW = ((2.0, 5.0, 3.0, 7.0),)
LEFT, RIGHT = ((2.0, 5.0, 3.0), (4.0, 2.0, 1.0)), ((1.0, 0.0), (2.0, 1.0))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("dot", "inconsistent tensor size"),
        ("mv", "size mismatch, got input (2), mat (2x3), vec (2)"),
        ("mm", "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x2)"),
        ("bmm", "Expected size for first two dimensions of batch2 tensor to be: [2, 3] but got: [2, 2]."),
    ],
)
def test_shapes_that_do_not_fit_have_torchs_message(kind: str, says: str) -> None:
    p = products.entered_product(kind, ROW, ((1.0, 2.0),), (LEFT, LEFT), (RIGHT, RIGHT))
    assert p.result is None
    assert says in p.error
    assert p.steps == 0
    assert {*product_frame(p, 5)["mark"]} <= {"failing", "gap"}
    check_output(snippet(p, 5))


def test_matrices_of_a_stack_must_have_one_shape() -> None:
    p = products.entered_product("bmm", ROW, ROW, (LEFT, ROW), (RIGHT, RIGHT))
    assert p.error.startswith("stack expects each tensor to be equal size")
    stacks = [torch.tensor(LEFT), torch.tensor(ROW)], [torch.tensor(RIGHT), torch.tensor(RIGHT)]
    check_output(snippet(p, 0, stacks))


def test_the_code_has_the_entered_numbers() -> None:
    p = multiply("mm", torch.tensor([[0.1, 2.0]]), torch.tensor([[-0.7], [3.0]]))
    assert "a = torch.tensor([[0.1, 2.]])" in snippet(p, 0).code
    stacks = ([torch.tensor([[0.1]])], [torch.tensor([[0.3]])])
    assert "torch.stack([torch.tensor([[0.1]])])" in snippet(p, 0, stacks).code
