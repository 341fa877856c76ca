"""Templates: rendered with given values, they are short programs that do what the template does with those values."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from programs import printed

from dlcore.programs.source import definition
from dlcore.programs.template import Code, Lines, arguments, literal, render

ROOT = Path(__file__).parents[3]
BRANCHES = """\
# first
if _HOW == "a":
    # of a
    print("a")

    print("still a")
elif (_HOW == "b" or _HOW == "c") and not N:
    print("b or c")
else:
    # of the others
    if N != 2:
        print("many")
    print("other")

print("end")
"""


@pytest.mark.parametrize(
    ("given", "program"),
    [
        ({"_HOW": "a", "N": 0}, '# first\n# of a\nprint("a")\n\nprint("still a")\n\nprint("end")\n'),
        ({"_HOW": "c", "N": 0}, '# first\nprint("b or c")\n\nprint("end")\n'),
        ({"_HOW": "c", "N": 3}, '# first\n# of the others\nprint("many")\nprint("other")\n\nprint("end")\n'),
        ({"_HOW": "d", "N": 2}, '# first\n# of the others\nprint("other")\n\nprint("end")\n'),
    ],
)
def test_a_branch_that_is_decided_stands_without_its_if(given: dict[str, Any], program: str) -> None:
    assert render(BRANCHES, given) == program


WITH_LINES = "def f(x):\n    a = x\n    y = a\n    return y\n\n\nf(1)\n"


@pytest.mark.parametrize(
    ("source", "given", "program"),
    [
        ("lr = 1  # rate\nprint(lr)\n", {"lr": 0.1}, "lr = 0.1  # rate\nprint(lr)\n"),
        ("for i in x:\n    y = 1\n", {"y": Code("f(\n    2,\n)")}, "for i in x:\n    y = f(\n        2,\n    )\n"),
        ("_A, _B = 1, 2\n\nprint(_A, é, _A)\n", {"_A": 7}, "print(7, é, 7)\n"),
        ("print('é', _A)\n", {"_A": "x"}, "print('é', \"x\")\n"),
        ("f(1, *_A, **_B)\n", {"_A": (), "_B": {}}, "f(1)\n"),
        ("f(*_A, **_B)\n", {"_A": [Code("x"), 2], "_B": {"k": 0.5}}, "f(x, 2, k=0.5)\n"),
        ("def f(x):\n    y = _f(x)\n    return y\n\n\nf(1)\n", {"_f": Lines("a = x\ny = a")}, WITH_LINES),
        ("x = 1 if _A else 2\n", {"_A": 0}, "x = 2\n"),
        ("if _A:\n    if x:\n        y = _B\n", {"_A": 1, "_B": Code("f(\n)")}, "if x:\n    y = f(\n    )\n"),
        ("if _A:\n    f()\nelif x:\n    f(1)\nelse:\n    f(2)\n", {"_A": 0}, "if x:\n    f(1)\nelse:\n    f(2)\n"),
        (
            "def f():\n    return _f()\n\n\nf()\n",
            {"_f": Lines("x = 1\nreturn x")},
            "def f():\n    x = 1\n    return x\n\n\nf()\n",
        ),
        (
            "x = 1\nif _A:\n\n    def f():\n        return 1\n\nf()\n",
            {"_A": 1},
            "x = 1\n\n\ndef f():\n    return 1\n\n\nf()\n",
        ),
        ("for _ in range(_A):\n    f()\n", {"_A": 1}, "f()\n"),
        ("for i in range(_A):\n    f(i)\n", {"_A": 1}, "for i in range(1):\n    f(i)\n"),
        ("for _ in range(N):\n    f(N)\n", {"N": 1}, "for _ in range(N):\n    f(N)\n"),
        ("for _ in range(_A):\n    f()\n", {"_A": 2}, "for _ in range(2):\n    f()\n"),
        ("A = 1\n\nB = 2\n\nprint(B)\n", {}, "B = 2\n\nprint(B)\n"),
        ("a = 1\n\nif _A:\n    b = 2\n\nc = 3\n", {"_A": False}, "a = 1\n\nc = 3\n"),
        ("import math\nimport sys\n\nsys.exit()\n", {}, "import sys\n\nsys.exit()\n"),
        ("def f():\n    return 1\n\n\nprint(2)\n", {}, "print(2)\n"),
        ("if _A:\n    # only a comment\n    pass\nx = 1\n", {"_A": True}, "# only a comment\nx = 1\n"),
        ('"""Of the template."""\n\nx = 1\n', {}, "x = 1\n"),
        ("if n > 1:\n    pass_()\n", {}, "if n > 1:\n    pass_()\n"),
    ],
)
def test_what_rendering_does(source: str, given: dict[str, Any], program: str) -> None:
    assert render(source, given) == program


def test_a_long_call_gets_a_line_an_argument() -> None:
    names = [Code(letter * 24) for letter in "abcd"]
    program = render("x = f(*_NAMES)\n", {"_NAMES": names})
    assert program == "x = f(\n" + "".join(f"    {name},\n" for name in names) + ")\n"
    assert render("x = f(*_NAMES)\n", {"_NAMES": names[:3]}).count("\n") == 1


LIMIT = 3


def _add(a: float, b: float) -> float:
    """Not shown."""
    return a + b


def total(values: list[float], start: float) -> float:
    """Not shown."""
    for value in values[:LIMIT]:  # the first few
        start = _add(start, value)
    return start


def test_a_function_brings_its_source_and_what_that_needs() -> None:
    program = render("from somewhere import anything as _f\n\nprint(_f([1, 2, 3, 4], 0.5))\n", {"_f": total})
    assert "def total(values, start):\n    for value in values[:LIMIT]:  # the first few\n" in program
    assert "Not shown" not in program
    assert printed(program) == "6.5"


def test_words_are_put_into_the_template_and_not_into_what_is_given() -> None:
    program = render("N = ''\nprint(N)  # the rate\n", {"N": "# the rate"}, {"# the rate": "# 学习率"})
    assert program == 'N = "# the rate"\nprint(N)  # 学习率\n'


def test_a_test_that_cannot_be_decided_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a test must be made of .* got _A < 5$"):
        render("if _A < 5:\n    f()\n", {"_A": 1})
    assert render("if x < _A:\n    f()\n", {"_A": 5}) == "if x < 5:\n    f()\n"


@pytest.mark.parametrize("source", ["print(_A)\n", "print(f'{_B}')\n"])
def test_a_hole_that_is_left_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"got _[AB]$"):
        render(source, {"_B": 1})


@pytest.mark.parametrize("value", [0.1 + 0.2, -0.0, 1e-5, math.inf, 7, True, None, "it's \"\\\n", [1, (2.5,)], ()])
def test_a_literal_reads_back_as_the_value(value: object) -> None:
    assert printed(f"print(repr({literal(value)}))") == repr(value)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("dlcore/**/templates/*.py")), ids=lambda path: "-".join(path.parts[-3:])
)
def test_every_template_runs_as_it_stands(path: Path) -> None:
    assert printed(path.read_text(encoding="utf-8"))


def test_what_has_no_literal_is_refused() -> None:
    for value in (object(), {1, 2}, [object()]):
        with pytest.raises(TypeError, match=r"^a value in a program must be"):
            literal(value)
    assert arguments({"text": "a", "call": Code("f()")}) == 'text="a", call=f()'


def test_equal_values_of_other_types_are_other_programs() -> None:
    values = [1, 1.0, True, "1", Code("1"), Code("True")]
    written = [render("x = _X\n", {"_X": value}) for value in values]
    assert written == ["x = 1\n", "x = 1.0\n", "x = True\n", 'x = "1"\n', "x = 1\n", "x = True\n"]
    assert render("x = _X  # note\n", {"_X": 1}, {"note": "注"}) == "x = 1  # 注\n"
    assert render("x = _X  # note\n", {"_X": 1}) == "x = 1  # note\n"


def _shifted(x: float) -> float:
    return x + SHIFT


def _local(x: float) -> list[float]:
    _shifted, SHIFT = x, 1.5  # the names of a function and of a constant
    return [_shifted for _ in range(2)] + [SHIFT]


SHIFT = 2.5


def test_a_local_name_brings_neither_the_function_nor_the_constant_of_that_name() -> None:
    assert definition(_shifted) == "SHIFT = 2.5\n\n\ndef _shifted(x):\n    return x + SHIFT\n"
    assert definition(_local).startswith("def _local(x):")
