import fcntl
import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import started

from notebook_models.text.byte_pair_encoding import N_SPECIAL
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training.batches import TokenBuckets
from notebook_models.training.prepared import Corpus, prepare

SIZE = N_SPECIAL + 256 + 20
WORDS = {"the": "das", "old": "alte", "house": "Haus", "is": "ist", "red": "rot", "and": "und", "small": "klein"}


def corpus(directory: Path, count: int = 300, seed: int = 0) -> Corpus:
    """Write pairs, word for word, and return the file."""
    draw, path = random.Random(seed), directory / "train.jsonl"
    with path.open("w") as file:
        for _ in range(count):
            words = draw.choices(list(WORDS), k=draw.randint(1, 6))
            pair = {"en": " ".join(words), "de": " ".join(WORDS[word] for word in words)}
            file.write(json.dumps({"translation": pair}) + "\n")
    return Corpus(path, "en", "de")


def prepare_quietly(corpus: Corpus, directory: Path) -> None:
    """Prepare, and leave a file for what was told."""
    told: list[str] = []
    prepare(corpus, directory, SIZE, tell=told.append)
    (directory / f"told-{random.SystemRandom().random()}").write_text("\n".join(told))


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def text(tmp_path: Path) -> Corpus:
    return corpus(tmp_path)


def test_pairs_are_the_text_in_tokens(text: Corpus, tmp_path: Path, told: list[str]) -> None:
    """Row by row, decoded, the pairs are those of the file, source first; they make batches."""
    vocabulary, pairs = prepare(text, tmp_path / "run", SIZE, tell=told.append)
    assert len(vocabulary) == SIZE
    read = [(vocabulary.decode(pairs.source[row]), vocabulary.decode(pairs.target[row])) for row in range(len(pairs))]
    assert read == list(text.read())
    assert len(read) == 300
    assert next(TokenBuckets(pairs, bos=1, eos=2, tokens=100)).source.numel() <= 100
    assert told == [f"learning 279 tokens from {text.path}", f"cutting {text.path} into tokens"]


def test_more_pairs_than_are_cut_at_once(text: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces of 7 the 300 pairs are the same."""
    _, whole = prepare(text, tmp_path / "whole", SIZE)
    monkeypatch.setattr("notebook_models.training.prepared.AT_ONCE", 7)
    _, parts = prepare(text, tmp_path / "parts", SIZE)
    assert torch.equal(whole.source.tokens, parts.source.tokens)
    assert torch.equal(whole.target.offsets, parts.target.offsets)


def test_it_is_done_once(text: Corpus, tmp_path: Path, told: list[str]) -> None:
    """Asked again, it says nothing and returns the same, checksums included: a training can be resumed."""
    vocabulary, pairs = prepare(text, tmp_path / "run", SIZE)
    again, same = prepare(text, tmp_path / "run", SIZE, tell=told.append)
    assert told == []
    assert again.checksum == vocabulary.checksum
    assert (same.source.checksum, same.target.checksum) == (pairs.source.checksum, pairs.target.checksum)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [".preparing", "pairs.pt", "tokenizer.json"]


def test_of_two_processes_one_prepares(text: Corpus, tmp_path: Path) -> None:
    """Started while a third holds the directory, both wait; then one learns and cuts, and the other finds it done."""
    directory = tmp_path / "run"
    directory.mkdir()
    with (directory / ".preparing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        group = [started(prepare_quietly, text, directory) for _ in range(2)]
        group[0].join(2)
        assert group[0].is_alive()
        assert not (directory / "tokenizer.json").exists()
    for process in group:
        process.join()
    assert [process.exitcode for process in group] == [0, 0]
    assert sorted(len(path.read_text().splitlines()) for path in directory.glob("told-*")) == [0, 2]


def test_a_vocabulary_can_be_given(text: Corpus, tmp_path: Path, told: list[str]) -> None:
    """That of an earlier training is taken as it is, nothing is learned, and another one is refused afterwards."""
    given = SharedVocabulary.learn(["the old old house", "das alte Haus"] * 3, SIZE - 10)
    given.save(tmp_path / "given.json")
    vocabulary, _ = prepare(text, tmp_path / "run", SIZE - 10, tokenizer=tmp_path / "given.json", tell=told.append)
    assert vocabulary.checksum == given.checksum
    assert [line.partition(" ")[0] for line in told] == ["cutting"]
    prepare(text, tmp_path / "run", SIZE - 10, tokenizer=tmp_path / "given.json")
    prepare(text, tmp_path / "other", SIZE)
    with pytest.raises(ValueError, match=r"tokenizer.json is another vocabulary than .*given.json"):
        prepare(text, tmp_path / "other", SIZE, tokenizer=tmp_path / "given.json")
    with pytest.raises(ValueError, match="expected a vocabulary of 279 tokens, got 269"):
        prepare(text, tmp_path / "new", SIZE, tokenizer=tmp_path / "given.json")
    assert not (tmp_path / "new" / "tokenizer.json").exists()
    with pytest.raises(FileNotFoundError, match=r"no file .*none.json: a vocabulary is"):
        prepare(text, tmp_path / "new", SIZE, tokenizer=tmp_path / "none.json")


@pytest.mark.parametrize(
    ("change", "differs"), [({"source": "de", "target": "en"}, "source, target"), ({"text": 1}, "text")]
)
def test_pairs_of_other_text_are_refused(change: dict[str, Any], differs: str, text: Corpus, tmp_path: Path) -> None:
    """Where the text or the languages have changed since, ValueError tells which."""
    prepare(text, tmp_path / "run", SIZE)
    other = corpus(tmp_path, seed=1) if "text" in change else Corpus(text.path, **change)
    with pytest.raises(ValueError, match=rf"made of something else \({differs} differ\): choose another directory"):
        prepare(other, tmp_path / "run", SIZE)


def test_another_size_is_refused(text: Corpus, tmp_path: Path) -> None:
    """A directory with 279 tokens is not gone on with for 280."""
    prepare(text, tmp_path / "run", SIZE)
    with pytest.raises(ValueError, match="a vocabulary of 280 tokens, got 279"):
        prepare(text, tmp_path / "run", SIZE + 1)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_broken_pairs_are_told(share: float, text: Corpus, tmp_path: Path) -> None:
    """A file cut short raises ValueError of one line that says what to do; removed, it is made again."""
    _, pairs = prepare(text, tmp_path / "run", SIZE)
    path = tmp_path / "run" / "pairs.pt"
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"pairs.pt is broken, remove it") as caught:
        prepare(text, tmp_path / "run", SIZE)
    assert len(str(caught.value).splitlines()) == 1
    path.unlink()
    assert prepare(text, tmp_path / "run", SIZE)[1].source.checksum == pairs.source.checksum


def test_nothing_is_made_of_a_broken_text(text: Corpus, tmp_path: Path) -> None:
    """A wrong first line, and a wrong last one, raise ValueError with the line, and leave nothing half made."""
    with pytest.raises(ValueError, match=r"train.jsonl:1: expected"):
        prepare(Corpus(text.path, "en", "fr"), tmp_path / "run", SIZE)
    assert not (tmp_path / "run").exists()
    with text.path.open("a") as file:
        file.write("{}\n")
    with pytest.raises(ValueError, match=r"train.jsonl:301: expected"):
        prepare(text, tmp_path / "run", SIZE)
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".preparing"]
