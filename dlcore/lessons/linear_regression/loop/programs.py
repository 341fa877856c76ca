"""The program of a loop."""

from __future__ import annotations

from dlcore.lessons.linear_regression.loop.model import BATCH_SIZE, EPOCHS, SEED, TRUE, Loop, N, train
from dlcore.programs.snippet import Snippet


def program(loop: Loop) -> Snippet:
    """Return the program of a loop; it prints the loss after each epoch, or raises, and then has no output."""
    run = train(loop)
    call = "" if loop.reduction == "none" else f".{loop.reduction}()"
    backward = f"        loss{call}.backward()\n" if "backward" in loop.lines else ""
    no_grad, indent = ("        with torch.no_grad():\n", "    ") if "no_grad" in loop.lines else ("", "")
    divide = " / batch_size" if "divide" in loop.lines else ""
    zero = f"\n{indent}            param.grad.zero_()" if "zero" in loop.lines else ""
    code = f"""import torch

generator = torch.Generator().manual_seed({SEED})
X = torch.randn({N}, 2, generator=generator)
y = X @ torch.tensor({[*TRUE[:2]]})[:, None] + {TRUE[2]}
y = y + 0.01 * torch.randn({N}, 1, generator=generator)


def squared_loss(y_hat, y):
    return (y_hat - y) ** 2{" / 2" if loop.half else ""}


w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr, batch_size = {loop.lr!r}, {BATCH_SIZE}
for epoch in range({EPOCHS}):
    order = torch.randperm({N}, generator=generator)
    for batch in order.split(batch_size):
        loss = squared_loss(X[batch] @ w + b, y[batch])
{backward}{no_grad}{indent}        for param in (w, b):
{indent}            param -= lr * param.grad{divide}{zero}
    with torch.no_grad():
        loss = squared_loss(X @ w + b, y).mean()
        print(f"epoch {{epoch + 1}}, loss {{float(loss):.2g}}")"""
    losses = [f"epoch {i}, loss {loss:.2g}" for i, loss in enumerate(run.losses, 1)]
    return Snippet(code, "" if run.error else "\n".join(losses))
