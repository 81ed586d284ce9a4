"""Playgrounds: what a notebook declares is exported, compared with torch, and kept; what cannot be is said."""

from __future__ import annotations

import pytest
import torch

from site_builder.execute.panel import Panel, panels
from site_builder.model_parts import placed_cells
from site_builder.names import SitePath
from site_builder.render.panel_section import panel_section, placed_panel
from tests.execute.conftest import Project
from tests.execute.test_stage import told
from tests.properties.strategies import parse

NOTEBOOK = """\
# %% playground
import torch
from torch import nn

from notebook_models.playground import {kind}, Playground, Tokens


class Module(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(3, 4)

    def forward(self, tokens):
        x = self.embedding(tokens)[0]
        {body}


torch.manual_seed(0)
Playground(
    title="Title",
    says="Says.",
    module=Module(),
    inputs=(Tokens("tokens", "Words", {{"a": 0, "b": 1, "c": 2}}, "a b a"),),
    outputs=({kind}("map", "Map", "tokens", "tokens"),),
)
"""


def declare(project: Project, body: str, kind: str = "Matrix") -> None:
    project.write(
        {
            "models/__init__.py": "",
            "models/one.py": '"""One."""\n',
            "tests/models/test_one.py": "",
            "models/notebooks/one.py": NOTEBOOK.format(body=body, kind=kind),
        }
    )


def only(project: Project) -> tuple[Panel, list[str]]:
    """Build, and return the one panel and what is wrong with playgrounds."""
    manifests, problems = project.build()
    [(index, panel)] = panels(manifests["one"].run)
    assert index == 0
    assert manifests["one"].run.status == "ok"
    return panel, [line for line in told(list(problems)) if " M01" in line]


def test_a_playground_becomes_a_graph_with_its_first_results(project: Project) -> None:
    """The graph is an ONNX file of any length; the first results are the module's own."""
    import onnxruntime

    declare(project, "return x @ x.T")
    panel, problems = only(project)
    assert problems == []
    assert panel.first["map"].shape == (3, 3)
    session = onnxruntime.InferenceSession(panel.graphs["graph"])
    [result] = session.run(None, {"tokens": [[0, 1, 0]]})
    torch.testing.assert_close(torch.tensor(result).flatten(), torch.tensor(panel.first["map"].data), atol=1e-4, rtol=0)
    assert session.run(None, {"tokens": [[2] * 7]})[0].shape == (7, 7)
    assert panel.form["inputs"][0]["default"] == "a b a"


def test_the_same_playground_gives_the_same_bytes(project: Project) -> None:
    """Nothing of the machine, the folder or the hour is in a graph."""
    declare(project, "return x @ x.T")
    first, _ = only(project)
    project.cache.unlink()
    second, _ = only(project)
    assert first.graphs == second.graphs
    assert str(project.root).encode() not in first.graphs["graph"]
    assert b"File " not in first.graphs["graph"]


def test_a_panel_that_a_note_places_stands_there_alone(project: Project) -> None:
    """A fence that names its cell gives the panel, and the section below the note leaves it out."""
    declare(project, "return x @ x.T")
    manifest = project.build()[0]["one"]
    assert placed_cells(parse("```model\none#playground\n```\n").events, manifest) == {0}
    assert placed_cells(parse("```python\none#playground\n```\n").events, manifest) == set()
    assert panel_section(manifest, {0}, SitePath("a/")) is None
    assert placed_panel(manifest, 1, SitePath("a/")) is None
    section, placed = panel_section(manifest, set(), SitePath("a/")), placed_panel(manifest, 0, SitePath("a/"))
    assert section
    assert section.html == placed


def test_a_panel_is_kept_with_its_run(project: Project) -> None:
    """A second build takes the panel from the cache, equal in all."""
    declare(project, "return x @ x.T")
    first, _ = only(project)
    project.events.clear()
    second, _ = only(project)
    assert first == second
    assert [type(event).__name__ for event in project.events] == ["FromCache"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("return x * 2 if x.sum() > 0 else x", "eq"),
        ("return torch.linalg.svdvals(x)", "svd"),
    ],
)
def test_a_module_that_cannot_be_exported_is_told_with_its_operation(project: Project, body: str, named: str) -> None:
    """The diagnostic stands at the cell; the run is whole, and there is no graph."""
    declare(project, body)
    panel, [problem] = only(project)
    assert panel.fault == "export"
    assert panel.graphs == {}
    assert problem.startswith("models/notebooks/one.py:2 M013 the playground of cell `playground` cannot be exported: ")
    assert named in problem.lower()


def test_a_graph_that_gives_other_numbers_is_not_used(project: Project) -> None:
    """Chance is not exported as the same chance: the page must not show what the code does not do."""
    declare(project, "return x @ x.T + torch.rand(x.shape[0], x.shape[0])")
    panel, [problem] = only(project)
    assert panel.fault == "parity"
    assert panel.graphs == {}
    assert "M014 the playground of cell `playground` cannot be trusted: `map` differs from torch's by" in problem


def test_a_length_fixed_by_the_example_is_found(project: Project) -> None:
    """A graph that holds for three words alone fails at another length."""
    declare(project, "return (x @ x.T) * float(len(x.tolist()))")
    panel, problems = only(project)
    assert panel.fault
    assert len(problems) == 1
