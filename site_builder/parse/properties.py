"""The YAML at the top of a note. Knows nothing of the note's body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import yaml

from site_builder.diagnostics import Diagnostic
from site_builder.note import Properties
from site_builder.parse.markdown import split_text
from site_builder.parse.problems import BROKEN_PROPERTIES
from site_builder.parse.yaml_faults import explain, quoted
from site_builder.parse.yaml_values import Key, Loaded, load
from site_builder.text import Source, Span

_BLOCK = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_KNOWN = r"(?:title|alias(?:es)?|tags?|publish|draft|css-?class(?:es)?|description|date|permalink)[ \t]*:(?:\s|\Z)"
_LATE = re.compile(rf"\s+?^(---)[ \t]*\r?\n(?={_KNOWN})(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE | re.I)
_OPEN = re.compile(rf"(---)[ \t]*\r?\n(?={_KNOWN})((?:.*\S.*(?:\n|\Z))+)", re.I)
_TEXTS = frozenset(("title", "description", "permalink", "redirect_from", "aliases", "alias", "tags", "tag"))
_HIDING = re.compile(
    r"""^\s*["']?(?:publish["']?\s*:\s*["']?(?:false|no|off)|draft["']?\s*:\s*["']?(?:true|yes|on))\b""", re.M | re.I
)
_NONE = Properties({}, {}, 0)


def read_properties(source: Source) -> tuple[Properties, tuple[Diagnostic, ...]]:
    """Read a note's properties; broken YAML is a diagnostic and no properties."""
    block = _BLOCK.match(source.text) if source.text.startswith("---") else None
    if block is None:
        return _misplaced(source)
    end = len(block[0].encode())
    try:
        loaded = load(block[1])
    except yaml.YAMLError as error:
        fault = explain(block[1], error)
        span = _span(source, block.start(1) + fault.start, block.start(1) + fault.end)
        message = f"properties are no YAML: {fault.message}"
        return _withheld(block[1], end), (Diagnostic(BROKEN_PROPERTIES, source, span, message, fault.hint),)
    return Properties(loaded.values, _spans(source, block, loaded), end), tuple(_lost(source, block.start(1), loaded))


def _misplaced(source: Source) -> tuple[Properties, tuple[Diagnostic, ...]]:
    """Find what is meant to be properties, but is text to Obsidian."""
    if not source.text[:1].isspace() and not source.text.startswith("---"):
        return _NONE, ()
    late = _LATE.match(source.text)
    found = late or _OPEN.match(source.text)
    if not found:
        return _NONE, ()
    message = "properties begin on the first line" if late else "nothing closes the properties"
    hint = "delete the empty lines above" if late else "write `---` on a line of its own below them"
    faults = (Diagnostic(BROKEN_PROPERTIES, source, _span(source, *found.span(1)), message, hint),)
    return _withheld(found[2], 0), faults


def _withheld(text: str, end: int) -> Properties:
    """Return no properties, but keep a note unpublished that seems to say so: a fault must not publish it."""
    return Properties({"publish": False} if _HIDING.search(text) else {}, {}, end)


def _span(source: Source, start: int, end: int) -> Span:
    first = len(source.text[:start].encode())
    return Span(first, first + len(source.text[start:end].encode()))


def _spans(source: Source, block: re.Match[str], loaded: Loaded) -> dict[str, Span]:
    """Return the lines of each property."""
    text, base = block[1], len(source.text[: block.start(1)].encode())
    starts = [*(key.start for key in loaded.keys), len(text)]
    pieces = [piece for piece in split_text(("text", text, base, base), pairwise(starts)) if piece[0] == "cut"]
    return {
        key.name: Span(start, start + len(lines.rstrip().encode()))
        for key, (_, lines, start, _) in zip(loaded.keys, pieces, strict=True)
    }


def _lost(source: Source, first: int, loaded: Loaded) -> Iterator[Diagnostic]:
    """Yield what an author wrote and no value holds."""

    def tell(key: Key, message: str, hint: str) -> Diagnostic:
        span = _span(source, first + key.start, first + key.end)
        return Diagnostic(BROKEN_PROPERTIES, source, span, message, hint)

    for key in loaded.repeated:
        yield tell(key, f"property `{key.name}` is given twice, and the last one counts", "keep one of them")
    texts = [key for key in loaded.keys if key.name.lower() in _TEXTS]
    for pair in loaded.pairs:
        name = next((key.name for key in texts if key.start < pair.start < key.end), None)
        if name:
            text = quoted(source.text[first + pair.start : first + pair.end])
            yield tell(pair, f"a name and a value where `{name}` has texts", f"if it is one text, write `{text}`")
    for comment in loaded.comments:
        yield tell(comment, "`#` begins a comment, so that there is no value", "leave `#` out, or quote the value")
