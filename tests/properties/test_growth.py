"""Hostile sizes: the work grows with the text, not with its square, and nothing nests too deep.

Times are compared with each other, in one process, never with a clock's idea of fast.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from tests.properties.strategies import Balance, compile_files, page_of

_REPEATED = [
    "[", "[[", "]]", "![", "*", "**a* ", "_", "`", "~~", "$", "$x", "%%", "%%a%% ", "%%\na\n%%\n", "%%`%% a` ", "==",
    "==é== ", "#a ", "#é ", "[[a]] ", "[[a|", "^", "a ^b\n\n", "> ", "- ", "# a\n", "# a\n\n[[#a]]\n", "[^a]",
    "[^a]: b\n",  "![](a) ", "| a |\n|---|\n| b |\n^x\n\n", "> [!note] a\n\n", "- [ ] a\n", "https://a.b/) ", "\\",
    "&amp;", "---\n", "^[a] ", "^[é] ", "^[", "$$\n- a\n\n", "$$", "a$5 ",
]  # fmt: skip
_NUMBERED = {
    "headings and links to them": "## h {0}\n\n[[#h {0}]]\n\n",
    "blocks and links to them": "a ^b{0}\n\n[[#^b{0}]]\n\n",
    "footnotes": "a[^{0}]\n\n[^{0}]: b {0}\n\n",
    "missing notes": "[[nowhere {0}]]\n",
    "prose": "A sentence with a [[link {0}]], *stress* and `code`.\n\n",
    "one line": "word{0} ",
    "comments": "%%\n{0}\n%%\n\n",
}
_SIZE = 10_000
_NOISE = 0.2  # seconds below which a measurement says nothing


def _seconds(text: str) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        compile_files({"Note.md": text})
        return time.process_time() - start
    finally:
        gc.enable()


def _grows_evenly(make: Callable[[int], str], size: int) -> bool:
    for _ in range(3):
        twice = _seconds(make(2 * size))
        if twice <= 3 * _NOISE or twice <= 3 * _seconds(make(size)):
            return True
    return False


@pytest.mark.parametrize("piece", _REPEATED)
def test_twice_the_text_is_twice_the_work(piece: str) -> None:
    """A piece of the language repeated 20,000 times takes at most three times as long as 10,000 times."""
    assert _grows_evenly(lambda size: piece * size, _SIZE if len(piece) < 6 else _SIZE // 4)


@pytest.mark.parametrize("pattern", _NUMBERED.values(), ids=_NUMBERED.keys())
def test_twice_as_many_different_things_are_twice_the_work(pattern: str) -> None:
    """The same for headings, blocks, footnotes and links that all differ."""
    assert _grows_evenly(lambda size: "".join(pattern.format(number) for number in range(size)), _SIZE // 10)


@pytest.mark.parametrize(
    "text",
    [
        "> " * 500 + "[[A]]",
        "".join("> " * (depth + 1) + "[!note] a\n" for depth in range(500)),
        "".join("  " * depth + "- a\n" for depth in range(500)),
        "- " * 500 + "a",
        "*a **b " * 500 + "c** d*" * 500,
        "![" * 500 + "](a)" * 500,
        "$" + "{" * 5000 + "a" + "}" * 5000 + "$",
        "---\na: " + "[" * 100_000 + "\n---\ntext",
        "---\na: " + "[" * 1500 + "]" * 1500 + "\n---\ntext",
        "[^0]\n\n" + "".join(f"[^{number}]: [^{number + 1}]\n" for number in range(500)),
    ],
    ids=["quotes", "callouts", "indents", "bullets", "emphasis", "images", "braces", "yaml", "more yaml", "footnotes"],
)
def test_deep_nesting_is_shown(text: str) -> None:
    """Five hundred levels and more give a page, and the page is balanced HTML."""
    assert Balance(page_of(compile_files({"Note.md": text}), "Note.md").html).faults == []


def test_a_line_of_a_megabyte_is_not_quoted_whole() -> None:
    """The backlink of a link at the end of such a line shows the words beside it."""
    site = compile_files({"Note.md": "word " * 200_000 + "[[Target]] and more", "Target.md": "x"})
    html = page_of(site, "Target.md").html
    assert "…word word" in html
    assert "<mark>Target</mark> and more" in html
    assert len(html) < 2000


def test_embeds_that_double_are_cut() -> None:
    """Of thirty notes, each embedding the next one twice, every page is bounded and balanced."""
    notes = {f"N{number}.md": f"![[N{number + 1}]]\n\n![[N{number + 1}]]" for number in range(30)}
    for page in compile_files({**notes, "N30.md": "end"}).pages:
        assert len(page.html) < 200_000
        assert Balance(page.html).faults == []


def test_a_long_chain_of_embeds_is_cut() -> None:
    """Of a thousand notes, each embedding the next, the first shows some and says where it stops."""
    notes = {f"N{number}.md": f"![[N{number + 1}]]" for number in range(1000)}
    html = page_of(compile_files({**notes, "N1000.md": "end"}), "N0.md").html
    assert "embeds too much" in html
    assert Balance(html).faults == []
