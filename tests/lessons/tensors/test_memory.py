"""Storage: which tensors share it, the cell of an element, assignments and updates."""

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
from dlcore.lessons.tensors.memory.model import TensorName, derive
from dlcore.lessons.tensors.settings import DERIVATION_IDS, UPDATES

COPIES = {"clone", "add", "list", "mask", "contiguous", "reshape_t"}


def test_the_derivations_are_those_of_the_settings() -> None:
    assert memory.DERIVATIONS == DERIVATION_IDS
    assert tuple(memory.UPDATES) == UPDATES


@pytest.mark.parametrize("way", DERIVATION_IDS)
def test_views_share_storage_and_copies_do_not(way: str) -> None:
    pair = derive(way)
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
    assert derive("view_t").b is None
    copied = derive("reshape_t")
    assert copied.b is not None
    assert copied.b.tolist() == [0, 3, 1, 4, 2, 5]
    assert not copied.shares


@pytest.mark.parametrize("way", DERIVATION_IDS)
@pytest.mark.parametrize("name", ["a", "b"])
def test_every_element_lies_in_its_cell(way: str, name: TensorName) -> None:
    pair = derive(way)
    tensor, storage = pair.tensor(name), pair.storage(name)
    for place in range(tensor.numel()):
        index = [int(i) for i in torch.unravel_index(torch.tensor(place), tensor.shape)]
        at = pair.place(name, index)
        assert storage[at] == tensor[tuple(index)]
        assert place in pair.cells(name, at)
        assert memory.address_text(tensor, index).endswith(f"= {at}")


@given(st.sampled_from([way for way in DERIVATION_IDS if way != "view_t"]), st.sampled_from(["a", "b"]), st.data())
def test_an_assignment_shows_in_the_other_tensor_only_where_they_share(
    way: str, name: str, data: st.DataObject
) -> None:
    """An assignment through one tensor changes the other only at elements in the same storage cell."""
    writer = cast(TensorName, name)
    pair = derive(way)
    index = [data.draw(st.integers(0, size - 1)) for size in pair.tensor(writer).shape]
    value = data.draw(st.integers(-99, 99))
    at = pair.place(writer, index)
    other: TensorName = "a" if name == "b" else "b"
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


@pytest.mark.parametrize("way", DERIVATION_IDS)
def test_the_code_prints_its_output(way: str) -> None:
    shown = programs.snippet(derive(way), None)
    assert memory.CODE[way] in shown.code
    assert printed(shown.code) == shown.output


@pytest.mark.parametrize("id", UPDATES)
def test_updates_in_place_keep_the_storage(id: str) -> None:
    result = memory.update(id)
    assert result.in_place is (id not in ("rebind", "z_rebind"))
    assert result.after.tolist() == [11, 22, 33]
    assert result.old.tolist() == (result.after if result.in_place else result.before).tolist()
    shown = programs.update_snippet(id, result)
    assert printed(shown.code) == shown.output


def test_which_updates_take_new_memory() -> None:
    """The right side of ``Z[:] = X + Y`` is a tensor of its own before it is copied."""
    taken = {id: memory.new_bytes(id) for id in UPDATES}
    one = torch.zeros(memory.VECTOR_LENGTH).nbytes
    assert one == 4_000_000
    assert taken == {"iadd": 0, "rebind": one, "slice": one, "out": 0, "add_": 0, "z_rebind": one}
    X, Y, Z = torch.ones(3), torch.ones(3), torch.zeros(3)
    address, temporary = Z.data_ptr(), X + Y
    Z[:] = temporary
    assert temporary.data_ptr() != Z.data_ptr() == address
