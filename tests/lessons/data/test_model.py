"""Preparation: the example table, each step against pandas, impossible orders, and generated tables."""

from itertools import permutations

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.data.model import MAX_ENCODED, StepError, prepare
from dlcore.lessons.data.programs import snippet
from dlcore.lessons.data.settings import PREPARATION_STEPS, TINY_HOUSE
from dlcore.lessons.data.table import TextTable, frame, read
from dlcore.typed.csv_table import TableError

DEFAULT = ("split", "missing", "onehot", "tensor")


def problem(text, *steps, **options):
    error = prepare(read(text), steps, **options).problem
    assert isinstance(error, StepError)
    return error.rule, error.limits


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_tiny_house_becomes_these_tensors(dtype):
    done = prepare(read(TINY_HOUSE), DEFAULT, dtype=dtype)
    assert done.problem is None
    assert done.X.tolist() == [[3, 1, 0], [2, 0, 1], [4, 0, 1], [3, 0, 1]]
    assert done.y.tolist() == [127500, 106000, 178100, 140000]
    assert done.X.dtype == done.y.dtype == getattr(torch, dtype)
    assert list(done.steps[2].X.columns) == ["NumRooms", "Alley_Pave", "Alley_nan"]
    assert [step.id for step in done.steps] == list(DEFAULT)


def test_the_changes_of_each_step():
    split, missing, onehot, tensor = prepare(read(TINY_HOUSE), DEFAULT).steps
    assert (split.removed, split.new, split.filled, split.changed.to_numpy().sum()) == (("Price",), (), 0, 0)
    assert (missing.removed, missing.new, missing.filled) == ((), (), 2)
    assert missing.changed["NumRooms"].tolist() == [True, False, False, True]
    assert not missing.changed["Alley"].any()
    assert (onehot.removed, onehot.new, onehot.filled) == (("Alley",), ("Alley_Pave", "Alley_nan"), 0)
    assert onehot.changed.all().to_dict() == {"NumRooms": False, "Alley_Pave": True, "Alley_nan": True}
    assert tensor.changed is None


def test_dropping_the_column_with_most_missing_values():
    (step,) = prepare(read(TINY_HOUSE), ("drop",)).steps
    assert step.removed == ("Alley",)
    done = prepare(read(TINY_HOUSE), ("drop", "split", "missing", "tensor"))
    assert done.X.tolist() == [[3], [2], [4], [3]]
    (step,) = prepare(read("a,b\n1,2"), ("drop",)).steps  # without missing values no column is dropped
    assert step.removed == ()


def test_dropping_rows():
    assert problem(TINY_HOUSE, *DEFAULT, missing="rows")[0] == "no_rows"
    done = prepare(read(TINY_HOUSE), ("split", "onehot", "missing", "tensor"), missing="rows")
    assert done.steps[2].rows_dropped == 2
    assert done.X.tolist() == [[2, 0, 1], [4, 0, 1]]
    assert done.y.tolist() == [106000, 178100]  # the targets of the rows that are left


def test_one_hot_before_the_split_takes_the_wrong_target():
    done = prepare(read(TINY_HOUSE), ("missing", "onehot", "split", "tensor"))
    assert done.X.tolist()[0] == [3, 127500, 1]
    assert done.y.tolist() == [0, 1, 1, 1]  # Alley_nan


def test_a_split_after_the_tensor_gives_the_same_tensors():
    numbers = "a,b,c\n1,2,3\n4,5,6"
    before, after = (prepare(read(numbers), steps) for steps in (("split", "tensor"), ("tensor", "split")))
    assert before.X.equal(after.X)
    assert before.y.equal(after.y)


def test_the_dtype_decides_which_whole_numbers_are_exact():
    text = "a,b\n1,16777217"
    assert prepare(read(text), ("split", "tensor"), dtype="float32").y.tolist() == [16777216]
    assert prepare(read(text), ("split", "tensor"), dtype="float64").y.tolist() == [16777217]


def test_impossible_orders_are_explained():
    assert problem(TINY_HOUSE, "tensor") == ("text", {"columns": "Alley"})
    assert problem(TINY_HOUSE, "onehot", "tensor") == ("missing", {"columns": "NumRooms"})
    assert problem("a,b\n1,x\n2,y", "split", "onehot", "tensor") == ("text_target", {"columns": "b"})
    assert problem("a,b\n1,NA\n2,3", "split", "missing", "tensor") == ("missing_target", {"columns": "b"})
    assert problem("a,b\n1,2", "tensor", "missing") == ("frame_gone", {})
    assert problem("a,b\nNA,2", "split", "drop") == ("last_column", {"column": "a"})
    assert problem("a,b\nNA,2", "drop", "split") == ("too_few", {"column": "b"})
    assert problem("a,a_x,b\nx,1,2", "onehot") == ("twins", {"column": "a_x"})
    many = "a,b\n" + "\n".join(f"w{i},{i}" for i in range(150))
    assert problem(many, "onehot") == ("wide", {"max": MAX_ENCODED, "got": 151})


def test_steps_before_a_problem_stay():
    done = prepare(read(TINY_HOUSE), ("split", "tensor", "missing"))
    assert [step.id for step in done.steps] == ["split"]
    assert isinstance(done.X, pd.DataFrame)


def test_a_column_without_any_number_cannot_be_filled():
    assert problem("a,b\nNA,2\nNA,3", "split", "missing", "tensor") == ("missing", {"columns": "a"})


@pytest.mark.parametrize("missing", ["mean", "rows"])
def test_every_order_of_every_choice_runs_as_shown(missing):
    seen = set()
    for length in range(len(PREPARATION_STEPS) + 1):
        for steps in permutations(PREPARATION_STEPS, length):
            done = prepare(read(TINY_HOUSE), steps, missing=missing)
            shown = snippet(done)
            assert len(done.steps) == length or done.problem
            if shown.code not in seen:
                seen.add(shown.code)
                assert printed(shown.code) == shown.output


def test_any_cell_can_stand_in_the_code():
    for cell in ('"', '""', "\\", "'''", '"""', "{x}", "#", "a,b", "中文"):
        for name in ("a", cell):
            table = TextTable((name, "b"), ((cell, "1"), ("x", "2")))
            shown = snippet(prepare(read(table.csv()), ()))
            assert printed(shown.code) == shown.output


CELLS = st.one_of(
    st.sampled_from(["", "NA", "nan", "None", "1", "-2.5", "1e3", "True", "False", "9" * 25, "x", "y", "2024-01-01"]),
    st.integers(-(10**15), 10**15).map(str),
    st.text(max_size=6),
)


@st.composite
def tables(draw):
    columns = draw(st.integers(2, 5))
    row = st.lists(CELLS, min_size=columns, max_size=columns).map(tuple)
    names = draw(st.lists(st.text("ab_x1", max_size=3), min_size=columns, max_size=columns).map(tuple))
    return TextTable(names, tuple(draw(st.lists(row, min_size=1, max_size=6)))).csv()


@given(
    tables(),
    st.lists(st.sampled_from(PREPARATION_STEPS), unique=True),
    st.sampled_from(["mean", "rows"]),
    st.sampled_from(["float32", "float64"]),
)
def test_any_table_in_any_order(text, steps, missing, dtype):
    try:
        table = read(text)
    except TableError:
        return
    done = prepare(table, steps, missing=missing, dtype=dtype)
    assert (done.problem is None) == (len(done.steps) == len(steps))
    assert done.start.equals(frame(table))
    shown = snippet(done)
    assert printed(shown.code) == shown.output
    for step in done.steps:
        if step.changed is not None:
            assert step.changed.shape == step.X.shape
            assert step.changed.columns.is_unique
        if step.y is not None:
            assert len(step.X) == len(step.y)
    if isinstance(done.X, torch.Tensor):
        assert done.X.isfinite().all()
        assert done.X.dtype == getattr(torch, dtype)
