"""Training by hand: the forward pass, backpropagation and the update, written for speed and to be read.

The notebook's loop spends most of its time outside the mathematics. What is different here:

* **Feature-major.** A batch is (features, samples), so softmax runs over dimension 0 of (classes, samples): at
  3 × 3000 that is 20 times faster than over dimension 1 of its transpose.
* **The bias is a column of W** that meets a row of ones under the input: one ``mm`` a layer, forward and backward.
* **No allocation, no graph.** Every buffer is made once and written with ``out=``.
* **Tiles.** A large batch is passed in pieces whose activations stay in the second-level cache; gradients add up.
* **One flat vector** holds all parameters, another all gradients; each W is a view, an optimizer step a few calls.

Backpropagation in these terms, with A₀ = X and a row of ones under every A:

    Zₗ = Wₗ Aₗ₋₁          Aₗ = f(Zₗ)          P = softmax(Z_L)
    δ_L = (P − Y) / n      δₗ₋₁ = (Wₗᵀ δₗ without its bias row) ⊙ f'(Zₗ₋₁)          ∂loss/∂Wₗ = δₗ Aₗ₋₁ᵀ

The tests hold all of it to autograd. :class:`dlcore.network.plain.PlainLoop` is the same thing as a notebook has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.network.activations import IMPLEMENTATIONS
from dlcore.network.cuda_graph import EpochGraph
from dlcore.network.model import draw_mask, linear_layers
from dlcore.network.optimizers import Optimizer, Scalars, learning_rate
from dlcore.network.settings import FULL_BATCH, TrainingConfig

State = dict[str, Any]


def prepare_thread() -> None:
    """Set this thread up for the engine: one core, and numbers below float32's normal range taken for 0.

    At these sizes two threads are slower than one. Weight decay drives dead weights towards 0 for ever, and arithmetic
    with denormal numbers takes many times as long: after some 1500 epochs an epoch had become twice as slow.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


# Hidden values (units × samples) of one tile. Each takes 12 bytes (Aₗ, δₗ, f'), so that a tile fills most of 2 MiB:
# at 100 × 3000 the element-wise work then runs twice as fast. Narrow tiles would make small, slow products.
TILE_VALUES = 75_000
MIN_TILE = 256


Product = tuple[Tensor, Tensor, Tensor]  # a gradient and the two factors it is the product of
Masks = Sequence[Tensor | None]  # one (width, n) per hidden layer; None where nothing is dropped


class Pass:
    """The buffers of one forward and backward pass over ``n`` samples."""

    def __init__(self, network: Network, n: int, *, dropout: bool) -> None:
        like, keeps_input = network.theta, network.act.keeps_input
        self.n = n
        self.inputs: list[Tensor] = []  # Aₗ of each hidden layer with its row of ones, (width + 1, n)
        self.hidden: list[Tensor] = []  # f(Zₗ), (width, n); the same memory as in ``inputs`` unless dropout is between
        self.z: list[Tensor] = []  # Zₗ, the same memory as ``hidden`` unless f' needs it
        self.delta: list[Tensor] = []  # δₗ, (width, n)
        self.scratch: list[Tensor] = []
        for width in network.widths[1:-1]:
            a = like.new_ones(width + 1, n)
            self.inputs.append(a)
            self.hidden.append(like.new_empty(width, n) if dropout else a[:-1])
            self.z.append(like.new_empty(width, n) if keeps_input else self.hidden[-1])
            self.delta.append(like.new_empty(width, n))
            self.scratch.append(like.new_empty(width, n))
        self.logits = like.new_empty(network.widths[-1], n)
        self.p = like.new_empty(network.widths[-1], n)
        self.delta.append(self.p)  # softmax becomes δ_L in place
        self.log_likelihood = like.new_empty(())
        self.products = [
            _product(dw, delta, a) for dw, delta, a in zip(network.dW[1:], self.delta[1:], self.inputs, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece of a batch: its samples, the buffers of its pass and, with dropout, its masks."""

    X: Tensor  # (features + 1, n)
    Y: Tensor  # one-hot, (classes, n)
    work: Pass
    first: Product  # ∂loss/∂W₁, which needs X
    masks: Masks = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """The samples of one optimizer step."""

    tiles: list[Tile]
    masks: Masks  # of the whole batch; the tiles have slices of them
    scale: Tensor  # 1 / samples


class Network:
    """A fully connected classifier on one flat parameter vector."""

    def __init__(self, model: nn.Sequential, activation: str, *, dtype: torch.dtype, device: torch.device) -> None:
        modules = list(model)
        at = [i for i, module in enumerate(modules) if isinstance(module, nn.Linear)]
        layers = linear_layers(model)
        self._keys = [f"{i}." for i in at]
        # The embedding is linear: an activation follows only where one stands behind the layer in the model.
        self.activated = [not isinstance(modules[i + 1], nn.Linear) for i in at[:-1]]
        self.act = IMPLEMENTATIONS[activation]
        self.widths = [layers[0].in_features, *(layer.out_features for layer in layers)]
        self.tile = max(MIN_TILE, TILE_VALUES // max(1, sum(self.widths[1:-1])))
        shapes = [(n_out, n_in + 1) for n_in, n_out in pairwise(self.widths)]
        self.theta = torch.empty(sum(rows * columns for rows, columns in shapes), dtype=dtype, device=device)
        self.grad = torch.empty_like(self.theta)
        self.W, self.dW = _matrices(self.theta, shapes), _matrices(self.grad, shapes)
        self._W_inputs = [w[:, :-1].t() for w in self.W]  # Wᵀ without the bias row
        self.load_state_dict(model.state_dict())

    def load_state_dict(self, state: State) -> None:
        """Take the weights of an ``nn.Sequential``."""
        for key, w in zip(self._keys, self.W, strict=True):
            w[:, :-1].copy_(state[key + "weight"])
            w[:, -1].copy_(state[key + "bias"])

    def state_dict(self) -> dict[str, Tensor]:
        """The weights as the ``nn.Sequential`` names them: copies, on the CPU."""
        state = {}
        for key, w in zip(self._keys, self.W, strict=True):
            w = w.cpu()
            state[key + "weight"], state[key + "bias"] = w[:, :-1].clone(), w[:, -1].clone()
        return state

    def tiles(self, X: Tensor, Y: Tensor, masks: Masks = (), passes: dict[int, Pass] | None = None) -> list[Tile]:
        """Cut samples into tiles. Those of one size share one pass, which ``passes`` keeps for further batches."""
        passes = {} if passes is None else passes
        tiles = []
        for at in range(0, X.shape[1], self.tile):
            x, y = X[:, at : at + self.tile], Y[:, at : at + self.tile]
            n = x.shape[1]
            work = passes[n] = passes.get(n) or Pass(self, n, dropout=bool(masks))
            cut = [mask if mask is None else mask[:, at : at + n] for mask in masks]
            tiles.append(Tile(x, y, work, _product(self.dW[0], work.delta[0], x), cut))
        return tiles

    def forward(self, X: Tensor, work: Pass, masks: Masks = ()) -> Tensor:
        """Logits (classes, n) of X (features + 1, n), the last row of which is ones."""
        a = X
        for i, w in enumerate(self.W[:-1]):
            torch.mm(w, a, out=work.z[i])
            if self.activated[i]:
                self.act.forward(work.z[i], work.hidden[i])
            elif self.act.keeps_input:
                work.hidden[i].copy_(work.z[i])
            a = work.inputs[i]
            if masks:
                mask = masks[i]
                a[:-1].copy_(work.hidden[i]) if mask is None else torch.mul(work.hidden[i], mask, out=a[:-1])
        return torch.mm(self.W[-1], a, out=work.logits)

    def log_likelihood(self, Y: Tensor, work: Pass) -> Tensor:
        """Σ log p(label) over the samples, of ``work.logits`` and one-hot Y (classes, n): −n times the cross-entropy.

        Leaves the class probabilities in ``work.p`` and uses up ``work.logits``.
        """
        log_p = torch.log_softmax(work.logits, 0, out=work.p)  # (classes, n); subtracts the largest logit first
        torch.sum(torch.mul(log_p, Y, out=work.logits), dim=(0, 1), out=work.log_likelihood)
        log_p.exp_()
        return work.log_likelihood

    def backward(self, tile: Tile, *, scale: Tensor, beta: float) -> None:
        """``grad`` ← ``beta`` · ``grad`` + ``scale`` · the gradient of the tile's summed loss; uses up ``work.p``."""
        work = tile.work
        delta = work.p.sub_(tile.Y).mul_(scale)
        for i in range(len(self.W) - 1, 0, -1):
            _multiply(work.products[i - 1], beta)
            delta = torch.mm(self._W_inputs[i], delta, out=work.delta[i - 1])
            if tile.masks and (mask := tile.masks[i - 1]) is not None:
                delta.mul_(mask)
            if self.activated[i - 1]:
                self.act.backward(delta, work.z[i - 1], work.hidden[i - 1], work.scratch[i - 1])
        _multiply(tile.first, beta)

    def learn(self, batch: Batch, log_likelihood: Tensor) -> None:
        """Forward and backward over a batch: its gradient into ``grad``, its log-likelihood onto the scalar given."""
        for i, tile in enumerate(batch.tiles):
            self.forward(tile.X, tile.work, tile.masks)
            log_likelihood.add_(self.log_likelihood(tile.Y, tile.work))
            self.backward(tile, scale=batch.scale, beta=float(i > 0))

    def logits(self, X: Tensor) -> Tensor:
        """Logits (classes, n) of X (features + 1, n) in evaluation mode."""
        out = self.theta.new_empty(self.widths[-1], X.shape[1])
        passes: dict[int, Pass] = {}
        for x, z in zip(_pieces(X, self.tile), _pieces(out, self.tile), strict=True):
            n = x.shape[1]
            passes[n] = passes.get(n) or Pass(self, n, dropout=False)
            z.copy_(self.forward(x, passes[n]))
        return out


def _pieces(x: Tensor, size: int) -> list[Tensor]:
    """Views of x (rows, n), ``size`` columns each; the last may be narrower."""
    return [x[:, i : i + size] for i in range(0, x.shape[1], size)]


def _matrices(flat: Tensor, shapes: list[tuple[int, int]]) -> list[Tensor]:
    """Views of a flat vector. A tall one lies column by column, so that :func:`_product` can write its transpose."""
    views, at = [], 0
    for rows, columns in shapes:
        part = flat[at : at + rows * columns]
        views.append(part.view(columns, rows).t() if rows > columns else part.view(rows, columns))
        at += rows * columns
    return views


def _product(dW: Tensor, delta: Tensor, a: Tensor) -> Product:
    """dW = δ Aᵀ, transposed where that puts the factor of few rows on the left: 4 times as fast at 100 × 3."""
    return (dW.t(), a, delta.t()) if dW.shape[0] > dW.shape[1] else (dW, delta, a.t())


def _multiply(product: Product, beta: float) -> None:
    out, left, right = product
    out.addmm_(left, right, beta=beta)


def with_ones(X: Tensor) -> Tensor:
    """X (n, features) as the engine takes it: feature-major with a row of ones, (features + 1, n)."""
    return torch.cat([X.t(), X.new_ones(1, len(X))])


class Engine:
    """Trains a network on samples X (n, features) with labels y (n,).

    Parameters
    ----------
    model : its weights are copied; they and the data are cast to ``dtype`` on ``device``.
    generator : the run's random stream, on the CPU: draws the shuffles and the dropout masks.
    """

    def __init__(
        self,
        model: nn.Sequential,
        activation: str,
        settings: TrainingConfig,
        X: Tensor,
        y: Tensor,
        *,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.device = torch.device(device)
        self.network = Network(model, activation, dtype=dtype, device=self.device)
        self.optimizer = Optimizer(self.network.theta, settings)
        self.generator = generator
        self.epoch = 0
        self.n = len(y)
        self.X = with_ones(X.to(self.device, dtype))
        self.Y = nn.functional.one_hot(y, self.network.widths[-1]).t().contiguous().to(self.device, dtype)
        self._shuffles = settings.batch != FULL_BATCH
        # The batches are views of the shuffled arrays, so that an epoch's shuffle refills them all in two calls.
        self._shuffled = (self.X.clone(), self.Y.clone()) if self._shuffles else (self.X, self.Y)
        self._graph: EpochGraph | None = None
        self._whole: Batch | None = None  # made when gradients are first asked for
        self._batches = self._cut(min(settings.batch or self.n, self.n), dropout=settings.dropout > 0)

    def _cut(self, size: int, *, dropout: bool) -> list[Batch]:
        net = self.network
        batches: list[Batch] = []
        passes: dict[int, Pass] = {}
        for X, Y in zip(*(_pieces(whole, size) for whole in self._shuffled), strict=True):
            n = X.shape[1]
            masks = [
                X.new_empty(width, n) if activated else None
                for width, activated in zip(net.widths[1:-1], net.activated, strict=True)
                if dropout
            ]
            batches.append(Batch(net.tiles(X, Y, masks, passes), masks, X.new_tensor(1 / n)))
        return batches

    @property
    def settings(self) -> TrainingConfig:
        """The training settings in force."""
        return self.optimizer.settings

    @settings.setter
    def settings(self, settings: TrainingConfig) -> None:
        # Rates, decay and epochs go on from here; batch size, optimizer and dropout are fixed when the run is made.
        self.optimizer.settings = settings
        self._graph = None  # decay and momentum are constants inside it

    def run(self, epochs: int) -> Tensor:
        """Train for ``epochs`` more and return their losses, (epochs,), on the CPU.

        As a notebook prints it, an epoch's loss is the mean over its samples of what its forward passes gave, before
        the updates. A non-finite one does not stop the loop.
        """
        losses = self.network.theta.new_zeros(epochs)
        with torch.inference_mode():  # less bookkeeping around every call
            for loss in losses:
                self._shuffle()
                self._draw_masks()
                scalars = self._scalars()
                if self.device.type == "cuda":
                    self._captured(scalars).replay(scalars, loss)
                else:
                    self._epoch(scalars, loss)
                self.epoch += 1
        return losses.div_(-self.n).cpu()

    def _scalars(self) -> list[tuple[float, ...]]:
        """The optimizer's scalars for each step of the next epoch."""
        lr = learning_rate(self.settings, self.epoch)
        return [self.optimizer.next_scalars(lr) for _ in self._batches]

    def _shuffle(self) -> None:
        if self._shuffles:
            order = torch.randperm(self.n, generator=self.generator).to(self.device)
            for whole, shuffled in zip((self.X, self.Y), self._shuffled, strict=True):
                torch.index_select(whole, 1, order, out=shuffled)

    def _epoch(self, scalars: Sequence[Scalars], log_likelihood: Tensor) -> None:
        """One step a batch; the samples' log-likelihoods are added onto the scalar given."""
        for batch, step_scalars in zip(self._batches, scalars, strict=True):
            self.network.learn(batch, log_likelihood)
            self.optimizer.step(self.network.grad, step_scalars)

    def _captured(self, scalars: list[tuple[float, ...]]) -> EpochGraph:
        """The epoch as a CUDA graph, captured when it is first needed, which changes nothing of the state."""
        if self._graph is None:
            saved = self.save()
            self._graph = EpochGraph(self._epoch, scalars, self.network.theta)
            self.restore(saved)
        return self._graph

    def _draw_masks(self) -> None:
        for mask in (mask for batch in self._batches for mask in batch.masks):
            if mask is not None:  # drawn sample-major, as nn.Dropout draws it in a model that is
                shape = torch.Size((mask.shape[1], mask.shape[0]))
                mask.copy_(draw_mask(shape, self.settings.dropout, self.generator, dtype=mask.dtype).t())

    def gradient_norms(self) -> list[float]:
        """‖∂loss/∂W‖₂ of each linear layer, bias included: of the full batch, without dropout, at these weights."""
        net = self.network
        if self._whole is None:
            self._whole = Batch(net.tiles(self.X, self.Y), (), self.X.new_tensor(1 / self.n))
        net.learn(self._whole, self.X.new_zeros(()))
        return [float(norm) for norm in torch.stack([dw.norm() for dw in net.dW]).cpu()]

    def logits(self, X: Tensor) -> Tensor:
        """Logits (n, classes) of samples X (n, features) in evaluation mode."""
        return self.network.logits(with_ones(X.to(self.device, self.network.theta.dtype))).t()

    def state_dict(self) -> dict[str, Tensor]:
        """The weights under the names of the ``nn.Sequential`` they came from."""
        return self.network.state_dict()

    def save(self) -> State:
        """All that decides how training goes on: weights, optimizer state, random stream and epoch."""
        return {
            "theta": self.network.theta.clone(),
            "buffers": [buffer.clone() for buffer in self.optimizer.buffers],
            "steps": self.optimizer.steps,
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
        }

    def restore(self, state: State) -> None:
        """Go back to a :meth:`save`."""
        self.network.theta.copy_(state["theta"])
        for buffer, saved in zip(self.optimizer.buffers, state["buffers"], strict=True):
            buffer.copy_(saved)
        self.optimizer.steps = state["steps"]
        self.generator.set_state(state["generator"])
        self.epoch = state["epoch"]
