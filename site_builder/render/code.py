"""Highlighted code, by pymdownx.highlight, so that Material's copy buttons, titles and line numbers work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache as memoize
from html import escape
from typing import Any, NamedTuple

from site_builder.cache import Cache, content_key

_OPTION = re.compile(r"(title|hl_lines|linenums)=(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_FORMAT = "3"
_SPELLED = {"base": "yaml"}  # languages that the highlighter knows by another name
_UNKNOWN = '<div class="language-text'


class Listing(NamedTuple):
    """Code as it stands after its fence: the whole info string, and the text."""

    info: str
    text: str

    @property
    def language(self) -> str:
        """The fence's first word, as writers spell it: `python`, `{.python}`, `python{1,2}`."""
        found = re.match(r"\s*\{?\.?([\w+#.-]*)", self.info)
        return found[1].lower() if found else ""

    @property
    def named(self) -> str:
        """The fence's first word as it stands there."""
        return "" if self.info.lstrip().startswith("{") else self.info.split(maxsplit=1)[0] if self.info.strip() else ""


def highlight(listings: Iterable[Listing], cache: Cache) -> Mapping[Listing, str]:
    """Highlight code, each listing once."""
    wanted = {listing: content_key(_FORMAT, *listing) for listing in listings}
    kept = cache.get_kind("code") if wanted else {}
    new = {key: _highlight(listing) for listing, key in wanted.items() if key not in kept}
    if new:
        cache.put("code", new)
        kept.update(new)
    return {listing: str(kept[key]) for listing, key in wanted.items()}


def _highlight(listing: Listing) -> str:
    if listing.language == "mermaid":
        return _diagram(listing.text)
    options = {name: first or second or third for name, first, second, third in _OPTION.findall(listing.info)}
    linenums = options.get("linenums", "")
    html: str = _highlighter().highlight(
        listing.text,
        _SPELLED.get(listing.language, listing.language) or "text",
        title=options.get("title"),
        hl_lines=_line_numbers(options.get("hl_lines", "")),
        linestart=int(linenums) if linenums.isdigit() else -1,
    )
    if not listing.text:
        html = html.replace("<code>\n</code>", "<code></code>")
    if listing.named and html.startswith(_UNKNOWN):  # the highlighter calls what it does not know plain text
        html = f'<div class="language-{escape(listing.named)}{html.removeprefix(_UNKNOWN)}'
    return html + "\n"


def _diagram(source: str) -> str:
    """A diagram's text, which the reader's browser draws; where it does not, the text is there."""
    code = f"<summary>The diagram as text</summary><pre><code>{escape(source, quote=False)}</code></pre>"
    return f'<div class="diagram" data-search-exclude><details class="wt-folded" open>{code}</details></div>\n'


def _line_numbers(text: str) -> list[int]:
    """Read `1 3-5` as lines 1, 3, 4 and 5."""
    numbers: list[int] = []
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        numbers += range(int(first), min(int(last or first), int(first) + 10_000) + 1)
    return numbers


@memoize
def _highlighter() -> Any:
    from pymdownx.highlight import Highlight  # slow to load: only when code is new

    return Highlight(None, pygments_lang_class=True, anchor_linenums=False, stripnl=False)
