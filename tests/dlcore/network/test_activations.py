"""The engine's activations compared with the torch.nn modules that define them and with autograd."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dlcore.network.activations import IMPLEMENTATIONS
from dlcore.network.model import activation_module
from dlcore.network.settings import ACTIVATIONS

DTYPES = {torch.float64: 1e-10, torch.float32: 1e-5}

# nn.Softplus is the identity above 20, where ours goes on adding log(1 + e⁻ᶻ) < 2.1e-9.
SOFTPLUS_CUT = 2.1e-9


def ours(id: str, z: Tensor, upstream: Tensor) -> tuple[Tensor, Tensor]:
    """Return f(z) and upstream · f'(z), computed in buffers as in the engine."""
    act = IMPLEMENTATIONS[id]
    kept = z.clone()
    a = torch.full_like(z, torch.nan) if act.keeps_input else kept
    act.forward(kept, a)
    delta, value = upstream.clone(), a.clone()
    act.backward(delta, kept, a, torch.full_like(z, torch.nan))
    assert torch.equal(a, value), "backward must leave f(z) as it is"
    if act.keeps_input:
        assert torch.equal(kept, z), "an activation that keeps its input must not write to it"
    return value, delta


def autograd(id: str, z: Tensor, upstream: Tensor) -> tuple[Tensor, Tensor]:
    z = z.clone().requires_grad_()
    a = activation_module(id)(z)
    (gradient,) = torch.autograd.grad(a, z, upstream)
    return a.detach(), gradient


def test_tables_have_the_same_ids():
    assert list(IMPLEMENTATIONS) == list(ACTIVATIONS)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("id", ACTIVATIONS)
@settings(max_examples=25)
@given(units=st.integers(1, 40), n=st.integers(1, 70), seed=st.integers(0, 2**31), spread=st.floats(0.01, 4))
def test_agrees_with_torch(id, dtype, units, n, seed, spread):
    stream = torch.Generator().manual_seed(seed)
    z = spread * torch.randn(units, n, generator=stream, dtype=dtype)
    upstream = torch.randn(units, n, generator=stream, dtype=dtype)
    tolerance = DTYPES[dtype] + (SOFTPLUS_CUT if id == "softplus" and z.max() > 20 else 0)
    for mine, theirs in zip(ours(id, z, upstream), autograd(id, z, upstream), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=DTYPES[dtype], atol=tolerance)
    act, kept = IMPLEMENTATIONS[id], z.clone()
    value, change = ours(id, z, torch.ones_like(z))
    assert torch.equal(act(z), value)
    assert torch.equal(act.derivative(z), change)
    assert torch.equal(z, kept)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("id", ACTIVATIONS)
def test_extremes_stay_finite_and_agree(id, dtype):
    z = torch.tensor([[-1e3, -100, -30, -20.5, -1e-6, -0.0, 0.0, 1e-6, 20.5, 30, 100, 1e3]], dtype=dtype)
    upstream = torch.ones_like(z)
    # f(z) and f' of sizes up to 1e3: silu's σ(1 − a) + a loses what float32 loses at 1e3
    tolerance = 1e-10 if dtype == torch.float64 else 1e-4
    tolerance += SOFTPLUS_CUT if id == "softplus" else 0
    for mine, theirs in zip(ours(id, z, upstream), autograd(id, z, upstream), strict=True):
        assert mine.isfinite().all()
        torch.testing.assert_close(mine, theirs, rtol=DTYPES[dtype], atol=tolerance)
