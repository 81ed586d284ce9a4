import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from signatures import unchecked

from notebook_models.training import number_words
from notebook_models.training.number_words import (
    END,
    PAD,
    START,
    VOCABULARY,
    draw,
    encode_digits,
    encode_words,
    exact_match,
    is_held_out,
    train,
    translate,
    words,
)

Record = Callable[[str, object], None]
VALUES = dict(zip(number_words.TO_NINETEEN, range(20), strict=True)) | dict(
    zip(number_words.TENS, range(20, 100, 10), strict=True)
)


@pytest.fixture(scope="module")
def held_out() -> list[int]:
    """All held-out numbers below 20,000, and those of every 47th above."""
    with unchecked():
        return [number for number in [*range(20_000), *range(20_000, 1_000_000, 47)] if is_held_out(number)]


def value(text: str) -> int:
    """Return the number that English words name, by their grammar: the way back from `words`."""
    total = group = 0
    for word in text.split():
        if word == "thousand":
            total, group = group * 1000, 0
        elif word == "hundred":
            group *= 100
        else:
            group += VALUES[word]
    return total + group


def test_words_name_their_number() -> None:
    """Read by the grammar of English, the words of every 97th number up to 999,999 give that number back."""
    assert all(value(words(number)) == number for number in range(0, 1_000_000, 97))
    assert words(342) == "three hundred forty two"
    assert words(300_005) == "three hundred thousand five"


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_a_number_without_words_is_refused(number: int) -> None:
    """A number below 0 or above 999,999 raises ValueError."""
    with pytest.raises(ValueError, match=f"from 0 to 999999, got {number}"):
        words(number)


def test_training_never_draws_a_held_out_number() -> None:
    """Of 20,000 numbers drawn for training none is held out, and every word and every length is among them."""
    numbers = draw(random.Random(0), 20_000)
    assert not any(is_held_out(number) for number in numbers)
    assert {len(str(number)) for number in numbers} == {1, 2, 3, 4, 5, 6}
    assert {word for number in numbers for word in words(number).split()} == set(VOCABULARY[3:-10])


def test_about_one_number_in_ten_is_held_out(held_out: list[int]) -> None:
    """About 10 % of numbers are held out, none below 100, and the same ones on every machine and in every year."""
    assert held_out[:5] == [101, 107, 121, 127, 144]
    assert 0.095 < len(held_out) / (20_000 + 980_000 / 47) < 0.105


def test_sequences_are_padded_to_the_longest() -> None:
    """Words become their tokens and padding; digits stand between the start and the end token."""
    assert [[VOCABULARY[token] for token in row] for row in encode_words(["two hundred one", "nine"])] == [
        ["two", "hundred", "one"],
        ["nine", "<pad>", "<pad>"],
    ]
    digits = encode_digits([42, 7])
    assert (digits[:, 0] == START).all()
    assert [VOCABULARY[token] for token in digits[0]] == ["<start>", "4", "2", "<end>"]
    assert digits[1, 2:].tolist() == [END, PAD]


def test_an_unknown_word_is_refused() -> None:
    """A word that no number has raises ValueError and is named."""
    with pytest.raises(ValueError, match='got "dozen"'):
        encode_words(["two", "one dozen"])


@pytest.mark.verifies("Transformer#^reads-digits")
def test_the_recorded_model_turns_held_out_numbers_into_digits_exactly(
    held_out: list[int], record_property: Record
) -> None:
    """The recorded model gets held-out numbers exactly right: all below 20,000, and every 47th number after those."""
    score = exact_match(number_words.load(), held_out)
    record_property("held-out numbers exactly right", f"{score:.2%} of {len(held_out):,}")
    assert score == 1.0


def test_an_untrained_model_gets_nothing_right(held_out: list[int]) -> None:
    """The same score of a model before training is zero, so the score is earned by training."""
    assert exact_match(train(steps=0), held_out[:500]) == 0


@pytest.mark.usefixtures("unchecked")
def test_eighty_steps_teach_half_of_the_next_tokens(held_out: list[int], record_property: Record) -> None:
    """In 80 steps from a fixed seed the loss falls by half a nat, and half the next tokens of new numbers are right."""
    losses: list[float] = []
    model = train(80, progress=lambda step, loss: losses.append(loss))
    first, last = sum(losses[:10]) / 10, sum(losses[-10:]) / 10
    source, target = encode_words([words(number) for number in held_out]), encode_digits(held_out)
    asked = target[:, 1:] != PAD
    right = (model(source, target[:, :-1]).argmax(-1) == target[:, 1:])[asked].float().mean().item()
    record_property("loss over the first and last ten of 80 steps", f"{first:.2f}, {last:.2f}")
    record_property("next tokens right after 80 steps", f"{right:.1%}")
    assert last < first - 0.5
    assert right > 0.5


def test_one_seed_gives_one_model() -> None:
    """The same seed gives equal losses at every step, another seed others; the global random state is left alone."""
    before = torch.get_rng_state()
    assert trained_losses(3) == trained_losses(3) != trained_losses(3, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def trained_losses(steps: int, seed: int = 0) -> list[tuple[int, float]]:
    losses: list[tuple[int, float]] = []
    train(steps, seed, lambda step, loss: losses.append((step, loss)))
    return losses


def test_the_command_trains_and_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command writes a checkpoint that loads, equal for equal seeds alone, and tells its progress."""
    monkeypatch.setattr(number_words, "is_held_out", lambda number: number < 10)
    for name, seed in (("one.pt", "0"), ("two.pt", "0"), ("other.pt", "1")):
        number_words.main(["--steps", "2", "--seed", seed, "--output", str(tmp_path / name)])
    output = capsys.readouterr()
    assert "2/2, loss" in output.err
    assert "0.000% of 10 held-out numbers exact, one.pt written" in output.out
    one, two, other = ((tmp_path / name).read_bytes() for name in ("one.pt", "two.pt", "other.pt"))
    assert one == two != other
    assert sum(p.numel() for p in number_words.load(tmp_path / "one.pt").parameters()) == 170_176


def test_a_translation_is_text_without_special_tokens() -> None:
    """What the model writes comes back as a string of digits."""
    assert translate(number_words.load(), ["forty two", "nine hundred thousand"]) == ["42", "900000"]
