"""The four Transformers that `models.py` measures, of equal sizes, behind one face.

What one would take instead of ours: `nn.Transformer`, to which embeddings, positions and a loop for decoding must be
added; Hugging Face's Marian; and x-transformers, whose blocks normalize first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import MarianConfig, MarianMTModel
from transformers.utils import logging
from x_transformers import XTransformer

from notebook_models.transformer.generation import beam_search, greedy
from notebook_models.transformer.positional_encoding import SinusoidalPositions
from notebook_models.transformer.transformer import Transformer

PAD, BOS, EOS = range(3)
VOCAB = 37_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """The paper's base or big model."""

    d_model: int
    n_heads: int
    d_ff: int
    n_layers: int = 6
    dropout: float = 0.1
    vocab: int = VOCAB


SIZES = {"base": Sizes(512, 8, 2048), "big": Sizes(1024, 16, 4096, dropout=0.3)}


class System(Protocol):
    """A Transformer to measure. Decoding writes exactly `new` tokens a source; `beam`, where there is one, with 4."""

    module: nn.Module

    def logits(self, source: Tensor, target: Tensor) -> Tensor: ...

    def greedy(self, source: Tensor, new: int) -> Tensor: ...


class Ours:
    """The Transformer of `notebook_models`."""

    def __init__(self, sizes: Sizes) -> None:
        s = sizes
        self.module = Transformer(s.vocab, s.vocab, s.d_model, s.n_heads, s.n_layers, s.d_ff, s.dropout)
        _never_ends(self.module.output_embedding.weight)

    def logits(self, source: Tensor, target: Tensor) -> Tensor:
        return self.module(source, target)

    def greedy(self, source: Tensor, new: int) -> Tensor:
        return greedy(self.module, source, bos=BOS, eos=EOS, max_new_tokens=new).tokens

    def beam(self, source: Tensor, new: int) -> Tensor:
        return beam_search(self.module, source, bos=BOS, eos=EOS, max_new_tokens=new).tokens


class Marian:
    """Hugging Face's Marian, with its cache."""

    def __init__(self, sizes: Sizes) -> None:
        logging.set_verbosity_error()
        s = sizes
        config = MarianConfig(
            vocab_size=s.vocab, d_model=s.d_model, scale_embedding=True, dropout=s.dropout, attention_dropout=s.dropout,
            encoder_layers=s.n_layers, encoder_attention_heads=s.n_heads, encoder_ffn_dim=s.d_ff,
            decoder_layers=s.n_layers, decoder_attention_heads=s.n_heads, decoder_ffn_dim=s.d_ff,
            activation_dropout=s.dropout, activation_function="relu", max_position_embeddings=1024, pad_token_id=PAD,
            decoder_start_token_id=BOS, bos_token_id=BOS, eos_token_id=EOS, forced_eos_token_id=None,
        )  # fmt: skip
        self.module = MarianMTModel(config)
        _never_ends(self.module.get_input_embeddings().weight)

    def logits(self, source: Tensor, target: Tensor) -> Tensor:
        return self.module(input_ids=source, decoder_input_ids=target, use_cache=False).logits

    def greedy(self, source: Tensor, new: int) -> Tensor:
        return self._generate(source, new, 1)

    def beam(self, source: Tensor, new: int) -> Tensor:
        return self._generate(source, new, 4)

    def _generate(self, source: Tensor, new: int, beams: int) -> Tensor:
        return self.module.generate(source, max_new_tokens=new, num_beams=beams, do_sample=False)[:, 1:]


class PyTorch:
    """`nn.Transformer` with what it lacks: embeddings, positions, logits, and a loop that decodes without a cache."""

    class Module(nn.Module):
        def __init__(self, sizes: Sizes) -> None:
            super().__init__()
            self.embedding = nn.Embedding(sizes.vocab, sizes.d_model)
            nn.init.normal_(self.embedding.weight, std=sizes.d_model**-0.5)
            self.positions = SinusoidalPositions(sizes.d_model, 1024)
            self.dropout = nn.Dropout(sizes.dropout)
            s = sizes
            self.layers = nn.Transformer(
                s.d_model, s.n_heads, s.n_layers, s.n_layers, s.d_ff, s.dropout, batch_first=True
            )

        def read(self, tokens: Tensor) -> Tensor:
            embedded = self.embedding(tokens) * self.embedding.embedding_dim**0.5
            return self.dropout(self.positions(embedded))

    def __init__(self, sizes: Sizes) -> None:
        self.module = self.Module(sizes)
        _never_ends(self.module.embedding.weight)

    def logits(self, source: Tensor, target: Tensor) -> Tensor:
        hidden = source == PAD
        memory = self.module.layers.encoder(self.module.read(source), src_key_padding_mask=hidden)
        return self._decode(memory, hidden, target)

    def _decode(self, memory: Tensor, hidden: Tensor, target: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1], target.device, dtype=torch.bool)
        x = self.module.read(target)
        x = self.module.layers.decoder(x, memory, tgt_mask=mask, memory_key_padding_mask=hidden, tgt_is_causal=True)
        return F.linear(x, self.module.embedding.weight)

    def greedy(self, source: Tensor, new: int) -> Tensor:
        hidden = source == PAD
        memory = self.module.layers.encoder(self.module.read(source), src_key_padding_mask=hidden)
        target = source.new_full((len(source), 1), BOS)
        for _ in range(new):
            logits = self._decode(memory, hidden, target)[:, -1]
            target = torch.cat([target, logits.argmax(dim=-1, keepdim=True)], dim=1)
        return target[:, 1:]


class XTransformers:
    """x-transformers' encoder-decoder with its fast attention. Of what a sub-layer adds it drops nothing."""

    def __init__(self, sizes: Sizes) -> None:
        s = sizes
        self.module = XTransformer(
            dim=s.d_model, tie_token_emb=True,
            enc_num_tokens=s.vocab, enc_depth=s.n_layers, enc_heads=s.n_heads, enc_max_seq_len=1024,
            enc_attn_flash=True, enc_attn_dim_head=s.d_model // s.n_heads, enc_ff_mult=s.d_ff // s.d_model,
            enc_attn_dropout=s.dropout, enc_ff_dropout=s.dropout, enc_emb_dropout=s.dropout,
            dec_num_tokens=s.vocab, dec_depth=s.n_layers, dec_heads=s.n_heads, dec_max_seq_len=1024,
            dec_attn_flash=True, dec_attn_dim_head=s.d_model // s.n_heads, dec_ff_mult=s.d_ff // s.d_model,
            dec_attn_dropout=s.dropout, dec_ff_dropout=s.dropout, dec_emb_dropout=s.dropout,
        )  # fmt: skip

    def logits(self, source: Tensor, target: Tensor) -> Tensor:
        mask = source != PAD
        memory = self.module.encoder(source, mask=mask, return_embeddings=True)
        return self.module.decoder.net(target, context=memory, context_mask=mask)

    def greedy(self, source: Tensor, new: int) -> Tensor:
        start = source.new_full((len(source), 1), BOS)
        return self.module.generate(source, start, new, mask=source != PAD, temperature=0.0, cache_kv=True)


SYSTEMS: dict[str, type[System]] = {
    "ours": Ours,
    "nn.Transformer": PyTorch,
    "Marian": Marian,
    "x-transformers": XTransformers,
}


def _never_ends(embedding: Tensor) -> None:
    """Give the end token a score of nothing, so that every decoding is as long as it may be."""
    with torch.no_grad():
        embedding[EOS] = 0.0
