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
import re
import types
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from dlcore.programs.source import Edit, Source, definition, edited

WIDTH: Final = 100  # columns of a line

_FUNCTION: Final = re.compile(r"(?:#.*\n)*(?:def |@)")


class Code(str):
    """Text that is written as it is, where other values are written as literals. Never make it of what was typed."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"


class Lines(Code):
    """Whole statements. An assignment or return of a call of such a hole, ``y = _formula(x)``, becomes them."""


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
    return _rendered(source, _Values(given), _Values(words or {}))


class _Values(dict[str, Any]):
    """A mapping that equals another if both are written alike: 1, 1.0 and True differ, and so do text and Code."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(self))

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)


# A page shows the same programs again at each change of another setting.
@lru_cache(maxsize=128)
def _rendered(source: str, given: _Values, words: _Values) -> str:
    source = edited(source, list(_defined(_parsed(source), given)))
    for text, other in words.items():
        source = source.replace(text, other)
    source = _Filling(_parsed(source), given).result()
    source = _tidied(source)
    while edit := _exploded(source):
        source = edited(source, [edit])
    return _spaced(source)


# A template is parsed once. Its values change with every run, its text does not.
_parsed = lru_cache(maxsize=64)(Source)


def _spaced(source: str) -> str:
    """Return a program with two blank lines around functions, and one where else there are any."""
    first, *others = re.split(r"\n{2,}(?=\S)", source.strip("\n"))
    parts, after_function = [first], _FUNCTION.match(first)
    for part in others:
        function = _FUNCTION.match(part)
        parts += ["\n\n\n" if function or after_function else "\n\n", part]
        after_function = function
    return "".join(parts) + "\n"


def _is_hole(name: str) -> bool:
    return name.startswith("_") and name != "_"


def _defined(text: Source, given: Mapping[str, Any]) -> Iterator[Edit]:
    """Yield edits that put functions in place of their imports, and nothing in place of the template's docstring."""
    if ast.get_docstring(text.tree):
        yield text.replace_lines(1, text.tree.body[0].end_lineno or 0, [])
    for node in text.nodes:
        match node:
            case ast.ImportFrom(names=[ast.alias(asname=str(name))]) if isinstance(given.get(name), types.FunctionType):
                lines = ["", *definition(given[name]).splitlines(), "", ""]
                lines = [line and " " * node.col_offset + line for line in lines]
                yield text.replace_lines(node.lineno, node.end_lineno or 0, lines)


# --- decisions and values ---------------------------------------------------------------------------------------------
class _Filling:
    """The edits that decide what the given values decide, and write these values.

    Attributes
    ----------
    levels : by how many levels of indentation a line moves to the left.
    gone : lines that are cut or replaced.
    """

    def __init__(self, text: Source, given: Mapping[str, Any]) -> None:
        self.text, self.given = text, given
        self.edits: list[Edit] = []
        self.levels: Counter[int] = Counter()
        self.gone: set[int] = set()

    def result(self) -> str:
        """Return the edited source."""
        self.visit(self.text.tree)
        moved = [self.text.dedent(line, levels) for line, levels in self.levels.items() if line not in self.gone]
        return edited(self.text.source, self.edits + moved)

    def visit(self, node: Any) -> None:
        """Edit a node and all within it."""
        given = self.given
        match node:
            case ast.JoinedStr():
                pass
            case ast.For(target=ast.Name(id="_"), iter=ast.Call(args=[ast.Name(id=n)])) if (
                _is_hole(n) and given.get(n) == 1
            ):
                self.choose(node, node.body, node.iter.end_lineno or 0, node.end_lineno or 0)
            case ast.If() if (truth := _truth(node.test, given)) is not None:
                self.branch(node, truth)
            case ast.IfExp() if (truth := _truth(node.test, given)) is not None:
                chosen = node.body if truth else node.orelse
                (start, end), (first, last) = self.text.span(node), self.text.span(chosen)
                self.edits += [(start, first, ""), (last, end, "")]
                self.visit(chosen)
            case ast.Assign(targets=targets) if all(map(_is_hole, _names(targets))):
                self.cut(node.lineno, node.end_lineno or 0)
            case (
                ast.Assign(value=ast.Call(func=ast.Name(id=name))) | ast.Return(value=ast.Call(func=ast.Name(id=name)))
            ) if isinstance(given.get(name), Lines):
                self.replace(node, given[name])
            case ast.Assign(targets=[ast.Name(id=name)]) if name in given:
                self.replace(node.value, literal(given[name]))
            case ast.Starred(value=ast.Name(id=name)) | ast.keyword(arg=None, value=ast.Name(id=name)) if name in given:
                start, end = self.text.span(node)
                new = arguments(given[name])
                self.edits.append((start if new else len(self.text.bytes[:start].rstrip(b", ")), end, new))
            case ast.Name(id=name) if name in given and _is_hole(name):
                self.replace(node, literal(given[name]))
            case _:
                for child in ast.iter_child_nodes(node):
                    self.visit(child)

    def branch(self, node: Any, truth: bool) -> None:
        """Leave of an ``if`` the branch that is taken."""
        first, end = node.test.end_lineno, node.end_lineno
        words = tuple(" " * node.col_offset + word for word in ("else:", "elif "))
        after = range(node.body[-1].end_lineno + 1, end)
        other = next((line for line in after if self.text.lines[line - 1].startswith(words)), end + 1)
        if truth:
            self.choose(node, node.body, first, other - 1)
            self.cut(other, end)
        elif not node.orelse:
            self.cut(node.lineno, end)
        elif self.text.lines[other - 1].startswith(words[0]):
            self.choose(node, node.orelse, other, end)
        else:
            self.cut(node.lineno, other - 1)
            rest = node.orelse[0]
            if isinstance(rest, ast.If) and _truth(rest.test, self.given) is None:
                start, _ = self.text.span(rest)
                self.edits.append((start, start + len("elif"), "if"))
            self.visit(rest)

    def choose(self, node: Any, body: list[Any], before: int, end: int) -> None:
        """Cut the lines of a statement up to ``before``; move those up to ``end``, its ``body``, to the left."""
        self.cut(node.lineno, before)
        self.levels.update(range(before + 1, end + 1))
        for statement in body:
            self.visit(statement)

    def cut(self, first: int, last: int) -> None:
        """Cut these lines, if there are any."""
        if first <= last:
            self.edits.append(self.text.replace_lines(first, last, []))
            self.gone.update(range(first, last + 1))

    def replace(self, node: Any, new: str) -> None:
        """Put text in place of a node."""
        self.edits.append(self.text.replace(node, new, self.levels[node.lineno]))
        self.gone.update(range(node.lineno + 1, node.end_lineno + 1))


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    return {name.id for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name)}


def _truth(test: ast.expr, given: Mapping[str, Any]) -> bool | None:
    """Return whether a test holds; None if it needs more than the given names."""
    return bool(_value(test, given)) if _names([test]) <= given.keys() else None


def _value(node: ast.expr, given: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return given[node.id]
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, given)
        case ast.BoolOp():
            values = [bool(_value(part, given)) for part in node.values]
            return all(values) if isinstance(node.op, ast.And) else any(values)
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() as op], comparators=[other]):
            return (_value(node.left, given) == _value(other, given)) == isinstance(op, ast.Eq)
    raise ValueError(f"a test must be made of names, constants, not, and, or, == and !=, got {ast.unparse(node)}")


# --- what is tidied up ------------------------------------------------------------------------------------------------
def _tidied(source: str) -> str:
    """Return a program without the imports, functions and constants at the top level that nothing uses, and ``pass``.

    Raises
    ------
    ValueError : if a hole is left.
    """
    text, edits = Source(source), []
    nodes = {statement: [*ast.walk(statement)] for statement in text.tree.body}
    while True:
        every = [node for nodes_of in nodes.values() for node in nodes_of]
        used = {node.id for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        unused = [node for node in nodes if (bound := _bound(node)) is not None and not bound & used]
        if not unused:
            break
        for node in unused:
            del nodes[node]
            edits.append(text.replace_lines(node.lineno, node.end_lineno or 0, []))
    known = {node.name for node in every if isinstance(node, ast.FunctionDef)}
    known |= {node.id for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if holes := {*filter(_is_hole, used)} - known:
        raise ValueError(f"every hole must have a value, and stand in no f-string, got {', '.join(sorted(holes))}")
    return edited(source, edits)


def _bound(node: ast.stmt) -> set[str] | None:
    """Return the names that a statement binds if it is of no use without them."""
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).partition(".")[0] for alias in names}
        case ast.Assign(targets=targets) if all(name == name.upper() for name in _names(targets)):
            return _names(targets)
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Pass():  # beside comments
            return set()
    return None


def _exploded(source: str) -> Edit | None:
    """Return the edit that gives an element a line, in the outermost call, tuple or list of a line that is too long."""
    if not any(map(_is_long, source.splitlines())):
        return None
    text = Source(source)
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Call | ast.Tuple | ast.List) and node.lineno == node.end_lineno:
            parts = [*node.args, *node.keywords] if isinstance(node, ast.Call) else node.elts
            if parts and _is_long(text.lines[node.lineno - 1]):
                inner = "".join(f"    {text.of(part)},\n" for part in parts)
                head = text.of(node.func) if isinstance(node, ast.Call) else ""
                left, right = "[]" if isinstance(node, ast.List) else "()"
                return text.replace(node, f"{head}{left}\n{inner}{right}")
    return None


def _is_long(line: str) -> bool:
    return 2 * len(line) > WIDTH and sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) > WIDTH
