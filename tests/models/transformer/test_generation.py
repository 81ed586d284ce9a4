import itertools
import math
from collections.abc import Callable, Iterator

import pytest
import torch
from transformers import MarianMTModel

from notebook_models.training import number_words
from notebook_models.training.number_words import END, PAD, START, VOCABULARY, encode_digits, encode_words, words
from notebook_models.transformer.generation import NextToken, beam_search, greedy, length_penalty
from notebook_models.transformer.transformer import Transformer

Record = Callable[[str, object], None]
NUMBERS = [7, 342, 300_005, 20_019, 999_999, 61, 110_000]
SOURCE = encode_words([words(number) for number in NUMBERS])
LONGEST = 12


@pytest.fixture
def model() -> Transformer:
    """The recorded model: what it writes varies, and ends."""
    return number_words.load().double()


def test_equals_hugging_faces_generate(
    model: Transformer, as_marian: Callable[[Transformer], MarianMTModel], record_property: Record
) -> None:
    """Writes the same tokens as Hugging Face's generate, from a Marian that was given the same trained weights."""
    numbers = range(0, 1_000_000, 4999)
    source = encode_words([words(number) for number in numbers])
    theirs = as_marian(model).generate(
        source, attention_mask=(source != PAD).long(), max_new_tokens=LONGEST, num_beams=1, do_sample=False
    )
    ours = greedy(model.float(), source, bos=START, eos=END, max_new_tokens=LONGEST).tokens
    record_property("sequences compared", len(ours))
    assert torch.equal(ours, theirs[:, 1:])


@pytest.mark.verifies("Key-Value Cache#^same-tokens")
def test_the_cache_changes_nothing_at_any_step(model: Transformer, record_property: Record) -> None:
    """With and without the cache, every step gives the same log-probabilities in float64, and so the same tokens."""
    cached, plain = NextToken(model, SOURCE, use_cache=True), NextToken(model, SOURCE, use_cache=False)
    target, largest = torch.full((len(SOURCE), 1), START), 0.0
    for _ in range(20):
        expected, scores = plain(target), cached(target)
        largest = max(largest, (scores - expected).abs().max().item())
        target = torch.cat([target, expected.argmax(-1, keepdim=True)], dim=-1)
    record_property("largest difference over 20 steps", f"{largest:.1e}")
    assert largest < 1e-10
    with_cache, without = (
        greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST, use_cache=use) for use in (True, False)
    )
    assert torch.equal(with_cache.tokens, without.tokens)
    torch.testing.assert_close(with_cache.log_probability, without.log_probability, atol=1e-10, rtol=0)


@pytest.mark.parametrize(("use_cache", "expected"), [(True, [1] * 7), (False, [1, 2, 3, 4, 5, 6, 7])])
def test_with_the_cache_each_position_is_computed_once(
    use_cache: bool, expected: list[int], model: Transformer
) -> None:
    """Step t runs the decoder over 1 position with the cache and over t without it; the encoder runs once."""
    decoded, encoded = [], []
    model.target_positions.register_forward_hook(lambda _, x, y: decoded.append(y.shape[1]))
    model.encoder.layers[0].feed_forward.register_forward_hook(lambda _, x, y: encoded.append(y.shape[1]))
    greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST, use_cache=use_cache)
    assert decoded == expected
    assert encoded == [SOURCE.shape[1]]


def test_each_step_takes_the_likeliest_token_and_adds_its_log_probability(model: Transformer) -> None:
    """Fed back in one pass, every written token is the likeliest at its place, and their log p add up to the total."""
    generated = greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST)
    written = generated.tokens != PAD
    best, token = model(SOURCE, encode_digits(NUMBERS)[:, :-1]).log_softmax(-1).max(-1)
    assert torch.equal(token[written], generated.tokens[written])
    torch.testing.assert_close((best * written).sum(-1), generated.log_probability, atol=1e-10, rtol=0)


def test_a_sequence_ends_with_eos_and_is_filled_with_padding(model: Transformer) -> None:
    """A row holds its digits, the end token, then padding; writing stops when the longest row has ended."""
    tokens = greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST).tokens
    assert torch.equal(tokens, encode_digits(NUMBERS)[:, 1:])
    assert [VOCABULARY[token] for token in tokens[1]] == ["3", "4", "2", "<end>", "<pad>", "<pad>", "<pad>"]


def test_writing_stops_at_the_greatest_number_of_tokens(model: Transformer) -> None:
    """With max_new_tokens=3 each row holds three tokens, the same ones as before, whether or not it has ended."""
    tokens = greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=3).tokens
    assert torch.equal(tokens, encode_digits(NUMBERS)[:, 1:4])


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_a_sequence_does_not_depend_on_its_batch(dtype: torch.dtype, tolerance: float, model: Transformer) -> None:
    """Each source gets the same tokens and probability alone, without padding, as in a padded batch."""
    model = model.to(dtype)
    together = greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST)
    for row, source in enumerate(SOURCE):
        alone = greedy(model, source[source != PAD][None], bos=START, eos=END, max_new_tokens=LONGEST)
        assert alone.tokens[0].tolist() == together.tokens[row, : alone.tokens.shape[1]].tolist()
        torch.testing.assert_close(alone.log_probability[0], together.log_probability[row], atol=tolerance, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_probabilities_are_float32_at_least(dtype: torch.dtype, model: Transformer) -> None:
    """A float32 or bfloat16 model scores in float32: a step's probabilities sum to 1, and each log p is below 0."""
    model = model.to(dtype)
    scores = NextToken(model, SOURCE, use_cache=True)(torch.full((len(SOURCE), 1), START))
    log_probability = greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=5).log_probability
    assert scores.dtype == log_probability.dtype == torch.float32
    torch.testing.assert_close(scores.exp().sum(-1), torch.ones(len(SOURCE)))
    assert (log_probability < 0).all()


def test_wrong_arguments_are_refused(model: Transformer) -> None:
    """Empty sources, tokens outside the vocabulary and impossible lengths raise ValueError, with expected and got."""
    last = len(VOCABULARY) - 1
    with pytest.raises(ValueError, match=r"at least one token, got shape \(7, 0\)"):
        greedy(model, SOURCE[:, :0], bos=START, eos=END, max_new_tokens=5)
    with pytest.raises(ValueError, match=f"source: expected tokens from 0 to {last}, got {last + 1}"):
        greedy(model, torch.tensor([[3, last + 1]]), bos=START, eos=END, max_new_tokens=5)
    with pytest.raises(ValueError, match=f"source: expected tokens from 0 to {last}, got -1"):
        greedy(model, SOURCE - 1, bos=START, eos=END, max_new_tokens=5)
    with pytest.raises(ValueError, match=f"bos and eos: expected tokens from 0 to {last}, got 99"):
        greedy(model, SOURCE, bos=START, eos=99, max_new_tokens=5)
    for count in (0, 33):
        with pytest.raises(ValueError, match=f"max_new_tokens must be 1 to 32, got {count}"):
            greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=count)


def every_ending(model: Transformer, source: torch.Tensor, longest: int) -> Iterator[tuple[list[int], float]]:
    """Yield every string that ends with the end token or at the greatest length, and its log p; no cache, no beam."""
    vocab = model.target_embedding.vocab
    for length in range(1, longest + 1):
        strings = [
            string
            for string in itertools.product(range(vocab), repeat=length)
            if END not in string[:-1] and (length == longest or string[-1] == END)
        ]
        target = torch.tensor([[START, *string] for string in strings])
        scores = model(source.expand(len(strings), -1), target[:, :-1]).log_softmax(dim=-1)
        log_ps = scores.gather(-1, target[:, 1:, None]).sum((1, 2)).tolist()
        yield from zip(map(list, strings), log_ps, strict=True)


@pytest.mark.verifies("Beam Search#^exhaustive")
@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
def test_a_wide_beam_finds_the_best_of_all_strings(alpha: float, record_property: Record) -> None:
    """With a beam as wide as all strings of 5 tokens up to 4 long, the result is the best of them by brute force."""
    torch.manual_seed(3)
    model = Transformer(5, 5, d_model=8, n_heads=2, n_layers=1, d_ff=16, dropout=0.0, max_length=8).double().eval()
    model.source_embedding.weight.data *= 3  # so that strings differ widely in likelihood
    source = torch.tensor([[3, 4, 3]])
    endings = list(every_ending(model, source, longest=4))
    string, log_p = max(endings, key=lambda each: each[1] / length_penalty(len(each[0]), alpha))
    found = beam_search(model, source, bos=START, eos=END, max_new_tokens=4, beam=len(endings), alpha=alpha)
    record_property("strings", len(endings))
    assert found.tokens.tolist() == [string]
    assert found.log_probability.item() == pytest.approx(log_p, abs=1e-10)


@pytest.mark.verifies("Beam Search#^one-is-greedy")
def test_a_beam_of_one_is_greedy(model: Transformer) -> None:
    """With beam 1 the tokens and the log-probabilities are those of greedy choice."""
    expected = greedy(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST)
    found = beam_search(model, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST, beam=1)
    assert torch.equal(found.tokens, expected.tokens)
    torch.testing.assert_close(found.log_probability, expected.log_probability, atol=1e-10, rtol=0)


def beam_by_lists(model: Transformer, source: torch.Tensor, longest: int, beam: int, alpha: float) -> list[int]:
    """Search as the docstring of beam_search says, with lists of strings, each read anew from its start."""
    going: list[tuple[float, list[int]]] = [(0.0, [])]
    ended: list[tuple[float, list[int]]] = []
    for length in range(1, longest + 1):
        target = torch.tensor([[START, *string] for _, string in going])
        scores = model(source.expand(len(going), -1), target)[:, -1].log_softmax(-1).tolist()
        extensions = [
            (log_p + more, [*string, token])
            for (log_p, string), row in zip(going, scores, strict=True)
            for token, more in enumerate(row)
        ]
        extensions.sort(reverse=True)
        last = [(log_p, string) for log_p, string in extensions[:beam] if string[-1] == END or length == longest]
        ended += [(log_p / length_penalty(length, alpha), string) for log_p, string in last]
        if len(ended) >= beam:
            break
        going = [each for each in extensions if each[1][-1] != END][:beam]
    return max(ended)[1]


@pytest.mark.parametrize("alpha", [0.0, 4.0])
def test_equals_a_search_with_lists(alpha: float, record_property: Record) -> None:
    """Writes what a search with plain lists writes, for 60 random models over 5 tokens and beams of 1 to 4."""
    for seed in range(60):
        torch.manual_seed(seed)
        model = Transformer(5, 5, d_model=8, n_heads=2, n_layers=1, d_ff=16, dropout=0.0, max_length=8).double().eval()
        model.source_embedding.weight.data *= 2
        source, beam = torch.randint(1, 5, (1, 3)), 1 + seed % 4
        found = beam_search(model, source, bos=START, eos=END, max_new_tokens=5, beam=beam, alpha=alpha)
        assert found.tokens[0].tolist() == beam_by_lists(model, source, 5, beam, alpha), f"seed {seed}"
    record_property("models", 60)


def texts(tokens: torch.Tensor) -> list[str]:
    """Return each row up to its end token; what fills it up differs between libraries."""
    return [" ".join(VOCABULARY[token] for token in row).partition("<end>")[0] for row in tokens.tolist()]


def unsure(model: Transformer, scale: float = 0.15) -> Transformer:
    """Make a model doubt: with smaller scores, several strings are about as likely, and a beam has something to do."""
    model.output_embedding = type(model.output_embedding)(model.target_embedding.vocab, 64)
    model.output_embedding.weight.data = model.target_embedding.weight.data * scale
    return model


@pytest.mark.parametrize(("beam", "scale"), [(2, 0.15), (4, 0.3)])
def test_equals_hugging_faces_beam_search(
    beam: int,
    scale: float,
    model: Transformer,
    as_marian: Callable[[Transformer], MarianMTModel],
    record_property: Record,
) -> None:
    """Without length penalty it writes the tokens of Hugging Face's beam search, with the same trained weights."""
    doubting = unsure(model.float(), scale)
    marian = as_marian(doubting)
    marian.lm_head.weight = torch.nn.Parameter(doubting.output_embedding.weight.data)
    source = encode_words([words(number) for number in range(0, 1_000_000, 19_997)])
    theirs = marian.generate(
        source, attention_mask=(source != PAD).long(), max_new_tokens=LONGEST, num_beams=beam, do_sample=False,
        length_penalty=0.0, early_stopping=True,
    )  # fmt: skip
    ours = beam_search(doubting, source, bos=START, eos=END, max_new_tokens=LONGEST, beam=beam, alpha=0.0).tokens
    plain = greedy(doubting, source, bos=START, eos=END, max_new_tokens=LONGEST).tokens
    differs = sum(a != b for a, b in zip(texts(ours), texts(plain), strict=True))
    record_property("sequences compared", len(ours))
    record_property("of these not what greedy choice writes", differs)
    assert texts(ours) == texts(theirs[:, 1:])
    assert differs > 0


def test_the_cache_changes_no_beam(model: Transformer) -> None:
    """With and without the cache a beam of 4 writes the same tokens, with the same log-probabilities in float64."""
    doubting = unsure(model)
    with_cache, without = (
        beam_search(doubting, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST, use_cache=use)
        for use in (True, False)
    )
    assert torch.equal(with_cache.tokens, without.tokens)
    torch.testing.assert_close(with_cache.log_probability, without.log_probability, atol=1e-10, rtol=0)


def test_a_beam_does_not_depend_on_its_batch(model: Transformer) -> None:
    """Each source gets the same tokens alone as in a padded batch, and its log p is that of a pass over them."""
    doubting = unsure(model)
    together = beam_search(doubting, SOURCE, bos=START, eos=END, max_new_tokens=LONGEST)
    for row, source in enumerate(SOURCE):
        alone = beam_search(doubting, source[source != PAD][None], bos=START, eos=END, max_new_tokens=LONGEST)
        written = alone.tokens[0]
        assert written.tolist() == together.tokens[row, : len(written)].tolist()
        target = torch.cat([torch.tensor([START]), written])[None]
        scores = doubting(source[None], target[:, :-1]).log_softmax(-1).gather(-1, target[:, 1:, None])
        torch.testing.assert_close(scores.sum(), together.log_probability[row], atol=1e-10, rtol=0)


def test_a_penalty_prefers_longer_targets() -> None:
    """Divided by the penalty, of two equal log-probabilities the longer target's is the greater; alpha 0 is none."""
    assert [length_penalty(n, 0.6) for n in (1, 7, 20)] == pytest.approx([1.0, 2**0.6, (25 / 6) ** 0.6])
    assert length_penalty(9, 0.0) == 1.0


@pytest.mark.parametrize(("beam", "alpha"), [(0, 0.6), (4, math.nan)])
def test_a_beam_of_none_is_refused(beam: int, alpha: float, model: Transformer) -> None:
    """A beam of 0 and a penalty that is no number raise ValueError with both."""
    with pytest.raises(ValueError, match=f"beam must be at least 1 and alpha finite, got {beam} and {alpha}"):
        beam_search(model, SOURCE, bos=START, eos=END, max_new_tokens=3, beam=beam, alpha=alpha)


def test_weights_that_change_are_read_anew(model: Transformer) -> None:
    """What a decoder keeps of a model from call to call is dropped when the weights change, or the batch does."""
    source = torch.randint(3, 12, (2, 5))

    def both() -> tuple[torch.Tensor, torch.Tensor]:
        cached = greedy(model, source, bos=1, eos=2, max_new_tokens=6)
        plain = greedy(model, source, bos=1, eos=2, max_new_tokens=6, use_cache=False)
        torch.testing.assert_close(cached.log_probability, plain.log_probability, rtol=0, atol=1e-5)
        return cached.tokens, cached.log_probability

    before = both()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    assert not torch.equal(both()[1], before[1])
    source = source[:1]
    both()
