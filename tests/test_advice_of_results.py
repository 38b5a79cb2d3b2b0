"""What the errors of results, pages, trials, Arbor and folders of sweeps advise is done, and works."""

import shutil

import pytest
from drawn_trials import make_trial
from following import advised, told

from netpyne_model import Cell, Protocol, Trial, save
from netpyne_model.commands import main
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.reports.making import cell_of, write_page
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.scores.command import chosen_tests
from netpyne_model.simulation import run_trial_in_arbor
from netpyne_model.sweeps.workers import check_workers

CELL = Cell()
NO_INPUT = {"excitation": False, "n_inhibitory": 0}
ONE_SPINE = {"kind": "SpineInput", "spines": [7], "times_ms": [0.3]}


def short(**fields):
    """Half a millisecond of a trial without other input than given."""
    return Trial(**{"duration_ms": 0.5, **NO_INPUT, **fields})


def recorded(what, **fields):
    """A trial that records it beside two inputs to one segment."""
    near = CELL.spines_near("trunk@200", 2)
    stimuli = [ONE_SPINE | {"spines": near, "times_ms": [0.1]}]
    return short(stimuli=stimuli, record={"one": f"{what} spine_{near[0]}"}, **fields).run()


def fields_of(line):
    """What a line says to set, as fields: ``set spines=folded receptors=generated``."""
    words = line.rstrip(".").rpartition(" set ")[2].split()
    values = {"false": False, "0": 0}
    return {name: values.get(one, one) for name, _, one in (word.partition("=") for word in words)}


TRIALS = {
    "a number as it is run": (
        lambda: short().run(3),
        "a trial has its cell as a field, Trial(cell=...), and takes progress=... by name.",
        lambda line: short(cell=CELL).run(progress=lambda *_: None),
    ),
    "what fast receptors do not keep": (
        lambda: recorded("AMPA.Ro", spines="folded", receptors="fast"),
        "fast receptors keep i and g, of all inputs to a segment together; set ",
        lambda line: recorded("AMPA.Ro", **fields_of(line)),
    ),
    "one receptor where both are solved": (
        lambda: short(stimuli=[ONE_SPINE | {"receptors": ["AMPA"]}]).run(),
        "spines solved within their synapse have both receptors; set spines=folded.",
        lambda line: short(stimuli=[ONE_SPINE | {"receptors": ["AMPA"]}], **fields_of(line)).run(),
    ),
    "the tolerance of a protocol": (
        lambda: short(atol=1e-3),
        "unknown field 'atol': it is an argument of Protocol; give variable_step_atol here.",
        lambda line: short(
            integration="variable_step",
            channels="separate",
            spines="folded",
            receptors="generated",
            **{advised(line, r"give (\w+) here"): 1e-3},
        ),
    ),
    "track times without a track": (
        lambda: make_trial(track=None).track_time_ms,
        "use time_ms and spike_times_ms, or add a PlaceFieldInput.",
        lambda line: [
            make_trial(track=None).time_ms,
            make_trial(track=None).spike_times_ms,
            make_trial().track_time_ms,
        ],
    ),
    "a test of another name": (
        lambda: chosen_tests(["back_propagatio"]),
        "test 'back_propagatio' does not exist. Did you mean '",
        lambda line: chosen_tests([advised(line, "mean '(.*)'")]),
    ),
    "a limit of no time": (
        lambda: check_workers(scheduler="tcp://here:8786", time_limit_s=0),
        "time_limit_s = 0: expected seconds, above 0; leave it out for no limit.",
        lambda line: [
            check_workers(scheduler="tcp://here:8786", time_limit_s=1),
            check_workers(scheduler="tcp://here:8786"),
        ],
    ),
}


@pytest.mark.parametrize("case", TRIALS)
def test_trials(case):
    refused, line, as_told = TRIALS[case]
    as_told(told(refused, line))


def in_arbor(**fields):
    return run_trial_in_arbor(short(**fields).configuration)


ARBOR = {
    "adapted steps": {
        "integration": "variable_step",
        "spines": "folded",
        "channels": "separate",
        "receptors": "generated",
    },
    "currents": {"record_currents": True},
    "currents of all segments": {"record_membrane_currents_ms": 0.5},
    "potentials of all segments": {"record_segments_ms": 0.5},
    "a gate": {"record": {"n": "kad.n trunk@100"}},
    "a voltage clamp": {"stimuli": [{"kind": "VoltageClamp", "levels": [(0.0, -70.0)]}]},
}


@pytest.mark.parametrize("case", ARBOR)
def test_trials_in_arbor(case):
    pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")
    fields = ARBOR[case]
    line = told(lambda: in_arbor(**fields), "Arbor ")
    mended = fields_of(line) if " set " in line else dict.fromkeys(fields)
    assert mended.keys() <= fields.keys()
    assert " set " in line or line.endswith("leave it out.")
    in_arbor(**{name: one for name, one in (fields | mended).items() if one is not None})


def test_a_potential_that_arbor_cannot_place():
    """The same trial in NEURON says where, and so which current to take less of."""
    pytest.importorskip("arbor", reason="Arbor comes for Python 3.11 and later")

    def trial(amplitude_nA):
        clamp = {"kind": "CurrentClamp", "amplitude_nA": amplitude_nA, "place": "tuft@400"}
        return short(stimuli=[clamp], duration_ms=5)

    told(trial(50.0).run_in_arbor, "a potential is", "run the same trial in NEURON")
    told(trial(50.0).run, "the potential at tuft", "the largest current there is that of IClamp")
    trial(0.05).run_in_arbor()


def test_files_of_results(tmp_path):
    file = tmp_path / "results.nwb"
    line = told(lambda: read_nwb(file), f"folder {tmp_path} holds no results.nwb; give the folder")
    assert "that a run wrote" in line
    other = tmp_path / "other.nwb"
    told(lambda: read_nwb(other), "does not exist; give the path of a results.nwb.")
    file.write_text("not HDF5")
    told(lambda: read_nwb(file), "is not a results file of this model (", "one that a run wrote.")
    write_nwb(make_trial(), file)
    assert read_nwb(file).configuration == make_trial().configuration


def test_pages_of_results(tmp_path):
    page, result = tmp_path / "page.html", Protocol(duration_ms=1.0, dt_ms=0.1).run(CELL)
    told(lambda: write_page([result] * 3, page), "found 3; expected one, or two to compare.")
    write_page([result], page)
    write_page([result] * 2, page)
    assert page.stat().st_size > 1e4


def test_the_cell_of_a_protocols_page(tmp_path):
    cell, run = CELL.with_rule("all", "nas.gbar", factor=0.5), tmp_path / "run"
    save(Protocol(duration_ms=1.0, dt_ms=0.1).run(cell), run)
    line = told(lambda: cell_of(read_nwb(run / "results.nwb")), "; give it as --cell FILE.")
    page = tmp_path / "page.html"
    words = ["report", str(run), "--quiet", "--out", str(page)]
    assert main(words) == 0
    assert line in page.read_text(encoding="utf-8")
    file = tmp_path / "half.yaml"
    cell.save(file)
    assert main([*words, advised(line, r"as (--\w+) FILE"), str(file)]) == 0
    assert "The cell is not drawn" not in page.read_text(encoding="utf-8")


def test_the_cell_of_a_file_that_was_changed(tmp_path):
    own, run = tmp_path / "own.swc", tmp_path / "run"
    shutil.copy(MORPHOLOGIES / "example.swc", own)
    save(short(cell=Cell(own)).run(), run)
    result = read_nwb(run / "results.nwb")
    own.write_text(own.read_text() + "# read again\n")
    line = told(lambda: cell_of(result), "own.swc has another content than when this was saved;")
    page = tmp_path / "page.html"
    words = ["report", str(run), "--quiet", "--out", str(page)]
    assert main(words) == 0
    assert "The cell is not drawn" in page.read_text(encoding="utf-8")
    assert line.endswith("; give the cell of the run as --cell FILE.")
    assert main([*words, "--cell", str(own)]) == 0
    assert "The cell is not drawn" not in page.read_text(encoding="utf-8")
    shutil.copy(MORPHOLOGIES / "example.swc", own)
    assert cell_of(result).morphology.sections == Cell(own).morphology.sections
