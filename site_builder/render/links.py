"""The HTML of one link. Knows nothing of what stands between its tags."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from site_builder.link import Found, ResolvedLink
from site_builder.names import TOP, Anchor, NoteId, SitePath, quote_anchor
from site_builder.note import Link, LinkKind
from site_builder.render.html import is_script
from site_builder.render.site_view import SiteView

_PLAIN = "<span>"
_IN_ADDRESSES = "-_.+!*'(),%#@?=;:/&$~"


def open_link(value: Link | tuple[str, str], resolved: ResolvedLink | None, view: SiteView, page: SitePath) -> str:
    """Return a link's opening tag: to another site, to a file of the vault, or the mark of a note not yet written."""
    address, title = (value.address, value.title) if isinstance(value, Link) else value
    extra = f' title="{escape(title)}"' if title else ""
    found = resolved.found if resolved else None
    if not isinstance(value, Link) or (resolved and stays_as_written(resolved, view)):
        if is_script(address) and not view.trust_html:
            return _PLAIN
        return f'<a href="{encoded(address)}"{extra}>'
    if found is None:
        return '<span class="wanted-note" title="Not written yet">'
    if not view.published(found.file):
        return _PLAIN
    part = f"#{quote_anchor(Anchor(value.subpath))}" if value.subpath and NoteId(found.file) not in view.notes else ""
    return f'<a href="{escape(link_url(found, view, page) + part)}"{extra}>'


def stays_as_written(resolved: ResolvedLink, view: SiteView) -> bool:
    """Whether a link keeps its address though it leads nowhere: in CommonMark, an address is the author's affair."""
    found = resolved.found
    lost = found is None or (found.lost and not resolved.link.path)
    return bool(lost) and bool(resolved.link.address) and view.notes[resolved.origin].markup == "commonmark"


def encoded(address: str) -> str:
    """Return an address fit for an attribute; what no address may hold is percent-encoded, as CommonMark does it."""
    return escape(quote(address, safe=_IN_ADDRESSES))


def link_url(found: Found, view: SiteView, page: SitePath) -> str:
    """Return the address a found link leads to, from a page."""
    anchor = found.place.anchor if found.place else TOP
    return view.target(found.file, Anchor(anchor)).url(page)


def close_link(opening: str) -> str:
    return "</a>" if opening.startswith("<a ") else "</span>"


def shown_as(link: Link) -> str:
    """Return how Obsidian shows a link without display text: `Note > Heading`."""
    parts = [link.path, *link.subpath.split("#")]
    return " > ".join(part for part in parts if part) or "#"


def is_named_by_target(value: Link | tuple[str, str]) -> bool:
    """Whether a link shows where it leads, for want of words of its own."""
    return isinstance(value, Link) and value.display is None and value.kind is LinkKind.WIKILINK
