"""What mkdocs.yml and Obsidian's own settings say, checked. Knows nothing of what the settings do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rapidfuzz import process

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.text import START_OF_FILE, Source, Span

UNKNOWN_SETTING = Rule(
    "C001",
    "unknown-setting",
    Severity.ERROR,
    """A key below `wikitorch:` in mkdocs.yml is not one of its settings. It has no effect.

## Example

    plugins:
      - wikitorch:
          excludes: [drafts/]

## Instead

    plugins:
      - wikitorch:
          exclude: [drafts/]
""",
)

WRONG_SETTING = Rule(
    "C002",
    "wrong-setting",
    Severity.ERROR,
    """A setting has a value of the wrong kind. Its default is used instead.

## Example

    exclude: drafts/

## Instead

    exclude: [drafts/]
""",
)

RULES = (UNKNOWN_SETTING, WRONG_SETTING)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one vault; the comment beside each is its line in the author's guide."""

    exclude: tuple[str, ...] = ()  # patterns of paths that are no part of the vault: `drafts/`, `*.tmp.md`
    ignore: tuple[str, ...] = ()  # rules that are not told, by code or name: `L006`, `case-only-link`
    resolve_aliases: bool = True  # whether [[an alias]] finds the note that carries it
    search: bool = True  # whether the search box is ours; else it is as Material has it
    trust_html: bool = False  # whether raw HTML of notes goes to the page as it is
    models: str = "notebook_models"  # the package of models, a folder beside mkdocs.yml
    model_tests: str = "tests/models"  # the tests that mirror it
    time_limit: float = 60.0  # seconds that one notebook may run
    memory_limit: float = 4096.0  # MB that the processes of one notebook may hold, on Linux
    markup: Mapping[str, str] = field(default_factory=dict)  # dialects by pattern of paths: `"api/*": mkdocs`
    colab: str = ""  # the branch or tag of repo_url at GitHub that holds the built site, for links to Colab
    math_macros: Mapping[str, str] = field(default_factory=dict)  # KaTeX macros: `"\\R": "\\mathbb{R}"`


def read_settings(values: Mapping[str, Any], config: Source) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Check settings; a wrong one is a diagnostic and keeps its default."""
    known = {each.name: each for each in fields(Settings)}
    accepted: dict[str, Any] = {}
    problems: list[Diagnostic] = []
    for name, value in values.items():
        if name not in known:
            near = process.extractOne(name, list(known), score_cutoff=60)
            hint = f"did you mean `{near[0]}`?" if near else f"the settings are {', '.join(known)}"
            problems.append(Diagnostic(UNKNOWN_SETTING, config, find_key(config, name), f"no setting `{name}`", hint))
            continue
        wanted = getattr(Settings(), name)
        converted = _converted(value, wanted)
        if converted is None:
            message = (
                f"`{name}` is {_kind(value)}, not {_kind(wanted)}{' above 0' if isinstance(wanted, float) else ''}"
            )
            problems.append(Diagnostic(WRONG_SETTING, config, find_key(config, name), message))
        else:
            accepted[name] = converted
    return Settings(**accepted), tuple(problems)


def _converted(value: Any, wanted: Any) -> Any:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value if isinstance(wanted, bool) and isinstance(value, bool) else None
    if isinstance(wanted, tuple):
        return tuple(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else None
    if isinstance(wanted, float):
        return float(value) if isinstance(value, int | float) and value > 0 else None
    if isinstance(wanted, dict):
        return value if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()) else None
    return value if isinstance(value, str) else None


def _kind(value: Any) -> str:
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number", dict: "a mapping"}
    return names.get(type(value), "a list of texts")


def find_key(config: Source, name: str) -> Span:
    """Return where a key stands in mkdocs.yml, as well as text alone can tell."""
    found = re.search(rf"^[ \t-]*({re.escape(str(name))})[ \t]*:", config.text, re.MULTILINE)
    if not found:
        return START_OF_FILE
    start = len(config.text[: found.start(1)].encode())
    return Span(start, start + len(found[1].encode()))


def strict_line_breaks(vault: Path) -> bool:
    """Whether a single newline is a space, as Obsidian keeps it in the vault's own settings."""
    try:
        settings = json.loads((vault / ".obsidian" / "app.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and settings.get("strictLineBreaks") is True
