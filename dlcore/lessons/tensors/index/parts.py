"""Explanations of an index expression: the effect of each part, bracket by bracket.

>>> from dlcore.lessons.tensors.index.syntax import parse
>>> step, = explain(parse("m[:, -1]"))
>>> step.shape, [(note.text, note.effect, note.axis, note.entries) for note in step.notes]
((2,), [(':', 'all', 0, (0, 1)), ('-1', 'from_end', 1, (3,))])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from torch import Tensor

from dlcore.lessons.tensors.index.model import example_tensor, key, mask
from dlcore.lessons.tensors.index.syntax import Access, Bracket, IndexPart, Mask

Effect = Literal[
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
    """The effect of one part of an index expression.

    ``axis`` and ``last`` are the first and last axis it uses up, of the tensor before its bracket. ``entries`` are the
    ones it selects along a single axis; ``count`` is how many of ``total``.
    """

    text: str
    effect: Effect
    axis: int
    last: int
    entries: tuple[int, ...] = ()
    count: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class BracketStep:
    """One bracket: the shapes before and after it, and a note for each part and for each axis it leaves out."""

    before: tuple[int, ...]
    shape: tuple[int, ...]
    notes: tuple[Note, ...]


def explain(access: Access) -> tuple[BracketStep, ...]:
    """Return a step for each bracket of an access that torch accepts."""
    source = example_tensor(access.name)
    now, steps = source, []
    for bracket in access.brackets:
        then = now[key(bracket, source)]
        steps.append(BracketStep(tuple(now.shape), tuple(then.shape), _notes(bracket, tuple(now.shape), source)))
        now = then
    return tuple(steps)


def _axes(part: IndexPart, source: Tensor) -> int:
    """Return how many axes a part uses up; 0 for ``...`` and None."""
    if isinstance(part.value, Mask):
        return mask(part.value, source).dim()
    return 0 if part.kind in ("rest", "new") else 1


def _notes(bracket: Bracket, shape: tuple[int, ...], source: Tensor) -> tuple[Note, ...]:
    taken = sum(_axes(part, source) for part in bracket.parts)
    left, axis, notes = len(shape) - taken, 0, []
    for part in bracket.parts:
        if part.kind == "rest":
            notes.append(Note(part.text, "rest", axis, axis + left - 1, count=left))
            axis, left = axis + left, 0
            continue
        axes = _axes(part, source)
        notes.append(_note(part, axis, axis + axes - 1, shape, source))
        axis += axes
    if sum(part.kind in _PICKING for part in bracket.parts) > 1:
        notes.append(Note(", ".join(part.text for part in bracket.parts), "paired", 0, 0))
    notes += [Note("", "unnamed", at, at) for at in range(axis, len(shape))]
    return tuple(notes)


def _note(part: IndexPart, axis: int, last: int, shape: tuple[int, ...], source: Tensor) -> Note:
    match part.value:
        case None:
            return Note(part.text, "new", axis, axis)
        case slice() as span:
            entries = tuple(range(*span.indices(shape[axis])))
            effect: Effect = "all" if len(entries) == shape[axis] else "span" if entries else "nothing"
            return Note(part.text, effect, axis, axis, entries, len(entries), shape[axis])
        case int() as entry:
            size = shape[axis]
            return Note(part.text, "from_end" if entry < 0 else "entry", axis, axis, (entry % size,), 1, size)
        case list() as values if part.kind == "flags":
            entries = tuple(i for i, value in enumerate(values) if value)
            return Note(part.text, "flags", axis, axis, entries, len(entries), shape[axis])
        case list() as values:
            entries = tuple(value % max(shape[axis], 1) for value in values)  # paired with [], it may pick from nothing
            return Note(part.text, "list", axis, axis, entries, len(entries), shape[axis])
    truths = mask(part.value, source)
    effect = "mask_axes" if last > axis else "mask"
    return Note(part.text, effect, axis, last, count=int(truths.sum()), total=truths.numel())
