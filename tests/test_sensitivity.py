"""Studies of sensitivity: the indices of a known function, the declaration, the shipped study, one that is run."""

import json
from math import pi

import numpy as np
import pandas as pd
import pytest

from netpyne_model.analysis.sensitivity import (
    IS_NOISE,
    rank_trends,
    ranks,
    saltelli_samples,
    sobol_indices,
)
from netpyne_model.configuration import load_configuration
from netpyne_model.errors import ModelError
from netpyne_model.figures.sensitivity import sensitivity as draw
from netpyne_model.morphology import REGION_GROUPS
from netpyne_model.simulation.prepared import prepare_trial
from netpyne_model.studies import Study, load_results, report_study
from netpyne_model.studies.command import chosen_study
from netpyne_model.studies.sensitivity import COLUMNS, Sensitivity, answers, sensitivity_table

RATE_HZ = "mean_rate_in_field_hz"
OF_RATE = (RATE_HZ, "values")
# Ishigami's function, sin x1 + a sin^2 x2 + b x3^4 sin x1, from -pi to pi (Ishigami & Homma 1990), with a fourth
# parameter that does nothing: shares of its variance in closed form.
A, B = 7.0, 0.1
ALONE = np.array([0.5 * (1 + B * pi**4 / 5) ** 2, A**2 / 8, 0.0, 0.0])
TOGETHER = B**2 * pi**8 * (1 / 18 - 1 / 50)
VARIANCE = ALONE.sum() + TOGETHER
FIRST = ALONE / VARIANCE
TOTAL = (ALONE + np.array([TOGETHER, 0, TOGETHER, 0])) / VARIANCE
FIELDS = ("dc_nA", "w_max", "kdr.gbar*", "theta_k")
ISHIGAMI = {
    "samples": 1024,
    "noise": "nothing",
    "measures": [RATE_HZ],
    "parameters": [
        {"name": name, "field": field, "low": -pi, "high": pi}
        for name, field in zip(("one", "two", "three", "nothing"), FIELDS, strict=True)
    ],
}
SHIPPED = Study.load("sensitivity", samples=2)
PARAMETERS = {one.name: one for one in SHIPPED.sensitivity.parameters}


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def trials_of(declared: Sensitivity) -> pd.DataFrame:
    """A table of trials whose rate is Ishigami's function of the fields of their conditions."""
    conditions = pd.DataFrame(declared.conditions())
    return conditions.assign(**{RATE_HZ: ishigami(conditions[list(FIELDS)].to_numpy(float))})


# -- indices ----------------------------------------------------------------------------------------------------------


def test_indices_of_a_known_function_are_its_closed_form():
    """0.02: the largest error of this design of 1024 blocks is 0.005, of its first 512 0.041."""
    declared = Sensitivity(**ISHIGAMI)
    shuffled = trials_of(declared).sample(frac=1, random_state=0)
    table = sensitivity_table(declared, shuffled)
    assert list(table) == list(COLUMNS)
    assert table["first"].to_numpy() == pytest.approx(FIRST, abs=0.02)
    assert table["total"].to_numpy() == pytest.approx(TOTAL, abs=0.02)
    assert table["verdict"].tolist() == ["above", "above", "above", IS_NOISE]
    assert table["total"].iloc[3] == 0
    # The first two differ by 0.12, so that hardly a resample has them the other way round.
    assert table["largest"].iloc[0] > 0.95
    assert table["largest"].sum() == pytest.approx(1)
    # x2 and x3 act by even functions: only with x1 does the number rise.
    assert table["trend"].iloc[0] > 0.4
    assert table["trend_p"].iloc[0] < 1e-6
    (text,) = answers(table).values()
    as_noise = table.assign(verdict=[IS_NOISE, *["above"] * 3])
    assert (
        "Noise, one (0." in answers(as_noise)[OF_RATE]
    )  # the order of seeds says nothing: no sign
    assert text.startswith(f"one + ({table['total'].iloc[0]:.2f}, ")
    assert "above it one, two, three; below it none; of 0 it cannot be told." in text


def test_bands_of_few_blocks_hold_the_closed_form():
    """95 % bands of 64 blocks, as many as the shipped study has: 9 of 10 at least over twelve designs."""
    held = []
    for seed in range(12):
        shares = saltelli_samples(64, 4, seed=seed)
        found = sobol_indices(ishigami(pi * (2 * shares - 1)), 4)
        for band, truth in ((found.first_band, FIRST), (found.total_band, TOTAL)):
            held.append((band[0, :3] <= truth[:3]) & (truth[:3] <= band[1, :3]))
    assert np.mean(held) >= 0.9


def test_ranks_are_the_same_for_every_growing_function():
    """Of exp(3 f) few samples have most, so that bands of its values are wide, those of ranks are not."""
    shares = saltelli_samples(64, 4, seed=3)
    values = ishigami(pi * (2 * shares - 1))
    np.testing.assert_array_equal(ranks(values, 4), ranks(np.exp(3 * values), 4))
    missing = values.copy()
    missing[7] = np.nan
    placed = ranks(missing, 4)
    assert np.isnan(placed[6:12]).all()  # its block
    rest = np.delete(values, np.s_[6:12])
    np.testing.assert_array_equal(np.delete(placed, np.s_[6:12]), ranks(rest, 4))
    assert ranks(np.array([1.0, 5.0, 5.0, 3.0]), 2).tolist() == [0.125, 0.75, 0.75, 0.375]
    assert ranks(np.zeros(12), 4).tolist() == [0.5] * 12


def test_bands_of_ranks_hold_the_indices_of_many_blocks_and_are_narrower():
    """The indices of ranks have no closed form: those of 4096 blocks stand for them (bands of 0.03)."""
    known = sobol_indices(ranks(ishigami(pi * (2 * saltelli_samples(4096, 4) - 1)), 4), 4)
    held, widths = [], []
    for seed in range(1, 13):
        values = np.exp(3 * ishigami(pi * (2 * saltelli_samples(64, 4, seed=seed) - 1)))
        of_ranks, of_values = sobol_indices(ranks(values, 4), 4), sobol_indices(values, 4)
        lower, upper = of_ranks.total_band[:, :3]
        held.append((lower <= known.total[:3]) & (known.total[:3] <= upper))
        widths.append([np.ptp(one.total_band[:, :3], axis=0) for one in (of_ranks, of_values)])
    assert np.mean(held) >= 0.9
    narrow, wide = np.median(widths, axis=0)
    assert (narrow < wide / 2).all()


def test_a_measure_counts_by_its_values_and_its_ranks():
    both = [RATE_HZ, {"measure": RATE_HZ, "scale": "ranks"}]
    declared = Sensitivity(**ISHIGAMI | {"samples": 32, "measures": both})
    trials = trials_of(declared)
    table = sensitivity_table(declared, trials).set_index("scale")
    usual, of_ranks = table.loc["values"], table.loc["ranks"]
    assert usual["trend"].tolist() == of_ranks["trend"].tolist()  # Spearman's is of ranks anyway
    grown = sensitivity_table(declared, trials.assign(**{RATE_HZ: trials[RATE_HZ] ** 3}))
    grown = grown.set_index("scale")
    assert grown.loc["ranks", "total"].tolist() == of_ranks["total"].tolist()
    assert grown.loc["values", "total"].tolist() != usual["total"].tolist()
    assert list(answers(table.reset_index())) == [OF_RATE, (RATE_HZ, "ranks")]
    top, bottom = draw(table.reset_index()).axes
    assert top.get_title(loc="left").replace("\n", " ") == "Rate in the field"
    assert bottom.get_title(loc="left").replace("\n", " ") == "Rate in the field (ranks)"


def test_a_design_of_twice_as_many_blocks_begins_with_it():
    few, many = saltelli_samples(4, 3, seed=5), saltelli_samples(8, 3, seed=5)
    np.testing.assert_array_equal(many[: len(few)], few)
    assert np.abs(saltelli_samples(4, 3, seed=6) - few).max() > 0.01
    with pytest.raises(ModelError, match="expected a power of two from 2, such as 64"):
        saltelli_samples(48, 3)
    assert saltelli_samples(64, 3).shape == (64 * 5, 3)


def test_few_blocks_tell_nothing_from_the_noise():
    """Bands of 8 blocks hold known indices too seldom: 80 to 87 % (docs/studies.md)."""
    for n_blocks, told in ((16, False), (32, True)):
        declared = Sensitivity(**ISHIGAMI | {"samples": n_blocks})
        table = sensitivity_table(declared, trials_of(declared))
        assert ("above" in set(table["verdict"])) == told
        assert ("Noise, nothing" in answers(table)[OF_RATE]) == told
        assert ("take 32 or more" in answers(table)[OF_RATE]) != told


def test_a_block_with_a_missing_trial_is_left_out():
    declared = Sensitivity(**ISHIGAMI | {"samples": 16})
    trials = trials_of(declared)
    table = sensitivity_table(declared, trials.drop(index=[7, 8]))  # of the second block
    assert set(table["n"]) == {15}
    shares = declared.shares
    rest = np.delete(np.arange(len(shares)), np.s_[6:12])
    known = sobol_indices(trials[RATE_HZ].to_numpy()[rest], 4)
    assert table["total"].to_numpy() == pytest.approx(known.total)


def test_a_trial_without_a_value_counts_as_the_study_says():
    measure = "spatial_information_bits"
    declared = Sensitivity(**ISHIGAMI | {"samples": 8, "measures": [measure]})
    trials = trials_of(declared).rename(columns={RATE_HZ: measure})
    filled = trials.assign(**{measure: trials[measure].clip(lower=0)})
    silent = trials.assign(**{measure: trials[measure].where(trials[measure] > 0)})
    as_none = Sensitivity(
        **ISHIGAMI | {"samples": 8, "measures": [{"measure": measure, "none_is": 0}]}
    )
    pd.testing.assert_frame_equal(
        sensitivity_table(as_none, silent), sensitivity_table(declared, filled)
    )
    assert sensitivity_table(declared, silent)["n"].max() < 8


def test_several_seeds_of_a_sample_count_by_their_mean():
    declared = Sensitivity(**ISHIGAMI | {"samples": 8})
    trials = trials_of(declared)
    twice = pd.concat([trials.assign(**{RATE_HZ: trials[RATE_HZ] + by}) for by in (-1, 1)])
    pd.testing.assert_frame_equal(
        sensitivity_table(declared, twice), sensitivity_table(declared, trials)
    )


def test_a_number_that_never_varies_has_no_indices():
    declared = Sensitivity(**ISHIGAMI | {"samples": 4})
    table = sensitivity_table(declared, trials_of(declared).assign(**{RATE_HZ: 0.0}))
    assert table["total"].isna().all()
    assert "nothing can be told" in answers(table)[OF_RATE]
    assert draw(table).axes


def test_a_trend_is_that_of_the_independent_samples():
    shares = saltelli_samples(32, 2, seed=0)
    rising, falling = rank_trends(shares, shares[:, 0] ** 3 - 1e-3 * shares[:, 1])
    assert rising.correlation > 0.99
    assert abs(falling.correlation) < 0.3
    with pytest.raises(ModelError, match="expected whole blocks of 4"):
        rank_trends(shares[:5], shares[:5, 0])
    assert len(rank_trends(shares[:4], shares[:4, 0])) == 2


def test_each_measure_is_a_panel_with_bars_bands_and_the_noise():
    declared = Sensitivity(**ISHIGAMI | {"samples": 64, "measures": [RATE_HZ, "peak_rate_hz"]})
    trials = trials_of(declared)
    table = sensitivity_table(declared, trials.assign(peak_rate_hz=trials[RATE_HZ] ** 2))
    left, right = draw(table).axes
    names = [text.get_text() for text in left.get_yticklabels()]
    assert sorted(names) == ["nothing", "one", "three", "two"]
    for ax, measure in ((left, RATE_HZ), (right, "peak_rate_hz")):
        rows = table[table["measure"] == measure].set_index("parameter").loc[names]
        bars = [bar.get_width() for bar in ax.patches if bar.get_height() == pytest.approx(0.6)]
        assert bars == pytest.approx(rows["total"].tolist())
        lines = [tuple(line.get_xdata()) for line in ax.lines]
        for kind in ("total", "first"):
            assert set(zip(rows[f"{kind}_lower"], rows[f"{kind}_upper"], strict=True)) <= set(lines)
        noise = rows.loc["nothing", "total"]
        assert (noise, noise) in lines


# -- declaration ------------------------------------------------------------------------------------------------------


def _with(**one) -> dict:
    """A change that adds a parameter."""
    return {"parameters": [*ISHIGAMI["parameters"], {"name": "x", "field": "dt_ms"} | one]}


@pytest.mark.parametrize(
    ("change", "says", "mended"),
    [
        ({"samples": 48}, "no power of two; give 32 or 64", {"samples": 32}),
        ({"noise": "noting"}, "Did you mean 'nothing'", {"noise": "nothing"}),
        (
            {"measures": ["mean_rate_in_feild_hz"]},
            "Did you mean 'mean_rate_in_field_hz'",
            {"measures": [RATE_HZ]},
        ),
        (
            {"parameters": [*ISHIGAMI["parameters"], ISHIGAMI["parameters"][0]]},
            "name 'one' stands twice; give each once",
            {},
        ),
        (
            _with(field="seed", low=0, high=1),
            "seed cannot be swept",
            _with(field="assignment_seed", low=0, high=1, whole=True),
        ),
        (_with(low=0.1, high=0.1), "give low below high", _with(low=0.05, high=0.1)),
        (
            _with(field="n_excitatory", low=0.5, high=2, whole=True),
            "whole: true needs whole numbers as low and high",
            _with(field="n_excitatory", low=1, high=2, whole=True),
        ),
    ],
)
def test_a_declaration_that_does_not_hold_is_refused(change, says, mended):
    with pytest.raises(ModelError) as caught:
        Study(sensitivity=ISHIGAMI | {"samples": 2} | change)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    study = Study(sensitivity=ISHIGAMI | {"samples": 2} | mended)
    assert len(study.conditions) == study.sensitivity.samples * (len(study.sensitivity.names) + 2)


def test_samples_stand_in_place_of_conditions():
    with pytest.raises(ModelError, match="sensitivity draws the conditions itself"):
        Study(sensitivity=ISHIGAMI | {"samples": 2}, grid={"dc_nA": [0, 0.1]})
    assert len(Study(sensitivity=ISHIGAMI | {"samples": 2}).conditions) == 12
    with pytest.raises(ModelError, match="the study draws none"):
        chosen_study("place_cell", [], None, [], None, samples=4)
    with pytest.raises(ModelError, match="--samples is of a study of sensitivity"):
        chosen_study(None, ["dc_nA=[0, 0.1]"], None, [], None, samples=4)
    chosen = chosen_study("sensitivity", [], None, [], None, samples=8)
    assert len(chosen.conditions) == 8 * 18
    again = Study(**json.loads(json.dumps(SHIPPED.as_dict())))
    assert again.conditions == SHIPPED.conditions
    assert Study.load("sensitivity", grid={"dc_nA": [0.0, 0.1]}).sensitivity is None


# -- the shipped study ------------------------------------------------------------------------------------------------


def test_every_sample_lies_within_its_range_and_differs_where_the_design_says():
    conditions = pd.DataFrame(Study.load("sensitivity", samples=16).conditions)
    block = len(PARAMETERS) + 2
    for number, one in enumerate(PARAMETERS.values()):
        values = conditions[one.field]
        assert values.between(one.low, one.high).all()
        assert np.ptp(values) > 0.8 * (one.high - one.low)
        # In a block only its own sample, and the last, where all differ, has another value than the first.
        others = [at for at in range(1, block - 1) if at != number + 1]
        for start in range(0, len(values), block):
            assert (values.iloc[[start + at for at in others]] == values.iloc[start]).all()
            assert values.iloc[start + number + 1] == values.iloc[start + block - 1]


@pytest.fixture(scope="module")
def base() -> dict:
    return SHIPPED.base | {"duration_ms": 600.0}


@pytest.fixture(scope="module")
def published(base):
    return prepare_trial(load_configuration(None, base, {"assignment_seed": 0}))


OF_THE_CELL = [one for one in PARAMETERS.values() if one.field.endswith("*")]


@pytest.mark.parametrize("one", OF_THE_CELL, ids=lambda one: one.field)
def test_a_parameter_of_the_cell_has_the_value_of_its_sample(one, base, published):
    """On every segment of its regions, and nowhere else; and no other parameter moves."""
    region, _, parameter = one.field.removesuffix("*").rpartition(":")
    cell = prepare_trial(load_configuration(None, base, {one.field: one.value(0.9)})).cell
    before, after = published.cell.table(), cell.table()
    regions = REGION_GROUPS.get(region, [region])
    here = before["region"].isin(regions) if region else pd.Series(True, before.index)
    bearing = here & (before[parameter] > 0)
    assert bearing.any()
    expected = before[parameter].where(~here, before[parameter] * one.value(0.9))
    np.testing.assert_allclose(after[parameter], expected, rtol=1e-9)
    others = [name for name in before if name != parameter]
    pd.testing.assert_frame_equal(before[others], after[others])


def test_the_other_parameters_move_inputs_and_current(base, published):
    others = {one.field: one.value(0.9) for one in PARAMETERS.values() if one not in OF_THE_CELL}
    assert set(others) == {"n_excitatory", "w_max", "dc_nA", "assignment_seed"}
    driven = {
        field: prepare_trial(load_configuration(None, base, {"assignment_seed": 0}, {field: value}))
        for field, value in others.items()
    }
    synapses = {field: one.driven.synapses for field, one in driven.items()}
    usual = published.driven.synapses
    n_excitatory = (synapses["n_excitatory"]["kind"] == "exc").sum()
    assert 0 <= others["n_excitatory"] - n_excitatory < 4  # each region's share is rounded down
    assert synapses["w_max"]["ampa_weight"].max() == pytest.approx(others["w_max"], rel=1e-3)
    assert usual["ampa_weight"].max() == pytest.approx(2.5, rel=1e-3)
    assert published.dc[-1] == 0
    assert driven["dc_nA"].dc[-1] == others["dc_nA"]
    anew, was = synapses["assignment_seed"], usual
    assert len(anew) == len(was)
    assert not anew.equals(was)


# -- a study that is run ----------------------------------------------------------------------------------------------


def test_a_small_study_is_run_and_reported(tmp_path, loaded):
    """Eight trials of 150 ms on the track at a large current; most of the time is the start of a worker."""
    declared = {
        "samples": 2,
        "measures": [RATE_HZ, {"measure": "spatial_information_bits", "none_is": 0}],
        "parameters": [
            {"name": "current", "field": "dc_nA", "low": 0.0, "high": 1.0},
            # Seeds beyond the integers of netCDF 3, which profiles.nc has to hold.
            {"name": "inputs", "field": "assignment_seed", "low": 2**31, "high": 2**32 - 1}
            | {"whole": True},
        ],
    }
    study = Study(
        name="small",
        title="A small one",
        sensitivity=declared,
        base={"duration_ms": 700.0, "field_centre_fraction": 0.0, "n_excitatory": 20}
        | {"n_inhibitory": 10, "dt_ms": 0.1, "integration": "second_order"},
    )
    results = study.run(tmp_path / "small", processes=1)
    assert len(results.table) == 8
    rates = results.table.set_index("condition")[RATE_HZ]
    drawn = results.profiles["assignment_seed"].to_numpy()
    assert drawn.tolist() == [one["assignment_seed"] for one in study.conditions]
    table = load_results(tmp_path / "small").sensitivity
    known = sobol_indices(rates[[f"sample {n}" for n in range(8)]].to_numpy(), 2)
    assert rates.max() > rates.min()
    assert table[table["measure"] == RATE_HZ]["total"].tolist() == pytest.approx(known.total)
    assert table["verdict"].tolist() == ["cannot be told"] * 4
    assert report_study(results).figures == ["sensitivity"]
    assert (tmp_path / "small" / "figures" / "sensitivity.svg").is_file()
    text = (tmp_path / "small" / "REPORT.md").read_text()
    assert "8 samples of 1 trial" in text
    assert "| Rate in the field | current" in text
    page = (tmp_path / "small" / "REPORT.html").read_text()
    assert "Which parameters move the measures" in page
    package = json.loads((tmp_path / "small" / "datapackage.json").read_text())
    (resource,) = (one for one in package["resources"] if one["name"] == "sensitivity")
    described = {one["name"]: one["description"] for one in resource["schema"]["fields"]}
    assert described == COLUMNS
