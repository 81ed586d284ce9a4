"""What a result depends on: the key changes with all of that, and with nothing else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.execute import keys
from site_builder.execute.imports import SourceTree
from site_builder.execute.job import Limits
from site_builder.execute.keys import check_key, run_key
from site_builder.execute.notebook import parse_notebook
from tests.execute.conftest import Project

STYLES = ["import models.m{}", "from models import m{}", "from models.m{} import x", "from .m{} import x"]
N_MODULES = 5


def run_key_of(root: Path, limits: Limits = Limits()) -> str:  # noqa: B008 -- a frozen value
    tree = SourceTree(root)
    notebook = tree.source("models/notebooks/n.py")
    assert notebook is not None
    return run_key(tree, notebook, parse_notebook(notebook), limits)


def check_key_of(root: Path) -> str:
    tree = SourceTree(root)
    tests = tree.source("tests/models/area/test_n.py")
    assert tests is not None
    return check_key(tree, tests)


@settings(max_examples=60, deadline=None)
@given(
    edges=st.sets(st.tuples(st.integers(-1, N_MODULES - 1), st.integers(0, N_MODULES - 1)), max_size=12),
    style=st.integers(0, len(STYLES) - 1),
    inside=st.booleans(),
)
def test_a_key_changes_with_exactly_the_modules_in_its_closure(
    edges: set[tuple[int, int]], style: int, inside: bool
) -> None:
    """For any graph of imports, cycles included, changing a module changes the key if and only if it is reached."""
    graph = nx.DiGraph(edges)
    graph.add_nodes_from(range(-1, N_MODULES))
    reached = nx.descendants(graph, -1)
    with TemporaryDirectory() as folder:
        project = Project(Path(folder))
        files = {f"models/m{number}.py": "x = 0\n" for number in range(N_MODULES)}
        files |= {"models/__init__.py": "", "models/notebooks/n.py": "# %%\n"}
        for importer, imported in sorted(edges):
            path = "models/notebooks/n.py" if importer < 0 else f"models/m{importer}.py"
            statement = STYLES[style if importer >= 0 else style % 3].format(imported)
            files[path] += f"def f():\n    {statement}\n" if inside else f"{statement}\n"
        project.write(files)
        before = run_key_of(project.root)
        for number in range(N_MODULES):
            project.write({f"models/m{number}.py": files[f"models/m{number}.py"] + "# changed\n"})
            assert (run_key_of(project.root) != before) == (number in reached)
            project.write({f"models/m{number}.py": files[f"models/m{number}.py"]})
        assert run_key_of(project.root) == before


@pytest.fixture
def small(project: Project) -> Project:
    project.write(
        {
            "models/__init__.py": "",
            "models/n.py": "x = 1\n",
            "models/notebooks/n.py": "# %% [markdown]\n# Prose.\n\n# %% a\nfrom models.n import x\n",
            "conftest.py": "import shared\n",
            "shared.py": "",
            "tests/models/conftest.py": "",
            "tests/models/oracles.py": "",
            "tests/models/area/test_n.py": "from models.n import x\nfrom oracles import known\n",
            "tests/models/area/test_other.py": "",
        }
    )
    return project


def test_prose_counts_only_where_it_moves_the_code(small: Project) -> None:
    """Other words in a markdown cell leave the key as it is; another line changes it, for tracebacks tell lines."""
    before = run_key_of(small.root)
    small.write({"models/notebooks/n.py": "# %% [markdown]\n# Other words.\n\n# %% a\nfrom models.n import x\n"})
    assert run_key_of(small.root) == before
    small.write({"models/notebooks/n.py": "# %% [markdown]\n# Two\n# lines.\n\n# %% a\nfrom models.n import x\n"})
    assert run_key_of(small.root) != before


def test_how_much_a_cell_may_put_out_counts(small: Project) -> None:
    """A larger limit of output changes the key, a longer time does not: what ran in time is what it is."""
    before = run_key_of(small.root)
    assert run_key_of(small.root, Limits(output=1)) != before
    assert run_key_of(small.root, Limits(seconds=1.0)) == before


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("tests/models/area/test_n.py", True),
        ("models/n.py", True),
        ("models/__init__.py", True),
        ("conftest.py", True),
        ("shared.py", True),
        ("tests/models/conftest.py", True),
        ("tests/models/oracles.py", True),
        ("tests/models/area/test_other.py", False),
        ("models/notebooks/n.py", False),
    ],
)
def test_checks_depend_on_the_tests_what_they_import_and_their_conftest_files(
    small: Project, path: str, counts: bool
) -> None:
    """A change counts in the test file, its imports, and each conftest around it with its imports; not elsewhere."""
    before = check_key_of(small.root)
    with (small.root / path).open("a") as file:
        file.write("# changed\n")
    assert (check_key_of(small.root) != before) is counts


def test_a_new_conftest_file_counts(small: Project) -> None:
    """A conftest file that was not there changes the key."""
    before = check_key_of(small.root)
    small.write({"tests/models/area/conftest.py": ""})
    assert check_key_of(small.root) != before


def test_the_compiler_itself_counts_by_its_version_alone(project: Project) -> None:
    """A project's own site_builder is no part of a closure, or each change of the compiler would undo every result."""
    project.write(
        {
            "conftest.py": "import site_builder.text\n",
            "site_builder/__init__.py": "",
            "site_builder/text.py": "",
            "tests/models/area/test_n.py": "",
        }
    )
    before = check_key_of(project.root)
    project.write({"site_builder/text.py": "changed = True\n"})
    assert check_key_of(project.root) == before


def test_checkpoints_count_where_the_folder_is_named(small: Project) -> None:
    """Once a module holds the word `checkpoints`, every byte in the package's folder of that name counts."""
    (small.root / "models" / "checkpoints").mkdir()
    weights = small.root / "models" / "checkpoints" / "n.pt"
    weights.write_bytes(b"\x00")
    before = run_key_of(small.root)
    weights.write_bytes(b"\x01")
    assert run_key_of(small.root) == before
    small.write({"models/n.py": "x = 'checkpoints/n.pt'\n"})
    named = run_key_of(small.root)
    weights.write_bytes(b"\x02")
    assert run_key_of(small.root) != named


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ("from notebook_models.playground import Playground", True),
        ("from notebook_models import playground", True),
        ("from notebook_models import plotting", False),
    ],
)
def test_what_exports_graphs_counts_where_there_are_playgrounds(
    small: Project, monkeypatch: pytest.MonkeyPatch, statement: str, counts: bool
) -> None:
    """Another version of ONNX, or of its runtime, changes the key of a notebook that comes to import playgrounds."""
    small.write({"models/n.py": f"{statement}\n"})
    before = run_key_of(small.root)
    monkeypatch.setattr(keys, "exporters", lambda: ("onnx 0.0.0",))
    assert (run_key_of(small.root) != before) is counts
