"""Gating of the full model's channels: steady states and time constants, read in the cell."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..figures.gating import gating
from ..protocols import Protocol, VoltageClamp
from ..results import Result
from ..sweeps import Comparison
from .condition import Condition
from .experiment import Experiment, reference_table
from .outcome import Row


class _Channel(NamedTuple):
    """Its name in the rules, a place that has it, its gates, and its published table."""

    channel: str
    place: str
    gates: str
    table: str


CHANNELS = {
    "nas_soma": _Channel("nas", "soma_0(0.5)", "mhs", "nas_ar1_sha0_sh1.7.csv"),
    "nas_dend": _Channel("nas", "trunk_50(0.5)", "mhs", "nas_ar0.8_sha5_sh1.7.csv"),
    "nax": _Channel("nax", "axon_4(0.5)", "mh", "nax_sha0_sh1.7.csv"),
    "nax_ais": _Channel("nax", "ais_3(0.5)", "mh", "nax_sha-3.6_sh1.7.csv"),
    "kdr": _Channel("kdr", "soma_0(0.5)", "n", "kdr.csv"),
    "kap": _Channel("kap", "soma_0(0.5)", "nl", "kap.csv"),
    "kad": _Channel("kad", "trunk_50(0.5)", "nl", "kad.csv"),
    "km2": _Channel("km2", "soma_0(0.5)", "m", "km2.csv"),
    "h_prox": _Channel("h", "soma_0(0.5)", "l", "h_vhalfl-73.csv"),
    "h_dist": _Channel("h", "trunk_50(0.5)", "l", "h_vhalfl-81.csv"),
}
LOWEST_MV, HIGHEST_MV = -120, 60
# A staircase, not a ramp: at the end of a step the rates are those of its potential.
DWELL_MS, DT_MS = 0.5, 0.1
SERIES_MOHM = 1e-6  # the rest of the cell fires; the clamped segment stays within 1e-4 mV
FALLING = "m_tau_falling"
"""The time constant of km2 while m is above its steady state, seen on the way down."""
_PUBLISHED = "published_"
_CURVE_NAMES = {
    "v": "v_mV",
    "inf": "m_inf",
    "tau_when_m_lt_inf": "m_tau",
    "tau_when_m_ge_inf": FALLING,
}
# The clamp is off by less than 1e-4 mV, over which no curve changes by more than 1e-5 of itself.
RELATIVE = 1e-4


def conditions(reference: Path | None) -> list[Condition]:
    """One a channel, and km2 on the way down; published curves, if any, are beside the labels."""
    rising = [condition(channel, reference) for channel in CHANNELS]
    return [*rising, condition("km2", reference, direction="falling")]


def condition(channel: str, reference: Path | None, *, direction: str = "rising") -> Condition:
    """The staircase of one channel, ``rising`` or ``falling``, with the published curves."""
    mechanism, place, gates, _ = CHANNELS[channel]
    names = [f"{gate}_{kind}" for gate in gates for kind in ("inf", "tau")]
    levels = [(number * DWELL_MS, level) for number, level in enumerate(_levels(direction))]
    protocol = Protocol(
        duration_ms=len(levels) * DWELL_MS,
        stimuli=VoltageClamp(levels=levels, place=place, series_resistance_MOhm=SERIES_MOHM),
        record={"v": place} | {name: f"{mechanism}.{name} {place}" for name in names},
        v_init_mV=levels[0][1],
        dt_ms=DT_MS,
        record_step_ms=DT_MS,
    )
    labels: dict[str, Any] = {"channel": channel, "direction": direction, "place": place}
    if reference is not None:
        labels |= published_curves(channel, reference)
    return Condition(labels, Cell(), protocol, measure)


def _levels(direction: str) -> list[float]:
    # One level more at the start, where gates are in their steady state.
    if direction == "rising":
        return [float(level) for level in range(LOWEST_MV - 1, HIGHEST_MV + 1)]
    return [float(level) for level in range(HIGHEST_MV + 1, LOWEST_MV - 1, -1)]


def published_curves(channel: str, reference: Path) -> dict[str, list[float]]:
    """Published curves of a channel, ``published_m_inf`` and so on, and their voltages."""
    table = reference_table(reference, "channels", CHANNELS[channel].table)
    curves = {}
    for column in table.columns:
        kind = "inf" if "inf" in column else "tau"
        name = _CURVE_NAMES.get(column, f"{column.replace(kind, '')}_{kind}")
        curves[f"{_PUBLISHED}{name}"] = table[column].tolist()
    return curves


def measure(result: Result) -> Row:
    """The curves as lists over the levels; on the way down the time constant of m alone."""
    per_level = round(DWELL_MS / DT_MS)
    # The last sample of every level from the second on; the run's last begins another level.
    ends = slice(2 * per_level - 1, -1, per_level)
    v_mV = result.voltage_mV["v"][ends]
    curves = {
        name: recording.values[ends].tolist()
        for name, recording in result.recordings.items()
        if name.endswith(("_inf", "_tau"))
    }
    if v_mV[-1] < v_mV[0]:
        curves = {FALLING: curves["m_tau"]}
    return {"v_mV": v_mV.tolist(), **curves}


def derive(table: pd.DataFrame) -> pd.DataFrame:
    """One row a point of a curve (tau in ms), with ``published`` at the same potential."""
    columns = ["channel", "place", "curve", "v_mV", "here", "published"]
    rows = [
        _points(channel, name)[columns]
        for channel in table.to_dict("records")
        for name, values in channel.items()
        if isinstance(values, list) and name != "v_mV" and not name.startswith(_PUBLISHED)
    ]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)


def _points(channel: dict[str, Any], curve: str) -> pd.DataFrame:
    """The points of one curve of a channel's row."""
    points = pd.DataFrame({"v_mV": channel["v_mV"], "here": channel[curve]})
    published = channel.get(_PUBLISHED + curve)
    points["published"] = np.nan
    if isinstance(published, list):
        at_mV = channel[f"{_PUBLISHED}v_mV"]
        points["published"] = np.interp(points["v_mV"], at_mV, published)
    return points.assign(channel=channel["channel"], place=channel["place"], curve=curve)


def compare(table: pd.DataFrame, reference: Path) -> list[Comparison]:
    """The largest relative difference of each curve from the published one; 0 is agreement."""
    comparisons = []
    for channel in CHANNELS:
        for name in published_curves(channel, reference):
            curve = name.removeprefix(_PUBLISHED)
            if curve == "v_mV":
                continue
            points = table[(table["channel"] == channel) & (table["curve"] == curve)]
            theirs, ours = points["published"], points["here"]
            comparisons.append(
                Comparison.largest_difference(f"{channel} {curve}", theirs, ours, RELATIVE)
            )
    return comparisons


EXPERIMENT = Experiment(
    name="gating",
    title="Gating of the full model's channels: steady states and time constants",
    source="Methods; the channel files of the published model",
    conditions=conditions,
    figure=lambda table, _: gating(table),
    compare=compare,
    derive=derive,
)
