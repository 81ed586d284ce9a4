from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from notebook_models.recurrent.gradient_flow import gradient_flow
from notebook_models.recurrent.rnn import RNN

Record = Callable[[str, object], None]


def turning(gain: float, width: int = 8) -> Callable[[Tensor], Tensor]:
    """Return a recurrent network without tanh whose U is a rotation times `gain`."""
    turn, _ = torch.linalg.qr(torch.randn(width, width, dtype=torch.float64))

    def read(x: Tensor) -> Tensor:
        states = [x[:, 0]]
        for each in x[:, 1:].unbind(dim=1):
            states.append(gain * states[-1] @ turn + each)
        return torch.stack(states, dim=1)

    return read


@pytest.mark.verifies("Lost Information#^vanish-or-explode")
@pytest.mark.parametrize("gain", [0.9, 1.0, 1.1])
def test_a_factor_at_each_step_is_a_power_at_the_end(gain: float) -> None:
    """Where each step turns the state and makes it `gain` times as long, k steps back the gradient is gain to the k."""
    x = torch.randn(3, 101, 8, dtype=torch.float64)
    expected = gain ** torch.arange(100, -1, -1, dtype=torch.float64)
    torch.testing.assert_close(gradient_flow(turning(gain), x), expected, atol=0, rtol=1e-9)


def test_equals_the_jacobian() -> None:
    """One sequence, one output: the norms of the rows of torch.func's Jacobian."""
    rnn, x = nn.Sequential(RNN(3, 5), nn.Linear(5, 1)).double(), torch.randn(1, 7, 3, dtype=torch.float64)
    jacobian = torch.func.jacrev(lambda each: rnn(each)[0, -1, 0])(x)[0]
    torch.testing.assert_close(gradient_flow(rnn, x), jacobian.norm(dim=-1), atol=1e-12, rtol=0)


@pytest.mark.verifies("Lost Information#^fifty-steps")
def test_recurrent_networks_lose_the_beginning_and_attention_does_not(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Record
) -> None:
    """At first random weights, 50 tokens: the first one's gradient over the last one's, for four layers.

    Below one in ten million for the three recurrent ones, above a tenth for self-attention.
    """
    flows = run_notebook("recurrent/gradient_flow")["flows"]
    left = {name: (flow[0] / flow[-1]).item() for name, flow in flows.items()}
    for name, share in left.items():
        record_property(f"{name}: first gradient over last", f"{share:.1e}")
    assert all(left[name] < 1e-7 for name in ("plain", "LSTM", "GRU"))
    assert left["self-attention"] > 0.1
