"""Every example of the CommonMark specification, through the whole pipeline: a note that says `markup: commonmark`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.language.normal import normal
from tests.properties.strategies import compile_files, page_of

_PLACE = "shared/data/commonmark-spec.json"
_PROPERTIES = "---\nmarkup: commonmark\n---\n"


def _specification() -> Path | None:
    """The specification's own examples: where COMMONMARK_SPEC says, or in shared/ beside or above this repository."""
    named = os.environ.get("COMMONMARK_SPEC")
    places = [Path(named)] if named else [folder / _PLACE for folder in Path(__file__).resolve().parents[2:6]]
    return next((place for place in places if place.is_file()), None)


FILE = _specification()
EXAMPLES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE else []


@cache
def _rendered() -> Mapping[int, str]:
    """All examples, compiled once, as one vault of notes."""
    names = {example["example"]: f"example {example['example']}.md" for example in EXAMPLES}
    notes = {names[each["example"]]: _PROPERTIES + each["markdown"] for each in EXAMPLES}
    site = compile_files(notes, trust_html=True)
    return {number: page_of(site, name).html for number, name in names.items()}


@pytest.mark.skipif(FILE is None, reason=f"the specification is not here: put its spec.json at {_PLACE} or name it")
def test_the_specification_is_whole() -> None:
    assert len(EXAMPLES) == 652


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each['example']}-{each['section'].replace(' ', '-')}")
def test_the_specified_html(example: dict[str, Any]) -> None:
    page = _rendered()[example["example"]]
    head, _, rest = page.partition('<div class="note-body">\n')
    body = (
        rest.rpartition("</div>")[0]
        if "</section>" not in rest
        else rest.partition("<section")[0].rpartition("</div>")[0]
    )
    title = head.partition("<h1 id=")[2].partition(">")[2].partition("</h1>")[0]
    lead = f"<h1>{title}</h1>\n" if title or "<h1 id=" in head else ""
    assert normal(lead + body) == normal(example["html"])
