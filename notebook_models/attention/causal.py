"""Causal self-attention: multi-head attention that cannot see ahead. Knows nothing of the decoder around it."""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from notebook_models.attention.masks import causal_mask, combine
from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.attention.scaled_dot_product import Attended


class CausalSelfAttention(nn.Module):
    """`MultiHead(X, X, X)` in which position i reads positions 0 to i: the paper's masked multi-head attention.

    The output at i depends on nothing later than i. So one pass over a whole sequence computes what a pass over each
    of its prefixes would, and a decoder can be trained at all positions at once.

    Source: Vaswani et al. 2017, section 3.2.3.
    """

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout, bias)

    def forward(
        self,
        x: Float[Tensor, "batch seq d_model"],
        mask: Bool[Tensor, "... #seq #seq"] | None = None,
        *,
        need_weights: bool = True,
    ) -> Attended:
        """Let each position read itself and those before it; `mask` may forbid more of them, never fewer."""
        allowed = combine(causal_mask(x.shape[-2], x.device), mask)
        return self.attention(x, mask=allowed, need_weights=need_weights)
