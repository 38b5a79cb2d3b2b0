"""The cell as a picture: every section a line through its points, as wide as it is thick."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..morphology import REGIONS, Morphology, along_path
from .panels import key, note
from .style import DPI, FONT_PT, INK, REGION_COLOURS, Look

SCALE_BAR_UM = 100
_POINTS_PER_UM = 0.7  # a trunk of 3 um is 2 points wide; true to scale it would vanish
_THINNEST_PT = 0.6
_BESIDE_UM = 2.0  # of its section, a synapse
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
    """Draw the cell alone, regions in colours, with a key of their numbers of sections.

    A section is a line through its points in `layout`, of shape (n_points, 3) in um.
    """
    figure = Figure(figsize=(6, 7.5), dpi=DPI, layout="constrained")
    ax = figure.add_subplot()
    draw_cell(ax, cell, layout, REGION_PALETTE)
    names = {}
    for region in REGIONS:
        if count := len(cell.in_region(region)):
            names[region] = f"{region_label(region)} ({count})"
    region_key(figure, names)
    if title:
        ax.set_title(title, fontsize=FONT_PT, color=INK)
    return figure


def region_label(region: str) -> str:
    """Name of a region as text in a figure."""
    return "AIS" if region == "ais" else region.replace("_", " ")


def region_key(figure: Figure, labels: Mapping[str, str], *, columns: int = 4) -> None:
    """Put a key of regions in the colours of `REGION_PALETTE` below all axes of a figure.

    The figure needs constrained layout, which makes room; `labels` are texts by region.
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

    Soma and dendrites set the frame; an axon that leaves it is cut off, with a note. `regions` are
    those of the lines.
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
        box: Look = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        corner: Look = {"xycoords": "axes fraction", "ha": "right", "va": "bottom"}
        note(ax, "axon cut off", (1, 0), bbox=box, **corner)


def _scale_bar(ax: Axes, x: float, y: float) -> None:
    ax.plot([x, x + SCALE_BAR_UM], [y, y], color=INK, linewidth=2, solid_capstyle="butt", zorder=5)
    above: Look = {"xytext": (0, 3), "ha": "center", "va": "bottom", "color": INK, "zorder": 5}
    note(ax, f"{SCALE_BAR_UM} µm", (x + SCALE_BAR_UM / 2, y), **above)


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
    """Draw synapses as dots beside their section, where `draw_cell` drew the cell.

    Parameters
    ----------
    section, x : ndarray, shape (k,)
        Section index and relative position of every synapse.
    side : int
        -1 or 1: so that two kinds of synapse on one branch stay apart.
    size_pt : float
        Diameter of the dots.
    """
    ends = np.array([path[[0, -1], :2] for path in layout], float)[np.asarray(section, int)]
    along = ends[:, 1] - ends[:, 0]
    places = places_on(layout, section, x)
    length = np.hypot(*along.T)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.where(length > 0, length, 1)[:, None]
    places += side * _BESIDE_UM * across
    look: Look = {"s": size_pt**2, "color": colour, "linewidths": 0, "zorder": 3}
    ax.scatter(*places.T, rasterized=True, **look)


def places_on(layout: Sequence[np.ndarray], section: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Places in the plane, shape (k, 2), of section indices and relative positions."""
    section, x = np.asarray(section, int), np.asarray(x, float)
    places = np.empty((len(section), 2))
    for index in np.unique(section):
        rows = section == index
        places[rows] = along_path(np.asarray(layout[index], float), x[rows])[:, :2]
    return places
