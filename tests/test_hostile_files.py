"""Files that are made to keep their reader busy: mod files, tables and cells of any size."""

import itertools
import re
from pathlib import Path

import pytest
from drawn_trials import make_trial
from reading_times import shortest, soon

from netpyne_model import Cell
from netpyne_model.data_folders import NEUROML2
from netpyne_model.mechanisms.user_channels import read_user_channel
from netpyne_model.morphology import layout, read_section_table, read_swc
from netpyne_model.neuroml2.cell_reader import read_cell
from netpyne_model.results import read_nwb, write_nwb
from netpyne_model.studies.conditions import grid_conditions

KSLOW = (Path(__file__).parent / "data" / "kslow.mod").read_text()
HEADER = (
    "index,name,region,parent,parent_loc,length_um,diam0_um,diam1_um\n0,soma_0,soma,,0,10,10,10\n"
)
MOD = "NEURON {{ SUFFIX a RANGE gbar {0} }} UNITS {{ {1} }} PARAMETER {{ gbar = 0 (S/cm2) {2} }} {3}\n"


VALUE = r'(<inhomogeneousValue[^>]* value=")[^"]+'
DIVISIONS = r'(numberInternalDivisions" value=")\d{1,2}"'
GROUPS = "".join(
    f'<segmentGroup id="g{n}"><include segmentGroup="all"/></segmentGroup>' for n in range(20_000)
)


@pytest.mark.parametrize(
    "parts",
    [
        (" " * 10**5, "", "=" + " " * 10**5 + "x", ""),
        ("", "(" * 10**5, "[" * 10**5, "{" * 10**5),
        ("", "", "x (" * 10**5, "COMMENT " * 30_000),
        ("", "", "x <" * 10**5, "VERBATIM " * 30_000),
        ("USEION k READ " + " , " * 50_000, "", "FROM " * 50_000, ""),
        (", ".join(f"g{n}" for n in range(40_000)), "", "x = " * 50_000, ""),
        (
            "NONSPECIFIC_CURRENT " + ",".join(f"i{n}" for n in range(20_000)),
            "",
            "",
            "i = " * 30_000,
        ),
        ("", "", "", "NEURON {} " * 25_000),
        ("", "", "", "BREAKPOINT { i = " + "(v - " * 40_000 + "}"),
        ("NONSPECIFIC_CURRENT i", " (a) = (b)" * 25_000, "", "i = (v" + " " * 10**5 + "e)"),
    ],
)
def test_a_mod_file_is_read_in_a_time_that_grows_with_its_size_alone(tmp_path, parts):
    path = tmp_path / "a.mod"
    path.write_text(MOD.format(*parts))
    soon(lambda: read_user_channel(path))


def test_files_that_include_each_other_without_end_are_refused(tmp_path):
    for number, further in itertools.pairwise(range(40)):
        (tmp_path / f"{number}.mod").write_text(f'INCLUDE "{further}.mod"\n')
    line = soon(lambda: read_user_channel(tmp_path / "0.mod"))
    assert line == f"{tmp_path / '0.mod'}: 20 files INCLUDE each other; write them into one file."
    (tmp_path / "0.mod").write_text(KSLOW)
    assert soon(lambda: read_user_channel(tmp_path / "0.mod")).ion == "k"
    (tmp_path / "large.mod").write_text(" " * 400_000)
    assert "is larger than 0.3 MB" in soon(lambda: read_user_channel(tmp_path / "large.mod"))


def test_files_that_include_each_other_twice_are_refused_and_taken_once(tmp_path):
    """Each twice, a chain of 18 is 2**17 of its last; once each, it is a file as others are."""

    def chained(n_times):
        for number in range(18):
            further = f'INCLUDE "{number + 1}.mod"\n' * n_times
            comment = f": {'x' * (100 if number < 17 else 10**4)}\n"
            text = KSLOW if number == 0 else ""
            (tmp_path / f"{number}.mod").write_text(
                text + (further if number < 17 else "") + comment
            )
        return soon(lambda: read_user_channel(tmp_path / "0.mod"))

    line = chained(2)
    assert "more than 0.3 MB with what it INCLUDEs; expected a mod file" in line
    assert line.endswith(": INCLUDE each file once.")
    assert chained(1).ion == "k"


def chain(n_sections: int, length_um: float = 10) -> str:
    rows = (f"{n},t{n},trunk,{n - 1},1,{length_um},1,1\n" for n in range(1, n_sections))
    return HEADER + "".join(rows)


def test_a_tree_of_more_levels_than_python_has_is_laid_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(chain(1200))
    assert len(layout(read_section_table(path))) == 1200


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (chain(2001), "2001 sections; expected at most 2000: leave out parts of the cell."),
        (chain(12, 99_999), "divide lengths by 1000 if they are in nanometres"),
    ],
)
def test_a_cell_too_large_is_refused_when_it_is_read(tmp_path, text, says):
    path = tmp_path / "a.csv"
    path.write_text(text)
    assert says in soon(lambda: Cell(path))
    # As the line says, it goes with less.
    path.write_text(chain(20))
    assert len(Cell(path).morphology) == 20


def test_a_reconstruction_too_large_is_refused_when_it_is_read(tmp_path):
    path = tmp_path / "a.swc"
    points = "".join(f"{n} 3 {90_000 * (n % 2)} {n} 0 1 {n - 1}\n" for n in range(2, 6))
    path.write_text(f"1 1 0 0 0 5 -1\n{points}")
    assert "expected above 0 and below 100000 um" in soon(lambda: read_swc(path))
    path.write_text("# " + "x" * 11_000_000)
    assert "is larger than 10 MB" in soon(lambda: read_swc(path))


def test_a_grid_of_more_conditions_than_anybody_runs_is_refused():
    grid = {name: list(range(100)) for name in ("dc_nA", "w_max", "n_excitatory", "celsius")}
    line = soon(lambda: grid_conditions(grid))
    assert line.startswith("the grid has 100000000 conditions; expected at most 100000: give fewer")


def harmed(path, *changes):
    """The published cell in NeuroML with some of its text exchanged."""
    text = (NEUROML2 / "cells" / "CA1_full.cell.nml").read_text()
    for pattern, by in changes:
        text, n_changed = re.subn(pattern, by, text, count=1)
        assert n_changed
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([(VALUE, r"\g<1>9^9^9^9^9")], "is not one that this reads"),
        ([(VALUE, r"\g<1>" + "-" * 20_000)], "is not one that this reads"),
        ([(DIVISIONS, r'\g<1>30000"')] * 4, "in all: lower their numberInternalDivisions."),
        ([(r"(?s)(.*</segmentGroup>)", r"\g<1>" + GROUPS)], "expected fewer groups of groups."),
        ([(r"(<segment id=)", "<wrong/>\n" * 3000 + r"\g<1>")], ""),
    ],
)
def test_a_cell_in_neuroml_is_read_soon_or_refused(tmp_path, changes, says):
    path = harmed(tmp_path / "a.nml", *changes)
    told = soon(lambda: read_cell(path))
    assert not says or says in told


@pytest.mark.slow
def test_a_cell_of_many_sections_is_worked_out_in_a_time_that_grows_with_them(tmp_path):
    """Three times as many take three times as long, nine times if each met each."""
    paths = {}
    for n_sections in (300, 900):
        rows = [f"{n},b{n},basal,0,1,50,1,1\n" for n in range(1, n_sections + 1)]
        paths[n_sections] = tmp_path / f"{n_sections}.csv"
        paths[n_sections].write_text(HEADER + "".join(rows))
    few_s, _ = shortest(lambda: Cell(paths[300]).describe("none"))
    many_s, _ = shortest(lambda: Cell(paths[900]).describe("none"), 6 * few_s)
    assert many_s < 6 * few_s


def test_a_heap_of_texts_that_would_be_read_for_ever_is_refused(tmp_path):
    path = tmp_path / "a.nwb"
    write_nwb(make_trial(n_synapses=3, stop_ms=1600.0), path)
    content = bytearray(path.read_bytes())
    entry = content.index(b"GCOL") + 16
    content[entry : entry + 16] = bytes(16)
    path.write_bytes(content)
    assert "a heap of texts is damaged" in soon(lambda: read_nwb(path))
