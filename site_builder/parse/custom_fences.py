"""Fences that mkdocs.yml gives a formatter of its own: `custom_fences` of pymdownx.superfences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from site_builder.diagnostics import Diagnostic
from site_builder.parse.problems import FAILED_EXTENSION
from site_builder.project import MarkdownSettings
from site_builder.text import Source, Span

if TYPE_CHECKING:
    from markdown import Markdown

SUPERFENCES = "pymdownx.superfences"
_MERMAID: Mapping[str, Any] = {"name": "mermaid", "class": "mermaid"}
Formatted: TypeAlias = Callable[[str, str, Exception | None], None]
"""Is told the language and the text of each fence that went through a formatter, and what the formatter raised."""


def custom_fences(settings: MarkdownSettings) -> Mapping[str, Mapping[str, Any]]:
    """Return the fences with a name of their own; superfences knows no others."""
    listed = settings.configs.get(SUPERFENCES, {}).get("custom_fences") or ()
    return {str(each["name"]): each for each in listed if isinstance(each, dict) and {"name", "class"} <= each.keys()}


def make_converter(settings: MarkdownSettings, formatted: Formatted, *more: Any) -> Markdown:
    """Return Python-Markdown as mkdocs.yml sets it up; a fence whose formatter fails becomes code.

    Superfences itself would take it for a paragraph, and say nothing.
    """
    from markdown import Markdown  # slow to load

    configs: dict[str, Mapping[str, Any]] = dict(settings.configs)
    if SUPERFENCES in settings.extensions:
        fences = {"mermaid": _MERMAID, **custom_fences(settings)}
        watched = _watched(fences.values(), formatted)
        configs[SUPERFENCES] = {**configs.get(SUPERFENCES, {}), "custom_fences": watched}
    return Markdown(extensions=[*settings.extensions, *more], extension_configs=configs)


def failed_fence(source: Source, span: Span, language: str, error: Exception) -> Diagnostic:
    """Say that a formatter raised an error."""
    message = f"the formatter of `{language}` failed: {type(error).__name__}: {error}"
    return Diagnostic(FAILED_EXTENSION, source, span, message, "see `custom_fences` in mkdocs.yml")


def _watched(fences: Iterable[Mapping[str, Any]], formatted: Formatted) -> list[Mapping[str, Any]]:
    from pymdownx.superfences import fence_code_format

    return [{**each, "format": _watch(each.get("format") or fence_code_format, formatted)} for each in fences]


def _watch(format_: Callable[..., Any], formatted: Formatted) -> Callable[..., Any]:
    def watch(source: str, language: str, *values: Any, **named: Any) -> Any:
        try:
            html = format_(source, language, *values, **named)
        except Exception as error:  # a formatter is not ours, and may raise anything
            formatted(language, source, error)
            return f"<pre><code>{escape(source, quote=False)}</code></pre>"
        formatted(language, source, None)
        return html

    return watch
