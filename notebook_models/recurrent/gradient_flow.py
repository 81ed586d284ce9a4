"""How much of a gradient reaches each element of a sequence from its end. Knows nothing of what reads the sequence."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor


def gradient_flow(read: Callable[[Tensor], Tensor], x: Float[Tensor, "batch time d_input"]) -> Float[Tensor, " time"]:
    """Return `‖∂(p · h_T) / ∂x_t‖` for each t: how far the last output of `read` moves with the element at t.

    `read` takes the batch of sequences and returns (batch, time, d_model). p is a random vector of length 1, another
    for each sequence, and the norms are averaged over the batch.

    Source: Hochreiter et al. 2001, "Gradient flow in recurrent nets".
    """
    x = x.detach().requires_grad_()
    last = read(x)[:, -1]
    probe = torch.randn_like(last)
    probe = probe / probe.norm(dim=-1, keepdim=True)
    (gradient,) = torch.autograd.grad((last * probe).sum(), x)
    return gradient.norm(dim=-1).mean(dim=0)
