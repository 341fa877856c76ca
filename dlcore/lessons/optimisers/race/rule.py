r"""The update rule of each optimizer in TeX, with the numbers of a real step in it.

>>> tex(0.00012345), tex(1e-8), tex(-2.0)
('1.234\\times 10^{-4}', '10^{-8}', '-2')
"""

from __future__ import annotations

import math

from dlcore.lessons.optimisers.race.model import Pair, Walker


def tex(value: float) -> str:
    """A number to four digits."""
    if math.isnan(value):
        return r"\mathrm{nan}"
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    head, mark, power = f"{value:.4g}".partition("e")
    if not mark and (value == 0 or abs(value) >= 0.001):
        return head
    head, _, power = f"{value:.3e}".partition("e")
    head = head.rstrip("0").rstrip(".")
    factor = {"1": "", "-1": "-"}.get(head, rf"{head}\times ")
    return rf"{factor}10^{{{int(power)}}}"


def _vector(pair: Pair) -> str:
    return rf"\left({tex(pair[0])},\; {tex(pair[1])}\right)"


def _times(factor: float, pair: Pair) -> str:
    return rf"{{{tex(factor)}\cdot {_vector(pair)}}}"


def _squared(pair: Pair) -> str:
    return rf"{_vector(pair)}^2"


def _of_square(factor: float, pair: Pair) -> str:
    return rf"{{{tex(factor)}\cdot {_squared(pair)}}}"


def _map(pair: Pair, by: float) -> Pair:
    return pair[0] * by, pair[1] * by


Line = tuple[str, str, str]  # what it is, by its symbols, by its numbers


def lines(walker: Walker) -> list[Line]:
    r"""The rule line by line: the left side, the right side in symbols, and the numbers of the last step.

    Before the first step the numbers are empty. θ = (x, y); all is element by element.
    """
    symbols = [("g_t", r"\nabla f(\theta_{t-1})"), *_SYMBOLS[walker.id]]
    numbers = _numbers(walker) if walker.move else [""] * len(symbols)
    return [(left, right, number) for (left, right), number in zip(symbols, numbers, strict=True)]


_STEP = r"\theta_t"
_FIRST = ("m_t", r"\beta_1 m_{t-1} + (1-\beta_1)\, g_t")
_SECOND = ("v_t", r"\beta_2 v_{t-1} + (1-\beta_2)\, g_t^2")
_CORRECTED = [(r"\hat m_t", r"m_t / (1-\beta_1^t)"), (r"\hat v_t", r"v_t / (1-\beta_2^t)")]
_ADAM = r"\eta\,\hat m_t / (\sqrt{\hat v_t}+\epsilon)"
_SYMBOLS = {
    "sgd": [(_STEP, r"\theta_{t-1} - \eta\, g_t")],
    "momentum": [("v_t", r"\mu v_{t-1} + g_t"), (_STEP, r"\theta_{t-1} - \eta\, v_t")],
    "nesterov": [("v_t", r"\mu v_{t-1} + g_t"), (_STEP, r"\theta_{t-1} - \eta\,(g_t + \mu v_t)")],
    "adagrad": [("s_t", r"s_{t-1} + g_t^2"), (_STEP, r"\theta_{t-1} - \eta\, g_t / (\sqrt{s_t}+\epsilon)")],
    "rmsprop": [
        ("s_t", r"\alpha s_{t-1} + (1-\alpha)\, g_t^2"),
        (_STEP, r"\theta_{t-1} - \eta\, g_t / (\sqrt{s_t}+\epsilon)"),
    ],
    "adam": [_FIRST, _SECOND, *_CORRECTED, (_STEP, rf"\theta_{{t-1}} - {_ADAM}")],
    "adamw": [_FIRST, _SECOND, *_CORRECTED, (_STEP, rf"\theta_{{t-1}} - \eta\lambda\,\theta_{{t-1}} - {_ADAM}")],
}


def _numbers(walker: Walker) -> list[str]:
    """The right sides with the numbers of the last step."""
    move, hyper, t = walker.move, walker.hyper, walker.steps
    assert move is not None
    g, lr = move.gradient, walker.lr

    def moved(step: str) -> str:
        return f"{_vector(move.before)} - {step} = {_vector(move.after)}"

    match walker.id, move.remembered, move.remembers:
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
            decay = f"{_times(lr * hyper.decay, move.before)} - " if id == "adamw" else ""
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


def _over(lr: float, above: Pair, squares: Pair, eps: float) -> str:
    roots = math.sqrt(squares[0]), math.sqrt(squares[1])
    return rf"{{{tex(lr)}\cdot \dfrac{{{_vector(above)}}}{{{_vector(roots)} + {tex(eps)}}}}}"


def rule(walker: Walker) -> str:
    """The whole rule as Markdown, a paragraph for each line.

    The formulas are in running text, which breaks at an operator where a page is narrow; a displayed one would be cut
    off, and its result stands at the end. What is in braces is kept together.
    """
    paragraphs = []
    for left, right, number in lines(walker):
        worked, _, result = number.rpartition(" = ")
        rows = [f"${left} = {right}$", f"$= {worked}$ ${{= {result}}}$" if worked else f"$= {number}$"]
        paragraphs.append("  \n".join(rows if number else rows[:1]))
    return "\n\n".join(paragraphs)
