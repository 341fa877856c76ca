r"""Formulas that a person types, read into a graph of operations. Nothing that is typed is ever run.

>>> program = parse("c = a + b\ng = tanh(c)**2")
>>> program.inputs, [node.op for node in program.nodes]
(('a', 'b'), ['input', 'input', 'add', 'tanh', 'constant', 'pow'])
>>> float(evaluate(program, {"a": torch.tensor(0.5), "b": torch.tensor(-0.5)}))
0.0
>>> program.code
'c = a + b\ng = torch.tanh(c) ** 2'
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import torch
from torch import Tensor

from dlcore.typed import python
from dlcore.typed.python import MAX_NUMBER, TypedError

MAX_FORMULA: Final = 800  # characters
MAX_NAME: Final = 12  # letters
MAX_NODES: Final = 120
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


class ExpressionError(TypedError):
    """What was typed is Python, but no formula, or one that is too large."""

    WORDS: ClassVar[str] = "expression"
    RULES: ClassVar[Mapping[str, str]] = {
        "power": "a power is written **, such as {example}, not ^",
        "product": "a product needs its sign: write {example}, got {got}",
        "unknown_name": "{got} has no value here; known are {known}",
        "unknown_function": "there is no function {got}; there are {known}",
        "arguments": "{got} takes one value",
        "reserved": "{got} has a meaning of its own: choose another name",
        "name_too_long": "a name must have at most {max} letters, got {got}",
        "input_assigned": "{got} was used before it had a value, so it is an input: give the result another name",
        "not_allowed": "line {line} has {got}, which is no part of a formula here",
        "no_input": "nothing can vary: the result does not depend on a name without a value",
        "too_many_nodes": "a formula must have at most {max} operations and values",
        "too_many_inputs": "a formula must have at most {max} inputs",
        "not_finite": "{got} has no finite value",
        "exponent": "an exponent must lie within ±{max}, got {got}",
    }


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
    TypedError : the text is no formula, or breaks a limit.
    """
    try:
        tree = python.parse(text, signs="+-*/()=.,;\n", max_chars=MAX_FORMULA, example="a*b + tanh(c)")
    except TypedError as error:
        raise _hint(error) from None
    return _Reader(names).read(tree)


def _hint(error: TypedError) -> TypedError:
    """Say how a power or a product is written to whoever has written it as in mathematics."""
    match error.rule, error.limits:
        case "character", {"got": "^"}:
            return ExpressionError("power", example="x**2")
        case "joined", {"number": number, "word": word}:
            return ExpressionError("product", example=f"{number} * {word}", got=f"{number}{word}")
    return error


@dataclass(slots=True)
class _Reader:
    """Turns a syntax tree into a :class:`Program`; what is not named here is refused."""

    allowed: Collection[str] | None
    nodes: list[Node] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    variables: dict[str, _Found] = field(default_factory=dict)
    numbers: dict[ast.Call, float] = field(default_factory=dict)  # calls of functions that are constant

    def read(self, tree: ast.Module) -> Program:
        found: _Found = _Constant(0.0)
        result = ""
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=result)], value=value):
                    found = self.value(value)
                case ast.AugAssign(target=ast.Name(id=result)):
                    found = self.value(_spelled_out(statement))
                case ast.Expr(value=value) if statement is tree.body[-1]:
                    found = self.value(value)
                    result = next(name for name in _RESULTS if name not in self.inputs)
                case _:
                    raise _refused(statement)
            found = self.assign(result, found)
        if isinstance(found, _Constant):
            raise ExpressionError("no_input")
        shown = ast.fix_missing_locations(_Torch(result, self.numbers).visit(tree))
        return Program(tuple(self.inputs), tuple(self.nodes), found, result, ast.unparse(shown))

    def value(self, tree: ast.expr) -> _Found:
        match tree:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _Constant(float(number))
            case ast.Name(id=id):
                return self.name(id)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.function("neg", self.value(operand), tree)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return self.operation(_BINARY[type(sign)], self.value(left), self.value(right), tree)
            case ast.Call(func=ast.Name(id=id)) | ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr=id)):
                return self.call(id, tree, tree.args)
            case ast.Call(func=ast.Attribute(value=value, attr=id)):
                return self.call(id, tree, [value, *tree.args])
        raise _refused(tree)

    def call(self, id: str, tree: ast.Call, arguments: list[ast.expr]) -> _Found:
        if id not in FUNCTIONS:
            raise ExpressionError("unknown_function", got=id, known=", ".join(FUNCTIONS))
        if len(arguments) != 1 or tree.keywords:
            raise ExpressionError("arguments", got=id)
        found = self.function(id, self.value(arguments[0]), tree)
        if isinstance(found, _Constant):
            self.numbers[tree] = found.value
        return found

    def name(self, id: str) -> _Found:
        if id in self.variables:
            return self.variables[id]
        if id in CONSTANTS:
            return _Constant(CONSTANTS[id], id)
        _check_name(id)
        if self.allowed is not None and id not in self.allowed:
            known = ", ".join(dict.fromkeys([*self.allowed, *self.variables]))
            raise ExpressionError("unknown_name", got=id, known=known)
        if len(self.inputs) == MAX_INPUTS:
            raise ExpressionError("too_many_inputs", max=MAX_INPUTS)
        self.inputs.append(id)
        self.variables[id] = self.add(Node("input", name=id))
        return self.variables[id]

    def assign(self, id: str, found: _Found) -> _Found:
        """Give a variable its value; a node or a constant without a name takes the variable's."""
        _check_name(id)
        if id in self.inputs:
            raise ExpressionError("input_assigned", got=id)
        if isinstance(found, _Constant):
            found = replace(found, name=id)
        elif self.nodes[found].name is None:
            self.nodes[found] = replace(self.nodes[found], name=id)
        self.variables[id] = found
        return found

    def function(self, op: str, argument: _Found, tree: ast.expr) -> _Found:
        if isinstance(argument, int):
            return self.add(Node(op, (argument,)))
        given = torch.tensor(argument.value, dtype=torch.float64)
        return _constant(float(OPERATORS[op](given)), tree)

    def operation(self, op: str, first: _Found, second: _Found, tree: ast.expr) -> _Found:
        if op == "pow" and isinstance(second, _Constant) and abs(second.value) > MAX_EXPONENT:
            raise ExpressionError("exponent", max=f"{MAX_EXPONENT:g}", got=f"{second.value:g}")
        if isinstance(first, _Constant) and isinstance(second, _Constant):
            power = math.pow if op == "pow" else OPERATORS[op]
            try:
                value = float(power(first.value, second.value))
            except (ArithmeticError, ValueError):  # 1/0, (-8)**0.5
                value = math.nan
            return _constant(value, tree)
        return self.add(Node(op, (self.node(first), self.node(second))))

    def node(self, found: _Found) -> int:
        return found if isinstance(found, int) else self.add(Node("constant", (), found.value, found.name))

    def add(self, node: Node) -> int:
        if len(self.nodes) == MAX_NODES:
            raise ExpressionError("too_many_nodes", max=MAX_NODES)
        self.nodes.append(node)
        return len(self.nodes) - 1


def _constant(value: float, tree: ast.expr) -> _Constant:
    if not math.isfinite(value):
        raise ExpressionError("not_finite", got=ast.unparse(tree))
    if abs(value) > MAX_NUMBER:
        raise TypedError("number", max=MAX_NUMBER, got=f"{value:g}")
    return _Constant(value)


def _check_name(id: str) -> None:
    if id in _RESERVED:
        raise ExpressionError("reserved", got=id)
    if len(id) > MAX_NAME:
        raise ExpressionError("name_too_long", max=MAX_NAME, got=len(id))


def _refused(tree: ast.stmt | ast.expr) -> ExpressionError:
    return ExpressionError("not_allowed", line=tree.lineno, got=ast.unparse(tree))


def _spelled_out(tree: ast.AugAssign) -> ast.BinOp:
    """Return what ``c += 1`` gives c: ``c + 1``."""
    return ast.copy_location(ast.BinOp(tree.target, tree.op, tree.value), tree)


@dataclass
class _Torch(ast.NodeTransformer):
    """Rewrites a formula as Python with torch: torch's names, and the value of a function of numbers only."""

    result: str
    numbers: Mapping[ast.Call, float]

    def visit_Expr(self, tree: ast.Expr) -> ast.AST:
        return ast.Assign([ast.Name(self.result)], self.visit(tree.value))

    def visit_AugAssign(self, tree: ast.AugAssign) -> ast.AST:
        """``c += 1`` becomes ``c = c + 1``: in place, torch may lose a value that backward needs."""
        return ast.Assign([tree.target], self.visit(_spelled_out(tree)))

    def visit_Call(self, tree: ast.Call) -> ast.AST:
        if tree in self.numbers:  # torch's functions take no plain numbers
            return ast.parse(repr(self.numbers[tree]), mode="eval").body
        if isinstance(tree.func, ast.Name):
            tree.func = _torch(tree.func.id)
        return self.generic_visit(tree)

    def visit_Name(self, tree: ast.Name) -> ast.AST:
        return _torch(tree.id) if tree.id in CONSTANTS else tree


def _torch(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("torch"), name)


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
