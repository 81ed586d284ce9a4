"""Whether a site is already what a build would make it: the inputs and the site itself are as the last build left them.

Files are compared by size and time of change, as make and git do, so asking costs one stat a file.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from site_builder.cache import Cache, content_key
from site_builder.project import PLUGIN, Project, markdown_settings

_KIND = "builds"
_HERE = Path(__file__).parent
_PLUGINS = frozenset(("search", PLUGIN))
_PYTHON = re.compile(r"!!python/[\w/]+:([\w.]+)")
_OUTSIDE = ("hooks", "INHERIT", "watch")  # settings that name files which a build reads and we do not look at


@dataclass(frozen=True, slots=True)
class Record:
    """What the last build of a site saw, what it left, and what it said."""

    inputs: str
    site: str
    said: str
    findings: int


def inputs_key(project: Project, config: Path, cache: Cache, *, run: bool) -> str:
    """Return the hash of everything a build looks at."""
    settings = project.settings
    folders = (project.vault, project.root / settings.models, project.root / settings.model_tests)
    state = [f"{folder}\n{tree_key(folder)}" for folder in folders]
    state += [tree_key(folder) for folder in _own_folders()]
    state += [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sorted(_HERE.glob("*.py"))]
    checks = json.dumps(cache.get_kind("checks-latest"), sort_keys=True)
    obsidian = project.vault / ".obsidian" / "app.json"
    more = [config.read_text(encoding="utf-8"), obsidian.read_text(encoding="utf-8") if obsidian.is_file() else ""]
    return content_key(*state, *more, checks, str(run), sys.version, *_installed())


def inputs_are_known(values: Mapping[str, Any], text: str) -> bool:
    """Whether mkdocs.yml names nothing else that a build reads: no hooks, theme files, other plugins or own code."""
    plugins = values.get("plugins") or ()
    named = {name for item in plugins for name in (item if isinstance(item, dict) else [item])}
    theme = values.get("theme")
    custom = isinstance(theme, dict) and "custom_dir" in theme
    hidden = "!ENV" in text or "snippets" in text  # an extension that reads files
    code = [*_PYTHON.findall(text), *markdown_settings(values).extensions]
    own = not all(_is_installed(name) for name in code)
    return named <= _PLUGINS and not (custom or hidden or own) and not any(name in values for name in _OUTSIDE)


def _is_installed(name: str) -> bool:
    """Whether a module, or an extension by its short name, came as a package: then its version tells what it does."""
    spec = find_spec(name.partition(".")[0])
    return spec is None or "site-packages" in str(spec.origin)


def tree_key(folder: Path) -> str:
    """Return the hash of a tree's paths, sizes and times of change."""
    return content_key(*(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in _stats(str(folder), "")))


def recall(cache: Cache, site: Path) -> Record | None:
    """Return what the last build of a site left, if the site is still that."""
    kept = cache.get(_KIND, str(site.resolve()))
    record = Record(**kept) if kept else None
    return record if record and site.is_dir() and tree_key(site) == record.site else None


def remember(cache: Cache, site: Path, inputs: str, said: str, findings: int) -> None:
    """Keep what a build saw and left."""
    cache.put(_KIND, {str(site.resolve()): asdict(Record(inputs, tree_key(site), said, findings))})


def _stats(folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries: Iterable[os.DirEntry[str]] = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _stats(entry.path, f"{prefix}{entry.name}/")
        else:
            try:
                yield prefix + entry.name, entry.stat()
            except OSError:
                continue


def _own_folders() -> Iterator[Path]:
    """Yield this package's folders, but for the front end's sources, of which the site holds only the bundle."""
    yield from (path for path in sorted(_HERE.iterdir()) if path.is_dir() and path.name != "frontend")


def _installed() -> list[str]:
    """Name the installed packages by the folders that pip makes for them: reading each one's metadata takes longer."""
    return sorted({str(getattr(each, "_path", "")) for each in distributions()})
