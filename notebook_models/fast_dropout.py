"""Dropout that costs little on a CPU, with the same law as torch's. Knows nothing of what is dropped.

Torch draws a random number of 32 bits for every element, one after another, and training a Transformer on a CPU spends
a tenth of its time there. Here four elements share one number of 64 bits.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

_LEVELS = 2**16
_LOWEST = -(2**15)


def drop(x: Float[Tensor, "*shape"], p: float) -> Float[Tensor, "*shape"]:
    """Return x with each element set to 0 with probability `p`, and the others divided by 1 - p.

    On a CPU p is rounded to a 65,536th, and the others are divided by 1 minus that, so the mean is exact. Elsewhere
    this is `F.dropout`, as it is for p = 1.

    Source: Srivastava et al. 2014, section 10.
    """
    if x.device.type != "cpu" or p == 1:
        return F.dropout(x, p)
    dropped = round(p * _LEVELS)
    if dropped == 0:
        return x
    words = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    level = words.view(torch.int16)[: x.numel()].view(x.shape)
    return x * ((level >= _LOWEST + dropped) * torch.tensor(_LEVELS / (_LEVELS - dropped), dtype=x.dtype))


class Dropout(nn.Dropout):
    """`nn.Dropout`, drawn as `drop` draws: in training mode alone."""

    def forward(self, input: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return the input with elements dropped, or in eval mode the input itself."""
        return drop(input, self.p) if self.training else input
