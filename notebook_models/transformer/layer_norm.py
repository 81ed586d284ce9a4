"""Layer normalization: each position's vector, brought to mean 0 and variance 1. Knows nothing of other positions."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class LayerNorm(nn.Module):
    """`g ⊙ (x - μ) / √(σ² + ε) + b`, where μ and σ² are mean and variance over the d_model features of one vector.

    The variance is the biased one, divided by d_model; ε stands inside the root, and keeps a vector of equal features
    from dividing by zero. `gain` and `bias` are the paper's g and b, the `weight` and `bias` of `nn.LayerNorm`, which
    computes the same in one kernel and which the layers of this package use.

    Source: Ba, Kiros, Hinton 2016, section 3, equations 3 and 4; ε is PyTorch's.
    """

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        if d_model < 1 or not eps > 0:
            msg = f"d_model must be at least 1 and eps above 0, got {d_model} and {eps}"
            raise ValueError(msg)
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Return each vector of x normalized, in the type of x; raises ValueError when their width is not d_model."""
        if x.shape[-1] != len(self.gain):
            msg = f"expected vectors of width {len(self.gain)}, got {x.shape[-1]}"
            raise ValueError(msg)
        exact = x.to(torch.promote_types(x.dtype, torch.float32))  # bfloat16 has too few digits to add up features
        centered = exact - exact.mean(dim=-1, keepdim=True)
        variance = centered.square().mean(dim=-1, keepdim=True)
        return (self.gain * (centered / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)
