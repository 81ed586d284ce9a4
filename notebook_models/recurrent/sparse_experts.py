"""Conditional computation: many experts, of which each token uses a few. Knows nothing of what stands around it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class Mixed:
    """The mixture, and the share that each expert has in each token, 0 for all but k of them."""

    output: Float[Tensor, "*batch d_model"]
    gates: Float[Tensor, "*batch expert"]


class SparseExperts(nn.Module):
    """`y = Σ G(x)_i E_i(x)` with `G(x) = softmax(KeepTop_k(W_g x))`: only experts that have a share are computed.

    In training, noise of variance `softplus(W_noise x)²` is added to the scores, so that the choice is not always the
    same. `expert` makes one expert, a module from d_model to d_model.

    Source: Shazeer et al. 2017, section 2, equations 1 and 3 to 5.
    """

    def __init__(self, d_model: int, n_experts: int, k: int, expert: Callable[[], nn.Module]) -> None:
        super().__init__()
        if not 1 <= k <= n_experts:
            msg = f"k must be from 1 to n_experts={n_experts}, got {k}"
            raise ValueError(msg)
        self.k = k
        self.score = nn.Linear(d_model, n_experts, bias=False)
        self.noise = nn.Linear(d_model, n_experts, bias=False)
        self.experts = nn.ModuleList(expert() for _ in range(n_experts))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Mixed:
        """Mix, for each vector, what its k experts make of it."""
        gates = self._gates(x)
        rows, shares = x.flatten(0, -2), gates.flatten(0, -2)
        output = torch.zeros_like(rows)
        for expert, share in zip(self.experts, shares.unbind(dim=-1), strict=True):
            chosen = share.nonzero()[:, 0]
            if len(chosen):
                output = output.index_add(0, chosen, share[chosen, None] * expert(rows[chosen]))
        return Mixed(output.view_as(x), gates)

    def _gates(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch expert"]:
        scores = self.score(x)
        if self.training:
            scores = scores + torch.randn_like(scores) * nn.functional.softplus(self.noise(x))
        best = scores.topk(self.k, dim=-1)
        return torch.full_like(scores, -torch.inf).scatter(-1, best.indices, best.values).softmax(dim=-1)


def imbalance(shares: Float[Tensor, "*batch expert"]) -> Float[Tensor, ""]:
    """Return the squared coefficient of variation of the experts' shares, 0 where all have as much.

    Added to the loss, it keeps the gate from sending all tokens to a few. Source: equations 6 and 7.
    """
    importance = shares.flatten(0, -2).sum(dim=0)
    return importance.var(correction=0) / importance.mean().square()
