"""Every constructor with every dtype: its code makes the tensor shown, and refusals have torch's message."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values

from dlcore.lessons.tensors.create.constructors import CONSTRUCTORS, parse_values
from dlcore.lessons.tensors.create.model import MAX_ELEMENTS, Comparison, compare, create, facts, relevant_settings
from dlcore.lessons.tensors.create.programs import snippet
from dlcore.lessons.tensors.settings import CONSTRUCTORS as IDS
from dlcore.lessons.tensors.settings import DTYPES, LESSON
from dlcore.typed.python import TypedError

NUMERIC = tuple(dtype for dtype in DTYPES if dtype != "bool")
FLOATS = ("float16", "float32", "float64")


def chosen(constructor: str, **changes: Any) -> dict[str, Any]:
    return {**LESSON.defaults(), "constructor": constructor, **changes}


def check(settings: dict[str, Any]) -> None:
    """Check that the code runs and prints the output shown, if one is shown."""
    shown = snippet(create(settings))
    output = printed(shown.code)
    assert shown.output in ("", output)


def test_the_menu_has_every_constructor() -> None:
    assert tuple(CONSTRUCTORS) == IDS


@pytest.mark.parametrize("constructor", IDS)
@pytest.mark.parametrize("dtype", ["default", *DTYPES])
def test_the_code_makes_what_is_shown(constructor: str, dtype: str) -> None:
    settings = chosen(constructor, dtype=dtype)
    made = create(settings)
    check(settings)
    if made.tensor is not None and dtype != "default" and "dtype" in relevant_settings(constructor):
        assert str(made.tensor.dtype) == f"torch.{dtype}"
    random = CONSTRUCTORS[constructor].random
    refused = (random and constructor != "randperm" and dtype not in ("default", *FLOATS)) or (
        constructor in ("randperm", "arange", "linspace") and dtype == "bool"
    )
    assert (made.refused is not None) is refused
    if made.refused:
        assert made.refused.why in ("floats_only", "no_bool")


@pytest.mark.parametrize(
    ("constructor", "expected"),
    [
        ("zeros", torch.zeros(2, 3)),
        ("ones", torch.ones(2, 3)),
        ("full", torch.full((2, 3), 7)),
        ("eye", torch.eye(3, 4)),
        ("arange", torch.tensor([0, 2, 4, 6, 8])),
        ("linspace", torch.linspace(3, 8, 20)),
        ("new_ones", torch.ones(2, 3, dtype=torch.float64)),
        ("zeros_like", torch.zeros(2, 3, dtype=torch.float64)),
        ("tensor", torch.tensor([[2, 5, 3, 7], [4, 2, 1, 9]])),
        ("Tensor", torch.tensor([[2.0, 5.0, 3.0, 7.0], [4.0, 2.0, 1.0, 9.0]])),
    ],
)
def test_values(constructor: str, expected: torch.Tensor) -> None:
    made = create(chosen(constructor)).tensor
    assert made is not None
    assert made.dtype == expected.dtype
    assert torch.equal(made, expected)


@pytest.mark.parametrize("constructor", [id for id in IDS if CONSTRUCTORS[id].random])
def test_only_the_seed_matters_and_the_global_generator_stays(constructor: str) -> None:
    before = torch.get_rng_state()
    one, same, other = (create(chosen(constructor, create_seed=seed)).tensor for seed in (1, 1, 2))
    assert one is not None
    assert same is not None
    assert other is not None
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"constructor": "arange", "arange_step": 0.0}, "step_zero"),
        ({"constructor": "arange", "arange_step": -1.0}, "step_sign"),
        ({"constructor": "arange", "arange_step": 0.5, "dtype": "int64"}, "step_whole"),
        ({"constructor": "normal", "normal_sd": -1.0}, "deviation"),
        ({"constructor": "uniform", "uniform_low": 2.0}, "interval"),
        ({"constructor": "full", "fill": 300.0, "dtype": "uint8"}, "overflow"),
        ({"constructor": "tensor", "values": "[1, 300]", "dtype": "uint8"}, "overflow"),
        ({"constructor": "randperm", "permuted": 1000, "dtype": "int8"}, "overflow"),
        ({"constructor": "tensor", "values": "[[1, 2], [3]]"}, "ragged"),
        ({"constructor": "tensor", "values": "[[1, 2], 3]"}, "ragged"),
        ({"constructor": "tensor", "values": "[1, [2, 3]]"}, "ragged"),
        ({"constructor": "Tensor", "values": "2.5"}, "sequence"),
        ({"constructor": "Tensor", "values": "-1"}, "negative"),
        ({"constructor": "randn_like", "source": "int64"}, "floats_only"),
    ],
)
def test_refusals_have_torchs_message_and_a_reason(changes: dict[str, Any], why: str) -> None:
    settings = chosen(**changes)
    made = create(settings)
    assert made.tensor is None
    assert made.refused is not None
    assert made.refused.why == why
    assert printed(snippet(made).code) == made.refused.text


@pytest.mark.parametrize(
    "changes",
    [
        {"constructor": "zeros", "shape": (2000, 2000)},
        {"constructor": "randn", "shape": (2000,) * 4},
        {"constructor": "arange", "arange_step": 1e-9},
        {"constructor": "arange", "arange_step": 5e-324},
        {"constructor": "Tensor", "values": "999999999"},
    ],
)
def test_too_many_elements_are_never_made(changes: dict[str, Any]) -> None:
    with pytest.raises(TypedError) as caught:
        create(chosen(**changes))
    assert caught.value.rule == "too_many_elements"
    assert caught.value.limits["max"] == MAX_ELEMENTS
    assert int(caught.value.limits["got"]) > MAX_ELEMENTS


def test_a_size_given_to_Tensor_is_uninitialised_memory() -> None:
    made = create(chosen("Tensor", values="3"))
    assert made.uninitialised
    assert made.tensor is not None
    assert made.tensor.shape == (3,)
    assert snippet(made).output == ""
    assert snippet(create(chosen("empty"))).output == ""


@pytest.mark.parametrize(
    ("text", "dtype", "made"),
    [
        ("[1, 2]", None, ("torch.int64", "torch.float32")),
        ("[1, 2.0]", None, ("torch.float32", "torch.float32")),
        ("[True, False]", None, ("torch.bool", "torch.float32")),
        ("3", None, ("torch.int64", "torch.float32", 3)),
        ("666", None, ("torch.int64", "torch.float32", 666)),
        ("999999999999", None, ("torch.int64", "torch.float32", 999999999999)),  # is compared, and not made
        ("-3", None, ("torch.int64", "")),
        ("2.5", None, ("torch.float32", "")),
        ("True", None, ("torch.bool", "")),
        ("[[1], [2, 3]]", None, ("", "")),
        ("[1, 300]", torch.uint8, ("", "torch.float32")),
        ("[1, 200]", torch.uint8, ("torch.uint8", "torch.float32")),
    ],
)
def test_torch_tensor_and_torch_Tensor_of_the_same_values(
    text: str, dtype: torch.dtype | None, made: tuple[str, str]
) -> None:
    assert compare(parse_values(text), dtype) == Comparison(*made)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("[1, 2", "bracket"),
        ("[1 2]", "syntax"),
        ("[a]", "not_value"),
        ("[None]", "not_value"),
        ("[1 + 2]", "not_value"),
        ("[-True]", "not_value"),
        ("x = 3", "not_value"),
        ("[__import__('os')]", "character"),
        ("[1e999]", "number"),
        ("[" + "9" * 390 + "]", "number"),
        ("[[[[[1]]]]]", "too_deep"),
        ("[" * 200 + "]" * 200, "too_deep"),
        ("[" + "1, " * 200 + "]", "too_long"),
    ],
)
def test_invalid_values_raise_their_rule(text: str, rule: str) -> None:
    with pytest.raises(TypedError) as caught:
        parse_values(text)
    assert caught.value.rule == rule


NESTED = st.recursive(
    st.one_of(st.integers(-(10**12), 10**12), st.booleans(), st.floats(-1e12, 1e12)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
).filter(lambda value: repr(value).count("[") < 5)


@settings(max_examples=300, deadline=None)
@given(NESTED)
def test_values_are_read_as_python_reads_them(value: Any) -> None:
    assert repr(parse_values(repr(value))) == repr(value)
    check(chosen("tensor", values=repr(value)))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="[](),.0123456789-+eETrueFals \0é", max_size=80))
def test_any_text_is_parsed_or_raises_TypedError(text: str) -> None:
    with contextlib.suppress(TypedError):
        parse_values(text)


@settings(max_examples=250, deadline=None)
@given(st.fixed_dictionaries({name: values(s.rule) for name, s in LESSON.settings.items() if s.key.startswith("c")}))
def test_any_settings_give_code_that_runs(settings: dict[str, Any]) -> None:
    with contextlib.suppress(TypedError):
        check(settings)


def test_facts() -> None:
    values_of = {id: value for id, _, value in facts(torch.zeros(2, 3, 4, dtype=torch.float16))}
    assert values_of["shape"] == "(2, 3, 4)"
    assert values_of["stride"] == "(12, 4, 1)"
    assert (values_of["len"], values_of["numel"], values_of["nbytes"]) == ("2", "24", "48")
    for x in (torch.zeros(2, 3).T, torch.tensor(3), torch.tensor([[2.5]]), torch.tensor(torch.inf), torch.ones(0)):
        for _, expression, value in facts(x):
            try:
                shown = eval(expression, {"x": x})
            except Exception as error:
                shown = type(error).__name__
            assert str(tuple(shown) if isinstance(shown, torch.Size) else shown) == value


def test_a_single_element_as_a_number_of_python() -> None:
    """Only a tensor of one element is a number, and only one with an axis has a length."""
    asked = ("len", "item", "float", "int")
    answers = {id: answer for id, _, answer in facts(torch.tensor(2.5)) if id in asked}
    assert answers == {"len": "TypeError", "item": "2.5", "float": "2.5", "int": "2"}
    answers = {id: answer for id, _, answer in facts(torch.ones(2, 3)) if id in asked}
    assert answers == {"len": "2", "item": "RuntimeError"}
    assert not {"item", "float", "int"} & {id for id, *_ in facts(torch.empty(1), uninitialised=True)}
    assert "print(x.numel(), x.item(), float(x), int(x))" in snippet(create(chosen("tensor", values="2.5"))).code
