"""Training curves: a quantity on the train, the test and perhaps a validation subset over the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

import altair as alt
import numpy as np
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREEN, GREY, RED
from dlcore.drawing.vega import Spec, as_spec, empty

TRAIN_COLOUR: Final = BLUE
TEST_COLOUR: Final = RED
VALIDATION_COLOUR: Final = GREEN

# The legend shows lines, long enough for a dash, and not the points that follow the pointer.
_STROKES: Final[dict[str, Any]] = {"symbolType": "stroke", "symbolSize": 400, "symbolStrokeWidth": 2}

# A logarithmic axis has no 0: a loss or gradient of 0 is drawn at this floor.
LOG_FLOOR: Final = 1e-8

MAX_ROWS: Final = 205  # of a curve: no spiral run has more records, and no chart has the pixels to separate more


class Measured(Protocol):
    """A record of a history: ``train_<quantity>`` and ``test_<quantity>`` after ``epoch`` epochs."""

    @property
    def epoch(self) -> int: ...


@lru_cache(maxsize=64)
def curve_spec(
    epochs: int,
    y_title: str,
    x_title: str,
    train: str,
    test: str,
    *,
    log: bool,
    share: bool,
    height: int,
    mark: str = "",
    span: tuple[float, float] | None = None,
    validation: str = "",
) -> Spec:
    """Return the chart of train and test over the epochs. ``share`` fixes the axis at 0…1, as for accuracy.

    Parameters
    ----------
    mark : the word at the marked epoch of the frame; "" marks none.
    span : fixed ends of the axis; values beyond are drawn at its end.
    validation : the word for a third curve, on the validation subset; "" draws none.
    """
    ends = span or ((0, 1) if share and not log else ())
    scale = vega.scale(*ends, log=log, **({"clamp": True} if span else {} if log or ends else {"zero": True}))
    values: dict[str, Any] = {"values": vega.SHARES} if ends == (0, 1) else {"tickCount": 4}
    x = alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(counts=True, grid=False))
    names, colours = {"train": train, "test": test}, [TRAIN_COLOUR, TEST_COLOUR]
    if validation:
        names, colours = {**names, "validation": validation}, [*colours, VALIDATION_COLOUR]
    base = (
        alt.Chart(empty("epoch", *names))
        .transform_fold(list(names), as_=["subset", "value"])
        .transform_filter("isValid(datum.value)")
        .transform_calculate(name=vega.named("datum.subset", names))
        .transform_joinaggregate(rows="count()", groupby=["subset"])
        .encode(
            x=x,
            y=alt.Y("value:Q", title=y_title, scale=scale, axis=vega.axis(**values)),
            color=vega.colour(list(names.values()), colours, **_STROKES),
        )
    )
    near = alt.selection_point(
        name="near", fields=["epoch"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    layers: list[Any] = [
        base.mark_line(strokeWidth=1.8).encode(strokeDash=vega.dash([*names.values()], **_STROKES)),
        vega.tooltip(base, {"epoch": x_title, "name": " "}, numbers={"value": y_title})
        .mark_point(filled=True, size=40)
        .encode(
            # A single value makes no line: without its point it would be invisible until the second.
            opacity=alt.when(near)
            .then(alt.value(1))
            .when("datum.rows === 1")
            .then(alt.value(1))
            .otherwise(alt.value(0))
        )
        .add_params(near),
    ]
    if mark:
        marked = alt.Chart(empty("epoch", "mark")).transform_filter("datum.mark").encode(x=x)
        layers += [
            marked.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5),
            base.transform_filter("datum.mark").mark_point(filled=True, size=60),
        ]
        for left in (True, False):  # keeps the word inside the chart
            words = marked.transform_filter(f"datum.epoch {'<=' if left else '>'} {epochs / 2}")
            text = words.mark_text(align="left" if left else "right", dx=4 if left else -4, baseline="top", dy=3)
            layers.append(text.encode(y=alt.value(0), text=alt.value(mark)))
    return as_spec(alt.layer(*layers), height)


def curve_frame(
    history: Sequence[Measured],
    quantity: str,
    *,
    log: bool = False,
    mark: int | None = None,
    validation: bool = False,
) -> pd.DataFrame:
    """Return columns epoch, train, test of ``quantity`` ("loss", "accuracy", "error"), at most about 200 rows.

    With ``validation`` there is a column of that name, too.
    If an epoch is given as ``mark``, a further column ``mark`` is true in its row only.
    """
    every = -(-len(history) // MAX_ROWS) or 1
    last = len(history) - 1
    history = [r for i, r in enumerate(history) if i % every == 0 or i == last or r.epoch == mark]
    columns: dict[str, Any] = {"epoch": np.array([record.epoch for record in history], dtype=np.int32)}
    for subset in ("train", "test", *(["validation"] if validation else [])):
        values = np.array([getattr(record, f"{subset}_{quantity}") for record in history], dtype=np.float32)
        columns[subset] = np.maximum(values, np.float32(LOG_FLOOR)) if log else values
    if mark is not None:
        columns["mark"] = columns["epoch"] == mark
    return pd.DataFrame(columns)
