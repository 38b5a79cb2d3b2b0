"""The experiment of what feeds the soma: its columns against the currentscape, its figure, its page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.analysis import currentscape
from netpyne_model.configuration import load_configuration
from netpyne_model.experiments import EXPERIMENTS, current_shares
from netpyne_model.simulation import run_trial

EXPERIMENT = EXPERIMENTS["current_shares"]
DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def result(loaded):
    """A place cell, at a coarse step."""
    coarse = {"setup": "place_cell", "dt_ms": 0.1, "record_membrane_currents_ms": 2.0}
    return run_trial(load_configuration(None, current_shares.TRIAL, coarse))


def test_the_shares_before_spikes_are_those_of_the_inward_currents(result):
    """By hand: of the spikes without another in the 30 ms before, in one of the windows."""
    row = current_shares.soma_row(result)
    spikes_ms = np.sort(result.spike_times_ms)
    alone_ms = spikes_ms[np.diff(spikes_ms, prepend=-np.inf) > 30.0]
    assert len(alone_ms) == row["n_spikes_before"] > 3
    inward = currentscape(result, "soma")["part_nA"].sel(side="inward")
    time_ms = inward["time_ms"].to_numpy()
    means = [
        inward.isel(time_ms=(time_ms >= spike_ms - 10) & (time_ms <= spike_ms - 5)).mean("time_ms")
        for spike_ms in alone_ms
    ]
    mean_nA = sum(means) / len(means)
    whole_nA = float(mean_nA.sum())
    sodium = [str(one) for one in mean_nA["current"].values if str(one).startswith("persistent")]
    persistent = mean_nA.sel(current=sodium)
    assert row["before_10_to_5_persistent"] == pytest.approx(float(persistent.sum()) / whole_nA)
    at_ais = float(persistent.sel(region="ais").sum()) / whole_nA
    assert row["before_10_to_5_persistent_ais"] == pytest.approx(at_ais)
    assert at_ais > 0
    nmda = float(mean_nA.sel(current="NMDA").sum()) / whole_nA
    assert row["before_10_to_5_NMDA"] == pytest.approx(nmda)


def test_the_parts_of_a_side_are_no_more_than_all_of_it(result):
    row = current_shares.soma_row(result)
    for name in current_shares.WINDOWS_MS:
        places = [row[f"{name}_persistent_{place}"] for place in current_shares.PLACES]
        assert 0 < sum(places) <= row[f"{name}_persistent"] + 1e-12
        parts = [row[f"{name}_{one}"] for one in ("persistent", "transient", "NMDA", "AMPA")]
        assert 0 < sum(parts) <= 1 + 1e-12


def test_a_cell_that_is_silent_has_no_columns_before_spikes(result):
    silent = current_shares.soma_row(replace(result, spike_times_ms=np.array([])))
    assert silent["n_spikes"] == silent["n_spikes_before"] == 0
    assert not any(name.startswith("before_") for name in silent)


def test_every_trial_is_a_condition_and_the_figure_states_the_means():
    conditions = EXPERIMENT.conditions(None)
    assert len(conditions) == 2 * len(current_shares.SEEDS) == 20
    table = pd.read_csv(DOCS / "current_shares.csv")
    figure = EXPERIMENT.figure(table, ())
    words = [text.get_text() for text in figure.axes[0].texts]
    place = table[table["preparation"] == "place cell"]
    mean = 100 * place["before_persistent"].mean()
    assert words[-1].startswith(f"persistent {mean:.0f} % (")
    of_ramp = [bar.get_width() for bar in figure.axes[0].patches if bar.get_y() < 0]
    assert sum(of_ramp) == pytest.approx(100)


COLUMNS = {
    "**persistent sodium**": "persistent",
    "of it, initial segment": "persistent_ais",
    "soma": "persistent_soma",
    "dendrites": "persistent_dendrites",
    "transient sodium": "transient",
} | {name: name for name in current_shares.OTHERS}


def test_the_page_states_what_the_table_beside_it_comes_to():
    bands = current_shares.bands(pd.read_csv(DOCS / "current_shares.csv"))
    bands = bands.set_index(["preparation", "column"])
    text = (DOCS / "currentscape.md").read_text(encoding="utf-8")
    lines = text.split("\n| % |", 1)[1].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [row[0] for row in rows] == list(COLUMNS)
    for name, *cells in rows:
        stated = []
        for preparation in current_shares.PREPARATIONS:
            for part in ("ramp", "before"):
                mean, lower, upper = (
                    100 * bands.loc[(preparation, f"{part}_{COLUMNS[name]}"), one]
                    for one in ("mean", "lower", "upper")
                )
                band = f"{mean:.1f} ({lower:.1f} to {upper:.1f})"
                stated.append(band if lower != upper else f"{mean:g}")
        assert cells == stated
