"""Formulas as KaTeX sets them, at build time. Knows nothing of notes.

KaTeX runs in an embedded V8, one context for all formulas of a build; what was set before comes from the cache.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple, TypeAlias

from site_builder.cache import Cache, content_key
from site_builder.diagnostics import CannotRun

KATEX = Path(__file__).parent.parent / "bundle" / "katex.min.js"

_SET = """
function setAll(formulas, macros) {
  return JSON.stringify(formulas.map(([tex, displayMode]) => {
    try {
      const options = {displayMode, macros: {...macros}, output: "htmlAndMathml", strict: "ignore", trust: false};
      return {html: katex.renderToString(tex, options)};
    } catch (error) {
      return {error: error.rawMessage || error.message || String(error), position: error.position ?? 0};
    }
  }));
}
"""


class Formula(NamedTuple):
    """A formula's TeX, and whether it stands on a line of its own."""

    tex: str
    display: bool


END_OF_MATH = "<!--/math-->"
"""Marks where a formula's own elements end, so that a whole formula can be taken out of a page without parsing it."""


@dataclass(frozen=True, slots=True)
class BadFormula:
    """What KaTeX says of a formula it cannot set; `position` counts code units of the TeX."""

    message: str
    position: int


Typeset: TypeAlias = Mapping[Formula, str | BadFormula]


def typeset(formulas: Iterable[Formula], cache: Cache, macros: Mapping[str, str]) -> Typeset:
    """Set formulas, each once."""
    wanted = {formula: _key(formula, macros) for formula in formulas}
    kept = cache.get_kind("math") if wanted else {}
    missing = [formula for formula, key in wanted.items() if key not in kept]
    if missing:
        results = dict(zip((wanted[formula] for formula in missing), _run_katex(missing, macros), strict=True))
        cache.put("math", results)
        kept.update(results)
    return {formula: _result(kept[key]) for formula, key in wanted.items()}


def inline_formula(tex: str, typesetting: Typeset) -> str:
    """Return the HTML of a formula within a line."""
    html = _set(Formula(tex, False), typesetting)
    return f'<span class="math" data-search-exclude>{html}{END_OF_MATH}</span>'


def display_formula(tex: str, typesetting: Typeset, tag: str) -> str:
    """Return the HTML of a formula set apart, in an element of that tag."""
    html = _set(Formula(tex, True), typesetting)
    return f'<{tag} class="math math-display" data-search-exclude>{html}{END_OF_MATH}</{tag}>'


def _set(formula: Formula, typesetting: Typeset) -> str:
    """Return a formula's own HTML; one that cannot be set shows its source and the reason."""
    match typesetting[formula]:
        case BadFormula(message):
            return f'<code class="math-error" title="{escape(message)}">{escape(formula.tex.strip())}</code>'
        case html:
            return html


def _key(formula: Formula, macros: Mapping[str, str]) -> str:
    version = f"{KATEX.stat().st_size}" if KATEX.exists() else ""
    return content_key(formula.tex, str(formula.display), json.dumps(macros, sort_keys=True), version)


def _run_katex(formulas: list[Formula], macros: Mapping[str, str]) -> list[dict[str, object]]:
    from py_mini_racer import MiniRacer  # V8 is slow to start: only when a formula is new

    if not KATEX.exists():
        raise CannotRun("the front-end bundle is missing: run `make setup`")
    engine = MiniRacer()
    engine.eval(KATEX.read_text())
    engine.eval(_SET)
    results: list[dict[str, object]] = json.loads(str(engine.call("setAll", formulas, dict(macros))))
    return results


def _result(value: dict[str, object]) -> str | BadFormula:
    if "html" in value:
        return str(value["html"])
    return BadFormula(str(value["error"]), int(str(value["position"])))
