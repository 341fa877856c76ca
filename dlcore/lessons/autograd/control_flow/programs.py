"""Programs of :func:`run_f` and :func:`run_norm`."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from dlcore.lessons.autograd.control_flow.model import THRESHOLD, run_f, run_norm
from dlcore.programs.snippet import Snippet


def f_snippet(a: float) -> Snippet:
    """Return the program of f that prints f(a), its gradient and d / a."""
    run = run_f(a)
    code = f"""import torch

def f(a):
    b = a * 2
    while b.norm() < {THRESHOLD}:
        b = b * 2
    if b.sum() > 0:
        return b
    return 100 * b

a = torch.tensor({a!r}, requires_grad=True)
d = f(a)
d.backward()
print(f"{{d:.6g}} {{a.grad:.6g}} {{d / a:.6g}}")"""
    ratio = (torch.tensor(run.result) / torch.tensor(a)).item()
    return Snippet(code, f"{run.result:.6g} {run.grad:.6g} {ratio:.6g}")


def norm_snippet(x: Sequence[Sequence[float]]) -> Snippet:
    """Return the program that doubles a vector and prints the result and its gradient."""
    run = run_norm(x)
    code = f"""import torch

x = torch.tensor({[*x[0]]}, requires_grad=True)
y = x * 2
while y.norm() < {THRESHOLD}:
    y = y * 2
y.sum().backward()
print(y.tolist())
print(x.grad)"""
    return Snippet(code, f"{[*run.results]}\n{torch.tensor(run.grads)}")
