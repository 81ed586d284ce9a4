import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_models.text.byte_pair_encoding import END, N_SPECIAL, PAD, START, BytePairEncoding
from notebook_models.text.shared_vocabulary import SharedVocabulary

VAULT = [path.read_text() for path in sorted((Path(__file__).parents[3] / "vault").rglob("*.md"))]
SIZE = N_SPECIAL + 256 + 1000
LEARNED = SharedVocabulary.learn(VAULT[::2], SIZE)


def merges() -> list[tuple[bytes, bytes]]:
    """What was learned, as bytes: the library spells each byte that is no visible sign as a letter beyond 255."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    byte = {chr(each): each for each in visible} | {chr(256 + at): each for at, each in enumerate(hidden)}
    learned = json.loads(LEARNED._tokenizer.to_str())["model"]["merges"]
    return [tuple(bytes(byte[letter] for letter in side) for side in pair) for pair in learned]


def test_texts_are_cut_as_the_plain_encoding_cuts_them() -> None:
    """`BytePairEncoding` with the merges that were learned cuts new texts into the same tokens, of the same numbers."""
    number = {bytes([byte]): N_SPECIAL + byte for byte in range(256)}
    pairs = []
    for left, right in merges():
        pairs.append((number[left], number[right]))
        number.setdefault(left + right, len(number) + N_SPECIAL)
    plain = BytePairEncoding(pairs)
    assert len(plain) == SIZE
    for text, tokens in zip(VAULT[1::2], LEARNED.encode(VAULT[1::2]), strict=True):
        cut = plain.encode(text)
        assert [token for token in tokens if token >= 259] == [token for token in cut if token >= 259]
        assert [LEARNED.decode([token]) for token in tokens] == [plain.decode([token]) for token in cut]


def test_what_is_learned_is_what_the_plain_encoding_learns(record_property: Callable[[str, object], None]) -> None:
    """Of 1,000 merges all but some are those of `BytePairEncoding`: of equally frequent pairs each takes its own."""
    plain = BytePairEncoding.train(VAULT[::2], 1000)
    theirs = [(plain.tokens[left], plain.tokens[right]) for left, right in plain.merges]
    shared = len(set(theirs) & set(merges()))
    record_property("merges in both", shared)
    assert shared >= 980


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["<pad>", "a <end>", "<start>"]))
def test_any_text_comes_back(text: str) -> None:
    """Decoding undoes encoding, also where the text spells a special token, which none of its tokens is."""
    (tokens,) = LEARNED.encode([text])
    assert LEARNED.decode(tokens) == text
    assert not {PAD, START, END} & set(tokens)
    assert LEARNED.decode([START, *tokens, END, PAD]) == text


def test_a_saved_vocabulary_is_the_same(tmp_path: Path) -> None:
    """Saved and loaded it has the same tokens and checksum, and still takes "<pad>" for letters; another differs."""
    LEARNED.save(tmp_path / "tokenizer.json")
    loaded = SharedVocabulary.load(tmp_path / "tokenizer.json")
    assert loaded.encode(["a <pad> b"]) == LEARNED.encode(["a <pad> b"])
    assert (len(loaded), loaded.checksum) == (SIZE, LEARNED.checksum)
    assert SharedVocabulary.learn(VAULT[1::2], SIZE).checksum != LEARNED.checksum


def test_too_little_text_is_told() -> None:
    """Fewer words than merges, and a size that the bytes alone exceed, raise ValueError with both numbers."""
    with pytest.raises(ValueError, match=r"of 37,000 tokens, got 2\d\d: take more text, or --vocabulary 2\d\d"):
        SharedVocabulary.learn(["a few words", "ein paar Worte"], 37_000)
    with pytest.raises(ValueError, match="at least 259 tokens, got 100"):
        SharedVocabulary.learn(VAULT, 100)


@pytest.mark.parametrize(
    ("content", "message"), [("{}", "no vocabulary"), ("", "no vocabulary"), (None, "another kind")]
)
def test_another_file_is_refused(content: str | None, message: str, tmp_path: Path) -> None:
    """What is no vocabulary, or one with other special tokens, raises ValueError that names the file."""
    path = tmp_path / "tokenizer.json"
    path.write_text(content if content is not None else LEARNED._tokenizer.to_str().replace("<pad>", "[PAD]"))
    with pytest.raises(ValueError, match=f"tokenizer.json is {message}"):
        SharedVocabulary.load(path)
