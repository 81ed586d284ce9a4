"""The stage as the compiler sees it: what is run, what is kept, and what an author is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from site_builder.diagnostics import Severity
from site_builder.execute.job import Limits
from site_builder.execute.problems import RULES
from site_builder.execute.progress import Finished, FromCache, Started
from tests.execute.conftest import Project

FILES = {
    "models/__init__.py": "",
    "models/base.py": "x = 1\n",
    "models/one.py": '"""One."""\nfrom models.base import x\n',
    "models/two.py": '"""Two."""\n',
    "models/notebooks/one.py": "# %% [markdown]\n# # One\n\n# %% value\nfrom models.one import x\nx\n",
    "models/notebooks/two.py": "# %%\nimport models.two\nprint('two')\n",
}


def told(problems: list[object]) -> list[str]:
    return [f"{p.file.path}:{p.file.position(p.span.start).line} {p.rule.code} {p.message}" for p in problems]  # type: ignore[attr-defined]


@pytest.fixture
def built(project: Project) -> Project:
    """A project of two models that has been built."""
    project.write(FILES)
    project.build()
    return project


def test_a_first_build_runs_every_notebook(project: Project) -> None:
    """Cells stand beside what they put out, and progress tells of start and end."""
    project.write(FILES)
    manifests, _ = project.build()
    one = manifests["one"]
    assert [(cell.kind, cell.name) for cell in one.cells] == [("markdown", ""), ("code", "value")]
    assert [[output.data for output in cell.outputs] for cell in one.run.cells] == [[], ["1"]]
    assert {event.model for event in project.events if isinstance(event, Started)} == {"one", "two"}
    assert {event.model for event in project.events if isinstance(event, Finished)} == {"one", "two"}


def test_a_second_build_runs_nothing(built: Project) -> None:
    """With nothing changed, every result comes from the cache and is the same."""
    first, _ = built.build()
    assert built.events == [FromCache("one"), FromCache("two")]
    assert built.build()[0] == first


def test_a_change_runs_those_that_import_it(built: Project) -> None:
    """A change in a module runs the notebooks that come to import it, also through another, and no other."""
    before, _ = built.build()
    built.write({"models/base.py": "x = 2\n"})
    manifests, _ = built.build()
    assert [type(event) for event in built.events] == [FromCache, Started, Finished]
    assert built.events[0] == FromCache("two")
    assert manifests["one"].run.cells[1].outputs[0].data == "2"
    assert manifests["one"].key != before["one"].key
    assert manifests["two"].key == before["two"].key


def test_going_back_runs_nothing(built: Project) -> None:
    """A result is kept for its source, so an edit that is undone finds the earlier one."""
    built.write({"models/base.py": "x = 2\n"})
    built.build()
    built.write({"models/base.py": "x = 1\n"})
    manifests, _ = built.build()
    assert built.events == [FromCache("one"), FromCache("two")]
    assert manifests["one"].run.cells[1].outputs[0].data == "1"


def test_a_build_in_an_empty_cache_gives_the_same(built: Project) -> None:
    """A clean build gives the manifests of an incremental one, key by key."""
    built.write({"models/base.py": "x = 2\n"})
    incremental, _ = built.build()
    built.cache.unlink()
    clean, _ = built.build()
    assert {name: one.key for name, one in clean.items()} == {name: one.key for name, one in incremental.items()}


def test_a_failing_cell_is_told_and_tried_again(built: Project) -> None:
    """A failure names cell and line in the notebook's file; it is not kept, so the next build runs it again."""
    built.write({"models/base.py": "y = 1\n"})
    for _ in range(2):
        manifests, problems = built.build()
        assert Started("one") in built.events
        assert manifests["one"].run.status == "failed"
        (failed,) = [problem for problem in problems if problem.rule.severity is Severity.ERROR]
        assert told([failed]) == [
            "models/notebooks/one.py:5 M001 cell `value` fails: "
            f"ImportError: cannot import name 'x' from 'models.base' ({built.root}/models/base.py)"
        ]
    assert manifests["two"].run.status == "ok"


def test_limits_are_told_at_their_line(project: Project) -> None:
    """A notebook without end is told at the line that it was in; too much output at its cell, also when it is kept."""
    project.write(
        {
            "models/a.py": "",
            "models/notebooks/a.py": "# %% loop\nfor _ in [1]:\n    while True: pass\n",
            "models/b.py": "",
            "models/notebooks/b.py": "# %%\n1\n# %%\n\nprint('x' * 5000)\n",
        }
    )
    for _ in range(2):  # what is kept of `b` says so again
        _, problems = project.build(limits=Limits(1.0, 4096))
        limits = [problem for problem in problems if problem.rule.code in ("M002", "M003")]
        assert told(limits) == [
            "models/notebooks/a.py:3 M002 cell `loop` was still running after 1 s",
            "models/notebooks/b.py:5 M003 cell `2` puts out more than 4 KiB",
        ]
        assert limits[0].file.slice(limits[0].span) == "while True: pass"


def test_without_running_only_what_is_kept_is_shown(built: Project) -> None:
    """With `run=False` a kept result is shown, and a changed notebook is told as not run, with empty cells."""
    built.write({"models/base.py": "x = 2\n"})
    manifests, problems = built.build(run=False)
    assert manifests["two"].run.status == "ok"
    assert manifests["one"].run.status == "not-run"
    assert [cell.outputs for cell in manifests["one"].run.cells] == [(), ()]
    assert "models/notebooks/one.py:1 M006 the notebook of `one` was not run for this source" in told(problems)


def test_checks_are_missing_recorded_stale_and_recorded_again(project: Project) -> None:
    """Only checks recorded for exactly this source are shown; older ones are stale and have nothing to show."""
    tests = "from models.one import x\n\ndef test_x_is_one():\n    assert x == 1\n"
    project.write({**FILES, "tests/models/test_one.py": tests})
    seen = []
    for change, record in [({}, False), ({}, True), ({"models/base.py": "x = 2 - 1\n"}, False), ({}, True)]:
        project.write(change)
        if record:
            assert project.record() == 0
        manifests, problems = project.build()
        checks = manifests["one"].checks
        seen.append((checks.status, len(checks.checks), told(problems)))
    missing = "tests/models/test_one.py:1 M005 no checks of `one` are recorded"
    stale = "tests/models/test_one.py:1 M005 the checks of `one` were recorded for another source"
    others = ["models/two.py:1 M005 `two` has no tests"]
    assert seen == [
        ("missing", 0, [missing, *others]),
        ("passed", 1, others),
        ("stale", 0, [stale, *others]),
        ("passed", 1, others),
    ]


def test_a_failed_check_is_told_at_its_function(project: Project) -> None:
    """A failed check is an error at the line of its `def`, with the first line of what it raised."""
    tests = "import pytest\n\n@pytest.mark.filterwarnings('error')\ndef test_it():\n    assert 1 + 1 == 3\n"
    project.write({"models/one.py": "", "tests/models/test_one.py": tests})
    assert project.record() == 1
    manifests, problems = project.build()
    assert manifests["one"].checks.status == "failed"
    assert manifests["one"].run.status == "not-run"
    assert told(problems) == ["tests/models/test_one.py:4 M004 check `test_it` failed: assert (1 + 1) == 3"]
    assert problems[0].file.slice(problems[0].span) == "def test_it():"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_has_a_page(rule: object) -> None:
    """A rule's page says what it finds and why it matters, shows an example, and says what to write instead."""
    docs: str = rule.docs  # type: ignore[attr-defined]
    assert "\n## Example\n" in docs
    assert "\n## Instead\n" in docs
    assert len(docs.split("## Example")[0].split("\n\n")) >= 3
    assert max(map(len, docs.splitlines())) <= 120


def test_importing_the_stage_is_light() -> None:
    """Nothing that is slow to import comes with it: no torch, matplotlib, jupytext, nbformat or pytest."""
    code = "import sys, site_builder.execute; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "matplotlib", "jupytext", "nbformat", "pytest", "numpy"} & set(loaded)
