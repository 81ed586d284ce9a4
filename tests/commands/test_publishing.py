"""What is not published leaves no byte of itself in the built site."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.commands.conftest import Vault

SECRETS = (
    "zqname", "zqfolder", "zqtitle", "zqalias", "zqtag", "zqinline", "zqdescription", "zqproperty", "zqclass",
    "zqaddress", "zqbody", "zqheading", "zqblock", "zqwanted", "zqcode", "zqmath", "zqnote", "zqwork", "zqpicture",
    "zqhtml", "zqcomment", "zqdiagram", "zqsentence",
)  # fmt: skip
# Words that the page of a published note does not show either, or not as they are written.
SILENT = {"zqcomment", "zqblock", "zqclass", "zqdescription"}

HIDDEN = """---
title: Zqtitle
aliases: [Zqalias]
tags: [zqtag]
description: Zqdescription.
mood: zqproperty
cssclasses: [zqclass]
permalink: zqaddress
HIDING
---
# Zqheading

Zqbody, #zqinline, $zqmath$ and %%zqcomment%% <b title="zqhtml">bold</b>. ^zqblock

Of [[Open]] one says zqsentence. Also [[Zqwanted]] and ![[zqpicture.png]], with a footnote[^1] and a work[^2].

```python
zqcode = 1
```

```mermaid
graph LR; zqdiagram
```

[^1]: The zqnote.
[^2]: A. Author. "Zqwork of the year." In Proceedings, 2017. doi:10.1000/zqwork
"""

CARDS = [
    {"id": "a", "type": "text", "text": "See [[Zqname|this]].", "x": 0, "y": 0, "width": 200, "height": 60},
    {"id": "b", "type": "file", "file": "Zqfolder/Zqname.md", "x": 300, "y": 0, "width": 200, "height": 60},
]

OPEN = """---
requires: ["[[Zqfolder/Zqname|that]]"]
---
See [[Zqname|one]], [[Zqalias|two]], [three](Zqfolder/Zqname.md), [[Zqname#Zqheading|four]] and
[[Zqname#^zqblock|five]].

![[Zqname|six]]

![[Zqname#Zqheading|seven]]

![[shown.png]]
"""


@pytest.mark.parametrize("hiding", ["publish: false", "draft: true"])
def test_an_unpublished_note_is_nowhere_in_the_site(vault: Vault, hiding: str) -> None:
    """Words, names, tags, links and attachments of a hidden note, though a published one links and embeds it."""
    assert leaks(built(vault, hiding)) == {}


def test_the_same_note_published_is_found(vault: Vault) -> None:
    """The search for leaks sees what is there: each word that a published note shows."""
    found = {word for words in leaks(built(vault, "publish: true")).values() for word in words}
    assert set(SECRETS) - found <= SILENT


def test_a_link_to_an_unpublished_note_is_a_plain_word(vault: Vault) -> None:
    """The reader sees the link's words, and no sign that a note is there."""
    built(vault, "publish: false")
    page = vault.page("open")
    assert "See <span>one</span>, <span>two</span>, <span>three</span>" in page


def built(vault: Vault, hiding: str) -> Path:
    vault.write("Zqfolder/Zqname.md", HIDDEN.replace("HIDING", hiding))
    vault.write("Zqfolder/zqpicture.png", b"zqpicture")
    vault.write("shown.png", b"shown")
    vault.write("Open.md", OPEN)
    vault.write("index.md", "Home, [[Open]].\n")
    vault.write("Map.canvas", json.dumps({"nodes": CARDS, "edges": [{"id": "e", "fromNode": "a", "toNode": "b"}]}))
    assert vault.build().status in (0, 1)
    assert vault.page("open")
    return vault.root / "out"


def leaks(site: Path) -> dict[str, list[str]]:
    """Return the secret words in each file of a site, its name and what it compresses included."""
    found = {}
    for path in filter(Path.is_file, site.rglob("*")):
        data = path.read_bytes()
        text = f"{path.relative_to(site)}\n".encode() + (gzip.decompress(data) if path.suffix == ".gz" else data)
        words = [word for word in SECRETS if word.encode() in text.lower()]
        if words:
            found[str(path.relative_to(site))] = words
    return found
