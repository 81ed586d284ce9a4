"""Tensors as tables whose cells are colored: the picture and the numbers are one. `panel/maps.ts` draws the same again.

A table of more than 12 rows or columns shows colors alone; its numbers are still there for whoever reads it aloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import product
from math import prod
from typing import Any

from site_builder.execute.panel import Values

NUMBERED = 12
SHORT = 5
"""Letters of a column's name that stand upright."""
LAYERED = 3
"""Axes beyond which there are layers: heads, rows and columns come last."""


def draw_maps(
    output: Mapping[str, Any], values: Values, rows: Sequence[str], columns: Sequence[str], *, opened: bool
) -> str:
    """Render one output as a figure: a table for each head, or for the one matrix there is.

    Layers fold; `opened` shows the last of them, the nearest to what comes out.
    """
    *layers, heads = (1, *values.shape[:-2])[-2:]
    n_layers, size = prod(layers), prod(values.shape[-2:])
    tables = [
        _table(output, values.data[number * size :][:size], name, rows, columns)
        for number, name in enumerate(_names(values.shape[:-2]))
    ]
    places = [
        f'<div class="wt-maps__all">{"".join(tables[layer * heads :][:heads])}</div>' for layer in range(n_layers)
    ]
    if len(values.shape) > LAYERED:
        places = [
            f"<details{' open' * (opened and layer == n_layers)}><summary>Layer {layer}</summary>{place}</details>"
            for layer, place in enumerate(places, start=1)
        ]
    return (
        f'<figure class="wt-maps" data-output="{escape(output["name"])}">\n'
        f"<figcaption>{escape(output['label'])}</figcaption>\n{''.join(places)}\n</figure>\n"
    )


def _names(leading: tuple[int, ...]) -> Iterator[str]:
    """Name each table after its place: its head, or its layer and head."""
    titles = ("layer", "head")[-len(leading) :] if leading else ()
    for place in product(*map(range, leading)):
        yield ", ".join(f"{title} {number + 1}" for title, number in zip(titles, place, strict=True))


def _table(
    output: Mapping[str, Any],
    data: Sequence[float | None],
    name: str,
    rows: Sequence[str],
    columns: Sequence[str],
) -> str:
    dense = " wt-map--dense" if max(len(rows), len(columns)) > NUMBERED else ""
    tall = " wt-map--tall" if max(map(len, columns), default=0) > SHORT else ""
    caption = f"<caption>{escape(name.rpartition(', ')[2])}</caption>" if name else ""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    top = max((abs(value) for value in data if value is not None), default=0.0) or 1.0
    body = "".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(_cell(output["kind"], value, top) for value in data[number * len(columns) :][: len(columns)])
        + "</tr>"
        for number, row in enumerate(rows)
    )
    label = escape(f"{output['label']}{', ' * bool(name)}{name}")
    return (
        f'<table class="wt-map{dense}{tall}" aria-label="{label}">{caption}'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(kind: str, value: float | None, top: float) -> str:
    if value is None:
        return '<td class="wt-hidden"></td>'
    match kind:
        case "mask":
            return '<td class="wt-seq-6">✓</td>' if value else '<td class="wt-hidden">–</td>'
        case "matrix":
            return f'<td class="wt-div-{int(4 + 4 * value / top + 0.5)}">{_number(value)}</td>'
        case _:
            return f'<td class="wt-seq-{int(9 * min(max(value, 0.0), 1.0) + 0.5)}">{_number(value)}</td>'


def _number(value: float) -> str:
    text = f"{value:.2f}".replace("-", "−")
    return "0.00" if text == "−0.00" else text
