"""The smoothed cross-entropy that writes its gradient once: torch's, in value and gradient."""

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

from notebook_models.training.fast_cross_entropy import cross_entropy

Record = Callable[[str, object], None]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-4)])
def test_equals_torchs(smoothing: float, dtype: torch.dtype, tolerance: float, record_property: Record) -> None:
    """Value and gradient equal F.cross_entropy's, summed, with label smoothing and padding left out."""
    torch.manual_seed(0)
    logits = (3 * torch.randn(40, 17, dtype=dtype)).requires_grad_()
    target = torch.randint(17, (40,))
    target[3] = target[8] = 5
    ours = cross_entropy(logits, target, smoothing=smoothing, ignore=5)
    theirs = F.cross_entropy(logits, target, label_smoothing=smoothing, ignore_index=5, reduction="sum")
    (mine,), (other,) = torch.autograd.grad(2 * ours, logits), torch.autograd.grad(2 * theirs, logits)
    error = max((ours - theirs).abs().item(), (mine - other).abs().max().item())
    record_property("largest error", f"{error:.1e}")
    assert error < tolerance


def test_tokens_left_out_count_for_nothing() -> None:
    """Where all are padding the loss is 0, and no logit has a gradient."""
    logits = torch.randn(3, 4, requires_grad=True)
    loss = cross_entropy(logits, torch.full((3,), 2), smoothing=0.1, ignore=2)
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros(3, 4))


def test_a_second_backward_pass_is_an_error_and_never_a_wrong_gradient() -> None:
    """The gradient took the place of what was saved, so torch refuses to use it again."""
    logits = torch.randn(3, 4, requires_grad=True)
    loss = cross_entropy(logits, torch.tensor([0, 1, 2]))
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
