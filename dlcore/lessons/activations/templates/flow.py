"""Template: a signal through a deep network and the gradient back, by hand or by autograd."""

import torch
from torch import nn

_BY_HAND, _SEED, _SAMPLES, _WIDTH, _LAYERS = True, 0, 8, 4, 3
_INIT, _OPTIONS, _ACTIVATION = nn.init.normal_, {"std": 0.5}, nn.ReLU()


def _formula(x):
    return x.clamp(min=0), (x > 0).to(x.dtype)


def size(values):
    top = values.abs().max()  # the squares of very small numbers would be 0
    return (top * (values / top).square().mean().sqrt()).item() if top else 0.0


if _BY_HAND:

    def activate(x):
        y, slope = _formula(x)
        return y, slope


g = torch.Generator().manual_seed(_SEED)
x = torch.randn(_SAMPLES, _WIDTH, generator=g, dtype=torch.float64)
weights = [torch.empty(_WIDTH, _WIDTH, dtype=torch.float64) for layer in range(_LAYERS)]
for w in weights:
    _INIT(w, **_OPTIONS)
    if not _BY_HAND:
        w.requires_grad_()

if _BY_HAND:
    slopes = []
    for w in weights:
        x, slope = activate(x @ w.T)
        slopes.append(slope)

    # of the loss with respect to the outputs of the last layer
    gradient = torch.randn(x.shape, generator=g, dtype=torch.float64)
    sizes = []
    for w, slope in zip(reversed(weights), reversed(slopes), strict=True):
        gradient = gradient * slope  # before the activation
        sizes.append(size(gradient))
        gradient = gradient @ w  # at the inputs of the layer
else:
    activation = _ACTIVATION
    pre = []
    for w in weights:
        pre.append(x @ w.T)
        x = activation(pre[-1])
    factors = torch.randn(x.shape, generator=g, dtype=torch.float64)
    gradients = torch.autograd.grad((x * factors).sum(), pre)
    sizes = [size(gradient) for gradient in reversed(gradients)]

print(f"signal at the last layer {size(x.detach()):.2e}")
print(f"gradient at the last layer {sizes[0]:.2e}")
print(f"gradient at the first layer {sizes[-1]:.2e}")
