"""The programs that the page on generalisation shows for its linear models, with what they print."""

from __future__ import annotations

from typing import Any

from dlcore.lessons.generalisation.model import COEFFICIENTS, DECAY_NOISE, TRUE_BIAS, TRUE_WEIGHT, LinearFit
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_LINEAR = read(__file__, "linear")


def _digits(value: float) -> str:
    # Six digits: the last bits are the machine's, and a run that is about to diverge has large numbers.
    return f"{round(value, 6) + 0.0:.6g}"


def _program(run: LinearFit, values: dict[str, Any]) -> str:
    p = run.problem
    sizes = {"_INPUTS": len(p.start), "_TRAIN": len(p.y_train), "_TEST": len(p.y_test)}
    steps = {"_SEED": run.seed, "_LR": run.lr, "_DECAY": run.decay, "_EPOCHS": run.epoch, "_BATCH": run.batch}
    return render(_LINEAR, {**sizes, "_N": len(p.y_train) + len(p.y_test), **steps, **values})


def _errors(run: LinearFit) -> str:
    last = run.history[-1]
    return f"train {_digits(last.train_error)} test {_digits(last.test_error)}"


# --- a polynomial -----------------------------------------------------------------------------------------------------
def _polynomial(run: LinearFit, noise: float, by_hand: bool) -> Snippet:
    c0, c1, c2, c3 = COEFFICIENTS
    values = {"_C0": c0, "_C1": c1, "_C2": -c2, "_C3": c3, "_NOISE": noise}
    code = _program(run, {"_POLYNOMIAL": True, "_BY_HAND": by_hand, **values})
    return Snippet(code, "" if run.diverged else f"w {' '.join(map(_digits, run.w.tolist()))}\n{_errors(run)}")


def polynomial_scratch(run: LinearFit, noise: float) -> Snippet:
    """The descent of a polynomial's weights as far as ``run`` has come, by hand."""
    return _polynomial(run, noise, True)


def polynomial_concise(run: LinearFit, noise: float) -> Snippet:
    """The same with torch's module, loss, optimizer and loader."""
    return _polynomial(run, noise, False)


# --- weight decay -----------------------------------------------------------------------------------------------------
def _decay(run: LinearFit, by_hand: bool) -> Snippet:
    values = {"_WEIGHT": TRUE_WEIGHT, "_BIAS": TRUE_BIAS, "_NOISE": DECAY_NOISE}
    code = _program(run, {"_POLYNOMIAL": False, "_BY_HAND": by_hand, **values})
    return Snippet(code, "" if run.diverged else f"{_errors(run)}\nnorm of w {_digits(run.history[-1].norm)}")


def decay_scratch(run: LinearFit) -> Snippet:
    """The descent with weight decay as far as ``run`` has come, by hand."""
    return _decay(run, True)


def decay_concise(run: LinearFit) -> Snippet:
    """The same with the optimizer's own weight decay, on the weights only."""
    return _decay(run, False)
