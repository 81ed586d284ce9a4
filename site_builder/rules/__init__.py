"""Checks of the whole vault, one a file, and the list of all rules."""

from __future__ import annotations

from collections.abc import Iterator

from site_builder import library, read, settings
from site_builder.diagnostics import Diagnostic, Rule
from site_builder.execute import problems as execution
from site_builder.parse import problems as parsing
from site_builder.rules import (
    alias_only_link,
    ambiguous_link,
    bad_math,
    bad_permalink,
    case_only_link,
    embed_cycle,
    plugin_block,
    requires_cycle,
    requires_itself,
    script_address,
    taken_address,
    unknown_citation,
    unknown_claim,
    unknown_model,
    unresolved_link,
    unresolved_subpath,
)
from site_builder.rules.subject import Subject

_CHECKS = (
    unresolved_link,
    ambiguous_link,
    unresolved_subpath,
    alias_only_link,
    case_only_link,
    embed_cycle,
    script_address,
    plugin_block,
    bad_math,
    unknown_model,
    unknown_claim,
    unknown_citation,
    bad_permalink,
    taken_address,
    requires_cycle,
    requires_itself,
)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *settings.RULES,
            *read.RULES,
            *parsing.RULES,
            library.BROKEN_ENTRY,
            *execution.RULES,
            *(each.RULE for each in _CHECKS),
        ),
        key=lambda rule: rule.code,
    )
)
"""Every rule, by code."""


def check_vault(subject: Subject) -> Iterator[Diagnostic]:
    """Apply every whole-vault check."""
    for each in _CHECKS:
        yield from each.check(subject)
