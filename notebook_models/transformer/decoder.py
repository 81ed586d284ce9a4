"""The decoder: layers that read the target so far and the whole source. Knows nothing of tokens or of search."""

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor, nn

from notebook_models.attention.masks import causal_mask
from notebook_models.attention.multi_head import KeyValue, MultiHeadAttention
from notebook_models.transformer.feed_forward import FeedForward
from notebook_models.transformer.residual import Norm, Residual


@dataclass(frozen=True)
class LayerCache:
    """What one layer has projected already: the whole source, and the target so far (None before its first token)."""

    source: KeyValue
    target: KeyValue | None = None


@dataclass(frozen=True)
class Cache:
    """All that a decoder needs to go on with a target: every layer's keys and values, and the source's mask."""

    layers: tuple[LayerCache, ...]
    mask: Bool[Tensor, "... #target source"] | None

    @property
    def length(self) -> int:
        """How many positions of the target it holds."""
        target = self.layers[0].target
        return 0 if target is None else target.key.shape[-2]

    @property
    def batch(self) -> int:
        """How many sources it holds."""
        return self.layers[0].source.key.shape[0]


@dataclass(frozen=True)
class DecodedLayer:
    """One layer's output, its cache grown by the positions read, and its attention weights when asked for."""

    output: Float[Tensor, "batch target d_model"]
    cache: LayerCache
    self_weights: Float[Tensor, "batch heads target so_far"] | None
    cross_weights: Float[Tensor, "batch heads target source"] | None


@dataclass(frozen=True)
class Decoded:
    """One vector a target position, from which its next token is predicted, and the cache to go on from."""

    output: Float[Tensor, "batch target d_model"]
    cache: Cache
    self_weights: tuple[Float[Tensor, "batch heads target so_far"], ...] = ()
    """Each layer's weights over the target, when they were asked for."""
    cross_weights: tuple[Float[Tensor, "batch heads target source"], ...] = ()
    """Each layer's weights over the source, when they were asked for."""


class DecoderLayer(nn.Module):
    """Masked self-attention, attention to the source, then the feed-forward network, each within a residual.

    Source: Vaswani et al. 2017, section 3.1; `dropout` as in `EncoderLayer`.
    """

    def __init__(self, d_model: int, n_heads: int, d_ff: int, dropout: float = 0.1, norm: Norm = "post") -> None:
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.attention_residual = Residual(d_model, dropout, norm)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention_residual = Residual(d_model, dropout, norm)
        self.feed_forward = FeedForward(d_model, d_ff, dropout)
        self.feed_forward_residual = Residual(d_model, dropout, norm)

    def start(self, memory: Float[Tensor, "batch source d_model"]) -> LayerCache:
        """Return the cache of a target without tokens: the source's keys and values, projected once."""
        return LayerCache(self.cross_attention.project_keys_values(memory))

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        cache: LayerCache,
        mask: Bool[Tensor, "... #target so_far"] | None = None,
        source_mask: Bool[Tensor, "... #target #source"] | None = None,
        *,
        need_weights: bool = False,
    ) -> DecodedLayer:
        """Return the layer's output at the positions of x, which follow those in the cache.

        `mask` says which target positions each of them may read, `source_mask` which source positions.
        """
        read = self.attention_residual.read(x)
        new = self.attention.project_keys_values(read)
        target = new if cache.target is None else cache.target.extend(new)
        itself = self.attention.attend(read, target, mask, need_weights=need_weights)
        x = self.attention_residual.add(x, itself.output)

        read = self.cross_attention_residual.read(x)
        cross = self.cross_attention.attend(read, cache.source, source_mask, need_weights=need_weights)
        x = self.cross_attention_residual.add(x, cross.output)

        x = self.feed_forward_residual.add(x, self.feed_forward(self.feed_forward_residual.read(x)))
        return DecodedLayer(x, LayerCache(cache.source, target), itself.weights, cross.weights)


class Decoder(nn.Module):
    """A stack of `n_layers` equal layers; with `norm="pre"` a last normalization follows, since no layer ends in one.

    Padding of the target needs no mask of its own: it comes last, where the causal mask hides it from every token.

    Source: Vaswani et al. 2017, section 3.1, the right half of figure 1.
    """

    def __init__(
        self, d_model: int, n_heads: int, n_layers: int, d_ff: int, dropout: float = 0.1, norm: Norm = "post"
    ) -> None:
        super().__init__()
        if n_layers < 1:
            msg = f"n_layers must be at least 1, got {n_layers}"
            raise ValueError(msg)
        self.layers = nn.ModuleList(DecoderLayer(d_model, n_heads, d_ff, dropout, norm) for _ in range(n_layers))
        self.norm = nn.LayerNorm(d_model) if norm == "pre" else nn.Identity()

    def start(
        self,
        memory: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "... #target source"] | None = None,
    ) -> Cache:
        """Return the cache of a target without tokens; `mask` is True where the source may be read."""
        return Cache(tuple(layer.start(memory) for layer in self.layers), mask)

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "... #target source"] | None = None,
        *,
        need_weights: bool = False,
    ) -> Decoded:
        """Return every target position in the light of itself, those before it, and the source."""
        return self.extend(x, self.start(memory, mask), need_weights=need_weights)

    def extend(self, x: Float[Tensor, "batch target d_model"], cache: Cache, *, need_weights: bool = False) -> Decoded:
        """Return the same for positions that follow those in the cache, at the cost of the new ones alone."""
        if x.shape[0] != cache.batch:
            msg = f"expected one target for each of {cache.batch} sources, got {x.shape[0]}"
            raise ValueError(msg)
        past, n = cache.length, x.shape[-2]
        mask = causal_mask(past + n, x.device)[past:]
        done = []
        for layer, kept in zip(self.layers, cache.layers, strict=True):
            done.append(layer(x, kept, mask, cache.mask, need_weights=need_weights))
            x = done[-1].output
        grown = Cache(tuple(layer.cache for layer in done), cache.mask)
        if not need_weights:
            return Decoded(self.norm(x), grown)
        weights = tuple(layer.self_weights for layer in done), tuple(layer.cross_weights for layer in done)
        return Decoded(self.norm(x), grown, *weights)
