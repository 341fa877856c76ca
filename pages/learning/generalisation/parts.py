"""Shared by the parts of the generalisation page: the learning curve with early stopping."""

from typing import Any

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.lessons.generalisation.model import best_record
from pages.ui.language import t

NO_MARK = -1  # an epoch that no history has


def curve(run: Any, quantity: str, *, stop: str = "", log: bool = False, height: int) -> tuple[Any, Any]:
    """Return frame and specification of a quantity over the epochs, on train and test.

    The epoch at which the value of ``stop`` was smallest, on the validation subset if there is one and else on test, is
    marked, unless it is the last one.
    """
    valid = bool(getattr(run, "n_validation", 0))
    best = best_record(run.history, stop, "validation" if valid else "test").epoch if stop else NO_MARK
    mark = best if best < run.history[-1].epoch else NO_MARK
    words = {"error": t("generalisation.error"), "loss": t("axis.loss"), "accuracy": t("axis.accuracy")}
    spec = curve_spec(
        run.epochs,
        words[quantity],
        t("axis.epoch"),
        t("subset.train"),
        t("subset.test"),
        log=log,
        share=quantity == "accuracy",
        height=height,
        mark=t("generalisation.stop") if stop else "",
        validation=t("subset.validation") if valid else "",
    )
    return curve_frame(run.history, quantity, log=log, mark=mark, validation=valid), spec


def stopping(run: Any, quantity: str) -> str:
    """Return the text with the current values on train and test, and with the best so far on test."""
    last, best = run.history[-1], best_record(run.history, quantity)
    return t(
        f"generalisation.numbers_{quantity}",
        train=f"{getattr(last, f'train_{quantity}'):.4g}",
        test=f"{getattr(last, f'test_{quantity}'):.4g}",
        epoch=formats.count(best.epoch),
        least=f"{getattr(best, f'test_{quantity}'):.4g}",
    )
