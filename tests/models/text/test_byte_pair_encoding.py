import json
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from notebook_models.text.byte_pair_encoding import END, N_SPECIAL, PAD, START, BytePairEncoding, pieces

VAULT = [path.read_text() for path in sorted((Path(__file__).parents[3] / "vault").rglob("*.md"))]
CUT = "\ue000"  # no byte, so it can part pieces for the other library
few_letters = st.text("ab c", max_size=60)


def hugging_face(texts: Iterable[str], n_merges: int) -> Tokenizer:
    """Return what Hugging Face's trainer learns from the same pieces, each byte as the character of that number."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Split(CUT, "removed")
    alphabet = [chr(byte) for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=256 + n_merges, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(map(parted, texts), trainer)
    return tokenizer


def parted(text: str) -> str:
    return CUT.join(piece.encode().decode("latin-1") for piece in pieces(text))


def merges_of(tokenizer: Tokenizer) -> list[tuple[bytes, bytes]]:
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(left.encode("latin-1"), right.encode("latin-1")) for left, right in merges]


def as_bytes(encoding: BytePairEncoding) -> list[tuple[bytes, bytes]]:
    return [(encoding.tokens[left], encoding.tokens[right]) for left, right in encoding.merges]


def by_the_paper(texts: Sequence[str], n_merges: int) -> list[tuple[bytes, bytes]]:
    """The paper's algorithm 1: all pairs counted anew for each merge; of equals, the tokens made first."""
    words = [[bytes([byte]) for byte in piece.encode()] for text in texts for piece in pieces(text)]
    made, merges = {bytes([byte]): byte for byte in range(256)}, []
    while len(merges) < n_merges and (counts := Counter(pair for word in words for pair in pairwise(word))):
        best = min(counts, key=lambda pair: (-counts[pair], made[pair[0]], made[pair[1]]))
        made.setdefault(best[0] + best[1], len(made))
        merges.append(best)
        for word in words:
            at = 0
            while at < len(word) - 1:
                if (word[at], word[at + 1]) == best:
                    word[at : at + 2] = [best[0] + best[1]]
                at += 1
    return merges


def test_merges_are_hugging_face_s_on_the_vault(record_property: Callable[[str, object], None]) -> None:
    """On the notes of this site, 3,000 merges equal those of Hugging Face's tokenizers, in order, ties included."""
    encoding, tokenizer = BytePairEncoding.train(VAULT, 3000), hugging_face(VAULT, 3000)
    record_property("equal merges", sum(map(tuple.__eq__, as_bytes(encoding), merges_of(tokenizer))))
    assert len(encoding.merges) == 3000
    assert as_bytes(encoding) == merges_of(tokenizer)


def test_tokens_are_hugging_face_s_on_new_text() -> None:
    """Learned from half of the notes, both cut the other half into the same tokens."""
    encoding, tokenizer = BytePairEncoding.train(VAULT[::2], 1000), hugging_face(VAULT[::2], 1000)
    for text in VAULT[1::2]:
        assert [token - N_SPECIAL for token in encoding.encode(text)] == tokenizer.encode(parted(text)).ids


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(few_letters, max_size=5), n_merges=st.integers(0, 25))
def test_merges_are_the_paper_s(texts: list[str], n_merges: int) -> None:
    """With few letters, many ties and pairs that overlap, the merges are those of the paper's plain loop."""
    assert as_bytes(BytePairEncoding.train(texts, n_merges)) == by_the_paper(texts, n_merges)


def test_two_ways_to_the_same_bytes_are_one_token() -> None:
    """A merge whose bytes are a token already makes no second one."""
    a, b, c = (N_SPECIAL + ord(letter) for letter in "abc")
    encoding = BytePairEncoding([(a, b), (b, c), (259, c), (a, 260)])
    assert len(encoding) == 262
    assert encoding.tokens[259:] == (b"ab", b"bc", b"abc")
    assert encoding.encode("abc") == [261]


@pytest.mark.verifies("Byte-Pair Encoding#^any-text")
@settings(max_examples=200, deadline=None)
@given(text=st.text() | few_letters | st.text(" \t\n\r\u00a0\u2028_.a"))
def test_any_text_comes_back(text: str) -> None:
    """Decoding an encoded text gives the text: any script, signs, space of all kinds, nothing at all."""
    tokens = FROM_VAULT.encode(text)
    assert FROM_VAULT.decode(tokens) == text
    assert all(N_SPECIAL <= token < len(FROM_VAULT) for token in tokens)
    assert "".join(pieces(text)) == text


FROM_VAULT = BytePairEncoding.train(VAULT, 500)


@settings(max_examples=50, deadline=None)
@given(tokens=st.lists(st.integers(0, len(FROM_VAULT) - 1)))
def test_any_tokens_are_some_text(tokens: list[int]) -> None:
    """Whatever a model writes can be decoded, and special tokens are left out."""
    assert FROM_VAULT.decode([PAD, START, *tokens, END]) == FROM_VAULT.decode(tokens)


@pytest.mark.verifies("Byte-Pair Encoding#^no-merge-crosses")
@settings(max_examples=50, deadline=None)
@given(left=st.text("abé.,"), right=st.text("abé.,"))
def test_no_merge_crosses_a_space(left: str, right: str) -> None:
    """The tokens of two texts with a space between are those of the first, then those of the space and the second."""
    assert FROM_VAULT.encode(f"{left} {right}") == FROM_VAULT.encode(left) + FROM_VAULT.encode(f" {right}")


def test_more_merges_never_lengthen() -> None:
    """Each further merge leaves a text as long or makes it shorter, since it comes after all before it."""
    lengths = [len(BytePairEncoding(FROM_VAULT.merges[:n]).encode(VAULT[3])) for n in range(0, 501, 25)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0] / 2


def test_a_file_keeps_it(tmp_path: Path) -> None:
    """Saved and loaded, or sent to another process, it encodes as before."""
    FROM_VAULT.save(tmp_path / "vocabulary.json")
    for copy in (BytePairEncoding.load(tmp_path / "vocabulary.json"), pickle.loads(pickle.dumps(FROM_VAULT))):
        assert copy.tokens == FROM_VAULT.tokens
        assert copy.encode(VAULT[0]) == FROM_VAULT.encode(VAULT[0])


@pytest.mark.parametrize("content", ["[]", '{"merges": []}', '{"byte_pair_encoding": 2, "merges": []}', "no JSON"])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    """A file that holds something else raises ValueError."""
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(ValueError, match=r"got something else in .*other.json|Expecting value"):
        BytePairEncoding.load(tmp_path / "other.json")


@pytest.mark.parametrize("merge", [(3, 259), (259, 3), (0, 5), (5, 2), (-1, 5)])
def test_a_merge_of_what_does_not_exist_is_refused(merge: tuple[int, int]) -> None:
    """A merge of special tokens, or of tokens that come later, raises ValueError with both."""
    with pytest.raises(ValueError, match=f"from 3 to 258, got {merge[0]} and {merge[1]}"):
        BytePairEncoding([merge])


def test_wrong_input_is_refused() -> None:
    """A number below 0 or beyond the tokens, merges below 0 and half of a surrogate pair raise ValueError."""
    for number in (-1, 759):
        with pytest.raises(ValueError, match=f"from 0 to 758, got {number}"):
            FROM_VAULT.decode([3, number])
    with pytest.raises(ValueError, match="at least 0, got -1"):
        BytePairEncoding.train(["a"], -1)
    with pytest.raises(ValueError, match="surrogates not allowed"):
        FROM_VAULT.encode("\ud800")


def unknown_share(encoding: BytePairEncoding, learned: list[str], kept_back: list[str]) -> float:
    """Return the share of words kept back with a part that never stands in what was learned from."""
    seen = {token for text in learned for token in encoding.encode(text)}
    words = [piece for text in kept_back for piece in pieces(text)]
    return sum(not seen.issuperset(encoding.encode(word)) for word in words) / len(words)


@pytest.mark.verifies("Byte-Pair Encoding#^unknown-words")
def test_sub_words_beat_whole_words_on_notes_kept_back(record_property: Callable[[str, object], None]) -> None:
    """Learned from four in five notes: of the words in the others, some 5 % were never seen, as sub-words below 0.5 %.

    A vocabulary of whole words as large as that of the sub-words, the most frequent ones, knows fewer still.
    """
    learned, kept_back = [text for index, text in enumerate(VAULT) if index % 5], VAULT[::5]
    encoding = BytePairEncoding.train(learned, 1000)
    seen = Counter(piece for text in learned for piece in pieces(text))
    frequent = {word for word, _ in seen.most_common(len(encoding))}
    words = [piece for text in kept_back for piece in pieces(text)]
    unknown = {
        "all whole words": sum(word not in seen for word in words) / len(words),
        f"{len(encoding):,} whole words": sum(word not in frequent for word in words) / len(words),
        f"{len(encoding):,} sub-words": unknown_share(encoding, learned, kept_back),
    }
    for name, share in unknown.items():
        record_property(f"unknown, of {name}", f"{share:.2%}")
    record_property(
        "sub-words for a word or sign", f"{sum(len(encoding.encode(t)) for t in kept_back) / len(words):.2f}"
    )
    of_all, of_frequent, of_sub_words = unknown.values()
    assert of_frequent > of_all > 0.04
    assert of_sub_words < 0.005


@pytest.mark.verifies("Byte-Pair Encoding#^too-many")
def test_merged_to_the_end_sub_words_are_words(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """In the notebook, 200 merges leave a fifth as many words unknown as whole words do, 600 merges as many."""
    found = run_notebook("text/byte_pair_encoding")
    for name, share in {**found["unknown"], "600 merges": found["shares"][-1]}.items():
        record_property(f"unknown, {name}", f"{share:.1%}")
    assert found["unknown"]["200 merges"] < found["unknown"]["whole words"] / 5
    assert found["shares"][-1] > 0.95 * found["unknown"]["whole words"] > 0.25
    learned_from, kept_back = found["lengths"].values()
    assert learned_from[-1] < kept_back[-1] < kept_back[0] / 2
