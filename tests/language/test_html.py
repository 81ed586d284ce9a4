"""Raw HTML that wants to run code does not, judged by a parser that is not the compiler's, and by a browser."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from site_builder.render.html import is_script
from tests.properties.strategies import Balance, compile_files, page_of, texts

ATTACKS = [
    "<script>wt()</script>", "<SCRIPT SRC=x onerror=wt()></SCRIPT>", "<scr<script>ipt>wt()</scr</script>ipt>",
    "a <script>wt()</script> b", "<script\n>wt()</script\n>", "<script>\n\nwt()\n\n</script>", "<script>wt()//",
    "<img src=x onerror=wt()>", "<img src=x onerror='wt()'", "<img/src=x/onerror=wt()>", "<img src=x oNeRrOr=wt()>",
    "<img src='x' onerror =\n'wt()'>", "<img title='\"><script>wt()</script>' src=x>", "<img src=javascript:wt()>",
    "<svg onload=wt()>", "<svg><script>wt()</script></svg>", "<svg><animate onbegin=wt() attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:wt()><text y=9>x</text></a></svg>", "<math><mi xlink:href='javascript:wt()'>x</mi>",
    "<math><mtext><table><mglyph><style><img src=x onerror=wt()>", "<svg></p><style><a id=\"</style><img src=x onerror=wt()>\">",
    "<a href=javascript:wt()>x</a>", "<a href='java\tscript:wt()'>x</a>", "<a href=' javascript:wt()'>x</a>",
    "<a href='&#106;avascript:wt()'>x</a>", "<a href='javascript&colon;wt()'>x</a>", "<a href=JaVaScRiPt:wt()>x</a>",
    "<a href='data:text/html,<script>wt()</script>'>x</a>", "<a href='vbscript:wt()'>x</a>",
    "<a href='\x01javascript:wt()'>x</a>", "<a href=x onclick=wt() onmouseover=wt() autofocus onfocus=wt()>x</a>",
    "[x](javascript:wt())", "[x](JAVASCRIPT:wt())", "[x](<java\tscript:wt()>)", "[x](&#x6A;avascript:wt())",
    "[x](javascript&#58;wt())", "[x](data:text/html;base64,PHNjcmlwdD53dCgpPC9zY3JpcHQ+)", "![x](javascript:wt())",
    "<javascript:wt()>", "[x]: javascript:wt()\n\n[x]", "[x](vbscript:wt())", "[x](\x01javascript:wt())",
    "<iframe src=javascript:wt()></iframe>", "<iframe srcdoc='<script>parent.wt()</script>'></iframe>",
    "<iframe src='data:text/html,<script>parent.wt()</script>'>", "<object data=javascript:wt()></object>",
    "<embed src=javascript:wt()>", "<form action=javascript:wt()><input type=submit autofocus></form>",
    "<button onclick=wt() autofocus onfocus=wt()>x</button>", "<input autofocus onfocus=wt()>",
    "<select autofocus onfocus=wt()>", "<textarea autofocus onfocus=wt()>", "<details open ontoggle=wt()>x</details>",
    "<video src=x onerror=wt()></video>", "<video><source onerror=wt() src=x></video>", "<audio src=x onerror=wt()>",
    "<body onload=wt()>", "<base href='javascript:wt()//'>", "<meta http-equiv=refresh content='0;url=javascript:wt()'>",
    "<link rel=stylesheet href='data:text/css,*{x:y}'>", "<style>@import 'javascript:wt()';</style>",
    "<div style='background:url(javascript:wt())'>x</div>", "<div style='width:expression(wt())'>x</div>",
    "<marquee onstart=wt()>x</marquee>", "<x onclick=wt() tabindex=1 id=x autofocus onfocus=wt()>x</x>",
    "<noscript><p title='</noscript><img src=x onerror=wt()>'></noscript>", "<title><img src=x onerror=wt()></title>",
    "<template><script>wt()</script></template>", "<!--><img src=x onerror=wt()>-->", "<!-- --!><img src=x onerror=wt()> -->",
    "<![CDATA[<img src=x onerror=wt()>]]>", "<?xml <img src=x onerror=wt()> ?>", "<!DOCTYPE x [<!ENTITY y 'z'>]>",
    "</div></section><script>wt()</script>", "<plaintext><img src=x onerror=wt()>", "<xmp><img src=x onerror=wt()></xmp>",
    "> [!note|\" onmouseover=wt() x=\"] <img src=x onerror=wt()>\n> y", "---\ntitle: <img src=x onerror=wt()>\n---\nx",
    "---\nurl: <script>wt()</script>\ndescription: '\"><img src=x onerror=wt()>'\n---\nx", "# <img src=x onerror=wt()>\n\nx",
    "```\"><img src=x onerror=wt()>\nx\n```", "```python title=\"<img src=x onerror=wt()>\"\nx\n```",
    "$<img src=x onerror=wt()>$", "$\\href{javascript:wt()}{x}$", "#a\"onclick=wt()", "[[<img src=x onerror=wt()>]]",
    "![[x.png|\" onerror=\"wt()]]", "==<img src=x onerror=wt()>==", "x[^1]\n\n[^1]: <img src=x onerror=wt()>",
    "| <img src=x onerror=wt()> |\n| - |\n| <script>wt()</script> |",
]  # fmt: skip
_PIECES = [
    "<", ">", "</", "/>", "\"", "'", "=", " ", "\n", "\n\n", "&#106;", "&Tab;", "\t", "\x00", "<b>", "</b>", "<div>", "</div>",
    "<img src=x onerror=wt()>", "<script>", "</script>", "<svg>", "</svg>", "<style>", "</style>", "<!--", "-->", "<![CDATA[",
    "<a href=", "javascript:wt()", "data:text/html,", "onclick=", "wt()", "<table>", "<td>", "</table>", "<math>", "<iframe src=",
    "<p>", "</p>", "<x-y>", "<template>", "<li>", "> ", "- ", "[x](", ")", "`", "*", "<br>", "<details open ontoggle=wt()>", "é",
]  # fmt: skip


class Parsed(HTMLParser):
    """What could run in a page: script elements, handlers, addresses that are scripts."""

    _BANNED = frozenset(("script", "iframe", "object", "embed", "base", "meta", "link", "style", "form", "template"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BANNED:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("srcdoc", "xlink:href", "action", "formaction"):
                self.found.append(f"{tag} {name}")
            address = re.sub(r"[\x00-\x20]", "", unescape(value or "")).lower()
            if name in ("href", "src", "poster", "data") and re.match(
                r"(javascript|vbscript|data:(?!image/))", address
            ):
                self.found.append(f"{tag} {name}={value}")


def words(html: str) -> str:
    """The page without the formulas, which KaTeX makes from TeX and not from the note's HTML."""
    return re.sub(r'<(span|div) class="math.*?<!--/math--></\1>', "", html, flags=re.DOTALL)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_leaves_nothing_that_runs(attack: str) -> None:
    html = words(page_of(compile_files({"A.md": attack, "B.md": f"[[A]]\n\n![[A]]\n\n{attack}"}), "B.md").html)
    assert Parsed(html).found == []
    assert [fault for fault in Balance(html).faults if "</" not in fault] == []


def test_no_attack_runs_in_a_browser(browser: Browser) -> None:
    """All attacks as pages, opened, their links pressed and their elements hovered over: `wt` is never called."""
    site = compile_files({f"{number}.md": attack for number, attack in enumerate(ATTACKS)})
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_default_timeout(2000)
    for number, attack in enumerate(ATTACKS):
        html = page_of(site, f"{number}.md").html
        page.set_content(f"<script>window.ran = 0; window.wt = () => {{ window.ran += 1 }}</script><main>{html}</main>")
        page.evaluate(
            "for (const e of document.querySelectorAll('main *')) for (const t of ['click', 'mouseover', 'focus', 'toggle'])"
            " { const v = new Event(t, {bubbles: true, cancelable: true}); v.preventDefault(); e.dispatchEvent(v) }"
        )
        assert page.evaluate("window.ran") == 0, attack
        assert page.evaluate("[...document.links].every(a => !/^(java|vb)script:/.test(a.protocol))"), attack
    context.close()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join) | texts)
def test_whatever_a_note_holds_nothing_in_it_runs(text: str) -> None:
    html = words(page_of(compile_files({"A.md": text}), "A.md").html)
    assert Parsed(html).found == []
    assert html.rstrip().endswith(("</div>", "</section>"))
    assert Balance(html).faults == []


@pytest.mark.parametrize(
    ("address", "picture", "expected"),
    [
        ("javascript:x", False, True), (" JavaScript :x", False, True), ("java\nscript:x", False, True),
        ("data:text/html,x", True, True), ("data:image/png;base64,x", True, False), ("data:image/png,x", False, True),
        ("data:image/svg+xml,x", True, True), ("https://a.b/javascript:", False, False), ("x/javascript:y", False, False),
    ],
)  # fmt: skip
def test_an_address_is_a_script_or_not(address: str, picture: bool, expected: bool) -> None:
    assert is_script(address, picture=picture) is expected
