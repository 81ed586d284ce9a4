"""What lies around a note, as a reader finds it on the page."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import networkx
import pytest
from playwright.sync_api import Browser, Page, expect

from site_builder.analysis.paths import shortest_path
from site_builder.graph import ConceptGraph, Edge, EdgeType, Node, NodeType
from tests.browser.serving import serve_notes


@pytest.fixture(scope="session")
def alone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A star of three: from an end, the two others are two steps away, and nothing is farther."""
    notes = {"Hub.md": "[[End]], [[Other End]], [[Third End]]", "index.md": "Home."}
    notes |= {f"{name}.md": "Words." for name in ("End", "Other End", "Third End")}
    yield from serve_notes(tmp_path_factory.mktemp("star"), notes)


def test_the_small_graph_stands_beside_the_text_and_grows(page: Page, site_url: str) -> None:
    """In the right column; one step, then more by the switch; each dot names its note and leads there by keyboard."""
    page.goto(f"{site_url}transformer/decoder/")
    column = page.locator(".md-sidebar--secondary")
    graph = column.get_by_role("figure", name="Notes around Decoder")
    near = graph.get_by_role("link")
    expect(near.filter(visible=True).first).to_be_visible()
    one = near.filter(visible=True).count()
    graph.get_by_role("radio", name="2 steps").check()
    expect(near.filter(visible=True)).not_to_have_count(one)
    assert near.filter(visible=True).count() > one
    graph.get_by_role("radio", name="1 step").check()
    dot = graph.get_by_role("link", name="Encoder", exact=True)
    dot.focus()
    expect(dot.locator("text")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Encoder")


@pytest.mark.parametrize("note", ["Decoder", "Dropout"])
def test_its_rings_are_so_many_links_away(page: Page, site_url: str, note: str) -> None:
    """Nothing nearer is drawn farther away; networkx's distances are the oracle."""
    graph = _graph(site_url)
    titles = {node.id: node.title for node in graph.nodes.values() if node.type is NodeType.NOTE}
    joining = (EdgeType.LINKS, EdgeType.EMBEDS, EdgeType.REQUIRES)
    pairs = [(edge.source, edge.target) for edge in graph.edges if edge.type in joining]
    joined = networkx.Graph(pair for pair in pairs if pair[0] in titles and pair[1] in titles)
    (center,) = (id_ for id_, title in titles.items() if title == note)
    away = networkx.single_source_shortest_path_length(joined, center)
    urls = _urls(site_url)
    page.goto(f"{site_url}{urls[center]}")
    figure = page.get_by_role("figure", name=f"Notes around {note}")
    shown = figure.get_by_role("link").filter(visible=True)
    seen: set[str] = set()
    for step, most in ((1, 12), (2, 8), (3, 6)):
        figure.get_by_role("radio", name=re.compile(f"^{step} step")).check()
        ring = {urls.get(id_, "") for id_, distance in away.items() if distance == step}
        expect(shown.nth(len(seen))).to_be_visible()
        found = {each.evaluate("link => new URL(link.href.baseVal, location).href") for each in shown.all()}
        assert {url.removeprefix(site_url) for url in found - seen} <= ring
        assert len(found - seen) == shown.count() - len(seen) <= most
        seen = found


def test_a_small_graph_that_ends_or_cannot_be_loaded_says_so(browser: Browser, alone_url: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{alone_url}hub/")
    figure = page.get_by_role("figure", name="Notes around Hub")
    figure.get_by_role("radio", name="2 steps").check()
    expect(figure.get_by_role("status")).to_have_text("No note lies 2 steps away.")
    page.goto(f"{alone_url}end/")
    page.route("**/graph-map.json", lambda route: route.abort())
    figure = page.get_by_role("figure", name="Notes around End")
    figure.get_by_role("radio", name="2 steps").click()  # unchecked again at once
    expect(figure.get_by_role("status")).to_have_text("The graph cannot be loaded. Are you offline?")
    expect(figure.get_by_role("radio", name="1 step")).to_be_checked()
    page.unroute("**/graph-map.json")
    figure.get_by_role("radio", name="2 steps").check()
    expect(figure.get_by_role("link").filter(visible=True)).to_have_count(3)
    expect(figure.get_by_role("status")).to_have_text("")
    context.close()


def test_without_script_the_small_graph_is_the_nearest_notes(browser: Browser, alone_url: str) -> None:
    """And offers nothing that would not work."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{alone_url}hub/")
    figure = page.get_by_role("figure", name="Notes around Hub")
    expect(figure.get_by_role("link")).to_have_text(["End", "Other End", "Third End"])
    expect(figure.get_by_role("radio")).to_have_count(0)
    context.close()


def test_on_a_narrow_page_the_small_graph_is_among_the_connections(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}transformer/decoder/")
    graph = page.get_by_role("figure", name="Notes around Decoder")
    expect(page.locator(".md-sidebar--secondary").get_by_role("figure")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("article").get_by_role("figure", name="Notes around Decoder")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 1000})
    expect(page.locator(".md-sidebar--secondary").get_by_role("figure")).to_have_count(1)
    expect(graph).to_have_count(1)


def test_a_reading_path_leads_through_what_a_note_requires(page: Page, site_url: str) -> None:
    """From the front page; what is required comes before what requires it."""
    page.goto(site_url)
    paths = page.locator("#reading-paths ~ ul").get_by_role("link", name=re.compile("^To "))
    expect(paths).to_have_count(3)
    page.goto(f"{site_url}transformer/transformer/")
    page.get_by_role("article").get_by_role("link", name="Reading path to here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reading path to Transformer")
    names = page.locator(".wt-reading-path > li > a").all_inner_texts()
    assert names.index("Scaled Dot-Product Attention") < names.index("Multi-Head Attention") < names.index("Encoder")
    assert names[-1] == "Transformer"


def test_the_bibliography_is_filtered_and_sorted(page: Page, site_url: str) -> None:
    """By any author, not the first alone; the newest or most cited work comes first when asked for."""
    page.goto(f"{site_url}references/")
    form = page.get_by_role("search", name="References")
    works = page.locator(".wt-bibliography > li").filter(visible=True)
    everything = works.count()
    form.get_by_role("searchbox", name="Filter").fill("shazeer need")
    expect(works).to_have_count(1)
    expect(works.first).to_contain_text("Attention Is All You Need")
    expect(form.get_by_role("status")).to_have_text(f"1 of {everything}")
    form.get_by_role("searchbox", name="Filter").fill("")
    expect(works).to_have_count(everything)
    form.get_by_role("combobox", name="Order").select_option("Most cited here")
    expect(works.first).to_contain_text("Attention Is All You Need")
    form.get_by_role("combobox", name="Order").select_option("Oldest first")
    years = [int(work.get_attribute("data-year") or 9999) for work in works.all()]
    assert years == sorted(years)
    form.get_by_role("combobox", name="Order").select_option("Author")
    names = [name.lower() for name in page.locator(".wt-bibliography > li > a:first-child").all_inner_texts()]
    assert names == sorted(names)


def _urls(site_url: str) -> dict[str, str]:
    """Return the page of each node that has one."""
    with urllib.request.urlopen(f"{site_url}graph.json") as answer:
        return {node["id"]: node["url"] for node in json.load(answer)["nodes"] if node["url"]}


def _graph(site_url: str) -> ConceptGraph:
    with urllib.request.urlopen(f"{site_url}graph.json") as answer:
        data = json.load(answer)
    for node in data["nodes"]:
        node.pop("url")
    nodes = {node["id"]: Node(**{**node, "type": NodeType(node["type"])}) for node in data["nodes"]}
    return ConceptGraph(nodes, tuple(Edge(**{**edge, "type": EdgeType(edge["type"])}) for edge in data["edges"]))


@pytest.mark.parametrize(
    ("first", "last"),
    [("Dropout", "GRU"), ("gru", "Beam Search"), ("Home", "Encoder"), ("Causal Mask", "Training Cost")],
)
def test_the_chain_between_two_concepts_is_the_command_s(page: Page, site_url: str, first: str, last: str) -> None:
    """The browser's answer has the steps that Python's has, each with its sentence."""
    graph = _graph(site_url)
    named = {node.title.lower(): node.id for node in graph.nodes.values() if node.type is NodeType.NOTE}
    steps = shortest_path(graph, named[first.lower()], named[last.lower()])
    assert steps
    page.goto(f"{site_url}graph/overview/")
    page.get_by_role("combobox", name="From").fill(first)
    page.get_by_role("combobox", name="to").fill(last)
    page.keyboard.press("Enter")
    shown = page.locator(".wt-connect__answer li")
    expect(shown).to_have_count(len(steps))
    for item, step in zip(shown.all(), steps, strict=True):
        titles = [graph.nodes[node].title for node in (step.source, step.target)]
        assert item.get_by_role("link").all_inner_texts() == titles
        if step.edge.context:
            expect(item).to_contain_text(step.edge.context)
    shown.last.get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(graph.nodes[steps[-1].target].title)


def test_a_question_about_what_nobody_named_is_answered(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}graph/overview/")
    page.get_by_role("combobox", name="From").fill("Encoder")
    page.get_by_role("combobox", name="to").fill("Phlogiston")
    page.get_by_role("button", name="Find the chain").click()
    expect(page.locator(".wt-connect__answer")).to_have_text("Nothing is named “Phlogiston”.")
