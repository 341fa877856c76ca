"""A network on one flat vector of parameters, with hand-written forward and backward passes.

What makes it fast:

* **Feature-major.** A batch is (features, samples), so softmax runs over dimension 0 of (classes, samples): at
  3 × 3000 that is 20 times faster than over dimension 1 of its transpose.
* **The bias is a column of W**, and the input has a row of ones: one ``mm`` a layer, forward and backward.
* **No allocation, no graph.** Every buffer is made once and written with ``out=``.
* **Tiles.** A large batch is processed in tiles whose activations fit a fast cache; their gradients are summed.
* **One flat vector** holds all parameters, another all gradients. Each W is a view, an optimizer step a few calls.

Backpropagation, with A₀ = X and a row of ones under every A:

    Zₗ = Wₗ Aₗ₋₁          Aₗ = f(Zₗ)          P = softmax(Z_L)
    δ_L = (P − Y) / n      δₗ₋₁ = (Wₗᵀ δₗ without its bias row) ⊙ f'(Zₗ₋₁)          ∂loss/∂Wₗ = δₗ Aₗ₋₁ᵀ

The softmax and δ_L belong to the head (:mod:`dlcore.network.heads`); in a regression δ_L = 2 (Z_L − Y) / n.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.network.activations import IMPLEMENTATIONS
from dlcore.network.heads import CROSS_ENTROPY, Head
from dlcore.network.model import linear_layers

# Default number of hidden values (units × samples) in a tile. Each takes up to 12 bytes (Aₗ, δₗ, f'), together most of
# 1 MiB. Products of fewer samples than MIN_TILE would be slow.
TILE_VALUES = 75_000
MIN_TILE = 256

State = dict[str, Any]

GradientProduct = tuple[Tensor, Tensor, Tensor]  # a gradient and the two matrices whose product it is
Masks = Sequence[Tensor | None]  # one (units, n) per hidden layer; None where nothing is dropped


class PassBuffers:
    """The buffers of one forward and backward pass over ``n`` samples."""

    def __init__(self, network: Network, n: int, *, dropout: bool) -> None:
        like, keeps_input = network.theta, network.act.keeps_input
        replicas = like.shape[:-1]  # () or, if several networks are trained together, (replicas,)
        self.n = n
        self.inputs: list[Tensor] = []  # Aₗ of each hidden layer with its row of ones, (units + 1, n)
        self.hidden: list[Tensor] = []  # f(Zₗ), (units, n); a view of ``inputs`` unless there is dropout
        self.z: list[Tensor] = []  # Zₗ, the same memory as ``hidden`` unless f' needs it
        self.delta: list[Tensor] = []  # δₗ, (units, n)
        self.scratch: list[Tensor] = []
        # δₗ is no longer needed once δₗ₋₁ is computed: two buffers serve all layers, and a third holds f'.
        *deltas, scratch = like.new_empty(3, *replicas, max(network.sizes[1:-1], default=0), n)
        for units in network.sizes[1:-1]:
            a = like.new_ones(*replicas, units + 1, n)
            self.inputs.append(a)
            self.hidden.append(like.new_empty(*replicas, units, n) if dropout else a[..., :-1, :])
            self.z.append(like.new_empty(*replicas, units, n) if keeps_input else self.hidden[-1])
            self.delta.append(deltas[len(self.delta) % 2][..., :units, :])
            self.scratch.append(scratch[..., :units, :])
        self.logits = like.new_empty(*replicas, network.sizes[-1], n)
        self.p = like.new_empty(*replicas, network.sizes[-1], n)
        self.delta.append(self.p)  # softmax, or z − y, becomes δ_L in place
        self.log_likelihood = like.new_empty(replicas)
        self.products = [
            _product(dw, delta, a) for dw, delta, a in zip(network.dW[1:], self.delta[1:], self.inputs, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Tile:
    """Some of the samples of a batch, the buffers of their pass and, with dropout, their masks."""

    X: Tensor  # (features + 1, n)
    Y: Tensor  # as the head reads the labels, (outputs, n): one-hot, or the targets
    buffers: PassBuffers
    first: GradientProduct  # ∂loss/∂W₁, which needs X
    masks: Masks = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """The samples of one optimizer step, cut into tiles."""

    tiles: list[Tile]
    masks: Masks  # of the whole batch; the tiles' masks are slices of them
    scale: Tensor  # 1 / samples


@dataclass(frozen=True, slots=True)
class LayerOutput:
    """The pre-activations Z = W A and the outputs f(Z) of a layer, both (units, n); one tensor if it has no f."""

    z: Tensor
    a: Tensor


class Network:
    """A fully connected network on one flat parameter vector.

    Parameters
    ----------
    model : the network whose weights are copied, cast to ``dtype`` on ``device``.
    tile_values : number of hidden values (units × samples) in a tile in training; ``TILE_VALUES`` if None.
    head : the loss on the outputs. The outputs are called logits, whatever the head.
    """

    def __init__(
        self,
        model: nn.Sequential,
        activation: str,
        *,
        dtype: torch.dtype,
        device: torch.device,
        tile_values: int | None = None,
        head: Head = CROSS_ENTROPY,
    ) -> None:
        self.head = head
        modules = list(model)
        indices = [i for i, module in enumerate(modules) if isinstance(module, nn.Linear)]
        layers = linear_layers(model)
        self._keys = [f"{i}." for i in indices]
        # The embedding layer has no activation: the next linear layer follows it directly.
        self.activated = [not isinstance(modules[i + 1], nn.Linear) for i in indices[:-1]]
        self.act = IMPLEMENTATIONS[activation]
        self.sizes = [layers[0].in_features, *(layer.out_features for layer in layers)]
        self.tile = self._tile_samples(tile_values or TILE_VALUES)
        self._shapes = [(n_out, n_in + 1) for n_in, n_out in pairwise(self.sizes)]
        self._hold(torch.empty(sum(rows * columns for rows, columns in self._shapes), dtype=dtype, device=device))
        self.load_state_dict(model.state_dict())

    def _hold(self, theta: Tensor) -> None:
        """Take ``theta`` as the parameters; the weight matrices become views of it."""
        self.theta, self.grad = theta, torch.zeros_like(theta)
        self._mm: Callable[..., Tensor] = torch.mm if theta.dim() == 1 else torch.bmm
        self.W, self.dW = _matrices(self.theta, self._shapes), _matrices(self.grad, self._shapes)
        self._W_no_bias = [w[..., :-1].mT for w in self.W]  # Wᵀ without its bias row

    def at(self, theta: Tensor) -> Network:
        """Return a network of the same shape whose parameters are a copy of ``theta``, as :attr:`theta` holds them.

        A ``theta`` of shape (replicas, parameters) makes as many networks in one: every tensor of its passes has that
        axis in front, its samples too.
        """
        other = copy.copy(self)
        other._hold(theta.clone())
        return other

    def _tile_samples(self, values: int) -> int:
        """Return the number of samples in a tile of ``values`` hidden values."""
        return max(MIN_TILE, values // max(1, sum(self.sizes[1:-1])))

    def load_state_dict(self, state: State) -> None:
        """Copy the weights of an ``nn.Sequential``."""
        for key, w in zip(self._keys, self.W, strict=True):
            w[..., :-1].copy_(state[key + "weight"])
            w[..., -1].copy_(state[key + "bias"])

    def state_dict(self) -> dict[str, Tensor]:
        """Return copies of the weights, on the CPU, under the names of the ``nn.Sequential``."""
        state = {}
        for key, w in zip(self._keys, self.W, strict=True):
            w = w.cpu()
            state[key + "weight"], state[key + "bias"] = w[..., :-1].clone(), w[..., -1].clone()
        return state

    def tiles(self, X: Tensor, Y: Tensor, masks: Masks = (), pool: dict[int, PassBuffers] | None = None) -> list[Tile]:
        """Cut samples into tiles. Tiles of one size share their buffers; ``pool`` shares them between batches too."""
        pool = {} if pool is None else pool
        tiles = []
        for start in range(0, X.shape[-1], self.tile):
            x, y = X[..., start : start + self.tile], Y[..., start : start + self.tile]
            n = x.shape[-1]
            buffers = pool[n] = pool.get(n) or PassBuffers(self, n, dropout=bool(masks))
            cut = [mask if mask is None else mask[..., start : start + n] for mask in masks]
            tiles.append(Tile(x, y, buffers, _product(self.dW[0], buffers.delta[0], x), cut))
        return tiles

    def forward(self, X: Tensor, buffers: PassBuffers, masks: Masks = ()) -> Tensor:
        """Return the logits (classes, n) of X (features + 1, n), whose last row is ones."""
        a = X
        for i, w in enumerate(self.W[:-1]):
            z, hidden = self._mm(w, a, out=buffers.z[i]), buffers.hidden[i]
            if self.activated[i]:
                self.act.forward(z, hidden)
            elif self.act.keeps_input:
                hidden.copy_(z)
            a = buffers.inputs[i]
            if masks:
                mask = masks[i]
                kept = a[..., :-1, :]
                kept.copy_(hidden) if mask is None else torch.mul(hidden, mask, out=kept)
        return self._mm(self.W[-1], a, out=buffers.logits)

    def log_likelihood(self, Y: Tensor, buffers: PassBuffers) -> Tensor:
        """Return −n times the loss of ``buffers.logits`` at the targets Y (outputs, n); see the head."""
        return self.head.log_likelihood(Y, buffers)

    def backward(self, tile: Tile, *, scale: Tensor, beta: float) -> None:
        """Set ``grad`` to ``beta`` · ``grad`` + ``scale`` · the gradient of the tile's summed loss.

        ``tile.buffers.p``, which the head's log-likelihood has left, is overwritten.
        """
        buffers = tile.buffers
        delta = self.head.delta(tile.Y, buffers, scale)
        for i in range(len(self.W) - 1, 0, -1):
            _multiply(buffers.products[i - 1], beta)
            delta = self._mm(self._W_no_bias[i], delta, out=buffers.delta[i - 1])
            if tile.masks and (mask := tile.masks[i - 1]) is not None:
                delta.mul_(mask)
            if self.activated[i - 1]:
                self.act.backward(delta, buffers.z[i - 1], buffers.hidden[i - 1], buffers.scratch[i - 1])
        _multiply(tile.first, beta)

    def compute_gradient(self, batch: Batch, log_likelihood: Tensor) -> None:
        """Write the gradient of a batch's mean loss to ``grad`` and add its log-likelihood to ``log_likelihood``."""
        for i, tile in enumerate(batch.tiles):
            self.forward(tile.X, tile.buffers, tile.masks)
            log_likelihood.add_(self.log_likelihood(tile.Y, tile.buffers))
            self.backward(tile, scale=batch.scale, beta=float(i > 0))

    def logits(self, X: Tensor) -> Tensor:
        """Return the logits (n, classes) of samples X (n, features) in evaluation mode."""
        X = with_ones(X.to(self.theta))
        out = self.theta.new_empty(*X.shape[:-2], self.sizes[-1], X.shape[-1])
        pool: dict[int, PassBuffers] = {}
        size = self._tile_samples(TILE_VALUES)  # without a backward pass the smaller tile is never slow
        for x, z in zip(cut_columns(X, size), cut_columns(out, size), strict=True):
            n = x.shape[-1]
            pool[n] = pool.get(n) or PassBuffers(self, n, dropout=False)
            z.copy_(self.forward(x, pool[n]))
        return out.mT

    def outputs(self, X: Tensor) -> list[LayerOutput]:
        """Return what each layer makes of X (features + 1, n) in evaluation mode; the last are the logits."""
        outputs, a = [], X
        for w, activated in zip(self.W, [*self.activated, False], strict=True):
            z = w @ a
            outputs.append(LayerOutput(z, self.act(z) if activated else z))
            a = torch.cat([outputs[-1].a, X[-1:]])
        return outputs


def cut_columns(x: Tensor, size: int) -> list[Tensor]:
    """Return views of ``size`` columns each of x (…, rows, n); the last may be narrower."""
    return [x[..., i : i + size] for i in range(0, x.shape[-1], size)]


def _matrices(flat: Tensor, shapes: list[tuple[int, int]]) -> list[Tensor]:
    """Return views of a flat vector; tall ones are column-major, so that :func:`_product` can write the transpose."""
    replicas = flat.shape[:-1]
    sections = torch.split(flat, [rows * columns for rows, columns in shapes], -1)
    return [
        section.view(*replicas, columns, rows).mT if rows > columns else section.view(*replicas, rows, columns)
        for section, (rows, columns) in zip(sections, shapes, strict=True)
    ]


def _product(dW: Tensor, delta: Tensor, a: Tensor) -> GradientProduct:
    """Return dW = δ Aᵀ, transposed if that puts the matrix of fewer rows on the left: 4 times as fast at 100 × 3."""
    return (dW.mT, a, delta.mT) if dW.shape[-2] > dW.shape[-1] else (dW, delta, a.mT)


def _multiply(product: GradientProduct, beta: float) -> None:
    out, left, right = product
    if out.dim() == 2:
        out.addmm_(left, right, beta=beta)
    else:
        out.baddbmm_(left, right, beta=beta)


def with_ones(X: Tensor) -> Tensor:
    """Return X (…, n, features) as the engine reads it: feature-major with a row of ones, (…, features + 1, n)."""
    return torch.cat([X.mT, X.new_ones(*X.shape[:-2], 1, X.shape[-2])], -2)
