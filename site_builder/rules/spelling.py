"""How a link would be written to lead to a file, for hints. Knows nothing of what is wrong with it."""

from __future__ import annotations

from site_builder.note import Link, LinkKind


def rewrite(link: Link, target: str, display: str = "") -> str:
    """Return a link as its author would write it to `target`, with the words it shows now or else `display`.

    Of a Markdown link only the address, in backticks.
    """
    place = f"#{link.subpath}" if link.subpath else ""
    if link.kind in (LinkKind.MARKDOWN, LinkKind.MKDOCS):
        return f"`{target}{place}`"
    words = link.display or ("" if link.embed else display)
    return f"{'!' if link.embed else ''}[[{target}{place}{f'|{words}' if words else ''}]]"
