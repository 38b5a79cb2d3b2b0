"""A specification: saved, read, written by hand, changed, refused; and what is made of it stays its own."""

import operator
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpyne_model import Cell, CurrentClamp, ModelError, Protocol, load, specification
from netpyne_model.morphology import standard_sites
from netpyne_model.neuroml2 import validation
from netpyne_model.neuroml2.cell_reader import read_cell
from netpyne_model.specification import load_specification

ROOT = Path(__file__).resolve().parents[1]
DATA, EXAMPLE = ROOT / "tests" / "data", ROOT / "morphologies" / "example.swc"
SCRIPT = ROOT / "scripts" / "run_netpyne.py"
DENDRITES = ("basal", "trunk", "apical", "tuft")
STEP = Protocol(dt_ms=0.025, duration_ms=30, stimuli=[CurrentClamp(amplitude_nA=0.3, start_ms=2.0)])


def changed(cell: Cell) -> Cell:
    """Rules of every kind, for every kind of parameter, and channels taken away."""
    cell = cell.with_rule("trunk", "nas.gbar", value=0.03, linear_per_um=-5e-5, minimum=0.01)
    cell = cell.with_rule("apical", "nas.gbar", value=0.02, to_um=120.0, terminal=True)
    cell = cell.with_rule(
        "apical", "nas.gbar", inherit="trunk", from_um=120.0, outside=1e-3, add_range=True
    )
    sigmoid = {"amplitude": 1 / 3, "half_um": 123.4, "tau_um": 56.7}
    cell = cell.with_rule("tuft", "kdr.gbar", value=0.1, sigmoidal=sigmoid, maximum=0.2).without(
        "km2", "axonal"
    )
    cell = cell.with_rule("trunk", "cable.cm", value=1.5).with_rule(
        "basal", "cable.Ra", value=100 / 3
    )
    cell = cell.with_rule(
        "tuft", "pas.e", value=-50.0, exponential={"amplitude": -7.0, "tau_um": 190.0}
    )
    cell = cell.with_rule("all", "k.e", value=-88.8).with_rule(
        "dendrites", "h.e", value=-20.0, linear_per_um=-0.1
    )
    cell = cell.with_rule("trunk", "spines.density", value=2.0).with_rule(
        "tuft", "AMPA.gmax", value=1e-3
    )
    return (
        cell.with_rule("tuft", "NMDA.relative_gmax", value=0.5)
        .without("kap", ["basal", "tuft"])
        .without("h", "tuft")
    )


def own(folder: Path = DATA) -> Cell:
    """A cell with a NeuroML channel and a mod channel of its own."""
    cell = Cell().with_channel(
        "slow", folder / "h_slow.channel.nml", {"dendrites": 1e-4}, e_mV=-30.0
    )
    rules = {"soma": 1e-3, "trunk": {"value": 1e-3, "gradient": {"linear_per_um": 1e-6}}}
    return cell.with_channel(
        "kslow", folder / "kslow.mod", rules, parameters={"vhalf": {"trunk": -40.0}}
    )


CELLS = {
    "published": Cell,
    "changed": lambda: changed(Cell()),
    "imported": lambda: changed(Cell(EXAMPLE)),
    "assigned": lambda: Cell(EXAMPLE, regions={43: "tuft"}).with_rule(
        "tuft", "nas.gbar", value=0.01
    ),
    "own channels": own,
}


def assert_same_table(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one, other, check_exact=True
    )  # bit for bit: the same rules on the same sections


def refusal(make) -> str:
    """The one line with which something is refused."""
    with pytest.raises(ModelError) as raised:
        make()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def written(folder: Path, text: str) -> Path:
    (folder / "cell.yaml").write_text(text)
    return folder / "cell.yaml"


@pytest.mark.parametrize("changes_only", [False, True], ids=["complete", "changes only"])
@pytest.mark.parametrize("make", CELLS.values(), ids=CELLS)
def test_a_saved_cell_is_read_back_as_it_was(tmp_path, make, changes_only):
    cell = make()
    cell.save(tmp_path / "cell.yaml", changes_only=changes_only)
    read = Cell(tmp_path / "cell.yaml")
    assert read.specification == cell.specification
    assert ("base: CA1" in (tmp_path / "cell.yaml").read_text()) == changes_only
    assert_same_table(read.table(), cell.table())
    assert_same_table(read.table(spines="folded"), cell.table(spines="folded"))
    pd.testing.assert_frame_equal(
        read.placement.inhibitory, cell.placement.inhibitory, check_exact=True
    )


def test_the_files_of_a_cell_move_along_with_it(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "parts").mkdir(parents=True)
    for source in (EXAMPLE, DATA / "h_slow.channel.nml", DATA / "kslow.mod"):
        shutil.copy(source, here / "parts")
    imported, channels = changed(Cell(here / "parts" / "example.swc")), own(here / "parts")
    tables = imported.table(), channels.table()
    imported.save(here / "imported.yaml")
    channels.save(here / "channels.yaml", changes_only=True)
    here.rename(there)
    for name, table in zip(("imported", "channels"), tables, strict=True):
        assert str(tmp_path) not in (there / f"{name}.yaml").read_text()
        assert_same_table(Cell(specification=there / f"{name}.yaml").table(), table)


def test_a_file_beside_a_specification_is_named_without_folder_also_through_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    shutil.copy(EXAMPLE, tmp_path / "real")
    Cell(tmp_path / "link" / "example.swc").save(tmp_path / "link" / "cell.yaml", changes_only=True)
    assert "file: example.swc" in (tmp_path / "real" / "cell.yaml").read_text()


number, positive, of = st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.fixed_dictionaries
exponentials = of({"amplitude": number, "tau_um": positive})
sigmoids = of({"amplitude": number, "half_um": number, "tau_um": positive})
gradients = (
    of({"linear_per_um": number}) | of({"exponential": exponentials}) | of({"sigmoidal": sigmoids})
)
further = {"gradient": gradients, "minimum": st.floats(-1e3, 0.0), "maximum": st.floats(0.0, 1e3)}
further |= {"from_um": st.floats(0.0, 0.5), "terminal": st.booleans()}
ends = {"to_um": st.floats(1.0, 1e3)}
beyond = of({}, optional=further | ends) | of({"outside": number} | ends, optional=further)
rules = st.builds(operator.or_, of({"value": number}) | of({"inherit": st.just("soma")}), beyond)
names = st.sampled_from(list(specification.parameters(specification.default_specification())))


@settings(max_examples=25, deadline=None)
@given(made=st.lists(st.tuples(st.sampled_from(DENDRITES), names, rules), max_size=5))
def test_whatever_rules_change_they_are_read_as_they_were_saved(tmp_path_factory, made):
    base = cell = specification.default_specification()
    for region, parameter, rule in made:
        cell = specification.set_rule(cell, region, parameter, rule)
    path = tmp_path_factory.mktemp("rules") / "cell.yaml"
    for changes_only in (False, True):
        specification.save_specification(cell, path, changes_only=changes_only)
        assert load_specification(path) == cell
    different = specification.overrides(base.as_dict(), cell.as_dict())
    assert specification.merged(base.as_dict(), different, "the changes") == cell.as_dict()


def test_the_difference_lists_the_changes_and_nothing_else():
    assert Cell().diff() == []
    assert Cell().with_rule("soma", "nas.gbar", value=0.04).diff() == []  # as it is
    one = Cell().with_rule(["trunk", "tuft"], "nas.gbar", value=0.02).without("km2").named("less")
    other = one.with_rule("trunk", "nas.gbar", value=0.03)
    place = "biophysics.channels.nas.gbar_S_per_cm2"
    by_entry = {change.entry: change for change in one.diff()}
    assert by_entry.keys() == {"name", f"{place}.trunk", f"{place}.tuft", "biophysics.channels.km2"}
    trunk = by_entry[f"{place}.trunk"]
    assert (trunk.before, trunk.after) == ({"inherit": "soma"}, {"value": 0.02})
    assert by_entry["biophysics.channels.km2"].after is None
    assert [str(change) for change in other.diff(one)] == [
        f"{place}.trunk: {{value: 0.02}} -> {{value: 0.03}}"
    ]
    assert [change.entry for change in Cell(EXAMPLE).diff()] == ["name", "morphology"]
    assert {change.entry for change in own().diff()} == {
        "biophysics.channels.slow",
        "biophysics.channels.kslow",
    }


def test_a_short_file_changes_the_published_cell(tmp_path):
    text = """
        base: CA1
        name: short
        biophysics:
          run: {celsius: 33}
          channels:
            nas: {gbar_S_per_cm2: {trunk: {value: 0.02}, tuft: null}}
            km2: null
            kad: {file: %s}
    """
    cell = Cell(specification=written(tmp_path, text % (DATA / "kad_shifted.channel.nml")))
    table, before = cell.table(), Cell().table()
    assert cell.name == "short"
    assert cell.specification.biophysics.run.celsius == 33
    assert (table.loc[table["region"] == "trunk", "nas.gbar"] == 0.02).all()
    assert table.loc[table["region"] == "tuft", "nas.gbar"].isna().all()
    assert "km2.gbar" not in table
    kad = cell.specification.biophysics.channels["kad"]
    assert (kad.components, kad.ion, set(cell.describe().user_channels)) == ((), "k", {"kad"})
    untouched = ["kad.gbar", "kap.gbar", "h.gbar", "h.e", "pas.g", "spines.density"]
    assert_same_table(table[untouched], before[untouched])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{base: CA1, biofysics: {}}", "'biofysics' is not known. Did you mean 'biophysics'?"),
        ("{base: CA1, biophysics: {chanels: {}}}", "Did you mean 'channels'?"),
        ("{base: CA1, biophysics: {run: {celcius: 3}}}", "Did you mean 'celsius'?"),
        ("{base: CA1, biophysics: {cable: {Ra_ohm: {}}}}", "Did you mean 'Ra_ohm_cm'?"),
        (
            "{base: CA1, biophysics: {ions: {na: {e: {}}}}}",
            "'biophysics.ions.na.e' is not known. Did you mean 'e_mV'?",
        ),
        (
            "{base: CA1, biophysics: {channels: {nas: {gbar_S_cm2: {}}}}}",
            "Did you mean 'gbar_S_per_cm2'?",
        ),
        ("{base: CA1, biophysics: {pas: {e_mV: {tuf: {value: 1}}}}}", "Did you mean 'tuft'?"),
        (
            "{base: CA1, biophysics: {pas: {e_mV: {tuft: {value: 1, form_um: 1}}}}}",
            "Did you mean 'from_um'?",
        ),
        (
            "{base: CA1, biophysics: {pas: {e_mV: {tuft: {value: 1, gradient: {linear: 1}}}}}}",
            "Did you mean 'linear_per_um'?",
        ),
        ("{base: CA1, morphology: {fil: a.swc}}", "Did you mean 'file'?"),
        ("{base: CA1, placement: {spine_geometry: {neck: 1}}}", "Did you mean 'neck_diam_um'?"),
        (
            "{base: CA1, placement: {spine_density_per_um: {tuft: {terminl: 1}}}}",
            "Did you mean 'terminal'?",
        ),
        (
            "{base: CA1, placement: {spine_density_per_um: {trunks: {value: 1}}}}",
            "Did you mean 'trunk'?",
        ),
        ("{base: CA1, placement: {receptors: {AMPA: {gmax: {}}}}}", "Did you mean 'gmax_uS'?"),
        ("{base: CA1, placement: {receptors: {GABA: {}}}}", "Did you mean 'GABA_A'?"),
        (
            "{base: CA1, placement: {receptors: {NMDA: {gmax_uS: {trunk: {value: 1e-3}}}}}}",
            "receptors.NMDA: expected relative_gmax only.",
        ),
        (
            "{base: CA1, biophysics: {channels: {kmm: null}}}",
            "'kmm' is null, to be taken away, but does not stand",
        ),
        ("{base: CA1, biophysics: 3}", "biophysics is 3"),
        ("{base: CA1, biophysics: null}", "biophysics"),
        ("{base: CA1, biophysics: {channels: null}}", "channels"),
        ("{base: CA1, biophysics: {channels: [nas]}}", "channels"),
        ("{base: CA1, biophysics: {channels: {nas: null, nax: 3}}}", "nax is 3"),
        ("{base: CA1, name: my cell}", "name is 'my cell'"),
        ("{base: CA1, morphology: {file: gone.swc}}", "gone.swc does not exist"),
        (
            "{base: CA1, biophysics: {channels: {mine: {file: gone.mod}}}}",
            "gbar_S_per_cm2' is missing",
        ),
        ("{base: CA3}", "base is 'CA3'; expected CA1"),
        (
            "{base: CA1, biophysics: {cable: {cm_uF_per_cm2: {tuft: null}}}}",
            "cable.cm has no rule in region tuft",
        ),
        ("{name: bare}", "'biophysics' is missing; add it, or base: CA1"),
        ("{bas: CA1}", "'bas' is not known. Did you mean 'base'?"),
        ("base: CA1\nbiophysics: {", "line 2: malformed YAML"),
        ("- 1", "expected a mapping"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_in_one_line(tmp_path, text, told):
    path = written(tmp_path, text)
    message = refusal(lambda: Cell(specification=path).table())
    assert told in message
    assert str(path) in message or "cable.cm" in told  # found out on the morphology


@pytest.mark.parametrize("name", ["example.swc", "kslow.mod"])
def test_a_file_with_another_content_is_refused(tmp_path, name):
    shutil.copy(EXAMPLE if name == "example.swc" else DATA / name, tmp_path)
    cell = (
        Cell(tmp_path / name)
        if name == "example.swc"
        else Cell().with_channel("mine", tmp_path / name, {"soma": 1e-3})
    )
    cell.save(tmp_path / "cell.yaml")
    (tmp_path / name).write_text((tmp_path / name).read_text() + "\n")
    assert f"{name} has another content than when this was saved" in refusal(
        lambda: load_specification(tmp_path / "cell.yaml")
    )
    (tmp_path / name).unlink()
    assert f"{name} does not exist" in refusal(lambda: load_specification(tmp_path / "cell.yaml"))
    assert "none.yaml cannot be read" in refusal(lambda: Cell(specification=tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            ("trnk", "nas.gbar", {"value": 1.0}),
            "region 'trnk' does not exist. Did you mean 'trunk'?",
        ),
        (
            ("trunk", "nass.gbar", {"value": 1.0}),
            "parameter 'nass.gbar' does not exist. Did you mean 'nas.gbar'?",
        ),
        (("trunk", "k.er", {"value": 1.0}), "Did you mean 'k.e'?"),
        (("trunk", "nas.gbar", {"valeu": 1.0}), "a rule has no 'valeu'. Did you mean 'value'?"),
        (
            ("trunk", "nas.gbar", {"value": 1.0, "exponential": {"amplitude": 1.0, "tau": 1.0}}),
            "tau_um",
        ),
        (
            ("trunk", "nas.gbar", {"inherit": "soma", "from_um": 50.0, "add_range": True}),
            "two ranges overlap",
        ),
        (
            ("apical", "nas.gbar", {"value": 0.01, "linear_per_um": -1e-3}),
            r"nas.gbar is -0\.\d+ on section apical_\d+; expected 0 to 1000 S/cm2: .* minimum\.$",
        ),
        (
            ("basal", "kdr.gbar", {"inherit": "trunk"}),
            r"section basal_\d+ inherits from trunk, but its path to the soma",
        ),
        (
            ("trunk", "cable.cm", {"value": 1.0, "to_um": 100.0}),
            r"cable.cm is 0 on section trunk_\d+; expected 0.01 to 100 uF/cm2",
        ),
        (
            ("basal", "cable.Ra", {"value": 9.0, "linear_per_um": -1.0}),
            r"cable.Ra is -[\d.]+ on section basal_\d+",
        ),
        (
            ("basal", "spines.density", {"value": 101.0}),
            r"density on section basal_\d+ is 101 per um; expected 0 to 100",
        ),
        (
            ("tuft", "spines.density", {"value": 1.0, "linear_per_um": -0.1}),
            r"density on section tuft_\d+ is -",
        ),
        (
            ("tuft", "NMDA.relative_gmax", {"value": -1.0}),
            r"NMDA.relative_gmax is -1 on section tuft_\d+",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_a_rule_that_does_not_hold_is_refused_in_one_line(rule, told):
    region, parameter, entries = rule
    message = refusal(lambda: Cell().with_rule(region, parameter, **entries).table(spines="folded"))
    assert re.search(told, message), message


def test_a_name_or_a_region_that_does_not_hold_is_refused_in_one_line():
    for make in (lambda: Cell(name="my cell"), lambda: Cell().named("my cell")):
        assert "my cell" in refusal(make)
    assert "Did you mean 'tuft'?" in refusal(lambda: Cell(EXAMPLE, regions={43: "tufft"}))


@pytest.mark.parametrize("stem", ["2 b", "_1", "Zelle é", "Ärger"])
def test_a_cell_bears_the_name_of_its_file_as_neuroml_can_write_it(tmp_path, stem):
    cell = Cell(shutil.copy(EXAMPLE, tmp_path / f"{stem}.swc"))
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", cell.name)


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
