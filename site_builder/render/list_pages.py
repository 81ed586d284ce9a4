"""Pages that list notes: one for each tag, and a front page for a vault that has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from site_builder.names import NoteId, SitePath, folder, relative_url
from site_builder.render.connections import note_link
from site_builder.render.page import render_head
from site_builder.render.site_view import SiteView
from site_builder.site import Page


def tag_pages(tagged: Mapping[str, list[NoteId]], view: SiteView) -> Iterator[Page]:
    """Yield the page of each tag."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for tag in tagged:
        children[tag.rpartition("/")[0]].append(tag)
    for tag, notes in tagged.items():
        path = view.tags[tag]
        below = " ".join(
            f'<a class="tag" href="{escape(relative_url(path, view.tags[each]))}">#{escape(each)}</a>'
            for each in children[tag]
        )
        count = f"{len(notes)} note" if len(notes) == 1 else f"{len(notes)} notes"
        head = render_head(f"#{escape(tag)}", count)
        html = head + (f"<p>{below}</p>\n" if below else "") + note_list(notes, view, path)
        yield Page(path, None, f"#{tag}", "", html, ())


def note_list(notes: Iterable[NoteId], view: SiteView, page: SitePath) -> str:
    """Render notes as a list, by title, each with its description."""
    items = []
    for note in sorted(notes, key=lambda id_: (view.title(id_).lower(), id_)):
        description = view.notes[note].properties.text("description")
        said = f" <span>{escape(description, quote=False)}</span>" if description else ""
        items.append(f"<li>{note_link(note, view, page)}{said}</li>\n")
    return f'<ul class="wt-list">\n{"".join(items)}</ul>\n'


def front_page(view: SiteView, title: str) -> Page:
    """Return the front page of a vault that has no index, README or Home: its notes, by folder."""
    path = SitePath("")
    by_folder: defaultdict[str, list[NoteId]] = defaultdict(list)
    for note in view.paths:
        by_folder[folder(note)].append(note)
    parts = [render_head(escape(title, quote=False), "" if view.paths else "This vault holds no notes yet.")]
    for name in sorted(by_folder):
        parts.append(f"<h2>{escape(name, quote=False)}</h2>\n" if name else "")
        parts.append(note_list(by_folder[name], view, path))
    return Page(path, None, title, "", "".join(parts), ())
