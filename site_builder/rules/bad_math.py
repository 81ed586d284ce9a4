"""KaTeX cannot set a formula. The page shows the formula's source instead.

## Example

    $\\fraction{1}{2}$

## Instead

    $\\frac{1}{2}$
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.note import Event
from site_builder.render.math import BadFormula, Formula
from site_builder.rules.subject import Subject
from site_builder.text import Span

RULE = Rule("P005", "bad-math", Severity.ERROR, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find formulas that cannot be set, where in the formula KaTeX stopped."""
    for note, _ in subject.texts:
        for event in note.events:
            if event[0] not in ("math", "displaymath"):
                continue
            match subject.formulas[Formula(event[1], event[0] == "displaymath")]:
                case BadFormula(message, position):
                    yield Diagnostic(
                        RULE, note.source, _place(event, position), f"KaTeX cannot set `{_short(event[1])}`: {message}"
                    )


def _place(event: Event, position: int) -> Span:
    kind, tex, start, end = event
    marks = 2 if kind == "displaymath" else 1
    at = min(start + marks + len(tex[:position].encode()), end - 1)
    return Span(at, end) if position else Span(start, end)


def _short(tex: str) -> str:
    words = " ".join(tex.split())
    return words if len(words) <= 40 else words[:39] + "…"
