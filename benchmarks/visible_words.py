"""An oracle for "a page shows its note's words": both sides read by means of their own. Knows nothing of the compiler.

From a note's source and from its page's HTML, it takes the letters and digits that a reader sees, in order, and says
which lines of the source are not on the page and what on the page is in no line of the source. What is set by other
means than words (formulas, and notes embedded in the note) is left out on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")
_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(`{3,}|~{3,})([^`\n]*)$")
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?)+")
_PREFIX = re.compile(r"^(?:[ \t]*(?:>|[-*+](?=\s|$)|\d{1,9}[.)](?=\s|$)|\[[^\]\n]\](?=\s)))*")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_INLINE = (
    (re.compile(r"(?<!\\)\$\$.*?\$\$", re.DOTALL), "\n"),
    (re.compile(r"(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=[^\s\\])\$(?!\d)"), ""),
    (re.compile(r"!\[\[[^\[\]\n]*\]\]"), "\n"),
    (re.compile(r"!\[[^\]\n]*\]\((?:<[^>\n]*>|[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)"), ""),
    (re.compile(r"\[\[[^\[\]|\n]+\\?\|([^\[\]\n]+)\]\]"), r"\1"),
    (re.compile(r"\]\((?:<[^>\n]*>|[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)"), "]"),
    (re.compile(r"\[\^[^\]\n]+\]:?"), ""),
    (re.compile(r"^[ \t>]*\[[^\]\n]+\]:[ \t]+\S+.*$", re.MULTILINE), ""),
    (re.compile(r"(?:^|(?<=\s))\^[A-Za-z0-9-]+[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^([ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)*)>[ \t]*\[!([^\]|\n]+)(?:\|[^\]\n]*)?\][+-]?[ \t]*$",
                re.MULTILINE), r"\1> \2"),
    (re.compile(r"\[![^\]\n]+\][+-]?(?=\s+\S)"), ""),
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"<(script|style|iframe|object|embed)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE), ""),
    (re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s+[^<>]*)?/?>"), ""),
)  # fmt: skip
_LEFT_OUT = frozenset(("math", "embed", "headerlink", "footnote-backref", "footnote-ref", "claim-verdict", "linenos"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_SHORT = 6  # letters: a shorter line is found only close to where it must be
_NEAR = 400


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of a note's words is not on its page, what moved (footnotes do), and what the page has besides."""

    words: int
    missing: tuple[str, ...]
    moved: int
    added: str


def compare(source: str, page: str) -> Comparison:
    """Compare a note's source with its page."""
    lines = [line for line in visible_lines(source) if letters(line)]
    shown = letters(visible_text(page))
    taken: list[tuple[int, int]] = []
    missing: list[str] = []
    moved = position = 0
    for line in lines:
        wanted = letters(line)
        limit = position + _NEAR if len(wanted) <= _SHORT else len(shown)
        found = shown.find(wanted, position, limit)
        if found < 0:
            found = shown.find(wanted)
            if found < 0:
                missing.append(line.strip())
                continue
            moved += 1
        else:
            position = found + len(wanted)
        taken.append((found, found + len(wanted)))
    words = sum(len(line.split()) for line in lines)
    return Comparison(words, tuple(missing), moved, _rest(shown, taken))


def letters(text: str) -> str:
    """Return a text's letters and digits alone."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text).casefold()))


def visible_lines(source: str) -> list[str]:
    """Return a note's lines as a reader sees them: without properties, comments and markup."""
    text = _FRONT.sub("", source.replace("\r\n", "\n").replace("\r", "\n"), count=1)
    kept: list[str] = []

    def keep(code: str) -> str:
        kept.append(code)
        return f"\x00{len(kept) - 1}\x00"

    text = _hide_fences(text, keep)
    text = _CODE.sub(lambda found: keep(found[2]), text)
    text = re.sub(r"(?<!\\)%%.*?(?:%%|\Z)", "", text, flags=re.DOTALL)
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    text = unescape(text)
    lines = [_PREFIX.sub("", line) for line in text.split("\n")]
    shown = re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], "\n".join(lines))
    return shown.split("\n")


def _hide_fences(text: str, keep: Callable[[str], str]) -> str:
    out: list[str] = []
    code: list[str] = []
    fence = ""
    for line in text.split("\n"):
        inside = _QUOTED.sub("", line) if fence else line
        found = _FENCE.match(line)
        if fence and found and found[1].startswith(fence) and not found[2].strip():
            out.append(keep("\n".join(code)))
            fence, code = "", []
        elif fence:
            code.append(inside)
        elif found:
            fence = found[1]
        else:
            out.append(line)
    return "\n".join([*out, *([keep("\n".join(code))] if fence else [])])


def visible_text(page: str) -> str:
    """Return the text of a page's title, if it is the note's own heading, and of its note's body."""
    reader = _Reader()
    reader.feed(page)
    return "".join(reader.text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.depth = 0
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        classes = (names.get("class") or "").split()
        body = "note-body" in classes or (tag == "h1" and "id" in names)
        if tag in _VOID or not (self.depth or body):
            return
        self.depth += 1
        if self.hidden or not _LEFT_OUT.isdisjoint(classes) or tag in ("style", "script", "figcaption"):
            self.hidden += 1
        self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.depth:
            return
        self.depth -= 1
        self.hidden -= bool(self.hidden)

    def handle_data(self, data: str) -> None:
        if self.depth and not self.hidden:
            self.text.append(data)


def _rest(text: str, taken: list[tuple[int, int]]) -> str:
    rest, position = [], 0
    for first, end in sorted(taken):
        if first > position:
            rest.append(text[position:first])
        position = max(position, end)
    return " … ".join([*rest, *([text[position:]] if position < len(text) else [])])
