"""Events to HTML. Knows nothing of pages, templates or disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from site_builder.link import ResolvedLink
from site_builder.names import relative_url, unique_anchor
from site_builder.note import CONTAINERS, Board, Callout, Card, Citation, Event, Link, Note, Tag
from site_builder.render.callouts import close_callout, close_title, open_callout, open_title
from site_builder.render.canvas import card_names, close_canvas, open_canvas, open_card
from site_builder.render.citations import render_citation
from site_builder.render.code import Listing
from site_builder.render.embeds import external_image, is_block, render_embed
from site_builder.render.events import after, may_hold_blocks, paragraph_tag, signs_behind, without_links
from site_builder.render.footnotes import footnote_mark
from site_builder.render.html import RawHtml
from site_builder.render.links import close_link, is_named_by_target, open_link, shown_as
from site_builder.render.lists import is_task, open_list, task_box
from site_builder.render.math import display_formula, inline_formula
from site_builder.render.mkdocs_page import render_mkdocs_page
from site_builder.render.state import PageState, Scope
from site_builder.site import TocEntry

_STATIC = {
    "em": "<em>", "/em": "</em>", "strong": "<strong>", "/strong": "</strong>", "del": "<del>",
    "/del": "</del>", "highlight": "<mark>", "/highlight": "</mark>", "rule": "<hr />\n", "/item": "</li>\n",
    "hardbreak": "<br />\n", "/quote": "</blockquote>\n", "/canvascard": "</div>\n", "/row": "</tr>\n",
    "/thead": "</tr>\n</thead>\n<tbody>\n", "/table": "</tbody>\n</table>\n</div>\n",
}  # fmt: skip


def render_part(note: Note, page: PageState, first: int, end: int) -> str:
    """Render the events `first` to `end` of a note on a page that is not its own."""
    return Writer(page, Scope.within(note)).write(note.events[first:end], first)


def render_inline(events: Iterable[Event], note: Note, page: PageState) -> str:
    """Render inline events without their links, for titles and contexts; a link's words are those the note shows."""
    return Writer(page, Scope.bare(note)).write(list(without_links(events)), 0)


_SPECIAL = re.compile("[&<>]")
_HTML = frozenset(("htmlblock", "inlinehtml"))
_PLAIN_WORDS = frozenset(("text", "code", "em", "/em", "strong", "/strong"))
_RENDERED_APART = frozenset(("heading", "codeblock", "htmlblock", "footnotedef"))
"""The elements that a handler writes whole, so that this writer does not come to their ends."""


class Writer:
    """Writes one run of events. Each `_on_…` answers one kind of event."""

    def __init__(self, page: PageState, scope: Scope, lowered: int = 0) -> None:
        self.page = page
        self.view = page.view
        self.scope = scope
        self.lowered = lowered
        self.out: list[str] = []
        self.in_head = False
        self.alignments: Sequence[str] = ()
        self.column = 0
        self.open_links: list[str] = []
        self.paragraphs: list[str] = []
        self.closers: list[str] = []
        self.events: Sequence[Event] = ()
        self.block_events: bool | None = None
        self.raw: RawHtml | None = None
        self.skip_to = 0
        self.told_at, self.told = -1, 0  # of the text at that place, how many characters are written already

    def write(self, events: Sequence[Event], offset: int) -> str:
        append = self.out.append
        self.events = events
        raw = self.raw = self._raw_html(events)
        for index, (kind, value, start, _) in enumerate(events):
            if index < self.skip_to:
                continue
            if raw:
                self._keep_within(raw, kind)
            if raw and raw.dropping and kind == "text":
                continue
            if kind == "text":
                if index == self.told_at:
                    value = value[self.told :]
                append(escape(value, quote=False) if _SPECIAL.search(value) else value)
            elif kind in _STATIC:
                append(_STATIC[kind])
            else:
                _HANDLERS[kind](self, value, start, index, offset + index)
        if raw:
            append(raw.finish())
        return "".join(self.out)

    def _raw_html(self, events: Sequence[Event]) -> RawHtml | None:
        if self.view.trust_html or not any(event[0] in _HTML for event in events):
            return None
        return RawHtml()

    def _keep_within(self, raw: RawHtml, kind: str) -> None:
        """Have raw HTML that was opened in an element end with it."""
        if kind in CONTAINERS and kind not in _RENDERED_APART:
            raw.opened()
        elif kind[0] == "/":
            self.out.append(raw.closed())

    def _resolved(self, start: int) -> ResolvedLink | None:
        return self.view.links.get(self.scope.note.id, {}).get(start)

    def _id(self, index: int) -> str:
        anchor = self.scope.anchors.get(index)
        return f' id="{escape(anchor)}"' if anchor else ""

    def _on_paragraph(self, value: None, start: int, index: int, at: int) -> None:
        tag = self._paragraph_tag(index)
        id_ = self._id(at)
        verdict = self.view.verdicts.get((self.scope.note.id, self.scope.anchors[at][1:].lower())) if id_ else None
        self.paragraphs.append((f" {verdict}" if verdict else "") + (f"</{tag}>\n" if tag else "\n"))
        if tag:
            css = ' class="claim"' if verdict else ' class="paragraph"' if tag == "div" else ""
            self.out.append(f"<{tag}{id_}{css}>")
        elif id_:
            self.out.append(f"<span{id_}></span>")

    def _paragraph_tag(self, index: int) -> str:
        if self.block_events is None:
            self.block_events = may_hold_blocks(self.events)
        return paragraph_tag(self.events, index, self._is_block) if self.block_events else "p"

    def _is_block(self, embed: Event) -> bool:
        return is_block(embed[1], self._resolved(embed[2]), self.view)

    def _end_paragraph(self, value: None, start: int, index: int, at: int) -> None:
        self.out.append(self.paragraphs.pop() if self.paragraphs else "</p>\n")

    def _on_heading(self, value: Any, start: int, index: int, at: int) -> None:
        heading = self.scope.headings.get(at)
        end = after(self.events, index, "heading")
        note, page = self.scope.note, self.page
        words = self.events[index + 1 : end - 1]
        plain = all(event[0] in _PLAIN_WORDS for event in words)
        html = Writer(page, Scope.bare(note)).write(words, at + 1)
        level = min(6, int(value["level"][1]) + self.lowered)
        if heading is None:
            self.out.append(f"<h{level}>{html}</h{level}>\n")
        elif self.scope.embedded:
            anchor = unique_anchor(heading.anchor, page.used)
            self.out.append(f'<h{level} id="{escape(anchor)}">{html}</h{level}>\n')
        else:
            page.toc.append(TocEntry(html if plain else render_inline(words, note, page), heading.anchor, level))
            link = f'<a class="headerlink" href="#{escape(heading.anchor)}" title="Permanent link">&para;</a>'
            self.out.append(f'<h{level} id="{escape(heading.anchor)}">{html}{link}</h{level}>\n')
        self.skip_to = end

    def _on_softbreak(self, value: None, start: int, index: int, at: int) -> None:
        # in a notebook, and in CommonMark, a line end is a space
        spaced = self.view.strict_line_breaks or self.lowered or self.scope.note.markup == "commonmark"
        self.out.append("\n" if spaced else "<br />\n")

    def _on_code(self, value: str, start: int, index: int, at: int) -> None:
        self.out.append(f"<code>{escape(value, quote=False)}</code>")

    def _on_math(self, value: str, start: int, index: int, at: int) -> None:
        formula, signs = inline_formula(value, self.view.formulas), signs_behind(self.events, index)
        self.told_at, self.told = index + 1, len(signs)
        self.out.append(f'<span class="tied">{formula}{signs}</span>' if signs else formula)

    def _on_displaymath(self, value: str, start: int, index: int, at: int) -> None:
        self.out.append(display_formula(value, self.view.formulas, "div" if self.paragraphs else "span"))

    def _on_codeblock(self, value: Any, start: int, index: int, at: int) -> None:
        end = after(self.events, index, "codeblock")
        text = "".join(event[1] for event in self.events[index + 1 : end - 1])
        info = value["Fenced"] if isinstance(value, dict) else ""
        self.skip_to = end
        listing = Listing(info, text)
        id_ = self._id(at)
        html = self.view.place_model(text, self.page.path) if listing.language == "model" else None
        html = html or self.view.listings[listing]
        self.out.append(f"<div{id_}>{html}</div>\n" if id_ else html)

    def _on_htmlblock(self, value: None, start: int, index: int, at: int) -> None:
        self.skip_to = after(self.events, index, "htmlblock")
        html = "".join(event[1] for event in self.events[index + 1 : self.skip_to - 1])
        self._on_inlinehtml(html, start, index, at)

    def _on_inlinehtml(self, value: str, start: int, index: int, at: int) -> None:
        self.out.append(self.raw.feed(value) if self.raw else value)

    def _on_list(self, value: int | None, start: int, index: int, at: int) -> None:
        self.closers.append("</ul>\n" if value is None else "</ol>\n")
        self.out.append(open_list(value, self._id(at), tasks=is_task(self.events, index + 1)))

    def _end_list(self, value: Any, start: int, index: int, at: int) -> None:
        self.out.append(self.closers.pop())

    _end_callout = _end_cell = _end_canvas = _end_list

    def _on_item(self, value: None, start: int, index: int, at: int) -> None:
        following = self.events[index + 1 : index + 3]
        css = ' class="task-list-item"' if is_task(self.events, index) else ""
        self.out.append(f"<li{self._id(at)}{css}>")
        if following and following[0][0] in ("paragraph", "list", "quote", "callout", "codeblock", "heading"):
            self.out.append("\n")

    def _on_task(self, value: str, start: int, index: int, at: int) -> None:
        self.out.append(task_box(value.strip()))

    def _on_quote(self, value: Any, start: int, index: int, at: int) -> None:
        self.out.append(f"<blockquote{self._id(at)}>\n")

    def _on_callout(self, value: Callout, start: int, index: int, at: int) -> None:
        self.closers.append(close_callout(value))
        self.out.append(open_callout(value, self._id(at)))

    def _on_callouttitle(self, value: Callout, start: int, index: int, at: int) -> None:
        self.out.append(open_title(value))

    def _end_callouttitle(self, value: Callout, start: int, index: int, at: int) -> None:
        self.out.append(close_title(value))

    def _on_table(self, value: Sequence[str], start: int, index: int, at: int) -> None:
        self.alignments = value
        self.out.append(f'<div class="table-wrap"{self._id(at)}>\n<table>\n')

    def _on_thead(self, value: None, start: int, index: int, at: int) -> None:
        self.in_head, self.column = True, 0
        self.out.append("<thead>\n<tr>\n")

    def _on_row(self, value: None, start: int, index: int, at: int) -> None:
        self.in_head, self.column = False, 0
        self.out.append("<tr>\n")

    def _on_cell(self, value: None, start: int, index: int, at: int) -> None:
        align = self.alignments[self.column] if self.column < len(self.alignments) else "None"
        style = f' style="text-align: {align.lower()}"' if align != "None" else ""
        self.column += 1
        named = self.in_head and self.events[index + 1][0] != "/cell"  # an empty corner heads no column
        self.closers.append("</th>\n" if named else "</td>\n")
        self.out.append(f"<{'th' if named else 'td'}{style}>")

    def _on_link(self, value: Link | tuple[str, str], start: int, index: int, at: int) -> None:
        resolved = self._resolved(start) if isinstance(value, Link) else None
        opening = open_link(value, resolved, self.view, self.page.path)
        self.open_links.append(close_link(opening))
        self.out.append(opening)
        if isinstance(value, Link) and is_named_by_target(value):
            self.out.append(escape(shown_as(value), quote=False))
            self.skip_to = after(self.events, index, "link") - 1

    def _end_link(self, value: None, start: int, index: int, at: int) -> None:
        self.out.append(self.open_links.pop() if self.open_links else "")

    def _on_image(self, value: tuple[str, str, str], start: int, index: int, at: int) -> None:
        self.out.append(external_image(*value))

    def _on_embed(self, value: Link, start: int, index: int, at: int) -> None:
        alone = not (self.paragraphs and self.paragraphs[-1].strip())
        self.out.append(render_embed(value, self._resolved(start), self.page, render_part, alone=alone))

    def _on_tag(self, value: Tag, start: int, index: int, at: int) -> None:
        path = self.view.tags.get(value.name.lower())
        name = f"#{escape(value.name)}"
        if path is None:
            self.out.append(f'<span class="tag">{name}</span>')
        else:
            self.out.append(f'<a class="tag" href="{escape(relative_url(self.page.path, path))}">{name}</a>')

    def _on_footnoteref(self, value: str, start: int, index: int, at: int) -> None:
        self.out.append(footnote_mark(self.scope.note.id, value, self.page, "".join(self.out[-1:])))

    def _on_citation(self, value: Citation, start: int, index: int, at: int) -> None:
        self.out.append(render_citation(value, self.view.works, self.page.path))

    def _on_canvas(self, value: Board, start: int, index: int, at: int) -> None:
        names = dict(card_names(self.events, self.view, self.scope.note.id))
        self.closers.append(close_canvas(value, names))
        self.out.append(open_canvas(value))

    def _on_canvascard(self, value: Card, start: int, index: int, at: int) -> None:
        self.out.append(open_card(value))

    def _on_mkdocspage(self, value: str, start: int, index: int, at: int) -> None:
        self.out.append(render_mkdocs_page(value, self.scope, self.page))

    def _on_footnotedef(self, value: str, start: int, index: int, at: int) -> None:
        self.skip_to = after(self.events, index, "footnotedef")


_Handler = Callable[[Writer, Any, int, int, int], None]
_HANDLERS: dict[str, _Handler] = {
    name.replace("_on_", "", 1) if name.startswith("_on_") else "/" + name.replace("_end_", "", 1): handler
    for name, handler in vars(Writer).items()
    if name.startswith(("_on_", "_end_"))
}
