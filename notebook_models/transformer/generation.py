"""Writing a sequence with a trained model, one token after another. Knows nothing of how the model is built inside."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from notebook_models.fast_linear import has_fbgemm
from notebook_models.transformer.static_decoder import StaticDecoder
from notebook_models.transformer.transformer import Transformer


@dataclass(frozen=True)
class Generated:
    """The tokens after the start token, up to and with the end token, then padding; and log p of each sequence."""

    tokens: Int[Tensor, "batch new"]
    log_probability: Float[Tensor, " batch"]


class NextToken:
    """Scores every token that could come next. With `use_cache` no position is ever computed twice.

    There are `beam` targets for each source, one after another in the batch; the source itself is read once. In
    training mode there is no cache, since dropout would be drawn but once for each position.
    """

    def __init__(
        self, model: Transformer, source: Int[Tensor, "batch source"], use_cache: bool, beam: int = 1
    ) -> None:
        self.model = model
        self.memory = model.encode(source).repeat(beam)
        self.decoder = StaticDecoder(model, self.memory) if use_cache and not model.training else None

    def __call__(self, target: Int[Tensor, "batch target"]) -> Float[Tensor, "batch vocab"]:
        """Return log p(next token | source, target); one token longer on each call."""
        if self.decoder is None:
            logits = self.model.logits(self.model.decode(target, self.memory).output[:, -1])
        else:
            logits = self.decoder(target[:, -1:])
        return logits.log_softmax(dim=-1, dtype=torch.promote_types(logits.dtype, torch.float32))

    def reorder(self, rows: Int[Tensor, " batch"]) -> None:
        """Go on with targets that begin as those in `rows` do; each must have the source of the row it comes from."""
        if self.decoder is not None:
            self.decoder.reorder(rows)


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
    alone = len(source) == 1 and next_token.decoder is not None and has_fbgemm(model.output_embedding.weight)
    likeliest = _LikeliestOfOne(next_token) if alone else _Likeliest(next_token)
    target = source.new_full((len(source), 1), bos)
    finished = torch.zeros_like(target[:, 0], dtype=torch.bool)
    for _ in range(max_new_tokens):
        token = likeliest(target).masked_fill(finished, model.pad)
        target = torch.cat([target, token.unsqueeze(-1)], dim=-1)
        finished = finished | (token == eos)
        if finished.all():
            break
    ends = target[:, 1:] == eos
    written = ends.cumsum(dim=-1) - ends.long() == 0  # no end before it
    return Generated(target[:, 1:], likeliest.log_p(target).where(written, 0.0).sum(dim=-1))


class _Likeliest:
    """The likeliest token after each target, and log p of those that were taken."""

    def __init__(self, next_token: NextToken) -> None:
        self.next_token = next_token
        self.best: list[Tensor] = []

    def __call__(self, target: Tensor) -> Tensor:
        best, token = self.next_token(target).max(dim=-1)
        self.best.append(best)
        return token

    def log_p(self, target: Tensor) -> Tensor:
        """Return log p of each token after the first, (batch, new)."""
        return torch.stack(self.best, dim=-1)


class _LikeliestOfOne:
    """The same for a single target: logits of all tokens are made once, at the end, when one product makes all.

    Docs: docs/decisions/0014-decoding-one-sentence.md.
    """

    def __init__(self, next_token: NextToken) -> None:
        self.model, self.decoder = next_token.model, next_token.decoder
        self.read: list[Tensor] = []

    def __call__(self, target: Tensor) -> Tensor:
        self.read.append(self.decoder.read(target[:, -1:]))
        return self.decoder.weights.likeliest(self.read[-1].flatten()).unsqueeze(0)

    def log_p(self, target: Tensor) -> Tensor:
        log_p = self.model.logits(torch.cat(self.read, dim=1)).log_softmax(dim=-1)
        return log_p.gather(-1, target[:, 1:].unsqueeze(-1)).squeeze(-1)


def length_penalty(length: int, alpha: float) -> float:
    """Return `((5 + length) / 6) ** alpha`, what a log p is divided by: a longer target may be less likely.

    Source: Wu et al. 2016, section 7, equation 14, without the coverage penalty.
    """
    return ((5 + length) / 6) ** alpha


@torch.no_grad()
def beam_search(
    model: Transformer,
    source: Int[Tensor, "batch source"],
    *,
    bos: int,
    eos: int,
    max_new_tokens: int,
    beam: int = 4,
    alpha: float = 0.6,
    use_cache: bool = True,
) -> Generated:
    """Extend the `beam` likeliest targets of each source together, and return the best of those that ended.

    A target ends when its extension by `eos` is among the `beam` likeliest of all extensions, or at `max_new_tokens`;
    a source is done when `beam` of its targets have ended. The best is that of the highest log p divided by
    `length_penalty`; `log_probability` is its plain log p. With `beam=1` this is `greedy`. Raises ValueError as
    `greedy` does, and for a beam of less than 1 or an alpha without end.

    Source: Vaswani et al. 2017, section 6.1 (beam 4, alpha 0.6).
    """
    _check(model, source, bos, eos, max_new_tokens)
    if beam < 1 or not math.isfinite(alpha):
        msg = f"beam must be at least 1 and alpha finite, got {beam} and {alpha}"
        raise ValueError(msg)
    next_token = NextToken(model, source, use_cache, beam)
    target = source.new_full((len(source) * beam, 1), bos)
    total = torch.full((len(source), beam), -torch.inf, device=source.device)
    total[:, 0] = 0.0  # all targets begin alike: were they all counted, the beam would hold one of them `beam` times
    ended = _Ended(source, beam, model.pad, max_new_tokens)
    first = beam * torch.arange(len(source), device=source.device).unsqueeze(-1)
    for length in range(1, max_new_tokens + 1):
        scores = total.unsqueeze(-1) + next_token(target).unflatten(0, (-1, beam))  # (batch, beam, vocab)
        vocab = scores.shape[-1]
        # Of twice as many extensions at most half end, so that `beam` targets are left to go on with.
        best, index = scores.flatten(1).topk(min(2 * beam, beam * vocab))
        token = index % vocab
        extended = torch.cat([target[first + index // vocab], token.unsqueeze(-1)], dim=-1)
        last = (token == eos) | (length == max_new_tokens)
        ended.add(extended[:, :beam, 1:], best[:, :beam], last[:, :beam], length_penalty(length, alpha))
        if ended.done.all():
            break
        total, kept = best.masked_fill(token == eos, -torch.inf).topk(beam)
        next_token.reorder((first + index.gather(1, kept) // vocab).flatten())
        target = extended.gather(1, kept.unsqueeze(-1).expand(-1, -1, length + 1)).flatten(0, 1)
    return ended.best()


class _Ended:
    """The best target of each source that has ended so far, and how many have."""

    def __init__(self, source: Tensor, beam: int, pad: int, max_new_tokens: int) -> None:
        batch = len(source)
        self.beam = beam
        self.count = source.new_zeros(batch)
        self.score = torch.full((batch,), -torch.inf, device=source.device)
        self.total = self.score.clone()
        self.tokens = source.new_full((batch, max_new_tokens), pad)
        self.length = torch.zeros_like(self.count)
        self.pad = pad

    @property
    def done(self) -> Tensor:
        return self.count >= self.beam

    def add(self, targets: Tensor, total: Tensor, ends: Tensor, penalty: float) -> None:
        """Take note of those of the targets, (batch, beam, length), that end here."""
        ends = ends & total.isfinite() & ~self.done.unsqueeze(-1)
        score, at = (total / penalty).masked_fill(~ends, -torch.inf).max(dim=-1)
        better = score > self.score
        rows = better.nonzero().squeeze(-1)
        self.score = torch.where(better, score, self.score)
        self.total = torch.where(better, total.gather(1, at.unsqueeze(-1)).squeeze(-1), self.total)
        self.tokens[rows] = self.pad
        self.tokens[rows, : targets.shape[-1]] = targets[rows, at[rows]]
        self.length[rows] = targets.shape[-1]
        self.count = self.count + ends.sum(dim=-1)

    def best(self) -> Generated:
        """Return the best, as long as the longest of them."""
        return Generated(self.tokens[:, : int(self.length.max())], self.total)


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
