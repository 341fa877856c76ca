"""Optimizers in the programs that pages show, for the holes of a template (see dlcore.programs.template).

>>> by_hand("momentum", 0.05, Hyper(momentum=0.9))["_begin"].splitlines()
['lr, momentum = 0.05, 0.9', 'v = 0']
>>> print(by_torch(TrainingConfig(optimizer="sgd", lr=0.1, l2=0.0)))
torch.optim.SGD(model.parameters(), lr=0.1)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dlcore.network.optimizers import RULES, Hyper, torch_arguments
from dlcore.network.settings import TrainingConfig
from dlcore.programs.template import Code, Lines, arguments

_NO_NAMES: Final[Mapping[str, Any]] = {}


def by_hand(id: str, lr: float, hyper: Hyper) -> dict[str, Lines]:
    """Return ``_begin``, the code before the first step, and ``_update``, that of a step (see ``UpdateRule``)."""
    rule = RULES[id]
    values = {"lr": lr} | {name: getattr(hyper, name) for name in rule.hyper}
    begin = f"{', '.join(values)} = {arguments([*values.values()])}\n{rule.state}"
    return {"_begin": Lines(begin.rstrip()), "_update": Lines(rule.code)}


def by_torch(
    settings: TrainingConfig,
    hyper: Hyper | None = None,
    parameters: str = "model.parameters()",
    names: Mapping[str, Any] = _NO_NAMES,
) -> Code:
    """Return the call that makes an optimizer of ``torch.optim``.

    Parameters
    ----------
    names : what to write for an argument instead of its value.
    """
    values = {key: names.get(key, value) for key, value in torch_arguments(settings, hyper).items()}
    return Code(f"torch.optim.{RULES[settings.optimizer].torch}({parameters}, {arguments(values)})")
