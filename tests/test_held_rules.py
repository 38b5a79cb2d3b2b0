"""Rules beyond the range to which they were fitted, rules changed in part, and advice on rules."""

import math
import re

import numpy as np
import pytest

from netpyne_model import Cell
from netpyne_model.biophysics import RuleProfiles
from netpyne_model.biophysics.rules import Rule
from netpyne_model.errors import ModelError
from netpyne_model.morphology import Morphology, Section
from netpyne_model.specification import changes

CELL = Cell()
FITTED_UM, FARTHEST_SPINE_UM = 272.922, 278.767


def stick(length_um: float = 200.0, n_sections: int = 4) -> Morphology:
    """A soma and a trunk of sections in a row."""
    sections = [Section(0, "soma_0", "soma", None, 0.0, 10.0, 10.0, 10.0)]
    for index in range(1, n_sections + 1):
        sizes = (length_um, 2.0, 2.0)
        sections.append(Section(index, f"trunk_{index}", "trunk", index - 1, 1.0, *sizes))
    return Morphology(sections)


GRADIENTS = {
    "linear": {"linear_per_um": -0.01},
    "exponential": {"exponential": {"amplitude": 0.3, "tau_um": 120.0}},
    "sigmoidal": {"sigmoidal": {"amplitude": 2.0, "half_um": 200.0, "tau_um": 90.0}},
}


def profiles(*, nseg: int = 5, read_anywhere: bool = False, **rule) -> RuleProfiles:
    rules = {"soma": (Rule(value=1.0),), "trunk": (Rule(inherit="soma", **rule),)}
    cell = stick()
    return RuleProfiles(cell, rules, (1, *4 * [nseg]), read_anywhere=read_anywhere)


@pytest.mark.parametrize("form", GRADIENTS)
def test_a_gradient_is_held_beyond_its_distance(form):
    free, held = (
        profiles(gradient=GRADIENTS[form]),
        profiles(gradient=GRADIENTS[form], held_beyond_um=500),
    )
    at_500 = free.of(free.morphology.section("trunk_3")).at(500.0)
    for section in free.morphology.in_region("trunk"):
        along_um = np.array(free.centres(section))
        expected = free.of(section).at(np.minimum(along_um, 500.0))
        np.testing.assert_allclose(held.of(section).at(along_um), expected, rtol=1e-12)
    # Nothing is written of a gradient where it has ended, nor of an end that lies farther out.
    assert held.of(held.morphology.section("trunk_4")).constant == pytest.approx(float(at_500))
    for name in ("trunk_1", "trunk_2"):
        section = free.morphology.section(name)
        assert held.of(section) == free.of(section)
        assert held.held(section) is None
    assert held.held(held.morphology.section("trunk_3")) == (500, pytest.approx(float(at_500)))


def test_a_section_whose_last_centre_is_not_beyond_has_the_plain_gradient():
    """The published cell's file stays as it is, though its trunk ends 6 um beyond its last centre."""
    rule = {"gradient": GRADIENTS["linear"], "held_beyond_um": 790.0}
    centres, anywhere = profiles(**rule), profiles(**rule, read_anywhere=True)
    section = centres.morphology.section("trunk_4")
    assert centres.centres(section)[-1] == 780
    assert centres.held(section) is None
    assert centres.of(section).at(800.0) == pytest.approx(1 - 8.0)
    assert anywhere.of(section).at(800.0) == pytest.approx(1 - 7.9)


def test_bounds_hold_before_the_end_of_the_range():
    held = profiles(gradient=GRADIENTS["linear"], minimum=-2.0, held_beyond_um=500)
    last = held.morphology.section("trunk_4")
    assert held.held(last) == (500, -2.0)
    assert held.of(last).constant == -2.0


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"value": 1.0, "held_beyond_um": 100}, "held_beyond_um ends a gradient; give one"),
        ({"held_beyond_um": -1.0}, r"held_beyond_um \(-1\) is negative; path distances are 0"),
        ({"held_beyond_um": -math.inf}, "held_beyond_um is no path distance"),
        ({"held_beyond_um": math.nan}, "held_beyond_um is no path distance"),
        ({"gradient": None}, "held_beyond_um ends a gradient; give one, or leave it out"),
    ],
)
def test_an_end_of_a_range_that_does_not_hold_is_refused(rule, told):
    with pytest.raises(ModelError, match=told):
        CELL.with_rule("trunk", "pas.e", **rule)


# The published rules


@pytest.fixture(scope="module")
def long_trunk(tmp_path_factory) -> Cell:
    """A trunk of 900 um with an oblique at 600 um, and a tuft."""
    lines = ["1 1 0 0 0 8 -1", "2 5 0 300 0 1.5 1", "3 5 0 600 0 1.2 2", "4 5 0 900 0 1 3"]
    lines += ["5 4 150 600 0 0.5 3", "6 6 60 1000 0 0.5 4", "7 6 -60 1000 0 0.5 4"]
    path = tmp_path_factory.mktemp("cells") / "long.swc"
    path.write_text("\n".join([*lines, "8 3 0 -90 0 1 1", ""]))
    return Cell(path)


def test_the_ends_of_the_ranges_are_those_of_the_published_trunk():
    table, spines = CELL.table(), CELL.placement.spines
    last_centre_um = table.loc[table["region"] == "trunk", "path_distance"].max()
    farthest_um = spines.loc[spines["region"] == "trunk", "path_distance"].max()
    assert last_centre_um < FITTED_UM < last_centre_um + 1e-3
    assert farthest_um < FARTHEST_SPINE_UM < farthest_um + 1e-3
    for parameter in ("pas.g", "pas.e", "h.gbar"):
        (rule,) = CELL.specification.biophysics.rules_of(parameter)["trunk"]
        assert rule.held_beyond_um == FITTED_UM
    (rule,) = CELL.specification.placement.of_receptor("AMPA").gmax_uS["trunk"]
    assert rule.held_beyond_um == FARTHEST_SPINE_UM


def test_a_long_trunk_has_the_published_extremes(long_trunk):
    here, published = long_trunk.table(), CELL.table()
    distal = here[(here["path_distance"] > 280) & here["region"].isin(["trunk", "apical", "tuft"])]
    for parameter, extreme in (("pas.e", "min"), ("pas.g", "max"), ("h.gbar", "max")):
        expected = published[parameter].agg(extreme)
        # 0.3 nm beyond the published segment's centre.
        np.testing.assert_allclose(distal[parameter], expected, rtol=1e-5)
    spines = long_trunk.placement.spines
    far = spines.loc[spines["path_distance"] > 280, "gmax_AMPA_uS"]
    np.testing.assert_allclose(far, CELL.placement.spines["gmax_AMPA_uS"].max(), rtol=1e-5)
    densities = here["spines.density"].groupby(here["region"]).max()
    assert densities["trunk"] <= 3.8


def test_what_is_held_is_told(long_trunk):
    told = {one.parameter: one for one in long_trunk.held_rules}
    assert list(told) == ["pas.g", "pas.e", "h.gbar", "AMPA.gmax"]
    assert str(told["pas.e"]) == "pas.e is held at -76.3 mV beyond 272.9 um, on 2 trunk sections"
    assert told["pas.g"].value == pytest.approx(CELL.table()["pas.g"].max(), rel=1e-5)
    scaled = long_trunk.with_rule("trunk", "pas.g", factor=2).held_rules[0]
    assert scaled.value == pytest.approx(2 * told["pas.g"].value)
    free = long_trunk.with_rule("trunk", "pas.e", held_beyond_um=None)
    assert "pas.e" not in {one.parameter for one in free.held_rules}


def test_neuroml_holds_the_rule(long_trunk, tmp_path):
    """The description goes through NeuroML: a gradient that ends within a section comes back."""
    cell = long_trunk.with_rule("trunk", "pas.e", held_beyond_um=400)
    table = cell.table()
    trunk = table[table["region"] == "trunk"]
    x = np.minimum(trunk["path_distance"], 400)
    expected = -63 - 1.5827143250102864 * (np.exp(x / 121.9) - 1)
    np.testing.assert_allclose(trunk["pas.e"], expected, rtol=1e-9)


# A rule changed in part


def rule_of(cell: Cell, parameter: str, region: str = "trunk") -> Rule:
    (rule,) = cell.specification.biophysics.rules_of(parameter)[region]
    return rule


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ({"minimum": -80}, {"minimum": -80.0}),
        ({"held_beyond_um": 400}, {"held_beyond_um": 400.0}),
        ({"held_beyond_um": None}, {"held_beyond_um": math.inf}),
        ({"maximum": -64.0, "to_um": 300.0}, {"maximum": -64.0, "to_um": 300.0}),
    ],
)
def test_a_part_of_a_rule_changes_alone(part, changed):
    before = rule_of(CELL, "pas.e")
    after = rule_of(CELL.with_rule("trunk", "pas.e", **part), "pas.e")
    assert after == before.model_copy(update=changed)


def test_a_part_of_a_gradient_changes_alone():
    cell = CELL.with_rule("trunk", "pas.g", exponential={"tau_um": 110})
    gradient = rule_of(cell, "pas.g").gradient
    assert (gradient.exponential.amplitude, gradient.exponential.tau_um) == (1.63e-5, 110.0)
    linear = rule_of(cell.with_rule("trunk", "pas.g", linear_per_um=1e-7), "pas.g")
    assert linear.gradient.exponential is None
    assert (linear.inherit, linear.held_beyond_um) == ("soma", FITTED_UM)


def test_a_file_changes_a_part_of_a_rule(tmp_path):
    path = tmp_path / "cell.yaml"
    path.write_text(
        "base: CA1\nbiophysics: {pas: {e_mV: {trunk: {minimum: -80, held_beyond_um: null}},"
        " g_S_per_cm2: {trunk: {gradient: {exponential: {tau_um: 110}}}}}}\n"
    )
    expected = CELL.with_rule("trunk", "pas.e", minimum=-80, held_beyond_um=None)
    expected = expected.with_rule("trunk", "pas.g", exponential={"tau_um": 110})
    assert Cell(specification=path) == expected


def test_a_whole_rule_takes_the_place_of_what_is_there():
    assert rule_of(CELL.with_rule("trunk", "pas.e", value=-70.0), "pas.e") == Rule(value=-70.0)


@pytest.mark.parametrize(
    ("cell", "region", "parameter", "advice"),
    [
        (CELL, "trunk", "nax.gbar", "no rule to change; give a whole one, with value or inherit"),
        (CELL, "trunk", "spines.density", "no rule to change; give a whole one"),
        (
            CELL.with_rule("tuft", "h.gbar", value=1e-4, to_um=400).with_rule(
                "tuft", "h.gbar", value=2e-4, from_um=400, add_range=True
            ),
            "tuft",
            "h.gbar",
            "has 2 rules of a range each; give a whole rule in their place, with value or inherit",
        ),
    ],
    ids=["none", "published form", "ranges"],
)
def test_a_part_of_no_single_rule_is_refused_with_advice_that_works(
    cell, region, parameter, advice
):
    with pytest.raises(ModelError, match=advice):
        cell.with_rule(region, parameter, maximum=1.0)
    cell.with_rule(region, parameter, value=1e-3, maximum=1.0).table()


# Advice: what a message says is done, and the cell is described


ADVICE = {
    "minimum": (
        CELL.with_rule("apical", "nas.gbar", value=0.01, linear_per_um=-1e-3),
        "change its rule, or give it a minimum",
        lambda cell: cell.with_rule("apical", "nas.gbar", minimum=0),
    ),
    "maximum": (
        CELL.with_rule("trunk", "pas.e", linear_per_um=2.0, held_beyond_um=None),
        "change its rule, or give it a maximum",
        lambda cell: cell.with_rule("trunk", "pas.e", maximum=-40),
    ),
    "another rule": (
        CELL.with_rule("trunk", "cable.cm", value=1.0, to_um=100.0),
        "change its rule",
        lambda cell: cell.with_rule("trunk", "cable.cm", outside=1.0),
    ),
    "factor": (
        CELL.with_rule("trunk", "kdr.gbar", factor=1e6),
        "give its factor in region trunk a lower value",
        lambda cell: cell.with_rule("trunk", "kdr.gbar", factor=1e-6),
    ),
    "factor of a density": (
        CELL.with_rule("tuft", "spines.density", factor=1e3),
        "give its factor in region tuft a lower value",
        lambda cell: cell.with_rule("tuft", "spines.density", factor=1e-3),
    ),
    "maximum of a density": (
        CELL.with_rule("tuft", "spines.density", value=1.0, linear_per_um=1.0),
        "give its rule a maximum",
        lambda cell: cell.with_rule("tuft", "spines.density", maximum=3),
    ),
    "minimum of a density": (
        CELL.with_rule("tuft", "spines.density", value=1.0, linear_per_um=-1.0),
        "give its rule a minimum",
        lambda cell: cell.with_rule("tuft", "spines.density", minimum=0.0),
    ),
    "minimum of a conductance": (
        CELL.with_rule("tuft", "NMDA.relative_gmax", value=1.0, linear_per_um=-1.0),
        "give its rule a minimum",
        lambda cell: cell.with_rule("tuft", "NMDA.relative_gmax", minimum=0.0),
    ),
    "a larger tau": (
        CELL.with_rule("trunk", "pas.g", exponential={"tau_um": 0.01}, held_beyond_um=None),
        "give it a larger tau_um",
        lambda cell: cell.with_rule("trunk", "pas.g", exponential={"tau_um": 120}),
    ),
    "a rule to inherit from": (
        CELL.with_rule("basal", "nax.gbar", inherit="soma"),
        "region basal inherits from soma, which has no rule of its own; add one",
        lambda cell: cell.with_rule("soma", "nax.gbar", value=0.0),
    ),
    "another region's rule": (
        CELL.with_rule("basal", "kdr.gbar", inherit="trunk"),
        "give region basal another rule",
        lambda cell: cell.with_rule("basal", "kdr.gbar", inherit="soma"),
    ),
}


@pytest.mark.parametrize("case", ADVICE)
def test_advice_on_rules_works(case):
    cell, advice, mend = ADVICE[case]
    with pytest.raises(ModelError, match=re.escape(advice)) as caught:
        cell.table()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    mend(cell).table()


@pytest.mark.parametrize("mend", ["cable.Ra", "cable.cm"])
def test_advice_on_the_number_of_segments_works(swc, mend):
    cell = Cell(swc(["1 1 0 0 0 8 -1", "2 3 0 -50000 0 0.1 1"]))
    fine = cell.with_rule("all", "cable.Ra", value=5e3).with_rule("all", "cable.cm", value=10.0)
    with pytest.raises(ModelError, match=r"NEURON takes 32767: lower cable.Ra or cable.cm\.$"):
        fine.specification.biophysics.nseg(fine.morphology)
    mended = fine.with_rule("all", mend, value=1.0)
    assert max(mended.specification.biophysics.nseg(mended.morphology)) < 32767


@pytest.mark.parametrize(
    ("radius_um", "rule"), [(0.1, ("cable.Ra", 1e3)), (0.1, ("cable.cm", 1.0)), (1.0, None)]
)
def test_advice_on_the_segments_of_a_cell_works(swc, radius_um, rule):
    """Lower resistivity, lower capacitance, or diameters ten times as large."""

    def cell(radius_um):
        ends_um = [(x, y) for x in (-15500, 15500) for y in (-15500, 15500)]
        branches = [f"{n} 3 {x} {y} 0 {radius_um} 1" for n, (x, y) in enumerate(ends_um, 2)]
        thin = Cell(swc(["1 1 0 0 0 8 -1", *branches]))
        return thin.with_rule("all", "cable.Ra", value=4e3).with_rule("all", "cable.cm", value=6.5)

    def nseg(cell):
        return cell.specification.biophysics.nseg(cell.morphology)

    advice = "expected at most 100000: lower cable.Ra or cable.cm, or correct its diameters."
    with pytest.raises(ModelError, match=re.escape(advice)):
        nseg(cell(0.1))
    mended = cell(radius_um)
    mended = mended if rule is None else mended.with_rule("all", rule[0], value=rule[1])
    assert sum(nseg(mended)) < 100_000


def test_a_saved_cell_keeps_what_it_holds(tmp_path):
    cell = CELL.with_rule("trunk", "pas.e", minimum=-80)
    for changes_only in (False, True):
        cell.save(tmp_path / "cell.yaml", changes_only=changes_only)
        assert Cell(specification=tmp_path / "cell.yaml") == cell
    assert changes.parameters(cell.specification)["pas.e"] == "mV"
