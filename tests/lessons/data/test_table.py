"""Tables from outside: only TableError is raised, and an accepted table keeps the rules."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.lessons.data.settings import TINY_HOUSE
from dlcore.lessons.data.table import LIMITS, MAX_ABS, TextTable, edited, frame, read
from dlcore.typed.csv_table import TableError

MAX_ROWS, MAX_COLUMNS, MAX_CELL = LIMITS.rows[1], LIMITS.columns[1], LIMITS.cell

CELL = st.one_of(
    st.sampled_from(
        ["", "NA", "nan", "1", "-2.5", "1e3", "inf", "9" * 30, "True", "false", "a;b", 'say "x"', "'", "\\"]
    ),
    st.text(max_size=MAX_CELL),
)


@st.composite
def tables(draw):
    """Generate the text of a rectangular CSV, mostly valid."""
    columns = draw(st.integers(2, 5))
    row = st.lists(CELL, min_size=columns, max_size=columns).map(tuple)
    return TextTable(draw(row), tuple(draw(st.lists(row, min_size=1, max_size=6)))).csv()


def sound(table):
    assert 2 <= len(table.names) <= MAX_COLUMNS
    assert len(set(table.names)) == len(table.names)
    assert all(table.names)
    assert 1 <= len(table.rows) <= MAX_ROWS
    for row in (table.names, *table.rows):
        assert len(row) == len(table.names)
        assert all(len(cell) <= MAX_CELL and cell.isprintable() and cell == cell.strip() for cell in row)
    found = frame(table)
    assert found.shape == (len(table.rows), len(table.names))
    assert list(found.columns) == list(table.names)
    for name in found.select_dtypes("number"):
        assert all(math.isfinite(value) and abs(value) <= MAX_ABS for value in found[name].dropna())


def outcome(act, value):
    try:
        return act(value)
    except TableError as error:
        return error


@given(st.binary(max_size=300) | tables().map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_raise_TableError(content):
    found = outcome(read, content)
    if isinstance(found, TextTable):
        sound(found)


@given(st.text(alphabet='ab1,;\t"\n \r.NA', max_size=60) | st.text(max_size=60) | tables())
def test_any_text_and_what_is_written_reads_back(text):
    found = outcome(read, text)
    if isinstance(found, TextTable):
        sound(found)
        assert read(found.csv()) == found


@pytest.mark.parametrize(
    ("text", "names"),
    [("a,b;c\n1,2;3", ("a", "b;c")), ("a\tb;c\n1\t2;3", ("a", "b;c")), ("a,b\tc\n1,2\t3", ("a", "b c"))],
)
def test_commas_come_before_tabs_and_those_before_semicolons(text, names):
    assert read(text).names == names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(encoding, separator):
    text = "房间,小巷,价格\nNA,铺装,127500\n\n2,,106000\r\n".replace(",", separator)
    table = read(text.encode(encoding))
    assert table == TextTable(("房间", "小巷", "价格"), (("NA", "铺装", "127500"), ("2", "", "106000")))


def test_the_tiny_house():
    found = frame(read(TINY_HOUSE))
    assert found.isna().sum().to_dict() == {"NumRooms": 2, "Alley": 3, "Price": 0}
    assert pd.api.types.is_numeric_dtype(found["NumRooms"])
    assert not pd.api.types.is_numeric_dtype(found["Alley"])
    assert read(TINY_HOUSE).csv() == TINY_HOUSE


@pytest.mark.parametrize(
    ("text", "rule", "limits"),
    [
        ("", "empty", {}),
        ("a\n1", "width", {"min": 2, "max": 20, "got": 1}),
        (",".join(map(str, range(21))), "width", {"got": 21, "max": 20}),
        ("a,b", "too_few_rows", {"min": 1, "got": 0}),
        ("a,a\n1,2", "twins", {"column": "a"}),
        ("a,b\n1,2\n1,2,3", "columns", {"row": 3, "max": 2, "got": 3}),
        ("a;b\n1;2\n1;2;3", "columns", {"row": 3, "max": 2, "got": 3}),
        ('a,b\n1,"2', "malformed", {"row": 2}),
        ("a,b\n1," + "x" * 41, "too_long", {"row": 2, "column": 2, "got": 41}),
        ("a,b\n" + "1,2\n" * 201, "too_many_rows", {"max": MAX_ROWS}),
        ("a,b\n1,inf", "not_finite", {"row": 2, "column": "b", "value": "inf"}),
        ("a,b\n\n1,2\n\n1,1e16", "not_finite", {"row": 5, "column": "b", "value": "1e+16"}),
    ],
)
def test_rules(text, rule, limits):
    error = outcome(read, text)
    assert error.rule == rule
    assert limits.items() <= error.limits.items()


def test_only_a_file_has_a_limit_of_bytes():
    wide = ",".join("张" * MAX_CELL for _ in range(MAX_COLUMNS))
    text = "\n".join([",".join("abcdefghijklmnopqrst"), *[wide] * MAX_ROWS])
    assert len(read(text).rows) == MAX_ROWS
    error = outcome(read, text.encode())
    assert (error.rule, error.limits["max"]) == ("too_large", LIMITS.bytes)


def test_a_full_table_and_nameless_columns():
    text = ",".join([""] * 20) + "\n" + (",".join(["1"] * 20) + "\n") * 200
    table = read(text)
    assert table.names == tuple(f"x{i}" for i in range(1, 21))
    assert len(table.rows) == 200


def test_unprintable_characters_are_made_visible():
    assert read("\u202ea,b\n1,x\u200by") == TextTable(("[U+202E]a", "b"), (("1", "x[U+200B]y"),))
    assert edited(TextTable(("a",), (("1",),)), {"edited_rows": {0: {"0": "x\u200b "}}}).rows == (("x[U+200B]",),)


def test_edits():
    table = read(TINY_HOUSE)
    changed = edited(table, {"edited_rows": {3: {"0": " 5 ", "1": None}, 0: {"2": "1\n2"}}})
    assert changed.rows == (("NA", "Pave", "1 2"), *table.rows[1:3], ("5", "NA", "140000"))
    assert edited(table, {"added_rows": [{}, {"2": "9"}]}).rows[4:] == (("NA",) * 3, ("NA", "NA", "9"))
    assert edited(table, {"deleted_rows": [0, 2]}).rows == (table.rows[1], table.rows[3])
    assert edited(table, {}) == table
    everything = {"edited_rows": {1: {"0": "7"}}, "added_rows": [{"0": "8"}], "deleted_rows": [0]}
    assert edited(table, everything).rows == (("7", "NA", "106000"), *table.rows[2:], ("8", "NA", "NA"))
