"""Every reader of files of others, fed with damaged ones: it takes them, or refuses them in one line.

500 inputs a reader; with ``--hypothesis-profile nightly`` 10,000. What an input was is in its seed:
a failure names it.
"""

import gzip
import json
import random

import numpy as np
import pytest
from damaged_files import damaged, overwritten, takes_or_refuses
from drawn_trials import make_trial
from hypothesis import given, settings
from hypothesis import strategies as st
from specified_cells import DATA, EXAMPLE, ROOT

from netpyne_model import Cell, Study
from netpyne_model.biophysics import FULL_RULES, SIMPLE_RULES, load_rules
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import MORPHOLOGIES, NEUROML2
from netpyne_model.experiments.outcome import (
    Outcome,
    read_outcome,
    read_traces,
    write_outcome,
    write_traces,
)
from netpyne_model.inputs import read_events, write_events
from netpyne_model.mechanisms.user_channels import read_user_channel
from netpyne_model.morphology import read_section_table, read_swc
from netpyne_model.neuroml2.cell_reader import read_cell
from netpyne_model.placement.rules import DEFAULT_RULES, load_placement_rules
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.simulation.checkpoint import Kept, read_checkpoint, write_checkpoint
from netpyne_model.specification import load_specification
from netpyne_model.studies import load_results
from netpyne_model.studies.conditions import table_conditions
from netpyne_model.studies.measures import measure_trial
from netpyne_model.studies.results import write_tables
from netpyne_model.studies.runner import declaration, study_store

FEWEST = 500
# The same inputs each time: a test that fails does so by a change; the nightly run finds new ones.
INPUTS = settings(
    max_examples=max(FEWEST, settings.default.max_examples),
    derandomize=settings.default.max_examples <= FEWEST,
)
SEEDS = st.integers(0, 2**63 - 1)
pytestmark = pytest.mark.slow

CONFIGURATION = {
    "setup": "place_cell",
    "seed": 3,
    "dc_nA": 0.05,
    "dc_section": "trunk_50",
    "drugs": ["TTX"],
    "parameters": {"kdr.gbar*": 0.8, "trunk:nas.gbar": 0.02},
    "record": {"A": "kad.i trunk@200", "tuft": "tuft@400"},
    "stimuli": [{"kind": "CurrentClamp", "amplitude_nA": 0.1, "start_ms": 500}],
    "cell": {"base": "CA1", "biophysics": {"cable": {"Ra_ohm_cm": {"soma": {"value": 120}}}}},
    "duration_ms": 300,
}
STUDY = """\
title: DC
base: {setup: silent_cell, duration_ms: 300, dt_ms: 0.025}
grid:
  dc_nA: {from: 0, to: 0.2, step: 0.1}
  drugs: [[], [AP5]]
  kdr.gbar*: [0.8, 1]
trials: 2
axis: dc_nA
panels: drugs
compare:
  - {condition: control, measure: ramp_mV, value: -55.7, tolerance: 0.5}
"""
TABLE = 'condition,dc_nA,drugs,w_max\ncontrol,0.05,,2.5\nTTX,0.1,"[TTX, AP5]",\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of valid files, into which damaged ones are written beside."""
    folder = tmp_path_factory.mktemp("valid")
    (folder / "a.json").write_text(json.dumps(CONFIGURATION, indent=1))
    (folder / "study.yaml").write_text(
        STUDY.replace("condition: control", "condition: 'dc_nA=0, control, kdr.gbar*=0.8'")
    )
    (folder / "table.csv").write_text(TABLE)
    (folder / "kslow.mod").write_bytes((DATA / "kslow.mod").read_bytes())
    own = (
        Cell()
        .with_rule("trunk", "nas.gbar", value=0.02)
        .with_channel("slow", folder / "kslow.mod", {"soma": 1e-3})
    )
    own.named("own").save(folder / "changes.yaml", changes_only=True)
    own.named("own").save(folder / "whole.yaml")
    return folder


def read_damaged(read, folder, name, contents, damages=(damaged,)):
    """A test that damages one of several valid files, and reads it under a name."""

    @INPUTS
    @given(SEEDS)
    def one(seed):
        draw = random.Random(seed)
        path = folder / name
        path.write_bytes(draw.choice(damages)(draw.choice(contents), draw))
        takes_or_refuses(lambda: read(path))

    one()


SMALL_TABLE = "".join(
    (MORPHOLOGIES / "CA1_EB2.sections.csv").read_text().splitlines(keepends=True)[:14]
).encode()


def cell_of(path):
    """The cell of a morphology, with all that is worked out of it before a simulation."""
    cell = Cell(path)
    cell.specification.biophysics.nseg(cell.morphology)
    return cell.describe("none")


def test_reconstructions(tmp_path):
    read_damaged(read_swc, tmp_path, "a.swc", [EXAMPLE.read_bytes()])


def test_section_tables(tmp_path):
    read_damaged(read_section_table, tmp_path, "a.csv", [SMALL_TABLE])


def test_cells_of_section_tables(tmp_path):
    read_damaged(cell_of, tmp_path, "a.csv", [SMALL_TABLE])


def test_events(tmp_path, cell):
    trial = make_trial(n_synapses=5)
    write_events(tmp_path / "valid.csv", trial.synapses, trial.released_ms)
    plain = (tmp_path / "valid.csv").read_bytes()

    def read(path):
        return read_events(path, cell.morphology)

    assert not takes_or_refuses(lambda: read(tmp_path / "nowhere.csv"))
    read_damaged(read, tmp_path, "a.csv", [plain])
    packed = tmp_path / "a.csv.gz"

    @INPUTS
    @given(SEEDS, st.booleans())
    def compressed(seed, inside):
        draw = random.Random(seed)
        content = (
            gzip.compress(damaged(plain, draw)) if inside else damaged(gzip.compress(plain), draw)
        )
        packed.write_bytes(content)
        takes_or_refuses(lambda: read(packed))

    compressed()


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_configurations(folder, tmp_path, name):
    read_damaged(load_configuration, tmp_path, name, [(folder / "a.json").read_bytes()])


@INPUTS
@given(SEEDS)
def test_settings(seed):
    draw = random.Random(seed)
    name = draw.choice(list(CONFIGURATION))
    text = f"{name}={json.dumps(CONFIGURATION[name])}".encode()
    setting = damaged(text, draw).decode("utf-8", "surrogateescape")
    takes_or_refuses(lambda: load_configuration(None, [setting]))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["TTX", "CA1", "soma", "trunk_50", "kad.i trunk@200", "value", "/dev/zero", "1e400"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [*CONFIGURATION, "base", "biophysics", "channels", "value", "kind", "file"]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@INPUTS
@given(st.dictionaries(st.sampled_from(list(CONFIGURATION)) | st.text(), values, max_size=3))
def test_configurations_of_any_values(fields):
    takes_or_refuses(lambda: load_configuration(None, fields))


@INPUTS
@given(
    st.dictionaries(
        st.sampled_from(["base", "name", "morphology", "biophysics", "placement"]), values
    )
)
def test_specifications_of_any_values(content):
    takes_or_refuses(lambda: Cell.from_dict({"base": "CA1"} | content))


@INPUTS
@given(
    st.dictionaries(
        st.sampled_from(
            ["base", "grid", "list", "table", "conditions", "trials", "axis", "compare"]
        ),
        values,
        max_size=4,
    )
)
def test_studies_of_any_values(content):
    takes_or_refuses(lambda: Study(**content))


@INPUTS
@given(SEEDS)
def test_sweeps(seed):
    draw = random.Random(seed)
    text = draw.choice(
        ["dc_nA={from: 0, to: 0.2, step: 0.1}", "drugs=[[], [TTX]]", "kdr.gbar*=[1]"]
    )
    sweep = damaged(text.encode(), draw).decode("utf-8", "surrogateescape")
    from netpyne_model.studies.command import chosen_study

    takes_or_refuses(lambda: chosen_study(None, [sweep], None, [], None))


def test_specifications(folder, tmp_path):
    (tmp_path / "kslow.mod").write_bytes((DATA / "kslow.mod").read_bytes())
    read_damaged(
        load_specification,
        tmp_path,
        "a.yaml",
        [path.read_bytes() for path in sorted(folder.glob("[cw]*.yaml"))],
    )


def test_rules_of_placement(tmp_path):
    read_damaged(load_placement_rules, tmp_path, "a.yaml", [DEFAULT_RULES.read_bytes()])


def test_rules_of_densities(tmp_path):
    contents = [rules.read_bytes() for rules in (FULL_RULES, SIMPLE_RULES)]
    read = load_rules.__wrapped__  # without the memory of what was read before
    read_damaged(read, tmp_path, "a.yaml", contents)


def test_studies(folder, tmp_path):
    read_damaged(Study.load, tmp_path, "a.yaml", [(folder / "study.yaml").read_bytes()])


def test_tables_of_sweeps(folder, tmp_path):
    read_damaged(table_conditions, tmp_path, "a.csv", [(folder / "table.csv").read_bytes()])


@pytest.fixture(scope="module")
def left_by_study(tmp_path_factory):
    """The folder of a study whose trials were never simulated."""
    folder = tmp_path_factory.mktemp("left")
    study = Study(grid={"dc_nA": [0, 0.1]}, trials=3)
    study_store(folder).declare(declaration(study))
    measured = measure_trial(make_trial(n_synapses=3))
    trials = [(one, folder / f"trials/{one.name}.nwb", measured) for one in study.trial_list()]
    write_tables(trials, study, folder)
    return folder


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("study.json", "study"),
        ("trials.csv", "table"),
        ("conditions.csv", "conditions"),
        ("spikes.csv", "spikes"),
        ("runs.csv", "runs"),
        ("profiles.nc", "profiles"),
    ],
)
def test_what_a_study_left(left_by_study, tmp_path, name, part):
    (tmp_path / "study.json").write_bytes((left_by_study / "study.json").read_bytes())

    def read(path):
        return getattr(load_results(path.parent), part)

    content = (left_by_study / name).read_bytes()
    (tmp_path / name).write_bytes(content)
    assert takes_or_refuses(lambda: read(tmp_path / name))
    read_damaged(read, tmp_path, name, [content], damages=(damaged, overwritten))


def test_cells_in_neuroml(tmp_path):
    (tmp_path / "small.csv").write_bytes(SMALL_TABLE)
    written = Cell(tmp_path / "small.csv", name="small").write_neuroml(tmp_path / "written")
    simple = NEUROML2 / "cells" / "CA1_simple.cell.nml"
    read_damaged(read_cell, tmp_path, "a.nml", [simple.read_bytes(), written.read_bytes()])


def test_channels_in_neuroml(tmp_path):
    for included in (NEUROML2 / "channels").glob("*_rates.nml"):
        (tmp_path / included.name).write_bytes(included.read_bytes())
    names = [
        DATA / "h_slow.channel.nml",
        *sorted((NEUROML2 / "channels").glob("[kN]*.channel.nml")),
    ]
    contents = [name.read_bytes() for name in names]
    read_damaged(read_user_channel, tmp_path, "a.nml", contents)


def test_mod_files(tmp_path):
    files = sorted([*DATA.glob("*.mod"), *(ROOT / "mod" / "generated").glob("[kh]*.mod")])
    read_damaged(read_user_channel, tmp_path, "a.mod", [file.read_bytes() for file in files])


@pytest.fixture(scope="module")
def nwb(tmp_path_factory):
    path = tmp_path_factory.mktemp("nwb") / "results.nwb"
    write_nwb(make_trial(n_synapses=3, stop_ms=1600.0), path)
    return path.read_bytes()


def test_results(nwb, tmp_path):
    damages = (damaged, *[overwritten] * 4)
    read_damaged(read_nwb, tmp_path, "a.nwb", [nwb], damages)


def test_checkpoints(tmp_path):
    trial = {
        "version": "1",
        "neuron": "9",
        "code": "a",
        "configuration": {"seed": 1},
        "cell": {},
        "inputs": "b",
    }
    path = tmp_path / "checkpoint.npz"
    write_checkpoint(path, trial, Kept(1.0, 2.0, {"columns": np.arange(200.0), "b": np.zeros(3)}))
    assert takes_or_refuses(lambda: read_checkpoint(path, trial))

    def read(path):
        return read_checkpoint(path, trial)

    read_damaged(read, tmp_path, "a.npz", [path.read_bytes()])


def test_outcomes_of_conditions(tmp_path):
    path = tmp_path / "valid.npz"
    trace = (np.arange(50.0), np.arange(50.0), "mV", "soma")
    write_outcome(Outcome({"a": 1.0, "held": True}, {"v": trace}), path)
    assert takes_or_refuses(lambda: read_outcome(path))
    read_damaged(read_outcome, tmp_path, "a.npz", [path.read_bytes()])


def test_traces_of_experiments(tmp_path):
    path = tmp_path / "valid.h5"
    potential = (np.arange(500.0), np.sin(np.arange(500.0)), "mV", "soma")
    current = (np.arange(500.0), np.arange(500.0), "nA", "DC")
    outcomes = [
        Outcome({"drug": drug, "dc_nA": 0.1}, {"v": potential, "i": current}) for drug in "ab"
    ]
    write_traces(outcomes, path)
    assert takes_or_refuses(lambda: read_traces(path))
    damages = (damaged, *[overwritten] * 4)
    read_damaged(read_traces, tmp_path, "a.h5", [path.read_bytes()], damages)
