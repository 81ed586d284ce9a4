from collections.abc import Callable
from typing import Any, Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from notebook_models.recurrent.gru import GRU
from notebook_models.recurrent.lstm import LSTM

sizes = st.integers(1, 6)
Reset = Literal["after", "before"]
both = pytest.mark.parametrize("reset", ["after", "before"])


def double(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64)


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@settings(max_examples=25, deadline=None)
@given(batch=sizes, time=sizes, d_input=sizes, d_model=sizes)
def test_equals_pytorch(batch: int, time: int, d_input: int, d_model: int) -> None:
    """With the reset after the product, equals nn.GRU with copied weights, from any first state, in float64."""
    ours, theirs = GRU(d_input, d_model).double(), nn.GRU(d_input, d_model, batch_first=True).double()
    theirs.load_state_dict({
        "weight_ih_l0": ours.read.weight, "bias_ih_l0": ours.read.bias,
        "weight_hh_l0": ours.carry.weight, "bias_hh_l0": ours.carry.bias,
    })  # fmt: skip
    x, state = double(batch, time, d_input), double(batch, d_model)
    torch.testing.assert_close(ours(x, state), theirs(x, state[None])[0], atol=1e-10, rtol=0)
    torch.testing.assert_close(ours(x), theirs(x)[0], atol=1e-10, rtol=0)


def test_equals_the_formula_of_cho() -> None:
    """With the reset before the product, each unit j is equations 5 to 8 of Cho et al. 2014, written out."""
    gru, x, h = GRU(3, 4, reset="before").double(), double(1, 3), double(1, 4)
    (w_r, w_z, w), (u_r, u_z, u) = gru.read.weight.chunk(3), gru.carry.weight.chunk(3)
    b_r, b_z, b = (gru.read.bias + gru.carry.bias).chunk(3)
    r = torch.sigmoid(w_r @ x[0] + u_r @ h[0] + b_r)
    expected = []
    for j in range(4):
        z = torch.sigmoid(w_z[j] @ x[0] + u_z[j] @ h[0] + b_z[j])
        candidate = torch.tanh(w[j] @ x[0] + sum(u[j, k] * r[k] * h[0, k] for k in range(4)) + b[j])
        expected.append(z * h[0, j] + (1 - z) * candidate)
    torch.testing.assert_close(gru(x[:, None], h)[0, 0], torch.stack(expected), atol=1e-12, rtol=0)


@pytest.mark.verifies("GRU#^three-quarters")
@given(d_input=sizes, d_model=sizes)
def test_it_has_three_quarters_of_an_lstm_s_weights(d_input: int, d_model: int) -> None:
    """Three blocks of weights against four, at any widths, ours and PyTorch's."""
    assert count(GRU(d_input, d_model)) * 4 == count(LSTM(d_input, d_model)) * 3
    assert count(nn.GRU(d_input, d_model)) * 4 == count(nn.LSTM(d_input, d_model)) * 3


@pytest.mark.verifies("GRU#^two-variants")
def test_the_two_variants_differ_in_nothing_but_their_results() -> None:
    """With the same weights, as many of them, the two give different states; without a state to reset, the same."""
    after, before = (GRU(3, 5, reset=reset).double() for reset in ("after", "before"))
    before.load_state_dict(after.state_dict())
    with torch.no_grad():
        for gru in (after, before):
            gru.carry.bias.zero_()
    x = double(1, 6, 3)
    torch.testing.assert_close(after(x)[:, 0], before(x)[:, 0], atol=1e-12, rtol=0)
    assert (after(x) - before(x))[:, 1:].abs().max() > 1e-3


@both
@pytest.mark.verifies("GRU#^bounded")
def test_no_number_of_the_state_leaves_its_bounds(reset: Reset) -> None:
    """However large weights and inputs are, from zeros no number of the state is beyond -1 or 1 in 200 steps."""
    gru = GRU(3, 16, reset=reset).double()
    with torch.no_grad():
        for p in gru.parameters():
            p.mul_(20)
    states = gru(100 * double(8, 200, 3))
    assert 0.99 < states.abs().max() <= 1


@both
@pytest.mark.verifies("GRU#^copies")
def test_an_update_gate_at_one_copies_the_state(reset: Reset) -> None:
    """With the update gates at 1 the state is handed on bit for bit over 1,000 time steps, whatever is read."""
    gru, state = GRU(3, 8, reset=reset).double(), double(2, 8)
    with torch.no_grad():
        gru.read.bias.view(3, 8)[1] = 1000
    assert torch.equal(gru(double(2, 1000, 3), state), state[:, None].expand(2, 1000, 8))


@both
def test_gradients_reach_every_parameter(reset: Reset) -> None:
    """Every parameter gets a gradient that is not zero."""
    gru = GRU(3, 5, reset=reset)
    gru(torch.randn(2, 4, 3)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in gru.parameters())


@pytest.mark.parametrize("shape", [(1, 0, 3), (1, 4, 2)])
def test_what_cannot_be_read_is_refused(unchecked: None, shape: tuple[int, ...]) -> None:
    """No time step, and inputs of another width, raise ValueError with what was expected; so does another reset."""
    with pytest.raises(ValueError, match=f"one time step of width 3, got {shape[1]} of width {shape[2]}"):
        GRU(3, 5)(torch.randn(shape))
    with pytest.raises(ValueError, match='"after" or "before", got "never"'):
        GRU(3, 5, reset="never")  # type: ignore[arg-type]


@pytest.mark.verifies("GRU#^adds")
def test_the_notebook_adds_two_marked_numbers(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 200 steps both variants add two marked numbers of ten, at a tenth of the error of a constant and less."""
    errors = run_notebook("recurrent/gru")["error"]
    for name, error in errors.items():
        record_property(f"squared error, {name}", f"{error:.4f}")
    assert max(errors["GRU, reset after"], errors["GRU, reset before"]) < 0.1 / 6
