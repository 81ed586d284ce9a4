"""The adapter to MkDocs and Material: a compiled site becomes their files and pages. Compiles nothing itself."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click
import jinja2
from markupsafe import escape
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import AnchorLink, TableOfContents

from site_builder.addresses import BIBLIOGRAPHY, GRAPH_PAGE
from site_builder.cache import open_cache
from site_builder.compile import compile_site
from site_builder.diagnostics import CannotRun, Diagnostic
from site_builder.emit import replace_site, staging_folder, write_files
from site_builder.execute.progress import Progress, quiet
from site_builder.live import Front
from site_builder.live_preview import LivePreview
from site_builder.navigation import FolderNavigation
from site_builder.project import MarkdownSettings, Project
from site_builder.render.math import END_OF_MATH
from site_builder.reporting import render, summary
from site_builder.search_box import WORKER, name_worker, stand_in
from site_builder.settings import read_settings
from site_builder.site import Page, Site, TocEntry
from site_builder.text import Source

HERE = Path(__file__).parent
ASSETS = "assets/wikitorch"
_FORMULA = re.compile(rf'<(span|div) class="math.*?{re.escape(END_OF_MATH)}</\1>', re.DOTALL)
THEME = {
    "features": ("content.code.copy", "navigation.footer", "search.suggest", "search.highlight",
                 "toc.follow"),
    "palette": (
        {"media": "(prefers-color-scheme: light)", "scheme": "default", "primary": "custom", "accent": "custom",
         "toggle": {"icon": "material/weather-night", "name": "Switch to dark"}},
        {"media": "(prefers-color-scheme: dark)", "scheme": "slate", "primary": "custom", "accent": "custom",
         "toggle": {"icon": "material/weather-sunny", "name": "Switch to light"}},
    ),
}  # fmt: skip


class StudyPage(MkDocsPage):
    """A page that is already rendered. MkDocs and its plugins see the note's source as its Markdown.

    Material's templates write titles and descriptions as they are, so they are HTML here.
    """

    def __init__(self, page: Page, file: File, config: MkDocsConfig, changed: str) -> None:
        super().__init__(escape(page.title), file, config)
        self.compiled = page
        self.update_date = changed

    def read_source(self, config: MkDocsConfig) -> None:
        """Take the note's text as it is; its properties were read long ago."""
        self.markdown = ""
        self.meta = {"description": escape(self.compiled.description)} if self.compiled.description else {}
        self.meta["classes"] = escape(" ".join(self.compiled.classes))

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Give MkDocs the compiled page."""
        self.content = self.compiled.html
        self.toc = TableOfContents([_anchor_link(entry) for entry in self.compiled.toc])
        self.present_anchor_ids = set()


class _Options(Config):  # type: ignore[no-untyped-call]
    """Accepts every key: `settings` checks them, with their places in mkdocs.yml."""

    def load_dict(self, patch: Any) -> None:
        self.raw: Mapping[str, Any] = patch or {}

    def validate(self) -> tuple[list[Any], list[Any]]:
        return [], []


class WikitorchPlugin(BasePlugin[_Options]):  # type: ignore[no-untyped-call]
    """Compiles the vault at `docs_dir` when MkDocs asks for its files."""

    run_models = True
    front: Front | None = None

    def __init__(self) -> None:
        self.command = "build"
        self.site: Site | None = None
        self.wanted_site_dir: Path | None = None
        self.staged: Path | None = None
        self.shown = ""
        self.searched = False
        self.progress: Progress = quiet

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.command = command

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the theme's parts, and build beside the present site, which stays until the next one is whole."""
        if not (HERE / "bundle" / "site" / "wikitorch.css").exists():
            raise CannotRun("the front-end bundle is missing: run `make setup`")
        config.theme.dirs.insert(0, str(HERE / "theme"))
        config.theme["font"] = False  # Material would fetch it from another host
        config.theme["features"] = [*dict.fromkeys([*(config.theme.get("features") or ()), *THEME["features"]])]
        config.theme["palette"] = config.theme.get("palette") or list(THEME["palette"])
        icons = dict(config.theme.get("icon") or {})
        config.theme["icon"] = {**icons, "logo": icons.get("logo") or "wikitorch/logo"}
        config.theme["favicon"] = "assets/images/wikitorch.svg"
        config.extra.setdefault("generator", False)
        self.searched = stand_in(config, self.config.raw)
        config.extra_css.insert(0, f"{ASSETS}/wikitorch.css")
        config.extra_javascript.insert(0, f"{ASSETS}/wikitorch.js")
        if self.command != "serve":
            self.wanted_site_dir = Path(config.site_dir)
            self.staged = staging_folder(self.wanted_site_dir)
            config.site_dir = str(self.staged)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Compile, say what is wrong, and hand MkDocs the pages and attachments of the published notes."""
        self.site = self._compile(config)
        report(self.site.diagnostics)
        if config.strict and self.site.diagnostics:
            raise Abort("Strict: the site was not replaced.")
        docs = Path(config.docs_dir).resolve()
        kept = [file for file in files if not file.abs_src_path or not Path(file.abs_src_path).is_relative_to(docs)]
        changed = _last_change(docs, self.site)
        pages = [_page_file(page, config, changed) for page in self.site.pages]
        attachments = [File(path, config.docs_dir, config.site_dir, True) for path in self.site.attachments]
        return Files([*pages, *attachments, *_bundle(config), *kept])

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Put the front page first; the graph and the references last."""
        home = [item for item in nav.items if isinstance(item, StudyPage) and item.is_homepage]
        added = [
            file.page
            for file in files
            if isinstance(file.page, StudyPage) and file.page.compiled.path in (GRAPH_PAGE, BIBLIOGRAPHY)
        ]
        if config.nav is None:
            nav.items = [*home, *(item for item in nav.items if item not in home)]
        nav.items += sorted(added, key=lambda page: page.compiled.path)
        return nav

    def on_env(self, env: jinja2.Environment, *, config: MkDocsConfig, files: Files) -> jinja2.Environment:
        """Let the templates ask for the navigation, which is rendered once a folder, and for the search worker."""
        env.globals["wikitorch_navigation"] = FolderNavigation()
        env.globals["wikitorch_search"] = name_worker if self.searched else None
        env.globals["wikitorch_worker"] = WORKER
        return env

    @event_priority(100)
    def _hide_formulas(self, context: Any, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation) -> Any:
        """Spare Material's search index the formulas, which it would leave out only after parsing them."""
        self.shown = page.content or ""
        page.content = self.shown if self.searched else _FORMULA.sub("", self.shown)
        return context

    @event_priority(-100)
    def _show_formulas(self, context: Any, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation) -> Any:
        page.content = self.shown
        return context

    on_page_context = CombinedEvent(_hide_formulas, _show_formulas)

    @event_priority(-100)  # after the search index and whatever else other plugins write
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write what stands beside the pages, and put the site in place."""
        assert self.site is not None
        write_files(Path(config.site_dir), self.site.files)
        if self.staged and self.wanted_site_dir:
            replace_site(self.staged, self.wanted_site_dir)
            self.staged = None

    def on_build_error(self, *, error: Exception) -> None:
        if self.staged:
            shutil.rmtree(self.staged, ignore_errors=True)

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild when the models change, too; stand behind the front when there is one."""
        if self.front:
            server = LivePreview(self.front, server, config, builder)
        for folder in _model_folders(config, self.config.raw):
            server.watch(str(folder))
        return server

    def _compile(self, config: MkDocsConfig) -> Site:
        path = Path(config.config_file_path)
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        settings, problems = read_settings(self.config.raw, Source(path.name, text))
        markdown = MarkdownSettings(tuple(config.markdown_extensions), config.mdx_configs)
        project = Project(
            path.parent, Path(config.docs_dir), config.site_name, settings, markdown, config.repo_url or ""
        )
        with open_cache(project.cache) as cache:
            site = compile_site(project, cache, run=self.run_models, search=self.searched, progress=self.progress)
        return Site(site.pages, site.attachments, site.files, site.graph, (*problems, *site.diagnostics))


def report(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Print diagnostics for a person."""
    if diagnostics:
        click.echo(render(diagnostics, "full", color=sys.stderr.isatty()), err=True)
        click.echo(summary(diagnostics), err=True)


def _page_file(page: Page, config: MkDocsConfig, changed: Mapping[str, str]) -> File:
    destination = f"{page.path}index.html"
    if page.note is None:
        file = File.generated(config, f".wikitorch/{destination}.md", content="", inclusion=InclusionLevel.NOT_IN_NAV)
        file.dest_uri = destination
    elif not page.note.lower().endswith(".md"):  # MkDocs makes pages of Markdown alone
        file = File.generated(config, f"{page.note}.md", content="")
        file.dest_uri = destination
    else:
        file = File(page.note, config.docs_dir, config.site_dir, True, dest_uri=destination)
    file.name = "index" if page.path == "" else file.name
    StudyPage(page, file, config, changed.get(page.note or "", changed[""]))
    return file


def _bundle(config: MkDocsConfig) -> list[File]:
    root = HERE / "bundle" / "site"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [
        File.generated(config, f"{ASSETS}/{path.relative_to(root).as_posix()}", abs_src_path=str(path))
        for path in files
    ]


def _last_change(docs: Path, site: Site) -> dict[str, str]:
    """Return the day on which each note was last changed; under the empty name the last of all."""
    times = {page.note: (docs / page.note).stat().st_mtime for page in site.pages if page.note}
    times |= {"": max(times.values(), default=0.0)}  # type: ignore[dict-item]
    return {str(note): datetime.fromtimestamp(time, UTC).date().isoformat() for note, time in times.items()}


def _model_folders(config: MkDocsConfig, values: Mapping[str, Any]) -> list[Path]:
    root = Path(config.config_file_path).parent
    settings, _ = read_settings(values, Source("mkdocs.yml", ""))
    return [folder for folder in (root / settings.models, root / settings.model_tests) if folder.is_dir()]


def _anchor_link(entry: TocEntry) -> AnchorLink:
    link = AnchorLink(entry.html, entry.anchor, entry.level)
    link.children = [_anchor_link(child) for child in entry.children]
    return link
