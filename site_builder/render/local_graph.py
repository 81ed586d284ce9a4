"""The small picture of what lies around a note: a ring of the notes that it shares most links with.

Rings two and three links away are drawn by script when a reader asks for them (`frontend/src/local-graph.ts`): here
they would be most of the picture's bytes, on every page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set
from html import escape
from typing import NamedTuple

from site_builder.analysis.neighbors import Neighbors
from site_builder.graph import note_node
from site_builder.names import FilePath, NoteId, SitePath, relative_url
from site_builder.render.site_view import SiteView

_WORTH_DRAWING = 3  # notes
_SIZE = 200.0
_RING = 28.0  # between two rings, when all three are shown
_LONGEST = 26  # letters of a name beside its dot
_LETTER, _LINE = 5.6, 12.0  # the width of a letter, on average, and the height of a line
SPREAD = 2.8
"""How far the ring stands apart while it is the only one, as the style sheet has it."""


class _Dot(NamedTuple):
    """A note in the picture, from its middle, and its name, centered `shift` beside and `rise` below its dot."""

    note: NoteId
    x: int
    y: int
    text: str
    shift: int
    rise: int


def local_graph(note: NoteId, neighbors: Neighbors, view: SiteView, page: SitePath) -> str:
    """Draw what lies around a note; nothing where that is less than the lists beside it say at a glance."""
    is_front = not page  # which shows the whole graph
    if is_front or neighbors.around(note_node(note), _WORTH_DRAWING) < _WORTH_DRAWING:
        return ""
    dots = list(_place(neighbors.nearest(note_node(note)), view))
    lines = "".join(f"M0 0L{dot.x} {dot.y}" for dot in dots)
    named = _named(dots)
    links = "".join(_link(dot, named, view, page) for dot in dots)
    return (
        f'<figure class="wt-local" aria-label="Notes around {escape(view.title(note))}">\n'
        f'<svg viewBox="{-_SIZE / 2:g} {-_SIZE / 2:g} {_SIZE:g} {_SIZE:g}" role="group" aria-label="Links to them">'
        f'<path d="{lines}"/><circle r="6"/>{links}</svg>\n'
        f"{_caption(neighbors.left_out(note_node(note)))}</figure>\n"
    )


def _place(nodes: Sequence[str], view: SiteView) -> Iterator[_Dot]:
    """Place nodes evenly on a ring, from the top, each name within the picture."""
    for place, node in enumerate(nodes):
        angle = 2 * math.pi * place / len(nodes) - math.pi / 2
        x, y = round(_RING * math.cos(angle)), round(_RING * math.sin(angle))
        note = NoteId(FilePath(node.partition(":")[2]))
        title = view.title(note)
        text = title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
        room = max(0.0, _SIZE / 2 - len(text) * _LETTER / 2)
        shift = round(min(max(x * SPREAD, -room), room) - x * SPREAD)
        yield _Dot(note, x, y, text, shift, 15 if y > 0 else -8)


def _link(dot: _Dot, named: Set[NoteId], view: SiteView, page: SitePath) -> str:
    css = "" if dot.note in named else ' class="wt-unnamed"'
    url = escape(relative_url(page, view.paths[dot.note]))
    return (
        f'<a{css} href="{url}" style="--x:{dot.x};--y:{dot.y}"><circle r="4"/>'
        f'<text x="{dot.shift}" y="{dot.rise}">{escape(dot.text, quote=False)}</text></a>'
    )


def _named(dots: Sequence[_Dot]) -> Set[NoteId]:
    """Choose those whose names have room beside each other and the dots."""
    taken = [(dot.x * SPREAD, dot.y * SPREAD + 3.5, 3.0, 9.5) for dot in dots]  # where no base line may be
    named = set()
    for dot in dots:
        middle, base = dot.x * SPREAD + dot.shift, dot.y * SPREAD + dot.rise
        half = len(dot.text) * _LETTER / 2
        if all(abs(middle - x) > half + width or abs(base - y) > height for x, y, width, height in taken):
            taken.append((middle, base, half, _LINE))
            named.add(dot.note)
    return named


def _caption(left_out: int) -> str:
    more = f" {left_out:,} more neighbors are not shown." if left_out else ""
    return f"<figcaption>The nearest notes; a dot is a link.{more}</figcaption>\n"
