"""Files to take away: complete, valid, and run where nothing of the project is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from site_builder.execute.download import standalone_module, standalone_notebook
from site_builder.execute.imports import SourceTree
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import find_models
from site_builder.execute.notebook import parse_notebook
from site_builder.execute.results import CheckRun, NotebookRun
from tests.execute.conftest import Project

REPOSITORY = Path(__file__).parents[2]
TREE = SourceTree(REPOSITORY)
# Parts of the command that trains on WMT14: they need what the extra `training` names, and stand on no page.
COMMAND = {
    "text.shared_vocabulary", "training.bleu", "training.evaluation", "training.prepared", "training.progress",
    "training.wmt14",
}  # fmt: skip
ALL = {model.name: model for model in find_models(REPOSITORY, "notebook_models", Path("tests/models"))}
MODELS = {name: model for name, model in ALL.items() if name not in COMMAND}
WITH_NOTEBOOKS = [name for name, model in MODELS.items() if model.notebook]
ALLOWED = {"torch", "matplotlib", "jaxtyping"}


@dataclass(frozen=True)
class CleanProcess:
    """A process that runs programs where only torch, matplotlib and Python's own can be imported."""

    server: subprocess.Popen[str]

    def run(self, text: str, folder: Path) -> tuple[int, str]:
        """Run a program in an empty folder; return its exit status, and if it failed what it wrote to stderr."""
        (folder / "program.py").write_text(text, encoding="utf-8")
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(f"{folder / 'program.py'}\n")
        self.server.stdin.flush()
        status = int(self.server.stdout.readline())
        return status, (folder / "err.txt").read_text() if status else ""


@pytest.fixture(scope="module")
def clean() -> Iterator[CleanProcess]:
    """One clean process for all programs: each runs in a fork of it."""
    command = [sys.executable, "-I", str(Path(__file__).with_name("clean_process.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"OMP_NUM_THREADS": "1"}
    ) as server:
        yield CleanProcess(server)
        assert server.stdin is not None
        server.stdin.close()


def manifest(name: str) -> ModelManifest:
    model = MODELS[name]
    cells = parse_notebook(model.notebook) if model.notebook else ()
    return ModelManifest(model, cells, NotebookRun("not-run", ()), CheckRun("missing"), "")


def notebook(name: str) -> dict[str, Any]:
    text = standalone_notebook(manifest(name), TREE)
    assert text is not None
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def code(parsed: dict[str, Any]) -> str:
    return "\n".join("".join(cell["source"]) for cell in parsed["cells"] if cell["cell_type"] == "code")


def imported(text: str) -> set[str]:
    """Return the packages that a program imports, without those of Python."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import():
                names |= {alias.name.partition(".")[0] for alias in node.names}
            case ast.ImportFrom():
                names.add("." if node.level else (node.module or "").partition(".")[0])
    return names - set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", WITH_NOTEBOOKS)
def test_a_notebook_is_valid_and_needs_torch_alone(name: str) -> None:
    """Every notebook of this repository becomes a valid .ipynb that imports torch, matplotlib, and Python's own."""
    parsed = notebook(name)
    nbformat.validate(nbformat.from_dict(parsed))
    assert imported(code(parsed)) <= ALLOWED
    assert parsed == notebook(name)
    words = "".join(line for cell in parsed["cells"] if cell["cell_type"] == "markdown" for line in cell["source"])
    assert "[[" not in words


@pytest.mark.parametrize("name", MODELS)
def test_a_module_needs_torch_alone(name: str) -> None:
    """Every model of this repository becomes one file that imports torch, matplotlib, and Python's own."""
    text = standalone_module(MODELS[name], TREE)
    assert text is not None
    assert imported(text) <= ALLOWED
    defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    top = {symbol.name for symbol in MODELS[name].symbols if "." not in symbol.name and not symbol.name.startswith("_")}
    assert top <= defined


@pytest.mark.parametrize("name", WITH_NOTEBOOKS)
def test_a_notebook_runs_on_its_own(name: str, tmp_path: Path, clean: CleanProcess) -> None:
    """Each notebook, its weights included, runs to its end where only torch and matplotlib are, in an empty folder."""
    assert clean.run(code(notebook(name)), tmp_path) == (0, "")


@pytest.mark.parametrize("name", MODELS)
def test_a_module_runs_on_its_own(name: str, tmp_path: Path, clean: CleanProcess) -> None:
    """Each joined module defines what it promises where only torch and matplotlib are."""
    text = standalone_module(MODELS[name], TREE)
    assert text is not None
    names = [symbol.name for symbol in MODELS[name].symbols if "." not in symbol.name]
    assert clean.run(f"{text}\nassert all([{', '.join(names)}])", tmp_path) == (0, "")


def test_a_clean_process_has_torch_and_nothing_of_the_project(tmp_path: Path, clean: CleanProcess) -> None:
    """So that the tests above can fail: the project, and what only its tests need, cannot be imported there."""
    assert clean.run("import torch, matplotlib.pyplot, json", tmp_path) == (0, "")
    for name in ("notebook_models", "site_builder", "jaxtyping", "transformers", "onnx"):
        status, error = clean.run(f"import {name}", tmp_path)
        assert status == 1
        assert "No module named" in error


def test_the_joined_transformer_translates(tmp_path: Path, clean: CleanProcess) -> None:
    """Its parts are all there, under their names."""
    text = standalone_module(MODELS["transformer.generation"], TREE)
    transformer = standalone_module(MODELS["transformer.transformer"], TREE)
    assert text is not None
    assert transformer is not None
    use = (
        "torch.manual_seed(0)\nmodel = Transformer(12, 12, d_model=16, n_heads=2, n_layers=1, d_ff=32).eval()\n"
        "print(greedy(model, torch.tensor([[3, 4, 5]]), bos=1, eos=2, max_new_tokens=4).tokens.shape)\n"
    )
    missing = "" if "class Transformer(" in text else f"\n{transformer}\n"
    assert clean.run(f"import torch\n{text}{missing}\n{use}", tmp_path) == (0, "")
    assert (tmp_path / "out.txt").read_text().startswith("torch.Size([1, ")


def test_a_small_project_puts_out_the_same_on_its_own(
    project: Project, tmp_path_factory: pytest.TempPathFactory, clean: CleanProcess
) -> None:
    """A notebook with helpers of one name, a module as an object, and weights prints the same, joined and built."""
    project.write(
        {
            "models/__init__.py": "",
            "models/io.py": (
                "from pathlib import Path\n\n"
                "def load(path): return _check(), Path(path).read_text()\n\ndef _check(): return 'io'\n"
            ),
            "models/net.py": (
                "from pathlib import Path\n\nfrom models import io\n\n"
                "WEIGHTS = Path(__file__).parent / 'checkpoints' / 'net.txt'\n\n"
                "def load(): return io.load(WEIGHTS), _check()\n\ndef _check(): return 'net'\n"
            ),
            "models/checkpoints/net.txt": "weights é",
            "models/checkpoints/other.bin": "x" * 2_000_000,
            "models/notebooks/net.py": (
                "# %% [markdown]\n# # Net, see [[Self-Attention|attention]]\n\n# %% a\nfrom models.net import load\n\n"
                "load\nprint(load())\n\n# %%\nfrom models import io\nprint(callable(io.load))\n"
            ),
        }
    )
    manifests, _ = project.build()
    built = "".join(output.data for cell in manifests["net"].run.cells for output in cell.outputs)
    text = standalone_notebook(manifests["net"], SourceTree(project.root))
    assert text is not None
    parsed = json.loads(text)
    assert parsed["cells"][0]["source"] == ["# Net, see attention"]
    folder = tmp_path_factory.mktemp("empty")
    assert clean.run(code(parsed), folder) == (0, "")
    assert (folder / "out.txt").read_text(encoding="utf-8") == built
    assert built == "(('io', 'weights é'), 'net')\nTrue\n"


def test_what_is_no_python_is_not_offered(project: Project) -> None:
    """A model that does not parse has nothing to take away, and one without a notebook has no notebook."""
    project.write(
        {
            "models/a.py": "def (:",
            "models/notebooks/a.py": "# %%\nimport models.a\n",
            "models/b.py": "",
            "tests/models/test_b.py": "",
        }
    )
    manifests, _ = project.build(run=False)
    tree = SourceTree(project.root)
    assert standalone_module(manifests["a"].model, tree) is standalone_notebook(manifests["a"], tree) is None
    assert standalone_notebook(manifests["b"], tree) is None
    assert standalone_module(manifests["b"].model, tree) is not None
