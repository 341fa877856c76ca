"""The program of a race: the same loop over tensors and over lists, and the call."""

from __future__ import annotations

from typing import Final

from dlcore.programs.snippet import Snippet

# For each task: the size of x, the body of the loop, the call.
_CODE: Final = {
    "add": (
        "n",
        """    for i in range(n):
        z[i] = x[i] + y[i]
    return z""",
        "x + y",
    ),
    "dot": (
        "n",
        """    s = 0.0
    for i in range(n):
        s = s + x[i] * y[i]
    return s""",
        "torch.dot(x, y)",
    ),
    "matvec": (
        "n, n",
        """    for i in range(n):
        row, s = x[i], 0.0
        for j in range(n):
            s = s + row[j] * y[j]
        z[i] = s
    return z""",
        "x @ y",
    ),
}


def snippet(task: str, n: int) -> Snippet:
    """Return the program that times the three ways; its output depends on the machine."""
    size, loop, call = _CODE[task]
    return Snippet(f"""import timeit

import torch

n = {n}
x = torch.rand({size}, dtype=torch.float64)
y = torch.rand(n, dtype=torch.float64)
z = torch.zeros(n, dtype=torch.float64)
a, b, c = x.tolist(), y.tolist(), z.tolist()

def loop(x, y, z):
{loop}

def call():
    return {call}

def seconds(way, times=1):
    return min(timeit.repeat(way, number=times, repeat=3)) / times

print(torch.allclose(loop(x, y, z), call()))
once = seconds(call, times=100)
over_tensors, over_lists = seconds(lambda: loop(x, y, z)), seconds(lambda: loop(a, b, c))
print(f"{{over_tensors / once:.1f}}, {{over_lists / once:.1f}}")""")
