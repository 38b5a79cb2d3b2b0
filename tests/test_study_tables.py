"""Tables of a study: read back, described, compared with published values."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray
from swept_fields import CHANGED, NEEDED

from netpyne_model.analysis import MEASURES
from netpyne_model.errors import ModelError
from netpyne_model.results import Track
from netpyne_model.studies import Study, load_results
from netpyne_model.studies.declaration import columns
from netpyne_model.studies.measures import TrialMeasures
from netpyne_model.studies.report import comparisons, report_study
from netpyne_model.studies.results import data_package, stack_profiles, write_tables
from netpyne_model.studies.runner import declaration, study_store

# -- round trip and tables --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "study",
    [
        Study.load("silent_place"),
        Study.load("place_cell"),
        Study(
            **{
                "list": [{"condition": "é, 1", "cell_file": Path("c.yaml")}, {"dc_nA": 1e-5}],
                "keep_inputs": True,
            }
        ),
        Study(list=[{"dc_nA": value} for value in np.linspace(0, 0.1, 3)]),
        Study(),
    ],
    ids=lambda study: study.name,
)
def test_a_study_comes_back_from_its_file(study, tmp_path):
    study_store(tmp_path).declare(declaration(study))
    again = load_results(tmp_path).study
    assert again.as_dict() == study.as_dict()
    study_store(tmp_path).declare(declaration(again))
    assert load_results(tmp_path).study == again
    # The page of studies: ca1 study study.json runs it again.
    assert dict(Study.load(tmp_path / "study.json")) == dict(again)
    if not any("cell_file" in condition for condition in study.conditions):
        assert list(map(asdict, again.trial_list())) == list(map(asdict, study.trial_list()))


def test_tables_of_no_trials_still_have_their_columns(tmp_path):
    """All failed: the folder can be read, and its tables are described."""
    study = Study(grid={"dc_nA": [0, 0.1]})
    study_store(tmp_path).declare(declaration(study))
    write_tables([], study, tmp_path)
    results = load_results(tmp_path)
    assert list(results.table) == ["trial", "condition", "dc_nA", "seed", *MEASURES, "file"]
    assert (
        len(results.table)
        == len(results.runs)
        == len(results.spikes)
        == len(results.conditions)
        == 0
    )
    package = json.loads((tmp_path / "datapackage.json").read_text())
    (spikes,) = (one for one in package["resources"] if one["name"] == "spikes")
    assert [field["type"] for field in spikes["schema"]["fields"]] == [
        "integer",
        "number",
        "number",
        "number",
    ]


def test_profiles_hold_every_seed_and_every_kind_of_field(tmp_path):
    """netCDF 3 has neither integers beyond 2**31 nor nulls: the largest seed and a published cell among others are kept."""
    grid = {"cell_file": [None, CHANGED["cell_file"]], "excitation": [True, False]}
    trials = Study(grid=grid, first_seed=2**32 - 1).trial_list()
    profiles = {"track_time_ms": np.array([25.0, 75.0])}
    profiles |= {
        name: np.array([1.0, 2.0]) for name in ("rate_hz", "ramp_mV", "theta_amplitude_mV")
    }
    profiles |= {name: np.ones(100) for name in ("v_density_in_field", "v_density_out_of_field")}
    track = Track(
        kind="circular",
        lap_ms=6233.0,
        length_cm=187.0,
        settling_ms=250.0,
        lead_in_ms=300.0,
        centre_ms=3117.0,
        width_ms=3000.0,
    )
    one = TrialMeasures(row={}, profiles=profiles, spikes={}, track=track, process={})
    dataset = stack_profiles([one] * len(trials), [columns(trial) for trial in trials])
    dataset.to_netcdf(tmp_path / "profiles.nc", engine="scipy")
    with xarray.open_dataset(tmp_path / "profiles.nc", engine="scipy") as read:
        assert read["seed"].values.tolist() == [2**32 - 1] * 4
        assert read["excitation"].values.tolist() == ["True", "False"] * 2
        assert read["cell_file"].values.tolist()[2:] == [CHANGED["cell_file"]] * 2
        assert len(set(read["condition"].values.tolist())) == 4


def test_every_column_of_a_table_is_described():
    described = {}
    for field, value in CHANGED.items():
        study = Study(grid={field: [value]}, base=NEEDED.get(field, {}))
        row = {**columns(study.trial_list()[0]), **dict.fromkeys(MEASURES, 0.5)}
        (resource,) = data_package({"trials.csv": pd.DataFrame([row])}, study)["resources"]
        described |= {one["name"]: one for one in resource["schema"]["fields"]}
    assert set(described) == {"condition", "seed", *CHANGED, *MEASURES}
    assert all(one["description"] for one in described.values())
    wanted = {
        "nA": "nA",
        "ms": "ms",
        "mV": "mV",
        "hz": "Hz",
        "deg": "deg",
        "mV2": "mV2",
        "bits": "bits/spike",
    }
    for name, one in described.items():
        if (suffix := name.rsplit("_", 1)[-1]) in wanted and "_" in name:
            assert one["unit"] == wanted[suffix], name


# -- comparison with published values -----------------------------------------------------------


COMPARE = [
    {"condition": "control", "measure": "peak_rate_hz", "value": 24, "tolerance": 4},
    {"condition": "AP5", "measure": "mean_v_out_of_field_mV", "value": -66.0, "tolerance": 0.5},
]


def test_a_study_is_compared_with_the_values_that_it_names(tmp_path):
    """The mean over trials of a measure; what has no number does not agree. The report says so."""
    content = {"grid": {"drugs": [[], ["AP5"]]}, "title": "Two", "compare": COMPARE}
    study = Study(**content)
    study_store(tmp_path).declare(declaration(study))
    write_tables([], study, tmp_path)
    means = pd.DataFrame(
        {"condition": ["control"], "measure": ["peak_rate_hz"], "unit": ["Hz"], "mean": [22.5]}
    )
    means.to_csv(tmp_path / "conditions.csv", index=False)
    rate, v = comparisons(load_results(tmp_path))
    assert (rate.published, rate.here, rate.tolerance, rate.agrees) == (24, 22.5, 4, True)
    assert rate.quantity == "control: peak of the smoothed firing rate"
    assert not v.agrees
    assert report_study(load_results(tmp_path), figures=False, command="the command") == ([], {})
    text = (tmp_path / "REPORT.md").read_text()
    assert "# Two" in text
    assert "Made by `the command`." in text
    assert "1 of 2 compared quantities agree within their tolerance." in text
    assert (tmp_path / "REPORT.html").read_text().count("DIFFERS") == 1


def test_the_place_cell_is_compared_with_its_published_runs():
    study = Study.load("place_cell")
    assert {one.value for one in study.compare} == {-62.4, -55.7, 24.0, 0.0}
    assert Study.load("place_cell", grid={"dc_nA": [0.0]}).compare == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"condition": "contrl"}, "condition 'contrl' does not exist. Did you mean 'control'?"),
        ({"measure": "peak_rate"}, "measure 'peak_rate' does not exist. Did you mean 'peak_rate_"),
        ({"tolerance": -1}, "compare.0.tolerance = -1: expected greater than or equal to 0"),
    ],
)
def test_a_comparison_that_does_not_hold_is_refused(change, says):
    with pytest.raises(ModelError) as caught:
        Study(grid={"drugs": [[], ["AP5"]]}, compare=[COMPARE[0] | change])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
