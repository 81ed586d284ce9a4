"""The paper's learning rate: up evenly, then down with the root of the step. Knows nothing of models."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def rate(step: int, d_model: int = 512, warmup: int = 4000) -> float:
    """Return `d_model^-0.5 · min(step^-0.5, step · warmup^-1.5)`, the learning rate of a step, from 1.

    It rises in equal parts to its peak at step `warmup`, where both terms are the same, and falls with the inverse root
    of the step. Raises ValueError when a number is below 1.

    Source: Vaswani et al. 2017, section 5.3, equation 3, where `warmup` is `warmup_steps`, 4,000.
    """
    if min(step, d_model, warmup) < 1:
        msg = f"step, d_model and warmup must be at least 1, got {step}, {d_model} and {warmup}"
        raise ValueError(msg)
    return float(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5))


def peak(d_model: int = 512, warmup: int = 4000) -> float:
    """Return the greatest rate, that of step `warmup`: `(d_model · warmup)^-0.5`."""
    return rate(warmup, d_model, warmup)


class Warmup(LRScheduler):
    """Gives an optimizer this rate; its `step` is called once after each of the optimizer's.

    The rate that the optimizer was made with is not used. Raises ValueError when d_model or warmup is below 1.
    """

    def __init__(self, optimizer: Optimizer, d_model: int = 512, warmup: int = 4000, last_epoch: int = -1) -> None:
        self.d_model, self.warmup = d_model, warmup
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Return the rate of the step to come, for each group of weights."""
        return [rate(self.last_epoch + 1, self.d_model, self.warmup)] * len(self.optimizer.param_groups)
