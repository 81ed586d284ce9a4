"""One reference for each work, however many citations spell it how they like. Knows nothing of how they were read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from rapidfuzz import fuzz, process

from site_builder.references.slugs import SMALL_WORDS, assign_ids, normalized
from site_builder.references.work import ET_AL, Reference, Work, split_name

SAME_TITLE = 90.0
"""The least RapidFuzz ratio, of 100, at which two titles of one year are the same; tests/test_references_merge.py holds
pairs on both sides of it."""

SAME_AUTHOR = 70.0
"""The least ratio at which two first authors are not known to be two people."""

Group: TypeAlias = list[Work]
Signature: TypeAlias = tuple[int | None, str, str, str, str]
T = TypeVar("T")


def merge(works: Iterable[Work]) -> Mapping[Work, Reference]:
    """Map each work to the reference it is: same DOI, same arXiv id, or same title and year.

    Of each field the fullest value is kept. Neither the order of the works nor merging again changes the result.
    """
    counts = Counter(works)
    groups = [[work] for work in sorted(counts, key=_order)]
    while True:
        merged = [_fullest(group, counts) for group in groups]
        joined = _join(groups, merged)
        if len(joined) == len(groups):
            break
        groups = joined
    ids = assign_ids(merged)
    references = {work: Reference(ids[work], work) for work in merged}
    return {work: references[whole] for whole, group in zip(merged, groups, strict=True) for work in group}


def _order(work: Work) -> tuple[Any, ...]:
    return work.year is not None, work.year or 0, work.title, work.authors, work.venue, work.doi, work.arxiv, work.url


def _join(groups: Sequence[Group], merged: Sequence[Work]) -> list[Group]:
    """Unite the groups whose works are the same, directly or through others."""
    leaders = list(range(len(groups)))

    def leader(place: int) -> int:
        while leaders[place] != place:
            leaders[place] = place = leaders[leaders[place]]
        return place

    for first, second in _same(merged):
        low, high = sorted((leader(first), leader(second)))
        leaders[high] = low
    united: defaultdict[int, Group] = defaultdict(list)
    for place, group in enumerate(groups):
        united[leader(place)] += group
    return list(united.values())


def _same(works: Sequence[Work]) -> Iterator[tuple[int, int]]:
    """Yield enough pairs of places to join all works that are the same."""
    by_doi = _blocks(works, lambda work: [_doi(work)] if work.doi else [])
    by_arxiv = _blocks(works, lambda work: [_arxiv(work)] if work.arxiv else [])
    signed = _blocks(works, lambda work: [_signature(work)] if work.year is not None and normalized(work.title) else [])
    for places in (*by_doi.values(), *by_arxiv.values(), *signed.values()):
        yield from ((places[0], place) for place in places[1:])
    alone = [works[places[0]] for places in signed.values()]
    for block in _blocks(alone, _title_keys).values():
        for one, other in _similar([alone[place] for place in block]):
            yield signed[_signature(one)][0], signed[_signature(other)][0]


def _doi(work: Work) -> str:
    return work.doi.lower()


def _arxiv(work: Work) -> str:
    return re.sub(r"v\d+$", "", work.arxiv.lower())


def _signature(work: Work) -> Signature:
    """Everything by which works of one year are compared: two works with one signature are the same."""
    first_author = normalized(split_name(work.authors[0]).family) if work.authors else ""
    return work.year, normalized(work.title), first_author, _doi(work), _arxiv(work)


def _blocks(works: Sequence[Work], keys: Callable[[Work], Iterable[T]]) -> dict[T, list[int]]:
    blocks: defaultdict[T, list[int]] = defaultdict(list)
    for place, work in enumerate(works):
        for key in keys(work):
            blocks[key].append(place)
    return blocks


def _title_keys(work: Work) -> list[tuple[int | None, str, str]]:
    """Only titles of one year that share their first word, last word or all initials are compared."""
    words = normalized(work.title).split()
    words = [word for word in words if word not in SMALL_WORDS] or words
    initials = "".join(word[0] for word in words)
    return [(work.year, "first", words[0]), (work.year, "last", words[-1]), (work.year, "initials", initials)]


def _similar(works: Sequence[Work]) -> Iterator[tuple[Work, Work]]:
    """Compare the titles of a block; only those of like length can be alike."""
    ordered = sorted(works, key=lambda work: (len(normalized(work.title)), _order(work)))
    titles = [normalized(work.title) for work in ordered]
    lengths = [len(title) for title in titles]
    for place, title in enumerate(titles):
        end = bisect_right(lengths, lengths[place] * (200 - SAME_TITLE) / SAME_TITLE)
        near = process.extract(title, titles[place + 1 : end], scorer=fuzz.ratio, score_cutoff=SAME_TITLE, limit=None)
        for like, _, distance in near:
            other = ordered[place + 1 + distance]
            if _decisive(title) == _decisive(like) and not _conflict(ordered[place], other):
                yield ordered[place], other


def _conflict(one: Work, other: Work) -> bool:
    """Whether two works of like title are known to be two: other identifiers, or another first author."""
    _, _, author, doi, arxiv = _signature(one)
    _, _, other_author, other_doi, other_arxiv = _signature(other)
    strangers = bool(author and other_author) and fuzz.ratio(author, other_author) < SAME_AUTHOR
    return strangers or _differ(doi, other_doi) or _differ(arxiv, other_arxiv)


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and one != other


def _decisive(title: str) -> list[str]:
    """Return the words that make another work however like the titles are: numbers and negations."""
    return re.findall(r"\d+|\b(?:not|no|never|without|ii|iii|iv|v|vi)\b|\bi$", title)


def _fullest(group: Group, counts: Counter[Work]) -> Work:
    """Keep of each field the fullest value; the year is the one that stands with the venue."""
    venue = _best(group, counts, lambda work: work.venue, _words)
    dated = [work for work in group if work.year is not None]
    published = [work for work in dated if work.venue == venue] or dated
    return Work(
        _best(group, counts, lambda work: work.authors, _names),
        _best(group, counts, lambda work: work.title, _words),
        venue,
        _best(published, counts, lambda work: work.year, lambda _: 0) if published else None,
        _best(group, counts, lambda work: work.doi, bool),
        _best(group, counts, lambda work: work.arxiv, bool),
        _best(group, counts, lambda work: work.url, bool),
    )


def _best(group: Group, counts: Counter[Work], field: Callable[[Work], T], fullness: Callable[[T], Any]) -> T:
    """Return the fullest value of a field; among equals the commonest, then the longest."""
    votes: Counter[T] = Counter()
    for work in group:
        votes[field(work)] += counts[work]
    return max(votes, key=lambda value: (fullness(value), votes[value], len(str(value)), value))


def _words(text: str) -> int:
    return len(text.split())


def _names(authors: tuple[str, ...]) -> tuple[int, bool, int]:
    return len(authors), ET_AL not in authors, sum(map(len, authors))
