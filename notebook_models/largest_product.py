"""Which row of a matrix has the largest product with a vector, found from a quarter of its bytes. Knows no models.

Finding the likeliest of many tokens costs what reading the matrix of the logits costs. Here it is read rounded to eight
bits, which bounds each product from both sides, and only rows that could still have the largest are read as they are.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from notebook_models.fast_linear import Striped

_HEIGHT = 128  # rows that are rounded together; they share a scale for each of their columns
_FEW = 8  # one in so many rows; more are as quickly read all


class LargestProduct:
    """x ↦ argmax(W x), as of the weight when this was made; W must be in float32, on a CPU for which torch has FBGEMM.

    Each number w of a stripe's column is kept as the nearest of 256 that are s apart, so it is off by s / 2 at most,
    and w · x by Σ_j |x_j| s_j / 2. Products that differ in float32's last digits alone may be taken for one another.
    """

    def __init__(self, weight: Float[Tensor, "row width"]) -> None:
        self.weight = weight.detach()
        self.striped = Striped(self.weight, _HEIGHT)
        self.rounded = torch.ops.quantized.embedding_bag_byte_prepack(self.striped.columns)
        del self.striped.columns
        scale = self.rounded[:, -8:-4].contiguous().view(torch.float32)  # after a column's bytes, before its smallest
        # More than a half, since float32 rounds; the constant is that which FBGEMM adds to a range, and more.
        self.off = (0.51 * scale + 1e-7).view(-1, self.weight.shape[1])
        self.bounded = bool(self.weight.isfinite().all() and self.off.isfinite().all())

    def __call__(self, x: Float[Tensor, " width"]) -> Int[Tensor, ""]:
        """Return the number of the row; of equal ones the first."""
        rows = self.possible(x) if self.bounded else ()
        if not 0 < len(rows) <= len(self.weight) // _FEW:  # none is possible where x is not finite
            return (self.weight @ x).argmax()
        return rows[(self.weight[rows] @ x).argmax()]

    def possible(self, x: Float[Tensor, " width"]) -> Int[Tensor, " possible"]:
        """Return the rows that may have the largest product, as far as the rounded numbers tell."""
        striped = self.striped
        rough = torch.ops.quantized.embedding_bag_byte_rowwise_offsets(
            self.rounded, striped.every, striped.first, per_sample_weights=striped.factors(x)
        )
        off = (self.off @ x.abs()).unsqueeze(1)
        least, most = ((rough + by).flatten()[: len(self.weight)] for by in (-off, off))
        return (most >= least.max()).nonzero().squeeze(1)
