"""Titles and aliases that occur in a text without a link."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from site_builder.context import REACH, sentence
from site_builder.link import LinkIndex, ResolvedLink
from site_builder.names import FRONT_PAGE_NAMES, NoteId, comparable
from site_builder.note import Event, Note
from site_builder.parse.markdown import byte_offset, is_literal
from site_builder.text import Span

_UNSPACED = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # scripts that put no spaces between words
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]|\s+")
_LETTER = re.compile(r"[^\W\d_]")
_SHORT = 3  # letters; a name no longer than this has to be spelled with its own capitals

_COMMON, _SHARE = 48, 20  # notes, and one in so many: a name that more of them hold without a link is a common word

_SKIPPED = frozenset(("link", "heading", "codeblock", "htmlblock", "footnotedef", "callouttitle"))
"""What holds no mention: a link within would be no link, or none that anybody wants."""


class Place(NamedTuple):
    """A code point of the text of an event."""

    event: int
    letter: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of `target` in the text of `source`, from `first` up to, not with, `end`; it may run over a line's end."""

    source: NoteId
    target: NoteId
    written: str
    first: Place
    end: Place
    span: Span
    in_table: bool


class _Token(NamedTuple):
    """A word or sign: how names are compared with it, how it is written, and where."""

    key: str
    written: str
    event: int
    first: int
    end: int


@dataclass(slots=True)
class _Branch:
    """The tokens that may follow in a name; `note` is what a name that ends here means."""

    following: dict[str, _Branch] = field(default_factory=dict)
    note: NoteId | None = None
    spelled: frozenset[str] = frozenset()

    def answers(self, tokens: Sequence[_Token]) -> bool:
        """Whether the name counts as it is written: a short one only with its own capitals."""
        return not self.spelled or _written(tokens) in self.spelled


class MentionFinder:
    """Every name of the published notes, as a tree of words, so that a text is read once for all of them.

    A name that several notes have means none of them here.
    """

    def __init__(self, notes: Mapping[NoteId, Note]) -> None:
        self._notes = notes
        self._root = _Branch()
        meant: defaultdict[tuple[str, ...], dict[NoteId, list[str]]] = defaultdict(dict)
        for note in notes.values():
            for name in dict.fromkeys((note.name, note.title, *note.aliases)):
                if comparable(name) in FRONT_PAGE_NAMES:
                    continue  # a page named Home is not meant by every home
                meant[_tokens(name)].setdefault(note.id, []).append(name)
        for tokens, named in meant.items():
            if len(named) == 1 and any(map(_LETTER.search, tokens)):
                ((note_id, spellings),) = named.items()
                self._add(tokens, note_id, spellings)

    def _add(self, tokens: Sequence[str], note: NoteId, spellings: Sequence[str]) -> None:
        branch = self._root
        for token in tokens:
            branch = branch.following.setdefault(token, _Branch())
        branch.note = note
        if len("".join(tokens)) <= _SHORT:
            branch.spelled = frozenset(name.strip() for name in spellings)

    def mentions(self, note: Note, links: Iterable[ResolvedLink], *, every: bool = False) -> Iterator[Mention]:
        """Yield the unlinked mentions in a note, in order, the longest name first.

        Of each other note the first only, and none of a note that this one links anyway, unless `every` is asked for.
        """
        told = {NoteId(each.found.file) for each in links if each.found} if not every else set()
        for run, in_table in _runs(note.events):
            for tokens, target in self._found(run):
                if target == note.id or target in told:
                    continue
                if not every:
                    told.add(target)
                yield _mention(note, target, tokens, in_table=in_table)

    def _found(self, run: Sequence[_Token]) -> Iterator[tuple[Sequence[_Token], NoteId]]:
        position = 0
        while position < len(run):
            end, target = self._longest(run, position)
            if target is not None:
                yield run[position:end], target
            position = end

    def _longest(self, run: Sequence[_Token], position: int) -> tuple[int, NoteId | None]:
        """Return the end of the longest name at a position and what it means, or where to look on."""
        branch = self._root
        best: tuple[int, NoteId | None] = position + 1, None
        for index in range(position, len(run)):
            following = branch.following.get(run[index].key)
            if following is None:
                break
            branch = following
            if branch.note is not None and branch.answers(run[position : index + 1]):
                best = index + 1, branch.note
        return best


def without_common_words(found: Sequence[Mention], notes: int) -> list[Mention]:
    """Leave out a name that so many of the notes hold without a link that they mean a word, not the note.

    `github` is a note of a vault where 2,800 notes name the site; there nobody wants as many links.
    """
    holders: defaultdict[tuple[NoteId, str], set[NoteId]] = defaultdict(set)
    for each in found:
        holders[each.target, comparable(each.written)].add(each.source)
    most = max(_COMMON, notes // _SHARE)
    return [each for each in found if len(holders[each.target, comparable(each.written)]) <= most]


def _key(token: str) -> str:
    return " " if token.isspace() else comparable(token)


def _tokens(name: str) -> tuple[str, ...]:
    return tuple(_key(token) for token in _TOKEN.findall(name.strip()))


def _runs(events: Sequence[Event]) -> Iterator[tuple[list[_Token], bool]]:
    """Yield the tokens of texts that only line ends part, where a link could stand, and whether in a table."""
    inside = ""
    tables = 0
    run: list[_Token] = []
    for index, (kind, value, _, _) in enumerate(events):
        if inside:
            inside = "" if kind == inside else inside
        elif kind == "text":
            run += (_Token(_key(found[0]), found[0], index, *found.span()) for found in _TOKEN.finditer(value))
        elif kind == "softbreak" and run:
            run.append(_Token(" ", " ", index, 0, 0))
        else:
            inside = f"/{kind}" if kind in _SKIPPED else ""
            if run:
                yield run, tables > 0
                run = []
            tables += (kind == "table") - (kind == "/table")
    if run:
        yield run, tables > 0


def _written(tokens: Sequence[_Token]) -> str:
    return "".join(token.written for token in tokens)


def _mention(note: Note, target: NoteId, tokens: Sequence[_Token], *, in_table: bool) -> Mention:
    first = Place(tokens[0].event, tokens[0].first)
    end = Place(tokens[-1].event, tokens[-1].end)
    span = Span(_byte(note.events[first.event], first, at_end=False), _byte(note.events[end.event], end, at_end=True))
    return Mention(note.id, target, _written(tokens), first, end, span, in_table)


def _byte(event: Event, place: Place, *, at_end: bool) -> int:
    """Return the byte of a place; in a text that is not its source, such as an entity, that of its start or end."""
    _, value, start, end = event
    if is_literal(value, start, end):
        return start + byte_offset(value, place.letter)
    return end if at_end else start


def mention_events(events: Sequence[Event], mention: Mention) -> tuple[list[Event], list[Event], list[Event]]:
    """Return what stands before, in and after a mention, within its sentence."""
    (first, index), (last, end) = mention.first, mention.end
    kind, opening, start, _ = events[first]
    _, closing, _, stop = events[last]
    middle = list(events[first : last + 1])
    middle[-1] = (kind, closing[:end], middle[-1][2], mention.span.end)
    middle[0] = (kind, middle[0][1][index:], mention.span.start, middle[0][3])
    marked: Event = ("link", None, *mention.span)
    window = [
        *events[max(0, first - REACH) : first],
        *([(kind, opening[:index], start, mention.span.start)] if index else ()),
        marked,
        ("/link", None, *mention.span),
        *([(kind, closing[end:], mention.span.end, stop)] if closing[end:] else ()),
        *events[last + 1 : last + REACH],
    ]
    before, _, after = sentence(window, window.index(marked))
    return before, middle, after


def link_for(mention: Mention, index: LinkIndex) -> str:
    """Return the link to write instead: `[[Title|as written]]`, in a table with `\\|`."""
    target = index.shortest(mention.target)
    if target == mention.written:
        return f"[[{target}]]"
    bar = "\\|" if mention.in_table else "|"
    return f"[[{target}{bar}{mention.written}]]"
