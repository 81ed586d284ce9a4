"""The kinds of name, and the only conversions between them: a file of the vault, an address, a place on a page."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NewType
from urllib.parse import quote

from pymdownx.slugs import slugify

FilePath = NewType("FilePath", str)
"""A file's path below the vault, with forward slashes: `Attention/figure.png`."""

NoteId = NewType("NoteId", FilePath)
"""The file path of a note: `Attention/Self-Attention.md`."""

SitePath = NewType("SitePath", str)
"""An address below the site's root; a page's ends with a slash, the front page is the empty string."""

Anchor = NewType("Anchor", str)
"""The id of an element on a page; empty for the page itself."""

TOP = Anchor("")
SECTION_ANCHORS = (
    "run", "code", "checks", "demonstration", "overview", "reading-paths",
    "connections", "backlinks", "related-notes", "unlinked-mentions", "references",
)  # fmt: skip
"""The ids of what stands below a note on its page: no heading of the note may have one of them."""
FRONT_PAGE_NAMES = ("index", "readme", "home")

_slugify = slugify(case="lower")
_NOT_IN_HEADING_KEY = re.compile(r"""[\s!"#$%&'()*+,.:;<=>?@^_`{|}~/\[\]\\\u2018\u2019\u201c\u201d]+""")


def stem(path: FilePath) -> str:
    """Return a file's name without folder and extension, as links name a note."""
    return posixpath.splitext(posixpath.basename(path))[0]


def folder(path: FilePath) -> str:
    """Return the folder of a file; empty at the root."""
    return posixpath.dirname(path)


@lru_cache(maxsize=65536)
def slug(text: str) -> str:
    """Return text as a part of an address: lower case, words joined by hyphens, possibly empty."""
    return str(_slugify(text, "-"))


def composed(name: str) -> str:
    """Return a name in NFC, with no-break spaces as spaces, so that equal names are equal texts."""
    return name if name.isascii() else unicodedata.normalize("NFC", name.replace("\u00a0", " "))


@lru_cache(maxsize=65536)
def comparable(name: str) -> str:
    """Return a name as links compare it: NFC, no-break spaces as spaces, without case and without spaces at its end."""
    name = composed(name).lower().rstrip(" ")
    return name.removesuffix(".md").rstrip(" ") + ".md" if name.endswith(" .md") else name


@lru_cache(maxsize=65536)
def heading_key(text: str) -> str:
    """Return a heading as `#Heading` links compare it: special characters to spaces, runs to one, without case."""
    return _NOT_IN_HEADING_KEY.sub(" ", comparable(text)).strip()


def front_page(notes: Collection[NoteId]) -> NoteId | None:
    """Return the note that is the site's front page: index, README or Home at the root, in that order."""
    at_root = {comparable(stem(note)): note for note in sorted(notes, reverse=True) if "/" not in note}
    return next((at_root[name] for name in FRONT_PAGE_NAMES if name in at_root), None)


def site_paths(
    notes: Iterable[NoteId],
    taken: Iterable[SitePath] = (),
    asked: Mapping[NoteId, SitePath] | None = None,
    files: Collection[str] = (),
) -> Mapping[NoteId, SitePath]:
    """Give each note an address of its own: its path, slugged; `-2`, `-3` where two would meet.

    A note has the address `asked` for it if nothing else has it; of two that ask for one, the first by path. No page
    is where one of the site's `files` is.
    """
    ordered = sorted(notes)
    front = front_page(ordered)
    used: set[str] = set(taken)
    paths: dict[NoteId, SitePath] = {front: SitePath("")} if front else {}
    for note, address in sorted((asked or {}).items()):
        if note not in paths and address not in used and not is_below_file(address, files):
            paths[note] = address
            used.add(address)
    for note in ordered:
        if note not in paths:
            paths[note] = _free(page_address(note), used, files)
            used.add(paths[note])
    return {note: paths[note] for note in ordered}


def page_address(note: NoteId) -> str:
    """Return the address that a note's path gives it, without the last slash."""
    parts = [*folder(note).split("/"), stem(note)]
    if comparable(parts[-1]) in ("index", "readme") and parts[0]:
        parts.pop()  # a folder's own note is the folder's page, as in MkDocs
    return "/".join(slug(part) or _encoded(part) for part in parts if part)


def _encoded(part: str) -> str:
    return "-".join(f"{ord(char):x}" for char in part)


def is_below_file(address: SitePath, files: Collection[str]) -> bool:
    """Whether a file stands where a page of this address would have its folder."""
    parts = address.rstrip("/").split("/")
    return any("/".join(parts[:count]) in files for count in range(1, len(parts) + 1))


def _free(address: str, used: set[str], files: Collection[str]) -> SitePath:
    folder, _, last = address.rpartition("/")
    if folder and is_below_file(SitePath(folder), files):
        folder = _free(folder, set(), files).rstrip("/")  # `license` and `License/x.md` can stand in one vault
    address = f"{folder}/{last}" if folder else last
    candidate, number = f"{address}/", 2
    while candidate in used or candidate.rstrip("/") in files:
        candidate, number = f"{address}-{number}/", number + 1
    return SitePath(candidate)


@lru_cache(maxsize=65536)
def relative_url(page: SitePath, target: SitePath, anchor: Anchor = TOP) -> str:
    """Return the link from a page to an address, relative, so that the site works under any path."""
    if target == page:
        return f"#{quote_anchor(anchor)}" if anchor else "./"
    url = "../" * page.count("/") + quote_path(target) or "./"
    return f"{url}#{quote_anchor(anchor)}" if anchor else url


@lru_cache(maxsize=65536)
def quote_path(path: SitePath) -> str:
    return quote(path)


def quote_anchor(anchor: Anchor) -> str:
    return quote(anchor, safe="^:-._~!$&'()*+,;=@/?")


def unique_anchor(wanted: str, used: dict[str, int]) -> Anchor:
    """Return an anchor not yet on the page, and note it as used.

    `used` holds the number to try next for each anchor, so that many headings of one name cost no more than others.
    """
    candidate = base = wanted or "section"
    number = used.get(base, 1)
    while candidate in used:
        candidate, number = f"{base}-{number}", number + 1
    used[base] = number
    used.setdefault(candidate, 1)
    return Anchor(candidate)
