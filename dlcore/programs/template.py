"""Programs to show, made from real Python files: a template runs as it stands; rendering gives it other values.

- An assignment to a given name gets the given value.
- A given name with a leading underscore is a hole: its value is written wherever it is used (``*_HOLE`` and
  ``**_HOLE`` as arguments), and its own assignment goes.
- An ``if`` whose test needs given names alone is decided; ``for _ in range(_HOLE)`` is its body if that is 1.
- An import of a hole, ``from dlcore.spiral.data import spiral as _draw``, becomes the source of the given function.
- Imports, functions and given names that nothing uses then go; a call longer than a line gets a line an argument.

All this works on the text, at positions that ``ast`` finds, so that layout and comments survive. A hole in an f-string
is refused: Python 3.11 does not say where it is.

>>> source = '''x = 0.5
... if _HOW == "torch":
...     y = torch.sin(x)
... else:
...     y = math.sin(x)  # in double precision
... '''
>>> print(render(source, {"_HOW": "python", "x": 2.0}), end="")
x = 2.0
y = math.sin(x)  # in double precision
"""

from __future__ import annotations

import ast
import math
import operator
import re
import types
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from dlcore.programs.text import Edit, Text, definition, edited

WIDTH: Final = 100  # columns of a line

_FUNCTION: Final = re.compile(r"(?:#.*\n)*(?:def |@)")
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.In: lambda a, b: a in b,
}


class Code(str):
    """Text that is written as it is, where other values are written as literals. Never make it of what was typed."""


class Lines(Code):
    """Whole statements. An assignment from a call of such a hole, ``y, slope = _formula(x)``, becomes them."""


def read(module: str, name: str) -> str:
    """Return a template of the folder ``templates`` beside a module, given as its ``__file__``."""
    return (Path(module).parent / "templates" / f"{name}.py").read_text(encoding="utf-8")


def literal(value: object) -> str:
    """Return the Python text of a value; a float reads back exactly, a function is its name.

    Raises
    ------
    TypeError : if the value is no number, text, Code, None or function, and no list or tuple of these.

    >>> literal([1e-05, ("a", Code("LR")), float("inf")])
    '[1e-05, ("a", LR), float("inf")]'
    """
    match value:
        case Code():
            return str(value)
        case str():
            text = repr(value)
            return text if '"' in text or "\\'" in text else f'"{text[1:-1]}"'
        case float() if not math.isfinite(value):
            return f'float("{value}")'
        case None | bool() | int() | float():
            return repr(value)
        case list():
            return f"[{arguments(value)}]"
        case tuple():
            return f"({arguments(value)}{',' if len(value) == 1 else ''})"
        case types.FunctionType():
            return value.__name__
    raise TypeError(f"a value in a program must be a number, text, None, or a list or tuple of these, got {value!r}")


def arguments(values: Any) -> str:
    """Return the text between the brackets of a call, for a sequence or for a mapping of keyword arguments.

    >>> arguments({"lr": 0.1, "nesterov": True})
    'lr=0.1, nesterov=True'
    """
    if isinstance(values, Mapping):
        return ", ".join(f"{key}={literal(value)}" for key, value in values.items())
    return ", ".join(map(literal, values))


def render(source: str, given: Mapping[str, Any], words: Mapping[str, str] | None = None) -> str:
    """Return the program of a template for given values: those of ``literal``, and for ``**_HOLE`` a mapping.

    Parameters
    ----------
    words : what to put in place of comments and messages, by their text. No given value is searched for them.

    Raises
    ------
    ValueError : if a hole is left.
    TypeError : if a value cannot be written.
    """
    source = edited(source, list(_defined(Text(source), given)))
    for text, other in (words or {}).items():
        source = source.replace(text, other)
    source = _repeated(_decided, source, given)
    source = edited(source, list(_filled(Text(source), given)))  # once: a value may hold the name it is given to
    source = _repeated(_exploded, _repeated(_used, source, given), given)
    nodes = list(ast.walk(ast.parse(source)))
    bound = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    bound |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    holes = {node.id for node in nodes if isinstance(node, ast.Name) and _is_hole(node.id)} - bound
    if holes:
        raise ValueError(f"every hole must have a value, and stand in no f-string, got {', '.join(sorted(holes))}")
    return _spaced(source)


def _spaced(source: str) -> str:
    """Return a program with two blank lines around functions, and one where else there are any."""
    first, *others = re.split(r"\n{2,}(?=\S)", source.strip("\n"))
    parts, after_function = [first], _FUNCTION.match(first)
    for part in others:
        function = _FUNCTION.match(part)
        parts += ["\n\n\n" if function or after_function else "\n\n", part]
        after_function = function
    return "".join(parts) + "\n"


Step = Callable[[Text, Mapping[str, Any]], Iterator[Edit]]


def _is_one(name: str, given: Mapping[str, Any]) -> bool:
    return _is_hole(name) and given.get(name) == 1


def _repeated(step: Step, source: str, given: Mapping[str, Any]) -> str:
    """``source`` after a step has been taken until it changes nothing."""
    while edits := list(step(Text(source), given)):
        source = edited(source, edits)
    return source


def _is_hole(name: str) -> bool:
    return name.startswith("_") and name != "_"


def _defined(text: Text, given: Mapping[str, Any]) -> Iterator[Edit]:
    """Functions in place of their imports; nothing in place of the template's docstring."""
    if ast.get_docstring(text.tree):
        yield text.replace_lines(text.tree.body[0], [])
    for node in ast.walk(text.tree):
        match node:
            case ast.ImportFrom(names=[ast.alias(asname=str(name))]) if isinstance(given.get(name), types.FunctionType):
                lines = ["", *definition(given[name]).splitlines(), "", ""]
                yield text.replace_lines(node, [line and " " * node.col_offset + line for line in lines])


# --- what is decided --------------------------------------------------------------------------------------------------
def _decided(text: Text, given: Mapping[str, Any]) -> Iterator[Edit]:
    """The outermost of all that the given values decide: ``if``, conditional expression, loop over ``range(1)``."""
    waiting: list[ast.AST] = [text.tree]
    while waiting:
        match node := waiting.pop():
            case ast.For(target=ast.Name(id="_"), iter=ast.Call(args=[ast.Name(id=n)])) if _is_one(n, given):
                yield text.replace_lines(node, _dedented(text.lines[node.iter.end_lineno or 0 : node.end_lineno]))
            case ast.If() if (truth := _truth(node.test, given)) is not None:
                yield text.replace_lines(node, _branch(node, text.lines, truth))
            case ast.IfExp() if (truth := _truth(node.test, given)) is not None:
                yield text.replace(node, text.of(node.body if truth else node.orelse))
            case _:
                waiting += ast.iter_child_nodes(node)


def _branch(node: ast.If, lines: list[str], truth: bool) -> list[str]:
    """The lines of a branch, with its comments, as far to the left as the ``if`` stood."""
    first, end = node.test.end_lineno or 0, node.end_lineno or 0
    if not node.orelse:
        return _dedented(lines[first:end]) if truth else []
    starts = tuple(" " * node.col_offset + word for word in ("else:", "elif "))
    other = next(i for i in range(node.body[-1].end_lineno or 0, end) if lines[i].startswith(starts))
    if truth:
        return _dedented(lines[first:other])
    if lines[other].startswith(starts[1]):
        return [lines[other].replace("elif", "if", 1), *lines[other + 1 : end]]
    return _dedented(lines[other + 1 : end])


def _dedented(lines: list[str]) -> list[str]:
    return [line.removeprefix("    ") for line in lines]


def _truth(test: ast.expr, given: Mapping[str, Any]) -> bool | None:
    """Whether a test holds; None if it needs more than the given names."""
    try:
        return bool(_value(test, given))
    except KeyError:
        return None


def _value(node: ast.expr, given: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return given[node.id]
        case ast.Tuple():
            return [_value(element, given) for element in node.elts]
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, given)
        case ast.BoolOp():
            values = [bool(_value(part, given)) for part in node.values]
            return all(values) if isinstance(node.op, ast.And) else any(values)
        case ast.Compare(ops=[op], comparators=[other]) if type(op) in _COMPARE:
            return _COMPARE[type(op)](_value(node.left, given), _value(other, given))
    raise KeyError(ast.unparse(node))


# --- what is filled in ------------------------------------------------------------------------------------------------
def _filled(text: Text, given: Mapping[str, Any]) -> Iterator[Edit]:
    """Every given value, and cuts of the holes' own assignments."""
    waiting: list[ast.AST] = [text.tree]
    while waiting:
        match node := waiting.pop():
            case ast.JoinedStr():
                pass
            case ast.Assign(targets=targets) if all(map(_is_hole, _names(targets))):
                yield text.replace_lines(node, [])
            case (
                ast.Assign(value=ast.Call(func=ast.Name(id=name))) | ast.Return(value=ast.Call(func=ast.Name(id=name)))
            ) if isinstance(given.get(name), Lines):
                yield text.replace(node, given[name])
            case ast.Assign(targets=[ast.Name(id=name)]) if name in given:
                yield text.replace(node.value, literal(given[name]))
            case ast.Starred(value=ast.Name(id=name)) | ast.keyword(arg=None, value=ast.Name(id=name)) if name in given:
                start, end, new = text.replace(node, arguments(given[name]))
                yield start if new else len(text.bytes[:start].rstrip(b", ")), end, new
            case ast.Name(id=name) if name in given and _is_hole(name):
                yield text.replace(node, literal(given[name]))
            case _:
                waiting += ast.iter_child_nodes(node)


def _names(targets: list[ast.expr]) -> list[str]:
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


# --- what is tidied up ------------------------------------------------------------------------------------------------
def _used(text: Text, given: Mapping[str, Any]) -> Iterator[Edit]:
    """Cuts of the imports, functions and constants at the top level that nothing uses, and of ``pass``."""
    used = {node.id for node in ast.walk(text.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for node in text.tree.body:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                bound = {(alias.asname or alias.name).partition(".")[0] for alias in names}
            case ast.Assign(targets=targets) if all(name == name.upper() for name in _names(targets)):
                bound = set(_names(targets))
            case ast.FunctionDef(name=name):
                bound = {name}
            case ast.Pass():  # beside comments
                bound = set()
            case _:
                continue
        if not bound & used:
            yield text.replace_lines(node, [])


def _exploded(text: Text, given: Mapping[str, Any]) -> Iterator[Edit]:
    """The outermost call, tuple or list of a line that is too long, an element a line."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Call | ast.Tuple | ast.List) and node.lineno == node.end_lineno:
            line = text.lines[node.lineno - 1]
            parts = [*node.args, *node.keywords] if isinstance(node, ast.Call) else node.elts
            if parts and sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) > WIDTH:
                inner = "".join(f"    {text.of(part)},\n" for part in parts)
                head = text.of(node.func) if isinstance(node, ast.Call) else ""
                left, right = "[]" if isinstance(node, ast.List) else "()"
                yield text.replace(node, f"{head}{left}\n{inner}{right}")
                return
