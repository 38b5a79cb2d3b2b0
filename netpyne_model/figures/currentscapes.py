"""The currentscape of a place: its potential, and what feeds it, stacked and as shares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch

from .cell import REGION_PALETTE
from .panels import headline
from .style import DPI, FIELD, FONT_PT, INK, MUTED, OKABE_ITO, SMALL_PT, tidy

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import DataArray, Dataset

# A hue of Okabe & Ito's a family, tints within it: neighbours in the stack differ in lightness too.
CURRENT_COLOURS = {
    "AMPA": "#0072B2",
    "NMDA": "#56B4E9",
    "persistent nas": "#7F3800",
    "transient nas": "#F5A96B",
    "persistent nax": "#D55E00",
    "transient nax": "#FBD5B5",
    "nas": "#E8813A",  # of the user's own, in one
    "nax": "#C98A5E",
    "h": "#8A7A00",
    "injected": "#E69F00",
    "GABA_A": "#009E73",
    "kdr": "#CC79A7",
    "kap": "#8E4A70",
    "kad": "#E5BCD3",
    "km2": "#5B2A46",
    "leak": "#8C8C8C",
    "spine leak": "#BFBFBF",
    "capacitive": "#000000",
    "spine capacitive": "#4D4D4D",
}
"""Colour of each current of the published cell, in the order of the stack."""
OTHERS = "others"
MOST_SAMPLES = 2000
"""Samples that are drawn; of more, means over as many as come together."""

_SPARE = ("#66C2A5", "#B35806", "#7FBC41", "#C7A76C")  # of currents that the package does not have
_LEAST_SHARE = 0.005  # of a side, at its mean: currents below stand together as others
_HIGHEST = 0.95  # of the stack's samples lie within its panel: a spike is fifty times as high
_HEIGHTS = (1.1, 1.9, 1.9, 1.9)
_WIDTH_IN = 9.5
_PANELS = 0.84  # of the width; the keys have the rest


def currentscape(
    scape: "Dataset",
    *,
    title: str = "",
    spikes_ms: Sequence[float] = (),
    fields_ms: Sequence[tuple[float, float]] = (),
) -> Figure:
    """Draw a currentscape: potential, stacked currents, shares by current, shares by region.

    Inward currents stand above the line, outward ones below.

    Parameters
    ----------
    scape : Dataset
        Of `analysis.currentscape`.
    title : str
    spikes_ms : sequence of float
        Output spikes, marked above the potential.
    fields_ms : sequence of (float, float)
        Begin and end of place fields, shaded behind the potential.
    """
    scape = thinned(scape, MOST_SAMPLES)
    time_ms = scape["time_ms"].to_numpy()
    by_current = parts_by_current(scape["part_nA"].sum("region"))
    by_region = scape["part_nA"].sum("current")
    figure = Figure(
        figsize=(_WIDTH_IN, sum(_HEIGHTS) + 0.9),
        dpi=DPI,
        layout=ConstrainedLayoutEngine(rect=(0, 0, _PANELS, 1)),
    )
    axes = figure.subplots(4, 1, sharex=True, height_ratios=_HEIGHTS)
    _draw_potential(axes[0], scape, spikes_ms, fields_ms)
    colours = current_colours([str(one) for one in by_current["current"].values])
    _stack(axes[1], time_ms, by_current, colours)
    _limit(axes[1], by_current)
    _name(axes[1], "current (nA)", "inward above, outward below")
    _stack(axes[2], time_ms, _shares(by_current, "current"), colours)
    _name(axes[2], "share by current (%)", "of the inward sum, of the outward sum")
    present = _present(by_region)
    palette = {one: colour for one, colour in REGION_PALETTE.items() if one in present}
    regions = by_region.sel(region=list(palette))
    _stack(axes[3], time_ms, _shares(regions, "region"), palette)
    _name(axes[3], "share by region (%)", "where the membrane is that it flows through")
    for ax in axes[2:]:
        ax.set_ylim(-100, 100)
        ax.set_yticks([-100, -50, 0, 50, 100], ["100", "50", "0", "50", "100"])
    for ax, entries in ((axes[1], colours), (axes[3], palette)):
        handles = [Patch(color=colour, label=name) for name, colour in entries.items()]
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.03), "borderaxespad": 0.4}
        looks = {"fontsize": SMALL_PT, "frameon": False, "labelcolor": INK}
        ax.legend(handles=handles, **looks, **place).set_in_layout(False)
    axes[-1].set_xlabel("Time (ms)", fontsize=FONT_PT, color=INK)
    axes[-1].set_xlim(time_ms[0], time_ms[-1])
    figure.align_ylabels(axes)
    if title:
        headline(figure, title)
    return figure


def current_colours(names: Sequence[str]) -> dict[str, str]:
    """Colour of each current, in the order of the stack; those of other names take spare ones."""
    known = [one for one in CURRENT_COLOURS if one in names]
    others = [one for one in names if one not in CURRENT_COLOURS and one != OTHERS]
    spare = {one: _SPARE[number % len(_SPARE)] for number, one in enumerate(others)}
    colours = {one: CURRENT_COLOURS[one] for one in known} | spare
    return colours | ({OTHERS: "#E8E8E8"} if OTHERS in names else {})


def thinned(scape: "Dataset", most: int) -> "Dataset":
    """A currentscape of so many samples at most: means over as many as come together."""
    together = -(-scape.sizes["time_ms"] // most)
    if together <= 1:
        return scape
    return scape.coarsen(time_ms=together, boundary="pad").mean()


def _present(parts: "DataArray") -> list[str]:
    """Names whose share of a side reaches the least at their mean, on either side."""
    dimension = next(one for one in parts.dims if one not in ("side", "time_ms"))
    means = parts.mean("time_ms")
    shares = means / means.sum(dimension)
    kept = (shares >= _LEAST_SHARE).any("side")
    return [str(one) for one in parts[dimension].values[kept.values]]


def parts_by_current(parts: "DataArray") -> "DataArray":
    """The parts of the larger currents in the order of the stack, and of the others together.

    Parameters
    ----------
    parts : DataArray
        By side, current and time: ``part_nA`` of all regions.
    """
    from xarray import concat

    kept = list(current_colours(_present(parts)))
    rest = [one for one in parts["current"].values if str(one) not in kept]
    if not rest:
        return parts.sel(current=kept)
    others = parts.sel(current=rest).sum("current").expand_dims(current=[OTHERS])
    return concat([parts.sel(current=kept), others], dim="current")


def _shares(parts: "DataArray", dimension: str) -> "DataArray":
    total = parts.sum(dimension)
    return 100 * parts / total.where(total > 0, 1.0)


def _stack(ax: Axes, time_ms: np.ndarray, parts: "DataArray", colours: dict[str, str]) -> None:
    dimension = next(one for one in parts.dims if one not in ("side", "time_ms"))
    for side, sign in (("inward", 1), ("outward", -1)):
        edge = np.zeros(len(time_ms))
        for name, colour in colours.items():
            values = parts.sel({"side": side, dimension: name}).to_numpy()
            beyond = edge + sign * values
            ax.fill_between(time_ms, edge, beyond, color=colour, linewidth=0, rasterized=True)
            edge = beyond
    ax.axhline(0, color="white", linewidth=0.8)


def _limit(ax: Axes, parts: "DataArray") -> None:
    """Leave the highest peaks of spikes out of the panel, and say so."""
    total = parts.sum("current").max("side").to_numpy()
    highest = float(np.quantile(total, _HIGHEST))
    top = float(total.max())
    if top > 2 * highest > 0:
        ax.set_ylim(-1.15 * highest, 1.15 * highest)
        text = f"beyond the panel in spikes: up to {top:.3g} nA"
        ax.set_title(text, fontsize=SMALL_PT, color=MUTED, loc="right", pad=2)
    ticks = [tick for tick in ax.get_yticks() if abs(tick) <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [f"{abs(tick):g}" for tick in ticks])


def _draw_potential(
    ax: Axes, scape: "Dataset", spikes_ms: Sequence[float], fields_ms: Sequence[tuple[float, float]]
) -> None:
    time_ms, potential = scape["time_ms"].to_numpy(), scape["potential_mV"].to_numpy()
    for begin_ms, end_ms in fields_ms:
        ax.axvspan(begin_ms, end_ms, color=FIELD, linewidth=0, zorder=0)
    ax.plot(time_ms, potential, color=INK, linewidth=0.8)
    within = [one for one in spikes_ms if time_ms[0] <= one <= time_ms[-1]]
    top = float(potential.max()) + 0.12 * max(float(np.ptp(potential)), 1.0)
    ax.plot(within, np.full(len(within), top), "|", color=OKABE_ITO[1], markersize=6)
    _name(ax, "potential (mV)", "output spikes marked above" if within else "")


def _name(ax: Axes, label: str, note: str) -> None:
    tidy(ax)
    ax.set_ylabel(label, fontsize=FONT_PT, color=INK)
    ax.set_title(note, fontsize=SMALL_PT, color=INK, loc="left", pad=2)
