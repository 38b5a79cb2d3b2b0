"""The order of each integration, by smaller and smaller steps below threshold: fixed_step is of first, second_order of second.

With an error c dt^p the difference between a step and one n times smaller falls by n^p from one pair to the next.
"""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import REFERENCE
from netpyne_model.simulation import run_trial

SITES = ("soma", "distal_trunk", "tuft")
ORDERS = pytest.mark.parametrize(("integration", "order"), [("fixed_step", 1), ("second_order", 2)])


def voltages(dt_ms: float, during_ms: tuple[float, float], **fields) -> np.ndarray:
    """Potentials (mV) every 0.1 ms, shape (n_sites, n_samples), of a run that stays below threshold."""
    recorded = {"dt_ms": dt_ms, "record_step_ms": 0.1, "record": {"tuft": "tuft@400"}}
    duration = {"duration_ms": during_ms[1] + 1}
    result = run_trial(
        load_configuration(None, {"setup": "place_cell"} | recorded | duration | fields)
    )
    assert not len(result.spike_times_ms)
    during = (result.time_ms > during_ms[0]) & (result.time_ms < during_ms[1])
    return np.array([result.voltage_mV[site][during] for site in SITES])


def measured_order(runs: list[np.ndarray], times_smaller: float) -> np.ndarray:
    """Order by each pair of steps and site, from the root mean square of the differences."""
    pairs = itertools.pairwise(runs)
    apart_mV = np.array([np.sqrt(((one - other) ** 2).mean(axis=1)) for one, other in pairs])
    return np.log(apart_mV[:-1] / apart_mV[1:]) / np.log(times_smaller)


@ORDERS
@pytest.mark.parametrize("channels", ["fused", "separate"])
def test_cable_and_channels(integration, order, channels):
    """The cell goes to its rest, from -67 mV by about 1 mV."""
    fields = {
        "n_excitatory": 0,
        "n_inhibitory": 0,
        "integration": integration,
        "channels": channels,
    }
    runs = [voltages(dt_ms, (5, 40), **fields) for dt_ms in (0.1, 0.05, 0.025, 0.0125)]
    assert np.ptp(runs[0], axis=1).max() > 0.5
    assert measured_order(runs, 2)[-1] == pytest.approx([order] * len(SITES), abs=0.1)


@pytest.fixture(scope="module")
def published_ms() -> pd.DataFrame:
    """The published trial's released events, AMPA, NMDA and GABA_A; nearly all stand at steps of 0.1 ms."""
    return pd.read_csv(REFERENCE / "place" / "replay_events.csv.gz")


def replayed(table: pd.DataFrame, time_ms: pd.Series, folder: Path, dt_ms: float, **fields):
    """`voltages` of the published trial with its events at other times."""
    file = folder / f"events_{dt_ms:.4f}.csv"
    table.assign(time_ms=time_ms).to_csv(file, index=False)
    return voltages(dt_ms, (250, 300), events_file=str(file), **fields)


@pytest.mark.slow
def test_events_at_first_order(published_ms, tmp_path):
    """In the middle of the largest step, and so of every step of a third.

    A fixed step takes an event at the beginning nearest to it: a quarter of a step earlier that is this
    step's, whatever rounding does. All steps divide the pulses of transmitter, 0.3 ms.
    """
    middle_ms = np.floor(published_ms["time_ms"] * 10) / 10 + 0.05
    runs = [
        replayed(published_ms, middle_ms - dt_ms / 4, tmp_path, dt_ms, integration="fixed_step")
        for dt_ms in (0.1, 0.1 / 3, 0.1 / 9)
    ]
    assert np.ptp(runs[0], axis=1).min() > 0.5
    measured = measured_order(runs, 3)[-1]
    assert (measured > 0.9).all(), measured


@pytest.mark.slow
@pytest.mark.parametrize("place", ["beginning", "middle", "anywhere"])
def test_events_at_second_order(place, published_ms, tmp_path):
    """An event acts at its own time, wherever that is in a step. Measured: 1.93 to 2.5."""
    begins_ms = np.floor(published_ms["time_ms"] * 10) / 10
    within_ms = {
        "beginning": 0.0,
        "middle": 0.05,
        "anywhere": np.random.default_rng(1).uniform(0, 0.1, len(begins_ms)),
    }
    events_ms = begins_ms + within_ms[place]
    runs = [
        replayed(published_ms, events_ms, tmp_path, dt_ms, integration="second_order")
        for dt_ms in (0.0125, 0.00625, 0.003125)
    ]
    assert np.ptp(runs[0], axis=1).min() > 0.5
    measured = measured_order(runs, 2)[-1]
    assert (measured > 1.9).all(), measured
