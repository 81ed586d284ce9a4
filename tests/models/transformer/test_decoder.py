from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.autograd.functional import jacobian
from torch.export import Dim, export
from transformers import MarianConfig
from transformers.models.marian.modeling_marian import MarianDecoderLayer

from notebook_models.attention.masks import causal_mask
from notebook_models.transformer.decoder import Decoder, DecoderLayer

Take = Callable[[nn.Module, nn.Module], None]
Record = Callable[[str, object], None]
SEEN = torch.tensor([[[True] * 4], [[True] * 3 + [False]]])  # the second source ends in one position of padding


def inputs(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Return a target of 5 positions and a source of 4."""
    return torch.randn(2, 5, 8, dtype=dtype), torch.randn(2, 4, 8, dtype=dtype)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_a_layer_equals_pytorchs(norm: str, take_pytorch: Take, record_property: Record) -> None:
    """Equals nn.TransformerDecoderLayer with the same weights and ReLU, in float64, causal and with source padding."""
    theirs = nn.TransformerDecoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=norm == "pre").double()
    ours = DecoderLayer(8, 2, 16, norm=norm).double().eval()
    take_pytorch(ours, theirs)
    x, memory = inputs()
    expected = theirs(x, memory, tgt_mask=~causal_mask(5), memory_key_padding_mask=~SEEN.squeeze(1))
    error = (ours(x, ours.start(memory), causal_mask(5), SEEN).output - expected).abs().max().item()
    record_property(f"largest error, {norm}-norm", f"{error:.1e}")
    assert error < 1e-10


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_a_stack_equals_pytorchs(norm: str, take_pytorch: Take) -> None:
    """Equals nn.TransformerDecoder in float64; a last LayerNorm stands there with pre-norm alone, as in the paper."""
    layer = nn.TransformerDecoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=norm == "pre")
    theirs = nn.TransformerDecoder(layer, 3, nn.LayerNorm(8) if norm == "pre" else None).double()
    for parameter in theirs.parameters():
        nn.init.normal_(parameter)
    ours = Decoder(8, 2, 3, 16, norm=norm).double().eval()
    take_pytorch(ours, theirs)
    x, memory = inputs()
    expected = theirs(x, memory, tgt_mask=~causal_mask(5), memory_key_padding_mask=~SEEN.squeeze(1))
    torch.testing.assert_close(ours(x, memory, SEEN).output, expected, atol=1e-10, rtol=0)


def test_a_layer_equals_marians(take_marian: Take, record_property: Record) -> None:
    """Equals Hugging Face's MarianDecoderLayer with the same weights, ReLU, both masks, in float32."""
    config = MarianConfig(d_model=8, decoder_attention_heads=2, decoder_ffn_dim=16, activation_function="relu")
    config._attn_implementation = "eager"
    theirs, ours = MarianDecoderLayer(config, layer_idx=0).eval(), DecoderLayer(8, 2, 16).eval()
    take_marian(ours, theirs)
    x, memory = inputs(torch.float32)
    lowest = torch.finfo(torch.float32).min
    future = torch.zeros(2, 1, 5, 5).masked_fill(~causal_mask(5), lowest)
    padding = torch.zeros(2, 1, 1, 4).masked_fill(~SEEN.unsqueeze(1), lowest)
    expected = theirs(x, future, memory, padding)
    error = (ours(x, ours.start(memory), causal_mask(5), SEEN).output - expected).abs().max().item()
    record_property("largest error against Marian", f"{error:.1e}")
    assert error < 1e-5


def reach(decode: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return how strongly each output position (row) depends on each input position (column)."""
    return jacobian(decode, x)[0, :, :, 0].abs().amax(dim=(1, 3))


@pytest.mark.verifies("Decoder#^autoregressive")
def test_each_output_depends_on_its_own_and_earlier_inputs_alone() -> None:
    """The Jacobian is exactly zero above the diagonal, and not zero on it and below."""
    decoder, x = Decoder(8, 2, 2, 16).double().eval(), torch.randn(1, 6, 8, dtype=torch.float64)
    memory = torch.randn(1, 4, 8, dtype=torch.float64)
    dependence = reach(lambda x: decoder(x, memory).output, x)
    assert dependence.triu(1).max() == 0
    assert dependence[causal_mask(6)].min() > 1e-6


@pytest.mark.parametrize("mask", [None, torch.ones(6, 6, dtype=torch.bool).tril(1)], ids=["no mask", "one too far"])
def test_a_broken_mask_shows_in_the_same_probe(mask: Tensor | None) -> None:
    """Without a mask, or with one that shows the next position, the same Jacobian is not zero above the diagonal."""
    layer, x = DecoderLayer(8, 2, 16).double().eval(), torch.randn(1, 6, 8, dtype=torch.float64)
    memory = torch.randn(1, 4, 8, dtype=torch.float64)
    assert reach(lambda x: layer(x, layer.start(memory), mask).output, x).triu(1).max() > 1e-6


def test_every_output_depends_on_the_whole_source() -> None:
    """No block of the Jacobian by the source is zero: every target position reads every source position."""
    decoder, x = Decoder(8, 2, 1, 16).double().eval(), torch.randn(1, 5, 8, dtype=torch.float64)
    memory = torch.randn(1, 4, 8, dtype=torch.float64)
    assert reach(lambda memory: decoder(x, memory).output, memory).min() > 1e-6


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.integers(1, 3), min_size=1, max_size=4), norm=st.sampled_from(["post", "pre"]))
def test_a_target_in_parts_gives_the_same_as_the_whole(parts: list[int], norm: str) -> None:
    """However a target is cut, reading it part by part with the cache gives what one pass gives, in float64."""
    decoder = Decoder(8, 2, 2, 16, norm=norm).double().eval()
    x, memory = torch.randn(2, sum(parts), 8, dtype=torch.float64), torch.randn(2, 4, 8, dtype=torch.float64)
    cache, outputs = decoder.start(memory, SEEN), []
    for part in x.split(parts, dim=1):
        decoded = decoder.extend(part, cache)
        outputs.append(decoded.output)
        assert decoded.cache.length == cache.length + part.shape[1]
        cache = decoded.cache
    torch.testing.assert_close(torch.cat(outputs, dim=1), decoder(x, memory, SEEN).output, atol=1e-10, rtol=0)


def test_going_on_leaves_the_earlier_cache_as_it_was() -> None:
    """Two continuations of one cache do not see each other, as a search over several needs."""
    decoder, (x, memory) = Decoder(8, 2, 2, 16).double().eval(), inputs()
    cache = decoder(x, memory).cache
    first, second = torch.randn(2, 2, 1, 8, dtype=torch.float64)
    alone = decoder.extend(first, cache).output
    decoder.extend(second, cache)
    assert cache.length == 5
    assert torch.equal(decoder.extend(first, cache).output, alone)


@settings(max_examples=25, deadline=None)
@given(source=st.integers(1, 5), padding=st.integers(1, 3))
def test_padding_of_the_source_changes_nothing(source: int, padding: int) -> None:
    """A source gives the same target vectors with any number of masked positions after it, whatever they hold."""
    decoder = Decoder(8, 2, 2, 16).double().eval()
    x, memory = torch.randn(1, 3, 8, dtype=torch.float64), torch.randn(1, source + padding, 8, dtype=torch.float64)
    mask = (torch.arange(source + padding) < source).expand(1, 1, -1)
    expected = decoder(x, memory[:, :source]).output
    torch.testing.assert_close(decoder(x, memory, mask).output, expected, atol=1e-10, rtol=0)


def test_weights_are_returned_on_request_and_change_nothing() -> None:
    """Asking for weights gives two maps a layer and head, whose rows sum to 1, and the same output."""
    decoder, (x, memory) = Decoder(8, 2, 3, 16).double().eval(), inputs()
    plain, shown = decoder(x, memory, SEEN), decoder(x, memory, SEEN, need_weights=True)
    torch.testing.assert_close(shown.output, plain.output, atol=1e-10, rtol=0)
    assert plain.self_weights == plain.cross_weights == ()
    assert [tuple(weights.shape) for weights in shown.self_weights] == [(2, 2, 5, 5)] * 3
    assert [tuple(weights.shape) for weights in shown.cross_weights] == [(2, 2, 5, 4)] * 3
    for weights in shown.self_weights + shown.cross_weights:
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 5, dtype=torch.float64))
    assert all(weights.triu(1).max() == 0 for weights in shown.self_weights)
    assert all(weights[1, :, :, 3].max() == 0 for weights in shown.cross_weights)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_gradients_reach_every_parameter_and_the_source(norm: str, all_learn: Callable[[nn.Module], None]) -> None:
    """Every weight and bias that can matter gets a gradient, and so does the memory."""
    decoder, x, memory = Decoder(8, 2, 2, 16, norm=norm), torch.randn(2, 5, 8), torch.randn(2, 4, 8, requires_grad=True)
    (decoder(x, memory).output * torch.randn(2, 5, 8)).sum().backward()
    all_learn(decoder)
    assert memory.grad is not None
    assert memory.grad.abs().amax(-1).min() > 0


@pytest.mark.usefixtures("unchecked")
def test_exports_with_lengths_left_open() -> None:
    """torch.export traces the decoder once, and the graph agrees at other batch sizes and lengths."""

    class Output(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.decoder = Decoder(8, 2, 2, 16)

        def forward(self, x: Tensor, memory: Tensor) -> Tensor:
            return self.decoder(x, memory).output

    decode = Output().eval()
    batch, target, source = Dim("batch", max=64), Dim("target", max=64), Dim("source", max=64)
    shapes = ({0: batch, 1: target}, {0: batch, 1: source})
    graph = export(decode, inputs(torch.float32), dynamic_shapes=shapes).module()
    for x, memory in ((torch.randn(1, 1, 8), torch.randn(1, 1, 8)), (torch.randn(3, 64, 8), torch.randn(3, 9, 8))):
        torch.testing.assert_close(graph(x, memory), decode(x, memory))


@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_are_refused() -> None:
    """No layers, a source for another number of targets and an empty target raise ValueError, with expected and got."""
    with pytest.raises(ValueError, match="n_layers must be at least 1, got 0"):
        Decoder(8, 2, 0, 16)
    decoder = Decoder(8, 2, 1, 16)
    with pytest.raises(ValueError, match="one target for each of 2 sources, got 3"):
        decoder(torch.zeros(3, 5, 8), torch.zeros(2, 4, 8))
    with pytest.raises(ValueError, match="at least one position, got 0"):
        decoder(torch.zeros(2, 0, 8), torch.zeros(2, 4, 8))
