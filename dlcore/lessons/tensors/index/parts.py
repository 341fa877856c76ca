"""What each part of an index expression does, bracket by bracket.

>>> from dlcore.lessons.tensors.index.syntax import parse
>>> step, = explain(parse("m[:, -1]"))
>>> step.shape, [(note.text, note.does, note.axis, note.entries) for note in step.notes]
((2,), [(':', 'all', 0, (0, 1)), ('-1', 'from_end', 1, (3,))])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from torch import Tensor

from dlcore.lessons.tensors.index.model import key, mask, tensor
from dlcore.lessons.tensors.index.syntax import Access, Bracket, Mask, Part

Does = Literal[
    "entry",
    "from_end",
    "all",
    "span",
    "nothing",
    "rest",
    "new",
    "list",
    "flags",
    "mask",
    "mask_axes",
    "paired",
    "unnamed",
]
_PICKING: Final = ("list", "flags", "mask")


@dataclass(frozen=True, slots=True)
class Note:
    """What a part does, by id.

    ``axis`` is the first one it takes, of the tensor before its bracket, and ``last`` the last. ``entries`` are those
    that are taken, if it is one axis; ``count`` is how many, of ``total``.
    """

    text: str
    does: Does
    axis: int
    last: int
    entries: tuple[int, ...] = ()
    count: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A bracket: the shapes before and after it, and a note for each of its parts and for the axes it does not name."""

    before: tuple[int, ...]
    shape: tuple[int, ...]
    notes: tuple[Note, ...]


def explain(access: Access) -> tuple[Step, ...]:
    """A step for each bracket of an access that torch takes."""
    whole = tensor(access.name)
    now, steps = whole, []
    for bracket in access.brackets:
        then = now[key(bracket, whole)]
        steps.append(Step(tuple(now.shape), tuple(then.shape), _notes(bracket, tuple(now.shape), whole)))
        now = then
    return tuple(steps)


def _axes(part: Part, whole: Tensor) -> int:
    """How many axes a part takes; of ``...`` and None, 0."""
    if isinstance(part.value, Mask):
        return mask(part.value, whole).dim()
    return 0 if part.kind in ("rest", "new") else 1


def _notes(bracket: Bracket, shape: tuple[int, ...], whole: Tensor) -> tuple[Note, ...]:
    taken = sum(_axes(part, whole) for part in bracket.parts)
    left, axis, found = len(shape) - taken, 0, []
    for part in bracket.parts:
        if part.kind == "rest":
            found.append(Note(part.text, "rest", axis, axis + left - 1, count=left))
            axis, left = axis + left, 0
            continue
        width = _axes(part, whole)
        found.append(_note(part, axis, axis + width - 1, shape, whole))
        axis += width
    if sum(part.kind in _PICKING for part in bracket.parts) > 1:
        found.append(Note(", ".join(part.text for part in bracket.parts), "paired", 0, 0))
    found += [Note("", "unnamed", at, at) for at in range(axis, len(shape))]
    return tuple(found)


def _note(part: Part, axis: int, last: int, shape: tuple[int, ...], whole: Tensor) -> Note:
    match part.value:
        case None:
            return Note(part.text, "new", axis, axis)
        case slice() as span:
            entries = tuple(range(*span.indices(shape[axis])))
            does: Does = "all" if len(entries) == shape[axis] else "span" if entries else "nothing"
            return Note(part.text, does, axis, axis, entries, len(entries), shape[axis])
        case int() as entry:
            size = shape[axis]
            return Note(part.text, "from_end" if entry < 0 else "entry", axis, axis, (entry % size,), 1, size)
        case list() as values if part.kind == "flags":
            entries = tuple(i for i, value in enumerate(values) if value)
            return Note(part.text, "flags", axis, axis, entries, len(entries), shape[axis])
        case list() as values:
            entries = tuple(value % max(shape[axis], 1) for value in values)  # paired with [], it may pick from nothing
            return Note(part.text, "list", axis, axis, entries, len(entries), shape[axis])
    truths = mask(part.value, whole)
    does = "mask_axes" if last > axis else "mask"
    return Note(part.text, does, axis, last, count=int(truths.sum()), total=truths.numel())
