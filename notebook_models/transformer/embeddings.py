"""Token embeddings, tied to the output projection. Knows nothing of positions or layers."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.fast_linear import linear


class TiedEmbedding(nn.Module):
    """One matrix E with two uses: row t, times √d_model, stands for token t; `x Eᵀ` scores every token.

    The rows start with variance 1 / d_model, so that the scaled vectors have unit variance beside the positions that
    are added to them, and the scores of a normalised x have unit variance too.

    Source: Vaswani et al. 2017, section 3.4.
    """

    def __init__(self, vocab: int, d_model: int) -> None:
        super().__init__()
        if vocab < 1 or d_model < 1:
            msg = f"vocab and d_model must be at least 1, got {vocab} and {d_model}"
            raise ValueError(msg)
        self.weight = nn.Parameter(torch.empty(vocab, d_model))
        nn.init.normal_(self.weight, std=d_model**-0.5)

    @property
    def vocab(self) -> int:
        """How many tokens there are: they are numbered from 0."""
        return self.weight.shape[0]

    @property
    def scale(self) -> float:
        """Return √d_model, by which a row is multiplied when it is looked up."""
        return math.sqrt(self.weight.shape[1])

    def forward(self, tokens: Int[Tensor, "batch position"]) -> Float[Tensor, "batch position d_model"]:
        """Return the vector of each token; raises ValueError for one that there is not, which a GPU tells by itself."""
        if tokens.ndim != 2 or tokens.dtype not in (torch.int64, torch.int32):
            msg = f"expected whole numbers of shape (batch, position), got {tokens.dtype} of {tuple(tokens.shape)}"
            raise ValueError(msg)
        try:
            return F.embedding(tokens, self.weight) * self.scale
        except IndexError as error:
            raise unknown(tokens, self.vocab) from error

    def logits(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocab"]:
        """Return the score of every token in the vocabulary, before softmax."""
        return linear(x, self.weight)


def unknown(tokens: Int[Tensor, "*batch"], vocab: int) -> ValueError:
    """Return the error for tokens of which one is not in the vocabulary."""
    low, high = (int(end) for end in tokens.aminmax())
    return ValueError(f"expected tokens from 0 to {vocab - 1}, got {low if low < 0 else high}")
