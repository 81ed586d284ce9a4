"""Literate cases: a section of tests/cases/*.md is a tiny vault and what it must become. Knows no pytest.

A section holds files (a path in backquotes and a colon, then a fenced block) and expectations (`diagnostics:`,
`edges:`, `addresses:`, ``body of `path`:``, ``contents of `path`:``, each before a fenced block). What is not asked
for is not checked, but diagnostics that a section does not mention must be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.names import NoteId, SitePath
from site_builder.project import Project
from site_builder.reporting import render
from site_builder.settings import Settings
from site_builder.site import Page, Site, TocEntry

_BLOCK = re.compile(
    r"^(?P<label>[^\n]+):\n+(?P<fence>`{3,})[^\n]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_BODY = '<div class="note-body">\n'


@dataclass(frozen=True)
class Block:
    """A labelled fence: a file of the vault, or an expectation. `start` and `end` bound its text in the case file."""

    label: str
    text: str
    start: int
    end: int

    @property
    def file(self) -> str:
        """The path that the label names, if the block is a file of the vault."""
        found = re.fullmatch(r"`([^`]+)`", self.label)
        return found[1] if found else ""


@dataclass(frozen=True)
class Case:
    """One section: one behaviour."""

    path: Path
    line: int
    title: str
    blocks: tuple[Block, ...]


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the sections of a case file."""
    text = path.read_text(encoding="utf-8")
    fences = [(found.start(), found.end()) for found in _BLOCK.finditer(text)]
    heads = [
        head
        for head in re.finditer(r"^## (.+)$", text, re.MULTILINE)
        if not any(a < head.start() < b for a, b in fences)
    ]
    for head, end in zip(heads, [*(each.start() for each in heads[1:]), len(text)], strict=True):
        blocks = tuple(
            Block(found["label"].strip(), found["text"], found.start("text"), found.end("text"))
            for found in _BLOCK.finditer(text, head.end(), end)
        )
        yield Case(path, text.count("\n", 0, head.start()) + 1, head[1], blocks)


def run_case(case: Case, folder: Path, cache: Cache) -> list[tuple[Block, str]]:
    """Compile a case's vault; return each expectation with what really came."""
    vault = folder / "vault"
    vault.mkdir(parents=True)
    for block in case.blocks:
        if block.file:
            target = vault / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8", newline="")
    site = compile_site(Project(folder, vault, "Case", Settings()), cache, run=False)
    expected = [block for block in case.blocks if not block.file]
    if not any(block.label == "diagnostics" for block in expected):
        expected.append(Block("diagnostics", "", -1, -1))
    return [(block, _actual(block.label, site)) for block in expected]


def _actual(label: str, site: Site) -> str:
    about = re.fullmatch(r"(\w+) of `([^`]*)`", label)
    match about[1] if about else label:
        case "diagnostics":
            text = render(site.diagnostics, "full")
            return f"{text.rstrip()}\n" if text.strip() else ""
        case "edges":
            return "".join(
                f"{e.path}:{e.line}:{e.column} {e.type.value} {e.target.removeprefix('note:')}\n"
                for e in site.graph.edges
            )
        case "addresses":
            return "".join(_addresses(site))
        case "body":
            return _body(_page(about[2] if about else "", site))
        case "page":
            return _page(about[2] if about else "", site).html
        case "contents":
            return "".join(_contents(_page(about[2] if about else "", site).toc, 0))
        case _:
            raise ValueError(f"a case cannot expect {label!r}")


def _addresses(site: Site) -> Iterator[str]:
    """The pages of notes, and the addresses that lead on to them."""
    for page in site.pages:
        if page.note:
            yield f"{page.path} {page.note}\n"
    for path, content in site.files.items():
        found = re.search(r'<link rel="canonical" href="([^"]*)">', content) if isinstance(content, str) else None
        if found:
            yield f"{path.removesuffix('index.html')} -> {found[1]}\n"


def _page(name: str, site: Site) -> Page:
    return next(page for page in site.pages if page.note == NoteId(name) or page.path == SitePath(name))  # type: ignore[arg-type]


def _body(page: Page) -> str:
    inner = page.html.partition(_BODY)[2].partition('<section class="wt-section')[0]
    return inner.removesuffix("</div>\n")


def _contents(entries: tuple[TocEntry, ...], depth: int) -> Iterator[str]:
    for entry in entries:
        yield f"{'  ' * depth}{entry.html} #{entry.anchor}\n"
        yield from _contents(entry.children, depth + 1)


def update(case: Case, changes: Mapping[str, str]) -> None:
    """Write what really came, by label, into a case's file, as the file is now. Not for several processes at once."""
    text = case.path.read_text(encoding="utf-8")
    present = next(each for each in read_cases(case.path) if each.title == case.title)
    for block in reversed(present.blocks):
        if block.label in changes:
            text = text[: block.start] + changes[block.label] + text[block.end :]
    case.path.write_text(text, encoding="utf-8")
