"""The decoder as generation runs it; what it shares with the plain one is tested with generation."""

import pytest
import torch

from notebook_models.transformer.generation import greedy
from notebook_models.transformer.static_decoder import FIRST_CAPACITY, StaticDecoder
from notebook_models.transformer.transformer import Transformer


@pytest.fixture
def model() -> Transformer:
    """A random model over a large vocabulary, in float32."""
    return Transformer(5000, 5000, d_model=32, n_heads=2, n_layers=2, d_ff=64, max_length=80).eval()


@pytest.mark.parametrize("batch", [1, 3])
def test_logits_are_the_plain_decoders(batch: int, model: Transformer) -> None:
    """For one target, whose weights are laid out in stripes, and for several, at every step."""
    source, target = torch.randint(3, 5000, (batch, 9)), torch.randint(3, 5000, (batch, 40))
    decoder = StaticDecoder(model, model.encode(source))
    steps = [decoder(target[:, at : at + 1]) for at in range(40)]
    torch.testing.assert_close(torch.stack(steps, dim=1), model(source, target), atol=1e-5, rtol=0)


def test_one_sequence_has_the_tokens_of_all_logits(model: Transformer) -> None:
    """As without the cache, which makes all: the same tokens and log p, to the longest and to an early end."""
    source = torch.randint(3, 5000, (1, 9))
    cached, plain = (
        greedy(model, source, bos=1, eos=2, max_new_tokens=60, use_cache=use).tokens for use in (True, False)
    )
    assert torch.equal(cached, plain)
    end = int(plain[0, 20])
    cached, plain = (greedy(model, source, bos=1, eos=end, max_new_tokens=60, use_cache=use) for use in (True, False))
    assert torch.equal(cached.tokens, plain.tokens)
    assert cached.tokens[0, -1] == end
    torch.testing.assert_close(cached.log_probability, plain.log_probability, atol=1e-4, rtol=0)


@torch.no_grad()
def test_it_goes_on_when_its_memory_is_full() -> None:
    """Over more than four times the first room, each step scores what the whole target does in one pass, in float64.

    Between, targets change places, as in a beam: they take all that was kept of them along.
    """
    model = Transformer(9, 9, d_model=8, n_heads=2, n_layers=2, d_ff=16, max_length=200).double().eval()
    memory = model.encode(torch.tensor([[3, 4, 5, 6]])).repeat(3)
    decoder, steps = StaticDecoder(model, memory), 4 * FIRST_CAPACITY + 2
    targets, scored = torch.randint(1, 9, (3, steps)), []
    rows = torch.tensor([2, 0, 0])
    for step in range(steps):
        if step in (FIRST_CAPACITY - 1, 3 * FIRST_CAPACITY):
            decoder.reorder(rows)
            targets = torch.cat([targets[rows, :step], targets[:, step:]], dim=1)
            scored = [each[rows] for each in scored]
        scored.append(decoder(targets[:, step : step + 1]))
    expected = model.logits(model.decode(targets, memory).output)
    torch.testing.assert_close(torch.stack(scored, dim=1), expected, atol=1e-10, rtol=0)
