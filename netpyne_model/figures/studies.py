"""The figures of a study of place-field trials: which apply, and the comparison of its conditions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame

from ..analysis import mean_and_band
from .dose_response import POTENTIALS, RESPONSES, dose_response
from .levels import Levels, add_legend, headline, levels_of, measure_name, wrapped
from .precession import precession
from .single_trials import rasters, single_trials
from .style import MUTED, OKABE_ITO, SMALL_PT, label, new_figure
from .track_profiles import DENSITIES, track_profiles, voltage_distribution

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import Dataset

MEASURES = (
    "peak_rate_hz",
    "mean_rate_in_field_hz",
    "mean_rate_out_of_field_hz",
    "spatial_information_bits",
    "mean_v_out_of_field_mV",
    "ramp_amplitude_mV",
    "theta_amplitude_in_field_mV",
    "precession_deg_per_field",
)
_COLUMNS = 4


def study_figures(
    table: DataFrame,
    profiles: "Dataset | None" = None,
    spikes: DataFrame | None = None,
    traces: Sequence[tuple[str, np.ndarray, np.ndarray]] = (),
    *,
    traced: Sequence[int] | None = None,
    by: str = "condition",
    panels: str | None = None,
    fits: DataFrame | None = None,
) -> dict[str, Figure]:
    """Draw every figure that a study has the data for.

    Parameters
    ----------
    table : DataFrame
        One row a trial: swept fields, ``seed`` and measures.
    profiles : Dataset, optional
        As in `track_profiles` and `voltage_distribution`; its trials are the rows of `table`.
    spikes : DataFrame, optional
        One row a spike: ``trial`` (row number of `table`), ``position``, ``theta_phase_deg``.
    traces : sequence of (str, ndarray, ndarray)
        Label, positions and somatic potential in mV of the trials to show.
    traced : sequence of int, optional
        Row numbers of these trials in `table`, as in `single_trials`.
    by : str
        Swept field that tells the trials apart: numbers give a dose response, categories a comparison of conditions.
    panels : str, optional
        Swept field that splits the panels, such as ``drugs``.
    fits : DataFrame, optional
        Circular-linear fits, as in `precession`.

    Returns
    -------
    dict of str to matplotlib Figure
        By the name of the function that drew it; ``dose_response`` or ``conditions`` comes first.
    """
    fields = {"by": by, "panels": panels}
    figures = {}
    if _moves_potential(table, by):
        figures["dose_response"] = dose_response(table, **fields)
    else:
        figures["conditions"] = conditions(table, **fields)
    if profiles is not None and {"rate_hz", "ramp_mV"} <= set(profiles):
        figures["track_profiles"] = track_profiles(profiles, **fields)
    if spikes is not None:
        figures["rasters"] = rasters(spikes, table, **fields, profiles=profiles)
    if profiles is not None and any(
        name in profiles and profiles[name].notnull().any() for name in DENSITIES
    ):
        figures["voltage_distribution"] = voltage_distribution(profiles, **fields)
    if spikes is not None and spikes["theta_phase_deg"].notna().any():
        figures["precession"] = precession(spikes, table, **fields, fits=fits, profiles=profiles)
    if len(traces):
        figures["single_trials"] = single_trials(traces, trials=traced, profiles=profiles)
    return figures


def _moves_potential(table: DataFrame, by: str) -> bool:
    """Whether responses can be drawn against the potential: several numbers swept, and both defined somewhere."""
    levels = levels_of(table, by)
    if not levels.numeric or len(levels) < 2 or not {*RESPONSES, *POTENTIALS, "seed"} <= set(table):
        return False
    return all(table[list(columns)].notna().any(axis=None) for columns in (RESPONSES, POTENTIALS))


def conditions(
    table: DataFrame,
    *,
    measures: Sequence[str] | None = None,
    by: str = "condition",
    panels: str | None = None,
) -> Figure:
    """Compare conditions: a panel a measure, a row a condition, a dot a trial, with mean and 95 % band.

    A dotted line stands at the mean of the first condition.

    Parameters
    ----------
    table : DataFrame
        One row a trial: `by`, `panels` and the measures, NaN where undefined.
    measures : sequence of str, optional
        Columns to draw; those of `MEASURES` that the table has if not given.
    by : str
        Field with a row a level.
    panels : str, optional
        Field whose levels stand beside each other within a row, in colours.

    Returns
    -------
    matplotlib Figure
    """
    by, panels = levels_of(table, by), levels_of(table, panels)
    measures = [name for name in MEASURES if name in table] if measures is None else list(measures)
    columns = max(min(len(measures), _COLUMNS), 1)
    rows = max(-(-len(measures) // columns), 1)
    names = [wrapped(text, 28, 2) for text in by.texts]
    row_in = (
        max(0.13 * max(len(panels) + 1, 2 + any("\n" in name for name in names)) * len(by), 0.8)
        + 0.9
    )
    figure, axes = new_figure(rows, columns, width_in=1.5 + max(2.2 * columns, 4), row_in=row_in)
    for number, ax in enumerate(axes.flat):
        if number >= len(measures):
            ax.remove()
            continue
        _compare(ax, table[measures[number]].to_numpy(float), by, panels)
        ax.set_yticks(range(len(by)), names if number % columns == 0 else [""] * len(by))
        label(ax, measure_name(measures[number]), "")
    if by.values != by.titles and len(measures):
        for ax in axes[:, 0]:
            ax.set_ylabel(measure_name(by.field), fontsize=SMALL_PT)
    several = np.bincount(by.codes * len(panels) + panels.codes).max(initial=0) > 1
    headline(
        figure,
        "Conditions compared: trials, means and 95 % bands"
        if several
        else "Conditions compared, one trial each",
    )
    if len(panels) > 1:
        add_legend(
            figure,
            panels.titles,
            [{"color": colour, "marker": "o", "linestyle": ""} for colour in panels.colours],
        )
    return figure


def _compare(ax: Axes, values: np.ndarray, by: Levels, panels: Levels) -> None:
    """One measure: conditions from the top, the levels of `panels` below each other within a row."""
    step = 0.8 / len(panels)
    for panel in range(len(panels)):
        colour = panels.colours[panel] if len(panels) > 1 else OKABE_ITO[0]
        for level in range(len(by)):
            trials = values[(by.codes == level) & (panels.codes == panel)]
            y = level + (panel - (len(panels) - 1) / 2) * step
            # Spread evenly in the order of the trials: random places would differ from one drawing to the next.
            spread = (
                np.linspace(-0.3, 0.3, len(trials)) * step
                if len(trials) > 1
                else np.zeros(len(trials))
            )
            ax.scatter(trials, y + spread, s=9, color=colour, alpha=0.35, linewidths=0, zorder=2)
            mean, lower, upper = mean_and_band(trials)
            ax.plot([lower, upper], [y, y], color=colour, linewidth=2.0, zorder=3)
            ax.plot(
                mean,
                y,
                "o",
                color=colour,
                markersize=5.5,
                markeredgecolor="white",
                markeredgewidth=0.6,
                zorder=4,
            )
            if level == panel == 0:
                ax.axvline(mean, color=MUTED, linewidth=0.9, linestyle=":", zorder=1)
    ax.set_ylim(len(by) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    if not np.isfinite(values).any():
        ax.set_xticks([])
        ax.text(
            0.5,
            0.5,
            "undefined",
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=SMALL_PT,
            color=MUTED,
        )
