import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import Tensor, nn
from transformers import MarianConfig
from transformers.models.marian.modeling_marian import MarianAttention

from notebook_models.attention.masks import causal_mask
from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention

ROOT = Path(__file__).parents[3]
sizes = st.integers(1, 5)


def with_weights_of(theirs: nn.MultiheadAttention) -> MultiHeadAttention:
    """Return our layer with the weights of PyTorch's, which keeps query, key and value in one matrix."""
    ours = MultiHeadAttention(theirs.embed_dim, theirs.num_heads, bias=theirs.in_proj_bias is not None).double()
    state = {f"output.{name}": weight for name, weight in theirs.out_proj.state_dict().items()}
    for kind in ("weight", "bias") if theirs.in_proj_bias is not None else ("weight",):
        parts = getattr(theirs, f"in_proj_{kind}").chunk(3)
        state |= {f"{name}.{kind}": part for name, part in zip(("query", "key", "value"), parts, strict=True)}
    ours.load_state_dict(state)
    return ours


@pytest.mark.verifies("Multi-Head Attention#^heads-are-subspaces")
@pytest.mark.parametrize("bias", [True, False])
def test_equals_pytorch(bias: bool, record_property: Callable[[str, object], None]) -> None:
    """Output and every head's weights equal those of nn.MultiheadAttention with copied weights, in float64."""
    worst = 0.0
    for n_heads, n_queries, n_keys in itertools.product([1, 2, 4], [1, 3], [1, 5]):
        theirs = nn.MultiheadAttention(8, n_heads, bias=bias, batch_first=True, dtype=torch.float64)
        nn.init.normal_(theirs.in_proj_weight)
        if bias:
            nn.init.normal_(theirs.in_proj_bias)
        query, key, value = (torch.randn(2, n, 8, dtype=torch.float64) for n in (n_queries, n_keys, n_keys))
        expected, weights = theirs(query, key, value, average_attn_weights=False)
        ours = with_weights_of(theirs)(query, key, value)
        worst = max(worst, (ours.output - expected).abs().max().item(), (ours.weights - weights).abs().max().item())
    record_property("largest error", f"{worst:.1e}")
    assert worst < 1e-10


@settings(max_examples=25, deadline=None)
@given(batch=sizes, n_queries=sizes, n_keys=sizes)
def test_equals_pytorch_under_a_mask(batch: int, n_queries: int, n_keys: int) -> None:
    """Equals nn.MultiheadAttention with attn_mask and key_padding_mask, where True means the opposite of ours."""
    theirs = nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
    query, memory = (torch.randn(batch, n, 8, dtype=torch.float64) for n in (n_queries, n_keys))
    allowed, tokens = torch.rand(n_queries, n_keys) < 0.5, torch.rand(batch, n_keys) < 0.5
    allowed[:, 0], tokens[:, 0] = True, True
    expected, _ = theirs(query, memory, memory, key_padding_mask=~tokens, attn_mask=~allowed)
    ours = with_weights_of(theirs)(query, memory, mask=allowed & tokens.unsqueeze(1))
    torch.testing.assert_close(ours.output, expected, atol=1e-10, rtol=0)


def test_equals_hugging_face(record_property: Callable[[str, object], None]) -> None:
    """Self- and cross-attention equal Hugging Face's Marian attention with copied random weights, in float64."""
    config = MarianConfig(d_model=16, attn_implementation="eager")
    theirs = MarianAttention(16, 4, config=config).double().eval()
    ours = MultiHeadAttention(16, 4).double()
    names = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "out_proj"}
    for name, their_name in names.items():
        ours.get_submodule(name).load_state_dict(theirs.get_submodule(their_name).state_dict())
    query, memory = torch.randn(2, 5, 16, dtype=torch.float64), torch.randn(2, 7, 16, dtype=torch.float64)
    worst = 0.0
    for source in (None, memory):
        expected, weights = theirs(query, key_value_states=source)
        attended = ours(query, source)
        worst = max(worst, (attended.output - expected).abs().max().item())
        worst = max(worst, (attended.weights - weights).abs().max().item())
    record_property("largest error", f"{worst:.1e}")
    assert worst < 1e-10


@pytest.mark.verifies("Multi-Head Attention#^same-parameters")
def test_the_number_of_parameters_does_not_depend_on_the_heads() -> None:
    """1, 2, 4, 8 and 16 heads of a model of width 16 have the same number of parameters: 4 (16² + 16)."""
    counts = [sum(p.numel() for p in MultiHeadAttention(16, n).parameters()) for n in (1, 2, 4, 8, 16)]
    assert counts == [4 * (16**2 + 16)] * 5


@pytest.mark.verifies("Multi-Head Attention#^heads-are-subspaces")
def test_each_head_works_in_its_own_slice() -> None:
    """Each head is scaled dot-product attention on its own d_head columns of the projected query, key and value."""
    attention, query, memory = MultiHeadAttention(12, 3), torch.randn(2, 4, 12), torch.randn(2, 5, 12)
    attended = attention(query, memory)
    heads = []
    for i in range(3):
        own = slice(4 * i, 4 * i + 4)
        q, k, v = attention.query(query)[..., own], attention.key(memory)[..., own], attention.value(memory)[..., own]
        heads.append(scaled_dot_product_attention(q, k, v))
        torch.testing.assert_close(attended.weights[:, i], heads[i].weights)
    joined = torch.cat([head.output for head in heads], dim=-1)
    torch.testing.assert_close(attended.output, attention.output(joined))


def test_a_bias_of_the_keys_changes_nothing() -> None:
    """Any bias of the key projection leaves the output as it was: it adds the same score to every key of a query."""
    attention, x = MultiHeadAttention(8, 2).double(), torch.randn(2, 5, 8, dtype=torch.float64)
    before = attention(x).output
    nn.init.normal_(attention.key.bias, std=10)
    torch.testing.assert_close(attention(x).output, before, atol=1e-10, rtol=0)


def test_queries_are_the_memory_unless_another_is_given() -> None:
    """Without a key the queries are read, without a value the keys are."""
    attention, x, memory = MultiHeadAttention(8, 2), torch.randn(2, 4, 8), torch.randn(2, 5, 8)
    torch.testing.assert_close(attention(x).output, attention(x, x, x).output)
    torch.testing.assert_close(attention(x, memory).output, attention(x, memory, memory).output)


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(sizes, min_size=1, max_size=4))
def test_a_memory_projected_piece_by_piece_is_the_same_memory(lengths: list[int]) -> None:
    """Keys and values projected in pieces and joined give the output of one projection: what a cache relies on."""
    attention, query = MultiHeadAttention(8, 2).double(), torch.randn(2, 3, 8, dtype=torch.float64)
    pieces = [torch.randn(2, length, 8, dtype=torch.float64) for length in lengths]
    kept = attention.project_keys_values(pieces[0])
    for piece in pieces[1:]:
        kept = kept.extend(attention.project_keys_values(piece))
    expected = attention(query, torch.cat(pieces, dim=1)).output
    torch.testing.assert_close(attention.attend(query, kept).output, expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("mask", [None, causal_mask(5), torch.zeros(5, 5, dtype=torch.bool)])
def test_the_fused_kernel_agrees_with_the_formula(mask: Tensor | None) -> None:
    """The output is the same with and without weights, in float64, also where nothing may be read."""
    attention, x = MultiHeadAttention(8, 2).double(), torch.randn(2, 5, 8, dtype=torch.float64)
    plain, fused = attention(x, mask=mask), attention(x, mask=mask, need_weights=False)
    assert fused.weights is None
    torch.testing.assert_close(fused.output, plain.output, atol=1e-10, rtol=0)


def test_dropout_acts_in_training_mode_alone() -> None:
    """Two runs differ in training mode and agree in eval mode, on both paths."""
    attention, x = MultiHeadAttention(8, 2, dropout=0.5), torch.randn(1, 4, 8)
    for need_weights in (True, False):
        attention.train()
        first, second = (attention(x, need_weights=need_weights).output for _ in range(2))
        assert not torch.allclose(first, second)
        attention.eval()
        first, second = (attention(x, need_weights=need_weights).output for _ in range(2))
        torch.testing.assert_close(first, second)


@pytest.mark.parametrize("need_weights", [True, False])
def test_gradients_reach_every_parameter(need_weights: bool) -> None:
    """Every parameter gets a gradient, and none is zero but that of the keys' bias, which changes nothing."""
    attention = MultiHeadAttention(8, 2)
    attention(torch.randn(2, 5, 8), need_weights=need_weights).output.square().sum().backward()
    sizes = {name: p.grad.abs().max().item() for name, p in attention.named_parameters() if p.grad is not None}
    assert sizes.keys() == dict(attention.named_parameters()).keys()
    assert [name for name, size in sizes.items() if size < 1e-4] == ["key.bias"]


class Output(nn.Module):
    """The output alone: torch.export wants tensors, not dataclasses."""

    def __init__(self, need_weights: bool) -> None:
        super().__init__()
        self.attention, self.need_weights = MultiHeadAttention(8, 2), need_weights

    def forward(self, query: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        return self.attention(query, memory, mask=mask, need_weights=self.need_weights).output


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("need_weights", [True, False])
def test_exports_with_lengths_left_open(need_weights: bool) -> None:
    """torch.export traces it once, and the traced program gives the same output at other batch sizes and lengths."""
    model = Output(need_weights).eval()
    batch, n, m = (torch.export.Dim(name, min=2, max=64) for name in ("batch", "query", "key"))
    example = torch.randn(2, 3, 8), torch.randn(2, 4, 8), torch.ones(2, 3, 4, dtype=torch.bool)
    program = torch.export.export(
        model, example, dynamic_shapes=({0: batch, 1: n}, {0: batch, 1: m}, {0: batch, 1: n, 2: m})
    )
    query, memory, mask = torch.randn(5, 7, 8), torch.randn(5, 9, 8), torch.rand(5, 7, 9) < 0.7
    torch.testing.assert_close(program.module()(query, memory, mask), model(query, memory, mask))


COMPILE = """
import torch
from notebook_models.attention.masks import causal_mask
from notebook_models.attention.multi_head import MultiHeadAttention

attention, x = MultiHeadAttention(8, 2).eval(), torch.randn(2, 5, 8)
compiled = torch.compile(attention, fullgraph=True, backend="eager")
for need_weights in (True, False):
    plain, traced = (f(x, mask=causal_mask(5), need_weights=need_weights) for f in (attention, compiled))
    torch.testing.assert_close(traced.output, plain.output)
"""


def test_compiles_to_one_graph() -> None:
    """torch.compile(fullgraph=True) traces it without a break, and the graph gives the same output, on both paths."""
    # In a process of its own: the checks of signatures that tests install would break the graph.
    done = subprocess.run([sys.executable, "-c", COMPILE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("d_model", "n_heads"), [(8, 3), (8, 0), (8, 16)])
def test_a_width_that_heads_cannot_share_is_refused(d_model: int, n_heads: int) -> None:
    """A d_model that is not a multiple of n_heads raises ValueError, with both numbers."""
    with pytest.raises(ValueError, match=f"multiple of n_heads, got {d_model} and {n_heads}"):
        MultiHeadAttention(d_model, n_heads)


@pytest.mark.usefixtures("unchecked")
def test_wrong_input_is_refused() -> None:
    """A wrong width, another batch, an empty sequence or a mask that does not fit raises ValueError, with numbers."""
    attention, x = MultiHeadAttention(8, 2), torch.randn(2, 4, 8)
    for shape in ((2, 4, 6), (4, 8), (2, 2, 4, 8)):
        with pytest.raises(ValueError, match=re.escape(f"d_model = 8), got {shape}")):
            attention(torch.randn(shape))
    with pytest.raises(ValueError, match="same batch"):
        attention(x, torch.randn(3, 4, 8))
    with pytest.raises(ValueError, match="at least one query and one key, got 4 and 0"):
        attention(x, torch.randn(2, 0, 8))
    for shape in ((3, 4), (4,), ()):
        with pytest.raises(ValueError, match="mask must broadcast"):
            attention(x, mask=torch.ones(shape, dtype=torch.bool))


def test_a_wrong_shape_is_caught_while_testing() -> None:
    """In tests, shapes that contradict the signature stop at the signature."""
    with pytest.raises(TypeCheckError, match="parameter 'key'"):
        MultiHeadAttention(8, 2)(torch.randn(1, 4, 8), torch.randn(4, 8))


@pytest.mark.verifies("Multi-Head Attention#^two-pointers")
def test_two_heads_follow_two_pointers(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 300 steps, two heads answer over 99 % of two-pointer questions, one head of double width under 40 %."""
    both_right = run_notebook("attention/multi_head")["both_right"]
    for name, share in both_right.items():
        record_property(f"{name}: both digits right", f"{share:.1%}")
    assert both_right["2 heads of 16"] > 0.99
    assert both_right["1 head of 32"] < 0.4
