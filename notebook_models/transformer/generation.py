"""Writing a sequence with a trained model, one token after another. Knows nothing of how the model is built inside."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from notebook_models.transformer.transformer import Transformer


@dataclass(frozen=True)
class Generated:
    """The tokens after the start token, up to and with the end token, then padding; and log p of each sequence."""

    tokens: Int[Tensor, "batch new"]
    log_probability: Float[Tensor, " batch"]


class NextToken:
    """Scores every token that could come next. With `use_cache` no position is ever computed twice."""

    def __init__(self, model: Transformer, source: Int[Tensor, "batch source"], use_cache: bool) -> None:
        self.model = model
        self.memory = model.encode(source)
        self.cache = model.start(self.memory) if use_cache else None

    def __call__(self, target: Int[Tensor, "batch target"]) -> Float[Tensor, "batch vocab"]:
        """Return log p(next token | source, target); one token longer on each call."""
        if self.cache is None:
            decoded = self.model.decode(target, self.memory)
        else:
            decoded = self.model.extend(target[:, self.cache.length :], self.cache)
            self.cache = decoded.cache
        logits = self.model.logits(decoded.output[:, -1])
        return logits.log_softmax(dim=-1, dtype=torch.promote_types(logits.dtype, torch.float32))


@torch.no_grad()
def greedy(
    model: Transformer,
    source: Int[Tensor, "batch source"],
    *,
    bos: int,
    eos: int,
    max_new_tokens: int,
    use_cache: bool = True,
) -> Generated:
    """Extend each target by its likeliest token until `eos`, or until `max_new_tokens` are written.

    Put the model into eval mode first: in training mode dropout acts here as well. Raises ValueError when a token is
    outside the vocabulary, or when the model has no positions for so many tokens.
    """
    _check(model, source, bos, eos, max_new_tokens)
    next_token = NextToken(model, source, use_cache)
    target = source.new_full((len(source), 1), bos)
    finished = torch.zeros_like(target[:, 0], dtype=torch.bool)
    total = torch.zeros(len(source), device=source.device)
    for _ in range(max_new_tokens):
        best, token = next_token(target).max(dim=-1)
        total = total + best.masked_fill(finished, 0.0)
        target = torch.cat([target, token.masked_fill(finished, model.pad).unsqueeze(-1)], dim=-1)
        finished = finished | (token == eos)
        if finished.all():
            break
    return Generated(target[:, 1:], total)


def _check(model: Transformer, source: Tensor, bos: int, eos: int, max_new_tokens: int) -> None:
    if source.numel() == 0:
        msg = f"expected at least one source of at least one token, got shape {tuple(source.shape)}"
        raise ValueError(msg)
    low, high = (int(end) for end in source.aminmax())
    _check_tokens("source", low, high, model.source_embedding.vocab)
    _check_tokens("bos and eos", min(bos, eos), max(bos, eos), model.target_embedding.vocab)
    if not 1 <= max_new_tokens <= model.max_length:
        msg = f"max_new_tokens must be 1 to {model.max_length}, got {max_new_tokens}"
        raise ValueError(msg)


def _check_tokens(name: str, low: int, high: int, vocab: int) -> None:
    if low < 0 or high >= vocab:
        msg = f"{name}: expected tokens from 0 to {vocab - 1}, got {low if low < 0 else high}"
        raise ValueError(msg)
