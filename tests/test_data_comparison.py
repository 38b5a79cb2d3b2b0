"""The model beside recorded cells: every row answered or not modelled, verdicts, values, page."""

import csv
import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from netpyne_model.analysis import (
    MEASURES,
    PROFILES,
    TrialOnTrack,
    measure,
    pair_correlations,
    ramp_width,
    slope,
)
from netpyne_model.analysis.late_opening import late_opening
from netpyne_model.cell.cell import Cell
from netpyne_model.commands import main
from netpyne_model.data_comparison import (
    INSIDE,
    INSIDE_IF_SEM,
    NO_SPREAD,
    NOT_MODELLED,
    OUTSIDE,
    answers,
    chosen_rows,
    compare_rows,
    recorded,
)
from netpyne_model.data_comparison.answers import Alike, OfScore, OfTrials
from netpyne_model.data_comparison.page import count_line, lines, model_text, recorded_text, tables
from netpyne_model.data_comparison.recorded import TARGETS, Recorded
from netpyne_model.data_comparison.runner import (
    COLUMNS,
    TRIALS,
    Evidence,
    by_seed,
    here_of,
    over_seeds,
)
from netpyne_model.data_folders import PACKAGE
from netpyne_model.figures.data_comparison import data_comparison
from netpyne_model.mechanisms.channel_equations import read_channel
from netpyne_model.results import Result, Site, Track
from netpyne_model.scores.targets import somatic_targets, targets
from netpyne_model.studies import Study

SHIPPED = PACKAGE.parent / "docs" / "in_vivo.csv"


# -- the table and the answers ------------------------------------------------------------------------------------------


def test_every_recorded_row_has_an_answer_and_every_answer_a_row():
    rows = recorded()
    keys = [(row.quantity, row.condition) for row in rows]
    with TARGETS.open(encoding="utf-8") as file:
        assert len(rows) == len(list(csv.DictReader(file))) == len(set(keys))
    assert set(keys) == set(answers())
    for row in rows:
        assert row.source, row.name
        assert row.spread_is in {"sd", "sem", "as_printed", "range", "none"}, row.name
        assert math.isfinite(row.spread) == (row.spread_is != "none"), row.name


def test_what_an_answer_names_exists():
    """Conditions and measures of trials, fields in which they differ, profiles, tests, features."""
    study = Study.load(TRIALS)
    conditions = {one["condition"]: one for one in study.conditions}
    for key, answer in answers().items():
        given = (answer.trials, answer.alike, answer.score, answer.count, answer.late)
        assert sum(one is not None for one in given) <= 1, key
        match answer.of:
            case OfTrials() as one:
                assert set(one.conditions) <= set(conditions), key
                assert one.measure in MEASURES, key
                if one.less is not None:
                    assert one.less.measure in MEASURES, key
                if one.per is not None:
                    first, second = (conditions[name] for name in one.conditions)
                    differing = {name for name in first if first[name] != second[name]}
                    assert differing == {"condition", one.per}, key
            case Alike() as one:
                assert one.condition in conditions, key
                assert one.profile in PROFILES, key
            case OfScore() as one:
                assert one.feature in features(one.test), key


def features(test: str) -> dict[str, tuple[float, float]]:
    """Mean and SD of the features of a test, by the name under which they are scored."""
    if test == "patch":
        table = somatic_targets(test)
        return {
            f"{row.feature}, {row.current_nA:g} nA": (row.mean, row.sd)
            for row in table.itertuples()
        }
    found = {name: (one.mean, one.sd) for name, one in targets(test).items()}
    if test == "depolarisation_block":
        found["current below the block"] = found["threshold_current"]
    return found


def test_rows_of_slices_are_the_targets_of_the_scores():
    """Two tables of the same recordings: the value of a row is that of the feature that answers it."""
    checked = 0
    for row, answer in chosen_rows():
        if answer.score is not None:
            mean, sd = features(answer.score.test)[answer.score.feature]
            digits = len(f"{row.value}".partition(".")[2])
            assert row.value == pytest.approx(mean, abs=0.51 * 10**-digits), row.name
            if math.isfinite(row.spread) and answer.score.test != "oblique_integration":
                assert row.spread == pytest.approx(sd, rel=0.05), row.name
            checked += 1
    assert checked > 15


def test_the_place_cell_is_run_hyperpolarised():
    conditions = {one["condition"]: one for one in Study.load(TRIALS).conditions}
    assert conditions["place cell, DC -0.15 nA"]["dc_nA"] == -0.15


# -- verdicts -----------------------------------------------------------------------------------------------------------


def of(value=10.0, spread=2.0, spread_is="sd", n=4, unit="mV") -> Recorded:
    return Recorded("q", "c", value, spread, spread_is, n, unit, "p", "s", "full")


@pytest.mark.parametrize(
    ("row", "here", "verdict"),
    [
        (of(), 11.9, INSIDE),
        (of(), 12.1, OUTSIDE),
        (of(spread_is="sem"), 13.9, INSIDE),  # the SD is 2 sqrt(4)
        (of(spread_is="sem"), 14.1, OUTSIDE),
        (of(spread_is="sem", n=None), 12.1, OUTSIDE),
        (of(spread_is="as_printed"), 11.9, INSIDE),
        (of(spread_is="as_printed"), 13.9, INSIDE_IF_SEM),
        (of(spread_is="as_printed"), 14.1, OUTSIDE),
        (of(spread=15.0, spread_is="range"), 14.9, INSIDE),
        (of(spread=15.0, spread_is="range"), 9.9, OUTSIDE),
        (of(spread=math.nan, spread_is="none"), 11.0, NO_SPREAD),
        (of(spread=math.nan, spread_is="none"), 21.0, OUTSIDE),
        (of(value=1, spread=math.nan, spread_is="none", unit="sign"), 1.0, INSIDE),
        (of(value=1, spread=math.nan, spread_is="none", unit="sign"), -1.0, OUTSIDE),
        (of(), math.nan, OUTSIDE),
    ],
)
def test_verdict_of_a_value(row, here, verdict):
    assert row.verdict(here, here, here) == verdict


def test_without_a_spread_the_band_over_seeds_tells():
    row = of(spread=math.nan, spread_is="none")
    assert row.verdict(11.0, 9.0, 13.0) == INSIDE
    assert row.verdict(11.0, 10.5, 11.5) == OUTSIDE


# -- measures against closed forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize("centre", [10.0, 93.5, 180.0])
def test_the_width_of_a_raised_cosine_is_half_of_its_base(centre):
    position = np.arange(0, 187, 0.5)
    distance = np.abs((position - centre + 93.5) % 187 - 93.5)
    bump = np.where(distance < 54, 3 * (1 + np.cos(np.pi * distance / 54)), 0) - 62
    width = ramp_width(position, bump, centre=centre, width=108, track_length=187.0)
    assert width == pytest.approx(54, abs=1e-3)  # linear between samples 0.5 cm apart


def test_a_ramp_that_does_not_fall_has_no_width():
    position = np.arange(100.0)
    assert math.isnan(ramp_width(position, position, centre=90, width=40))
    assert math.isnan(ramp_width(position, np.zeros(100), centre=50, width=20))
    assert math.isnan(ramp_width(position, position, centre=50, width=1000))


def test_slope_is_that_of_least_squares():
    x, y = np.random.default_rng(0).normal(size=(2, 50))
    assert slope(x, y) == pytest.approx(np.polyfit(x, y, 1)[0])
    assert math.isnan(slope(np.ones(3), np.arange(3)))


def test_correlations_of_pairs_are_pearsons():
    curves = np.random.default_rng(1).normal(size=(4, 30))
    expected = np.corrcoef(curves)[np.triu_indices(4, k=1)]
    np.testing.assert_allclose(pair_correlations(curves), expected, rtol=1e-12)
    flat = pair_correlations(np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0], [2.0, 4.0, 6.0]]))
    np.testing.assert_allclose(flat, [np.nan, 1.0, np.nan])


def spiking_trial(step_ms: float) -> Result:
    """Two spikes that take off at -45 mV, between ramps of 1 mV/ms, on a soma at -65 mV."""
    time_ms = np.arange(0, 3000, step_ms)
    v_mV = np.full(len(time_ms), -65.0)
    spikes_ms = (1000.0, 1500.0)
    for spike_ms in spikes_ms:
        since = time_ms - spike_ms
        knots = [(-20.0, -65.0), (0.0, -45.0), (1.0, 25.0), (2.0, -50.0), (30.0, -65.0)]
        near = (since > -20) & (since < 30)
        v_mV[near] = np.interp(since[near], *zip(*knots, strict=True))
    return Result(
        configuration={},
        time_ms=time_ms,
        voltage_mV={"soma": v_mV},
        sites={"soma": Site("soma", "soma_0", 0.5, 0.0, (0, 0, 0))},
        spike_times_ms=np.array(spikes_ms) + 0.5,
        stimulus=(),
        synapses=pd.DataFrame(),
        presynaptic_ms=[],
        released_ms=[],
        track=Track(
            kind="time",
            lap_ms=2500.0,
            settling_ms=250.0,
            lead_in_ms=250.0,
            centre_ms=1250.0,
            width_ms=500.0,
        ),
    )


def test_the_threshold_is_where_a_spike_takes_off():
    fine = spiking_trial(0.05)
    # 1 mV/ms before and 70 mV/ms after: the threshold is the corner, to one sample of the rise.
    assert measure(fine)["spike_threshold_mV"] == pytest.approx(-45.0, abs=3.6)
    assert "soma_fine" in TrialOnTrack(fine).holds
    coarse = spiking_trial(0.2)
    assert "soma_fine" not in TrialOnTrack(coarse).holds
    assert math.isnan(measure(coarse)["spike_threshold_mV"])
    silent = dataclasses.replace(fine, voltage_mV={"soma": np.full(len(fine.time_ms), -65.0)})
    assert math.isnan(measure(silent)["spike_threshold_mV"])


def test_late_opening_of_sodium_channels_is_that_of_their_gates():
    """The steady state from the tables of gates of the published model's equations (docs/model.md 8)."""
    opening = late_opening(read_channel("nas_soma", 35.0), -40.0)
    assert opening.share == pytest.approx(0.135, abs=0.0005)
    assert opening.steady == pytest.approx(0.0065, abs=0.0001)
    settled = late_opening(read_channel("nas_soma", 35.0), -40.0, from_mV=-40.0)
    assert settled.share == pytest.approx(1.0)  # no step, no transient


# -- values of rows -----------------------------------------------------------------------------------------------------


class Trials:
    """A table of trials as a study leaves it."""

    def __init__(self, table: pd.DataFrame):
        self.table = table


def evidence(**columns) -> Evidence:
    return Evidence(Cell(), Trials(pd.DataFrame(columns)))


def test_a_resistance_is_the_difference_of_potentials_by_that_of_currents():
    """Seeds are paired whatever their order; 4.2 and 4.4 mV by 0.1 nA."""
    one = answers()["input_resistance_in_vivo", "implied by +100 pA giving about +10 mV"].trials
    found = evidence(
        condition=["silent cell", "silent cell", *["silent cell, DC +0.1 nA"] * 2],
        seed=[0, 1, 1, 0],
        dc_nA=[0.0, 0.0, 0.1, 0.1],
        mean_v_out_of_field_mV=[-62.8, -62.6, -58.2, -58.6],
    )
    np.testing.assert_allclose(np.sort(by_seed(one, found)), [42.0, 44.0])
    here = over_seeds(by_seed(one, found), one)
    assert (here.value, here.low, here.high) == pytest.approx((43.0, 42.0, 44.0))
    assert here.sd == pytest.approx(math.sqrt(2))


def test_what_stands_for_all_seeds():
    one = OfTrials(condition="c", measure="peak_rate_hz", over_seeds="max")
    assert over_seeds(np.array([3.0, 5.0]), one).value == 5.0
    signed = one.model_copy(update={"over_seeds": "sign"})
    assert over_seeds(np.array([-3.0, 1.0]), signed).value == -1.0
    assert math.isnan(over_seeds(np.array([]), one).value)


def test_sites_are_counted_and_a_channel_asked():
    alone = Evidence(Cell())
    by_name = {answer.quantity: answer for answer in answers().values()}
    assert here_of(by_name["excitatory_synapses_of_a_cell"], alone).value == 11294
    assert here_of(by_name["inhibitory_synapses_of_a_cell"], alone).value == 628
    late = here_of(by_name["late_openings_of_somatic_na_channels"], alone)
    assert late.value == pytest.approx(0.135, abs=0.0005)
    assert here_of(by_name["complex_spikes"], alone) is None


def test_rows_are_run_and_written(tmp_path):
    """Two runs of a second, and a row that needs none."""
    names = ("half_attenuation_of_steady_voltage_on_trunk", "complex_spikes")
    table = compare_rows(chosen_rows(names), tmp_path, processes=1)
    assert list(table) == list(COLUMNS)
    complex_spikes, control, without_Ih = table.to_dict("records")
    verdicts = [one["verdict"] for one in (complex_spikes, control, without_Ih)]
    assert verdicts == [NOT_MODELLED, NO_SPREAD, OUTSIDE]
    # docs/scores.md has four digits.
    assert control["here"] == pytest.approx(174.4, abs=0.05)
    assert without_Ih["here"] == pytest.approx(193.4, abs=0.05)
    written = pd.read_csv(tmp_path / "data_comparison.csv")
    assert list(written["verdict"]) == verdicts


def test_rows_without_a_run_take_none(tmp_path):
    rows = chosen_rows(("excitatory_synapses_of_a_cell", "complex_spikes"))
    table = compare_rows(rows, tmp_path)
    assert set(table["verdict"]) == {INSIDE, NOT_MODELLED}
    assert [path.name for path in tmp_path.iterdir()] == ["data_comparison.csv"]


def test_a_trial_that_ends_early_answers_nothing():
    found = evidence(condition=["place cell"], seed=[0], mean_rate_in_field_hz=[math.nan])
    here = here_of(answers()["in_field_rate", "place cell at rest"], found)
    assert math.isnan(here.value)
    assert here.n == 0


# -- command, page, figure ----------------------------------------------------------------------------------------------


def test_the_command_lists_and_refuses(capsys, refused, tmp_path):
    assert main(["compare-data", "--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list({row.quantity: 0 for row in recorded()})
    line = refused("compare-data", "--rows", "in_field_rat")
    assert "row 'in_field_rat' does not exist. Did you mean 'in_field_rate'?" in line
    assert "--seeds" in refused("compare-data", "--seeds", "0")
    (tmp_path / "trials").mkdir()
    (tmp_path / "trials" / "mine.txt").touch()
    line = refused("compare-data", "--rows", "in_field_rate", "--out", tmp_path)
    assert "is left alone; choose another" in line


def test_the_command_prints_table_and_count(tmp_path, capsys):
    arguments = ["compare-data", "--rows", "complex_spikes", "--out", str(tmp_path)]
    assert main([*arguments, "--rows", "inhibitory_synapses_of_a_cell"]) == 0
    printed = capsys.readouterr().out
    assert " ".join(printed.split()).count("900 to 1400 synapses 628 synapses outside") == 1
    assert "2 rows: 1 outside, 1 not modelled" in printed
    assert (tmp_path / "figures" / "data_comparison.png").is_file()


def test_the_shipped_table_has_every_row_as_it_was_recorded():
    """And the verdict that its own numbers come to."""
    shipped = pd.read_csv(SHIPPED)
    assert list(shipped) == list(COLUMNS)
    by_key = {(row.quantity, row.condition): row for row in recorded()}
    keys = list(zip(shipped["quantity"], shipped["condition"].fillna(""), strict=True))
    assert keys == list(by_key)
    for key, line in zip(keys, shipped.to_dict("records"), strict=True):
        row = by_key[key]
        assert line["value"] == row.value
        row = row._replace(spread=line["spread"], spread_is=line["spread_is"])
        modelled = isinstance(line["made_of"], str)
        assert modelled == (answers()[key].of is not None), key
        band = (line["here"], line["here_low"], line["here_high"])
        assert line["verdict"] == (row.verdict(*band) if modelled else NOT_MODELLED), key


def test_tables_say_value_spread_and_verdict():
    shipped = pd.read_csv(SHIPPED)
    text = tables(shipped)
    assert f"{count_line(shipped)}." in text
    for row in shipped.to_dict("records"):
        assert recorded_text(row) in text
        assert model_text(row) in text
    assert len(lines(shipped).splitlines()) == len(shipped)


def test_figure_has_a_panel_for_each_preparation_that_is_modelled():
    shipped = pd.read_csv(SHIPPED)
    modelled = shipped[shipped["made_of"].notna()]
    figure = data_comparison(shipped)
    assert len(figure.axes) == modelled["preparation"].nunique()
    rows = sum(len(ax.get_yticks()) for ax in figure.axes)
    assert rows == len(modelled)
    assert len(data_comparison(shipped[shipped["made_of"].isna()]).axes) == 1
