"""The panels below the stage: predictions, code, sharing. Only the open one is computed."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import streamlit as st
import torch

from dlcore.drawing import formats
from dlcore.drawing.confusion import confusion_frame, confusion_spec
from dlcore.spiral import charts, codegen, regions
from dlcore.spiral.expectation import expected
from dlcore.spiral.training import named
from pages.spiral.spiral.session import Session
from pages.ui import component, messages
from pages.ui.gate import gate
from pages.ui.language import content, language, t
from pages.ui.table import table


def draw_panels(s: Session) -> None:
    """Draw the panels as tabs. Those that depend on the run stay empty while it trains."""
    # The first is open to begin with, and costs nothing while a slider is dragged.
    tries, predictions, code, sharing = st.tabs(
        [t(f"spiral.panel.{id}") for id in ("try", "predictions", "code", "share")],
        key=f"spiral.panels.{language()}",
        on_change="rerun",
    )
    for tab, panel in ((predictions, _predictions), (code, _code), (sharing, _sharing)):
        if tab.open:
            with tab:
                if s.playing:
                    st.caption(t("spiral.panel.waiting"))
                elif s.run.empty:
                    st.caption(t("spiral.drawn.empty"))
                else:
                    panel(s)
    if tries.open:
        with tries:
            st.markdown(content("spiral/try"))


def _class_names(s: Session) -> list[str]:
    if s.config.data.kind == "csv" and s.table:
        return [f"{i} · {name[:20]}" for i, name in enumerate(s.table.classes)]
    return [str(i) for i in range(s.run.prepared.train.n_classes)]


def _predictions(s: Session) -> None:
    if s.config.data.regression:
        st.caption(t("spiral.regression.no_classes"))
        return
    train, held_out, n_test = s.run.prepared.train, s.run.prepared.held_out, len(s.run.prepared.test.y)
    X, y = torch.cat([train.X, held_out.X]), torch.cat([train.y, held_out.y])
    with gate().turn():
        logits = s.run.engine.logits(torch.cat([s.run.X_train, s.run.X_test, s.run.X_validation])).cpu()  # (n, classes)
    names = _class_names(s)
    left, middle, right = st.columns([0.36, 0.32, 0.32], gap="medium")
    with left:
        _pick_row(s, X, y, logits.argmax(1), names)
    with middle:
        row = min(s.view.row, len(y) - 1)

        def typed() -> None:
            s.view.row = st.session_state["spiral.row"]

        st.session_state["spiral.row"] = row
        st.number_input(t("spiral.predictions.row", last=len(y) - 1), 0, len(y) - 1, key="spiral.row", on_change=typed)
        probabilities = torch.softmax(logits[row], 0)
        columns = {
            t("predictions.class"): [messages.plain(name) for name in names],
            t("spiral.predictions.logit"): [formats.fixed(value, 4) for value in logits[row].tolist()],
            t("predictions.probability"): [formats.fixed(value, 4) for value in probabilities.tolist()],
        }
        table(pd.DataFrame(columns))
        score, predicted = logits[row].max(0)
        st.code(
            f"y_pred.shape            # {tuple(logits.shape)}\n"
            f"score, predicted = y_pred[{row}].max(0)\n"
            f"score                   # {float(score):.4f}\n"
            f"predicted               # {int(predicted)}\n"
            f"y[{row}]{' ' * (21 - len(str(row)))}# {int(y[row])}",
            language="python",
        )
    with right:
        n_kept = len(train.y) + n_test
        for subset, rows in (
            ("train", slice(0, len(train.y))),
            ("test", slice(len(train.y), n_kept)),
            ("validation", slice(n_kept, None)),
        ):
            if len(y[rows]):
                st.caption(t(f"spiral.predictions.confusion_{subset}", n=formats.count(len(y[rows]))))
                st.vega_lite_chart(
                    confusion_frame(y[rows].numpy(), logits[rows].argmax(1).numpy(), names),
                    confusion_spec(
                        t("predictions.predicted"), t("predictions.true"), tuple(names), 60 + 30 * len(names)
                    ),
                    alt=t("alt.confusion"),
                )


def _scatter_titles(*, validation: bool) -> tuple[tuple[str, str], ...]:
    return (
        ("x", "x₁"),
        ("y", "x₂"),
        ("class", t("predictions.class")),
        ("subset", t("spiral.predictions.subset")),
        ("predicted", t("predictions.predicted")),
        ("row", t("spiral.predictions.row_number")),
        ("train", t("subset.train")),
        ("test", t("subset.test")),
        ("validation", t("subset.validation") if validation else ""),
    )


def _pick_row(s: Session, X: torch.Tensor, y: torch.Tensor, predicted: torch.Tensor, names: list[str]) -> None:
    words = [t("subset.train"), t("subset.test"), t("subset.validation")]
    prepared = s.run.prepared
    subsets = np.repeat(words, [len(prepared.train.y), len(prepared.test.y), len(prepared.validation.y)])
    spec = charts.scatter_spec(
        s.half, tuple(names), _scatter_titles(validation=len(prepared.validation.y) > 0), height=420
    )
    points = pd.DataFrame(
        {
            "x": X[:, 0].numpy(),
            "y": X[:, 1].numpy(),
            "class": [names[i] for i in y.tolist()],
            "predicted": [names[i] for i in predicted.tolist()],
            "subset": subsets,
            "row": np.arange(len(y)),
        }
    )

    def clicked() -> None:
        row = component.number_between(component.selected("spiral.scatter", "row").get("row"), 0, len(y) - 1)
        if row is not None:
            s.view.row = int(row)

    st.caption(t("spiral.predictions.click"))
    st.vega_lite_chart(points, spec, key="spiral.scatter", on_select=clicked, alt=t("spiral.alt.scatter"))


def _script(s: Session) -> str:
    """Return the script of the run; it compares its losses with the run's, unless a setting was changed in between."""
    losses = None if s.run.changes else expected(s.run)
    return codegen.script(s.config, expected=losses, table=s.table, language=language())


def _code(s: Session) -> None:
    if s.run.changes:
        st.caption(t("spiral.code.changed", epoch=s.run.changes[0][0]))
    elif not s.run.finished:
        st.caption(t("spiral.code.unfinished"))
    script = _script(s)
    st.download_button(
        t("spiral.share.script"), script, "spiral.py", "text/x-python", icon=":material/download:", on_click="ignore"
    )
    st.code(script, language="python", line_numbers=True)


def _sharing(s: Session) -> None:
    st.markdown(t("spiral.share.link_is"))
    base = (st.context.url or "").split("?")[0]
    st.code(f"{base}?{s.lesson.link(s.values)}", language=None)
    if s.config.data.kind == "csv":
        st.caption(t("spiral.share.no_table"))
    if s.edits or any(name == "weights" for _, name in s.run.changes):
        st.warning(t("spiral.share.edited"))
    buffer = io.BytesIO()
    torch.save(s.run.engine.state_dict(), buffer)
    with gate().turn():
        image = regions.region(
            s.run.engine,
            half=s.half,
            names=s.config.data.features,
            size=400,
            factor=2,
            theme="light",
            hard=s.view.hard_edges,
            points=s.points(800),
        )
    metrics = pd.DataFrame([named(record, regression=s.config.data.regression) for record in s.run.history])
    with st.container(horizontal=True):
        for id, data, name, mime in (
            ("weights", buffer.getvalue(), "spiral.pt", "application/octet-stream"),
            ("metrics", metrics.to_csv(index=False), "spiral.csv", "text/csv"),
            ("image", image, "spiral.png", "image/png"),
        ):
            st.download_button(
                t(f"spiral.share.{id}"),
                data,
                name,
                mime,
                key=f"spiral.download.{id}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption(t("spiral.share.weights_how"))
