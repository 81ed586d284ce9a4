"""A note's property `model`, or a `model` fence, names a module or a part of one that is not there.

## Example

    ---
    model: attention.multihead
    ---

## Instead

    ---
    model: attention.multi_head
    ---
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.model_parts import find_part, known_parts, read_part
from site_builder.note import Note
from site_builder.rules.subject import Subject
from site_builder.text import Span

RULE = Rule("M007", "unknown-model", Severity.ERROR, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find names of models that mean none; the hint names the nearest."""
    for note in subject.vault.notes.values():
        name = note.properties.text("model")
        if name and name not in subject.models:
            span = note.properties.span("model")
            yield _diagnose(note, span, f"no model named `{name}`", name, list(subject.models))
        for index, (kind, value, start, end) in enumerate(note.events):
            if kind == "codeblock" and isinstance(value, dict) and value["Fenced"].strip() == "model":
                written = "".join(event[1] for event in note.events[index + 1 : index + 2]).strip()
                part = read_part(written)
                if find_part(part, subject.models) is None:
                    choices = known_parts(part.model, subject.models)
                    yield _diagnose(note, Span(start, end), f"no part of a model named `{written}`", written, choices)


def _diagnose(note: Note, span: Span, message: str, name: str, choices: list[str]) -> Diagnostic:
    near = process.extractOne(name, choices, score_cutoff=60)
    return Diagnostic(RULE, note.source, span, message, f"did you mean `{near[0]}`?" if near else None)
