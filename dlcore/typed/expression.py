r"""Formulas that a person types, read into a graph of operations. Nothing that is typed is ever run.

>>> program = parse("c = a + b\ng = tanh(c)**2")
>>> program.inputs, [node.op for node in program.nodes]
(('a', 'b'), ['input', 'input', 'add', 'tanh', 'constant', 'pow'])
>>> float(evaluate(program, {"a": torch.tensor(0.5), "b": torch.tensor(-0.5)}))
0.0
>>> program.code
'c = a + b\ng = torch.tanh(c)**2'
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from dlcore.typed.expression_text import MAX_NUMBER, checked, syntax, too_large
from dlcore.typed.expression_text import ExpressionError as ExpressionError  # whoever parses needs it

MAX_NODES: Final = 120
MAX_DEPTH: Final = 150  # of the syntax tree: well below Python's own limit, beyond that of a sum of MAX_NODES
MAX_INPUTS: Final = 12
MAX_EXPONENT: Final = 100.0

FUNCTIONS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
}
CONSTANTS: Final = {"pi": math.pi}
_BINARY: Final[Mapping[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
_SYMBOLS: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
OPERATORS: Final[Mapping[str, Callable[..., Tensor]]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "neg": operator.neg,
    **FUNCTIONS,
}
# Names with a meaning of their own, here or in the code that a page shows.
_RESERVED: Final = frozenset({*FUNCTIONS, *CONSTANTS, "torch", "print"})
_RESULTS: Final = ("y", "z", "g", "out", "result")  # what a bare expression is called: the first that is free


@dataclass(frozen=True, slots=True)
class Node:
    """An input, a constant or an operation on earlier nodes; ``name`` is the variable that it was first given."""

    op: str
    args: tuple[int, ...] = ()
    value: float | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A formula as a graph.

    Attributes
    ----------
    inputs : names in the order of first use.
    nodes : in topological order. A variable used several times is one node; a constant is a node for each use.
    output : index of the result's node.
    result : the result's name.
    code : the same lines as Python with torch runs them, where the inputs are tensors.
    """

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    output: int
    result: str
    code: str


@dataclass(frozen=True, slots=True)
class _Constant:
    value: float
    name: str | None = None


_Found = int | _Constant  # the index of a node, or a number that is none yet


def parse(text: str, *, names: Collection[str] | None = None) -> Program:
    """Read lines of assignments such as ``c = a*b``, ``c += 1``, or one expression, whose result is then "y".

    Parameters
    ----------
    names : the only inputs there may be; any, if it is left out.

    Raises
    ------
    ExpressionError : the text is no formula, or breaks a limit.
    """
    lines = checked(text)
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError) as error:
        raise syntax(error, lines) from None
    except (RecursionError, MemoryError):
        raise ExpressionError("too_deep") from None
    return _Reader(lines, names).read(tree)


@dataclass(slots=True)
class _Reader:
    """Turns the syntax tree of checked lines into a :class:`Program`; what is not named here is refused."""

    lines: list[str]
    allowed: Collection[str] | None
    nodes: list[Node] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    variables: dict[str, _Found] = field(default_factory=dict)
    edits: list[tuple[int, int, int, str]] = field(default_factory=list)  # of the code: line, from, to, instead

    def read(self, tree: ast.Module) -> Program:
        found: _Found = _Constant(0.0)
        result = ""
        for i, statement in enumerate(tree.body):
            match statement:
                case ast.Assign(targets=[ast.Name(id=result) as target], value=value):
                    found = self.value(value)
                    self.assign(result, found, target)
                case ast.AugAssign(target=ast.Name(id=result) as target, op=sign, value=value) if type(sign) in _BINARY:
                    found = self.operation(_BINARY[type(sign)], self.name(target), self.value(value), statement)
                    self.assign(result, found, target)
                    self.spell_out(statement, target, _SYMBOLS[_BINARY[type(sign)]])
                case ast.Expr(value=value) if i == len(tree.body) - 1:
                    found = self.value(value)
                    result = next(name for name in _RESULTS if name not in self.inputs)
                    self.assign(result, found, value)
                    self.edits.append((statement.lineno, statement.col_offset, statement.col_offset, f"{result} = "))
                case _:
                    raise self.refused(statement)
        if isinstance(found, _Constant) or not self.varies(found):
            raise ExpressionError("no_input")
        return Program(tuple(self.inputs), tuple(self.nodes), found, result, self.code())

    def value(self, tree: ast.expr, depth: int = 0) -> _Found:
        if depth > MAX_DEPTH:
            raise ExpressionError("too_deep")
        match tree:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _Constant(float(number))
            case ast.Name():
                return self.name(tree)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.function("neg", self.value(operand, depth + 1), tree)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                first, second = self.value(left, depth + 1), self.value(right, depth + 1)
                return self.operation(_BINARY[type(sign)], first, second, tree)
            case ast.Call(func=ast.Name(id=id) as name):
                if id in FUNCTIONS:
                    self.edits.append((name.lineno, name.col_offset, name.col_offset, "torch."))
                return self.call(id, tree, tree.args, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr=id)):
                return self.call(id, tree, tree.args, depth)
            case ast.Call(func=ast.Attribute(value=value, attr=id)):
                return self.call(id, tree, [value, *tree.args], depth)
        raise self.refused(tree)

    def call(self, id: str, tree: ast.Call, arguments: list[ast.expr], depth: int) -> _Found:
        if id not in FUNCTIONS:
            raise ExpressionError("unknown_function", got=id, known=", ".join(FUNCTIONS))
        if len(arguments) != 1 or tree.keywords:
            raise ExpressionError("arguments", got=id)
        argument = self.value(arguments[0], depth + 1)
        found = self.function(id, argument, tree)
        if isinstance(found, _Constant) and tree.end_lineno == tree.lineno and tree.end_col_offset is not None:
            # torch's functions take no plain numbers, so the code has what they would give.
            self.edits.append((tree.lineno, tree.col_offset, tree.end_col_offset, repr(found.value)))
        elif isinstance(found, _Constant):
            raise self.refused(tree)
        return found

    def name(self, tree: ast.Name) -> _Found:
        id = tree.id
        if id in self.variables:
            return self.variables[id]
        if id in CONSTANTS:
            end = tree.col_offset + len(id)
            self.edits.append((tree.lineno, tree.col_offset, end, f"torch.{id}"))
            return _Constant(CONSTANTS[id], id)
        if id in _RESERVED:
            raise ExpressionError("reserved", got=id)
        if self.allowed is not None and id not in self.allowed:
            raise ExpressionError(
                "unknown_name", got=id, known=", ".join(dict.fromkeys([*self.allowed, *self.variables]))
            )
        if len(self.inputs) == MAX_INPUTS:
            raise ExpressionError("too_many_inputs", high=MAX_INPUTS)
        self.inputs.append(id)
        self.variables[id] = self.add(Node("input", name=id))
        return self.variables[id]

    def assign(self, id: str, found: _Found, tree: ast.expr) -> None:
        if id in _RESERVED:
            raise ExpressionError("reserved", got=id)
        if id in self.inputs:
            raise ExpressionError("input_assigned", got=id)
        if isinstance(found, _Constant):
            found = _Constant(found.value, id)
        elif self.nodes[found].name is None:
            node = self.nodes[found]
            self.nodes[found] = Node(node.op, node.args, node.value, id)
        self.variables[id] = found

    def function(self, op: str, argument: _Found, tree: ast.AST) -> _Found:
        if isinstance(argument, int):
            return self.add(Node(op, (argument,)))
        given = torch.tensor(argument.value, dtype=torch.float64)
        return self.constant(float(OPERATORS[op](given)), tree)

    def operation(self, op: str, first: _Found, second: _Found, tree: ast.AST) -> _Found:
        if op == "pow" and isinstance(second, _Constant) and abs(second.value) > MAX_EXPONENT:
            raise ExpressionError("exponent", high=f"{MAX_EXPONENT:g}", got=f"{second.value:g}")
        if isinstance(first, _Constant) and isinstance(second, _Constant):
            power = math.pow if op == "pow" else OPERATORS[op]
            try:
                value = float(power(first.value, second.value))
            except (ArithmeticError, ValueError):  # 1/0, (-8)**0.5
                value = math.nan
            return self.constant(value, tree)
        return self.add(Node(op, (self.node(first), self.node(second))))

    def constant(self, value: float, tree: ast.AST) -> _Constant:
        if not math.isfinite(value):
            raise ExpressionError("not_finite", got=self.text(tree))
        if abs(value) > MAX_NUMBER:
            raise too_large(f"{value:g}")
        return _Constant(value)

    def node(self, found: _Found) -> int:
        return found if isinstance(found, int) else self.add(Node("constant", (), found.value, found.name))

    def add(self, node: Node) -> int:
        if len(self.nodes) == MAX_NODES:
            raise ExpressionError("too_many_nodes", high=MAX_NODES)
        self.nodes.append(node)
        return len(self.nodes) - 1

    def varies(self, output: int) -> bool:
        """Every node that is no constant has an input under it: constants are computed as they are read."""
        return self.nodes[output].op != "constant"

    def text(self, tree: ast.AST) -> str:
        shown = " ".join((ast.get_source_segment("\n".join(self.lines), tree) or "").split())
        return shown if len(shown) <= 24 else shown[:23] + "…"

    def refused(self, tree: ast.stmt | ast.expr) -> ExpressionError:
        return ExpressionError("not_allowed", line=tree.lineno, got=self.text(tree))

    def spell_out(self, statement: ast.AugAssign, target: ast.Name, sign: str) -> None:
        """``c += 1`` becomes ``c = c + (1)``: in place, torch may lose a value that backward needs."""
        start = self.lines[statement.lineno - 1].index(sign + "=", target.col_offset)
        end_line, end = statement.end_lineno or 0, statement.end_col_offset or 0
        after = start + len(sign) + 1
        blanks = len(self.lines[statement.lineno - 1][after:]) - len(self.lines[statement.lineno - 1][after:].lstrip())
        self.edits.append((statement.lineno, start, after + blanks, f"= {target.id} {sign} ("))
        self.edits.append((end_line, end, end, ")"))

    def code(self) -> str:
        lines = list(self.lines)
        for i in range(len(lines)):
            # From right to left; of those at one place the inner, which was noted first, goes first.
            here = [edit[1:] for edit in self.edits if edit[0] == i + 1]
            for start, end, text in self.outermost(here):
                lines[i] = lines[i][:start] + text + lines[i][end:]
        return "\n".join(line for line in lines if line)

    def outermost(self, edits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Without what lies within a stretch that is replaced later."""
        kept = [
            (start, end, text)
            for k, (start, end, text) in enumerate(edits)
            if not any(a <= start < b and end <= b for a, b, _ in edits[k + 1 :])
        ]
        return sorted(kept, key=lambda edit: -edit[0])


def evaluate(program: Program, inputs: Mapping[str, Tensor]) -> Tensor:
    """The result, elementwise, for inputs of shapes that broadcast; autograd can follow."""
    return results(program, inputs)[program.output]


def results(program: Program, inputs: Mapping[str, Tensor]) -> dict[int, Tensor]:
    """What each node has, constants apart, which enter as Python's numbers just as in ``program.code``."""
    found: dict[int, Tensor] = {}
    for i, node in enumerate(program.nodes):
        if node.op == "input":
            found[i] = inputs[node.name or ""]
        elif node.op != "constant":
            arguments = [found[k] if k in found else program.nodes[k].value for k in node.args]
            found[i] = OPERATORS[node.op](*arguments)
    return found
