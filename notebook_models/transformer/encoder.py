"""The encoder: layers in which every position reads every other. Knows nothing of tokens or of what is predicted."""

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor, nn

from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.attention.scaled_dot_product import Attended
from notebook_models.transformer.feed_forward import FeedForward
from notebook_models.transformer.residual import Norm, Residual


@dataclass(frozen=True)
class Encoded:
    """The memory a decoder reads: one vector a position, and the mask under which they were made."""

    output: Float[Tensor, "batch source d_model"]
    mask: Bool[Tensor, "... #source source"] | None
    weights: tuple[Float[Tensor, "batch heads source source"], ...] = ()
    """Each layer's attention weights, when they were asked for."""

    def repeat(self, times: int) -> "Encoded":
        """Return a memory in which each source stands `times` times in a row, without its weights."""
        own = self.mask is not None and self.mask.ndim == self.output.ndim and len(self.mask) > 1
        mask = self.mask.repeat_interleave(times, dim=0) if own else self.mask  # one for all sources is one for these
        return Encoded(self.output.repeat_interleave(times, dim=0), mask)


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network, each within a residual connection.

    `dropout` acts on what each sub-layer adds (section 5.4) and also, as in `nn.TransformerEncoderLayer`, on
    attention weights and hidden units.

    Source: Vaswani et al. 2017, section 3.1.
    """

    def __init__(self, d_model: int, n_heads: int, d_ff: int, dropout: float = 0.1, norm: Norm = "post") -> None:
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.attention_residual = Residual(d_model, dropout, norm)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.feed_forward_residual = Residual(d_model, dropout, norm)

    def forward(
        self,
        x: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "... #source source"] | None = None,
        *,
        need_weights: bool = False,
    ) -> Attended:
        """Return the layer's output, with its attention weights when asked for; `mask` is True where one may read."""
        attended = self.attention(self.attention_residual.read(x), mask=mask, need_weights=need_weights)
        x = self.attention_residual.add(x, attended.output)
        x = self.feed_forward_residual.add(x, self.feed_forward(self.feed_forward_residual.read(x)))
        return Attended(x, attended.weights)


class Encoder(nn.Module):
    """A stack of `n_layers` equal layers; with `norm="pre"` a last normalization follows, since no layer ends in one.

    Source: Vaswani et al. 2017, section 3.1, the left half of figure 1.
    """

    def __init__(
        self, d_model: int, n_heads: int, n_layers: int, d_ff: int, dropout: float = 0.1, norm: Norm = "post"
    ) -> None:
        super().__init__()
        if n_layers < 1:
            msg = f"n_layers must be at least 1, got {n_layers}"
            raise ValueError(msg)
        self.layers = nn.ModuleList(EncoderLayer(d_model, n_heads, d_ff, dropout, norm) for _ in range(n_layers))
        self.norm = nn.LayerNorm(d_model) if norm == "pre" else nn.Identity()

    def forward(
        self,
        x: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "... #source source"] | None = None,
        *,
        need_weights: bool = False,
    ) -> Encoded:
        """Return every position in the light of all others; `mask` is True where one may read."""
        weights = []
        for layer in self.layers:
            attended = layer(x, mask, need_weights=need_weights)
            x = attended.output
            weights.append(attended.weights)
        return Encoded(self.norm(x), mask, tuple(weights) if need_weights else ())
