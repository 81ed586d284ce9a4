"""Token buckets: batches of pairs of like length, measured in tokens. Knows nothing of models or of words.

"Sentence pairs were batched together by approximate sequence length. Each training batch contained a set of sentence
pairs containing approximately 25000 source tokens and 25000 target tokens." (Vaswani et al. 2017, section 5.1)
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn import functional as F

from notebook_models.training.pairs import Pairs, Rows


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows filled with padding at the end. `source` ends with the end token, `target` has the start and the end."""

    source: Int[Tensor, "batch source"]
    target: Int[Tensor, "batch target"]

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device; a GPU copies it while the processor goes on."""
        if device.type == "cuda":
            pinned = self.source.pin_memory(), self.target.pin_memory()
            return Batch(*(tokens.to(device, non_blocking=True) for tokens in pinned))
        return Batch(self.source.to(device), self.target.to(device))


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many pairs no batch will hold: one side has no tokens, or one side is longer than allowed."""

    empty: int
    long: int


class TokenBuckets(Iterator[Batch]):
    """Endless batches, each with at most `tokens` source and `tokens` target positions, padding included.

    Each epoch has every pair once, in an order that only `seed` and the number of the epoch decide: pairs are
    shuffled, sorted by length, cut into batches, and the batches are shuffled. The batches of all epochs are one
    stream. Rank r of n takes batches r, r + n, r + 2n, ... of it, so all ranks take as many steps, and no pair is left
    out where an epoch does not divide by n.

    Pairs with an empty side, or a side longer than `tokens` or `max_length` with its end token, are left out and
    counted in `dropped`: real corpora have some. ValueError when none is left.
    """

    def __init__(
        self, pairs: Pairs, *, bos: int, eos: int, pad: int = 0, tokens: int = 25_000, max_length: int = 1024,
        seed: int = 0, rank: int = 0, ranks: int = 1,
    ) -> None:  # fmt: skip
        _check(pairs, pad, tokens, rank, ranks)
        self.pairs, self.bos, self.eos, self.pad, self.tokens = pairs, bos, eos, pad, tokens
        self.seed, self.rank, self.ranks = seed, rank, ranks
        source, target = pairs.source.lengths, pairs.target.lengths
        empty = (source == 0) | (target == 0)
        long = (torch.maximum(source, target) + 1 > min(tokens, max_length)) & ~empty
        self.dropped = Dropped(int(empty.sum()), int(long.sum()))
        self._kept = (~(empty | long)).nonzero()[:, 0]
        if not len(self._kept):
            msg = f"expected pairs with two sides, got {len(pairs)}, of which {self.dropped.empty} have an empty side"
            raise ValueError(f"{msg} and {self.dropped.long} are longer than {min(tokens, max_length) - 1} tokens")
        self._start(epoch=0, taken=0)

    def __next__(self) -> Batch:
        return self._batch([self._take() for _ in range(self.ranks)][self.rank])

    def epoch(self, number: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch on all ranks, every pair once, wherever the stream stands."""
        yield from map(self._batch, self._planned(number))

    def state_dict(self) -> dict[str, Any]:
        """Return the place in the stream, the same on every rank, and what tells whether the stream is the same."""
        return {"epoch": self._epoch, "taken": self._taken, "stream": self._stream()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken; raises ValueError when it is of other pairs, another seed or other sizes."""
        if state["stream"] != self._stream():
            msg = f"this is the place in other batches: expected {self._stream()}, got {state['stream']}"
            raise ValueError(msg)
        self._start(state["epoch"], state["taken"])

    def _stream(self) -> dict[str, int]:
        checksums = {"source": self.pairs.source.checksum, "target": self.pairs.target.checksum}
        return {**checksums, "pairs": len(self._kept), "tokens": self.tokens, "seed": self.seed}

    def _start(self, epoch: int, taken: int) -> None:
        self._epoch, self._taken, self._plan = epoch, taken, self._planned(epoch)

    def _take(self) -> Int[Tensor, " batch"]:
        if self._taken == len(self._plan):
            self._start(self._epoch + 1, 0)
        self._taken += 1
        return self._plan[self._taken - 1]

    def _planned(self, epoch: int) -> list[Tensor]:
        """Return the pairs of each batch of an epoch."""
        generator = torch.Generator().manual_seed(random.Random(f"{self.seed} {epoch}").getrandbits(63))
        order = self._kept[torch.randperm(len(self._kept), generator=generator)]
        source, target = self.pairs.source.lengths[order], self.pairs.target.lengths[order]
        # Sources grow among targets of one length and shrink among the next: so neighbours are alike on both sides.
        snake = torch.where(target % 2 == 0, source, -source)
        by_source = snake.argsort(stable=True)
        order = order[by_source[target[by_source].argsort(stable=True)]]
        batches = [order[start:stop] for start, stop in pairwise(self._cuts(order))]
        return [batches[index] for index in torch.randperm(len(batches), generator=generator).tolist()]

    def _cuts(self, order: Int[Tensor, " pairs"]) -> list[int]:
        cuts, longest = [0], 0
        lengths = torch.maximum(self.pairs.source.lengths, self.pairs.target.lengths)[order] + 1
        for index, length in enumerate(lengths.tolist()):
            longest = max(longest, length)
            if (index + 1 - cuts[-1]) * longest > self.tokens:
                cuts.append(index)
                longest = length
        return [*cuts, len(lengths)]

    def _batch(self, chosen: Int[Tensor, " batch"]) -> Batch:
        source, target = (self._ended(rows, chosen) for rows in (self.pairs.source, self.pairs.target))
        return Batch(source, F.pad(target, (1, 0), value=self.bos))

    def _ended(self, rows: Rows, chosen: Int[Tensor, " batch"]) -> Int[Tensor, "batch longest"]:
        tokens = F.pad(rows.padded(chosen, self.pad), (0, 1), value=self.pad)
        tokens[torch.arange(len(chosen)), rows.lengths[chosen]] = self.eos
        return tokens


def _check(pairs: Pairs, pad: int, tokens: int, rank: int, ranks: int) -> None:
    if tokens < 2:
        msg = f"a batch must hold at least a token and the end token, got tokens={tokens}"
        raise ValueError(msg)
    if not 0 <= rank < ranks:
        msg = f"expected a rank from 0 to {ranks - 1}, got {rank}"
        raise ValueError(msg)
    if any((rows.tokens == pad).any() for rows in (pairs.source, pairs.target)):
        msg = f"token {pad} stands for padding, and so cannot stand in a pair"
        raise ValueError(msg)
