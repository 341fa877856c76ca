"""Learning-rate schedules, by a formula and as torch's schedulers."""

from __future__ import annotations

import math

import torch

from dlcore.network.settings import EXPONENTIAL_END, STEP_GAMMA, STEP_MILESTONES, TrainingConfig


def learning_rate(config: TrainingConfig, epoch: int) -> float:
    """Return the learning rate of epoch ``epoch``, counted from 0, as ``torch.optim.lr_scheduler`` computes it."""
    lr, share = config.lr, epoch / config.epochs
    if config.schedule == "step":
        return lr * float(STEP_GAMMA ** sum(epoch >= milestone for milestone in milestones(config)))
    if config.schedule == "cosine":
        return lr * (1 + math.cos(math.pi * min(share, 1.0))) / 2
    if config.schedule == "exponential":
        return lr * float(EXPONENTIAL_END**share)
    return lr


def milestones(config: TrainingConfig) -> list[int]:
    """Return the epochs at which the "step" schedule lowers the learning rate, each at least 1."""
    return [max(1, round(share * config.epochs)) for share in STEP_MILESTONES]


def scheduler(config: TrainingConfig, optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler | None:
    """Return the torch scheduler, to be stepped once an epoch, of the same rates as :func:`learning_rate`, if any."""
    if config.schedule == "step":
        return torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones(config), STEP_GAMMA)
    if config.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.epochs)
    if config.schedule == "exponential":
        return torch.optim.lr_scheduler.ExponentialLR(optimizer, EXPONENTIAL_END ** (1 / config.epochs))
    return None
