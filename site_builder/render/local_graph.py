"""The small picture of what lies around a note: rings of notes one, two and three links away. Needs no script."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
SPREAD = {1: 2.8, 2: 1.5, 3: 1.02}
"""How far the rings stand apart while one, two or three are shown, as the style sheet has it."""
_WORDS = {1: "1 step", 2: "2 steps", 3: "3 steps"}


class _Dot(NamedTuple):
    """A node in the picture, from its middle; `step` is how many links away it is."""

    node: str
    step: int
    x: int
    y: int


def local_graph(note: NoteId, neighbors: Neighbors, view: SiteView, page: SitePath) -> str:
    """Draw what lies around a note; nothing where that is less than the lists beside it say at a glance."""
    rings = neighbors.rings(note_node(note))
    if not page or sum(map(len, rings)) < _WORTH_DRAWING:  # the front page shows the whole graph
        return ""
    pairs = neighbors.pairs(((note_node(note),), *rings))
    dots = {dot.node: dot for dot in _place(note_node(note), rings, pairs)}
    lines = "".join(_lines(step, pairs, dots) for step in range(1, len(rings) + 1))
    named = _named([dot for dot in dots.values() if dot.step == 1], view)
    circles = "".join(_circle(dot, named, view, page) for dot in dots.values() if dot.step)
    name = escape(view.title(note))
    return (
        f'<figure class="wt-local" aria-label="Notes around {name}">\n{_switch(len(rings))}'
        f'<svg viewBox="{-_SIZE / 2:g} {-_SIZE / 2:g} {_SIZE:g} {_SIZE:g}" role="group" aria-label="Links to them">'
        f'<g class="wt-local__lines">{lines}</g><circle class="wt-local__here" r="6"/>{circles}</svg>\n'
        f"{_caption(neighbors.left_out(note_node(note)))}</figure>\n"
    )


def _place(center: str, rings: Sequence[Sequence[str]], pairs: Sequence[tuple[str, str]]) -> Iterator[_Dot]:
    """Place each ring's nodes evenly, each as near as can be to those that it is joined with in the ring before."""
    nearer: defaultdict[str, list[str]] = defaultdict(list)
    for first, last in pairs:
        nearer[last].append(first)
    yield _Dot(center, 0, 0, 0)
    angles: dict[str, float] = {}
    for step, ring in enumerate(rings, 1):
        wanted = {node: _mean([angles[each] for each in nearer[node] if each in angles]) for node in ring}
        ordered = sorted(ring, key=lambda node: wanted[node]) if step > 1 else list(ring)
        turn = wanted[ordered[0]] if step > 1 else -math.pi / 2
        for place, node in enumerate(ordered):
            angles[node] = angle = turn + 2 * math.pi * place / len(ordered)
            yield _Dot(node, step, round(step * _RING * math.cos(angle)), round(step * _RING * math.sin(angle)))


def _mean(angles: Sequence[float]) -> float:
    return math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles))) if angles else 0.0


def _lines(step: int, pairs: Iterable[tuple[str, str]], dots: Mapping[str, _Dot]) -> str:
    """Draw the lines to one ring, as one path: a page has dozens of them."""
    ends = ((dots[first], dots[last]) for first, last in pairs if dots[last].step == step)
    path = "".join(f"M{a.x:g} {a.y:g}L{b.x:g} {b.y:g}" for a, b in ends)
    return f'<path{_step(step)} d="{path}"/>'


def _step(step: int, css: str = "") -> str:
    css = f"wt-step-{step}" if step > 1 else css
    return f' class="{css}"' if css else ""


def _circle(dot: _Dot, named: Set[str], view: SiteView, page: SitePath) -> str:
    label = _label(dot, view)
    return (
        f'<a{_step(dot.step, "wt-named" if dot.node in named else "")} href="{_url(dot, view, page)}"'
        f' style="--x:{dot.x:g};--y:{dot.y:g}"><circle r="4"/>'
        f'<text x="{label.shift:g}" y="{label.rise:g}">{escape(label.text, quote=False)}</text></a>'
    )


def _url(dot: _Dot, view: SiteView, page: SitePath) -> str:
    return escape(relative_url(page, view.paths[_note(dot)]))


class _Label(NamedTuple):
    """A dot's name, centered `shift` beside and `rise` below it, so that it stays within the picture."""

    text: str
    shift: int
    rise: int


def _label(dot: _Dot, view: SiteView) -> _Label:
    title = view.title(_note(dot))
    text = title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…"
    x, room = dot.x * SPREAD[dot.step], max(0.0, _SIZE / 2 - len(text) * _LETTER / 2)
    return _Label(text, round(min(max(x, -room), room) - x), 15 if dot.y > 0 else -8)


def _named(dots: Sequence[_Dot], view: SiteView) -> Set[str]:
    """Choose the neighbors whose names have room beside each other and the dots while only they are shown."""
    taken = [(dot.x * SPREAD[1], dot.y * SPREAD[1] + 3.5, 3.0, 9.5) for dot in dots]  # where no base line may be
    named = set()
    for dot in dots:
        label = _label(dot, view)
        middle, base = dot.x * SPREAD[1] + label.shift, dot.y * SPREAD[1] + label.rise
        half = len(label.text) * _LETTER / 2
        if all(abs(middle - x) > half + width or abs(base - y) > height for x, y, width, height in taken):
            taken.append((middle, base, half, _LINE))
            named.add(dot.node)
    return named


def _note(dot: _Dot) -> NoteId:
    return NoteId(FilePath(dot.node.partition(":")[2]))


def _switch(rings: int) -> str:
    """Offer one to three steps, as far as there is anything."""
    if rings == 1:
        return ""
    choices = "".join(
        f'<label><input type="radio" name="wt-steps" value="{step}"{checked}>{_WORDS[step]}</label>'
        for step, checked in zip(range(1, rings + 1), (" checked", "", ""), strict=False)
    )
    return f'<div class="wt-local__steps" role="radiogroup" aria-label="How far">{choices}</div>\n'


def _caption(left_out: int) -> str:
    more = f" {left_out:,} more neighbors are not shown." if left_out else ""
    return f"<figcaption>The nearest notes; a dot is a link.{more}</figcaption>\n"
