"""Run panels in a browser: pressed, typed into and stepped, their numbers held against torch's."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from notebook_models.attention.scaled_dot_product import scaled_dot_product_attention
from notebook_models.training import number_words
from notebook_models.transformer.positional_encoding import sinusoids
from tests.browser.accessibility import SCREENS, obstacles
from tests.browser.conftest import watch

LOOK_UP = "attention/scaled-dot-product-attention/"
HEADS = "attention/multi-head-attention/"
MASKS = "attention/masked-multi-head-attention/"
TRANSLATOR = "transformer/transformer/"
FLAGSHIP = "training/translation-by-a-grammar/"
POSITIONS = "transformer/positional-encoding/"
PANELS = (LOOK_UP, HEADS, MASKS, POSITIONS, TRANSLATOR, FLAGSHIP)


def run(page: Page) -> Locator:
    """Press Run, and wait for the first result."""
    panel = page.locator("wikitorch-panel")
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_role("status")).to_contain_text("in this browser")
    return panel


def numbers(panel: Locator, name: str) -> torch.Tensor:
    """Return what a table shows; a cell without a number is NaN."""
    rows = panel.get_by_role("table", name=name, exact=True).locator("tbody tr").all()
    texts = [[text.replace("−", "-") for text in row.locator("td").all_text_contents()] for row in rows]
    return torch.tensor([[float(text or "nan") for text in row] for row in texts])


def test_changed_numbers_give_what_torch_gives(page: Page, site_url: str) -> None:
    page.goto(site_url + LOOK_UP)
    panel = run(page)
    panel.get_by_role("spinbutton", name="Queries, query A, 1").fill("-1.5")
    panel.get_by_role("checkbox", name="Divide by √d_k").uncheck()
    query = torch.tensor([[-1.5, 0, 0, 0], [0, 1, 1, 0]])
    key = torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]])
    value = torch.tensor([[1.0, 0], [0, 1], [-1, -1]])
    expected = scaled_dot_product_attention(query * 2, key, value)
    first = panel.get_by_role("table", name=re.compile("^Weights")).locator("tbody td").first
    expect(first).to_have_text(f"{expected.weights[0, 0]:.2f}")
    torch.testing.assert_close(
        numbers(panel, "Weights: how much of each key's value a query takes"), expected.weights, atol=0.0051, rtol=0
    )
    torch.testing.assert_close(numbers(panel, "Output: the values, blended"), expected.output, atol=0.0051, rtol=0)


def test_the_front_page_shows_a_panel_that_runs(page: Page, site_url: str) -> None:
    """It stands among the words of the note, where a fence places it."""
    page.goto(site_url)
    assert page.locator(".note-body wikitorch-panel").count() == 1
    panel = run(page)
    panel.get_by_role("spinbutton", name="Queries, query A, 1").fill("9")
    expect(panel.get_by_role("table", name=re.compile("^Weights")).locator("tbody td").first).to_have_text("0.98")


def test_each_head_follows_its_pointer(page: Page, site_url: str) -> None:
    page.goto(site_url + HEADS)
    panel = run(page)
    panel.get_by_role("textbox", name="Two boxes").fill("E B")
    answer = panel.get_by_role("table", name="Probability of each digit").locator("tbody tr")
    expect(answer.nth(0).locator("td").nth(9)).to_have_text(re.compile(r"1\.00|0\.[5-9]"))  # box E holds 9
    expect(answer.nth(1).locator("td").nth(1)).to_have_text(re.compile(r"1\.00|0\.[5-9]"))  # box B holds 1
    heads = [numbers(panel, f"Each head's weights over the boxes, head {head}").argmax().item() for head in (1, 2)]
    assert sorted(heads) == [1, 4]


def test_masks_take_away_what_a_row_may_see(page: Page, site_url: str) -> None:
    page.goto(site_url + MASKS)
    panel = run(page)
    panel.get_by_role("textbox", name="Words").fill("the dog slept")
    allowed = panel.get_by_role("table", name="What each row may read")
    expect(allowed.locator("tbody tr")).to_have_count(3)
    expect(allowed.locator("tbody td")).to_have_text(["✓", "–", "–", "✓", "✓", "–", "✓", "✓", "✓"])
    panel.get_by_role("checkbox", name=re.compile("^Causal")).uncheck()
    panel.get_by_role("slider", name=re.compile("^Padding")).fill("1")
    expect(allowed.locator("tbody td")).to_have_text(["✓", "✓", "–"] * 3)
    torch.testing.assert_close(numbers(panel, "Weights").sum(-1), torch.ones(3), atol=0.02, rtol=0)


def test_positions_tell_their_distance_wherever_they_are(page: Page, site_url: str) -> None:
    page.goto(site_url + POSITIONS)
    panel = run(page)
    products = panel.get_by_role("table", name="Its product with")
    before = products.inner_text()
    panel.get_by_role("slider", name=re.compile("^Position")).fill("41")
    expected = sinusoids(42, 12)[41].float()
    first = panel.get_by_role("table", name="Its encoding").locator("td[class]").first
    expect(first).to_have_text(f"{expected[0]:.2f}".replace("-", "−"))
    torch.testing.assert_close(numbers(panel, "Its encoding")[0], expected, atol=0.0051, rtol=0)
    assert products.inner_text() == before


def test_a_typed_number_is_translated_and_its_attention_is_torch_s(page: Page, site_url: str) -> None:
    page.goto(site_url + TRANSLATOR)
    panel = run(page)
    said = number_words.words(90_413)
    panel.get_by_role("textbox", name="Number words").fill(said)
    expect(panel.get_by_role("list", name="Written").get_by_role("listitem")).to_have_text([*"90413", "<end>"])
    for summary in panel.locator(".wt-maps details:not([open]) summary").all()[
        ::-1
    ]:  # the last first: one opened is gone
        summary.click()
    model = number_words.load()
    with torch.no_grad():
        memory = model.encode(number_words.encode_words([said]), need_weights=True)
        decoded = model.decode(number_words.encode_digits([90_413])[:, :-1], memory, need_weights=True)
    for layer, head in ((1, 1), (2, 4)):
        place = f"layer {layer}, head {head}"
        shown = {
            "Each written token reads the source": decoded.cross_weights,
            "Each position reads the target so far": decoded.self_weights,
            "The encoder reads the source": memory.weights,
        }
        for name, weights in shown.items():
            table = numbers(panel, f"{name}, {place}").nan_to_num(0.0)
            torch.testing.assert_close(table, weights[layer - 1][0, head - 1], atol=0.0051, rtol=0)


def test_a_typed_sentence_is_translated(page: Page, site_url: str) -> None:
    """Words change their forms and places: an auxiliary vanishes, and what stood last is written first."""
    page.goto(site_url + FLAGSHIP)
    panel = run(page)
    field = panel.get_by_role("textbox", name="English sentence")
    field.fill("she did not see the red cars yesterday")
    written = panel.get_by_role("list", name="Written").get_by_role("listitem")
    expect(written).to_have_text([*["ayer", "ella", "no", "vio", "los", "coches", "rojos", "<end>"]])
    reads = numbers(panel, "Each written token reads the source, layer 2, head 1")
    assert reads.shape == (8, 8)
    field.fill("she did not see the dog")
    expect(field).to_have_accessible_description("The model does not know “dog”.")


def test_the_decoder_goes_step_by_step(page: Page, site_url: str) -> None:
    page.goto(site_url + TRANSLATOR)
    panel = page.locator("wikitorch-panel")
    step, status = panel.get_by_role("button", name="Step"), panel.get_by_role("status")
    panel.get_by_role("textbox", name="Number words").fill("Nineteen")
    written = panel.get_by_role("list", name="Written").get_by_role("listitem")
    for count, words in enumerate((["1"], ["1", "9"], ["1", "9", "<end>"]), start=1):
        step.press("Enter")
        expect(status).to_contain_text(f"Step {count} wrote {words[-1]} with")
        expect(status).to_contain_text(f"The cache holds {count} positions")
        expect(written).to_have_text(words)
    step.press("Enter")
    expect(written).to_have_text(["1"])


def test_a_word_that_the_model_does_not_know_is_said_beside_the_field(page: Page, site_url: str) -> None:
    page.goto(site_url + TRANSLATOR)
    panel = run(page)
    field = panel.get_by_role("textbox", name="Number words")
    before = panel.locator(".wt-written").text_content()
    field.fill("three apples")
    expect(field).to_have_accessible_description("The model does not know “apples”.")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert panel.locator(".wt-written").text_content() == before
    field.fill("three")
    expect(field).to_have_accessible_description("")


@dataclass(frozen=True)
class Pressed:
    """A page whose panel was run once: what it showed before and after, and the files that it fetched, by name."""

    page: Page
    before: str
    after: str
    fetched_before: dict[str, bytes]
    fetched_after: dict[str, bytes]


@pytest.fixture(scope="module", params=PANELS)
def pressed(request: pytest.FixtureRequest, browser: Browser, site_url: str) -> Iterator[Pressed]:
    context = browser.new_context()
    page = context.new_page()
    complaints = watch(page, site_url)
    fetched: dict[str, bytes] = {}
    page.on("response", lambda answer: fetched.update({answer.url.partition("?")[0]: answer.body()}))
    page.goto(site_url + request.param, wait_until="networkidle")
    results = page.locator(".wt-panel__results")
    before, fetched_before = results.inner_text(), dict(fetched)
    run(page)
    fetched_after = {url: body for url, body in fetched.items() if url not in fetched_before}
    yield Pressed(page, before, results.inner_text(), fetched_before, fetched_after)
    context.close()
    assert not complaints


def test_a_run_changes_nothing(pressed: Pressed) -> None:
    """What stood there from the build is what the browser computes for the same inputs."""
    assert pressed.before == pressed.after


def test_what_runs_a_panel_is_fetched_at_the_press_and_weighs_at_most_five_megabytes(pressed: Pressed) -> None:
    assert not [url for url in pressed.fetched_before if url.endswith((".wasm", ".onnx"))]
    assert {url.rpartition(".")[2] for url in pressed.fetched_after} >= {"wasm", "onnx"}
    assert sum(len(gzip.compress(body)) for body in pressed.fetched_after.values()) < 5_000_000


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS)
def test_axe_finds_no_obstacle_and_nothing_scrolls_sideways(
    pressed: Pressed, viewport: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    pressed.page.set_viewport_size(viewport)
    pressed.page.emulate_media(color_scheme=scheme)
    assert pressed.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert not obstacles(pressed.page, "wikitorch-panel")


def test_the_second_visit_fetches_nothing_again(page: Page, site_url: str) -> None:
    page.goto(site_url + LOOK_UP)
    run(page)
    again: list[str] = []
    page.on("request", lambda request: again.append(request.url))
    page.reload()
    run(page)
    assert not [url for url in again if ".wasm" in url or ".onnx" in url]


@pytest.fixture
def free_page(browser: Browser) -> Iterator[Page]:
    """A page whose requests may fail."""
    context = browser.new_context(service_workers="block")
    yield context.new_page()
    context.close()


def test_without_the_network_it_says_why_and_recovers(free_page: Page, site_url: str) -> None:
    free_page.goto(site_url + LOOK_UP)
    free_page.route("**/*.wasm*", lambda route: route.abort())
    panel = free_page.locator("wikitorch-panel")
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_role("status")).to_contain_text("the network did not answer")
    free_page.unroute("**/*.wasm*")
    run(free_page)


def test_a_browser_without_simd_is_told(free_page: Page, site_url: str) -> None:
    free_page.add_init_script("WebAssembly.validate = () => false")
    free_page.goto(site_url + LOOK_UP)
    panel = free_page.locator("wikitorch-panel")
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_role("status")).to_contain_text("has no WebAssembly SIMD")


def test_without_javascript_the_first_results_are_there(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site_url + TRANSLATOR)
    expect(page.get_by_role("heading", name="Run it")).to_be_visible()
    expect(page.get_by_role("button", name="Run")).to_be_disabled()
    expect(page.get_by_role("list", name="Written").get_by_role("listitem").first).to_have_text("3")
    context.close()
