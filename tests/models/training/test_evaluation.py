import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from runs import reversing

from notebook_models.text.byte_pair_encoding import END, START
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training import evaluation
from notebook_models.training.configurations import BASE
from notebook_models.training.evaluation import averaged, in_tokens, perplexity, translate
from notebook_models.transformer.generation import beam_search
from notebook_models.transformer.transformer import Transformer

VOCABULARY = SharedVocabulary.learn(["the old house", "das alte Haus"], 270)
SENTENCES = ["the old house", "house", "old", "", "the house", "a mouse in the house", "old old"]
SMALL = replace(BASE, d_model=32, n_heads=2, n_layers=1, d_ff=64, vocabulary=270, extra_length=4, beam=3)


@pytest.fixture
def model() -> Transformer:
    """An untrained model: it seldom ends by itself, so that limits are seen."""
    return Transformer(**SMALL.sizes(270)).eval()


def one_by_one(model: Transformer, extra: int, beam: int, alpha: float) -> list[str]:
    """Each sentence alone, as the docstring says."""
    written = []
    for tokens in VOCABULARY.encode(SENTENCES):
        source = torch.tensor([[*tokens, END]])
        options = {"bos": START, "eos": END, "max_new_tokens": len(tokens) + 1 + extra, "beam": beam, "alpha": alpha}
        written.append(VOCABULARY.decode(beam_search(model, source, **options).tokens[0].tolist()))
    return written


def test_translations_are_those_of_each_sentence_alone(model: Transformer) -> None:
    """In batches or alone, the translation is beam search's at this beam and limit, in the order of the sentences."""
    ours = translate(model, VOCABULARY, SENTENCES, SMALL)
    assert ours == one_by_one(model, 4, 3, 0.6)
    assert ours != one_by_one(model, 5, 3, 0.6)
    assert ours != one_by_one(model, 4, 1, 0.6)


def test_the_length_penalty_is_used(model: Transformer) -> None:
    """Another exponent gives other translations, those of beam search with it."""
    with torch.no_grad():
        model.output_embedding.weight *= 0.1  # every token is about as likely, the end among the likeliest
        model.output_embedding.weight[END] *= -3
    plain, long = (replace(SMALL, alpha=alpha, beam=4) for alpha in (0.0, 3.0))
    ours = [translate(model, VOCABULARY, SENTENCES, how) for how in (plain, long)]
    assert ours == [one_by_one(model, 4, 4, alpha) for alpha in (0.0, 3.0)]
    assert ours[0] != ours[1]


def test_sentences_of_one_length_share_batches(model: Transformer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch has more rows than allowed, none mixes lengths, and all sentences are told of once."""
    monkeypatch.setattr(evaluation, "ROWS", 2)
    shapes = []
    encode = model.encode
    monkeypatch.setattr(model, "encode", lambda source: shapes.append(tuple(source.shape)) or encode(source))
    told: list[int] = []
    translate(model, VOCABULARY, ["old", "the", "das", "a mouse"], SMALL, told.append)
    lengths = sorted((len(tokens) + 1 for tokens in VOCABULARY.encode(["old", "the", "das", "a mouse"])), reverse=True)
    assert sum(told) == 4
    assert [width for rows, width in shapes for _ in range(rows)] == lengths
    assert max(rows for rows, _ in shapes) == 2


def test_a_limit_beyond_the_positions_is_cut(model: Transformer) -> None:
    """Where length + 50 exceeds the model's positions, these are the limit."""
    model.max_length = 20
    (written,) = translate(model, VOCABULARY, ["a mouse in the"], replace(SMALL, extra_length=500))
    assert written


def test_the_averaged_model_is_evaluated(tmp_path: Path) -> None:
    """The mean of the last two of three saves is what the model gets, and what averaged.pt holds."""
    trainer = reversing(tmp_path, keep=3, save_every=2)
    trainer.train(6)
    saves = [torch.load(tmp_path / f"weights-000000{step}.pt")["weights"] for step in (2, 4, 6)]
    model = reversing(tmp_path).model
    path = averaged(tmp_path, model, trainer.config, 2)
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, (saves[1][name] + saves[2][name]) / 2)
    assert path == tmp_path / "averaged.pt"
    assert all(torch.equal(weight, model.state_dict()[name]) for name, weight in torch.load(path)["weights"].items())


def test_saves_of_another_configuration_are_refused(tmp_path: Path) -> None:
    """Other sizes raise ValueError that names them, too few saves one that says how many there are and what to do."""
    trainer = reversing(tmp_path)
    trainer.train(1)
    with pytest.raises(ValueError, match=r"expected \{'d_ff': 64\}, got \{'d_ff': 32\}"):
        averaged(tmp_path, trainer.model, {**trainer.config, "d_ff": 64}, 5)
    with pytest.raises(ValueError, match=r"expected 5 checkpoints in .* got 1: train on, or give --average"):
        averaged(tmp_path, trainer.model, trainer.config, 5)
    assert not (tmp_path / "averaged.pt").exists()


def test_perplexity_is_that_of_all_tokens(model: Transformer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over sentences of all lengths, in batches small and large = the formula, sentence by sentence, in float64."""
    pairs = list(zip(SENTENCES[:3], ["das alte Haus", "Haus", "alte alte"], strict=True)) * 3
    model = model.double()
    total, count = 0.0, 0
    for source, target in zip(*(VOCABULARY.encode(side) for side in zip(*pairs, strict=True)), strict=True):
        log_p = model(torch.tensor([[*source, END]]), torch.tensor([[START, *target]])).log_softmax(-1)
        total -= sum(log_p[0, at, token].item() for at, token in enumerate([*target, END]))
        count += len(target) + 1
    for tokens in (20, 4096):
        monkeypatch.setattr(evaluation, "TOKENS", tokens)
        value, of = perplexity(model, in_tokens(pairs, VOCABULARY))
        assert value == pytest.approx(math.exp(total / count), rel=1e-10)
        assert of == count
    with pytest.raises(ValueError, match="got 1, of which 1 have an empty side"):
        in_tokens([("", "Haus")], VOCABULARY)
