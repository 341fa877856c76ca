"""The CSV reader: any input gives cells within the limits or a TableError, after bounded work."""

import csv
import io
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dlcore.typed import csv_table
from dlcore.typed.csv_table import MAX_LINE, SAMPLE, Limits, TableError, decode, number, read, visible

SMALL = Limits(bytes=1000, rows=(1, 6), columns=(2, 4), cell=10)
NUMBERS = Limits(bytes=1000, rows=(1, 6), columns=(3, 3), cell=10, separators="\t;,", numbers=2)
LARGE = Limits(bytes=5_000_000, rows=(10, 10_000), columns=(3, 3), cell=100, separators="\t;,", numbers=2)


def cells(content, limits=SMALL):
    return [row.cells for row in read(content, limits).rows]


def error(content, limits=SMALL):
    with pytest.raises(TableError) as caught:
        read(content, limits)
    return caught.value


# --- arbitrary input ------------------------------------------------------------------------------------------------
TEXT = st.text(max_size=80) | st.text(alphabet='ab1,;\t"\n\r \u200b\ufeff.', max_size=80)


@given(st.binary(max_size=200) | TEXT | TEXT.map(lambda text: text.encode("utf-16", "replace")), st.booleans())
def test_only_table_errors_escape_and_cells_keep_the_limits(content, empty_rows):
    limits = Limits(bytes=150, rows=(1, 6), columns=(2, 4), cell=10, empty_rows=empty_rows)
    try:
        table = read(content, limits)
    except TableError:
        return
    assert 1 <= len(table.rows) <= 7
    (width,) = {len(row.cells) for row in table.rows}
    assert 2 <= width <= 4
    lines = [row.line for row in table.rows]
    assert lines == sorted(set(lines))
    for row in table.rows:
        assert len(row.written) == width
        assert empty_rows or any(row.cells)
        assert all(cell.isprintable() and cell == cell.strip() and len(cell) <= 10 for cell in row.cells)


CELLS = st.text(alphabet='ab1.,;"\t\n 张é', max_size=6)
GRIDS = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6))


@given(GRIDS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_written_csv_is_read_like_pandas_reads_it(rows, end, encoding):
    assume(all(any(cell.strip() for cell in row) for row in rows))
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    limits = Limits(bytes=1000, rows=(1, 6), columns=(2, 4), cell=10, separators=",")
    frame = pd.read_csv(io.StringIO(out.getvalue(), newline=""), header=None, dtype=str, keep_default_na=False)
    expected = [tuple(" ".join(cell.split()) for cell in row) for row in frame.to_numpy().tolist()]
    assert cells(out.getvalue().encode(encoding), limits) == expected


# --- encodings ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "expected", "encoding"),
    [
        ("长,é\n1,2".encode(), "长", "utf-8-sig"),
        ("长,é\n1,2".encode("utf-8-sig"), "长", "utf-8-sig"),
        ("长\té\r\n1\t2\r\n".encode("utf-16"), "长", "utf-16"),  # as Excel saves "Unicode text"
        (b"\xff\xfe" + "长\té\r\n1\t2\r\n".encode("utf-16-le"), "长", "utf-16"),
        (b"\xfe\xff" + "长\té\r\n1\t2\r\n".encode("utf-16-be"), "长", "utf-16"),
        ("长,宽\n1,2".encode("gb18030"), "长", "gb18030"),
        ("房间数,鸢尾\n1,2".encode("gb18030"), "房间数", "gb18030"),
        ("鸢尾,é\n1,2".encode("gb18030"), "鸢尾", "gb18030"),
        ("Größe,Müller\n1,2".encode("latin-1"), "Größe", "cp1252"),
        ("Größe,b\n1,2".encode("latin-1"), "Größe", "cp1252"),
        ("créée,b\n1,2".encode("latin-1"), "créée", "cp1252"),
        ("ÉÉa,éaéaéa\n1,2".encode("latin-1"), "ÉÉa", "cp1252"),  # most runs are not Chinese
        ("éa,ÉÉa\n1,2".encode("latin-1"), "éa", "cp1252"),  # half of the runs
        ("it’s €,b\n1,2".encode("cp1252"), "it’s €", "cp1252"),
    ],
)
def test_encodings(content, expected, encoding):
    table = read(content, SMALL)
    assert table.rows[0].cells[0] == expected
    assert table.encoding == encoding
    assert content.decode(table.encoding).startswith(expected)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2".encode("utf-16-le"),
        "a,b\n1,2".encode("utf-32"),
        b"\xff\xfea",  # half a UTF-16 character
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"a,\x81\n1,2",  # not in cp1252
    ],
)
def test_binary_content_is_rejected(content):
    assert error(content).rule == "encoding"


def test_guessing_the_encoding_reads_a_bounded_part_of_the_file(monkeypatch):
    content = "éa,áa,".encode("latin-1") + "张,".encode("gb18030") * 4
    assert decode(content, 100)[1] == "gb18030"
    monkeypatch.setattr(csv_table, "RUNS", 2)
    assert decode(content, 100)[1] == "cp1252"


# --- characters that do not print -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        *((chr(code), f"[U+{code:04X}]") for code in (*range(0x200B, 0x2010), 0x202E, 0x2066, 0x2069, 0xFEFF)),
        *((chr(code), f"[U+{code:04X}]") for code in (1, 7, 0x0B, 0x1F, 0x7F, 0x85, 0xAD, 0xE000)),
        ("\N{NO-BREAK SPACE}", " "),
        ("\N{IDEOGRAPHIC SPACE}", " "),
        ("é", "é"),
    ],
)
def test_unprintable_characters_are_shown_as_code_points(written, shown):
    row = read(f"a{written}b,c\n1,2", SMALL).rows[0]
    assert row.cells[0] == f"a{shown}b"
    assert visible(f"{written}1") == (f"{shown}1" if shown != " " else f"{written}1")


def test_the_first_byte_order_mark_is_dropped_and_a_second_shown():
    assert cells("\ufeffa,b\n1,2".encode("utf-8-sig"))[0] == ("[U+FEFF]a", "b")
    assert cells("a,b\n1,2".encode("utf-8-sig"))[0] == ("a", "b")
    assert cells("\ufeffa\tb\n1\t2".encode("utf-16"))[0] == ("[U+FEFF]a", "b")


def test_written_cells_keep_unprintable_characters():
    assert read("\u200b  b,c\n1,2", SMALL).rows[0].written == ("\u200b b", "c")


# --- separators -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "limits", "separator"),
    [
        ("a,b\n1,2", SMALL, ","),
        ("a;b\n1;2", SMALL, ";"),
        ("a\tb\n1\t2", SMALL, "\t"),
        ("a,b\tc\n1,2\t3", SMALL, ","),  # equal fits: the first
        ("a\tb;c\n1\t2;3", SMALL, "\t"),
        ("a,b\tc\td\n1,2\t3\t4", SMALL, ","),  # even if another gives more cells
        ("a,b,c;d,e\n1,2,3;4,5\n", SMALL, ","),
        ("a,b,c;d,e,f\n1,2,3;4,5,6\n", SMALL, ";"),  # five columns are too many
        ("a,b;c;d\n1;2;3", SMALL, ";"),  # gives more rows
        ("1,5;2,5;a\n2,5;3,5;b", NUMBERS, ";"),
        ("1;2;a,b,c\n2;3;d,e,f", NUMBERS, ";"),
        ("1,2,a;b;c\n3,4,b;c;d", NUMBERS, ","),  # two numbers and a label
        ("1\t2\ta;b,c\n3\t4\tb", NUMBERS, "\t"),
        ("x,y;z", NUMBERS, ";"),  # no fit: the first of those with the most cells
        ("x;y,z,u", NUMBERS, ","),
    ],
)
def test_the_separator(text, limits, separator):
    assert csv_table._separator(text, limits) == separator


def test_the_order_of_separators_is_the_callers():
    for separators in (",;", ";,"):
        limits = Limits(bytes=99, rows=(1, 6), columns=(2, 4), cell=10, separators=separators)
        assert read("a;b,c\n1;2,3", limits).separator == separators[0]


# --- cells and lines ------------------------------------------------------------------------------------------------
def test_quoted_cells_hold_separators_quotation_marks_and_line_ends():
    table = read('a,"b, c"\r\n"say ""x""","1\r\n2"\r\n3,4', SMALL)
    assert [(row.line, row.cells) for row in table.rows] == [
        (1, ("a", "b, c")),
        (3, ('say "x"', "1 2")),
        (4, ("3", "4")),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_know_their_line(end):
    table = read(end.join(["", "a,b", " ", "1,2", ",", "3,4", ""]), SMALL)
    assert [row.line for row in table.rows] == [2, 4, 6]
    problem = error(end.join(["", "a,b", "", "1,2,3"]))
    assert (problem.rule, problem.limits) == ("columns", {"row": 4, "max": 2, "got": 3})


def test_empty_rows_are_rows_if_the_limits_say_so():
    kept = Limits(bytes=1000, rows=(1, 6), columns=(2, 4), cell=10, empty_rows=True)
    assert cells("a,b\n,\n\n1,2", kept) == [("a", "b"), ("", ""), ("1", "2")]
    assert cells("a,b\n,\n\n1,2", SMALL) == [("a", "b"), ("1", "2")]


@pytest.mark.parametrize(
    ("content", "rule", "limits"),
    [
        (b"a,b\n" + b"1" * 997, "too_large", {"max": 1000, "got": 1001}),
        ("", "empty", {}),
        ("\n,,\n \n", "empty", {}),
        ("a\n1", "width", {"row": 1, "min": 2, "max": 4, "got": 1}),
        ("\na,b,c,d,e", "width", {"row": 2, "min": 2, "max": 4, "got": 5}),
        ("a,b\n1", "columns", {"row": 2, "max": 2, "got": 1}),
        ("a,b\n1,2,3", "columns", {"row": 2, "max": 2, "got": 3}),
        ('a,b\n1,"2', "malformed", {"row": 2}),
        ('a,b\n1,"2"3', "malformed", {"row": 2}),
        ("a,b\n" + "1,2\n" * 7, "too_many_rows", {"min": 1, "max": 6}),
        ("a,b\n1," + "x" * 11, "too_long", {"row": 2, "column": 2, "max": 10, "got": 11, "value": "x" * 11}),
        ("a,b\n1," + "x" * 41, "too_long", {"row": 2, "column": 2, "max": 10, "got": 41, "value": "x" * 39 + "…"}),
        ("a,b\n1,\u200b\u200b", "too_long", {"row": 2, "column": 2, "max": 10, "got": 16, "value": "[U+200B]" * 2}),
        ("\n" * 71, "too_many_lines", {"max": 70}),
        ("a,b\n1," + " " * MAX_LINE, "long_line", {"row": 2, "max": MAX_LINE, "got": MAX_LINE + 2}),
    ],
)
def test_rules(content, rule, limits):
    problem = error(content)
    assert (problem.rule, problem.limits) == (rule, limits)


def test_tables_at_the_limits_are_read():
    assert len(read(b"a,b\n" + b"1,2\n" * 6 + b" " * 972, SMALL).rows) == 7
    assert len(read("\n" * 69 + "a,b", SMALL).rows) == 1
    assert cells("abcdefghij,b" + " " * (MAX_LINE - 12)) == [("abcdefghij", "b")]


@pytest.mark.parametrize(
    ("cell", "value"), [("1", 1.0), (" -2.5e3 ", -2500.0), ("1_000", None), ("", None), ("1,5", None), ("0x1", None)]
)
def test_numbers(cell, value):
    assert number(cell) == value


# --- hostile sizes --------------------------------------------------------------------------------------------------
@pytest.fixture
def work(monkeypatch):
    """Count the lines and characters read by each CSV parser, and the cells it returned."""
    done = SimpleNamespace(lines=0, characters=0, cells=0)

    class Reader:
        def __init__(self, lines, **options):
            self._reader = csv.reader(self._count(lines), **options)

        def _count(self, lines):
            for line in lines:
                done.lines += 1
                done.characters += len(line)
                yield line

        def __iter__(self):
            for record in self._reader:
                done.cells += len(record)
                yield record

        @property
        def line_num(self):
            return self._reader.line_num

    monkeypatch.setattr(csv_table, "csv", SimpleNamespace(reader=Reader, Error=csv.Error))
    return done


SIZE = 4_900_000


@pytest.mark.parametrize(
    ("content", "rule", "lines", "characters"),
    [
        (b"\n" * SIZE, "too_many_lines", 0, 0),
        (b"," * SIZE, "long_line", 0, 0),
        (b'"' + b"1" * SIZE, "long_line", 0, 0),
        (b",,\n" * (SIZE // 3), "too_many_lines", LARGE.lines, 3 * LARGE.lines),
        (b",,,\n" * (SIZE // 4), "columns", 1, 4),
        (b"1,2,a\n" * (SIZE // 6), "too_many_rows", 10_002, 6 * 10_002),
        (b"1,2,a" + b"\n" * SIZE, "too_many_lines", 0, 0),
        (b'a,b,c\n1,2,"' + b"\n" * SIZE, "too_many_lines", 0, 0),
        ((b"," * (MAX_LINE - 1) + b"\n") * (SIZE // MAX_LINE), "columns", 1, MAX_LINE),
    ],
    ids=["blank lines", "commas", "a cell", "empty rows", "wider", "rows", "a row and blanks", "open quote", "wide"],
)
def test_a_large_file_is_rejected_at_the_first_line_beyond_a_limit(work, content, rule, lines, characters):
    assert error(content, LARGE).rule == rule
    sample = min(SAMPLE, content.count(b"\n")) * len(LARGE.separators)
    longest = max(map(len, content[: SAMPLE * MAX_LINE].splitlines(keepends=True)))
    assert work.lines <= sample + lines
    assert work.characters <= sample * min(longest, MAX_LINE) + characters
    assert work.cells <= 3 * SAMPLE * MAX_LINE + 3 * lines + MAX_LINE
