"""Full-width characters are converted to ASCII, and lists of integers are parsed."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.typed.signs import ascii_signs, whole_numbers

SIGNS = string.digits + string.ascii_letters + string.punctuation


@given(st.text(SIGNS + " "))
def test_full_width_signs_become_ascii(text: str) -> None:
    wide = "".join("\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) for sign in text)
    assert ascii_signs(wide) == text == ascii_signs(text)


@given(st.lists(st.integers(-(10**9) + 1, 10**9 - 1), max_size=6), st.sampled_from(["{}", "({})", "[{}]", "【{}】"]))
def test_lists_are_parsed_with_and_without_brackets(numbers: list[int], brackets: str) -> None:
    for comma in (",", ", ", "，", "、"):
        assert whole_numbers(brackets.format(comma.join(map(str, numbers)))) == tuple(numbers)


@pytest.mark.parametrize("text", ["1.5", "a, b", "1,,2", "1 2", "1e3", "+1", "1_000", "𝟛", "²", "1234567890", "- 1"])
def test_other_text_is_not_a_list_of_integers(text: str) -> None:
    assert whole_numbers(text) is None
