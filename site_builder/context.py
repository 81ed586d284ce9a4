"""The sentence around a link, as events, so that a backlink can be shown set as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from site_builder.note import Event
from site_builder.parse.markdown import flatten

_INLINE = frozenset(("em", "strong", "del", "link", "highlight"))
_ENDS = frozenset(f"/{kind}" for kind in _INLINE)
_LEAVES = frozenset(
    ("text", "code", "math", "displaymath", "softbreak", "hardbreak", "embed", "image", "tag", "footnoteref",
     "citation",
     "inlinehtml", "task")
)  # fmt: skip
_IN_A_SENTENCE = _INLINE | _ENDS | _LEAVES
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[^\sa-z])")
REACH = 48  # events looked at on each side, so that a paragraph of 100,000 links stays linear
_LONGEST = 400  # characters of text on each side, so that a line of a megabyte is not quoted whole


def sentence(events: Sequence[Event], index: int) -> tuple[list[Event], list[Event], list[Event]]:
    """Return what stands before, in and after the link or embed at `index`, within its sentence."""
    last = _link_end(events, index)
    before = _balanced(reversed(_backwards(events, index)))
    after = _balanced(_forwards(events, last))
    return before, list(events[index:last]), after


def sentence_text(events: Sequence[Event], index: int) -> str:
    """Return the sentence as plain words."""
    before, link, after = sentence(events, index)
    return " ".join(flatten([*before, *link, *after]).split())


def _link_end(events: Sequence[Event], index: int) -> int:
    if events[index][0] != "link":
        return index + 1
    return next(i for i in range(index + 1, len(events)) if events[i][0] == "/link") + 1


def _backwards(events: Sequence[Event], index: int) -> list[Event]:
    taken: list[Event] = []
    room = _LONGEST
    for position in range(index - 1, max(-1, index - REACH), -1):
        kind, value, start, end = events[position]
        if kind not in _IN_A_SENTENCE:
            break
        if kind == "softbreak" and _follows_sentence(events, position):
            break
        if kind != "text":
            taken.append(events[position])
            continue
        near = value[-room:]
        ends = list(_SENTENCE_END.finditer(near))
        if ends or len(value) >= room:
            taken.append(("text", near[ends[-1].end() :] if ends else f"…{near.partition(' ')[2]}", start, end))
            break
        taken.append(events[position])
        if value[:1].isspace() and _follows_sentence(events, position):
            break
        room -= len(value)
    return taken


def _forwards(events: Sequence[Event], index: int) -> list[Event]:
    taken: list[Event] = []
    room = _LONGEST
    for position in range(index, min(len(events), index + REACH)):
        kind, value, start, end = events[position]
        if kind not in _IN_A_SENTENCE:
            break
        if (kind == "softbreak" or (kind == "text" and value[:1].isspace())) and _follows_sentence(events, position):
            break
        if kind != "text":
            taken.append(events[position])
            continue
        near = value[:room]
        found = _SENTENCE_END.search(near)
        if found or len(value) >= room:
            taken.append(("text", near[: found.start()] if found else f"{near.rpartition(' ')[0]}…", start, end))
            break
        taken.append(events[position])
        room -= len(value)
    return taken


def _follows_sentence(events: Sequence[Event], position: int) -> bool:
    """Whether a sentence ends right before an event; footnotes' marks stand behind the full stop."""
    position -= 1
    while position > 0 and events[position][0] == "footnoteref":
        position -= 1
    return position >= 0 and events[position][0] == "text" and events[position][1].endswith((".", "!", "?", "…"))


def _balanced(events: Iterable[Event]) -> list[Event]:
    """Drop the ends of elements that the sentence cuts through."""
    kept: list[Event | None] = []
    opened: list[int] = []
    for event in events:
        kind = event[0]
        if kind in _INLINE:
            opened.append(len(kept))
        elif kind in _ENDS:
            if not opened:
                continue
            opened.pop()
        kept.append(event)
    for index in opened:
        kept[index] = None
    return [event for event in kept if event is not None]
