"""Program of a derivative at a point: autograd and the difference quotient."""

from __future__ import annotations

from dlcore.lessons.autograd.derivative.model import tangent
from dlcore.programs.snippet import Snippet
from dlcore.typed.expression import Program


def snippet(program: Program, x: float, h: float, *, dtype: str) -> Snippet:
    """Return the program of :func:`tangent`."""
    result = tangent(program, x, h, dtype=dtype)
    body = "\n".join(f"    {line}" for line in program.code.split("\n"))
    code = f"""import torch

def f(x):
{body}
    return {program.result}

x = torch.tensor({x!r}, dtype=torch.{dtype}, requires_grad=True)
f(x).backward()
print(f"{{x.grad:.6g}}")

with torch.no_grad():
    h = {h!r}
    print(f"{{(f(x + h) - f(x)) / h:.6g}}")"""
    return Snippet(code, f"{result.slope:.6g}\n{result.quotient:.6g}")
