"""Obsidian's language, one line a case: what each becomes on the page, and which rules speak.

`one_line.txt` holds, for each case, the line (`⏎` is its end) and below it, indented, the HTML and the rules' codes.
`pytest tests/language/test_one_line.py --update-cases` writes what really comes, to be read before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from site_builder.cache import Cache
from site_builder.compile import compile_site
from site_builder.project import Project
from site_builder.settings import Settings
from site_builder.site import Site

_FILE = Path(__file__).parent / "one_line.txt"
_FORMULA = re.compile(
    r'<(span|div) class="(math[^"]*)".*?application/x-tex">(.*?)</annotation>.*?<!--/math--></\1>', re.DOTALL
)
_BODY = '<div class="note-body">\n'
_AROUND = {
    "B.md": "---\naliases: [An alias]\n---\nA block. ^block\n\n## Part\n\n### Below\n",
    "My Note.md": "## Part\n",
    "v1.2 Notes.md": "",
    "deep/a/Partial.md": "",
    "deep/Partial.md": "",
    **dict.fromkeys(("figure.png", "sound.mp3", "film.mp4", "paper.pdf"), ""),
}
"""The vault that the lines are written in."""


@dataclass(frozen=True)
class _Case:
    topic: str
    source: str
    expected: str


def _read() -> list[_Case]:
    cases: list[_Case] = []
    topic = ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            topic = line[3:]
        elif line.startswith("    ") and cases:
            last = cases.pop()
            cases.append(_Case(last.topic, last.source, f"{last.expected}{line[4:]}\n"))
        elif line:
            cases.append(_Case(topic, line, ""))
    return cases


_CASES = _read()


def _path(index: int) -> str:
    return f"cases/{index:03}.md"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    vault = tmp_path_factory.mktemp("one-line")
    notes = {_path(index): case.source.replace("⏎", "\n") for index, case in enumerate(_CASES)}
    for path, text in (_AROUND | notes).items():
        (vault / path).parent.mkdir(parents=True, exist_ok=True)
        (vault / path).write_text(text, encoding="utf-8")
    return compile_site(Project(vault, vault, "One line", Settings()), Cache(None), run=False)


@pytest.fixture(scope="module")
def actual(site: Site, pytestconfig: pytest.Config) -> Mapping[str, str]:
    codes: dict[str, list[str]] = {}
    for each in site.diagnostics:
        codes.setdefault(each.file.path, []).append(each.rule.code)
    found = {
        str(page.note): "\n".join(filter(None, (_body(page.html), " ".join(codes.get(str(page.note), []))))) + "\n"
        for page in site.pages
        if page.note
    }
    if pytestconfig.getoption("--update-cases"):
        _FILE.write_text("".join(_written(found)), encoding="utf-8")
    return found


def _body(html: str) -> str:
    """Return the words of a page; of a formula its source, for KaTeX's own HTML is no business of these lines."""
    html = _FORMULA.sub(r'<\1 class="\2">\3</\1>', html)
    return html.partition(_BODY)[2].partition('<section class="wt-section')[0].strip().removesuffix("</div>").strip()


def _written(found: Mapping[str, str]) -> Iterator[str]:
    topic = ""
    for index, case in enumerate(_CASES):
        if case.topic != topic:
            yield f"{chr(10) if topic else ''}## {case.topic}\n"
            topic = case.topic
        yield f"\n{case.source}\n"
        yield "".join(f"    {line}\n" if line else "" for line in found[_path(index)].splitlines())


@pytest.mark.parametrize("index", range(len(_CASES)), ids=[f"{each.topic}: {each.source}" for each in _CASES])
def test_a_line_becomes_what_obsidian_shows(
    index: int, actual: Mapping[str, str], request: pytest.FixtureRequest
) -> None:
    found = "".join(f"{line}\n" for line in actual[_path(index)].splitlines() if line)
    assert request.config.getoption("--update-cases") or found == _CASES[index].expected
