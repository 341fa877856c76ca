"""The program that fits a line by each loss."""

from __future__ import annotations

from torch import nn

from dlcore.lessons.linear_regression.model import MODULES
from dlcore.lessons.linear_regression.outliers.model import NOISE, ROUNDS, SEED, TRUE, N, lines, moved, points
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_PROGRAM = read(__file__, "program")


def program(point: int, shift: float) -> Snippet:
    """Return the program that moves a point, fits a line by each loss, and prints w, b and the loss."""
    values = {"_N": N, "_NOISE": NOISE, "_SEED": SEED, "_W": TRUE[0], "_B": TRUE[1], "_ROUNDS": ROUNDS}
    code = render(_PROGRAM, {**values, "_INDEX": point - 1, "_SHIFT": shift})
    x, y = points()[0], moved(point, shift)
    output = []
    for loss, (w, b) in lines(point, shift).items():
        module = {**MODULES, "l1": "L1Loss"}[loss]
        value = getattr(nn, module)()(w * x + b, y)
        output.append(f"{module}: w {w:.2f} b {b:.2f} loss {value:.2f}")
    return Snippet(code, "\n".join(output))
