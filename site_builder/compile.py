"""The pipeline, on one screen: read, parse, link, execute, graph, check, render."""

from __future__ import annotations

import gc
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path

from site_builder.addresses import assign_addresses, redirects, tagged_notes
from site_builder.analysis.surroundings import survey
from site_builder.bibliography import build_bibliography
from site_builder.cache import Cache
from site_builder.claims import find_claims, find_verdicts
from site_builder.concepts import Concepts
from site_builder.diagnostics import Diagnostic
from site_builder.execute.download import standalone_module, standalone_notebook
from site_builder.execute.imports import SourceTree
from site_builder.execute.job import Limits
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import Symbol, find_models
from site_builder.execute.progress import Progress, quiet
from site_builder.execute.stage import Engine, run_models
from site_builder.graph import build_graph, note_node, to_json
from site_builder.graph_map import MAP, map_file
from site_builder.library import read_library
from site_builder.link import LinkedVault, ResolvedLink, link_vault
from site_builder.model_parts import code_blocks, find_part, read_part
from site_builder.names import FilePath, NoteId, SitePath
from site_builder.note import Note
from site_builder.notebook_words import read_words
from site_builder.parse import parse_note
from site_builder.parse.dialects import Dialects
from site_builder.project import Project
from site_builder.read import read_vault
from site_builder.references import to_bibtex, to_csl_json
from site_builder.render.code import Listing, highlight
from site_builder.render.fences import format_fences
from site_builder.render.math import Formula, typeset
from site_builder.render.model_section import download_path, listings
from site_builder.render.pages import Contents, PageRenderer, page_urls
from site_builder.render.panel_section import graph_files
from site_builder.render.redirects import redirect_files
from site_builder.render.site_view import LinkTable
from site_builder.rules import check_vault
from site_builder.rules.subject import Subject
from site_builder.search import index_files, records
from site_builder.settings import strict_line_breaks
from site_builder.site import Site


def compile_site(project: Project, cache: Cache, *, run: bool, search: bool = True, progress: Progress = quiet) -> Site:
    """Compile a vault into a site, with an index for readers who `search`. Nothing is written but the cache.

    Raises CannotRun when the vault cannot be read at all; everything an author can mend is a diagnostic of the site.
    """
    with without_collector():
        contents, faults = examine(project, cache, run=run, progress=progress)
        told = [each for each in faults if not {each.rule.code, each.rule.name} & set(project.settings.ignore)]
        renderer, attachments = PageRenderer(contents), _used_attachments(contents.vault)
        pages = renderer.pages()
        index = index_files(records(contents)) if search else {}
        files = {**renderer.previews(), **_files(contents, SourceTree(project.root), cache), **index}
        return Site(
            pages=pages,
            attachments=attachments,
            files={**_redirects(contents, {*(page.path for page in pages), *attachments, *files}), **files},
            graph=contents.graph,
            diagnostics=tuple(sorted(told, key=lambda each: each.sort_key)),
        )


@contextmanager
def without_collector() -> Iterator[None]:
    """Spare Python's collector the millions of events of a large vault: they hold no cycles, but it walks them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def examine(
    project: Project, cache: Cache, *, run: bool, progress: Progress = quiet
) -> tuple[Contents, list[Diagnostic]]:
    """Find out everything about a vault that its pages show, and what is wrong with it."""
    known, faults = understand(project, cache, run=run, progress=progress)
    vault, words = known.vault, known.words
    texts = [*vault.notes.values(), *words.notes.values()]
    formulas = typeset(_formulas(texts), cache, project.settings.math_macros)
    fences, failed = format_fences(texts, project.markdown)
    faults += [*failed, *(each for note in texts for each in note.diagnostics)]
    faults += check_vault(Subject(vault, known.models, words, formulas, known.library, known.addresses))
    contents = Contents(
        title=project.title,
        vault=vault,
        models=known.models,
        words=words.notes,
        links=_link_tables((*vault.links.values(), *words.links.values())),
        bibliography=known.bibliography,
        addresses=known.addresses,
        verdicts=find_verdicts(known.models.values(), known.claims),
        graph=known.graph,
        surroundings=survey(known.graph, vault),
        formulas=formulas,
        listings={**highlight(_listings(texts, known.models), cache), **fences},
        strict_line_breaks=strict_line_breaks(project.vault),
        trust_html=project.settings.trust_html,
        colab=project.colab,
    )
    return contents, faults


def understand(
    project: Project, cache: Cache, *, run: bool, progress: Progress = quiet
) -> tuple[Concepts, list[Diagnostic]]:
    """Read a vault up to its concept graph, and say what is wrong so far. No formula is set, no code highlighted."""
    files = read_vault(project.vault, project.settings.exclude)
    dialects = Dialects(project.settings.markup, project.markdown)
    notes = (parse_note(file, dialects) for file in files.notes)
    vault = link_vault(notes, files.attachments, aliases=project.settings.resolve_aliases)
    manifests, run_faults = run_project_models(project, cache, run=run, progress=progress)
    library, broken = read_library(files.libraries)
    bibliography = build_bibliography(vault.published.values(), library)
    claims = find_claims(manifests, vault)
    concepts = Concepts(
        vault=vault,
        models={manifest.model.name: manifest for manifest in manifests},
        words=read_words(manifests, vault),
        library=library,
        bibliography=bibliography,
        addresses=assign_addresses(vault.published, bibliography.references, _used_attachments(vault)),
        claims=claims,
        graph=build_graph(vault.published, vault.links, bibliography, manifests, claims),
    )
    return concepts, [*files.diagnostics, *broken, *run_faults]


def run_project_models(
    project: Project, cache: Cache, *, run: bool, engine: Engine = "process", progress: Progress = quiet
) -> tuple[tuple[ModelManifest, ...], tuple[Diagnostic, ...]]:
    """Run a project's notebooks, those whose results are not kept; a project without models has none."""
    settings = project.settings
    if not (project.root / settings.models).is_dir():
        return (), ()
    models = find_models(project.root, settings.models, Path(settings.model_tests))
    limits = Limits(seconds=settings.time_limit, memory=int(settings.memory_limit * 1024**2))
    jobs = os.cpu_count() or 1
    return run_models(
        models, cache, root=project.root, run=run, jobs=jobs, limits=limits, engine=engine, progress=progress
    )


def _formulas(texts: Iterable[Note]) -> Iterator[Formula]:
    for note in texts:
        for kind, value, _, _ in note.events:
            if kind in ("math", "displaymath"):
                yield Formula(value, kind == "displaymath")


def _listings(texts: Iterable[Note], models: Mapping[str, ModelManifest]) -> Iterator[Listing]:
    placed: defaultdict[str, list[Symbol]] = defaultdict(list)
    for note in texts:
        for info, text in code_blocks(note.events):
            listing = Listing(info, text)
            yield listing
            found = find_part(read_part(text), models) if listing.language == "model" else None
            if found and isinstance(found[1], Symbol):
                placed[found[0].model.name].append(found[1])
    for name, manifest in models.items():
        yield from listings(manifest, placed[name])


def _link_tables(links: Iterable[tuple[ResolvedLink, ...]]) -> Mapping[NoteId, LinkTable]:
    return {each[0].origin: {resolved.link.span.start: resolved for resolved in each} for each in links if each}


def _used_attachments(vault: LinkedVault) -> tuple[FilePath, ...]:
    """Only what a published note uses is published."""
    found = (each.found for note in vault.published for each in vault.links[note])
    return tuple(sorted({each.file for each in found if each and each.file in vault.attachments}))


def _redirects(contents: Contents, taken: Set[str]) -> Mapping[SitePath, str]:
    notes, addresses = contents.vault.published, contents.addresses.notes
    leading = redirects(notes, addresses, taken).items()
    return redirect_files({address: (addresses[note], notes[note].title) for address, note in leading})


def _files(contents: Contents, tree: SourceTree, cache: Cache) -> Mapping[SitePath, str | bytes]:
    """The files that stand beside the pages."""
    references, urls = contents.bibliography.references, page_urls(contents)
    tagged = tagged_notes(contents.vault.published.values())
    files: dict[SitePath, str | bytes] = {
        SitePath("graph.json"): json.dumps(to_json(contents.graph, urls), ensure_ascii=False, separators=(",", ":")),
        MAP: map_file(contents.graph, {tag: map(note_node, notes) for tag, notes in tagged.items()}, urls, cache),
    }
    if references:
        files[SitePath("references.bib")] = to_bibtex(references)
        files[SitePath("references.json")] = to_csl_json(references)
    for manifest in contents.models.values():
        module = standalone_module(manifest.model, tree)
        files[download_path(manifest.model, ".py")] = module or manifest.model.file.text
        notebook = standalone_notebook(manifest, tree)
        if notebook:
            files[download_path(manifest.model, ".ipynb")] = notebook
        files.update(graph_files(manifest))
    return files
