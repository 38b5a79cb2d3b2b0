"""What the errors of a trial's input, its set-up and its files advise is done, as it stands, and works."""

import gzip

import numpy as np
import pytest
from following import advised, advised_number, told

from netpyne_model import PlaceFieldInput, SpineInput
from netpyne_model.inputs import (
    ReleaseParameters,
    draw_trial,
    load_setup,
    read_events,
    read_weights,
    release,
    write_weights,
)
from netpyne_model.inputs import events_file as events_module
from netpyne_model.inputs.assignment import inhibitory_groups
from netpyne_model.inputs.trial import replay

SETUP = load_setup("place_cell")
CIRCLE = load_setup("silent_cell")
SMALL = {"n_excitatory": 200, "n_inhibitory": 20, "seed": 3}
RELEASE = {"tau_F_ms": 67.0, "tau_D_ms": 93.0, "p0": 0.2, "f_step": 1.8, "d_factor": 0.9}
PARAMETERS = ReleaseParameters(**RELEASE)
SPIKES = [np.array([1.0, 2.0]), np.array([3.0])]


def with_part(setup, part, **changes):
    """The set-up with a part of it (its track, its precession) changed."""
    return setup.changed(**{part: getattr(setup, part).model_dump() | changes})


SETUPS = {
    "a rate that the dead time does not let be": (
        lambda: SETUP.changed(dead_time_ms=30.0),
        "a rate of",
        lambda line: SETUP.changed(
            dead_time_ms=999 / advised_number(line, r"a rate of (\S+) Hz cannot")
        ),
    ),
    "a precession of two orders": (
        lambda: with_part(SETUP, "precession", field_widths=(1.0, 0.0)),
        "field_widths must rise and psi_deg have as many values",
        lambda line: with_part(
            SETUP, "precession", field_widths=(0.0, 1.0), psi_deg=(180.0, -180.0)
        ),
    ),
    "a rule of a group that is not": (
        lambda: SETUP.changed(inhibitory_rules=[{"regions": ["soma"], "odds": {"somatc": 1.0}}]),
        "inhibitory_rules name the unknown group 'somatc'",
        lambda line: SETUP.changed(
            inhibitory_rules=[
                {"regions": ["soma"], "odds": {next(iter(SETUP.inhibitory_groups)): 1.0}}
            ]
        ),
    ),
    "a field longer than its circle": (
        lambda: with_part(CIRCLE, "track", field_width_cm=900.0),
        "field_width_cm must not be above track_length_cm",
        lambda line: with_part(CIRCLE, "track", field_width_cm=CIRCLE.track.track_length_cm),
    ),
    "peaks the other way round": (
        lambda: with_part(SETUP, "track", peaks_to_field_widths=-9.0),
        "peaks_to_field_widths must be above peaks_from_field_widths",
        lambda line: with_part(
            SETUP, "track", peaks_to_field_widths=SETUP.track.peaks_from_field_widths + 1
        ),
    ),
    "numbers of the release for other spikes": (
        lambda: release(SPIKES, [np.zeros(2)], PARAMETERS),
        "uniforms must hold one number per presynaptic spike of each synapse.",
        lambda line: release(SPIKES, [np.zeros(len(one)) for one in SPIKES], PARAMETERS),
    ),
    "a probability above 1": (
        lambda: ReleaseParameters(**RELEASE | {"p0": 1.5}),
        "release model: p0 = 1.5; expected a number from 0 to 1.",
        lambda line: ReleaseParameters(**RELEASE | {"p0": advised_number(line, r"to (\S+)\.$")}),
    ),
}


@pytest.mark.parametrize("case", SETUPS)
def test_setups(case):
    refused, line, as_told = SETUPS[case]
    as_told(told(refused, line))


@pytest.fixture(scope="module")
def own(cell):
    """Spines, inhibitory synapses and what is drawn of them, on the published cell."""
    return {"morphology": cell.morphology} | cell.input_places()


def drawn(own, setup=SETUP, seed=1, **fields):
    return draw_trial(setup.changed(**fields), seed=seed, release_parameters=PARAMETERS, **own)


def test_numbers_of_inputs(own):
    few = own | {"spines": own["spines"][:50], "inhibitory": own["inhibitory"][:8]}
    line = told(lambda: drawn(few, n_excitatory=60), "give at most that: n_excitatory=50.")
    n_excitatory = int(advised(line, r"n_excitatory=(\d+)"))
    line = told(lambda: drawn(few, n_excitatory=n_excitatory, n_inhibitory=9), "n_inhibitory=8.")
    n_inhibitory = int(advised(line, r"n_inhibitory=(\d+)"))
    drawn(few, n_excitatory=n_excitatory, n_inhibitory=n_inhibitory)


def test_a_seed(own):
    few = {"n_excitatory": 9, "n_inhibitory": 3}
    line = told(lambda: drawn(own, seed=-1, **few), "seed -1; expected an integer of 0 or above.")
    drawn(own, seed=int(advised(line, r"integer of (\d+)")), **few)


def test_groups_of_a_setup_name_every_region(own):
    groups = {name: one.model_dump() for name, one in SETUP.excitatory_groups.items()}
    less = {name: one | {"regions": ("trunk",)} for name, one in list(groups.items())[:1]}
    few = {"n_excitatory": 90, "n_inhibitory": 3}
    line = told(
        lambda: drawn(own, excitatory_groups=less, **few), "no excitatory group has region 'basal'"
    )
    region = advised(line, "has region '([^']*)'")
    regions = [one for group in groups.values() for one in group["regions"]]
    assert region in regions
    (name, one), *_ = less.items()
    drawn(own, excitatory_groups={name: one | {"regions": tuple(regions)}}, **few)


def test_rules_of_inhibition_name_every_region(own):
    def groups(*regions):
        odds = {next(iter(SETUP.inhibitory_groups)): 1.0}
        setup = SETUP.changed(inhibitory_rules=[{"regions": regions, "odds": odds}])
        few = own["inhibitory"][own["inhibitory"]["region"].isin(["soma", "basal"])]
        return inhibitory_groups(setup, few, np.zeros(len(few)), own["morphology"])

    line = told(lambda: groups("soma"), "expected one of its inhibitory_rules to name it.")
    assert groups("soma", advised(line, r"region '(\w+)'"))


EVENTS = "synapse,group,section,x,ampa_weight,gmax_uS,time_ms,kind\n"
ROW = "0,CA3,12,0.5,1.0,0.0005,20.0,exc\n"
FILES_OF_EVENTS = {
    "nothing": (b"", "the file is empty; expected a CSV file with "),
    "a header alone": (EVENTS.encode(), "no synapses; expected at least one row below the header."),
    "a header above nothing": (
        f"{EVENTS}\n \n".encode(),
        "no synapses; expected at least one row below the header.",
    ),
    "a blank line before a time that is none": (
        f"{EVENTS}\n{ROW.replace('20.0', 'soon')}".encode(),
        "line 3: time_ms is 'soon'; expected a number.",
    ),
    "a letter of another code": (b"\xff\xfe" + ROW.encode(), "give the path of a .csv or .csv.gz"),
    "a column of another name": (
        (EVENTS.replace("group", "grup") + ROW).encode(),
        "line 1: unknown column 'grup'. Did you mean 'group'?",
    ),
    "semicolons for commas": (
        (EVENTS + ROW).replace(",", ";").encode(),
        "is no line of columns parted by commas (spike times without synapses go into",
    ),
    "no header": (ROW.encode(), "is no line of columns parted by commas (spike times without"),
    "times of cells": (b"time_ms2,cell\n20.0,3\n", "has none of the columns (spike times without"),
    "times alone": (b"20.0\n30.5\n", "is no line of columns parted by commas (spike times"),
    "a quote without its end": (
        (EVENTS + ROW.replace("exc", '"exc')).encode(),
        "expected a CSV file with",
    ),
    "a field without end": (
        (EVENTS + ROW.replace("CA3", "n" * 200_000) + ROW.replace("12", "x")).encode(),
        "field larger than field limit (131072); expected a CSV file with",
    ),
}


@pytest.mark.parametrize("case", FILES_OF_EVENTS)
def test_files_of_events(tmp_path, morphology, case):
    content, says = FILES_OF_EVENTS[case]
    file = tmp_path / "events.csv"
    file.write_bytes(content)
    line = told(lambda: read_events(file, morphology), says)
    if "spike times without" in line:
        assert advised(line, r"go into (\w+)\(times_ms=\[\.\.\.\]\)\)") == "SpineInput"
        times_ms = [20.0, 30.5]
        input_of_times = SpineInput(place="trunk@100", n=1, times_ms=times_ms)
        assert list(input_of_times.times_ms) == times_ms
    if "CSV file with " in line:
        names = advised(line, r"CSV file with (.*)\.$").split(", ")
        assert sorted(names) == sorted(EVENTS.strip().split(","))
    file.write_text(EVENTS + ROW)
    assert len(read_events(file, morphology).times_ms) == 1


def test_too_many_events(tmp_path, morphology, monkeypatch):
    file = tmp_path / "events.csv.gz"
    monkeypatch.setattr(events_module, "MOST_EVENTS_BYTES", 2000)
    file.write_bytes(gzip.compress((EVENTS + ROW * 100).encode()))
    told(lambda: read_events(file, morphology), "holds more than 0.002 MB; give fewer events.")
    file.write_bytes(gzip.compress((EVENTS + ROW * 10).encode()))
    assert len(read_events(file, morphology).times_ms[0]) == 10


def test_events_that_are_presynaptic(tmp_path, morphology):
    file = tmp_path / "events.csv"
    file.write_text(EVENTS + ROW)
    events = read_events(file, morphology)
    line = told(lambda: replay(events, events_are="presynapti"), "Did you mean 'presynaptic'?")
    words = {"events_are": advised(line, "mean '(.*)'"), "seed": 1}
    told(lambda: replay(events, **words), "presynaptic events need the release model; give")
    replay(events, **words, release_parameters=PARAMETERS)


@pytest.fixture(scope="module")
def synapses(cell):
    return PlaceFieldInput(**SMALL).trains(cell).synapses


def _with(text, row, column, value):
    lines = [line.split(",") for line in text.splitlines()]
    lines[row][lines[0].index(column)] = value
    return "\n".join(",".join(cells) for cells in lines) + "\n"


WEIGHTS = {
    "a weight that is missing": (
        lambda text: "\n".join(text.splitlines()[:-1]) + "\n",
        "has no weight; expected one for every excitatory synapse of the trial: write them with",
    ),
    "a place of another cell": (
        lambda text: _with(text, 1, "section", "0"),
        "these are the weights of another cell, set-up, seed, arrangement or number of inputs",
    ),
    "a synapse of another trial": (
        lambda text: text + _with(text, 1, "synapse", "7777").splitlines()[1] + "\n",
        "synapse 7777 is no excitatory synapse of this trial;",
    ),
    "a letter of another code": (lambda text: "\udcff" + text, "give the path of a .csv file."),
    "a column of another name": (lambda text: text.replace("ampa_weight", "weight"), "expected "),
    "a row of less cells": (lambda text: text + "1,2\n", "2 cells; expected 4."),
    "a synapse twice": (
        lambda text: text + text.splitlines()[1] + "\n",
        "stands there twice; keep one.",
    ),
    "a weight below 0": (
        lambda text: _with(text, 1, "ampa_weight", "-2"),
        "line 2: ampa_weight is '-2'; expected a finite number of 0 or above.",
    ),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_files_of_weights(tmp_path, synapses, case):
    wrong, says = WEIGHTS[case]
    file = tmp_path / "weights.csv"
    weights = np.ones((synapses["kind"] == "exc").sum())
    write_weights(file, synapses, weights)
    right = file.read_text()
    file.write_text(wrong(right), errors="surrogateescape")
    told(lambda: read_weights(file, synapses), says)
    file.write_text(right)
    np.testing.assert_array_equal(read_weights(file, synapses), 1.0)
