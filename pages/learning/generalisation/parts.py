"""What the parts of the page on generalisation share: the curve with early stopping."""

from typing import Any

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.lessons.generalisation.model import best
from pages.ui.language import t

NOWHERE = -1  # an epoch that no history has


def curve(run: Any, quantity: str, *, stop: str = "", log: bool = False, height: int) -> tuple[Any, Any]:
    """Frame and specification of train and test over the epochs, marked where ``stop`` has been least on test.

    While that is still the last epoch there is nothing to stop, and nothing is marked.
    """
    least = best(run.history, stop).epoch if stop else NOWHERE
    mark = least if least < run.history[-1].epoch else NOWHERE
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
    )
    return curve_frame(run.history, quantity, log=log, mark=mark), spec


def stopping(run: Any, quantity: str) -> str:
    """Train and test now, and what stopping early would have given."""
    last, least = run.history[-1], best(run.history, quantity)
    return t(
        f"generalisation.numbers_{quantity}",
        train=f"{getattr(last, f'train_{quantity}'):.4g}",
        test=f"{getattr(last, f'test_{quantity}'):.4g}",
        epoch=formats.count(least.epoch),
        least=f"{getattr(least, f'test_{quantity}'):.4g}",
    )
