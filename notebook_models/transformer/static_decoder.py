"""The decoder as generation runs it: one position a step, into memory that is set aside. Knows nothing of search."""

from functools import cached_property
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.fast_linear import FixedLinear, packed
from notebook_models.largest_product import LargestProduct
from notebook_models.transformer.decoder import DecoderLayer
from notebook_models.transformer.encoder import Encoded
from notebook_models.transformer.transformer import Transformer

FIRST_CAPACITY = 32


class StaticDecoder:
    """Scores the token after each target, as `Transformer.extend` does, one position at a time and without weights.

    Queries, keys and values are one product, weights are `packed`, and keys and values are written into buffers that
    double when they are full, where a growing cache is copied whole at each step. Nothing here has a gradient. The
    model must be in eval mode, and its weights must stay as they are while it writes.
    """

    @torch.no_grad()
    def __init__(self, model: Transformer, memory: Encoded) -> None:
        self.model = model
        self.length = 0
        may_read = _additive(memory)
        weights = _weights(model, len(memory.output))
        layers = zip(model.decoder.layers, weights.layers, strict=True)
        self.layers = [_Layer(layer, own, memory, may_read) for layer, own in layers]
        self.weights = weights

    @torch.no_grad()
    def __call__(self, token: Int[Tensor, "batch 1"]) -> Float[Tensor, "batch vocab"]:
        """Return the logits of the token that follows `token`, which follows those of the calls before."""
        return self.weights.score(self.read(token)).squeeze(1)

    @torch.no_grad()
    def read(self, token: Int[Tensor, "batch 1"]) -> Float[Tensor, "batch 1 d_model"]:
        """Return what the logits are made of."""
        x = self.model.target_positions(self.model.target_embedding(token), self.length)
        for layer in self.layers:
            x = layer(x, self.length)
        self.length += 1
        return self.model.decoder.norm(x)

    def reorder(self, rows: Int[Tensor, " batch"]) -> None:
        """Go on with the targets of `rows`; each must have the source of the row it comes from."""
        for layer in self.layers:
            layer.past = layer.past[:, rows]


def _additive(memory: Encoded) -> tuple[Tensor | None, Tensor | None]:
    """Return what to add to the scores of the source, and which rows may read nothing of it; None where neither."""
    if memory.mask is None or bool(memory.mask.all()):
        return None, None
    mask = memory.mask.unsqueeze(-3)  # one for all heads
    idle = ~mask.any(dim=-1, keepdim=True)
    hidden = torch.zeros_like(mask, dtype=memory.output.dtype).masked_fill(~(mask | idle), -torch.inf)
    return hidden, idle if bool(idle.any()) else None


class _LayerWeights:
    """The projections of one decoder layer for inputs of so many rows."""

    def __init__(self, layer: DecoderLayer, rows: int) -> None:
        itself, cross = layer.attention, layer.cross_attention
        self.project = _packed(rows, itself.query, itself.key, itself.value)
        self.output = _packed(rows, itself.output)
        self.cross_query = _packed(rows, cross.query)
        self.cross_output = _packed(rows, cross.output)
        self.hidden = _packed(rows, layer.feed_forward.hidden)
        self.inner_output = _packed(rows, layer.feed_forward.output)


class _Weights:
    """All that a step multiplies by, for so many rows, as `state` of the model had it."""

    def __init__(self, model: Transformer, rows: int) -> None:
        self.state = _state(model, rows)
        self.layers = [_LayerWeights(layer, rows) for layer in model.decoder.layers]
        self.rows, self.output = rows, model.output_embedding.weight

    @cached_property
    def score(self) -> FixedLinear:
        """All logits."""
        return packed(self.output, None, self.rows)

    @cached_property
    def likeliest(self) -> LargestProduct:
        """The token of the largest logit."""
        return LargestProduct(self.output)


_kept: "WeakKeyDictionary[Transformer, _Weights]" = WeakKeyDictionary()


def _weights(model: Transformer, rows: int) -> _Weights:
    """Return a model's packed weights: those of the last time, where autograd has counted no change since.

    Packing costs as much as several steps. A change that autograd does not count, one through `.data`, goes unseen.
    """
    kept = _kept.get(model)
    if kept is None or kept.state != _state(model, rows):
        kept = _kept[model] = _Weights(model, rows)
    return kept


def _state(model: Transformer, rows: int) -> tuple[int, ...]:
    parameters = (*model.decoder.parameters(), model.output_embedding.weight)
    versions = (0 if each.is_inference() else each._version for each in parameters)
    return (rows, *(each.data_ptr() for each in parameters), *versions)


class _Layer:
    """One decoder layer, ready to take a position; `past` holds the keys and values of those before."""

    def __init__(
        self,
        layer: DecoderLayer,
        weights: _LayerWeights,
        memory: Encoded,
        may_read: tuple[Tensor | None, Tensor | None],
    ) -> None:
        self.layer = layer
        self.weights = weights
        n_heads, d_head = self.heads = (layer.attention.n_heads, layer.attention.d_head)
        self.source = layer.cross_attention.project_keys_values(memory.output)
        self.hidden_source, self.idle = may_read
        self.past = memory.output.new_empty(2, len(memory.output), n_heads, FIRST_CAPACITY, d_head)

    def __call__(self, x: Float[Tensor, "batch 1 d_model"], position: int) -> Float[Tensor, "batch 1 d_model"]:
        layer, weights = self.layer, self.weights
        new = weights.project(layer.attention_residual.read(x)).view(len(x), 1, 3, *self.heads).permute(2, 0, 3, 1, 4)
        key, value = self._remember(new[1:], position)
        read = F.scaled_dot_product_attention(new[0], key, value).reshape(x.shape)
        x = layer.attention_residual.add(x, weights.output(read))

        read = layer.cross_attention_residual.read(x)
        query = weights.cross_query(read).view(len(x), 1, *self.heads).transpose(1, 2)
        read = F.scaled_dot_product_attention(query, self.source.key, self.source.value, attn_mask=self.hidden_source)
        read = read if self.idle is None else read.masked_fill(self.idle, 0.0)
        x = layer.cross_attention_residual.add(x, weights.cross_output(read.reshape(x.shape)))

        hidden = weights.hidden(layer.feed_forward_residual.read(x)).relu_()
        return layer.feed_forward_residual.add(x, weights.inner_output(hidden))

    def _remember(self, new: Tensor, position: int) -> Tensor:
        """Write keys and values of a position behind those before, and return all."""
        if position == self.past.shape[3]:
            self.past = torch.cat([self.past, torch.empty_like(self.past)], dim=3)
        self.past[:, :, :, position : position + 1] = new
        return self.past[:, :, :, : position + 1]


def _packed(rows: int, *projections: nn.Linear) -> FixedLinear:
    """Return several projections of one input as one."""
    weight, biases = torch.cat([each.weight for each in projections]), [each.bias for each in projections]
    return packed(weight, None if biases[0] is None else torch.cat(biases), rows)
