"""Every operation equals torch: the code shown, when run, gives the result that the page draws."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values

from dlcore.lessons.tensors.operations import model as operations
from dlcore.lessons.tensors.operations import programs as operations_programs
from dlcore.lessons.tensors.operations import sources as cell_sources
from dlcore.lessons.tensors.operations.model import (
    DTYPES,
    KINDS,
    OPERATIONS,
    PRESETS,
    OperationOutcome,
    WholeNumbersError,
    whole_numbers,
)
from dlcore.lessons.tensors.settings import LESSON, OPERATION_IDS
from dlcore.lessons.tensors.torch_errors import CATEGORIES, OTHER, explanation
from dlcore.programs.literal import tensor_literal
from dlcore.settings.rules import resized

m = torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]])
ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "k": st.integers(1, 6),
    "dim": st.integers(-2, 2),
    "descending": st.just(True),
    "diagonal": st.integers(-5, 5),
    "shape": st.lists(st.sampled_from([-2, -1, 1, 2, 3, 4, 6, 8]), min_size=1, max_size=4).map(tuple),
    "swap": st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    "dims": st.lists(st.integers(-3, 3), min_size=1, max_size=4).map(tuple),
}
INITIAL: dict[str, Any] = {"k": 2, "diagonal": 1, "shape": (4, 2), "swap": (0, 1), "dims": (2, 0, 1), "dim": 0}


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and torch.allclose(a, b, rtol=0, atol=0, equal_nan=True)


def on_initial_operands(id: str) -> tuple[list[torch.Tensor], dict[str, Any], OperationOutcome]:
    """Carry out an operation on its initial operands."""
    operation = OPERATIONS[id]
    operands = [operations.operand(kind, KINDS[kind], "float32") for kind in operation.operands]
    arguments = {name: INITIAL[name] for name in operation.arguments if name in INITIAL}
    return operands, arguments, operations.compute(operation, operands, arguments)


def run(id: str, *operands: Any, **arguments: Any) -> OperationOutcome:
    return operations.compute(OPERATIONS[id], [torch.tensor(operand) for operand in operands], arguments)


def test_the_registry_has_the_ids_of_the_settings() -> None:
    assert tuple(OPERATIONS) == OPERATION_IDS
    assert {kind for operation in OPERATIONS.values() for kind in operation.operands} == set(KINDS)
    assert all(LESSON.settings["first"].rule.allows(numbers) for numbers in KINDS.values())


@pytest.mark.parametrize("id", OPERATIONS)
def test_each_operation_accepts_its_initial_operands(id: str) -> None:
    operands, arguments, outcome = on_initial_operands(id)
    assert outcome.refused is None
    assert not cell_sources.oddity(OPERATIONS[id], operands, outcome.results)
    shown = operations_programs.snippet(OPERATIONS[id], operands, arguments, outcome)
    assert printed(shown.code) == shown.output


@pytest.mark.parametrize("id", OPERATIONS)
def test_each_operation_equals_its_code_over_random_operands(id: str) -> None:
    """The oracle is the code shown, run by Python, and not the registered call."""
    operation = OPERATIONS[id]
    grids = values(LESSON.settings["first"].rule)
    small = st.lists(st.lists(st.sampled_from([-2.0, -0.5, 0.0, 1.0, 3.0]), min_size=3, max_size=3), min_size=3)
    near = small.map(lambda rows: tuple(map(tuple, rows[:3])))

    @settings(max_examples=12)
    @given(
        st.tuples(*[st.one_of(near, grids, st.just(KINDS[kind])) for kind in operation.operands]),
        st.sampled_from(list(DTYPES)),
        st.fixed_dictionaries(
            {name: ARGUMENTS[name] for name in operation.arguments if name not in ("dim", "descending")},
            optional={name: ARGUMENTS[name] for name in operation.arguments if name in ("dim", "descending")},
        ),
    )
    def check(chosen: tuple[operations.Numbers, ...], dtype: str, arguments: dict[str, Any]) -> None:
        if id in operations.DIM_NEEDED:
            arguments = {"dim": 0, **arguments}
        operands = [operations.operand(k, g, dtype) for k, g in zip(operation.operands, chosen, strict=True)]
        outcome = operations.compute(operation, operands, arguments)
        shown = operations_programs.snippet(operation, operands, arguments, outcome)
        assert printed(shown.code) == shown.output
        if outcome.refused:
            assert outcome.refused.why != OTHER, outcome.refused.message
            return
        scope: dict[str, Any] = {}
        exec(compile(shown.code.replace("print", "id"), "<shown>", "exec"), scope)
        for name, result in zip(operations.names_of(operation, outcome), outcome.results, strict=True):
            assert same(scope[name], result)
        cell = cell_sources.clamped((1, 1, 1), outcome.results[0].shape)
        if cell is not None:
            places_of = cell_sources.sources(operation, operands, arguments, outcome.results[0].shape, cell)
            assert all(place < operand.numel() for places, operand in zip(places_of, operands, strict=True)
                       for place in places)  # fmt: skip

    check()


def test_the_norm_of_a_vector_and_of_a_matrix() -> None:
    assert run("norm", [3.0, -4.0]).results[0].item() == 5
    assert run("norm", [[1.0] * 9] * 4).results[0].item() == 6


def test_the_numbers_of_the_lecture() -> None:
    for id, expected in (("wide", [49.0, 47.0]), ("nine", [14.0, 32.0, 50.0])):
        chosen, *grids = PRESETS[id]
        operands = [
            operations.operand(k, g, "float32") for k, g in zip(OPERATIONS[chosen].operands, grids, strict=True)
        ]
        outcome = operations.compute(OPERATIONS[chosen], operands, {})
        assert outcome.results[0].tolist() == expected
        assert operations_programs.snippet(OPERATIONS[chosen], operands, {}, outcome).output.startswith("tensor([")
    (wide,) = run("matmul", m.tolist(), [1.0, 2, 3, 4]).results
    assert wide.tolist() == [49.0, 47.0]


@pytest.mark.parametrize(
    ("id", "operands", "arguments", "why"),
    [
        ("mm", ([[1.0, 2]], [[1.0, 2]]), {}, "inner_sizes"),
        ("bmm", ([[[1.0, 2]]], [[[1.0, 2]]]), {}, "inner_sizes"),
        ("mv", ([[1.0, 2]], [1.0]), {}, "inner_sizes"),
        ("mv", ([[1.0]], [[1.0]]), {}, "one_dimensional"),
        ("dot", ([[1.0]], [[1.0]]), {}, "one_dimensional"),
        ("dot", ([1.0, 2], [1.0]), {}, "dot_sizes"),
        ("cross", ([1.0, 2], [1.0, 2]), {}, "three_entries"),
        ("add", ([[1.0, 2]], [[1.0, 2, 3]]), {}, "broadcast"),
        ("cat", ([[1.0, 2]], [[1.0, 2, 3]]), {}, "cat_sizes"),
        ("stack", ([[1.0, 2]], [[1.0, 2, 3]]), {}, "stack_sizes"),
        ("inverse", ([[1.0, 2]],), {}, "not_square"),
        ("det", ([[1.0, 2]],), {}, "not_square"),
        ("inverse", ([[1.0, 2], [2, 4]],), {}, "singular"),
        ("reshape", ([[1.0, 2]],), {"shape": (3,)}, "numel"),
        ("reshape", ([[1.0, 2]],), {"shape": (-1, -1)}, "two_inferred"),
        ("reshape", ([[1.0, 2]],), {"shape": (-2, 1)}, "negative_size"),
        ("permute", ([[1.0, 2]],), {"dims": (0, 1, 2)}, "permute_count"),
        ("permute", ([[1.0, 2]],), {"dims": (0, 0)}, "repeated_axis"),
        ("sort", ([[1.0, 2]],), {"dim": 2}, "axis_range"),
        ("topk", ([[1.0, 2]],), {"k": 3}, "k_range"),
        ("floordiv", ([[1]], [[0]]), {}, "zero_division"),
        ("sub", ([[True]], [[True]]), {}, "bool_minus"),
        ("svd", ([[1]],), {}, "float_needed"),
        ("abs", ([[True]],), {}, "dtype"),
    ],
)
def test_refusals_have_a_category(id: str, operands: Any, arguments: dict[str, Any], why: str) -> None:
    outcome = run(id, *operands, **arguments)
    assert outcome.refused is not None
    assert outcome.refused.why == why
    tensors = [torch.tensor(operand) for operand in operands]
    shown = operations_programs.snippet(OPERATIONS[id], tensors, arguments, outcome)
    assert printed(shown.code) == shown.output == outcome.refused.text


def test_every_category_occurs() -> None:
    (mark,) = test_refusals_have_a_category.pytestmark  # type: ignore[attr-defined]
    met = {why for *_, why in mark.args[1]}
    assert met | {"view_strides", OTHER} == set(CATEGORIES)  # views are the business of memory
    assert explanation("something torch has never said") == OTHER


@pytest.mark.parametrize(
    ("id", "operands", "odd"),
    [
        ("sqrt", ([[-1.0]],), "root"),
        ("truediv", ([[1.0]], [[0.0]]), "division"),
        ("fmod", ([[1.0]], [[0.0]]), "division"),
        ("pow", ([[0.0]], [[-1.0]]), "power"),
        ("asin", ([[2.0]],), "arcsine"),
        ("acos", ([[2.0]],), "arcsine"),
        ("log", ([[0.0]],), "logarithm"),
        ("log", ([[1.0]],), ""),
        ("exp", ([[100.0]],), "overflow"),
        ("inverse", ([[1.0, 2], [3, 4]],), ""),
        ("sqrt", ([[4.0]],), ""),
    ],
)
def test_nan_and_inf_have_a_reason(id: str, operands: Any, odd: str) -> None:
    outcome = run(id, *operands)
    assert cell_sources.oddity(OPERATIONS[id], [torch.tensor(o) for o in operands], outcome.results) == odd


def test_a_singular_matrix_is_explained_whichever_way_it_was_rounded() -> None:
    """One processor's LU decomposition of these numbers ends in an exact 0, another's in a tiny number."""
    nine, inverse = torch.arange(1.0, 10).reshape(3, 3), OPERATIONS["inverse"]
    outcome = operations.compute(inverse, [nine], {})
    odd = cell_sources.oddity(inverse, [nine], outcome.results)
    assert (outcome.refused.why if outcome.refused else odd) in ("singular", "nearly_singular")
    assert cell_sources.oddity(inverse, [nine], [torch.full((3, 3), 1e7)]) == "nearly_singular"
    assert cell_sources.oddity(inverse, [nine], []) == ""


def test_nan_and_inf() -> None:
    assert math.isnan(run("sqrt", [[-1.0]]).results[0].item())
    assert run("truediv", [[1.0]], [[0.0]]).results[0].item() == math.inf
    assert math.isnan(run("asin", [[2.0]]).results[0].item())


@pytest.mark.parametrize("id", [id for id, operation in OPERATIONS.items() if operation.follows == "product"])
def test_the_marked_cells_are_those_of_the_sum(id: str) -> None:
    operands, arguments, outcome = on_initial_operands(id)
    (result,) = outcome.results
    for flat_place, value in enumerate(result.flatten().tolist()):
        cell = (
            tuple(int(i) for i in torch.unravel_index(torch.tensor(flat_place), result.shape)) if result.dim() else ()
        )
        left, right = cell_sources.sources(OPERATIONS[id], operands, arguments, result.shape, cell)
        pairs = zip(sorted(left), sorted(right), strict=True)
        total = sum(float(operands[0].flatten()[i] * operands[1].flatten()[j]) for i, j in pairs)
        assert total == value
        assert cell_sources.sum_text(*operands, result.shape, cell).endswith(f"= {value:g}")


@pytest.mark.parametrize("id", [id for id, operation in OPERATIONS.items() if operation.follows == "moved"])
def test_the_marked_cell_is_where_the_entry_was(id: str) -> None:
    operands, arguments, outcome = on_initial_operands(id)
    (result,) = outcome.results
    for place, value in enumerate(result.flatten().tolist()):
        cell = tuple(int(i) for i in torch.unravel_index(torch.tensor(place), result.shape))
        places_of = cell_sources.sources(OPERATIONS[id], operands, arguments, result.shape, cell)
        entries = [
            float(operand.flatten()[i]) for operand, places in zip(operands, places_of, strict=True) for i in places
        ]
        assert entries == [value]


def test_each_operation_belongs_to_an_idea() -> None:
    ideas = {"add": "elementwise", "cosh": "elementwise", "matmul": "product", "dot": "product", "det": "matrix"}
    ideas |= {"topk": "order", "max": "order", "cat": "shape", "reshape": "shape"}
    assert {id: OPERATIONS[id].idea for id in ideas} == ideas


def test_sources_of_broadcast_operands() -> None:
    a, b = torch.ones(2, 3), torch.ones(1, 3)
    assert cell_sources.sources(OPERATIONS["add"], [a, b], {}, (2, 3), (1, 2)) == [{5}, {2}]


@given(values(LESSON.settings["first"].rule), st.integers(1, 6), st.integers(1, 6), st.sampled_from([0.0, 1.0]))
def test_resizing_keeps_the_entries(numbers: operations.Numbers, rows: int, columns: int, fill: float) -> None:
    got = resized(numbers, rows, columns, fill=fill)
    assert (len(got), len(got[0])) == (rows, columns)
    assert resized(numbers) == numbers
    for r in range(rows):
        for c in range(columns):
            inside = r < len(numbers) and c < len(numbers[0])
            assert got[r][c] == (numbers[r][c] if inside else fill)


@given(values(LESSON.settings["first"].rule), st.sampled_from(list(DTYPES)))
def test_literals_read_back(numbers: operations.Numbers, dtype: str) -> None:
    tensor = operations.operand("matrix", numbers, dtype)
    assert same(eval(tensor_literal(tensor)), tensor)


def test_the_shape_of_an_operand_follows_from_its_kind() -> None:
    assert operations.operand("vector", ((1.0, 2.0),), "float32").shape == (2,)
    assert operations.operand("vector", ((1.0,), (2.0,)), "float32").shape == (2, 1)
    assert operations.operand("matrix", ((1.0, 2.0),), "int64").tolist() == [[1, 2]]
    assert operations.operand("batch", KINDS["batch"], "bool").shape == (2, 2, 3)
    assert operations.operand("batch", ((1.0,),), "float32").shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [(text, "not_whole") for text in ("1.5", "a, b", "1,,2", "1 2", "1234567890")]
    + [("1, 2, 3", "count"), ("", "count")],
)
def test_invalid_whole_numbers_raise_their_rule(text: str, rule: str) -> None:
    with pytest.raises(WholeNumbersError) as raised:
        whole_numbers(text, 1, 2)
    assert raised.value.rule == rule


def test_whole_numbers() -> None:
    assert whole_numbers(" (4, -1,) ", 1, 4) == (4, -1)
    assert whole_numbers("（４，−１）", 1, 4) == (4, -1)
    assert whole_numbers("[2]", 1, 4) == (2,)
