"""The six signs of the persistent current: measures of known answer, the rule of the verdicts, short real conditions."""

import math

import numpy as np
import pandas as pd
import pytest
from following import told
from matplotlib.figure import Figure
from scipy import stats

from netpyne_model import Cell, CurrentClamp, DynamicClamp, Protocol, SynapticCurrent
from netpyne_model.analysis.excitability import (
    after_hyperpolarisation,
    firing_gain,
    lasting_rate,
    latencies,
    spike_jitter,
)
from netpyne_model.analysis.verdicts import AGREES, CANNOT_BE_TOLD, DOES_NOT
from netpyne_model.errors import ModelError
from netpyne_model.experiments import EXPERIMENTS, persistent_signs, sign_verdicts, spike_precision
from netpyne_model.experiments.condition import Condition
from netpyne_model.experiments.outcome import Outcome
from netpyne_model.experiments.verdict import (
    COLUMNS,
    Banded,
    Claim,
    from_two_runs,
    in_cells,
    verdict,
    verdict_table,
)
from netpyne_model.reports.sweep_page import JUDGED
from netpyne_model.sweeps.report import Section, markdown_report, write_report

EXPERIMENT = EXPERIMENTS["persistent_signs"]

# -- measures of known answer ------------------------------------------------------------------------------------------


def test_a_rate_is_that_of_firing_that_lasts():
    regular = np.arange(510.0, 1000.0, 25.0)
    assert lasting_rate(regular, 500.0, 1000.0) == pytest.approx(40.0)
    assert math.isnan(lasting_rate(regular[:10], 500.0, 1000.0))  # ends half way
    assert math.isnan(lasting_rate(regular[:2], 500.0, 1000.0))
    assert lasting_rate(np.append(regular, 1001.0), 500.0, 1000.0) == pytest.approx(40.0)


def test_the_gain_is_the_slope_over_the_rates_there_are():
    current_nA = np.array([0.3, 0.35, 0.4, 0.45])
    rate_Hz = 10 + 220 * current_nA
    assert firing_gain(current_nA, rate_Hz) == pytest.approx(220)
    rate_Hz[0] = math.nan
    assert firing_gain(current_nA, rate_Hz) == pytest.approx(220)
    assert math.isnan(firing_gain(current_nA[:2], rate_Hz[:2]))


@pytest.mark.parametrize("depth_mV", [3.0, -1.0])
def test_the_afterhyperpolarisation_of_a_drawn_spike(depth_mV):
    """From -60 to 30 mV, back 30 ms later to its lowest, up again in 100 ms; where there is none, it is negative."""
    corners = [(0, -60), (100, -60), (101, 30), (103, -50), (131, -60 - depth_mV), (231, -58), (300, -58)]  # fmt: skip
    time_ms = np.arange(0, 300, 0.1)
    v_mV = np.interp(time_ms, *np.transpose(corners))
    found_mV, at_ms = after_hyperpolarisation(time_ms, v_mV, 100.0)
    assert found_mV == pytest.approx(depth_mV, abs=1e-9)
    assert at_ms == pytest.approx(30.0, abs=0.11)
    with pytest.raises(ModelError, match="before the after-hyperpolarisation"):
        after_hyperpolarisation(time_ms[:1040], v_mV[:1040], 100.0)


def test_latencies_are_to_the_first_spike_and_no_further():
    found = latencies([12.0, 14.0, 230.0, 405.0], [0.0, 100.0, 200.0, 400.0, 500.0], 40.0)
    np.testing.assert_array_equal(found, [12.0, np.nan, 30.0, 5.0, np.nan])


def test_the_jitter_of_normal_latencies_and_its_band():
    drawn = stats.norm.ppf(
        (np.arange(400) + 0.5) / 400, 12.0, 2.0
    )  # of normal moments to a percent
    found = spike_jitter(np.append(drawn, [np.nan] * 100))
    assert (found.n_events, found.n_fired) == (500, 400)
    assert found.jitter_ms == pytest.approx(drawn.std(ddof=1))
    # Of normal values the band is that of chi squared: the bootstrap finds it to a tenth of its width.
    factors = np.sqrt(399 / stats.chi2.ppf([0.975, 0.025], 399))
    expected = found.jitter_ms * factors
    width = expected[1] - expected[0]
    np.testing.assert_allclose([found.lower_ms, found.upper_ms], expected, atol=0.1 * width)
    assert spike_jitter(drawn) == spike_jitter(drawn)
    assert math.isnan(spike_jitter(np.array([1.0, 2.0, np.nan])).jitter_ms)


def passive() -> Cell:
    """The simple model's compartment with its leak alone."""
    cell = Cell.simple()
    return cell.without(list(cell.specification.biophysics.channels))


def test_resistance_and_time_constant_of_a_passive_compartment():
    """R = 1/(g area), tau = C/g: what the measure finds of a step is this to the error of its step of 0.025 ms."""
    cell = passive()
    (section,) = cell.describe("none").sections.values()
    siemens_per_cm2, area_cm2 = (
        float(section.leak_S_per_cm2[0]),
        float(section.area_um2.sum()) * 1e-8,
    )
    resistance_MOhm = 1e-6 / (siemens_per_cm2 * area_cm2)
    tau_ms = 1e-3 * float(section.cm_uF_per_cm2[0]) / siemens_per_cm2
    step = CurrentClamp(
        amplitude_nA=-0.005,
        place=f"{section.name}(0.5)",
        start_ms=persistent_signs.STEP_AT_MS,
        stop_ms=persistent_signs.STEP_AT_MS + persistent_signs.SMALL_STEP_MS,
    )
    protocol = Protocol(
        duration_ms=step.stop_ms, stimuli=step, record={"soma": step.place}, dt_ms=0.025
    )
    found = persistent_signs.measure_step(protocol.run(cell))
    left = math.exp(-persistent_signs.SMALL_STEADY_MS[0] / tau_ms)
    assert found["input_resistance_MOhm"] == pytest.approx(resistance_MOhm, rel=1e-4 + left)
    # Implicit Euler's time constant is longer by half a step.
    assert found["time_constant_ms"] == pytest.approx(tau_ms + 0.0125, rel=1e-3)


def test_the_noise_has_the_moments_of_campbells_theorem():
    """On a compartment without membrane to speak of: the mean is balanced; the scatter as worked out, to 5 %."""
    moments = spike_precision.shot_noise(2.0, 0.012)
    t = np.arange(0, 200, 0.005)
    course = np.exp(-t / 5) - np.exp(-t / 0.2)
    course *= 0.012 / course.max()
    assert moments.mean_nA == pytest.approx(2.0 * course.sum() * 0.005, rel=1e-3)
    assert moments.sd_nA == pytest.approx(np.sqrt(2.0 * (course**2).sum() * 0.005), rel=1e-3)
    events, current = spike_precision.noise(3, 20_250.0)
    assert isinstance(events, SynapticCurrent)
    assert current.amplitude_nA == -moments.mean_nA
    arrivals, _ = np.histogram(events.times_ms, np.arange(250, 20_250.1, 0.1))
    sampled = np.convolve(arrivals, course[:: round(0.1 / 0.005)])[1000 : len(arrivals)]
    assert sampled.mean() + current.amplitude_nA == pytest.approx(0, abs=0.05 * moments.sd_nA)
    assert sampled.std() == pytest.approx(moments.sd_nA, rel=0.05)


def test_a_cell_that_fires_by_itself_is_told_to_be_held_lower():
    """Held by 0.6 nA it fires without an EPSP; by nothing, it has a threshold."""

    def threshold(amplitude_nA):
        holding = CurrentClamp(amplitude_nA=amplitude_nA)
        return spike_precision.threshold_weight(Cell(), [holding], {})

    told(lambda: threshold(0.6), "the EPSP fires at its smallest weight, 0.1; hold the cell lower.")
    low, high = spike_precision.WEIGHTS
    assert low < threshold(0.0) < high


# -- verdicts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("with_it", "without_it", "higher", "told"),
    [
        (Banded(3.0, 0.4), Banded(2.0, 0.5), True, AGREES),
        (Banded(3.0, 0.4), Banded(2.0, 0.5), False, DOES_NOT),
        (Banded(2.0, 0.4), Banded(3.0, 0.5), False, AGREES),
        (Banded(3.0, 0.5), Banded(2.0, 0.5), True, CANNOT_BE_TOLD),
        (Banded(2.0), Banded(2.0), True, CANNOT_BE_TOLD),
        (Banded(math.nan, math.nan), Banded(2.0), True, CANNOT_BE_TOLD),
    ],
)
def test_the_rule_of_the_verdicts(with_it, without_it, higher, told):
    assert verdict(with_it, without_it, higher=higher) == told


def test_a_band_is_how_far_the_coarser_run_is_off():
    assert from_two_runs(2.2, 2.0) == (2.0, pytest.approx(0.2))
    assert from_two_runs(2.0, 2.2, 0.001) == (2.2, pytest.approx(0.201))


def test_verdicts_come_into_the_reports(tmp_path):
    claim = Claim("1 rheobase", "rheobase", "nA", False, "someone 2006")
    table = verdict_table(
        [
            claim.judged("a against b", Banded(0.2, 0.01), Banded(0.3)),
            claim.judged("a against c", Banded(0.2), Banded(math.nan)),
        ]
    )
    assert tuple(table.columns) == COLUMNS
    cells = in_cells(table)
    assert cells[0] == [
        "1 rheobase", "rheobase, a against b", "lower with it", "0.2 ± 0.01 nA", "0.3 nA", AGREES, "someone 2006"
    ]  # fmt: skip
    assert (cells[1][4], cells[1][5]) == ("none", CANNOT_BE_TOLD)
    section = Section("Signs", "here", judged=cells)
    text = markdown_report("All", [section], "the command")
    assert "| " + " | ".join(JUDGED) + " |" in text
    assert "0.2 ± 0.01 nA" in text
    assert "No figures of the published model" not in text
    write_report(tmp_path, "All", [section], "the command")
    assert "0.2 ± 0.01 nA" in (tmp_path / "REPORT.html").read_text()


PLACED = (
    "the rheobase's rise",
    "the resistance's loss at -56 mV",
    "the time constant's loss at -56 mV",
    "the EPSP's loss at -56 mV",
)


def made_up_table() -> pd.DataFrame:
    """Every condition with numbers of which the verdicts are known: what a block takes is its dose."""
    dose = {"control": 0, "INaP 0.5": 0.5, "INaP 1": 1, "TTX 0.5": 0.5, "added 0.5": -0.5}
    rows = []
    for one in EXPERIMENT.conditions(None):
        labels = {
            name: value for name, value in one.labels.items() if name not in ("clamps", "seeds")
        }
        name = labels["preparation"]
        block, _, place = name.partition(", ")
        taken = dose[block]
        if place:
            taken = 0.25 if place.startswith("back") else 0.75 * ("axonal" in place)
        off = 0.001 if labels.get("run") == "coarse" else 0.0
        near = (labels.get("target_mV", 0) + 70) / 14  # 0 at -70 mV, 1 at -56
        values = {
            "rheobase": {f"rheobase_{run}_nA": 0.25 + 0.1 * taken for run in ("coarse", "fine")},
            "firing": {
                "n_spikes": 20,
                "rate_Hz": (200 - 50 * taken) * labels.get("current_nA", 0) + off,
            },
            "spike": {"n_spikes": 1, "ahp_mV": 2.0 + off},
            "precision": {
                "jitter_ms": 2 - taken,
                "lower_ms": 1.9 - taken,
                "upper_ms": 2.1 - taken,
                "n_fired": 30,
                "n_events": 60,
            },
            "step": {
                "n_spikes": 0,
                "input_resistance_MOhm": 70 - near * (10 + 20 * taken) + off,
                "time_constant_ms": 11 - near * (3 + 2 * taken) + off,
            },
            "epsp": {"n_spikes": 0, "epsp_soma_mV": 2 + near * (2 - 2 * taken) + off},
        }
        rows.append(labels | values[labels["kind"]])
    return pd.DataFrame(rows)


def test_the_signs_of_a_table_of_known_answer():
    verdicts = sign_verdicts.judge(made_up_table()).set_index(["quantity", "compared"])
    told = verdicts["verdict"]
    for block in ("INaP 0.5", "INaP 1", "TTX 0.5"):
        pair = f"control against {block}"
        assert told["rheobase", pair] == AGREES
        assert told["gain, same currents", pair] == DOES_NOT
        assert told["AHP, held at -60 mV", pair] == CANNOT_BE_TOLD
        assert told["jitter, EPSP 1 x threshold", pair] == AGREES
        assert told["EPSP at -56 / at -62 mV", pair] == AGREES
    assert told["rheobase", "added 0.5 against control"] == AGREES
    assert told["resistance at -56 mV", "control against INaP 1"] == AGREES
    # It falls, if less than under the block: that it rises is not so.
    assert told["rise of resistance, -70 to -56 mV", "control against no change"] == DOES_NOT
    for words in PLACED:
        lost = verdicts.loc[f"part of {words}, block there alone", "with_it"].to_dict()
        assert lost == pytest.approx(
            {f"INaP 1, {place}, against a half": 0.75 * (place == "axonal")
             for place in persistent_signs.PLACES}
        )  # fmt: skip
        back = verdicts.loc[f"part of {words} given back", "with_it"]
        n_back = 5 if words == "the rheobase's rise" else 6
        assert back[:n_back].to_numpy() == pytest.approx(0.75)
        assert back[n_back:].to_list() == pytest.approx([0.5] * (len(back) - n_back))
        pair = f"part of {words} given back", "INaP 1, back: soma, against a half"
        assert told[pair] == AGREES
    # A step between the two runs as wide as the search's is half of a hundredth of the rise of 0.1 nA, both ways.
    (rise,) = verdicts.loc[["part of the rheobase's rise given back"]].query(
        "compared.str.contains('soma')"
    )["band_with"]
    assert rise == pytest.approx(2 * sign_verdicts.RHEOBASE_RESOLUTION_NA / 0.1)
    jitter = verdicts[verdicts["sign"] == "4 where it sits"].reset_index().set_index("compared")
    assert jitter["difference"].to_dict() == pytest.approx(
        {f"control against INaP 1, {place}": 0.75 * (place == "axonal")
         for place in persistent_signs.PLACES}
    )  # fmt: skip


def test_gains_are_of_the_steps_that_are_meant():
    """Rates that stop growing: near rheobase the slope is that below, at the same currents that of what both have."""
    table = made_up_table()
    firing = table["kind"] == "firing"
    current_nA = table.loc[firing, "current_nA"]
    table.loc[firing, "rate_Hz"] = 200 * current_nA.clip(upper=0.4)
    silent = firing & (table["preparation"] == "INaP 1") & (table["current_nA"] < 0.44)
    table.loc[silent, "rate_Hz"] = math.nan
    table.loc[table["kind"] == "rheobase", ["rheobase_coarse_nA", "rheobase_fine_nA"]] = 0.151
    assert sign_verdicts.gain(table, "control") == (pytest.approx(200), pytest.approx(0))
    assert math.isnan(sign_verdicts.gain(table, "INaP 1").value)  # none up to 0.401 nA
    found = sign_verdicts.gain_at_same_currents(table, "control", "INaP 1")
    assert found == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


def test_what_fires_where_it_should_not_has_no_number():
    table = made_up_table()
    table.loc[(table["kind"] == "epsp") & (table["preparation"] == "control"), "n_spikes"] = 1
    verdicts = sign_verdicts.judge(table)
    of_epsps = verdicts["quantity"].str.startswith("EPSP at")
    assert set(verdicts.loc[of_epsps, "verdict"]) == {CANNOT_BE_TOLD}


def test_the_figure_of_a_table_of_known_answer():
    table = made_up_table()
    time_ms = np.arange(200, 500, 1.0)
    outcomes = [
        Outcome(row, {"soma": (time_ms, row["target_mV"] + 0 * time_ms, "mV", "v")})
        for row in table.to_dict("records")
        if row["kind"] == "spike"
    ]
    figure = EXPERIMENT.draw(table, outcomes)
    assert isinstance(figure, Figure)
    *_, where, last = figure.axes
    # Of three numbers each a dot a place, open and full; of a line with its band matplotlib makes a container.
    n_places = len(persistent_signs.PLACES)
    assert len(where.containers) == 3 * (2 * n_places + 1) + 2 * 2  # all; negative g and TTX of two
    texts = [text.get_text() for text in last.texts]
    assert {"agrees", "does not", "not told"} <= set(texts)


# -- real conditions -----------------------------------------------------------------------------------------------------


def test_every_preparation_has_every_sign():
    kinds = {}
    for one in EXPERIMENT.conditions(None):
        kinds.setdefault(one.labels["preparation"], set()).add(one.labels["kind"])
    every = {"rheobase", "firing", "spike", "precision", "step", "epsp"}
    for one in persistent_signs.PREPARATIONS:
        assert kinds[one.name] == every
    for one in persistent_signs.GIVEN_BACK:
        placed = {"rheobase"} if one in persistent_signs.BACK_AT else set()
        assert kinds[one.name] == {"step", "epsp"} | placed
    for one in persistent_signs.BLOCKED_AT:
        assert kinds[one.name] == {"rheobase", "precision", "step", "epsp"}


def small_step(name: str) -> dict:
    (chosen,) = (
        one
        for one in EXPERIMENT.conditions(None)
        if {"kind": "step", "preparation": name, "run": "fine", "target_mV": -56.0}.items()
        <= one.labels.items()
    )
    assert isinstance(chosen, Condition)
    return chosen.outcome().row


def test_the_negative_conductance_is_what_the_block_takes_of_the_input_conductance():
    """As its value says, to 1 %; given back at the soma it makes the input resistance that of control, to 1 %."""
    control, block, back = (
        small_step(name)["input_resistance_MOhm"]
        for name in ("control", "INaP 1", "INaP 1, back: negative g")
    )
    assert 1 / control - 1 / block == pytest.approx(persistent_signs.NEGATIVE_G_US, rel=0.01)
    assert back == pytest.approx(control, rel=0.01)


def test_a_rheobase_is_between_a_step_that_fires_and_one_that_does_not(monkeypatch):
    """Looked for in a few pA about it; with more of the current it lies below them."""
    monkeypatch.setattr(persistent_signs, "RHEOBASE_NA", (0.226, 0.234))
    monkeypatch.setattr(persistent_signs, "AROUND_NA", 0.002)
    found = persistent_signs.search_rheobase(Cell(), {"clamps": []}).row
    for run, dt_ms in persistent_signs.RUNS.items():
        rheobase_nA = found[f"rheobase_{run}_nA"]
        steps = (
            persistent_signs.current_step(nA, dt_ms) for nA in (rheobase_nA - 0.001, rheobase_nA)
        )
        assert [len(one.run(Cell()).spike_times_ms) > 0 for one in steps] == [False, True]
    more = {"clamps": [DynamicClamp(region="axonal", factor=0.2)]}
    assert math.isnan(persistent_signs.search_rheobase(Cell(), more).row["rheobase_fine_nA"])
