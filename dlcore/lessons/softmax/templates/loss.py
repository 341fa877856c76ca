"""Template: softmax, the loss of every class and the gradient for one, by hand or by torch."""

import torch
import torch.nn.functional as F

_BY_HAND, _LOGITS, _TEMPERATURE, _CLASSES, _Y, _WEIGHT = True, [1.0, 2.0], 0.5, 2, 1, [1.0, 3.0]


def show(name, values):
    print(name, "[" + ", ".join(f"{round(value, 4) + 0.0:.4f}" for value in values.tolist()) + "]")


if _BY_HAND:
    z = torch.tensor(_LOGITS, dtype=torch.float64) / _TEMPERATURE
    m = z.max()
    log_sum_exp = m + (z - m).exp().sum().log()
    p = (z - log_sum_exp).exp()
    losses = log_sum_exp - z
    y = torch.zeros(_CLASSES, dtype=torch.float64)
    y[_Y] = 1
    weight = torch.tensor(_WEIGHT, dtype=torch.float64)

    show("p", p)
    show("loss", losses)
    show("gradient", (p - y) / _TEMPERATURE)
    print(f"weighted mean {(weight * losses).sum() / weight.sum():.4f}")
else:
    z = torch.tensor(_LOGITS, dtype=torch.float64).requires_grad_()
    classes = torch.arange(_CLASSES)
    logits = (z / _TEMPERATURE).expand(_CLASSES, -1)
    losses = F.cross_entropy(logits, classes, reduction="none")
    losses[_Y].backward(retain_graph=True)
    weight = torch.tensor(_WEIGHT, dtype=torch.float64)

    show("p", F.softmax(z / _TEMPERATURE, dim=0))
    show("loss", losses)
    show("gradient", z.grad)
    print(f"weighted mean {F.cross_entropy(logits, classes, weight=weight):.4f}")
