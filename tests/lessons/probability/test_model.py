"""The die: probabilities, estimates that converge, their expected errors, and the program."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed
from specs import layers

from dlcore.lessons.probability import model as dice
from dlcore.lessons.probability.charts import (
    MAX_POINTS,
    error_frame,
    error_spec,
    estimate_frame,
    estimate_spec,
    final_frame,
    final_spec,
    plotted_groups,
)
from dlcore.lessons.probability.model import distribution, fair, throw, with_probability
from dlcore.lessons.probability.programs import snippet
from dlcore.lessons.probability.settings import LESSON

FAIR = distribution(fair(6))
DEFAULTS = {"groups": 500, "throws": 10, "seed": 0}

loads = (
    st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda row: sum(row) >= 1e-3).map(lambda r: (tuple(r),))
)


def test_the_default_is_a_fair_die_thrown_500_times_10():
    defaults = LESSON.defaults()
    assert distribution(defaults["loads"]).tolist() == [1 / 6] * 6
    assert (defaults["groups"], defaults["throws"]) == (500, 10)


@given(loads)
def test_loads_make_a_distribution(row):
    p = distribution(row)
    assert float(p.sum()) == pytest.approx(1, abs=1e-12)
    assert (p >= 0).all()


@given(loads, st.data())
def test_changing_a_face_keeps_the_sum_and_the_proportions_of_the_others(row, data):
    face = data.draw(st.integers(0, len(row[0]) - 1))
    value = data.draw(st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1)))
    before, loads_after = distribution(row), with_probability(row, face, value)
    assert LESSON.settings["loads"].rule.allows(loads_after)
    after = distribution(loads_after)
    assert float(after.sum()) == pytest.approx(1, abs=1e-12)
    assert float(after[face]) == pytest.approx(value, abs=1e-5)
    rest = 1 - float(before[face])
    for i in range(len(before)):
        if i != face:
            share = float(before[i]) / rest if rest > 1e-5 else None
            if share is not None:
                assert float(after[i]) == pytest.approx(share * (1 - value), abs=1e-5)


def test_a_face_of_probability_1_and_back():
    certain = with_probability(fair(6), 2, 1.0)
    assert distribution(certain).tolist() == [0, 0, 1, 0, 0, 0]
    assert distribution(with_probability(certain, 2, 0.5)).tolist() == pytest.approx([0.1, 0.1, 0.5, 0.1, 0.1, 0.1])
    assert distribution(with_probability(certain, 0, 0.0)).tolist() == [0, 0, 1, 0, 0, 0]
    assert distribution(with_probability(certain, 2, 0.0)).tolist() == pytest.approx([0.2, 0.2, 0, 0.2, 0.2, 0.2])


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (((1.0,),), "faces"),
        (((1.0,) * 9,), "faces"),
        (((0.5, -0.5, 1.0),), "negative"),
        (((0.0, 0.0),), "zero"),
        (((5e-324, 5e-324),), "zero"),
    ],
)
def test_invalid_loads_raise_their_rule(row, rule):
    with pytest.raises(dice.DieError) as caught:
        distribution(row)
    assert caught.value.rule == rule


@given(loads, st.integers(1, 40), st.integers(1, 20), st.integers(0, 9999))
def test_estimates_are_relative_frequencies(row, groups, throws, seed):
    p = distribution(row)
    experiment = throw(p, groups=groups, throws=throws, seed=seed)
    assert experiment.counts.shape == experiment.estimates.shape == experiment.errors.shape == (groups, len(p))
    assert experiment.counts.sum(1).tolist() == [throws] * groups
    assert experiment.estimates.sum(1).tolist() == pytest.approx([1] * groups, abs=1e-12)
    assert experiment.n.tolist() == [throws * (i + 1) for i in range(groups)]
    assert experiment.estimates[-1].tolist() == pytest.approx((experiment.counts.sum(0) / (groups * throws)).tolist())
    assert not experiment.counts[:, p == 0].any()  # a face of probability 0 never comes
    assert experiment.counts.equal(throw(p, groups=groups, throws=throws, seed=seed).counts)


def test_another_seed_gives_other_counts():
    first, second = (throw(FAIR, groups=500, throws=10, seed=seed) for seed in (0, 1))
    assert not first.counts.equal(second.counts)


@pytest.mark.parametrize("row", [fair(6), fair(2), ((0.5, 0.3, 0.1, 0.1),)])
def test_the_error_falls_like_one_over_the_root_of_n(row):
    p = distribution(row)
    experiments = [throw(p, groups=500, throws=10, seed=seed) for seed in range(200)]
    error = torch.stack([experiment.errors.mean(1) for experiment in experiments]).mean(0)  # over the seeds
    n = experiments[0].n
    assert dice.slope(n, error) == pytest.approx(-0.5, abs=0.04)
    late = n >= 200  # where the normal distribution approximates the binomial well
    assert torch.allclose(error[late], dice.expected_error(p, n)[late], rtol=0.12)
    assert dice.slope(n, dice.expected_error(p, n)) == pytest.approx(-0.5, abs=1e-9)


def test_the_band_holds_95_of_100_experiments():
    inside = []
    for seed in range(300):
        experiment = throw(FAIR, groups=50, throws=20, seed=seed)
        low, high = dice.band(1 / 6, experiment.n)
        last = experiment.estimates[-1]
        inside += [(low[-1] <= last[0]) & (last[0] <= high[-1])]
    assert 0.92 <= sum(map(float, inside)) / 300 <= 0.98


def test_the_band_is_the_formula_within_0_and_1():
    low, high = dice.band(0.5, torch.tensor([1.0, 100.0]))
    assert low.tolist() == pytest.approx([0, 0.5 - 1.96 * 0.05])
    assert high.tolist() == pytest.approx([1, 0.5 + 1.96 * 0.05])


def test_groups_spread_as_expected():
    seen, expected = throw(FAIR, groups=1000, throws=10, seed=3).spread(0)
    assert expected == pytest.approx(math.sqrt(1 / 6 * 5 / 6 / 10))
    assert seen == pytest.approx(expected, rel=0.1)
    assert throw(distribution(((1.0, 0.0),)), groups=1, throws=1, seed=0).spread(0) == (0, 0)


@given(loads, st.integers(1, 30), st.integers(1, 20), st.integers(0, 9999))
def test_the_code_prints_the_frequencies(row, groups, throws, seed):
    chosen = {"groups": groups, "throws": throws, "seed": seed}
    shown = snippet(row, **chosen, experiment=throw(distribution(row), **chosen))
    assert printed(shown.code) == shown.output


def test_frames_are_bounded_and_end_with_the_last_throw():
    for groups in (1, 2, MAX_POINTS, MAX_POINTS + 1, 1000):
        for log in (True, False):
            at = plotted_groups(groups, log=log)
            assert len(at) <= MAX_POINTS
            assert at[0] == 0
            assert at[-1] == groups - 1
            assert (at.diff() > 0).all()
    experiment = throw(FAIR, groups=1000, throws=100, seed=0)
    frame = estimate_frame(experiment, 2, log=True)
    assert frame["n"].iloc[-1] == 100_000
    assert frame[[f"e{i}" for i in range(1, 7)]].iloc[-1].tolist() == pytest.approx(
        experiment.estimates[-1].tolist(), abs=1e-6
    )
    low, high = dice.band(1 / 6, torch.tensor(100_000.0))
    assert (frame["low"].iloc[-1], frame["high"].iloc[-1]) == pytest.approx((float(low), float(high)))
    assert final_frame(experiment)["estimate"].sum() == pytest.approx(1)
    errors = error_frame(experiment)
    assert (errors["largest"] >= errors["mean"]).all()
    assert len(errors) <= MAX_POINTS


def test_specifications_are_cached_and_have_titles():
    first = estimate_spec(6, 0, "n", "f", "face", log=True, height=300)
    assert first is estimate_spec(6, 0, "n", "f", "face", log=True, height=300)
    assert list(layers(first))[2].encoding["x"]["scale"]["type"] == "log"
    assert "data" not in str(first["layer"][0].keys())
    assert next(layers(final_spec(6, "face", "f", "p", 200))).encoding["y"]["title"] == "f"
    spec = error_spec("n", "e", ("it's", "mean", "c"), 200)
    assert spec["encoding"]["y"]["scale"]["type"] == "log"
