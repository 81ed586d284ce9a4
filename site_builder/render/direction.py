"""The direction that a note's words are read in. Knows no HTML but the attribute."""

from __future__ import annotations

import re

from site_builder.note import Note

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")  # Hebrew, Arabic, Syriac, Thaana, N'Ko
_LEFT_TO_RIGHT = re.compile(r"[^\W\d_]")


def direction(note: Note) -> str:
    """Return ` dir="rtl"` for a note most of whose words, code left out, are read from right to left."""
    if not _RIGHT_TO_LEFT.search(note.source.text):
        return ""
    words = "".join(value for kind, value, _, _ in note.events if kind == "text")
    right_to_left = len(_RIGHT_TO_LEFT.findall(words))
    return ' dir="rtl"' if right_to_left * 2 > len(_LEFT_TO_RIGHT.findall(words)) else ""
