"""A note asks for an address that another page has. It keeps the one that its path gives it.

Pages of the site's own count too: the graph, the references, the tags; and so do files, attachments among them.

## Example

With `permalink: about` in another note, whose path comes first:

    ---
    permalink: about
    ---

## Instead

    ---
    permalink: about-us
    ---
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.addresses import permalink
from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.rules.subject import Subject

RULE = Rule("G001", "taken-address", Severity.ERROR, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find notes that are not where they ask to be."""
    owners = {path: note for note, path in subject.addresses.notes.items()}
    for id_, note in subject.vault.published.items():
        asked, given = permalink(note), subject.addresses.notes[id_]
        if asked and asked != given:
            owner = f"`{owners[asked]}`" if asked in owners else "a page or file of the site"
            message = (
                f"`{asked.rstrip('/')}` is the address of {owner}" if given else "the front page has no other address"
            )
            yield Diagnostic(RULE, note.source, note.properties.span("permalink"), message, "ask for another one")
