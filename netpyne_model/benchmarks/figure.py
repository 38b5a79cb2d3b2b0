"""How the cost grows, in one picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figures.style import DPI, FONT_PT, INK, MUTED, OKABE_ITO, SMALL_PT, TITLE_PT, tidy

PANELS = {
    "synapse": ("Driven synapses", "Synapses that release"),
    "segment": ("Discretisation of the cell without spines", "Segments"),
    "spine section": ("Silent spines as sections", "Sections (two a spine, and those of the cell)"),
}
"""By the item of the series: title and horizontal axis."""


def growth_figure(growth: Mapping[str, Any]) -> Figure:
    """Draw the measured points and fitted lines of every series, and trials per minute by processes.

    Parameters
    ----------
    growth : mapping
        What `growth.run_growth` returns.

    Returns
    -------
    matplotlib Figure
    """
    figure = Figure(figsize=(10, 7.5), dpi=DPI, layout="constrained")
    *panels, processes = figure.subplots(2, 2).ravel()
    for ax, (item, (title, axis)) in zip(panels, PANELS.items(), strict=True):
        _draw_lines(
            ax, {name: line for name, line in growth["series"].items() if line["item"] == item}
        )
        ax.set_title(title, fontsize=FONT_PT, color=INK, loc="left")
        ax.set_xlabel(axis, fontsize=FONT_PT)
    _draw_processes(processes, growth["processes"])
    for ax in (*panels, processes):
        tidy(ax)
        ax.set_xlim(left=0)
        ax.set_ylim(bottom=0)
    figure.suptitle(
        "What a time step costs, and trials at once",
        fontsize=TITLE_PT,
        color=INK,
        x=0.01,
        ha="left",
    )
    return figure


def _draw_lines(ax: Axes, series: Mapping[str, Mapping[str, Any]]) -> None:
    for number, (name, line) in enumerate(series.items()):
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        ends = np.array([0, max(line["counts"])])
        fitted = line["ns_per_step_fixed"] + line["ns_per_step_per_item"] * ends
        label = f"{name}: {line['ns_per_step_per_item']:.3g} ns each"
        ax.plot(ends, fitted / 1e3, color=colour, linewidth=1.2, label=label)
        ax.plot(
            line["counts"], np.array(line["ns_per_step"]) / 1e3, "o", color=colour, markersize=4
        )
    ax.set_ylabel("Processor time of a step (µs)", fontsize=FONT_PT)
    if len(series) > 1:
        ax.set_ylim(top=1.5 * ax.get_ylim()[1])  # room for the legend
    ax.legend(fontsize=SMALL_PT, frameon=False, loc="upper left")


def _draw_processes(ax: Axes, processes: Mapping[str, Any]) -> None:
    numbers = np.array([int(number) for number in processes["trials_per_minute"]])
    per_minute = np.array(list(processes["trials_per_minute"].values()))
    ax.plot(
        [0, *numbers],
        [0, *(per_minute[0] * numbers)],
        color=MUTED,
        linewidth=1,
        label="as many times those of one",
    )
    ax.plot(
        numbers, per_minute, "o-", color=OKABE_ITO[0], markersize=5, linewidth=1.2, label="measured"
    )
    for number, rate in zip(numbers[1:], per_minute[1:], strict=True):
        times = rate / per_minute[0]
        said = {"textcoords": "offset points", "ha": "right", "va": "bottom", "fontsize": SMALL_PT}
        ax.annotate(f"{times:.2f} times", (number, rate), (-8, -2), **said)
    ax.set_xticks(numbers)
    ax.set_xlabel("Processes at once", fontsize=FONT_PT)
    ax.set_ylabel("Trials per minute (1.95 s simulated)", fontsize=FONT_PT)
    ax.set_title("Trials at once", fontsize=FONT_PT, color=INK, loc="left")
    ax.legend(fontsize=SMALL_PT, frameon=False, loc="upper left")
