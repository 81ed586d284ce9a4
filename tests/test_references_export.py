"""The bibliography as files for other tools: BibTeX as pybtex reads it, CSL JSON as its schema asks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pybtex.database import BibliographyData, Entry, parse_string
from pybtex.richtext import Text

from site_builder.references import Reference, Work, merge, to_bibtex, to_csl_json
from site_builder.references.bibtex import Entry as BibEntry
from site_builder.references.bibtex import read_bibtex
from site_builder.references.work import ET_AL
from tests.test_references import WORKS, work

REFERENCES = tuple(merge(WORKS).values())
PAPER = work(
    "Ashish Vaswani", "Noam Shazeer", title="Attention Is All You Need", venue="NIPS", year=2017, arxiv="1706.03762"
)  # fmt: skip

_MACROS = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", r"\&": "&", r"\%": "%", r"\$": "$", r"\#": "#", r"\_": "_",
}  # fmt: skip


def typeset(latex: str) -> str:
    """What LaTeX prints for a field: each macro its character, grouping braces nothing."""
    return re.sub(r"\\text\w+\{\}|\\[&%$#_]|[{}]", lambda macro: _MACROS.get(macro[0], ""), latex)


def parsed(references: list[Reference] | tuple[Reference, ...]) -> BibliographyData:
    return parse_string(to_bibtex(references), "bibtex")


def authors(entry: Entry) -> list[str]:
    people = entry.persons.get("author", [])
    names = [[*p.first_names, *p.middle_names, *p.prelast_names, *p.last_names] for p in people]
    return [ET_AL if name == ["others"] else typeset(" ".join(name)) for name in names]


def test_the_references_of_the_paper_parse_back_from_bibtex() -> None:
    """pybtex reads all 33 entries back: keys in order, authors, title, year and identifier of each equal."""
    data = parsed(REFERENCES)
    assert list(data.entries) == sorted(reference.id for reference in REFERENCES)
    for reference in REFERENCES:
        entry, cited = data.entries[reference.id], reference.work
        assert authors(entry) == list(cited.authors)
        assert str(Text.from_latex(entry.fields["title"])) == cited.title
        assert (int(entry.fields["year"]), entry.fields.get("eprint", "")) == (cited.year, cited.arxiv)
        venue = entry.fields.get("journal", entry.fields.get("booktitle", ""))
        issue = " {volume}({number})".format(**entry.fields) if "volume" in entry.fields else ""
        assert venue + issue == cited.venue


@pytest.mark.parametrize(
    ("venue", "parts"),
    [
        ("Neural Computation 9(8)", ("Neural Computation", "9", "8")),
        ("IEEE Transactions, 45 (11-12)", ("IEEE Transactions", "45", "11-12")),
        ("JMLR", ("JMLR", None, None)),
        ("Nature 521", ("Nature 521", None, None)),
        ("9(8)", ("9(8)", None, None)),
    ],
)
def test_a_journal_s_volume_and_number_are_fields_of_their_own(
    venue: str, parts: tuple[str, str | None, str | None]
) -> None:
    """And the notes' own reader of .bib files makes the venue of them again."""
    reference = Reference("key", work("Ba", title="T", venue=venue, year=1997))
    fields = parsed([reference]).entries["key"].fields
    assert (fields.get("journal", fields.get("booktitle")), fields.get("volume"), fields.get("number")) == parts
    (item,) = json.loads(to_csl_json([reference]))
    assert (item["container-title"], item.get("volume"), item.get("issue")) == parts
    (entry,) = read_bibtex(to_bibtex([reference]))
    assert isinstance(entry, BibEntry)
    assert entry.work.venue.replace(",", "").replace(" (", "(") == venue.replace(",", "").replace(" (", "(")


def test_an_entry_of_bibtex_reads_well() -> None:
    """An entry has its fields one a line, names with the family first, and a title that keeps its capitals."""
    assert to_bibtex([Reference("vaswani-2017-attention", PAPER)]) == (
        "@inproceedings{vaswani-2017-attention,\n"
        "  author = {Vaswani, Ashish and Shazeer, Noam},\n"
        "  title = {{Attention Is All You Need}},\n"
        "  booktitle = {NIPS},\n"
        "  year = {2017},\n"
        "  eprint = {1706.03762},\n"
        "  archiveprefix = {arXiv},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("cited", "bibtex", "csl"),
    [
        (work("Ba", title="T", venue="Neural Computation 9(8)", year=1997), "article", "article-journal"),
        (work("Ba", title="T", venue="JMLR 15(1)", year=2014), "article", "article-journal"),
        (work("Ba", title="T", venue="CVPR", year=2016), "inproceedings", "paper-conference"),
        (work("Ba", title="T", arxiv="1607.06450", year=2016), "misc", "article"),
        (work("Ba", title="T", year=2001), "misc", "document"),
    ],
)
def test_the_kind_of_a_work_follows_from_its_venue(cited: Work, bibtex: str, csl: str) -> None:
    """Journals are articles, other venues proceedings, preprints and the rest what each format has for them."""
    reference = Reference("x", cited)
    assert parsed([reference]).entries["x"].type == bibtex
    assert json.loads(to_csl_json([reference]))[0]["type"] == csl


@pytest.mark.parametrize(
    ("author", "last", "von"),
    [("Aaron van den Oord", ["Oord"], ["van", "den"]), ("Cicero dos Santos", ["Santos"], ["dos"]), ("Ba", ["Ba"], [])],
)
def test_particles_are_von_parts_in_bibtex(author: str, last: list[str], von: list[str]) -> None:
    """pybtex finds particles where BibTeX wants them, so that styles sort by the family name."""
    (person,) = parsed([Reference("x", work(author, title="T"))]).entries["x"].persons["author"]
    assert (person.last_names, person.prelast_names) == (last, von)


def test_a_list_that_was_cut_short_ends_in_others() -> None:
    """ "et al." is BibTeX's `and others`, and the literal name "others" in CSL JSON."""
    reference = Reference("x", work("Wu", ET_AL, title="T"))
    assert "author = {Wu and others}" in to_bibtex([reference])
    assert json.loads(to_csl_json([reference]))[0]["author"] == [{"family": "Wu"}, {"literal": "others"}]


def test_csl_json_has_what_citation_tools_need() -> None:
    """An item of CSL JSON has id, type, names in two parts, title, container, date, archive and address."""
    assert json.loads(to_csl_json([Reference("vaswani-2017-attention", PAPER)])) == [
        {
            "id": "vaswani-2017-attention",
            "type": "paper-conference",
            "author": [{"family": "Vaswani", "given": "Ashish"}, {"family": "Shazeer", "given": "Noam"}],
            "title": "Attention Is All You Need",
            "container-title": "NIPS",
            "issued": {"date-parts": [[2017]]},
            "archive": "arXiv",
            "archive_location": "1706.03762",
            "URL": "https://arxiv.org/abs/1706.03762",
        }
    ]


def test_the_files_do_not_depend_on_the_order() -> None:
    """Both files are equal byte for byte when the references come in another order."""
    backwards = REFERENCES[::-1]
    assert to_bibtex(backwards) == to_bibtex(REFERENCES)
    assert to_csl_json(backwards) == to_csl_json(REFERENCES)


awkward = st.text(st.sampled_from("aB é注{}\\\"'#$%&_^~@,=\n\t.-"), max_size=12) | st.text(max_size=12)
name = awkward.filter(lambda text: text.strip()) | st.sampled_from(
    ["and", "others", "A and B", "van", "B. van den Oord", ET_AL]
)
anything = st.builds(
    Work,
    st.lists(name, max_size=3).map(tuple),
    awkward,
    awkward,
    st.none() | st.integers(1500, 2099),
    awkward,
    awkward,
    awkward,
)


ENCODED = {ord(char): f"%{ord(char):02X}" for char in "{}\\"}


def spaced(text: str) -> str:
    return " ".join(text.split())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(anything, max_size=4))
def test_any_works_parse_back_from_both_files(cited: list[Work]) -> None:
    """Whatever the fields hold, braces and backslashes included, every entry comes back with its words only."""
    references = [Reference(f"key-{number}", each) for number, each in enumerate(cited)]
    data = parsed(references)
    items: list[dict[str, Any]] = json.loads(to_csl_json(references))
    assert list(data.entries) == [item["id"] for item in items] == [reference.id for reference in references]
    for entry, item, each in zip(data.entries.values(), items, cited, strict=True):
        assert [spaced(author) for author in authors(entry)] == [spaced(author) for author in each.authors]
        assert spaced(typeset(entry.fields.get("title", ""))) == spaced(each.title)
        assert entry.fields.get("doi", "") == "".join(each.doi.split()).translate(ENCODED)
        assert item.get("title", "") == each.title
        assert len(item.get("author", [])) == len(each.authors)
        assert set(item) <= {
            "id", "type", "author", "title", "container-title", "issued", "DOI", "archive", "archive_location", "URL",
            "volume", "issue",
        }  # fmt: skip
