"""What the errors of channels of one's own, drugs, rules and the tables of a cell advise is done."""

import ast
import os
import shutil
from pathlib import Path

import pytest
import yaml
from channel_kinds import NUMBER
from following import advised, told

from netpyne_model import Cell, Protocol
from netpyne_model.data_folders import MORPHOLOGIES, NEUROML2
from netpyne_model.morphology import read_section_table, read_swc
from netpyne_model.output_folder import output_folder
from netpyne_model.specification.changes import set_rule

DATA = Path(__file__).parent / "data"
EXAMPLE = MORPHOLOGIES / "example.swc"
KSLOW, CATION = DATA / "kslow.mod", DATA / "cation.mod"
CELL = Cell()
BLOCKED = CELL.with_drugs("INaP")
HEADER = (
    "index,name,region,parent,parent_loc,length_um,diam0_um,diam1_um\n0,soma_0,soma,,0,10,10,10\n"
)


def slow(densities=None, file=KSLOW, **fields):
    """The published cell with a channel of a file."""
    return CELL.with_channel("slow", file, densities or {"soma": 1e-3}, **fields)


def number(folder, **fields):
    """The same with one whose reversal potential is a number in its file."""
    file = folder / "own.mod"
    file.write_text(NUMBER)
    return slow(file=file, **fields)


def persistent_unknown(folder, *drugs):
    """The published cell with a file's channel in the place of nas."""
    own = folder / "nas.channel.nml"
    text = (NEUROML2 / "channels" / "kdr.channel.nml").read_text()
    own.write_text(text.replace('id="kdr"', 'id="mine"').replace('species="k"', 'species="na"'))
    return CELL.with_channel("nas", own).with_drugs(*drugs)


CHANGES = {
    "parameters without names": (
        lambda _: slow(parameters=3),
        "parameters = 3: expected a mapping of names to regions.",
        lambda line, _: slow(parameters={"vhalf": {"trunk": -40}}),
    ),
    "a parameter of another name": (
        lambda _: slow(parameters={"vhal": {"trunk": -40}}),
        "kslow.mod has no parameter 'vhal'. Did you mean 'vhalf'?",
        lambda line, _: slow(parameters={advised(line, "mean '(.*)'"): {"trunk": -40}}),
    ),
    "a density without a region": (
        lambda _: slow(1e-4),
        "expected regions with a value or a rule, such as {'all': 1e-4}.",
        lambda line, _: slow(ast.literal_eval(advised(line, r"such as (\{.*\})"))),
    ),
    "a cation without a reversal potential": (
        lambda _: slow(file=CATION),
        "has no reversal potential in this cell; give e_mV.",
        lambda line, _: slow(file=CATION, **{advised(line, r"give (\w+)"): -30}),
    ),
    "a reversal potential that its current does not read": (
        lambda _: slow(file=DATA / "ghk.mod"),
        "ion ca has no reversal potential in this cell; give e_mV (any: its current does not read it).",
        lambda line, _: slow(file=DATA / "ghk.mod", **{advised(line, r"give (\w+)"): 0}),
    ),
    "a second reversal potential": (
        lambda folder: number(folder, e_mV=-20),
        "own.mod computes its own reversal potential; leave out e_mV.",
        lambda line, folder: number(folder),
    ),
    "a rule that is a number": (
        lambda _: set_rule(CELL.specification, "trunk", "nas.gbar", [0.02]),
        "rule 0.02: expected a mapping, such as {'value': 0.02}.",
        lambda line, _: set_rule(
            CELL.specification,
            "trunk",
            "nas.gbar",
            [ast.literal_eval(advised(line, r"such as (\{.*\})"))],
        ),
    ),
    "a multiple of what follows another": (
        lambda _: BLOCKED.with_rule("soma", "nas_steady.gbar", factor=0.5),
        "follows those of the channel that it is taken from; scale that one.",
        lambda line, _: BLOCKED.with_rule("soma", "nas.gbar", factor=0.5),
    ),
    "a part that is not known": (
        lambda folder: persistent_unknown(folder, "INaP"),
        "of which its persistent part is not known; leave out the drug, or the channel.",
        lambda line, folder: [persistent_unknown(folder), CELL.with_drugs("INaP")],
    ),
    "nothing to block": (
        lambda _: CELL.with_drugs("XE991@tuft"),
        "region tuft has no km2, and there is nothing to block; give another region.",
        lambda line, _: CELL.with_drugs("XE991@soma"),
    ),
    "a number of what has none": (
        lambda _: CELL.with_drugs("persistent_only:0.5"),
        "persistent_only has no factor and no dose; write persistent_only.",
        lambda line, _: CELL.with_drugs(advised(line, r"write (\w+)")),
    ),
    "a cell that is a number": (
        lambda _: Cell(3),
        "cell = 3: expected a path, such as 'cell.yaml'.",
        lambda line, folder: [
            one(folder / advised(line, "such as '(.*)'")) for one in (CELL.save, Cell)
        ],
    ),
    "a receptor of another name": (
        lambda _: CELL.relative_gmax("NDMA", "soma"),
        "receptor 'NDMA' does not exist. Did you mean 'NMDA'?",
        lambda line, _: CELL.relative_gmax(advised(line, "mean '(.*)'"), "soma"),
    ),
    "no spines": (
        lambda _: CELL.spines_near("trunk@200", 0),
        "n = 0: expected a whole number from 1, how many spines near",
        lambda line, _: CELL.spines_near("trunk@200", int(advised(line, r"from (\d+)"))),
    ),
    "more spines than there are": (
        lambda _: CELL.spines_near("trunk@200", 9999),
        "; ask for fewer, or near a place on another region.",
        lambda line, _: CELL.spines_near("trunk@200", int(advised(line, r"has (\d+);"))),
    ),
    "more spines than a soma has": (
        lambda _: CELL.spines_near("soma", 1),
        "the soma of this cell has 0; ask for fewer, or near a place on another region.",
        lambda line, _: CELL.spines_near("trunk@200", 1),
    ),
    "a trunk that the file tells": (
        lambda _: read_swc(EXAMPLE, trunk_end=41),
        "leave trunk_end out, and change single branches with regions.",
        lambda line, _: [read_swc(EXAMPLE), read_swc(EXAMPLE, regions={41: "apical"})],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_changes(case, tmp_path):
    refused, line, as_told = CHANGES[case]
    as_told(told(lambda: refused(tmp_path), line), tmp_path)


@pytest.mark.parametrize("kind", ["restored", "taken as it is"])
def test_files_of_a_saved_cell(tmp_path, kind):
    own, file = tmp_path / "kslow.mod", tmp_path / "cell.yaml"
    shutil.copy(KSLOW, own)
    slow(file=own).save(file)
    own.write_text(own.read_text() + "\n")
    line = told(lambda: Cell(file), "restore the file, or remove its line sha256 to take it as")
    if kind == "restored":
        shutil.copy(KSLOW, own)
    else:
        content = yaml.safe_load(file.read_text())
        del content["biophysics"]["channels"]["slow"][advised(line, r"its line (\w+)")]
        file.write_text(yaml.safe_dump(content))
    assert "slow" in Cell(file).specification.biophysics.channels


@pytest.mark.parametrize(
    ("table", "parameter", "says", "value"),
    [("g_S_per_cm2", "pas.g", "add one, or a 0.", 0), ("e_mV", "pas.e", "; add one.", -65)],
)
def test_a_leak_without_a_rule(tmp_path, table, parameter, says, value):
    file = tmp_path / "cell.yaml"
    CELL.save(file)
    content = yaml.safe_load(file.read_text())
    del content["biophysics"]["pas"][table]["tuft"]
    file.write_text(yaml.safe_dump(content))
    cell, protocol = Cell(file), Protocol(duration_ms=0.25, dt_ms=0.025)
    line = told(lambda: protocol.run(cell), f"{parameter} has no rule in region tuft", says)
    told(lambda: cell.write_neuroml(tmp_path / "nml"), says)
    cell = cell.with_rule(advised(line, r"in region (\w+)"), parameter, value=value)
    protocol.run(cell)
    cell.write_neuroml(tmp_path / "nml")


def chain(n_sections, length_um):
    """The table of a soma with a trunk of so many sections."""
    rows = (f"{n},t{n},trunk,{n - 1},1,{length_um},1,1\n" for n in range(1, n_sections))
    return HEADER + "".join(rows)


@pytest.mark.parametrize(
    ("wrong", "says", "right"),
    [
        (chain(2001, 10), "2001 sections; expected at most 2000: leave out parts", chain(2000, 10)),
        (chain(12, 99_999), "divide lengths by 1000 if they are in nanometres", chain(12, 99.999)),
        (chain(12, 99_999), "or leave out parts of the cell.", chain(2, 99_980)),
        (HEADER + "\xff", "cannot be read (", HEADER),
        (HEADER + "\xff", "give the path of a CSV file.", chain(2, 10)),
    ],
)
def test_section_tables(tmp_path, wrong, says, right):
    file = tmp_path / "a.csv"
    file.write_bytes(wrong.encode("latin-1"))
    told(lambda: read_section_table(file), says)
    file.write_text(right)
    assert read_section_table(file).sections


def put(folder, **options):
    """A file in an output folder."""
    with output_folder(folder, **options) as output:
        (output.written / "configuration.json").write_text("{}")


def test_output_folders(tmp_path, monkeypatch):
    (tmp_path / "taken").touch()
    told(lambda: put(tmp_path / "taken" / "run"), "cannot be made (", "; choose a folder you can ")
    put(tmp_path / "run")
    os.symlink(tmp_path / "circle", tmp_path / "circle")
    told(lambda: put(tmp_path / "circle"), "choose another folder.")
    put(tmp_path / "other")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    told(lambda: put(Path("run")), "output folder run cannot be found (", "; give an absolute path")
    put(tmp_path / "absolute")
