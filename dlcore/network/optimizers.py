"""Optimizers by hand, on one flat vector of parameters; the learning-rate schedules.

:data:`RULES` has each optimizer once: the class of ``torch.optim`` (whose documentation names the paper), its update as
the code that pages show, in TeX, and as the engine computes it: with ``out=`` and in-place calls on buffers allocated
once. What changes from step to step, the learning rate and Adam's bias corrections, comes in as ``scalars``: Python
floats on the CPU, elements of a device tensor inside a CUDA graph, where nothing the host computes can enter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from dlcore.network.settings import EXPONENTIAL_END, STEP_GAMMA, STEP_MILESTONES, TrainingConfig

Scalars = Sequence[float] | Tensor


@dataclass(frozen=True, slots=True)
class Hyper:
    """Hyper-parameters besides the learning rate; each optimizer takes those that its :class:`Rule` names.

    The defaults are torch's. ``decay`` is AdamW's weight decay. ``eps`` goes to all that divide by a root; torch's
    default for Adagrad is another one, which ``Rule.eps`` says.
    """

    momentum: float = TrainingConfig().momentum
    beta1: float = 0.9
    beta2: float = 0.999
    alpha: float = 0.99
    eps: float = 1e-8
    decay: float = 0.01

    def optimizer(self, id: str, theta: Tensor, lr: float) -> Optimizer:
        """Return the optimizer ``id`` with these hyper-parameters for parameters ``theta`` of any shape."""
        return Optimizer(theta, self.settings(id, lr), self)

    def settings(self, id: str, lr: float) -> TrainingConfig:
        """Return the training settings of the optimizer ``id``: no L1, and weight decay for AdamW alone."""
        decay = self.decay if id == "adamw" else 0.0
        return TrainingConfig(optimizer=id, lr=lr, momentum=self.momentum, l1=0.0, l2=decay)


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

    def __init__(self, theta: Tensor, settings: TrainingConfig, hyper: Hyper | None = None) -> None:
        self.theta, self.settings = theta, settings
        self.steps = 0
        self.rule = RULES[settings.optimizer]
        self.hyper = hyper or Hyper(eps=self.rule.eps)
        self.buffers = [torch.zeros_like(theta) for _ in range(self.rule.buffers)]
        self.scratch = torch.empty_like(theta)
        # x.add_(one, alpha=c) instead of x.add_(c), x.mul_(kept) instead of x.mul_(c): a Python number among tensors is
        # made a tensor at every call, which takes longer than the sum.
        self.one = theta.new_ones(())
        self.kept = theta.new_tensor(self.rule.kept(self.hyper))

    def next_scalars(self, lr: float) -> tuple[float, ...]:
        """The scalars of the step that is to be taken next, which is counted."""
        self.steps += 1
        return self.rule.scalars(self.steps, lr, self.hyper)

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
    r"""One optimizer: what torch calls it, its update as code, in TeX, and in place on preallocated buffers.

    Attributes
    ----------
    torch : the class of ``torch.optim``.
    hyper : the names in :class:`Hyper` that it takes besides the learning rate.
    state, code : Python that does the update: the assignment before the first step, and one step on ``theta`` with the
        gradient ``g``, the rate ``lr``, the step ``t`` = 1, 2, … and the names in ``hyper``.
    tex : the same step line by line, left side and right side; all of it is element by element.
    update : ``update(optimizer, grad, scalars)`` changes ``optimizer.theta`` in place.
    buffers : how many tensors like ``theta`` it keeps.
    scalars : the scalars of step t, the plain rate last.
    kept : the share of the running mean of squares that is kept at each step.
    decoupled : whether weight decay shrinks the weights themselves instead of passing through the gradient.
    nesterov : whether torch is told so.
    eps : torch's default.
    """

    torch: str
    hyper: tuple[str, ...]
    state: str
    code: str
    tex: tuple[tuple[str, str], ...]
    update: Callable[[Optimizer, Tensor, Scalars], None]
    buffers: int = 0
    scalars: Callable[[int, float, Hyper], tuple[float, ...]] = lambda step, lr, hyper: (lr,)
    kept: Callable[[Hyper], float] = lambda hyper: 0.0
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
    squares = opt.buffers[0].mul_(opt.kept).addcmul_(grad, grad, value=1 - opt.hyper.alpha)
    opt.descend(grad, torch.sqrt(squares, out=opt.scratch).add_(opt.one, alpha=opt.hyper.eps), scalars[0])


def _adam_scalars(step: int, lr: float, hyper: Hyper) -> tuple[float, ...]:
    # With the corrections c = 1 − βᵗ, lr/c₁ · m / (√(v/c₂) + ε) is (lr√c₂/c₁) · m / (√v + ε√c₂): one call fewer.
    root = math.sqrt(1 - hyper.beta2**step)
    return lr * root / (1 - hyper.beta1**step), hyper.eps * root, lr


def _adam(opt: Optimizer, grad: Tensor, scalars: Scalars) -> None:
    mean = opt.buffers[0].lerp_(grad, 1 - opt.hyper.beta1)
    # mul_ and addcmul_, as torch has it: of a square that overflows lerp_ would make inf - inf, which is NaN.
    squares = opt.buffers[1].mul_(opt.kept).addcmul_(grad, grad, value=1 - opt.hyper.beta2)
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

RULES: Final[Mapping[str, Rule]] = {
    "sgd": Rule(
        "SGD",
        (),
        state="",
        code="theta = theta - lr * g",
        tex=((_THETA, r"\theta_{t-1} - \eta\, g_t"),),
        update=_sgd,
    ),
    "momentum": Rule(
        "SGD",
        ("momentum",),
        state="v = 0",
        code="v = momentum * v + g\ntheta = theta - lr * v",
        tex=(_VELOCITY, (_THETA, r"\theta_{t-1} - \eta\, v_t")),
        update=_momentum,
        buffers=1,
    ),
    "nesterov": Rule(
        "SGD",
        ("momentum",),
        state="v = 0",
        code="v = momentum * v + g\ntheta = theta - lr * (g + momentum * v)",
        tex=(_VELOCITY, (_THETA, r"\theta_{t-1} - \eta\,(g_t + \mu v_t)")),
        update=_nesterov,
        buffers=1,
        nesterov=True,
    ),
    "adagrad": Rule(
        "Adagrad",
        ("eps",),
        state="s = 0",
        code="s = s + g**2\ntheta = theta - lr * g / (s.sqrt() + eps)",
        tex=(("s_t", r"s_{t-1} + g_t^2"), _OVER_ROOT),
        update=_adagrad,
        buffers=1,
        eps=1e-10,
    ),
    "rmsprop": Rule(
        "RMSprop",
        ("alpha", "eps"),
        state="s = 0",
        code="s = alpha * s + (1 - alpha) * g**2\ntheta = theta - lr * g / (s.sqrt() + eps)",
        tex=(("s_t", r"\alpha s_{t-1} + (1-\alpha)\, g_t^2"), _OVER_ROOT),
        update=_rmsprop,
        buffers=1,
        kept=lambda hyper: hyper.alpha,
    ),
    "adam": Rule(
        "Adam",
        ("beta1", "beta2", "eps"),
        state="m = v = 0",
        code=_ADAM_CODE,
        tex=(*_MOMENTS, (_THETA, rf"\theta_{{t-1}} - {_ADAM_STEP}")),
        update=_adam,
        buffers=2,
        scalars=_adam_scalars,
        kept=lambda hyper: hyper.beta2,
    ),
    "adamw": Rule(
        "AdamW",
        ("beta1", "beta2", "eps", "decay"),
        state="m = v = 0",
        code="theta = theta - lr * decay * theta\n" + _ADAM_CODE,
        tex=(*_MOMENTS, (_THETA, rf"\theta_{{t-1}} - \eta\lambda\,\theta_{{t-1}} - {_ADAM_STEP}")),
        update=_adam,
        buffers=2,
        scalars=_adam_scalars,
        kept=lambda hyper: hyper.beta2,
        decoupled=True,
    ),
}


def torch_arguments(settings: TrainingConfig, hyper: Hyper | None = None) -> dict[str, Any]:
    """Return the keyword arguments with which ``torch.optim`` makes the twin of :class:`Optimizer`.

    The learning rate comes first. Without ``hyper`` torch's own defaults hold, and are left out.
    """
    rule = RULES[settings.optimizer]
    arguments: dict[str, Any] = {"lr": settings.lr}
    if "momentum" in rule.hyper:
        arguments["momentum"] = settings.momentum
    if rule.nesterov and settings.momentum > 0:  # torch refuses it without momentum, where it is SGD
        arguments["nesterov"] = True
    if hyper and "beta1" in rule.hyper:
        arguments["betas"] = (hyper.beta1, hyper.beta2)
    if hyper:
        arguments |= {name: getattr(hyper, name) for name in ("alpha", "eps") if name in rule.hyper}
    if settings.l2 or rule.decoupled:  # AdamW's own default is another
        arguments["weight_decay"] = settings.l2
    return arguments


def torch_optimizer(model: nn.Module, settings: TrainingConfig) -> torch.optim.Optimizer:
    """Make the ``torch.optim`` twin of :class:`Optimizer`; L1 is the loss's business there."""
    kind: type[torch.optim.Optimizer] = getattr(torch.optim, RULES[settings.optimizer].torch)
    return kind(model.parameters(), **torch_arguments(settings))
