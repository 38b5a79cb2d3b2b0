"""What the errors of rules, cells, configurations, benchmarks and commands advise is done, and works."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from following import advised, advised_number, told

from netpyne_model import Cell
from netpyne_model.analysis import sensitivity
from netpyne_model.analysis.samples import within
from netpyne_model.benchmarks import elsewhere, replay, report
from netpyne_model.benchmarks.measure import Meter
from netpyne_model.benchmarks.workloads import WORKLOADS
from netpyne_model.biophysics import load_rules
from netpyne_model.biophysics.density_rules import FULL_RULES, check_name
from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.data_comparison.answers import chosen_rows
from netpyne_model.doors.passages import chosen_doors
from netpyne_model.exports.combine_archive import _check
from netpyne_model.figures.panels import one_unit
from netpyne_model.mechanisms.user_channels import read_user_channel

ROOT = Path(__file__).resolve().parents[1]
ROW = "synapse,group,section,x,kind,ampa_weight,gmax_uS,time_ms\n0,CA3,0,0.5,exc,1,0.001,61.5\n"
TRUNK = "channels.nas.gbar_S_per_cm2.trunk"
OUTSIDE = [{"value": 1, "to_um": 9, "outside": 2}, {"value": 3, "from_um": 9, "outside": 4}]
OF_NAS = {"ion": "na", "gbar_S_per_cm2": {}}

RULES = {
    "a channel of nothing": ("channels.nas.components", [], "has either components"),
    "a channel without an ion": ("channels.nas.ion", None, "needs its ion (na, k, ..., non_spec"),
    "a dose of nothing": ("channels.nas.dose", {"soma": 0.5}, "taken_from and dose stand together"),
    "two rules of one density": (
        "channels.nas",
        {"taken_from": "kdr", "dose": {"soma": 0.5}},
        "its density follows that of kdr: change kdr.gbar, or the dose of the drug",
    ),
    "taken from what is not": (
        "channels.block",
        {"like": "nas", "gbar_S_per_cm2": {}, "taken_from": "nasx", "dose": {"soma": 0.5}},
        "is taken from 'nasx'; expected a channel of the package's components with rules of",
    ),
    "the name of an ion": (
        "channels.na",
        {"like": "nas"},
        "bears the name of an ion, a receptor, or of cable, pas or spines; call it something else",
    ),
    "a factor of no parameter": (
        "factors",
        {"nas.gbr": {"soma": 0.5}},
        "is no parameter. Did you mean 'nas.gbar'?",
    ),
    "a component of another name": (
        "channels.kdr.components",
        [{"channel": "kdrr"}],
        "component 'kdrr' is no channel of NeuroML2/channels. Did you mean 'kdr'?",
    ),
    "two outsides": (TRUNK, OUTSIDE, "outside stands in more than one range; give it once"),
}


def table_with(file, path, value):
    """A table of rules as the package's, with another value at a path; of a mapping, parts of it."""
    table = yaml.safe_load(FULL_RULES.read_text())
    *above, last = path.split(".")
    inner = table
    for key in above:
        inner = inner[key]
    if isinstance(value, dict) and path.startswith("channels.") and len(above) == 1:
        value = dict(value)
        value = dict(inner[value.pop("like", last)]) | value
    inner[last] = value
    file.write_text(yaml.safe_dump(table))
    return file


@pytest.mark.parametrize("case", RULES)
def test_tables_of_rules(tmp_path, case):
    path, value, says = RULES[case]
    file = tmp_path / "rules.yaml"
    line = told(lambda: load_rules(table_with(file, path, value)), says)
    mended = {
        "a factor of no parameter": lambda: (
            "factors",
            {advised(line, "mean '(.*)'"): {"soma": 0.5}},
        ),
        "taken from what is not": lambda: (path, value | {"taken_from": "nas"}),
        "the name of an ion": lambda: ("channels.sodium", value),
        "a component of another name": lambda: (path, [{"channel": advised(line, "mean '(.*)'")}]),
        "two outsides": lambda: (path, [OUTSIDE[0], OUTSIDE[1] | {"outside": None}]),
        "two rules of one density": lambda: (path, value | {"gbar_S_per_cm2": {}}),
        "a dose of nothing": lambda: ("channels.nas", {"dose": {}}),
        "a channel without an ion": lambda: (path, "na"),
    }
    usual = yaml.safe_load(FULL_RULES.read_text())["channels"]["nas"].get("components")
    assert load_rules(table_with(file, *mended.get(case, lambda: (path, usual))()))


DIRECT = {
    "a name that starts with a digit": (
        lambda: check_name("2slow", "channel"),
        "that does not start with a digit, such as kslow.",
        lambda line: check_name(advised(line, r"such as (\w+)"), "channel"),
    ),
    "a parameter of another name": (
        lambda: load_rules().rules_of("nas.gbr"),
        "parameter 'nas.gbr' does not exist. Did you mean 'nas.gbar'?",
        lambda line: load_rules().rules_of(advised(line, "mean '(.*)'")),
    ),
    "spines of another kind": (
        lambda: Cell.simple().describe("fold"),
        "expected 'none', 'silent' for spines solved with their segments, or 'folded'",
        lambda line: [Cell.simple().describe(one) for one in ("none", "folded")],
    ),
    "a specification that is a number": (
        lambda: Cell(specification=3),
        "expected a file, such as 'cell.yaml', or the specification of another Cell.",
        lambda line: Cell(specification=Cell.simple().specification),
    ),
    "a sample outside": (
        lambda: within("level", 3.0, 0.0, 1.0),
        "level = 3: expected more than 0 and less than 1.",
        lambda line: within("level", 0.5, 0.0, 1.0),
    ),
    "blocks of no power of two": (
        lambda: sensitivity.saltelli_samples(3, 2, seed=1),
        "expected a power of two from 2, such as 64.",
        lambda line: sensitivity.saltelli_samples(int(advised(line, r"such as (\d+)")), 2, seed=1),
    ),
    "a part of a block": (
        lambda: sensitivity.complete_blocks(np.arange(7.0), 2),
        "7 values: expected whole blocks of 4, one a sample.",
        lambda line: sensitivity.complete_blocks(
            np.arange(2 * advised_number(line, r"blocks of (\d+)")), 2
        ),
    ),
    "a choice that a workload has not": (
        lambda: WORKLOADS["epsp"].with_choices(["defualt"]),
        "has no choice 'defualt'. Did you mean 'default'?",
        lambda line: WORKLOADS["epsp"].with_choices([advised(line, "mean '(.*)'")]),
    ),
    "a folder that is no checkout": (
        lambda: elsewhere.check_checkout(ROOT / "tests"),
        "is no checkout of this package; expected a folder with netpyne_model in it",
        lambda line: elsewhere.check_checkout(ROOT),
    ),
    "a row of no quantity": (
        lambda: chosen_rows(("x" + chosen_rows()[0][0].quantity,)),
        "Did you mean '",
        lambda line: chosen_rows((advised(line, "mean '(.*)'"),)),
    ),
    "a door of another name": (
        lambda: chosen_doors(["Arbr"]),
        "door 'Arbr' does not exist. Did you mean '",
        lambda line: chosen_doors([advised(line, "mean '(.*)'")]),
    ),
    "two units": (
        lambda: one_unit("recording 'i'", {"A": "nA", "B": "pA"}),
        "bring them to one, or draw them apart.",
        lambda line: [
            one_unit("recording 'i'", one) for one in ({"A": "nA", "B": "nA"}, {"B": "pA"})
        ],
    ),
    "names that are none": (
        lambda: load_configuration(None, {"drugs": 3}),
        "drugs = 3: expected",
        lambda line: load_configuration(None, {"drugs": ["TTX"]}),
    ),
    "recordings without names": (
        lambda: load_configuration(None, {"record": ["soma"]}),
        "record = ",
        lambda line: load_configuration(None, {"record": {"s": "soma"}}),
    ),
    "recordings of no names": (
        lambda: load_configuration(None, {"record": {"a b": "soma"}}),
        "record = ",
        lambda line: load_configuration(None, {"record": {"a_b": "soma"}}),
    ),
    "what is said of no file": (
        lambda: load_configuration(None, {"events_sha256": "0" * 64}),
        "it has no effect without events_file; leave it out, or give both.",
        lambda line: load_configuration(None, {}),
    ),
    "parameters that are no mapping": (
        lambda: load_configuration(None, {"parameters": 3}, {"kdr.gbar*": 2}),
        "parameters = 3: expected ",
        lambda line: load_configuration(None, {"parameters": {}}, {"kdr.gbar*": 2}),
    ),
}


@pytest.mark.parametrize("case", DIRECT)
def test_calls(case):
    refused, line, as_told = DIRECT[case]
    as_told(told(refused, line))


def test_cell_files_and_configurations(tmp_path):
    file = tmp_path / "cell.yaml"
    Cell.simple().save(file)
    line = told(lambda: load_configuration(file), "give it with --cell, or as cell_file.")
    field = advised(line, r"or as (\w+)\.")
    Cell().save(file)
    load_configuration(None, {field: str(file)})


def test_morphologies(tmp_path):
    """A file of a specification is taken by its ending, which the message names."""
    example, cell = ROOT / "morphologies" / "example.swc", tmp_path / "cell.yaml"

    def cell_of(name):
        shutil.copy(example, tmp_path / name)
        cell.write_text(f"base: CA1\nmorphology: {{file: {name}}}\n")
        return Cell(cell).morphology

    line = told(lambda: cell_of("a.txt"), "expected an SWC file (.swc) or a section table (.csv).")
    ending = advised(line, r"SWC file \((\.\w+)\)")
    assert len(cell_of(f"a{ending}").sections) == len(Cell(example).morphology.sections)


def test_spines_of_a_cell(cell):
    line = told(lambda: cell.require_spines([99_999]), "does not exist; this cell has spines 0 to")
    cell.require_spines([int(advised_number(line, r"0 to (\d+)"))])
    line = told(
        lambda: cell.relative_gmax("AMPA", "soma"), "see the column gmax_AMPA_uS of placement"
    )
    assert advised(line, r"column (\w+)") in cell.placement.spines
    cell.relative_gmax("NMDA", "soma")


def test_folders_of_benchmarks(tmp_path):
    taken = tmp_path / "taken"
    taken.touch()
    told(lambda: report.check_folder(taken, False), "cannot be made", "; choose another.")
    report.check_folder(tmp_path / "new", False)
    (tmp_path / "new" / report.RESULTS).touch()
    told(lambda: report.check_folder(tmp_path / "new", False), "or give --overwrite.")
    report.check_folder(tmp_path / "new", True)


@pytest.mark.parametrize(("window_ms", "until_ms"), [((25, 75), 50), ((20, 55), 100)])
def test_a_window_with_too_few_reports_is_told_and_a_longer_one_measured(window_ms, until_ms):
    """The window is longer, or the run goes on for longer: two reports fall into both."""

    def measured(window_ms, until_ms):
        meter = Meter(window_ms)
        for t_ms in range(0, until_ms + 1, 25):
            meter(t_ms, until_ms)
        return meter.per_simulated_ms()

    told(
        lambda: measured((20, 55), 25),
        "window 20 to 55 ms: the run reports every 25 ms, and no two reports fall into it; lengthen"
        " duration_ms or the window.",
    )
    assert measured(window_ms, until_ms)["simulated_ms"] == 25


def test_published_trials(tmp_path):
    def trials():
        return replay.trials_of_folder(tmp_path)

    events, spikes = tmp_path / "one_events.csv", tmp_path / "one_soma_spikes.csv"
    told(lambda: replay.read_trial(events, spikes), "does not exist; give a table of released")
    told(trials, "holds no published trial; expected <name>events.csv there.")
    events.write_text(ROW)
    line = told(trials, "with a header alone where there were none.")
    (tmp_path / advised(line, r"expected (\S+),")).write_text("")
    told(trials, "is no CSV table")
    spikes.write_text("a,b\n1,2\n")
    line = told(trials, "expected time_ms, in numbers.")
    spikes.write_text(advised(line, r"expected (\w+),") + "\n")
    (tmp_path / "one_voltage.csv").write_text("t_ms,soma\n0,1\n")
    told(trials, "expected t_ms and <site>_mV, in numbers.")
    (tmp_path / "one_voltage.csv").write_text("t_ms,soma_mV\n0,1\n")
    assert [one.name for one in trials()] == ["one"]
    replay.read_trial(events, spikes)


def test_archives(tmp_path):
    (tmp_path / "a.omex").mkdir()
    line = told(lambda: _check(tmp_path / "a.zip", False), "expected a file that ends in .omex.")
    ending = advised(line, r"ends in (\.\w+)")
    told(lambda: _check(tmp_path / f"a{ending}", False), "is a folder; choose another file.")
    _check(tmp_path / f"b{ending}", False)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (("benchmark", "eps"), ("benchmark", "{}", "--help")),
        (("reproduce", "epsp_amplificatio"), ("reproduce", "{}", "--help")),
    ],
)
def test_near_names(refused, wrong, right):
    name = advised(refused(*wrong), r"Did you mean '(\w+)'")
    assert main([one.format(name) for one in right]) == 0


def test_kinds_of_channel_files(tmp_path):
    file = tmp_path / "kslow.txt"
    file.write_text("")
    line = told(lambda: read_user_channel(file), "expected .nml (NeuroML2) or .mod (NEURON)")
    right = ROOT / "tests" / "data"
    found = next(iter(sorted(right.rglob("*" + advised(line, r"expected (\.\w+)")))))
    read_user_channel(found)
