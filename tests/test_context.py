"""The sentence around a link is the sentence that a reader would point at."""

from __future__ import annotations

import pytest

from site_builder.context import sentence_text
from site_builder.names import FilePath, NoteId
from site_builder.note import Link, SourceFile
from site_builder.parse import parse_note
from site_builder.text import Source


def around(text: str) -> str:
    """Return the sentence around the first link or footnote's mark of a text."""
    note = parse_note(SourceFile(NoteId(FilePath("A.md")), Source("A.md", text), ""))
    index = next(
        i for i, (kind, value, *_) in enumerate(note.events) if isinstance(value, Link) or kind == "footnoteref"
    )
    return sentence_text(note.events, index)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("First. It reads [[B]] twice. Last.", "It reads B twice."),
        ("It uses d_k, e.g. [[B]] and more.", "It uses d_k, e.g. B and more."),
        ("- item with [[B]]\n- another", "item with B"),
        ("With *emphasis. And [[B]]* here. Then.", "And B here."),
        ("One line.\nThe next with [[B]].\nA third.", "The next with B."),
        ("Before. Claimed here.[^1] After it.\n\n[^1]: Note.", "Claimed here."),
        ("Before.[^1] Claimed by [[B]].\n\n[^1]: Note.", "Before."),
        ("A formula $x. Y$ and [[B]]. End.", "A formula x. Y and B."),
    ],
)
def test_the_sentence_ends_where_it_ends(text: str, sentence: str) -> None:
    assert around(text) == sentence


def test_a_sentence_after_a_footnote_begins_there() -> None:
    note = parse_note(
        SourceFile(NoteId(FilePath("A.md")), Source("A.md", "Before.[^1] Claimed by [[B]].\n\n[^1]: Note."), "")
    )
    index = next(i for i, event in enumerate(note.events) if isinstance(event[1], Link))
    assert sentence_text(note.events, index) == "Claimed by B."
