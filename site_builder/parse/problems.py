"""The faults that one note shows by itself."""

from __future__ import annotations

from site_builder.diagnostics import Rule, Severity

BROKEN_PROPERTIES = Rule(
    "P001",
    "broken-properties",
    Severity.ERROR,
    """The YAML between the `---` lines at the top of a note cannot be read.

The note is still a page, but without its title, aliases, tags and links to required notes, so other notes may fail to
find it. A note whose broken properties hold `publish: false` or `draft: true` stays unpublished.

The rule also tells what YAML reads, but otherwise than it is meant: a name given twice, a tag after `#`, which begins a
comment, an alias that holds `: `, and properties that do not begin on the first line or that no `---` ends.

## Example

    ---
    title: Attention: a summary
    ---

## Instead

Quote a value that holds a colon, a bracket or a hash:

    ---
    title: "Attention: a summary"
    ---
""",
)

EMPTY_LINK = Rule(
    "P002",
    "empty-link",
    Severity.WARNING,
    """`[[]]` names nothing. It is shown as the text it is.

## Example

    See [[]] for details.

## Instead

    See [[Attention]] for details.
""",
)

UNDEFINED_FOOTNOTE = Rule(
    "P003",
    "undefined-footnote",
    Severity.WARNING,
    """A footnote is referred to, but the note does not define it. The reference stays as text.

Footnotes belong to their own note: a definition in another note is not found.

## Example

    Attention reads in any order.[^1]

## Instead

    Attention reads in any order.[^1]

    [^1]: Vaswani et al. *Attention Is All You Need*. NIPS 2017.
""",
)

UNUSED_FOOTNOTE = Rule(
    "P004",
    "unused-footnote",
    Severity.WARNING,
    """A footnote is defined, but nothing in the note refers to it, so no reader will see it.

## Example

    [^9]: Nobody points here.

## Instead

Refer to it with `[^9]`, or delete it.
""",
)

BRACKET_CITATION = Rule(
    "P012",
    "bracket-citation",
    Severity.WARNING,
    """Numbers in brackets, as they come with text pasted from a paper, have footnotes of the same names, but do not
lead to them. It is said once for each note.

## Example

    Recurrent networks were the state of the art [13, 7].

    [^7]: Chung et al. *Empirical Evaluation of Gated Recurrent Neural Networks*. 2014. arXiv:1412.3555.
    [^13]: Hochreiter and Schmidhuber. *Long short-term memory*. Neural Computation, 1997.

## Instead

    ---
    bracket_citations: true
    ---

or write the references as footnotes: `[^13][^7]`.
""",
)

BROKEN_CANVAS = Rule(
    "P006",
    "broken-canvas",
    Severity.ERROR,
    """A canvas is not what JSON Canvas 1.0 asks for: no JSON, a node of an unknown type, an edge to a node that is not
there, a box that is no box. What can be read of it is still a page.

## Example

    {"nodes": [{"id": "a", "type": "text", "text": "Words", "x": 0, "y": 0, "width": 200, "height": 60}],
     "edges": [{"id": "e", "fromNode": "a", "toNode": "b"}]}

## Instead

    {"nodes": [{"id": "a", "type": "text", "text": "Words", "x": 0, "y": 0, "width": 200, "height": 60}],
     "edges": []}
""",
)

FAILED_EXTENSION = Rule(
    "P008",
    "failed-extension",
    Severity.ERROR,
    """An extension of Python-Markdown, or the formatter of a custom fence in mkdocs.yml, raised an error. Readers see
the source instead.

## Example

    markdown_extensions:
      - pymdownx.superfences:
          custom_fences:
            - {name: math, class: math, format: !!python/name:my_package.broken}

## Instead

Mend the formatter, or leave it out of mkdocs.yml.
""",
)

UNKNOWN_MARKUP = Rule(
    "P009",
    "unknown-markup",
    Severity.ERROR,
    """A note asks for a dialect that there is not. It is read as an ordinary note.

## Example

    ---
    markup: mkdoc
    ---

## Instead

    ---
    markup: mkdocs
    ---
""",
)

RULES = (
    BROKEN_PROPERTIES,
    EMPTY_LINK,
    UNDEFINED_FOOTNOTE,
    UNUSED_FOOTNOTE,
    BRACKET_CITATION,
    BROKEN_CANVAS,
    FAILED_EXTENSION,
    UNKNOWN_MARKUP,
)
