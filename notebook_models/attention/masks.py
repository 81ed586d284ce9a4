"""Boolean attention masks, True where a query may attend. Knows nothing of the layers that take them."""

from functools import reduce

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def causal_mask(n: int, device: torch.device | None = None) -> Bool[Tensor, "n n"]:
    """Return the lower triangle: position i may attend to positions 0 to i, itself included.

    Source: Vaswani et al. 2017, section 3.2.3, the decoder's self-attention.
    """
    if n < 1:
        msg = f"expected at least one position, got {n}"
        raise ValueError(msg)
    return torch.ones(n, n, dtype=torch.bool, device=device).tril()


def padding_mask(tokens: Int[Tensor, "batch key"], pad: int) -> Bool[Tensor, "batch 1 key"]:
    """Return which keys are tokens, the same for every query: nothing may attend to the padding `pad`."""
    return (tokens != pad).unsqueeze(-2)


def combine(*masks: Bool[Tensor, "... #query #key"] | None) -> Bool[Tensor, "... query key"] | None:
    """Return the mask that allows what all of them allow. None allows everything. Shapes broadcast, or ValueError."""
    given = [mask for mask in masks if mask is not None]
    return reduce(_both, given) if given else None


def _both(a: Tensor, b: Tensor) -> Tensor:
    if any(m != n and 1 not in (m, n) for m, n in zip(reversed(a.shape), reversed(b.shape), strict=False)):
        msg = f"masks must broadcast together, got {tuple(a.shape)} and {tuple(b.shape)}"
        raise ValueError(msg)
    return a & b
