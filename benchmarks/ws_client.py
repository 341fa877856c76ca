"""A client of the app without a browser, which exchanges Streamlit's protobufs over its websocket and draws nothing.

It does what the server notices of a browser: it sends every widget's value with every rerun, follows the address that
the app writes, and sends a component's whole state as JSON. Thirty clients load the server as thirty browsers do, and
the rest of the machine very little.

    async with Client(url, "spiral", "v=1&lang=en") as client:
        await client.open()
        await client.click("spiral.play")
        await client.pick("spiral.model.hidden", 24)
        client.frames  # the time of each new picture
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PICTURE = "data:image/png;base64,"


@dataclass(slots=True)
class Pick:
    """A value that was set on a live slider, and that the app has not confirmed yet."""

    sent: float
    n: int
    value: float
    running: bool = False  # whether the script run that it caused has begun


class Client:
    """One session of the app.

    Attributes
    ----------
    frames : time (``time.perf_counter()``) of each new picture of the regions.
    latencies : seconds from each pick to the first picture of the script run that it caused. If another pick comes in
        between, the time is counted from the earlier one.
    errors : exceptions and error boxes shown, picks that the app lost, and a connection that ended.
    exceptions : the exceptions among the errors; an error box alone may be what a lesson is meant to show.
    n_bytes : number of bytes received.
    running : whether a script run is in progress.
    """

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self._address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._page, self._query = page, query
        self._page_hash = ""
        self._ids: dict[str, str] = {}  # of widgets, by key
        self._values: dict[str, WidgetState] = {}  # by id
        self._sliders: dict[str, dict[str, Any]] = {}  # the last data sent to each component, by key
        self._picks: dict[str, Pick] = {}  # the last pick of each slider, by key
        self._waiting: Pick | None = None
        self._cache: dict[str, bytes] = {}
        self._news = asyncio.Event()
        self._ended = asyncio.Event()  # a script run has ended
        self._leaving = False
        self.frames: list[float] = []
        self.latencies: list[float] = []
        self.errors: list[str] = []
        self.exceptions: list[str] = []
        self.n_bytes = 0
        self.running = False

    async def __aenter__(self) -> Self:
        self._socket = await websockets.connect(
            self._address,
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
            compression=None,
            ping_interval=None,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving = True
        if self._waiting:  # the picture never came: the latency is at least this long
            self.latencies.append(time.perf_counter() - self._waiting.sent)
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()

    # --- user actions -----------------------------------------------------------------------------------------------
    async def open(self) -> None:
        """Load the page."""
        await self._rerun()

    async def click(self, key: str) -> None:
        """Press the button with this key, which must have been drawn."""
        await self._rerun(WidgetState(id=self._ids[key], trigger_value=True))

    async def pick(self, key: str, value: float) -> None:
        """Move the live slider with this key, which must have been drawn."""
        n = max(self._picks[key].n + 1 if key in self._picks else 0, int(time.time() * 1000))
        pick = Pick(time.perf_counter(), n, value)
        self._picks[key] = pick
        self._waiting = self._waiting or pick
        self._waiting.running = False
        state = {"pick": {"epoch": self._sliders[key]["epoch"], "n": n, "value": value}}
        widget = self._ids[key]
        self._values[widget] = WidgetState(id=widget, json_value=json.dumps(state))
        await self._rerun()

    async def follow(self, query: str, timeout: float = 60) -> float:
        """Change the address of the open page; return the seconds until the script run has ended."""
        self._query = query
        self._ended.clear()
        began = time.perf_counter()
        await self._rerun()
        async with asyncio.timeout(timeout):
            await self._ended.wait()
        return time.perf_counter() - began

    async def wait_for(self, *keys: str, timeout: float = 60) -> None:
        """Wait until the widgets with these keys have been drawn."""
        async with asyncio.timeout(timeout):
            while not all(key in self._ids for key in keys):
                self._news.clear()
                await self._news.wait()

    def slider(self, key: str) -> dict[str, Any]:
        """Return the last data that the app sent to the component with this key."""
        return self._sliders[key]

    # --- protocol ---------------------------------------------------------------------------------------------------
    async def _rerun(self, *triggers: WidgetState) -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self._query
        rerun.page_script_hash = self._page_hash
        rerun.page_name = "" if self._page_hash else self._page
        rerun.widget_states.widgets.extend([*self._values.values(), *triggers])
        rerun.cached_message_hashes.extend(self._cache)
        with contextlib.suppress(websockets.ConnectionClosed):  # the reader reports it
            await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        try:
            async for raw in self._socket:
                if isinstance(raw, bytes):
                    self._receive(raw)
                    self._news.set()
        except websockets.ConnectionClosed as error:
            if not self._leaving:
                self.errors.append(f"connection ended: {error}")

    def _receive(self, raw: bytes) -> None:
        self.n_bytes += len(raw)
        message = ForwardMsg.FromString(raw)
        if message.WhichOneof("type") == "ref_hash":
            message = ForwardMsg.FromString(self._cache[message.ref_hash])
        elif message.metadata.cacheable:
            self._cache[message.hash] = raw
        match message.WhichOneof("type"):
            case "new_session":
                self.running = True
                if self._waiting:
                    self._waiting.running = True
            case "script_finished":
                self._ended.set()
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "session_status_changed":
                self.running = message.session_status_changed.script_is_running
            case "navigation":  # comes after new_session, whose page is the entry point's until this is known
                self._page_hash = message.navigation.page_script_hash
            case "delta":
                self._draw(message.delta)

    def _draw(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element: Element = delta.new_element
        match element.WhichOneof("type"):
            case "imgs":
                if any(image.url.startswith(PICTURE) for image in element.imgs.imgs):
                    self._frame(time.perf_counter())
            case "bidi_component":
                component = element.bidi_component
                self._know(component.id)
                self._answered(_key(component.id), json.loads(component.json or "null"))
            case "exception":
                self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
                self.errors.append(self.exceptions[-1])
            case "alert" if element.alert.format == Alert.ERROR:
                self.errors.append(element.alert.body)
            case kind:
                self._know(getattr(getattr(element, str(kind)), "id", ""))

    def _know(self, id: str) -> None:
        if id:
            self._ids[_key(id)] = id

    def _frame(self, now: float) -> None:
        self.frames.append(now)
        if self._waiting and self._waiting.running:
            self.latencies.append(now - self._waiting.sent)
            self._waiting = None

    def _answered(self, key: str, data: Any) -> None:
        """Record an error if the app has another value than that of a pick it has confirmed."""
        if not isinstance(data, dict) or "epoch" not in data:
            return
        self._sliders[key] = data
        pick = self._picks.get(key)
        if pick and data["seen"] >= pick.n and not math.isclose(data["value"], pick.value, rel_tol=1e-6):
            self.errors.append(f"{key} must be {pick.value}, which was picked, got {data['value']}")
            pick.value = data["value"]  # so that the error is recorded once


def _key(id: str) -> str:
    """Return the ``key=`` in a widget's id, which is ``$$ID-hash-key``."""
    return id.split("-", 2)[-1]
