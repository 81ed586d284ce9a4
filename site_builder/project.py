"""What is to be compiled, read from mkdocs.yml as far as compiling needs it. Knows no MkDocs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from site_builder.cache import FOLDER
from site_builder.diagnostics import CannotRun, Diagnostic
from site_builder.settings import Settings, read_settings
from site_builder.text import Source

PLUGIN = "wikitorch"
_GITHUB = re.compile(r"https?://(?:www\.)?github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_ALWAYS = ("toc", "tables", "fenced_code")  # extensions that MkDocs adds to those of mkdocs.yml


@dataclass(frozen=True, slots=True)
class MarkdownSettings:
    """Python-Markdown's extensions and their settings as mkdocs.yml names them, for pages in MkDocs' dialect."""

    extensions: tuple[str, ...] = ()
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """The folder of mkdocs.yml, the vault, the site's name, and the settings."""

    root: Path
    vault: Path
    title: str
    settings: Settings
    markdown: MarkdownSettings = field(default_factory=MarkdownSettings)
    repository: str = ""

    @property
    def colab(self) -> str:
        """Where Colab opens the site's files: those of a branch or tag at GitHub. Empty when none is named."""
        found = _GITHUB.match(self.repository)
        if not found or not self.settings.colab:
            return ""
        return f"https://colab.research.google.com/github/{found[1]}/blob/{self.settings.colab}/"

    @property
    def cache(self) -> Path:
        """The file in which results are kept between runs."""
        return self.root / FOLDER / "cache.sqlite"


class _Loader(yaml.Loader):
    """Reads `!!python/…`, which extensions are set up with, as MkDocs does, and MkDocs' own tags as nothing."""


_Loader.add_multi_constructor("", lambda loader, suffix, node: None)


def load_project(config: Path) -> tuple[Project, tuple[Diagnostic, ...]]:
    """Read mkdocs.yml; a wrong setting of ours is a diagnostic.

    Raises CannotRun when there is none, it is no YAML, or the vault that it names is no folder.
    """
    values, text = read_config(config)
    root = config.resolve().parent
    settings, problems = read_settings(plugin_options(values), Source(config.name, text))
    vault = root / str(values.get("docs_dir") or "docs")
    if not vault.is_dir():
        raise CannotRun(f"no folder {vault}: set docs_dir in {config.name} to the folder of your notes")
    title = str(values.get("site_name") or root.name)
    repository = str(values.get("repo_url") or "")
    return Project(root, vault, title, settings, markdown_settings(values), repository), problems


def read_config(config: Path) -> tuple[Mapping[str, Any], str]:
    """Return what mkdocs.yml holds, and its text."""
    try:
        text = config.read_text(encoding="utf-8")
        values = yaml.load(text, _Loader) or {}
    except OSError as error:
        raise CannotRun(f"cannot read {config}: {error.strerror}; name another file with -f") from error
    except UnicodeDecodeError as error:
        raise CannotRun(f"{config} is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise CannotRun(f"{config}{place}: {getattr(error, 'problem', error)}") from error
    if not isinstance(values, dict):
        raise CannotRun(f"{config} holds no settings: it needs at least `site_name: …`")
    return values, text


def markdown_settings(values: Mapping[str, Any]) -> MarkdownSettings:
    """Read `markdown_extensions` as MkDocs does."""
    listed = values.get("markdown_extensions") or []
    items = [{name: options} for name, options in listed.items()] if isinstance(listed, dict) else listed
    named: dict[str, Mapping[str, Any]] = {name: {} for name in _ALWAYS}
    for item in items if isinstance(items, list) else ():
        for name, options in item.items() if isinstance(item, dict) else [(item, {})]:
            given = options if isinstance(options, dict) else {}
            named[str(name)] = {key: value for key, value in given.items() if value is not None}
    return MarkdownSettings(tuple(named), named)


def plugin_options(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return our part of `plugins`, which may be a list or a mapping."""
    plugins = values.get("plugins") or []
    named = plugins if isinstance(plugins, dict) else {}
    for item in plugins if isinstance(plugins, list) else ():
        named |= item if isinstance(item, dict) else {}
    options = named.get(PLUGIN)
    return options if isinstance(options, dict) else {}


def names_plugin(values: Mapping[str, Any]) -> bool:
    """Whether mkdocs.yml lists this plugin."""
    plugins = values.get("plugins") or []
    return any(PLUGIN in item if isinstance(item, dict) else item == PLUGIN for item in plugins)
