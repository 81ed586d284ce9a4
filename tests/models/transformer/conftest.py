"""What the tests of the Transformer's parts share: weights carried between libraries, and what must have learned."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn
from transformers import MarianConfig, MarianMTModel

from notebook_models.transformer.transformer import Transformer

PYTORCH = {
    "self_attn": "attention",
    "multihead_attn": "cross_attention",
    "out_proj": "output",
    "linear1": "feed_forward.hidden",
    "linear2": "feed_forward.output",
    "norm1": "attention_residual.norm",
}
MARIAN = {
    "self_attn": "attention",
    "self_attn_layer_norm": "attention_residual.norm",
    "encoder_attn": "cross_attention",
    "encoder_attn_layer_norm": "cross_attention_residual.norm",
    "q_proj": "query",
    "k_proj": "key",
    "v_proj": "value",
    "out_proj": "output",
    "fc1": "feed_forward.hidden",
    "fc2": "feed_forward.output",
    "final_layer_norm": "feed_forward_residual.norm",
}


def from_pytorch(theirs: nn.Module) -> dict[str, Tensor]:
    """Return the weights of a layer of nn.Transformer, or of a stack of them, under our names."""
    has_cross_attention = any("multihead_attn" in name for name in theirs.state_dict())
    last = {"norm2": "feed_forward_residual.norm"}
    if has_cross_attention:
        last = {"norm2": "cross_attention_residual.norm", "norm3": "feed_forward_residual.norm"}
    state = {}
    for name, weight in theirs.state_dict().items():
        if "in_proj_" in name:
            for part, chunk in zip(("query", "key", "value"), weight.chunk(3), strict=True):
                state[name.replace("in_proj_", f"{part}.")] = chunk
        else:
            state[name] = weight
    return _renamed(state, PYTORCH | last)


def from_marian(theirs: nn.Module) -> dict[str, Tensor]:
    """Return the weights of a layer of Marian under our names."""
    return _renamed(theirs.state_dict(), MARIAN)


def _renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    return {_rename(name, names): weight for name, weight in state.items()}


def _rename(name: str, names: Mapping[str, str]) -> str:
    return ".".join(names.get(part, part) for part in name.split("."))


@pytest.fixture
def take_pytorch() -> Callable[[nn.Module, nn.Module], None]:
    """Copy all weights of a part of nn.Transformer into ours."""

    def take(ours: nn.Module, theirs: nn.Module) -> None:
        ours.load_state_dict(from_pytorch(theirs))

    return take


@pytest.fixture
def take_marian() -> Callable[[nn.Module, nn.Module], None]:
    """Copy all weights of a part of Hugging Face's Marian into ours."""

    def take(ours: nn.Module, theirs: nn.Module) -> None:
        ours.load_state_dict(from_marian(theirs))

    return take


@pytest.fixture
def as_marian() -> Callable[[Transformer], MarianMTModel]:
    """Return a Hugging Face Marian with our model's weights; its positions come to interleave sines and cosines."""

    def build(ours: Transformer) -> MarianMTModel:
        n_layers, layer = len(ours.encoder.layers), ours.encoder.layers[0]
        n_heads, d_ff = layer.attention.n_heads, layer.feed_forward.hidden.out_features
        config = MarianConfig(
            vocab_size=ours.source_embedding.vocab, d_model=ours.source_embedding.weight.shape[1], scale_embedding=True,
            encoder_layers=n_layers, encoder_attention_heads=n_heads, encoder_ffn_dim=d_ff,
            decoder_layers=n_layers, decoder_attention_heads=n_heads, decoder_ffn_dim=d_ff,
            activation_function="relu", max_position_embeddings=ours.max_length, pad_token_id=ours.pad,
            decoder_start_token_id=1, bos_token_id=1, eos_token_id=2, forced_eos_token_id=None,
        )  # fmt: skip
        marian = MarianMTModel(config).eval()
        marian.get_input_embeddings().load_state_dict({"weight": ours.source_embedding.weight})
        for theirs, mine in ((marian.model.encoder, ours.encoder), (marian.model.decoder, ours.decoder)):
            state, names = mine.layers.state_dict(), theirs.layers.state_dict()
            theirs.layers.load_state_dict({name: state[_rename(name, MARIAN)] for name in names})
            positions = theirs.embed_positions.weight
            positions.data = torch.stack(positions.chunk(2, dim=-1), dim=-1).flatten(-2)
        return marian

    return build


@pytest.fixture
def all_learn() -> Callable[[nn.Module], None]:
    """Assert that a gradient has reached every parameter.

    The bias of a key is the exception: it adds one number to all scores of a query, and softmax takes it away again.
    """

    def check(module: nn.Module) -> None:
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None, name
            assert name.endswith("key.bias") or parameter.grad.abs().max() > 1e-7, name

    return check
