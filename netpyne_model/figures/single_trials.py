"""The single trials of a study: output spikes as a raster, and potentials of some of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from .factor_levels import Levels, levels_of, measure_name, ticks_apart
from .panels import headline, reference, wrapped
from .style import INK, SMALL_PT, label, new_figure
from .track_axis import TrackAxis, track_axis

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

_ROW_IN, _LABEL_IN, _TALLEST_IN = 0.045, 0.17, 11.0
_GAP_ROWS = 3  # between the blocks of two levels
_TRACE_IN = 0.9


def rasters(
    spikes: DataFrame,
    table: DataFrame,
    *,
    by: str,
    panels: str | None = None,
    profiles: "Dataset | None" = None,
) -> Figure:
    """Draw the output spikes of every trial along the track, a row a trial, in a block a level.

    Parameters
    ----------
    spikes : DataFrame
        One row a spike: ``trial`` (row number of `table`), ``position``.
    table : DataFrame
        One row a trial, with the columns `by` and `panels`.
    by : str
        Swept field with a block of rows a level: numbers ascend upwards, texts stand in their order
        from the top.
    panels : str, optional
        Swept field with a panel a level.
    profiles : Dataset, optional
        The track and its place fields, as in `track_profiles`; without it, as far as there are
        spikes.
    """
    levels, columns = levels_of(table, by), levels_of(table, panels)
    track = track_axis(profiles, len(table), spikes)
    rows, blocks = _rows(levels, columns)
    line_in = _LABEL_IN if levels.numeric else 2 * _LABEL_IN
    height = min(max(_ROW_IN * blocks.max(), line_in * len(levels), 1.2), _TALLEST_IN)
    width = 6.5 if len(columns) == 1 else max(3.6 * len(columns) + 1, 9.0)
    figure, (axes,) = new_figure(1, len(columns), width_in=width, row_in=height + 1.1)
    for panel, ax in enumerate(axes):
        trials = np.flatnonzero(columns.codes == panel)
        by_level = [trials[levels.codes[trials] == n] for n in range(len(levels))]
        _draw_blocks(ax, track, blocks, by_level)
        n_spikes = _draw_spikes(ax, spikes, trials, rows)
        name = wrapped(columns.titles[panel], 30, 2)
        what = f"{_count(len(trials), 'trial')}, {_count(n_spikes, 'spike')}"
        y = measure_name(levels.field) if levels.numeric and panel == 0 else ""
        label(ax, track.label, y, f"{name}: {what}" if name else what)
        named = list(ticks_apart(len(levels), max(int(height / line_in), 2)))
        texts = [wrapped(levels.texts[n], 28, 2) if panel == 0 else "" for n in named]
        ax.set_yticks(blocks.mean(axis=1)[named], texts)
    headline(figure, "Output spikes along the track, a row a trial")
    return figure


def _draw_blocks(
    ax: Axes, track: TrackAxis, blocks: np.ndarray, trials: Sequence[np.ndarray]
) -> None:
    """Borders between the blocks of rows, and behind each the place field of its trials."""
    whole = blocks.max() + _GAP_ROWS
    ax.set_ylim(-_GAP_ROWS / 2, blocks.max() + _GAP_ROWS / 2)
    for (bottom, top), here in zip(blocks, trials, strict=True):
        track.draw(ax, here, (bottom / whole, (top + _GAP_ROWS) / whole))
    for border in np.sort(blocks[:, 0])[1:] - _GAP_ROWS / 2:
        reference(ax, border, linewidth=0.5, zorder=1)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _rows(by: Levels, panels: Levels) -> tuple[np.ndarray, np.ndarray]:
    """Lower edge of every trial's row; bottom and top of every level's block."""
    sizes = np.zeros((len(by), len(panels)), int)
    within = np.zeros(len(by.codes), int)
    for trial, place in enumerate(zip(by.codes, panels.codes, strict=True)):
        within[trial] = sizes[place]
        sizes[place] += 1
    heights = sizes.max(axis=1)
    order = np.arange(len(by)) if by.numeric else np.arange(len(by))[::-1]
    blocks = np.zeros((len(by), 2))
    blocks[order, 0] = np.cumsum(np.append(0, heights[order] + _GAP_ROWS))[:-1]
    blocks[:, 1] = blocks[:, 0] + heights
    # The first trial of a block is its uppermost row, as one reads.
    return blocks[by.codes, 1] - 1 - within, blocks


def _draw_spikes(ax: Axes, spikes: DataFrame, trials: np.ndarray, rows: np.ndarray) -> int:
    """Strokes of the spikes of some trials, as high as their row; returns how many there are."""
    here = spikes[spikes["trial"].isin(trials)]
    bottom = rows[here["trial"].to_numpy(int)]
    ax.vlines(here["position"], bottom + 0.05, bottom + 0.95, color=INK, linewidth=0.8, zorder=3)
    return len(here)


def single_trials(
    traces: Sequence[tuple[str, np.ndarray, np.ndarray]],
    *,
    trials: Sequence[int] | None = None,
    profiles: "Dataset | None" = None,
    title: str = "",
) -> Figure:
    """Draw somatic potentials along the track below each other, all to one scale.

    Parameters
    ----------
    traces : sequence of (str, ndarray, ndarray)
        Label, positions and somatic potentials in mV, the two of the same shape, in the order of
        recording.
    trials : sequence of int, optional
        Number of every trace's trial in `profiles`, whose place field is shaded; without it, those
        of all trials.
    profiles : Dataset, optional
        The track and its place fields, as in `track_profiles`.
    title : str
        Above the figure; says what is drawn if not given.
    """
    n = max(len(traces), 1)
    figure, grid = new_figure(n, 1, width_in=8.0, row_in=_TRACE_IN + 1.1 / n)
    axes = grid[:, 0]
    for ax in axes[1:]:  # before anything is drawn, or the limits of the first would be copied
        ax.sharex(axes[0])
    track = track_axis(profiles, max(trials or [-1]) + 1)
    shaded: Sequence[Sequence[int] | None] = [None] * n
    if trials is not None:
        shaded = [[trial] for trial in trials]
    for ax, (name, position, v_mV), fields in zip(axes, traces, shaded, strict=True):
        track.draw(ax, fields)
        line = _laps_apart(np.asarray(position, float), np.asarray(v_mV, float), track.length)
        ax.plot(*line, color=INK, linewidth=0.6, rasterized=True)
        ax.set_title(wrapped(name, 110, 1), fontsize=SMALL_PT, loc="left", pad=2)
        ax.tick_params(labelbottom=ax is axes[-1])
    lowest, highest = min(ax.get_ylim()[0] for ax in axes), max(ax.get_ylim()[1] for ax in axes)
    for ax in axes:
        ax.set_ylim(lowest, highest)
    axes[-1].set_xlabel(track.label, fontsize=SMALL_PT)
    figure.supylabel("Somatic potential (mV)", fontsize=SMALL_PT)
    headline(figure, title or f"Somatic potential along the track, {_count(len(traces), 'trial')}")
    return figure


def _laps_apart(
    position: np.ndarray, v_mV: np.ndarray, length: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Break the line where a lap ends, lest a stroke run back across the whole track."""
    if length is None:
        return position, v_mV
    ends = np.flatnonzero(np.diff(position) < -length / 2) + 1
    return np.insert(position, ends, np.nan), np.insert(v_mV, ends, np.nan)
