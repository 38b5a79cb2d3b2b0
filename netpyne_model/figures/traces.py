"""Recorded traces of several conditions laid over each other, a panel each recording."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..errors import ModelError, did_you_mean, quoted
from ..results import Trace
from .panels import key, legend, one_unit
from .style import DPI, FONT_PT, INK, OKABE_ITO, number_ticks, tidy, unit_text

Runs = Mapping[str, Mapping[str, Trace]]
Lines = dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]  # by condition and recording
BASELINE_MS = 2.0
_WIDTH_IN, _ROW_IN = 8.0, 1.7
_LEGEND_CHARACTERS = 90  # side by side in a figure of this width


def traces(
    runs: Runs,
    *,
    recordings: Sequence[str] | None = None,
    t_from_ms: float | None = None,
    t_to_ms: float | None = None,
    relative_to_baseline_at_ms: float | None = None,
    together: bool = False,
) -> Figure:
    """Draw recordings of several conditions: a panel each recording, a line each condition.

    Parameters
    ----------
    runs : mapping of str to mapping of str to Trace
        Traces by the name of the recording, for each condition. A condition may lack a recording.
    recordings : sequence of str, optional
        Recordings to draw, in this order; all if not given.
    t_from_ms, t_to_ms : float, optional
        Part of the time to draw; from the first or to the last sample if not given.
    relative_to_baseline_at_ms : float, optional
        Subtract from each trace its mean over the 2 ms up to this time.
    together : bool
        One panel for all recordings of the same unit. Conditions then differ in colour and
        recordings in dashes, or, of a single condition, recordings in colour.
    """
    names = _chosen(runs, recordings)
    units = {name: _unit(name, runs) for name in names}
    lines = _windowed(runs, names, t_from_ms, t_to_ms, relative_to_baseline_at_ms)
    panels = _panels(units, together)
    by_condition = len(runs) > 1 or not together
    looks = _looks(list(runs), panels, by_condition)
    figure, axes = _figure(len(panels))
    for ax, panel in zip(axes, panels, strict=True):
        _draw_lines(ax, panel, runs, lines, looks)
        labels = {name: f"{name}: {_first(runs, name).label}" for name in panel}
        _name(ax, labels, units[panel[0]], relative_to_baseline_at_ms)
        if len(panel) > 1:
            _recording_key(ax, labels, looks, next(iter(runs)), by_condition)
    axes[-1].set_xlim(t_from_ms, t_to_ms)
    figure.align_ylabels(axes)
    drawn = {condition for condition, _ in lines}
    colours = {name: looks[name, names[0]]["color"] for name in runs if name in drawn}
    _condition_key(figure, colours, by_condition)
    return figure


def _panels(units: Mapping[str, str], together: bool) -> list[list[str]]:
    """Recordings panel by panel: each its own, or all of a unit in one."""
    if not together:
        return [[name] for name in units]
    kinds = dict.fromkeys(units.values())
    return [[name for name, unit in units.items() if unit == kind] for kind in kinds]


def _draw_lines(
    ax: Axes, panel: Sequence[str], runs: Iterable[str], lines: Lines, looks: dict
) -> None:
    for name in panel:
        for condition in runs:
            if (condition, name) in lines:
                look = looks[condition, name] | {"label": condition, "linewidth": 1.2}
                ax.plot(*lines[condition, name], **look)


def _figure(n_panels: int) -> tuple[Figure, np.ndarray]:
    height_in = 0.9 + _ROW_IN * max(n_panels, 1.5)
    figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=DPI, layout="constrained")
    axes = figure.subplots(n_panels, 1, sharex=True, squeeze=False)[:, 0]
    axes[-1].set_xlabel("Simulation time (ms)", fontsize=FONT_PT, color=INK)
    return figure, axes


def _first(runs: Runs, name: str) -> Trace:
    """A recording of the first condition that has it."""
    return next(run[name] for run in runs.values() if name in run)


def _chosen(runs: Runs, recordings: Sequence[str] | None) -> list[str]:
    known = list(dict.fromkeys(name for run in runs.values() for name in run))
    if recordings is None:
        recordings = known
    recordings = [recordings] if isinstance(recordings, str) else list(dict.fromkeys(recordings))
    for name in recordings:
        if name not in known:
            raise ModelError(
                f"recording {quoted(name)} is in no condition.{did_you_mean(name, known)}"
            )
    if not recordings:
        raise ModelError(
            "no trace to draw; give at least one condition with at least one recording."
        )
    return recordings


def _unit(name: str, runs: Runs) -> str:
    units = {
        f"{quoted(condition)}": run[name].unit for condition, run in runs.items() if name in run
    }
    return one_unit(f"recording {quoted(name)}", units)


def _windowed(
    runs: Runs,
    rows: list[str],
    t_from_ms: float | None,
    t_to_ms: float | None,
    baseline_at_ms: float | None,
) -> Lines:
    """Times and values to draw, by condition and recording, of those in the window."""
    first = -np.inf if t_from_ms is None else t_from_ms
    last = np.inf if t_to_ms is None else t_to_ms
    lines = {}
    for condition, run in runs.items():
        for name in [name for name in rows if name in run]:
            time_ms = np.asarray(run[name].time_ms, float)
            values = np.asarray(run[name].values, float)
            if baseline_at_ms is not None:
                what = f"{quoted(name)} of {quoted(condition)}"
                values = values - _baseline(time_ms, values, baseline_at_ms, what)
            inside = (time_ms >= first) & (time_ms <= last)
            if inside.any():
                lines[condition, name] = time_ms[inside], values[inside]
    if not lines:
        raise ModelError(
            f"no trace has samples from {first:g} to {last:g} ms; change t_from_ms or t_to_ms."
        )
    return lines


def _baseline(time_ms: np.ndarray, values: np.ndarray, at_ms: float, what: str) -> float:
    before = (time_ms >= at_ms - BASELINE_MS) & (time_ms <= at_ms)
    if not before.any():
        span = f"runs from {time_ms[0]:g} to {time_ms[-1]:g} ms" if len(time_ms) else "is empty"
        raise ModelError(
            f"recording {what} has no sample in the {BASELINE_MS:g} ms before the baseline at"
            f" {at_ms:g} ms: it {span}; choose relative_to_baseline_at_ms within the recording."
        )
    return float(values[before].mean())


def _looks(
    conditions: list[str], panels: list[list[str]], by_condition: bool
) -> dict[tuple[str, str], dict[str, Any]]:
    """Colour and dashes of each line, by condition and recording."""
    looks: dict[tuple[str, str], dict[str, Any]] = {}
    for names in panels:
        colours = _colours(len(conditions) if by_condition else len(names))
        for row, name in enumerate(names):
            for column, condition in enumerate(conditions):
                colour = colours[column if by_condition else row]
                dashes = _dashes(row) if by_condition else "-"
                looks[condition, name] = {"color": colour, "linestyle": dashes}
    return looks


def _colours(count: int) -> list:
    """Colours that differ; a series of more than the palette holds runs through one colour map."""
    if count <= len(OKABE_ITO):
        return list(OKABE_ITO[:count])
    return list(colormaps["viridis"](np.linspace(0, 0.93, count)))


def _dashes(number: int) -> str | tuple:
    if number == 0:
        return "-"
    return (0, (5, 1.5, *(1, 1.5) * (number - 1)))


def _name(ax: Axes, labels: Mapping[str, str], unit: str, baseline_at_ms: float | None) -> None:
    tidy(ax)
    ax.margins(x=0.01)
    number_ticks(ax.yaxis)
    what = [unit_text(unit) or "no unit"] + ["from baseline"] * (baseline_at_ms is not None)
    ax.set_ylabel("\n".join(what), fontsize=FONT_PT, color=INK)
    if len(labels) == 1:
        # Above the panel, not at its side: there the label of a long section name would run into
        # its neighbours.
        ax.set_title(next(iter(labels.values())), loc="left", fontsize=FONT_PT, color=INK)


def _recording_key(
    ax: Axes, labels: Mapping[str, str], looks: dict, condition: str, by_condition: bool
) -> None:
    handles = []
    for name, label in labels.items():
        look = looks[condition, name] | ({"color": INK} if by_condition else {})
        handles.append(Line2D([], [], linewidth=1.2, label=label, **look))
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0}
    columns = _columns(labels.values())
    legend(ax, handles=handles, ncols=columns, labelcolor=INK, handlelength=3, **place)


def _condition_key(figure: Figure, colours: Mapping[str, Any], by_condition: bool) -> None:
    if not by_condition:
        figure.suptitle(next(iter(colours)), fontsize=FONT_PT, color=INK)
        return
    looks = {name: {"color": colour, "linewidth": 2} for name, colour in colours.items()}
    place = {"loc": "outside upper center", "ncols": _columns(colours)}
    key(figure, looks, labelcolor=INK, handlelength=1.4, **place)


def _columns(labels: Iterable[str]) -> int:
    """Entries of a legend that fit side by side."""
    lengths = [len(label) for label in labels]
    return max(1, min(len(lengths), _LEGEND_CHARACTERS // (max(lengths) + 6)))
