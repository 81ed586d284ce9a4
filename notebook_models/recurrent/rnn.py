"""The plain recurrent network: one state, rewritten at each time step. Knows nothing of gates."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class RNN(nn.Module):
    """`h_t = tanh(W x_t + U h_{t-1} + b)`, with the same W, U and b at every time step.

    `read` holds W, `carry` holds U; each has a bias, as in `nn.RNN`, whose `weight_ih_l0` and `weight_hh_l0` they are.

    Source: Elman 1990, "Finding structure in time", with tanh for its logistic function.
    """

    def __init__(self, d_input: int, d_model: int) -> None:
        super().__init__()
        self.read = nn.Linear(d_input, d_model)
        self.carry = nn.Linear(d_model, d_model)

    def forward(
        self, x: Float[Tensor, "batch time d_input"], state: Float[Tensor, "batch d_model"] | None = None
    ) -> Float[Tensor, "batch time d_model"]:
        """Return the state after each time step, beginning from `state` or from zeros.

        Raises ValueError for a sequence without time steps and for inputs of another width.
        """
        state = first_state(x, self.read, self.carry.in_features) if state is None else state
        states = []
        for read in self.read(x).unbind(dim=1):  # W x_t needs no state: all of them are one product
            state = torch.tanh(read + self.carry(state))
            states.append(state)
        return torch.stack(states, dim=1)


def first_state(
    x: Float[Tensor, "batch time d_input"], read: nn.Linear, d_model: int
) -> Float[Tensor, "batch d_model"]:
    """Return the state before the first time step, zeros; raises ValueError where `x` cannot be read."""
    if x.shape[1] == 0 or x.shape[2] != read.in_features:
        msg = f"expected at least one time step of width {read.in_features}, got {x.shape[1]} of width {x.shape[2]}"
        raise ValueError(msg)
    return x.new_zeros(x.shape[0], d_model)
