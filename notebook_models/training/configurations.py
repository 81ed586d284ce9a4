"""The paper's base and big: every choice it makes, for the model, its training and its translations. Trains nothing.

Source: Vaswani et al. 2017, sections 5 and 6.1, table 3.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Any

from notebook_models.training.trainer import Settings


def _choice(default: float | int, text: str, least: float | int = 1, most: float | int = math.inf) -> Any:
    return field(default=default, metadata={"help": text, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Base is the default. `tokens` are those of a whole step, on all devices together, in the source and the target.

    The paper saved every ten minutes; `save_every` is how many of its steps that was: 0.4 s each for base, 1.0 for big.
    Raises ValueError for a choice that no training can have, and names it.
    """

    n_layers: int = _choice(6, "layers of the encoder, and of the decoder")
    d_model: int = _choice(512, "width of the model")
    d_ff: int = _choice(2048, "inner width of the feed-forward network")
    n_heads: int = _choice(8, "heads of attention")
    dropout: float = _choice(0.1, "share of elements that dropout sets to zero", 0, 1)
    smoothing: float = _choice(0.1, "share of label smoothing", 0, 1)
    vocabulary: int = _choice(37_000, "tokens of the vocabulary that both languages share")
    tokens: int = _choice(25_000, "source tokens of a step, and target tokens, on all devices together", 2)
    warmup: int = _choice(4000, "steps of warm-up; with the width they decide the learning rate")
    steps: int = _choice(100_000, "steps of training")
    save_every: int = _choice(1500, "steps between two saves")
    average: int = _choice(5, "last saves whose mean is evaluated")
    beam: int = _choice(4, "translations that beam search goes on with")
    alpha: float = _choice(0.6, "exponent of the length penalty", 0, 100)
    extra_length: int = _choice(50, "tokens that a translation may have more than its source", 0)

    def __post_init__(self) -> None:
        for each in fields(self):
            value, least, most = getattr(self, each.name), each.metadata["least"], each.metadata["most"]
            if not least <= value <= most:
                wanted = f"at least {least}" if most == math.inf else f"from {least} to {most}"
                msg = f"{each.name} must be {wanted}, got {value}"
                raise ValueError(msg)
        if self.d_model % self.n_heads or self.d_model % 2:
            msg = f"d_model must be a multiple of n_heads, and even, got {self.d_model} and {self.n_heads} heads"
            raise ValueError(msg)

    @property
    def d_key(self) -> int:
        """The width of a head's queries, keys and values: the paper's d_k and d_v."""
        return self.d_model // self.n_heads

    @property
    def peak_rate(self) -> float:
        """The learning rate at the end of warm-up, by the paper's formula (3)."""
        return float((self.d_model * self.warmup) ** -0.5)

    def sizes(self, vocabulary: int) -> dict[str, Any]:
        """Return the arguments of the `Transformer`."""
        return {
            "source_vocab": vocabulary, "target_vocab": vocabulary, "d_model": self.d_model, "n_heads": self.n_heads,
            "n_layers": self.n_layers, "d_ff": self.d_ff, "dropout": self.dropout,
        }  # fmt: skip

    def settings(self, *, accumulate: int, bfloat16: bool, seed: int, shard: bool = False) -> Settings:
        """Return the settings of the `Trainer`."""
        return Settings(
            peak_rate=self.peak_rate, warmup=self.warmup, smoothing=self.smoothing, accumulate=accumulate,
            bfloat16=bfloat16, shard=shard, seed=seed, save_every=self.save_every, keep=self.average,
        )  # fmt: skip


BASE = Configuration()
BIG = Configuration(d_model=1024, d_ff=4096, n_heads=16, dropout=0.3, steps=300_000, save_every=600, average=20)
CONFIGURATIONS = {"base": BASE, "big": BIG}
