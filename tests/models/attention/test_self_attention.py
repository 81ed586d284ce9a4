from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import Tensor, nn
from torch.func import jacrev
from torch.nn import functional as F

from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention
from notebook_models.attention.self_attention import SelfAttention
from notebook_models.recurrent.rnn import RNN

sizes = st.integers(1, 6)


@settings(max_examples=25, deadline=None)
@given(batch=sizes, n=sizes, d_model=sizes, d_key=st.none() | sizes, need_weights=st.booleans())
def test_equals_pytorch(batch: int, n: int, d_model: int, d_key: int | None, need_weights: bool) -> None:
    """Equals torch's scaled_dot_product_attention between the same three projections, in float64."""
    attention = SelfAttention(d_model, d_key).double()
    x = torch.randn(batch, n, d_model, dtype=torch.float64)
    query, key, value = (x @ getattr(attention, name).weight.T for name in ("query", "key", "value"))
    expected = F.scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(attention(x, need_weights=need_weights).output, expected, atol=1e-10, rtol=0)


@pytest.mark.verifies("Self-Attention#^permutation-equivariant")
@settings(max_examples=25, deadline=None)
@given(n=sizes)
def test_shuffling_the_tokens_shuffles_the_outputs(n: int) -> None:
    """For any order of the tokens, outputs come in that order, and rows and columns of the weights with them."""
    attention, x, order = SelfAttention(8).double(), torch.randn(1, n, 8, dtype=torch.float64), torch.randperm(n)
    straight, shuffled = attention(x), attention(x[:, order])
    torch.testing.assert_close(shuffled.output, straight.output[:, order], atol=1e-10, rtol=0)
    torch.testing.assert_close(shuffled.weights, straight.weights[:, order][:, :, order], atol=1e-10, rtol=0)


@pytest.mark.verifies("Self-Attention#^rows-independent")
def test_a_row_does_not_depend_on_the_queries_of_other_rows() -> None:
    """One query at a time gives the same rows as all at once, and no output changes with another row's query."""
    attention, x = SelfAttention(4).double(), torch.randn(5, 4, dtype=torch.float64)
    query, key, value = attention.query(x), attention.key(x), attention.value(x)
    rows = [scaled_dot_product_attention(query[i : i + 1], key, value).output for i in range(5)]
    torch.testing.assert_close(torch.cat(rows), attention(x.unsqueeze(0)).output[0], atol=1e-10, rtol=0)

    jacobian = jacrev(lambda q: scaled_dot_product_attention(q, key, value).output)(query).abs().amax(dim=(1, 3))
    assert (jacobian.diagonal() > 0).all()
    assert torch.equal(jacobian, jacobian.diagonal().diag())


def test_a_row_does_depend_on_the_keys_of_all_rows() -> None:
    """Scores are computed pair by pair, but the softmax joins them: every output depends on every token."""
    attention, x = SelfAttention(4).double(), torch.randn(1, 5, 4, dtype=torch.float64)
    jacobian = jacrev(lambda tokens: attention(tokens).output)(x)[0, :, :, 0].abs().amax(dim=(1, 3))
    assert (jacobian > 1e-9).all()


@pytest.mark.verifies("Self-Attention#^attends-itself")
def test_a_token_attends_to_itself_too() -> None:
    """Keys are those of all tokens, not of all others: the diagonal has weight, and hiding it changes the output."""
    attention, x = SelfAttention(8), torch.randn(3, 6, 8)
    attended = attention(x)
    assert (attended.weights.diagonal(dim1=-2, dim2=-1) > 0).all()
    others = ~torch.eye(6, dtype=torch.bool)
    assert not torch.allclose(attention(x, others).output, attended.output, atol=1e-3)


def test_a_single_token_gets_its_own_value() -> None:
    """A sequence of one token has nothing to read but itself: weight 1, and its own value as output."""
    attention, x = SelfAttention(8), torch.randn(1, 1, 8)
    attended = attention(x)
    assert attended.weights.item() == 1
    torch.testing.assert_close(attended.output, attention.value(x))


def test_gradients_reach_every_parameter() -> None:
    """The three matrices all get a gradient that is not zero."""
    attention = SelfAttention(8, 4)
    attention(torch.randn(2, 5, 8)).output.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 1e-4 for p in attention.parameters())


@pytest.mark.usefixtures("unchecked")
def test_wrong_input_is_refused() -> None:
    """A width of zero, vectors of another width and an empty sequence raise ValueError, with expected and got."""
    with pytest.raises(ValueError, match="at least 1, got 8 and 0"):
        SelfAttention(8, 0)
    with pytest.raises(ValueError, match="d_model = 8, got 6"):
        SelfAttention(8)(torch.randn(1, 4, 6))
    with pytest.raises(ValueError, match="got 0 and 0"):
        SelfAttention(8)(torch.randn(1, 0, 8))


def test_a_wrong_shape_is_caught_while_testing() -> None:
    """In tests, shapes that contradict the signature stop at the signature."""
    with pytest.raises(TypeCheckError, match="parameter 'x'"):
        SelfAttention(8)(torch.randn(4, 8))


def kept_for_backward(layer: nn.Module, n: int) -> int:
    """Return how many numbers autograd keeps for the backward pass of n tokens, each tensor once."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        alive.append(tensor)
        return tensor

    alive: list[Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        layer(torch.randn(1, n, 16))
    return sum(kept.values())


@pytest.mark.verifies("Parallel Computation#^kept-for-backward")
def test_it_keeps_more_for_the_backward_pass_than_a_recurrent_network(
    record_property: Callable[[str, object], None],
) -> None:
    """From 512 to 1,024 tokens a recurrent network keeps twice as much, self-attention more than three times."""
    grown = {}
    for name, layer in {"RNN": RNN(16, 16), "self-attention": SelfAttention(16)}.items():
        grown[name] = kept_for_backward(layer, 1024) / kept_for_backward(layer, 512)
        record_property(f"kept for twice as many tokens, {name}", f"{grown[name]:.2f} times as much")
    assert grown["RNN"] == pytest.approx(2, abs=0.05)
    assert grown["self-attention"] > 3


def test_it_learns_to_sort_without_positions(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 500 steps the rank of every number is right in over 95 % of 2,000 fresh sets of eight."""
    notebook = run_notebook("attention/self_attention")
    right = (notebook["guessed"] == notebook["ranks"]).all(dim=-1).float().mean().item()
    record_property("sets sorted without a fault", f"{right:.1%}")
    assert right > 0.95
