"""Rules of spines, inhibitory synapses and receptors on whole cells, against closed forms of path distance."""

import math

import numpy as np
import pandas as pd
import pytest
from rule_cases import CELLS, DENDRITES, EXPONENTIAL, changed, check, exponential, seen, source_of

from netpyne_model import Cell


@pytest.fixture(scope="module", params=CELLS)
def cell(request) -> Cell:
    return CELLS[request.param]()


def assert_number(cell: Cell, synapses: pd.DataFrame, region: str, density) -> None:
    """Their number on a region, against a density of the middle of a section and of that of its trunk section."""
    at, sections = cell.morphology.path_distance, cell.morphology.in_region(region)
    expected = sum(
        density(at(s.index, 0.5), at(source_of(cell, s.index), 0.5)) * s.length_um for s in sections
    )
    # Five standard deviations of a Poisson number; the draw is seeded, so this cannot fail by chance another day.
    assert abs((synapses["region"] == region).sum() - expected) <= 5 * math.sqrt(expected), region


def test_spines_and_inhibitory_synapses_are_as_dense_as_their_rules_say(cell):
    rules = (
        ("basal", "spines.density", {"value": 4.0}),
        ("tuft", "spines.density", {"value": 0.0}),
        ("trunk", "spines.density", {"value": 1.0, "linear_per_um": 0.02}),
        ("apical", "spines.density", {"inherit": "trunk", "maximum": 3.0}),
        ("trunk", "inhibition.density", {"value": 2.0, "linear_per_um": -5e-3, "minimum": 0.5}),
        ("basal", "inhibition.density", {"value": 1.0, "from_um": 50.0}),
    )
    made = changed(cell, *rules)
    assert_number(made, made.placement.spines, "basal", lambda d, d_trunk: 4.0)
    assert_number(made, made.placement.spines, "tuft", lambda d, d_trunk: 0.0)
    assert_number(made, made.placement.spines, "trunk", lambda d, d_trunk: 1 + 0.02 * d)
    assert_number(
        made, made.placement.spines, "apical", lambda d, d_trunk: min(1 + 0.02 * d_trunk, 3.0)
    )
    assert_number(
        made, made.placement.inhibitory, "trunk", lambda d, d_trunk: max(2 - 5e-3 * d, 0.5)
    )
    assert_number(made, made.placement.inhibitory, "basal", lambda d, d_trunk: float(d > 50))


def test_inhibitory_synapses_of_soma_and_initial_segment_take_rules_too(cell):
    made = cell.with_rule(["soma", "ais"], "inhibition.density", value=20.0)
    for region in ("soma", "ais"):
        assert_number(made, made.placement.inhibitory, region, lambda d, d_trunk: 20.0)


def test_conductances_of_receptors_follow_their_rules(cell):
    rules = (
        ("trunk", "AMPA.gmax", {"value": 5e-4} | EXPONENTIAL),
        ("tuft", "AMPA.gmax", {"inherit": "trunk", "linear_per_um": 1e-6}),
        ("basal", "NMDA.relative_gmax", {"value": 1.0, "linear_per_um": 0.01}),
        ("trunk", "GABA_A.relative_gmax", {"value": 2.0, "linear_per_um": -2e-3, "minimum": 1.8}),
    )
    placement, of_section = (
        changed(cell, *rules).placement,
        seen(cell).drop_duplicates("index").set_index("index"),
    )
    at, spines, inhibitory = cell.morphology.path_distance, placement.spines, placement.inhibitory
    spines = spines.assign(
        d=[at(*place) for place in spines[["section", "x"]].itertuples(index=False)]
    )
    spines = spines.join(of_section[["d_last", "d_end"]], on="section")
    check(spines, "trunk", "gmax_AMPA_uS", lambda t: 5e-4 + exponential(t.d))
    check(
        spines,
        "tuft",
        "gmax_AMPA_uS",
        lambda t: 5e-4 + exponential(t.d_last) + 1e-6 * (t.d - t.d_end),
    )
    check(
        spines,
        DENDRITES,
        "relative_gmax_NMDA",
        lambda t: np.where(t.region == "basal", 1 + 0.01 * t.d, 1.0),
    )
    check(inhibitory, ("soma", "basal", "tuft"), "relative_gmax_GABA_A", lambda t: 1.0)
    check(
        inhibitory,
        "trunk",
        "relative_gmax_GABA_A",
        lambda t: np.maximum(2 - 2e-3 * t.path_distance, 1.8),
    )


def test_conductances_at_many_places_are_those_at_each():
    """To the last bit: a study's trials take them by thousands, a protocol's by one."""
    rule = {"value": 0.5, "exponential": {"amplitude": 0.1, "tau_um": 90.0}}
    cell = Cell().with_rule("trunk", "NMDA.relative_gmax", **rule)
    cell = cell.with_rule("tuft", "NMDA.relative_gmax", factor=0.7)
    spines = cell.placement.spines.iloc[::40]
    sections, x = spines["section"].to_numpy(), spines["x"].to_numpy()
    at_once = cell.relative_gmax_at("NMDA", sections, x)
    names = [cell.morphology.section(index).name for index in sections.tolist()]
    one_by_one = [cell.relative_gmax("NMDA", place) for place in zip(names, x, strict=True)]
    assert at_once.tolist() == one_by_one
    assert len(set(one_by_one)) > 20
