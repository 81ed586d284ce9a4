import copy
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from notebook_models.training.adam import Adam
from notebook_models.transformer.transformer import Transformer

Record = Callable[[str, object], None]
betas = st.tuples(st.sampled_from([0.0, 0.5, 0.9]), st.sampled_from([0.5, 0.98, 0.999]))


def follow(optimizer: torch.optim.Optimizer, gradients: torch.Tensor) -> list[torch.Tensor]:
    """Return the only weights of an optimizer after each of these gradients."""
    (weights,) = optimizer.param_groups[0]["params"]
    path = []
    for gradient in gradients:
        weights.grad = gradient.clone()
        optimizer.step()
        path.append(weights.detach().clone())
    return path


def zeros(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(*shape, dtype=torch.float64))


def stepped(gradients: torch.Tensor, **options: Any) -> torch.Tensor:
    """Return the steps that Adam makes from 0 for these gradients, with rate 1."""
    path = [torch.zeros_like(gradients[0]), *follow(Adam([zeros(*gradients.shape[1:])], lr=1.0, **options), gradients)]
    return torch.stack([after - before for before, after in pairwise(path)])


@pytest.mark.verifies("Adam#^pytorch")
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@settings(max_examples=10, deadline=None)
@given(betas=betas, eps=st.sampled_from([1e-9, 1e-8, 1e-3]), lr=st.sampled_from([1e-3, 0.1]), seed=st.integers(0, 999))
def test_equals_pytorch_step_by_step(
    dtype: torch.dtype, tolerance: float, betas: tuple[float, float], eps: float, lr: float, seed: int
) -> None:
    """Over 300 steps with gradients of all sizes, each weight after each step is torch.optim.Adam's."""
    torch.manual_seed(seed)
    start = torch.randn(7, dtype=dtype)
    gradients = torch.randn(300, 7, dtype=dtype) * torch.logspace(-6, 6, 7, dtype=dtype)
    ours = follow(Adam([nn.Parameter(start.clone())], lr, betas, eps), gradients)
    theirs = follow(torch.optim.Adam([nn.Parameter(start.clone())], lr, betas, eps), gradients)
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def train(make: Callable[[Any], torch.optim.Optimizer], steps: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    """Return a small Transformer in float64 after some steps, and its optimizer, whose rate changes on the way."""
    torch.manual_seed(0)
    model = Transformer(9, 9, d_model=8, n_heads=2, n_layers=1, d_ff=16, dropout=0.0).double()
    optimizer = make(model.parameters())
    proceed(model, optimizer, range(steps))
    return model, optimizer


def proceed(model: nn.Module, optimizer: torch.optim.Optimizer, steps: range) -> None:
    for step in steps:
        torch.manual_seed(step)
        optimizer.param_groups[0]["lr"] = 1e-3 * (1 + step % 5)
        tokens = torch.randint(1, 9, (4, 5))
        loss = nn.functional.cross_entropy(model(tokens, tokens[:, :-1]).mT, tokens[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def close(left: nn.Module, right: nn.Module) -> bool:
    """Return whether all weights are equal to 1e-10, but the biases of keys, whose gradients are rounding errors."""
    pairs = zip(left.named_parameters(), right.parameters(), strict=True)
    return all(torch.allclose(a, b, rtol=0, atol=1e-10) for (name, a), b in pairs if not name.endswith("key.bias"))


def test_a_transformer_trains_as_with_pytorch_s() -> None:
    """After 60 steps with a changing rate all weights are those of torch.optim.Adam, to 1e-10 in float64."""
    ours, _ = train(Adam, 60)
    theirs, _ = train(lambda weights: torch.optim.Adam(weights, betas=(0.9, 0.98), eps=1e-9), 60)
    untrained, _ = train(Adam, 0)
    assert close(ours, theirs)
    assert not close(ours, untrained)


def test_it_goes_on_from_its_own_state_and_from_pytorch_s() -> None:
    """Loaded after 20 steps into a new one, its state, or torch.optim.Adam's, goes on as one that never stopped."""
    whole, _ = train(Adam, 40)
    for make in (Adam, lambda weights: torch.optim.Adam(weights, betas=(0.9, 0.98), eps=1e-9)):
        model, before = train(make, 20)
        after = Adam(model.parameters(), lr=7.0, betas=(0.1, 0.1), eps=1.0)
        after.load_state_dict(copy.deepcopy(before.state_dict()))
        proceed(model, after, range(20, 40))
        assert close(model, whole)


@pytest.mark.verifies("Adam#^first-step")
def test_the_first_step_is_the_rate_for_every_weight() -> None:
    """Whatever the gradient's size, the first step is the rate, against its sign; without a gradient it is nothing."""
    gradient = torch.tensor([1e6, 1.0, -1e-6, 0.0], dtype=torch.float64)
    torch.testing.assert_close(stepped(gradient[None])[0], -gradient.sign(), atol=2e-3, rtol=0)


@pytest.mark.verifies("Adam#^size-cancels")
@settings(max_examples=20, deadline=None)
@given(factor=st.floats(1e-6, 1e6), seed=st.integers(0, 999))
def test_the_size_of_gradients_cancels_out(factor: float, seed: int) -> None:
    """Gradients times a positive number give the same steps, but for ε."""
    torch.manual_seed(seed)
    gradients = torch.randn(50, 5, dtype=torch.float64)
    torch.testing.assert_close(stepped(factor * gradients, eps=0.0), stepped(gradients, eps=0.0), atol=1e-9, rtol=0)


@pytest.mark.verifies("Adam#^correction")
@pytest.mark.parametrize(("second", "at_first", "most"), [(0.98, 0.71, 1.55), (0.999, 3.16, 6.57)])
def test_equal_gradients_give_equal_steps(second: float, at_first: float, most: float) -> None:
    """Every step is the rate; divided by the corrections, the first would be 0.71 (β₂ = 0.98) or 3.16 (0.999) of it."""
    steps = stepped(torch.full((100, 1), 3.0, dtype=torch.float64), betas=(0.9, second), eps=0.0)
    torch.testing.assert_close(steps, torch.full_like(steps, -1.0), atol=1e-10, rtol=0)
    uncorrected = [(1 - 0.9**t) / math.sqrt(1 - second**t) for t in range(1, 101)]
    assert (uncorrected[0], max(uncorrected)) == pytest.approx((at_first, most), abs=0.005)


def bound(first: float, second: float) -> float:
    """Return the greatest length of a step, in rates: the root of Σ a² / b for the weights a of m and b of v."""
    return math.sqrt((1 - first) ** 2 / ((1 - second) * (1 - first**2 / second)))


@pytest.mark.verifies("Adam#^longest-step")
def test_a_step_may_be_longer_than_the_rate(record_property: Record) -> None:
    """Gradients that grow by β₂ / β₁, 9 % a step, lead to steps of 1.70 rates."""
    growth = torch.full((400, 1), 0.98 / 0.9, dtype=torch.float64).cumprod(dim=0)
    steps = stepped(growth, eps=0.0).abs()
    record_property("longest step, in rates", f"{steps.max():.2f}")
    assert steps[-1].item() == pytest.approx(bound(0.9, 0.98), abs=0.005)
    assert bound(0.9, 0.98) == pytest.approx(1.70, abs=0.005)


@pytest.mark.verifies("Adam#^longest-step")
@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.floats(-30, 30), min_size=1, max_size=80), seed=st.integers(0, 999))
def test_no_step_is_longer_than_that(sizes: list[float], seed: int) -> None:
    """Whatever the gradients, no step is longer than 1.70 rates, with the paper's β."""
    torch.manual_seed(seed)
    gradients = (
        torch.randn(len(sizes), 4, dtype=torch.float64) * torch.tensor(sizes, dtype=torch.float64).exp()[:, None]
    )
    assert stepped(gradients, eps=0.0).abs().max() <= bound(0.9, 0.98) + 1e-9


@pytest.mark.verifies("Adam#^noise")
def test_pure_noise_shortens_steps_to_a_quarter(record_property: Record) -> None:
    """For gradients that are noise alone, steps have a root mean square of about √((1 - β₁) / (1 + β₁)) = 0.23."""
    steps = stepped(torch.randn(400, 5000, dtype=torch.float64))
    length = steps[-1].square().mean().sqrt().item()
    record_property("length of steps on noise, in rates", f"{length:.3f}")
    assert length == pytest.approx(math.sqrt(0.1 / 1.9), abs=0.015)


def test_every_weight_with_a_gradient_is_changed_and_no_other() -> None:
    """A weight whose gradient is None stays, without a state; all others move."""
    model = Transformer(9, 9, d_model=8, n_heads=2, n_layers=1, d_ff=16, dropout=0.0)
    unused = nn.Parameter(torch.ones(3))
    before = [weight.detach().clone() for weight in model.parameters()]
    adam = Adam([*model.parameters(), unused])
    tokens = torch.randint(1, 9, (4, 5))
    model(tokens, tokens).square().sum().backward()
    adam.step()
    assert not any(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    assert torch.equal(unused, torch.ones(3))
    assert unused not in adam.state


def test_groups_have_rates_of_their_own() -> None:
    """Two groups of weights step by their own rates, and a closure's loss is returned."""
    slow, fast = zeros(1), zeros(1)
    adam = Adam([{"params": [slow]}, {"params": [fast], "lr": 0.5}], lr=0.1)

    def closure() -> torch.Tensor:
        loss = (slow + fast).sum()
        loss.backward()
        return loss

    assert adam.step(closure) == 0
    assert (slow.item(), fast.item()) == pytest.approx((-0.1, -0.5))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lr": -1.0}, "at least 0, got -1.0"),
        ({"lr": float("nan")}, "at least 0, got nan"),
        ({"eps": -1e-9}, "at least 0, got 0.001 and -1e-09"),
        ({"betas": (1.0, 0.98)}, r"below 1, got \(1.0, 0.98\)"),
        ({"betas": (0.9, -0.1)}, r"below 1, got \(0.9, -0.1\)"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any], message: str) -> None:
    """A negative rate or ε, and a β outside [0, 1), raise ValueError with what was given."""
    with pytest.raises(ValueError, match=message):
        Adam([zeros(1)], **wrong)


@pytest.fixture(scope="module")
def notebook(run_notebook: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What the notebook has named."""
    return run_notebook("training/adam")


@pytest.mark.verifies("Adam#^many-sizes")
def test_a_transformer_has_gradients_of_many_sizes(notebook: dict[str, Any], record_property: Record) -> None:
    """At the start the gradients of the logits' weights are more than 20 times as large as those of the queries'."""
    sizes = notebook["sizes"]
    record_property("logits' gradients, in queries'", f"{sizes['logits'] / sizes['queries']:.0f}")
    assert sizes["logits"] > 20 * sizes["queries"]


@pytest.mark.verifies("Adam#^learns-faster")
def test_adam_learns_at_each_of_three_rates_what_gradient_descent_does_not(
    notebook: dict[str, Any], record_property: Record
) -> None:
    """After 120 steps the loss is below 0.2 at each of Adam's rates, and above 0.5 at each of gradient descent's."""
    for name, losses in notebook["final"].items():
        record_property(f"loss with {name}", ", ".join(f"{loss:.2f} at {lr}" for lr, loss in losses.items()))
    assert max(notebook["final"]["Adam"].values()) < 0.2
    assert min(notebook["final"]["gradient descent"].values()) > 0.5
