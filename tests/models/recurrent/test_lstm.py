from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from notebook_models.recurrent.lstm import LSTM, Memory
from notebook_models.recurrent.rnn import RNN

sizes = st.integers(1, 6)
INPUT, FORGET, CANDIDATE, OUTPUT = range(4)
SHUT, OPEN = -1000.0, 1000.0


def double(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64)


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def with_gates(d_input: int, d_model: int, **biases: float) -> LSTM:
    """Return an LSTM of random weights whose gates are held by their biases: `input`, `forget`."""
    lstm = LSTM(d_input, d_model).double()
    with torch.no_grad():
        for gate, bias in biases.items():
            lstm.read.bias.view(4, d_model)[{"input": INPUT, "forget": FORGET}[gate]] = bias
    return lstm


def slope(lstm: LSTM, time: int) -> float:
    """Return how far the last cell moves with the first, of which it is one number in d_model on average."""
    cell = double(1, lstm.d_model).requires_grad_()
    memory = Memory(torch.zeros_like(cell), cell)
    (gradient,) = torch.autograd.grad(lstm(double(1, time, 3), memory).cell[0, -1].sum(), cell)
    return gradient.abs().mean().item()


@settings(max_examples=25, deadline=None)
@given(batch=sizes, time=sizes, d_input=sizes, d_model=sizes)
def test_equals_pytorch(batch: int, time: int, d_input: int, d_model: int) -> None:
    """Equals nn.LSTM with copied weights, states and last cell, from any first memory, in float64."""
    ours, theirs = LSTM(d_input, d_model).double(), nn.LSTM(d_input, d_model, batch_first=True).double()
    weights = ours.state_dict()
    theirs.load_state_dict({
        "weight_ih_l0": weights["read.weight"], "bias_ih_l0": weights["read.bias"],
        "weight_hh_l0": weights["carry.weight"], "bias_hh_l0": weights["carry.bias"],
    })  # fmt: skip
    x, first = double(batch, time, d_input), Memory(double(batch, d_model), double(batch, d_model))
    memory, (states, (_, cell)) = ours(x, first), theirs(x, (first.state[None], first.cell[None]))
    torch.testing.assert_close(memory.state, states, atol=1e-10, rtol=0)
    torch.testing.assert_close(memory.cell[:, -1], cell[0], atol=1e-10, rtol=0)
    torch.testing.assert_close(ours(x).state, theirs(x)[0], atol=1e-10, rtol=0)


@pytest.mark.verifies("LSTM#^gate-open")
def test_an_open_forget_gate_and_a_shut_input_gate_keep_the_cell() -> None:
    """Whatever it reads in 1,000 time steps, the cell stays what it was, bit for bit; the state shown changes."""
    lstm, cell = with_gates(3, 8, input=SHUT, forget=OPEN), double(2, 8)
    memory = lstm(double(2, 1000, 3), Memory(torch.zeros_like(cell), cell))
    assert torch.equal(memory.cell, cell[:, None].expand(2, 1000, 8))
    assert not torch.equal(memory.state[:, 0], memory.state[:, -1])


@pytest.mark.verifies("LSTM#^counts")
@settings(max_examples=20, deadline=None)
@given(bits=st.lists(st.integers(0, 1), min_size=1, max_size=200))
def test_a_cell_can_count(bits: list[int]) -> None:
    """With both gates open and the bit as candidate, the cell is the number of ones so far, exactly."""
    lstm = with_gates(1, 1, input=OPEN, forget=OPEN)
    with torch.no_grad():
        lstm.read.weight[CANDIDATE], lstm.read.bias[CANDIDATE] = 1000, 0
        lstm.get_parameter("carry.weight").zero_()
        lstm.get_parameter("carry.bias").zero_()
    cells = lstm(torch.tensor(bits, dtype=torch.float64)[None, :, None]).cell[0, :, 0]
    assert cells.tolist() == [sum(bits[: t + 1]) for t in range(len(bits))]


@pytest.mark.verifies("LSTM#^forgets-at-start")
def test_half_open_gates_forget(record_property: Callable[[str, object], None]) -> None:
    """Over 50 time steps at its first random weights, less than a millionth of the cell's gradient is left.

    With a bias of 5 at the forget gates, more than a half is left.
    """
    slopes = {bias: slope(with_gates(3, 32, forget=bias), 50) for bias in (0.0, 5.0)}
    for bias, left in slopes.items():
        record_property(f"gradient left after 50 time steps, forget bias {bias:.0f}", f"{left:.1e}")
    assert slopes[0.0] < 1e-6
    assert slopes[5.0] > 0.5


@pytest.mark.verifies("LSTM#^four-times")
@given(d_input=sizes, d_model=sizes)
def test_it_has_four_times_the_weights_of_a_plain_network(d_input: int, d_model: int) -> None:
    """Three gates and the candidate, each as large as the plain network of the same widths, ours and PyTorch's."""
    assert count(LSTM(d_input, d_model)) == 4 * count(RNN(d_input, d_model))
    assert count(nn.LSTM(d_input, d_model)) == 4 * count(nn.RNN(d_input, d_model))


def test_gradients_reach_every_parameter() -> None:
    """Every parameter gets a gradient that is not zero."""
    lstm = LSTM(3, 5)
    lstm(torch.randn(2, 4, 3)).state.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in lstm.parameters())


@pytest.mark.parametrize("shape", [(1, 0, 3), (1, 4, 2)])
def test_what_cannot_be_read_is_refused(unchecked: None, shape: tuple[int, ...]) -> None:
    """No time step, and inputs of another width, raise ValueError with what was expected."""
    with pytest.raises(ValueError, match=f"one time step of width 3, got {shape[1]} of width {shape[2]}"):
        LSTM(3, 5)(torch.randn(shape))


@pytest.mark.verifies("LSTM#^recalls")
def test_the_notebook_recalls_through_noise_with_open_gates(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 100 steps it names the sign of 24 steps ago, and of 96; the plain network and a fresh LSTM guess."""
    for wait, shares in run_notebook("recurrent/lstm")["accuracy"].items():
        for name, share in shares.items():
            record_property(f"signs right after {wait} steps, {name}", f"{share:.0%}")
        assert shares["LSTM, forget gates open"] > 0.95
        assert max(shares["plain"], shares["LSTM"]) < 0.6
