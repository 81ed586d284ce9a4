"""A pytest plugin that records how models' tests came out: `-p site_builder.execute.recorder`.

Only a file all of whose tests ran to their end is recorded, under the key of its source as it was collected. With
pytest-xdist, each worker describes the tests that it runs, and the controller alone writes. Knows nothing of pages.
"""

from __future__ import annotations

import inspect
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from site_builder.cache import open_cache
from site_builder.execute.checks import default_cache, keep_checks
from site_builder.execute.imports import SourceTree
from site_builder.execute.keys import check_key
from site_builder.execute.results import Check, CheckOutcome
from site_builder.execute.syntax import read_syntax

Part: TypeAlias = dict[str, Any]
"""What is said of a test and of one of its phases. Plain values: it travels between processes as JSON."""

_WORST_FIRST: tuple[CheckOutcome, ...] = ("failed", "passed", "skipped")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wikitorch", "recording the checks of models")
    group.addoption("--checks-cache", metavar="FILE", help="where to record (default: the project's cache)")
    group.addoption("--checks-of", metavar="PATH", action="append", help="tests to record (default: tests/models)")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Describer(config), "wikitorch-describer")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config), "wikitorch-recorder")


class Describer:
    """Adds to each test's report what the recorder must know, where the test itself is at hand."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self._recorded = [self._root / path for path in config.getoption("checks_of") or ["tests/models"]]
        self._some_chosen = any("::" in argument for argument in config.args) or config.getoption("lf", False)
        self._incomplete: set[str] = set()
        self._files: dict[str, Part] = {}
        self._lines: dict[str, dict[str, int]] = {}

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._incomplete |= {self._path(item) for item in items}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self._some_chosen:
            return
        tree = SourceTree(self._root)
        for path, number in Counter(map(self._path, session.items)).items():
            source = tree.source(path)
            wanted = any((self._root / path).is_relative_to(place) for place in self._recorded)
            if source and wanted and path not in self._incomplete:
                self._files[path] = {"path": path, "key": check_key(tree, source), "tests": number}
                self._lines[path] = {found.name: found.line for found in read_syntax(source.text).definitions}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        path = self._path(item)
        if path in self._files and isinstance(item, pytest.Function):
            name = _name(item)
            line = self._lines[path].get(name, 1)
            part = {**self._files[path], **_described(item), "name": name, "line": line, "message": _message(call)}
            report.__dict__["check_part"] = part
        return report

    def _path(self, item: pytest.Item) -> str:
        below = item.path.is_relative_to(self._root)
        return item.path.relative_to(self._root).as_posix() if below else item.path.as_posix()


class Recorder:
    """Gathers the reports of all tests, and keeps those of whole files when the run is over."""

    def __init__(self, config: pytest.Config) -> None:
        chosen = config.getoption("checks_cache")
        self._cache = Path(chosen) if chosen else default_cache(config.rootpath)
        self._phases: defaultdict[str, list[tuple[CheckOutcome, Part]]] = defaultdict(list)
        self._ended: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if part := report.__dict__.get("check_part"):
            self._phases[report.nodeid].append((report.outcome, part))
            if report.when == "teardown":
                self._ended.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        files: defaultdict[str, list[Part]] = defaultdict(list)
        for test in self._ended:
            merged = _test(self._phases[test])
            files[merged["path"]].append(merged)
        whole = {path: tests for path, tests in files.items() if _is_whole(tests)}
        if whole:
            with open_cache(self._cache) as cache:
                keep_checks(cache, {path: (tests[0]["key"], _checks(tests)) for path, tests in whole.items()})


def _described(item: pytest.Function) -> Part:
    doc = next(iter((inspect.getdoc(item.function) or "").splitlines()), "")
    return {
        "description": doc or item.originalname.removeprefix("test_").replace("_", " ").capitalize(),
        "figures": [[str(name), str(value)] for name, value in item.user_properties],
        "verifies": [str(claim) for mark in item.iter_markers("verifies") for claim in mark.args],
    }


def _name(item: pytest.Function) -> str:
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return ".".join([*classes, item.originalname])


def _message(call: pytest.CallInfo[None]) -> str:
    """Return the first line of what a test raised: a failure's exception, or why it was skipped."""
    if call.excinfo is None:
        return ""
    words = call.excinfo.exconly(tryshort=True)
    if call.excinfo.errisinstance(pytest.skip.Exception):
        words = str(call.excinfo.value)
    return next(iter(words.splitlines()), "")


def _test(phases: list[tuple[CheckOutcome, Part]]) -> Part:
    """Join a test's set-up, call and teardown: the worst outcome with its message, and all that it measured."""
    outcome = next(one for one in ("failed", "skipped", "passed") if any(one == phase for phase, _ in phases))
    message = next((part["message"] for phase, part in phases if phase == outcome and part["message"]), "")
    return {**phases[-1][1], "outcome": outcome, "message": message}


def _is_whole(tests: list[Part]) -> bool:
    return len(tests) == tests[0]["tests"] and len({test["key"] for test in tests}) == 1


def _checks(tests: Iterable[Part]) -> tuple[Check, ...]:
    functions: defaultdict[tuple[int, str], list[Part]] = defaultdict(list)
    for test in tests:
        functions[test["line"], test["name"]].append(test)
    return tuple(_check(functions[place]) for place in sorted(functions))


def _check(tests: list[Part]) -> Check:
    """Join the tests that one function makes with its parameters."""
    outcome = next(one for one in _WORST_FIRST if any(test["outcome"] == one for test in tests))
    measured: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in sorted(tuple(figure) for test in tests for figure in test["figures"]):
        measured[name].append(value)
    return Check(
        name=tests[0]["name"],
        description=tests[0]["description"],
        outcome=outcome,
        figures=tuple((name, _range(values)) for name, values in measured.items()),
        verifies=tuple(dict.fromkeys(claim for test in tests for claim in test["verifies"])),
        message=next((test["message"] for test in tests if test["outcome"] == outcome and test["message"]), ""),
        line=tests[0]["line"],
    )


def _range(values: list[str]) -> str:
    """Return one figure for several runs: the only value, the least and the greatest number, or every text."""
    different = list(dict.fromkeys(values))
    try:
        different = sorted(different, key=float)
    except ValueError:
        return ", ".join(different)
    return different[0] if len(different) == 1 else f"{different[0]} to {different[-1]}"
