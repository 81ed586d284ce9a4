"""How a notebook declares what a reader may run: a module, its named inputs, its named outputs. Exports nothing itself.

The cell that ends in a `Playground` or a `Generation` gets a panel on the page: the build exports the modules, compares
what comes out with torch, and a reader's browser runs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Labels = str | tuple[str, ...]
"""The names of an axis: given one by one, or the name of the tokens that a reader types."""


@dataclass(frozen=True)
class Tokens:
    """Words that a reader types, of a vocabulary; the module gets their numbers, shape (1, length)."""

    name: str
    label: str
    vocabulary: Mapping[str, int]
    default: str
    min_length: int = 1
    max_length: int = 12

    def tensor(self) -> Tensor:
        return torch.tensor([[self.vocabulary[word] for word in self.default.split()]])


@dataclass(frozen=True)
class Numbers:
    """A small matrix of numbers that a reader may change."""

    name: str
    label: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    default: tuple[tuple[float, ...], ...]

    def tensor(self) -> Tensor:
        return torch.tensor(self.default, dtype=torch.float32)


@dataclass(frozen=True)
class Slider:
    """A whole number that a reader slides; the module gets a tensor without axes."""

    name: str
    label: str
    low: int
    high: int
    default: int

    def tensor(self) -> Tensor:
        return torch.tensor(self.default)


@dataclass(frozen=True)
class Toggle:
    """A choice of yes or no; the module gets a boolean tensor without axes."""

    name: str
    label: str
    default: bool

    def tensor(self) -> Tensor:
        return torch.tensor(self.default)


@dataclass(frozen=True)
class Weights:
    """Shares of one whole, (..., rows, columns): a map for each head of each layer, on the scale from 0 to 1."""

    name: str
    label: str
    rows: Labels
    columns: Labels


@dataclass(frozen=True)
class Matrix(Weights):
    """Numbers of either sign, (..., rows, columns), on the scale about 0."""


@dataclass(frozen=True)
class Mask(Weights):
    """What each row may read, (rows, columns), True where it may."""


Input = Tokens | Numbers | Slider | Toggle
Picture = Weights | Matrix | Mask


@dataclass(frozen=True)
class Playground:
    """A module that takes the inputs and returns the outputs, in these orders. `says` is a sentence on what to see."""

    title: str
    says: str
    module: nn.Module
    inputs: tuple[Input, ...]
    outputs: tuple[Picture, ...]


@dataclass(frozen=True)
class Generation:
    """A model that reads a source once, and then writes token after token.

    `encode` takes the source and returns its memory and the encoder's weights (layers, heads, source, source). `step`
    takes one token (1, 1), the memory and the cache, and returns the probability of each token, the grown cache, and
    the weights of the new position over the target so far and over the source, (layers, heads, read). The cache of
    no tokens is `empty`; it grows along its axis `grows`, and the memory's axis of the source has the same number.
    """

    title: str
    says: str
    source: Tokens
    encode: nn.Module
    step: nn.Module
    empty: Tensor
    grows: int
    vocabulary: tuple[str, ...]
    start: int
    end: int
    max_new_tokens: int
