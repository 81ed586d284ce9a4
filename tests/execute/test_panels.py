"""Playgrounds: what a notebook declares is exported, compared with torch, and kept; what cannot be is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from site_builder.execute.manifest import ModelManifest
from site_builder.execute.panel import Panel, panels
from site_builder.execute.progress import Event
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

from notebook_models.playground import Matrix, Playground, Tokens


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
    outputs=(Matrix("map", "Map", "tokens", "tokens"),),
)
"""


BODIES = {
    "whole": "return x @ x.T",
    "branches": "return x * 2 if x.sum() > 0 else x",
    "decomposes": "return torch.linalg.svdvals(x)",
    "draws": "return x @ x.T + torch.rand(x.shape[0], x.shape[0])",
    "fixed": "return (x @ x.T) * float(len(x.tolist()))",
}


@dataclass(frozen=True)
class Built:
    """A build: manifests by model, what was told of playgrounds, and what the stage reported."""

    manifests: dict[str, ModelManifest]
    problems: list[str]
    events: list[Event]

    def panel(self, name: str) -> tuple[Panel, list[str]]:
        """Return the one panel of a model, whose run must be whole, and what is wrong with it."""
        run = self.manifests[name].run
        [(index, panel)] = panels(run)
        assert (index, run.status) == (0, "ok")
        return panel, [line for line in self.problems if line.startswith(f"models/notebooks/{name}.py:")]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built, Built]:
    """Three builds of playgrounds: the first, one from its cache, and one of `whole` in another folder."""
    project = declare(tmp_path_factory.mktemp("one"), *BODIES)
    return build(project), build(project), build(declare(tmp_path_factory.mktemp("other"), "whole"))


def declare(root: Path, *names: str) -> Project:
    """Return a project of playgrounds."""
    project = Project(root)
    project.write({"models/__init__.py": ""})
    for name in names:
        project.write(
            {
                f"models/{name}.py": '"""One."""\n',
                f"tests/models/test_{name}.py": "",
                f"models/notebooks/{name}.py": NOTEBOOK.format(body=BODIES[name]),
            }
        )
    return project


def build(project: Project) -> Built:
    manifests, problems = project.build()
    return Built(manifests, [line for line in told(problems) if " M01" in line], list(project.events))


@pytest.fixture
def built(builds: tuple[Built, Built, Built]) -> Built:
    return builds[0]


def test_a_playground_becomes_a_graph_with_its_first_results(built: Built) -> None:
    """The graph is an ONNX file of any length; the first results are the module's own."""
    import onnxruntime

    panel, problems = built.panel("whole")
    assert problems == []
    assert panel.first["map"].shape == (3, 3)
    session = onnxruntime.InferenceSession(panel.graphs["graph"])
    [result] = session.run(None, {"tokens": [[0, 1, 0]]})
    torch.testing.assert_close(torch.tensor(result).flatten(), torch.tensor(panel.first["map"].data), atol=1e-4, rtol=0)
    assert session.run(None, {"tokens": [[2] * 7]})[0].shape == (7, 7)
    assert panel.form["inputs"][0]["default"] == "a b a"


def test_the_same_playground_gives_the_same_bytes(builds: tuple[Built, Built, Built]) -> None:
    """Nothing of the machine, the folder or the hour is in a graph."""
    first, _, later = (build.panel("whole")[0] for build in builds)
    assert first.graphs == later.graphs
    assert b"File " not in first.graphs["graph"]


def test_a_panel_that_a_note_places_stands_there_alone(built: Built) -> None:
    """A fence that names its cell gives the panel, and the section below the note leaves it out."""
    manifest = built.manifests["whole"]
    assert placed_cells(parse("```model\nwhole#playground\n```\n").events, manifest) == {0}
    assert placed_cells(parse("```python\nwhole#playground\n```\n").events, manifest) == set()
    assert panel_section(manifest, {0}, SitePath("a/")) is None
    assert placed_panel(manifest, 1, SitePath("a/")) is None
    section, placed = panel_section(manifest, set(), SitePath("a/")), placed_panel(manifest, 0, SitePath("a/"))
    assert section
    assert section.html == placed


def test_a_panel_is_kept_with_its_run(builds: tuple[Built, Built, Built]) -> None:
    """A second build takes the panels from the cache, equal in all, and tells of each fault again."""
    first, again, _ = builds
    assert {type(event).__name__ for event in again.events} == {"FromCache"}
    assert [first.panel(name) for name in BODIES] == [again.panel(name) for name in BODIES]


@pytest.mark.parametrize(("name", "operation"), [("branches", "eq"), ("decomposes", "svd")])
def test_a_module_that_cannot_be_exported_is_told_with_its_operation(built: Built, name: str, operation: str) -> None:
    """The diagnostic stands at the cell; the run is whole, and there is no graph."""
    panel, [problem] = built.panel(name)
    assert panel.fault == "export"
    assert panel.graphs == {}
    start = f"models/notebooks/{name}.py:2 M013 the playground of cell `playground` cannot be exported: "
    assert problem.startswith(start)
    assert operation in problem.removeprefix(start).lower()


def test_a_graph_that_gives_other_numbers_is_not_used(built: Built) -> None:
    """Chance is not exported as the same chance: the page must not show what the code does not do."""
    panel, [problem] = built.panel("draws")
    assert panel.fault == "parity"
    assert panel.graphs == {}
    assert "M014 the playground of cell `playground` cannot be trusted: `map` differs from torch's by" in problem


def test_a_length_fixed_by_the_example_is_found(built: Built) -> None:
    """A graph that holds for three words alone fails at another length."""
    panel, problems = built.panel("fixed")
    assert panel.fault
    assert len(problems) == 1
