"""The section *Code*: a model's source, its checks, its demonstration, and ways to take it away. Knows no notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from html import escape
from textwrap import dedent
from typing import Protocol

from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import ModelSource, Symbol
from site_builder.execute.notebook import Cell
from site_builder.execute.results import CellRun, Check, Output
from site_builder.names import Anchor, SitePath, relative_url, slug
from site_builder.notebook_words import CELL
from site_builder.render.code import Listing
from site_builder.render.page import Section
from site_builder.render.site_view import Target
from site_builder.site import TocEntry

FOLDED_FROM = 40
"""Lines from which a listing is folded."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class RenderWords(Protocol):
    """Renders the Markdown of a notebook's cell, or of one of its outputs, for a page."""

    def __call__(self, manifest: ModelManifest, index: int, output: int, page: SitePath) -> str: ...


"""Renders the Markdown of a manifest's cell for a page."""


def check_anchor(check: Check) -> Anchor:
    """Return where a check stands on its model's page."""
    return Anchor(f"check-{slug(check.name)}")


def download_path(model: ModelSource, extension: str) -> SitePath:
    """Return where a model's own copy is published: `models/attention.multi_head/multi_head.py`."""
    return SitePath(f"models/{model.name}/{model.name.rpartition('.')[2]}{extension}")


def listings(manifest: ModelManifest, symbols: Iterable[Symbol]) -> Iterator[Listing]:
    """Yield the code that a site shows of a model; `symbols` are those that notes place by hand."""
    yield _python(manifest.model.file.text)
    yield from (_python(cell.source) for cell in manifest.cells if cell.kind == "code")
    yield from (symbol_listing(manifest.model, symbol) for symbol in symbols)


def symbol_listing(model: ModelSource, symbol: Symbol) -> Listing:
    """Return the source of one symbol, as a listing of its own."""
    return _python(dedent(model.file.slice(symbol.span)))


def model_section(
    manifest: ModelManifest,
    page: SitePath,
    code: Mapping[Listing, str],
    words: RenderWords,
    homes: Mapping[str, Target],
    used_by: Iterable[str],
    colab: str,
) -> Section:
    """Render a model's section. `homes` are the pages of the models that have one, by name.

    `colab` is where Colab opens the site's files; empty when it cannot.
    """
    toc = []
    parts = [_source(manifest.model, page, code, homes, used_by)]
    if manifest.model.tests is not None:
        toc.append(TocEntry("Checks", Anchor("checks"), 3))
        parts.append(_checks(manifest))
    if manifest.cells:
        toc.append(TocEntry("Demonstration", Anchor("demonstration"), 3))
        parts.append(_demonstration(manifest, page, code, words))
    parts.append(_take_away(manifest, page, colab))
    return Section("code", "Code", "".join(parts), tuple(toc))


def verdict_fact(manifest: ModelManifest) -> tuple[str, str]:
    """Return the page's small fact about checks, as (kind, HTML)."""
    run = manifest.checks
    passed = sum(check.outcome == "passed" for check in run.checks)
    match run.status:
        case "passed":
            return "checks", f'<a href="#checks">{_count(passed, "check")} passed</a>'
        case "failed":
            return "failed", f'<a href="#checks">{_count(len(run.checks) - passed, "check")} failed</a>'
        case _:
            return "failed", '<a href="#checks">checks not run</a>'


def _source(
    model: ModelSource, page: SitePath, code: Mapping[Listing, str], homes: Mapping[str, Target], used_by: Iterable[str]
) -> str:
    lines = model.file.text.count("\n")
    html = code[_python(model.file.text)]
    facts = [f"<code>{escape(model.file.path)}</code>", f"<span>{_count(lines, 'line')}</span>"]
    facts += [f"<span>{title} {names}</span>" for title, names in (
        ("uses", _named(model.uses, page, homes)), ("used by", _named(used_by, page, homes))) if names]  # fmt: skip
    path = f'<p class="wt-path">{" ".join(facts)}</p>\n'
    if lines > FOLDED_FROM:
        return (
            f'{path}<details class="wt-source"><summary>Source, {_count(lines, "line")}</summary>\n{html}</details>\n'
        )
    return f'{path}<div class="wt-source">\n{html}</div>\n'


def _named(models: Iterable[str], page: SitePath, homes: Mapping[str, Target]) -> str:
    return ", ".join(
        f'<a href="{escape(homes[name].url(page))}">{escape(name)}</a>' if name in homes else escape(name)
        for name in models
    )


def _checks(manifest: ModelManifest) -> str:
    run = manifest.checks
    passed, skipped = (sum(each.outcome == outcome for each in run.checks) for outcome in ("passed", "skipped"))
    sentence = {
        "passed": _passed(passed, skipped),
        "failed": "Not all checks passed for this source.",
        "stale": "The source has changed since these checks ran: <code>wikitorch models test</code> runs them again.",
        "missing": "These checks have not been run yet: <code>wikitorch models test</code> runs them.",
    }[run.status]
    items = "".join(map(_check, run.checks))
    listed = f'<ul class="wt-checks">\n{items}</ul>\n' if items else ""
    return f'<h3 id="checks">Checks</h3>\n<p class="wt-verdict wt-verdict--{run.status}">{sentence}</p>\n{listed}'


def _passed(passed: int, skipped: int) -> str:
    if not skipped:
        return f"All {_count(passed, 'check')} passed for exactly this source."
    return f"{_count(passed, 'check')} passed for exactly this source; {skipped} could not run here."


def _check(check: Check) -> str:
    figures = "".join(
        f' <span class="wt-check__figure">{escape(name)} {escape(value)}</span>' for name, value in check.figures
    )
    message = (
        f'<pre class="wt-error">{escape(check.message)}</pre>' if check.outcome == "failed" and check.message else ""
    )
    claims = "".join(
        f' <a class="wt-check__claim" href="#{escape(claim.partition("#")[2])}">decides a claim</a>'
        for claim in check.verifies[:1]
    )
    return (
        f'<li class="wt-check wt-check--{check.outcome}" id="{check_anchor(check)}">'
        f'<span class="wt-check__mark">{check.outcome}</span> '
        f'<span class="wt-check__words">{inline_code(check.description)}</span>{figures}{claims}{message}</li>\n'
    )


def inline_code(text: str) -> str:
    """Render a docstring's line: words between backquotes are code."""
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", escape(text, quote=False))


def _demonstration(manifest: ModelManifest, page: SitePath, code: Mapping[Listing, str], words: RenderWords) -> str:
    notice = ""
    if manifest.run.status == "not-run":
        notice = '<p class="wt-notice">This demonstration has not been run in this build, so it shows no outputs.</p>\n'
    cells = "".join(
        f'<div class="wt-cell wt-cell--words">\n{words(manifest, index, CELL, page)}</div>\n'
        if cell.kind == "markdown"
        else code_cell(
            cell,
            manifest.run.cells[index] if manifest.run.cells else CellRun(),
            code,
            partial(words, manifest, index, page=page),
        )
        for index, cell in enumerate(manifest.cells)
    )
    return f'<h3 id="demonstration">Demonstration</h3>\n{notice}<div class="wt-notebook">\n{cells}</div>\n'


def code_cell(
    cell: Cell, run: CellRun, code: Mapping[Listing, str], words: Callable[[int], str], *, anchor: bool = True
) -> str:
    """Render a cell of a notebook, and what it put out; `words` renders the output of a number that is Markdown."""
    id_ = f' id="cell-{escape(slug(cell.name))}"' if anchor and slug(cell.name) else ""
    outputs = "".join(_output(output, partial(words, number)) for number, output in enumerate(run.outputs))
    shown = f'<div class="wt-output">\n{outputs}</div>\n' if outputs else ""
    return f'<div class="wt-cell wt-cell--code"{id_}>\n{code[_python(cell.source)]}{shown}</div>\n'


def _output(output: Output, words: Callable[[], str]) -> str:
    match output.kind:
        case "stream":
            return f'<pre class="wt-stream">{escape(_CONTROL.sub("", output.data), quote=False)}</pre>\n'
        case "error":
            return f'<pre class="wt-error">{escape(_CONTROL.sub("", output.data), quote=False)}</pre>\n'
        case "svg":
            return f'<figure class="wt-picture">{output.data[max(0, output.data.find("<svg")) :]}</figure>\n'
        case "html":
            return f'<div class="wt-html">{output.data}</div>\n'
        case "markdown" | "latex":
            return f'<div class="wt-html">\n{words()}</div>\n'
        case "png" | "jpeg":
            data = f"data:image/{output.kind};base64,{output.data}"
            return f'<figure class="wt-picture"><img src="{data}" alt="picture" /></figure>\n'
        case "panel":
            return '<p class="wt-notice">Its panel stands in <a href="#run">Run it</a>.</p>\n'
        case "text":
            return f'<pre class="wt-value">{escape(output.data, quote=False)}</pre>\n'


def _take_away(manifest: ModelManifest, page: SitePath, colab: str) -> str:
    files = [(".py", "The module, <code>.py</code>")]
    if manifest.cells:
        files.append((".ipynb", "The notebook, <code>.ipynb</code>"))
    links = " ".join(
        f'<a href="{escape(relative_url(page, download_path(manifest.model, extension)))}" download>{label}</a>'
        for extension, label in files
    )
    if manifest.cells and colab:
        links += f' <a href="{escape(colab)}{download_path(manifest.model, ".ipynb")}">Open in Colab</a>'
    return f'<p class="wt-away">Take it away: {links}</p>\n'


def _python(text: str) -> Listing:
    return Listing("python", text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
