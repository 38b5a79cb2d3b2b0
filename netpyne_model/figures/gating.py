"""Gating of the channels: steady states above, time constants below, a column a channel."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter
from pandas import DataFrame

from .style import OKABE_ITO, SMALL_PT, label, new_figure, number_ticks

PUBLISHED_COLOUR = "#C9C9C9"
GATE_COLOURS = {
    "m": OKABE_ITO[0],
    "n": OKABE_ITO[0],
    "h": OKABE_ITO[1],
    "l": OKABE_ITO[1],
    "s": OKABE_ITO[2],
}
GATE_NAMES = {"activation (m, n)": "m", "inactivation (h, l)": "h", "slow inactivation (s)": "s"}
_COLUMNS = 5


def gating(table: DataFrame) -> Figure:
    """Draw every channel's steady states and time constants against the potential.

    Parameters
    ----------
    table : DataFrame
        ``channel, place, curve, v_mV, here, published``; curves ``m_inf``, ``m_tau`` (ms), ``m_tau_falling`` and so on.
    """
    channels = list(table["channel"].unique())
    blocks = max(1, -(-len(channels) // _COLUMNS))
    figure, axes = new_figure(2 * blocks, _COLUMNS, width_in=13.0, row_in=2.1)
    for ax in axes.flat:
        ax.set_visible(False)
    for number, channel in enumerate(channels):
        block, column = divmod(number, _COLUMNS)
        points = table[table["channel"] == channel]
        _panel(axes[2 * block, column], points[points["curve"].str.endswith("_inf")])
        _panel(axes[2 * block + 1, column], points[~points["curve"].str.endswith("_inf")])
        above, below = axes[2 * block, column], axes[2 * block + 1, column]
        first = column == 0
        label(
            above, "", "Steady state" if first else "", f"{channel}, at {points['place'].iloc[0]}"
        )
        label(below, "Membrane potential (mV)", "Time constant (ms)" if first else "")
        above.set_ylim(-0.03, 1.03)
        _logarithmic(below)
    _key(figure, table)
    return figure


def _panel(ax: Axes, points: DataFrame) -> None:
    ax.set_visible(True)
    for curve, group in points.groupby("curve", sort=False):
        colour, style = GATE_COLOURS[curve[0]], "--" if curve.endswith("falling") else "-"
        ax.plot(
            group["v_mV"],
            group["published"],
            color=PUBLISHED_COLOUR,
            linewidth=5,
            solid_capstyle="butt",
            zorder=1,
        )
        ax.plot(
            group["v_mV"], group["here"], color=colour, linewidth=1.3, linestyle=style, zorder=2
        )
    ax.set_xticks(range(-120, 61, 60))


def _logarithmic(ax: Axes) -> None:
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    # Less than a decade and a half needs more ticks than the powers of ten.
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high / low > 30 else (1.0, 2.0, 5.0)))
    ax.yaxis.set_minor_formatter(NullFormatter())
    number_ticks(ax.yaxis)


def _key(figure: Figure, table: DataFrame) -> None:
    entries = [
        Line2D([], [], color=GATE_COLOURS[gate], linewidth=1.3, label=name)
        for name, gate in GATE_NAMES.items()
    ]
    if table["curve"].str.endswith("falling").any():
        entries.append(
            Line2D(
                [],
                [],
                color=OKABE_ITO[0],
                linestyle="--",
                linewidth=1.3,
                label="while m falls (km2)",
            )
        )
    if table["published"].notna().any():
        entries.append(Line2D([], [], color=PUBLISHED_COLOUR, linewidth=5, label="published model"))
    figure.legend(
        handles=entries,
        loc="outside lower center",
        ncols=len(entries),
        fontsize=SMALL_PT,
        frameon=False,
    )
