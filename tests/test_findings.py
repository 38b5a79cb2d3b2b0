"""What docs/findings.md says of studies is what the tables beside it hold."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.analysis.sensitivity import sobol_indices, trend_sign

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "findings.md").read_text(encoding="utf-8")
GROUPS = (
    "control",
    "INaP 0.5",
    "TTX 0.5",
    "INaP 1",
    "INaP 1 held as control",
    "INaP 1 and back in all",
    "INaP 1 and back in axonal",
    "INaP 1 and back in ais",
    "INaP 1 and back in soma",
    "INaP 1 and back in dendrites",
    "TTX 0.5 and back in all",
)
"""Of `persistent_place`, in the order of the page's rows."""
MARKS = {"above": "**{}**", "below": "*{}*"}


@pytest.fixture(scope="module")
def indices():
    return pd.read_csv(DOCS / "sensitivity.csv")


def _section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _cell(row: pd.Series) -> str:
    """An index as the page has it: bold above the noise, italic below, and the sign of its trend."""
    index = f"{row.total:.2f} ({row.total_lower:.2f} to {row.total_upper:.2f})"
    return f"{MARKS.get(row.verdict, '{}').format(index)} {trend_sign(row)}".strip()


def test_the_indices_on_the_page_are_those_of_the_table(indices):
    lines = _section("Which parameter makes a place cell").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][2:]
    measures = indices["measure"].unique()
    assert len(rows) == indices["parameter"].nunique() == 16
    for name, *cells in rows:
        for measure, cell in zip(measures, cells, strict=True):
            chosen = (indices["parameter"] == name) & (indices["measure"] == measure)
            assert cell == _cell(indices[chosen].iloc[0])


def test_the_indices_are_worked_out_from_the_trials_beside_them(indices):
    """To what the six digits of the trials' table leave; resamples are drawn as in the study."""
    trials = pd.read_csv(DOCS / "sensitivity_trials.csv")
    n_parameters = indices["parameter"].nunique()
    assert len(trials) == 64 * (n_parameters + 2)
    for measure, rows in indices.groupby("measure"):
        values = trials[measure].to_numpy(float)
        if measure == "spatial_information_bits":
            values = np.nan_to_num(values)  # a silent cell tells nothing of the place
        found = sobol_indices(values, n_parameters)
        assert found.total == pytest.approx(rows["total"].to_numpy(), abs=1e-3)
        assert found.total_band == pytest.approx(rows[["total_lower", "total_upper"]].T, abs=1e-3)


def test_the_kinds_of_sampled_cells_are_counted_from_the_trials():
    trials = pd.read_csv(DOCS / "sensitivity_trials.csv")
    independent = trials[trials["sample"].mod(18).isin([0, 17])]
    rate_Hz = independent["mean_rate_in_field_hz"]
    field = independent["mean_rate_out_of_field_hz"] * 3 < rate_Hz
    place = (rate_Hz >= 1) & field & (independent["spatial_information_bits"] >= 0.5)
    counts = [len(independent), (rate_Hz == 0).sum(), (rate_Hz < 1).sum(), place.sum()]
    said = re.search(
        r"Of the (\d+) independent samples (\d+) never fire; (\d+) fire below 1 Hz in the field,"
        r" (\d+) are place cells",
        TEXT,
    )
    assert [int(one) for one in said.groups()] == counts


def test_the_answers_to_the_claims_are_counted_as_the_table_has_them():
    verdicts = pd.read_csv(DOCS / "persistent_place_contrasts.csv")["verdict"]
    numbers = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    said = re.search(
        r"Of the (\d+) claims (\d+) agree, (\w+) do not,\s(\w+) cannot be told",
        " ".join(TEXT.split()),
    )
    counts = [int(said[1]), int(said[2]), numbers.index(said[3]), numbers.index(said[4])]
    found = [(verdicts == one).sum() for one in ("agrees", "does not", "cannot be told")]
    assert counts == [len(verdicts), *found]


def test_the_rates_on_the_page_are_those_of_the_conditions():
    table = pd.read_csv(DOCS / "persistent_place_conditions.csv").set_index(
        ["condition", "measure"]
    )
    rows = [
        line.strip("| ").split(" | ")
        for line in _section("Silent to place again").splitlines()
        if line.startswith("| ")
    ][2:]
    assert len(rows) == len(GROUPS)
    for group, (_, weak, strong, mean_v, threshold) in zip(GROUPS, rows, strict=True):
        at = [f"{group} at {level}" for level in ("+0.10", "+0.15")]
        assert [weak, strong] == [
            _with_band(table.loc[(one, "mean_rate_in_field_hz")]) for one in at
        ]
        means_mV = [table.loc[(one, "mean_v_in_field_mV"), "mean"] for one in at]
        assert mean_v == ", ".join(f"{one:.1f}" for one in means_mV)
        assert threshold == f"{table.loc[(at[1], 'spike_threshold_mV'), 'mean']:.1f}"


def _with_band(row: pd.Series) -> str:
    if row["lower"] == row["upper"]:
        return f"{row['mean']:g}"
    return f"{row['mean']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"
