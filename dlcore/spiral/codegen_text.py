"""Initial weights as code."""

from __future__ import annotations

import json

from dlcore.network.settings import INIT_NORMAL_STD, INITS


def init_call(id: str, weight: str, *, std: float = INIT_NORMAL_STD, generator: str = "") -> str:
    """The line that draws ``weight`` anew as an init of ``INITS`` says, from the global stream or a generator.

    >>> init_call("kaiming_normal", "w", generator="g")
    'nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g)'
    """
    name, arguments = INITS[id]
    given = {**arguments, "std": std} if "std" in arguments else arguments
    drawn = [f"generator={generator}"] if generator and id != "zeros" else []
    written = [f"{key}={json.dumps(value)}" for key, value in given.items()]  # with the quotes that ruff wants
    return f"nn.init.{name}({', '.join([weight, *written, *drawn])})"
