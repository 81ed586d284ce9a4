import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from notebook_models.training.dropout import Dropout
from notebook_models.transformer.residual import Residual
from notebook_models.transformer.transformer import Transformer

rates = st.sampled_from([0.1, 0.3, 0.5, 0.9])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@settings(max_examples=25, deadline=None)
@given(shape=st.lists(st.integers(0, 5), max_size=3), p=st.sampled_from([0.0, 0.1, 0.5, 0.9]), seed=st.integers(0, 999))
def test_equals_pytorch_with_the_same_seed(dtype: torch.dtype, shape: list[int], p: float, seed: int) -> None:
    """From the same seed it drops and raises what F.dropout does on a CPU, bit for bit, and keeps the type."""
    x = torch.randn(shape).to(dtype)
    torch.manual_seed(seed)
    expected = F.dropout(x, p)
    torch.manual_seed(seed)
    assert torch.equal(Dropout(p)(x), expected)
    assert Dropout(p)(x).dtype == dtype


@pytest.mark.verifies("Dropout#^mean-and-variance")
@settings(max_examples=10, deadline=None)
@given(p=rates, x=st.floats(-4, 4).filter(lambda x: abs(x) > 0.1))
def test_the_mean_stays_and_the_variance_is_the_formula_s(p: float, x: float) -> None:
    """Of 200,000 draws the share of zeros is p, the mean x, the variance x² p / (1 - p), as far as chance allows."""
    n = 200_000
    y = Dropout(p)(torch.full((n,), x, dtype=torch.float64))
    variance = x**2 * p / (1 - p)
    assert abs((y == 0).double().mean().item() - p) < 5 * (p * (1 - p) / n) ** 0.5
    assert abs(y.mean().item() - x) < 5 * (variance / n) ** 0.5
    assert abs(y.var().item() / variance - 1) < 0.05


def test_each_number_is_drawn_for_itself() -> None:
    """Two numbers, in one row or in one column, are left out together as often as independent ones: p² of the time."""
    gone = (Dropout(0.3)(torch.ones(20_000, 2, 2)) == 0).double()
    for a, b in itertools.combinations(gone.flatten(1).unbind(dim=1), 2):
        assert abs((a * b).mean().item() - 0.09) < 0.01


@pytest.mark.verifies("Dropout#^nothing-in-use")
def test_in_eval_mode_it_is_the_identity() -> None:
    """In eval mode, and at rate 0, x itself comes back and no random number is drawn; in training two runs differ."""
    x, before = torch.randn(4, 8), torch.get_rng_state()
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(Dropout(0.5)(x), Dropout(0.5)(x))


@pytest.mark.verifies("Dropout#^many-networks")
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_a_linear_layer_in_use_is_the_mean_of_all_networks(p: float) -> None:
    """Over all 64 masks of six numbers, weighted by their probability, a linear layer's mean is its output in use.

    Behind a ReLU it is not.
    """
    layer, x = nn.Linear(6, 3).double(), torch.randn(6, dtype=torch.float64)
    means = {name: torch.zeros(3, dtype=torch.float64) for name in ("linear", "relu")}
    for kept in itertools.product([0, 1], repeat=6):
        share = (1 - p) ** sum(kept) * p ** (6 - sum(kept))
        output = layer(x * torch.tensor(kept) / (1 - p))
        means = {"linear": means["linear"] + share * output, "relu": means["relu"] + share * output.relu()}
    in_use = layer(Dropout(p).eval()(x))
    torch.testing.assert_close(means["linear"], in_use, atol=1e-10, rtol=0)
    assert not torch.allclose(means["relu"], in_use.relu())


def test_gradients_reach_what_was_kept_and_nothing_else() -> None:
    """The gradient is 1 / (1 - p) where a number was kept and 0 where it was left out."""
    x = torch.rand(100, requires_grad=True)
    y = Dropout(0.4)(x)
    y.sum().backward()
    torch.testing.assert_close(x.grad, torch.where(y > 0, 1 / 0.6, 0.0))
    assert 0 < (x.grad == 0).sum() < 100


@pytest.mark.verifies("Dropout#^where")
def test_it_acts_on_changes_and_on_the_sums_at_the_bottom() -> None:
    """While a Transformer trains, dropout gets what each sub-layer adds, and both embedded sequences."""
    model, seen = Transformer(9, 9, d_model=8, n_heads=2, n_layers=3, d_ff=16), []
    spots = {"sums": [model.dropout], "changes": [m.dropout for m in model.modules() if isinstance(m, Residual)]}
    for name, modules in spots.items():
        for module in modules:
            module.register_forward_hook(lambda *_, name=name: seen.append(name))
    model(torch.randint(1, 9, (2, 5)), torch.randint(1, 9, (2, 4)))
    assert (seen.count("sums"), seen.count("changes")) == (2, 3 * 2 + 3 * 3)
    residual, x = Residual(8, dropout=0.5, norm="pre"), torch.full((1, 1, 8), 7.0)
    changed = residual.add(x, torch.ones(1, 1, 8))
    assert set(changed.flatten().tolist()) == {7.0, 9.0}  # the change is gone or doubled, x is never touched


@pytest.mark.verifies("Dropout#^rates")
def test_the_rates_are_the_paper_s() -> None:
    """Every dropout of the base model has rate 0.1, every one of the big model 0.3."""
    with torch.device("meta"):
        models = {0.1: Transformer.base(100), 0.3: Transformer.big(100)}
    for rate, model in models.items():
        assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {rate}


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_a_rate_that_leaves_nothing_is_refused(p: float) -> None:
    """A rate below 0, or of 1 and more, raises ValueError with the number."""
    with pytest.raises(ValueError, match=f"below 1, got {p}"):
        Dropout(p)


@pytest.mark.verifies("Dropout#^overfits-without")
def test_without_it_a_small_training_set_is_learned_by_heart(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 300 steps on 100 examples, the loss on others is a third lower with dropout, and more are right."""
    without, dropped = run_notebook("training/dropout")["learned"].values()
    for name, history in {"without": without, "with dropout": dropped}.items():
        losses = f"{history['examples'][-1]:.2f}, {history['others'][-1]:.2f}"
        record_property(f"loss on examples and on others, {name}", losses)
        record_property(f"others that are right, {name}", f"{history['right'][-1]:.1%}")
    assert without["examples"][-1] < 0.01
    assert without["others"][-1] > 1.5 * min(without["others"])
    assert dropped["others"][-1] < without["others"][-1] * 2 / 3
    assert dropped["right"][-1] > without["right"][-1]
