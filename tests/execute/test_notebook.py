"""The percent format: jupytext is the oracle."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.execute.notebook import Cell, parse_notebook
from site_builder.text import Source

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebook_models" / "notebooks").rglob("*.py"))

CODE_LINES = st.sampled_from(
    ["x = 1", "", "# a comment", "def f():", "    return 'é'", "x", "print(x)  # %% no", "#", "   "]
)
PROSE_LINES = st.sampled_from(["# # Title", "#", "# Words, $d_k$ and [[Links]].", "# - é", "#no space", "#  two"])
MARKERS = st.sampled_from(["# %%", "# %% heads", "# %% two words", "#%%", '# %% tagged tags=["a"]'])
PROSE_MARKERS = st.sampled_from(["# %% [markdown]", "# %% Title [markdown]", "# %% [md]"])
CODE_CELLS = st.tuples(MARKERS, st.lists(CODE_LINES, max_size=5))
PROSE_CELLS = st.tuples(PROSE_MARKERS, st.lists(PROSE_LINES, min_size=1, max_size=4))


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    cells = draw(st.lists(CODE_CELLS | PROSE_CELLS, max_size=5))
    gap = draw(st.sampled_from(["", "\n", "\n\n"]))
    return "".join("\n".join([marker, *lines, gap]) for marker, lines in cells)


def without_blank_ends(text: str) -> str:
    return re.sub(r"\A(\s*\n)+|\s+\Z", "", text)


def as_jupytext_reads(text: str) -> list[tuple[str, str]]:
    cells = jupytext.reads(text, fmt="py:percent").cells
    return [(cell.cell_type, without_blank_ends(cell.source)) for cell in cells if cell.source.strip()]


def as_we_read(text: str) -> list[tuple[str, str]]:
    cells = parse_notebook(Source("n.py", text))
    return [(cell.kind, without_blank_ends(cell.source)) for cell in cells if cell.source.strip()]


@settings(max_examples=200, deadline=None)
@given(notebooks())
def test_cells_are_those_that_jupytext_reads(text: str) -> None:
    """Kinds and sources of cells equal jupytext's, for generated notebooks."""
    assert as_we_read(text) == as_jupytext_reads(text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebooks_of_this_repository_read_as_in_jupytext(path: Path) -> None:
    """Kinds and sources of cells equal jupytext's, for every notebook of the package."""
    text = path.read_text(encoding="utf-8")
    assert as_we_read(text) == as_jupytext_reads(text)


@settings(max_examples=200, deadline=None)
@given(notebooks())
def test_a_code_cells_span_slices_to_its_source(text: str) -> None:
    """The span of a code cell slices to its source, and `line` is the line that the span starts on."""
    source = Source("n.py", text)
    for cell in parse_notebook(source):
        if cell.kind == "code":
            assert source.slice(cell.span) == cell.source
        if cell.source:
            assert source.position(cell.span.start) == (cell.line, 1)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="#% \n[]markdown-'\"=x\t\r", max_size=60))
def test_any_text_is_a_notebook(text: str) -> None:
    """No text makes the parser fail, and the cells' spans follow each other."""
    cells = parse_notebook(Source("n.py", text))
    ends = [0, *(cell.span.end for cell in cells)]
    assert all(cell.span.start >= end for cell, end in zip(cells, ends, strict=False))


@pytest.mark.parametrize(
    ("marker", "kind", "name"),
    [
        ("# %% heads", "code", "heads"),
        ("# %%", "code", ""),
        ("# %% [markdown]", "markdown", ""),
        ("# %% The idea [markdown]", "markdown", "The idea"),
        ('# %% heads tags=["hidden"]', "code", "heads"),
        ("# %% two words", "code", "two words"),
    ],
)
def test_a_cells_name_is_its_title(marker: str, kind: str, name: str) -> None:
    """What stands after `# %%`, without type and metadata, is the cell's name."""
    (cell,) = parse_notebook(Source("n.py", f"{marker}\n# text\n"))
    assert (cell.kind, cell.name) == (kind, name)


def test_what_stands_before_the_first_marker_is_a_cell() -> None:
    """Code before the first marker is a cell, jupytext's header is not, and a raw cell is left out."""
    text = '# ---\n# jupyter:\n# ---\n\nimport math\n\n# %% [raw]\n# raw\n\n# %% [markdown]\n"""\n# Quoted\n"""\n'
    assert [(cell.kind, cell.source, cell.line) for cell in parse_notebook(Source("n.py", text))] == [
        ("code", "import math", 5),
        ("markdown", "# Quoted", 11),
    ]


def test_an_empty_file_has_no_cells() -> None:
    """A file without a line, and one of blank lines, have no cells; a marker alone has an empty one."""
    assert parse_notebook(Source("n.py", "")) == parse_notebook(Source("n.py", "\n\n")) == ()
    (cell,) = parse_notebook(Source("n.py", "# %% end"))
    assert cell == Cell("code", "end", "", cell.span, 1)
