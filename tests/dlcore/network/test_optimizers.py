"""The hand-written update rules and schedules compared with torch.optim over whole runs."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from dlcore.network.optimizers import RULES, Optimizer, torch_optimizer
from dlcore.network.schedules import learning_rate, scheduler
from dlcore.network.settings import EXPONENTIAL_END, OPTIMIZERS, SCHEDULES, TrainingConfig

STEPS = 100


class Parameters(nn.Module):
    def __init__(self, theta: torch.Tensor) -> None:
        super().__init__()
        self.theta = nn.Parameter(theta.clone())


def both(settings: TrainingConfig, *, size: int = 23, dtype: torch.dtype = torch.float64):
    """Return our optimizer and torch's with the same parameters."""
    theta = torch.randn(size, generator=torch.Generator().manual_seed(1), dtype=dtype)
    twin = Parameters(theta)
    return Optimizer(theta.clone(), settings), twin, torch_optimizer(twin, settings)


def gradients(size: int = 23, dtype: torch.dtype = torch.float64):
    """Yield random gradients of all magnitudes; some elements are zero at times, and one always is."""
    stream = torch.Generator().manual_seed(2)
    for t in range(STEPS):
        g = torch.randn(size, generator=stream, dtype=dtype) * 10.0 ** (t % 7 - 4)
        g[torch.rand(size, generator=stream) < 0.1] = 0
        g[0] = 0
        yield g


def test_ids():
    assert tuple(RULES) == OPTIMIZERS


@pytest.mark.parametrize("scalars_are", ["floats", "tensor"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("id", OPTIMIZERS)
def test_updates_equal_those_of_torch(id, l2, momentum, scalars_are):
    settings = TrainingConfig(optimizer=id, lr=0.01, momentum=momentum, l2=l2)
    mine, twin, theirs = both(settings)
    for t, g in enumerate(gradients()):
        lr = 0.01 * 0.97**t  # as under a schedule
        for group in theirs.param_groups:
            group["lr"] = lr
        twin.theta.grad = g.clone()
        theirs.step()
        scalars = mine.next_scalars(lr)
        mine.step(g.clone(), scalars if scalars_are == "floats" else torch.tensor(scalars, dtype=torch.float64))
        torch.testing.assert_close(mine.theta, twin.theta.detach(), rtol=1e-10, atol=1e-10)
    assert mine.steps == STEPS


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_a_square_that_overflows_is_handled_as_in_torch(id):
    """Where g² is infinite, a parameter divided by its root stays as it is, and the others are updated."""
    settings = TrainingConfig(optimizer=id, lr=0.01, l2=0.0)
    mine, twin, theirs = both(settings)
    for g in gradients():
        g[:3] = 1e160
        twin.theta.grad = g.clone()
        theirs.step()
        mine.step(g.clone(), mine.next_scalars(settings.lr))
        torch.testing.assert_close(mine.theta, twin.theta.detach(), rtol=1e-10, atol=1e-10)
    assert mine.theta.isfinite().all()


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_scalars_in_a_tensor_give_the_same_updates_as_floats(id):
    settings = TrainingConfig(optimizer=id, lr=0.01, l1=0.01, l2=0.1)
    floats, _, _ = both(settings, dtype=torch.float32)
    tensors, _, _ = both(settings, dtype=torch.float32)
    for g in gradients(dtype=torch.float32):
        floats.step(g.clone(), floats.next_scalars(0.01))
        tensors.step(g.clone(), torch.tensor(tensors.next_scalars(0.01)))
    torch.testing.assert_close(tensors.theta, floats.theta, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_l1_adds_the_sign_to_the_gradient(id):
    settings = TrainingConfig(optimizer=id, lr=0.01, l1=0.3, l2=0.1)
    mine, twin, theirs = both(settings)
    with torch.no_grad():
        mine.theta[3] = twin.theta[3] = 0.0  # sign(0) = 0, as autograd has it for |·|
    for g in gradients():
        twin.theta.grad = None
        ((twin.theta * g).sum() + settings.l1 * twin.theta.abs().sum()).backward()
        theirs.step()
        mine.step(g.clone(), mine.next_scalars(settings.lr))
        torch.testing.assert_close(mine.theta, twin.theta.detach(), rtol=1e-10, atol=1e-10)


def test_weight_decay_of_adamw_is_decoupled():
    start = Optimizer(torch.ones(3, dtype=torch.float64), TrainingConfig(optimizer="adamw", lr=0.01, l2=0.5))
    start.step(torch.zeros(3, dtype=torch.float64), start.next_scalars(0.01))
    assert start.theta.tolist() == pytest.approx([1 - 0.01 * 0.5] * 3, abs=1e-15)


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_settings_may_change_between_steps(id):
    mine, twin, theirs = both(TrainingConfig(optimizer=id, lr=0.01, l2=0.1))
    for t, g in enumerate(gradients()):
        if t == 40:
            mine.settings = replace(mine.settings, momentum=0.5, l2=0.01)
            theirs.param_groups[0]["weight_decay"] = 0.01
            if "momentum" in theirs.param_groups[0] and id != "sgd" and id != "rmsprop":
                theirs.param_groups[0]["momentum"] = 0.5
        twin.theta.grad = g.clone()
        theirs.step()
        mine.step(g.clone(), mine.next_scalars(0.01))
        torch.testing.assert_close(mine.theta, twin.theta.detach(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("epochs", [1, 2, 3, 10, 97, 1000])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedule_equals_that_of_torch(schedule, epochs):
    settings = TrainingConfig(optimizer="sgd", lr=0.3, schedule=schedule, epochs=epochs)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=settings.lr)
    theirs = scheduler(settings, optimizer)
    assert (theirs is None) == (schedule == "constant")
    assert learning_rate(settings, 0) == settings.lr, "the first epoch has the whole rate, however short the run"
    for epoch in range(epochs):
        assert learning_rate(settings, epoch) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12)
        optimizer.step()
        if theirs:
            theirs.step()
    assert learning_rate(settings, epochs) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12)


def test_first_and_last_rate_of_each_schedule():
    def rates(schedule):
        settings = TrainingConfig(lr=2.0, schedule=schedule, epochs=100)
        return [learning_rate(settings, epoch) for epoch in range(101)]

    assert set(rates("constant")) == {2.0}
    assert sorted({round(lr, 12) for lr in rates("step")}) == [0.02, 0.2, 2.0]
    assert [rates("step").index(lr) for lr in dict.fromkeys(rates("step"))] == [0, 50, 75]
    assert rates("exponential")[-1] == pytest.approx(2.0 * EXPONENTIAL_END)
    assert rates("cosine")[50] == pytest.approx(1.0)
    assert rates("cosine")[-1] == pytest.approx(0.0)
    for schedule in SCHEDULES:
        assert rates(schedule) == sorted(rates(schedule), reverse=True)
        assert rates(schedule)[0] == 2.0
