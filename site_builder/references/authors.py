"""Lists of authors in the styles that bibliographies use. Knows nothing of titles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from site_builder.references.work import ET_AL, PARTICLES

LONGEST_NAME = 5

_ET_AL = re.compile(
    r"(?P<comma>,)?\s*(?:\b(?:and|&)\s+)?(?:\bet\.?\s+al\b\.?|\b(?:and|&)\s+(?:others|colleagues)|…|\.\.\.)\s*$"
)
_AND = re.compile(r",?\s+(?:and|&)\s+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,4}")
_WORD = re.compile(r"(?:[dDlLO]['’])?[^\W\d_](?:[^\W\d_]|['’‐-](?=[^\W\d_]))*")
_SUFFIX = re.compile(r",?\s+(Jr|Sr|II|III|IV)\b\.?(?=,|;|$|\s+(?:and|&)\s)")
_SENTENCE_WORDS = """
    A An And As At Abstract Also Answer Appendix Because Both But By Caution Chapter Each Equation Even Every
    Example Exercise Fact Figure For From Given Here Hint How However I If In Instead It Its Measured More My
    Neither No Not Note Now Of On One Only Or Our Proof Question Remark Remember Section See Since So Some Source
    Sources Step Still Such Table Thanks That The Their Then There These They Theorem This Those Thus Tip To Two
    Warning We What When Where Which While Who Why With Yes You Your
"""
_NO_NAMES = frozenset(_SENTENCE_WORDS.split())


def read_authors(text: str) -> tuple[str, ...] | None:
    """Return the authors that a text lists and does nothing else, given names first; None for any other text.

    All names of a list are written in one style: `Ba, Kiros`; `J. Ba, R. Kiros`; `Ba, J., Kiros, R.`; `Ba J, Kiros R`;
    `Ba, Jimmy and Kiros, Ryan`; or with only the first reversed, `Ba, Jimmy, and Ryan Kiros`.
    """
    text = _SUFFIX.sub(r" \1", text.strip(" \t,;:—–-"))
    cut = _ET_AL.search(text)
    names = _names((text[: cut.start()] if cut else text).strip(" ,;"), cut)
    if not names:
        return None
    return (*names, ET_AL) if cut else tuple(names)


def _names(text: str, cut: re.Match[str] | None) -> list[str] | None:
    people = [part for half in _AND.split(text) for part in half.split(";")]
    commas = [person.count(",") for person in people]
    if ";" in text or (set(commas) == {1} and (len(people) > 1 or (cut is not None and "others" in cut[0]))):
        return _all([_reversed(person.split(",")) if "," in person else _in_order(person) for person in people])
    chunks = [chunk.strip() for person in people for chunk in person.split(",") if chunk.strip()]
    cut_after_comma = cut is not None and cut["comma"] is not None
    return (
        _surnames(chunks, cut_after_comma)
        or _all([_in_order(chunk) for chunk in chunks])
        or _all([_initials_last(chunk) for chunk in chunks])
        or _pairs(chunks)
        or _first_reversed(chunks)
    )


def _surnames(chunks: Sequence[str], cut_after_comma: bool) -> list[str] | None:
    if not all(_is_surname(chunk) for chunk in chunks):
        return None
    if len(chunks) == 2 and cut_after_comma and all(_is_word(chunk) for chunk in chunks):
        return [f"{chunks[1]} {chunks[0]}"]  # "Vaswani, Ashish, et al.", as the Modern Language Association has it
    return list(chunks)


def _pairs(chunks: Sequence[str]) -> list[str] | None:
    pairs = list(zip(chunks[::2], chunks[1::2], strict=False))
    if len(chunks) % 2 or not all(_is_initials(initials) for _, initials in pairs):
        return None
    return _all([_reversed(pair) for pair in pairs])


def _first_reversed(chunks: Sequence[str]) -> list[str] | None:
    if len(chunks) < 2 or (len(chunks) == 2 and not any(map(_is_initials, chunks[1].split()))):
        return None
    return _all([_reversed(chunks[:2]), *(_in_order(chunk) for chunk in chunks[2:])])


def _all(names: list[str | None]) -> list[str] | None:
    known = [name for name in names if name is not None]
    return known if len(known) == len(names) else None


def _reversed(parts: Sequence[str]) -> str | None:
    family, given = (part.strip() for part in parts) if len(parts) == 2 else ("", "")
    words = given.split()
    initial = next((place for place, word in enumerate(words) if _is_initial(word)), len(words))
    title = any(map(_is_word, words[initial:]))  # "Ba, J. Adam" is a name and the start of a title
    fits = _is_family(family) and 0 < len(words) < LONGEST_NAME and _are_given(words) and not title
    return f"{_spaced(given)} {family}" if fits else None


def _in_order(text: str) -> str | None:
    """`Ashish Vaswani`, `A. N. Gomez`, `Aaron van den Oord`: given names, then one family name."""
    words = text.split()
    start = next((place for place, word in enumerate(words) if word in PARTICLES), len(words) - 1)
    if words and words[-1] in ("Jr", "Sr", "II", "III", "IV"):
        start = min(start, len(words) - 2)
    if start < 1 or len(words) > LONGEST_NAME or not _is_family(" ".join(words[start:])):
        return None
    return f"{_spaced(' '.join(words[:start]))} {' '.join(words[start:])}" if _are_given(words[:start]) else None


def _initials_last(text: str) -> str | None:
    """`Gomez AN`, as the Vancouver style has it."""
    family, _, initials = text.rpartition(" ")
    if not _is_initials(initials) or not _is_family(family):
        return None
    letters = re.findall(r"[^\W\d_]", initials)
    return f"{' '.join(f'{letter}.' for letter in letters)} {family}"


def _is_surname(text: str) -> bool:
    words = text.split()
    return bool(words) and _is_word(words[-1]) and all(word in PARTICLES for word in words[:-1])


def _is_family(text: str) -> bool:
    words = text.split()
    if len(words) > 1 and words[-1] in ("Jr", "Sr", "II", "III", "IV"):
        words.pop()
    return 0 < len(words) < 5 and _is_word(words[-1]) and all(word in PARTICLES or _is_word(word) for word in words)


def _is_word(word: str) -> bool:
    if not _WORD.fullmatch(word) or word in _NO_NAMES or len(word) < 2:
        return False
    bare = re.sub(r"^[dl]['’]", "", word)
    return bare[0].isupper() and not bare.isupper()


def _are_given(words: Sequence[str]) -> bool:
    """Nothing but initials follows a middle initial: `Graves A. Neural Turing` is a name and the start of a title."""
    middle = next((place for place, word in enumerate(words) if place and _is_initial(word)), len(words))
    return all(_is_word(word) or _is_initial(word) for word in words) and all(map(_is_initial, words[middle:]))


def _is_initials(text: str) -> bool:
    words = text.split()
    return 0 < len(words) < 5 and all(map(_is_initial, words))


def _is_initial(word: str) -> bool:
    return _INITIALS.fullmatch(word) is not None and word.isupper() and (len(word) < 4 or not word.isalpha())


def _spaced(given: str) -> str:
    """Write `A.N` as `A. N.`, so that one person has one spelling."""
    given = re.sub(r"(?<=\b[^\W\d_])\.?(?=\s|$)", ".", " ".join(given.split()))
    return re.sub(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_]\b)", " ", given)
