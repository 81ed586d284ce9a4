"""A canvas: cards where their author put them, lines between them, and the lines once more as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from site_builder.names import NoteId
from site_builder.note import Board, Card, Connection, Event
from site_builder.parse.markdown import flatten
from site_builder.render.site_view import SiteView

_BEND = 0.4  # of the distance between two cards, how far a line goes straight before it turns
_LEAST_BEND = 40.0  # pixels
_ARROW = 10.0
_NAME = 60  # characters of a card's words that name it in the list
_BLOCK_ENDS = frozenset(("/paragraph", "/heading", "/item", "/cell", "/codeblock"))
_WAYS = {"top": (0.0, -1.0), "right": (1.0, 0.0), "bottom": (0.0, 1.0), "left": (-1.0, 0.0)}
_SIGNS = {(False, True): "→", (True, False): "←", (True, True): "↔", (False, False): "–"}


def open_canvas(board: Board) -> str:
    """Return what comes before the cards: the frame, which scrolls, and the lines."""
    cards = {card.id: card for card in board.cards}
    lines = "".join(_line(each, cards[each.first], cards[each.last]) for each in board.connections)
    size = f'width="{board.width:g}" height="{board.height:g}"'
    svg = f'<svg {size} aria-hidden="true" data-search-exclude>\n{lines}</svg>\n' if lines else ""
    style = f"width:{board.width:g}px;height:{board.height:g}px"
    frame = '<div class="canvas" role="region" aria-label="Canvas" tabindex="0">'
    return f'{frame}\n<div class="canvas-board" style="{style}">\n{svg}'


def open_card(card: Card) -> str:
    """Return what comes before a card's own words."""
    box = f"left:{card.x:g}px;top:{card.y:g}px;width:{card.width:g}px;height:{card.height:g}px{_own(card.color)}"
    label = f'<p class="canvas-label">{escape(card.label, quote=False)}</p>\n' if card.label else ""
    return f'<div class="canvas-card canvas-card--{card.kind}{_class(card.color)}" style="{box}">\n{label}'


def close_canvas(board: Board, names: Mapping[str, str]) -> str:
    """Return what comes after the cards; `names` says what each card shows, those that are not to be named left out."""
    told = (each for each in board.connections if each.first in names and each.last in names)
    items = "".join(f"<li>{_said(each, names)}</li>\n" for each in told)
    if not items:
        return "</div>\n</div>\n"
    summary = "<summary>The lines as text</summary>"
    return (
        f'</div>\n</div>\n<details class="wt-folded" data-search-exclude>\n{summary}\n<ul>\n{items}</ul>\n</details>\n'
    )


def card_names(events: Sequence[Event], view: SiteView, origin: NoteId) -> Iterator[tuple[str, str]]:
    """Yield the id of each card, and what it shows in a few words; a card of an unpublished note has no name."""
    card, first = None, 0
    for index, (kind, value, _, _) in enumerate(events):
        if kind == "canvascard":
            card, first = value, index
        elif kind == "/canvascard" and card:
            name = card.label or _name(events[first + 1 : index], view, origin)
            if name:
                yield card.id, name


def _name(inside: Sequence[Event], view: SiteView, origin: NoteId) -> str:
    apart = (("softbreak", None, 0, 0) if event[0] in _BLOCK_ENDS else event for event in inside)
    words = " ".join(flatten(apart).split())
    if words:
        return words if len(words) <= _NAME else f"{words[:_NAME].rpartition(' ')[0]}…"
    for kind, value, start, _ in inside:
        if kind == "embed":
            resolved = view.links.get(origin, {}).get(start)
            found = resolved.found if resolved else None
            if found is None or not view.published(found.file):
                return "" if found else str(value.path)
            note = NoteId(found.file)
            return view.title(note) if note in view.notes else found.file.rpartition("/")[2]
    return ""


def _said(each: Connection, names: Mapping[str, str]) -> str:
    label = f": {each.label}" if each.label else ""
    sign = _SIGNS[each.arrow_at_first, each.arrow_at_last]
    return escape(f"{names[each.first]} {sign} {names[each.last]}{label}", quote=False)


def _line(each: Connection, first: Card, last: Card) -> str:
    start, end = _WAYS[each.from_side or _facing(first, last)], _WAYS[each.to_side or _facing(last, first)]
    (x1, y1), (x2, y2) = _at(first, start), _at(last, end)
    bend = max(_LEAST_BEND, _BEND * (abs(x2 - x1) + abs(y2 - y1)))
    x3, y3, x4, y4 = x1 + bend * start[0], y1 + bend * start[1], x2 + bend * end[0], y2 + bend * end[1]
    path = f'<path d="M{x1:g} {y1:g}C{x3:g} {y3:g} {x4:g} {y4:g} {x2:g} {y2:g}" />'
    arrows = _arrow(x1, y1, start) * each.arrow_at_first + _arrow(x2, y2, end) * each.arrow_at_last
    x, y = (x1 + 3 * x3 + 3 * x4 + x2) / 8, (y1 + 3 * y3 + 3 * y4 + y2) / 8  # the curve's middle
    label = f'<text x="{x:g}" y="{y:g}">{escape(each.label, quote=False)}</text>' if each.label else ""
    style = f' style="{_own(each.color)[1:]}"' if _own(each.color) else ""
    return f'<g class="canvas-line{_class(each.color)}"{style}>{path}{arrows}{label}</g>\n'


def _arrow(x: float, y: float, way: tuple[float, float]) -> str:
    """A triangle whose tip touches the card; `way` leads away from it."""
    back = x + _ARROW * way[0], y + _ARROW * way[1]
    across = _ARROW / 2 * way[1], _ARROW / 2 * way[0]
    points = (x, y), (back[0] + across[0], back[1] + across[1]), (back[0] - across[0], back[1] - across[1])
    return f'<polygon points="{" ".join(f"{px:g},{py:g}" for px, py in points)}" />'


def _facing(card: Card, other: Card) -> str:
    """Return the side of a card that another is on."""
    across = (other.x + other.width / 2) - (card.x + card.width / 2)
    down = (other.y + other.height / 2) - (card.y + card.height / 2)
    if abs(across) >= abs(down):
        return "right" if across >= 0 else "left"
    return "bottom" if down >= 0 else "top"


def _at(card: Card, way: tuple[float, float]) -> tuple[float, float]:
    """Return the middle of a card's side."""
    return card.x + card.width / 2 * (1 + way[0]), card.y + card.height / 2 * (1 + way[1])


def _class(color: str) -> str:
    return f" canvas-color-{color}" if len(color) == 1 else ""


def _own(color: str) -> str:
    return f";--canvas-color:{color}" if color.startswith("#") else ""
