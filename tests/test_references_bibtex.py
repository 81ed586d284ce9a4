"""Reading .bib files: what the exporter writes is read back equal, and no text makes the reader raise."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.references import Reference, merge, to_bibtex
from site_builder.references.bibtex import BrokenEntry, Entry, read_bibtex
from site_builder.references.work import ET_AL, Work
from tests.test_references import WORKS

_REFERENCES = tuple(merge(WORKS).values())


def _entries(text: str) -> list[Entry]:
    found = list(read_bibtex(text))
    assert not [each for each in found if isinstance(each, BrokenEntry)], found
    return [each for each in found if isinstance(each, Entry)]


def test_what_is_exported_is_read_back_equal() -> None:
    """The 33 works of the paper's table, written as BibTeX and read again, are the same works under the same keys."""
    read = {entry.key: entry.work for entry in _entries(to_bibtex(_REFERENCES))}
    assert read == {reference.id: reference.work for reference in _REFERENCES}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (r"author = {M{\"u}ller, J{\'e}r{\^o}me and {\O}rsted, Hans}", {"authors": ("Jérôme Müller", "Hans Ørsted")}),
        ("author = {van den Oord, Aaron and others}", {"authors": ("Aaron van den Oord", ET_AL)}),
        ("editor = {Jane Doe}", {"authors": ("Jane Doe",)}),
        ("title = {{BERT}: Training of {Deep}  Models}", {"title": "BERT: Training of Deep Models"}),
        (r"title = {A {\&} B~C -- 100\%}", {"title": "A & B C – 100%"}),
        ("journal = {arXiv preprint arXiv:1706.03762v5}", {"arxiv": "1706.03762", "venue": ""}),
        ("eprint = {1706.03762}, eprinttype = {arxiv}", {"arxiv": "1706.03762"}),
        ("url = {https://arxiv.org/abs/1706.03762}", {"arxiv": "1706.03762", "url": ""}),
        ("doi = {https://doi.org/10.1162/neco.1997.9.8.1735}", {"doi": "10.1162/neco.1997.9.8.1735"}),
        ("url = {https://example.org/a_b}", {"url": "https://example.org/a_b"}),
        ("date = {2016-07-21}", {"year": 2016}),
        ("year = {in press}", {"year": None}),
        ("month = jan, year = 2001, booktitle = \"Proc. \" # \"NIPS\"", {"year": 2001, "venue": "Proc. NIPS"}),
    ],
)  # fmt: skip
def test_fields_are_read_as_their_writers_mean_them(fields: str, expected: dict[str, object]) -> None:
    """Names, LaTeX letters, identifiers wherever they stand, and dates."""
    (entry,) = _entries(f"@misc{{key,\n  {fields}\n}}")
    assert {name: getattr(entry.work, name) for name in expected} == expected


def test_an_entry_that_is_broken_is_placed() -> None:
    """The entries around it are read; it says where it begins."""
    text = "words\n@misc{a, year = 2001}\n@misc{b, year 2002}\n@misc{c, year = 2003}\n"
    found = list(read_bibtex(text))
    assert [getattr(each, "key", None) for each in found] == ["a", None, "c"]
    assert text[found[1].start :].startswith("@misc{b")


_PIECES = st.sampled_from(
    ["@misc{", "@string{", "}", "{", ",", "=", '"', "key", "title", "year", "2017", "\\", " ", "\n@", "#", "é", "$"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    """Every entry found begins with an at sign where it says."""
    for each in read_bibtex(text):
        assert text[each.start :].lstrip().startswith("@")
        assert isinstance(each, BrokenEntry) or isinstance(each.work, Work)


def test_an_exported_work_keeps_its_key() -> None:
    """A key that the exporter made can be cited."""
    assert [entry.key for entry in _entries(to_bibtex([Reference("a-2017-b", WORKS[0])]))] == ["a-2017-b"]
