"""The section *Run it*: a panel's controls and its first results, there before any script. Knows no notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from html import escape
from typing import Any

from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import ModelSource
from site_builder.execute.panel import Panel, panels
from site_builder.names import SitePath, relative_url, slug
from site_builder.render.maps import draw_maps
from site_builder.render.page import Section

_ASSETS = "assets/wikitorch/"


def graph_path(model: ModelSource, cell: int, graph: str) -> SitePath:
    """Return where a graph is published: `models/attention.multi_head/7-graph.onnx`."""
    return SitePath(f"models/{model.name}/{cell}-{graph}.onnx")


def graph_files(manifest: ModelManifest) -> Iterator[tuple[SitePath, bytes]]:
    """Give the graphs of a model's panels, each with the path that it is published at."""
    for cell, panel in panels(manifest.run):
        for name, graph in panel.graphs.items():
            yield graph_path(manifest.model, cell, name), graph


def panel_section(manifest: ModelManifest, placed: Set[int], page: SitePath) -> Section | None:
    """Render a model's panels but those of cells that the note has `placed` among its words; None when none is left."""
    found = [each for each in _whole(manifest) if each[0] not in placed]
    if not found:
        return None
    html = "".join(_panel(manifest.model, cell, panel, page) for cell, panel in found)
    return Section("run", "Run it", html + _script(page), searched=False)


def placed_panel(manifest: ModelManifest, cell: int, page: SitePath) -> str | None:
    """Render the panel of a cell, to stand among a note's words; None for a cell without."""
    panel = dict(_whole(manifest)).get(cell)
    return _panel(manifest.model, cell, panel, page) + _script(page) if panel else None


def _whole(manifest: ModelManifest) -> Iterator[tuple[int, Panel]]:
    return ((cell, panel) for cell, panel in panels(manifest.run) if not panel.fault)


def _script(page: SitePath) -> str:
    return f'<script type="module" src="{_asset(page, "panel.js")}"></script>\n'


def _panel(model: ModelSource, cell: int, panel: Panel, page: SitePath) -> str:
    graphs = {
        name: f"{relative_url(page, graph_path(model, cell, name))}?v={panel.version}" for name in sorted(panel.graphs)
    }
    data = {**panel.form, "graphs": graphs, "wasm": _asset(page, "ort.wasm"), "worker": _asset(page, "panel-worker.js")}
    title = f"panel-{slug(model.name)}-{cell}"
    fields = "".join(_field(field, f"{title}-{field['name']}") for field in panel.form["inputs"])
    step = '<button type="button" class="wt-panel__step">Step</button>' if panel.form["kind"] == "generation" else ""
    return (
        f'<h3 id="{title}">{escape(panel.title)}</h3>\n<p>{escape(panel.says)}</p>\n'
        '<wikitorch-panel class="wt-panel">\n'
        f'<form aria-labelledby="{title}"><fieldset disabled>{fields}'
        f'<p class="wt-panel__do"><button type="submit">Run</button>{step}'
        '<span class="wt-panel__status" role="status">Computed when this page was built.</span></p></fieldset></form>\n'
        "<noscript><p>Running it with other inputs needs JavaScript.</p></noscript>\n"
        f'<div class="wt-panel__results">\n{_written(panel)}{_results(panel)}</div>\n'
        f'<script type="application/json">{_json(data)}</script>\n</wikitorch-panel>\n'
    )


def _field(field: Mapping[str, Any], id_: str) -> str:
    label = escape(field["label"])
    name = f'name="{escape(field["name"])}" id="{escape(id_)}"'
    described = escape(f"{id_}-error")
    match field["kind"]:
        case "tokens":
            error = f'<span class="wt-panel__error" id="{described}"></span>'
            control = (
                f'<input type="text" {name} value="{escape(field["default"])}" autocomplete="off" '
                f'autocapitalize="none" spellcheck="false" aria-describedby="{described}">'
            )
            words = "".join(f"<li>{escape(word)}</li>" for word in field["vocabulary"])
            known = f"<details><summary>Words that it knows</summary><ul>{words}</ul></details>"
            return f'<div class="wt-field"><label for="{escape(id_)}">{label}</label>{control}{error}{known}</div>'
        case "numbers":
            return _numbers(field, id_)
        case "slider":
            return (
                f'<div class="wt-field"><label for="{escape(id_)}">{label}: <span>{field["default"]}</span></label>'
                f'<input type="range" {name} min="{field["low"]}" max="{field["high"]}" value="{field["default"]}">'
                "</div>"
            )
        case _:
            on = " checked" if field["default"] else ""
            return (
                f'<div class="wt-field wt-field--toggle"><input type="checkbox" {name}{on}>'
                f'<label for="{escape(id_)}">{label}</label></div>'
            )


def _numbers(field: Mapping[str, Any], id_: str) -> str:
    label = escape(field["label"])
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in field["columns"])
    body = "".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(
            f'<td><input type="number" step="any" inputmode="decimal" name="{escape(field["name"])}" value="{value:g}" '
            f'aria-label="{label}, {escape(row)}, {escape(column)}"></td>'
            for column, value in zip(field["columns"], values, strict=True)
        )
        + "</tr>"
        for row, values in zip(field["rows"], field["default"], strict=True)
    )
    return (
        f'<div class="wt-field wt-field--{escape(field["name"])}"><table class="wt-numbers" id="{escape(id_)}">'
        f"<caption>{label}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _results(panel: Panel) -> str:
    return "".join(_result(panel, output, opened=not at) for at, output in enumerate(panel.form["outputs"]))


def _result(panel: Panel, output: Mapping[str, Any], *, opened: bool) -> str:
    rows, columns = _labels(panel, output["rows"]), _labels(panel, output["columns"])
    return draw_maps(output, panel.first[output["name"]], rows, columns, opened=opened)


def _written(panel: Panel) -> str:
    if panel.form["kind"] != "generation":
        return ""
    words = "".join(f"<li>{escape(word)}</li>" for word in panel.written)
    return f'<p id="wt-written">Written</p><ol class="wt-written" aria-labelledby="wt-written">{words}</ol>\n'


def _labels(panel: Panel, labels: str | Sequence[str]) -> Sequence[str]:
    """Return the names along an axis: those given, or the words that stand in a field."""
    if not isinstance(labels, str):
        return labels
    match labels:
        case "written":
            return panel.written
        case "read":
            return (panel.form["vocabulary"][panel.form["start"]], *panel.written[:-1])
        case _:
            return next(str(each["default"]) for each in panel.form["inputs"] if each["name"] == labels).split()


def _asset(page: SitePath, name: str) -> str:
    return escape(relative_url(page, SitePath(_ASSETS + name)))


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
