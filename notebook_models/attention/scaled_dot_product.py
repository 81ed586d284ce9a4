"""Scaled dot-product attention, the one formula every layer here calls. Knows nothing of heads or projections."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from notebook_models.attention.attention import Attended
from notebook_models.fast_dropout import drop


def scaled_dot_product_attention(
    query: Float[Tensor, "*batch query d_key"],
    key: Float[Tensor, "*batch key d_key"],
    value: Float[Tensor, "*batch key d_value"],
    mask: Bool[Tensor, "*#batch #query #key"] | None = None,
    dropout: float = 0.0,
    *,
    need_weights: bool = True,
) -> Attended:
    """Return `softmax(Q Kᵀ / √d_k) V`: an average of the values, weighted by how well each key fits the query.

    `mask` is True where a query may attend; a query that may attend to nothing gets zeros, in output and weights.
    `dropout` is the probability of dropping a weight, applied whenever it is not 0; the weights returned are those
    before dropout, so that each row still sums to 1. With `need_weights=False` PyTorch's fused kernel computes the
    same output without ever holding the weights; on a CPU it knows no dropout, and then is not used. Raises ValueError
    when sizes disagree or a sequence is empty.

    Source: Vaswani et al. 2017, section 3.2.1, equation 1.
    """
    _check(query, key, value, mask)
    if not 0 <= dropout <= 1:
        msg = f"dropout must be from 0 to 1, got {dropout}"
        raise ValueError(msg)
    if not need_weights and not (dropout and query.device.type == "cpu"):
        return Attended(_fused(query, key, value, mask, dropout), None)
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        # The lowest finite number, not -inf: a row of -inf alone would pass through NaN, forward and backward.
        lowest = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(~mask, lowest).softmax(dim=-1).masked_fill(~mask, 0.0)
    return Attended(drop(weights, dropout) @ value, weights if need_weights else None)


def _fused(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: float) -> Tensor:
    if mask is None:
        return F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
    # No result is documented for a row that may attend to nothing: let it attend to everything, then clear it.
    idle = ~mask.any(dim=-1, keepdim=True)
    allowed = (mask | idle)[(None,) * (query.ndim - mask.ndim)]  # a CPU has a kernel for two axes and for four
    output = F.scaled_dot_product_attention(query, key, value, attn_mask=allowed, dropout_p=dropout)
    return output.masked_fill(idle, 0.0)


def _check(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
    if not query.shape[:-2] == key.shape[:-2] == value.shape[:-2]:
        shapes = f"{tuple(query.shape[:-2])}, {tuple(key.shape[:-2])} and {tuple(value.shape[:-2])}"
        msg = f"query, key and value must have the same batch, got {shapes}"
        raise ValueError(msg)
    if query.shape[-1] != key.shape[-1]:
        msg = f"query and key must have the same width, got {query.shape[-1]} and {key.shape[-1]}"
        raise ValueError(msg)
    if key.shape[-2] != value.shape[-2]:
        msg = f"each key needs one value, got {key.shape[-2]} keys and {value.shape[-2]} values"
        raise ValueError(msg)
    if query.shape[-2] == 0 or key.shape[-2] == 0:
        msg = f"expected at least one query and one key, got {query.shape[-2]} and {key.shape[-2]}"
        raise ValueError(msg)
    if mask is not None:
        _check_mask(mask, (*query.shape[:-1], key.shape[-2]))


def _check_mask(mask: Tensor, scores: tuple[int, ...]) -> None:
    if mask.dtype != torch.bool:
        msg = f"mask must be boolean, True where a query may attend, got {mask.dtype}"
        raise ValueError(msg)
    pairs = zip(reversed(mask.shape), reversed(scores), strict=False)
    if mask.ndim > len(scores) or any(size not in (1, full) for size, full in pairs):
        msg = f"mask must broadcast to {tuple(scores)}, got {tuple(mask.shape)}"
        raise ValueError(msg)
