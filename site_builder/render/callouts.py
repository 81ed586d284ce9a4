"""The kinds of callout that Obsidian knows, and their tags."""

from __future__ import annotations

from html import escape

from site_builder.note import Callout

_SYNONYMS = {
    "abstract": ("summary", "tldr"), "tip": ("hint", "important"), "success": ("check", "done"),
    "question": ("help", "faq"), "warning": ("caution", "attention"), "failure": ("fail", "missing"),
    "danger": ("error",), "quote": ("cite",), "note": (), "info": (), "todo": (), "bug": (), "example": (),
}  # fmt: skip
_KINDS = {name: kind for kind, names in _SYNONYMS.items() for name in (kind, *names)}


def open_callout(callout: Callout, id_: str) -> str:
    """Return a callout's opening tag; one that folds is `<details>`. An unknown type looks as a note."""
    tag = "details" if callout.fold else "div"
    name = escape(callout.type)
    kind = _KINDS.get(callout.type, "note")
    classes = " ".join(dict.fromkeys(("admonition", "callout", kind, "-".join(name.split()))))
    metadata = f' data-callout-metadata="{escape(callout.metadata)}"' if callout.metadata else ""
    opened = " open" if callout.fold == "+" else ""
    return f'<{tag} class="{classes}" data-callout="{name}"{metadata}{id_}{opened}>\n'


def close_callout(callout: Callout) -> str:
    return "</details>\n" if callout.fold else "</div>\n"


def open_title(callout: Callout) -> str:
    """Return what comes before a title's own words; a callout without title is titled by its type."""
    tag = '<summary class="admonition-title">' if callout.fold else '<p class="admonition-title">'
    return tag if callout.titled else tag + escape(callout.type.replace("-", " ").capitalize())


def close_title(callout: Callout) -> str:
    return "</summary>\n" if callout.fold else "</p>\n"
