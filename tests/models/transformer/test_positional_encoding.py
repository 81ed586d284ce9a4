import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.transformer.positional_encoding import LearnedPositions, SinusoidalPositions, sinusoids

Positions = type[SinusoidalPositions | LearnedPositions]
EVEN = st.integers(1, 16).map(lambda half: 2 * half)


@settings(max_examples=25, deadline=None)
@given(position=st.integers(0, 2000), d_model=EVEN, data=st.data())
def test_each_value_is_the_papers_formula(position: int, d_model: int, data: st.DataObject) -> None:
    """Every value equals sin or cos of pos / 10000^(2i / d_model), as the paper writes it."""
    i = data.draw(st.integers(0, d_model // 2 - 1))
    angle = position / 10000 ** (2 * i / d_model)
    table = sinusoids(position + 1, d_model)
    assert table[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-10)
    assert table[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-10)


def test_equals_marian_with_its_halves_interleaved() -> None:
    """Equals Hugging Face Marian's table, which puts all sines before all cosines instead of interleaving them."""
    theirs = MarianSinusoidalPositionalEmbedding(40, 16).create_weight()
    sines, cosines = theirs.chunk(2, dim=-1)
    torch.testing.assert_close(sinusoids(40, 16).float(), torch.stack([sines, cosines], dim=-1).flatten(-2))


@pytest.mark.verifies("Positional Encoding#^linear-shift")
@settings(max_examples=25, deadline=None)
@given(shift=st.integers(0, 200), d_model=EVEN)
def test_a_shift_is_one_rotation_whatever_the_position(shift: int, d_model: int) -> None:
    """PE(pos + k) = R(k) PE(pos) for every pos, with one matrix R(k) that turns each pair by k times its frequency."""
    table = sinusoids(50 + shift, d_model)
    sine, cosine = sinusoids(shift + 1, d_model)[shift].unflatten(-1, (-1, 2)).unbind(-1)
    blocks = torch.stack([cosine, sine, -sine, cosine], dim=-1).unflatten(-1, (2, 2))
    rotation = torch.block_diag(*blocks)
    torch.testing.assert_close(table[:50] @ rotation.mT, table[shift:], atol=1e-10, rtol=0)


def test_one_linear_map_fitted_to_some_positions_shifts_all(record_property: Callable[[str, object], None]) -> None:
    """A matrix fitted by least squares on 60 positions shifts 240 other positions by 7 without error."""
    table = sinusoids(307, 8)
    shift = torch.linalg.lstsq(table[:60], table[7:67]).solution
    error = (table[60:300] @ shift - table[67:307]).abs().max().item()
    record_property("largest error", f"{error:.1e}")
    assert error < 1e-9


def test_the_dot_product_of_two_positions_depends_on_their_distance_alone() -> None:
    """PE(p) · PE(q) is the same for all pairs at one distance, and largest at distance 0."""
    products = sinusoids(40, 16) @ sinusoids(40, 16).mT
    for distance in range(40):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-10, rtol=0)
    assert products[0].argmax() == 0


@pytest.mark.verifies("Positional Encoding#^order-matters")
@pytest.mark.parametrize("positions", [SinusoidalPositions, LearnedPositions])
def test_with_positions_the_order_of_the_inputs_matters(positions: Positions) -> None:
    """Permuting the inputs of self-attention permutes its outputs; with positions added it changes them."""
    attention, encode = MultiHeadAttention(8, 2), positions(8, 10)
    x, order = torch.randn(1, 6, 8), torch.tensor([3, 1, 5, 0, 2, 4])
    torch.testing.assert_close(attention(x[:, order]).output, attention(x).output[:, order])
    moved, kept = attention(encode(x[:, order])).output, attention(encode(x)).output[:, order]
    assert (moved - kept).abs().max() > 0.01


@pytest.mark.parametrize("positions", [SinusoidalPositions, LearnedPositions])
def test_a_sequence_in_parts_gets_the_encodings_of_the_whole(positions: Positions) -> None:
    """Encoding the end of a sequence with `start` gives the same as encoding all of it, as cached decoding needs."""
    encode, x = positions(8, 10), torch.randn(2, 7, 8)
    torch.testing.assert_close(torch.cat([encode(x[:, :3]), encode(x[:, 3:], start=3)], dim=1), encode(x))


def test_wavelengths_grow_from_two_pi_towards_ten_thousand_times_that() -> None:
    """The first pair repeats after 2π positions, and each later pair more slowly than the one before."""
    frequency = torch.atan2(*sinusoids(2, 512)[1].unflatten(-1, (-1, 2)).unbind(-1)).tolist()
    assert frequency[0] == pytest.approx(1.0)
    assert all(slower < faster for faster, slower in pairwise(frequency))
    assert 1 / 10000 < frequency[-1] < 1.1 / 10000


def test_waves_have_nothing_to_learn_and_leave_no_trace_in_a_checkpoint() -> None:
    """The sinusoidal module has no parameters and an empty state; the learned one has a vector for each position."""
    assert not list(SinusoidalPositions(8, 10).parameters())
    assert not SinusoidalPositions(8, 10).state_dict()
    learned = LearnedPositions(8, 10)
    learned(torch.randn(2, 4, 8)).pow(2).sum().backward()
    assert learned.table.grad is not None
    assert learned.table.grad[:4].abs().min() > 0
    assert learned.table.grad[4:].abs().max() == 0


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("positions", [SinusoidalPositions, LearnedPositions])
def test_the_dtype_follows_the_input(positions: Positions, dtype: torch.dtype) -> None:
    """float64, float32 and bfloat16 inputs come back in their own dtype."""
    assert positions(8, 10)(torch.zeros(1, 4, 8, dtype=dtype)).dtype == dtype


def test_an_odd_width_is_refused() -> None:
    """A width that can't be split into sine and cosine pairs raises ValueError, with the number."""
    with pytest.raises(ValueError, match=r"d_model must be even.*got 7"):
        SinusoidalPositions(7, 10)


@pytest.mark.parametrize("positions", [SinusoidalPositions, LearnedPositions])
def test_a_sequence_without_positions_is_refused(positions: Positions) -> None:
    """An empty sequence, one longer than max_length and one of another width raise ValueError, with both numbers."""
    encode = positions(8, 10)
    with pytest.raises(ValueError, match="expected 1 to 10 positions, got 0"):
        encode(torch.zeros(1, 0, 8))
    with pytest.raises(ValueError, match="expected 1 to 10 positions, got 11"):
        encode(torch.zeros(1, 11, 8))
    with pytest.raises(ValueError, match="expected 1 to 10 positions, got 12"):
        encode(torch.zeros(1, 4, 8), start=8)
    with pytest.raises(ValueError, match="first position of at least 0, got -1"):
        encode(torch.zeros(1, 4, 8), start=-1)
    with pytest.raises(ValueError, match="width 8, got 6"):
        encode(torch.zeros(1, 4, 6))
    with pytest.raises(ValueError, match="at least 1, got 8 and 0"):
        positions(8, 0)


@pytest.mark.verifies("Positional Encoding#^reverses")
def test_the_notebook_reverses_digits_with_positions_alone(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 200 steps, one attention layer reverses eight digits with positions, and can't without."""
    right = run_notebook("transformer/positional_encoding")["right"]
    for name, share in right.items():
        record_property(f"digits reversed {name}", f"{share:.1%}")
    assert right["with positions"] > 0.99
    assert right["without"] < 0.5
