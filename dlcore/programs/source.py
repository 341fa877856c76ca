"""Edit source code at the positions of its syntax tree, so that layout and comments survive."""

from __future__ import annotations

import ast
import inspect
import re
import types
from functools import cache, cached_property
from typing import Any, Final

Edit = tuple[int, int, str]  # first byte, byte after the last, and the replacement

INDENT: Final = 4  # columns
_CUT: Final = "\0"  # marks removed lines until the blank lines around them are merged


class Source:
    """Source code with its syntax tree, whose columns count bytes."""

    def __init__(self, source: str) -> None:
        self.source, self.bytes, self.tree = source, source.encode(), ast.parse(source)
        self.lines = source.splitlines()
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", self.bytes))]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree, outer ones first."""
        return [*ast.walk(self.tree)]

    def span(self, node: Any) -> tuple[int, int]:
        """Return the start and end of a node, in bytes."""
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: Any) -> str:
        """Return the source code of a node."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def replace(self, node: Any, new: str, levels: int = 0) -> Edit:
        """Return the edit that replaces a node by ``new``, with its further lines indented like the first.

        ``levels`` says how much further to the left that one moves.
        """
        line = self.lines[node.lineno - 1]
        return *self.span(node), new.replace("\n", "\n" + line[: len(line) - len(line.lstrip()) - INDENT * levels])

    def replace_lines(self, first: int, last: int, new: list[str]) -> Edit:
        """Return the edit that replaces lines, which count from 1, by ``new``, which may be empty."""
        return self._starts[first - 1], self._starts[last], "\n".join([*(new or [_CUT]), ""])

    def dedent(self, line: int, levels: int) -> Edit:
        """Return the edit that moves a line to the left."""
        start, width = self._starts[line - 1], INDENT * levels
        return start, start + (width if self.lines[line - 1][:width].isspace() else 0), ""


def edited(source: str, edits: list[Edit]) -> str:
    """Return source code after edits that do not overlap."""
    text = source.encode()
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new.encode() + text[end:]
    # Of the blank lines before and after removed lines, the larger number stays.
    gaps = re.compile(rf"(?:\n*{_CUT})+\n*")
    return gaps.sub(lambda gap: "\n" * max(map(len, re.findall(r"\n+", gap[0]))), text.decode()).lstrip("\n")


@cache
def definition(function: types.FunctionType) -> str:
    """Return the source of a function without docstring and annotations, after the constants and functions it uses."""
    constants: dict[str, str] = {}
    functions: dict[str, str] = {}

    def visit(function: types.FunctionType) -> None:
        source = _bare(inspect.getsource(function))
        own = {*function.__code__.co_varnames, *function.__code__.co_cellvars}  # arguments and local names
        for name in {node.id: None for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}:
            part = None if name in own else function.__globals__.get(name)
            if isinstance(part, int | float):
                constants[name] = f"{name} = {part!r}\n"
            elif isinstance(part, types.FunctionType) and part.__name__ not in functions:
                visit(part)
        functions[function.__name__] = source

    visit(function)
    return "\n\n".join([*(["".join(constants.values())] if constants else []), *functions.values()])


def _bare(source: str) -> str:
    text = Source(source)
    node = text.tree.body[0]
    assert isinstance(node, ast.FunctionDef)
    edits = (
        [text.replace_lines(node.body[0].lineno, node.body[0].end_lineno or 0, [])] if ast.get_docstring(node) else []
    )
    for argument in (*node.args.args, *node.args.kwonlyargs):
        start, end = text.span(argument)
        edits.append((start + len(argument.arg.encode()), end, ""))
    if node.returns:
        start, end = text.span(node.returns)
        edits.append((text.bytes.rindex(b")", 0, start) + 1, end, ""))
    return edited(source, edits)
