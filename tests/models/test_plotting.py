import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_models.plotting import COLORS, Picture, heat_map, heat_maps, line_plot, mask_picture

SVG = "{http://www.w3.org/2000/svg}"
words = ["I", "love", "cats", "and", "dogs"]
weights = torch.eye(5) * 0.9 + 0.02


def heads() -> Picture:
    return heat_maps(
        torch.stack([weights, weights]), words, words, names=["head 1", "head 2"], title="Two heads", alt="Two maps."
    )


def losses() -> Picture:
    series = {"with": [1.0, 0.1, 0.01], "without": [1.0, 0.9, 0.8]}
    return line_plot(series, [0, 10, 20], x_label="step", y_label="loss", title="Losses", alt="Two lines.", log=True)


PICTURES: dict[str, Callable[[], Picture]] = {
    "heat map": lambda: heat_map(weights, words, words, title="Weights", alt="A map of 5 by 5 weights."),
    "heads": heads,
    "mask": lambda: mask_picture(weights > 0.5, words, words, title="Allowed", alt="The diagonal."),
    "lines": losses,
}
every_picture = pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())


def texts(picture: Picture) -> list[str]:
    """Return the words and numbers in a picture, in reading order."""
    return [element.text or "" for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


@every_picture
def test_a_picture_says_what_it_shows(draw: Callable[[], Picture]) -> None:
    """The SVG is an image by role, and its first child is a title that holds the alternative text."""
    picture = draw()
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == picture.alt
    assert picture._repr_svg_() == picture.svg


@every_picture
def test_a_picture_follows_the_colors_and_the_font_of_the_page(draw: Callable[[], Picture]) -> None:
    """Every color is a variable of the page with a fallback, every font is inherited, and nothing is a bitmap."""
    svg = draw().svg
    used = re.findall(r"(?:fill|stroke): ([^;\"]+)", svg)
    assert {color for color in used if color != "none"} <= {f"var(--wt-{n}, {c})" for n, c in COLORS.items()}
    assert set(re.findall(r"font-family: ([^;\"]+)", svg)) == {"inherit"}
    assert "<image" not in svg
    assert "<style" not in svg


@every_picture
def test_a_picture_scales_with_the_page(draw: Callable[[], Picture]) -> None:
    """It has a viewBox and a greatest width of at most 800 pixels, and no size of its own."""
    root = ElementTree.fromstring(draw().svg)
    assert root.get("width") is None
    assert root.get("height") is None
    assert float(root.attrib["viewBox"].split()[2]) <= 800
    assert "max-width: " in root.attrib["style"]


@every_picture
def test_drawing_twice_gives_the_same_bytes(draw: Callable[[], Picture]) -> None:
    """A picture depends on what is drawn alone: no date, no random identifier."""
    assert draw() == draw()


def test_pictures_on_one_page_do_not_share_ids() -> None:
    """Ids are unique across pictures, and every reference leads to an id of the same picture."""
    seen: set[str] = set()
    for draw in PICTURES.values():
        svg = draw().svg
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert seen.isdisjoint(ids)
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) == set(ids)
        seen.update(ids)


def test_markup_in_labels_is_text() -> None:
    """Angle brackets, ampersands and dollar signs of tokens appear as they are."""
    tokens = ["<pad>", "&amp;", "$x$"]
    picture = heat_map(torch.zeros(3, 3), tokens, tokens, title="a < b", alt='"quoted" & <tagged>')
    assert {"<pad>", "&amp;", "$x$", "a < b"} <= set(texts(picture))
    assert ElementTree.fromstring(picture.svg)[0].text == '"quoted" & <tagged>'


def test_a_small_map_prints_its_numbers_and_a_large_one_has_a_legend() -> None:
    """Up to 12 by 12 every value is printed; beyond that a legend of the scale stands instead."""
    small = texts(heat_map(torch.full((12, 12), 0.25), ["r"] * 12, ["c"] * 12, title="small", alt="a"))
    large = texts(heat_map(torch.full((13, 13), 0.25), ["r"] * 13, ["c"] * 13, title="large", alt="a"))
    assert small.count("0.25") == 144
    assert large.count("0.25") == 0
    assert {"0", "1"} <= set(large)


def test_nothing_is_told_from_almost_nothing() -> None:
    """An exact zero prints as 0, a value that rounds to zero as 0.00, and minus signs are true ones."""
    values = torch.tensor([[0.0, 0.001, -0.001, -1.5]])
    printed = texts(heat_map(values, ["r"], list("abcd"), title="t", alt="a"))
    assert [text for text in printed if text[-1].isdigit()] == ["0", "0.00", "0.00", "−1.50", "−1.5", "1.5"]


def test_query_and_key_have_their_own_colors() -> None:
    """An axis labeled query or key is written in the color that stands for it everywhere; other labels are grey."""
    svg = heat_map(weights, words, words, title="t", alt="a", row_label="query", column_label="key").svg
    assert re.search(r"fill: var\(--wt-query, #\w+\)\"[^>]*>query<", svg)
    assert re.search(r"fill: var\(--wt-key, #\w+\)\"[^>]*>key<", svg)
    svg = heat_map(weights, words, words, title="t", alt="a", row_label="digit").svg
    assert re.search(r"fill: var\(--wt-ink-soft, #\w+\)\"[^>]*>digit<", svg)


def test_labels_that_would_collide_turn_or_are_thinned_out() -> None:
    """Column labels wider than their cells are turned, in a map of many columns only some of them are written."""
    few = heat_map(torch.zeros(3, 9), ["r"] * 3, ["a long label"] * 9, title="t", alt="a")
    many = heat_map(torch.zeros(3, 60), ["r"] * 3, [f"p{i}" for i in range(60)], title="t", alt="a")
    assert few.svg.count("rotate(-45") == texts(few).count("a long label") == 9
    written = [text for text in texts(many) if text.startswith("p")]
    assert "rotate" not in many.svg
    assert written == [f"p{i}" for i in range(0, 60, 60 // len(written))]
    assert 10 <= len(written) <= 30


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of two colors, as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("low", "n_levels"), [(0.0, 10), (-1.0, 9)], ids=["sequential", "diverging"])
def test_every_number_can_be_read_on_its_cell(low: float, n_levels: int) -> None:
    """On each level of both scales, the ink of the number has a contrast of at least 4.5 to the color of its cell."""
    pairs = set()
    for value in torch.linspace(low, 1.0, 41).tolist():
        svg = heat_map(torch.tensor([[low, value]]), ["r"], ["c", "d"], title="t", alt="a").svg
        cells = sorted(
            re.findall(r'd="M ([\d.]+) 46 .*?fill: var\(--wt-([\w-]+),', svg), key=lambda cell: float(cell[0])
        )
        inks = re.findall(r"10\.5px; .*?fill: var\(--wt-([\w-]+),", svg)
        pairs.add((cells[-1][1], inks[-1]))
    assert len({cell for cell, _ in pairs}) == n_levels
    assert min(contrast(COLORS[cell], COLORS[ink]) for cell, ink in pairs) >= 4.5


def test_wrong_input_is_refused() -> None:
    """Values that do not fit the labels, too many lines and a zero on a logarithmic axis raise ValueError."""
    with pytest.raises(ValueError, match=r"shape \(1, 2, 2\).*got \(1, 2, 3\)"):
        heat_map(torch.zeros(2, 3), ["a", "b"], ["c", "d"], title="t", alt="a")
    with pytest.raises(ValueError, match="at most 5 lines, got 6"):
        line_plot({str(i): [1.0] for i in range(6)}, [0], x_label="x", y_label="y", title="t", alt="a")
    with pytest.raises(ValueError, match="above 0, got 0"):
        line_plot({"a": [1.0, 0.0]}, [0, 1], x_label="x", y_label="y", title="t", alt="a", log=True)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 20), columns=st.integers(1, 20), n=st.integers(1, 5), label=st.text("abc", max_size=9))
def test_nothing_is_drawn_outside(rows: int, columns: int, n: int, label: str) -> None:
    """However many rows, columns and panels there are, every cell and every anchor of a text lies in the picture."""
    picture = heat_maps(
        torch.rand(n, rows, columns), [label] * rows, [label] * columns, names=["head"] * n, title="t", alt="a"
    )
    root = ElementTree.fromstring(picture.svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    outlines = [re.findall(r"-?[\d.]+", path.attrib["d"]) for path in root.iter(f"{SVG}path")]
    points = [(float(x), float(y)) for outline in outlines for x, y in zip(outline[::2], outline[1::2], strict=True)]
    points += [(float(text.attrib["x"]), float(text.attrib["y"])) for text in root.iter(f"{SVG}text") if text.get("x")]
    assert all(-0.01 <= x <= width + 0.01 and -0.01 <= y <= height + 0.01 for x, y in points)
