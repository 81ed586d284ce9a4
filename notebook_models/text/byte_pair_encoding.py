"""Byte-pair encoding: text to numbers and back, by merges learned from a corpus. Knows nothing of models.

    encoding = BytePairEncoding.train(texts, n_merges=37_000)
    encoding.decode(encoding.encode("any text")) == "any text"

Source: Sennrich et al. 2016, section 3.2. Two things differ, and make every text reversible. The alphabet is the 256
bytes of UTF-8 instead of the characters that the corpus happens to have, and a word is marked by the space before it
instead of a sign at its end (for both see Radford et al. 2019, section 2.2).
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from heapq import heapify, heappop, heappush
from operator import add
from pathlib import Path

PAD, START, END = range(3)
N_SPECIAL = 3
PIECE = re.compile(r" ?\w+| ?[^\w\s]+|\s")


def pieces(text: str) -> list[str]:
    """Return the parts that no merge crosses: words and runs of signs, with the space before them, and other space.

    Put together they are the text.
    """
    return PIECE.findall(text)


class BytePairEncoding:
    """Token 0 is padding, 1 the start and 2 the end of a sequence; then 256 bytes; then what each merge makes.

    `merges[i]` is the pair of tokens that is joined i-th; `tokens[i]` holds the bytes that token i stands for. Raises
    ValueError when a merge names a token that does not exist by then.
    """

    def __init__(self, merges: Iterable[tuple[int, int]]) -> None:
        self.merges = [(left, right) for left, right in merges]
        vocabulary = _Vocabulary()
        joined = {pair: vocabulary.join(*pair) for pair in self.merges}
        self.tokens = tuple(vocabulary.tokens)
        self._joined = {chr(left) + chr(right): chr(number) for (left, right), number in joined.items()}
        self._rank = {pair: rank for rank, pair in enumerate(self._joined)}
        self._encode_piece = lru_cache(maxsize=1 << 16)(self._merge)

    def __reduce__(self) -> tuple[type["BytePairEncoding"], tuple[list[tuple[int, int]]]]:
        """Be copied to other processes by the merges alone: the cache of pieces can't be."""
        return BytePairEncoding, (self.merges,)

    def __len__(self) -> int:
        """How many tokens there are, the three special ones included."""
        return len(self.tokens)

    @classmethod
    def train(cls, texts: Iterable[str], n_merges: int) -> "BytePairEncoding":
        """Join the pair of neighbors that is most frequent, `n_merges` times, or until no two tokens are neighbors.

        Of equally frequent pairs the one of the smaller tokens is joined. Raises ValueError when `n_merges` is below 0.
        """
        if n_merges < 0:
            msg = f"n_merges must be at least 0, got {n_merges}"
            raise ValueError(msg)
        return cls(_learn(Counter(piece for text in texts for piece in pieces(text)), n_merges))

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text; none of them is special. Raises ValueError at half of a surrogate pair."""
        return [token for piece in pieces(text) for token in self._encode_piece(piece)]

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens, special ones left out; bytes that are no UTF-8 become U+FFFD.

        Raises ValueError at a number that is no token.
        """
        numbers = list(tokens)
        wrong = [number for number in numbers if not 0 <= number < len(self)]
        if wrong:
            msg = f"expected tokens from 0 to {len(self) - 1}, got {wrong[0]}"
            raise ValueError(msg)
        return b"".join(self.tokens[number] for number in numbers).decode("utf-8", errors="replace")

    def save(self, path: Path) -> None:
        """Write the merges as JSON; nothing else is needed to encode as before."""
        path.write_text(json.dumps({"byte_pair_encoding": 1, "merges": self.merges}) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "BytePairEncoding":
        """Return what `save` has written; raises ValueError when the file holds something else."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict) or stored.get("byte_pair_encoding") != 1:
            msg = f"expected the merges of a byte-pair encoding, got something else in {path}"
            raise ValueError(msg)
        return cls((left, right) for left, right in stored["merges"])

    def _merge(self, piece: str) -> tuple[int, ...]:
        word = _bytes(piece)
        while known := [pair for pair in _pairs(word) if pair in self._rank]:
            first = min(known, key=self._rank.__getitem__)
            word = word.replace(first, self._joined[first])
        return tuple(map(ord, word))


# Below, a word is a string in which each character stands for a token, chr(7) for token 7, and a pair is two of them:
# so that strings' own `replace` does the joining, from left to right, and their order is that of the tokens.


def _bytes(piece: str) -> str:
    return "".join(chr(N_SPECIAL + byte) for byte in piece.encode())


def _pairs(word: str) -> Iterable[str]:
    return map(add, word, word[1:])


class _Vocabulary:
    """The bytes that each token stands for."""

    def __init__(self) -> None:
        self.tokens = [b""] * N_SPECIAL + [bytes([byte]) for byte in range(256)]
        self._numbers = {token: number for number, token in enumerate(self.tokens) if token}

    def join(self, left: int, right: int) -> int:
        """Return the token of two tokens' bytes: a new one, unless another pair has made the same bytes before."""
        if not all(N_SPECIAL <= token < len(self.tokens) for token in (left, right)):
            msg = f"expected a merge of tokens from {N_SPECIAL} to {len(self.tokens) - 1}, got {left} and {right}"
            raise ValueError(msg)
        content = self.tokens[left] + self.tokens[right]
        number = self._numbers.setdefault(content, len(self.tokens))
        if number == len(self.tokens):
            self.tokens.append(content)
        return number


class _Corpus:
    """Each different word once, with its frequency, and how often each pair stands in all words."""

    def __init__(self, frequencies: Counter[str]) -> None:
        self._words, self._frequencies = [_bytes(piece) for piece in frequencies], list(frequencies.values())
        self._holders: defaultdict[str, set[int]] = defaultdict(set)
        self.counts: defaultdict[str, int] = defaultdict(int)
        for index, (word, frequency) in enumerate(zip(self._words, self._frequencies, strict=True)):
            for pair in _pairs(word):
                self.counts[pair] += frequency
                self._holders[pair].add(index)

    def replace(self, pair: str, token: str) -> list[str]:
        """Put a token in the place of a pair; return the pairs that are now more or less frequent.

        Only the words that hold the pair are counted again: else each merge would cost a pass over the corpus.
        """
        changes: defaultdict[str, int] = defaultdict(int)
        for index in self._holders.pop(pair):
            before, frequency = self._words[index], self._frequencies[index]
            after = self._words[index] = before.replace(pair, token)
            for gone in _pairs(before):
                changes[gone] -= frequency
            for come in _pairs(after):
                changes[come] += frequency
                if token in come:
                    self._holders[come].add(index)
        for changed, change in changes.items():
            self.counts[changed] += change
        return [changed for changed, change in changes.items() if change]


def _learn(frequencies: Counter[str], n_merges: int) -> list[tuple[int, int]]:
    corpus, vocabulary = _Corpus(frequencies), _Vocabulary()
    merges: list[tuple[int, int]] = []
    queue = [(-count, pair) for pair, count in corpus.counts.items()]
    heapify(queue)
    while queue and len(merges) < n_merges:
        count, pair = heappop(queue)
        if -count != corpus.counts[pair]:
            continue  # it has been counted again since, and stands in the queue with the new count as well
        left, right = map(ord, pair)
        merges.append((left, right))
        for changed in corpus.replace(pair, chr(vocabulary.join(left, right))):
            if corpus.counts[changed]:
                heappush(queue, (-corpus.counts[changed], changed))
    return merges
