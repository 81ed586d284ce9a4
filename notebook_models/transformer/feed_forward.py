"""The position-wise feed-forward network: the same two layers at every position. Knows nothing of other positions."""

from jaxtyping import Float
from torch import Tensor, nn

from notebook_models.fast_dropout import Dropout
from notebook_models.fast_linear import Linear


class FeedForward(nn.Module):
    """`FFN(x) = max(0, x W_1 + b_1) W_2 + b_2`, at each position alone.

    `hidden` is the paper's W_1 and b_1, `output` its W_2 and b_2: two convolutions with kernel size 1. `dropout` acts
    on the d_ff hidden units, as in `nn.TransformerEncoderLayer`; the paper's own acts on the result, in `Residual`.

    Source: Vaswani et al. 2017, section 3.3, equation 2.
    """

    def __init__(self, d_model: int, d_ff: int, dropout: float = 0.0) -> None:
        super().__init__()
        if d_model < 1 or d_ff < 1:
            msg = f"d_model and d_ff must be at least 1, got {d_model} and {d_ff}"
            raise ValueError(msg)
        self.hidden = Linear(d_model, d_ff)
        self.output = Linear(d_ff, d_model)
        self.dropout = Dropout(dropout)

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """Return the network's answer for each vector of x; raises ValueError when their width is not d_model."""
        if x.shape[-1] != self.hidden.in_features:
            msg = f"expected vectors of width {self.hidden.in_features}, got {x.shape[-1]}"
            raise ValueError(msg)
        return self.output(self.dropout(self.hidden(x).relu()))
