"""Storage: who shares it, which cell an element lies in, and what writing and updating do."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.tensors.memory import model as memory
from dlcore.lessons.tensors.memory import programs
from dlcore.lessons.tensors.memory.model import Who, make
from dlcore.lessons.tensors.settings import MADE, UPDATES

COPIES = {"clone", "add", "list", "mask", "contiguous", "reshape_t"}


def test_the_ways_are_the_configs() -> None:
    assert memory.WAYS == MADE
    assert tuple(memory.UPDATES) == UPDATES


@pytest.mark.parametrize("way", MADE)
def test_who_shares(way: str) -> None:
    pair = make(way)
    if way == "view_t":
        assert pair.refused is not None
        assert pair.refused.why == "view_strides"
        assert pair.b is None
        return
    assert pair.b is not None
    assert pair.shares is (way not in COPIES)
    assert pair.shares is bool(np.shares_memory(pair.a.numpy(), pair.b.numpy()))
    assert (pair.b is pair.a) is (way == "same")
    assert pair.first_same is (way not in COPIES | {"row", "column"})  # a[1] and a[:, 1] begin further on


def test_view_refuses_and_reshape_copies() -> None:
    a = torch.arange(6).reshape(2, 3)
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        a.t().view(6)
    assert make("view_t").b is None
    copied = make("reshape_t")
    assert copied.b is not None
    assert copied.b.tolist() == [0, 3, 1, 4, 2, 5]
    assert not copied.shares


@pytest.mark.parametrize("way", MADE)
@pytest.mark.parametrize("who", ["a", "b"])
def test_every_element_lies_in_its_cell(way: str, who: Who) -> None:
    pair = make(way)
    tensor, storage = pair.tensor(who), pair.storage(who)
    for place in range(tensor.numel()):
        index = [int(i) for i in torch.unravel_index(torch.tensor(place), tensor.shape)]
        at = pair.place(who, index)
        assert storage[at] == tensor[tuple(index)]
        assert place in pair.cells(who, at)
        assert memory.spelled(tensor, index).endswith(f"= {at}")


@given(st.sampled_from([way for way in MADE if way != "view_t"]), st.sampled_from(["a", "b"]), st.data())
def test_writing(way: str, who: str, data: st.DataObject) -> None:
    """What is written through one is seen in the other just where the other looks at the same cell."""
    writer = cast(Who, who)
    pair = make(way)
    index = [data.draw(st.integers(0, size - 1)) for size in pair.tensor(writer).shape]
    value = data.draw(st.integers(-99, 99))
    at = pair.place(writer, index)
    other: Who = "a" if who == "b" else "b"
    before = pair.tensor(other).clone()
    changed = memory.write(pair, writer, index, value)
    assert pair.tensor(writer)[tuple(index)] == value
    seen = pair.cells(other, at) if pair.shares else []
    differs = (pair.tensor(other) != before).flatten().nonzero().flatten().tolist()
    assert set(differs) <= set(seen)
    assert len(differs) == changed
    assert all(pair.tensor(other).flatten()[place] == value for place in seen)
    shown = programs.snippet(pair, (writer, index, value))
    assert printed(shown.code) == shown.output


@pytest.mark.parametrize("way", MADE)
def test_code_is_what_is_shown(way: str) -> None:
    shown = programs.snippet(make(way), None)
    assert memory.CODE[way] in shown.code
    assert printed(shown.code) == shown.output


@pytest.mark.parametrize("id", UPDATES)
def test_in_place_or_not(id: str) -> None:
    found = memory.update(id)
    assert found.kept is (id not in ("rebind", "z_rebind"))
    assert found.after.tolist() == [11, 22, 33]
    assert found.old.tolist() == (found.after if found.kept else found.before).tolist()
    shown = programs.update_snippet(id, found)
    assert printed(shown.code) == shown.output
