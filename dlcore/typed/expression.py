r"""Parse typed formulas into a graph of operations; the text is never run.

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
# Names that already have a meaning, here or in the code that a page shows.
_RESERVED: Final = frozenset({*FUNCTIONS, *CONSTANTS, "torch", "print"})
_RESULTS: Final = ("y", "z", "g", "out", "result")  # names for the result of a bare expression: the first free one


class ExpressionError(TypedError):
    """Typed text is valid Python, but not a formula, or the formula is too large."""

    WORDS: ClassVar[str] = "expression"
    RULES: ClassVar[Mapping[str, str]] = {
        "power": "a power is written **, such as {example}, not ^",
        "product": "a product needs the operator *: write {example}, got {got}",
        "unknown_name": "{got} has no value here; known are {known}",
        "unknown_function": "there is no function {got}; there are {known}",
        "arguments": "{got} takes one value",
        "reserved": "{got} already has a meaning: choose another name",
        "name_too_long": "a name must have at most {max} letters, got {got}",
        "input_assigned": "{got} was used before it had a value, so it is an input: give the result another name",
        "not_allowed": "line {line} has {got}, which is not allowed in a formula",
        "no_input": "nothing can vary: the result does not depend on a name without a value",
        "too_many_nodes": "a formula must have at most {max} operations and values",
        "too_many_inputs": "a formula must have at most {max} inputs",
        "not_finite": "{got} has no finite value",
        "exponent": "an exponent must lie within ±{max}, got {got}",
    }


@dataclass(frozen=True, slots=True)
class Node:
    """An input, a constant or an operation on earlier nodes; ``name`` is the variable it was first assigned to."""

    op: str
    args: tuple[int, ...] = ()
    value: float | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A formula as a graph.

    Attributes
    ----------
    inputs : the names of the inputs in the order of first use.
    nodes : in topological order. A variable used several times is one node; a constant is a node for each use.
    output : the index of the result's node.
    result : the name of the result.
    code : the formula as Python code with torch, whose inputs are tensors.
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


_Value = int | _Constant  # the index of a node, or a number without a node so far


def parse(text: str, *, names: Collection[str] | None = None) -> Program:
    """Parse lines of assignments such as ``c = a*b`` or ``c += 1``, or an expression, whose result is named "y".

    Parameters
    ----------
    names : the allowed inputs; None allows any.

    Raises
    ------
    TypedError : the text is not a formula, or breaks a limit.
    """
    try:
        tree = python.parse(text, signs="+-*/()=.,;\n", max_chars=MAX_FORMULA, example="a*b + tanh(c)")
    except TypedError as error:
        raise _hint(error) from None
    return _Reader(names).read(tree)


def _hint(error: TypedError) -> TypedError:
    """Return the error that explains Python's notation if a power or product is written as in mathematics."""
    match error.rule, error.limits:
        case "character", {"got": "^"}:
            return ExpressionError("power", example="x**2")
        case "joined", {"number": number, "word": word}:
            return ExpressionError("product", example=f"{number} * {word}", got=f"{number}{word}")
    return error


@dataclass(slots=True)
class _Reader:
    """Converter of a syntax tree to a :class:`Program`; nodes that are not handled here are rejected."""

    allowed: Collection[str] | None
    nodes: list[Node] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    variables: dict[str, _Value] = field(default_factory=dict)
    numbers: dict[ast.Call, float] = field(default_factory=dict)  # values of the constant calls

    def read(self, tree: ast.Module) -> Program:
        last: _Value = _Constant(0.0)
        result = ""
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=result)], value=value):
                    last = self.value(value)
                case ast.AugAssign(target=ast.Name(id=result)):
                    last = self.value(_spelled_out(statement))
                case ast.Expr(value=value) if statement is tree.body[-1]:
                    last = self.value(value)
                    result = next(name for name in _RESULTS if name not in self.inputs)
                case _:
                    raise _refused(statement)
            last = self.assign(result, last)
        if isinstance(last, _Constant):
            raise ExpressionError("no_input")
        shown = ast.fix_missing_locations(_Torch(result, self.numbers).visit(tree))
        return Program(tuple(self.inputs), tuple(self.nodes), last, result, ast.unparse(shown))

    def value(self, tree: ast.expr) -> _Value:
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

    def call(self, id: str, tree: ast.Call, arguments: list[ast.expr]) -> _Value:
        if id not in FUNCTIONS:
            raise ExpressionError("unknown_function", got=id, known=", ".join(FUNCTIONS))
        if len(arguments) != 1 or tree.keywords:
            raise ExpressionError("arguments", got=id)
        result = self.function(id, self.value(arguments[0]), tree)
        if isinstance(result, _Constant):
            self.numbers[tree] = result.value
        return result

    def name(self, id: str) -> _Value:
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

    def assign(self, id: str, value: _Value) -> _Value:
        """Assign a value to a variable, whose name a node or constant without a name takes; return the value."""
        _check_name(id)
        if id in self.inputs:
            raise ExpressionError("input_assigned", got=id)
        if isinstance(value, _Constant):
            value = replace(value, name=id)
        elif self.nodes[value].name is None:
            self.nodes[value] = replace(self.nodes[value], name=id)
        self.variables[id] = value
        return value

    def function(self, op: str, argument: _Value, tree: ast.expr) -> _Value:
        if isinstance(argument, int):
            return self.add(Node(op, (argument,)))
        given = torch.tensor(argument.value, dtype=torch.float64)
        return _constant(float(OPERATORS[op](given)), tree)

    def operation(self, op: str, first: _Value, second: _Value, tree: ast.expr) -> _Value:
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

    def node(self, value: _Value) -> int:
        return value if isinstance(value, int) else self.add(Node("constant", (), value.value, value.name))

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
    """Return the expression ``c + 1`` of ``c += 1``."""
    return ast.copy_location(ast.BinOp(tree.target, tree.op, tree.value), tree)


@dataclass
class _Torch(ast.NodeTransformer):
    """Converter of a formula to Python with torch: torch's function names, and numbers for constant calls."""

    result: str
    numbers: Mapping[ast.Call, float]

    def visit_Expr(self, tree: ast.Expr) -> ast.AST:
        return ast.Assign([ast.Name(self.result)], self.visit(tree.value))

    def visit_AugAssign(self, tree: ast.AugAssign) -> ast.AST:
        """Rewrite ``c += 1`` as ``c = c + 1``: in place, torch may overwrite a value that backward needs."""
        return ast.Assign([tree.target], self.visit(_spelled_out(tree)))

    def visit_Call(self, tree: ast.Call) -> ast.AST:
        if tree in self.numbers:  # torch's functions do not accept Python numbers
            return ast.parse(repr(self.numbers[tree]), mode="eval").body
        if isinstance(tree.func, ast.Name):
            tree.func = _torch(tree.func.id)
        return self.generic_visit(tree)

    def visit_Name(self, tree: ast.Name) -> ast.AST:
        return _torch(tree.id) if tree.id in CONSTANTS else tree


def _torch(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("torch"), name)


def evaluate(program: Program, inputs: Mapping[str, Tensor]) -> Tensor:
    """Return the result for inputs of shapes that broadcast, elementwise and differentiable by autograd."""
    return results(program, inputs)[program.output]


def results(program: Program, inputs: Mapping[str, Tensor]) -> dict[int, Tensor]:
    """Return the tensor of each node by index, without constants, which stay Python numbers as in ``program.code``."""
    values: dict[int, Tensor] = {}
    for i, node in enumerate(program.nodes):
        if node.op == "input":
            values[i] = inputs[node.name or ""]
        elif node.op != "constant":
            arguments = [values[k] if k in values else program.nodes[k].value for k in node.args]
            values[i] = OPERATORS[node.op](*arguments)
    return values
