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
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import LinkedVault, Missing
from site_builder.names import FilePath
from site_builder.rules.subject import Subject

RULE = Rule("L001", "unresolved-link", Severity.ERROR, __doc__ or "")

_NEAR = 70.0
_AS_NEAR = 8.0  # a candidate this much further than the nearest may be what was meant, too
_NAMED = 3
_LOOKED_AT = 10
_FILE = re.compile(r"\.(?!md$)\w{2,5}$", re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:https?|mailto|ftp|obsidian|file):", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links that lead nowhere; the hint names the nearest files."""
    names = _names(subject.vault)
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


@dataclass(frozen=True, slots=True)
class _Named:
    """A file that goes by a name, and what a link to it under that name would hold."""

    file: FilePath
    target: str


def _names(vault: LinkedVault) -> Mapping[str, Sequence[_Named]]:
    """Return the names that a link may have meant: of files, titles and aliases."""
    names: defaultdict[str, list[_Named]] = defaultdict(list)
    for file in (*vault.notes, *vault.attachments):
        name = file.rpartition("/")[2].removesuffix(".md")
        names[utils.default_process(name)].append(_Named(file, vault.index.shortest(file)))
    for note in vault.notes.values():
        name = vault.index.shortest(note.id)
        names[utils.default_process(note.title)].append(_Named(note.id, name))
        for alias in note.aliases:
            names[utils.default_process(alias)].append(_Named(note.id, f"{name}|{alias}"))
    return names


def _hint(path: str, names: Mapping[str, Sequence[_Named]]) -> str | None:
    if _ADDRESS.match(path):
        return f"write `[words]({path})`, for it leads to another site"
    near = [f"[[{target}]]" for target in _nearest(path, names)[:_NAMED]]
    return f"did you mean {', '.join(near[:-1])}{' or ' if near[:-1] else ''}{near[-1]}?" if near else None


def _nearest(path: str, names: Mapping[str, Sequence[_Named]]) -> list[str]:
    """Return what a link may have meant, nearest name first; of one name, the nearest path first."""
    wanted = utils.default_process(path.rpartition("/")[2].removesuffix(".md"))
    best: dict[FilePath, tuple[float, float, str]] = {}
    for name, score, _ in process.extract(
        wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR, limit=_LOOKED_AT
    ):
        for each in names[name]:
            ranked = -score, -fuzz.ratio(path, each.file), each.target
            best[each.file] = min(ranked, best.get(each.file, ranked))
    ranking = sorted(best.values())
    return [target for score, _, target in ranking if score <= ranking[0][0] + _AS_NEAR]
