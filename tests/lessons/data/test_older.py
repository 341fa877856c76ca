"""Lines of older notes: torch's and pandas' own message of today, and a program that prints it."""

import pandas as pd
import pytest
import torch
from programs import printed

from dlcore.lessons.data.model import prepare
from dlcore.lessons.data.older.model import older_line
from dlcore.lessons.data.programs import older_snippet
from dlcore.lessons.data.settings import TINY_HOUSE
from dlcore.lessons.data.table import read

DEFAULT = ("split", "missing", "onehot", "tensor")


def test_the_lines_of_the_tiny_house_raise_today():
    done = prepare(read(TINY_HOUSE), DEFAULT)
    lines = {step.id: older_line(done, i) for i, step in enumerate(done.steps)}
    assert lines["split"] is None
    assert lines["onehot"] is None
    X = done.steps[0].X
    assert lines["missing"].code == "X = X.fillna(X.mean())"
    with pytest.raises(TypeError) as raised:
        X.fillna(X.mean())
    assert lines["missing"].error == f"TypeError: {raised.value}"
    assert X.fillna(X.mean(numeric_only=True))["NumRooms"].tolist() == [3, 2, 4, 3]
    assert lines["tensor"].code == "X = torch.tensor(X.values)"
    encoded = pd.get_dummies(X, dummy_na=True)
    with pytest.raises(TypeError) as raised:
        torch.tensor(encoded.to_numpy())
    assert lines["tensor"].error == f"TypeError: {raised.value}"
    assert "numpy.object_" in lines["tensor"].error


@pytest.mark.parametrize("steps", [DEFAULT, ("missing", "onehot", "tensor", "split"), ("onehot", "missing", "split")])
@pytest.mark.parametrize("table", [TINY_HOUSE, "a,b\n1,2\n,4", "a,b\n1,x\n2,y"])
def test_the_programs_print_what_the_page_shows(steps, table):
    done = prepare(read(table), steps)
    for i in range(len(done.steps)):
        line = older_line(done, i)
        if line:
            shown = older_snippet(done, i, line)
            assert line.code in shown.code
            assert printed(shown.code) == shown.output


def test_a_table_of_numbers_alone_raises_nothing():
    done = prepare(read("a,b\n1,2\n,4"), DEFAULT)
    assert [older_line(done, i).error for i in (1, 3)] == ["", ""]


def test_dropping_rows_has_no_older_line():
    done = prepare(read("a,b\n1,2\n,4"), ("split", "missing", "tensor"), missing="rows")
    assert older_line(done, 1) is None
