"""A note requires itself, which says nothing: it would have to be read before it is read.

## Example

`Attention.md` holds `requires: "[[Attention]]"`.

## Instead

Name the notes without which this one is not understood, or none.
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.rules.requires_cycle import is_requirement
from site_builder.rules.subject import Subject

RULE = Rule("G003", "requires-itself", Severity.WARNING, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find requirements whose note is their own."""
    for id_, links in subject.vault.links.items():
        note = subject.vault.notes[id_]
        for each in links:
            if is_requirement(each) and each.found and each.found.file == id_:
                yield Diagnostic(RULE, note.source, each.link.span, f"`{note.name}` requires itself", "remove it")
