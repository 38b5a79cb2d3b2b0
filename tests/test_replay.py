"""Replay of a published place-cell trial: same released events, voltages and spikes of the published model."""

import numpy as np
import pandas as pd
import pytest

from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import REFERENCE
from netpyne_model.simulation import run_trial

PLACE = REFERENCE / "place"
SITES = ("soma", "proximal_trunk", "distal_trunk")


def largest_differences(result, until_ms: float) -> dict[str, float]:
    """Largest |dv| in mV against the published voltages, by site."""
    published = pd.read_csv(PLACE / "replay_voltage.csv.gz")
    inside = (published["t_ms"] <= until_ms).to_numpy()
    times_ms = published["t_ms"].to_numpy()[inside]
    return {
        site: float(
            np.abs(
                np.interp(times_ms, result.time_ms, result.voltage_mV[site])
                - published[f"{site}_mV"].to_numpy()[inside]
            ).max()
        )
        for site in SITES
    }


def replay(**fields):
    events = {"setup": "place_cell", "events_file": str(PLACE / "replay_events.csv.gz")}
    return run_trial(load_configuration(None, events | fields))


def test_the_first_part_of_the_replay():
    """Within 0.01 mV with solved spines, fused channels and fast receptors; measured 0.005.

    The whole replay with its spikes: scripts/check_replay.py.
    """
    result = replay(duration_ms=500.0)
    differences = largest_differences(result, until_ms=499.0)
    assert max(differences.values()) < 0.01, differences


@pytest.mark.slow
def test_the_replay_with_every_spine_explicit():
    """11,294 spines as sections, as published: what is left is rounding and the four digits of the table (measured 8e-5)."""
    published = {"spines": "explicit", "receptors": "generated", "channels": "separate"}
    differences = largest_differences(replay(duration_ms=280.0, **published), until_ms=279.0)
    assert max(differences.values()) < 2e-4, differences


@pytest.mark.slow
def test_generated_receptors_give_the_same_voltage():
    """The receptors converted from NeuroML and those written by hand solve the same step: they differ by rounding."""
    fast = replay(duration_ms=300.0, spines="folded")
    generated = replay(duration_ms=300.0, spines="folded", receptors="generated")
    for site in SITES:
        np.testing.assert_allclose(
            generated.voltage_mV[site], fast.voltage_mV[site], rtol=0, atol=1e-6
        )
