"""The storage of tensors: views that share one, copies with their own, and writing in place.

>>> pair = derive("t")
>>> pair.b.stride(), pair.shares, pair.place("b", (2, 0))
((1, 3), True, 2)
>>> derive("view_t").refused.message[:33]
'view size is not compatible with '
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from dlcore.lessons.tensors.refusal import Refused
from dlcore.lessons.tensors.torch_errors import refused

SHAPE: Final = (2, 3)  # of a
TensorName = Literal["a", "b"]

# How b is derived from a: the code, and the same as a function. The menu shows views, then copies, then an error.
_DERIVATIONS: Final[dict[str, tuple[str, Callable[[Tensor], Tensor]]]] = {
    "same": ("a", lambda a: a),
    "view": ("a.view(3, 2)", lambda a: a.view(3, 2)),
    "reshape": ("a.reshape(3, 2)", lambda a: a.reshape(3, 2)),
    "t": ("a.t()", lambda a: a.t()),
    "transpose": ("a.transpose(0, 1)", lambda a: a.transpose(0, 1)),
    "permute": ("a.permute(1, 0)", lambda a: a.permute(1, 0)),
    "row": ("a[1]", lambda a: a[1]),
    "column": ("a[:, 1]", lambda a: a[:, 1]),
    "step": ("a[:, ::2]", lambda a: a[:, ::2]),
    "unsqueeze": ("a.unsqueeze(0)", lambda a: a.unsqueeze(0)),
    "squeeze": ("a[:1].squeeze(0)", lambda a: a[:1].squeeze(0)),
    "expand": ("a[:, :1].expand(2, 4)", lambda a: a[:, :1].expand(2, 4)),
    "detach": ("a.detach()", lambda a: a.detach()),
    "numpy": ("torch.from_numpy(a.numpy())", lambda a: torch.from_numpy(a.numpy())),
    "clone": ("a.clone()", lambda a: a.clone()),
    "add": ("a + 0", lambda a: a + 0),
    "list": ("a[:, [0, 2]]", lambda a: a[:, [0, 2]]),
    "mask": ("a[a > 2]", lambda a: a[a > 2]),
    "contiguous": ("a.t().contiguous()", lambda a: a.t().contiguous()),
    "reshape_t": ("a.t().reshape(6)", lambda a: a.t().reshape(6)),
    "view_t": ("a.t().view(6)", lambda a: a.t().view(6)),
}
DERIVATIONS: Final = tuple(_DERIVATIONS)
CODE: Final = {way: text for way, (text, _) in _DERIVATIONS.items()}


def _storage(tensor: Tensor) -> Tensor:
    """Return all numbers in the storage of a tensor, (n,)."""
    return tensor.as_strided((tensor.untyped_storage().nbytes() // tensor.element_size(),), (1,), 0)


@dataclass(frozen=True, slots=True)
class TensorPair:
    """The tensor ``a`` and the one derived from it, ``b``; ``b`` is None where torch refused."""

    way: str
    a: Tensor
    b: Tensor | None
    refused: Refused | None = None

    @property
    def shares(self) -> bool:
        """Return whether both tensors share one storage."""
        return self.b is not None and self.a.untyped_storage().data_ptr() == self.b.untyped_storage().data_ptr()

    @property
    def first_same(self) -> bool:
        """Return whether both begin at the same address: ``a.data_ptr() == b.data_ptr()``."""
        return self.b is not None and self.a.data_ptr() == self.b.data_ptr()

    def tensor(self, name: TensorName) -> Tensor:
        """Return ``a`` or ``b``; return ``a`` if there is no ``b``."""
        return self.b if name == "b" and self.b is not None else self.a

    def storage(self, name: TensorName) -> Tensor:
        """Return all numbers in the storage of ``a`` or ``b``, (n,)."""
        return _storage(self.tensor(name))

    def place(self, name: TensorName, index: Sequence[int]) -> int:
        """Return the storage cell of an element of ``a`` or ``b``."""
        return place(self.tensor(name), index)

    def cells(self, name: TensorName, at: int) -> list[int]:
        """Return the positions in ``flatten()`` of ``a`` or ``b`` that lie in storage cell ``at``."""
        tensor = self.tensor(name)
        numbers = torch.arange(len(self.storage(name)))
        cells = numbers.as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())
        return [i for i, cell in enumerate(cells.flatten().tolist()) if cell == at]


def place(tensor: Tensor, index: Sequence[int]) -> int:
    """Return the storage cell of an element: offset + the sum of index · stride."""
    return int(tensor.storage_offset()) + sum(at * step for at, step in zip(index, tensor.stride(), strict=True))


def address_text(tensor: Tensor, index: Sequence[int]) -> str:
    """Return the calculation of the storage cell, such as ``0 + 2·1 + 0·3 = 2``."""
    terms = [f"{at}·{step}" for at, step in zip(index, tensor.stride(), strict=True)]
    return f"{' + '.join([str(tensor.storage_offset()), *terms])} = {place(tensor, index)}"


def derive(way: str) -> TensorPair:
    """Return ``a = torch.arange(6).reshape(2, 3)`` and b, derived in one of the ways of :data:`DERIVATIONS`."""
    a = torch.arange(math.prod(SHAPE)).reshape(SHAPE)
    try:
        return TensorPair(way, a, _DERIVATIONS[way][1](a))
    except RuntimeError as error:
        return TensorPair(way, a, None, refused(error))


def write(pair: TensorPair, name: TensorName, index: Sequence[int], value: int) -> int:
    """Set ``name[index] = value`` in place; return how many elements of the other tensor changed with it."""
    other = pair.tensor("a" if name == "b" else "b")
    before = other.clone()
    pair.tensor(name)[tuple(index)] = value
    return int((other != before).sum())


# The code and the name it sets. Whether that name keeps its storage is observed, not stated here.
UPDATES: Final[Mapping[str, tuple[str, str]]] = {
    "iadd": ("Y += X", "Y"),
    "rebind": ("Y = Y + X", "Y"),
    "slice": ("Z[:] = X + Y", "Z"),
    "out": ("torch.add(X, Y, out=Z)", "Z"),
    "add_": ("Y.add_(X)", "Y"),
    "z_rebind": ("Z = X + Y", "Z"),
}
VECTOR_LENGTH: Final = 1_000_000  # of the vectors for which a page says how much memory an update takes
UPDATE_CODE: Final = {id: code for id, (code, _) in UPDATES.items()}


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """The name that an update set, its values before and after, and whether its storage stayed (``in_place``).

    ``old`` is a second name that was given to the same tensor before the update.
    """

    target: str
    before: Tensor
    after: Tensor
    old: Tensor
    in_place: bool


def update(id: str) -> UpdateResult:
    """Carry out one of :data:`UPDATES` on X = [1, 2, 3], Y = [10, 20, 30], Z = [0, 0, 0].

    >>> update("iadd").in_place, update("rebind").in_place, update("rebind").old
    (True, False, tensor([10, 20, 30]))
    """
    X, Y, Z = torch.tensor([1, 2, 3]), torch.tensor([10, 20, 30]), torch.zeros(3, dtype=torch.int64)
    target = UPDATES[id][1]
    old = Y if target == "Y" else Z
    before, address = old.clone(), old.data_ptr()
    Y, Z = _carry_out(id, X, Y, Z)
    after = Y if target == "Y" else Z
    return UpdateResult(target, before, after, old, after.data_ptr() == address)


def _carry_out(id: str, X: Tensor, Y: Tensor, Z: Tensor) -> tuple[Tensor, Tensor]:
    """Carry out an update; return the tensors that are named Y and Z after it."""
    match id:
        case "iadd":
            Y += X
        case "rebind":
            Y = Y + X
        case "slice":
            Z[:] = X + Y
        case "out":
            torch.add(X, Y, out=Z)
        case "add_":
            Y.add_(X)
        case "z_rebind":
            Z = X + Y
    return Y, Z


class _NewStorages(TorchFunctionMode):
    """Add up the bytes of the storages that operations make for their results."""

    def __init__(self, *known: Tensor) -> None:
        super().__init__()
        self.bytes = 0
        self._known = {tensor.data_ptr() for tensor in known}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.data_ptr() not in self._known:
            self.bytes += result.nbytes
        return result


@lru_cache(maxsize=len(UPDATES))
def new_bytes(id: str) -> int:
    """Return the bytes of new memory that an update takes, for vectors of VECTOR_LENGTH float32.

    >>> new_bytes("iadd"), new_bytes("slice")
    (0, 4000000)
    """
    X, Y, Z = (torch.zeros(VECTOR_LENGTH) for _ in range(3))
    made = _NewStorages(X, Y, Z)
    with made:
        _carry_out(id, X, Y, Z)
    return made.bytes
