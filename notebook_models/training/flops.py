"""What a Transformer costs in floating-point operations, by formula, and what a device can do. Trains nothing.

A product of an (a, b) and a (b, c) matrix counts 2abc operations; only matrix products count. The backward pass makes
two products for each of the forward pass, so training costs three times as much. The model FLOPs utilization, MFU, is
the share of the device's own fastest matrix product that a training reaches.

Sources: Vaswani et al. 2017, table 1 and section 6.1, for what costs how much; Chowdhery et al. 2022, appendix B, for
MFU. Unlike theirs, padding counts as work here, and the ceiling is measured and not taken from a data sheet.
"""

import time
from dataclasses import dataclass

import torch

from notebook_models.transformer.transformer import Transformer


@dataclass(frozen=True, slots=True)
class Cost:
    """The sizes of a Transformer that decide its cost; `batch` rows of `source` and `target` positions."""

    d_model: int
    d_ff: int
    n_layers: int
    vocab: int

    @classmethod
    def of(cls, model: Transformer) -> "Cost":
        """Return the sizes of a model."""
        vocab, d_model = model.output_embedding.weight.shape
        layers = model.encoder.layers
        return cls(d_model, layers[0].feed_forward.hidden.out_features, len(layers), vocab)

    def forward(self, source: int, target: int, batch: int = 1) -> int:
        """Return the operations that logits for every target position cost."""
        layers = self._encoder_layer(source) + self._decoder_layer(source, target)
        return batch * (self.n_layers * layers + 2 * target * self.d_model * self.vocab)

    def training(self, source: int, target: int, batch: int = 1) -> int:
        """Return the operations that logits and all gradients cost."""
        return 3 * self.forward(source, target, batch)

    def per_token(self, length: int) -> float:
        """Return the training operations per target token, of sentences with `length` tokens on either side."""
        return self.training(length, length) / length

    def _encoder_layer(self, n: int) -> int:
        d = self.d_model
        return 8 * n * d**2 + 4 * n**2 * d + 4 * n * d * self.d_ff  # projections, attention, feed-forward

    def _decoder_layer(self, n: int, m: int) -> int:
        d = self.d_model
        cross = 4 * m * d**2 + 4 * n * d**2 + 4 * n * m * d  # query and output; key and value; attention
        return self._encoder_layer(m) + cross


def ceiling(device: torch.device, dtype: torch.dtype, size: int | None = None) -> float:
    """Return the operations a second of the fastest of some products of two square matrices on the device."""
    size = size or (8192 if device.type == "cuda" else 1024)
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    fastest = min(_seconds(left, right) for _ in range(6))
    return 2 * size**3 / fastest


def _seconds(left: torch.Tensor, right: torch.Tensor) -> float:
    wait = torch.cuda.synchronize if left.device.type == "cuda" else lambda: None
    wait()
    started = time.perf_counter()
    left @ right
    wait()
    return time.perf_counter() - started
