"""A note holds what an Obsidian plugin, or Bases, would work out: it is shown as the code it is.

The site runs no plugins, so readers see the query and not its answer. A note is told of once for each plugin, however
many of its blocks it holds. Known by their fences are Dataview, Tasks, Kanban, Tracker, Charts, Buttons and others;
Obsidian's own queries and Bases count too. Any other fence is plain code.

## Example

    ```dataview
    LIST FROM #attention
    ```

## Instead

Write the answer into the note, or `exclude` in mkdocs.yml what is of no use outside Obsidian, templates for example.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Related, Rule, Severity
from site_builder.note import Event, Note
from site_builder.rules.subject import Subject
from site_builder.text import Span

RULE = Rule("P010", "plugin-block", Severity.WARNING, __doc__ or "")

_BY_FENCE = {
    "base": "Bases", "query": "Obsidian's search", "dataview": "Dataview", "dataviewjs": "Dataview", "tasks": "Tasks",
    "button": "Buttons", "chart": "Charts", "tracker": "Tracker", "leaflet": "Leaflet", "kanban": "Kanban",
    "timeline": "Timelines", "ad-note": "Admonition", "ad-info": "Admonition", "ad-tip": "Admonition",
    "ad-warning": "Admonition", "meta-bind": "Meta Bind", "meta-bind-button": "Meta Bind", "tikz": "TikZJax",
    "plantuml": "PlantUML", "spreadsheet": "Spreadsheets", "gallery": "Gallery", "cardlink": "Auto Card Link",
    "todoist": "Todoist",
}  # fmt: skip
_BY_PROPERTY = {"excalidraw-plugin": "Excalidraw", "kanban-plugin": "Kanban"}
_INLINE_QUERY = re.compile(r"\$?=\s*(?:this\.|dv\.|\[\[|\w+\()")
_TEMPLATER = re.compile(r"<%[-_*+~]?.*?%>", re.DOTALL)
_SHOWN_PLACES = 3


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find the plugins that each note relies on, with the places."""
    for note, _ in subject.texts:
        places: defaultdict[str, list[Span]] = defaultdict(list)
        for plugin, span in _places(note):
            places[plugin].append(span)
        for plugin, spans in places.items():
            yield _diagnose(note, plugin, spans)


def _diagnose(note: Note, plugin: str, spans: list[Span]) -> Diagnostic:
    first, *others = spans
    more = f" in {len(spans)} places" if others else ""
    related = tuple(Related(note.source, span, "and here") for span in others[:_SHOWN_PLACES])
    hint = "readers see its source: write what it works out into the note"
    return Diagnostic(
        RULE, note.source, first, f"`{plugin}` is asked for{more}, and no plugin runs here", hint, related
    )


def _places(note: Note) -> Iterator[tuple[str, Span]]:
    for name, plugin in _BY_PROPERTY.items():
        if name in note.properties.values:
            yield plugin, note.properties.span(name)
    for event in note.events:
        plugin = _plugin(event)
        if plugin:
            yield plugin, Span(event[2], event[3])


def _plugin(event: Event) -> str:
    kind, value, _, _ = event
    match kind:
        case "codeblock" if isinstance(value, dict):
            return _BY_FENCE.get(value["Fenced"].strip().partition(" ")[0].lower(), "")
        case "code" if _INLINE_QUERY.match(value):
            return "Dataview"
        case "text" if "<%" in value and _TEMPLATER.search(value):
            return "Templater"
        case "embed" if value.path.lower().endswith(".base"):
            return "Bases"
        case _:
            return ""
