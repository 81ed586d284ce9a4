"""Dropout by shared random numbers: torch's law, and what it leaves alone."""

import pytest
import torch
from torch.nn import functional as F

from notebook_models.fast_dropout import Dropout, drop


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_it_drops_by_torchs_law(p: float) -> None:
    """Each element is 0 with probability p or divided by 1 - p, alone: shares, mean, neighbors, as F.dropout's are."""
    torch.manual_seed(0)
    ones = torch.ones(1000, 1000)
    ours, theirs = drop(ones, p), F.dropout(ones, p)
    for kept in (ours != 0, theirs != 0):
        assert kept.double().mean().item() == pytest.approx(1 - p, abs=3e-3)
        together = (kept[:, 1:] & kept[:, :-1]).double().mean().item()
        assert together == pytest.approx((1 - p) ** 2, abs=3e-3)
        assert (kept[:, 4:] & kept[:, :-4]).double().mean().item() == pytest.approx((1 - p) ** 2, abs=3e-3)
    assert ours.double().mean().item() == pytest.approx(1, abs=4e-3)
    assert ours[ours != 0].unique().item() == pytest.approx(1 / (1 - p), abs=2e-5)


@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 5), (4, 0)])
def test_any_shape_keeps_its_shape_and_type(shape: tuple[int, ...]) -> None:
    """Sizes that four do not divide, and none at all."""
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        dropped = drop(torch.ones(shape, dtype=dtype), 0.5)
        assert (dropped.shape, dropped.dtype) == (shape, dtype)


def test_a_gradient_passes_where_the_value_did() -> None:
    """What was dropped gets no gradient, and the rest the same factor."""
    torch.manual_seed(1)
    x = torch.randn(50, 50, requires_grad=True)
    y = drop(x, 0.3)
    y.sum().backward()
    torch.testing.assert_close(x.grad, y.detach() / x.detach())


def test_a_seed_repeats_it() -> None:
    """It draws from torch's generator, and each time anew."""
    torch.manual_seed(2)
    first, second = drop(torch.ones(64), 0.5), drop(torch.ones(64), 0.5)
    torch.manual_seed(2)
    assert torch.equal(drop(torch.ones(64), 0.5), first)
    assert not torch.equal(first, second)


def test_none_and_all() -> None:
    """With p = 0 nothing happens, with p = 1 nothing is left; in eval mode nothing happens whatever p is."""
    x = torch.randn(10)
    assert torch.equal(drop(x, 0.0), x)
    assert torch.equal(drop(x, 1.0), torch.zeros(10))
    assert Dropout(0.5).eval()(x) is x
    assert not torch.equal(Dropout(0.5)(x), x)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Dropout(1.5)
