"""The search as a browser runs it: the bundled engine in V8, on the files that the index is written to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from py_mini_racer import MiniRacer

BUNDLE = Path(__file__).parents[1] / "site_builder/bundle/search-engine.js"


@dataclass(frozen=True)
class Item:
    """A line of the results: a page, or a section of one."""

    location: str
    title: str
    text: str
    tags: tuple[str, ...]
    score: float
    terms: Mapping[str, bool]


@dataclass(frozen=True)
class Answer:
    """What a query found: for each of the best notes its page and sections, as Material's box gets them."""

    total: int
    groups: tuple[tuple[Item, ...], ...]
    completion: str

    @property
    def pages(self) -> list[str]:
        """The addresses of the notes found, in order."""
        return [group[0].location.partition("#")[0] for group in self.groups]


class Search:
    """An index, open. Counts what its queries fetch."""

    def __init__(self, files: Mapping[str, str]) -> None:
        settings = json.loads(files["search/search_index.json"])["config"]
        folder = f"assets/wikitorch/search/{settings['index']}/"
        self.files = {name.removeprefix(folder): text for name, text in files.items() if name.startswith(folder)}
        self.racer = _racer()
        self.racer.eval(f"var files = {json.dumps(self.files)}; var fetched = [];")
        self.racer.eval(
            "var load = async name => { if (!(name in files)) throw new Error(name);"
            " fetched.push(name); return JSON.parse(files[name]); }; var store = engine.open(load);"
        )

    def __call__(self, query: str) -> Answer:
        """Answer a query."""
        asked = f"store.then(async store => {{ const found = await engine.search({json.dumps(query)}, store);"
        answer = f"{asked} return JSON.stringify([found.total, await engine.items(found), found.completion]); }})"
        total, groups, completion = json.loads(self.racer.eval(answer).get(timeout=60))
        return Answer(total, tuple(tuple(map(_item, group)) for group in groups), completion)

    @property
    def passages(self) -> int:
        """How many passages there are."""
        return sum(name.startswith("notes/") for name in self.files)

    def fragment(self, number: int) -> Any:
        """Return a passage as it is fetched: address, title, aliases, tags, sections."""
        return json.loads(self.files[f"notes/{number}.json"])

    def fetched(self) -> list[str]:
        """Return the files that were fetched so far, in order."""
        return json.loads(self.racer.eval("JSON.stringify(fetched)"))


def terms_in_browser(text: str) -> list[list[str]]:
    """Return each word of a text with its terms, as the browser finds them."""
    found = f"engine.findWords({json.dumps(text)}).map(word => [word.text, ...engine.termsOf(word.text)])"
    return json.loads(_racer().eval(f"JSON.stringify({found})"))


def plain_in_browser(text: str) -> str:
    """Return a text in the form in which a term is looked for in it, before its words are."""
    return str(_racer().eval(f"engine.plain({json.dumps(text)})"))


def errors_in_browser(word: str, other: str, limit: int, begun: bool) -> int:
    """Return the typing errors between two words, `limit + 1` where there are more."""
    return int(_racer().eval(f"engine.errors(...{json.dumps([word, other, limit, begun])})"))


@cache
def _racer() -> MiniRacer:
    with ThreadPoolExecutor(1) as thread:  # in a test after one of Playwright's it would take part in that one's loop
        racer = thread.submit(MiniRacer).result()
    racer.eval(BUNDLE.read_text(encoding="utf-8"))
    return racer


def _item(value: dict[str, Any]) -> Item:
    tags = tuple(value.get("tags", ()))
    return Item(value["location"], value["title"], value["text"], tags, value["score"], value["terms"])
