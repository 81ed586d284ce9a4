"""Running notebooks: what they put out, and the names that their cells share."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.execute.notebooks import outputs, run_one


def test_streams_keep_their_order(tmp_path: Path) -> None:
    """What Python, C code and a subprocess write to stdout and stderr comes in the order in which it was written."""
    text = """
        # %%
        import ctypes, os, subprocess, sys
        print("one")
        print("two", file=sys.stderr)
        os.write(1, b"three\\n")
        subprocess.run(["echo", "four"])
        ctypes.CDLL(None).puts(b"five")
        print("six")
        os.write(2, b"seven\\n")
        sys.stdout.buffer.write("acht é\\n".encode());
        """
    assert outputs(run_one(tmp_path, text)) == [
        ("stdout", "one\n"),
        ("stderr", "two\n"),
        ("stdout", "three\nfour\nfive\nsix\nacht é\n"),
        ("stderr", "seven\n"),
    ]


def test_a_cell_shows_its_last_expression(tmp_path: Path) -> None:
    """The value of a last expression is shown in its richest form, but not None, and not before a semicolon."""
    text = """
        # %%
        class Rich:
            def _repr_html_(self): return "<b>rich</b>"
            def _repr_png_(self): return b"\\x89PNG"
        class Richer(Rich):
            def _repr_svg_(self): return "<svg/>"
        class Bytes:
            def _repr_html_(self): return None
            def _repr_png_(self): return b"\\x89PNG"
        Richer()
        # %%
        Rich()
        # %%
        display(Bytes(), "text")
        None
        # %%
        1 + 1;
        # %%
        (
            1 +
            1
        )
        # %%
        x = 3
        # %%
        Rich
        """
    assert outputs(run_one(tmp_path, text)) == [
        ("svg", "<svg/>"),
        ("html", "<b>rich</b>"),
        ("png", "iVBORw=="),
        ("text", "'text'"),
        ("text", "2"),
        ("text", "<class '__main__.Rich'>"),
    ]


def test_addresses_are_left_out(tmp_path: Path) -> None:
    """The address in the default repr of an object differs from run to run, so it is not put out."""
    text = "# %%\nvalue = object()\nprint(value)\nvalue"
    assert outputs(run_one(tmp_path, text)) == [("stdout", "<object object>\n"), ("text", "<object object>")]


def test_cells_share_one_module(tmp_path: Path) -> None:
    """Names, `from __future__` flags and classes last from cell to cell, and pickle finds the classes."""
    text = """
        # %%
        from __future__ import annotations
        from dataclasses import dataclass
        # %% [markdown]
        # Words.
        # %%
        @dataclass
        class Node:
            next: Node | None = None
        # %%
        import pickle
        pickle.loads(pickle.dumps(Node(Node())))
        """
    notebook = run_one(tmp_path, text)
    assert outputs(notebook) == [("text", "Node(next=Node(next=None))")]
    assert len(notebook.cells) == 4


def test_a_notebook_without_code_is_done(tmp_path: Path) -> None:
    """A notebook of words alone has nothing to run and nothing to fail."""
    notebook = run_one(tmp_path, "# %% [markdown]\n# Words.\n")
    assert (notebook.status, len(notebook.cells)) == ("ok", 1)


def test_a_value_shows_itself_in_the_richest_form_of_jupyters_protocol(tmp_path: Path) -> None:
    """By a method for each form, or by one for all; bytes as base64, metadata left out."""
    text = """
        # %%
        class Markdown:
            def _repr_markdown_(self): return "**bold** $x$"
            def _repr_latex_(self): return "$y$"
        class Latex:
            def _repr_latex_(self): return "$z$"
            def _repr_png_(self): return b"\\x89PNG"
        class Bundle:
            def _repr_mimebundle_(self, include=None, exclude=None):
                return {"text/plain": "plain", "image/jpeg": b"JPEG"}, {"image/jpeg": {"width": 1}}
        class Pair:
            def _repr_html_(self): return "<i>pair</i>", {"isolated": True}
        display(Markdown(), Latex(), Bundle())
        Pair()
        """
    assert outputs(run_one(tmp_path, text)) == [
        ("markdown", "**bold** $x$"), ("latex", "$z$"), ("jpeg", "SlBFRw=="), ("html", "<i>pair</i>"),
    ]  # fmt: skip


FIGURES = """
    # %% open
    import matplotlib.pyplot as plt
    plt.plot([1, 2], label="line")
    plt.legend();
    # %% shown
    figure, axes = plt.subplots()
    axes.set_title("a <title>")
    figure
    # %% two
    plt.figure(); plt.plot([3])
    plt.figure(); plt.plot([4])
    """


def test_figures_become_svg_fit_for_a_page(tmp_path: Path) -> None:
    """Each open figure is one transparent SVG, text as text, with ids and rules of its own, the same in every run."""
    first = run_one(tmp_path, FIGURES, "matplotlib.pyplot")
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 20\n")  # found here, but nobody's business
    second = run_one(tmp_path, FIGURES, "matplotlib.pyplot")
    drawn = [output for cell in first.cells for output in cell.outputs if output.kind == "svg"]
    assert [[output.kind for output in cell.outputs] for cell in first.cells] == [
        ["svg"],
        ["svg"],
        ["text", "svg", "svg"],
    ]
    assert "a &lt;title&gt;</text>" in drawn[1].data
    ids = [part.split('"')[0] for svg in drawn for part in svg.data.split(' id="')[1:]]
    assert len(ids) == len(set(ids)) > 0
    for svg in drawn:
        used = [part.split('"')[0] for part in svg.data.split('href="#')[1:]]
        used += [part.split(")")[0] for part in svg.data.split("url(#")[1:]]
        assert set(used) <= set(ids)
        assert svg.data.startswith("<svg ")
        assert "<style" not in svg.data
        assert "fill: #ffffff" not in svg.data.split("axes_1")[0]
        assert not re.search(r"(?<!, )#000000", svg.data), "black ink could not be read on a dark page"
        assert "var(--wt-ink, #000000)" in svg.data
    assert [cell.outputs for cell in first.cells] == [cell.outputs for cell in second.cells]


def test_a_run_puts_out_what_jupyter_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams, last expressions and display give what a Jupyter kernel gives for the same cells."""
    cells = [
        "import sys\nprint('one')\nprint('two', file=sys.stderr)",
        "values = [1, 2]\nvalues",
        "values;",
        "class Html:\n    def _repr_html_(self): return '<b>é</b>'\ndisplay(Html())\nHtml()",
        "for i in range(3): print(i)",
        "None",
        "'text'",
    ]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "JUPYTER_RUNTIME_DIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    ours = run_one(tmp_path, "".join(f"# %%\n{cell}\n" for cell in cells))
    for cell, kernel in zip(ours.cells, notebook.cells, strict=True):
        assert [(output.name, output.kind, output.data) for output in cell.outputs] == [_of(o) for o in kernel.outputs]


def _of(output: nbformat.NotebookNode) -> tuple[str, str, str]:
    """Return a kernel's output as one of ours: the richest form of a value."""
    if output.output_type == "stream":
        return output.name, "stream", output.text
    kind = "html" if "text/html" in output.data else "plain"
    return "", "text" if kind == "plain" else kind, output.data[f"text/{kind}"]
