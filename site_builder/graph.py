"""The typed concept graph: what is linked, embedded, cited, implemented, used, required and verified. Knows no HTML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from site_builder.bibliography import Bibliography
from site_builder.context import sentence_text
from site_builder.execute.manifest import ModelManifest
from site_builder.link import ResolvedLink
from site_builder.names import FilePath, NoteId
from site_builder.note import Block, Link, LinkKind, Note
from site_builder.parse.markdown import flatten
from site_builder.read import NOTE_ENDINGS
from site_builder.references import short_citation
from site_builder.text import Source, Span

if TYPE_CHECKING:
    import networkx

VERSION = 1


class NodeType(Enum):
    NOTE = "note"
    WANTED = "wanted"
    REFERENCE = "reference"
    MODEL = "model"
    ATTACHMENT = "attachment"
    TAG = "tag"
    CLAIM = "claim"


class EdgeType(Enum):
    LINKS = "links"
    EMBEDS = "embeds"
    CITES = "cites"
    IMPLEMENTS = "implements"
    USES = "uses"
    TAGGED = "tagged"
    REQUIRES = "requires"
    VERIFIES = "verifies"


@dataclass(frozen=True, slots=True)
class Node:
    """A thing the vault speaks of. `path` is its file, where it has one; the id is `type:name`."""

    id: str
    type: NodeType
    title: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation, where it is written, and the sentence that says it. `event` is the link's place in its note."""

    source: str
    target: str
    type: EdgeType
    path: str
    line: int
    column: int
    context: str
    event: int = -1


@dataclass(frozen=True)
class ConceptGraph:
    """All nodes by id, and all edges in the order in which they are written."""

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges that end in each node."""
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.target].append(edge)
        return {node: tuple(edges) for node, edges in found.items()}

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges that begin in each node."""
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.source].append(edge)
        return {node: tuple(edges) for node, edges in found.items()}

    def as_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return the graph for networkx; nodes and edges carry their fields as attributes."""
        import networkx  # slow to load, and a build does not need it

        view: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
        for node in self.nodes.values():
            view.add_node(node.id, **_plain(node))
        for edge in self.edges:
            view.add_edge(edge.source, edge.target, **_plain(edge))
        return view


def note_node(note: NoteId) -> str:
    return f"note:{note}"


def model_node(name: str) -> str:
    return f"model:{name}"


def reference_node(identifier: str) -> str:
    return f"reference:{identifier}"


def tag_node(name: str) -> str:
    return f"tag:{name.lower()}"


def claim_node(note: NoteId, block: str) -> str:
    return f"claim:{note}#^{block.lower()}"


def build_graph(
    notes: Mapping[NoteId, Note],
    links: Mapping[NoteId, tuple[ResolvedLink, ...]],
    bibliography: Bibliography,
    models: Iterable[ModelManifest],
    claims: Mapping[str, tuple[NoteId, Block]],
) -> ConceptGraph:
    """Build the graph of the published notes. `links` may hold links to unpublished ones: they leave no trace.

    `claims` gives the block that each claim of a test names.
    """
    builder = _Builder(notes)
    for note in notes.values():
        builder.add_note(note)
    for note in notes.values():
        builder.add_links(note, links[note.id])
    builder.add_citations(bibliography)
    for manifest in models:
        builder.add_model(manifest, claims)
    for note in notes.values():
        builder.add_implementation(note)
    return ConceptGraph(builder.nodes, tuple(builder.edges))


class _Builder:
    def __init__(self, notes: Mapping[NoteId, Note]) -> None:
        self.notes = notes
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []

    def node(self, identifier: str, type_: NodeType, title: str, path: str = "") -> str:
        self.nodes.setdefault(identifier, Node(identifier, type_, title, path))
        return identifier

    def edge(
        self, source: str, target: str, type_: EdgeType, file: Source, span: Span, context: str, event: int = -1
    ) -> None:
        line, column = file.position(span.start)
        self.edges.append(Edge(source, target, type_, file.path, line, column, context, event))

    def add_note(self, note: Note) -> None:
        self.node(note_node(note.id), NodeType.NOTE, note.title, note.id)
        for tag in note.tags:
            target = self.node(tag_node(tag.name), NodeType.TAG, f"#{tag.name}")
            self.edge(note_node(note.id), target, EdgeType.TAGGED, note.source, tag.span, "")

    def add_links(self, note: Note, resolved: Iterable[ResolvedLink]) -> None:
        positions = {
            value.span.start: index for index, (kind, value, _, _) in enumerate(note.events) if isinstance(value, Link)
        }
        for each in resolved:
            target = self._target(each)
            if target is None:
                continue
            event = positions.get(each.link.span.start, -1)
            context = sentence_text(note.events, event) if event >= 0 else ""
            self.edge(note_node(note.id), target, _edge_type(each.link), note.source, each.link.span, context, event)

    def _target(self, resolved: ResolvedLink) -> str | None:
        found = resolved.found
        if found is None:
            return self.node(f"wanted:{resolved.link.path}", NodeType.WANTED, resolved.link.path)
        if found.file.lower().endswith(NOTE_ENDINGS):
            return note_node(NoteId(found.file)) if NoteId(found.file) in self.notes else None
        return self.node(f"attachment:{found.file}", NodeType.ATTACHMENT, FilePath(found.file), found.file)

    def add_citations(self, bibliography: Bibliography) -> None:
        for reference in bibliography.references:
            title = reference.work.title or short_citation(reference.work)
            self.node(reference_node(reference.id), NodeType.REFERENCE, title)
        for citation in bibliography.citations:
            note = self.notes[citation.note]
            context = sentence_text(note.events, citation.event)
            target = reference_node(citation.reference)
            self.edge(note_node(note.id), target, EdgeType.CITES, note.source, citation.span, context, citation.event)

    def add_model(self, manifest: ModelManifest, claims: Mapping[str, tuple[NoteId, Block]]) -> None:
        model = manifest.model
        source = self.node(model_node(model.name), NodeType.MODEL, model.name, model.file.path)
        for used in model.uses:
            target = self.node(model_node(used), NodeType.MODEL, used)
            self.edge(source, target, EdgeType.USES, model.file, Span(0, 0), "")
        for check in manifest.checks.checks:
            for claim in check.verifies:
                if claim in claims and model.tests is not None:
                    note, block = claims[claim]
                    target = self._claim(note, block)
                    self.edge(
                        source,
                        target,
                        EdgeType.VERIFIES,
                        model.tests,
                        model.tests.line_span(check.line),
                        check.description,
                    )

    def _claim(self, note: NoteId, block: Block) -> str:
        words = " ".join(flatten(self.notes[note].events[block.first : block.end]).split())
        return self.node(claim_node(note, block.id), NodeType.CLAIM, words, note)

    def add_implementation(self, note: Note) -> None:
        name = note.properties.text("model")
        if model_node(name) in self.nodes:
            span = note.properties.span("model")
            self.edge(model_node(name), note_node(note.id), EdgeType.IMPLEMENTS, note.source, span, "")


def _edge_type(link: Link) -> EdgeType:
    if link.kind is LinkKind.PROPERTY and link.property.lower() == "requires":
        return EdgeType.REQUIRES
    return EdgeType.EMBEDS if link.embed else EdgeType.LINKS


def _plain(value: Node | Edge) -> dict[str, Any]:
    return {
        name: item.value if isinstance(item, Enum) else item for name, item in asdict(value).items() if name != "event"
    }


def to_json(graph: ConceptGraph, urls: Mapping[str, str]) -> dict[str, Any]:
    """Return what `site/graph.json` holds; `urls` gives the page of each node that has one."""
    nodes: Iterator[dict[str, Any]] = ({**_plain(node), "url": urls.get(node.id, "")} for node in graph.nodes.values())
    return {"version": VERSION, "nodes": list(nodes), "edges": [_plain(edge) for edge in graph.edges]}
