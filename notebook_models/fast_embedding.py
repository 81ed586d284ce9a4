"""A matrix whose rows are looked up and which is used again, with one gradient. Knows nothing of what it stands for.

For a matrix with two uses torch makes two gradients of its size and adds them into a third; but the one of a look-up is
zero in all rows except the few that were looked up, and on a CPU that cost a tenth of a training step of the big model.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def look_up(
    matrix: Float[Tensor, "vocab width"], tokens: Int[Tensor, " token"]
) -> tuple[Float[Tensor, "token width"], Float[Tensor, "vocab width"]]:
    """Return the tokens' rows, and the matrix for its other use: `F.embedding(tokens, matrix), matrix`.

    On a CPU the gradient of the rows is added into that of the second result, in the order in which torch adds them,
    so that both end in the same bits.
    """
    if matrix.device.type != "cpu" or not (matrix.requires_grad and torch.is_grad_enabled()):
        return F.embedding(tokens, matrix), matrix
    rows, again = _LookUp.apply(matrix, tokens)
    return rows, again


class _LookUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, matrix: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(tokens)
        return F.embedding(tokens, matrix), matrix.view_as(matrix)

    @staticmethod
    def backward(ctx: Any, of_rows: Tensor, of_matrix: Tensor) -> tuple[Tensor, None]:
        found, place = ctx.saved_tensors[0].unique(return_inverse=True)
        sums = torch.zeros(len(found), of_rows.shape[1], dtype=of_rows.dtype).index_add(0, place, of_rows)
        if not of_matrix.is_contiguous():  # its elements may share memory
            return of_matrix.index_add(0, found, sums), None
        return of_matrix.index_add_(0, found, sums), None
