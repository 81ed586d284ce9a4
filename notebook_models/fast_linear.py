"""Linear maps at the speed a CPU can give them, with the same results as torch's. Knows nothing of models.

Torch multiplies float32 matrices with MKL. oneDNN, which it brings along too, is up to a third faster where there is
much to do. Where there are but few inputs a product costs what reading its weights costs, and there the layout of the
weights decides (`benchmarks/reading_weights.py`).
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

_MUCH = 2**27  # multiplications; a call of oneDNN costs 15 µs more than one of MKL
_STRIPE = 32  # outputs of a stripe: 128 bytes a row, two lines of the cache

FixedLinear = Callable[[Float[Tensor, "*batch d_in"]], Float[Tensor, "*batch d_out"]]


def linear(
    x: Float[Tensor, "*batch d_in"], weight: Float[Tensor, "d_out d_in"], bias: Float[Tensor, " d_out"] | None = None
) -> Float[Tensor, "*batch d_out"]:
    """Return `x Wᵀ + b`: `F.linear`, and on a CPU, in float32, a product and a gradient of oneDNN where it is large.

    While torch compiles or exports, and under autocast, it is `F.linear`.
    """
    if x.numel() * len(weight) < _MUCH or not _has_onednn(weight) or x.dtype != weight.dtype or _is_recorded():
        return F.linear(x, weight, bias)
    y: Tensor = _Linear.apply(x.reshape(-1, x.shape[-1]), weight, bias)
    return y.view(*x.shape[:-1], len(weight))


class Linear(nn.Linear):
    """`nn.Linear`, computed by `linear`."""

    def forward(self, input: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """Return `x Wᵀ + b`."""
        return linear(input, self.weight, self.bias)


def packed(weight: Float[Tensor, "d_out d_in"], bias: Float[Tensor, " d_out"] | None, rows: int) -> FixedLinear:
    """Return x ↦ x Wᵀ + b for inputs of so many `rows`, with W laid out once as the processor reads it.

    In float32 on a CPU this is `Striped` for one row where torch has FBGEMM, as on x86, and else oneDNN's blocked
    layout, the one that `torch.compile` gives frozen weights. Changes of the weight afterwards go unseen. Elsewhere it
    is `F.linear`.
    """
    weight = weight.detach()
    if not _has_onednn(weight):
        return lambda x: F.linear(x, weight, bias)
    if rows == 1 and has_fbgemm(weight):
        return _striped(weight, bias)
    blocked = torch.ops.mkldnn._reorder_linear_weight(weight, rows)
    return lambda x: _product(x, blocked, bias)


class Striped:
    """A matrix laid out for products with one vector: some rows at a time, a stripe, and of it column after column.

    A product is then a sum of columns, each times one number of x. That is what an embedding bag sums, with a stripe
    for a bag, and its kernel asks the memory for columns before it needs them.
    """

    def __init__(self, weight: Float[Tensor, "row width"], height: int) -> None:
        rows, width = weight.shape
        count = -(-rows // height)
        padded = F.pad(weight, (0, 0, 0, count * height - rows))
        self.columns = padded.view(count, height, width).transpose(1, 2).reshape(-1, height)
        self.every = torch.arange(len(self.columns), dtype=torch.int32)
        self.first = self.every[::width].contiguous()

    def factors(self, x: Float[Tensor, "*one width"]) -> Float[Tensor, " column"]:
        """Return what each column is multiplied by."""
        return x.reshape(1, -1).expand(len(self.first), -1).contiguous().view(-1)


def _striped(weight: Tensor, bias: Tensor | None) -> FixedLinear:
    striped, d_out = Striped(weight, _STRIPE), len(weight)

    def product(x: Tensor) -> Tensor:
        factors = striped.factors(x)
        y = F.embedding_bag(striped.every, striped.columns, striped.first, mode="sum", per_sample_weights=factors)
        y = y.flatten()[:d_out].view(*x.shape[:-1], d_out)
        return y if bias is None else y.add_(bias)

    return product


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _product(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, of_y: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad
        # That of the weight is left to MKL: oneDNN is no faster there. Its product has no gradient itself.
        by_onednn = not torch.is_grad_enabled()
        return (
            (_product(of_y, weight.mT) if by_onednn else of_y @ weight) if of_x else None,
            of_y.mT @ x if of_weight else None,
            of_y.sum(dim=0) if of_bias else None,
        )


def _product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    result: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return result


def has_fbgemm(weight: Tensor) -> bool:
    """Return whether products with a matrix can be sums of its columns: in float32 on a CPU, x86 say."""
    return _has_onednn(weight) and "fbgemm" in torch.backends.quantized.supported_engines


def _has_onednn(weight: Tensor) -> bool:
    return weight.device.type == "cpu" and weight.dtype == torch.float32 and torch.backends.mkldnn.is_available()


def _is_recorded() -> bool:
    return torch.compiler.is_compiling() or torch.is_autocast_enabled("cpu")
