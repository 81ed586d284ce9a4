"""Attention, the idea: a look-up in which every entry answers. Knows nothing of a scale, of masks or of learning."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Attended:
    """What attention returns, and the weights a picture needs to show why (None when they were not asked for)."""

    output: Float[Tensor, "... query d_value"]
    weights: Float[Tensor, "... query key"] | None


def dot_product(
    query: Float[Tensor, "*batch query d_key"], key: Float[Tensor, "*batch key d_key"]
) -> Float[Tensor, "*batch query key"]:
    """Return `q · k` for each pair: large where both are long and point the same way."""
    return query @ key.mT


def soft_look_up(
    query: Float[Tensor, "*batch query d_query"],
    key: Float[Tensor, "*batch key d_key"],
    value: Float[Tensor, "*batch key d_value"],
    score: Callable[[Tensor, Tensor], Tensor] = dot_product,
    temperature: float = 1.0,
) -> Attended:
    """Return `softmax(score(q, K) / temperature) V`: every entry's value, in proportion to how well its key fits.

    `score` takes queries and keys and returns a number for each pair, (..., query, key). As the temperature falls to
    0, this becomes the look-up in a dictionary, as it rises, the plain average. Raises ValueError unless it is above
    0, there is at least one entry, and each key has one value.

    Source: Vaswani et al. 2017, section 3.2; for the score see Luong et al. 2015, section 3.1.
    """
    if not temperature > 0:
        msg = f"temperature must be above 0, got {temperature}"
        raise ValueError(msg)
    if not key.shape[-2] == value.shape[-2] > 0:
        msg = f"expected at least one key and one value for each, got {key.shape[-2]} and {value.shape[-2]}"
        raise ValueError(msg)
    scores = score(query, key)
    # Softmax reads differences alone; from the best score they are 0 or less, and overflow at no low temperature.
    weights = ((scores - scores.detach().amax(dim=-1, keepdim=True)) / temperature).softmax(dim=-1)
    return Attended(weights @ value, weights)
