"""Reductions against torch: shapes, sources, and the division by sums."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.tensors.reductions import model as reductions
from dlcore.lessons.tensors.reductions import programs
from dlcore.lessons.tensors.reductions.model import FUNCTIONS, Axis, counted, normalise, reduce, sources
from dlcore.lessons.tensors.settings import LESSON

SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=3).map(tuple)


def test_the_functions_are_the_configs() -> None:
    assert LESSON.settings["reduction"].rule.options == FUNCTIONS  # type: ignore[union-attr]


@given(SHAPES, st.integers(0, 2), st.booleans(), st.sampled_from(["sum", "mean", "max", "min", "argmax"]))
def test_an_axis_is_removed(shape: tuple[int, ...], axis: int, keepdim: bool, function: str) -> None:
    found = reduce(counted(shape), function, axis, keepdim=keepdim)
    if axis >= len(shape):
        assert found.refused is not None
        assert found.refused.why == "axis_range"
        return
    assert found.values is not None
    left, right = shape[:axis], shape[axis + 1 :]
    assert tuple(found.values.shape) == ((*left, 1, *right) if keepdim else left + right)


@given(SHAPES, st.sampled_from([None, 0, 1, 2]), st.booleans(), st.sampled_from(FUNCTIONS))
def test_each_cell_is_made_of_its_sources(shape: tuple[int, ...], axis: Axis, keepdim: bool, function: str) -> None:
    if function == "cumsum" and axis is None:
        return
    A = counted(shape)
    found = reduce(A, function, axis, keepdim=keepdim)
    shown = programs.snippet(shape, function, axis, keepdim, found)
    assert printed(shown.code) == shown.output
    if found.values is None:
        return
    for place, value in enumerate(found.values.flatten().tolist()):
        cell = tuple(int(i) for i in torch.unravel_index(torch.tensor(place), found.values.shape)) \
            if found.values.dim() else ()  # fmt: skip
        places = sorted(sources(shape, function, axis, keepdim, cell))
        entries = A.flatten()[places]
        expected = {
            "sum": entries.sum(), "cumsum": entries.sum(), "mean": entries.mean(), "max": entries.max(),
            "min": entries.min(), "argmax": entries.argmax(),
        }[function]  # fmt: skip
        assert value == pytest.approx(expected.item())
        assert "=" in reductions.spelled(A, function, set(places), found.values[cell])


@pytest.mark.parametrize("keepdim", [False, True])
@given(shape=SHAPES, axis=st.integers(0, 1))
def test_normalising(keepdim: bool, shape: tuple[int, ...], axis: int) -> None:
    found = normalise(counted(shape), axis, keepdim=keepdim)
    shown = programs.normalise_snippet(shape, axis, keepdim, found)
    assert printed(shown.code) == shown.output
    if keepdim:
        assert found.verdict == "ones"
        assert found.again is not None
        assert torch.allclose(found.again, torch.ones_like(found.again))
    if found.verdict == "error":
        assert found.divided.refused is not None
        assert found.divided.refused.why == "broadcast"
    if found.verdict == "silent":
        assert found.again is not None
        assert found.divided.values is not None
        assert found.divided.values.shape != torch.Size(shape) or (found.again - 1).abs().max() > 1e-4


def test_rows_sum_to_one_or_not() -> None:
    assert normalise(counted((3, 4)), 1, keepdim=True).verdict == "ones"
    assert normalise(counted((3, 4)), 1, keepdim=False).verdict == "error"
    assert normalise(counted((3, 3)), 1, keepdim=False).verdict == "silent"
    assert normalise(counted((3, 4)), 0, keepdim=False).verdict == "ones"
