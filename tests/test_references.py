"""Recognizing the paper's references in every style, and calling a work by a short name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from site_builder.references import Reference, Work, recognize, short_citation
from site_builder.references.work import ET_AL, split_name

TABLE = yaml.safe_load((Path(__file__).parent / "data" / "references.yaml").read_text(encoding="utf-8"))


def work(*authors: str, **fields: Any) -> Work:
    return Work(authors, **{"title": "", "venue": "", "year": None, "doi": "", "arxiv": "", "url": ""} | fields)


def expected(entry: dict[str, Any]) -> Work:
    return work(*entry["authors"], **{name: value for name, value in entry.items() if name not in ("authors", "text")})


WORKS = [expected(entry) for entry in TABLE]
by_title = pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry["title"][:30])


@by_title
def test_the_references_of_the_paper_are_read_exactly(entry: dict[str, Any]) -> None:
    """Each of the paper's 32 references, and the paper: authors, title, venue, year, identifier are right."""
    assert recognize(entry["text"]) == expected(entry)


@by_title
@pytest.mark.parametrize(
    "around", ["*{}*", "**{}**", "_{}_", '"{}"', "“{}”", "“*{}*”", "[{}](https://example.org/paper)", "=={}=="]
)
def test_markup_around_the_title_changes_nothing(entry: dict[str, Any], around: str) -> None:
    """With the title in italics, in bold, in quotes, highlighted or as a link, the same work is read."""
    read = recognize(entry["text"].replace(entry["title"], around.format(entry["title"])))
    url = "https://example.org/paper" if "example" in around else ""
    assert read == expected(entry | {"url": url})


def initials_first(names: list[str]) -> str:
    return ", ".join(f"A. B. {name}" for name in names[:-1]) + f", and A. B. {names[-1]}"


def initials_after(names: list[str]) -> str:
    return ", ".join(f"{name}, A. B." for name in names[:-1]) + f", & {names[-1]}, A. B."


def vancouver(names: list[str]) -> str:
    return ", ".join(f"{name} AB" for name in names)


def given_names(names: list[str]) -> str:
    return " and ".join(f"{name}, Ada B." for name in names)


STYLES = {
    "ieee": (initials_first, "{authors}, “{title},” {venue}, {year}."),
    "acl": (initials_first, "{authors}. {year}. {title}. In *{venue}*."),
    "plain": (initials_first, "{authors}. {title}. In {venue}, {year}."),
    "apa": (initials_after, "{authors} ({year}). {title}. *{venue}*."),
    "springer": (initials_after, "{authors}: {title}. In: {venue} ({year})"),
    "vancouver": (vancouver, "{authors}. {title}. {venue}. {year}."),
    "bibtex": (given_names, "{authors}. *{title}*. {venue}, {year}."),
    "title first": (initials_first, "*{title}*, by {authors}. {venue} {year}."),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("index", range(len(WORKS)))
def test_the_styles_of_bibliographies_say_the_same(style: str, index: int) -> None:
    """Each reference, written in the styles that journals use, gives the same title, venue and year, and all names."""
    known = WORKS[index]
    names = [name for name in known.authors if name != ET_AL]
    if len(names) < 2:
        names.append("Hinton")
    write, form = STYLES[style]
    venue = known.venue or "Journal of Machine Learning Research"
    title = known.title.rstrip("?")
    read = recognize(form.format(authors=write(names), title=title, venue=venue, year=known.year))
    given = "Ada B." if write is given_names else "A. B."
    assert read == work(*(f"{given} {name}" for name in names), title=title, venue=venue, year=known.year)


@pytest.mark.parametrize(
    ("author", "given", "family"),
    [
        ("Ba", "", "Ba"),
        ("A. N. Gomez", "A. N.", "Gomez"),
        ("Aaron van den Oord", "Aaron", "van den Oord"),
        ("van den Oord", "", "van den Oord"),
        ("Cicero dos Santos", "Cicero", "dos Santos"),
        ("Guy L. Steele Jr.", "Guy L.", "Steele Jr."),
    ],
)
def test_a_family_name_keeps_its_particles(author: str, given: str, family: str) -> None:
    """Names are parted before their particles, and before a last name with its suffix."""
    assert split_name(author) == (given, family)


@pytest.mark.parametrize(
    ("cited", "short"),
    [
        (work("A. Vaswani", "N. Shazeer", "N. Parmar", year=2017), "Vaswani et al. 2017"),
        (work("A. Vaswani", ET_AL, year=2017), "Vaswani et al. 2017"),
        (work("Diederik P. Kingma", "Jimmy Ba", year=2015), "Kingma and Ba 2015"),
        (work("Aaron van den Oord", year=2016), "van den Oord 2016"),
        (work("Chollet"), "Chollet"),
        (work(title="Attention", year=2017), "Attention 2017"),
        (work(arxiv="1706.03762"), "arXiv:1706.03762"),
        (work(doi="10.1000/182"), "10.1000/182"),
    ],
)
def test_a_short_citation_names_at_most_two_authors(cited: Work, short: str) -> None:
    """One name, two names with "and", more with "et al."; a work without authors is called by what it has."""
    assert short_citation(cited) == short
    assert Reference("x", cited).work is cited
