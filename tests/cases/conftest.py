"""Collects literate cases as tests."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from site_builder.cache import open_cache
from tests.cases.literate import Case, read_cases, run_case, update


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".md":
        return CaseFile.from_parent(parent, path=file_path)
    return None


class CaseFile(pytest.File):
    """A file of literate cases."""

    def collect(self) -> Iterator[pytest.Item]:
        for case in read_cases(self.path):
            yield CaseItem.from_parent(self, name=case.title, case=case)


class CaseItem(pytest.Item):
    """One literate case."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case

    def runtest(self) -> None:
        with TemporaryDirectory() as folder, open_cache(None) as cache:
            results = run_case(self.case, Path(folder), cache)
        wrong = [(block, actual) for block, actual in results if block.text != actual]
        if wrong and self.config.getoption("--update-cases"):
            update(self.case, {block.label: actual for block, actual in wrong})
        elif wrong:
            raise CaseFailed("\n\n".join(_difference(block.label, block.text, actual) for block, actual in wrong))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, CaseFailed):
            return f"{self.case.path.name}:{self.case.line}: {self.case.title}\n\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, self.case.title


class CaseFailed(Exception):
    """A case gave something else than its file says."""


def _difference(label: str, expected: str, actual: str) -> str:
    lines = difflib.unified_diff(
        expected.splitlines(), actual.splitlines(), f"{label}, expected", f"{label}, actual", lineterm=""
    )
    return "\n".join(lines)
