"""Looking at runs of events: where an element ends, what is left of them without links. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from site_builder.note import Event
from site_builder.render.links import is_named_by_target, shown_as


def after(events: Sequence[Event], index: int, name: str) -> int:
    """Return where the first element of a name at or after `index` ends, with elements of that name in it."""
    depth = 0
    for position in range(index, len(events)):
        depth += (events[position][0] == name) - (events[position][0] == f"/{name}")
        if not depth and events[position][0] == f"/{name}":
            return position + 1
    raise ValueError(f"no {name} ends here")


def without_links(events: Iterable[Event]) -> Iterator[Event]:
    """Yield inline events without links, embeds and footnotes; the words of a link stay, as the note shows them."""
    named = False
    for kind, value, start, end in events:
        if kind == "link":
            named = is_named_by_target(value)
            if named:
                yield "text", shown_as(value), start, end
        elif kind == "/link":
            named = False
        elif kind == "citation":
            yield kind, replace(value, linked=False), start, end
        elif not named and kind not in ("embed", "footnoteref"):
            yield kind, value, start, end


_SIGNS = re.compile(r"[.,;:!?)\]’”»…]+")


def signs_behind(events: Sequence[Event], index: int) -> str:
    """Return the signs right behind a formula, which may not begin a line: browsers would break it there."""
    following = events[index + 1] if index + 1 < len(events) else None
    found = _SIGNS.match(following[1]) if following and following[0] == "text" else None
    return found[0] if found else ""


_MAY_BE_BLOCKS = frozenset(("displaymath", "embed"))


def may_hold_blocks(events: Sequence[Event]) -> bool:
    """Whether any of the events can be a block although it stands in a paragraph."""
    return not _MAY_BE_BLOCKS.isdisjoint([event[0] for event in events])


def paragraph_tag(events: Sequence[Event], index: int, is_block: Callable[[Event], bool]) -> str:
    """A block cannot stand in `<p>`: a lone embed or formula stands alone, a mixed paragraph is a `<div>`."""
    blocks = others = 0
    for position in range(index + 1, len(events)):
        kind, value, _, _ = events[position]
        if kind == "/paragraph":
            break
        if kind == "displaymath" or (kind == "embed" and is_block(events[position])):
            blocks += 1
        elif kind != "softbreak" and not (kind == "text" and not value.strip()):
            others += 1
    if not blocks:
        return "p"
    return "div" if others else ""
