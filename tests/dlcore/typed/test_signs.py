"""What a Chinese keyboard types is read as if another one had typed it, and no more than that."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.typed.signs import ascii_signs, whole_numbers

SIGNS = string.digits + string.ascii_letters + string.punctuation


@given(st.text(SIGNS + " "))
def test_full_width_signs_are_the_others(text: str) -> None:
    wide = "".join("\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) for sign in text)
    assert ascii_signs(wide) == text == ascii_signs(text)


@given(st.lists(st.integers(-(10**9) + 1, 10**9 - 1), max_size=6), st.sampled_from(["{}", "({})", "[{}]", "【{}】"]))
def test_lists_are_read_as_python_and_people_write_them(numbers: list[int], brackets: str) -> None:
    for comma in (",", ", ", "，", "、"):
        assert whole_numbers(brackets.format(comma.join(map(str, numbers)))) == tuple(numbers)


@pytest.mark.parametrize("text", ["1.5", "a, b", "1,,2", "1 2", "1e3", "+1", "1_000", "𝟛", "²", "1234567890", "- 1"])
def test_what_is_no_list_of_whole_numbers(text: str) -> None:
    assert whole_numbers(text) is None
