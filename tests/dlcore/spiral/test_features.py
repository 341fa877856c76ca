"""Features: the code in scripts computes the same as the functions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.spiral.config import FEATURES
from dlcore.spiral.features import EXPRESSIONS, expand


@pytest.fixture
def X():
    return torch.randn(200, 2, generator=torch.Generator().manual_seed(0))


def test_every_feature_of_the_config_has_its_expression():
    assert tuple(EXPRESSIONS) == FEATURES


@pytest.mark.parametrize("name", FEATURES)
def test_the_shown_expression_computes_the_feature(name, X):
    shown = eval(EXPRESSIONS[name], {"torch": torch, "X": X})
    assert torch.equal(expand(X, (name,)), shown.unsqueeze(1))


def test_features_equal_the_formulas_of_their_names(X):
    x1, x2 = X.double().unbind(1)
    expected = torch.stack((x1, x2, x1 * x1, x2 * x2, x1 * x2, x1.sin(), x2.sin()), 1)
    torch.testing.assert_close(expand(X, FEATURES).double(), expected, rtol=1e-6, atol=1e-6)


def test_the_coordinates_as_features_equal_the_points_bit_for_bit(X):
    X[0] = torch.tensor([-0.0, float("inf")])
    assert torch.equal(expand(X, ("x1", "x2")).view(torch.int32), X.view(torch.int32))


@settings(deadline=None)
@given(st.lists(st.sampled_from(FEATURES), min_size=1, unique=True), st.integers(0, 30))
def test_columns_follow_the_names(names, n):
    X = torch.rand(n, 2, generator=torch.Generator().manual_seed(n))
    expanded = expand(X, tuple(names))
    assert expanded.shape == (n, len(names))
    assert expanded.dtype == X.dtype
    for column, name in enumerate(names):
        assert torch.equal(expanded[:, column], expand(X, (name,))[:, 0])
