"""Claims of notes that tests decide: which block each test names, and what the verdict is. Knows no HTML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from site_builder.execute.manifest import ModelManifest
from site_builder.execute.results import Check
from site_builder.link import LinkedVault, find_place
from site_builder.names import FilePath, NoteId
from site_builder.note import Block, LinkKind
from site_builder.parse.links import wikilink
from site_builder.text import Span


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check that decides a claim, and the model it belongs to."""

    model: str
    check: Check


def find_claims(models: Iterable[ModelManifest], vault: LinkedVault) -> Mapping[str, tuple[NoteId, Block]]:
    """Return the block of each claim that tests name; a name that means none is left out."""
    written = {claim for manifest in models for check in manifest.checks.checks for claim in check.verifies}
    found = {claim: _find(claim, vault) for claim in sorted(written)}
    return {claim: block for claim, block in found.items() if block}


def _find(written: str, vault: LinkedVault) -> tuple[NoteId, Block] | None:
    link = wikilink(f"[[{written}]]", Span(0, 0), kind=LinkKind.CLAIM)
    resolution = vault.index.resolve(NoteId(FilePath("")), link)
    note = vault.notes.get(NoteId(getattr(resolution, "file", FilePath(""))))
    place = find_place(note, link.subpath) if note else None
    return (note.id, place) if note and isinstance(place, Block) else None


def find_verdicts(
    models: Iterable[ModelManifest], claims: Mapping[str, tuple[NoteId, Block]]
) -> Mapping[tuple[NoteId, str], tuple[Verdict, ...]]:
    """Return the checks that decide each claim, by note and block id in lower case; failed ones first."""
    verdicts: defaultdict[tuple[NoteId, str], list[Verdict]] = defaultdict(list)
    for manifest in models:
        for check in manifest.checks.checks:
            for claim in check.verifies:
                if claim in claims:
                    note, block = claims[claim]
                    verdicts[note, block.id.lower()].append(Verdict(manifest.model.name, check))
    return {
        claim: tuple(sorted(found, key=lambda each: (each.check.outcome == "passed", each.model, each.check.line)))
        for claim, found in verdicts.items()
    }
