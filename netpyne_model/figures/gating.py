"""Gating of the channels: steady states above, time constants below, a column a channel."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from pandas import DataFrame

from .panels import key
from .style import OKABE_ITO, Look, label, new_figure, number_ticks

PUBLISHED: Look = {"color": "#C9C9C9", "linewidth": 5}
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
        ``channel, place, curve, v_mV, here, published``; curves ``m_inf``, ``m_tau`` (ms),
        ``m_tau_falling`` and so on.
    """
    channels = list(table["channel"].unique())
    blocks = max(1, -(-len(channels) // _COLUMNS))
    figure, axes = new_figure(2 * blocks, _COLUMNS, width_in=13.0, row_in=2.1)
    for ax in axes.flat:
        ax.set_visible(False)
    for number, channel in enumerate(channels):
        block, column = divmod(number, _COLUMNS)
        above, below = axes[2 * block : 2 * block + 2, column]
        points = table[table["channel"] == channel]
        steady = points["curve"].str.endswith("_inf")
        _panel(above, points[steady])
        _panel(below, points[~steady])
        title = f"{channel}, at {points['place'].iloc[0]}"
        label(above, "", "" if column else "Steady state", title)
        label(below, "Membrane potential (mV)", "" if column else "Time constant (ms)")
        above.set_ylim(-0.03, 1.03)
        _logarithmic(below)
    _key(figure, table)
    return figure


def _panel(ax: Axes, points: DataFrame) -> None:
    ax.set_visible(True)
    for gate, group in points.groupby("curve", sort=False):
        look: Look = {"color": GATE_COLOURS[gate[0]], "linewidth": 1.3, "zorder": 2}
        look["linestyle"] = "--" if gate.endswith("falling") else "-"
        ax.plot(group["v_mV"], group["published"], solid_capstyle="butt", zorder=1, **PUBLISHED)
        ax.plot(group["v_mV"], group["here"], **look)
    ax.set_xticks(range(-120, 61, 60))


def _logarithmic(ax: Axes) -> None:
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    # Less than a decade and a half needs more ticks than the powers of ten.
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high / low > 30 else (1.0, 2.0, 5.0)))
    ax.yaxis.set_minor_formatter(NullFormatter())
    number_ticks(ax.yaxis)


def _key(figure: Figure, table: DataFrame) -> None:
    there = {GATE_COLOURS[curve[0]] for curve in table["curve"]}
    looks = {
        name: {"color": GATE_COLOURS[gate], "linewidth": 1.3}
        for name, gate in GATE_NAMES.items()
        if GATE_COLOURS[gate] in there
    }
    if table["curve"].str.endswith("falling").any():
        falling = {"color": OKABE_ITO[0], "linestyle": "--", "linewidth": 1.3}
        looks["while m falls (km2)"] = falling
    if table["published"].notna().any():
        looks["published model"] = PUBLISHED
    key(figure, looks, ncols=len(looks))


def one_channel(table: DataFrame) -> Figure:
    """Draw one channel's steady states and, beside them, its time constants.

    Parameters
    ----------
    table : DataFrame
        ``curve, v_mV, here, published``, as those of `gating`.
    """
    figure, axes = new_figure(1, 2, width_in=6.0, row_in=2.2)
    left, right = axes.flat
    steady = table["curve"].str.endswith("_inf")
    _panel(left, table[steady])
    _panel(right, table[~steady])
    label(left, "Membrane potential (mV)", "Steady state")
    label(right, "Membrane potential (mV)", "Time constant (ms)")
    left.set_ylim(-0.03, 1.03)
    _logarithmic(right)
    _key(figure, table)
    return figure
