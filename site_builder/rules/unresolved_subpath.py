"""A link names a heading or a block that its note does not have. It leads to the top of the page.

## Example

With a heading `## Masks` in `Decoder.md`:

    See [[Decoder#Masking]].

## Instead

    See [[Decoder#Masks]].
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.names import NoteId
from site_builder.note import Note
from site_builder.rules.subject import Subject

RULE = Rule("L003", "unresolved-subpath", Severity.WARNING, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links to headings and blocks that are not there; the hint names the nearest."""
    for note, links in subject.texts:
        for resolved in links:
            found = resolved.found
            if found is None or not found.lost:
                continue
            target = subject.vault.notes[NoteId(found.file)]
            kind = "block" if found.lost.startswith("^") else "heading"
            message = f"no {kind} `{found.lost}` in `{target.id}`"
            yield Diagnostic(RULE, note.source, resolved.link.span, message, _hint(found.lost, target))


def _hint(lost: str, note: Note) -> str | None:
    block = lost.startswith("^")
    names = [f"^{block.id}" for block in note.blocks] if block else [heading.text for heading in note.headings]
    near = process.extractOne(lost, names, score_cutoff=60)
    return f"did you mean `#{near[0]}`?" if near else None
