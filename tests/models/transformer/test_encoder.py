from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.autograd.functional import jacobian
from torch.export import Dim, export
from transformers import MarianConfig
from transformers.models.marian.modeling_marian import MarianEncoderLayer

from notebook_models.transformer.encoder import Encoder, EncoderLayer

Take = Callable[[nn.Module, nn.Module], None]
Record = Callable[[str, object], None]
SEEN = torch.tensor([[[True] * 5], [[True] * 3 + [False] * 2]])  # the second sequence ends in two positions of padding


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_a_layer_equals_pytorchs(norm: str, take_pytorch: Take, record_property: Record) -> None:
    """Equals nn.TransformerEncoderLayer with the same weights and ReLU, in float64, with padding."""
    theirs = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=norm == "pre").double()
    ours = EncoderLayer(8, 2, 16, norm=norm).double().eval()
    take_pytorch(ours, theirs)
    x = torch.randn(2, 5, 8, dtype=torch.float64)
    error = (ours(x, SEEN).output - theirs(x, src_key_padding_mask=~SEEN.squeeze(1))).abs().max().item()
    record_property(f"largest error, {norm}-norm", f"{error:.1e}")
    assert error < 1e-10


def test_a_pre_norm_stack_equals_pytorchs_with_its_final_norm(take_pytorch: Take) -> None:
    """Equals nn.TransformerEncoder with norm_first and a last LayerNorm, in float64."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=True)
    theirs = nn.TransformerEncoder(layer, 3, nn.LayerNorm(8), enable_nested_tensor=False).double()
    for parameter in theirs.parameters():
        nn.init.normal_(parameter)
    ours = Encoder(8, 2, 3, 16, norm="pre").double().eval()
    take_pytorch(ours, theirs)
    x = torch.randn(2, 5, 8, dtype=torch.float64)
    torch.testing.assert_close(ours(x).output, theirs(x), atol=1e-10, rtol=0)


def test_a_layer_equals_marians(take_marian: Take, record_property: Record) -> None:
    """Equals Hugging Face's MarianEncoderLayer with the same weights, ReLU and padding, in float32."""
    config = MarianConfig(d_model=8, encoder_attention_heads=2, encoder_ffn_dim=16, activation_function="relu")
    config._attn_implementation = "eager"
    theirs, ours = MarianEncoderLayer(config).eval(), EncoderLayer(8, 2, 16).eval()
    take_marian(ours, theirs)
    x = torch.randn(2, 5, 8)
    hidden = torch.zeros(2, 1, 1, 5).masked_fill(~SEEN.unsqueeze(1), torch.finfo(torch.float32).min)
    error = (ours(x, SEEN).output - theirs(x, hidden)).abs().max().item()
    record_property("largest error against Marian", f"{error:.1e}")
    assert error < 1e-5


@pytest.mark.verifies("Encoder#^bidirectional")
def test_every_output_depends_on_every_input() -> None:
    """No block of the Jacobian is zero, before or after the diagonal: each position reads all others."""
    encoder = Encoder(8, 2, 1, 16).double().eval()
    x = torch.randn(1, 6, 8, dtype=torch.float64)
    reach = jacobian(lambda x: encoder(x).output, x)[0, :, :, 0].abs().amax(dim=(1, 3))  # (output, input)
    assert (reach > 1e-6).all()


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 6), padding=st.integers(1, 4), norm=st.sampled_from(["post", "pre"]))
def test_padding_changes_nothing(n: int, padding: int, norm: str) -> None:
    """A sequence gives the same vectors with any number of masked positions after it, whatever they hold."""
    encoder = Encoder(8, 2, 2, 16, norm=norm).double().eval()
    x = torch.randn(1, n + padding, 8, dtype=torch.float64)
    mask = (torch.arange(n + padding) < n).expand(1, 1, -1)
    torch.testing.assert_close(encoder(x, mask).output[:, :n], encoder(x[:, :n]).output, atol=1e-10, rtol=0)


def test_permuting_the_inputs_permutes_the_outputs() -> None:
    """Without positions in the input the encoder has no notion of order."""
    encoder, x, order = Encoder(8, 2, 2, 16).eval(), torch.randn(1, 5, 8), torch.tensor([3, 1, 4, 0, 2])
    torch.testing.assert_close(encoder(x[:, order]).output, encoder(x).output[:, order])


def test_weights_are_returned_on_request_and_change_nothing() -> None:
    """Asking for weights gives one map a layer and head, whose rows sum to 1, and the same output as the fused path."""
    encoder, x = Encoder(8, 2, 3, 16).double().eval(), torch.randn(2, 5, 8, dtype=torch.float64)
    plain, shown = encoder(x, SEEN), encoder(x, SEEN, need_weights=True)
    torch.testing.assert_close(shown.output, plain.output, atol=1e-10, rtol=0)
    assert plain.weights == ()
    assert [tuple(weights.shape) for weights in shown.weights] == [(2, 2, 5, 5)] * 3
    for weights in shown.weights:
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 5, dtype=torch.float64))
        assert weights[1, :, :, 3:].abs().max() == 0


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_gradients_reach_every_parameter(norm: str, all_learn: Callable[[nn.Module], None]) -> None:
    """Every weight and bias that can matter gets a gradient, in both orders of normalization."""
    encoder = Encoder(8, 2, 2, 16, norm=norm)
    (encoder(torch.randn(2, 5, 8)).output * torch.randn(2, 5, 8)).sum().backward()
    all_learn(encoder)


@pytest.mark.usefixtures("unchecked")
def test_exports_with_lengths_left_open() -> None:
    """torch.export traces the encoder once, and the graph agrees at other batch sizes and lengths."""

    class Output(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = Encoder(8, 2, 2, 16)

        def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return self.encoder(x, mask).output

    encode = Output().eval()
    batch, source = Dim("batch", max=64), Dim("source", max=64)
    shapes = ({0: batch, 1: source}, {0: batch, 2: source})
    graph = export(encode, (torch.randn(2, 5, 8), SEEN), dynamic_shapes=shapes).module()
    for x in (torch.randn(1, 1, 8), torch.randn(3, 64, 8)):
        mask = torch.ones(len(x), 1, x.shape[1], dtype=torch.bool)
        torch.testing.assert_close(graph(x, mask), encode(x, mask))


def test_a_stack_without_layers_is_refused() -> None:
    """n_layers of 0, or heads that do not divide the width, raise ValueError with the numbers."""
    with pytest.raises(ValueError, match="n_layers must be at least 1, got 0"):
        Encoder(8, 2, 0, 16)
    with pytest.raises(ValueError, match="got 8 and 3"):
        Encoder(8, 3, 2, 16)
