"""Template: a signal through a deep network and the gradient back, by hand or by autograd."""

import torch
from torch import nn

_BY_HAND, _SEED, _SAMPLES, _WIDTH, _LAYERS = True, 0, 8, 4, 3
_INIT, _OPTIONS, _ACTIVATION, _BIASES = nn.init.normal_, {"std": 0.5}, nn.ReLU(), False
_CURE, _NORMED, _AXIS, _NORM, _MAX_NORM = "none", False, 1, nn.Identity(), 1.0


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
if _BIASES:
    biases = [torch.empty(_WIDTH, dtype=torch.float64) for layer in range(_LAYERS)]
    for w, b in zip(weights, biases, strict=True):  # as in nn.Linear
        _INIT(w, **_OPTIONS)
        nn.init.uniform_(b, -(_WIDTH**-0.5), _WIDTH**-0.5, generator=g)
        if not _BY_HAND:
            w.requires_grad_()
else:
    for w in weights:
        _INIT(w, **_OPTIONS)
        if not _BY_HAND:
            w.requires_grad_()

if _BY_HAND:
    inputs, slopes = [], []
    if _NORMED:
        normal, deviations = [], []
    for layer, w in enumerate(weights):
        inputs.append(x)
        z = x @ w.T
        if _BIASES:
            z = z + biases[layer]
        if _NORMED:
            variance, mean = torch.var_mean(z, _AXIS, correction=0, keepdim=True)
            deviations.append((variance + 1e-5).sqrt())
            z = (z - mean) / deviations[-1]
            normal.append(z)
        y, slope = activate(z)
        x = x + y if _CURE == "residual" else y
        slopes.append(slope)

    # of the loss with respect to the outputs of the last layer
    gradient = torch.randn(x.shape, generator=g, dtype=torch.float64)
    sizes, of_weights = [], []
    for layer in reversed(range(_LAYERS)):
        inner = gradient * slopes[layer]  # before the activation
        if _NORMED:
            n = normal[layer]
            inner = inner - inner.mean(_AXIS, keepdim=True) - n * (inner * n).mean(_AXIS, keepdim=True)
            inner = inner / deviations[layer]
        sizes.append(size(inner))
        of_weights.append(inner.T @ inputs[layer])  # the gradient of the weights
        below = inner @ weights[layer]
        gradient = gradient + below if _CURE == "residual" else below  # at the inputs of the layer
else:
    activation = _ACTIVATION
    if _NORMED:
        norm = _NORM
    pre = []
    for layer, w in enumerate(weights):
        z = x @ w.T
        if _BIASES:
            z = z + biases[layer]
        pre.append(z)
        if _NORMED:
            z = norm(z)
        x = x + activation(z) if _CURE == "residual" else activation(z)
    factors = torch.randn(x.shape, generator=g, dtype=torch.float64)
    gradients = torch.autograd.grad((x * factors).sum(), pre + weights)
    sizes = [size(gradient) for gradient in reversed(gradients[:_LAYERS])]
    of_weights = gradients[: _LAYERS - 1 : -1]  # of the last layer first

print(f"signal at the last layer {size(x.detach()):.2e}")
print(f"gradient at the last layer {sizes[0]:.2e}")
print(f"gradient at the first layer {sizes[-1]:.2e}")
print(f"gradient of the last layer's weights {size(of_weights[0]):.2e}")
print(f"gradient of the first layer's weights {size(of_weights[-1]):.2e}")
if _CURE == "clipping":
    if _BY_HAND:
        before = torch.cat(of_weights).norm()
        after = torch.cat([gradient * _MAX_NORM / max(before, _MAX_NORM) for gradient in of_weights]).norm()
    else:
        for w, gradient in zip(reversed(weights), of_weights, strict=True):
            w.grad = gradient
        before = nn.utils.clip_grad_norm_(weights, _MAX_NORM)
        after = torch.cat([w.grad for w in weights]).norm()
    print(f"norm {before:.2e}, clipped {after:.2e}")
