"""The Transformer in two parts that take and return plain tensors, as what runs outside Python needs them.

The source is read once by `Encode`, then each call of `Step` writes a token. Both belong in eval mode.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from notebook_models.attention.multi_head import KeyValue
from notebook_models.transformer.decoder import Cache, LayerCache
from notebook_models.transformer.transformer import Transformer


class Encode(nn.Module):
    """Reads one source: the keys and values that every decoder layer reads, and what the encoder itself read."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, source: Int[Tensor, "1 source"]
    ) -> tuple[Float[Tensor, "layers 2 heads source d_head"], Float[Tensor, "layers heads source source"]]:
        if len(source) != 1:
            msg = f"expected one source, got {len(source)}"
            raise ValueError(msg)
        encoded = self.model.encode(source, need_weights=True)
        kept = [torch.cat([layer.source.key, layer.source.value]) for layer in self.model.start(encoded).layers]
        return torch.stack(kept), torch.cat(encoded.weights)


class Step(nn.Module):
    """Writes one token: the probability of each, the cache grown by one position, and what every head read.

    The cache holds the keys and values of the target so far, shaped as the memory; that of no tokens has 0 positions.
    """

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        token: Int[Tensor, "1 1"],
        memory: Float[Tensor, "layers 2 heads source d_head"],
        cache: Float[Tensor, "layers 2 heads before d_head"],
    ) -> tuple[
        Float[Tensor, " vocab"],
        Float[Tensor, "layers 2 heads read d_head"],
        Float[Tensor, "layers heads read"],
        Float[Tensor, "layers heads source"],
    ]:
        kept = [LayerCache(KeyValue(*m.split(1)), KeyValue(*c.split(1))) for m, c in zip(memory, cache, strict=True)]
        decoded = self.model.extend(token, Cache(tuple(kept), None), need_weights=True)
        grown = [torch.cat([layer.target.key, layer.target.value]) for layer in decoded.cache.layers]
        probabilities = self.model.logits(decoded.output[0, -1]).softmax(-1)
        target, source = (torch.cat(weights)[:, :, 0] for weights in (decoded.self_weights, decoded.cross_weights))
        return probabilities, torch.stack(grown), target, source
