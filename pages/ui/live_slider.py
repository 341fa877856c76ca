"""A slider that sends its value while the thumb moves (`st.slider` sends it on release).

The app's own state holds the value. Each script run passes it in and gets the value to use back:

    noise = live_slider("Noise", key="noise", value=settings["noise"], min_value=0.0, max_value=1.0)
    settings["noise"] = noise

Protocol: the browser sends picks `{epoch, n, value}` with a growing `n`; Python uses each once and answers with the
last `n` it has seen. So an old component state never overrides a preset, and the browser ignores answers that are older
than the last move of the thumb. `epoch` changes when the session's state is cleared, which invalidates earlier picks.
"""

import json
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import streamlit as st

from pages.ui.component import Inbox, message, number_between

Number = int | float

_PLACE = '<div id="slider" style="min-height: 3rem"></div>'

# Streamlit sends a component's code with every mount of every script run, 12 kB per slider. The full code stores itself
# in the page; after the first pick, which proves that it arrived, this short code is sent instead.
_AGAIN = """export default (component) => {
  const slider = globalThis[Symbol.for("live_slider")];
  if (slider) return slider(component);
  component.setStateValue("pick", { epoch: "", n: 0 }); // the code is not in this page: ask for it
};"""

MARKS = (1, 1.5, 2, 3, 5, 7)  # stops of a logarithmic slider between two powers of ten

_LOADED = "live_slider.loaded"  # session state key: whether the page has the code


def _register() -> tuple[Callable[..., Any], Callable[..., Any]] | None:
    here = Path(__file__)
    try:
        component = st.components.v2.component
        css = here.with_suffix(".css").read_text("utf-8")
        js = here.with_suffix(".js").read_text("utf-8")
        full = f"const CSS = {json.dumps(css)};\n{js}"
        return component("live_slider", html=_PLACE, js=full), component("live_slider_again", html=_PLACE, js=_AGAIN)
    except Exception:  # whatever fails in the component, the page still needs a slider
        logging.getLogger(__name__).warning("live_slider is not available, using Streamlit's own", exc_info=True)
        return None


_mounts = _register()  # once per process


def decades(min_value: Number, max_value: Number, marks: Sequence[Number] = MARKS) -> tuple[Number, ...]:
    """Return stops of a logarithmic slider: both ends, and `marks` times powers of ten. Integer ends give integers.

    >>> decades(1, 20)
    (1, 2, 3, 5, 7, 10, 15, 20)
    >>> decades(0.001, 0.01)
    (0.001, 0.0015, 0.002, 0.003, 0.005, 0.007, 0.01)
    """
    if not 0 < min_value < max_value:
        raise ValueError(f"decades needs 0 < min_value < max_value, got {min_value} and {max_value}")
    powers = range(math.floor(math.log10(min_value)), math.ceil(math.log10(max_value)) + 1)
    numbers = {float(f"{mark}e{power}") for mark in marks for power in powers}
    inside = {number for number in numbers if min_value < number < max_value} | {min_value, max_value}
    if isinstance(min_value, int) and isinstance(max_value, int):
        return tuple(sorted(int(number) for number in inside if number == int(number)))
    return tuple(sorted(float(number) for number in inside))


@dataclass(frozen=True)
class _Scale:
    """The stops of the thumb, and the numbers that may be typed: any in [min, max], integers if all its numbers are."""

    min: Number
    max: Number
    step: Number | None
    stops: tuple[Number, ...] | None

    @classmethod
    def of(
        cls, min_value: Number | None, max_value: Number | None, step: Number | None, stops: Sequence[Number] | None
    ) -> Self:
        if stops is not None:
            if min_value is not None or max_value is not None or step is not None:
                raise ValueError("give either stops or min_value, max_value and step")
            if len(stops) < 2 or any(a >= b for a, b in pairwise(stops)):
                raise ValueError(f"stops must be two or more growing numbers, got {stops}")
            return cls(stops[0], stops[-1], None, tuple(stops))
        if min_value is None or max_value is None or not min_value < max_value:
            raise ValueError(f"min_value must be below max_value, got {min_value} and {max_value}")
        integer = isinstance(min_value, int) and isinstance(max_value, int)
        step = step if step is not None else 1 if integer else (max_value - min_value) / 100
        if not 0 < step <= max_value - min_value:
            raise ValueError(f"step must be between 0 and max_value - min_value, got {step}")
        return cls(min_value, max_value, step, None)

    @property
    def integer(self) -> bool:
        return all(isinstance(n, int) for n in (self.min, self.max, *((self.step,) if self.step else self.stops or ())))

    @property
    def rule(self) -> str:
        ends = (f"{Decimal(repr(_plain(end))):f}" for end in (self.min, self.max))  # 0.00001, not 1e-05
        return f"{'A whole number' if self.integer else 'A number'} from {' to '.join(ends)}"

    def read(self, number: object) -> Number | None:
        """Return a number sent by the browser as this scale's type, or None if it is not allowed."""
        sent = number_between(number, self.min, self.max)
        if sent is None or (self.integer and sent != int(sent)):
            return None
        return int(sent) if self.integer else float(sent)


@dataclass
class _Picks(Inbox):
    """The picks of one slider that this session has used."""

    waiting: tuple[int, Number] | None = None  # n and value of the last pick for a page without on_change
    handed: int = 0  # the n of the last pick returned to the page

    def hand(self, value: Number) -> tuple[int, Number]:
        """Return the n to note after the return, and the value for a page that holds `value`.

        A superseded run may still be active while the next run's callback takes a newer pick: hence n, not a flag.
        """
        return self.waiting if self.waiting and self.waiting[0] > self.handed else (self.handed, value)


def live_slider(
    label: str,
    *,
    key: str,
    value: Number,
    min_value: Number | None = None,
    max_value: Number | None = None,
    step: Number | None = None,
    stops: Sequence[Number] | None = None,
    unit: str = "",
    help: str = "",
    rule: str = "",
    disabled: bool = False,
    on_change: Callable[[Number], object] | None = None,
) -> Number:
    """Draw the slider and return the value to use now.

    Parameters
    ----------
    value
        The app's value. It is shown exactly, even between two stops or beyond the ends, until the thumb moves.
    min_value, max_value, step
        Evenly spaced stops; integers only give integers. Or:
    stops
        Increasing numbers, which the thumb passes in equal steps, such as `decades(1e-5, 10.0)`.
    rule
        The message for typed input that is not a number in [min_value, max_value]. The default is English.
    on_change
        Called with the new value before the script runs, like the callback of a native widget. Without it the new
        value is only returned: store it before the next `st.` call, where a newer run may take over.

    Label, unit, help and rule are plain text and may change under the same key, such as by a language switch.
    """
    scale = _Scale.of(min_value, max_value, step, stops)
    if _mounts is None:
        return _native(label, key, value, scale, unit, help, disabled, on_change)

    def receive() -> Number | None:
        picks = _picks(key)
        with picks.lock:
            return use(picks)

    def use(picks: _Picks) -> Number | None:
        if message(key, "pick").get("epoch") == "":
            st.session_state[_LOADED] = False
        pick = picks.new(key, "pick")
        if pick is None:
            return None
        st.session_state[_LOADED] = True
        n, sent = pick
        chosen = scale.read(sent)
        if chosen is not None and on_change is not None:
            on_change(chosen)
        elif chosen is not None:
            picks.waiting = (n, chosen)
        picks.seen = n  # last, so that the next run repeats an on_change that was interrupted
        return chosen

    late = receive()  # a run that is superseded during the callbacks skips the rest of them
    picks = _picks(key)
    n, value = picks.hand(value if late is None else late)
    full, again = _mounts
    mount = again if st.session_state.get(_LOADED) else full
    mount(
        key=key,
        data={
            "epoch": picks.epoch,
            "seen": picks.seen,
            "value": _plain(value),
            "min": scale.min,
            "max": scale.max,
            "step": scale.step,
            "stops": scale.stops,
            "integer": scale.integer,
            "label": label,
            "unit": unit,
            "help": help,
            "rule": rule or scale.rule,
            "disabled": disabled,
        },
        on_pick_change=receive,
    )
    picks.handed = max(picks.handed, n)  # after mounting, because a run may end there
    return value


def _picks(key: str) -> _Picks:
    return st.session_state.setdefault(f"{key}.picks", _Picks())


def _plain(value: Number) -> Number:
    """Return a value rounded to 12 digits, so that 0.1 + 0.2 is 0.3; NumPy scalars become Python's."""
    return value if isinstance(value, int) else float(f"{value:.12g}")


def _native(
    label: str,
    key: str,
    value: Number,
    scale: _Scale,
    unit: str,
    help: str,
    disabled: bool,
    on_change: Callable[[Number], object] | None,
) -> Number:
    """Draw the slider with Streamlit's own widgets, which send the value on release."""
    widget = f"{key}.native"

    def receive() -> None:
        picks, chosen = _picks(key), st.session_state[widget]
        if scale.read(chosen) is None and chosen != value:  # a value between the stops is one of them
            return
        if on_change is None:
            picks.seen += 1
            picks.waiting = (picks.seen, chosen)
        else:
            on_change(chosen)

    picks = _picks(key)
    n, value = picks.hand(value)
    text = f"{label} ({unit})" if unit else label
    common = {"key": widget, "help": help or None, "disabled": disabled, "on_change": receive}
    if scale.stops is None:
        kind = int if scale.integer else float
        st.session_state[widget] = kind(min(max(value, scale.min), scale.max))
        st.slider(text, kind(scale.min), kind(scale.max), step=kind(scale.step), **common)
    else:
        st.session_state[widget] = value
        st.select_slider(text, sorted({*scale.stops, value}), **common)
    picks.handed = max(picks.handed, n)
    return value
