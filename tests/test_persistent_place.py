"""The study of the persistent current in the silent cell's conversion: what it declares, and its figure."""

import numpy as np
import pandas as pd
import pytest

from netpyne_model import figures
from netpyne_model.figures.lost_spikes import (
    CONTROL,
    EXCURSIONS,
    FAILED,
    RATE,
    V_IN,
    V_OUT,
    lost_spikes,
)
from netpyne_model.studies import Study

STUDY = Study.load("persistent_place")
LEVELS_NA = (0.0, 0.05, 0.1, 0.15)


def test_conditions_differ_from_control_by_what_their_names_say():
    """One set-up, one seed each: a drug, a dynamic clamp and the DC are all that changes."""
    trials = {one.name: one for one in Study.load("persistent_place", trials=1).trial_list()}
    assert len(trials) == len(STUDY.conditions)
    drugs = {"control": (), "TTX 0.5": ("TTX",), "INaP 0.5": ("INaP:0.5",), "INaP 1": ("INaP",)}
    for one in trials.values():
        preparation, _, back = one.swept["group"].partition(" and back in ")
        preparation, _, place = preparation.removesuffix(" held as control").partition(" in ")
        expected = (f"INaP@{place}",) if place else drugs[preparation]
        assert one.config.drugs == expected
        assert one.config.setup == "silent_cell"
        given = [(clamp["region"], clamp["factor"]) for clamp in one.config.stimuli]
        assert given == ([(back, 1)] if back else [])
        if "held" not in one.swept["group"]:
            named_nA = float(one.condition.rpartition(" at ")[2])
            assert one.config.dc_nA == named_nA


def test_what_is_compared_is_at_one_potential_or_one_dc():
    """But for the threshold of spikes, and what asks for more current, pairs have one DC in their names."""
    for one in STUDY.contrasts:
        levels = {name.rpartition(" at ")[2] for name in one.conditions}
        assert len(levels) == 1 or one.family == "more current", one.claim


def table_of_four() -> pd.DataFrame:
    """Control fires at what is twice the DC, a drug at half of control's; its rate lost is known."""
    rows = []
    for dc_nA in LEVELS_NA:
        for group, factor, failed_hz in (("control", 1.0, 0.0), ("TTX 0.5", 0.5, 0.25)):
            for seed in range(3):
                rate = factor * 20 * dc_nA
                rows.append(
                    {
                        "group": group,
                        "dc_nA": dc_nA,
                        "seed": seed,
                        RATE: rate,
                        V_OUT: -62 + 40 * dc_nA - (1 - factor) + 0.01 * seed,
                        V_IN: -61 + 40 * dc_nA - (1 - factor) + 0.01 * seed,
                        EXCURSIONS: rate + failed_hz,
                        FAILED: failed_hz,
                    }
                )
    one = pd.DataFrame(rows[-3:]).assign(group="TTX 0.5 and back in all", dc_nA=0.1)
    return pd.concat([pd.DataFrame(rows), one], ignore_index=True)


def test_the_figure_draws_rates_differences_and_what_is_lost():
    rates, differences, excursions, lost = lost_spikes(table_of_four(), at_nA=0.1).axes
    control, ttx, back = (line for line in rates.lines if len(line.get_xdata()))
    assert control.get_ydata() == pytest.approx([0, 1, 2, 3])
    assert control.get_xdata() == pytest.approx([-61.99, -59.99, -57.99, -55.99])
    assert ttx.get_ydata() == pytest.approx([0, 0.5, 1, 1.5])
    assert back.get_linestyle() == "None"
    assert excursions.lines[1].get_ydata() == pytest.approx([0.25, 0.75, 1.25, 1.75])
    (difference,) = (line for line in differences.lines if len(line.get_xdata()) == 4)
    assert difference.get_ydata() == pytest.approx([0.5] * 4)
    # Of 1 Hz that TTX takes 0.75 Hz do not get to the threshold, 0.25 Hz do without a spike.
    heights = [bar.get_height() for bar in lost.patches[:2]]
    assert heights == pytest.approx([0.75, 0.25])
    assert sum(heights) == pytest.approx(1.0)
    assert CONTROL not in [text.get_text() for text in lost.get_xticklabels()]


def test_a_drug_without_a_partner_has_no_difference():
    table = table_of_four()
    table = table[(table["group"] != CONTROL) | (table["seed"] == 5) | (table["dc_nA"] < 0)]
    alone = pd.concat([table, table_of_four().iloc[:1].assign(dc_nA=9.0)], ignore_index=True)
    differences = lost_spikes(alone, at_nA=9.0).axes[1]
    assert not [line for line in differences.lines if np.size(line.get_xdata()) > 2]


def test_lost_spikes_are_drawn_of_groups_beside_control_and_of_no_other_study():
    table = table_of_four()
    drawn, left_out = figures.drawn_and_left_out(figures.StudyData(table, by="dc_nA"))
    assert (
        drawn["lost_spikes"].axes[3].get_title(loc="left").endswith("DC +0.1 nA")
    )  # where most groups are
    for other in (table.drop(columns="group"), table[table["group"] != CONTROL]):
        drawn, left_out = figures.drawn_and_left_out(figures.StudyData(other, by="dc_nA"))
        assert "lost_spikes" not in {*drawn, *left_out}


def test_a_group_of_any_name_has_a_colour_of_its_own():
    table = table_of_four().replace({"group": {"TTX 0.5": "less h"}})
    colours = {line.get_color() for line in lost_spikes(table, at_nA=0.1).axes[0].lines}
    assert len(colours) == 3
