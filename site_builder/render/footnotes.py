"""The footnotes at the end of a page: those of its own note and of the notes that it embeds."""

from __future__ import annotations

from collections.abc import Mapping

from site_builder.names import NoteId
from site_builder.note import FootnoteDefinition, Note
from site_builder.render.embeds import WritePart
from site_builder.render.state import PageState

_END_OF_MARK = "</a></sup>"


def render_footnotes(page: PageState, write: WritePart) -> str:
    """Render the footnotes that were referred to, in order of first use; their own footnotes follow.

    `write` renders a part of a note.
    """
    if not page.cited:
        return ""
    items: list[str] = []
    definitions: dict[NoteId, Mapping[str, FootnoteDefinition]] = {}
    for number, (id_, label) in enumerate(page.cited, 1):  # writing one may cite more
        note = page.view.notes[id_]
        if id_ not in definitions:
            definitions[id_] = {each.label: each for each in reversed(note.footnotes)}
        items.append(_footnote(page, note, definitions[id_][label], number, write))
    return f'<div class="footnote">\n<hr />\n<ol>\n{"".join(items)}</ol>\n</div>\n'


def footnote_mark(note: NoteId, label: str, page: PageState, before: str) -> str:
    """Return the raised number that refers to a footnote; numbers are given in order of first use on the page.

    Where another one stands directly `before` it, it is marked so: two numbers must not be read as one.
    """
    key = note, label
    first = key not in page.footnotes
    number = page.footnotes.setdefault(key, len(page.footnotes) + 1)
    if first:
        page.cited.append(key)
    id_ = f' id="fnref:{number}"' if first else ""
    beside = ' class="wt-beside"' if before.endswith(_END_OF_MARK) else ""
    return f'<sup{beside}{id_}><a class="footnote-ref" href="#fn:{number}">{number}{_END_OF_MARK}'


def _footnote(page: PageState, note: Note, definition: FootnoteDefinition, number: int, write: WritePart) -> str:
    html = write(note, page, definition.first, definition.end).rstrip()
    back = f'<a class="footnote-backref" href="#fnref:{number}" title="Back to the text">↩</a>'
    html = f"{html[:-4]} {back}</p>" if html.endswith("</p>") else f"{html} {back}"
    return f'<li id="fn:{number}">\n{html}\n</li>\n'
