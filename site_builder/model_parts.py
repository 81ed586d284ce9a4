"""The `model` fence: which cell or symbol of which model it names. Knows nothing of HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import Symbol
from site_builder.execute.notebook import Cell
from site_builder.note import Event


@dataclass(frozen=True, slots=True)
class Part:
    """What a fence says: `attention.multi_head#heads` or `attention.multi_head:MultiHeadAttention.forward`."""

    model: str
    cell: str
    symbol: str


def read_part(text: str) -> Part:
    """Take the text of a fence apart."""
    model, _, cell = text.strip().partition("#")
    model, _, symbol = model.partition(":")
    return Part(model.strip(), cell.strip(), symbol.strip())


def find_part(part: Part, models: Mapping[str, ModelManifest]) -> tuple[ModelManifest, Cell | Symbol] | None:
    """Find the cell or symbol that a fence names."""
    manifest = models.get(part.model)
    if manifest is None:
        return None
    named: list[Cell | Symbol] = [
        cell for cell in manifest.cells if cell.kind == "code" and part.cell and cell.name == part.cell
    ]
    named += [symbol for symbol in manifest.model.symbols if part.symbol and symbol.name == part.symbol]
    return (manifest, named[0]) if named else None


def placed_cells(events: Sequence[Event], manifest: ModelManifest) -> Set[int]:
    """Return the numbers of a model's cells that a note's fences place among its words."""
    parts = (read_part(text) for info, text in code_blocks(events) if info.strip().partition(" ")[0] == "model")
    named = {part.cell for part in parts if part.model == manifest.model.name and part.cell}
    return {index for index, cell in enumerate(manifest.cells) if cell.kind == "code" and cell.name in named}


def known_parts(model: str, models: Mapping[str, ModelManifest]) -> list[str]:
    """Return what could have been meant: the parts of a model, or all models when there is none of that name."""
    manifest = models.get(model)
    if manifest is None:
        return list(models)
    cells = [f"{model}#{cell.name}" for cell in manifest.cells if cell.kind == "code" and cell.name]
    return cells + [f"{model}:{symbol.name}" for symbol in manifest.model.symbols]


def code_blocks(events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Yield the info string and the text of each code block."""
    info, text = "", list[str]()
    inside = False
    for kind, value, _, _ in events:
        if kind == "codeblock":
            inside, info, text = True, value["Fenced"] if isinstance(value, dict) else "", []
        elif kind == "/codeblock":
            inside = False
            yield info, "".join(text)
        elif inside:
            text.append(value)
