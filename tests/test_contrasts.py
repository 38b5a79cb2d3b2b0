"""Contrasts of paired trials: statistics of known answer, false alarms, the rule of verdicts, a study's tables."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netpyne_model.analysis.contrasts import (
    effect_size,
    holm,
    paired_effect,
    paired_share,
    sign_flip_p,
)
from netpyne_model.analysis.trials import mean_and_band
from netpyne_model.analysis.verdicts import AGREES, CANNOT_BE_TOLD, DOES_NOT, verdict_on
from netpyne_model.errors import ModelError
from netpyne_model.figures.contrasts import contrasts
from netpyne_model.reports.sweep_page import CONTRASTED
from netpyne_model.studies import Study, load_results
from netpyne_model.studies.contrasts import COLUMNS, contrast_table, in_cells, in_lines, numbers
from netpyne_model.studies.report import report_study
from netpyne_model.studies.results import write_tables
from netpyne_model.studies.runner import declaration, study_store

# Hours of sleep gained under two drugs by ten patients (Student 1908, Biometrika 6:1), first less second.
SLEEP_H = -np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
RATE_HZ = "mean_rate_in_field_hz"

# -- statistics -------------------------------------------------------------------------------------------------------


def test_a_paired_difference_is_that_of_the_t_test():
    """Published for these data: t -4.0621, p 0.0028, mean -1.58, band -2.4599 to -0.7001."""
    effect = paired_effect(SLEEP_H)
    known = stats.ttest_1samp(SLEEP_H, 0)
    assert effect.n == 10
    assert effect.estimate == pytest.approx((-1.58, *known.confidence_interval(0.95)), rel=1e-12)
    assert effect.estimate == pytest.approx((-1.58, -2.4599, -0.7001), abs=5e-5)
    assert effect.size.value == pytest.approx(known.statistic / math.sqrt(10), rel=1e-12)
    # At its limits the noncentral t has what was measured at its 2.5 % points.
    for limit, share in zip(effect.size[1:], (0.975, 0.025), strict=True):
        found = stats.nct.cdf(known.statistic, 9, limit * math.sqrt(10))
        assert found == pytest.approx(share, abs=1e-6)
    # Of 1024 assignments of signs those of the nine that are not 0, all one way or all the other, do as much.
    assert effect.p == 4 / 1024


def test_chance_is_what_all_assignments_of_signs_bring():
    d = np.random.default_rng(3).normal(0.5, 1.0, 9)
    means = [np.mean(d * signs) for signs in itertools.product((-1, 1), repeat=9)]
    expected = np.mean(np.abs(means) >= abs(d.mean()) * (1 - 1e-12))
    assert sign_flip_p(d) == pytest.approx(expected, rel=1e-12)
    shifted = paired_effect(d + 2.0, than=2.0)
    assert shifted.p == pytest.approx(expected, rel=1e-12)
    assert shifted.estimate.value == pytest.approx(d.mean() + 2.0)


def test_chance_of_many_pairs_is_drawn_and_the_same_each_time():
    """20000 draws about a p of 0.05 scatter by 0.0015; three of these, beside the t test's p."""
    d = np.random.default_rng(8).normal(0.45, 1.0, 30)
    assert sign_flip_p(d) == sign_flip_p(d)
    assert sign_flip_p(d) == pytest.approx(stats.ttest_1samp(d, 0).pvalue, abs=0.005)


def test_what_has_no_answer_has_none():
    assert sign_flip_p([0.0, 0.0, 0.0]) == 1.0
    assert math.isnan(sign_flip_p([]))
    assert np.isnan(effect_size([0.3])).all()
    assert np.isnan(effect_size([0.3, 0.3])).all()
    one = paired_effect([1.5, math.nan])
    assert (one.n, one.estimate.value) == (1, 1.5)
    assert math.isnan(one.estimate.lower)
    equal = paired_effect([0.3, 0.3, 0.3])
    assert equal.estimate == pytest.approx((0.3, 0.3, 0.3))


def test_the_band_of_a_share_are_the_shares_that_cannot_be_told_from_it():
    draw = np.random.default_rng(5)
    whole = draw.normal(3.0, 1.0, 20)
    part = 0.4 * whole + draw.normal(0, 0.5, 20)
    share = paired_share(part, whole, than=0.4)
    assert share.estimate.value == pytest.approx(part.mean() / whole.mean())
    for limit in share.estimate[1:]:
        assert stats.ttest_1samp(part - limit * whole, 0).pvalue == pytest.approx(0.05, abs=1e-9)
    assert share.p == sign_flip_p(part - 0.4 * whole)
    nothing = paired_share(part, whole - whole.mean() + 0.01)
    assert np.isfinite(nothing.estimate.value)
    assert np.isnan(nothing.estimate[1:]).all()
    assert paired_share(part, np.where(np.arange(20) < 4, math.nan, whole)).n == 16


def test_holm_raises_what_is_asked_often():
    """Worked by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and none below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, math.nan, 0.9])[[0, 2]] == pytest.approx([1.0, 1.0])
    assert len(holm([])) == 0


def test_false_alarms_of_one_test_and_of_a_family():
    """Of 60 families of 10 tests without an effect (10 pairs each): 600 tests, 5 % of them is 30, and 45 is
    2.8 standard deviations more. Of the families at most 5 % have a false alarm after Holm: 9 of 60 would be
    chance in one case of 1000."""
    draws = np.random.default_rng(11).normal(size=(60, 10, 10))
    p = np.array([[sign_flip_p(d) for d in family] for family in draws])
    assert 15 <= (p < 0.05).sum() <= 45
    assert sum((holm(family) < 0.05).any() for family in p) < 9


def test_bands_of_sparse_rates_hold_the_true_difference_nearly_as_often_as_they_say():
    """Counts in 3 s of 20 trials, silent in many, less those of nearly silent ones: 93 % where 95 % is said.

    Of 20000 cases the share is known to 0.2 %, three of which are the tolerance; the true mean, of a Poisson
    of a log-normal rate, is exact.
    """
    draw = np.random.default_rng(2)
    rates = draw.lognormal(0.5, 0.7, (20, 20_000))
    d = (draw.poisson(rates) - draw.poisson(0.3, rates.shape)) / 3
    band = mean_and_band(d)
    true = (math.exp(0.5 + 0.7**2 / 2) - 0.3) / 3
    assert np.mean((band.lower <= true) & (true <= band.upper)) == pytest.approx(0.93, abs=0.006)


# -- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("band", "claim", "limits", "verdict"),
    [
        ((1.0, 2.0), "larger", {}, AGREES),
        ((1.0, 2.0), "smaller", {}, DOES_NOT),
        ((-2.0, -1.0), "smaller", {}, AGREES),
        ((-0.1, 2.0), "larger", {}, CANNOT_BE_TOLD),
        ((1.0, 2.0), "larger", {"p": 0.06}, CANNOT_BE_TOLD),
        ((1.0, 2.0), "larger", {"p": math.nan}, CANNOT_BE_TOLD),
        ((0.6, 0.9), "larger", {"than": 0.5}, AGREES),
        ((0.1, 0.4), "larger", {"than": 0.5}, DOES_NOT),
        ((0.1, 0.4), "smaller", {"than": 0.5}, AGREES),
        ((0.4, 0.6), "smaller", {"than": 0.5}, CANNOT_BE_TOLD),
        ((-0.1, 0.2), "none", {"within": 0.5, "p": 1.0}, AGREES),
        ((0.1, 0.2), "none", {"within": 0.5}, AGREES),
        ((0.6, 0.9), "none", {"within": 0.5}, DOES_NOT),
        ((-0.9, -0.6), "none", {"within": 0.5}, DOES_NOT),
        ((0.6, 0.9), "none", {"within": 0.5, "p": 0.2}, CANNOT_BE_TOLD),
        ((0.2, 0.9), "none", {"within": 0.5}, CANNOT_BE_TOLD),
        ((math.nan, math.nan), "larger", {}, CANNOT_BE_TOLD),
        ((math.nan, math.nan), "none", {"within": 0.5}, CANNOT_BE_TOLD),
    ],
)
def test_the_rule_of_the_verdicts(band, claim, limits, verdict):
    assert verdict_on(*band, claim, **limits) == verdict


# -- a study's contrasts ----------------------------------------------------------------------------------------------

THREE = [
    {"condition": name, "drugs": drugs, "group": "low" if drugs else "control"}
    for name, drugs in (("control", []), ("half", ["INaP:0.5"]), ("TTX", ["TTX"]))
]
CONTRASTS = [
    {"claim": "TTX takes spikes.", "difference": ["control", "TTX"], "expected": "larger"},
    {
        "claim": "Half the persistent current is less than all of it",
        "difference": ["half", "TTX"],
        "less": ["control", "half"],
        "expected": "larger",
    },
    {
        "claim": "More than half of it is persistent",
        "difference": [["control", "half"], ["half", "TTX"]],
        "share_of": ["control", "TTX"],
        "expected": "larger",
        "than": 0.4,
    },
    {"claim": "It does nothing", "difference": ["half", "half"], "expected": "none", "within": 0.1},
]


def study_of_three(**changes):
    contrasts = [{"measure": RATE_HZ} | one for one in CONTRASTS]
    fields = {"list": THREE, "trials": 8, "contrasts": contrasts}
    return Study(**(fields | changes))


def table_of_three(*, upside_down=False) -> pd.DataFrame:
    """Rates of known differences: half 1 Hz below control, TTX 3 Hz below, with jitter between seeds."""
    draw = np.random.default_rng(4)
    of_seed, rows = draw.normal(5, 2, 8), []
    for name, less in (("control", 0.0), ("half", 1.0), ("TTX", 3.0)):
        for seed in range(8):
            rate = of_seed[seed] - less + draw.normal(0, 0.1)
            rows.append({"condition": name, "seed": seed, RATE_HZ: rate})
    table = pd.DataFrame(rows)
    return table[::-1] if upside_down else table


@pytest.mark.parametrize("upside_down", [False, True])
def test_contrasts_are_paired_by_seed(upside_down):
    table = table_of_three(upside_down=upside_down)
    rows = contrast_table(study_of_three().contrasts, table)
    assert list(rows) == list(COLUMNS)
    control, half, ttx = (
        table[table["condition"] == name].set_index("seed")[RATE_HZ].sort_index()
        for name in ("control", "half", "TTX")
    )
    known = stats.ttest_rel(control, ttx)
    first, second, third, fourth = rows.itertuples()
    assert first.lower == pytest.approx(known.confidence_interval().low)
    assert first.upper == pytest.approx(known.confidence_interval().high)
    assert (first.n, first.unit, first.verdict) == (8, "Hz", AGREES)
    assert first.compared == "control less TTX"
    assert second.value == pytest.approx(np.mean((half - ttx) - (control - half)))
    assert second.compared == "(half less TTX) less (control less half)"
    # The mean of the two steps is half of the whole, whatever the numbers are.
    assert third.value == pytest.approx(0.5)
    assert (third.unit, third.verdict, third.expected) == ("", AGREES, "larger than 0.4")
    assert third.compared.startswith("(mean of control less half; half less TTX) as a share of (")
    assert (fourth.value, fourth.p, fourth.verdict) == (0.0, 1.0, AGREES)
    assert list(rows["p_holm"]) == pytest.approx(list(holm(rows["p"])))


def test_false_alarms_are_counted_by_family():
    """Two families of two: twice and once the p in each, in place of four, three, two times and once."""
    families = ({"family": name} for name in ("a", "b", "a", "b"))
    contrasts = [
        {"measure": RATE_HZ} | one | family for one, family in zip(CONTRASTS, families, strict=True)
    ]
    rows = contrast_table(study_of_three(contrasts=contrasts).contrasts, table_of_three())
    for name, of_family in rows.groupby("family"):
        assert list(of_family["p_holm"]) == pytest.approx(list(holm(of_family["p"]))), name
    assert (
        rows["p_holm"][0]
        < contrast_table(study_of_three().contrasts, table_of_three())["p_holm"][0]
    )


def test_a_share_can_be_of_another_measure():
    """Excursions that fail, of spikes that are lost."""
    table = table_of_three().assign(peak_rate_hz=lambda rows: 4 * rows[RATE_HZ])
    one = CONTRASTS[2] | {"whole_measure": "peak_rate_hz", "difference": ["control", "TTX"]}
    (row,) = contrast_table(study_of_three(contrasts=[{"measure": RATE_HZ} | one]).contrasts, table).itertuples()  # fmt: skip
    assert row.value == pytest.approx(0.25)
    assert row.compared == "(control less TTX) as a share of peak_rate_hz of (control less TTX)"


def test_each_contrast_is_a_line_of_the_figure():
    """Bands of effect sizes, of shares in a panel of their own; numbers and verdicts beside them."""
    rows = contrast_table(study_of_three().contrasts, table_of_three())
    sizes, shares = contrasts(rows, numbers(rows)).axes
    lines = [tuple(line.get_xdata()) for line in sizes.lines if len(line.get_xdata()) == 2]
    for row in rows.iloc[:2].itertuples():
        assert (row.effect_lower, row.effect_upper) in lines
    assert (rows["lower"][2], rows["upper"][2]) in [
        tuple(line.get_xdata()) for line in shares.lines
    ]
    assert [text.get_text() for text in sizes.get_yticklabels()] == list(rows["claim"])
    said = [text.get_text().strip() for text in shares.texts]
    assert said[::2] == numbers(rows)
    assert said[1::2] == list(rows["verdict"])
    (alone,) = contrasts(rows[:2], numbers(rows[:2])).axes
    assert len(alone.get_yticklabels()) == 2


def test_a_trial_that_is_missing_leaves_out_its_pair():
    table = table_of_three()
    without = table[~((table["condition"] == "TTX") & (table["seed"] == 3))]
    assert contrast_table(study_of_three().contrasts, without)["n"].tolist() == [7, 7, 7, 8]
    none = contrast_table(study_of_three().contrasts, table[table["condition"] == "half"])
    assert none["n"].tolist() == [0, 0, 0, 8]
    assert none["verdict"].tolist() == [CANNOT_BE_TOLD] * 3 + [AGREES]
    assert in_cells(none)[0][5] == "none"


def test_contrasts_come_into_table_package_and_reports(tmp_path):
    study = study_of_three(title="Three")
    study_store(tmp_path).declare(declaration(study))
    write_tables([], study, tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text())
    (resource,) = (one for one in package["resources"] if one["name"] == "contrasts")
    described = {one["name"]: one["description"] for one in resource["schema"]["fields"]}
    assert described == COLUMNS
    rows = contrast_table(study.contrasts, table_of_three())
    rows.to_csv(tmp_path / "contrasts.csv", index=False)
    results = load_results(tmp_path)
    pd.testing.assert_frame_equal(results.contrasts, rows, check_dtype=False)
    assert in_lines(results.contrasts)[0].startswith("agrees: TTX takes spikes: 3.0")
    report_study(results, figures=False)
    text = (tmp_path / "REPORT.md").read_text()
    assert "| " + " | ".join(CONTRASTED) + " |" in text
    assert (
        "| TTX takes spikes. | agrees | mean_rate_in_field_hz | control less TTX | 8 | 3.0" in text
    )
    page = (tmp_path / "REPORT.html").read_text()
    assert "Claims about the conditions" in page
    assert "control less TTX" in page
    # The claims can be changed after the trials were run; without any there is no table.
    write_tables([], study_of_three(contrasts=()), tmp_path)
    assert not (tmp_path / "contrasts.csv").exists()


def test_a_number_stands_with_the_decimals_of_its_band():
    rows = contrast_table(study_of_three().contrasts, table_of_three())
    value = in_cells(rows)[0][5]
    number, _, band = value.partition(" Hz (")
    assert len(number.partition(".")[2]) == len(band.split(" to ")[0].partition(".")[2]) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"difference": ["contrl", "TTX"]}, "condition 'contrl' does not exist. Did you mean 'co"),
        ({"measure": "peak_rate"}, "measure 'peak_rate' does not exist. Did you mean 'peak_rate_"),
        ({"difference": ["control"]}, "contrasts.0.difference"),
        ({"difference": []}, "give [A, B], two names of conditions"),
        ({"expected": "none"}, "expected: none needs 'within'"),
        ({"within": 0.1}, "and no other has it"),
        ({"expected": "none", "within": 0.1, "than": 1}, "give 'within' alone"),
        ({"less": ["TTX", "half"], "share_of": ["TTX", "half"]}, "a contrast of its own"),
        (
            {"expected": "bigger"},
            "contrasts.0.expected = 'bigger': expected 'larger', 'smaller' or",
        ),
        ({"than": math.inf}, "contrasts.0.than = inf"),
    ],
)
def test_a_contrast_that_does_not_hold_is_refused(change, says):
    one = {"measure": RATE_HZ} | CONTRASTS[0] | change
    with pytest.raises(ModelError) as caught:
        study_of_three(contrasts=[one])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_sweep_has_none_of_the_files_contrasts(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(study_of_three().as_dict()))
    assert len(Study.load(path).contrasts) == 4
    assert Study.load(path, grid={"dc_nA": [0.0, 0.1]}).contrasts == ()


# -- groups -----------------------------------------------------------------------------------------------------------


def test_conditions_can_be_drawn_as_groups():
    """A group is a column and may split figures; it is no part of what is simulated."""
    study = study_of_three(panels="group", axis="drugs")
    assert study.swept == ("drugs",)
    ungrouped = [{"condition": one["condition"], "drugs": one["drugs"]} for one in THREE]
    grouped = {one.name: one for one in study.trial_list()}
    plain = {one.name: one for one in study_of_three(list=ungrouped).trial_list()}
    assert {one.swept["group"] for one in grouped.values()} == {"control", "low"}
    assert {name: one.key for name, one in grouped.items()} == {
        name: one.key for name, one in plain.items()
    }
    with pytest.raises(ModelError, match="the figures' 'group' is not swept"):
        Study(grid={"dc_nA": [0, 0.1]}, panels="group")
