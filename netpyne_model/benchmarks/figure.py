"""How the cost grows, in one picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figures.style import INK, MUTED, OKABE_ITO, SMALL_PT, TITLE_PT, Look, label, new_figure

PANELS = {
    "synapse": ("Driven synapses", "Synapses that release"),
    "segment": ("Discretisation of the cell without spines", "Segments"),
    "spine section": ("Silent spines as sections", "Sections (two a spine, and those of the cell)"),
}
"""By the item of the series: title and horizontal axis."""


def growth_figure(growth: Mapping[str, Any]) -> Figure:
    """Points and fitted lines of every series, and trials per minute (see `growth.results`)."""
    figure, axes = new_figure(2, 2, width_in=10, row_in=3.75)
    *panels, processes = axes.ravel()
    for ax, (item, (title, axis)) in zip(panels, PANELS.items(), strict=True):
        lines = {name: line for name, line in growth["series"].items() if line["item"] == item}
        _draw_lines(ax, lines)
        label(ax, axis, "Processor time of a step (µs)", title)
    _draw_processes(processes, growth["processes"]["trials_per_minute"])
    label(processes, "Processes at once", "Trials per minute (1.95 s simulated)", "Trials at once")
    for ax in axes.flat:
        ax.set_xlim(left=0)
        ax.set_ylim(bottom=0)
        ax.legend(fontsize=SMALL_PT, frameon=False, loc="upper left")
    title = "What a time step costs, and trials at once"
    figure.suptitle(title, fontsize=TITLE_PT, color=INK, x=0.01, ha="left")
    return figure


def _draw_lines(ax: Axes, series: Mapping[str, Mapping[str, Any]]) -> None:
    for colour, (name, line) in zip(OKABE_ITO, series.items(), strict=False):
        slope, counts = line["ns_per_step_per_item"], np.array(line["counts"])
        ends = np.array([0, max(counts)])
        fitted_us = (line["ns_per_step_fixed"] + slope * ends) / 1e3
        ax.plot(ends, fitted_us, color=colour, linewidth=1.2, label=f"{name}: {slope:.3g} ns each")
        ax.plot(counts, np.array(line["ns_per_step"]) / 1e3, "o", color=colour, markersize=4)
    if len(series) > 1:
        ax.set_ylim(top=1.5 * ax.get_ylim()[1])  # room for the legend


def _draw_processes(ax: Axes, trials_per_minute: Mapping[str, float]) -> None:
    numbers = np.array([0, *map(int, trials_per_minute)])
    rates = np.array([0, *trials_per_minute.values()])
    as_many = "as many times those of one"
    ax.plot(numbers, rates[1] * numbers, color=MUTED, linewidth=1, label=as_many)
    ax.plot(numbers[1:], rates[1:], "o-", color=OKABE_ITO[0], markersize=5, label="measured")
    for number, rate in zip(numbers[2:], rates[2:], strict=True):
        text = f"{rate / rates[1]:.2f} times"
        look: Look = {"ha": "right", "va": "bottom", "fontsize": SMALL_PT}
        ax.annotate(text, (number, rate), (-8, -2), textcoords="offset points", **look)
    ax.set_xticks(numbers[1:])
