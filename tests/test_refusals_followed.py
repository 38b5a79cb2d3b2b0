"""Refusals that no other test came to (``make coverage``): each is one line, and what it advises works as it stands."""

import pytest
from specified_cells import EXAMPLE, refusal

from netpyne_model import Cell, Trial
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.morphology import read_section_table


def test_a_trial_has_one_cell():
    given = {"cell": Cell(), "cell_file": str(EXAMPLE)}
    message = refusal(lambda: Trial(**given))
    assert message == "cell and cell_file: a trial has one cell; give one of the two."
    for name, value in given.items():
        assert getattr(Trial(**{name: value}).configuration, name) is not None


def test_generated_receptors_take_no_steps_of_second_order():
    general = {"integration": "second_order", "spines": "folded"}
    message = refusal(lambda: Trial(**general, receptors="generated"))
    assert message.endswith("take steps of first order; set receptors=fast.")
    assert Trial(**general, receptors="fast").configuration.receptors == "fast"


def test_a_channel_is_taken_from_where_it_is():
    message = refusal(lambda: Cell().without("nax", "tuft"))
    assert message == "channel nax is not in region tuft; it is in axon_hill, ais, axon."
    cell = Cell()
    for region in ("axon_hill", "ais", "axon"):
        cell = cell.without("nax", region)
    assert "nax" not in cell.specification.biophysics.channels


def test_a_part_of_a_rule_needs_a_rule():
    message = refusal(lambda: Cell().with_rule("tuft", "nax.gbar", linear_per_um=0.1))
    assert message.endswith("has no rule to change; give a whole one, with value or inherit.")
    cell = Cell().with_rule("tuft", "nax.gbar", value=0.01, linear_per_um=0.1)
    assert "tuft" in cell.specification.biophysics.channels["nax"].gbar_S_per_cm2


def test_an_entry_below_a_single_value_does_not_exist():
    message = refusal(lambda: Cell().with_entry("biophysics.run.celsius.high", 3))
    assert "biophysics.run.celsius is a single value; it has no 'high'" in message
    assert (
        Cell().with_entry("biophysics.run.celsius", 33).specification.biophysics.run.celsius == 33
    )


@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_section_table_without_a_row_is_none(tmp_path, n_rows):
    lines = (MORPHOLOGIES / "CA1_EB2.sections.csv").read_text().splitlines(keepends=True)
    table = tmp_path / "table.csv"
    table.write_text("".join(lines[: 1 + n_rows]))
    if n_rows:
        assert len(read_section_table(table).sections) == 1
    else:
        message = refusal(lambda: read_section_table(table))
        assert message.endswith("no sections; expected at least one row below the header.")
