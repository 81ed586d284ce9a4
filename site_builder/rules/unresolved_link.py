"""A link, an embed or an image names a file that the vault does not have.

Readers see the words marked as not yet written. Obsidian shows such a link dimmed, and creates the note at a click;
a site cannot.

## Example

    Built from [[Self-Atention]].

## Instead

    Built from [[Self-Attention]].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import Missing
from site_builder.near_names import Named, near_names, nearest
from site_builder.rules.subject import Subject

RULE = Rule("L001", "unresolved-link", Severity.ERROR, __doc__ or "")

_NAMED = 3
_FILE = re.compile(r"\.(?!md$)\w{2,5}$", re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:https?|mailto|ftp|obsidian|file):", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links that lead nowhere; the hint names the nearest files."""
    vault = subject.vault
    names = near_names(vault.notes.values(), vault.attachments, vault.index)
    hints: dict[str, str | None] = {}
    for note, links in subject.texts:
        for resolved in links:
            path = resolved.link.path
            if not isinstance(resolved.resolution, Missing):
                continue
            if path not in hints:
                hints[path] = _hint(path, names)
            kind = "file" if _FILE.search(path) else "note"
            yield Diagnostic(RULE, note.source, resolved.link.span, f"no {kind} named `{path}`", hints[path])


def _hint(path: str, names: Mapping[str, Sequence[Named]]) -> str | None:
    if _ADDRESS.match(path):
        return f"write `[words]({path})`, for it leads to another site"
    near = [f"[[{target}]]" for target in nearest(path, names)[:_NAMED]]
    return f"did you mean {', '.join(near[:-1])}{' or ' if near[:-1] else ''}{near[-1]}?" if near else None
