"""A link names no file; only an alias of a note fits it. The site leads to that note.

Obsidian itself does not follow such a link: it writes `[[Note|alias]]` when it completes an alias, and would create
a new note for a bare one. So would most other tools. With `resolve_aliases: false` in the settings the site does as
Obsidian does.

## Example

With `aliases: [SDPA]` in `Scaled Dot-Product Attention.md`:

    Built from [[SDPA]].

## Instead

    Built from [[Scaled Dot-Product Attention|SDPA]].
"""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.link import Found
from site_builder.rules.spelling import rewrite
from site_builder.rules.subject import Subject

RULE = Rule("L005", "alias-only-link", Severity.WARNING, __doc__ or "")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Find links that only an alias answers; the hint writes the note's name before it."""
    for note, links in subject.texts:
        for resolved in links:
            match resolved.resolution:
                case Found(file, alias=True):
                    link = resolved.link
                    message = f"`{link.path}` is an alias of `{file}`, not its name"
                    hint = f"write {rewrite(link, subject.vault.index.shortest(file), link.path)}"
                    yield Diagnostic(RULE, note.source, link.span, message, hint)
