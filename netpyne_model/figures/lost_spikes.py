"""Figure of groups beside control at rising DC: rates, potentials, and where spikes are lost."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from ..analysis import mean_and_band
from .factor_levels import measure_name
from .panels import curve, headline, key, legend, reference, wrapped
from .persistent_signs import COLOURS
from .style import INK, MUTED, OKABE_ITO, SMALL_PT, Look, label, new_figure

CONTROL = "control"
RATE, V_OUT, V_IN = "mean_rate_in_field_hz", "mean_v_out_of_field_mV", "mean_v_in_field_mV"
EXCURSIONS, FAILED = "excursion_rate_in_field_hz", "failed_excursion_rate_in_field_hz"
MEASURES_DRAWN = (RATE, V_OUT, V_IN, EXCURSIONS, FAILED)
_FEWEST_LEVELS = 4  # of a curve; groups with fewer are single points
_FEWEST_TRIALS = 3  # of a band; that of two is wider than the panel
_MARKERS = ("D", "s", "^", "v", "P", "X", "*")


def lost_spikes(table: DataFrame, *, at_nA: float | None = None) -> Figure:
    """Draw what each group of trials loses beside control, at rising DC: four panels.

    Rate in the field against the mean potential out of it; the mean potential in the field, control
    less each group; how often the potential gets to where spikes begin; and at the DC `at_nA`, where
    the spikes that a group lacks are lost: before that, or there.

    Parameters
    ----------
    table : DataFrame
        One row a trial: ``group`` (one of them ``control``), ``dc_nA``, ``seed`` and the measures of
        `MEASURES_DRAWN`.
    at_nA : float, optional
        Without it the lowest of the DCs at which most groups have trials.
    """
    if at_nA is None:
        at_nA = float(table.groupby("dc_nA")["group"].nunique().idxmax())
    figure, axes = new_figure(2, 2, width_in=11.0, row_in=3.6)
    n_levels = table.groupby("group", sort=False)["dc_nA"].nunique()
    curves = [str(name) for name, n in n_levels.items() if n >= _FEWEST_LEVELS]
    points = [str(name) for name, n in n_levels.items() if n < _FEWEST_LEVELS]
    looks = _looks(curves, points)
    _against_potential(axes[0, 0], table, RATE, looks)
    _against_potential(axes[1, 0], table, EXCURSIONS, looks)
    _differences(axes[0, 1], table, {name: looks[name] for name in curves})
    _lost(axes[1, 1], table, at_nA)
    looks |= {name: look | {"linewidth": 0} for name, look in looks.items() if name in points}
    key(figure, looks)
    n = table["seed"].nunique()
    what = "Firing, potentials and lost spikes beside control"
    headline(figure, f"{what}: {f'means of {n} seeds' if n > 1 else 'one seed'}")
    return figure


def _looks(curves: Sequence[str], points: Sequence[str]) -> dict[str, Look]:
    """Colours and markers: drugs have their own everywhere, other groups take the rest in turn."""
    spare = cycle([colour for colour in OKABE_ITO if colour not in COLOURS.values()])
    looks: dict[str, Look] = {}
    for name in curves:
        looks[name] = {"color": COLOURS.get(name) or next(spare), "marker": "o"}
    for number, name in enumerate(points):
        marker = _MARKERS[number % len(_MARKERS)]
        looks[name] = {"color": next(spare), "marker": marker, "markersize": 6, "linestyle": ""}
    return looks


def _means(table: DataFrame, group: str, name: str) -> DataFrame:
    """Mean, lower and upper limit of a measure at each DC of a group."""
    rows = table[table["group"] == group].groupby("dc_nA")[name]
    bands = {dc_nA: _mean_and_band(values.to_numpy(float)) for dc_nA, values in rows}
    return DataFrame(bands, index=["mean", "lower", "upper"], dtype=float).T


def _mean_and_band(values: np.ndarray) -> tuple[float, float, float]:
    mean, lower, upper = map(float, mean_and_band(values))
    several = np.isfinite(values).sum() >= _FEWEST_TRIALS
    return (mean, lower, upper) if several else (mean, np.nan, np.nan)


def _against_potential(ax: Axes, table: DataFrame, name: str, looks: Mapping[str, Look]) -> None:
    for group, look in looks.items():
        x, y = _means(table, group, V_OUT)["mean"], _means(table, group, name)
        curve(ax, x, y["mean"], **look)
        ax.vlines(x, y["lower"], y["upper"], color=look["color"], linewidth=1.0)
    label(ax, measure_name(V_OUT).replace("\n", " "), measure_name(name))


def _differences(ax: Axes, table: DataFrame, looks: Mapping[str, Look]) -> None:
    """Control less each group, trials of the same DC and seed."""
    reference(ax, 0)
    of_group = table.set_index(["group", "dc_nA", "seed"])[V_IN].sort_index()
    for group, look in looks.items():
        if group == CONTROL:
            continue
        pairs = (of_group[CONTROL] - of_group[group]).dropna()
        if not len(pairs):
            continue
        bands = pairs.groupby("dc_nA").apply(lambda one: _mean_and_band(one.to_numpy()))
        mean, lower, upper = np.array(bands.to_list(), float).T
        curve(ax, bands.index, mean, **look)
        ax.vlines(bands.index, lower, upper, color=look["color"], linewidth=1.0)
    title = "Control \N{MINUS SIGN} group, same seed, spikes cut out"
    label(ax, "DC (nA)", measure_name(V_IN), title)


def _lost(ax: Axes, table: DataFrame, at_nA: float) -> None:
    """Spikes that each group lacks: excursions that are missing, and those that fail more often."""
    here = table[np.isclose(table["dc_nA"], at_nA)]
    of_group = here.set_index(["group", "seed"])[[EXCURSIONS, FAILED]]
    groups = [name for name in here["group"].unique() if name != CONTROL]
    for place, group in enumerate(groups):
        pairs = of_group.loc[CONTROL] - of_group.loc[group]
        missing, failing = pairs[EXCURSIONS].mean(), -pairs[FAILED].mean()
        first = place == 0
        for bottom, height, colour, words in (
            (0.0, missing, MUTED, "threshold of control not reached"),
            (max(missing, 0.0), failing, INK, "reached without a spike"),
        ):
            ax.bar(place, height, 0.6, bottom, color=colour, label=words if first else None)
    reference(ax, 0)
    names = [wrapped(name.replace(" and back in ", " back in: "), 10, 4) for name in groups]
    ax.set_xticks(range(len(groups)), names, fontsize=SMALL_PT - 1)
    ax.set_ylim(top=1.2 * ax.get_ylim()[1])  # room for the legend
    label(ax, "", "Spikes lost in the field (Hz)", f"Where the spikes are lost, DC {at_nA:+g} nA")
    if groups:
        legend(ax, loc="upper left", ncols=2)
