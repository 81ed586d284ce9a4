"""The site's colors: legible in both schemes, even in their steps, and the same in pages and pictures."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
STYLES = (ROOT / "site_builder/frontend/styles/colors.css").read_text(encoding="utf-8")
SCHEMES = ("default", "slate")
LEGIBLE = 4.5  # WCAG 2.2, 1.4.3: text below 24 px


def colors(scheme: str) -> dict[str, str]:
    block = STYLES.split(f'[data-md-color-scheme="{scheme}"] {{', 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--wt-([a-z0-9-]+): (#[0-9a-f]{6});", block))


def linear(color: str) -> list[float]:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    weights = (0.2126, 0.7152, 0.0722)
    low, high = sorted(math.fsum(w * c for w, c in zip(weights, linear(color), strict=True)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(color: str) -> tuple[float, float, float]:
    """Return a color in OKLab, where equal distances look equal (Ottosson 2020)."""
    r, g, b = linear(color)
    cones = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    long, medium, short = (cone ** (1 / 3) for cone in cones)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def scale(scheme: str, name: str) -> list[str]:
    every = colors(scheme)
    return [every[f"{name}-{level}"] for level in range(10 if name == "seq" else 9)]


def test_both_schemes_define_the_same_names() -> None:
    """Light and dark define the same colors."""
    assert colors("default").keys() == colors("slate").keys()
    assert len(colors("default")) == 12 + 10 + 9 + 10


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["ink", "ink-soft", "accent", "query", "key", "value", "caution", "wrong"])
def test_text_is_legible_on_paper_and_in_code(scheme: str, name: str) -> None:
    """Every color that text is set in passes 4.5:1 on paper and on the ground of code."""
    every = colors(scheme)
    assert contrast(every[name], every["paper"]) >= LEGIBLE
    assert contrast(every[name], every["sunk"]) >= LEGIBLE


@pytest.mark.parametrize("scheme", SCHEMES)
def test_highlighted_text_is_legible(scheme: str) -> None:
    """Text and links pass 4.5:1 on a highlight."""
    every = colors(scheme)
    assert min(contrast(every[name], every["mark"]) for name in ("ink", "accent")) >= LEGIBLE


@pytest.mark.parametrize("scheme", SCHEMES)
def test_numbers_are_legible_on_every_step_of_the_scales(scheme: str) -> None:
    """A heat map's numbers pass 4.5:1 in the ink that the pictures give them on every step."""
    ink, seq, div = colors(scheme)["ink"], scale(scheme, "seq"), scale(scheme, "div")
    ratios = [contrast(color, ink if level <= 5 else seq[0]) for level, color in enumerate(seq)]
    ratios += [contrast(color, ink if abs(level - 4) <= 2 else div[4]) for level, color in enumerate(div)]
    assert min(ratios) >= LEGIBLE


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["seq", "div"])
def test_the_steps_of_a_scale_look_equal(scheme: str, name: str) -> None:
    """Steps of a scale differ by less than a tenth of their mean in OKLab."""
    steps = [math.dist(oklab(one), oklab(other)) for one, other in pairwise(scale(scheme, name))]
    mean = math.fsum(steps) / len(steps)
    assert max(abs(step - mean) for step in steps) < mean / 10


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sequential_scale_leaves_the_ground_steadily(scheme: str) -> None:
    """The sequential scale starts near the paper and its contrast with it only grows."""
    paper = colors(scheme)["paper"]
    ratios = [contrast(color, paper) for color in scale(scheme, "seq")]
    assert ratios[0] < 1.1
    assert all(one < other for one, other in pairwise(ratios[1:]))


def test_pictures_fall_back_to_the_light_scheme() -> None:
    """The colors that pictures carry for readers without the site's styles are those of the light scheme."""
    from notebook_models.plotting import heat_map, line_plot  # the tests of models must be first to import it

    names = [f"token {index}" for index in range(13)]
    values = torch.linspace(0, 1, 13 * 13).view(13, 13)
    pictures = [
        heat_map(values, names, names, title="Weights", alt="Weights rise row by row."),
        heat_map(2 * values - 1, names, names, title="Scores", alt="Scores rise row by row."),
        line_plot({"loss": [2.0, 1.0]}, [0, 1], x_label="step", y_label="loss", title="Loss", alt="The loss falls."),
    ]
    drawn = "".join(picture.svg for picture in pictures)
    used = set(re.findall(r"var\(--wt-([a-z0-9-]+), (#[0-9a-f]{6})\)", drawn))
    assert len(used) > 20
    assert used <= colors("default").items()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_groups_of_the_graph_stand_out(scheme: str) -> None:
    """Each of the ten colors is visible on paper (WCAG 2.2, 1.4.11) and is no other's."""
    every = colors(scheme)
    groups = [every[f"group-{number}"] for number in range(10)]
    assert all(contrast(group, every["paper"]) >= 3 for group in groups)
    labs = [oklab(group) for group in groups]
    assert min(math.dist(a, b) for i, a in enumerate(labs) for b in labs[i + 1 :]) > 0.055
