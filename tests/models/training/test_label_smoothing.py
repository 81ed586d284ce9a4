import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from notebook_models.training import small_training
from notebook_models.training.fast_cross_entropy import cross_entropy
from notebook_models.training.label_smoothing import LabelSmoothing, smoothed
from notebook_models.training.trainer import Settings

Record = Callable[[str, object], None]
rates = st.sampled_from([0.0, 0.1, 0.3, 1.0])


def loss_and_gradient(
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], logits: torch.Tensor, target: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    logits = logits.clone().requires_grad_()
    value = loss(logits, target)
    (gradient,) = torch.autograd.grad(3 * value, logits)
    return value.detach(), gradient


@pytest.mark.verifies("Label Smoothing#^pytorch")
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@settings(max_examples=40, deadline=None)
@given(
    shape=st.lists(st.integers(1, 5), max_size=2).map(tuple), n_tokens=st.integers(1, 9), smoothing=rates,
    reduction=st.sampled_from(["mean", "sum"]), seed=st.integers(0, 999),
)  # fmt: skip
def test_equals_pytorch(
    dtype: torch.dtype, tolerance: float, shape: tuple[int, ...], n_tokens: int, smoothing: float, reduction: str,
    seed: int,
) -> None:  # fmt: skip
    """Value and gradient are nn.CrossEntropyLoss's, at any rate, as mean and as sum, with targets that are ignored."""
    torch.manual_seed(seed)
    logits, target = 3 * torch.randn(*shape, n_tokens, dtype=dtype), torch.randint(n_tokens, shape)
    ignore = int(target.flatten()[0]) if target.unique().numel() > 1 else -100
    theirs = nn.CrossEntropyLoss(label_smoothing=smoothing, ignore_index=ignore, reduction=reduction)
    expected = loss_and_gradient(lambda x, y: theirs(x.reshape(-1, n_tokens), y.flatten()), logits, target)
    ours = loss_and_gradient(LabelSmoothing(smoothing, ignore=ignore, reduction=reduction), logits, target)
    torch.testing.assert_close(ours, expected, atol=tolerance, rtol=tolerance)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 30), n_tokens=st.integers(2, 20), smoothing=rates, seed=st.integers(0, 999))
def test_what_the_trainer_uses_is_the_same(n: int, n_tokens: int, smoothing: float, seed: int) -> None:
    """fast_cross_entropy equals it in value and gradient, in float64 to 1e-10, padding left out."""
    torch.manual_seed(seed)
    logits, target = 3 * torch.randn(n, n_tokens, dtype=torch.float64), torch.randint(n_tokens, (n,))
    readable = LabelSmoothing(smoothing, ignore=1, reduction="sum")
    fast = loss_and_gradient(lambda x, y: cross_entropy(x, y, smoothing=smoothing, ignore=1), logits, target)
    torch.testing.assert_close(fast, loss_and_gradient(readable, logits, target), atol=1e-10, rtol=0)


@pytest.mark.verifies("Label Smoothing#^rate")
def test_the_rate_is_the_paper_s() -> None:
    """By default, in the Trainer's settings and in the small trainings of this site, ε is 0.1."""
    assert LabelSmoothing().smoothing == Settings().smoothing == small_training.SMOOTHING == 0.1


@pytest.mark.verifies("Label Smoothing#^target")
@settings(max_examples=40, deadline=None)
@given(n_tokens=st.integers(1, 50), smoothing=st.floats(0, 1), seed=st.integers(0, 999))
def test_the_target_is_a_distribution(n_tokens: int, smoothing: float, seed: int) -> None:
    """It sums to 1; the right token has 1 - ε + ε / K, each other ε / K."""
    torch.manual_seed(seed)
    target = torch.randint(n_tokens, (3, 4))
    q = smoothed(target, n_tokens, smoothing, torch.float64)
    torch.testing.assert_close(q.sum(dim=-1), torch.ones(3, 4, dtype=torch.float64), atol=1e-12, rtol=0)
    right = F.one_hot(target, n_tokens).bool()
    torch.testing.assert_close(q[right].unique().tolist(), [1 - smoothing + smoothing / n_tokens])
    assert q[~right].unique().tolist() in ([], [smoothing / n_tokens])


@pytest.mark.verifies("Label Smoothing#^two-losses")
def test_it_is_two_losses_in_one() -> None:
    """It equals (1 - ε) times the loss without smoothing, plus ε times the distance from the uniform distribution."""
    logits, target = torch.randn(7, 9, dtype=torch.float64), torch.randint(9, (7,))
    uniform = torch.full((7, 9), 1 / 9, dtype=torch.float64)
    parts = 0.7 * F.cross_entropy(logits, target) + 0.3 * F.cross_entropy(logits, uniform)
    torch.testing.assert_close(LabelSmoothing(0.3)(logits, target), parts, atol=1e-10, rtol=0)
    distance = (uniform * (uniform / logits.softmax(dim=-1)).log()).sum(dim=-1).mean()
    torch.testing.assert_close(F.cross_entropy(logits, uniform), distance + math.log(9), atol=1e-10, rtol=0)


@pytest.mark.verifies("Label Smoothing#^gradient")
def test_the_gradient_is_p_minus_q() -> None:
    """The gradient at the logits is softmax minus smoothed target: it turns around where p passes q."""
    logits, target = torch.randn(5, 6, dtype=torch.float64), torch.randint(6, (5,))
    _, gradient = loss_and_gradient(LabelSmoothing(0.2, reduction="sum"), logits, target)
    expected = 3 * (logits.softmax(dim=-1) - smoothed(target, 6, 0.2, torch.float64))
    torch.testing.assert_close(gradient, expected, atol=1e-10, rtol=0)


def best_gap(n_tokens: int, smoothing: float) -> float:
    """Return by how much the right logit exceeds the others where the loss is least."""
    return math.log(1 + (1 - smoothing) * n_tokens / smoothing)


@pytest.mark.verifies("Label Smoothing#^least")
@settings(max_examples=40, deadline=None)
@given(n_tokens=st.integers(2, 50), smoothing=st.floats(0.01, 0.9), away=st.floats(0.05, 5) | st.floats(-5, -0.05))
def test_the_loss_is_least_at_a_finite_gap(n_tokens: int, smoothing: float, away: float) -> None:
    """Least where the right logit exceeds the others by log(1 + (1 - ε) K / ε); then it is the entropy of the target.

    Without smoothing a larger gap is always better.
    """

    def at(gap: float, smoothing: float) -> float:
        logits = torch.tensor([[gap, *[0.0] * (n_tokens - 1)]], dtype=torch.float64)
        return LabelSmoothing(smoothing)(logits, torch.tensor([0])).item()

    q, gap = smoothed(torch.tensor(0), n_tokens, smoothing, torch.float64), best_gap(n_tokens, smoothing)
    assert at(gap, smoothing) == pytest.approx(-(q * q.log()).sum().item(), abs=1e-10)
    assert at(gap + away, smoothing) > at(gap, smoothing)
    assert at(gap + abs(away), 0.0) < at(gap, 0.0)


@pytest.mark.verifies("Label Smoothing#^base-numbers")
def test_the_numbers_of_the_base_model(record_property: Record) -> None:
    """For ε = 0.1 and 37,000 tokens the best gap is 12.7, and the loss never falls below 1.38, a perplexity of 3.96."""
    q = smoothed(torch.tensor(0), 37_000, 0.1, torch.float64)
    least = LabelSmoothing()(q.log().unsqueeze(0), torch.tensor([0])).item()
    record_property(
        "best gap, least loss, its exponential", f"{best_gap(37_000, 0.1):.2f}, {least:.2f}, {math.exp(least):.2f}"
    )
    assert best_gap(37_000, 0.1) == pytest.approx(12.7, abs=0.05)
    assert least == pytest.approx(1.38, abs=0.005)
    assert math.exp(least) == pytest.approx(3.96, abs=0.005)


@pytest.mark.verifies("Label Smoothing#^another-spread")
@settings(max_examples=20, deadline=None)
@given(n_tokens=st.integers(2, 40), smoothing=st.floats(0.01, 0.5))
def test_spreading_over_the_others_is_a_larger_rate(n_tokens: int, smoothing: float) -> None:
    """1 - ε for the right token and ε / (K - 1) for each other is ours with the rate ε K / (K - 1)."""
    others = torch.full((n_tokens,), smoothing / (n_tokens - 1), dtype=torch.float64)
    others[0] = 1 - smoothing
    ours = smoothed(torch.tensor(0), n_tokens, smoothing * n_tokens / (n_tokens - 1), torch.float64)
    torch.testing.assert_close(ours, others, atol=1e-12, rtol=0)


def test_it_reaches_every_row_but_the_ignored() -> None:
    """Each logit of a row that counts has a gradient, no logit of an ignored row has."""
    target = torch.tensor([[2, 0], [0, 3]])
    _, gradient = loss_and_gradient(LabelSmoothing(0.1, ignore=0), torch.randn(2, 2, 4), target)
    assert (gradient[target != 0] != 0).all()
    assert torch.equal(gradient[target == 0], torch.zeros(2, 4))


def test_where_all_are_ignored() -> None:
    """As with PyTorch the sum is 0, and the mean over nothing is no number."""
    logits, target = torch.randn(3, 4), torch.full((3,), 2)
    assert LabelSmoothing(ignore=2, reduction="sum")(logits, target) == 0
    assert LabelSmoothing(ignore=2)(logits, target).isnan()


@pytest.mark.parametrize("loss", [LabelSmoothing(0.0, reduction="sum"), cross_entropy], ids=["readable", "fast"])
def test_a_token_ruled_out(loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
    """Without smoothing, a wrong token with logit -inf costs nothing, as with PyTorch."""
    logits, target = torch.tensor([[0.5, -torch.inf, 1.0]]), torch.tensor([0])
    theirs = loss_and_gradient(nn.CrossEntropyLoss(), logits, target)
    torch.testing.assert_close(loss_and_gradient(loss, logits, target), theirs)
    assert LabelSmoothing(0.1)(logits, target).isinf()


def test_bfloat16_is_summed_in_float32() -> None:
    """In bfloat16 the loss keeps the type, and is float32's loss of the same logits, rounded once."""
    for _ in range(20):
        logits, target = (5 * torch.randn(50, 1000)).bfloat16(), torch.randint(1000, (50,))
        loss = LabelSmoothing()(logits, target)
        assert loss.dtype == torch.bfloat16
        assert torch.equal(loss, LabelSmoothing()(logits.float(), target).bfloat16())


def test_it_is_traced() -> None:
    """torch.export traces it, and the graph gives the same loss."""
    logits, target = torch.randn(4, 5, 6), torch.randint(6, (4, 5))
    program = torch.export.export(LabelSmoothing(ignore=0), (logits, target))
    torch.testing.assert_close(program.module()(logits, target), LabelSmoothing(ignore=0)(logits, target))


@pytest.mark.parametrize("smoothing", [-0.1, 1.1, float("nan")])
def test_a_rate_that_cannot_be_is_refused(smoothing: float) -> None:
    """A rate outside 0 to 1 raises ValueError with the number."""
    with pytest.raises(ValueError, match=f"from 0 to 1, got {smoothing}"):
        LabelSmoothing(smoothing)


@pytest.mark.usefixtures("unchecked")
def test_wrong_input_is_refused() -> None:
    """Another reduction, or targets that are not one for each row, raise ValueError with both."""
    with pytest.raises(ValueError, match="'mean' or 'sum', got 'none'"):
        LabelSmoothing(reduction="none")
    for shape in [(3,), (2, 4), (2, 3, 5), ()]:
        with pytest.raises(ValueError, match=r"\(2, 3\), got \(" + ", ".join(map(str, shape))):
            LabelSmoothing()(torch.randn(2, 3, 5), torch.zeros(shape, dtype=torch.long))


@pytest.mark.parametrize("target", [-1, 5])
def test_a_target_that_is_no_token_is_refused(target: int) -> None:
    """A target outside the vocabulary that is not the ignored one raises an error and is never counted as another."""
    with pytest.raises((RuntimeError, IndexError), match="out of bounds"):
        LabelSmoothing()(torch.randn(1, 5), torch.tensor([target]))


@pytest.fixture(scope="module")
def notebook(run_notebook: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What the notebook has named."""
    return run_notebook("training/label_smoothing")


@pytest.mark.verifies("Label Smoothing#^perplexity")
def test_on_a_known_source_perplexity_rises_and_the_answers_stay(
    notebook: dict[str, Any], record_property: Record
) -> None:
    """Learned from many tokens, perplexity rises with the rate, as that of the smoothed source; as many are right."""
    perplexity, by_formula, accuracy = (notebook[name] for name in ("perplexity", "by_formula", "accuracy"))
    for rate, value in zip(notebook["some_rates"], perplexity, strict=True):
        record_property(f"perplexity with ε = {rate}", f"{value:.2f}")
    assert perplexity == sorted(perplexity)
    assert perplexity[-1] > 1.2 * perplexity[0]
    assert perplexity == pytest.approx(by_formula, rel=0.02)
    assert max(accuracy) - min(accuracy) < 0.005


@pytest.mark.verifies("Label Smoothing#^calibration")
def test_learned_by_heart_it_is_as_sure_as_right_with_smoothing(
    notebook: dict[str, Any], record_property: Record
) -> None:
    """Without smoothing it is surer than right by more than 0.3, with 0.1 by less than 0.05; 0.4 makes it too unsure.

    The perplexity on new examples is less than half; as many are right.
    """
    for name, values in notebook["calibration"].items():
        record_property(f"sure, right, perplexity, {name}", ", ".join(f"{value:.2f}" for value in values.values()))
    plain, smooth, too_much = notebook["calibration"].values()
    assert plain["mean confidence"] - plain["right"] > 0.3
    assert abs(smooth["mean confidence"] - smooth["right"]) < 0.05
    assert too_much["right"] - too_much["mean confidence"] > 0.1
    assert smooth["perplexity"] < plain["perplexity"] / 2
    assert abs(smooth["right"] - plain["right"]) < 0.02
