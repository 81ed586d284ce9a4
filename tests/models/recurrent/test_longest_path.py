import math
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from typing import Any

import networkx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.self_attention import SelfAttention
from notebook_models.recurrent.gru import GRU
from notebook_models.recurrent.longest_path import longest_path
from notebook_models.recurrent.lstm import LSTM
from notebook_models.recurrent.rnn import RNN
from notebook_models.transformer.transformer import Transformer

Record = Callable[[str, object], None]
D = 4
lstm, pytorch_lstm = LSTM(D, D).double(), nn.LSTM(D, D, batch_first=True).double()
LAYERS: dict[str, Callable[[Tensor], Tensor]] = {
    "RNN": RNN(D, D).double(),
    "LSTM": lambda x: lstm(x).state,
    "GRU": GRU(D, D).double(),
    "nn.LSTM": lambda x: pytorch_lstm(x)[0],
}


def drawn(time: int, batch: int = 1) -> Tensor:
    return torch.randn(batch, time, D, dtype=torch.float64)


def by_networkx(output: Tensor) -> int:
    """Return the same from a graph that networkx holds."""
    graph, seen, open_nodes = networkx.DiGraph(), set(), [output.grad_fn]
    while open_nodes:
        node: Any = open_nodes.pop()
        if node in seen:
            continue
        seen.add(node)
        needed = [each for each, _ in node.next_functions if each is not None]
        graph.add_edges_from((node, each) for each in needed)
        open_nodes += needed
    return int(networkx.dag_longest_path_length(graph))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_equals_networkx(pairs: list[tuple[int, int]]) -> None:
    """In random graphs of sums it is networkx's longest path, whose last edge leads to the parameter."""
    made = [torch.ones((), requires_grad=True)]
    for left, right in pairs:
        made.append(made[left % len(made)] + made[right % len(made)])
    assert longest_path(made[-1]) == by_networkx(made[-1])


def test_a_chain_is_as_long_as_it_is() -> None:
    """Ten thousand operations in a row are ten thousand, without a recursion as deep."""
    x = torch.ones((), requires_grad=True)
    for _ in range(10_000):
        x = x.sin()
    assert longest_path(x) == 10_000


@pytest.mark.verifies("Sequential Computation#^the-line-grows")
def test_a_recurrent_line_grows_and_attention_s_does_not(record_property: Record) -> None:
    """From 8 to 128 tokens each recurrent layer adds as many operations a token; self-attention adds none."""
    lengths = (8, 16, 64, 128)
    for name, layer in LAYERS.items():
        paths = {n: longest_path(layer(drawn(n))[:, -1].sum()) for n in lengths}
        per_token, rest = divmod(paths[128] - paths[8], 120)
        record_property(f"longest chain in {name}", f"{per_token} n + {paths[8] - 8 * per_token}")
        assert rest == 0
        assert per_token >= 3
        assert all(paths[n] == paths[8] + per_token * (n - 8) for n in lengths)
    attention = SelfAttention(D).double()
    (constant,) = {longest_path(attention(drawn(n)).output.sum()) for n in lengths}
    record_property("longest chain in self-attention", constant)


@pytest.mark.verifies("Sequential Computation#^a-batch-is-no-help")
def test_a_batch_changes_nothing_of_the_line() -> None:
    """Thirty-two sequences at once have the line of two; a single one differs by one operation at most."""
    for layer in LAYERS.values():
        alone, two, many = (longest_path(layer(drawn(20, batch))[:, -1].sum()) for batch in (1, 2, 32))
        assert two == many
        assert abs(many - alone) <= 1  # a single row is broadcast in another way


@pytest.mark.verifies("Sequential Computation#^a-training-step")
def test_a_transformer_s_training_pass_has_one_line_at_every_length() -> None:
    """Source and target from 3 to 60 tokens: one length of chain. Another layer in each stack makes it longer."""

    def path(length: int, n_layers: int) -> int:
        model = Transformer(9, 9, d_model=8, n_heads=2, n_layers=n_layers, d_ff=16, dropout=0.0)
        return longest_path(model(*torch.randint(1, 9, (2, 2, length))).sum())

    assert path(3, 2) == path(20, 2) == path(60, 2) < path(3, 3)


def test_what_was_not_recorded_is_refused() -> None:
    """A tensor without history raises ValueError."""
    with pytest.raises(ValueError, match="got a tensor without grad_fn"):
        longest_path(torch.ones(3))


def test_the_notebook_draws_what_was_measured(run_notebook: Callable[[str], dict[str, Any]]) -> None:
    """Recurrent chains double with the length, a scan's grows by as much at each doubling, attention's not at all."""
    chains = run_notebook("recurrent/longest_path")["chains"]
    steps = {name: [after - before for before, after in pairwise(counts)] for name, counts in chains.items()}
    for name in ("LSTM", "plain"):
        assert all(after == 2 * before > 0 for before, after in pairwise(steps[name]))
    assert len(set(steps["linear recurrence, as a scan"])) == 1
    assert set(steps["self-attention"]) == {0}


class Causal(nn.Module):
    """A convolution that looks back over `width` positions, `dilation` apart; all of its weights are 1."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.reach = (width - 1) * dilation
        self.convolution = nn.Conv1d(1, 1, width, dilation=dilation, bias=False)
        nn.init.ones_(self.convolution.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.convolution(F.pad(x, (self.reach, 0)))


def least_layers(n: int, layers: Iterator[nn.Module]) -> int:
    """Return how many layers it takes until the last of n outputs moves with the first input."""
    x = torch.ones(1, 1, n, dtype=torch.float64, requires_grad=True)
    out, count = x, 0
    while count == 0 or torch.autograd.grad(out[0, 0, -1], x, retain_graph=True)[0][0, 0, 0] == 0:
        out, count = next(layers).double()(out), count + 1
    return count


@pytest.mark.verifies("Path Length#^least-layers")
@pytest.mark.parametrize("n", [2, 9, 100, 1000])
def test_the_least_number_of_layers_is_the_path_length(n: int) -> None:
    """For width 3 half of n - 1, rounded up; with dilation doubled each layer log2 n; for self-attention 1."""
    if n <= 100:
        assert least_layers(n, (Causal(3) for _ in count())) == math.ceil((n - 1) / 2)
    assert least_layers(n, (Causal(2, 2**depth) for depth in count())) == math.ceil(math.log2(n))
    x = torch.randn(1, n, 4, requires_grad=True)
    SelfAttention(4)(x).output[0, -1].sum().backward()
    assert x.grad[0, 0].abs().max() > 0
