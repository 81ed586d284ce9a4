"""Long short-term memory: a cell that is added to, behind gates. Knows nothing of stacks of layers."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from notebook_models.recurrent.rnn import first_state


@dataclass(frozen=True)
class Memory:
    """What an LSTM has after each time step: the state it shows and the cell it keeps."""

    state: Float[Tensor, "*time d_model"]
    cell: Float[Tensor, "*time d_model"]


class LSTM(nn.Module):
    """`c_t = f ⊙ c_{t-1} + i ⊙ g` and `h_t = o ⊙ tanh(c_t)`.

    The gates `i, f, o = σ(W x_t + U h_{t-1} + b)` and the candidate `g = tanh(W x_t + U h_{t-1} + b)` have weights of
    their own, four blocks in the order i, f, g, o, as in `nn.LSTM`: `read` holds its `weight_ih_l0`, `carry` its
    `weight_hh_l0`.

    Source: Hochreiter, Schmidhuber 1997, section 4; the forget gate f is Gers, Schmidhuber, Cummins 2000.
    """

    def __init__(self, d_input: int, d_model: int) -> None:
        super().__init__()
        self.d_model = d_model
        self.read = nn.Linear(d_input, 4 * d_model)
        self.carry: nn.Module = nn.Linear(d_model, 4 * d_model)

    def forward(self, x: Float[Tensor, "batch time d_input"], memory: Memory | None = None) -> Memory:
        """Return state and cell after each time step, beginning from `memory`, (batch, d_model) each, or from zeros.

        Raises ValueError for a sequence without time steps and for inputs of another width.
        """
        zeros = first_state(x, self.read, self.d_model)
        memory, memories = memory or Memory(zeros, zeros), []
        for read in self.read(x).unbind(dim=1):
            memory = self._step(read + self.carry(memory.state), memory)
            memories.append(memory)
        return Memory(*(torch.stack([getattr(m, part) for m in memories], dim=1) for part in ("state", "cell")))

    def _step(self, sums: Float[Tensor, "batch four_d_model"], memory: Memory) -> Memory:
        input_gate, forget_gate, candidate, output_gate = sums.chunk(4, dim=-1)
        cell = forget_gate.sigmoid() * memory.cell + input_gate.sigmoid() * candidate.tanh()
        return Memory(output_gate.sigmoid() * cell.tanh(), cell)
