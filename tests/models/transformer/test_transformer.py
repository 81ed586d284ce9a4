import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian
from torch.export import Dim, export
from transformers import MarianMTModel

from notebook_models.attention.masks import causal_mask
from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.transformer.transformer import Transformer

Record = Callable[[str, object], None]
PAD, BOS, VOCAB = 0, 1, 23
SOURCE = torch.tensor([[5, 9, 3, 17, 2, 4], [8, 8, 11, PAD, PAD, PAD]])
TARGET = torch.tensor([[BOS, 7, 12, 6, 20], [BOS, 3, 19, PAD, PAD]])


def tiny(**changed: object) -> Transformer:
    return Transformer(**{"source_vocab": VOCAB, "target_vocab": VOCAB, "d_model": 16, "n_heads": 4, "n_layers": 2,
                          "d_ff": 32, "max_length": 40} | changed).eval()  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_equals_marian(
    dtype: torch.dtype, as_marian: Callable[[Transformer], MarianMTModel], record_property: Record
) -> None:
    """Equals Hugging Face's whole MarianMTModel with the same random weights, padding and scaled embeddings."""
    ours = tiny()
    for parameter in ours.parameters():
        nn.init.normal_(parameter, std=0.5)
    theirs, ours = as_marian(ours).to(dtype), ours.to(dtype)
    expected = theirs(SOURCE, attention_mask=(SOURCE != PAD).long(), decoder_input_ids=TARGET).logits
    error = (ours(SOURCE, TARGET) - expected).abs().max().item()
    record_property(f"largest error, {dtype}".replace("torch.", ""), f"{error:.1e}")
    assert expected.std() > 0.5
    assert error < (1e-10 if dtype == torch.float64 else 1e-5)


def count(model: nn.Module) -> float:
    """Return millions of parameters; a shared one counts once."""
    return sum(parameter.numel() for parameter in model.parameters()) / 1e6


@pytest.mark.verifies("Transformer#^parameters")
def test_base_and_big_have_the_known_numbers_of_parameters(record_property: Record) -> None:
    """With one tied matrix and 37,000 tokens base has 63.08 million parameters and big 214.25 million."""
    with torch.device("meta"):
        base, big = count(Transformer.base(37_000)), count(Transformer.big(37_000))
    record_property("millions of parameters, base and big", f"{base:.2f}, {big:.2f}")
    assert round(base, 2) == 63.08
    assert round(big, 2) == 214.25


@pytest.mark.verifies("Model Variations#^sizes")
@pytest.mark.parametrize(
    ("printed", "changed"),
    [
        (65, {}),
        (36, {"n_layers": 2}),
        (50, {"n_layers": 4}),
        (80, {"n_layers": 8}),
        (28, {"d_model": 256}),
        (168, {"d_model": 1024}),
        (53, {"d_ff": 1024}),
        (90, {"d_ff": 4096}),
    ],
)
def test_the_sizes_of_table_3_come_out_with_41_000_tokens(printed: int, changed: dict[str, int]) -> None:
    """Rows of Table 3 that change depth or width round to the printed millions of parameters, given 41,000 tokens."""
    with torch.device("meta"):
        assert round(count(Transformer(41_000, 41_000, **changed))) == printed


@pytest.mark.verifies("Model Variations#^sizes")
def test_narrower_keys_have_the_sizes_of_table_3() -> None:
    """Row B: keys and queries of 16 or 32 a head instead of 64 leave 58 or 60 million of 65."""
    with torch.device("meta"):
        base = Transformer(41_000, 41_000)
    attentions = [module for module in base.modules() if isinstance(module, MultiHeadAttention)]
    assert len(attentions) == 3 * 6
    for width, printed in ((16, 58), (32, 60)):
        saved = sum(2 * each.n_heads * (each.d_head - width) * (512 + 1) for each in attentions)
        assert round(count(base) - saved / 1e6) == printed


def test_predictions_depend_on_earlier_tokens_alone() -> None:
    """The Jacobian of the logits by the target's vectors is zero above the diagonal, and not zero on it and below."""
    model = tiny().double()
    cache, x = model.start(model.encode(SOURCE[:1])), torch.randn(1, 6, 16, dtype=torch.float64)
    dependence = jacobian(lambda x: model.logits(model.decoder.extend(x, cache).output), x)[0, :, :, 0]
    dependence = dependence.abs().amax(dim=(1, 3))
    assert dependence.triu(1).max() == 0
    assert dependence[causal_mask(6)].min() > 1e-6


def test_changing_a_later_token_leaves_earlier_logits_bit_for_bit() -> None:
    """The logits before a changed target token stay exactly the same, and those from it on change."""
    model, changed = tiny(), TARGET.clone()
    changed[:, 3] = 22
    before, after = model(SOURCE, TARGET), model(SOURCE, changed)
    assert torch.equal(before[:, :3], after[:, :3])
    assert (before[:, 3:] - after[:, 3:]).abs().amax(-1).min() > 0


def test_padding_changes_nothing() -> None:
    """Each sequence of a padded batch gets the logits it gets alone, in float64."""
    model = tiny().double()
    alone = model(SOURCE[1:, :3], TARGET[1:, :3])
    torch.testing.assert_close(model(SOURCE, TARGET)[1:, :3], alone, atol=1e-10, rtol=0)


def test_one_matrix_serves_both_embeddings_and_the_logits() -> None:
    """Tied, source, target and output share one storage; untied, there are three matrices of their own sizes."""
    tied, untied = tiny(), tiny(target_vocab=7, tie_embeddings=False)
    assert tied.source_embedding is tied.target_embedding is tied.output_embedding
    shapes = [
        tuple(e.weight.shape) for e in (untied.source_embedding, untied.target_embedding, untied.output_embedding)
    ]
    assert shapes == [(VOCAB, 16), (7, 16), (7, 16)]
    assert untied(SOURCE, TARGET.clamp(max=6)).shape == (2, 5, 7)
    assert count(untied) - count(tied) == pytest.approx(2 * 7 * 16 / 1e6)


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_gradients_reach_every_parameter(norm: str, positions: str, all_learn: Callable[[nn.Module], None]) -> None:
    """Every weight, bias and vector that can matter gets a gradient, in every variant, with dropout."""
    model = tiny(norm=norm, positions=positions).train()
    (model(SOURCE, TARGET) * torch.randn(2, 5, VOCAB)).sum().backward()
    all_learn(model)


def test_weights_are_returned_on_request() -> None:
    """Encoding and decoding return one map a layer and head when asked, none otherwise, and nothing is kept."""
    model, before = tiny(), set(vars(tiny()))
    memory = model.encode(SOURCE, need_weights=True)
    decoded = model.decode(TARGET, memory, need_weights=True)
    assert [tuple(w.shape) for w in memory.weights] == [(2, 4, 6, 6)] * 2
    assert [tuple(w.shape) for w in decoded.cross_weights] == [(2, 4, 5, 6)] * 2
    assert model.encode(SOURCE).weights == model.decode(TARGET, memory).cross_weights == ()
    assert set(vars(model)) == before


def test_dropout_acts_in_training_mode_alone() -> None:
    """Two passes differ in training mode and agree in eval mode."""
    model = tiny(dropout=0.3)
    assert torch.equal(model(SOURCE, TARGET), model(SOURCE, TARGET))
    model.train()
    assert not torch.equal(model(SOURCE, TARGET), model(SOURCE, TARGET))


def test_dropout_falls_on_the_embedded_tokens_of_both_sides() -> None:
    """With dropout in no layer, two encodings of one source still differ, and so do two decodings of one memory."""
    model = tiny(dropout=0.3).train()
    model.encoder.eval()
    model.decoder.eval()
    memory = model.encode(SOURCE)
    assert not torch.equal(memory.output, model.encode(SOURCE).output)
    assert not torch.equal(model.decode(TARGET, memory).output, model.decode(TARGET, memory).output)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_the_dtype_follows_the_weights(dtype: torch.dtype) -> None:
    """float64, float32 and bfloat16 models return logits of their own dtype, all finite."""
    logits = tiny().to(dtype)(SOURCE, TARGET)
    assert logits.dtype == dtype
    assert logits.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_same_logits() -> None:
    """On a GPU the logits equal those of the CPU."""
    model = tiny()
    expected = model(SOURCE, TARGET)
    torch.testing.assert_close(model.cuda()(SOURCE.cuda(), TARGET.cuda()).cpu(), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("unchecked")
def test_exports_with_lengths_left_open() -> None:
    """torch.export traces the whole model once, and the graph agrees at other batch sizes and lengths."""
    model = tiny()
    batch, source, target = Dim("batch", max=64), Dim("source", max=40), Dim("target", max=40)
    shapes = ({0: batch, 1: source}, {0: batch, 1: target})
    graph = export(model, (SOURCE, TARGET), dynamic_shapes=shapes).module()

    def tokens(*shape: int) -> Tensor:
        return torch.randint(1, VOCAB, shape)

    for given in ((tokens(1, 1), tokens(1, 1)), (tokens(3, 40), tokens(3, 2)), (SOURCE, TARGET)):
        torch.testing.assert_close(graph(*given), model(*given))


def test_compiles_without_a_graph_break() -> None:
    """torch.compile(fullgraph=True) traces the whole model in a process without type checks, to equal logits."""
    program = """
import torch
from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.transformer.transformer import Transformer
model = Transformer(9, 9, 16, 4, 2, 32).eval()
source, target = torch.randint(1, 9, (2, 6)), torch.randint(1, 9, (2, 5))
compiled = torch.compile(model, fullgraph=True, backend="eager")
torch.testing.assert_close(compiled(source, target), model(source, target))
"""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | paths, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_are_refused() -> None:
    """Vocabularies that cannot be tied, unknown positions, and odd sizes raise ValueError, with expected and got."""
    with pytest.raises(ValueError, match="one vocabulary, got 23 source and 7 target"):
        tiny(target_vocab=7)
    with pytest.raises(ValueError, match="'sinusoidal' or 'learned', got 'rotary'"):
        tiny(positions="rotary")
    with pytest.raises(ValueError, match=r"must be even.*got 15"):
        tiny(d_model=15, n_heads=3)
    with pytest.raises(ValueError, match="multiple of n_heads, got 16 and 3"):
        tiny(n_heads=3)
    for pad in (-1, VOCAB):
        with pytest.raises(ValueError, match=f"pad must be a token from 0 to 22, got {pad}"):
            tiny(pad=pad)


@pytest.mark.usefixtures("unchecked")
def test_tokens_outside_the_vocabulary_are_refused() -> None:
    """A token that there is not, in the source or the target, raises ValueError with the range and the token."""
    model, untied = tiny(), tiny(target_vocab=7, tie_embeddings=False)
    for wrong in (-1, VOCAB, 10**9):
        tokens = SOURCE.clone()
        tokens[1, 2] = wrong
        for source, target in ((tokens, TARGET), (SOURCE, tokens)):
            with pytest.raises(ValueError, match=f"expected tokens from 0 to 22, got {wrong}$"):
                model(source, target)
        with pytest.raises(ValueError, match=f"expected tokens from 0 to 22, got {wrong}$"):
            model.encode(tokens)
    with pytest.raises(ValueError, match="expected tokens from 0 to 6, got 20"):
        untied(SOURCE, TARGET)
    with pytest.raises(ValueError, match=r"expected whole numbers .* got torch\.float32"):
        model(SOURCE.float(), TARGET.float())


@pytest.mark.usefixtures("unchecked")
def test_padding_before_the_tokens_is_refused() -> None:
    """On the left it would shift positions: ValueError names side and row. All padding, and padding last, are read."""
    model, left = tiny(), torch.tensor([[7, 8, 9], [PAD, 8, 9]])
    with pytest.raises(ValueError, match="source: expected padding after the tokens, got it before them in row 1"):
        model.encode(left)
    with pytest.raises(ValueError, match="target: expected padding after the tokens, got it before them in row 1"):
        model(SOURCE, left)
    nothing = torch.full_like(SOURCE, PAD)
    assert model(nothing, TARGET).isfinite().all()
    assert model(SOURCE, nothing).isfinite().all()


@pytest.mark.usefixtures("unchecked")
def test_sequences_it_cannot_read_are_refused() -> None:
    """Empty or over-long sequences, and batches that do not match, raise ValueError, with expected and got."""
    model = tiny()
    with pytest.raises(ValueError, match="expected 1 to 40 positions, got 0"):
        model(SOURCE[:, :0], TARGET)
    with pytest.raises(ValueError, match="expected 1 to 40 positions, got 41"):
        model(SOURCE, TARGET[:, :1].expand(2, 41))
    with pytest.raises(ValueError, match="one target for each of 2 sources, got 1"):
        model(SOURCE, TARGET[:1])
    with pytest.raises(ValueError, match="shape"):
        model(SOURCE[0], TARGET[0])


def test_tied_embeddings_are_read_once_and_give_the_same() -> None:
    """Reading source and target together changes no logit and no gradient, whatever their lengths."""
    torch.manual_seed(3)
    model = tiny().double()
    together = model(SOURCE, TARGET)
    apart = model.logits(model.decode(TARGET, model.encode(SOURCE)).output)
    torch.testing.assert_close(together, apart)
    probe = torch.randn_like(together)
    gradients = [
        torch.autograd.grad((logits * probe).sum(), model.source_embedding.weight) for logits in (together, apart)
    ]
    torch.testing.assert_close(*gradients)
