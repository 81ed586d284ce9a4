"""Perplexity: among how many equally likely tokens a model seems to choose. Knows nothing of models and of words."""

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def perplexity(
    logits: Float[Tensor, "*batch vocab"], targets: Int[Tensor, "*batch"], ignore: int = -100
) -> Float[Tensor, ""]:
    """Return `exp(-(1/m) Σ log p(y_t))` over the m targets that are not `ignore`.

    Each target counts the same, in long sequences and in short ones; nothing is smoothed. Raises ValueError where no
    target is left.
    """
    if bool((targets == ignore).all()):
        msg = f"expected a target that is not {ignore}, got {targets.numel()} that are"
        raise ValueError(msg)
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten(), ignore_index=ignore).exp()
