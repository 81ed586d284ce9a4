"""Pictures for notebooks: SVG in colors that follow the page, light or dark. Knows nothing of any model."""

import hashlib
import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree import ElementTree

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from torch import Tensor

WIDTH, GAP = 680.0, 28.0  # the widest picture and the room between panels, in CSS pixels, as are all lengths below
TEXT, SMALL, LETTER = 12.0, 10.5, 6.6  # two font sizes, and the width allowed for a letter in the first

# What the page's variable --wt-<name> falls back to. No two are alike: a color in matplotlib's SVG tells which it is.
COLORS = {"ink": "#15191c", "ink-soft": "#5a6469", "rule": "#dfe4e6", "accent": "#007373"}
ROLES = {"query": "#2e64a6", "key": "#9b471b", "value": "#864a81"}  # kept for these three, here and everywhere
SCALES = {
    "seq": "#f6fbfb #d5e6e6 #b5d0d1 #96bbbc #78a6a7 #5c9092 #427b7d #2a6668 #115153 #003d3f",
    "div": "#673b26 #8b6757 #b0968a #d6c6c0 #f8fbfc #bccecf #82a3a5 #497a7d #005356",
}
COLORS |= ROLES
COLORS |= {f"{name}-{level}": color for name, scale in SCALES.items() for level, color in enumerate(scale.split())}
VARIABLES = {color: f"var(--wt-{name}, {color})" for name, color in COLORS.items()}
LINES: dict[str, Any] = {"accent": "-", "div-0": (0, (5, 2)), "ink-soft": (0, (2, 1.5)), "seq-5": "-.", "ink": "-"}
XMLNS, NO_METADATA = "http://www.w3.org/2000/svg", dict.fromkeys(["Creator", "Date", "Format", "Type"])
Names = Sequence[str]


@dataclass(frozen=True)
class Picture:
    """An SVG element to set into a page, and the words that say what it shows."""

    svg: str
    alt: str

    def _repr_svg_(self) -> str:
        return self.svg


class _Cell(NamedTuple):
    fill: str
    text: str = ""
    ink: str = "ink"


def heat_map(
    values: Tensor, rows: Names, columns: Names, *, title: str, alt: str, row_label: str = "", column_label: str = ""
) -> Picture:
    """Draw one matrix: 0 to 1 on the sequential scale, a matrix with negative values on the diverging scale about 0."""
    words = {"title": title, "alt": alt, "row_label": row_label, "column_label": column_label}
    return heat_maps(values.unsqueeze(0), rows, columns, names=[""], **words)


def heat_maps(
    values: Tensor,
    rows: Names,
    columns: Names,
    *,
    names: Names,
    title: str,
    alt: str,
    row_label: str = "",
    column_label: str = "",
) -> Picture:
    """Draw several matrices, (names, rows, columns), over the same rows and columns: the heads of a layer, say."""
    _check_shape(values, (len(names), len(rows), len(columns)))
    panels, legend = _shade(values.detach(), numbered=max(len(rows), len(columns)) <= 12)
    return _Grid(rows, columns, names, row_label, column_label).draw(panels, legend, title, alt)


def mask_picture(
    allowed: Tensor,
    rows: Names,
    columns: Names,
    *,
    title: str,
    alt: str,
    names: Names = ("",),
    row_label: str = "query",
    column_label: str = "key",
) -> Picture:
    """Draw a mask (or several, with `names`): filled where a query may attend, crossed out where it may not."""
    allowed = allowed if allowed.ndim == 3 else allowed.unsqueeze(0)
    _check_shape(allowed, (len(names), len(rows), len(columns)))
    yes, no = _Cell("seq-6"), _Cell("seq-0", "\u00d7", "ink-soft")
    panels = [[[yes if value else no for value in row] for row in panel] for panel in allowed.tolist()]
    grid = _Grid(rows, columns, names, row_label, column_label)
    return grid.draw(panels, [yes, "may attend", no, "may not"], title, alt)


def line_plot(
    series: Mapping[str, Sequence[int | float]],
    x: Sequence[int | float] | Names,
    *,
    x_label: str,
    y_label: str,
    title: str,
    alt: str,
    log: bool = False,
) -> Picture:
    """Draw up to five named lines over the same `x`, evenly spaced where it holds strings; `log` is for the y axis."""
    sheet = _Sheet(WIDTH, 330.0, title)
    axes = sheet.plot(left=52.0, top=58.0, right=WIDTH - 8, bottom=286.0)
    at = 0.0
    if len(series) > len(LINES):
        raise ValueError(f"expected at most {len(LINES)} lines, got {len(series)}")
    for (name, y), (color, dashes) in zip(series.items(), LINES.items(), strict=False):
        axes.plot(x, y, color=COLORS[color], linestyle=dashes, linewidth=2, clip_on=False)
        sheet.axes.plot([at, at + 26], [10, 10], color=COLORS[color], linestyle=dashes, linewidth=2)
        sheet.text(at + 34, 14.0, name)
        at += 34 + LETTER * len(name) + 20
    if log:
        _log_scale(axes, [value for y in series.values() for value in y])
    sheet.text(0.0, 40.0, y_label, "ink-soft")
    sheet.text((52 + WIDTH - 8) / 2, 326.0, x_label, "ink-soft", ha="center")
    return sheet.picture(alt)


def _shade(values: Tensor, numbered: bool) -> tuple[list[list[list[_Cell]]], list[_Cell | str]]:
    """Return a cell for each value, its number in an ink that can be read in light and in dark, and the legend."""
    reach, signed = float(values.abs().max()), bool(values.min() < 0)
    reach = reach if signed else max(1.0, reach)

    def cell(value: float) -> _Cell:
        text = "" if not numbered else f"{value:z.2f}".replace("-", "\u2212") if value else "0"
        if signed:
            level = round(4 + 4 * value / reach)
            return _Cell(f"div-{level}", text, "div-4" if abs(level - 4) > 2 else "ink")
        level = min(9, int(10 * value / reach))
        return _Cell(f"seq-{level}", text, "seq-0" if level > 5 else "ink")

    panels = [[[cell(value) for value in row] for row in panel] for panel in values.tolist()]
    ends = [f"\u2212{reach:.3g}" if signed else "0", f"{reach:.3g}"]
    swatches = [_Cell(name) for name in COLORS if name.startswith("div-" if signed else "seq-")]
    return panels, [] if numbered and ends == ["0", "1"] else [ends[0], *swatches, ends[1]]


class _Grid:
    """Where panels of equal cells stand, with their names and labels."""

    def __init__(self, rows: Names, columns: Names, names: Names, row_label: str, column_label: str) -> None:
        self.rows, self.columns, self.names = rows, columns, names
        self.row_label, self.column_label = row_label, column_label
        self.row_ink, self.column_ink = (name if name in ROLES else "ink-soft" for name in (row_label, column_label))
        self.left = LETTER * max(map(len, [*rows, row_label])) + 8
        least = 30 if max(len(rows), len(columns)) <= 12 else 7
        most = next((n for n in range(len(names), 1, -1) if self._cell_width(n) >= least), 1)
        self.across = math.ceil(len(names) / math.ceil(len(names) / most))
        self.wide = min(44.0, self._cell_width(self.across))
        self.tall = min(self.wide, 560 / len(rows))
        longest = LETTER * max(map(len, columns))
        self.turn = 45 if longest > self.wide - 4 and len(columns) <= 24 else 0  # beyond that, some are left out
        self.every = math.ceil((14 if self.turn else longest + 4) / self.wide)
        labels = 0.71 * longest + 10 if self.turn else 18
        self.header = labels + (20 if column_label else 0) + (22 if any(names) else 0)
        panel = max(len(columns) * self.wide, LETTER * max(map(len, [*names, column_label])))
        self.pitch = panel + GAP, self.header + len(rows) * self.tall + GAP
        self.width = self.left + self.across * self.pitch[0] - GAP + (0.71 * longest if self.turn else 0)
        self.height = math.ceil(len(names) / self.across) * self.pitch[1] - GAP

    def _cell_width(self, across: int) -> float:
        return ((WIDTH - self.left + GAP) / across - GAP) / len(self.columns)

    def draw(
        self, panels: Sequence[Sequence[Sequence[_Cell]]], legend: Sequence[_Cell | str], title: str, alt: str
    ) -> Picture:
        least = self.left + sum(18 + LETTER * len(part) if isinstance(part, str) else 17 for part in legend)
        sheet = _Sheet(max(self.width, least), self.height + (32 if legend else 0), title)
        gap = 1.5 if self.tall >= 20 else 0.0
        for index, (name, panel) in enumerate(zip(self.names, panels, strict=True)):
            x = self.left + index % self.across * self.pitch[0]
            y = self.header + index // self.across * self.pitch[1]
            self._draw_labels(sheet, x, y, name)
            at = [(x + j * self.wide, y + i * self.tall) for i, row in enumerate(panel) for j in range(len(row))]
            sheet.cells(at, self.wide - gap, self.tall - gap, [cell for row in panel for cell in row])
        self._draw_legend(sheet, legend)
        return sheet.picture(alt)

    def _draw_labels(self, sheet: "_Sheet", x: float, y: float, name: str) -> None:
        sheet.text(x, y - self.header + 12, name, fontweight="bold")
        sheet.text(x, y - self.header + (34 if name else 12), self.column_label, self.column_ink)
        turned: dict[str, Any] = {"rotation": 45, "ha": "left"} if self.turn else {"ha": "center"}
        for j in range(0, len(self.columns), self.every):
            sheet.text(x + (j + 0.5) * self.wide + self.turn / 15, y - 7, self.columns[j], **turned)
        if x == self.left:
            sheet.text(x - 8, y - 7, self.row_label, self.row_ink, ha="right")
            for i in range(0, len(self.rows), math.ceil(14 / self.tall)):
                sheet.text(x - 8, y + (i + 0.5) * self.tall + 4, self.rows[i], ha="right")

    def _draw_legend(self, sheet: "_Sheet", legend: Sequence[_Cell | str]) -> None:
        x = self.left
        for part in legend:
            if isinstance(part, str):
                sheet.text(x + 6, self.height + 27, part, "ink-soft")
                x += 18 + LETTER * len(part)
            else:
                sheet.cells([(x, self.height + 14)], 17.0, 17.0, [part])
                x += 17


class _Sheet:
    """A drawing measured in pixels, down and right from below its title, which is as tall as it needs to be."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width = max(width, min(7.2 * len(title), WIDTH))
        lines = textwrap.wrap(title, int(self.width / 7.2) + 1)
        top = 19 * len(lines) + 9
        self.bottom, self.height = height, height + top
        self.figure = Figure(figsize=(self.width / 72, self.height / 72))
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(height, -top), autoscale_on=False)
        self.axes.set_axis_off()
        for i, line in enumerate(lines):
            self.text(0.0, 19.0 * i + 14 - top, line, fontsize=13.0, fontweight="bold")

    def text(self, x: float, y: float, words: str, ink: str = "ink", *, fontsize: float = TEXT, **style: Any) -> None:
        style |= {"color": COLORS[ink], "fontsize": fontsize, "rotation_mode": "anchor", "parse_math": False}
        self.axes.text(x, y, words, **style)

    def cells(self, at: Sequence[tuple[float, float]], width: float, height: float, cells: Sequence[_Cell]) -> None:
        """Draw equal boxes by their top left corners: one path for all of a color, since a map may have thousands."""
        paths: dict[str, list[Path]] = {}
        size = SMALL if width >= 26 else 9.0
        for (x, y), cell in zip(at, cells, strict=True):
            corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
            paths.setdefault(cell.fill, []).append(Path(corners, closed=True))
            self.text(x + width / 2, y + height / 2 + 0.35 * size, cell.text, cell.ink, ha="center", fontsize=size)
        for fill, boxes in sorted(paths.items()):
            shape = Path.make_compound_path(*boxes)
            self.axes.add_patch(PathPatch(shape, color=COLORS[fill], linewidth=0, clip_on=False))

    def plot(self, left: float, top: float, right: float, bottom: float) -> Axes:
        low, tall = (self.bottom - bottom) / self.height, (bottom - top) / self.height
        axes = self.figure.add_axes((left / self.width, low, (right - left) / self.width, tall))
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(COLORS["ink-soft"])
        axes.grid(axis="y", color=COLORS["rule"], linewidth=1)
        axes.tick_params(labelsize=SMALL, labelcolor=COLORS["ink-soft"], length=0, pad=7)
        return axes

    def picture(self, alt: str) -> Picture:
        file = io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "wikitorch"}):
            self.figure.savefig(file, format="svg", transparent=True, metadata=NO_METADATA)
        return Picture(_inline(file.getvalue(), alt, self.width), alt)


def _inline(text: str, alt: str, width: float) -> str:
    """Turn matplotlib's SVG file into an element for a page that holds others: own ids, the page's colors and font."""
    prefix = f"wt-{hashlib.sha256((text + alt).encode()).hexdigest()[:8]}-"
    referenced = set(re.findall(r'(?:href="|url\()#([\w.-]+)', text))
    root = ElementTree.fromstring(text)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        attributes, element.attrib = element.attrib, {}
        for name, value in attributes.items():
            if (name != "id" or value in referenced) and not value.startswith("rotate(-0 "):
                element.set(name.rpartition("}")[2], _attribute(name, value, prefix))
    root[0] = title = ElementTree.Element("title")  # instead of a style sheet, which would hold for the whole page
    title.text = alt
    style = f"width: 100%; max-width: {width:.0f}px; height: auto; stroke-linejoin: round"
    root.attrib = {"xmlns": XMLNS, "viewBox": root.attrib["viewBox"], "role": "img", "style": style}
    return re.sub(r"\s*\n\s*", " ", ElementTree.tostring(root, encoding="unicode"))


def _attribute(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "style":
        value = re.sub(r"font-family: [^;]*", "font-family: inherit", value)
        return re.sub(r"#[0-9a-f]{6}", lambda color: VARIABLES.get(color[0], color[0]), value)
    value = re.sub(r"#(?=\w)", f"#{prefix}", value)
    return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", value)


def _log_scale(axes: Axes, values: Sequence[int | float]) -> None:
    if min(values) <= 0:
        raise ValueError(f"a logarithmic axis needs values above 0, got {min(values)}")
    axes.set_yscale("log")
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    axes.set_ylim(10.0**low, 10.0 ** max(high, low + 1))
    axes.minorticks_off()
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    axes.yaxis.set_major_formatter(lambda value, _: "10" + str(round(math.log10(value))).translate(raised))


def _check_shape(values: Tensor, expected: tuple[int, ...]) -> None:
    if tuple(values.shape) != expected:
        raise ValueError(
            f"expected values of shape {expected} for these names, rows and columns, got {tuple(values.shape)}"
        )
