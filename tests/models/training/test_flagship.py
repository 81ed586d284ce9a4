import random
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from signatures import unchecked

from notebook_models.text import grammar
from notebook_models.text.grammar import BANDS, Pair
from notebook_models.training import alignment, flagship
from notebook_models.training.flagship import batches, corpus, train
from notebook_models.training.translation import (
    END,
    INDEX,
    PAD,
    START,
    VOCABULARY,
    encode_english,
    encode_spanish,
    exact_match,
    reading,
    translate,
)
from notebook_models.transformer.transformer import Transformer

Record = Callable[[str, object], None]


@cache
def seen() -> list[Pair]:
    """Return a few sentences of the training. No sentence has a shape to check."""
    with unchecked():
        return corpus(1500)


@pytest.fixture(scope="module")
def bands() -> list[list[Pair]]:
    with unchecked():
        return grammar.held_out(1000)


@pytest.fixture(scope="module")
def model() -> Transformer:
    return flagship.load()


@pytest.mark.verifies("Translation by a Grammar#^held-out-exact")
def test_the_recorded_model_translates_new_sentences_exactly(
    model: Transformer, bands: list[list[Pair]], record_property: Record
) -> None:
    """Of 1,000 sentences that training never saw, as many of each length, at least 99 % are right to the last word."""
    scores = [exact_match(model, pairs) for pairs in bands]
    for lengths, score in zip(BANDS, scores, strict=True):
        record_property(f"sentences of {lengths[0]} to {lengths[-1]} words exactly right", f"{score:.1%}")
    record_property("of 1,000 held-out sentences exactly right", f"{sum(scores) / len(scores):.1%}")
    assert sum(scores) / len(scores) >= 0.99


@pytest.mark.verifies("Translation by a Grammar#^attention-aligns")
def test_attention_is_where_the_grammar_says(
    model: Transformer, bands: list[list[Pair]], record_property: Record
) -> None:
    """The source word that draws most attention is the gold one for 99 % of content words, and of reordered ones."""
    pairs = [pair for band in bands for pair in band]
    scores = alignment.score(reading(model, pairs), pairs)
    for name, score in scores.items():
        record_property(f"{name} words aligned", f"{score.share:.2%} of {score.asked:,}")
    assert scores["content"].asked > scores["reordered"].asked > 3000
    assert min(score.share for score in scores.values()) >= 0.99


@pytest.mark.verifies("Translation by a Grammar#^no-longer-ones")
def test_sentences_longer_than_any_in_training_are_often_wrong(model: Transformer, record_property: Record) -> None:
    """Of sentences of 17 and 18 words, where training ended at 16, a quarter and more are not translated exactly."""
    generator = random.Random(0)
    with unchecked():
        longer = [grammar.sentence(generator, range(17, 19)) for _ in range(60)]
    score = exact_match(model, longer)
    record_property("sentences of 17 and 18 words exactly right", f"{score:.0%} of {len(longer)}")
    assert 0.2 < score < 0.75


def test_alignment_is_not_found_by_chance(bands: list[list[Pair]], record_property: Record) -> None:
    """An untrained model translates nothing, and its attention is at the gold word no more often than chance has it."""
    untrained, pairs = train([], steps=0), [pair for band in bands for pair in band[:50]]
    score = alignment.score(reading(untrained, pairs), pairs)["content"]
    record_property("content words aligned before training", f"{score.share:.0%}")
    assert exact_match(untrained, pairs) == 0
    assert score.share < 0.25


def test_a_score_counts_what_it_says() -> None:
    """Of two content words with their largest weight at the gold place and beside it, one is right."""
    pair = Pair(("red", "cars"), ("coches", "rojos"), (1, 0), frozenset({0, 1}))
    weights = torch.tensor([[[0.1, 0.9], [0.2, 0.8], [1.0, 0.0]]])
    scores = alignment.score(weights, [pair])
    assert scores["content"] == scores["reordered"] == alignment.Aligned(right=1, asked=2)
    assert scores["content"].share == 0.5


def test_attention_is_read_at_the_moment_of_writing(model: Transformer) -> None:
    """Row t is what the model reads when it has t words and the start token, whatever follows."""
    pairs = [pair for pair in seen() if len(pair.spanish) > 5][:1]
    whole = reading(model, pairs)
    english = encode_english([pairs[0].english])
    begun = encode_spanish([pairs[0].spanish])[:, :4]
    decoded = model.decode(begun, model.encode(english), need_weights=True)
    torch.testing.assert_close(whole[0, 3], decoded.cross_weights[-1].mean(1)[0, -1])
    assert whole.shape == (1, len(pairs[0].spanish) + 1, len(pairs[0].english))


def test_sentences_become_tokens() -> None:
    """English is padded at the end, Spanish stands between the start and the end token."""
    rows = encode_english([("she", "sees", "it"), ("he", "was", "old", "then")])
    assert [VOCABULARY[token] for token in rows[0]] == ["she", "sees", "it", "<pad>"]
    spanish = encode_spanish([("ella", "lo", "ve"), ("ve",)])
    assert spanish.tolist() == [
        [START, INDEX["ella"], INDEX["lo"], INDEX["ve"], END],
        [START, INDEX["ve"], END, PAD, PAD],
    ]


def test_an_unknown_word_is_refused() -> None:
    """A word that the grammar does not have in English, though it has it in Spanish, raises ValueError."""
    with pytest.raises(ValueError, match='got "gato"'):
        encode_english([("the", "cat"), ("the", "gato")])


def test_a_translation_is_words(model: Transformer) -> None:
    """What the model writes comes back as words without special tokens."""
    assert translate(model, [["the", "red", "cars", "are", "old"], ["she", "sees", "it"]]) == [
        ("los", "coches", "rojos", "son", "viejos"),
        ("ella", "lo", "ve"),
    ]


def test_each_sentence_is_trained_on_once_before_any_comes_again() -> None:
    """Batches of an epoch hold every pair once; they are of like length, and another seed has another order."""
    epoch = list(islice(batches(seen(), 0), 12))
    assert sorted(map(hash, (pair for batch in epoch for pair in batch))) == sorted(map(hash, seen()))
    assert all(max(lengths) - min(lengths) <= 10 for lengths in ([len(p.english) for p in batch] for batch in epoch))
    assert next(batches(seen(), 0)) == epoch[0] != next(batches(seen(), 1))


def test_thirty_steps_teach_something(record_property: Record) -> None:
    """In 30 steps from a fixed seed the loss falls by a nat."""
    losses = trained(30)
    first, last = sum(losses[:5]) / 5, sum(losses[-5:]) / 5
    record_property("loss over the first and last five of 30 steps", f"{first:.2f}, {last:.2f}")
    assert last < first - 1


def test_one_seed_gives_one_model() -> None:
    """Equal seeds give equal losses at each step, another seed others; the global random state is left alone."""
    before = torch.get_rng_state()
    assert trained(2) == trained(2) != trained(2, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def trained(steps: int, seed: int = 0) -> list[float]:
    losses: list[float] = []
    train(seen(), steps, seed, progress=lambda step, loss: losses.append(loss))
    return losses


class Killed(Exception):
    """Stands for whatever ends a training early."""


def test_a_stopped_training_ends_as_one_that_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after step 5 and resumed from the save at step 4, training ends with the same weights, bit for bit."""
    monkeypatch.setattr(flagship, "SAVE_EVERY", 2)
    whole, steps, state = train(seen(), 8), [], tmp_path / "run.state"

    def die(step: int, loss: float) -> None:
        if step == 5:
            raise Killed

    with pytest.raises(Killed):
        train(seen(), 8, state=state, progress=die)
    resumed = train(seen(), 8, state=state, progress=lambda step, loss: steps.append(step))
    assert steps == [5, 6, 7, 8]
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_the_state_of_another_training_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state saved under another seed raises ValueError that says both."""
    monkeypatch.setattr(flagship, "SAVE_EVERY", 1)
    train(seen()[:128], 1, state=tmp_path / "run.state")
    with pytest.raises(ValueError, match=r"expected \{'seed': 7.*got \{'seed': 0"):
        train(seen()[:128], 1, seed=7, state=tmp_path / "run.state")


def test_the_command_trains_and_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command writes a checkpoint that loads, equal for equal seeds, tells its progress, and leaves no state."""
    monkeypatch.setattr(flagship, "SCORED", 20)
    monkeypatch.setattr(flagship, "SAVE_EVERY", 1)
    for name in ("one.pt", "two.pt"):
        flagship.main(["--steps", "2", "--pairs", "300", "--output", str(tmp_path / name)])
    output = capsys.readouterr()
    assert "2/2, loss" in output.err
    assert "13 to 16 words: 0.0% of 5 exactly right" in output.out
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "two.pt").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.pt", "two.pt"]
    assert sum(p.numel() for p in flagship.load(tmp_path / "one.pt").parameters()) == 690_176


def test_the_recorded_model_is_small_enough_to_carry() -> None:
    """The recorded checkpoint is below 1.5 megabytes: 0.69 million weights of two bytes."""
    assert flagship.CHECKPOINT.stat().st_size < 1_500_000


def test_recording_rounds_to_six_significant_bits(tmp_path: Path) -> None:
    """What is loaded is what was recorded: each weight within one part in 64 of the trained one, in six bits."""
    trained_model = train(seen(), 1)
    before = [weight.detach().clone() for weight in trained_model.parameters()]
    flagship.record(trained_model, tmp_path / "model.pt")
    loaded = flagship.load(tmp_path / "model.pt")
    for old, rounded, new in zip(before, trained_model.parameters(), loaded.parameters(), strict=True):
        assert torch.equal(rounded, new)
        torch.testing.assert_close(new, old, rtol=1 / 64, atol=0)
        mantissa = torch.frexp(new).mantissa * 64
        assert torch.equal(mantissa, mantissa.round())


def test_the_notebook_shows_what_the_note_says(run_notebook: Callable[[str], dict[str, Any]]) -> None:
    """In the notebook the Transformer is right nearly always up to 16 words, the dictionary nearly never."""
    scores = run_notebook("training/flagship")["scores"]
    assert min(scores["Transformer"][:4]) > 0.97
    assert max(scores["dictionary"]) < 0.1 < scores["Transformer"][4] < 0.8
