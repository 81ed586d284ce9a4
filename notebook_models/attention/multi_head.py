"""Multi-head attention: several attentions side by side, each in its own subspace. Knows nothing of layers."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from notebook_models.attention.scaled_dot_product import Attended, scaled_dot_product_attention
from notebook_models.fast_linear import Linear


@dataclass(frozen=True)
class KeyValue:
    """A memory as attention reads it: projected once and split into heads. A decoder keeps these between steps."""

    key: Float[Tensor, "batch heads key d_head"]
    value: Float[Tensor, "batch heads key d_head"]

    def extend(self, later: "KeyValue") -> "KeyValue":
        """Return this memory followed by later positions."""
        return KeyValue(torch.cat([self.key, later.key], dim=-2), torch.cat([self.value, later.value], dim=-2))


class MultiHeadAttention(nn.Module):
    """`Concat(head_1, ..., head_h) Wᴼ`, where `head_i = Attention(Q W_iᑫ, K W_iᴷ, V W_iⱽ)`.

    The paper's `W_i` are the row blocks of one matrix each: `query`, `key`, `value`; `output` is its Wᴼ. A head is
    d_head = d_model / n_heads wide, so the number of parameters does not depend on the number of heads.

    Source: Vaswani et al. 2017, section 3.2.2.
    """

    def __init__(self, d_model: int, n_heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        super().__init__()
        if n_heads < 1 or d_model < 1 or d_model % n_heads:
            msg = f"d_model must be a positive multiple of n_heads, got {d_model} and {n_heads}"
            raise ValueError(msg)
        self.n_heads = n_heads
        self.d_head = d_model // n_heads
        self.dropout = dropout
        self.query = Linear(d_model, d_model, bias)
        self.key = Linear(d_model, d_model, bias)
        self.value = Linear(d_model, d_model, bias)
        self.output = Linear(d_model, d_model, bias)

    def forward(
        self,
        query: Float[Tensor, "batch query d_model"],
        key: Float[Tensor, "batch key d_model"] | None = None,
        value: Float[Tensor, "batch key d_model"] | None = None,
        mask: Bool[Tensor, "... #query #key"] | None = None,
        *,
        need_weights: bool = True,
    ) -> Attended:
        """Let each query read from `key` and `value`: the queries themselves, when no other memory is given.

        `mask` broadcasts to (batch, query, key), True where reading is allowed. The weights are those of every
        head, (batch, heads, query, key); `need_weights=False` takes the fused kernel and leaves them out.
        """
        memory = self.project_keys_values(query if key is None else key, value)
        return self.attend(query, memory, mask, need_weights=need_weights)

    def project_keys_values(
        self,
        key: Float[Tensor, "batch key d_model"],
        value: Float[Tensor, "batch key d_model"] | None = None,
    ) -> KeyValue:
        """Return the memory every head reads, so that it can be kept; `value` is `key` unless given."""
        return KeyValue(self._heads(self.key, key), self._heads(self.value, key if value is None else value))

    def attend(
        self,
        query: Float[Tensor, "batch query d_model"],
        memory: KeyValue,
        mask: Bool[Tensor, "... #query #key"] | None = None,
        *,
        need_weights: bool = True,
    ) -> Attended:
        """Let each query read from a memory that is already projected."""
        if mask is not None and mask.ndim < 2:
            msg = f"mask must broadcast to (batch, query, key), got {tuple(mask.shape)}"
            raise ValueError(msg)
        attended = scaled_dot_product_attention(
            self._heads(self.query, query),
            memory.key,
            memory.value,
            None if mask is None else mask.unsqueeze(-3),  # one mask for all heads
            self.dropout if self.training else 0.0,
            need_weights=need_weights,
        )
        heads = attended.output.transpose(1, 2)  # (batch, query, heads, d_head)
        return Attended(self.output(heads.flatten(-2)), attended.weights)

    def _heads(
        self, projection: Linear, x: Float[Tensor, "batch seq d_model"]
    ) -> Float[Tensor, "batch heads seq d_head"]:
        if x.ndim != 3 or x.shape[-1] != projection.in_features:
            msg = f"expected shape (batch, seq, d_model = {projection.in_features}), got {tuple(x.shape)}"
            raise ValueError(msg)
        return projection(x).reshape(*x.shape[:-1], self.n_heads, self.d_head).transpose(1, 2)
