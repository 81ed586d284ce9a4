"""A note asks for an address that no page can have. It keeps the one that its path gives it.

An address is a path from the site's root. It has no empty parts, none that is `.` or `..`, and none of the signs
`: * ? " < > | # %` and the backslash. The front page is the note named index, README or Home.

## Example

    ---
    permalink: ../elsewhere
    ---

## Instead

    ---
    permalink: elsewhere
    ---
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.addresses import written_address
from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.rules.subject import Subject

RULE = Rule("P011", "bad-permalink", Severity.ERROR, __doc__ or "")


_PATH = "write a path from the site's root: `folder/name`"
_FRONT = "the front page is the note named index, README or Home at the root of the vault"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find addresses, asked for or old, that could not be a page's."""
    for note in subject.vault.notes.values():
        is_front = subject.addresses.notes.get(note.id) == ""
        for name in ("permalink", "redirect_from"):
            for text in note.properties.texts(name):
                root = not text.strip(" /")
                if written_address(text) is None and not (root and is_front):
                    message = f"`{text}` is no address of a page"
                    hint = _FRONT if root else _PATH
                    yield Diagnostic(RULE, note.source, note.properties.span(name), message, hint)
