"""Small projects of models in temporary folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from site_builder.cache import Cache, open_cache
from site_builder.diagnostics import Diagnostic
from site_builder.execute.checks import record_checks
from site_builder.execute.job import Limits
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import ModelSource, find_models
from site_builder.execute.progress import Event
from site_builder.execute.stage import run_models

LIMITS = Limits(seconds=20.0)


@dataclass(frozen=True)
class Project:
    """A folder with a package `models` and tests in `tests/models`; paths are below it."""

    root: Path
    events: list[Event] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.root / ".wikitorch" / "cache.sqlite"

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, without the indentation that their texts share."""
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def models(self) -> tuple[ModelSource, ...]:
        return find_models(self.root, "models", Path("tests/models"))

    def build(self, *, run: bool = True, limits: Limits = LIMITS) -> tuple[dict[str, ModelManifest], list[Diagnostic]]:
        """Run the stage with the project's cache; give manifests by model, and what was wrong."""
        self.events.clear()
        with open_cache(self.cache) as cache:
            return self.build_with(cache, run=run, limits=limits)

    def build_with(
        self, cache: Cache, *, run: bool = True, limits: Limits = LIMITS
    ) -> tuple[dict[str, ModelManifest], list[Diagnostic]]:
        manifests, problems = run_models(
            self.models(), cache, root=self.root, run=run, jobs=2, limits=limits, progress=self.events.append
        )
        return {manifest.model.name: manifest for manifest in manifests}, list(problems)

    def record(self, *tests: str, jobs: int = 1) -> int:
        """Run tests, all of them unless some are named, and record them; return pytest's exit status."""
        return record_checks(self.root, [Path(path) for path in tests or ("tests/models",)], self.cache, jobs=jobs)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose tests run without the plugins that take long to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    return Project(tmp_path)
