"""CSVs of any content: nothing but TableError is raised, and accepted tables keep their rules."""

import io

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.network.settings import MAX_SAMPLES
from dlcore.spiral.table import LIMITS, MAX_ABS, MAX_CLASSES, MIN_CLASSES, Table, read_csv
from dlcore.typed.csv_table import MAX_LINE, TableError

MIN_ROWS, MAX_CELL, MAX_BYTES = LIMITS.rows[0], LIMITS.cell, LIMITS.bytes

ROWS = "".join(f"{i},{i * i},{'ab'[i % 2]}\n" for i in range(12))
GOOD = b"u,v,kind\n" + ROWS.encode()


def broken(content):
    """Return the error that reading ``content`` raises."""
    with pytest.raises(TableError) as caught:
        read_csv(content)
    return caught.value


def outcome(content):
    """Return the table or the error that reading ``content`` gives."""
    try:
        return read_csv(content)
    except TableError as error:
        return error


def with_line(number, line):
    """Return GOOD with line ``number``, counted from 1, replaced."""
    lines = GOOD.decode().splitlines()
    lines[number - 1] = line
    return "\n".join(lines).encode()


def raw_points(table):
    """Return the points before scaling, float64."""
    return table.dataset.X.double() * torch.tensor(table.scale) + torch.tensor(table.center)


def assert_sound(table):
    X, y = table.dataset.X, table.dataset.y
    n_classes = len(table.classes)
    assert X.dtype == torch.float32
    assert y.dtype == torch.int64
    assert X.shape == (len(y), 2)
    assert MIN_ROWS <= len(y) <= MAX_SAMPLES
    assert X.isfinite().all()
    assert X.min(dim=0).values.tolist() == [-1, -1]
    assert X.max(dim=0).values.tolist() == [1, 1]
    assert MIN_CLASSES <= n_classes <= MAX_CLASSES
    assert table.dataset.n_classes == n_classes
    assert sorted(set(y.tolist())) == list(range(n_classes))
    assert (y.diff() >= 0).all()  # one class after the other
    names = (*table.features, table.label)
    assert len(set(names)) == 3
    assert len(set(table.classes)) == n_classes
    assert all(0 < len(name) <= MAX_CELL for name in (*names, *table.classes))
    assert all(0 < scale <= MAX_ABS for scale in table.scale)


# --- tables that are read -------------------------------------------------------------------------------------------
def test_a_table_is_read_scaled_and_ordered_by_class():
    table = read_csv(GOOD)
    assert_sound(table)
    assert (table.features, table.label, table.classes) == (("u", "v"), "kind", ("a", "b"))
    assert (table.center, table.scale) == ((5.5, 60.5), (5.5, 60.5))
    assert table.dataset.y.tolist() == [0] * 6 + [1] * 6
    assert raw_points(table)[:, 0].round().tolist() == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]


def test_without_a_header_the_first_row_is_data_and_the_columns_get_names():
    table = read_csv(ROWS.encode())
    assert (table.features, table.label) == (("x1", "x2"), "label")
    assert torch.equal(table.dataset.X, read_csv(GOOD).dataset.X)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_separators_line_ends_and_encodings(separator, newline, encoding):
    text = "长,宽,种类\n" + ROWS.replace("a\n", "山鸢尾\n")
    table = read_csv(text.replace(",", separator).replace("\n", newline).encode(encoding))
    assert_sound(table)
    assert (table.features, table.label, table.classes) == (("长", "宽"), "种类", ("b", "山鸢尾"))


@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_only_column_of_text_is_the_label(label):
    frame = pd.read_csv(io.BytesIO(GOOD))
    columns = ["u", "v"]
    columns.insert(label, "kind")
    for header in (True, False):
        table = read_csv(frame[columns].to_csv(index=False, header=header).encode())
        assert torch.equal(table.dataset.X, read_csv(GOOD).dataset.X)
        assert table.classes == ("a", "b")
        assert not header or (table.features, table.label) == (("u", "v"), "kind")


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (("10", "9"), ("9", "10")),  # as numbers, not as text
        (("1", "1.0", "-2.50"), ("-2.5", "1")),  # one number, one class
        (("0.5", "x"), ("0.5", "x")),
        (("none", "some"), ("none", "some")),
        (
            ("9007199254740993", "9007199254740992"),
            ("9007199254740992", "9007199254740993"),
        ),  # no float tells them apart
        (("inf", "0"), ("0", "inf")),
        (("1_0", "10"), ("10", "1_0")),
        ((" a  b ", "a b", '"c, d"'), ("a b", "c, d")),
    ],
)
def test_labels_may_be_numbers_or_text(labels, classes):
    table = read_csv("".join(f"{i},{-i},{labels[i % len(labels)]}\n" for i in range(12)).encode())
    assert_sound(table)
    assert table.classes == classes
    assert table.label == "label"


def test_a_header_with_gaps_or_duplicates_gets_default_names():
    assert read_csv(GOOD.replace(b"u,v,kind", b",v,")).features == ("x1", "v")
    twins = read_csv(GOOD.replace(b"u,v,kind", b"u,u,kind"))
    assert (twins.features, twins.label) == (("x1", "x2"), "label")


def test_blank_rows_are_skipped():
    assert len(read_csv(b"\n , ,\n" + GOOD.replace(b"\n", b"\n\n,,\n")).dataset.y) == 12


@pytest.mark.parametrize("header", ["", "a,b,c\n"], ids=["no header", "header"])
def test_the_largest_table_is_read_and_one_row_more_is_refused(header):
    lines = [f"{i / 7},{i % 97},{i % 8}\n" for i in range(MAX_SAMPLES)]
    table = read_csv((header + "".join(lines)).encode())
    assert_sound(table)
    assert len(table.dataset.y) == MAX_SAMPLES
    assert broken((header + "".join([*lines, "1,2,3\n"])).encode()).rule == "too_many_rows"


def test_names_show_unprintable_characters_and_written_keeps_them():
    text = "\ufeff\ufeffu,v\u202e,kind\n" + ROWS.replace("a\n", "\u200ba\n").replace("b\n", "b\x07 c\n")
    table = read_csv(text.encode())
    assert_sound(table)
    assert (table.features, table.label) == (("[U+FEFF]u", "v[U+202E]"), "kind")
    assert table.classes == ("[U+200B]a", "b[U+0007] c")
    assert table.written == ("\u200ba", "b\x07 c")
    assert read_csv(GOOD).written == ()


def test_the_codec_of_the_file_is_kept():
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        assert read_csv(GOOD.decode().replace("kind", "种类").encode(encoding)).encoding == encoding
    assert read_csv(GOOD.replace(b"kind", b"caf\xe9")).label == "café"


@pytest.mark.parametrize("header", ["", "a,b,c\n"])
def test_one_row_too_many_is_refused_and_not_cut(header):
    rows = [f"{i},{i % 97},{i % 8}\n" for i in range(MAX_SAMPLES + 1)]
    assert len(read_csv((header + "".join(rows[:-1])).encode()).dataset.y) == MAX_SAMPLES
    assert broken((header + "".join(rows)).encode()).rule == "too_many_rows"


def test_of_two_separators_that_fit_equally_tabs_come_before_semicolons_and_those_before_commas():
    assert broken(b"2,5;1,5;a\n" * 12).limits["value"] == "2,5"
    assert broken(b"2;5\t1;5\ta\n" * 12).limits["value"] == "2;5"
    assert broken(b"2,5\t1,5\ta\n" * 12).limits["value"] == "2,5"


# --- tables that are refused ----------------------------------------------------------------------------------------
FIFTY = ",".join(map(str, range(50))).encode() + b"\n"

REFUSED = {
    "nothing": (b"", "empty", {}),
    "only blanks": (b"\xef\xbb\xbf \r\n\t\n", "empty", {}),
    "one column": (b"1\n" * 20, "columns", {"row": 1, "max": 3, "got": 1}),
    "50 columns": (FIFTY * 20, "columns", {"row": 1, "max": 3, "got": 50}),
    "a longer row": (with_line(5, "1,2,a,4"), "columns", {"row": 5, "max": 3, "got": 4}),
    "a shorter row": (with_line(5, "1,2"), "columns", {"row": 5, "max": 3, "got": 2}),
    "a header alone": (b"u,v,kind\n", "too_few_rows", {"min": 10, "max": MAX_SAMPLES, "got": 0}),
    "nine rows": (b"u,v,kind\n" + b"1,2,a\n" * 9, "too_few_rows", {"min": 10, "max": MAX_SAMPLES, "got": 9}),
    "one class": (GOOD.replace(b"b\n", b"a\n"), "classes", {"column": "kind", "min": 2, "max": 8, "got": 1}),
    "a measured label": (
        "".join(f"{i},{i},{i / 3}\n" for i in range(3000)).encode(),
        "classes",
        {"column": "label", "min": 2, "max": 8, "got": 3000},
    ),
    "text in a feature": (with_line(4, "2,four,a"), "not_numeric", {"row": 4, "column": "v", "value": "four"}),
    "decimal commas": (b"u;v;w\n" + b"2,5;1,5;a\n" * 12, "not_numeric", {"row": 2, "column": "u", "value": "2,5"}),
    "two columns of text": (b"u,v,w\n" + b"x,1,a\nx,2,b\n" * 5, "not_numeric", {"row": 2, "column": "u", "value": "x"}),
    "missing feature": (with_line(4, "2,,a"), "missing", {"row": 4, "column": "v"}),
    "NaN": (with_line(4, "NaN,1,a"), "missing", {"row": 4, "column": "u"}),
    "missing in the first row": (b",1,a\n" + ROWS.encode(), "missing", {"row": 1, "column": "x1"}),
    "missing label": (with_line(4, "2,4, "), "missing", {"row": 4, "column": "kind"}),
    "infinity": (with_line(4, "-inf,4,a"), "not_finite", {"row": 4, "column": "u", "value": "-inf", "max": MAX_ABS}),
    "overflow": (with_line(4, "2,1e999,a"), "not_finite", {"row": 4, "column": "v", "value": "1e999", "max": MAX_ABS}),
    "huge": (with_line(4, "2,1e101,a"), "not_finite", {"row": 4, "column": "v", "value": "1e101", "max": MAX_ABS}),
    "constant": (b"u,v,kind\n" + b"1,7,a\n2,7,b\n" * 5, "constant", {"column": "v", "value": "7"}),
    "nearly constant": (b"1e16,1,a\n10000000000000002,2,b\n" * 5, "constant", {"column": "x1", "value": "1e+16"}),
    "a long cell": (
        with_line(4, f"2,4,{'a' * 101}"),
        "too_long",
        {"row": 4, "column": 3, "max": MAX_CELL, "got": 101, "value": "a" * 39 + "…"},
    ),
    "an open quotation": (with_line(4, '2,4,"a'), "malformed", {"row": 13}),
    "UTF-16 without its mark": (GOOD.decode().encode("utf-16-le"), "encoding", {}),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "encoding", {}),
    "twelve megabytes": (b"1,2,a\n" * 2_000_000, "too_large", {"max": MAX_BYTES, "got": 12_000_000}),
    "800,000 and a bad row": (b"1,2,a\n" * 800_000 + b"1", "too_many_rows", {"min": 10, "max": MAX_SAMPLES}),
    "5 million columns": (b"," * MAX_BYTES, "long_line", {"row": 1, "max": MAX_LINE, "got": MAX_BYTES}),
    "blank lines": (b"1,2,a" + b"\n" * 4_000_000, "too_many_lines", {"max": 10 * (MAX_SAMPLES + 1)}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_table_names_its_rule_and_value(name):
    content, rule, limits = REFUSED[name]
    error = broken(content)
    assert (error.rule, error.limits) == (rule, limits)
    assert isinstance(error, ValueError)
    assert len(str(error)) < 250
    assert "{" not in str(error)


def test_every_rule_is_tested():
    assert {rule for _, rule, _ in REFUSED.values()} == set(TableError.RULES) - {"twins", "width"}  # of the data page


# --- anything at all ------------------------------------------------------------------------------------------------
numbers = st.one_of(st.integers(-1000, 1000).map(str), st.floats(-1e9, 1e9).map(repr))
oddities = ["", " ", "nan", "inf", "-Infinity", "NA", "1e400", "1e308", "1e-320", "1_0", "１２", "0x1", '"', "a" * 200]
cells = st.one_of(numbers, numbers, st.sampled_from(oddities), st.floats().map(repr), st.text(max_size=6))


@st.composite
def encoded(draw, text):
    """Return ``text`` in a supported encoding, or in UTF-16 without a byte order mark."""
    names = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "latin-1"]
    return text.replace("\0", "").encode(draw(st.sampled_from(names)), errors="ignore")


@st.composite
def random_tables(draw):
    """Return rows that are mostly two numbers and a class, in any order, with any separator and encoding."""
    columns = draw(st.permutations([numbers, draw(st.sampled_from([numbers, cells])), st.sampled_from("ab1")]))
    columns += draw(st.sampled_from([[], [], [], [], [cells], [cells] * 47]))
    rows = draw(st.lists(st.tuples(*columns), min_size=8, max_size=25))
    separator, newline = draw(st.sampled_from([",", ";", "\t", "|"])), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return draw(encoded(newline.join(separator.join(row) for row in rows)))


@st.composite
def good_frames(draw):
    """Return a frame that keeps every rule: two columns of numbers and a label of 2 to 8 classes."""
    classes = draw(st.lists(st.text("abc 类,;é'", min_size=1, max_size=8).filter(str.strip), min_size=2, max_size=8))
    n = draw(st.integers(max(MIN_ROWS, len(classes)), 40))
    values = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
    columns = [draw(st.lists(values, min_size=n, max_size=n)) for _ in range(2)]
    for column in columns:
        column[:2] = [-1.0, 2.0]  # not constant
    return pd.DataFrame({"u": columns[0], "v": columns[1], "kind": [classes[i % len(classes)] for i in range(n)]})


@st.composite
def mutated_tables(draw):
    """Return a good table with some of its cells, characters or bytes replaced."""
    frame = draw(good_frames()).astype(str)
    for _ in range(draw(st.integers(0, 2))):
        frame.iloc[draw(st.integers(0, len(frame) - 1)), draw(st.integers(0, 2))] = draw(cells)
    content = bytearray(draw(encoded(frame.to_csv(index=False, header=draw(st.booleans())))))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(content) - 1))
        content[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(content)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=300), random_tables(), mutated_tables(), mutated_tables()))
def test_only_table_errors_escape_and_what_is_accepted_is_sound(content):
    result = outcome(content)
    if isinstance(result, Table):
        assert_sound(result)
        return
    assert result.rule in TableError.RULES
    assert str(result)
    assert all(len(str(value)) <= MAX_CELL for value in result.limits.values())


@settings(deadline=None)
@given(good_frames(), st.booleans(), st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_a_good_table_is_read_as_it_was_written(frame, header, separator, encoding):
    labels = [" ".join(label.split()) for label in frame["kind"]]
    content = frame.to_csv(index=False, header=header, sep=separator).encode(encoding)
    if len(set(labels)) < MIN_CLASSES:
        assert broken(content).rule == "classes"
        return
    table = read_csv(content)
    assert_sound(table)
    assert table.classes == tuple(sorted(set(labels)))
    order = sorted(range(len(frame)), key=lambda i: labels[i])  # stable, as the table's
    assert [table.classes[c] for c in table.dataset.y] == [labels[i] for i in order]
    expected = torch.tensor(frame[["u", "v"]].to_numpy()[order])
    spans = torch.tensor(table.scale)
    torch.testing.assert_close((raw_points(table) - expected) / spans, torch.zeros_like(expected), rtol=0, atol=1e-7)
