"""Of conditions that a study's contrasts take from each other: how one potential follows the other."""

import numpy as np
import pandas as pd

from ..analysis import PairedGain, TrialOnTrack, mean_and_band, paired_gain
from .conditions import LABEL
from .results import StudyResults

FILE = "paired_gain.csv"
PARTS = ("in_field", "out_of_field")
Pair = tuple[str, str]

COLUMNS = {
    LABEL: "condition whose somatic potential follows",
    "reference": "condition that it follows, in trials of the same seed",
    "part": "part of the track",
    "n": "pairs of trials with a value",
    "gain": "slope of the potential against the reference's, sample by sample away from spikes",
    "lower": "lower limit of its mean's 95 % confidence band, Student's t",
    "upper": "its upper limit",
    "correlation": "between the two potentials, mean over the pairs",
    "difference_mV": "mean potential less the reference's, mean over the pairs",
    "difference_lower_mV": "lower limit of its 95 % confidence band, Student's t",
    "difference_upper_mV": "its upper limit",
}
"""Columns of the table, and what they are."""
DIFFERENCE = ("difference_mV", "difference_lower_mV", "difference_upper_mV")


def potential_gains(results: StudyResults) -> pd.DataFrame:
    """Gain of the somatic potential of every pair of conditions in the study's contrasts.

    Parameters
    ----------
    results : StudyResults

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row a pair and part of the track; see `analysis.paired_gain`.
    """
    pairs = dict.fromkeys(
        pair
        for one in results.study.contrasts
        for pair in (*one.difference, *one.less, *one.share_of)
    )
    gains = _by_pair(results, list(pairs))
    rows = []
    for pair, of_seeds in gains.items():
        for part in PARTS:
            values = np.array([one[part] for one in of_seeds if part in one]).reshape(-1, 3)
            gain, correlation, difference_mV = values[np.isfinite(values[:, 0])].T
            follows = float(correlation.mean()) if len(correlation) else np.nan
            numbers = np.array([*mean_and_band(gain), follows, *mean_and_band(difference_mV)])
            rows.append((*pair, part, len(gain), *numbers.tolist()))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _by_pair(results: StudyResults, pairs: list[Pair]) -> dict[Pair, list[dict[str, PairedGain]]]:
    """Gains by part of the track, of every pair and seed; a seed's trials are read once for all pairs."""
    found: dict[Pair, list[dict[str, PairedGain]]] = {pair: [] for pair in pairs}
    compared = {name for pair in pairs for name in pair}
    for _, of_seed in results.table.groupby("seed", sort=False):
        numbers = of_seed.set_index(LABEL)["trial"]
        trials = {
            name: TrialOnTrack(results.trial(numbers[name])) for name in compared & {*numbers.index}
        }
        for pair in pairs:
            if trials.keys() >= set(pair):
                one, other = (trials[name] for name in pair)
                if "field" in one.holds and len(one.time_ms) == len(other.time_ms):
                    found[pair].append(_gains(one, other))
    return found


def _gains(one: TrialOnTrack, other: TrialOnTrack) -> dict[str, PairedGain]:
    spikes_ms = np.concatenate([one.spikes_ms, other.spikes_ms])
    traces = (one.time_ms, one.voltage_mV, other.voltage_mV)
    return {
        part: paired_gain(*traces, spikes_ms=spikes_ms, samples=one.parts[part]) for part in PARTS
    }
