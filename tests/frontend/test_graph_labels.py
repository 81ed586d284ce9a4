"""Where names stand in the picture of the graph: `labels.ts` alone, in a browser that measures and draws them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.frontend.conftest import ROOT

FRONTEND = ROOT / "site_builder/frontend"
FRAME = [0, 0, 600, 400]
RIGHT, LEFT, BELOW, ABOVE = ((60, 0), (-60, 0), (0, 20), (0, -20))
NODE = {"x": 300, "y": 200, "radius": 8}
NAME = "A name of a node"
LABEL = {**NODE, "text": NAME}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    esbuild = [FRONTEND / "node_modules/.bin/esbuild", "--bundle", "--format=iife", "--global-name=labels"]
    script = subprocess.run([*esbuild, FRONTEND / "src/graph/labels.ts"], capture_output=True, text=True, check=True)
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(content=script.stdout)
    yield page
    context.close()


def drawn(page: Page, labels: list[dict[str, Any]], dots: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Return where each name that is drawn begins, and its middle line."""
    found = page.evaluate(
        """([labels, dots, frame]) => {
          const context = document.createElement("canvas").getContext("2d");
          const drawn = {};
          context.fillText = (text, x, y) => (drawn[text] = [x, y]);
          window.labels.drawLabels(context, labels, {ink: "#000", paper: "#fff", family: "sans-serif"}, frame, dots);
          return drawn;
        }""",
        [labels, dots, FRAME],
    )
    return {text: (x, y) for text, (x, y) in found.items()}


def beside(*places: tuple[int, int], radius: float) -> list[dict[str, float]]:
    return [{"x": NODE["x"] + x, "y": NODE["y"] + y, "radius": radius} for x, y in places]


def side(place: tuple[float, float]) -> str:
    x, y = place
    if y == NODE["y"]:
        return "right" if x > NODE["x"] else "left"
    return "below" if y > NODE["y"] else "above"


@pytest.mark.parametrize("radius", [3, 8])
@pytest.mark.parametrize(
    ("taken", "expected"),
    [((), "right"), ((RIGHT,), "left"), ((RIGHT, LEFT), "below"), ((RIGHT, LEFT, BELOW), "above")],
)
def test_a_name_keeps_off_dots_of_any_size(
    page: Page, taken: tuple[tuple[int, int], ...], expected: str, radius: float
) -> None:
    """Where a dot is on one side of a node, its name stands on the next."""
    assert side(drawn(page, [LABEL], [NODE, *beside(*taken, radius=radius)])[NAME]) == expected


@pytest.mark.parametrize(("radius", "expected"), [(3, [NAME]), (8, [])])
def test_a_name_without_room_lies_on_smaller_dots_alone(page: Page, radius: float, expected: list[str]) -> None:
    assert list(drawn(page, [LABEL], [NODE, *beside(RIGHT, LEFT, BELOW, ABOVE, radius=radius)])) == expected


def test_no_name_lies_on_another_or_leaves_the_frame(page: Page) -> None:
    """Of two at one place the second gives way; at an edge a name turns inwards, and in a corner it is left out."""
    assert side(drawn(page, [LABEL, {**LABEL, "text": "Another name"}], [NODE])["Another name"]) == "left"
    assert drawn(page, [{**LABEL, "x": 590}], [])[NAME][0] < 590
    assert not drawn(page, [{**LABEL, "x": 599, "y": 399}], [])
