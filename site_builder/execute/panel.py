"""What a run leaves of a playground: how its panel looks, its graphs, its first results. Plain values."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from site_builder.execute.results import NotebookRun

Fault: TypeAlias = Literal["", "export", "parity"]


@dataclass(frozen=True, slots=True)
class Values:
    """A tensor: its shape, and its numbers row by row; None where there is none, as what comes later than a row."""

    shape: tuple[int, ...]
    data: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A playground that was exported, or could not be: then `fault` says at which step, and `message` why.

    `form` is what the page's script reads: `kind`, `inputs`, `outputs`, each as declared. `graphs` are ONNX files by
    name. `first` are the results for the defaults, by output; of a generation also `written`, the tokens.
    """

    title: str
    says: str
    form: Mapping[str, Any]
    graphs: Mapping[str, bytes]
    first: Mapping[str, Values]
    written: tuple[str, ...] = ()
    fault: Fault = ""
    message: str = ""

    @property
    def version(self) -> str:
        """A hash of the graphs: a browser that kept others must not use them."""
        return sha256(b"".join(self.graphs[name] for name in sorted(self.graphs))).hexdigest()[:16]


def panel_to_json(panel: Panel) -> str:
    return json.dumps(
        {
            "title": panel.title,
            "says": panel.says,
            "form": panel.form,
            "graphs": {name: base64.b64encode(graph).decode() for name, graph in panel.graphs.items()},
            "first": {name: [values.shape, values.data] for name, values in panel.first.items()},
            "written": panel.written,
            "fault": panel.fault,
            "message": panel.message,
        }
    )


def panel_from_json(text: str) -> Panel:
    value = json.loads(text)
    graphs = {name: base64.b64decode(graph) for name, graph in value.pop("graphs").items()}
    first = {name: Values(tuple(shape), tuple(data)) for name, (shape, data) in value.pop("first").items()}
    return Panel(**{**value, "graphs": graphs, "first": first, "written": tuple(value["written"])})


def panels(run: NotebookRun) -> Iterator[tuple[int, Panel]]:
    """Give a run's panels, each with the number of its cell."""
    for index, cell in enumerate(run.cells):
        for output in cell.outputs:
            if output.kind == "panel":
                yield index, panel_from_json(output.data)
