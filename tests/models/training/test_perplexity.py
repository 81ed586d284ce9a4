import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from notebook_models.training.perplexity import perplexity

probabilities = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=20)


def logits_for(right: list[float]) -> Tensor:
    """Return logits of two tokens, of which token 0 has these probabilities."""
    p = torch.tensor(right, dtype=torch.float64)
    return torch.stack([p, 1 - p], dim=-1).log()


def of(right: list[float]) -> float:
    return perplexity(logits_for(right), torch.zeros(len(right), dtype=torch.long)).item()


@pytest.mark.verifies("Perplexity#^geometric-mean")
@given(right=probabilities)
def test_it_is_one_over_the_geometric_mean(right: list[float]) -> None:
    """The m-th root of the product of 1 / p, over the m tokens."""
    assert of(right) == pytest.approx(math.prod(1 / p for p in right) ** (1 / len(right)))


@pytest.mark.verifies("Perplexity#^as-many-choices")
@given(vocab=st.integers(1, 50), likely=st.integers(1, 50), seed=st.integers(0, 99))
def test_an_even_choice_among_k_has_perplexity_k(vocab: int, likely: int, seed: int) -> None:
    """Even over the whole vocabulary it is the vocabulary's size; even over k tokens, the right one among them, k."""
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(vocab, (3, 7), generator=generator)
    assert perplexity(torch.zeros(3, 7, vocab), targets).item() == pytest.approx(vocab, rel=1e-5)
    k = min(likely, vocab)
    others = torch.stack([torch.randperm(vocab, generator=generator) for _ in range(21)]).view(3, 7, vocab)
    order = (targets[..., None] != others).int().argsort(dim=-1, stable=True)  # the right token first
    logits = torch.full((3, 7, vocab), -torch.inf).scatter(-1, others.gather(-1, order)[..., :k], 0.0)
    assert perplexity(logits, targets).item() == pytest.approx(k, rel=1e-5)


@pytest.mark.verifies("Perplexity#^no-mean-of-means")
@settings(max_examples=50)
@given(sentences=st.lists(probabilities, min_size=2, max_size=6))
def test_the_mean_over_sentences_is_another_number(sentences: list[list[float]]) -> None:
    """Over all tokens it is the exponential of the mean loss; a mean of the sentences' own values is not that.

    Where all sentences are equally long the mean is never lower, and it is higher as soon as they differ.
    """
    tokens = [p for sentence in sentences for p in sentence]
    assert math.log(of(tokens)) == pytest.approx(-sum(map(math.log, tokens)) / len(tokens))
    equal = [sentence[:1] for sentence in sentences]
    mean = sum(map(of, equal)) / len(equal)
    together = of([p for sentence in equal for p in sentence])
    assert mean >= together * (1 - 1e-9)
    assert (of([0.9]) + of([0.1])) / 2 > 1.5 * of([0.9, 0.1])


@pytest.mark.verifies("Perplexity#^smaller-tokens")
@given(words=probabilities, pieces=st.integers(2, 5))
def test_more_tokens_for_the_same_text_make_it_lower(words: list[float], pieces: int) -> None:
    """A text of one probability, cut into k pieces a word: the k-th root of what it is by words."""
    cut = [p ** (1 / pieces) for p in words for _ in range(pieces)]
    assert math.prod(cut) == pytest.approx(math.prod(words))
    assert of(cut) == pytest.approx(of(words) ** (1 / pieces))


@pytest.mark.verifies("Perplexity#^smoothed")
@pytest.mark.parametrize(("smoothing", "vocab"), [(0.1, 37_000), (0.2, 37_000), (0.1, 10)])
def test_a_model_that_follows_smoothed_targets_is_never_sure(smoothing: float, vocab: int) -> None:
    """Where the smoothed loss is least, the right token has 1 - ε + ε/V, and the perplexity is one over that."""
    target, right = torch.tensor([3]), 1 - smoothing + smoothing / vocab
    best = torch.full((1, vocab), smoothing / vocab, dtype=torch.float64)
    best[0, 3] = right
    logits = best.log().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(logits, target, label_smoothing=smoothing), logits)
    assert gradient.abs().max() < 1e-12
    assert perplexity(logits, target).item() == pytest.approx(1 / right)


def test_padding_does_not_count() -> None:
    """Targets that are `ignore` change nothing, whatever the logits there; with none left, ValueError."""
    logits, targets = torch.randn(2, 5, 7), torch.randint(1, 7, (2, 5))
    alone = perplexity(logits[:, :3], targets[:, :3])
    targets[:, 3:] = 0
    torch.testing.assert_close(perplexity(logits, targets, ignore=0), alone)
    with pytest.raises(ValueError, match="expected a target that is not 0, got 10 that are"):
        perplexity(logits, torch.zeros_like(targets), ignore=0)
