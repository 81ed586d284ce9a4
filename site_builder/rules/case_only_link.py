"""A link fits its file only when capitals do not count. The site leads there, as Obsidian does.

Elsewhere capitals count: on GitHub, on a web server and in the file systems of most servers the same link leads
nowhere. And a second file that differs only by capitals would silently change where it leads.

## Example

With `Self-Attention.md` in the vault:

    Built from [[self-attention]].

## Instead

    Built from [[Self-Attention|self-attention]].
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import Found
from site_builder.names import composed
from site_builder.rules.spelling import rewrite
from site_builder.rules.subject import Subject

RULE = Rule("L006", "case-only-link", Severity.WARNING, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links whose file is spelled otherwise; the hint spells it as it is."""
    for note, links in subject.texts:
        for resolved in links:
            match resolved.resolution:
                case Found(file, alias=False) if resolved.link.path:
                    link, written = resolved.link, composed(resolved.link.path).rstrip()
                    spelled = _spelled(written, composed(file))
                    if spelled != written:
                        hint = f"write {rewrite(link, spelled, link.path)}"
                        yield Diagnostic(RULE, note.source, link.span, f"`{link.path}` is spelled `{spelled}`", hint)


def _spelled(written: str, file: str) -> str:
    """Return a link's path with the capitals of its file."""
    parts, own = written.split("/"), file.split("/")
    own[-1] = own[-1][: len(parts[-1])]
    for back in range(1, min(len(parts), len(own)) + 1):
        if parts[-back] in ("", ".", ".."):
            break
        parts[-back] = own[-back]
    return "/".join(parts)
