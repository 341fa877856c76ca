"""Programs of a log of steps, and of backward from a vector."""

from __future__ import annotations

from dlcore.lessons.autograd.gradients.model import Rows, backward_of_vector, replay
from dlcore.programs.literal import tensor_literal
from dlcore.programs.snippet import Snippet


def replay_snippet(function: str, values: Rows, log: str) -> Snippet:
    """Return the program of :func:`replay`; it prints x.grad after every line that can change it."""
    run = replay(function, values, log)
    lines = ["import torch", "", f"x = {tensor_literal(run.x, requires_grad=True)}", run.steps[0].code]
    output = []
    for step in run.steps[1:]:
        if step.error:
            lines += ["try:", f"    {step.code}", f"except {step.kind} as error:"]
            lines += ["    print(type(error).__name__)"]
            output.append(step.kind)
        else:
            lines.append(step.code)
            if step.id != "f":
                lines.append("print(x.grad)")
                output.append(str(step.grad))
    if not output:
        lines.append("print(x.grad)")
        output.append("None")
    return Snippet("\n".join(lines), "\n".join(output))


def vector_snippet(kind: str, x: Rows, v: Rows, weights: Rows) -> Snippet:
    """Return the program of :func:`backward_of_vector`: the gradient by v, then that of the sum."""
    result = backward_of_vector(kind, x, v, weights)
    lines = ["import torch", ""]
    if kind == "weights":
        lines.append(f"W = torch.tensor({[[*row] for row in weights]})")
    formula = "x * x" if kind == "elementwise" else "W @ x"
    lines += [
        f"x = torch.tensor({[*x[0]]}, requires_grad=True)",
        f"y = {formula}",
        f"v = torch.tensor({[*v[0]]})",
        "y.backward(v)",
        "print(x.grad)",
        "",
        "x.grad = None",
        f"({formula}).sum().backward()",
        "print(x.grad)",
    ]
    return Snippet("\n".join(lines), f"{result.grad}\n{result.summed}")
