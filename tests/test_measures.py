"""The list of measures: its page, what each needs, and that nothing is worked out that is not asked for."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model import analysis
from netpyne_model.analysis import MEASURES, TrialOnTrack, measure
from netpyne_model.analysis.measures import as_page
from netpyne_model.results import Recording, Result, Site, Track
from netpyne_model.results.result import SYNAPSE_COLUMNS

PAGE = Path(__file__).parents[1] / "docs" / "measures.md"
TIME_MS = np.arange(0, 3000.0, 0.5)
TRACK = Track(
    kind="circular",
    lap_ms=2000.0,
    settling_ms=250.0,
    lead_in_ms=250.0,
    length_cm=60.0,
    centre_ms=1000.0,
    width_ms=600.0,
    theta_period_ms=150.0,
    theta_phase_rad=0.0,
)


def trial(stop_ms=2500.0, recordings=("i_AMPA",), **changes):
    time_ms = TIME_MS[stop_ms >= TIME_MS]
    result = Result(
        configuration={},
        time_ms=time_ms,
        voltage_mV={"soma": -65 + 5 * np.exp(-(((time_ms - 1500) / 200) ** 2))},
        sites={"soma": Site("soma", "soma_0", 0.5, 0.0, (0, 0, 0))},
        spike_times_ms=np.array([300.0, 1400.1, 1500.1, 1560.1, 2100.1]),
        stimulus=(),
        synapses=pd.DataFrame(columns=SYNAPSE_COLUMNS),
        presynaptic_ms=[],
        released_ms=[],
        recordings={
            name: Recording(name, "nA", None, np.full(len(time_ms), -0.5)) for name in recordings
        },
        track=TRACK,
    )
    return dataclasses.replace(result, **changes)


def test_the_page_of_measures_is_that_of_the_list():
    assert PAGE.read_text(encoding="utf-8") == as_page(), "run `make measures`"


def test_excursions_are_counted_in_the_field_with_spikes_or_without():
    """Three rises above -47 mV in the field of 0.6 s, one of them a spike's; one that never came back
    by 1 mV counts once."""
    time_ms = TIME_MS
    v_mV = np.full(len(time_ms), -60.0)
    for from_ms, to_ms, peak_mV in (
        (1300, 1302, -46), (1400, 1402, 20), (1500, 1510, -46), (1504, 1506, -47.5), (900, 902, -40)
    ):  # fmt: skip
        v_mV[(time_ms >= from_ms) & (time_ms < to_ms)] = peak_mV
    one = trial(3000.0, voltage_mV={"soma": v_mV}, spike_times_ms=np.array([1400.2]))
    measured = measure(one)
    assert measured["excursion_rate_in_field_hz"] == pytest.approx(
        3 / 0.6, rel=1e-3
    )  # the field is one sample longer
    assert measured["failed_excursion_rate_in_field_hz"] == pytest.approx(2 / 0.6, rel=1e-3)
    assert np.isnan(measure(trial(600.0))["excursion_rate_in_field_hz"])


def test_every_measure_says_what_it_is():
    for name, one in MEASURES.items():
        assert name == one.name
        assert one.label[0].isupper()
        assert one.description


def test_measures_of_a_trial():
    row = measure(trial())
    assert list(row) == list(MEASURES)
    assert (row["n_spikes_in_run"], row["n_spikes"]) == (5, 4)
    assert row["mean_rate_in_field_hz"] == pytest.approx(3 / 0.6, rel=0.01)
    assert row["mean_rate_out_of_field_hz"] == pytest.approx(1 / 1.4, rel=0.01)
    assert row["peak_rate_at_cm"] == pytest.approx(row["peak_rate_at_ms"] * 0.03)
    assert row["i_AMPA_in_field_nA"] == -0.5
    assert np.isnan(row["i_NMDA_in_field_nA"])
    assert set(measure(trial(), summary=True)) == {
        name for name, one in MEASURES.items() if one.in_summary
    }


def test_what_a_trial_does_not_hold_has_no_measure():
    without_field = dataclasses.replace(TRACK, centre_ms=None, width_ms=None)
    replayed = dataclasses.replace(TRACK, theta_period_ms=None, theta_phase_rad=None)
    for lacking, result in {
        "field": trial(track=without_field),
        "theta": trial(track=replayed),
        "track": trial(stop_ms=499.5),
        "soma": trial(voltage_mV={}, sites={}),
        "i_AMPA": trial(recordings=()),
    }.items():
        assert lacking not in TrialOnTrack(result).holds
        for name, value in measure(result).items():
            if lacking in MEASURES[name].needs:
                assert np.isnan(value), (lacking, name)


def test_filters_are_worked_out_once_and_only_where_they_are_needed(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "netpyne_model.analysis.on_track.ramp",
        lambda *args, **options: calls.append("ramp") or analysis.ramp(*args, **options),
    )
    monkeypatch.setattr(
        "netpyne_model.analysis.on_track.theta_band",
        lambda *args, **options: calls.append("theta") or analysis.theta_band(*args, **options),
    )
    measure(trial(), summary=True)
    assert calls == ["ramp"]
    measure(trial())
    assert sorted(calls[1:]) == ["ramp", "theta"]


def test_track_time_and_position_follow_simulation_time():
    assert TRACK.start_ms == 500.0
    assert TRACK.track_time_ms([500.0, 1500.0]).tolist() == [0.0, 1000.0]
    assert TRACK.position([0.0, 1000.0]).tolist() == [0.0, 30.0]
    across = dataclasses.replace(TRACK, centre_ms=100.0)
    assert across.field_spans_ms() == [(0.0, 400.0), (1800.0, 2000.0)]
    assert across.inside([1799.0, 1801.0, 399.0, 401.0]).tolist() == [False, True, True, False]
    assert across.distance_ms(1900.0) == -200.0
    assert Track(**across.as_dict()) == across


@pytest.mark.parametrize("changes", [{"length_cm": None}, {"kind": "time"}, {"width_ms": None}])
def test_a_track_that_contradicts_itself_is_refused(changes):
    with pytest.raises(ValueError, match=r"track|field"):
        dataclasses.replace(TRACK, **changes)
