"""Random notes and vaults for property tests, biased to the characters that mean something; and their compilation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import strategies as st

from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.names import FilePath, NoteId
from site_builder.note import Note, SourceFile
from site_builder.parse import parse_note
from site_builder.project import Project
from site_builder.settings import Settings
from site_builder.site import Page, Site
from site_builder.text import Source

_MARKS = [*"[]!|#^$%=*_~>-+:`\\&.1 \t\n\raBé漢🙂\x1a", "\r\n", "\n\n", "    ", "  "]
_PIECES = [
    "[[", "]]", "![[", "$$", "%%", "==", "**", "~~", "> ", "- ", "1. ", "```\n", "~~~\n", "[^1]", "[^1]: ", "[^É]: é\n",
    "[[Alpha]]", "[[beta#h|d]]", "![[Alpha]]", "![[Beta#^id]]", "![[i.png|30]]", "[x](Alpha.md)", "![x|20](i.png)",
    "> [!note]- T\n", "> > [!tip|m] \n", "| a | b |\n", "| - | - |\n", "# h\n", "## h ^id\n", "## References\n",
    " ^id\n", "#t/é", "https://a.b/(c)", "- [x] ", "- [/] ", "---\n", "===\n", "---\ntitle: x\n---\n", "[a]: b\n",
    "&amp;", "word ", "^[", "^[n *m*] ", "]", "%%\n", "$x$", "`c`", "<b>",
    "$$\n", "$$\n- a\n\n", "> $$\n> + ", "US$5 ", "\n+ ", "\x1b", "\x1c", "[[x|y|z]]", "[5, 2]",
]  # fmt: skip

texts = st.lists(st.sampled_from([*_MARKS, *_PIECES]), max_size=30).map("".join) | st.text(max_size=40)
"""Any text, mostly of the language's own characters."""

without_html = texts.filter(lambda text: "<" not in text)
names = st.sampled_from(["Alpha", "Beta", "x/Alpha", "x/Beta", "x/y/Gamma", "y/Alpha", "Älpha", "alpha beta"]).map(
    lambda name: f"{name}.md"
)
vaults = st.dictionaries(names, without_html, min_size=1, max_size=6)


def parse(text: str, name: str = "Alpha.md") -> Note:
    """Parse a text as the note of a name."""
    return parse_note(SourceFile(NoteId(FilePath(name)), Source(name, text), ""))


def compile_files(files: Mapping[str, str | bytes], **settings: object) -> Site:
    """Compile a vault of a few files, without a cache on disk."""
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        for name, content in files.items():
            path = vault / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        cache = Cache(None)
        try:
            return compile_site(Project(Path(folder), vault, "Test", Settings(**settings)), cache, run=False)  # type: ignore[arg-type]
        finally:
            cache.close()


def page_of(site: Site, note: str) -> Page:
    """Return a note's page."""
    return next(page for page in site.pages if page.note == note)


class Balance(HTMLParser):
    """Reads HTML and notes what is opened and not closed, or closed and not opened, and ids given twice."""

    _VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.faults: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.opened]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        identifier = dict(attrs).get("id")
        if identifier is not None and identifier in self.ids:
            self.faults.append(f"id {identifier!r} is given twice")
        self.ids.add(identifier or "")
        if tag not in self._VOID:
            self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self._VOID:
            self.opened.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.opened and self.opened[-1] == tag:
            self.opened.pop()
        else:
            self.faults.append(f"</{tag}> closes {self.opened[-3:]}")
