"""Label smoothing: the right token is asked for with less than certainty. Knows nothing of where logits come from."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


def smoothed(
    target: Int[Tensor, "*batch"], n_tokens: int, smoothing: float, dtype: torch.dtype | None = None
) -> Float[Tensor, "*batch n_tokens"]:
    """Return `q(k) = (1 - ε) [k = target] + ε / n_tokens`, the distribution that the model is asked for.

    The right token has 1 - ε + ε / n_tokens, not 1 - ε: ε is spread over all tokens, the right one among them.
    """
    each = torch.full((*target.shape, n_tokens), smoothing / n_tokens, dtype=dtype, device=target.device)
    return each.scatter(-1, target.unsqueeze(-1), 1 - smoothing + smoothing / n_tokens)


class LabelSmoothing(nn.Module):
    """`-Σ_k q(k) log p(k)`, the mean or sum over targets; q is the smoothed target, p the softmax of the logits.

    Targets equal to `ignore`, padding say, count for nothing, neither in the sum nor in the number that the mean is
    divided by; where all are, the mean is not a number. Equals `nn.CrossEntropyLoss` with `label_smoothing=smoothing`
    and `ignore_index=ignore`, which wants the tokens in dimension 1. `fast_cross_entropy` is the same in less memory.

    Source: Szegedy et al. 2015, section 7, u(k) = 1 / K; Vaswani et al. 2017, section 5.4, where ε is 0.1.
    """

    def __init__(self, smoothing: float = 0.1, *, ignore: int = -100, reduction: str = "mean") -> None:
        super().__init__()
        if not 0 <= smoothing <= 1:
            msg = f"smoothing must be from 0 to 1, got {smoothing}"
            raise ValueError(msg)
        if reduction not in ("mean", "sum"):
            msg = f"reduction must be 'mean' or 'sum', got {reduction!r}"
            raise ValueError(msg)
        self.smoothing, self.ignore, self.reduction = smoothing, ignore, reduction

    def forward(self, logits: Float[Tensor, "*batch n_tokens"], target: Int[Tensor, "*batch"]) -> Float[Tensor, ""]:
        """Return the loss, in the type of the logits; raises ValueError when there is not one target for each row."""
        if logits.shape[:-1] != target.shape:
            msg = f"expected a target for each row of logits, {tuple(logits.shape[:-1])}, got {tuple(target.shape)}"
            raise ValueError(msg)
        counts = target != self.ignore
        exact = logits.to(torch.promote_types(logits.dtype, torch.float32))  # bfloat16 has too few digits for a sum
        q = smoothed(target.where(counts, 0), logits.shape[-1], self.smoothing, exact.dtype)
        terms = torch.where(q > 0, q * exact.log_softmax(dim=-1), 0)  # a token ruled out, log p = -inf, is no NaN
        total = -terms.sum(dim=-1).where(counts, 0).sum()
        return (total if self.reduction == "sum" else total / counts.sum()).to(logits.dtype)
