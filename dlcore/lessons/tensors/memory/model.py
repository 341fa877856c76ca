"""Where tensors keep their numbers: views that look at one storage, copies with their own, and writing through either.

>>> pair = make("t")
>>> pair.b.stride(), pair.shares, pair.place("b", (2, 0))
((1, 3), True, 2)
>>> make("view_t").refused.message[:33]
'view size is not compatible with '
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor

from dlcore.lessons.tensors.refusal import Refused
from dlcore.lessons.tensors.torch_errors import refused

SHAPE: Final = (2, 3)  # of a
Who = Literal["a", "b"]

# How b is made: the code, and the same as a function. In the order of the menu: views, copies, an error.
_MADE: Final[dict[str, tuple[str, Callable[[Tensor], Tensor]]]] = {
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
WAYS: Final = tuple(_MADE)
CODE: Final = {way: text for way, (text, _) in _MADE.items()}


def _storage(tensor: Tensor) -> Tensor:
    """All numbers of the storage that a tensor looks at, as (n,)."""
    return tensor.as_strided((tensor.untyped_storage().nbytes() // tensor.element_size(),), (1,), 0)


@dataclass(frozen=True, slots=True)
class Pair:
    """``a`` and what was made of it; ``b`` is None where torch refused."""

    way: str
    a: Tensor
    b: Tensor | None
    refused: Refused | None = None

    @property
    def shares(self) -> bool:
        """Whether both look at one storage."""
        return self.b is not None and self.a.untyped_storage().data_ptr() == self.b.untyped_storage().data_ptr()

    @property
    def first_same(self) -> bool:
        """Whether their first elements are one: ``a.data_ptr() == b.data_ptr()``."""
        return self.b is not None and self.a.data_ptr() == self.b.data_ptr()

    def tensor(self, who: Who) -> Tensor:
        """One of them; ``b`` falls back to ``a`` where there is none."""
        return self.b if who == "b" and self.b is not None else self.a

    def storage(self, who: Who) -> Tensor:
        """The numbers in the storage that one of them looks at, (n,)."""
        return _storage(self.tensor(who))

    def place(self, who: Who, index: Sequence[int]) -> int:
        """The storage cell of an element: offset + the sum of index · stride."""
        return place(self.tensor(who), index)

    def cells(self, who: Who, at: int) -> list[int]:
        """The places in ``flatten()`` of one of them that look at storage cell ``at``."""
        tensor = self.tensor(who)
        looked = torch.arange(len(self.storage(who))).as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())
        return [i for i, cell in enumerate(looked.flatten().tolist()) if cell == at]


def place(tensor: Tensor, index: Sequence[int]) -> int:
    """The storage cell of an element."""
    return int(tensor.storage_offset()) + sum(at * step for at, step in zip(index, tensor.stride(), strict=True))


def spelled(tensor: Tensor, index: Sequence[int]) -> str:
    """How that is worked out: ``0 + 2·1 + 0·3 = 2``."""
    terms = [f"{at}·{step}" for at, step in zip(index, tensor.stride(), strict=True)]
    return f"{' + '.join([str(tensor.storage_offset()), *terms])} = {place(tensor, index)}"


def make(way: str) -> Pair:
    """``a = torch.arange(6).reshape(2, 3)``, and b in one of :data:`WAYS`."""
    a = torch.arange(math.prod(SHAPE)).reshape(SHAPE)
    try:
        return Pair(way, a, _MADE[way][1](a))
    except RuntimeError as error:
        return Pair(way, a, None, refused(error))


def write(pair: Pair, who: Who, index: Sequence[int], value: int) -> int:
    """``who[index] = value``, in place. How many elements of the other one changed with it."""
    other = pair.tensor("a" if who == "b" else "b")
    before = other.clone()
    pair.tensor(who)[tuple(index)] = value
    return int((other != before).sum())


# The code, which name it sets, and whether that name goes on looking at its old storage is for the run to find out.
UPDATES: Final[Mapping[str, tuple[str, str]]] = {
    "iadd": ("Y += X", "Y"),
    "rebind": ("Y = Y + X", "Y"),
    "slice": ("Z[:] = X + Y", "Z"),
    "out": ("torch.add(X, Y, out=Z)", "Z"),
    "add_": ("Y.add_(X)", "Y"),
    "z_rebind": ("Z = X + Y", "Z"),
}
UPDATE_CODE: Final = {id: code for id, (code, _) in UPDATES.items()}


@dataclass(frozen=True, slots=True)
class Update:
    """Before and after an update: the name that was set, its values, those of ``old`` (a second name that was given to
    the same tensor before), and whether the storage stayed."""

    target: str
    before: Tensor
    after: Tensor
    old: Tensor
    kept: bool


def update(id: str) -> Update:
    """Carry out one of :data:`UPDATES` on X = [1, 2, 3], Y = [10, 20, 30], Z = [0, 0, 0].

    >>> update("iadd").kept, update("rebind").kept, update("rebind").old
    (True, False, tensor([10, 20, 30]))
    """
    X, Y, Z = torch.tensor([1, 2, 3]), torch.tensor([10, 20, 30]), torch.zeros(3, dtype=torch.int64)
    target = UPDATES[id][1]
    old = Y if target == "Y" else Z
    before, address = old.clone(), old.data_ptr()
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
    after = Y if target == "Y" else Z
    return Update(target, before, after, old, after.data_ptr() == address)
