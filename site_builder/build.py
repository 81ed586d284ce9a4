"""What the commands do. The one place outside the plugin that knows MkDocs, and imports it only to build."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from site_builder.cache import open_cache
from site_builder.diagnostics import CannotRun, Diagnostic
from site_builder.project import PLUGIN, load_project, names_plugin, read_config
from site_builder.reporting import render
from site_builder.up_to_date import inputs_are_known, inputs_key, recall, remember

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from site_builder.execute.manifest import ModelManifest
    from site_builder.execute.stage import Engine

_THEME = "material"
_TRIED_AGAIN = frozenset(("M001", "M002", "M009"))  # a notebook that failed may have failed by chance
_ONLY_A_BUILD_KNOWS = frozenset(("M005", "M006"))  # results that are not there yet are no fault of the vault


def build_site(config: Path, *, site_dir: Path | None = None, strict: bool = False, run: bool = True) -> int:
    """Build a site; return 0 when it is in place, 1 when it is not because `strict` found something.

    Does nothing when neither the inputs nor the site changed since the last build, but says again what that one said.
    """
    project, _ = load_project(config)
    values, text = read_config(config)
    site = site_dir or project.root / str(values.get("site_dir") or "site")
    with open_cache(project.cache) as cache:
        inputs = inputs_key(project, config, cache, run=run)
        last = recall(cache, site)
    known = inputs_are_known(values, text)
    if known and last and last.inputs == inputs and not (strict and last.findings):
        click.echo(last.said, err=True, nl=bool(last.said))
        click.echo(f"{site} is up to date")
        return 0
    diagnostics = _build(config, site, strict=strict, run=run)
    if not any(each.rule.code in _TRIED_AGAIN for each in diagnostics):
        with open_cache(project.cache) as cache:  # the inputs as they were before: an edit meanwhile is built next time
            remember(cache, site, inputs, render(diagnostics, "full"), len(diagnostics))
    click.echo(f"{site} is built")
    return 0


def _build(config: Path, site: Path, *, strict: bool, run: bool) -> tuple[Diagnostic, ...]:
    from mkdocs.commands.build import build

    from site_builder.mkdocs_plugin import WikitorchPlugin
    from site_builder.run_progress import watch_runs

    loaded = _load(config, site_dir=str(site), strict=strict)
    plugin = loaded.plugins[PLUGIN]
    assert isinstance(plugin, WikitorchPlugin)
    with watch_runs() as progress, _one_line():
        plugin.run_models, plugin.progress = run, progress
        loaded.plugins.on_startup(command="build", dirty=False)
        build(loaded)
    return plugin.site.diagnostics if plugin.site else ()


def serve_site(config: Path, *, port: int = 8000, run: bool = True, live: bool = False) -> None:
    """Serve a preview on 127.0.0.1 until it is interrupted; a changed file builds it again.

    When it is `live`, the code on its pages can be run. Raises CannotRun when the port is taken or a package missing.
    """
    from mkdocs.commands.serve import serve

    from site_builder.live import Front, require_packages
    from site_builder.mkdocs_plugin import WikitorchPlugin

    project, _ = load_project(config)
    _require_free(port)
    WikitorchPlugin.run_models = run
    if live:
        require_packages()
        WikitorchPlugin.front = Front(project.root, port)
    else:
        click.echo(f"http://127.0.0.1:{port}/  (Ctrl-C stops)", err=True)
    with _one_line():
        serve(str(config), dev_addr=f"127.0.0.1:{port}", **_implied(config))


def check_project(config: Path, paths: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a vault, all of it or below some paths; runs no notebook."""
    from site_builder.compile import compile_site

    project, problems = load_project(config)
    with open_cache(project.cache) as cache:
        site = compile_site(project, cache, run=False, search=False)
    found = [each for each in (*problems, *site.diagnostics) if each.rule.code not in _ONLY_A_BUILD_KNOWS]
    wanted = tuple(_in_vault(path, project.vault) for path in paths)
    return tuple(each for each in found if not wanted or any(_below(each.file.path, path) for path in wanted))


def model_manifests(
    config: Path, *, run: bool, engine: Engine = "process"
) -> tuple[tuple[ModelManifest, ...], tuple[Diagnostic, ...]]:
    """Return a project's models with their results, run first if need be."""
    from site_builder.compile import run_project_models
    from site_builder.run_progress import watch_runs

    project, _ = load_project(config)
    with open_cache(project.cache) as cache, watch_runs() as progress:
        return run_project_models(project, cache, run=run, engine=engine, progress=progress)


def run_model_tests(config: Path, names: Sequence[str] = (), *, changed: bool = False) -> int:
    """Run the models' tests, all or those of some models, and record their results; return pytest's exit status.

    Raises CannotRun for a name that no model has.
    """
    from site_builder.execute import record_checks

    project, _ = load_project(config)
    manifests = {manifest.model.name: manifest for manifest in model_manifests(config, run=False)[0]}
    unknown = [name for name in names if name not in manifests]
    if unknown:
        raise CannotRun(f"no model named {unknown[0]!r}: `wikitorch models list` names them all")
    wanted = [manifests[name] for name in names or manifests]
    stale = [each for each in wanted if not changed or each.checks.status in ("stale", "missing")]
    tests = [Path(each.model.tests.path) for each in stale if each.model.tests]
    return record_checks(project.root, tests, project.cache, jobs=os.cpu_count() or 1) if tests else 0


def _implied(config: Path) -> dict[str, Any]:
    """Return the settings that a mkdocs.yml may leave out: our theme and plugin."""
    values, _ = read_config(config)
    implied: dict[str, Any] = {} if values.get("theme") else {"theme": {"name": _THEME}}
    if not names_plugin(values):
        plugins = values.get("plugins") or []
        listed = [{name: options} for name, options in plugins.items()] if isinstance(plugins, dict) else list(plugins)
        implied["plugins"] = [*listed, PLUGIN]
    return implied


def _load(config: Path, **options: Any) -> MkDocsConfig:
    from mkdocs.config import load_config

    with _one_line():
        return load_config(str(config), **options, **_implied(config))


@contextmanager
def _one_line() -> Iterator[None]:
    """Turn MkDocs' way of giving up, which has already said why, into ours."""
    from mkdocs.exceptions import Abort, MkDocsException

    try:
        yield
    except Abort as error:
        if str(error):
            click.echo(str(error), err=True)
        sys.exit(1 if "Strict" in str(error) else 2)
    except MkDocsException as error:
        raise CannotRun(str(error)) from error


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotRun(f"port {port} is in use: stop what uses it, or choose another with --port") from error


def _in_vault(path: str, vault: Path) -> str:
    """Return a path as notes are named, whether it was given from here or from the vault."""
    here = Path(path).resolve()
    return here.relative_to(vault).as_posix() if here.is_relative_to(vault) else path.strip("/")


def _below(path: str, folder: str) -> bool:
    return folder in ("", ".") or path == folder or path.startswith(folder + "/")
