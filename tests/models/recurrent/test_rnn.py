from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from notebook_models.attention.self_attention import SelfAttention
from notebook_models.recurrent.rnn import RNN

sizes = st.integers(1, 6)


def double(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64)


@settings(max_examples=25, deadline=None)
@given(batch=sizes, time=sizes, d_input=sizes, d_model=sizes)
def test_equals_pytorch(batch: int, time: int, d_input: int, d_model: int) -> None:
    """Equals nn.RNN with copied weights, from any first state, in float64."""
    ours, theirs = RNN(d_input, d_model).double(), nn.RNN(d_input, d_model, batch_first=True).double()
    theirs.load_state_dict({
        "weight_ih_l0": ours.read.weight, "bias_ih_l0": ours.read.bias,
        "weight_hh_l0": ours.carry.weight, "bias_hh_l0": ours.carry.bias,
    })  # fmt: skip
    x, state = double(batch, time, d_input), double(batch, d_model)
    torch.testing.assert_close(ours(x, state), theirs(x, state[None])[0], atol=1e-10, rtol=0)
    torch.testing.assert_close(ours(x), theirs(x)[0], atol=1e-10, rtol=0)


@pytest.mark.verifies("Recurrent Network#^state-is-all")
@settings(max_examples=25, deadline=None)
@given(cut=st.integers(1, 11))
def test_the_state_is_all_that_is_handed_on(cut: int) -> None:
    """Twelve time steps read in two parts, with the state alone handed over, give what reading them at once gives."""
    rnn, x = RNN(3, 5).double(), double(2, 12, 3)
    first = rnn(x[:, :cut])
    second = rnn(x[:, cut:], first[:, -1])
    torch.testing.assert_close(torch.cat([first, second], dim=1), rnn(x), atol=1e-12, rtol=0)


@pytest.mark.verifies("Recurrent Network#^same-weights")
def test_one_set_of_weights_reads_any_length() -> None:
    """The same numbers read 10 time steps and 1,000, and the summary of both has one size."""
    rnn = RNN(3, 5)
    assert sum(p.numel() for p in rnn.parameters()) == 5 * 3 + 5 * 5 + 2 * 5
    assert [rnn(torch.randn(2, time, 3))[:, -1].shape for time in (10, 1000)] == [(2, 5), (2, 5)]


@pytest.mark.verifies("Recurrent Network#^reads-in-order")
def test_order_matters_to_it_and_not_to_attention() -> None:
    """The same inputs in another order leave another state; the mean of self-attention's outputs stays the same."""
    rnn, attention, x = RNN(4, 4).double(), SelfAttention(4).double(), double(1, 7, 4)
    other = x[:, torch.tensor([3, 0, 6, 1, 5, 2, 4])]
    assert (rnn(x)[:, -1] - rnn(other)[:, -1]).abs().max() > 1e-3
    means = [attention(each).output.mean(dim=1) for each in (x, other)]
    torch.testing.assert_close(*means, atol=1e-12, rtol=0)


def test_no_state_depends_on_a_later_input() -> None:
    """Through a random probe, state t depends on inputs 0 to t, each of them, and on none after t."""
    rnn, x = RNN(4, 4).double(), double(1, 6, 4).requires_grad_()
    states, probe = rnn(x), double(4)
    rows = [torch.autograd.grad(states[0, t] @ probe, x, retain_graph=True)[0][0].norm(dim=-1) for t in range(6)]
    assert torch.equal(torch.stack(rows) > 0, torch.ones(6, 6).tril().bool())


@pytest.mark.verifies("Recurrent Network#^parity")
@settings(max_examples=20, deadline=None)
@given(bits=st.lists(st.integers(0, 1), min_size=1, max_size=200))
def test_two_hidden_units_know_the_parity_of_all_they_have_read(bits: list[int]) -> None:
    """Set by hand, one unit tells "at least one of state and bit", the other "both"; their difference is the parity."""
    rnn = RNN(1, 2).double()
    with torch.no_grad():
        rnn.read.weight.fill_(40)
        rnn.carry.weight.copy_(torch.tensor([[20.0, -20.0], [20.0, -20.0]]))
        rnn.read.bias.copy_(torch.tensor([-20.0, -60.0]))
        rnn.carry.bias.zero_()
    states = rnn(torch.tensor(bits, dtype=torch.float64)[None, :, None], -torch.ones(1, 2, dtype=torch.float64))
    parity = (states[0, :, 0] - states[0, :, 1]) / 2
    assert parity.round().tolist() == [sum(bits[: t + 1]) % 2 for t in range(len(bits))]


def test_gradients_reach_every_parameter() -> None:
    """Every parameter gets a gradient that is not zero."""
    rnn = RNN(3, 5)
    rnn(torch.randn(2, 4, 3)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in rnn.parameters())


@pytest.mark.parametrize("shape", [(1, 0, 3), (1, 4, 2)])
def test_what_cannot_be_read_is_refused(unchecked: None, shape: tuple[int, ...]) -> None:
    """No time step, and inputs of another width, raise ValueError with what was expected."""
    read: Callable[[Tensor], Tensor] = RNN(3, 5)
    with pytest.raises(ValueError, match=f"one time step of width 3, got {shape[1]} of width {shape[2]}"):
        read(torch.randn(shape))


@pytest.mark.verifies("Recurrent Network#^near-first")
def test_the_notebook_learns_the_near_echo_and_not_the_far(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 160 steps it echoes the bits of 1, 2 and 4 steps ago, and of that of 16 steps ago it knows nothing."""
    right = run_notebook("recurrent/rnn")["right"]
    for back, share in right.items():
        record_property(f"bits right, {back} steps back", f"{share:.1%}")
    assert min(right[1], right[2], right[4]) > 0.99
    assert 0.45 < right[16] < 0.55
