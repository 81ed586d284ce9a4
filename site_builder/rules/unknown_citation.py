"""A citation names a key that no .bib file of the vault has. Readers see the key, marked.

A vault without a .bib file has no citations: there `[@name]` is text.

## Example

    Attention alone suffices [@vaswani2018].

## Instead

    Attention alone suffices [@vaswani2017].
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.note import Citation
from site_builder.rules.subject import Subject
from site_builder.text import Span

RULE = Rule("G005", "unknown-citation", Severity.ERROR, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find citations of nothing; the hint names the nearest key."""
    keys = list(subject.library.works)
    if not keys:
        return
    for note, _ in subject.texts:
        for kind, value, start, end in note.events:
            if kind != "citation":
                continue
            assert isinstance(value, Citation)
            for key in (each.key for each in value.works if subject.library.find(each.key) is None):
                near = process.extractOne(key.lower(), keys, score_cutoff=60)
                hint = f"did you mean `@{near[0]}`?" if near else "add an entry to the vault's .bib file"
                yield Diagnostic(RULE, note.source, Span(start, end), f"no work has the key `{key}`", hint)
