"""The EPSP of five trunk spines, converged, against the published model: same spines, holding current and v_init."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.configuration import load_configuration
from netpyne_model.inputs import write_events
from netpyne_model.morphology import read_section_table
from netpyne_model.placement import load_placement_rules, place_synapses
from netpyne_model.simulation import run_trial

REFERENCE = Path(__file__).parent / "reference" / "epsp"
FIRST_EVENT_MS = 250.0
# What the issue asks of converged integration. Measured: 0.002 mV at the soma, 0.013 at the trunk, of which the
# published traces' sampling near the events is the larger part.
LARGEST_DIFFERENCE_MV = 0.02


@pytest.fixture(scope="module")
def events_file(tmp_path_factory):
    """Five events at 100 Hz on each of the published spines."""
    stimulated = json.loads((REFERENCE / "stimulated_spines.json").read_text())["DC_soma_ap5_0"]["spines"]
    spines = place_synapses(read_section_table(), load_placement_rules()).spines
    rows = []
    for number, spine in enumerate(stimulated):
        same_section = spines[spines["section"] == spine["section_index"]]
        placed = same_section.loc[(same_section["x"] - spine["loc"]).abs().idxmin()]
        assert placed["x"] == pytest.approx(spine["loc"], abs=1e-9)
        rows.append(
            {"synapse": number, "group": "CA3", "section": int(placed["section"]), "x": placed["x"], "kind": "exc"}
            | {"ampa_weight": 1.0, "gmax_uS": placed["gmax_AMPA_uS"]}
        )
    path = tmp_path_factory.mktemp("epsp") / "events.csv"
    write_events(path, pd.DataFrame(rows), [FIRST_EVENT_MS + 10 * np.arange(5)] * len(rows))
    return path


@pytest.mark.parametrize(("group", "reduction"), [("Control", "none"), ("TTX", "at_origin")])
@pytest.mark.parametrize("target_mV", [-62, -56])
def test_converged_epsp(events_file, group, reduction, target_mV):
    table = pd.read_csv(REFERENCE / "convergence.csv")
    case = table.query(f"group == '{group}' and target_vrest == {target_mV} and mode == 'atol1e-6'").iloc[0]
    config = load_configuration(
        None,
        {
            "setup": "place_cell",
            "events_file": str(events_file),
            "receptors": "generated",
            "spines": "folded",
            "channels": "separate",
            "integration": "variable_step",
            "variable_step_atol": 1e-5,
            "sodium_reduction": reduction,
            "sodium_factor": 0.5,
            "duration_ms": 450.0,
            "v_init_mV": case["v_init"],
            "dc_nA": case["i_holding"],
            "dc_start_ms": 0.0,
            "dc_section": "soma_0",
            "dc_x": 0.0,
            "record_step_ms": 0.2,
            "record_sites": {"soma": "soma_0(0)", "dend": "trunk_50(0)"},
        },
    )
    result = run_trial(config)
    traces = pd.read_csv(REFERENCE / "traces_dc_soma_converged.csv.gz")
    times_ms = traces["t_ms_after_first_event"].to_numpy() + FIRST_EVENT_MS
    # Compared at the run's own samples, wherever the published trace has one: no interpolation error in between.
    for site in ("soma", "dend"):
        published = traces[f"{group}_{target_mV}mV_{site}"].to_numpy()
        mine = np.interp(times_ms, result.time_ms, result.voltage_mV[site])
        shared = np.isclose(np.round(times_ms / 0.2) * 0.2, times_ms, atol=1e-6) & (times_ms < 449.9)
        assert shared.sum() > 200
        assert np.abs(mine - published)[shared].max() < LARGEST_DIFFERENCE_MV, site
    baseline = result.voltage_mV["soma"][(result.time_ms >= 247) & (result.time_ms < 249)].mean()
    epsp = result.voltage_mV["soma"][result.time_ms >= FIRST_EVENT_MS].max() - baseline
    assert epsp == pytest.approx(case["epsp_soma"], abs=0.005)
