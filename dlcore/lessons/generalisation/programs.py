"""Programs that the generalisation page shows for its linear models, with their output."""

from __future__ import annotations

from typing import Any

from dlcore.lessons.generalisation.model import COEFFICIENTS, DECAY_NOISE, TRUE_BIAS, TRUE_WEIGHT, LinearFit
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_LINEAR = read(__file__, "linear")


def _digits(value: float) -> str:
    # Six digits: the last bits depend on the machine, and a run that is about to diverge has large numbers.
    return f"{round(value, 6) + 0.0:.6g}"


def _program(run: LinearFit, values: dict[str, Any]) -> str:
    p = run.problem
    sizes = {"_INPUTS": len(p.start), "_TRAIN": len(p.y_train), "_TEST": len(p.y_test)}
    training = {"_SEED": run.seed, "_LR": run.lr, "_DECAY": run.weight_decay, "_EPOCHS": run.epoch}
    sizes |= {"_N": len(p.y_train) + len(p.y_test), "_BATCH": run.batch_size}
    return render(_LINEAR, sizes | training | values)


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
    """Return the program that fits the polynomial for the epochs done by ``run``, by hand."""
    return _polynomial(run, noise, True)


def polynomial_concise(run: LinearFit, noise: float) -> Snippet:
    """Return the program that does the same as :func:`polynomial_scratch` with torch's module, optimizer and loader."""
    return _polynomial(run, noise, False)


# --- weight decay -----------------------------------------------------------------------------------------------------
def _decay(run: LinearFit, by_hand: bool) -> Snippet:
    values = {"_WEIGHT": TRUE_WEIGHT, "_BIAS": TRUE_BIAS, "_NOISE": DECAY_NOISE}
    code = _program(run, {"_POLYNOMIAL": False, "_BY_HAND": by_hand, **values})
    return Snippet(code, "" if run.diverged else f"{_errors(run)}\nnorm of w {_digits(run.history[-1].norm)}")


def decay_scratch(run: LinearFit) -> Snippet:
    """Return the program that trains with weight decay for the epochs done by ``run``, by hand."""
    return _decay(run, True)


def decay_concise(run: LinearFit) -> Snippet:
    """Return the program that does the same as :func:`decay_scratch` with the optimizer's own weight decay."""
    return _decay(run, False)
