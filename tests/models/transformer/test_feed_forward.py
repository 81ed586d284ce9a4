from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.func import jacrev

from notebook_models.transformer.feed_forward import FeedForward


@settings(max_examples=25, deadline=None)
@given(batch=st.integers(1, 3), position=st.integers(1, 6), d_model=st.integers(1, 8), d_ff=st.integers(1, 16))
def test_equals_two_linear_layers_and_a_relu(batch: int, position: int, d_model: int, d_ff: int) -> None:
    """Equals nn.Linear, nn.ReLU, nn.Linear with the same weights, in float64."""
    ours = FeedForward(d_model, d_ff).double()
    theirs = nn.Sequential(nn.Linear(d_model, d_ff), nn.ReLU(), nn.Linear(d_ff, d_model)).double()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    x = torch.randn(batch, position, d_model, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-10, rtol=0)


@pytest.mark.verifies("Feed-Forward Network#^two-convolutions")
def test_equals_two_convolutions_with_kernel_size_1(record_property: Callable[[str, object], None]) -> None:
    """Equals two nn.Conv1d of kernel size 1 with the same weights, in float64."""
    ours = FeedForward(6, 24).double()
    convolutions = nn.Sequential(nn.Conv1d(6, 24, 1), nn.ReLU(), nn.Conv1d(24, 6, 1)).double()
    shapes = convolutions.state_dict()
    weights = zip(shapes, ours.state_dict().values(), strict=True)
    convolutions.load_state_dict({name: weight.view_as(shapes[name]) for name, weight in weights})
    x = torch.randn(2, 5, 6, dtype=torch.float64)
    error = (ours(x) - convolutions(x.mT).mT).abs().max().item()
    record_property("largest error", f"{error:.1e}")
    assert error < 1e-10


@pytest.mark.verifies("Feed-Forward Network#^each-position-alone")
def test_each_position_is_computed_alone() -> None:
    """The Jacobian of all outputs by all inputs is zero between different positions, and not zero within each."""
    feed_forward = FeedForward(4, 16).double()
    x = torch.randn(5, 4, dtype=torch.float64)
    jacobian = jacrev(feed_forward)(x).abs().amax(dim=(1, 3))  # (output position, input position)
    assert (jacobian.diagonal() > 0).all()
    torch.testing.assert_close(jacobian, jacobian.diagonal().diag(), atol=0, rtol=0)


def test_the_same_vector_gets_the_same_answer_at_every_position() -> None:
    """One vector repeated along the sequence gives one answer repeated: the layers are shared by all positions."""
    answer = FeedForward(4, 16)(torch.randn(4).expand(1, 7, 4))
    torch.testing.assert_close(answer, answer[:, :1].expand_as(answer))


def test_gradients_reach_every_parameter() -> None:
    """Every weight and bias gets a gradient that is not zero."""
    feed_forward = FeedForward(4, 16)
    feed_forward(torch.randn(8, 3, 4)).pow(2).sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in feed_forward.parameters())


def test_dropout_acts_in_training_mode_alone() -> None:
    """Two runs differ in training mode and agree in eval mode."""
    feed_forward, x = FeedForward(4, 16, dropout=0.5), torch.randn(1, 3, 4)
    assert not torch.equal(feed_forward(x), feed_forward(x))
    feed_forward.eval()
    assert torch.equal(feed_forward(x), feed_forward(x))


def test_wrong_sizes_are_refused() -> None:
    """A width of zero or an input of another width raises ValueError, with expected and got."""
    with pytest.raises(ValueError, match="at least 1, got 4 and 0"):
        FeedForward(4, 0)
    with pytest.raises(ValueError, match="width 4, got 5"):
        FeedForward(4, 16)(torch.zeros(1, 3, 5))


def test_the_notebook_fits_a_curve_the_better_the_wider(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 600 steps, 32 hidden units follow a wave ten times more closely than 8."""
    notebook = run_notebook("transformer/feed_forward")
    narrow, wide = ((fit - notebook["curve"]).pow(2).mean().item() for fit in notebook["fitted"].values())
    record_property("mean squared error with 8 and 32 hidden units", f"{narrow:.1e}, {wide:.1e}")
    assert wide < 0.01
    assert wide < narrow / 10
