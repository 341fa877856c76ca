"""Reductions against torch: shapes, sources, and the division by sums."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.tensors.reductions import model as reductions
from dlcore.lessons.tensors.reductions import programs
from dlcore.lessons.tensors.reductions.model import (
    FUNCTIONS,
    SEVERAL,
    Axis,
    counting_tensor,
    normalise,
    reduce,
    sources,
)
from dlcore.lessons.tensors.settings import LESSON

SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=3).map(tuple)


def test_the_functions_are_those_of_the_settings() -> None:
    assert LESSON.settings["reduction"].rule.options == FUNCTIONS  # type: ignore[union-attr]


@given(SHAPES, st.integers(0, 2), st.booleans(), st.sampled_from(["sum", "mean", "max", "min", "argmax"]))
def test_an_axis_is_removed(shape: tuple[int, ...], axis: int, keepdim: bool, function: str) -> None:
    result = reduce(counting_tensor(shape), function, axis, keepdim=keepdim)
    if axis >= len(shape):
        assert result.refused is not None
        assert result.refused.why == "axis_range"
        return
    assert result.values is not None
    left, right = shape[:axis], shape[axis + 1 :]
    assert tuple(result.values.shape) == ((*left, 1, *right) if keepdim else left + right)


AXES = [None, 0, 1, 2, (0, 1), (0, 2), (1, 2)]


@given(SHAPES, st.sampled_from(AXES), st.booleans(), st.sampled_from(FUNCTIONS))
def test_each_cell_is_the_reduction_of_its_sources(
    shape: tuple[int, ...], axis: Axis, keepdim: bool, function: str
) -> None:
    if (function == "cumsum" and axis is None) or (isinstance(axis, tuple) and function not in SEVERAL):
        return
    A = counting_tensor(shape)
    result = reduce(A, function, axis, keepdim=keepdim)
    shown = programs.snippet(shape, function, axis, keepdim, result)
    assert printed(shown.code) == shown.output
    if result.values is None:
        return
    for place, value in enumerate(result.values.flatten().tolist()):
        cell = tuple(int(i) for i in torch.unravel_index(torch.tensor(place), result.values.shape)) \
            if result.values.dim() else ()  # fmt: skip
        places = sorted(sources(shape, function, axis, keepdim, cell))
        entries = A.flatten()[places]
        expected = {
            "sum": entries.sum(), "cumsum": entries.sum(), "mean": entries.mean(), "max": entries.max(),
            "min": entries.min(), "argmax": entries.argmax(),
        }[function]  # fmt: skip
        assert value == pytest.approx(expected.item())
        assert "=" in reductions.calculation(A, function, set(places), result.values[cell])


@pytest.mark.parametrize("keepdim", [False, True])
@given(shape=SHAPES, axis=st.integers(0, 1))
def test_normalise_agrees_with_its_code_and_verdict(keepdim: bool, shape: tuple[int, ...], axis: int) -> None:
    result = normalise(counting_tensor(shape), axis, keepdim=keepdim)
    shown = programs.normalise_snippet(shape, axis, keepdim, result)
    assert printed(shown.code) == shown.output
    if keepdim:
        assert result.verdict == "ones"
        assert result.quotient_sums is not None
        assert torch.allclose(result.quotient_sums, torch.ones_like(result.quotient_sums))
    if result.verdict == "error":
        assert result.quotient.refused is not None
        assert result.quotient.refused.why == "broadcast"
    if result.verdict == "silent":
        assert result.quotient_sums is not None
        assert result.quotient.values is not None
        assert result.quotient.values.shape != torch.Size(shape) or (result.quotient_sums - 1).abs().max() > 1e-4


def test_rows_sum_to_one_or_not() -> None:
    assert normalise(counting_tensor((3, 4)), 1, keepdim=True).verdict == "ones"
    assert normalise(counting_tensor((3, 4)), 1, keepdim=False).verdict == "error"
    assert normalise(counting_tensor((3, 3)), 1, keepdim=False).verdict == "silent"
    assert normalise(counting_tensor((3, 4)), 0, keepdim=False).verdict == "ones"
