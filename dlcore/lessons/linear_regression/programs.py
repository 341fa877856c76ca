"""The programs that the page on linear regression shows, with what they print."""

from __future__ import annotations

from dlcore.lessons.linear_regression.model import MODULES, Regression
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Code, read, render

_PROGRAM = read(__file__, "program")


def _program(run: Regression, seed: int, noise: float, by_hand: bool, parameters: list[float]) -> Snippet:
    values = {
        "_BY_HAND": by_hand,
        "_MSE": run.loss == "mse",
        "_LOSS": Code(f"nn.{MODULES[run.loss]}"),
        "_N": len(run.data.X),
        "_D": run.data.X.shape[1],
        "_W": [[value] for value in run.data.w],
        "_B": run.data.b,
        "_NOISE": noise,
        "_DATA_SEED": seed,
        "_SEED": run.seed,
        "_LR": run.lr,
        "_EPOCHS": run.n_epochs,
        "_BATCH": run.batch_size,
    }
    # Six digits: the last bits are the machine's, and a run that is about to diverge has large numbers.
    *w, b = (f"{round(value, 6) + 0.0:.6g}" for value in parameters)
    return Snippet(render(_PROGRAM, values), f"w {' '.join(w)} b {b}" if run.epoch == run.epochs else "")


def scratch(run: Regression, seed: int, noise: float) -> Snippet:
    """The training from scratch, all of it; its output is that of ``run`` at its end."""
    return _program(run, seed, noise, True, run.scratch.parameters)


def concise(run: Regression, seed: int, noise: float) -> Snippet:
    """Return the program with torch's module, loss, optimizer and loader."""
    return _program(run, seed, noise, False, run.concise.parameters)
