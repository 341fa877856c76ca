"""Program of a cut graph."""

from __future__ import annotations

import torch

from dlcore.lessons.autograd.detach.model import CUTS, cut
from dlcore.programs.snippet import Snippet


def snippet(where: str, value: float) -> Snippet:
    """Return the program of :func:`cut`."""
    lines = ["import torch", "", f"x = torch.tensor({value!r}, requires_grad=True)", *CUTS[where]]
    result = cut(where, value)
    if result.error:
        lines += ["print(u.requires_grad, u.grad_fn)", "print(z.requires_grad, z.grad_fn)"]
        return Snippet("\n".join(lines), "False None\nFalse None")
    lines += ["z.backward()", "print(x.grad)"]
    return Snippet("\n".join(lines), str(torch.tensor(result.grad)))
