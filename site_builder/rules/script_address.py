"""A link or an image has an address that runs code: `javascript:`, `vbscript:`, or `data:` that is no picture.

The words of the link are shown without it. A site made of notes from anywhere must not run what they hold.

## Example

    [Press here](javascript:alert(1))

## Instead

Link to a page, or set `trust_html: true` in mkdocs.yml when every note is your own.
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.render.html import is_script
from site_builder.rules.subject import Subject
from site_builder.text import Span

RULE = Rule("L007", "script-address", Severity.WARNING, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find addresses that no reader's browser should follow."""
    for note, _ in subject.texts:
        for kind, value, start, end in note.events:
            if kind in ("link", "image") and isinstance(value, tuple) and is_script(value[0], picture=kind == "image"):
                message = f"the address of this {kind} runs code"
                yield Diagnostic(RULE, note.source, Span(start, end), message, "link to a page instead")
