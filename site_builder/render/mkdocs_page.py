"""What Python-Markdown made of a page: its links get their addresses, and what runs code goes."""

from __future__ import annotations

import re
from html import escape

from site_builder.link import ResolvedLink
from site_builder.names import NoteId, SitePath
from site_builder.parse.dialects import LINK
from site_builder.render.html import clean_page
from site_builder.render.links import link_url
from site_builder.render.site_view import SiteView
from site_builder.render.state import PageState, Scope
from site_builder.site import TocEntry

_ADDRESS = re.compile(rf' (?P<name>href|src)="{LINK}(?P<place>[0-9]+)"')


def render_mkdocs_page(html: str, scope: Scope, page: PageState) -> str:
    """Return the page with the addresses of its links, sanitized unless the vault is trusted."""
    links = page.view.links.get(scope.note.id, {})

    def address(found: re.Match[str]) -> str:
        return _attributes(found["name"], links.get(int(found["place"])), page.view, page.path)

    if not scope.embedded:
        below = (heading for heading in scope.note.headings if heading.event < 0)
        page.toc.extend(TocEntry(escape(each.text, quote=False), each.anchor, each.level) for each in below)
    linked = _ADDRESS.sub(address, html)
    return f"{linked if page.view.trust_html else clean_page(linked)}\n"


def _attributes(name: str, resolved: ResolvedLink | None, view: SiteView, page: SitePath) -> str:
    found = resolved.found if resolved else None
    if found is None:
        return ' class="wanted-note" title="Not written yet"'
    if not view.published(found.file):
        return ""
    fragment = resolved.link.subpath if resolved and NoteId(found.file) not in view.notes else ""
    return f' {name}="{escape(link_url(found, view, page))}{escape(f"#{fragment}") if fragment else ""}"'
