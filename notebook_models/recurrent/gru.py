"""The gated recurrent unit: two gates and no cell, in both of its variants. Knows nothing of stacks of layers."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.recurrent.rnn import first_state


class GRU(nn.Module):
    """`h_t = z ⊙ h_{t-1} + (1 - z) ⊙ n`, with the gates `r, z = σ(W x_t + U h_{t-1} + b)`.

    The candidate is `n = tanh(W x_t + r ⊙ (U h_{t-1} + b))` where the reset comes "after" the product, as in `nn.GRU`,
    and `n = tanh(W x_t + U (r ⊙ h_{t-1}) + b)` where it comes "before", as it was first written. Three blocks of
    weights in the order r, z, n: `read` holds `weight_ih_l0` of `nn.GRU`, `carry` its `weight_hh_l0`.

    Source: Cho et al. 2014, section 2.3, equations 5 to 8, whose z is this one; Chung et al. 2014 call 1 - z their z.
    """

    def __init__(self, d_input: int, d_model: int, reset: Literal["after", "before"] = "after") -> None:
        super().__init__()
        if reset not in ("after", "before"):
            msg = f'reset must be "after" or "before", got "{reset}"'
            raise ValueError(msg)
        self.d_model, self.reset = d_model, reset
        self.read = nn.Linear(d_input, 3 * d_model)
        self.carry = nn.Linear(d_model, 3 * d_model)

    def forward(
        self, x: Float[Tensor, "batch time d_input"], state: Float[Tensor, "batch d_model"] | None = None
    ) -> Float[Tensor, "batch time d_model"]:
        """Return the state after each time step, beginning from `state` or from zeros.

        Raises ValueError for a sequence without time steps and for inputs of another width.
        """
        state = first_state(x, self.read, self.d_model) if state is None else state
        states = []
        for read in self.read(x).unbind(dim=1):
            state = self._step(read, state)
            states.append(state)
        return torch.stack(states, dim=1)

    def _step(
        self, read: Float[Tensor, "batch three_d_model"], state: Float[Tensor, "batch d_model"]
    ) -> Float[Tensor, "batch d_model"]:
        for_gates, for_candidate = read.split([2 * self.d_model, self.d_model], dim=-1)
        gate_weight, weight = self.carry.weight.split([2 * self.d_model, self.d_model])
        gate_bias, bias = self.carry.bias.split([2 * self.d_model, self.d_model])
        reset, update = (for_gates + F.linear(state, gate_weight, gate_bias)).sigmoid().chunk(2, dim=-1)
        if self.reset == "after":
            candidate = torch.tanh(for_candidate + reset * F.linear(state, weight, bias))
        else:
            candidate = torch.tanh(for_candidate + F.linear(reset * state, weight, bias))
        return update * state + (1 - update) * candidate
