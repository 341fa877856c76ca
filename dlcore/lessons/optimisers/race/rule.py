"""The update rule of each optimizer in TeX, with the numbers of a real step in it."""

from __future__ import annotations

import math

from dlcore.drawing.formats import tex
from dlcore.lessons.optimisers.race.model import Vector2, Walker
from dlcore.network.optimizers import RULES


def _vector(pair: Vector2) -> str:
    return rf"\left({tex(pair[0])},\; {tex(pair[1])}\right)"


def _times(factor: float, pair: Vector2) -> str:
    return rf"{{{tex(factor)}\cdot {_vector(pair)}}}"


def _squared(pair: Vector2) -> str:
    return rf"{_vector(pair)}^2"


def _of_square(factor: float, pair: Vector2) -> str:
    return rf"{{{tex(factor)}\cdot {_squared(pair)}}}"


def _map(pair: Vector2, by: float) -> Vector2:
    return pair[0] * by, pair[1] * by


RuleLine = tuple[str, str, str]  # left side, right side in symbols, right side in numbers


def rule_lines(walker: Walker) -> list[RuleLine]:
    r"""Return the lines of the rule with the numbers of the last step, which are "" before the first step.

    θ = (x, y); every operation is element by element.
    """
    of = "f_B" if walker.sampling else "f"  # the mean loss of the batch
    symbols = [("g_t", rf"\nabla {of}(\theta_{{t-1}})"), *RULES[walker.id].tex]
    numbers = _numbers(walker) if walker.move else [""] * len(symbols)
    return [(left, right, number) for (left, right), number in zip(symbols, numbers, strict=True)]


def _numbers(walker: Walker) -> list[str]:
    """Return the right sides of the rule with the numbers of the last step."""
    move, hyper, t = walker.move, walker.hyper, walker.steps
    assert move is not None
    g, lr = move.gradient, walker.lr

    def moved(step: str) -> str:
        return f"{_vector(move.before)} - {step} = {_vector(move.after)}"

    match walker.id, move.buffers_before, move.buffers_after:
        case "momentum" | "nesterov" as id, (old,), (v,):
            along = v if id == "momentum" else (g[0] + hyper.momentum * v[0], g[1] + hyper.momentum * v[1])
            velocity = f"{_times(hyper.momentum, old)} + {_vector(g)} = {_vector(v)}"
            return [_vector(g), velocity, moved(_times(lr, along))]
        case "adagrad" | "rmsprop" as id, (old,), (s,):
            if id == "adagrad":
                squares = f"{_vector(old)} + {_squared(g)} = {_vector(s)}"
            else:
                squares = f"{_times(hyper.alpha, old)} + {_of_square(1 - hyper.alpha, g)} = {_vector(s)}"
            return [_vector(g), squares, moved(_over(lr, g, s, hyper.eps))]
        case "adam" | "adamw" as id, (old_m, old_v), (m, v):
            c1, c2 = 1 - hyper.beta1**t, 1 - hyper.beta2**t
            m_hat, v_hat = _map(m, 1 / c1), _map(v, 1 / c2)
            decay = f"{_times(lr * hyper.weight_decay, move.before)} - " if id == "adamw" else ""
            return [
                _vector(g),
                f"{_times(hyper.beta1, old_m)} + {_times(1 - hyper.beta1, g)} = {_vector(m)}",
                f"{_times(hyper.beta2, old_v)} + {_of_square(1 - hyper.beta2, g)} = {_vector(v)}",
                f"{_vector(m)} / {tex(c1)} = {_vector(m_hat)}",
                f"{_vector(v)} / {tex(c2)} = {_vector(v_hat)}",
                moved(decay + _over(lr, m_hat, v_hat, hyper.eps)),
            ]
        case _:
            return [_vector(g), moved(_times(lr, g))]


def _over(lr: float, above: Vector2, squares: Vector2, eps: float) -> str:
    roots = math.sqrt(squares[0]), math.sqrt(squares[1])
    return rf"{{{tex(lr)}\cdot \dfrac{{{_vector(above)}}}{{{_vector(roots)} + {tex(eps)}}}}}"


def rule(walker: Walker) -> str:
    """Return the rule as Markdown, a paragraph for each line.

    The formulas are inline, so a narrow page breaks them at operators, where a displayed formula would be cut off.
    Braces keep their content on one line.
    """
    paragraphs = []
    for left, right, number in rule_lines(walker):
        worked, _, result = number.rpartition(" = ")
        rows = [f"${left} = {right}$", f"$= {worked}$ ${{= {result}}}$" if worked else f"$= {number}$"]
        paragraphs.append("  \n".join(rows if number else rows[:1]))
    return "\n\n".join(paragraphs)
