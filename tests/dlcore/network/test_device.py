"""Available and missing devices on simulated machines."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dlcore.network import device
from dlcore.network.device import Device, describe, devices, resolve
from dlcore.network.settings import DEVICES


@pytest.fixture(autouse=True)
def _clear_cache() -> Iterator[None]:
    """Clear the cached devices before and after each test."""
    describe.cache_clear()
    yield
    describe.cache_clear()


def _pretend(monkeypatch: pytest.MonkeyPatch, module: object, **answers: object) -> None:
    for name, answer in answers.items():
        monkeypatch.setattr(module, name, lambda *args, _answer=answer: _answer)


def _cuda(monkeypatch: pytest.MonkeyPatch, *, built: bool, available: bool, name: str = "NVIDIA H200") -> None:
    _pretend(monkeypatch, torch.backends.cuda, is_built=built)
    _pretend(monkeypatch, torch.cuda, is_available=available, get_device_name=name)


def _mps(monkeypatch: pytest.MonkeyPatch, *, built: bool, available: bool, recent: bool = True) -> None:
    _pretend(
        monkeypatch,
        torch.backends.mps,
        is_built=built,
        is_available=available,
        is_macos_or_newer=recent,
        get_name="Apple M2",
    )


def test_every_device_is_described_in_the_order_of_the_config() -> None:
    assert tuple(found.id for found in devices()) == DEVICES
    for found in devices():
        assert found.available == (found.reason == "") == (found.name != "")
        assert found.reason in ("", *device.REASONS)


def test_cpu_is_always_available() -> None:
    assert describe("cpu").available
    assert describe("cpu").name


@pytest.mark.parametrize(
    ("cpuinfo", "processor", "machine", "name"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nmodel name\t: other\n", "x86_64", "x86_64", "AMD EPYC 7B13"),
        ("processor\t: 0\nCPU implementer\t: 0x41\n", "", "aarch64", "aarch64"),
        ("model name\t: \n", "", "riscv64", "riscv64"),
        (None, "arm", "arm64", "arm"),
        (None, "", "", "CPU"),
    ],
)
def test_cpu_name(
    cpuinfo: str | None, processor: str, machine: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        path.write_text(cpuinfo, encoding="utf-8")
    monkeypatch.setattr(device, "CPUINFO", path)
    _pretend(monkeypatch, platform, processor=processor, machine=machine)
    assert describe("cpu") == Device("cpu", True, name)


def test_cuda_present(monkeypatch: pytest.MonkeyPatch) -> None:
    _cuda(monkeypatch, built=True, available=True)
    assert describe("cuda") == Device("cuda", True, "NVIDIA H200")
    assert resolve("cuda") == ("cuda", [])


def test_mps_present(monkeypatch: pytest.MonkeyPatch) -> None:
    _mps(monkeypatch, built=True, available=True)
    assert describe("mps") == Device("mps", True, "Apple M2")
    assert resolve("mps") == ("mps", [])


@pytest.mark.parametrize(("built", "reason"), [(False, device.NOT_BUILT), (True, device.NO_DRIVER_OR_GPU)])
def test_cuda_missing(built: bool, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _cuda(monkeypatch, built=built, available=False)
    _mps(monkeypatch, built=False, available=False)
    assert describe("cuda") == Device("cuda", False, reason=reason)
    found, (violation,) = resolve("cuda")
    assert found == "cpu"
    assert (violation.field, violation.rule, violation.value) == ("device", "device_missing", "cuda")
    assert violation.limits == {"reason": reason, "available": ("cpu",)}
    assert str(violation) == f"device must be one of cpu on this machine, got 'cuda' ({reason})"


@pytest.mark.parametrize(
    ("built", "recent", "reason"),
    [(False, True, device.NOT_BUILT), (True, False, device.OS_TOO_OLD), (True, True, device.NO_DRIVER_OR_GPU)],
)
def test_mps_missing(built: bool, recent: bool, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _cuda(monkeypatch, built=True, available=True)
    _mps(monkeypatch, built=built, available=False, recent=recent)
    assert describe("mps") == Device("mps", False, reason=reason)
    found, (violation,) = resolve("mps")
    assert found == "cpu"
    assert violation.limits == {"reason": reason, "available": ("cpu", "cuda")}


@pytest.mark.parametrize("error", [RuntimeError("CUDA driver initialization failed"), AssertionError("broken build")])
def test_cuda_that_does_not_start_is_missing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise error

    _cuda(monkeypatch, built=True, available=True)
    monkeypatch.setattr(torch.cuda, "get_device_name", fail)
    assert describe("cuda") == Device("cuda", False, reason=device.FAILED)


def test_a_run_on_the_cpu_does_not_query_other_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*args: object) -> bool:
        raise AssertionError("asked")

    for module in (torch.cuda, torch.backends.cuda, torch.backends.mps):
        for name in ("is_available", "is_built"):
            monkeypatch.setattr(module, name, asked, raising=False)
    assert resolve("cpu") == ("cpu", [])
    assert describe("cpu").available


def test_a_missing_cuda_is_not_initialised(monkeypatch: pytest.MonkeyPatch) -> None:
    def initialised(*args: object) -> str:
        raise AssertionError("initialised")

    _cuda(monkeypatch, built=True, available=False)
    monkeypatch.setattr(torch.cuda, "get_device_name", initialised)
    assert describe("cuda").reason == device.NO_DRIVER_OR_GPU


def test_devices_are_probed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _cuda(monkeypatch, built=True, available=True)
    before = devices()
    _cuda(monkeypatch, built=True, available=False)
    assert devices() == before


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ValueError, match="device must be one of cpu, cuda, mps, got 'tpu'"):
        describe("tpu")
    found, (violation,) = resolve("tpu")
    assert found == "cpu"
    assert (violation.field, violation.rule, violation.value) == ("device", "one_of", "tpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_real_cuda_computes() -> None:
    assert describe("cuda").name == torch.cuda.get_device_name()
    assert torch.ones(2, device=describe("cuda").id).sum().item() == 2
