"""Hand-written optimizers on one flat vector of parameters.

:data:`RULES` describes each optimizer once: the class of ``torch.optim`` (whose documentation names the paper) and its
update as code that pages show, in TeX, and as the engine computes it, in place on buffers that are allocated once. The
numbers that change from step to step, the learning rate and Adam's bias corrections, are arguments (``scalars``):
Python floats on the CPU, elements of a device tensor inside a CUDA graph, which cannot read numbers of the host.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from dlcore.network.settings import TrainingConfig

Rate = float | Tensor  # a tensor, (replicas, 1), if the optimizer trains several replicas
Scalars = Sequence[Rate] | Tensor


@dataclass(frozen=True, slots=True)
class Hyper:
    """Hyperparameters besides the learning rate; each optimizer uses those that its :class:`UpdateRule` names.

    The defaults are torch's, except for the ``eps`` of Adagrad, whose default is in ``UpdateRule.eps``. The weight
    decay is that of AdamW.
    """

    momentum: float = TrainingConfig().momentum
    beta1: float = 0.9
    beta2: float = 0.999
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.01

    def optimizer(self, id: str, theta: Tensor, lr: float) -> Optimizer:
        """Return the optimizer ``id`` with these hyperparameters for parameters ``theta`` of any shape."""
        return Optimizer(theta, self.settings(id, lr), self)

    def settings(self, id: str, lr: float) -> TrainingConfig:
        """Return the training settings of the optimizer ``id``: no L1, and weight decay for AdamW alone."""
        l2 = self.weight_decay if id == "adamw" else 0.0
        return TrainingConfig(optimizer=id, lr=lr, momentum=self.momentum, l1=0.0, l2=l2)


class Optimizer:
    """An optimizer of one flat vector ``theta``: an update rule and its state.

    The gradients of the L1 and L2 penalties are added to the gradient first. ``settings`` may be replaced between
    steps, as when a slider is moved; the state is kept.
    """

    def __init__(self, theta: Tensor, settings: TrainingConfig, hyper: Hyper | None = None) -> None:
        self.theta, self.settings = theta, settings
        self.steps = 0
        self.rule = RULES[settings.optimizer]
        self.hyper = hyper or Hyper(eps=self.rule.eps)
        self.buffers = [torch.zeros_like(theta) for _ in range(self.rule.buffers)]
        self.scratch = torch.empty_like(theta)
        # x.add_(one, alpha=c) instead of x.add_(c), x.mul_(smoothing) instead of x.mul_(c): torch makes a tensor of a
        # Python number at every call, which takes longer than the sum.
        self.one = theta.new_ones(())
        self.smoothing = theta.new_tensor(self.rule.smoothing(self.hyper))

    def next_scalars(self, lr: Rate) -> tuple[Rate, ...]:
        """Count one step and return its scalars."""
        self.steps += 1
        return self.rule.scalars(self.steps, lr, self.hyper)

    def step(self, grad: Tensor, scalars: Scalars) -> None:
        """Update ``theta`` in place; ``grad`` (parameters,) is overwritten."""
        self._add_penalties(grad, scalars)
        self.rule.update(self, grad, scalars)

    def _add_penalties(self, grad: Tensor, scalars: Scalars) -> None:
        settings = self.settings
        if settings.l1:
            grad.add_(torch.sign(self.theta, out=self.scratch), alpha=settings.l1)
        if settings.l2:
            if self.rule.decoupled:  # θ ← θ − lr·λ·θ
                self.theta.sub_(torch.mul(self.theta, settings.l2, out=self.scratch).mul_(scalars[-1]))
            else:
                grad.add_(self.theta, alpha=settings.l2)

    def descend(self, numerator: Tensor, denominator: Tensor, rate: Rate) -> None:
        """Set θ ← θ − rate · numerator / denominator; the denominator is overwritten."""
        if isinstance(rate, float):
            self.theta.addcdiv_(numerator, denominator, value=-rate)
        else:  # addcdiv_ takes no device scalar
            self.theta.sub_(torch.div(numerator, denominator, out=denominator).mul_(rate))


@dataclass(frozen=True, slots=True)
class UpdateRule:
    r"""The update rule of one optimizer: its name in torch, as code, in TeX, and in place on preallocated buffers.

    Attributes
    ----------
    torch : the class of ``torch.optim``.
    hyper : the names in :class:`Hyper` that it uses besides the learning rate.
    state, code : Python code: the assignment before the first step, and one step on ``theta`` with the gradient ``g``,
        the learning rate ``lr``, the step ``t`` = 1, 2, … and the names in ``hyper``.
    tex : the same step, elementwise: the left and the right side of each line.
    update : ``update(optimizer, grad, scalars)`` changes ``optimizer.theta`` in place.
    buffers : number of state tensors of the shape of ``theta``.
    scalars : ``scalars(t, lr, hyper)`` returns the scalars of step t, the last of which is ``lr``.
    smoothing : the factor of the old value in the running mean of squared gradients.
    decoupled : whether weight decay shrinks the weights directly instead of being added to the gradient.
    nesterov : whether torch's class gets ``nesterov=True``.
    eps : torch's default of ``eps``.
    """

    torch: str
    hyper: tuple[str, ...]
    state: str
    code: str
    tex: tuple[tuple[str, str], ...]
    update: Callable[[Optimizer, Tensor, Scalars], None]
    buffers: int = 0
    scalars: Callable[[int, Rate, Hyper], tuple[Rate, ...]] = lambda step, lr, hyper: (lr,)
    smoothing: Callable[[Hyper], float] = lambda hyper: 0.0
    decoupled: bool = False
    nesterov: bool = False
    eps: float = 1e-8


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
    opt.descend(grad, torch.sqrt(squares, out=opt.scratch).add_(opt.one, alpha=opt.hyper.eps), scalars[0])


def _rmsprop(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    squares = opt.buffers[0].mul_(opt.smoothing).addcmul_(grad, grad, value=1 - opt.hyper.alpha)
    opt.descend(grad, torch.sqrt(squares, out=opt.scratch).add_(opt.one, alpha=opt.hyper.eps), scalars[0])


def _adam_scalars(step: int, lr: Rate, hyper: Hyper) -> tuple[Rate, ...]:
    # With the corrections c = 1 − βᵗ, lr/c₁ · m / (√(v/c₂) + ε) is (lr√c₂/c₁) · m / (√v + ε√c₂): one call fewer.
    root = math.sqrt(1 - hyper.beta2**step)
    return lr * root / (1 - hyper.beta1**step), hyper.eps * root, lr


def _adam(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    mean = opt.buffers[0].lerp_(grad, 1 - opt.hyper.beta1)
    # mul_ and addcmul_, as in torch: where a square overflows, lerp_ would compute inf - inf, which is NaN.
    squares = opt.buffers[1].mul_(opt.smoothing).addcmul_(grad, grad, value=1 - opt.hyper.beta2)
    opt.descend(mean, torch.sqrt(squares, out=opt.scratch).add_(scalars[1]), scalars[0])


_THETA: Final = r"\theta_t"
_VELOCITY: Final = ("v_t", r"\mu v_{t-1} + g_t")
_OVER_ROOT: Final = (_THETA, r"\theta_{t-1} - \eta\, g_t / (\sqrt{s_t}+\epsilon)")
_MOMENTS: Final = (
    ("m_t", r"\beta_1 m_{t-1} + (1-\beta_1)\, g_t"),
    ("v_t", r"\beta_2 v_{t-1} + (1-\beta_2)\, g_t^2"),
    (r"\hat m_t", r"m_t / (1-\beta_1^t)"),
    (r"\hat v_t", r"v_t / (1-\beta_2^t)"),
)
_ADAM_STEP: Final = r"\eta\,\hat m_t / (\sqrt{\hat v_t}+\epsilon)"
_ADAM_CODE: Final = """\
m = beta1 * m + (1 - beta1) * g
v = beta2 * v + (1 - beta2) * g**2
m_hat = m / (1 - beta1**t)
v_hat = v / (1 - beta2**t)
theta = theta - lr * m_hat / (v_hat.sqrt() + eps)"""

RULES: Final[Mapping[str, UpdateRule]] = {
    "sgd": UpdateRule(
        "SGD",
        (),
        state="",
        code="theta = theta - lr * g",
        tex=((_THETA, r"\theta_{t-1} - \eta\, g_t"),),
        update=_sgd,
    ),
    "momentum": UpdateRule(
        "SGD",
        ("momentum",),
        state="v = 0",
        code="v = momentum * v + g\ntheta = theta - lr * v",
        tex=(_VELOCITY, (_THETA, r"\theta_{t-1} - \eta\, v_t")),
        update=_momentum,
        buffers=1,
    ),
    "nesterov": UpdateRule(
        "SGD",
        ("momentum",),
        state="v = 0",
        code="v = momentum * v + g\ntheta = theta - lr * (g + momentum * v)",
        tex=(_VELOCITY, (_THETA, r"\theta_{t-1} - \eta\,(g_t + \mu v_t)")),
        update=_nesterov,
        buffers=1,
        nesterov=True,
    ),
    "adagrad": UpdateRule(
        "Adagrad",
        ("eps",),
        state="s = 0",
        code="s = s + g**2\ntheta = theta - lr * g / (s.sqrt() + eps)",
        tex=(("s_t", r"s_{t-1} + g_t^2"), _OVER_ROOT),
        update=_adagrad,
        buffers=1,
        eps=1e-10,
    ),
    "rmsprop": UpdateRule(
        "RMSprop",
        ("alpha", "eps"),
        state="s = 0",
        code="s = alpha * s + (1 - alpha) * g**2\ntheta = theta - lr * g / (s.sqrt() + eps)",
        tex=(("s_t", r"\alpha s_{t-1} + (1-\alpha)\, g_t^2"), _OVER_ROOT),
        update=_rmsprop,
        buffers=1,
        smoothing=lambda hyper: hyper.alpha,
    ),
    "adam": UpdateRule(
        "Adam",
        ("beta1", "beta2", "eps"),
        state="m = v = 0",
        code=_ADAM_CODE,
        tex=(*_MOMENTS, (_THETA, rf"\theta_{{t-1}} - {_ADAM_STEP}")),
        update=_adam,
        buffers=2,
        scalars=_adam_scalars,
        smoothing=lambda hyper: hyper.beta2,
    ),
    "adamw": UpdateRule(
        "AdamW",
        ("beta1", "beta2", "eps", "weight_decay"),
        state="m = v = 0",
        code="theta = theta - lr * weight_decay * theta\n" + _ADAM_CODE,
        tex=(*_MOMENTS, (_THETA, rf"\theta_{{t-1}} - \eta\lambda\,\theta_{{t-1}} - {_ADAM_STEP}")),
        update=_adam,
        buffers=2,
        scalars=_adam_scalars,
        smoothing=lambda hyper: hyper.beta2,
        decoupled=True,
    ),
}


def torch_arguments(settings: TrainingConfig, hyper: Hyper | None = None) -> dict[str, Any]:
    """Return the keyword arguments of the ``torch.optim`` class that make it equal to :class:`Optimizer`.

    The learning rate comes first. Without ``hyper``, arguments that equal torch's defaults are left out.
    """
    rule = RULES[settings.optimizer]
    arguments: dict[str, Any] = {"lr": settings.lr}
    if "momentum" in rule.hyper:
        arguments["momentum"] = settings.momentum
    if rule.nesterov and settings.momentum > 0:  # torch refuses it without momentum, which is plain SGD
        arguments["nesterov"] = True
    if hyper and "beta1" in rule.hyper:
        arguments["betas"] = (hyper.beta1, hyper.beta2)
    if hyper:
        arguments |= {name: getattr(hyper, name) for name in ("alpha", "eps") if name in rule.hyper}
    if settings.l2 or rule.decoupled:  # the default of AdamW is not 0
        arguments["weight_decay"] = settings.l2
    return arguments


def torch_optimizer(model: nn.Module, settings: TrainingConfig) -> torch.optim.Optimizer:
    """Return the ``torch.optim`` equivalent of :class:`Optimizer`, without L1, which must be added to the loss."""
    kind: type[torch.optim.Optimizer] = getattr(torch.optim, RULES[settings.optimizer].torch)
    return kind(model.parameters(), **torch_arguments(settings))
