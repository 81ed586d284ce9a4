"""Dropout: while training, numbers are left out at random. Knows nothing of what the numbers are."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Dropout(nn.Module):
    """`x ⊙ m / (1 - p)` in training mode, where each m is 0 with probability `p` and else 1; x itself in eval mode.

    Dividing by 1 - p while training ("inverted" dropout) keeps each number's mean, E = x, so that nothing is left to
    do in use; its variance is x² p / (1 - p). With the same seed it drops what `nn.Dropout` drops on a CPU. At p = 1
    nothing is left whose mean could be kept: `nn.Dropout` returns zeros there, this raises ValueError, as it does for
    every p outside [0, 1).

    Source: Srivastava et al. 2014, section 4, whose p is the probability to *keep* a number, and section 10 for the
    scaling while training; Vaswani et al. 2017, section 5.4, where p is `P_drop`.
    """

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        if not 0 <= p < 1:
            msg = f"p must be at least 0 and below 1, got {p}"
            raise ValueError(msg)
        self.p = p

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return x with numbers left out and the others raised, or x itself in eval mode."""
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        return x * torch.empty_like(x).bernoulli_(keep).div_(keep)
