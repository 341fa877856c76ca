r"""Short labels of graph nodes, and LaTeX of their derivatives and numbers.

Names come from a parsed :class:`Program`, so they hold letters, digits and underscores and need no escaping.

>>> from dlcore.typed.expression import parse
>>> program = parse("c = a*b\nc += 2\ng = tanh(c)**2")
>>> labels(program)
('a', 'b', 'c', '', 'c′', 'v₁', '', 'g')
>>> [title(program, i) for i in (0, 4, 5, 7)]
['a', 'c′: + 2', 'v₁: tanh', 'g: ** 2']
>>> derivative(program, 2, 1)
'\\frac{\\partial\\,(a \\cdot b)}{\\partial b} = a'
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from dlcore.drawing.formats import tex, text
from dlcore.typed.expression import Program

SIGNS: Final = {"add": "+", "sub": "−", "mul": "×", "div": "/", "pow": "**", "neg": "−"}
_DIGITS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PLAIN: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@lru_cache(maxsize=64)
def labels(program: Program) -> tuple[str, ...]:
    """Return a label for each node: its variable, primed once per reassignment, or v₁, v₂ … if it has none."""
    seen: dict[str, int] = {}
    names, unnamed = [], 0
    for node in program.nodes:
        if node.op == "constant":
            names.append("")
        elif node.name is None:
            unnamed += 1
            names.append("v" + str(unnamed).translate(_DIGITS))
        else:
            names.append(node.name + "′" * seen.get(node.name, 0))
            seen[node.name] = seen.get(node.name, 0) + 1
    return tuple(names)


def title(program: Program, i: int) -> str:
    """Return the label of node ``i`` with its operation and constant arguments."""
    node, label = program.nodes[i], labels(program)[i]
    if node.op == "input":
        return label
    sign = SIGNS.get(node.op, node.op)
    before, *after = [program.nodes[k] for k in node.args]
    if before.op == "constant":
        sign = f"{text(before.value or 0.0)} {sign}"
    if after and after[0].op == "constant":
        sign = f"{sign} {text(after[0].value or 0.0)}"
    return f"{label}: {sign}"


def number(value: float) -> str:
    """Return LaTeX of a number, in brackets if it is negative, so that it can stand in a product."""
    return f"({bare(value)})" if value < 0 else bare(value)


def bare(value: float) -> str:
    """Return LaTeX of a number without brackets, as after an equals sign."""
    return tex(value, 6)


def symbol(program: Program, i: int) -> str:
    """Return LaTeX of the name of node ``i``."""
    node = program.nodes[i]
    if node.op == "constant":
        return number(node.value or 0.0)
    label = labels(program)[i]
    if node.name is None:
        return f"v_{{{label[1:].translate(_PLAIN)}}}"
    name = label.rstrip("′")
    word = name if len(name) == 1 else rf"\mathit{{{name}}}".replace("_", r"\_")
    return word + "'" * (len(label) - len(name))


def derivative(program: Program, i: int, slot: int) -> str:
    """Return LaTeX of the local derivative of node ``i`` by its argument ``slot``: quotient = rule.

    If both arguments are the same node, they are called u and v to tell the edges apart.
    """
    node = program.nodes[i]
    same = len(set(node.args)) < len(node.args)
    u, *rest = ["u", "v"] if same else [symbol(program, k) for k in node.args]
    v = rest[0] if rest else ""
    by = (u, v)[slot]
    exponent = program.nodes[node.args[-1]].value if node.op == "pow" else None
    result = _written(node.op, u, v)
    tail = rf"\qquad (u = v = {symbol(program, node.args[0])})" if same else ""
    return rf"\frac{{\partial\,{result}}}{{\partial {by}}} = {_rule(node.op, slot, u, v, exponent)}{tail}"


def _written(op: str, u: str, v: str) -> str:
    match op:
        case "add":
            return f"({u} + {v})"
        case "sub":
            return f"({u} - {v})"
        case "mul":
            return rf"({u} \cdot {v})"
        case "div":
            return f"({u} / {v})"
        case "pow":
            return f"{{{u}}}^{{{_open(v)}}}"
        case "neg":
            return f"(-{u})"
        case "exp":
            return f"e^{{{u}}}"
        case "log" | "sin" | "cos" | "tanh":
            return rf"\{op} {u}" if op != "log" else rf"\ln {u}"
        case "sqrt":
            return rf"\sqrt{{{u}}}"
        case "abs":
            return f"|{u}|"
    return rf"\mathrm{{{op}}}({u})"


def _open(text: str) -> str:
    return text[1:-1] if text.startswith("(") else text


def _rule(op: str, slot: int, u: str, v: str, exponent: float | None) -> str:
    match op, slot:
        case "sub", 1:
            return "-1"
        case (("add" | "sub"), _):
            return "1"
        case "mul", _:
            return (v, u)[slot]
        case "div", 0:
            return rf"\frac{{1}}{{{v}}}"
        case "div", _:
            return rf"-\frac{{{u}}}{{{v}^2}}"
        case "pow", 0 if exponent is not None:
            return _power_rule(u, exponent)
        case "pow", 0:
            return rf"{v} \cdot {{{u}}}^{{{v} - 1}}"
        case "pow", _:
            return rf"{{{u}}}^{{{v}}} \cdot \ln {u}"
        case "neg", _:
            return "-1"
        case "exp", _:
            return f"e^{{{u}}}"
        case "log", _:
            return rf"\frac{{1}}{{{u}}}"
        case "sin", _:
            return rf"\cos {u}"
        case "cos", _:
            return rf"-\sin {u}"
        case "tanh", _:
            return rf"1 - \tanh^2 {u}"
        case "sigmoid", _:
            return rf"\mathrm{{sigmoid}}({u}) \cdot (1 - \mathrm{{sigmoid}}({u}))"
        case "sqrt", _:
            return rf"\frac{{1}}{{2\sqrt{{{u}}}}}"
        case "abs", _:
            return rf"\mathrm{{sign}}({u})"
    return rf"\begin{{cases}} 1 & {u} > 0 \\ 0 & {u} \le 0 \end{{cases}}"  # relu


def _power_rule(u: str, exponent: float) -> str:
    if exponent == 0:
        return "0"
    if exponent == 1:
        return "1"
    if exponent == 2:
        return rf"2 \cdot {u}"
    return rf"{number(exponent)} \cdot {{{u}}}^{{{bare(exponent - 1)}}}"
