"""Notes require each other in a circle, so that none of them can be read first.

Reading orders leave out the weakest requirement of the circle: that of the note whose text links least often to what it
requires; of equals, the one that is written last, by path and line. The diagnostic stands there.

## Example

`Encoder.md` holds `requires: "[[Attention]]"` and `Attention.md` holds `requires: "[[Encoder]]"`.

## Instead

Keep the requirement without which the other note is not understood, and link from the text of the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from site_builder.analysis.requirements import Circle, Requirement, break_circles
from site_builder.diagnostics import Diagnostic, Related, Rule, Severity
from site_builder.link import LinkedVault, ResolvedLink
from site_builder.names import FilePath, NoteId
from site_builder.note import LinkKind, Note
from site_builder.rules.subject import Subject

RULE = Rule("G002", "requires-cycle", Severity.WARNING, __doc__ or "")

_SHOWN = 8  # names of a chain
_HINT = "reading orders leave out this one, which its note links least; remove it, or another of the circle"


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find circles of requirements, each once, at the requirement that orders leave out."""
    vault = subject.vault
    links = _required_links(vault, vault.notes)
    mentions = Counter(pair for pair in _mentioned(vault, {pair[0] for pair in links}) if pair in links)
    requirements = [
        Requirement(*pair, (pair[0], each.link.span.start, 0), mentions[pair]) for pair, each in links.items()
    ]
    for circle in break_circles(requirements)[1]:
        yield _diagnose(circle, links, vault)


def _required_links(vault: LinkedVault, sources: Iterable[NoteId]) -> dict[tuple[str, str], ResolvedLink]:
    """Return where each note first requires each other."""
    links: dict[tuple[str, str], ResolvedLink] = {}
    for note in sources:
        for each in vault.links[note]:
            if is_requirement(each) and each.found and each.found.file in vault.notes and each.found.file != note:
                links.setdefault((note, each.found.file), each)
    return links


def _mentioned(vault: LinkedVault, sources: set[str]) -> Iterator[tuple[str, str]]:
    for note, links in vault.links.items():
        if note in sources:
            yield from ((note, each.found.file) for each in links if each.found and not is_requirement(each))


def is_requirement(resolved: ResolvedLink) -> bool:
    """Whether a link stands in the property `requires`."""
    return resolved.link.kind is LinkKind.PROPERTY and resolved.link.property.lower() == "requires"


def diagnose_circle(circle: Circle, vault: LinkedVault) -> Diagnostic:
    """Say what is wrong with a circle of the graph, whose nodes are `note:` and the note's path."""
    plain = Circle(tuple(replace(each, source=each.source[5:], target=each.target[5:]) for each in circle.requirements))
    sources = (NoteId(FilePath(each.source)) for each in plain.requirements)
    return _diagnose(plain, _required_links(vault, sources), vault)


def _diagnose(circle: Circle, links: Mapping[tuple[str, str], ResolvedLink], vault: LinkedVault) -> Diagnostic:
    notes: Mapping[str, Note] = {str(id_): note for id_, note in vault.notes.items()}
    broken = circle.broken
    first = notes[broken.source]
    shown = [notes[each.source].name for each in circle.requirements]
    if len(shown) > _SHOWN:
        shown[_SHOWN // 2 : -_SHOWN // 2] = ["…"]
    message = f"requirements lead back to where they began: {' → '.join([first.name, *shown])}"
    related = tuple(
        Related(notes[each.source].source, links[each.source, each.target].link.span,
                f"`{notes[each.source].name}` requires `{notes[each.target].name}`")
        for each in circle.requirements[:-1][:_SHOWN]
    )  # fmt: skip
    span = links[broken.source, broken.target].link.span
    return Diagnostic(RULE, first.source, span, message, _HINT, related)
