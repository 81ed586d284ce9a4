"""Positional encoding: where a token stands, added to what it is. Knows nothing of tokens or attention."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn


def sinusoids(length: int, d_model: int) -> Float64[Tensor, "length d_model"]:
    """Return `PE(pos, 2i) = sin(pos / 10000^(2i / d_model))` and `PE(pos, 2i + 1) = cos` of the same angle."""
    position = torch.arange(length, dtype=torch.float64)
    frequency = 10000.0 ** -(torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    angle = torch.outer(position, frequency)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2)


class SinusoidalPositions(nn.Module):
    """Adds a fixed wave to each feature, from wavelength 2π in the first pair up to 10000 · 2π.

    Nothing is learned. A shift by k positions turns every sine and cosine pair by a fixed angle, so that PE(pos + k)
    is a linear function of PE(pos). The table is kept in the default dtype, and follows the input when it is added.

    Source: Vaswani et al. 2017, section 3.5.
    """

    table: Tensor

    def __init__(self, d_model: int, max_length: int) -> None:
        super().__init__()
        _check_size(d_model, max_length)
        if d_model % 2:
            msg = f"d_model must be even, since each wave is a sine and a cosine, got {d_model}"
            raise ValueError(msg)
        table = sinusoids(max_length, d_model).to(torch.get_default_dtype())
        self.register_buffer("table", table, persistent=False)

    def forward(
        self, x: Float[Tensor, "batch position d_model"], start: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """Return x with the encodings of positions `start`, `start` + 1, and so on added."""
        return x + _rows(self.table, x, start)


class LearnedPositions(nn.Module):
    """Adds a learned vector for each position up to `max_length`; a longer sequence has none.

    Source: Vaswani et al. 2017, section 3.5 and row (E) of table 3, where it does as well as the waves.
    """

    def __init__(self, d_model: int, max_length: int) -> None:
        super().__init__()
        _check_size(d_model, max_length)
        self.table = nn.Parameter(torch.empty(max_length, d_model))
        nn.init.normal_(self.table, std=d_model**-0.5)

    def forward(
        self, x: Float[Tensor, "batch position d_model"], start: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """Return x with the vectors of positions `start`, `start` + 1, and so on added."""
        return x + _rows(self.table, x, start)


def _rows(table: Tensor, x: Tensor, start: int) -> Tensor:
    n, max_length = x.shape[-2], table.shape[0]
    if x.shape[-1] != table.shape[1]:
        msg = f"expected vectors of width {table.shape[1]}, got {x.shape[-1]}"
        raise ValueError(msg)
    if n == 0 or start + n > max_length:
        msg = f"expected 1 to {max_length} positions, got {start + n if n else 0}"
        raise ValueError(msg)
    if start < 0:
        msg = f"expected a first position of at least 0, got {start}"
        raise ValueError(msg)
    return table[start : start + n].to(x)


def _check_size(d_model: int, max_length: int) -> None:
    if d_model < 1 or max_length < 1:
        msg = f"d_model and max_length must be at least 1, got {d_model} and {max_length}"
        raise ValueError(msg)
