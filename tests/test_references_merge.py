"""Citations of one work become one reference, with an id that lasts."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from site_builder.references import Reference, Work, merge
from site_builder.references.merge import SAME_TITLE
from site_builder.references.slugs import normalized
from site_builder.references.work import ET_AL
from tests.test_references import WORKS, work

PAPER = WORKS[-1]
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def references(works: list[Work]) -> list[Reference]:
    return sorted(set(merge(works).values()), key=lambda reference: reference.id)


def test_the_references_of_the_paper_are_33_with_readable_ids() -> None:
    """The paper and its 32 references stay apart, and their ids are first author, year and first word of the title."""
    found = {reference.id: reference.work for reference in references(WORKS)}
    assert sorted(found.values(), key=repr) == sorted(WORKS, key=repr)
    assert {"chollet-2016-xception", "kingma-2015-adam", "he-2016-deep"} < set(found)
    assert found["vaswani-2017-attention"] == PAPER
    assert all(re.fullmatch(r"[a-z]+-\d{4}-[a-z]+", id_) for id_ in found)


SAME = [
    ("Attention is all you need", "Attention Is All You Need."),
    ("Attention is all you need", "Atention is all you need"),
    ("Attention is all you need", "Attention is all you needs"),
    ("Long short-term memory", "Long Short Term Memory"),
    ("Neural GPUs learn algorithms", "Neural GPU's learn algorithms"),
    ("Naïve Bayes at forty", "Naive Bayes at Forty"),
    ("Modeling sequences with attention", "Modelling sequences with attention"),
]
DIFFERENT = [
    ("Attention is all you need", "Attention is not all you need"),
    ("Sequence to sequence learning with neural networks", "Convolutional sequence to sequence learning"),
    ("Deep learning, part 1", "Deep learning, part 2"),
    ("Learning to translate I", "Learning to translate II"),
    ("Language models", "Language modules for robots"),
    ("Word vectors", "World records"),
    ("Layer normalization", "Batch normalization"),
    ("Attention is all you need", "Memory is all you need"),
    ("Recurrent language models", "Recurrent image models"),
    ("Neural machine translation in linear time", "Neural machine translation in quadratic time"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_titles_that_differ_in_spelling_are_one(one: str, other: str) -> None:
    """Case, accents, hyphens and slips of the pen do not make another work of the same year."""
    assert fuzz.ratio(normalized(one), normalized(other)) >= SAME_TITLE
    assert len(references([work("Ba", title=one, year=2016), work("Ba", title=other, year=2016)])) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_titles_that_differ_in_sense_are_two(one: str, other: str) -> None:
    """Another word or another number makes another work."""
    assert len(references([work("Ba", title=one, year=2016), work("Ba", title=other, year=2016)])) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"year": 2016}, {"year": 2017}),
        ({"arxiv": "1706.03762"}, {"arxiv": "1706.03763"}),
        ({"doi": "10.1000/1"}, {"doi": "10.1000/2"}),
        ({"authors": ("J. Ba",)}, {"authors": ("N. Shazeer",)}),
    ],
)
def test_a_known_difference_keeps_works_of_one_title_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Another year, identifier or first author is another work, though the titles are equal."""
    base = work("Ba", title="Layer normalization", year=2016)
    assert len(references([replace(base, **one), replace(base, **other)])) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"arxiv": "1706.03762"}, {"arxiv": "1706.03762v5"}),
        ({"arxiv": "cmp-lg/9407021"}, {"arxiv": "CMP-LG/9407021v1"}),
        ({"doi": "10.1000/AbC"}, {"doi": "10.1000/abc"}),
    ],
)
def test_one_identifier_is_one_work(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same DOI in any case, or the same arXiv id in any version, is the same work whatever else is said."""
    assert (
        len(references([work("Ba", title="One", year=2016, **one), work("Cho", title="Two", year=2017, **other)])) == 1
    )


def test_of_each_field_the_fullest_is_kept() -> None:
    """From three meager citations of one work comes a full one; the year is the one that stands with the venue."""
    found = references(
        [
            work("Vaswani", ET_AL, title="Attention", arxiv="1706.03762", year=2016),
            work(
                "A. Vaswani",
                "N. Shazeer",
                title="Attention is all you need",
                arxiv="1706.03762",
                doi="10.1000/1",
                year=2016,
            ),
            work(title="Attention is all", venue="NIPS", year=2017, doi="10.1000/1", url="https://example.org"),
        ]
    )
    assert [reference.work for reference in found] == [
        Work(
            ("A. Vaswani", "N. Shazeer"),
            "Attention is all you need",
            "NIPS",
            2017,
            "10.1000/1",
            "1706.03762",
            "https://example.org",
        )
    ]


def misspelled(title: str, dice: random.Random) -> str:
    place = dice.randrange(len(title))
    without, with_more = title[:place] + title[place + 1 :], title[:place] + "x" + title[place:]
    return dice.choice([title.upper(), title.title(), without, with_more])


def test_a_thousand_notes_that_cite_one_work_in_forty_spellings_cite_one_reference() -> None:
    """Of 1,000 citations in 40 spellings, slips in any word included, comes one reference with the known id."""
    dice = random.Random(7)
    titles = [misspelled(PAPER.title, dice) for _ in range(39)]
    spellings = [
        replace(PAPER, title=title, arxiv="", authors=PAPER.authors[: 1 + i % 8]) for i, title in enumerate(titles)
    ]
    found = references([dice.choice([PAPER, *spellings]) for _ in range(1000)])
    assert [reference.id for reference in found] == ["vaswani-2017-attention"]
    assert found[0].work.authors == PAPER.authors


def test_the_work_of_merging_grows_with_the_number_of_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 works take fewer than 4,000 comparisons of titles, where every pair would be 8 million; 5,000 venues of one
    title take none at all."""
    compared = 0
    extract = process.extract

    def counting(title: str, others: list[str], **options: Any) -> Any:
        nonlocal compared
        compared += len(others)
        return extract(title, others, **options)

    monkeypatch.setattr(process, "extract", counting)
    dice = random.Random(7)
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(2000)]

    def comparisons(number: int) -> int:
        nonlocal compared
        compared = 0
        titles = [" ".join(dice.choices(words, k=6)) for _ in range(number)]
        assert len(references([work("Ba", title=title, year=dice.randrange(2000, 2020)) for title in titles])) == number
        return compared

    assert comparisons(4000) < 4000
    assert len(references([replace(PAPER, venue=f"Venue {number}") for number in range(5000)])) == 1


works = st.builds(
    Work,
    authors=st.sampled_from([(), ("Ba",), ("J. Ba", "Kiros"), ("Vaswani", ET_AL)]),
    title=st.sampled_from(
        ["", "Layer normalization", "Layer normalisation", "Attention", "Attention is", "注意力", "—"]
    ),
    venue=st.sampled_from(["", "NIPS", "Neural Computation 9(8)"]),
    year=st.sampled_from([None, 2016, 2017]),
    doi=st.sampled_from(["", "10.1000/A", "10.1000/a", "10.1000/b"]),
    arxiv=st.sampled_from(["", "1706.03762", "1706.03762v2", "1607.06450"]),
    url=st.sampled_from(["", "https://example.org"]),
)


@unhurried
@given(st.lists(works, max_size=12), st.randoms())
def test_merging_does_not_depend_on_the_order(cited: list[Work], dice: random.Random) -> None:
    """However the citations are ordered, each belongs to the same reference, and they are listed alike."""
    shuffled = dice.sample(cited, len(cited))
    assert list(merge(cited).items()) == list(merge(shuffled).items())


@unhurried
@given(st.lists(works, max_size=12))
def test_merging_again_changes_nothing(cited: list[Work]) -> None:
    """Merging what was merged gives the same references with the same ids, each to itself."""
    once = references(cited)
    assert references([reference.work for reference in once]) == once


@unhurried
@given(st.lists(works, max_size=12))
def test_every_citation_has_its_reference_and_ids_are_unique(cited: list[Work]) -> None:
    """Each work has a reference, no two references share an id, and an id is fit for an address and for BibTeX."""
    merged = merge(cited)
    assert set(merged) == set(cited)
    found = set(merged.values())
    assert len({reference.id.casefold() for reference in found}) == len(found)
    assert all(re.fullmatch(r"[\w-]+", reference.id) and reference.id == reference.id.lower() for reference in found)


def test_another_work_leaves_the_ids_as_they_are() -> None:
    """An id lasts when other works are added; a namesake of the same year gets more words of its title."""
    before = {reference.work: reference.id for reference in references(WORKS)}
    newcomer = work("Vaswani", title="Attention is not enough", year=2017, arxiv="1712.00001")
    after = {reference.work: reference.id for reference in references([*WORKS, newcomer])}
    assert after.pop(newcomer) == "vaswani-2017-attention-not"
    assert after == before


@pytest.mark.parametrize(
    ("cited", "id_"),
    [
        (work("Aaron van den Oord", title="WaveNet: a generative model", year=2016), "van-den-oord-2016-wavenet"),
        (work("Søren Ångström", title="On the “Émigré”", year=1999), "angstrom-1999-emigre"),
        (work(title="The Annotated Transformer", year=2018), "2018-annotated-transformer"),
        (work(arxiv="1706.03762"), "arxiv-1706-03762"),
        (work(doi="10.1000/182"), "doi-10-1000-182"),
        (work("李", title="注意力", year=2020), "李-2020-注意力"),
        (work("../..", title="../../etc", year=2020), "2020-etc"),
    ],
)
def test_ids_are_made_of_what_is_known(cited: Work, id_: str) -> None:
    """Particles, accents, missing authors, bare identifiers and other scripts give an id that reads well."""
    assert [reference.id for reference in references([cited])] == [id_]
