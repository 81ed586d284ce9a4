"""Pairs of token sequences, kept end to end so that millions fit in memory. Knows neither words nor batches."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import torch
from jaxtyping import Int
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """Sequences of tokens in one tensor: row i is `tokens[offsets[i] : offsets[i + 1]]`."""

    tokens: Int[Tensor, " total"]
    offsets: Int[Tensor, " bounds"]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> "Rows":
        """Return rows kept as 32-bit integers; they may come from a generator."""
        tokens, offsets = array("i"), array("q", [0])
        for row in rows:
            tokens.extend(row)
            offsets.append(len(tokens))
        flat = torch.frombuffer(tokens, dtype=torch.int32) if tokens else torch.empty(0, dtype=torch.int32)
        return cls(flat, torch.frombuffer(offsets, dtype=torch.int64))

    @cached_property
    def lengths(self) -> Int[Tensor, " rows"]:
        """How many tokens each row has."""
        return self.offsets.diff()

    @cached_property
    def checksum(self) -> int:
        """A number that differs when any token or boundary does."""
        return crc32(self.offsets.numpy(), crc32(self.tokens.numpy()))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> list[int]:
        start, stop = self.offsets[index : index + 2].tolist()
        return self.tokens[start:stop].tolist()

    def padded(self, chosen: Int[Tensor, " batch"], pad: int) -> Int[Tensor, "batch longest"]:
        """Return the chosen rows, each filled with `pad` up to the longest of them."""
        lengths = self.lengths[chosen][:, None]
        column = torch.arange(int(lengths.max()))
        at = torch.where(column < lengths, self.offsets[chosen][:, None] + column, 0)
        return torch.where(column < lengths, self.tokens[at].long(), pad)


@dataclass(frozen=True)
class Pairs:
    """Row i of `target` is the translation of row i of `source`; neither holds start, end or padding tokens."""

    source: Rows
    target: Rows

    def __post_init__(self) -> None:
        if len(self.source) != len(self.target):
            msg = f"expected as many target rows as the {len(self.source)} source rows, got {len(self.target)}"
            raise ValueError(msg)

    @classmethod
    def of(cls, pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> "Pairs":
        """Return pairs of a source and its target."""
        pairs = list(pairs)
        return cls(Rows.of(source for source, _ in pairs), Rows.of(target for _, target in pairs))

    def __len__(self) -> int:
        return len(self.source)
