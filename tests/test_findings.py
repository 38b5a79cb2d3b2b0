"""What docs/findings.md says of studies is what the tables beside it hold."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netpyne_model.analysis.contrasts import holm
from netpyne_model.analysis.sensitivity import RANKS, ranks, sobol_indices, trend_sign

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
    "INaP 1 in axonal",
    "INaP 1 in ais",
    "INaP 1 in soma",
    "INaP 1 in dendrites",
    "TTX 0.5 and back in all",
)
"""Of `persistent_place`, in the order of the page's rows."""
ARRANGEMENTS = (
    "random at 0",
    "half as many at +0.1",
    "random at +0.1",
    "synchronous clusters at 0",
    "clustered at 0",
    "co-tuned at 0",
    "clustered at +0.1",
    "co-tuned at +0.1",
)
"""Of `arrangement`, in the order of the page's rows."""
FOLLOWS = 0.95
"""Correlation of two potentials from which on the page states a gain."""
DIFFERENCE_BAND = ("difference_lower_mV", "difference_upper_mV")
HALF = "against a half"
LOST = ("resistance", "time constant", "EPSP")
MARKS = {"above": "**{}**", "below": "*{}*"}


@pytest.fixture(scope="module")
def indices():
    return pd.read_csv(DOCS / "sensitivity.csv")


def _section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _rows(title: str, head: str = "| ") -> list[list[str]]:
    """The cells of the first table of a section with such a head, without it."""
    lines = _section(title).split(f"\n{head}", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _conditions(study: str) -> pd.DataFrame:
    """Means and bands of a study, by condition and measure."""
    table = pd.read_csv(DOCS / f"{study}_conditions.csv")
    return table.set_index(["condition", "measure"])


def _cell(row: pd.Series) -> str:
    """An index as the page has it: bold above the noise, italic below, and the sign of its trend."""
    index = f"{row.total:.2f} ({row.total_lower:.2f} to {row.total_upper:.2f})"
    return f"{MARKS.get(row.verdict, '{}').format(index)} {trend_sign(row)}".strip()


def test_the_indices_on_the_page_are_those_of_the_table(indices):
    rows = _rows("Which parameter makes a place cell")
    indices = indices[indices["scale"] == RANKS]
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
    for (measure, scale), rows in indices.groupby(["measure", "scale"]):
        values = trials[measure].to_numpy(float)
        if measure == "spatial_information_bits":
            values = np.nan_to_num(values)  # a silent cell tells nothing of the place
        if scale == RANKS:
            values = ranks(values, n_parameters)
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


NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (
            "persistent_place",
            r"Of the (\w+) claims (\w+) agree, (\w+) do not, (\w+) cannot be told",
        ),
        ("arrangement", r"of (\w+) claims (\w+) agree, (\w+) does not, (\w+) cannot be told"),
    ],
)
def test_the_answers_to_the_claims_are_counted_as_the_table_has_them(study, words):
    verdicts = pd.read_csv(DOCS / f"{study}_contrasts.csv")["verdict"]
    said = re.search(words, " ".join(TEXT.split())).groups()
    counts = [int(one) if one.isdigit() else NUMBERS.index(one) for one in said]
    found = [(verdicts == one).sum() for one in ("agrees", "does not", "cannot be told")]
    assert counts == [len(verdicts), *found]


def test_the_rates_on_the_page_are_those_of_the_conditions():
    table = _conditions("persistent_place")
    rows = _rows("Silent to place again")
    assert len(rows) == len(GROUPS)
    for group, (_, weak, strong, mean_v, threshold) in zip(GROUPS, rows, strict=True):
        at = [f"{group} at {level}" for level in ("+0.10", "+0.15")]
        assert [weak, strong] == [
            _with_band(table.loc[(one, "mean_rate_in_field_hz")]) for one in at
        ]
        means_mV = [table.loc[(one, "mean_v_in_field_mV"), "mean"] for one in at]
        assert mean_v == ", ".join(f"{one:.1f}" for one in means_mV)
        assert threshold == f"{table.loc[(at[1], 'spike_threshold_mV'), 'mean']:.1f}"


def test_the_gains_on_the_page_are_those_of_the_pairs():
    gains = pd.read_csv(DOCS / "arrangement_paired_gain.csv").set_index(["condition", "part"])
    table, rows = _conditions("arrangement"), _rows("When would amplification show")
    assert len(rows) == len(ARRANGEMENTS)
    for name, (_, v, inside, outside, difference, spikes, without) in zip(
        ARRANGEMENTS, rows, strict=True
    ):
        blocked = f"{name} without"
        assert v == f"{table.loc[(blocked, 'mean_v_in_field_mV'), 'mean']:.1f}"
        pairs = gains.loc[(name, "in_field")], gains.loc[(name, "out_of_field")]
        follow = [pair["correlation"] >= FOLLOWS for pair in pairs]
        stated = [_with_band(pair, "gain") for pair in pairs]
        assert [inside, outside] == [
            one if follows else "" for one, follows in zip(stated, follow, strict=True)
        ]
        apart = _with_band(pairs[0], "difference_mV", DIFFERENCE_BAND)
        assert difference == (apart if follow[0] else "")
        lap = [_with_band(table.loc[(one, "n_spikes")], digits=1) for one in (name, blocked)]
        assert [spikes, without] == lap


def test_the_tuned_cells_are_counted_as_the_table_has_them():
    """By Holm's procedure over the cells of a row; the page has two digits of each mean."""
    table = pd.read_csv(DOCS / "uniform_weights_lap_tuning.csv")
    rows = _rows("When would amplification show", "| weights |")
    for weights, current, _, *cells in rows:
        w_max = 1.25 if "1.25" in weights else 1
        named = table["condition"].str.startswith(f"w_max={w_max:g}, dc_nA={float(current):g},")
        for profile, stated in (("ramp_mV", cells[:3]), ("rate_hz", cells[3:])):
            of = table[named & (table["profile"] == profile)]
            if not any(stated):
                assert of.empty
                continue
            means = [f"{of[name].mean():.2f}" for name in ("spread", "by_chance")]
            tuned = (holm(of["p"].to_numpy()) < 0.05).sum()
            assert stated == [*means, f"{tuned} of {len(of)}"]


def test_the_silent_cells_at_each_current_are_those_of_the_sweep():
    table = _conditions("silent_place")
    for current, v, spikes, inside, outside, *_, under_ttx in _rows(
        "A few mV turn a silent cell into a place cell, and back"
    )[1:]:
        of = {drug: f"{drug}, dc_nA={float(current):g}" for drug in ("control", "TTX")}
        mean = table.loc[of["control"]]["mean"]
        assert v == f"{mean['mean_v_out_of_field_mV']:.1f}"
        assert float(spikes) == pytest.approx(mean["n_spikes"], abs=0.05)
        assert float(inside) == pytest.approx(mean["mean_rate_in_field_hz"], abs=0.005)
        assert float(outside) == pytest.approx(mean["mean_rate_out_of_field_hz"], abs=0.005)
        assert float(under_ttx) == table.loc[(of["TTX"], "n_spikes"), "mean"]


def test_the_place_cells_are_those_of_the_study():
    """To the digits that the page has, which are half a unit of the last one off at most."""
    table = _conditions("place_cell")
    measures = ("mean_v_out_of_field_mV", "peak_ramp_mV", "peak_rate_hz", "mean_rate_in_field_hz")
    measures += ("mean_rate_out_of_field_hz", "spatial_information_bits")
    rows = _rows("The place cell")
    assert len(rows) == table.index.get_level_values(0).nunique()
    for name, *cells in rows:
        for measure, cell in zip(measures, cells, strict=True):
            row = table.loc[(name, measure)]
            if "(" in cell:
                assert cell == _with_band(row, digits=1)
            elif cell:
                half_a_digit = 0.5 * 10.0 ** -len(cell.partition(".")[2])
                assert float(cell) == pytest.approx(row["mean"], abs=half_a_digit + 1e-9)
            else:
                assert np.isnan(row["mean"])


def _with_band(
    row: pd.Series,
    mean: str = "mean",
    band: tuple[str, str] = ("lower", "upper"),
    *,
    digits: int = 2,
) -> str:
    lower, upper = row[list(band)]
    if lower == upper:
        return f"{row[mean]:g}"
    return f"{row[mean]:.{digits}f} ({lower:.{digits}f} to {upper:.{digits}f})"


def test_the_spine_heads_on_the_page_are_those_of_the_recordings():
    """Means over four spines, then over laps with the band of Student's t."""
    table = pd.read_csv(DOCS / "spine_heads_recordings.csv")
    table["of"] = table["recording"].str.partition("_")[0]
    in_nS = table["unit"] == "uS"
    table.loc[in_nS, ["mean_in_field", "highest_in_field"]] *= 1e3
    columns = {
        ("soma", "mean_in_field"): 1,
        ("oblique", "mean_in_field"): 1,
        ("head", "mean_in_field"): 1,
        ("head", "highest_in_field"): 1,
        ("NMDA", "highest_in_field"): 2,
        ("AMPA", "highest_in_field"): 2,
    }
    rows = _rows("When would amplification show", "| condition | v at the soma (mV)")
    assert [name for name, *_ in rows] == list(table["condition"].unique())
    for name, *cells in rows:
        here = table[table["condition"] == name]
        for (of, column), digits, cell in zip(columns, columns.values(), cells, strict=True):
            laps = here[here["of"] == of].groupby("seed")[column].mean()
            assert len(laps) == 10
            mean, half = laps.mean(), stats.t.ppf(0.975, len(laps) - 1) * laps.sem()
            stated = f"{mean:.{digits}f} ({mean - half:.{digits}f} to {mean + half:.{digits}f})"
            assert cell == (f"{mean:.2f}" if of == "AMPA" else stated)


def test_where_the_signs_sit_is_what_the_verdicts_say():
    """Per cent of what the block changes: blocked there alone, given back there alone."""
    table = pd.read_csv(DOCS / "persistent_signs_verdicts.csv")
    parts = table.set_index(["quantity", "compared"])["with_it"]
    changes = ("the rheobase's rise", *(f"the {one}'s loss at -56 mV" for one in LOST))
    rows = _rows("The six signs of the persistent current", "| place | rheobase")
    for place, (_, *cells) in zip(("soma", "ais", "axonal", "dendrites"), rows, strict=True):
        for change, cell in zip(changes, cells, strict=True):
            blocked = parts[f"part of {change}, block there alone", f"INaP 1, {place}, {HALF}"]
            back = parts[f"part of {change} given back", f"INaP 1, back: {place}, {HALF}"]
            assert cell == f"{100 * blocked:.0f}, {100 * back:.0f}"
