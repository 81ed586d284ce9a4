from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.causal import CausalSelfAttention
from notebook_models.attention.masks import causal_mask, padding_mask
from notebook_models.attention.multi_head import MultiHeadAttention

sizes = st.integers(1, 6)


def dependence(attend: Callable[[Tensor], Tensor], n: int = 6) -> Tensor:
    """Return how strongly output i depends on input j, (n, n): the size of a random probe's gradient."""
    x = torch.randn(1, n, 8, dtype=torch.float64, requires_grad=True)
    output = attend(x)
    probe = torch.randn(8, dtype=torch.float64)
    gradients = [torch.autograd.grad(output[0, i] @ probe, x, retain_graph=True)[0] for i in range(n)]
    return torch.stack([gradient[0].norm(dim=-1) for gradient in gradients])


def is_causal(dependences: Tensor) -> bool:
    """Tell whether every output depends on its own input and all before it, and on none after it."""
    return torch.equal(dependences > 1e-9, causal_mask(len(dependences))) and bool((dependences.triu(1) == 0).all())


@settings(max_examples=25, deadline=None)
@given(batch=sizes, n=sizes, n_heads=st.sampled_from([1, 2, 4]), need_weights=st.booleans())
def test_equals_pytorch(batch: int, n: int, n_heads: int, need_weights: bool) -> None:
    """Equals scaled_dot_product_attention(is_causal=True) between the same projections, in float64."""
    ours, x = CausalSelfAttention(8, n_heads).double(), torch.randn(batch, n, 8, dtype=torch.float64)
    inner = ours.attention
    projections = (inner.query(x), inner.key(x), inner.value(x))
    heads = [part.reshape(batch, n, n_heads, -1).transpose(1, 2) for part in projections]
    expected = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).flatten(-2)
    output = ours(x, need_weights=need_weights).output
    torch.testing.assert_close(output, inner.output(expected), atol=1e-10, rtol=0)


@pytest.mark.verifies("Causal Mask#^no-future")
@pytest.mark.parametrize("need_weights", [True, False])
def test_no_position_depends_on_a_later_one(need_weights: bool) -> None:
    """The Jacobian, through a random probe, is exactly zero above the diagonal and not zero on and below it."""
    attention = CausalSelfAttention(8, 2).double()
    assert is_causal(dependence(lambda x: attention(x, need_weights=need_weights).output))


@pytest.mark.parametrize(
    "broken",
    [torch.ones(6, 6, dtype=torch.bool), torch.ones(6, 6, dtype=torch.bool).tril(1), causal_mask(6).tril(-1)],
    ids=["no mask", "one step ahead", "not itself"],
)
def test_a_broken_mask_is_noticed(broken: Tensor) -> None:
    """The same check fails for no mask, for a mask that leaks one step and for one that hides the position itself."""
    attention = MultiHeadAttention(8, 2).double()
    assert not is_causal(dependence(lambda x: attention(x, mask=broken).output))


@pytest.mark.verifies("Causal Mask#^parallel-training")
def test_one_pass_equals_a_pass_over_every_prefix(record_property: Callable[[str, object], None]) -> None:
    """One masked pass over 12 positions gives, at each of them, what an unmasked pass over its prefix gives."""
    attention, x = CausalSelfAttention(8, 2).double(), torch.randn(3, 12, 8, dtype=torch.float64)
    alone = [attention.attention(x[:, : i + 1]).output[:, -1] for i in range(12)]
    error = (attention(x).output - torch.stack(alone, dim=1)).abs().max().item()
    record_property("largest difference", f"{error:.1e}")
    assert error < 1e-10


def test_a_further_mask_only_takes_away() -> None:
    """With a padding mask, a position reads the tokens before it that are not padding, and no position after it."""
    tokens = torch.tensor([[4, 2, 0, 6]])
    weights = CausalSelfAttention(8, 2)(torch.randn(1, 4, 8), padding_mask(tokens, pad=0)).weights
    expected = causal_mask(4) & (tokens != 0)
    assert torch.equal(weights > 0, expected.expand_as(weights))


def test_gradients_reach_every_parameter() -> None:
    """Every parameter gets a gradient, and none is zero but that of the keys' bias, which changes nothing."""
    attention = CausalSelfAttention(8, 2)
    attention(torch.randn(2, 5, 8)).output.square().sum().backward()
    assert [name for name, p in attention.named_parameters() if p.grad is None] == []
    still = [name for name, p in attention.named_parameters() if p.grad is not None and p.grad.abs().max() < 1e-4]
    assert still == ["attention.key.bias"]


@pytest.mark.parametrize("attention", [CausalSelfAttention(8, 2)], ids=["causal"])
def test_an_empty_sequence_is_refused(attention: nn.Module) -> None:
    """A sequence without positions raises ValueError, with the number."""
    with pytest.raises(ValueError, match="at least one position, got 0"):
        attention(torch.randn(1, 0, 8))


@pytest.mark.verifies("Causal Mask#^a-leak")
def test_a_leak_makes_the_loss_small_and_the_model_useless(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 200 steps the model without a mask has the smaller loss by far; only the causal one can generate."""
    notebook = run_notebook("attention/causal")
    losses = {"causal": notebook["causal_losses"][-1], "leaking": notebook["leaking_losses"][-1]}
    for name, share in notebook["exact"].items():
        record_property(f"{name} model: final loss", f"{losses[name]:.0e}")
        record_property(f"{name} model: sequences continued exactly", f"{share:.1%}")
    assert losses["leaking"] < losses["causal"] / 10
    assert notebook["exact"]["causal"] > 0.99
    assert notebook["exact"]["leaking"] < 0.1
