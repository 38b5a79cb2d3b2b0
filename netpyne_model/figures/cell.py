"""The cell as a picture: every section a line through its points, as wide as it is thick."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..morphology import REGIONS, Morphology, along_path
from .panels import key
from .style import DPI, FONT_PT, INK, MUTED, REGION_COLOURS, SMALL_PT

SCALE_BAR_UM = 100
_POINTS_PER_UM = (
    0.7  # a trunk of 3 um is as wide as 2 points; true to scale it would vanish at this size
)
_THINNEST_PT = 0.6
AXON: tuple[str, ...] = ("axon_hill", "ais", "axon")

# `REGION_COLOURS` is a quiet ground for coloured synapses, with one colour for several regions;
# where the regions themselves are the message, each has its own of Okabe & Ito's colours.
REGION_PALETTE = {
    "soma": "#000000",
    "axon_hill": "#8A7A00",
    "ais": "#E69F00",
    "axon": "#56B4E9",
    "basal": "#0072B2",
    "trunk": "#D55E00",
    "apical": "#009E73",
    "tuft": "#CC79A7",
}


def morphology(cell: Morphology, layout: Sequence[np.ndarray], *, title: str = "") -> Figure:
    """Draw the cell alone, every region in its own colour, with a key of the regions and their numbers of sections.

    Parameters
    ----------
    layout : sequence of ndarray, shape (n_points, 3)
        Points along every section in um; x and y are drawn, y upwards.
    title : str
        Line above the picture.
    """
    figure = Figure(figsize=(6, 7.5), dpi=DPI, layout="constrained")
    ax = figure.add_subplot()
    draw_cell(ax, cell, layout, REGION_PALETTE)
    counts = {region: len(cell.in_region(region)) for region in REGIONS}
    region_key(
        figure,
        {region: f"{region_label(region)} ({count})" for region, count in counts.items() if count},
    )
    if title:
        ax.set_title(title, fontsize=FONT_PT, color=INK)
    return figure


def region_label(region: str) -> str:
    """Name of a region as text in a figure."""
    return "AIS" if region == "ais" else region.replace("_", " ")


def region_key(figure: Figure, labels: Mapping[str, str], *, columns: int = 4) -> None:
    """Put a key of regions in the colours of `REGION_PALETTE` below all axes of a figure.

    Parameters
    ----------
    figure : matplotlib Figure
        With constrained layout, which makes room for the key.
    labels : mapping of str to str
        Text of each region to be named.
    columns : int
        Number of entries side by side.
    """
    looks = {
        text: {"color": REGION_PALETTE[region], "linewidth": 3} for region, text in labels.items()
    }
    key(figure, looks, ncols=min(columns, len(looks)), labelcolor=INK, handlelength=1.4)


def draw_cell(
    ax: Axes,
    cell: Morphology,
    layout: Sequence[np.ndarray],
    colours: Mapping[str, str] = REGION_COLOURS,
) -> None:
    """Draw the sections into axes of equal scale, each in the colour of its region.

    Line width grows with the section's mean diameter, but is not to scale.
    """
    lines = [np.asarray(path, float)[:, :2] for path in layout]
    widths = line_widths([section.mean_diam_um for section in cell.sections])
    by_section = [colours[section.region] for section in cell.sections]
    ax.add_collection(
        LineCollection(lines, linewidths=widths, colors=by_section, capstyle="round", zorder=1)
    )
    frame_cell(ax, lines, [section.region for section in cell.sections])


def line_widths(diam_um: np.ndarray | Sequence[float]) -> np.ndarray:
    """Line widths in points of neurites of the given diameters."""
    return _THINNEST_PT + _POINTS_PER_UM * np.asarray(diam_um, float)


def frame_cell(ax: Axes, lines: Sequence[np.ndarray], regions: Sequence[str]) -> None:
    """Fit axes of equal scale to the lines of a cell, with a scale bar instead of axis lines.

    Soma and dendrites set the frame; an axon that leaves it is cut off, with a note.

    Parameters
    ----------
    lines : sequence of ndarray, shape (n_points, 2)
        Points of every line in um.
    regions : sequence of str
        Region of every line.
    """
    ax.set_aspect("equal")
    framed = ~np.isin(regions, AXON)
    framed |= not framed.any()
    points = np.concatenate([line for line, inside in zip(lines, framed, strict=True) if inside])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.05 * (high - low).max()
    ax.set_xlim(low[0] - margin, high[0] + margin)
    ax.set_ylim(low[1] - margin, high[1] + margin)
    ax.set_axis_off()
    _scale_bar(ax, low[0], low[1] - 0.6 * margin)
    points = np.concatenate(lines)
    if (points < low - margin).any() or (points > high + margin).any():
        ax.text(1, 0, "axon cut off", transform=ax.transAxes, ha="right", va="bottom", fontsize=SMALL_PT, color=MUTED,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip


def _scale_bar(ax: Axes, x: float, y: float) -> None:
    ax.plot([x, x + SCALE_BAR_UM], [y, y], color=INK, linewidth=2, solid_capstyle="butt", zorder=5)
    ax.annotate(
        f"{SCALE_BAR_UM} µm", (x + SCALE_BAR_UM / 2, y), (0, 3), textcoords="offset points", ha="center", va="bottom",
        fontsize=SMALL_PT, color=INK, zorder=5,
    )  # fmt: skip


def draw_synapses(
    ax: Axes,
    layout: Sequence[np.ndarray],
    section: np.ndarray,
    x: np.ndarray,
    colour: str,
    *,
    side: int,
    size_pt: float,
) -> None:
    """Draw synapses as dots just beside their section.

    Parameters
    ----------
    ax : Axes
        Where `draw_cell` drew the cell.
    layout : sequence of ndarray, shape (n_points, 3)
    section, x : ndarray, shape (k,)
        Section index and relative position of every synapse.
    side : int
        -1 or 1: the side of the section, so that two kinds of synapse on one branch stay apart.
    size_pt : float
        Diameter of the dots.
    """
    ends = np.array([path[[0, -1], :2] for path in layout], float)[np.asarray(section, int)]
    along = ends[:, 1] - ends[:, 0]
    places = places_on(layout, section, x)
    length = np.hypot(*along.T)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.where(length > 0, length, 1)[:, None]
    places += side * _BESIDE_UM * across
    ax.scatter(
        places[:, 0],
        places[:, 1],
        s=size_pt**2,
        color=colour,
        linewidths=0,
        rasterized=True,
        zorder=3,
    )


_BESIDE_UM = 2.0


def places_on(layout: Sequence[np.ndarray], section: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Where places lie in the plane of the picture, shape (k, 2), by section index and relative position."""
    section, x = np.asarray(section, int), np.asarray(x, float)
    places = np.empty((len(section), 2))
    for index in np.unique(section):
        rows = section == index
        places[rows] = along_path(np.asarray(layout[index], float), x[rows])[:, :2]
    return places
