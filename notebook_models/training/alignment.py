"""Which source word a model reads to write a target word, scored against the alignment that the grammar knows.

Attention is often shown as an alignment and seldom held to one, because for real text the right one must be guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from notebook_models.text.grammar import Pair
from notebook_models.transformer.transformer import Transformer


@dataclass(frozen=True)
class Aligned:
    """How many content words draw most of their attention from the word they come from, and of how many."""

    right: int
    asked: int

    @property
    def share(self) -> float:
        return self.right / self.asked


@torch.no_grad()
def cross_attention(
    model: Transformer, source: Int[Tensor, "batch source"], target: Int[Tensor, "batch target"]
) -> Float[Tensor, "batch written source"]:
    """Return the last decoder layer's cross-attention, the mean over its heads.

    `target` begins with the start token. Row t is what is read to write the token that follows the first t + 1.
    """
    decoded = model.decode(target[:, :-1], model.encode(source), need_weights=True)
    return decoded.cross_weights[-1].mean(dim=1)


def score(weights: Float[Tensor, "batch written source"], pairs: Sequence[Pair]) -> dict[str, Aligned]:
    """Return how often the largest weight is at the gold source: of all content words, and of the reordered ones."""
    read = weights.argmax(dim=-1).tolist()
    found: dict[str, list[bool]] = {"content": [], "reordered": []}
    for row, pair in zip(read, pairs, strict=True):
        for at, source in pair.gold.items():
            found["content"].append(row[at] == source)
            if at in pair.reordered:
                found["reordered"].append(row[at] == source)
    return {name: Aligned(sum(right), len(right)) for name, right in found.items()}
