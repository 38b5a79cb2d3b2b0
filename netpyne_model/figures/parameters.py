"""A cell's parameters as pictures: against path distance, and on the cell itself.

Both take segment tables: a DataFrame with one row a segment, in the order of the sections and of x,
with the columns ``section``, ``index``, ``region``, ``segment``, ``x``, ``path_distance`` (um),
``diam_um`` and one column ``<mechanism>.<parameter>`` each parameter, NaN where the mechanism is
absent. ``table.attrs["units"]`` holds the unit of each parameter column.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from pandas import DataFrame

from ..errors import ModelError, did_you_mean, quoted
from ..morphology import REGIONS
from .cell import AXON, REGION_PALETTE, frame_cell, line_widths, places_on, region_key, region_label
from .panels import key, nothing, one_unit
from .style import DPI, FONT_PT, INK, MUTED, SETTLING, SMALL_PT, Look, number_ticks, tidy, unit_text

# Viridis ends in a yellow that a thin line on white does not show.
VALUE_COLOURS = ListedColormap(colormaps["viridis"](np.linspace(0, 0.93, 256)), name="values")
ABSENT, ZERO = "#C4C4C4", MUTED
LOG_FROM_RATIO = 100.0
LEFT_OF_SOMA = ("basal", *AXON)
ELSEWHERE = "not in this cell"
_ABSENT_PT = 0.6
_CELL_HEIGHT_IN, _CELL_WIDTHS_IN = 5.6, (1.8, 6.0)


def parameter_against_distance(
    tables: Mapping[str, DataFrame], parameter: str | Sequence[str]
) -> Figure:
    """Draw parameters against path distance: a row each parameter, a column each cell.

    Every segment is a point in the colour of its region; the segments of one section are joined.
    Basal dendrites and the axon stand at negative distances. Cells share the axes of a row.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Segment table of each cell, by the name that becomes its title.
    parameter : str or sequence of str
        Columns of the tables, such as ``kad.gbar``.
    """
    parameters = [parameter] if isinstance(parameter, str) else list(parameter)
    labels = [_label(tables, name) for name in parameters]
    if not parameters:
        raise ModelError("no parameter to draw; name at least one column of the segment tables.")
    size = (0.9 + 3.6 * max(len(tables), 1.7), 1.0 + 2.3 * len(parameters))
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    grid = figure.subplots(len(parameters), len(tables), sharex=True, sharey="row", squeeze=False)
    for row, name, label in zip(grid, parameters, labels, strict=True):
        for ax, table in zip(row, tables.values(), strict=True):
            _against_distance(ax, table, name)
        number_ticks(row[0].yaxis)
        row[0].set_ylabel(label, fontsize=FONT_PT, color=INK)
    for ax, title in zip(grid[0], tables, strict=True):
        ax.set_title(title, fontsize=FONT_PT, color=INK)
    figure.align_ylabels(grid[:, 0])
    for ax in grid[-1]:
        distance = "Path distance from the soma (µm)\nbasal, axon ← soma → apical"
        ax.set_xlabel(distance, fontsize=FONT_PT, color=INK)
    drawn: set[str] = set()
    for table in tables.values():
        drawn.update(_rows_of(table, parameters)["region"])
    names = {region: region_label(region) for region in REGIONS if region in drawn}
    region_key(figure, names, columns=len(REGIONS))
    return figure


def parameter_on_morphology(
    tables: Mapping[str, DataFrame], layouts: Mapping[str, Sequence[np.ndarray]], parameter: str
) -> Figure:
    """Draw cells side by side, every segment in the colour of its value.

    The colours mean the same in all cells. They follow the logarithm if the positive values span
    more than two decades and none is negative; zeros are then drawn in grey. Segments without the
    parameter are thin, light grey lines.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Segment table of each cell, by the name that becomes its title.
    layouts : mapping of str to sequence of ndarray, shape (n_points, 3)
        Ends of every section in um, under the same names; x and y are drawn.
    parameter : str
        Column of the tables, such as ``kad.gbar``.
    """
    label = _label(tables, parameter)
    lines = {name: segment_lines(name, table, layouts) for name, table in tables.items()}
    values = {name: _values(table, parameter) for name, table in tables.items()}
    everything = np.concatenate(list(values.values()))
    norm = value_scale(everything)
    figure = Figure(dpi=DPI, layout="constrained")
    axes = figure.subplots(1, len(tables), squeeze=False)[0]
    for ax, (name, table) in zip(axes, tables.items(), strict=True):
        _draw_segments(ax, lines[name], values[name], table["diam_um"].to_numpy(float), norm)
        frame_cell(ax, list(lines[name]), table["region"].to_list())
        title = name if _has(table, parameter) else f"{name}\n{ELSEWHERE}"
        ax.set_title(title, fontsize=FONT_PT, color=INK)
    _fit_figure(figure, axes)
    _colour_bar(figure, norm, label)
    zero = isinstance(norm, LogNorm) and bool((everything == 0).any())
    _value_key(figure, absent=bool(np.isnan(everything).any()), zero=zero)
    return figure


def _colour_bar(figure: Figure, norm: Normalize, label: str) -> None:
    mapped = ScalarMappable(norm, VALUE_COLOURS)
    bar = figure.colorbar(mapped, ax=figure.axes, shrink=0.6, aspect=28, pad=0.02)
    bar.set_label(label, fontsize=FONT_PT, color=INK)
    bar.ax.tick_params(labelsize=SMALL_PT, colors=INK, length=3)
    bar.outline.set_visible(False)
    if not isinstance(norm, LogNorm):
        number_ticks(bar.ax.yaxis)


def _has(table: DataFrame, parameter: str) -> bool:
    return parameter in table and bool(table[parameter].notna().any())


def _values(table: DataFrame, parameter: str) -> np.ndarray:
    return table[parameter].to_numpy(float) if parameter in table else np.full(len(table), np.nan)


def _rows_of(table: DataFrame, parameters: Sequence[str]) -> DataFrame:
    """Segments that have any of the parameters."""
    return table[table[[name for name in parameters if name in table]].notna().any(axis=1)]


def _label(tables: Mapping[str, DataFrame], parameter: str) -> str:
    """Name and unit of a parameter that at least one cell has."""
    if not any(_has(table, parameter) for table in tables.values()):
        known: set[str] = set()
        for table in tables.values():
            known.update(name for name in table if "." in name and _has(table, name))
        cells = ", ".join(f"{quoted(name)}" for name in tables) or "(none given)"
        similar = did_you_mean(parameter, known)
        raise ModelError(f"no cell of {cells} has the parameter {quoted(parameter)}.{similar}")
    units = {}
    for name, table in tables.items():
        if _has(table, parameter):
            units[f"cell {quoted(name)}"] = table.attrs.get("units", {}).get(parameter)
    unit = unit_text(one_unit(f"parameter {quoted(parameter)}", units))
    return f"{parameter} ({unit})" if unit else parameter


def _against_distance(ax: Axes, table: DataFrame, parameter: str) -> None:
    tidy(ax)
    if not _has(table, parameter):
        nothing(ax, ELSEWHERE, fontsize=FONT_PT)
        return
    table = table[table[parameter].notna()]
    ax.axvline(0, color=SETTLING, linewidth=0.8, zorder=0)
    # Regions of few points go on top: an unbranched trunk would vanish under its obliques.
    for region in table["region"].value_counts().index:
        rows = table[table["region"] == region]
        side = -1 if region in LEFT_OF_SOMA else 1
        points = np.column_stack([side * rows["path_distance"], rows[parameter]])
        index = rows["index"].to_numpy()
        branches = np.split(points, np.flatnonzero(np.diff(index)) + 1)
        colour = REGION_PALETTE[region]
        look: Look = {"color": colour, "label": region}
        joined = LineCollection(branches, linewidths=0.7, alpha=0.6, zorder=1, **look)
        ax.add_collection(joined)
        ax.scatter(points[:, 0], points[:, 1], s=7, linewidths=0, zorder=2, **look)


def segment_lines(
    name: str, table: DataFrame, layouts: Mapping[str, Sequence[np.ndarray]]
) -> np.ndarray:
    """Both ends of every segment in the plane, shape (n_segments, 2, 2)."""
    if name not in layouts:
        raise ModelError(f"cell {quoted(name)} has no layout.{did_you_mean(name, layouts)}")
    index = table["index"].to_numpy(int)
    if len(index) and index.max() >= len(layouts[name]):
        raise ModelError(
            f"cell {quoted(name)} has a section {index.max()}, but its layout has {len(layouts[name])}"
            " sections; give the layout of the same cell."
        )
    # From x, not from the number of rows: so a table of which only some segments are kept is drawn
    # right as well.
    segment = table["segment"].to_numpy(float)
    share = table["x"].to_numpy(float) / (segment + 0.5)
    ends = [places_on(layouts[name], index, (segment + end) * share) for end in (0, 1)]
    return np.stack(ends, axis=1)


def value_scale(values: np.ndarray) -> Normalize:
    """Scale of the colours, over the values of all cells."""
    values = values[~np.isnan(values)]
    low, high = float(values.min()), float(values.max())
    positive = values[values > 0]
    if low >= 0 and len(positive) and high / positive.min() > LOG_FROM_RATIO:
        return LogNorm(float(positive.min()), high)
    return Normalize(low, high)


def _draw_segments(
    ax: Axes, lines: np.ndarray, values: np.ndarray, diam_um: np.ndarray, norm: Normalize
) -> None:
    absent = np.isnan(values)
    zero = (values == 0) & isinstance(norm, LogNorm)
    coloured = ~absent & ~zero
    width_pt = np.where(absent, _ABSENT_PT, line_widths(diam_um))
    scale: Look = {"array": values[coloured], "cmap": VALUE_COLOURS, "norm": norm}
    layers: dict[str, tuple[np.ndarray, Look]] = {
        "absent": (absent, {"colors": ABSENT}),
        "zero": (zero, {"colors": ZERO}),
        "values": (coloured, scale | {"capstyle": "round"}),
    }
    for zorder, (label, (rows, look)) in enumerate(layers.items(), start=1):
        look |= {"linewidths": width_pt[rows], "label": label, "zorder": zorder}
        ax.add_collection(LineCollection(lines[rows], **look))


def _fit_figure(figure: Figure, axes: Sequence[Axes]) -> None:
    """Make the figure as wide as its cells, lest a slender one leave both sides empty."""
    shapes = [np.ptp(ax.get_xlim()) / np.ptp(ax.get_ylim()) for ax in axes]
    widths = np.clip(_CELL_HEIGHT_IN * np.array(shapes), *_CELL_WIDTHS_IN)
    grid = axes[0].get_gridspec()
    assert grid is not None
    grid.set_width_ratios(widths)
    figure.set_size_inches(widths.sum() + 1.2, _CELL_HEIGHT_IN + 0.8)


def _value_key(figure: Figure, *, absent: bool, zero: bool) -> None:
    looks = {"0": {"color": ZERO, "linewidth": 3}} if zero else {}
    if absent:
        looks["mechanism absent"] = {"color": ABSENT, "linewidth": 1.5}
    key(figure, looks, ncols=2, labelcolor=INK, handlelength=1.4)
