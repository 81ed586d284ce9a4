"""The smoothed cross-entropy with its gradient written in one pass. Knows nothing of where logits come from.

Over a large vocabulary the logits are a training's largest tensor, and `F.cross_entropy` makes five of their size: the
probabilities, and gradients for each of its parts. Here the gradient takes the place of the probabilities.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable


def cross_entropy(
    logits: Float[Tensor, "token vocab"], target: Int[Tensor, " token"], *, smoothing: float = 0.0, ignore: int = -100
) -> Float[Tensor, ""]:
    """Return `-Σ_t Σ_k q_t(k) log p_t(k)`, where q is 1 - ε at the target plus ε / vocab everywhere, p = softmax.

    The sum over all tokens but those whose target is `ignore`: `F.cross_entropy` with `label_smoothing=smoothing`,
    `ignore_index=ignore` and `reduction="sum"`; `label_smoothing.LabelSmoothing` spells it out. The backward pass can
    be made once, and has no derivative itself.

    Source: Szegedy et al. 2015, section 7; Vaswani et al. 2017, section 5.4 (ε = 0.1).
    """
    loss: Tensor = _CrossEntropy.apply(logits, target, smoothing, ignore)
    return loss


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor, smoothing: float, ignore: int) -> Tensor:
        log_p = logits.log_softmax(dim=-1)
        counts = target != ignore
        right = log_p.gather(1, target.where(counts, 0).unsqueeze(1)).squeeze(1)
        spread = log_p.mean(dim=-1) if smoothing else right  # else 0 times the -inf of a token ruled out is NaN
        ctx.save_for_backward(log_p, target, counts)
        ctx.smoothing = smoothing
        return -((1 - smoothing) * right + smoothing * spread).where(counts, 0.0).sum()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        log_p, target, counts = ctx.saved_tensors
        result = log_p.exp_()  # a second backward pass finds what is saved changed, and torch says so
        result.sub_(ctx.smoothing / log_p.shape[-1])
        result[torch.arange(len(target), device=target.device), target.where(counts, 0)] -= 1 - ctx.smoothing
        return result.mul_((gradient * counts).unsqueeze(1).to(result.dtype)), None, None, None
