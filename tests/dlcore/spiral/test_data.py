"""Data sets compared with the course's loops and scikit-learn's geometry; the split into train and test samples."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_circles, make_moons

from dlcore.spiral import config
from dlcore.spiral.config import DataConfig
from dlcore.spiral.data import (
    CENTRES_RADIUS,
    CURVE_GAP,
    CURVE_REACH,
    INNER_RADIUS,
    NOISE_STD,
    SHAPES,
    Dataset,
    make,
    split,
)

KINDS = list(SHAPES)
ARMS = ["spiral", "ring"]
REGRESSIONS = ["plane", "hills"]

configs = st.builds(
    DataConfig,
    kind=st.sampled_from(KINDS),
    classes=st.integers(2, 8),
    points=st.integers(10, 60),
    noise=st.floats(0, 1),
    test_share=st.floats(0, 0.9),
    validation_share=st.floats(0, 0.5),
    seed=st.integers(0, 2**31 - 1),
)


def stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draw(data: DataConfig) -> Dataset:
    return make(data, generator=stream(data.seed))


def course_spiral(N, C, noise):
    """Return the points of the course notebook's loop, drawn from torch's global stream."""
    X = torch.zeros(N * C, 2)
    y = torch.zeros(N * C, dtype=torch.long)
    for c in range(C):
        index = 0
        t = torch.linspace(0, 1, N)
        inner_var = torch.linspace((2 * math.pi / C) * c, (2 * math.pi / C) * (2 + c), N) + torch.randn(N) * noise
        for ix in range(N * c, N * (c + 1)):
            X[ix] = t[index] * torch.FloatTensor((math.sin(inner_var[index]), math.cos(inner_var[index])))
            y[ix] = c
            index += 1  # noqa: SIM113 - as in the notebook
    return X, y


def course_ring(N, K, noise):
    """Return the points of the newer notebook, drawn from torch's global stream."""
    t = torch.linspace(0, 1, N)
    a = 0.8 * t + 0.2
    X, y = [], []
    for k in range(K):
        θ = (2 * t + k) * 2 * math.pi / K + noise * torch.randn(N)
        X.append(torch.stack((a * θ.sin(), a * θ.cos()), dim=1))
        y.append(k * torch.ones(N, dtype=torch.long))
    return torch.cat(X), torch.cat(y)


@pytest.mark.parametrize(
    ("kind", "oracle", "classes", "noise"),
    [
        ("spiral", course_spiral, 3, 0.2),
        ("spiral", course_spiral, 3, 0.1),
        ("spiral", course_spiral, 3, 0.0),
        ("spiral", course_spiral, 8, 0.37),
        ("ring", course_ring, 5, 0.2),
        ("ring", course_ring, 3, 0.0),
        ("ring", course_ring, 7, 0.61),
    ],
)
@pytest.mark.parametrize("points", [1000, 137])
def test_arms_equal_those_of_the_notebooks_bit_for_bit(kind, oracle, classes, noise, points):
    generator = stream(12345)
    dataset = make(DataConfig(kind=kind, classes=classes, points=points, noise=noise), generator=generator)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(12345)
        X, y = oracle(points, classes, noise)
        after = torch.randn(4)
    assert torch.equal(dataset.X.view(torch.int32), X.view(torch.int32))  # as bits: -0.0 is not 0.0
    assert torch.equal(dataset.y, y)
    assert torch.equal(torch.randn(4, generator=generator), after)  # the stream goes on from the same place


def test_the_courses_shapes():
    dataset = draw(DataConfig())
    assert dataset.X.shape == (3000, 2)
    assert dataset.y.shape == (3000,)


@settings(deadline=None)
@given(configs)
def test_every_kind_has_its_shape_types_and_class_counts(data):
    dataset = draw(data)
    assert dataset.X.shape == (data.n_samples, 2)
    assert dataset.X.dtype == torch.float32
    assert dataset.X.isfinite().all()
    assert dataset.n_classes == data.n_classes
    assert dataset.regression == data.regression == (data.kind in REGRESSIONS)
    if data.regression:
        assert dataset.y.dtype == torch.float32
        assert dataset.y.shape == (data.points, 1) == (data.n_samples, dataset.n_classes)
        assert dataset.y.isfinite().all()
        return
    assert dataset.y.dtype == torch.int64
    assert dataset.y.tolist() == [c for c in range(data.n_classes) for _ in range(data.points)]


@settings(deadline=None)
@given(configs)
def test_a_seed_determines_the_data(data):
    again = draw(data)
    assert torch.equal(draw(data).X, again.X)
    if data.noise > 0.01:
        other = make(data, generator=stream(data.seed + 1))
        assert not torch.equal(other.X, again.X)


@pytest.mark.parametrize("kind", KINDS)
def test_the_global_stream_is_not_used(kind):
    before = torch.get_rng_state()
    data = DataConfig(kind=kind, points=50)
    split(draw(data), data)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_does_not_change_what_is_drawn_afterwards(kind):
    after = []
    for noise in (0.0, 0.2, 1.0):
        generator = stream(1)
        make(DataConfig(kind=kind, points=50, noise=noise), generator=generator)
        after.append(torch.randn(3, generator=generator).tolist())
    assert after[0] == after[1] == after[2]


@settings(deadline=None)
@given(configs)
def test_noise_moves_a_point_of_an_arm_along_its_circle(data):
    for kind, start in (("spiral", 0.0), ("ring", 0.2)):
        arms = dataclasses.replace(data, kind=kind)
        radius = torch.linspace(start, 1, arms.points).repeat(arms.n_classes)
        torch.testing.assert_close(draw(arms).X.norm(dim=1), radius)  # so they never leave the unit disc


@pytest.mark.parametrize("kind", KINDS)
def test_without_noise_everything_lies_in_the_square(kind):
    assert draw(DataConfig(kind=kind, noise=0.0)).X.abs().max() <= 1 + 1e-6


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ARMS + REGRESSIONS])
def test_noise_is_a_standard_deviation_in_the_plane(kind):
    data = DataConfig(kind=kind, points=5000)
    shift = draw(data).X - draw(dataclasses.replace(data, noise=0.0)).X  # the same stream, so the same shape under it
    expected = torch.full((2,), NOISE_STD * data.noise)
    torch.testing.assert_close(shift.std(dim=0), expected, rtol=0.05, atol=0)
    torch.testing.assert_close(shift.mean(dim=0), torch.zeros(2), rtol=0, atol=0.01)


@pytest.mark.parametrize("kind", REGRESSIONS)
def test_noise_of_a_regression_is_a_standard_deviation_of_the_target(kind):
    data = DataConfig(kind=kind, points=5000)
    noisy, exact = draw(data), draw(dataclasses.replace(data, noise=0.0))
    assert torch.equal(noisy.X, exact.X)
    assert exact.y.abs().max() <= 1
    shift = noisy.y - exact.y
    assert float(shift.std()) == pytest.approx(data.noise, rel=0.05)
    assert float(shift.mean()) == pytest.approx(0, abs=0.01)


def test_plane_is_half_the_sum_of_the_coordinates():
    dataset = draw(DataConfig(kind="plane", noise=0.0))
    torch.testing.assert_close(dataset.y[:, 0], (dataset.X[:, 0] + dataset.X[:, 1]) / 2)


def test_hills_rise_and_fall_alternately_at_six_centres():
    dataset = draw(DataConfig(kind="hills", points=5000, noise=0.0))
    X, y = dataset.X.double().numpy(), dataset.y[:, 0].double().numpy()
    expected = np.zeros(5000)
    for i, at in enumerate([(-2 / 3, 0.42), (0, 0.42), (2 / 3, 0.42), (-2 / 3, -0.42), (0, -0.42), (2 / 3, -0.42)]):
        expected += (-1) ** i * np.exp(-((X - at) ** 2).sum(1) / (2 * 0.2**2))
    np.testing.assert_allclose(y, expected, atol=1e-5)
    for i, at in enumerate([(-2 / 3, 0.42), (0, 0.42), (2 / 3, 0.42)]):
        assert (-1) ** i * y[np.hypot(*(X - at).T).argmin()] > 0.9


@pytest.mark.parametrize("points", [10, 333])
def test_circles_equal_those_of_scikit_learn(points):
    X, y = make_circles((points, points), shuffle=False, factor=INNER_RADIUS)
    dataset = draw(DataConfig(kind="circles", points=points, noise=0.0))
    torch.testing.assert_close(dataset.X, torch.from_numpy(X).float())
    assert dataset.y.tolist() == y.tolist()


@pytest.mark.parametrize("points", [10, 333])
def test_moons_equal_those_of_scikit_learn_centred_and_scaled(points):
    X, y = make_moons((points, points), shuffle=False)
    dataset = draw(DataConfig(kind="moons", points=points, noise=0.0))
    torch.testing.assert_close(dataset.X * 1.5 + torch.tensor([0.5, 0.25]), torch.from_numpy(X).float())
    assert dataset.y.tolist() == y.tolist()


def test_xor_is_the_exclusive_or_of_the_signs_in_all_four_quadrants():
    dataset = draw(DataConfig(kind="xor", noise=0.0))
    negative = dataset.X < 0
    assert torch.equal(negative[:, 0] ^ negative[:, 1], dataset.y.bool())
    quadrant = 2 * negative[:, 0].long() + negative[:, 1].long()
    assert quadrant.bincount().tolist() == [500] * 4


@pytest.mark.parametrize("classes", range(2, 9))
def test_gaussians_sit_around_evenly_spaced_centres(classes):
    clouds = draw(DataConfig(kind="gaussians", classes=classes, points=1000)).X.view(classes, 1000, 2)
    centres = clouds.mean(dim=1)
    torch.testing.assert_close(centres.norm(dim=1), torch.full((classes,), CENTRES_RADIUS), rtol=0, atol=0.02)
    gaps = (centres - centres.roll(1, dims=0)).norm(dim=1)
    torch.testing.assert_close(
        gaps, torch.full((classes,), 2 * CENTRES_RADIUS * math.sin(math.pi / classes)), rtol=0, atol=0.03
    )


@pytest.mark.parametrize(
    ("kind", "curve"),
    [
        ("sine", lambda x: 0.6 * np.sin(np.pi * x)),
        ("cubic", lambda x: (2 * x**2 - 1.4) * x),
        ("abs", lambda x: np.maximum(x, -x) - 0.5),
    ],
)
def test_the_classes_lie_below_and_above_a_function(kind, curve):
    dataset = draw(DataConfig(kind=kind, noise=0.0))
    x1, x2 = dataset.X.double().numpy().T
    above = x2 - curve(x1)
    assert np.array_equal(above > 0, dataset.y.numpy() == 1)
    assert np.abs(above).min() >= CURVE_GAP - 1e-6
    assert np.abs(above).max() <= CURVE_REACH + 1e-6
    for y in (0, 1):  # both classes along the whole curve, and up to both distances
        assert np.histogram(x1[dataset.y == y], 5, (-1, 1))[0].min() > 150
        assert np.histogram(abs(above[dataset.y == y]), 4, (CURVE_GAP, CURVE_REACH))[0].min() > 200


@pytest.mark.parametrize("kind", ["csv", "no such kind"])
def test_a_kind_that_is_not_a_shape_is_refused(kind):
    with pytest.raises(ValueError, match=rf"must be one of spiral.*table brings its own.*got {kind}"):
        draw(DataConfig(kind=kind))


@settings(deadline=None)
@given(configs)
def test_every_sample_is_in_exactly_one_subset(data):
    n = data.n_samples
    ids = Dataset(torch.stack((torch.arange(n), -torch.arange(n)), 1).float(), torch.arange(n) % 2, 2)
    train, validation, test = split(ids, data)
    assert len(test.y) == len(test.X) == config.n_test_samples(data, n)
    assert len(validation.y) == round(data.validation_share * (n - len(test.y)))
    assert sorted(torch.cat([part.X[:, 0] for part in (train, validation, test)]).tolist()) == list(range(n))
    assert len(train.y)
    for part in (train, validation, test):
        assert part.X.shape == (len(part.y), 2)
        assert part.y.dtype == torch.int64
        assert torch.equal(part.X[:, 0].long() % 2, part.y)  # each label stays with its point
        assert part.n_classes == 2


def test_split_equals_that_of_exported_scripts():
    data = DataConfig(points=40, test_share=0.3, seed=7)
    dataset = draw(data)
    order = torch.randperm(len(dataset.X), generator=torch.Generator().manual_seed(7))
    train, validation, test = split(dataset, data)
    assert torch.equal(test.X, dataset.X[order[:36]])
    assert torch.equal(train.X, dataset.X[order[36:]])
    assert torch.equal(train.y, dataset.y[order[36:]])
    assert not len(validation.y)
    train, validation, test = split(dataset, dataclasses.replace(data, validation_share=0.5))
    assert torch.equal(test.X, dataset.X[order[:36]]), "the test samples stay"
    assert torch.equal(validation.X, dataset.X[order[36:78]])
    assert torch.equal(train.X, dataset.X[order[78:]])


def test_without_a_test_share_the_train_set_is_the_whole_data_set_in_order():
    data = DataConfig(points=40, test_share=0.0)
    dataset = draw(data)
    train, validation, test = split(dataset, data)
    assert train is dataset
    assert not len(validation.y)
    assert test.X.shape == (0, 2)
    assert test.y.shape == (0,)
