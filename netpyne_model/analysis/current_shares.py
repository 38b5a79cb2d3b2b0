"""What a currentscape comes to: means by current and region, in the field and before spikes."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import ModelError
from ..results import Result
from .currentscapes import SIDES

if TYPE_CHECKING:  # xarray takes half a second to import
    from xarray import DataArray, Dataset

BEFORE_SPIKE_MS = (20.0, 1.0)
"""Span before a spike's crossing of the threshold: its own upstroke is out of it."""
SPIKE_MS = (1.0, 10.0)
"""Before and after a crossing: the time that is a spike's (`cut_spikes` takes 10 ms at most)."""


def away_from_spikes(time_ms: np.ndarray, spike_times_ms: np.ndarray) -> np.ndarray:
    """Which samples are of no spike: ndarray of bool; see `SPIKE_MS`."""
    away = np.ones(len(time_ms), bool)
    for spike_ms in np.asarray(spike_times_ms, float):
        away &= (time_ms < spike_ms - SPIKE_MS[0]) | (time_ms > spike_ms + SPIKE_MS[1])
    return away


def mean_parts(scape: "Dataset", samples: np.ndarray | None = None) -> pd.DataFrame:
    """Mean of each part over some samples, by current and region.

    Parameters
    ----------
    scape : Dataset
        Of `currentscape`.
    samples : ndarray of bool, optional
        Over which; all without it.

    Returns
    -------
    DataFrame
        A row a part that is not 0, by ``side, current, region``: ``mean_nA``, and ``share``, of all
        of its side.
    """
    parts = scape["part_nA"]
    if samples is not None:
        if not np.any(samples):
            raise ModelError(
                "no sample of the currents is among those asked for; take a longer span."
            )
        parts = parts.isel(time_ms=np.flatnonzero(samples))
    return with_shares(parts.mean("time_ms"))


def with_shares(mean_nA: "DataArray") -> pd.DataFrame:
    """Means by side, current and region as a table, with the share that each has of its side.

    Those that are 0 are left out.
    """
    table = mean_nA.to_series().rename("mean_nA").to_frame()
    table["share"] = table["mean_nA"] / table.groupby("side")["mean_nA"].transform("sum")
    return table[table["mean_nA"] > 0]


def what_changes(
    scape: "Dataset", inside: np.ndarray, counted: np.ndarray | None = None
) -> pd.DataFrame:
    """What each current contributes inside, outside, and the difference: what makes the ramp.

    Parameters
    ----------
    inside : ndarray of bool
        Samples in the place field.
    counted : ndarray of bool, optional
        Samples that count at all, such as `away_from_spikes`.

    Returns
    -------
    DataFrame
        By ``current, region``: ``inside_nA, outside_nA``, means, inward less outward, and
        ``change_nA`` between them, and ``share``, of all that is added. What is added inward is
        taken outward: the changes sum to nothing, and the shares above 0 to 1.
    """
    counted = np.ones(len(inside), bool) if counted is None else counted
    columns = {}
    for name, samples in (("inside_nA", inside & counted), ("outside_nA", ~inside & counted)):
        means = mean_parts(scape, samples)["mean_nA"].unstack("side", fill_value=0.0)
        means = means.reindex(columns=list(SIDES), fill_value=0.0)
        columns[name] = means["inward"] - means["outward"]
    table = pd.DataFrame(columns).fillna(0.0)
    table["change_nA"] = table["inside_nA"] - table["outside_nA"]
    table["share"] = table["change_nA"] / table["change_nA"].clip(lower=0).sum()
    return table.sort_values("change_nA", ascending=False)


def before_spikes(
    scape: "Dataset", spike_times_ms: np.ndarray, window_ms: tuple[float, float] = BEFORE_SPIKE_MS
) -> "DataArray":
    """Mean of each part before each spike.

    Spikes with another spike, or its end (`SPIKE_MS`), in their window are left out, and those whose
    window was not recorded.

    Parameters
    ----------
    window_ms : tuple of float
        From how long before the crossing of the threshold until how long before.

    Returns
    -------
    DataArray
        nA, by ``spike_ms, side, current, region``.
    """
    time_ms = scape["time_ms"].to_numpy()
    spikes = np.sort(np.asarray(spike_times_ms, float))
    begin, end = window_ms
    since_ms = np.diff(spikes, prepend=-np.inf)
    windows = {
        spike: (time_ms >= spike - begin) & (time_ms <= spike - end)
        for spike in spikes[since_ms > begin + SPIKE_MS[1]].tolist()
        if time_ms[0] <= spike - begin and spike - end <= time_ms[-1]
    }
    means = [
        scape["part_nA"].isel(time_ms=np.flatnonzero(samples)).mean("time_ms")
        for samples in windows.values()
        if samples.any()
    ]
    from xarray import concat

    if not means:
        return scape["part_nA"].mean("time_ms").expand_dims(spike_ms=np.empty(0))
    kept = [spike for spike, samples in windows.items() if samples.any()]
    return concat(means, dim="spike_ms").assign_coords(spike_ms=kept)


def ramp_parts(result: Result, scape: "Dataset") -> pd.DataFrame:
    """What makes the ramp of a trial: `what_changes` in its place field, on the track, spikes aside.

    Raises
    ------
    ModelError
        If the run has no track with a field, or its currents were recorded only inside or outside.
    """
    time_ms = scape["time_ms"].to_numpy()
    if result.track is None or not result.track.has_field:
        raise ModelError("this run has no place field; take what_changes with spans of your own.")
    track_ms = result.track.track_time_ms(time_ms)
    inside = result.track.inside(track_ms)
    counted = (track_ms >= 0) & away_from_spikes(time_ms, result.spike_times_ms)
    for where, samples in (("in", inside & counted), ("out of", ~inside & counted)):
        if not samples.any():
            raise ModelError(
                f"currents {where} the place field: none were recorded on the track; record a span"
                " with both."
            )
    return what_changes(scape, inside, counted)
