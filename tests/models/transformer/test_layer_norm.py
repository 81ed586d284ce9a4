from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import nn
from torch.autograd.functional import jacobian

from notebook_models.transformer.layer_norm import LayerNorm
from notebook_models.transformer.transformer import Transformer

sizes = st.integers(1, 5)


def random_norm(d_model: int) -> LayerNorm:
    norm = LayerNorm(d_model).double()
    for parameter in norm.parameters():
        nn.init.normal_(parameter)
    return norm


@pytest.mark.verifies("Layer Normalization#^biased-variance")
@settings(max_examples=50, deadline=None)
@given(shape=st.lists(sizes, max_size=3), d_model=st.integers(1, 9), size=st.sampled_from([1e-3, 1.0, 1e3]))
def test_equals_pytorch(shape: list[int], d_model: int, size: float) -> None:
    """Equals nn.LayerNorm with copied weights, in float64: for small vectors too, where eps is most of the root."""
    ours, theirs = random_norm(d_model), nn.LayerNorm(d_model, dtype=torch.float64)
    theirs.load_state_dict({"weight": ours.gain, "bias": ours.bias})
    x = size * torch.randn(*shape, d_model, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-10, rtol=0)


def test_gradients_equal_pytorch() -> None:
    """The gradients of input, gain and bias equal those of nn.LayerNorm, and those of finite differences."""
    ours, theirs = random_norm(6), nn.LayerNorm(6, dtype=torch.float64)
    theirs.load_state_dict({"weight": ours.gain, "bias": ours.bias})
    x, probe = torch.randn(2, 3, 6, dtype=torch.float64, requires_grad=True), torch.randn(2, 3, 6).double()
    both = [torch.autograd.grad((norm(x) * probe).sum(), [x, *norm.parameters()]) for norm in (ours, theirs)]
    for our, their in zip(*both, strict=True):
        torch.testing.assert_close(our, their, atol=1e-10, rtol=0)
        assert our.abs().max() > 1e-3
    assert torch.autograd.gradcheck(ours, x)


@settings(max_examples=25, deadline=None)
@given(d_model=st.integers(2, 9), size=st.sampled_from([1.0, 1e3]), offset=st.sampled_from([0.0, -50.0]))
def test_mean_is_0_and_variance_1(d_model: int, size: float, offset: float) -> None:
    """As it is made, with gain 1 and bias 0, each vector comes out with mean 0 and, but for eps, biased variance 1."""
    x = offset + size * torch.randn(3, d_model, dtype=torch.float64)
    output = LayerNorm(d_model, eps=1e-12).double()(x)
    torch.testing.assert_close(output.mean(dim=-1), torch.zeros(3, dtype=torch.float64), atol=1e-9, rtol=0)
    ones = torch.ones(3, dtype=torch.float64)
    torch.testing.assert_close(output.var(dim=-1, correction=0), ones, atol=1e-6, rtol=0)


@pytest.mark.verifies("Layer Normalization#^size-and-offset")
@settings(max_examples=25, deadline=None)
@given(size=st.floats(0.1, 100), offset=st.floats(-10, 10))
def test_size_and_offset_are_forgotten(size: float, offset: float) -> None:
    """a x + b has the normal form of x for any a above 0, and the opposite one for any below, up to eps."""
    norm, x = LayerNorm(8, eps=1e-12).double(), torch.randn(4, 8, dtype=torch.float64)
    torch.testing.assert_close(norm(size * x + offset), norm(x), atol=1e-6, rtol=0)
    torch.testing.assert_close(norm(-size * x + offset), -norm(x), atol=1e-6, rtol=0)


@pytest.mark.verifies("Layer Normalization#^position-by-position")
def test_a_position_depends_on_itself_alone() -> None:
    """The derivative is zero between positions and between sequences, and training mode is the same as eval mode."""
    norm, x = random_norm(6), torch.randn(2, 3, 6, dtype=torch.float64)
    reach = jacobian(norm, x).abs().amax(dim=(2, 5)).reshape(6, 6)
    assert torch.equal(reach > 0, torch.eye(6, dtype=torch.bool))
    assert torch.equal(norm.train()(x), norm.eval()(x))
    torch.testing.assert_close(norm(x[:1, 1:2]), norm(x)[:1, 1:2], atol=1e-12, rtol=0)


def test_equal_features_give_the_bias_and_no_nan() -> None:
    """A vector of equal features comes out as the bias, and its gradient is finite."""
    norm = random_norm(4)
    x = torch.full((1, 4), 3.0, dtype=torch.float64, requires_grad=True)
    torch.testing.assert_close(norm(x)[0], norm.bias)
    (norm(x) @ torch.randn(4).double()).sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.verifies("Layer Normalization#^a-blind-sum")
def test_the_sum_of_the_output_is_blind() -> None:
    """The gradient of the output's sum is zero while all gains are equal; one in a random direction is not."""
    norm, x = LayerNorm(8).double(), torch.randn(3, 8, dtype=torch.float64, requires_grad=True)
    (blind,) = torch.autograd.grad(norm(x).sum(), x)
    (seeing,) = torch.autograd.grad((norm(x) @ torch.randn(8).double()).sum(), x)
    assert blind.abs().max() < 1e-12
    assert seeing.abs().max() > 0.01
    nn.init.normal_(norm.gain)
    assert torch.autograd.grad(norm(x).sum(), x)[0].abs().max() > 0.01


@pytest.mark.verifies("Layer Normalization#^thirty-norms")
def test_the_base_model_has_thirty() -> None:
    """The base model holds 30 norms, two in each encoder layer and three in each decoder layer, of 1,024 parameters."""
    with torch.device("meta"):
        model = Transformer.base(100)
    norms = [module for module in model.modules() if isinstance(module, nn.LayerNorm)]
    assert [sum(p.numel() for p in norm.parameters()) for norm in norms] == [1024] * 30


@pytest.mark.parametrize(("dtype", "offset", "tolerance"), [(torch.float32, 5, 1e-5), (torch.bfloat16, 100, 2e-2)])
def test_keeps_the_type_of_its_input(dtype: torch.dtype, offset: int, tolerance: float) -> None:
    """In float32 and bfloat16 the output has that type and is close to float64's, far from zero too."""
    norm, x = LayerNorm(64).to(dtype), (offset + torch.randn(3, 64)).to(dtype)
    output = norm(x)
    assert output.dtype == dtype
    torch.testing.assert_close(output.double(), norm.double()(x.double()), atol=tolerance, rtol=tolerance)


@pytest.mark.usefixtures("unchecked")
def test_wrong_input_is_refused() -> None:
    """A width below 1, an eps not above 0 and vectors of another width raise ValueError, with the numbers."""
    with pytest.raises(ValueError, match=r"got 0 and 1e-05"):
        LayerNorm(0)
    with pytest.raises(ValueError, match=r"got 4 and 0\.0"):
        LayerNorm(4, eps=0.0)
    with pytest.raises(ValueError, match="width 4, got 1"):
        LayerNorm(4)(torch.randn(2, 1))


def test_a_wrong_type_is_caught_while_testing() -> None:
    """In tests, tokens instead of vectors stop at the signature."""
    with pytest.raises(TypeCheckError, match="parameter 'x'"):
        LayerNorm(4)(torch.zeros(2, 4, dtype=torch.long))


@pytest.mark.verifies("Layer Normalization#^sums-grow")
def test_the_notebook_shows_sums_that_grow_and_are_brought_back(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """Over 30 sub-layers vectors grow more than 20-fold without a norm, less with pre-norm, and not with post-norm."""
    names = run_notebook("transformer/layer_norm")
    grown = {norm: history[-1] / history[0] for norm, history in names["grown"].items()}
    for norm, factor in grown.items():
        record_property(f"growth over 30 sub-layers, norm {norm}", f"{factor:.3g}-fold")
    assert grown["none"] > 20
    assert 2 < grown["pre"] < 5
    assert all(abs(length - 8) < 0.01 for length in names["grown"]["post"][1:])
    same, larger, higher, other = names["normalized"]
    torch.testing.assert_close(torch.stack([larger, higher]), torch.stack([same, same]), atol=1e-4, rtol=0)
    assert not torch.allclose(other, same, atol=0.1)
