from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from notebook_models.recurrent.linear_scan import linear_scan
from notebook_models.recurrent.longest_path import longest_path


def one_by_one(factor: Tensor, added: Tensor) -> Tensor:
    state, states = torch.zeros_like(added[..., 0, :]), []
    for a, b in zip(factor.unbind(dim=-2), added.unbind(dim=-2), strict=True):
        state = a * state + b
        states.append(state)
    return torch.stack(states, dim=-2)


@settings(max_examples=30, deadline=None)
@given(batch=st.integers(1, 3), time=st.integers(1, 40), width=st.integers(1, 4))
def test_equals_the_loop(batch: int, time: int, width: int) -> None:
    """Equals h = a h + b, one time step after another, in float64, at any length."""
    factor, added = torch.randn(2, batch, time, width, dtype=torch.float64)
    torch.testing.assert_close(linear_scan(factor, added), one_by_one(factor, added), atol=1e-10, rtol=1e-10)


@pytest.mark.verifies("Parallel Computation#^a-scan")
def test_the_line_grows_with_the_logarithm(record_property: Callable[[str, object], None]) -> None:
    """Twice as many time steps, up to 1,024, make the longest chain longer by one round; 600 take as many as 1,024.

    The chain of the loop grows by two operations a time step.
    """

    def path(compute: Callable[[Tensor, Tensor], Tensor], time: int) -> int:
        return longest_path(compute(*torch.rand(2, time, 3).requires_grad_().unbind()))

    paths = [path(linear_scan, 2**k) for k in range(2, 11)]
    (round_length,) = {after - before for before, after in pairwise(paths)}
    record_property("longest chain for 1,024 time steps, scanned and looped", f"{paths[-1]}, {path(one_by_one, 1024)}")
    assert 0 < round_length <= 5
    assert path(linear_scan, 600) == path(linear_scan, 1024)
    assert path(one_by_one, 1000) - path(one_by_one, 500) == 2 * 500


def test_gradients_are_the_loop_s() -> None:
    """Both inputs get the gradient that they get from the loop."""
    inputs = [torch.randn(2, 9, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    probe = torch.randn(2, 9, 3, dtype=torch.float64)
    ours, theirs = (torch.autograd.grad((f(*inputs) * probe).sum(), inputs) for f in (linear_scan, one_by_one))
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=1e-10)
