"""The YAML at the top of a note. Knows nothing of the note's body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import yaml

from site_builder.diagnostics import Diagnostic
from site_builder.note import Properties
from site_builder.parse.markdown import split_text
from site_builder.parse.problems import BROKEN_PROPERTIES
from site_builder.text import Source, Span

_BLOCK = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"^([^\s#:\[\]{}\"'-][^:\n]*?|\"[^\"\n]+\"|'[^'\n]+'):(?=\s|$)", re.MULTILINE)
_BARE_LINKS = re.compile(
    r"^(\s*(?:-|[^\s#:][^:\n]*:)[ \t]+)(\[\[[^\]\n]+\]\](?:,[ \t]*\[\[[^\]\n]+\]\])*)[ \t]*(?=\r?$)", re.MULTILINE
)
_HIDING = re.compile(r"^(?:publish:[ \t]*[\"']?(?:false|no|off)|draft:[ \t]*[\"']?(?:true|yes|on))\b", re.M | re.I)
_NESTING = ("[", "{", "- ", "? ")
_DEPTH_LIMIT = 100
_SHORT = 4000  # characters in which indents alone cannot nest so deep
_SIZE_LIMIT = 10_000
_NONE = Properties({}, {}, 0)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads plain values as Obsidian does, by YAML 1.2: a date, a time, `yes` and `007` are text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


def read_properties(source: Source) -> tuple[Properties, tuple[Diagnostic, ...]]:
    """Read a note's properties; broken YAML is a diagnostic and no properties."""
    block = _BLOCK.match(source.text) if source.text.startswith("---") else None
    if block is None:
        return _NONE, ()
    end = len(block[0].encode())
    try:
        values = _load(block[1])
    except yaml.YAMLError as error:
        hidden = {"publish": False} if _HIDING.search(block[1]) else {}
        return Properties(hidden, {}, end), (_diagnose(source, block.start(1), error),)
    keys = list(_key_spans(block[1], len(source.text[: block.start(1)].encode())))
    return Properties(values, dict(keys), end), tuple(_twice(source, keys))


def _load(text: str) -> Mapping[str, Any]:
    text = _BARE_LINKS.sub(r'\1"\2"', text)  # `requires: [[A]], [[B]]` is what people write, and no YAML
    if len(text) > _SHORT or sum(map(text.count, _NESTING)) > _DEPTH_LIMIT:
        _limit_depth(text)
    try:
        values = yaml.load(text, _Loader)
    except (ValueError, LookupError, AttributeError) as error:  # what PyYAML raises for `!!int x`
        raise yaml.YAMLError("a value is not of the type it claims") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise yaml.YAMLError("expected lines of the form `name: value`")
    if "*" in text:
        _limit_size(values)
    return {str(name): value for name, value in values.items()}


def _limit_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_LIMIT:
            raise yaml.YAMLError(f"values in values, more than {_DEPTH_LIMIT} deep")


def _limit_size(values: Any) -> None:
    """Count values as often as YAML's aliases repeat them, so that a small file cannot become a huge value."""
    pending, size = [values], 0
    while pending:
        value = pending.pop()
        size += 1
        if size > _SIZE_LIMIT:
            raise yaml.YAMLError(f"aliases of YAML make more than {_SIZE_LIMIT:,} values")
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list | tuple):
            pending += value


def _key_spans(text: str, base: int) -> Iterator[tuple[str, Span]]:
    keys = list(_KEY.finditer(text))
    starts = [*(key.start() for key in keys), len(text)]
    properties = split_text(("text", text, base, base), pairwise(starts))
    for key, (_, lines, start, _) in zip(keys, (each for each in properties if each[0] == "cut"), strict=True):
        yield key[1].strip("\"' "), Span(start, start + len(lines.rstrip().encode()))


def _twice(source: Source, keys: list[tuple[str, Span]]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for name, span in keys:
        if name in seen:
            message = f"property `{name}` is given twice, and the last one counts"
            yield Diagnostic(BROKEN_PROPERTIES, source, span, message, "keep one of them")
        seen.add(name)


def _diagnose(source: Source, first: int, error: yaml.YAMLError) -> Diagnostic:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    first_line = source.text.count("\n", 0, first) + 1
    line = min(first_line + (mark.line if mark else 0), source.text.count("\n") + 1)
    hint = "quote a value that holds `:`, `[`, `{`, `#` or a quotation mark" if mark else None
    return Diagnostic(BROKEN_PROPERTIES, source, source.line_span(line), f"properties are no YAML: {problem}", hint)
