"""Encoder-decoder attention: a target reads a source. Knows nothing of the encoder, nor of the decoder around it."""

from jaxtyping import Bool, Float
from torch import Tensor

from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.attention.scaled_dot_product import Attended


class CrossAttention(MultiHeadAttention):
    """`MultiHead(Y, H, H)`: queries from the target Y, keys and values from the memory H that an encoder left.

    The parameters are those of multi-head attention, under the same names. So are `project_keys_values` and `attend`,
    by which a decoder projects the memory once and reads it at every step. No mask is causal here: the source is
    complete before the target begins.

    Source: Vaswani et al. 2017, section 3.2.3.
    """

    def forward(
        self,
        x: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source d_model"],
        mask: Bool[Tensor, "... #target #source"] | None = None,
        *,
        need_weights: bool = True,
    ) -> Attended:
        """Let each target position read the memory.

        `mask` is True at tokens of the source and False at padding, (batch, 1, source) from `padding_mask`. The
        weights are those of every head, (batch, heads, target, source). Raises ValueError unless there is one memory
        for each target.
        """
        if memory.shape[0] != x.shape[0]:
            msg = f"expected one memory for each of {x.shape[0]} targets, got {memory.shape[0]}"
            raise ValueError(msg)
        return self.attend(x, self.project_keys_values(memory), mask, need_weights=need_weights)
