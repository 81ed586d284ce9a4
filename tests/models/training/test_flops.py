from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention
from notebook_models.recurrent.rnn import RNN
from notebook_models.training import flops
from notebook_models.training.flops import Cost
from notebook_models.transformer.transformer import Transformer

Record = Callable[[str, object], None]

BASE = Cost(d_model=512, d_ff=2048, n_layers=6, vocab=37_000)
BIG = Cost(d_model=1024, d_ff=4096, n_layers=6, vocab=37_000)


def counted(model: Transformer, source: int, target: int, batch: int, *, backward: bool) -> int:
    """Return what torch counts; its counter sees attention only where that is written as matrix products."""
    tokens = (torch.randint(1, 11, (batch, length)) for length in (source, target))
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        logits = model(*tokens)
        if backward:
            logits.sum().backward()
    return counter.get_total_flops()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 2, 4]))
def test_the_formula_is_what_torch_counts(source: int, target: int, batch: int, n_layers: int, n_heads: int) -> None:
    """= torch.utils.flop_counter, forward and with the backward pass, whatever the lengths, layers and heads."""
    model = Transformer(11, 11, d_model=8, n_heads=n_heads, n_layers=n_layers, d_ff=20, dropout=0.0)
    cost = Cost.of(model)
    assert cost.forward(source, target, batch) == counted(model, source, target, batch, backward=False)
    assert cost.training(source, target, batch) == counted(model, source, target, batch, backward=True)


def test_the_papers_models_cost_as_sizes_say() -> None:
    """At 25 tokens a sentence, base costs about 6 operations a token and parameter of a side, big 3.5 times as much."""
    assert BASE.per_token(25) == pytest.approx(6 * 63.08e6, rel=0.01)
    assert BIG.per_token(25) / BASE.per_token(25) == pytest.approx(3.39, abs=0.05)


@pytest.mark.verifies("Training Cost#^table-2-cost")
def test_table_2_prices_the_time_of_eight_devices() -> None:
    """Eight P100, at the 9.5 TFLOPS that the paper takes them to sustain: 12 hours are 3.3e18, 3.5 days 2.3e19."""
    assert pytest.approx(3.3e18, rel=0.01) == 8 * 12 * 3600 * 9.5e12
    assert pytest.approx(2.3e19, rel=0.01) == 8 * 3.5 * 24 * 3600 * 9.5e12


@pytest.mark.verifies("Training Cost#^utilization")
def test_the_papers_estimate_is_of_the_time_its_devices_were_busy(record_property: Record) -> None:
    """100,000 steps of 25,000 tokens need 9.5e17 operations by the formula, 29 % of the paper's estimate."""
    needed = 100_000 * 25_000 * BASE.per_token(25)
    record_property("share of 3.3e18", f"{needed / 3.3e18:.1%}")
    assert needed == pytest.approx(9.5e17, rel=0.02)
    assert needed / 3.3e18 == pytest.approx(0.29, abs=0.005)


def test_a_ceiling_is_a_rate_that_a_product_reaches() -> None:
    """Between a million and a quintillion operations a second, for either type."""
    for dtype in (torch.float32, torch.bfloat16):
        assert 1e6 < flops.ceiling(torch.device("cpu"), dtype, size=64) < 1e18


@pytest.mark.verifies("Cost of Attention#^shorter-than-wide")
def test_attention_works_less_than_recurrence_while_shorter_than_wide() -> None:
    """torch counts 4 n² d for an attention's two products and 4 n d² for a recurrent layer's: equal at n = d."""
    d = 16
    for n in (4, 16, 64):
        x = torch.randn(1, n, d)
        with FlopCounterMode(display=False) as attention:
            scaled_dot_product_attention(x, x, x)
        with FlopCounterMode(display=False) as recurrent:
            RNN(d, d)(x)
        assert attention.get_total_flops() == 4 * n**2 * d
        assert recurrent.get_total_flops() == 4 * n * d**2
