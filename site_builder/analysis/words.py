"""The words of a note's text, without code, formulas, links' addresses and footnotes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from site_builder.note import Event

_WORD = re.compile(r"[^\W\d_]{3,}")
_SKIPPED = {"codeblock": "/codeblock", "footnotedef": "/footnotedef", "htmlblock": "/htmlblock"}


def plain_texts(events: Iterable[Event]) -> Iterator[str]:
    """Yield the pieces of text outside code, HTML and footnotes."""
    end = ""
    for kind, value, _, _ in events:
        if end:
            end = "" if kind == end else end
        elif kind == "text":
            yield value
        else:
            end = _SKIPPED.get(kind, "")


def count_words(events: Iterable[Event]) -> Counter[str]:
    """Count the words of three letters and more, in lower case."""
    words: Counter[str] = Counter()
    for text in plain_texts(events):
        words.update(_WORD.findall(text.lower()))
    return words
