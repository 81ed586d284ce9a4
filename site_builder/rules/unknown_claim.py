"""A test says that it decides a claim, but no note has a block of that id. The page cannot show the verdict.

## Example

    @pytest.mark.verifies("Self-Attention#^permutation")

## Instead

Write the id of a block of the note, as a link to the block would:

    @pytest.mark.verifies("Self-Attention#^permutation-equivariant")
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import process

from site_builder.claims import find_claims
from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.rules.subject import Subject

RULE = Rule("M008", "unknown-claim", Severity.ERROR, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find claims that tests name and no note makes; the hint names the nearest block."""
    claims = find_claims(subject.models.values(), subject.vault)
    blocks = [f"{note.name}#^{block.id}" for note in subject.vault.notes.values() for block in note.blocks]
    for manifest in subject.models.values():
        tests = manifest.model.tests
        for each in manifest.checks.checks if tests else ():
            for claim in each.verifies:
                if claim not in claims and tests:
                    near = process.extractOne(claim, blocks, score_cutoff=60)
                    hint = f"did you mean `{near[0]}`?" if near else None
                    yield Diagnostic(RULE, tests, tests.line_span(each.line), f"no block `{claim}` in the vault", hint)
