from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from notebook_models.recurrent.longest_path import longest_path
from notebook_models.recurrent.lstm import LSTM
from notebook_models.recurrent.sparse_experts import SparseExperts, imbalance

Record = Callable[[str, object], None]
D = 8


def feed_forward() -> nn.Module:
    return nn.Sequential(nn.Linear(D, 16), nn.ReLU(), nn.Linear(16, D))


def experts(n: int, k: int) -> SparseExperts:
    return SparseExperts(D, n, k, feed_forward).double().eval()


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, D, dtype=torch.float64)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 6), k=st.integers(1, 6), tokens=st.integers(1, 5))
def test_equals_the_sum_over_all_experts(n: int, k: int, tokens: int) -> None:
    """Without noise it is the sum of all experts' outputs, each times its gate, a softmax over the k best scores.

    With k = n it is the plain softmax over all.
    """
    k = min(n, k)
    mixture, x = experts(n, k), drawn(2, tokens)
    scores = x @ mixture.score.weight.T
    kept = scores >= scores.sort(dim=-1, descending=True).values[..., k - 1 : k]
    gates = scores.exp() * kept / (scores.exp() * kept).sum(dim=-1, keepdim=True)
    dense = sum(gates[..., i : i + 1] * expert(x) for i, expert in enumerate(mixture.experts))
    mixed = mixture(x)
    torch.testing.assert_close(mixed.gates, gates, atol=1e-10, rtol=0)
    torch.testing.assert_close(mixed.output, dense, atol=1e-10, rtol=0)
    if k == n:
        torch.testing.assert_close(gates, scores.softmax(dim=-1), atol=1e-10, rtol=0)


@pytest.mark.verifies("Conditional Computation#^only-the-chosen")
def test_only_the_chosen_experts_run_and_learn() -> None:
    """Of six experts, one token runs its two; these get a gradient, and the other four get none at all."""
    mixture, ran = experts(6, 2), []
    for i, expert in enumerate(mixture.experts):
        expert.register_forward_hook(lambda *_, i=i: ran.append(i))
    mixed = mixture(drawn(1))
    mixed.output.square().sum().backward()
    chosen = mixed.gates[0].nonzero()[:, 0].tolist()
    assert ran == chosen
    assert len(chosen) == 2
    for i, expert in enumerate(mixture.experts):
        grads = [p.grad for p in expert.parameters()]
        assert all(g is not None and g.abs().max() > 0 for g in grads) if i in chosen else grads == [None] * 4


@pytest.mark.verifies("Conditional Computation#^work-by-k")
def test_work_grows_with_k_and_weights_with_n(record_property: Record) -> None:
    """The experts' operations, counted by PyTorch, are k for each token, whether there are 4 experts or 64."""

    def work(n: int, k: int) -> int:
        with FlopCounterMode(display=False) as counter:
            experts(n, k)(drawn(32))
        return counter.get_total_flops() - 2 * 32 * D * n  # the gate's own product does grow with n, as one row each

    one_expert = 2 * 32 * 2 * (D * 16)
    for n, k in ((4, 1), (4, 2), (64, 1), (64, 2)):
        record_property(f"operations of {k} among {n} experts", work(n, k))
        assert work(n, k) == k * one_expert
    weights = {n: sum(p.numel() for p in experts(n, 2).experts.parameters()) for n in (4, 64)}
    assert weights[64] == 16 * weights[4]


@pytest.mark.verifies("Conditional Computation#^the-line-stays")
def test_experts_leave_an_lstm_in_line() -> None:
    """An LSTM whose carried state goes through experts: the longest chain grows by as much with each further token."""
    lstm = LSTM(D, D).double()
    mixture = experts(4, 2)
    lstm.carry = nn.Sequential(Taken(mixture), lstm.carry)

    def path(n: int) -> int:
        return longest_path(lstm(drawn(1, n)).state[:, -1].sum())

    assert path(30) - path(20) == path(20) - path(10) >= 10 * 8


class Taken(nn.Module):
    """The output of a mixture alone, as layers in a row want it."""

    def __init__(self, mixture: SparseExperts) -> None:
        super().__init__()
        self.mixture = mixture

    def forward(self, x: Tensor) -> Tensor:
        return self.mixture(x).output


@pytest.mark.verifies("Conditional Computation#^same-door")
def test_the_balance_term_spreads_the_load(record_property: Record) -> None:
    """Two of eight experts a token: with noise alone, one of them gets more than three times its even share.

    With the balance term none gets one and a half times of it. The term is 0 for even shares, and 3 where one of four
    experts has everything.
    """
    assert imbalance(torch.full((10, 4), 0.25)).item() == pytest.approx(0, abs=1e-6)
    assert imbalance(torch.eye(4)[[2] * 10]).item() == pytest.approx(3)
    most = {weight: most_used(weight) for weight in (0.0, 0.1)}
    for weight, share in most.items():
        record_property(f"even shares that the most used expert has, balance term times {weight}", f"{share:.1f}")
    assert most[0.0] > 3
    assert most[0.1] < 1.5


def most_used(weight: float) -> float:
    """Train eight experts to rotate vectors; return how many times its even share the most used one has."""
    torch.manual_seed(0)
    mixture, turn = SparseExperts(D, 8, 2, feed_forward), torch.linalg.qr(torch.randn(D, D))[0]
    x = torch.randn(256, D) + 1  # all on one side, so that a gate's first preference holds for most
    optimizer = torch.optim.Adam(mixture.parameters(), lr=1e-2)
    for _ in range(150):
        mixed = mixture(x)
        loss = F.mse_loss(mixed.output, x @ turn) + weight * imbalance(mixed.gates)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return 8 * mixture.eval()(x).gates.mean(dim=0).max().item()


@pytest.mark.verifies("Conditional Computation#^one-is-too-few")
def test_a_gate_that_keeps_one_score_learns_nothing() -> None:
    """The softmax over one kept score is 1 whatever the score is, so with k = 1 the gate's gradient is zero."""
    for k in (1, 2):
        mixture = experts(4, k)
        mixture(drawn(20)).output.square().sum().backward()
        assert (mixture.score.weight.grad.abs().max() > 1e-6) == (k > 1)


def test_noise_is_for_training_only() -> None:
    """In eval mode the choice is the same twice; in training it is not; and the noise's weights get a gradient."""
    mixture, x = experts(6, 2), drawn(50)
    assert torch.equal(mixture(x).gates, mixture(x).gates)
    mixture.train()
    assert not torch.equal(mixture(x).gates > 0, mixture(x).gates > 0)
    mixture(x).output.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in mixture.parameters())


@pytest.mark.parametrize("k", [0, 5])
def test_a_k_that_cannot_be_is_refused(k: int) -> None:
    """Fewer than one expert, and more than there are, raise ValueError."""
    with pytest.raises(ValueError, match=f"from 1 to n_experts=4, got {k}"):
        experts(4, k)


def test_the_notebook_shows_who_gets_the_work(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """With noise alone one expert of eight has most of the work; with the balance term none has half too much."""
    load = run_notebook("recurrent/sparse_experts")["load"]
    for name, share in load.items():
        record_property(f"even shares of the busiest expert, {name}", f"{share:.1f}")
    assert load["noise alone"] > 3
    assert load["with the balance term"] < 1.5
