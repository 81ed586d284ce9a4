"""Self-attention: every token of a sequence reads every token of the same sequence. Knows nothing of their order."""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from notebook_models.attention.scaled_dot_product import Attended, scaled_dot_product_attention


class SelfAttention(nn.Module):
    """`softmax(X Wᑫ (X Wᴷ)ᵀ / √d_key) X Wⱽ`: one head, whose queries, keys and values all come from X.

    Queries and keys are `d_key` wide (as wide as the model unless given), values as wide as the model. Shuffling the
    tokens shuffles the outputs in the same way: nothing here knows where a token stands.

    Source: Vaswani et al. 2017, sections 3.2.1 and 3.2.3.
    """

    def __init__(self, d_model: int, d_key: int | None = None) -> None:
        super().__init__()
        d_key = d_model if d_key is None else d_key
        if d_model < 1 or d_key < 1:
            msg = f"d_model and d_key must be at least 1, got {d_model} and {d_key}"
            raise ValueError(msg)
        self.query = nn.Linear(d_model, d_key, bias=False)
        self.key = nn.Linear(d_model, d_key, bias=False)
        self.value = nn.Linear(d_model, d_model, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch seq d_model"],
        mask: Bool[Tensor, "... #seq #seq"] | None = None,
        *,
        need_weights: bool = True,
    ) -> Attended:
        """Let each token read all of them, itself included. `mask` is True where a query may attend to a key."""
        if x.shape[-1] != self.query.in_features:
            msg = f"expected vectors of width d_model = {self.query.in_features}, got {x.shape[-1]}"
            raise ValueError(msg)
        return scaled_dot_product_attention(self.query(x), self.key(x), self.value(x), mask, need_weights=need_weights)
