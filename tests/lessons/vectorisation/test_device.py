"""The works that are timed on devices, and what the page says of ``.to(device)``; torch's meta device needs no GPU."""

import pytest
import torch
from programs import printed
from torch import nn

from dlcore.lessons.vectorisation import device, programs


def test_multiply_adds() -> None:
    """Counted from the weights: of a product of matrices each weight is used once a sample."""
    weights = sum(p.numel() for p in nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Linear(100, 3)).parameters())
    weights -= 100 + 3  # biases
    counts = {work: device.multiply_adds(work) for work in device.WORKS}
    assert counts == {"send": 0, "step": 10 * weights, "epoch": 3000 * weights, "product": 1024**3}


@pytest.mark.parametrize("work", device.WORKS)
def test_every_work_takes_time(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "SIDE", 8)
    assert 0 < device.seconds(work, "cpu") < 10


def test_the_device_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waited.append(True))
    monkeypatch.setitem(device.WORKS, "send", lambda _: lambda: None)
    monkeypatch.setattr(device, "TIMINGS", 3)
    device.seconds("send", "cuda")
    assert len(waited) == 4


def test_to_copies_a_tensor_and_moves_a_module() -> None:
    x, net = torch.ones(2), nn.Linear(2, 1)
    assert x.to("cpu") is x
    assert x.to("meta") is not x
    assert x.to("meta").device.type == "meta"
    with pytest.raises(RuntimeError):
        net(x.to("meta"))  # operands on two devices
    assert net.to("meta") is net
    assert {p.device.type for p in net.parameters()} == {"meta"}


def test_the_program_runs() -> None:
    assert "µs for a step, loss" in printed(programs.device_snippet().code)
