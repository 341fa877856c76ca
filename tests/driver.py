"""Helpers that drive the app without a browser, shared by the tests of pages."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.spiral.spiral.session import Session
from pages.ui.language import labels
from pages.ui.registry import PAGES

ROOT = Path(__file__).parent.parent
GROUPS = ("data", "network", "training", "view")
SMALL = {"v": "1", "k": "50", "n": "100", "h": "8"}  # a link to a run of some milliseconds


def open_page(id: str, language: str = "en", /, **link: Any) -> AppTest:
    """Open a page in a new session, in a language, by a link."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=600)  # the machine may be crowded
    app.query_params["lang"] = language
    return go(app.run(), id, **link)


def go(app: AppTest, id: str, **link: Any) -> AppTest:
    """Switch to another page like a user: of the address only the language stays."""
    if id not in PAGES:
        raise ValueError(f"id must be one of {', '.join(PAGES)}, got {id!r}")
    lang = app.query_params.get("lang")
    app.query_params = {**({"lang": lang} if lang else {}), **link}
    return sound(app.switch_page(PAGES[id].file).run())


def open_spiral(language: str = "en", /, **link: Any) -> AppTest:
    """Open the spiral page in a new session."""
    return open_page("spiral", language, **link)


def sound(app: AppTest) -> AppTest:
    """Return the app; fail with the exceptions of the app if there are any.

    AppTest finds an option by its label, and asks for labels outside the script, where the language is set here.
    """
    st.session_state["language"] = app.session_state["language"]
    assert not app.exception, [element.value for element in app.exception]
    return app


def session(app: AppTest) -> Session:
    """Return the state of the spiral page."""
    result: Session = app.session_state["spiral.session"]
    return result


def shown_code(app: AppTest) -> list[tuple[str, str | None]]:
    """Return each program on the page with its displayed output, or None if it has none."""
    programs: list[tuple[str, str | None]] = []
    for element in app.code:
        if element.language == "python":
            programs.append((element.value, None))
        elif programs and programs[-1][1] is None and element.key is None:
            programs[-1] = (programs[-1][0], element.value)
    return programs


def press(app: AppTest, name: str) -> AppTest:
    """Press a button of the toolbar."""
    return sound(app.button(key=f"spiral.{name}").click().run())


def open_view(app: AppTest, panel: str) -> AppTest:
    """Open a view of the spiral's network: network, curves, space."""
    session(app).view.panel = panel
    return sound(app.run())


def open_panel(app: AppTest, id: str) -> AppTest:
    """Open a tab below the stage."""
    language = app.session_state["language"]
    app.session_state[f"spiral.panels.{language}"] = labels(language)[f"spiral.panel.{id}"]
    return sound(app.run())


def open_groups(app: AppTest) -> AppTest:
    """Open every group of controls."""
    for group in GROUPS:
        app.session_state[f"spiral.group.{group}"] = True
    return sound(app.run())


def upload(app: AppTest, content: bytes, name: str = "own.csv") -> AppTest:
    """Upload a CSV on the page."""
    open_groups(app)
    return sound(app.file_uploader(key="spiral.csv").set_value((name, content, "text/csv")).run())


def warnings(app: AppTest) -> str:
    """Return the warnings on the page."""
    return "\n".join(element.value for element in app.warning)


def rows(app: AppTest) -> list[list[str]]:
    """Return the rows of the tables on the page."""
    return [row for table in app.table for row in table.value.to_numpy().tolist()]


def charts(app: AppTest) -> dict[str, Any]:
    """Return the charts on the page by their alternative text."""
    return {chart.proto.alt: chart.proto for chart in app.get("vega_lite_chart")}


def frame(chart: Any) -> pd.DataFrame:
    """Return the data of a chart."""
    table: pd.DataFrame = pa.ipc.open_stream(chart.data.data).read_pandas()
    return table


def picture(app: AppTest) -> Image.Image:
    """Return the picture of the decision regions as the browser gets it."""
    (shown,) = [image for element in app.get("image") for image in element.proto.imgs]
    head, _, code = shown.url.partition(",")
    assert head == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(code, validate=True)))
    image.load()
    return image


def sliders(app: AppTest) -> dict[str, dict[str, Any]]:
    """Return the data of the live sliders by label."""
    data = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return {slider["label"]: slider for slider in data if "label" in slider}
