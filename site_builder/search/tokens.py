"""Words, as the index holds them and queries ask for them. `frontend/src/search/tokens.ts` says the same.

A word is what stands between spaces and punctuation, without case and accents. Signs that join words, as in
`d_model`, `QK^T`, `nn.Linear` and `multi-head`, make one word of them, which is found whole and by its parts. Chinese
and Japanese, which put no spaces between words, are found by every two characters that touch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain

LONGEST = 64
"""Characters of a word beyond which the rest is left out."""

_PAIRED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u06d6-\u06ed]"
)
_JOINTS = re.compile(r"[_.^'’+-]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


_PLAIN = re.compile(r"\w+(?:[.^'+-]\w+)*", re.ASCII)


def find_words(text: str) -> list[str]:
    """Return the words of a text, in order, as they are written."""
    return _PLAIN.findall(text) if text.isascii() else _pattern().findall(text)


@cache
def _pattern() -> re.Pattern[str]:
    """Return what finds a run of paired characters, or a word with all that is joined to it."""
    codes = chain(range(0x300, 0x1F000), range(0xE0100, 0xE01F0))  # Unicode has no marks but in these
    marks = "".join(char for char in map(chr, codes) if unicodedata.category(char)[0] == "M")
    letters = rf"[^\W{_PAIRED}]+"
    word = rf"{letters}(?:[{marks}]+(?:{letters})?)*"
    return re.compile(rf"[{_PAIRED}]+|{word}(?:[.^'’+-]{word})*")


@lru_cache(maxsize=1 << 20)
def terms(word: str) -> tuple[str, ...]:
    """Return the terms that find a word of a text: itself, its joined parts, and each of them."""
    if _is_paired(word):
        return tuple(dict.fromkeys(_pairs(word)))
    whole = fold(word)
    if whole and word.isalpha() and (word.islower() or word.istitle()):  # most words, at a fifth of the cost
        return (whole[:LONGEST],)
    parts = [part for part in _JOINTS.split(word) if part]
    found = [whole, *(["".join(map(fold, parts))] if "-" in word else []), *map(fold, parts)]
    found += [fold(hump) for part in parts if len(humps := _HUMP.split(part)) > 1 for hump in humps]
    return tuple(dict.fromkeys(term[:LONGEST] for term in found if term.strip("_")))


def fold(word: str) -> str:
    """Return a word without case and accents. Never with a space, which some signs, like `ﷺ`, are said to hold."""
    if word.isascii():
        return word.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.lower()))
    return unicodedata.normalize("NFC", plain).lower().replace("ς", "σ").replace("’", "'").replace(" ", "")


def _is_paired(word: str) -> bool:
    return not word.isascii() and bool(re.match(f"[{_PAIRED}]", word))


def _pairs(run: str) -> Iterator[str]:
    """Yield each two characters that touch, and the last, which begins no pair."""
    run = fold(run)
    yield from (run[place : place + 2] for place in range(len(run) - 1))
    yield run[-1:]
