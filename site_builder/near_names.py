"""What a name that means no file may have meant: the nearest names, titles and aliases of a vault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from site_builder.link import LinkIndex
from site_builder.names import FilePath
from site_builder.note import Note

_NEAR = 70.0
_AS_NEAR = 8.0  # a candidate this much further than the nearest may be what was meant, too
_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Named:
    """A file that goes by a name, and what a link to it under that name would hold."""

    file: FilePath
    target: str


def near_names(
    notes: Iterable[Note], attachments: Iterable[FilePath], index: LinkIndex
) -> Mapping[str, Sequence[Named]]:
    """Return the names that a link may have meant: of files, titles and aliases."""
    names: defaultdict[str, list[Named]] = defaultdict(list)
    notes = tuple(notes)
    for file in (*(note.id for note in notes), *attachments):
        name = file.rpartition("/")[2].removesuffix(".md")
        names[utils.default_process(name)].append(Named(file, index.shortest(file)))
    for note in notes:
        name = index.shortest(note.id)
        names[utils.default_process(note.title)].append(Named(note.id, name))
        for alias in note.aliases:
            names[utils.default_process(alias)].append(Named(note.id, f"{name}|{alias}"))
    return names


def nearest(path: str, names: Mapping[str, Sequence[Named]]) -> list[str]:
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
