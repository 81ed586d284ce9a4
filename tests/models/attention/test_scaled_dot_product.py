import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import Tensor
from torch.nn import functional as F

from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention

sizes = st.integers(1, 6)


def random_mask(*shape: int) -> Tensor:
    """Return a random mask that leaves every query at least one key."""
    mask = torch.rand(shape) < 0.5
    mask[..., 0] |= ~mask.any(dim=-1)
    return mask


@pytest.mark.parametrize("need_weights", [True, False])
def test_equals_pytorch(need_weights: bool, record_property: Callable[[str, object], None]) -> None:
    """Equals torch.nn.functional.scaled_dot_product_attention in float64, on 54 shapes, with and without a mask."""
    worst = 0.0
    for batch, n_queries, n_keys, width in itertools.product([1, 3], [1, 2, 5], [1, 4, 7], [1, 2, 8]):
        query = torch.randn(batch, 2, n_queries, width, dtype=torch.float64)
        key = torch.randn(batch, 2, n_keys, width, dtype=torch.float64)
        value = torch.randn(batch, 2, n_keys, 3, dtype=torch.float64)
        for mask in (None, random_mask(batch, 1, n_queries, n_keys)):
            theirs = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
            ours = scaled_dot_product_attention(query, key, value, mask, need_weights=need_weights).output
            worst = max(worst, (ours - theirs).abs().max().item())
    record_property("largest error", f"{worst:.1e}")
    assert worst < 1e-10


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_keeps_the_type_of_its_inputs(dtype: torch.dtype, tolerance: float) -> None:
    """In float32 and bfloat16 the output has that type, and is close to the result in float64."""
    query, key, value = torch.randn(3, 2, 5, 8).to(dtype)
    exact = scaled_dot_product_attention(query.double(), key.double(), value.double()).output
    for need_weights in (True, False):
        output = scaled_dot_product_attention(query, key, value, need_weights=need_weights).output
        assert output.dtype == dtype
        torch.testing.assert_close(output.double(), exact, atol=tolerance, rtol=tolerance)


@pytest.mark.verifies("Scaled Dot-Product Attention#^weights-sum-to-one")
@settings(max_examples=25, deadline=None)
@given(n_queries=sizes, n_keys=sizes, spread=st.sampled_from([0.0, 1.0, 1e3]), masked=st.booleans())
def test_the_weights_of_a_query_sum_to_one(n_queries: int, n_keys: int, spread: float, masked: bool) -> None:
    """Every row of weights is non-negative and sums to 1, for flat and for extreme scores, with and without a mask."""
    query, key = spread * torch.randn(n_queries, 4), torch.randn(n_keys, 4)
    mask = random_mask(n_queries, n_keys) if masked else None
    weights = scaled_dot_product_attention(query, key, key, mask).weights
    assert weights is not None
    assert (weights >= 0).all()
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(n_queries))


@settings(max_examples=25, deadline=None)
@given(n_queries=sizes, n_keys=sizes)
def test_the_output_lies_between_the_values(n_queries: int, n_keys: int) -> None:
    """Each component of the output lies between the least and the greatest of the values: it is an average."""
    query, key, value = torch.randn(n_queries, 4), torch.randn(n_keys, 4), torch.randn(n_keys, 3)
    output = scaled_dot_product_attention(query, key, value).output
    assert (output >= value.amin(dim=0) - 1e-6).all()
    assert (output <= value.amax(dim=0) + 1e-6).all()


@settings(max_examples=25, deadline=None)
@given(n_queries=sizes, n_keys=sizes)
def test_the_order_of_the_keys_does_not_matter(n_queries: int, n_keys: int) -> None:
    """Shuffling the keys together with their values leaves the output as it was: attention reads a set."""
    query, key, value = torch.randn(n_queries, 4), torch.randn(n_keys, 4), torch.randn(n_keys, 3)
    order = torch.randperm(n_keys)
    shuffled = scaled_dot_product_attention(query, key[order], value[order]).output
    torch.testing.assert_close(shuffled, scaled_dot_product_attention(query, key, value).output)


@pytest.mark.verifies("Scaled Dot-Product Attention#^variance-is-d-k")
@pytest.mark.parametrize("d_k", [1, 16, 256])
def test_the_variance_of_a_dot_product_is_d_k(d_k: int, record_property: Callable[[str, object], None]) -> None:
    """The dot product of two vectors of d_k independent standard normal numbers has variance d_k, within 5 %."""
    variance = (torch.randn(20_000, d_k) * torch.randn(20_000, d_k)).sum(dim=-1).var().item()
    record_property(f"variance at d_k = {d_k}", f"{variance:.1f}")
    assert variance == pytest.approx(d_k, rel=0.05)


def jacobian_size(d_k: int, scaled: bool) -> float:
    """Return the median size of the softmax's Jacobian over 200 random queries of eight random keys."""
    query, key = torch.randn(200, 1, d_k), torch.randn(200, 8, d_k)
    weights = scaled_dot_product_attention(query * (1 if scaled else math.sqrt(d_k)), key, key).weights
    assert weights is not None
    jacobian = torch.diag_embed(weights[:, 0]) - weights.mT * weights
    return jacobian.flatten(1).norm(dim=-1).median().item()


@pytest.mark.verifies("Scaled Dot-Product Attention#^saturation")
def test_without_the_scale_the_gradient_vanishes(record_property: Callable[[str, object], None]) -> None:
    """From d_k = 4 to 1024 the softmax's Jacobian keeps its size with the scale; without it, it falls 1,000-fold."""
    with_scale = jacobian_size(4, scaled=True) / jacobian_size(1024, scaled=True)
    without = jacobian_size(4, scaled=False) / jacobian_size(1024, scaled=False)
    record_property("shrinks with the scale by a factor of", f"{with_scale:.2f}")
    record_property("shrinks without it by a factor of", f"{without:.0e}")
    assert 0.8 < with_scale < 1.25
    assert without > 1000


@pytest.mark.parametrize("shape", [(5, 7), (1, 7), (5, 1), (2, 1, 1, 7), (3, 5, 7), (2, 3, 5, 7)])
def test_a_mask_is_broadcast(shape: tuple[int, ...]) -> None:
    """A mask with fewer or unit dimensions acts as the full mask that it broadcasts to, on both paths."""
    query, key, value = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 7, 4), torch.randn(2, 3, 7, 4)
    mask = random_mask(*shape)
    full = mask.expand(2, 3, 5, 7).contiguous()
    for need_weights in (True, False):
        ours = scaled_dot_product_attention(query, key, value, mask, need_weights=need_weights)
        expected = scaled_dot_product_attention(query, key, value, full, need_weights=need_weights)
        torch.testing.assert_close(ours.output, expected.output)


@pytest.mark.parametrize("need_weights", [True, False])
def test_a_query_that_may_attend_to_nothing_gets_zeros(need_weights: bool) -> None:
    """A row of the mask without a True gives zeros in output, weights and gradient, and no NaN on the way."""
    query, key, value = torch.randn(3, 4, 8).requires_grad_()
    mask = torch.ones(4, 4, dtype=torch.bool)
    mask[1] = False
    with torch.autograd.set_detect_anomaly(True, check_nan=True):
        attended = scaled_dot_product_attention(query, key, value, mask, need_weights=need_weights)
        (gradient,) = torch.autograd.grad(attended.output.square().sum(), query)
    assert (attended.output[1] == 0).all()
    assert (attended.output[0] != 0).all()
    assert (gradient[1] == 0).all()
    assert gradient.isfinite().all()
    assert (attended.weights is None) != need_weights
    assert attended.weights is None or (attended.weights[1] == 0).all()


@settings(max_examples=25, deadline=None)
@given(n_queries=sizes, n_keys=sizes, masked=st.booleans())
def test_the_fused_kernel_agrees_with_the_formula(n_queries: int, n_keys: int, masked: bool) -> None:
    """Output and gradients are the same with and without the weights, rows that may attend to nothing included."""
    inputs = [torch.randn(n, 4, dtype=torch.float64, requires_grad=True) for n in (n_queries, n_keys, n_keys)]
    mask = torch.rand(n_queries, n_keys) < 0.5 if masked else None
    plain = scaled_dot_product_attention(*inputs, mask).output
    fused = scaled_dot_product_attention(*inputs, mask, need_weights=False).output
    torch.testing.assert_close(fused, plain, atol=1e-10, rtol=0)
    probe = torch.randn_like(plain)
    expected = torch.autograd.grad(plain, inputs, probe)
    for ours, theirs in zip(torch.autograd.grad(fused, inputs, probe), expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)


def test_dropout_drops_weights_and_raises_the_others() -> None:
    """With dropout p a weight in use is 0 or w / (1 - p); the weights returned are those before dropout."""
    query, key, identity = torch.randn(5, 4), torch.randn(6, 4), torch.eye(6)
    attended = scaled_dot_product_attention(query, key, identity, dropout=0.25)
    weights = scaled_dot_product_attention(query, key, identity).output
    dropped = attended.output == 0
    assert dropped.any()
    torch.testing.assert_close(attended.output[~dropped], weights[~dropped] / 0.75)
    assert attended.weights is not None
    torch.testing.assert_close(attended.weights, weights)


def test_gradients_are_those_of_the_formula() -> None:
    """Autograd agrees with finite differences for query, key and value."""
    query, key, value = (torch.randn(n, 3, dtype=torch.float64, requires_grad=True) for n in (2, 4, 4))
    assert torch.autograd.gradcheck(lambda q, k, v: scaled_dot_product_attention(q, k, v).output, (query, key, value))


def test_a_wrong_shape_is_caught_while_testing() -> None:
    """In tests, shapes that contradict the signature stop at the signature."""
    with pytest.raises(TypeCheckError, match="parameter 'key'"):
        scaled_dot_product_attention(torch.randn(4, 8), torch.randn(5, 7), torch.randn(5, 8))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("key", "value", "mask", "message"),
    [
        ((2, 5, 7), (2, 5, 8), None, "same width, got 8 and 7"),
        ((2, 5, 8), (2, 6, 8), None, "one value, got 5 keys and 6 values"),
        ((3, 5, 8), (3, 5, 8), None, r"same batch, got \(2,\), \(3,\) and \(3,\)"),
        ((2, 0, 8), (2, 0, 8), None, "at least one query and one key, got 4 and 0"),
        ((2, 5, 8), (2, 5, 8), torch.ones(3, 5, dtype=torch.bool), r"broadcast to \(2, 4, 5\), got \(3, 5\)"),
        ((2, 5, 8), (2, 5, 8), torch.ones(1, 2, 4, 5, dtype=torch.bool), r"to \(2, 4, 5\), got \(1, 2, 4, 5\)"),
        ((2, 5, 8), (2, 5, 8), torch.ones(4, 5), "boolean, True where a query may attend, got torch.float32"),
    ],
)
def test_wrong_input_is_refused(
    key: tuple[int, ...], value: tuple[int, ...], mask: Tensor | None, message: str
) -> None:
    """Sizes that disagree, an empty sequence and a mask of another shape or type raise ValueError, with the numbers."""
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(torch.randn(2, 4, 8), torch.randn(key), torch.randn(value), mask)
    for dropout in (-0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match=f"dropout must be from 0 to 1, got {dropout}"):
            scaled_dot_product_attention(*torch.randn(3, 2, 4, 8), dropout=dropout)
