"""Recording checks: what of a test run is kept, and when."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from site_builder.cache import open_cache
from site_builder.execute.checks import recorded_checks
from site_builder.execute.imports import SourceTree
from site_builder.execute.results import Check, CheckRun
from site_builder.execute.runner import with_this_package
from tests.execute.conftest import Project

TESTS = '''
    """Tests of one."""
    import pytest
    from hypothesis import given
    from hypothesis import strategies as st

    def test_has_no_docstring():
        assert True

    @pytest.mark.parametrize("n", [10, 9, 100])
    @pytest.mark.verifies("Note#^first")
    @pytest.mark.verifies("Note#^second", "Other#^third")
    def test_measures(n, record_property):
        """Measures a number.

        And more.
        """
        record_property("error", f"{n}e-3")
        record_property("shape", "2 x 3")
        record_property("seen", n)

    @given(st.integers())
    def test_holds_for_all(n):
        """Holds for all."""
        assert n == n

    class TestGroup:
        def test_inside(self):
            """Is in a class."""

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_fails_for_two(n):
        """Fails for two."""
        if n == 3:
            pytest.skip("three")
        raise_if(n == 2)

    def raise_if(wrong):
        if wrong:
            raise ValueError("expected 1\\ngot 2")

    def test_is_skipped():
        """Is skipped."""
        pytest.skip("no device")

    @pytest.fixture
    def broken():
        raise RuntimeError("no set-up")

    def test_has_a_broken_fixture(broken):
        """Has a broken fixture."""

    @pytest.fixture
    def careless():
        yield
        raise RuntimeError("no tear-down")

    def test_is_left_untidy(careless):
        """Is left untidy."""

    @pytest.mark.xfail(reason="not yet")
    def test_is_expected_to_fail():
        """Is expected to fail."""
        raise AssertionError
    '''
LINES = {
    name.split("(")[0]: number for number, line in enumerate(TESTS.split("\n")[1:], 1) for name in [line.strip()[4:]]
}
INI = "[pytest]\nmarkers = verifies: decides claims\n"


def check(
    name: str,
    description: str,
    outcome: str = "passed",
    message: str = "",
    figures: Sequence[tuple[str, str]] = (),
    verifies: Sequence[str] = (),
) -> Check:
    line = LINES[name.rpartition(".")[2]]
    return Check(name, description, outcome, tuple(figures), tuple(verifies), message, line)  # type: ignore[arg-type]


EXPECTED = (
    check("test_has_no_docstring", "Has no docstring"),
    check(
        "test_measures",
        "Measures a number.",
        figures=[("error", "9e-3 to 100e-3"), ("seen", "9 to 100"), ("shape", "2 x 3")],
        verifies=["Note#^second", "Other#^third", "Note#^first"],
    ),
    check("test_holds_for_all", "Holds for all."),
    check("TestGroup.test_inside", "Is in a class."),
    check("test_fails_for_two", "Fails for two.", "failed", "ValueError: expected 1"),
    check("test_is_skipped", "Is skipped.", "skipped", "no device"),
    check("test_has_a_broken_fixture", "Has a broken fixture.", "failed", "RuntimeError: no set-up"),
    check("test_is_left_untidy", "Is left untidy.", "failed", "RuntimeError: no tear-down"),
    check("test_is_expected_to_fail", "Is expected to fail.", "skipped", "AssertionError"),
)


@pytest.fixture
def tested(project: Project) -> Project:
    project.write(
        {
            "pytest.ini": INI,
            "tests/models/test_one.py": TESTS,
            "tests/models/area/test_two.py": 'def test_a():\n    """A."""\n\ndef test_b():\n    """B."""\n',
            "tests/test_other.py": "def test_it(): ...\n",
        }
    )
    return project


def recorded(project: Project, path: str) -> CheckRun:
    tree = SourceTree(project.root)
    with open_cache(project.cache) as cache:
        return recorded_checks(cache, tree, tree.source(path))


def pytest_run(project: Project, *arguments: str) -> int:
    """Run pytest as a user does, with the plugin named in the command line."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "site_builder.execute.recorder", *arguments]
    return subprocess.run(command, cwd=project.root, env=with_this_package(), capture_output=True).returncode


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_kind_of_test_is_recorded(tested: Project, jobs: int) -> None:
    """Each function is one check: words, worst outcome, figures, claims and line, with one process and with two."""
    assert tested.record(jobs=jobs) == 1
    assert recorded(tested, "tests/models/test_one.py") == CheckRun("failed", EXPECTED)
    assert recorded(tested, "tests/models/area/test_two.py") == CheckRun(
        "passed", (Check("test_a", "A.", "passed", (), (), "", 1), Check("test_b", "B.", "passed", (), (), "", 4))
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["-k", "test_a"],
        ["--deselect", "tests/models/area/test_two.py::test_b"],
        ["tests/models/area/test_two.py::test_a", "tests/models/area/test_two.py::test_b"],
        ["-n", "2", "-k", "test_a"],
        ["--collect-only"],
        ["tests/test_other.py"],
        ["--checks-of", "tests/models/test_one.py"],
    ],
    ids=" ".join,
)
def test_a_part_of_a_file_is_not_recorded(tested: Project, arguments: list[str]) -> None:
    """Tests chosen one by one say nothing of their file, and files outside the models' tests are nobody's checks."""
    pytest_run(tested, *arguments)
    assert recorded(tested, "tests/models/area/test_two.py").status == "missing"
    assert recorded(tested, "tests/test_other.py").status == "missing"


def test_a_run_that_stops_early_records_the_files_it_finished(tested: Project) -> None:
    """After `-x`, a file that was left is not recorded, and one that was done before is."""
    assert pytest_run(tested, "-x") == 1
    assert recorded(tested, "tests/models/area/test_two.py").status == "passed"
    assert recorded(tested, "tests/models/test_one.py").status == "missing"


def test_running_only_what_failed_records_nothing(tested: Project) -> None:
    """After a run with `--last-failed` the results of the whole run still stand."""
    pytest_run(tested)
    whole = recorded(tested, "tests/models/test_one.py")
    assert whole.status == "failed"
    pytest_run(tested, "--last-failed")
    assert recorded(tested, "tests/models/test_one.py") == whole


def test_a_plain_run_of_everything_records_too(tested: Project) -> None:
    """Whoever runs pytest with the plugin, results go to the project's cache."""
    assert pytest_run(tested, "tests") == 1
    assert recorded(tested, "tests/models/test_one.py").checks == EXPECTED


def test_a_file_that_cannot_be_imported_is_not_recorded(project: Project) -> None:
    """A test file that fails at its import has no checks; the others are recorded."""
    project.write({"tests/models/test_a.py": "import nowhere\n", "tests/models/test_b.py": "def test_b(): ...\n"})
    assert project.record() > 1
    assert recorded(project, "tests/models/test_a.py").status == "missing"
    assert project.record("tests/models/test_b.py") == 0
    assert recorded(project, "tests/models/test_b.py").status == "passed"


def test_a_change_while_the_tests_run_makes_them_stale(project: Project) -> None:
    """Results belong to the source that was collected: a module edited by the time they end has none."""
    project.write(
        {
            "models/one.py": "x = 1\n",
            "tests/models/test_one.py": (
                "import pathlib\nimport models.one\n\n"
                "def test_edits():\n    pathlib.Path('models/one.py').write_text('x = 2\\n')\n"
            ),
        }
    )
    assert project.record() == 0
    assert recorded(project, "tests/models/test_one.py").status == "stale"
    project.write({"models/one.py": "x = 1\n"})
    assert recorded(project, "tests/models/test_one.py").status == "passed"
