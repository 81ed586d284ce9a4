"""`![[…]]`: images, media and parts of other notes, in place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from html import escape
from typing import TypeAlias

from site_builder.link import Found, ResolvedLink, extent
from site_builder.names import NoteId, slug
from site_builder.note import Link, LinkKind, Note
from site_builder.render.html import is_script
from site_builder.render.links import encoded, link_url, shown_as, stays_as_written
from site_builder.render.site_view import SiteView
from site_builder.render.state import PageState

IMAGES = frozenset((".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"))
AUDIO = frozenset((".3gp", ".flac", ".m4a", ".mp3", ".ogg", ".wav"))
VIDEO = frozenset((".mkv", ".mov", ".mp4", ".ogv", ".webm"))
_EMBED_LIMIT = 500  # on one page: a few notes that embed each other twice would otherwise double without end
_DEPTH_LIMIT = 20  # embeds in embeds: deeper, nobody reads
WritePart: TypeAlias = Callable[[Note, PageState, int, int], str]
_PDF_HEIGHT = "600"  # pixels: most of a page, at the width of a column of text
_HEIGHT = re.compile(r"^height=([0-9]{1,5})$")
_PLAYERS = {"youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo", "twitter.com": "X", "x.com": "X"}
_PLAYER = re.compile(rf"https?://((?:www\.|m\.)?(?:{'|'.join(map(re.escape, _PLAYERS))}))/", re.IGNORECASE)
_SIZE = re.compile(r"^(\d+)(?:x(\d+))?$")


def is_block(link: Link, resolved: ResolvedLink | None, view: SiteView) -> bool:
    """Whether an embed is a block: a note, or an image with a caption."""
    found = resolved.found if resolved else None
    if found is None or not view.published(found.file):
        return False
    if NoteId(found.file) in view.notes:
        return not found.lost
    kind = _extension(found)
    return kind == ".pdf" or (kind in IMAGES and link.kind is LinkKind.WIKILINK and bool(_caption(link)[0]))


def render_embed(link: Link, resolved: ResolvedLink | None, page: PageState, write: WritePart, *, alone: bool) -> str:
    """Render an embed; one that is missing, or would never end, is shown as such. `write` renders a part of a note."""
    page.embeds += 1
    found = resolved.found if resolved else None
    if resolved and stays_as_written(resolved, page.view):
        return external_image(link.address, link.display or "", link.title)
    if found is None:
        return f'<span class="wanted-note" title="Not in the vault">{escape(shown_as(link))}</span>'
    if not page.view.published(found.file):
        return ""
    if NoteId(found.file) in page.view.notes:
        if found.lost:
            return f'<span class="wanted-note" title="Not in the note">{escape(shown_as(link))}</span>'
        return _note(page.view.notes[NoteId(found.file)], found, link, page, write)
    return _file(found, link, page, alone=alone)


def external_image(address: str, text: str, title: str) -> str:
    """Render an image of another site; a video or a post, which Obsidian plays in a frame, is a link to it."""
    alt, size = _split_size(text)
    if not address or is_script(address, picture=True):
        return f'<span class="wanted-note" title="Not in the vault">{escape(alt)}</span>'
    extra = f' title="{escape(title)}"' if title else ""
    player = _PLAYER.match(address)
    if player:
        words = alt or f"On {_PLAYERS[player[1].lower().removeprefix('www.').removeprefix('m.')]}"
        return f'<a class="web-embed" href="{encoded(address)}"{extra}>{escape(words, quote=False)}</a>'
    return f'<img src="{encoded(address)}" alt="{escape(alt)}"{extra}{_size(size)} />'


def _note(note: Note, found: Found, link: Link, page: PageState, write: WritePart) -> str:
    step = note.id, found.place.anchor if found.place else ""
    url = link_url(found, page.view, page.path)
    title = " › ".join(
        [page.view.title(note.id), *(part for part in link.subpath.split("#") if part and "^" not in part)]
    )
    shown = f'<a href="{escape(url)}">{escape(title)}</a>'
    if step in page.chain:
        return f'<p class="embed-cut">This would embed {shown} without end.</p>\n'
    if page.embeds > _EMBED_LIMIT or len(page.chain) > _DEPTH_LIMIT:
        return f'<p class="embed-cut">This page embeds too much to show {shown} here.</p>\n'
    first, end = extent(note, found.place)
    page.chain.append(step)
    html = write(note, page, first, end)
    if first < end and note.events[first][0] == "item":
        html = _in_list(html, note, first)
    page.chain.pop()
    source = f'<p class="embed-source">{shown}</p>\n'
    return f'<div class="embed">\n<div class="embed-content">\n{html}</div>\n{source}</div>\n'


def _in_list(html: str, note: Note, item: int) -> str:
    """Put a list item into a list of its own; an ordered one keeps its number."""
    depth = number = 0
    for kind, value, _, _ in reversed(note.events[:item]):
        if kind == "list" and not depth:
            tag = "ul" if value is None else f'ol start="{value + number}"'
            return f"<{tag}>\n{html}</{tag[:2]}>\n"
        depth += (kind == "/list") - (kind == "list")
        number += kind == "item" and not depth
    return html


def _file(found: Found, link: Link, page: PageState, *, alone: bool) -> str:
    url = escape(page.view.target(found.file).url(page.path))
    name = posixpath.basename(found.file)
    kind = _extension(found)
    if kind in IMAGES:
        return _image(url, link, name, figure=alone and link.kind is LinkKind.WIKILINK)
    if kind in AUDIO:
        return f'<audio controls preload="metadata" src="{url}" aria-label="{escape(name)}"></audio>'
    if kind in VIDEO:
        size = _size(_caption(link)[1])
        return f'<video controls preload="metadata" src="{url}" aria-label="{escape(name)}"{size}></video>'
    if kind == ".pdf":
        return _pdf(url, link, name)
    return f'<a href="{url}" download>{escape(link.display or name)}</a>'


def _pdf(url: str, link: Link, name: str) -> str:
    """Show a PDF in a frame, and link to it: many phones show no PDF in a frame. `height=` is the frame's."""
    parts = [part for part in re.split("[#&]", link.subpath) if part]
    heights = [found[1] for part in parts if (found := _HEIGHT.match(part))]
    fragment = "&".join(part for part in parts if not _HEIGHT.match(part))
    address = f"{url}#{encoded(fragment)}" if fragment else url
    height = heights[-1] if heights else _PDF_HEIGHT
    label = escape(_caption(link)[0] or name)
    size = f'width="100%" height="{height}"'
    frame = f'<iframe class="pdf" src="{address}" title="{escape(name)}" {size} loading="lazy"></iframe>'
    return f'<div class="embed">\n{frame}\n<p class="embed-source"><a href="{address}">{label}</a></p>\n</div>\n'


def _image(url: str, link: Link, name: str, *, figure: bool) -> str:
    caption, size = _caption(link)
    names = " ".join(filter(None, map(slug, link.subpath.split("#"))))
    css = f' class="{escape(names)}"' if names else ""
    image = f'<img src="{url}" alt="{escape(caption or name)}"{css}{_size(size)} loading="lazy" />'
    if not (figure and caption):
        return image
    return f'<figure class="image">{image}<figcaption aria-hidden="true">{escape(caption)}</figcaption></figure>\n'


def _caption(link: Link) -> tuple[str, str]:
    """Take `alt|300x200` apart."""
    return _split_size(link.display or "")


def _split_size(text: str) -> tuple[str, str]:
    words, _, last = text.rpartition("|")
    return (words, last) if _SIZE.match(last.strip()) else (text, "")


def _size(size: str) -> str:
    found = _SIZE.match(size.strip())
    if not found:
        return ""
    height = f' height="{found[2]}"' if found[2] else ""
    return f' width="{found[1]}"{height}'


def _extension(found: Found) -> str:
    return posixpath.splitext(found.file)[1].lower()
