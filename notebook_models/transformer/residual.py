"""The residual connection around a sub-layer, with its normalization. Knows nothing of what the sub-layer does."""

from typing import Literal, get_args

from jaxtyping import Float
from torch import Tensor, nn

from notebook_models.fast_dropout import Dropout

Norm = Literal["post", "pre"]


class Residual(nn.Module):
    """`LayerNorm(x + Dropout(sublayer(x)))`, or `x + Dropout(sublayer(LayerNorm(x)))` when `norm` is "pre".

    Two halves, so that a sub-layer with more arguments and results than x stands between them in plain sight:
    `change = sublayer(residual.read(x))`, then `x = residual.add(x, change)`.

    Source: Vaswani et al. 2017, sections 3.1 and 5.4 ("post"); "pre" is later, see Xiong et al. 2020.
    """

    def __init__(self, d_model: int, dropout: float = 0.0, norm: Norm = "post") -> None:
        super().__init__()
        if norm not in get_args(Norm):
            msg = f"norm must be 'post' or 'pre', got {norm!r}"
            raise ValueError(msg)
        self.norm_first = norm == "pre"
        self.norm = nn.LayerNorm(d_model)
        self.dropout = Dropout(dropout)

    def read(self, x: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch position d_model"]:
        """Return what the sub-layer reads."""
        return self.norm(x) if self.norm_first else x

    def add(
        self, x: Float[Tensor, "batch position d_model"], change: Float[Tensor, "batch position d_model"]
    ) -> Float[Tensor, "batch position d_model"]:
        """Return x with the sub-layer's change added."""
        total = x + self.dropout(change)
        return total if self.norm_first else self.norm(total)
