"""What is made of a specification stays its own: live cells, runs, NeuroML, the script."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from specified_cells import DATA, EXAMPLE, ROOT, assert_same_table, changed, own, refusal

from netpyne_model import Cell, CurrentClamp, Protocol, load
from netpyne_model.morphology import standard_sites
from netpyne_model.neuroml2 import validation
from netpyne_model.neuroml2.cell_reader import read_cell

SCRIPT = ROOT / "scripts" / "run_netpyne.py"


STEP = Protocol(dt_ms=0.025, duration_ms=30, stimuli=[CurrentClamp(amplitude_nA=0.3, start_ms=2.0)])


def test_cells_do_not_disturb_each_other():
    one, other = changed(Cell()), Cell(EXAMPLE)
    tables, built = (
        (one.table(), other.table()),
        (one.build(spines="none"), other.build(spines="none")),
    )
    trunks = [
        cell.sections[next(name for name in cell.sections if name.startswith("trunk"))]
        for cell in built
    ]
    live = [(trunk(0.5).nas_dend.gmax, trunk.cm, trunk.ek) for trunk in trunks]
    beside = [
        changed(other).build(),
        one.with_rule("trunk", "nas.gbar", value=0.5).build(),
        own().build(),
    ]
    one.describe("none").sections["soma_0"].cm_uF_per_cm2[:] = 9.0  # a copy
    assert [(trunk(0.5).nas_dend.gmax, trunk.cm, trunk.ek) for trunk in trunks] == live
    assert [values[1:] for values in live] == [(1.5, -88.8), (1.0, -77.0)]
    assert len(beside) == 3
    assert_same_table(one.table(), tables[0])
    assert_same_table(other.table(), tables[1])


def test_a_run_is_the_same_whatever_lives_beside_it():
    cell = changed(Cell())
    alone = STEP.run(cell)
    beside = own().build()
    together = STEP.run(cell)
    assert np.ptp(alone.voltage_mV["soma"]) > 5
    np.testing.assert_array_equal(together.voltage_mV["soma"], alone.voltage_mV["soma"])
    assert len(beside.sections) == 119  # it was alive all the time


@pytest.mark.parametrize("make", [Cell, lambda: Cell(EXAMPLE)], ids=["published", "imported"])
def test_folded_spines_keep_their_capacitance(make):
    cell = make().with_rule("trunk", "cable.cm", value=2.0)
    bare, folded, spines = cell.table(), cell.table(spines="folded"), cell.placement.spines
    cm, spine_um2 = bare.groupby("index")["cable.cm"].first(), np.pi * (1.58 * 0.077 + 0.5 * 0.5)
    expected = (bare["cable.cm"] * bare["area_um2"]).sum() + (
        cm[spines["section"]] * spine_um2
    ).sum()
    assert (folded["cable.cm"] * folded["area_um2"]).sum() == pytest.approx(
        expected, rel=1e-12
    )  # sums of doubles


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> dict[Path, Cell]:
    """NeuroML files of cells, in one folder each."""
    shifted = (
        Cell()
        .with_channel("kad", DATA / "kad_shifted.channel.nml", {"dendrites": 0.02})
        .named("shifted")
    )
    cells = [
        changed(Cell()).named("changed"),
        changed(Cell(EXAMPLE)),
        own().without("kslow").named("own"),
        shifted,
    ]
    folder = tmp_path_factory.mktemp("neuroml")
    return {cell.write_neuroml(folder / cell.name): cell for cell in cells}


def test_exported_neuroml_is_valid(exported):
    for path in exported:
        files = validation.model_files(path.parents[1])
        assert validation.validate_schema(files) == []
        assert validation.validate_includes(files) == []


@pytest.mark.java
def test_jneuroml_finds_no_problem_in_exported_cells(exported):
    assert validation.validate_with_jneuroml(*(path.parents[1] for path in exported)) == []


def test_exported_neuroml_is_read_as_the_cell_it_was(exported):
    for path, cell in exported.items():
        read, described = read_cell(path), cell.describe("none")
        assert (read.cell_id, read.channel_ions) == (cell.name, described.channel_ions)
        assert read.sections.keys() == described.sections.keys()
        for name, section in read.sections.items():
            expected = vars(described.sections[name])
            for attribute, values in vars(section).items():
                np.testing.assert_equal(
                    values, expected[attribute]
                )  # exactly: the same text is read


def test_a_cell_with_a_mod_channel_is_not_exported(tmp_path):
    assert "channel kslow comes from kslow.mod, which NeuroML cannot hold" in refusal(
        lambda: own().write_neuroml(tmp_path)
    )
    assert list(tmp_path.iterdir()) == []


def run_script(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess:
    command = [sys.executable, SCRIPT, *arguments, "--out", folder / "out"]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, timeout=120, check=False
    )


@pytest.mark.parametrize("kind", ["specification", "morphology"])
def test_the_script_runs_a_cell_from_a_file(tmp_path, kind):
    cell, file, settings = (
        Cell(EXAMPLE),
        EXAMPLE,
        ["--set", "n_excitatory=100", "--set", "n_inhibitory=20"],
    )
    if kind == "specification":
        cell, file = changed(Cell()), tmp_path / "cell.yaml"
        cell.save(file, changes_only=True)
        settings += [
            "--set",
            "spines=folded",
        ]  # its spines differ in capacitance, which solved ones may not
    done = run_script(tmp_path, "--cell", file, "--duration", "60", "--quiet", *settings)
    assert (done.returncode, done.stderr) == (0, "")
    result = load(tmp_path / "out")
    sites = {name: (site.section, site.x) for name, site in result.sites.items()}
    assert sites == {name: tuple(site) for name, site in standard_sites(cell.morphology).items()}
    assert all(np.isfinite(trace).all() for trace in result.voltage_mV.values())


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("gone.swc", None, "gone.swc does not exist"),
        ("cell.yaml", "{base: CA1, biophysics: {chanels: {}}}", "Did you mean 'channels'?"),
    ],
)
def test_the_script_refuses_a_cell_in_one_line(tmp_path, name, text, told):
    if text is not None:
        (tmp_path / name).write_text(text)
    done = run_script(tmp_path, "--cell", tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
