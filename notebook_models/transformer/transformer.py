"""The Transformer: encoder and decoder between token embeddings and logits. Knows nothing of training or search."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from notebook_models.attention.masks import padding_mask
from notebook_models.fast_dropout import Dropout
from notebook_models.fast_embedding import look_up
from notebook_models.fast_linear import linear
from notebook_models.transformer.decoder import Cache, Decoded, Decoder
from notebook_models.transformer.embeddings import TiedEmbedding, unknown
from notebook_models.transformer.encoder import Encoded, Encoder
from notebook_models.transformer.positional_encoding import LearnedPositions, SinusoidalPositions
from notebook_models.transformer.residual import Norm

POSITIONS = {"sinusoidal": SinusoidalPositions, "learned": LearnedPositions}


class Transformer(nn.Module):
    """Reads a source sequence, and predicts each token of a target from the source and the tokens before it.

    With `tie_embeddings` one matrix serves the source, the target and the logits, over one vocabulary. Source
    positions that hold `pad` are read by nobody. Padding comes last: before the tokens it would shift their positions,
    and raises ValueError, on a CPU and outside compiled graphs, where a look costs next to nothing. Matrices start by
    Glorot's rule, as in the authors' tensor2tensor.

    Source: Vaswani et al. 2017, section 3 and figure 1.
    """

    def __init__(
        self,
        source_vocab: int,
        target_vocab: int,
        d_model: int = 512,
        n_heads: int = 8,
        n_layers: int = 6,
        d_ff: int = 2048,
        dropout: float = 0.1,
        norm: Norm = "post",
        positions: Literal["sinusoidal", "learned"] = "sinusoidal",
        tie_embeddings: bool = True,
        pad: int = 0,
        max_length: int = 1024,
    ) -> None:
        super().__init__()
        _check(source_vocab, target_vocab, positions, tie_embeddings)
        if not 0 <= pad < min(source_vocab, target_vocab):
            msg = f"pad must be a token from 0 to {min(source_vocab, target_vocab) - 1}, got {pad}"
            raise ValueError(msg)
        self.pad = pad
        self.max_length = max_length
        self.source_embedding = TiedEmbedding(source_vocab, d_model)
        self.target_embedding = self.source_embedding if tie_embeddings else TiedEmbedding(target_vocab, d_model)
        self.output_embedding = self.target_embedding if tie_embeddings else TiedEmbedding(target_vocab, d_model)
        self.source_positions = POSITIONS[positions](d_model, max_length)
        self.target_positions = POSITIONS[positions](d_model, max_length)
        self.dropout = Dropout(dropout)
        self.encoder = Encoder(d_model, n_heads, n_layers, d_ff, dropout, norm)
        self.decoder = Decoder(d_model, n_heads, n_layers, d_ff, dropout, norm)
        self.apply(_initialize)

    @classmethod
    def base(cls, vocab: int) -> "Transformer":
        """Return the paper's base model: 63.08 million parameters with a vocabulary of 37,000."""
        return cls(vocab, vocab)

    @classmethod
    def big(cls, vocab: int) -> "Transformer":
        """Return the paper's big model: 214.25 million parameters with a vocabulary of 37,000."""
        return cls(vocab, vocab, d_model=1024, n_heads=16, d_ff=4096, dropout=0.3)

    def forward(
        self, source: Int[Tensor, "batch source"], target: Int[Tensor, "batch target"]
    ) -> Float[Tensor, "batch target target_vocab"]:
        """Return logits for the token that follows each target token; `target` begins with the start token."""
        x, y, matrix = self._look_up(source, target)
        _check_padding("target", target, self.pad)
        return linear(self._extend(y, self.start(self._encode(x, source))).output, matrix)

    def encode(self, source: Int[Tensor, "batch source"], *, need_weights: bool = False) -> Encoded:
        """Return the memory of a source sequence."""
        return self._encode(self.source_embedding(source), source, need_weights=need_weights)

    def decode(self, target: Int[Tensor, "batch target"], memory: Encoded, *, need_weights: bool = False) -> Decoded:
        """Return a vector for each target position, in the light of the source and the target up to there."""
        return self.extend(target, self.start(memory), need_weights=need_weights)

    def start(self, memory: Encoded) -> Cache:
        """Return the cache of a target without tokens."""
        return self.decoder.start(memory.output, memory.mask)

    def extend(self, target: Int[Tensor, "batch target"], cache: Cache, *, need_weights: bool = False) -> Decoded:
        """Decode only the target tokens that follow those in the cache."""
        return self._extend(self.target_embedding(target), cache, need_weights=need_weights)

    def logits(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch target_vocab"]:
        """Return the score of every token, before softmax."""
        return self.output_embedding.logits(x)

    def _look_up(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the vectors of both, and the matrix of the logits. A matrix for all has one gradient of its size."""
        tied = self.source_embedding is self.target_embedding is self.output_embedding
        if not tied or any(tokens.ndim != 2 or tokens.is_floating_point() for tokens in (source, target)):
            return self.source_embedding(source), self.target_embedding(target), self.output_embedding.weight
        tokens = torch.cat([source.flatten(), target.flatten()])
        try:
            rows, matrix = look_up(self.output_embedding.weight, tokens)
        except IndexError as error:
            raise unknown(tokens, self.output_embedding.vocab) from error
        x, y = (rows * self.source_embedding.scale).split([source.numel(), target.numel()])
        return x.unflatten(0, source.shape), y.unflatten(0, target.shape), matrix

    def _encode(self, x: Tensor, source: Tensor, *, need_weights: bool = False) -> Encoded:
        _check_padding("source", source, self.pad)
        mask = padding_mask(source, self.pad)
        return self.encoder(self.dropout(self.source_positions(x)), mask, need_weights=need_weights)

    def _extend(self, y: Tensor, cache: Cache, *, need_weights: bool = False) -> Decoded:
        y = self.dropout(self.target_positions(y, cache.length))
        return self.decoder.extend(y, cache, need_weights=need_weights)


def _initialize(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def _check_padding(name: str, tokens: Tensor, pad: int) -> None:
    if tokens.device.type != "cpu" or torch.compiler.is_compiling() or tokens.shape[1] == 0:
        return
    filled = tokens == pad
    early = (filled[:, 0] & ~filled.all(dim=1)).nonzero()
    if len(early):
        msg = f"{name}: expected padding after the tokens, got it before them in row {int(early[0])}"
        raise ValueError(msg)


def _check(source_vocab: int, target_vocab: int, positions: str, tie_embeddings: bool) -> None:
    if tie_embeddings and source_vocab != target_vocab:
        msg = f"tied embeddings need one vocabulary, got {source_vocab} source and {target_vocab} target tokens"
        raise ValueError(msg)
    if positions not in POSITIONS:
        msg = f"positions must be 'sinusoidal' or 'learned', got {positions!r}"
        raise ValueError(msg)
