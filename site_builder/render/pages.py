"""All pages of a site: one for each published note, and those that the compiler adds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape

from site_builder.addresses import GRAPH_PAGE, Addresses, tagged_notes
from site_builder.analysis.surroundings import Surroundings
from site_builder.bibliography import Bibliography
from site_builder.claims import Verdict
from site_builder.concepts import model_homes, node_urls
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.notebook import Cell
from site_builder.graph import ConceptGraph, model_node, note_node
from site_builder.link import LinkedVault
from site_builder.model_parts import find_part, placed_cells, read_part
from site_builder.names import NoteId, SitePath, front_page, relative_url
from site_builder.note import Note
from site_builder.notebook_words import Place
from site_builder.references import Reference, short_citation
from site_builder.render import list_pages
from site_builder.render.body import render_fragment, render_note
from site_builder.render.citations import CitedWork
from site_builder.render.code import Listing
from site_builder.render.connections import connections, link_notes, required_notes
from site_builder.render.direction import direction
from site_builder.render.graph_page import graph_page, graph_picture
from site_builder.render.math import Typeset
from site_builder.render.model_section import check_anchor, code_cell, model_section, symbol_listing, verdict_fact
from site_builder.render.overview_page import overview_page
from site_builder.render.page import Section, compose, reading_time, render_head
from site_builder.render.panel_section import panel_section, placed_panel
from site_builder.render.previews import note_previews, work_previews
from site_builder.render.properties import render_properties
from site_builder.render.reading_path import (
    front_page_section,
    has_reading_path,
    reading_path_address,
    reading_path_line,
    reading_path_page,
)
from site_builder.render.reference_pages import bibliography_page, reference_pages
from site_builder.render.site_view import LinkTable, SiteView, Target
from site_builder.render.works import cited_works
from site_builder.site import Page

_WORTH_DRAWING = 5  # notes


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that was found out about a vault. `words` are the Markdown cells of the models' notebooks."""

    title: str
    vault: LinkedVault
    models: Mapping[str, ModelManifest]
    words: Mapping[Place, Note]
    links: Mapping[NoteId, LinkTable]
    bibliography: Bibliography
    addresses: Addresses
    verdicts: Mapping[tuple[NoteId, str], tuple[Verdict, ...]]
    graph: ConceptGraph
    surroundings: Surroundings
    formulas: Typeset
    listings: Mapping[Listing, str]
    strict_line_breaks: bool
    trust_html: bool
    colab: str


def page_urls(contents: Contents) -> Mapping[str, SitePath]:
    """Return the page of each node of the graph that has one."""
    homes = model_homes(contents.addresses, contents.vault.published, contents.models)
    return node_urls(contents.addresses, homes)


class PageRenderer:
    """Renders the pages of one site, one at a time."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        published = contents.vault.published
        self.tagged = tagged_notes(published.values())
        self.paths, self.references, self.tags = (
            contents.addresses.notes,
            contents.addresses.references,
            contents.addresses.tags,
        )
        self.urls = page_urls(contents)
        self.homes = {
            name: Target(self.urls[model_node(name)]) for name in contents.models if model_node(name) in self.urls
        }
        self.reading_paths = self._reading_paths()
        self.cited = self._cited()
        notes = {**contents.vault.notes, **{note.id: note for note in contents.words.values()}}
        self.view = SiteView(
            notes=notes,
            titles={id_: note.title for id_, note in notes.items()},
            links=contents.links,
            paths=self.paths,
            tags=self.tags,
            formulas=contents.formulas,
            listings=contents.listings,
            place_model=self._place_model,
            verdicts={
                claim: self._verdict(claim, found)
                for claim, found in contents.verdicts.items()
                if claim[0] in published
            },
            works=self._works(),
            strict_line_breaks=contents.strict_line_breaks,
            trust_html=contents.trust_html,
        )

    def _reading_paths(self) -> dict[NoteId, SitePath]:
        """Where the reading path of each note is that requires others; a page that stands there already stays."""
        orders = self.contents.surroundings.orders
        found = {
            note: reading_path_address(path) for note, path in self.paths.items() if has_reading_path(note, orders)
        }
        taken = {*self.paths.values(), *self.tags.values(), *self.references.values()}
        return {note: path for note, path in found.items() if path not in taken}

    def _cited(self) -> Mapping[NoteId, list[Reference]]:
        """The works that each note cites, in the order of the bibliography."""
        citing: defaultdict[str, set[NoteId]] = defaultdict(set)
        for each in self.contents.bibliography.citations:
            citing[each.reference].add(each.note)
        found: defaultdict[NoteId, list[Reference]] = defaultdict(list)
        for reference in self.contents.bibliography.references:
            for note in citing[reference.id]:
                found[note].append(reference)
        return found

    def _works(self) -> dict[str, CitedWork]:
        """The works that notes cite by key."""
        works = {each.id: each.work for each in self.contents.bibliography.references}
        return {
            key: CitedWork(short_citation(works[id_]), str(works[id_].year or ""), self.references[id_])
            for key, id_ in self.contents.bibliography.keys.items()
        }

    def pages(self) -> tuple[Page, ...]:
        """Return all pages, in order of their paths."""
        return tuple(sorted((*self.notes(), *self.added()), key=lambda page: page.path))

    def previews(self) -> Mapping[SitePath, str]:
        """Return what links show before they are followed."""
        works = self.contents.bibliography.references
        return dict((*note_previews(self.view), *work_previews(works, self.contents.graph, self.references)))

    def notes(self) -> Iterator[Page]:
        """Yield the page of each published note."""
        for id_ in self.paths:
            yield self._note(self.contents.vault.notes[id_])

    def added(self) -> Iterator[Page]:
        """Yield the pages that no note is written for."""
        contents, view = self.contents, self.view
        if front_page(self.paths) is None:
            yield list_pages.front_page(view, contents.title)
        yield from list_pages.tag_pages(self.tagged, view)
        yield graph_page(contents.graph, self.urls, self.tagged)
        around = contents.surroundings
        yield overview_page(around.stats, around.alike, contents.graph, self.urls)
        for note in self.reading_paths:
            yield reading_path_page(note, around.orders, contents.graph, view)
        if contents.bibliography.references:
            yield from reference_pages(contents.bibliography.references, contents.graph, view, self.references)
            yield bibliography_page(contents.bibliography.references, contents.graph, self.references)

    def _note(self, note: Note) -> Page:
        path, graph = self.paths[note.id], self.contents.graph
        body = render_note(note, self.view, path)
        manifest = self.contents.models.get(note.properties.text("model"))
        around = self.contents.surroundings
        sections = (
            panel_section(manifest, placed_cells(note.events, manifest), path) if manifest else None,
            self._model(manifest, path) if manifest else None,
            self._reading() if path == "" else None,
            self._graph() if path == "" else None,
            connections(note.id, graph, around, self.view, path, self._reading_path(note.id)),
            cited_works(self.cited.get(note.id, ()), graph, path, self.references),
        )
        head = render_head(
            body.lead or escape(note.title, quote=False),
            note.properties.text("description"),
            self._facts(note, manifest),
            anchor=note.lead_heading.anchor if note.lead_heading else "",
            properties=render_properties(note, self.view, path),
            direction=direction(note),
        )
        return compose(note, body, path, head, [each for each in sections if each])

    def _reading_path(self, note: NoteId) -> str:
        if note not in self.reading_paths:
            return ""
        orders = self.contents.surroundings.orders
        return reading_path_line(note, orders, self.view, self.paths[note], self.reading_paths[note])

    def _reading(self) -> Section | None:
        orders = self.contents.surroundings.orders
        nodes = {note_node(note): note for note in self.reading_paths}
        goals = (nodes[node] for node in orders.goals() if node in nodes)
        return front_page_section(goals, orders, self.view, SitePath(""))

    def _graph(self) -> Section | None:
        """The graph on the front page, as another way in."""
        if len(self.paths) < _WORTH_DRAWING:
            return None
        link = f'<p><a href="{GRAPH_PAGE}">The graph on a page of its own</a>, with the same as a list.</p>\n'
        html = graph_picture(self.contents.graph, self.urls, SitePath(""))
        return Section("overview", "How it hangs together", f"{html}{link}", searched=False)

    def _facts(self, note: Note, manifest: ModelManifest | None) -> Iterator[tuple[str, str]]:
        path = self.paths[note.id]
        required = required_notes(note.id, self.contents.graph)
        yield "requires", f"Requires {link_notes(required, self.view, path)}" if required else ""
        if manifest and manifest.model.tests:
            yield verdict_fact(manifest)
        claims = sum(claim[0] == note.id for claim in self.contents.verdicts)
        yield "claims", f"{claims} claim{'s' if claims != 1 else ''} decided" if claims else ""
        yield "time", reading_time(note)
        names = [tag.name for tag in note.tags if tag.name.lower() in self.tags]
        yield (
            "tags",
            " ".join(
                f'<a class="tag" href="{escape(relative_url(path, self.tags[name.lower()]))}">#{escape(name)}</a>'
                for name in names
            ),
        )

    def _model(self, manifest: ModelManifest, path: SitePath) -> Section:
        name = manifest.model.name
        used_by = [other for other, each in self.contents.models.items() if name in each.model.uses]
        contents = self.contents
        return model_section(manifest, path, contents.listings, self._words, self.homes, used_by, contents.colab)

    def _words(self, manifest: ModelManifest, index: int, output: int, page: SitePath) -> str:
        return render_fragment(self.contents.words[manifest.model.name, index, output], self.view, page)

    def _place_model(self, text: str, path: SitePath) -> str | None:
        found = find_part(read_part(text), self.contents.models)
        if found is None:
            return None
        manifest, part = found
        if isinstance(part, Cell):
            index = manifest.cells.index(part)
            panel = placed_panel(manifest, index, path)
            if panel:
                return panel
            words = partial(self._words, manifest, index, page=path)
            return code_cell(part, manifest.run.cells[index], self.contents.listings, words, anchor=False)
        return self.contents.listings[symbol_listing(manifest.model, part)]

    def _verdict(self, claim: tuple[NoteId, str], found: tuple[Verdict, ...]) -> str:
        first = found[0]
        outcome, said = {"passed": ("passed", "checked"), "failed": ("failed", "fails")}.get(
            first.check.outcome, ("missing", "not checked yet")
        )
        home = self.homes.get(first.model)
        title = escape(first.check.description)
        if home is None:
            return f'<span class="claim-verdict claim-{outcome}" title="{title}">{said}</span>'
        url = Target(home.path, check_anchor(first.check)).url(self.paths[claim[0]])
        return f'<a class="claim-verdict claim-{outcome}" href="{escape(url)}" title="{title}">{said}</a>'
