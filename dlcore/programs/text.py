"""Edit source code at the positions of its syntax tree, so that layout and comments survive."""

from __future__ import annotations

import ast
import inspect
import re
import types
from typing import Any, Final

Edit = tuple[int, int, str]  # first byte, byte after the last, and the replacement

_CUT: Final = "\0"  # marks removed lines until the blank lines around them are merged


class Text:
    """Source code with its syntax tree, whose columns count bytes."""

    def __init__(self, source: str) -> None:
        self.bytes, self.tree = source.encode(), ast.parse(source)
        self.lines = source.splitlines()
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", self.bytes))]

    def span(self, node: Any) -> tuple[int, int]:
        """Return the start and end of a node, in bytes."""
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: Any) -> str:
        """Return the source code of a node."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def replace(self, node: Any, new: str) -> Edit:
        """Return the edit that replaces an expression by ``new``, with its further lines indented like the first."""
        line = self.lines[node.lineno - 1]
        return *self.span(node), new.replace("\n", "\n" + line[: len(line) - len(line.lstrip())])

    def replace_lines(self, node: Any, new: list[str]) -> Edit:
        """Return the edit that replaces the lines of a statement by ``new``, which may be empty."""
        return self._starts[node.lineno - 1], self._starts[node.end_lineno], "\n".join([*(new or [_CUT]), ""])


def edited(source: str, edits: list[Edit]) -> str:
    """Return source code after edits that do not overlap."""
    text = source.encode()
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new.encode() + text[end:]
    # Of the blank lines before and after removed lines, the larger number stays.
    gaps = re.compile(rf"(?:\n*{_CUT})+\n*")
    return gaps.sub(lambda gap: "\n" * max(map(len, re.findall(r"\n+", gap[0]))), text.decode()).lstrip("\n")


def definition(function: types.FunctionType) -> str:
    """Return the source of a function without docstring and annotations, after the constants and functions it uses."""
    constants: dict[str, str] = {}
    functions: dict[str, str] = {}

    def visit(function: types.FunctionType) -> None:
        source = _bare(inspect.getsource(function))
        for node in ast.walk(ast.parse(source)):
            part = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
            if isinstance(node, ast.Name) and isinstance(part, int | float):
                constants[node.id] = f"{node.id} = {part!r}\n"
            elif isinstance(part, types.FunctionType) and part.__name__ not in functions:
                visit(part)
        functions[function.__name__] = source

    visit(function)
    return "\n\n".join([*(["".join(constants.values())] if constants else []), *functions.values()])


def _bare(source: str) -> str:
    text = Text(source)
    node = text.tree.body[0]
    assert isinstance(node, ast.FunctionDef)
    edits = [text.replace_lines(node.body[0], [])] if ast.get_docstring(node) else []
    for argument in (*node.args.args, *node.args.kwonlyargs):
        start, end = text.span(argument)
        edits.append((start + len(argument.arg.encode()), end, ""))
    if node.returns:
        start, end = text.span(node.returns)
        edits.append((text.bytes.rindex(b")", 0, start) + 1, end, ""))
    return edited(source, edits)
