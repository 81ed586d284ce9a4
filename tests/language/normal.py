"""Two pieces of HTML compared as a reader's browser would: the form of the specification's own normalizer.

Attributes in order, entities resolved, white space between blocks ignored. What this site adds to the specified HTML is
taken away first: anchors of headings, the frame around highlighted code, when an image is loaded.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TypeAlias

Attributes: TypeAlias = list[tuple[str, str | None]]

_BLOCKS = frozenset(
    ("address", "blockquote", "body", "dd", "del", "details", "div", "dl", "dt", "fieldset", "form", "h1", "h2", "h3",
     "h4", "h5", "h6", "hr", "html", "iframe", "ins", "legend", "li", "link", "main", "menu", "meta", "ol", "option",
     "p", "param", "pre", "section", "source", "style", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
     "title", "tr", "ul")
)  # fmt: skip
_ADDED = re.compile(r'<a class="headerlink"[^>]*>.*?</a>')
_CODE = re.compile(r'<div class="language-(\S+) highlight"><pre><span></span><code>(.*?)</code></pre></div>', re.DOTALL)
_TOKEN = re.compile(r"</?span[^>]*>")


def normal(html: str) -> str:
    """Return HTML in a form in which equal pages are equal strings."""
    return _Normalizer(_CODE.sub(_plain_code, _ADDED.sub("", html))).text


def _plain_code(found: re.Match[str]) -> str:
    language = "" if found[1] == "text" else f' class="language-{found[1]}"'
    return f"<pre><code{language}>{_TOKEN.sub('', found[2])}</code></pre>"


class _Normalizer(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.in_pre = 0
        self.after_block = True
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._break_at(tag)
        self.pieces.append(f"<{tag}{''.join(self._attributes(tag, attrs))}>")
        self.in_pre += tag == "pre"
        self.after_block = tag in _BLOCKS or tag == "br"

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)
        self.in_pre -= tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.in_pre -= tag == "pre"
        self._break_at(tag)
        self.pieces.append(f"</{tag}>")
        self.after_block = tag in _BLOCKS

    def handle_data(self, data: str) -> None:
        if not self.in_pre:
            data = re.sub(r"\s+", " ", data)
            data = data.lstrip() if self.after_block else data
        if data:
            self.pieces.append(data.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
            self.after_block = False

    def handle_comment(self, data: str) -> None:
        self.pieces.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.pieces.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.pieces.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.pieces.append(f"<?{data}>")

    def _break_at(self, tag: str) -> None:
        if tag in _BLOCKS and self.pieces and not self.in_pre:
            self.pieces[-1] = self.pieces[-1].rstrip() if not self.pieces[-1].startswith("<") else self.pieces[-1]

    @staticmethod
    def _attributes(tag: str, attrs: Attributes) -> list[str]:
        added = {("img", "loading")} | {(f"h{level}", "id") for level in range(1, 7)}
        shown = sorted((name, value or "") for name, value in attrs if (tag, name) not in added)
        return [f' {name}="{value}"' for name, value in shown]
