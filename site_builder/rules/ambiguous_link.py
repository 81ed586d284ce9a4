"""A link names several files equally well. The site leads where Obsidian does: to the shortest path.

Moving a file, or adding another of the same name, would silently change where the link leads.

## Example

With `2023/Review.md` and `2024/Review.md` in the vault:

    See [[Review]].

## Instead

    See [[2024/Review]].
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import Ambiguous
from site_builder.rules.subject import Subject

RULE = Rule("L002", "ambiguous-link", Severity.WARNING, __doc__ or "")

_NAMED = 4


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links whose meaning rests on the length of paths."""
    for note, links in subject.texts:
        for resolved in links:
            match resolved.resolution:
                case Ambiguous(candidates=candidates):
                    message = f"`{resolved.link.path}` names {len(candidates)} files"
                    paths = [f"[[{path.removesuffix('.md')}]]" for path in candidates[:_NAMED]]
                    more = " or another" if len(candidates) > _NAMED else ""
                    yield Diagnostic(
                        RULE, note.source, resolved.link.span, message, f"write {' or '.join(paths)}{more}"
                    )
