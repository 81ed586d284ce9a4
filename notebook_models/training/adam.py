"""Adam: each weight's step is its mean gradient, divided by how large its gradients are. Knows nothing of schedules."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class Adam(torch.optim.Optimizer):
    """`θ ← θ - α m̂ / (√v̂ + ε)`, for each weight by itself, where in step t, from 1, with gradient g

        m ← β₁ m + (1 - β₁) g       m̂ = m / (1 - β₁ᵗ)       the mean gradient
        v ← β₂ v + (1 - β₂) g²      v̂ = v / (1 - β₂ᵗ)       the mean of its square

    Both begin at 0; the divisions by 1 - βᵗ take that beginning out again. α is `lr`. The defaults of β and ε are those
    of the Transformer; `torch.optim.Adam`, which computes the same, has 0.999 and 1e-8. Its `state_dict` can be gone on
    from here. Raises ValueError where lr or ε is negative or a β is outside [0, 1).

    Source: Kingma, Ba 2015, algorithm 1; Vaswani et al. 2017, section 5.3: β₁ = 0.9, β₂ = 0.98, ε = 1e-9.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.98), eps: float = 1e-9
    ) -> None:
        if not (lr >= 0 and eps >= 0):
            msg = f"lr and eps must be at least 0, got {lr} and {eps}"
            raise ValueError(msg)
        if not all(0 <= beta < 1 for beta in betas):
            msg = f"betas must be at least 0 and below 1, got {betas}"
            raise ValueError(msg)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change each weight that has a gradient; return what `closure` does, which is asked for gradients first."""
        with torch.enable_grad():
            loss = closure() if closure else None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._change(weight, weight.grad, group["lr"], group["betas"], group["eps"])
        return loss

    def _change(self, weight: Tensor, gradient: Tensor, lr: float, betas: tuple[float, float], eps: float) -> None:
        state = self.state[weight]
        if not state:  # named as torch.optim.Adam names them
            zeros = torch.zeros_like(weight)
            state |= {"step": torch.tensor(0.0), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
        state["step"] += 1
        (first, second), t = betas, state["step"].item()
        mean = state["exp_avg"].mul_(first).add_((1 - first) * gradient) / (1 - first**t)
        square = state["exp_avg_sq"].mul_(second).add_((1 - second) * gradient**2) / (1 - second**t)
        weight.sub_(lr * mean / (square.sqrt() + eps))
