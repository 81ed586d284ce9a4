"""A recurrence that need not wait: linear in its state, computed in log2 n rounds. Knows nothing of networks."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def linear_scan(
    factor: Float[Tensor, "*batch time d_model"], added: Float[Tensor, "*batch time d_model"]
) -> Float[Tensor, "*batch time d_model"]:
    """Return all `h_t = a_t ⊙ h_{t-1} + b_t` from `h_0 = 0`, where `factor` holds the a and `added` the b.

    Two steps in a row are one step of the same form, with the factor `a₂a₁` and the added `a₂b₁ + b₂`. In each round
    every step takes in the steps before it that it does not hold yet, and then holds twice as many: after ⌈log2 n⌉
    rounds, all.

    Source: Hillis, Steele 1986, "Data parallel algorithms".
    """
    reach = 1
    while reach < factor.shape[-2]:
        # Before the first step the state is 0, and a step that makes 0 of everything stands for that.
        earlier_factor, earlier_added = (F.pad(each[..., :-reach, :], (0, 0, reach, 0)) for each in (factor, added))
        factor, added = factor * earlier_factor, factor * earlier_added + added
        reach *= 2
    return added
