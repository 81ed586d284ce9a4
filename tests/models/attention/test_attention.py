import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.attention import dot_product, soft_look_up
from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention

sizes = st.integers(1, 6)
temperatures = st.sampled_from([0.1, 1.0, 30.0])


def nearness(query: Tensor, key: Tensor) -> Tensor:
    return -torch.cdist(query, key)


class Additive(nn.Module):
    """Bahdanau's score, `w · tanh(W q + U k)`: queries and keys may differ in width."""

    def __init__(self, d_query: int, d_key: int, d_hidden: int = 8) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(d_query, d_hidden), nn.Linear(d_key, d_hidden, bias=False)
        self.score = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        return self.score(torch.tanh(self.query(query).unsqueeze(-2) + self.key(key).unsqueeze(-3))).squeeze(-1)


@settings(max_examples=50, deadline=None)
@given(batch=sizes, n_queries=sizes, n_keys=sizes, temperature=temperatures)
def test_equals_pytorch(batch: int, n_queries: int, n_keys: int, temperature: float) -> None:
    """By dot product it equals scaled_dot_product_attention with the scale 1 / temperature, in float64."""
    query, key, value = (torch.randn(batch, n, 4, dtype=torch.float64) for n in (n_queries, n_keys, n_keys))
    expected = F.scaled_dot_product_attention(query, key, value, scale=1 / temperature)
    output = soft_look_up(query, key, value, temperature=temperature).output
    torch.testing.assert_close(output, expected, atol=1e-10, rtol=0)


@settings(max_examples=25, deadline=None)
@given(n_queries=sizes, n_keys=sizes, temperature=temperatures)
def test_is_the_formula_for_any_score(n_queries: int, n_keys: int, temperature: float) -> None:
    """Equals the sum written out, one query and one key at a time, for two scores that are no dot product."""
    query, key, value = (torch.randn(n, 3, dtype=torch.float64) for n in (n_queries, n_keys, n_keys))
    for score in (nearness, Additive(3, 3).double()):
        output = soft_look_up(query, key, value, score, temperature).output
        for i, q in enumerate(query):
            shares = [math.exp(score(q[None], k[None]).item() / temperature) for k in key]
            blend = sum(share / sum(shares) * v for share, v in zip(shares, value, strict=True))
            torch.testing.assert_close(output[i], blend, atol=1e-10, rtol=0)


def test_the_transformer_s_attention_is_the_one_at_the_root_of_the_width() -> None:
    """Scaled dot-product attention is this look-up by dot product, at the temperature √d_key."""
    query, key, value = torch.randn(2, 5, 9), torch.randn(2, 7, 9), torch.randn(2, 7, 4)
    ours, scaled = soft_look_up(query, key, value, temperature=3.0), scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(ours.output, scaled.output)
    torch.testing.assert_close(ours.weights, scaled.weights)


@pytest.mark.verifies("Attention#^in-the-hull")
@settings(max_examples=50, deadline=None)
@given(n_keys=sizes, temperature=temperatures, direction=st.integers(0, 2**31))
def test_the_output_lies_in_the_hull_of_the_values(n_keys: int, temperature: float, direction: int) -> None:
    """The weights of a query are positive and sum to 1; in no direction does the output reach beyond the values."""
    query, key, value = (torch.randn(n, 3, dtype=torch.float64) for n in (4, n_keys, n_keys))
    attended = soft_look_up(query, key, value, temperature=temperature)
    assert (attended.weights >= 0).all()
    torch.testing.assert_close(attended.weights.sum(dim=-1), torch.ones(4, dtype=torch.float64))
    directions = torch.randn(3, 100, generator=torch.Generator().manual_seed(direction), dtype=torch.float64)
    assert (attended.output @ directions <= (value @ directions).amax(dim=0) + 1e-12).all()


@pytest.mark.verifies("Attention#^two-limits")
@settings(max_examples=25, deadline=None)
@given(n_keys=sizes, cold=st.sampled_from([1e-4, 1e-36]))
def test_cold_it_is_a_dictionary(n_keys: int, cold: float) -> None:
    """At a temperature near 0, queries equal to a key get exactly its entry's value, as from a Python dictionary."""
    key, value = 100 * F.normalize(torch.randn(n_keys, 4), dim=-1), torch.randn(n_keys, 3)
    dictionary = {tuple(k.tolist()): v for k, v in zip(key, value, strict=True)}
    asked = key[torch.randint(n_keys, (5,))]
    output = soft_look_up(asked, key, value, temperature=cold).output
    assert torch.equal(output, torch.stack([dictionary[tuple(query.tolist())] for query in asked]))


@pytest.mark.verifies("Attention#^two-limits")
def test_hot_it_is_the_plain_average() -> None:
    """At a temperature of a billion every weight is one share of the whole, and the output the mean of the values."""
    query, key, value = torch.randn(4, 8), torch.randn(5, 8), torch.randn(5, 3)
    attended = soft_look_up(query, key, value, temperature=1e9)
    torch.testing.assert_close(attended.weights, torch.full((4, 5), 0.2))
    torch.testing.assert_close(attended.output, value.mean(dim=0).expand(4, 3))


@pytest.mark.verifies("Attention#^cannot-count")
def test_it_cannot_count() -> None:
    """Every entry written down twice, or three times, leaves the output as it was; one entry alone twice does not."""
    query, key, value = torch.randn(4, 8), torch.randn(5, 8), torch.randn(5, 3)
    output = soft_look_up(query, key, value).output
    for times in (2, 3):
        torch.testing.assert_close(soft_look_up(query, key.repeat(times, 1), value.repeat(times, 1)).output, output)
    again = soft_look_up(query, torch.cat([key, key[:1]]), torch.cat([value, value[:1]])).output
    assert not torch.allclose(again, output)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 3e-2)])
def test_keeps_the_type_of_its_inputs(dtype: torch.dtype, tolerance: float) -> None:
    """In float32 and bfloat16 the output has that type, and is close to the result in float64."""
    query, key, value = torch.randn(3, 2, 5, 4).to(dtype)
    output = soft_look_up(query, key, value).output
    assert output.dtype == dtype
    exact = soft_look_up(query.double(), key.double(), value.double()).output
    torch.testing.assert_close(output.double(), exact, atol=tolerance, rtol=tolerance)


def test_gradients_are_those_of_the_formula() -> None:
    """Autograd agrees with finite differences for query, key, value and the parameters of a score."""
    score = Additive(2, 3).double()
    inputs = [torch.randn(n, width, dtype=torch.float64, requires_grad=True) for n, width in ((2, 2), (4, 3), (4, 3))]
    assert torch.autograd.gradcheck(lambda q, k, v: soft_look_up(q, k, v, score, 0.5).output, inputs)
    soft_look_up(*inputs, score).output.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 1e-6 for p in score.parameters())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("n_keys", "n_values", "temperature", "message"),
    [
        (0, 0, 1.0, "at least one key and one value for each, got 0 and 0"),
        (5, 4, 1.0, "got 5 and 4"),
        (5, 5, 0.0, r"above 0, got 0\.0"),
        (5, 5, -1.0, r"above 0, got -1\.0"),
        (5, 5, math.nan, "above 0, got nan"),
    ],
)
def test_wrong_input_is_refused(n_keys: int, n_values: int, temperature: float, message: str) -> None:
    """An empty memory, keys without values and a temperature not above 0 raise ValueError, with the numbers."""
    with pytest.raises(ValueError, match=message):
        soft_look_up(torch.randn(2, 4), torch.randn(n_keys, 4), torch.randn(n_values, 3), dot_product, temperature)


@pytest.mark.verifies("Attention#^learned-look-up")
def test_learns_to_look_up(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 300 steps on memories of 6 pairs it recalls from 26 as well; a plain average of the values does not."""
    accuracy = run_notebook("attention/attention")["accuracy"]
    for n_pairs, shares in accuracy.items():
        record_property(f"right answers, {n_pairs} pairs", f"{shares['attention']:.1%}")
    record_property("by a plain average, 26 pairs", f"{accuracy[26]['plain average']:.1%}")
    assert min(shares["attention"] for shares in accuracy.values()) > 0.99
    assert accuracy[26]["plain average"] < 0.3
