"""One import: its names, runs that leave nothing behind, results kept, figures drawn, refusals in one line."""

import dataclasses
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from nwbinspector import inspect_nwbfile

import netpyne_model as ca1
from netpyne_model import (
    Cell,
    CurrentClamp,
    Holding,
    ModelError,
    Protocol,
    ShaftInput,
    SpineInput,
    VoltageClamp,
    draw,
    draw_parameter,
    load,
    plot,
    plot_parameter,
    save,
)

SPINE = 3790  # near trunk@200
MODES = pytest.mark.parametrize("step", [{}, {"dt_ms": 0.025}], ids=["variable", "fixed"])
STEP = Protocol(duration_ms=20, stimuli=CurrentClamp(amplitude_nA=0.2, start_ms=5))
DRIVEN = Protocol(
    duration_ms=30,
    stimuli=SpineInput(times_ms=[5, 15], spines=SPINE),
    record={
        "soma": "soma_0(0)",
        "head": f"spine_{SPINE}",
        "ina": "na.i soma_0(0)",
        "g": f"AMPA.g spine_{SPINE}",
    },
)


@pytest.fixture(scope="module")
def reduced(cell) -> Cell:
    return cell.with_rule("soma", "nas.gbar", value=0.02).named("reduced")


def same(one, other) -> bool:
    """Whether two runs agree bit for bit."""
    one, other = one.traces, other.traces
    return set(one) == set(other) and all(
        np.array_equal(one[name].values, other[name].values) for name in one
    )


def difference(one, other, name: str = "soma") -> float:
    return float(np.abs(one.voltage_mV[name] - other.voltage_mV[name]).max())


# -- a run stands alone ------------------------------------------------------------------------------------------------


@MODES
def test_nothing_of_a_run_stays_in_neuron(neuron, cell, step):
    gc.collect()
    before = list(neuron.allsec())
    neuron.celsius, neuron.dt, neuron.secondorder, neuron.steps_per_ms = 21, 0.1, 2, 10
    neuron.cvode.atol(1e-2)
    dataclasses.replace(DRIVEN, holding=Holding(target_mV=-65), **step).run(cell)
    assert list(neuron.allsec()) == before
    assert (neuron.celsius, neuron.dt, neuron.secondorder, neuron.steps_per_ms) == (21, 0.1, 2, 10)
    assert (neuron.cvode.active(), neuron.cvode.atol()) == (0, 1e-2)
    neuron.cvode_active(1)
    dataclasses.replace(STEP, **step).run(cell)
    assert neuron.cvode.active() == 1


@MODES
def test_runs_are_reproducible_and_know_nothing_of_each_other(neuron, cell, reduced, step):
    protocol = dataclasses.replace(DRIVEN, **step)
    first, other = protocol.run(cell), protocol.run(reduced)
    neuron.celsius, neuron.dt, neuron.secondorder = 21, 0.1, 2
    assert same(first, protocol.run(cell))
    assert not same(first, other)
    assert same(first, protocol.run(Cell()))


def test_a_cell_that_lives_elsewhere_does_not_matter_at_fixed_steps(neuron, cell, reduced):
    """With an adapted step it does: NEURON adapts one step to all that lives in it."""
    protocol = dataclasses.replace(DRIVEN, dt_ms=0.025)
    alone = protocol.run(cell)
    living = reduced.build()
    assert same(alone, protocol.run(cell))
    assert difference(DRIVEN.run(cell), alone) < 0.01
    assert len(living.sections) == 119


def test_the_adapted_step_is_what_fixed_steps_tend_to(neuron, cell):
    """Implicit Euler errs in proportion to its step: by 0.0044 mV at the soma at 0.025 ms; adapted, by 0.0002."""
    exact = dataclasses.replace(DRIVEN, atol=1e-7).run(cell)
    coarse, fine = (
        dataclasses.replace(DRIVEN, dt_ms=dt_ms).run(cell) for dt_ms in (0.025, 0.00625)
    )
    assert difference(coarse, exact) < 0.01
    assert difference(coarse, exact) / difference(fine, exact) == pytest.approx(4, rel=0.15)
    assert difference(DRIVEN.run(cell), exact) < 0.001


@MODES
def test_temperature_and_start_are_honoured(neuron, cell, step):
    def run(**fields):
        record = {"v": "soma_0(0.5)", "tau": "nas.m_tau soma_0(0.5)"}
        return Protocol(duration_ms=1, record=record, **fields, **step).run(cell)

    own, warm, cold = (
        run(v_init_mV=-60),
        run(v_init_mV=-60, celsius=35),
        run(v_init_mV=-60, celsius=25),
    )
    assert same(own, warm)
    assert own.voltage_mV["v"][0] == pytest.approx(-60, abs=1e-9)
    assert run().voltage_mV["v"][0] == pytest.approx(
        cell.specification.biophysics.run.v_init_mV, abs=1e-9
    )
    tau_ms = [result.recordings["tau"].values[0] for result in (warm, cold)]
    assert tau_ms[1] / tau_ms[0] == pytest.approx(2, rel=1e-6)  # Q10 of the gate
    assert warm.recordings["tau"].unit == "ms"


@MODES
def test_samples_cover_the_run(neuron, cell, step):
    for record_step_ms, n in ((0.1, 201), (0.025, 801), (0.3, 67)):
        result = dataclasses.replace(STEP, record_step_ms=record_step_ms, **step).run(cell)
        np.testing.assert_allclose(result.time_ms, record_step_ms * np.arange(n), rtol=1e-14)
        assert len(result.voltage_mV["soma"]) == n


# -- results -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(reduced, tmp_path_factory):
    """A run with everything in it, and the folder it was saved to."""
    stimuli = [
        SpineInput(times_ms=np.array([22.0, 12.0]), place=("trunk_44", 0.65), n=2),
        ShaftInput(times_ms=20, place="soma_0(0.5)", weight=3),
        CurrentClamp(amplitude_nA=1.0, place="trunk@50", start_ms=10, stop_ms=20),
    ]
    protocol = dataclasses.replace(DRIVEN, stimuli=stimuli, holding=Holding(target_mV=-66))
    numbers = reduced.spines_near(("trunk_44", 0.65), 2)
    record = {
        "soma": "soma_0(0)",
        "head": f"spine_{numbers[0]}",
        "ina": "na.i soma_0(0)",
        "m": "nas.m soma_0(0)",
    }
    result = dataclasses.replace(protocol, record=record | {"g": f"AMPA.g spine_{numbers[1]}"}).run(
        reduced, name="all"
    )
    return result, save(result, tmp_path_factory.mktemp("kept") / "run")


def test_a_result_comes_back_as_it_was_saved(kept):
    result, folder = kept
    for got in (load(folder), load(str(folder / "results.nwb"))):
        assert same(got, result)
        assert np.array_equal(got.time_ms, result.time_ms)
        assert (got.configuration, got.provenance) == (result.configuration, result.provenance)
        assert got.sites == result.sites
        for name, recording in result.recordings.items():
            assert dataclasses.replace(got.recordings[name], values=None) == dataclasses.replace(
                recording, values=None
            )
        pd.testing.assert_frame_equal(got.synapses, result.synapses, check_exact=True)
        np.testing.assert_allclose(
            np.concatenate(got.released_ms), np.concatenate(result.released_ms), rtol=1e-15
        )
        assert [step.amplitude_nA for step in got.stimulus] == [
            step.amplitude_nA for step in result.stimulus
        ]
        assert len(got.spike_times_ms) == len(result.spike_times_ms) > 0


def test_a_result_says_what_was_done(kept, cell, reduced):
    result, _ = kept
    assert result.configuration["run"] == "all"
    assert [one["kind"] for one in result.configuration["protocol"]["stimuli"]] == [
        "SpineInput",
        "ShaftInput",
        "CurrentClamp",
    ]
    assert result.provenance["cell"] == reduced.provenance
    change = "biophysics.channels.nas.gbar_S_per_cm2.soma: {value: 0.04} -> {value: 0.02}"
    assert change in result.configuration["cell"]["changes"]
    step, held = result.stimulus
    assert (step.start_ms, step.stop_ms, step.amplitude_nA) == (10, 20, 1.0)
    assert (held.start_ms, held.stop_ms, held.site, held.x) == (0, 30, "soma_0", 0.0)
    assert held.amplitude_nA == result.configuration["holding_current_nA"]
    spines = result.synapses.query("group == 'spine'")
    wanted = cell.placement.spines.loc[reduced.spines_near(("trunk_44", 0.65), 2)]
    np.testing.assert_array_equal(spines[["section", "x"]], wanted[["section", "x"]])
    np.testing.assert_array_equal(spines["gmax_uS"], wanted["gmax_AMPA_uS"])
    assert [times.tolist() for times in result.presynaptic_ms] == [[12, 22], [12, 22], [20]]
    assert result.synapses["kind"].tolist() == ["exc", "exc", "inh"]


def test_a_saved_run_is_complete_and_sound(kept):
    result, folder = kept
    names = {"results.nwb", "configuration.json", "provenance.json", "summary.json"}
    assert {path.name for path in folder.iterdir()} == names
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["held_mV"] == pytest.approx(-66, abs=0.01)
    assert set(summary["recordings"]) == set(result.traces)
    assert summary["recordings"]["soma"]["highest"] == result.voltage_mV["soma"].max()
    assert summary["n_spikes_in_run"] == len(result.spike_times_ms)
    messages = inspect_nwbfile(nwbfile_path=str(folder / "results.nwb"))
    assert [one.check_function_name for one in messages] == ["check_keywords"]  # see results/nwb.py


def test_a_folder_with_results_is_kept(kept):
    result, folder = kept
    with pytest.raises(ModelError, match="holds"):
        save(result, folder)
    assert save(result, folder, overwrite=True) == folder


def test_the_same_protocol_on_another_cell_is_another_configuration(cell):
    one, other = STEP.run(cell), STEP.run(cell.with_rule("soma", "nas.gbar", value=0.03))
    assert one.configuration != other.configuration
    assert one.configuration == STEP.run(Cell()).configuration


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trunk_500(0)", "Did you mean 'trunk_50'"),
        ("trnk@200", "Did you mean 'trunk'"),
        ("trunk@2000", "the trunk of this cell lies from 0.0 to"),
        ("soma_0", "expected section(x)"),
        ("spine_99999", "spine 99999 does not exist; this cell has spines 0 to 11293"),
        (7, "place 7: expected"),
        ("nas.mm soma_0(0)", "Did you mean 'm'"),
        ("nas soma_0(0)", "such as 'nas.i soma_0(0)'"),
        ("nass.i soma_0(0)", "Did you mean 'nas'"),
        ("ca.i soma_0(0)", "'ca' does not exist. Known: AMPA, GABA_A, NMDA, h,"),
        ("na.x soma_0(0)", "an ion has i, e, inside, outside"),
        ("na.i spine_3", "no channel at head_3(0.5) carries na"),
        ("h.i axon_4(0.5)", "there is no h on axon_4"),
        ("NMDA.g spine_3", f"no driven NMDA receptor is there; driven ones are at spine_{SPINE}"),
        ("GABA_A.g spine_3", "none is driven"),
        (f"AMPA.gg spine_{SPINE}", "Did you mean 'g'"),
        ("na.i at soma_0(0)", "expected 'place' or 'variable place'"),
    ],
)
def test_a_recording_that_does_not_exist_is_refused(cell, text, told):
    with pytest.raises(ModelError) as caught:
        dataclasses.replace(DRIVEN, record={"one": text}).run(cell)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


NAN = float("nan")
AT = {"place": "trunk@200"}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: CurrentClamp(amplitude_nA=NAN), "amplitude_nA = nan: expected a number"),
        (lambda: CurrentClamp(amplitude_nA="0.1"), "amplitude_nA = '0.1'"),
        (lambda: CurrentClamp(amplitude_nA=1, start_ms=-1), "start_ms = -1"),
        (
            lambda: CurrentClamp(amplitude_nA=1, start_ms=5, stop_ms=5),
            "stop_ms = 5: expected more than start_ms",
        ),
        (lambda: VoltageClamp(), "either levels"),
        (lambda: VoltageClamp(levels=[(0, -65)], waveform=([0, 1], [0, 1])), "either levels"),
        (lambda: VoltageClamp(levels=[(0, NAN)]), "potential of the voltage clamp = nan"),
        (lambda: VoltageClamp(levels=[(5, -65)]), "expected 0 first"),
        (lambda: VoltageClamp(levels=[(0, -65), (0, -60)]), "increasing times"),
        (lambda: VoltageClamp(levels=-65), "levels = -65: expected sequences of numbers"),
        (lambda: VoltageClamp(waveform=([0, 1], [0])), "as many of these as times"),
        (lambda: SpineInput(times_ms=1), "either a place"),
        (lambda: SpineInput(times_ms=1, spines=[1], **AT), "either a place"),
        (lambda: SpineInput(times_ms=[NAN], **AT), "times_ms = nan"),
        (lambda: SpineInput(times_ms=None, **AT), "times_ms = None"),
        (lambda: SpineInput(times_ms=1, n=2.5, **AT), "n = 2.5: expected a whole number"),
        (lambda: SpineInput(times_ms=1, spines=[-1]), "spines = -1: expected a whole number"),
        (lambda: SpineInput(times_ms=1, spines=[4, 4]), "4 is named twice"),
        (lambda: SpineInput(times_ms=1, weight=-1, **AT), "weight = -1"),
        (lambda: SpineInput(times_ms=1, receptors="AMPAR", **AT), "Did you mean 'AMPA'"),
        (lambda: SpineInput(times_ms=1, receptors=(), **AT), "expected at least one of AMPA, NMDA"),
        (lambda: ShaftInput(times_ms=1, receptor="GABA", **AT), "Did you mean 'GABA_A'"),
        (lambda: Holding(target_mV=NAN), "target_mV = nan"),
        (lambda: Holding(target_mV=-60, until_ms=1), "until_ms = 1"),
        (lambda: Protocol(duration_ms=0.1), "duration_ms = 0.1: expected a number from 0.2"),
        (lambda: Protocol(duration_ms=9, record={}), "record: expected at least one"),
        (lambda: Protocol(duration_ms=9, record=["soma_0(0)"]), "record: expected a mapping"),
        (lambda: Protocol(duration_ms=9, record={"clamp_current": "soma_0(0)"}), "take another"),
        (
            lambda: Protocol(duration_ms=9, stimuli=["step"]),
            "stimulus 'step': expected one of CurrentClamp,",
        ),
        (
            lambda: Protocol(duration_ms=9, stimuli=SpineInput(times_ms=20, **AT)),
            "give a longer duration_ms",
        ),
        (
            lambda: Protocol(duration_ms=9, stimuli=[VoltageClamp(levels=[(0, -65)])] * 2),
            "2 voltage clamps",
        ),
        (lambda: Protocol(duration_ms=9, holding=-65), "expected Holding(target_mV=...)"),
        (
            lambda: Protocol(
                duration_ms=9,
                holding=Holding(target_mV=-65),
                stimuli=VoltageClamp(levels=[(0, -65)]),
            ),
            "give one of the two",
        ),
    ],
)
def test_a_declaration_that_does_not_hold_is_refused(make, told):
    with pytest.raises(ModelError) as caught:
        make()
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stimulus_that_the_cell_has_no_place_for_is_refused(cell):
    for stimulus, told in (
        (SpineInput(times_ms=1, spines=99999), "spine 99999 does not exist"),
        (SpineInput(times_ms=1, place="trunk@200", n=5000), "the trunk of this cell has 954"),
        (ShaftInput(times_ms=1, place="soma_9(0)"), "Did you mean 'soma_"),
        (CurrentClamp(amplitude_nA=1, place="tufft@300"), "Did you mean 'tuft'"),
    ):
        with pytest.raises(ModelError, match=told):
            Protocol(duration_ms=5, stimuli=stimulus).run(cell)
    with pytest.raises(ModelError, match="expected a Cell"):
        STEP.run("CA1")


def test_declarations_are_plain_data_whatever_they_are_given_as():
    one = SpineInput(times_ms=np.array([15, 5]), spines=np.array([3]), receptors="NMDA")
    assert one == SpineInput(times_ms=[5.0, 15.0], spines=3, receptors=["NMDA"])
    assert CurrentClamp(amplitude_nA=1, place=("trunk_50", np.float64(0.5))) == CurrentClamp(
        amplitude_nA=1, place="trunk_50(0.5)"
    )
    assert VoltageClamp(levels=np.array([[0, -65]])) == VoltageClamp(levels=[(0, -65)])
    assert Protocol(duration_ms=20, stimuli=one) == Protocol(duration_ms=20, stimuli=(one,))


# -- figures -----------------------------------------------------------------------------------------------------------


def lines(figure) -> list[list[str]]:
    """Conditions drawn in each panel."""
    return [[line.get_label() for line in ax.get_lines()] for ax in figure.axes]


def test_runs_are_laid_over_each_other(cell, reduced):
    one, other = STEP.run(cell), STEP.run(reduced)
    assert lines(plot(one)) == [["CA1"]]
    assert lines(plot([one, other])) == [["CA1", "reduced"]]
    assert lines(plot({"control": one, "less": other})) == [["control", "less"]]
    assert lines(plot([one, one, STEP.run(cell, name="again"), one])) == [
        ["CA1", "CA1 (2)", "again", "CA1 (3)"]
    ]
    driven = DRIVEN.run(cell)
    assert (
        lines(plot({"a": driven, "b": driven}, recordings=["head", "ina"], t_from_ms=4))
        == [["a", "b"]] * 2
    )
    assert plt.get_fignums() == []  # figures of their own: none piles up in pyplot


def test_cells_are_drawn_side_by_side(cell, reduced):
    assert [ax.get_title() for ax in plot_parameter([cell, reduced], "nas.gbar").axes] == [
        "CA1",
        "reduced",
    ]
    assert [ax.get_title() for ax in plot_parameter([cell, cell], "nas.gbar").axes] == [
        "CA1",
        "CA1 (2)",
    ]
    assert len(plot_parameter(cell, ["nas.gbar", "pas.g"]).axes) == 2
    titles = {ax.get_title() for ax in draw_parameter({"a": cell, "b": reduced}, "nas.gbar").axes}
    assert titles >= {"a", "b"}
    assert draw(reduced).axes[0].get_title() == "reduced"


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_figures_are_written(cell, tmp_path, suffix, start):
    result = STEP.run(cell)
    plot(result, file=tmp_path / f"plot{suffix}")
    plot_parameter(cell, "nas.gbar", file=str(tmp_path / f"parameter{suffix}"))
    draw_parameter(cell, "nas.gbar", file=tmp_path / f"on_cell{suffix}")
    draw(cell, file=tmp_path / f"cell{suffix}")
    written = list(tmp_path.iterdir())
    assert len(written) == 4
    assert all(path.read_bytes().startswith(start) for path in written)


def test_what_cannot_be_drawn_or_read_is_refused(cell, tmp_path):
    result = STEP.run(cell)
    for attempt, told in (
        (lambda: plot(result, file=tmp_path / "plot.jpg"), r"ends in \.png, \.svg or \.pdf"),
        (lambda: plot({"a": cell}), "expected a Result"),
        (lambda: plot([]), "nothing to draw: expected a Result"),
        (lambda: plot(result, recordings="som"), "Did you mean 'soma'"),
        (lambda: plot_parameter([1], "nas.gbar"), "expected a Cell,"),
        (lambda: plot_parameter(cell, "nas.gbr"), "Did you mean 'nas.gbar'"),
        (lambda: draw_parameter(cell, "nas.gbr"), "Did you mean 'nas.gbar'"),
        (lambda: load(tmp_path), "does not exist"),
    ):
        with pytest.raises(ModelError, match=told) as caught:
            attempt()
        assert "\n" not in str(caught.value)


# -- one import --------------------------------------------------------------------------------------------------------

HEAVY = {"numpy", "pandas", "matplotlib", "neuron", "netpyne", "pydantic", "rich", "typer", "yaml"}


def test_the_import_loads_nothing_heavy():
    """Stands for an import below 0.1 s (0.08 s when written), which a busy machine might not hold."""
    code = (
        "import sys, netpyne_model as ca1; dir(ca1);"
        f"print(sorted({HEAVY!r} & set(sys.modules)),"
        " sorted(name for name in sys.modules if name.startswith('netpyne_model')))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(ca1.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "[] ['netpyne_model', 'netpyne_model.errors']\n"


def test_everything_is_in_one_import():
    assert dir(ca1) == sorted(ca1.__all__) == [name for name in dir(ca1) if name[0] != "_"]
    assert {"Cell", "Protocol", "ModelError", "plot", "load", "save"} <= set(dir(ca1))
    assert all(getattr(ca1, name) is not None for name in dir(ca1))
    for room in (ca1.analysis, ca1.figures, ca1.experiments):
        assert sorted(room.__all__) == dir(room)
        assert all(hasattr(room, name) for name in dir(room))


def test_a_mistyped_name_is_answered_with_the_nearest():
    with pytest.raises(
        AttributeError, match=r"has no attribute .Protocl.\. Did you mean .Protocol."
    ):
        _ = ca1.Protocl
    with pytest.raises(ImportError):
        from netpyne_model import Cel  # noqa: F401
    assert not hasattr(ca1, "__wrapped__")
