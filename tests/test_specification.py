"""A specification: saved, read, written by hand, changed."""

import operator
import shutil

import pandas as pd
import pytest
from channel_texts import written
from hypothesis import given, settings
from hypothesis import strategies as st
from specified_cells import DATA, EXAMPLE, assert_same_table, changed, own

from netpyne_model import Cell, specification
from netpyne_model.specification import load_specification

DENDRITES = ("basal", "trunk", "apical", "tuft")


CELLS = {
    "published": Cell,
    "changed": lambda: changed(Cell()),
    "imported": lambda: changed(Cell(EXAMPLE)),
    "assigned": lambda: Cell(EXAMPLE, regions={43: "tuft"}).with_rule(
        "tuft", "nas.gbar", value=0.01
    ),
    "own channels": own,
}


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
    cell = Cell(
        specification=written(tmp_path, text % (DATA / "kad_shifted.channel.nml"), "cell.yaml")
    )
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
