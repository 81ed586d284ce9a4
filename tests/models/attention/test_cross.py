from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.autograd.functional import jacobian

from notebook_models.attention.cross import CrossAttention
from notebook_models.attention.masks import padding_mask
from notebook_models.attention.multi_head import MultiHeadAttention

sizes = st.integers(1, 5)


def with_weights_of(theirs: nn.MultiheadAttention) -> CrossAttention:
    """Return our layer with the weights of PyTorch's, which keeps query, key and value in one matrix."""
    ours = CrossAttention(theirs.embed_dim, theirs.num_heads).double()
    state = {f"output.{name}": weight for name, weight in theirs.out_proj.state_dict().items()}
    for kind in ("weight", "bias"):
        parts = getattr(theirs, f"in_proj_{kind}").chunk(3)
        state |= {f"{name}.{kind}": part for name, part in zip(("query", "key", "value"), parts, strict=True)}
    ours.load_state_dict(state)
    return ours


@pytest.mark.verifies("Cross-Attention#^the-opposite-mask")
@settings(max_examples=25, deadline=None)
@given(n_targets=sizes, lengths=st.lists(sizes, min_size=1, max_size=4), need_weights=st.booleans())
def test_equals_pytorch_with_the_opposite_mask(n_targets: int, lengths: list[int], need_weights: bool) -> None:
    """Equals nn.MultiheadAttention with copied weights, when its key_padding_mask is the negation of our mask."""
    theirs = nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
    nn.init.normal_(theirs.in_proj_bias)
    x = torch.randn(len(lengths), n_targets, 8, dtype=torch.float64)
    memory = torch.randn(len(lengths), max(lengths), 8, dtype=torch.float64)
    tokens = torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(-1)
    mask = padding_mask(tokens.long(), pad=0)
    expected, weights = theirs(x, memory, memory, key_padding_mask=~tokens, average_attn_weights=False)
    ours = with_weights_of(theirs)(x, memory, mask, need_weights=need_weights)
    torch.testing.assert_close(ours.output, expected, atol=1e-10, rtol=0)
    if need_weights:
        torch.testing.assert_close(ours.weights, weights, atol=1e-10, rtol=0)


def test_is_multi_head_attention_with_the_memory_as_key_and_value() -> None:
    """The parameters have the same names, and the output is the same, with queries from x and the rest from memory."""
    cross, plain = CrossAttention(8, 2), MultiHeadAttention(8, 2)
    plain.load_state_dict(cross.state_dict())
    x, memory = torch.randn(2, 3, 8), torch.randn(2, 5, 8)
    torch.testing.assert_close(cross(x, memory).output, plain(x, memory, memory).output)
    assert not torch.allclose(cross(x, memory).output, plain(x).output)


@pytest.mark.verifies("Cross-Attention#^padding-changes-nothing")
@settings(max_examples=25, deadline=None)
@given(n_targets=sizes, n_tokens=sizes, n_padding=sizes, need_weights=st.booleans())
def test_padding_changes_nothing(n_targets: int, n_tokens: int, n_padding: int, need_weights: bool) -> None:
    """A memory filled up with anything at all gives the same output, when a mask hides the filling; without, not."""
    attention, x = CrossAttention(8, 2).double(), torch.randn(1, n_targets, 8, dtype=torch.float64)
    memory, filling = (torch.randn(1, n, 8, dtype=torch.float64) for n in (n_tokens, n_padding))
    padded = torch.cat([memory, 100 * filling], dim=1)
    tokens = torch.tensor([[7] * n_tokens + [0] * n_padding])
    expected = attention(x, memory).output
    hidden = attention(x, padded, padding_mask(tokens, pad=0), need_weights=need_weights).output
    torch.testing.assert_close(hidden, expected, atol=1e-10, rtol=0)
    assert not torch.allclose(attention(x, padded).output, expected)


@pytest.mark.verifies("Cross-Attention#^all-of-the-source")
def test_each_target_reads_all_of_the_source_and_no_other_target() -> None:
    """The derivative of each output is non-zero for every source position, and for no target position but its own."""
    attention = CrossAttention(8, 2).double()
    x, memory = torch.randn(1, 4, 8, dtype=torch.float64), torch.randn(1, 6, 8, dtype=torch.float64)
    by_target, by_source = jacobian(lambda x, memory: attention(x, memory).output, (x, memory))
    reach = [d[0, :, :, 0].abs().amax(dim=(1, 3)) for d in (by_target, by_source)]
    assert torch.equal(reach[0] > 1e-6, torch.eye(4, dtype=torch.bool))
    assert (reach[0][~torch.eye(4, dtype=torch.bool)] == 0).all()
    assert (reach[1] > 1e-6).all()


def test_the_source_is_read_as_a_set() -> None:
    """Shuffling the memory leaves every output as it was, and shuffling the targets shuffles the outputs."""
    attention, x, memory = CrossAttention(8, 2), torch.randn(1, 4, 8), torch.randn(1, 6, 8)
    output = attention(x, memory).output
    torch.testing.assert_close(attention(x, memory[:, torch.randperm(6)]).output, output)
    order = torch.randperm(4)
    torch.testing.assert_close(attention(x[:, order], memory).output, output[:, order])


@pytest.mark.verifies("Cross-Attention#^projected-once")
@settings(max_examples=25, deadline=None)
@given(n_targets=sizes, lengths=st.lists(sizes, min_size=1, max_size=4))
def test_a_memory_projected_once_serves_every_step(n_targets: int, lengths: list[int]) -> None:
    """Targets that come one at a time and read keys and values made once get the output of one call for all."""
    attention = CrossAttention(8, 2).double()
    x = torch.randn(len(lengths), n_targets, 8, dtype=torch.float64)
    memory = torch.randn(len(lengths), max(lengths), 8, dtype=torch.float64)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(-1)).unsqueeze(1)
    kept = attention.project_keys_values(memory)
    steps = [attention.attend(x[:, t : t + 1], kept, mask).output for t in range(n_targets)]
    torch.testing.assert_close(torch.cat(steps, dim=1), attention(x, memory, mask).output, atol=1e-10, rtol=0)


@pytest.mark.parametrize("need_weights", [True, False])
def test_gradients_reach_every_parameter_and_both_sequences(need_weights: bool) -> None:
    """Target, source and every parameter get a gradient that is not zero, but the keys' bias, which changes nothing."""
    attention = CrossAttention(8, 2)
    x, memory = torch.randn(2, 3, 8, requires_grad=True), torch.randn(2, 5, 8, requires_grad=True)
    attention(x, memory, need_weights=need_weights).output.square().sum().backward()
    tensors = {"x": x, "memory": memory, **dict(attention.named_parameters())}
    assert [name for name, tensor in tensors.items() if tensor.grad.abs().max() < 1e-5] == ["key.bias"]


@pytest.mark.usefixtures("unchecked")
def test_wrong_input_is_refused() -> None:
    """Another number of memories, a wrong width, an empty source or a mask that does not fit raises ValueError."""
    attention, x = CrossAttention(8, 2), torch.randn(2, 3, 8)
    with pytest.raises(ValueError, match="one memory for each of 2 targets, got 1"):
        attention(x, torch.randn(1, 5, 8))
    with pytest.raises(ValueError, match=r"d_model = 8\), got \(2, 5, 6\)"):
        attention(x, torch.randn(2, 5, 6))
    with pytest.raises(ValueError, match="at least one query and one key, got 3 and 0"):
        attention(x, torch.randn(2, 0, 8))
    with pytest.raises(ValueError, match="mask must broadcast"):
        attention(x, torch.randn(2, 5, 8), torch.ones(2, 1, 4, dtype=torch.bool))


@pytest.mark.verifies("Cross-Attention#^aligned-unasked")
def test_it_learns_to_look_at_the_right_word(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 250 steps three of four words are aligned, reordered ones too; looking at one's own place finds few."""
    names = run_notebook("attention/cross")
    aligned = names["aligned"]
    for name, shares in aligned.items():
        record_property(f"{name}: content words, reordered ones", f"{shares['content']:.1%}, {shares['reordered']:.1%}")
    assert min(aligned["trained"].values()) > 0.75
    assert max(aligned["untrained"].values()) < 0.3
    assert aligned["its own place"]["reordered"] < 0.2
    assert names["padding"]["changed by the batch, with the mask"] == 0
    assert names["padding"]["changed by the batch, without"] > 0.1
