from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from notebook_models.recurrent.factorized_lstm import FactorizedLSTM, GroupedLSTM
from notebook_models.recurrent.longest_path import longest_path
from notebook_models.recurrent.lstm import LSTM

Record = Callable[[str, object], None]


def drawn(time: int, d_input: int = 8) -> Tensor:
    return torch.randn(2, time, d_input, dtype=torch.float64)


def matrices(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.dim() == 2)


@pytest.mark.verifies("Factorization Tricks#^still-an-lstm")
def test_both_are_an_lstm_with_a_matrix_of_another_form() -> None:
    """Multiplied out, W2 W1 gives the same states as an LSTM; so do the groups' matrices, set along the diagonal."""
    factorized, lstm, x = FactorizedLSTM(8, 6, rank=3).double(), LSTM(8, 6).double(), drawn(7)
    with torch.no_grad():
        lstm.read.weight.copy_(factorized.outer.weight @ factorized.read.weight)
        lstm.carry.weight.copy_(factorized.outer.weight @ factorized.carry.weight)
        lstm.read.bias.copy_(factorized.outer.bias)
        lstm.carry.bias.zero_()
    torch.testing.assert_close(lstm(x).state, factorized(x).state, atol=1e-10, rtol=0)

    grouped = GroupedLSTM(8, 6, n_groups=2).double()
    with torch.no_grad():
        for name in ("read", "carry"):
            halves = [getattr(group, name) for group in grouped.groups]
            blocks = [half.weight.chunk(4) for half in halves]
            biases = [half.bias.chunk(4) for half in halves]
            whole = getattr(lstm, name)
            whole.weight.copy_(torch.cat([torch.block_diag(*gate) for gate in zip(*blocks, strict=True)]))
            whole.bias.copy_(torch.cat([torch.cat(gate) for gate in zip(*biases, strict=True)]))
    for part in ("state", "cell"):
        ours, theirs = (getattr(each(x), part) for each in (grouped, lstm))
        torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)


@pytest.mark.verifies("Factorization Tricks#^fewer-weights")
@pytest.mark.parametrize("d", [8, 64])
def test_their_matrices_have_fewer_weights(d: int) -> None:
    """Of 8 d² weights, rank r leaves 6 d r, a fifth and less where r is d / 4; k groups leave one in k."""
    assert matrices(LSTM(d, d)) == 8 * d * d
    for rank in (1, d // 4, d):
        assert matrices(FactorizedLSTM(d, d, rank)) == 6 * d * rank
    assert matrices(FactorizedLSTM(d, d, d // 4)) < 8 * d * d / 5
    for n_groups in (1, 2, 4):
        assert matrices(GroupedLSTM(d, d, n_groups)) * n_groups == 8 * d * d


@pytest.mark.verifies("Factorization Tricks#^the-line-stays")
def test_the_line_is_as_long_or_longer(record_property: Record) -> None:
    """Each token adds as many operations to the longest chain with groups, and more of them with two factors."""
    layers = {"LSTM": LSTM(8, 8), "two factors": FactorizedLSTM(8, 8, 2), "groups": GroupedLSTM(8, 8, 4)}
    per_token = {}
    for name, layer in layers.items():
        short, long = (longest_path(layer.double()(drawn(n)).state[:, -1].sum()) for n in (10, 60))
        per_token[name] = (long - short) / 50
        record_property(f"operations in line for each token, {name}", per_token[name])
    assert per_token["groups"] == per_token["LSTM"] < per_token["two factors"]


@pytest.mark.verifies("Factorization Tricks#^groups-are-deaf")
def test_a_group_hears_nothing_of_another() -> None:
    """The gradient of a group's states is zero at the inputs of the other, and not zero at its own."""
    grouped, x = GroupedLSTM(8, 6, n_groups=2).double(), drawn(5).requires_grad_()
    (gradient,) = torch.autograd.grad(grouped(x).state[..., :3].square().sum(), x)
    assert (gradient[..., :4] != 0).all()
    assert (gradient[..., 4:] == 0).all()


def test_gradients_reach_every_parameter() -> None:
    """Every parameter gets a gradient that is not zero."""
    for layer in (FactorizedLSTM(8, 6, 3).double(), GroupedLSTM(8, 6, 2).double()):
        layer(drawn(4)).state.square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in layer.parameters())


def test_groups_that_do_not_divide_are_refused() -> None:
    """Widths that are no multiples of the number of groups raise ValueError with all three."""
    with pytest.raises(ValueError, match="n_groups=4, got 8 and 6"):
        GroupedLSTM(8, 6, n_groups=4)


@pytest.mark.verifies("Factorization Tricks#^equal-budget")
def test_the_notebook_spends_one_budget_in_three_ways(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """With as many weights, to 5 percent, all three learn number words, and end within 5 percent of each other."""
    notebook = run_notebook("recurrent/factorized_lstm")
    budget, perplexities = notebook["budget"].values(), notebook["perplexities"].values()
    record_property("perplexities", ", ".join(f"{value:.2f}" for value in perplexities))
    assert max(budget) < 1.05 * min(budget)
    assert max(perplexities) < 1.05 * min(perplexities)
    assert max(perplexities) < 1.6
