"""Programs of :func:`run_f` and :func:`run_norm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch

from dlcore.lessons.autograd.control_flow.model import THRESHOLD, run_f, run_f_of_vector, run_norm
from dlcore.programs.snippet import Snippet

_F: Final = f"""import torch

def f(a):
    b = a * 2
    while b.norm() < {THRESHOLD}:
        b = b * 2
    if b.sum() > 0:
        return b
    return 100 * b
"""


def f_snippet(a: float) -> Snippet:
    """Return the program of f that prints f(a), its gradient and d / a."""
    run = run_f(a)
    code = f"""{_F}
a = torch.tensor({a!r}, requires_grad=True)
d = f(a)
d.backward()
print(f"{{d:.6g}} {{a.grad:.6g}} {{d / a:.6g}}")"""
    ratio = (torch.tensor(run.result) / torch.tensor(a)).item()
    return Snippet(code, f"{run.result:.6g} {run.grad:.6g} {ratio:.6g}")


def f_of_vector_snippet(a: Sequence[Sequence[float]]) -> Snippet:
    """Return the program of f of a vector: torch's refusal of d.backward(), then f(a) and its gradient."""
    run, attempt, refusal = run_f_of_vector(a), "", ""
    try:
        torch.zeros(len(a[0]), requires_grad=True).backward()  # type: ignore[no-untyped-call]
    except RuntimeError as error:  # of a single element there is none
        attempt = """
try:
    d.backward()
except RuntimeError as error:
    print(error)"""
        refusal = f"{error}\n"
    code = f"""{_F}
a = torch.tensor({[*a[0]]}, requires_grad=True)
d = f(a){attempt}
d.sum().backward()
print(d.tolist())
print(a.grad)"""
    return Snippet(code, f"{refusal}{[*run.results]}\n{torch.tensor(run.grads)}")


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
