"""Small vaults and the command, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

COMMAND = Path(sys.executable).with_name("wikitorch")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Vault:
    """A project in a temporary folder: mkdocs.yml of two lines and a folder of notes."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "mkdocs.yml"

    def write(self, path: str, text: str | bytes) -> None:
        """Write a note, or any other file, of the vault."""
        target = self.root / "notes" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)

    def configure(self, more: str) -> None:
        """Add lines to mkdocs.yml."""
        self.config.write_text(self.config.read_text() + more)

    def run(self, *args: str) -> Ended:
        """Run `wikitorch` on this project."""
        group = 2 if args[0] in ("models", "graph", "new") else 1
        command = [COMMAND, *args[:group], "-f", self.config, *args[group:]]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=120)
        return Ended(done.returncode, done.stdout, done.stderr)

    def build(self, *args: str) -> Ended:
        return self.run("build", "-d", str(self.root / "out"), *args)

    def page(self, path: str) -> str:
        """Return a built page."""
        return (self.root / "out" / path / "index.html").read_text()


class WriteModel(Protocol):
    """Adds a model whose notebook has two cells, and a note that shows it."""

    def __call__(self, cell: str, name: str = "thing") -> None: ...


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """A vault without notes; tests of its models run without the plugins that take long to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    (tmp_path / "notes").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: A vault\ndocs_dir: notes\n")
    return Vault(tmp_path)


@pytest.fixture
def write_model(vault: Vault) -> WriteModel:
    def write(cell: str, name: str = "thing") -> None:
        for path, text in {
            "notebook_models/__init__.py": '"""Models."""\n',
            "notebook_models/area/__init__.py": '"""An area."""\n',
            f"notebook_models/area/{name}.py": '"""A thing."""\n\nVALUE = 2\n',
            f"notebook_models/notebooks/area/{name}.py": f"# %% first\n1 + 1\n\n# %% second\n{cell}\n",
        }.items():
            target = vault.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        vault.write(f"{name.capitalize()}.md", f"---\nmodel: area.{name}\n---\nA {name}.\n")

    return write
