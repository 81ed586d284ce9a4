"""YAML to values, as Obsidian reads it. Knows nothing of notes, nor of what any property means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import yaml

_BARE_LINKS = re.compile(
    r"^(\s*(?:-|[^\s#:][^:\n]*:)[ \t]+)(\[\[[^\]\n]+\]\](?:,[ \t]*\[\[[^\]\n]+\]\])*)[ \t]*(?=\r?$)", re.MULTILINE
)
_MASK = "\ufdd0"  # no character: it stands for one of a link
_COMMENT = re.compile(r"[ \t]+(#[^\s#][^\r\n]*)")
_NESTING = ("[", "{", "- ", "? ")
_DEPTH_LIMIT = 100
_SHORT = 4000  # characters in which indents alone cannot nest so deep
_SIZE_LIMIT = 10_000
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufdd0\ufffe\uffff]")
"""What libyaml refuses or takes for the end of a line, and YAML 1.2 does not."""


@dataclass(frozen=True, slots=True)
class Key:
    """The name of a property; it and its value are the characters `start` up to, not with, `end`."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Loaded:
    """What YAML says: the values, the names at its top in order, and what may be meant otherwise.

    `pairs` are names and values in a list or another value, `comments` stand in the place of a value.
    """

    values: Mapping[str, Any]
    keys: list[Key] = field(default_factory=list)
    repeated: list[Key] = field(default_factory=list)
    pairs: list[Key] = field(default_factory=list)
    comments: list[Key] = field(default_factory=list)


class NoProperties(yaml.YAMLError):
    """Good YAML, but not of names and values."""


def load(text: str) -> Loaded:
    """Read YAML.

    Raises yaml.YAMLError when it cannot be read, when it is something else than a mapping, or when it is nested
    deeper, or made larger by aliases, than any note needs.
    """
    text = _UNREADABLE.sub(" ", text)
    try:
        return _load(text, text, ())
    except yaml.YAMLError:
        links = [found.span(2) for found in _BARE_LINKS.finditer(text)]
        if not links:
            raise
    return _load(_BARE_LINKS.sub(_masked, text), text, links)  # `requires: [[A]], [[B]]` is no YAML, but is written


def _masked(found: re.Match[str]) -> str:
    return f'{found[1]}"{_MASK * (len(found[2]) - 2)}"{found[0][found.end(2) - found.start() :]}'


def _load(text: str, written: str, masked: Sequence[tuple[int, int]]) -> Loaded:
    if len(text) > _SHORT or sum(map(text.count, _NESTING)) > _DEPTH_LIMIT:
        _limit_depth(text)
    loader = _Loader(text)
    loader.written, loader.masked = written, masked
    loader.loaded = loaded = Loaded({})
    try:
        root = loader.get_single_node()
        if root is None:
            return loaded
        if not isinstance(root, yaml.MappingNode) or _is_field(root):
            raise NoProperties
        loaded.values = loader.construct_document(root)
        loaded.keys = [_key(loader, name, value) for name, value in root.value]
    finally:
        loader.dispose()
    if "*" in text:
        _limit_size(loaded.values, {loader.name(name): name for name, _ in root.value})
    return loaded


def _key(loader: _Loader, name: yaml.Node, value: yaml.Node) -> Key:
    start, end = name.start_mark.index, max(name.end_mark.index, value.end_mark.index)
    return Key(loader.name(name), start, start + len(loader.written[start:end].rstrip()))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads plain values as Obsidian does, by YAML 1.2: a date, a time, `yes` and `007` are text.

    Names keep their spelling, and so do `[[links]]` and the `{{fields}}` of templates, which YAML takes for lists of
    lists and for mappings of mappings. `written` is the text, as long as what is read, and `masked` where they differ.
    """

    written: str
    masked: Sequence[tuple[int, int]]
    loaded: Loaded
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
    yaml_constructors: ClassVar[dict[str | None, Any]] = {}

    def name(self, node: yaml.Node) -> str:
        """Return a name as it is written, whatever YAML makes of it."""
        return str(node.value) if isinstance(node, yaml.ScalarNode) else self.slice(node)

    def slice(self, node: yaml.Node) -> str:
        return self.written[node.start_mark.index : node.end_mark.index]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            name = self.name(key)
            self.loaded.pairs.append(_key(self, key, value))
            if name in values:
                self.loaded.repeated.append(_key(self, key, value))
            values[name] = self.construct_object(value, deep=deep)
        return values

    def construct_plain(self, node: yaml.Node) -> Any:
        """Construct a value whose tag, if it has one, says nothing."""
        match node:
            case yaml.MappingNode():
                return self.slice(node) if _is_field(node) else self.construct_yaml_map(node)
            case yaml.SequenceNode():
                return self.slice(node) if _is_link(node) else self.construct_yaml_seq(node)
            case yaml.ScalarNode():
                return self._unmasked(node) if _MASK in node.value else node.value

    def _unmasked(self, node: yaml.ScalarNode) -> str:
        first, end = node.start_mark.index, node.end_mark.index
        links = iter([self.written[start:last] for start, last in self.masked if first <= start < end])
        return re.sub(f'"?{_MASK}+"?', lambda _: next(links, ""), node.value)

    def construct_nothing(self, node: yaml.Node) -> None:
        found = _COMMENT.match(self.written, node.start_mark.index)
        if found:
            self.loaded.comments.append(Key("", *found.span(1)))


def _is_link(node: yaml.SequenceNode) -> bool:
    """Whether a value is `[[link]]`."""
    inner = node.value[0] if node.flow_style and len(node.value) == 1 else None
    return (
        isinstance(inner, yaml.SequenceNode)
        and inner.start_mark.index == node.start_mark.index + 1
        and inner.end_mark.index == node.end_mark.index - 1
        and not any(isinstance(each, yaml.SequenceNode) for each in inner.value)
    )


def _is_field(node: yaml.MappingNode) -> bool:
    """Whether a value is `{{field}}`."""
    return bool(node.flow_style) and len(node.value) == 1 and isinstance(node.value[0][0], yaml.MappingNode)


def _error(problem: str, mark: Any, hint: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark, note=hint)


def _typed(convert: Callable[[str], Any]) -> Callable[[_Loader, yaml.ScalarNode], Any]:
    def construct(loader: _Loader, node: yaml.ScalarNode) -> Any:
        try:
            return convert(loader.construct_scalar(node))
        except (ValueError, LookupError) as error:
            problem = "a value is not of the type it claims"
            hint = f"leave out `{node.tag.replace('tag:yaml.org,2002:', '!!')}`"
            raise _error(problem, node.start_mark, hint) from error

    return construct


_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

_WHOLE = r"[-+]?(?:0|[1-9][0-9]{0,17})"
for _tag, _pattern, _first, _construct in (
    ("bool", "|".join(_BOOLEANS), "tTfF", _typed(_BOOLEANS.__getitem__)),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""], _Loader.construct_nothing),
    ("int", _WHOLE, "-+0123456789", _typed(int)),
    ("float", rf"{_WHOLE}(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", "-+0123456789", _typed(float)),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct)
_Loader.add_constructor(None, _Loader.construct_plain)


def _limit_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_LIMIT:
            problem = f"values in values, more than {_DEPTH_LIMIT} deep"
            raise _error(problem, event.start_mark, "write it as a list in the note")


def _limit_size(values: Mapping[str, Any], names: Mapping[str, yaml.Node]) -> None:
    """Count values as often as YAML's aliases repeat them, so that a small file cannot become a huge value."""
    size = 0
    for name, top in values.items():
        pending = [top]
        while pending:
            value = pending.pop()
            size += 1
            if size > _SIZE_LIMIT:
                problem = f"aliases of YAML make more than {_SIZE_LIMIT:,} values"
                raise _error(problem, names[name].start_mark, "write the values out")
            if isinstance(value, dict):
                pending += value.values()
            elif isinstance(value, list):
                pending += value
