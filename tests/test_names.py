"""Names: files of the vault, addresses of the site, places on a page."""

from __future__ import annotations

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.names import (
    Anchor,
    FilePath,
    NoteId,
    SitePath,
    comparable,
    folder,
    front_page,
    heading_key,
    relative_url,
    site_paths,
    slug,
    stem,
    unique_anchor,
)

_segments = st.text(alphabet="aB 1-é漢🙂#?%&.'", min_size=1, max_size=6).filter(lambda part: part.strip(" ."))
_paths = st.lists(_segments, min_size=1, max_size=3).map(lambda parts: NoteId(FilePath("/".join(parts) + ".md")))
_addresses = st.lists(st.text(alphabet="abé漢-1", min_size=1, max_size=4), max_size=4).map(
    lambda parts: SitePath("".join(f"{part}/" for part in parts))
)


def test_a_file_has_a_stem_and_a_folder() -> None:
    """A note's name is its file's, without folder and extension; dots within it stay."""
    assert (stem(FilePath("a/b/v1.2 Notes.md")), folder(FilePath("a/b/v1.2 Notes.md"))) == ("v1.2 Notes", "a/b")
    assert folder(FilePath("Note.md")) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Self-Attention", "self-attention"),
        ("Schro\u0308dinger", "SCHRÖDINGER"),
        ("My\u00a0Note", "my note"),
        ("Note .md", "note.md"),
        ("Note ", "note"),
    ],
)
def test_names_are_compared_as_obsidian_does(one: str, other: str) -> None:
    """Case, the two ways to write a letter, no-break spaces and spaces at the end make no difference."""
    assert comparable(one) == comparable(other)


def test_different_names_stay_different() -> None:
    """Hyphens, accents and spaces within a name make a difference."""
    assert len({comparable(name) for name in ("a-b", "a b", "ab", "äb", "a  b")}) == 5


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("What is C++?", "what is c"),
        ("A: B & C", "a b c"),
        ("  many   spaces ", "many spaces"),
        ("*Scaled* **dot**", "scaled dot"),
        ("`code` | $x^2$", "code x 2"),
    ],
)
def test_headings_are_compared_by_their_words(heading: str, written: str) -> None:
    """Special characters become spaces and runs of spaces one."""
    assert heading_key(heading) == written


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (["index.md", "README.md", "Home.md"], "index.md"),
        (["readme.md", "Home.md"], "readme.md"),
        (["HOME.md", "a/index.md"], "HOME.md"),
        (["a/index.md", "b.md"], None),
    ],
)
def test_the_front_page_is_index_readme_or_home_at_the_root(notes: list[str], expected: str | None) -> None:
    """In that order, whatever their case; a folder's own index is not the site's."""
    assert front_page([NoteId(FilePath(note)) for note in notes]) == expected


@given(st.lists(_paths, unique=True, max_size=8))
def test_every_note_has_an_address_of_its_own(notes: list[NoteId]) -> None:
    """Whatever the file names, no two notes share an address, and all but the front page's end in a slash."""
    paths = site_paths(notes, (SitePath("graph/"),))
    assert set(paths) == set(notes)
    assert len(set(paths.values())) == len(notes)
    assert all(path == "" or (path.endswith("/") and "//" not in path and path != "graph/") for path in paths.values())


def test_a_folder_s_own_note_is_the_folder_s_page() -> None:
    """`topic/README.md` is the page of `topic/`, unless a note of that name has it."""
    notes = [NoteId(FilePath(path)) for path in ("topic/README.md", "other/index.md", "other.md")]
    assert site_paths(notes) == {notes[0]: "topic/", notes[1]: "other-2/", notes[2]: "other/"}


def test_no_page_is_where_a_file_is_nor_below_it() -> None:
    """A folder of a page cannot be made there."""
    notes = [NoteId(FilePath(path)) for path in ("License.md", "License/a/b.md", "x.md")]
    files = {"license", "license-2/a", "x.md"}
    paths = site_paths(notes, asked={notes[2]: SitePath("license/x/")}, files=files)
    assert paths == {notes[0]: "license-2/", notes[1]: "license-2/a-2/b/", notes[2]: "x/"}


@given(_addresses, _addresses, st.sampled_from(["", "part", "^id", "über", "a b"]))
def test_a_relative_address_leads_where_it_should(page: str, target: str, anchor: str) -> None:
    """A browser on one page that follows the link arrives at the other, wherever the site stands."""
    base = "https://example.org/deep/site/"
    arrived = urlsplit(urljoin(base + page, relative_url(SitePath(page), SitePath(target), Anchor(anchor))))
    assert unquote(arrived.path) == f"/deep/site/{target}"
    assert unquote(arrived.fragment) == anchor


@given(st.lists(st.sampled_from(["a", "a-1", "a-2", "", "b", "section"]), max_size=12))
def test_anchors_are_never_given_twice(wanted: list[str]) -> None:
    """The first of a name keeps it, the others are numbered, and a name that looks numbered is respected."""
    used: dict[str, int] = {}
    given_out = [unique_anchor(each, used) for each in wanted]
    assert len(set(given_out)) == len(wanted)
    assert all(anchor for anchor in given_out)


def test_slugs_keep_letters_of_every_script() -> None:
    """Words are joined by hyphens, in lower case; punctuation is dropped."""
    assert [slug("Über 漢字!"), slug("Q & A"), slug("?!")] == ["über-漢字", "q--a", ""]
