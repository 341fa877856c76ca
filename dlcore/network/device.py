"""The devices of this machine: which are available, their names, and why the others are missing.

The CPU is always available. CUDA is queried only when somebody asks about it; a run on the CPU never does.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from dlcore.network.settings import DEVICES
from dlcore.settings.rules import OneOf, Setting, Violation, broken_rule

CPUINFO: Final = Path("/proc/cpuinfo")
# The oldest macOS with which torch's Metal backend works: https://github.com/pytorch/pytorch/pull/177390
MACOS: Final = (14, 0)

# Reasons why a device is missing.
NOT_BUILT: Final = "not_built"  # this torch was built without support for it
NO_DRIVER_OR_GPU: Final = "no_driver_or_gpu"
OS_TOO_OLD: Final = "os_too_old"
FAILED: Final = "failed"  # a device was found and does not start
REASONS: Final = (NOT_BUILT, NO_DRIVER_OR_GPU, OS_TOO_OLD, FAILED)  # for the tests: each needs a label


@dataclass(frozen=True, slots=True)
class Device:
    """A device of ``settings.DEVICES``: the name of its chip if available, else the reason why it is missing."""

    id: str
    available: bool
    name: str = ""
    reason: str = ""


@functools.cache
def describe(id: str) -> Device:
    """Return the device ``id``, which is probed once per process (``describe.cache_clear()`` resets that).

    Its name is the chip's: "NVIDIA H200", "Apple M2", "Intel(R) Xeon(R) Processor".

    Raises
    ------
    ValueError : if ``id`` is not in ``settings.DEVICES``.
    """
    if id not in _PROBES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}, got {id!r}")
    return _PROBES[id]()


def devices() -> tuple[Device, ...]:
    """Return every device of ``settings.DEVICES``, available or not, in that order."""
    return tuple(map(describe, DEVICES))


def resolve(id: str) -> tuple[str, list[Violation]]:
    """Return ``id`` if this machine has that device, else "cpu" and the violation ``device_missing``."""
    if id == "cpu":
        return id, []
    if id not in DEVICES:
        return "cpu", [broken_rule(Setting("device", "g", OneOf(DEVICES), "cpu"), id)]
    wanted = describe(id)
    if wanted.available:
        return id, []
    available = tuple(device.id for device in devices() if device.available)
    text = f"device must be one of {', '.join(available)} on this machine, got {id!r} ({wanted.reason})"
    limits = {"reason": wanted.reason, "available": available}
    return "cpu", [Violation("device", "device_missing", id, limits, text)]


def _cpu() -> Device:
    try:
        with CPUINFO.open(encoding="utf-8", errors="replace") as lines:
            names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            name = next(names, "")
    except OSError:  # only Linux has the file; on ARM it has no such line
        name = ""
    return Device("cpu", True, name or platform.processor() or platform.machine() or "CPU")


def _cuda() -> Device:
    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        return Device("cuda", False, reason=NOT_BUILT)
    try:
        if not torch.cuda.is_available():
            return Device("cuda", False, reason=NO_DRIVER_OR_GPU)
        return Device("cuda", True, torch.cuda.get_device_name())  # the first call that initialises CUDA
    except (RuntimeError, AssertionError):
        return Device("cuda", False, reason=FAILED)


def _mps() -> Device:
    if not torch.backends.mps.is_built():
        return Device("mps", False, reason=NOT_BUILT)
    if torch.backends.mps.is_available():
        return Device("mps", True, torch.backends.mps.get_name())
    recent = torch.backends.mps.is_macos_or_newer(*MACOS)
    return Device("mps", False, reason=NO_DRIVER_OR_GPU if recent else OS_TOO_OLD)


_PROBES: Final[Mapping[str, Callable[[], Device]]] = {"cpu": _cpu, "cuda": _cuda, "mps": _mps}
