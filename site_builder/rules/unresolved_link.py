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
from collections.abc import Iterator, Mapping

from rapidfuzz import fuzz, process, utils

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import LinkedVault, Missing
from site_builder.rules.subject import Subject

RULE = Rule("L001", "unresolved-link", Severity.ERROR, __doc__ or "")

_NEAR = 70.0
_FILE = re.compile(r"\.(?!md$)\w{2,5}$", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links that lead nowhere; the hint names the nearest file."""
    names = _names(subject.vault)
    choices = {name: utils.default_process(name) for name in names}
    hints: dict[str, str | None] = {}
    for note, links in subject.texts:
        for resolved in links:
            path = resolved.link.path
            if not isinstance(resolved.resolution, Missing):
                continue
            if path not in hints:
                hints[path] = _nearest(path, names, choices)
            kind = "file" if _FILE.search(path) else "note"
            yield Diagnostic(RULE, note.source, resolved.link.span, f"no {kind} named `{path}`", hints[path])


def _names(vault: LinkedVault) -> Mapping[str, str]:
    """Return what a link may have meant, and how to write it."""
    names = {path.rpartition("/")[2]: path.rpartition("/")[2] for path in vault.attachments}
    for note in vault.notes.values():
        names |= {alias: alias for alias in note.aliases}
        names |= {note.title: note.name, note.name: note.name}
    return names


def _nearest(path: str, names: Mapping[str, str], choices: Mapping[str, str]) -> str | None:
    wanted = utils.default_process(path.rpartition("/")[2].removesuffix(".md"))
    found = process.extractOne(wanted, choices, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return f"did you mean [[{names[found[2]]}]]?" if found else None
