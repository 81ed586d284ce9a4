"""What the compiler tells an author. Data first; words and colours are `reporting`'s."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from site_builder.text import Source, Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of fault. `code` never changes meaning and is never reused; `name` is for people.

    `docs` is the rule's page in docs/rules/: what it finds, why it matters, an example, what to write instead.
    """

    code: str
    name: str
    severity: Severity
    docs: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains the problem."""

    file: Source
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem at one place. `message` is one clause, its subject in backticks; `hint` says what to do."""

    rule: Rule
    file: Source
    span: Span
    message: str
    hint: str | None = None
    related: tuple[Related, ...] = ()

    @property
    def sort_key(self) -> tuple[str, int, str, str]:
        return self.file.path, self.span.start, self.rule.code, self.message


class CannotRun(Exception):
    """The environment does not let the compiler run at all: told in one line, exit status 2."""
