"""LSTMs with fewer weights: a matrix made of two thin ones, or cut into groups. Knows nothing of stacks of layers."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from notebook_models.recurrent.lstm import LSTM, Memory


class FactorizedLSTM(LSTM):
    """An LSTM whose matrix `T`, from `[x_t, h_{t-1}]` to the four gates' sums, is `W2 W1` of a smaller rank.

    `read` and `carry` are the two halves of W1, `outer` is W2 with the bias.

    Source: Kuchaiev, Ginsburg 2017, section 2.2, F-LSTM without its projection.
    """

    def __init__(self, d_input: int, d_model: int, rank: int) -> None:
        super().__init__(d_input, d_model)
        self.read = nn.Linear(d_input, rank, bias=False)
        self.carry = nn.Linear(d_model, rank, bias=False)
        self.outer = nn.Linear(rank, 4 * d_model)

    def _step(self, sums: Float[Tensor, "batch rank"], memory: Memory) -> Memory:
        return super()._step(self.outer(sums), memory)


class GroupedLSTM(nn.Module):
    """LSTMs side by side, each with its own part of the input and of the state: T is cut into blocks.

    Source: Kuchaiev, Ginsburg 2017, section 2.3, G-LSTM without its projection.
    """

    def __init__(self, d_input: int, d_model: int, n_groups: int) -> None:
        super().__init__()
        if d_input % n_groups or d_model % n_groups:
            msg = f"d_input and d_model must be multiples of n_groups={n_groups}, got {d_input} and {d_model}"
            raise ValueError(msg)
        self.groups = nn.ModuleList(LSTM(d_input // n_groups, d_model // n_groups) for _ in range(n_groups))

    def forward(self, x: Float[Tensor, "batch time d_input"]) -> Memory:
        """Return state and cell after each time step, the groups' side by side."""
        parts = x.chunk(len(self.groups), dim=-1)
        memories = [group(part) for group, part in zip(self.groups, parts, strict=True)]
        return Memory(*(torch.cat([getattr(m, part) for m in memories], dim=-1) for part in ("state", "cell")))
