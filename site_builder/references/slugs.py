"""Ids of references: `vaswani-2017-attention`. Knows nothing of what makes two works the same."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from site_builder.references.work import Work, split_name

_UNTOLD = "a an and are as at by for from in is it of on or the to via with"
SMALL_WORDS = frozenset(_UNTOLD.split())
_LONGEST_WORD = 40
_UNADORNED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def assign_ids(works: Iterable[Work]) -> Mapping[Work, str]:
    """Give each work an id of its own, made from its first author, year and title alone where that is enough.

    Of several works with one id, the one with the lowest identifier keeps it, and the others get more words of their
    titles: another work in the vault rarely changes an id.
    """
    namesakes: defaultdict[str, list[Work]] = defaultdict(list)
    for work in works:
        namesakes[next(_candidates(work))].append(work)
    ids: dict[Work, str] = {}
    for candidate in namesakes:
        namesakes[candidate].sort(key=lambda work: (not work.arxiv, work.arxiv, not work.doi, work.doi, repr(work)))
        ids[namesakes[candidate][0]] = candidate
    used = set(namesakes)
    for candidate in sorted(namesakes):
        for work in namesakes[candidate][1:]:
            ids[work] = next(free for free in _candidates(work) if free not in used)
            used.add(ids[work])
    return ids


def _candidates(work: Work) -> Iterator[str]:
    """Yield ids for a work, the shortest first, then with more words of its title, then numbered."""
    family = _slug(split_name(work.authors[0]).family) if work.authors else ""
    year = str(work.year) if work.year is not None else ""
    words = [word for word in map(_slug, normalized(work.title).split()) if word]
    words = [word for word in words if word not in SMALL_WORDS] or words
    words = words or [_slug(f"arxiv {work.arxiv}" if work.arxiv else f"doi {work.doi}" if work.doi else "work")]
    for count in range(1 if family else min(3, len(words)), len(words) + 1):
        yield "-".join(part for part in (family, year, *words[:count]) if part)
    for number in itertools.count(2):
        yield "-".join(part for part in (family, year, *words, str(number)) if part)


def _slug(text: str) -> str:
    """Return Latin letters, digits and hyphens; letters of other scripts stay as they are."""
    words = re.findall(r"[^\W_]+", normalized(text).translate(_UNADORNED))
    return "-".join(words)[:_LONGEST_WORD].strip("-")


@lru_cache(maxsize=65536)
def normalized(text: str) -> str:
    """Return words without case, accents and punctuation."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", plain))
