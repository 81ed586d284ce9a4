"""The generated parts of docs/: a page for each rule, their table, and the commands' help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from site_builder.cli import main
from site_builder.diagnostics import Rule
from site_builder.rules import RULES

_STAGES = {
    "C": "configuration",
    "R": "reading",
    "P": "parsing",
    "L": "links",
    "G": "graph and references",
    "M": "models",
}
_TABLE = """# Rules

What `wikitorch check` finds. `make docs` writes these pages.

| code | name | severity | finds |
|---|---|---|---|
"""


def generated_docs() -> dict[str, str]:
    """Return each generated file below docs/ and its text."""
    pages = {f"rules/{rule.name}.md": _rule_page(rule) for rule in RULES}
    return {**pages, "rules/README.md": _rule_table(), "commands.md": _commands()}


def write_docs(folder: Path) -> None:
    """Write the generated files, and remove pages of rules that are no more."""
    generated = generated_docs()
    for path in (folder / "rules").glob("*.md"):
        if f"rules/{path.name}" not in generated:
            path.unlink()
    for name, text in generated.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _rule_page(rule: Rule) -> str:
    head = f"# {rule.code} {rule.name}\n\n{rule.severity.value.capitalize()}, found in {_STAGES[rule.code[0]]}.\n\n"
    return head + rule.docs.strip() + "\n"


def _rule_table() -> str:
    return _TABLE + "".join(map(_rule_row, RULES))


def _rule_row(rule: Rule) -> str:
    link = f"[{rule.code}]({rule.name}.md)"
    return f"| {link} | {rule.name} | {rule.severity.value} | {_first_sentence(rule.docs)} |\n"


def _first_sentence(docs: str) -> str:
    return " ".join(docs.strip().split("\n\n")[0].split()).split(". ")[0].rstrip(".") + "."


def _commands() -> str:
    parts = ["# Commands\n\n`make docs` writes this page from the commands' own help.\n"]
    for path, command in _walk(main, "wikitorch"):
        context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
        parts.append(f"## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(command.commands[name], f"{path} {name}")


if __name__ == "__main__":
    write_docs(Path(__file__).parent.parent / "docs")
