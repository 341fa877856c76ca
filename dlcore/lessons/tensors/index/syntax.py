"""Parse index expressions into names, brackets and parts. Nothing that is typed is ever executed.

>>> access = parse("m[:, -1]")
>>> access.name, [(part.kind, part.value) for part in access.brackets[0].parts]
('m', [('span', slice(None, None, None)), ('entry', -1)])
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from dlcore.lessons.tensors.settings import MAX_INDEX
from dlcore.lessons.tensors.typed import TensorTextError, number, statement
from dlcore.typed.python import TypedError

MAX_PARTS: Final = 6  # brackets in a row, and parts within one bracket
MAX_DEPTH: Final = 8  # of nested conditions
TENSORS: Final = ("m", "x", "t")


@dataclass(frozen=True, slots=True)
class Mask:
    """A condition on elements: a comparison of ``of`` with ``number``, or a combination of one or two ``masks``."""

    op: str  # a value of _COMPARE, or & | ~
    of: Access | None = None
    number: int | float = 0
    turned: bool = False  # the number stands on the left
    masks: tuple[Mask, ...] = ()


PartValue = int | slice | list[int] | list[bool] | Mask | None
PartKind = Literal["entry", "span", "rest", "new", "list", "flags", "mask"]


@dataclass(frozen=True, slots=True)
class IndexPart:
    """The text between two commas of a bracket, its kind (``rest`` is ``...``), and its value in Python."""

    kind: PartKind
    text: str
    value: PartValue


@dataclass(frozen=True, slots=True)
class Bracket:
    """One subscript; ``bare`` if it is a single part and not a tuple."""

    parts: tuple[IndexPart, ...]
    bare: bool


@dataclass(frozen=True, slots=True)
class Access:
    """A tensor's name with its subscripts; ``value`` is the number assigned to it, or None."""

    name: str
    brackets: tuple[Bracket, ...]
    text: str
    value: int | float | None = None


_COMPARE: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


def parse(text: str) -> Access:
    """Parse an index expression or the assignment of a number to one.

    Raises
    ------
    TypedError : the text is neither, has parts other than numbers, slices, lists and conditions, or is too large.
    """
    node = statement(text, max_chars=MAX_INDEX, example="m[:, 1]")
    match node:
        case ast.Expr(value=value):
            return _checked(_access(value, 0))
        case ast.Assign(targets=[ast.Subscript() as target], value=value):
            assigned = number(value)
            if assigned is None or isinstance(assigned, bool):
                raise TensorTextError("assigned", got=ast.unparse(value))
            return _checked(replace(_access(target, 0), text=ast.unparse(node), value=assigned))
    raise TensorTextError("assigned" if isinstance(node, ast.Assign) else "not_index", got=ast.unparse(node))


def _checked(access: Access) -> Access:
    for name in _named(access):
        if name != access.name:
            raise TensorTextError("other_tensor", got=name, name=access.name)
    return access


def _named(access: Access) -> list[str]:
    """Return the tensor's name and the names in its conditions."""
    names, queue = [access.name], [part.value for bracket in access.brackets for part in bracket.parts]
    while queue:
        value = queue.pop()
        if isinstance(value, Mask):
            queue += value.masks
            names += _named(value.of) if value.of else []
    return names


def _access(node: ast.expr, depth: int) -> Access:
    source, brackets = ast.unparse(node), []
    while isinstance(node, ast.Subscript):
        brackets.append(_bracket(node.slice, depth))
        node = node.value
        if len(brackets) > MAX_PARTS:
            raise TensorTextError("too_many_parts", max=MAX_PARTS)
    if not isinstance(node, ast.Name):
        raise TensorTextError("not_index", got=ast.unparse(node))
    if node.id not in TENSORS:
        raise TensorTextError("unknown_tensor", got=node.id, known=", ".join(TENSORS))
    return Access(node.id, tuple(reversed(brackets)), source)


def _bracket(node: ast.expr, depth: int) -> Bracket:
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    if len(nodes) > MAX_PARTS:
        raise TensorTextError("too_many_parts", max=MAX_PARTS)
    return Bracket(tuple(_part(item, depth) for item in nodes), bare=not isinstance(node, ast.Tuple))


def _part(node: ast.expr, depth: int) -> IndexPart:
    text = ast.unparse(node)
    match node:
        case ast.Constant(value=None):
            return IndexPart("new", text, None)
        case ast.Constant(value=value) if value is ...:
            return IndexPart("rest", text, None)
        case ast.Slice(lower=lower, upper=upper, step=step):
            ends = (None if end is None else _whole(end) for end in (lower, upper, step))
            return IndexPart("span", text, slice(*ends))
        case ast.List(elts=elements):
            return _list(text, [number(element) for element in elements])
        case ast.Compare() | ast.BinOp() | ast.UnaryOp(op=ast.Invert()) | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return IndexPart("mask", text, _mask(node, depth + 1))
    return IndexPart("entry", text, _whole(node))


def _whole(node: ast.expr) -> int:
    value = number(node)
    if value is None:
        raise TensorTextError("not_index", got=ast.unparse(node))
    if type(value) is not int:
        raise TensorTextError("whole", got=ast.unparse(node))
    return value


def _list(text: str, values: list[int | float | bool | None]) -> IndexPart:
    truths = [value for value in values if isinstance(value, bool)]
    if values and len(truths) == len(values):
        return IndexPart("flags", text, truths)
    wholes = [value for value in values if type(value) is int]
    if len(wholes) < len(values):
        raise TensorTextError("mixed", got=text)
    return IndexPart("list", text, wholes)


def _mask(node: ast.expr, depth: int) -> Mask:
    if depth > MAX_DEPTH:
        raise TypedError("too_deep", max=MAX_DEPTH)
    text = ast.unparse(node)
    match node:
        case ast.Compare(ops=ops) if len(ops) > 1:
            raise TensorTextError("chained", got=text)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            a, b = number(left), number(right)
            if (a is None) == (b is None) or isinstance(a, bool) or isinstance(b, bool):
                raise TensorTextError("compared", got=text)
            of = _access(left if a is None else right, depth)
            value = b if a is None else a
            return Mask(_COMPARE[type(op)], of, 0 if value is None else value, turned=a is not None)
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
            both = (_mask(left, depth + 1), _mask(right, depth + 1))
            return Mask("&" if isinstance(op, ast.BitAnd) else "|", masks=both)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return Mask("~", masks=(_mask(operand, depth + 1),))
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.Compare():
            raise TensorTextError("words", got=text)
    raise TensorTextError("not_index", got=text)
