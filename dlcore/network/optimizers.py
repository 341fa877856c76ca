"""Optimisers by hand, on one flat vector of parameters; the learning-rate schedules.

Each rule is the one of ``torch.optim`` (the papers are named there), under its default hyper-parameters where no
:class:`Constants` say otherwise, written with ``out=`` and in-place calls on preallocated buffers. What changes from
step to step, the rate and Adam's bias corrections, comes in as ``scalars``: Python floats on the CPU, elements of a
device tensor inside a CUDA graph, where nothing the host computes can enter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from dlcore.network.settings import EXPONENTIAL_END, STEP_GAMMA, STEP_MILESTONES, USES_MOMENTUM, TrainingConfig

Scalars = Sequence[float] | Tensor

ADAM_BETAS: Final = (0.9, 0.999)
ADAM_EPS: Final = 1e-8
ADAGRAD_EPS: Final = 1e-10
RMSPROP_ALPHA: Final = 0.99
RMSPROP_EPS: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Constants:
    """Hyper-parameters for which a ``TrainingConfig`` has no setting; the defaults are torch's."""

    adam_betas: tuple[float, float] = ADAM_BETAS
    adam_eps: float = ADAM_EPS
    adagrad_eps: float = ADAGRAD_EPS
    rmsprop_alpha: float = RMSPROP_ALPHA
    rmsprop_eps: float = RMSPROP_EPS


TORCH_DEFAULTS: Final = Constants()


def learning_rate(config: TrainingConfig, epoch: int) -> float:
    """The rate of the epoch that begins after ``epoch`` whole ones, as torch.optim.lr_scheduler has it."""
    lr, share = config.lr, epoch / config.epochs
    if config.schedule == "step":
        return lr * float(STEP_GAMMA ** sum(epoch >= milestone for milestone in milestones(config)))
    if config.schedule == "cosine":
        return lr * (1 + math.cos(math.pi * min(share, 1.0))) / 2
    if config.schedule == "exponential":
        return lr * float(EXPONENTIAL_END**share)
    return lr


def milestones(config: TrainingConfig) -> list[int]:
    """Epochs at which the "step" schedule lowers the rate; at least 1, as torch counts them."""
    return [max(1, round(share * config.epochs)) for share in STEP_MILESTONES]


def scheduler(config: TrainingConfig, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler | None:
    """The torch scheduler, stepped once an epoch, that :func:`learning_rate` is held to."""
    if config.schedule == "step":
        return torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones(config), STEP_GAMMA)
    if config.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.epochs)
    if config.schedule == "exponential":
        return torch.optim.lr_scheduler.ExponentialLR(optimizer, EXPONENTIAL_END ** (1 / config.epochs))
    return None


class Optimizer:
    """A rule with its state, for one flat vector ``theta``; L1 and L2 are added to the gradient before it.

    ``settings`` may be replaced between steps: the state goes on, as when a person moves a slider.
    """

    def __init__(self, theta: Tensor, settings: TrainingConfig, constants: Constants = TORCH_DEFAULTS) -> None:
        self.theta, self.settings, self.constants = theta, settings, constants
        self.steps = 0
        self.rule = RULES[settings.optimizer]
        self.buffers = [torch.zeros_like(theta) for _ in range(self.rule.buffers)]
        self.scratch = torch.empty_like(theta)
        # x.add_(one, alpha=c) instead of x.add_(c), x.mul_(kept) instead of x.mul_(c): a Python number among tensors is
        # made a tensor at every call, which takes longer than the sum.
        self.one = theta.new_ones(())
        self.kept = theta.new_tensor(self.rule.kept(constants))

    def next_scalars(self, lr: float) -> tuple[float, ...]:
        """The scalars of the step that is to be taken next, which is counted."""
        self.steps += 1
        return self.rule.scalars(self.steps, lr, self.constants)

    def step(self, grad: Tensor, scalars: Scalars) -> None:
        """Update ``theta`` in place; ``grad`` (parameters,) is used up."""
        settings = self.settings
        if settings.l1:
            grad.add_(torch.sign(self.theta, out=self.scratch), alpha=settings.l1)
        if settings.l2:
            if self.rule.decoupled:  # θ ← θ − lr·λ·θ
                self.theta.sub_(torch.mul(self.theta, settings.l2, out=self.scratch).mul_(scalars[-1]))
            else:
                grad.add_(self.theta, alpha=settings.l2)
        self.rule.update(self, grad, scalars)

    def descend(self, numerator: Tensor, denominator: Tensor, rate: float | Tensor) -> None:
        """θ ← θ − rate · numerator / denominator; the denominator is used up."""
        if isinstance(rate, float):
            self.theta.addcdiv_(numerator, denominator, value=-rate)
        else:  # addcdiv_ takes no device scalar
            self.theta.sub_(torch.div(numerator, denominator, out=denominator).mul_(rate))


@dataclass(frozen=True, slots=True)
class Rule:
    """One optimizer: how many buffers it keeps, its scalars at step t = 1, 2, … (the plain rate last), and its update.

    ``update(optimizer, grad, scalars)`` changes ``optimizer.theta`` in place.
    """

    buffers: int
    update: Callable[[Optimizer, Tensor, Scalars], None]
    scalars: Callable[[int, float, Constants], tuple[float, ...]] = lambda step, lr, constants: (lr,)
    kept: Callable[[Constants], float] = lambda constants: 0.0  # of the running mean of squares, at each step
    decoupled: bool = False  # weight decay shrinks the weights themselves and does not pass through the gradient


def _sgd(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    opt.theta.sub_(torch.mul(grad, scalars[0], out=opt.scratch))


def _momentum(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    velocity = opt.buffers[0].mul_(opt.settings.momentum).add_(grad)
    opt.theta.sub_(torch.mul(velocity, scalars[0], out=opt.scratch))


def _nesterov(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    velocity = opt.buffers[0].mul_(opt.settings.momentum).add_(grad)
    opt.theta.sub_(torch.add(grad, velocity, alpha=opt.settings.momentum, out=opt.scratch).mul_(scalars[0]))


def _adagrad(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    squares = opt.buffers[0].addcmul_(grad, grad)
    opt.descend(grad, torch.sqrt(squares, out=opt.scratch).add_(opt.one, alpha=opt.constants.adagrad_eps), scalars[0])


def _rmsprop(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    squares = opt.buffers[0].mul_(opt.kept).addcmul_(grad, grad, value=1 - opt.constants.rmsprop_alpha)
    opt.descend(grad, torch.sqrt(squares, out=opt.scratch).add_(opt.one, alpha=opt.constants.rmsprop_eps), scalars[0])


def _adam_scalars(step: int, lr: float, constants: Constants) -> tuple[float, ...]:
    # With the corrections c = 1 − βᵗ, lr/c₁ · m / (√(v/c₂) + ε) is (lr√c₂/c₁) · m / (√v + ε√c₂): one call fewer.
    first, second = constants.adam_betas
    root = math.sqrt(1 - second**step)
    return lr * root / (1 - first**step), constants.adam_eps * root, lr


def _adam_kept(constants: Constants) -> float:
    return constants.adam_betas[1]


def _adam(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    first, second = opt.constants.adam_betas
    mean = opt.buffers[0].lerp_(grad, 1 - first)
    # mul_ and addcmul_, as torch has it: of a square that overflows lerp_ would make inf - inf, which is NaN.
    squares = opt.buffers[1].mul_(opt.kept).addcmul_(grad, grad, value=1 - second)
    opt.descend(mean, torch.sqrt(squares, out=opt.scratch).add_(scalars[1]), scalars[0])


RULES: Final[Mapping[str, Rule]] = {
    "sgd": Rule(0, _sgd),
    "momentum": Rule(1, _momentum),
    "nesterov": Rule(1, _nesterov),
    "adagrad": Rule(1, _adagrad),
    "rmsprop": Rule(1, _rmsprop, kept=lambda constants: constants.rmsprop_alpha),
    "adam": Rule(2, _adam, _adam_scalars, _adam_kept),
    "adamw": Rule(2, _adam, _adam_scalars, _adam_kept, decoupled=True),
}


def torch_optimizer(model: nn.Module, settings: TrainingConfig) -> torch.optim.Optimizer:
    """Return the ``torch.optim`` twin of :class:`Optimizer`; L1 is the loss's business there.

    Raises
    ------
    ValueError : if ``settings.optimizer`` is none of ``RULES``.
    """
    name, arguments = optimizer_call(settings)
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(model.parameters(), **arguments)
    return optimizer


_TORCH_CLASSES: Final[Mapping[str, str]] = {
    "sgd": "SGD",
    "momentum": "SGD",
    "nesterov": "SGD",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}


def optimizer_call(settings: TrainingConfig) -> tuple[str, dict[str, float | bool]]:
    """Return the class of ``torch.optim`` and its keyword arguments, without those that its defaults say.

    Raises
    ------
    ValueError : if ``settings.optimizer`` is none of ``RULES``.

    >>> optimizer_call(TrainingConfig(optimizer="nesterov", lr=0.1, l2=0.0))
    ('SGD', {'lr': 0.1, 'momentum': 0.9, 'nesterov': True})
    """
    id = settings.optimizer
    if id not in _TORCH_CLASSES:
        raise ValueError(f"optimizer must be one of {', '.join(RULES)}, got {id}")
    arguments: dict[str, float | bool] = {"lr": settings.lr}
    if id in USES_MOMENTUM:
        arguments["momentum"] = settings.momentum
    if id == "nesterov" and settings.momentum > 0:  # torch refuses it without momentum, where the two are SGD
        arguments["nesterov"] = True
    if settings.l2 or id == "adamw":  # whose own default is not 0
        arguments["weight_decay"] = settings.l2
    return _TORCH_CLASSES[id], arguments
