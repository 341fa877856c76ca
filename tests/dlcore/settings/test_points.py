"""Points as text: a round trip, and any other text is refused."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import POINTS

from dlcore.settings.points import CHARACTERS, is_point, pack, unpack

hostile = st.text() | st.text("ABab01-_", max_size=20) | st.from_regex(r"[A-Za-z0-9_-]{4,12}", fullmatch=True)
numbers = st.floats() | st.integers() | st.booleans() | st.none() | st.sampled_from([10**400, -0.0, 1.005, "0.5"])


@given(st.lists(POINTS, max_size=200))
def test_points_survive_as_four_characters_each(points):
    text = pack(points)
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{{CHARACTERS * len(points)}}}", text)  # nothing that a link has to encode
    assert unpack(text) == tuple(points)


@settings(max_examples=500)
@given(hostile)
@example("AA==")
@example("７７７７")
@example("____")
@example("AAA\n")
def test_any_text_gives_points_that_are_written_so_or_none(text):
    points = unpack(text)
    assert points is None or (pack(points) == text and all(map(is_point, points)))


@settings(max_examples=500)
@given(st.tuples(numbers, numbers, numbers) | st.lists(numbers) | numbers | st.tuples(numbers, numbers))
@example((0.1 + 0.2, 0.0, 1))
@example((0.005, 0.0, 1))
@example((0.0, 0.0, 8))
@example((0.0, 0.0, True))
@example((0, 0.0, 1))
def test_a_point_is_what_its_text_reads_back_as(value):
    assert is_point(value) is (
        isinstance(value, tuple)
        and [type(part) for part in value] == [float, float, int]
        and all(abs(x) <= 1 and round(x, 2) == x for x in value[:2])
        and 0 <= value[2] < 8
    )
    if is_point(value):
        assert unpack(pack([value])) == (value,)
