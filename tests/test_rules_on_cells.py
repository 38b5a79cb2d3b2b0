"""Every kind of rule on whole cells, the published one and an imported one, against closed forms of path distance.

Expectations are computed here from path distances and section lengths, never by the package's own profiles.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.specification import set_rule
from netpyne_model.workbench import Cell, ModelError

EXAMPLE = Path(__file__).parents[1] / "morphologies" / "example.swc"
DENDRITES = ("basal", "trunk", "apical", "tuft")
AT_75_UM = ("basal", "trunk", "apical")  # regions of both cells that reach from below to beyond 75 um
GRADIENTS = {
    "linear": ({"linear_per_um": 2e-5}, lambda x: 2e-5 * x),
    "exponential": ({"exponential": {"amplitude": 3e-3, "tau_um": 120.0}}, lambda x: 3e-3 * (np.exp(x / 120) - 1)),
    "sigmoidal": (
        {"sigmoidal": {"amplitude": 0.02, "half_um": 150.0, "tau_um": 40.0}},
        lambda x: 0.02 * (1 / (1 + np.exp((150 - x) / 40)) - 1 / (1 + np.exp(150 / 40))),
    ),
}
# h consists of two channels that meet at 75 um, nas of two in different regions; kdr and km2 are one each.
CHANNEL_OF = {"linear": "nas.gbar", "exponential": "kdr.gbar", "sigmoidal": "h.gbar"}


@pytest.fixture(scope="module", params=["published", "imported"])
def cell(request) -> Cell:
    return Cell() if request.param == "published" else Cell(EXAMPLE)


@pytest.fixture
def ball_and_stick(tmp_path) -> Cell:
    """Round numbers: a trunk of two sections of 100 um, its first with a centre at 50 um; an oblique on the soma."""
    points = ["1 1 0 0 0 5 -1", "2 5 0 100 0 1 1", "3 5 0 200 0 1 2", "4 6 0 250 0 1 3", "5 4 0 150 50 .5 2"]
    path = tmp_path / "ball.swc"
    path.write_text("\n".join([*points, "6 4 -100 0 0 .5 1", "7 4 -150 0 0 .5 6", "8 6 0 0 -90 .5 1"]))
    return Cell(path)


def assert_close(found, expected, relative=1e-10) -> None:
    # NeuroML holds every number with twelve figures; where base and gradient cancel, they count against the largest value.
    expected = np.asarray(expected, dtype=float)
    np.testing.assert_allclose(found, expected, rtol=relative, atol=1e-11 * np.abs(expected).max())


def rows_of(table: pd.DataFrame, region: str) -> pd.DataFrame:
    rows = table[table["region"] == region]
    assert len(rows), f"no {region} here: the test would say nothing"
    return rows


def along(table: pd.DataFrame, region: str, parameter: str) -> tuple[np.ndarray, np.ndarray]:
    """Path distances of the segments of a region and a parameter there, 0 where it is absent."""
    rows = rows_of(table, region)
    return rows["path_distance"].to_numpy(), rows[parameter].fillna(0.0).to_numpy()


def nearest(cell: Cell, index: int, region: str) -> int:
    """The nearest section of a region on the path to the soma; the soma if there is none."""
    sections = cell.morphology.sections
    here = sections[index].parent
    while here is not None and sections[here].region != region:
        here = sections[here].parent
    return 0 if here is None else here


def source_of(cell: Cell, table: pd.DataFrame, region: str, source: str) -> tuple[np.ndarray, np.ndarray]:
    """By segment of a region: where the last segment of the nearest section of another lies, and where that ends."""
    nseg = table.groupby("index").size()
    parents = [nearest(cell, index, source) for index in rows_of(table, region)["index"]]
    last = [cell.morphology.path_distance(parent, 1 - 0.5 / nseg[parent]) for parent in parents]
    return np.array(last), np.array([cell.morphology.path_distance(parent, 1.0) for parent in parents])


def terminal(cell: Cell, rows: pd.DataFrame) -> np.ndarray:
    return ~rows["index"].isin({section.parent for section in cell.morphology.sections}).to_numpy()


def refusal(make) -> str:
    with pytest.raises(ModelError) as raised:
        make()
    assert "\n" not in str(raised.value)
    return str(raised.value)


# -- value and inheritance --------------------------------------------------------------------------------------------


def test_path_distances_are_the_lengths_on_the_way_to_the_soma(cell):
    table = cell.table()
    for _, row in table.iterrows():
        section = cell.morphology.sections[row["index"]]
        distance = 0.0 if section.region == "soma" else row["x"] * section.length_um
        while section.region != "soma" and cell.morphology.sections[section.parent].region != "soma":
            distance += section.parent_loc * cell.morphology.sections[section.parent].length_um
            section = cell.morphology.sections[section.parent]
        assert row["path_distance"] == pytest.approx(distance, rel=1e-12, abs=1e-12)


def test_a_value_holds_everywhere_in_its_region(cell):
    regions = ("soma", "axon_hill", "ais", "axon", *DENDRITES)
    changed = cell
    for number, region in enumerate(regions, start=1):
        changed = changed.with_rule(region, "kdr.gbar", value=0.01 * number)
    table = changed.table()
    for number, region in enumerate(regions, start=1):
        assert_close(rows_of(table, region)["kdr.gbar"], np.full(len(rows_of(table, region)), 0.01 * number))


def test_inheritance_runs_through_regions_from_the_last_segment_of_the_nearest_section(cell):
    changed = (
        cell.with_rule("soma", "kdr.gbar", value=0.02)
        .with_rule("trunk", "kdr.gbar", inherit="soma", **GRADIENTS["exponential"][0])
        .with_rule("apical", "kdr.gbar", inherit="trunk", linear_per_um=-1e-5)
        .with_rule("tuft", "kdr.gbar", inherit="trunk", **GRADIENTS["sigmoidal"][0])
        .with_rule("basal", "kdr.gbar", inherit="soma")
        .with_rule("axon_hill", "kdr.gbar", inherit="soma", linear_per_um=1e-3)
        .with_rule("ais", "kdr.gbar", inherit="axon_hill", linear_per_um=2e-3)
        .with_rule("axon", "kdr.gbar", inherit="ais", linear_per_um=-5e-5)
    )
    table = changed.table()
    forms = {
        "trunk": lambda x: 0.02 + GRADIENTS["exponential"][1](x),
        "axon_hill": lambda x: 0.02 + 1e-3 * x,
    }
    for region, form in forms.items():
        d, found = along(table, region, "kdr.gbar")
        assert_close(found, form(d))
    assert_close(along(table, "basal", "kdr.gbar")[1], 0.02)
    for region, source, gradient in (
        ("apical", "trunk", lambda x: -1e-5 * x),
        ("tuft", "trunk", GRADIENTS["sigmoidal"][1]),
        ("ais", "axon_hill", lambda x: 2e-3 * x),
    ):
        d, found = along(table, region, "kdr.gbar")
        last, end = source_of(cell, table, region, source)
        assert_close(found, forms[source](last) + gradient(d - end))
    d, found = along(table, "axon", "kdr.gbar")
    last, end = source_of(cell, table, "axon", "ais")
    hill_last, hill_end = (places[0] for places in source_of(cell, table, "ais", "axon_hill"))
    assert_close(found, 0.02 + 1e-3 * hill_last + 2e-3 * (last - hill_end) - 5e-5 * (d - end))


def test_an_oblique_and_a_tuft_on_the_soma_take_it_for_the_missing_trunk(ball_and_stick):
    changed = ball_and_stick.with_rule("soma", "kdr.gbar", value=0.03)
    changed = changed.with_rule("trunk", "kdr.gbar", value=0.5)
    changed = changed.with_rule(["apical", "tuft"], "kdr.gbar", inherit="trunk", linear_per_um=1e-4)
    table = changed.table()
    for section in changed.morphology.sections:
        if section.region in ("apical", "tuft"):
            rows = table[table["index"] == section.index]
            on_trunk = nearest(changed, section.index, "trunk")
            start = 0.03 if on_trunk == 0 else 0.5
            x = rows["path_distance"] - changed.morphology.path_distance(on_trunk, 1.0)
            assert_close(rows["kdr.gbar"], start + 1e-4 * x)
    from_soma = [s.region for s in changed.morphology.sections if s.parent == 0 and s.region in ("apical", "tuft")]
    assert from_soma == ["apical", "tuft"]


# -- gradients and bounds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["value", "inherit"])
def test_gradients_add_their_form_to_a_value_and_to_what_is_inherited(cell, start):
    changed = cell
    for kind, (gradient, _) in GRADIENTS.items():
        changed = changed.with_rule("trunk", CHANNEL_OF[kind], value=0.02, linear_per_um=1e-5)
        given = {"value": 0.01} if start == "value" else {"inherit": "trunk"}
        changed = changed.with_rule(["apical", "tuft"], CHANNEL_OF[kind], **given, **gradient)
    table = changed.table()
    for region in ("apical", "tuft"):
        last, end = source_of(cell, table, region, "trunk")
        for kind, (_, form) in GRADIENTS.items():
            d, found = along(table, region, CHANNEL_OF[kind])
            assert_close(found, 0.01 + form(d) if start == "value" else 0.02 + 1e-5 * last + form(d - end))


def test_bounds_clamp_the_value(cell):
    rules = {
        "nas.gbar": ({"linear_per_um": -2e-4, "minimum": 0.0}, lambda d: np.maximum(0.02 - 2e-4 * d, 0.0)),
        "kdr.gbar": (
            {**GRADIENTS["exponential"][0], "maximum": 0.0215},
            lambda d: np.minimum(0.02 + GRADIENTS["exponential"][1](d), 0.0215),
        ),
        "h.gbar": (
            {**GRADIENTS["sigmoidal"][0], "minimum": 0.0205, "maximum": 0.03},
            lambda d: np.clip(0.02 + GRADIENTS["sigmoidal"][1](d), 0.0205, 0.03),
        ),
        "km2.gbar": (
            {"linear_per_um": -1e-4, "minimum": 0.012, "maximum": 0.018},
            lambda d: np.clip(0.02 - 1e-4 * d, 0.012, 0.018),
        ),
    }
    changed = cell
    for parameter, (rule, _) in rules.items():
        changed = changed.with_rule("dendrites", parameter, value=0.02, **rule)
    table = changed.table()
    for parameter, (_, expected) in rules.items():
        every = np.concatenate([along(table, region, parameter)[1] for region in DENDRITES])
        assert len(np.unique(every.round(9))) > 5, "some values lie between the bounds"
        for region in DENDRITES:
            d, found = along(table, region, parameter)
            assert_close(found, expected(d))


@pytest.mark.parametrize("half_um", [20.2, 150.0, 260.7])
@pytest.mark.parametrize(("sign", "bound"), [(1, "maximum"), (-1, "minimum")])
def test_a_sigmoid_that_starts_at_its_bound_stays_there(half_um, sign, bound):
    sigmoid = {"amplitude": 0.01 * sign, "half_um": half_um, "tau_um": 84.7}
    table = Cell(EXAMPLE).with_rule("trunk", "kdr.gbar", value=0.02, sigmoidal=sigmoid, **{bound: 0.02}).table()
    assert_close(along(table, "trunk", "kdr.gbar")[1], 0.02)


def test_a_sigmoid_may_be_as_steep_as_a_step():
    sigmoid = {"amplitude": 0.01, "half_um": 150.0, "tau_um": 0.1}
    table = Cell(EXAMPLE).with_rule("trunk", "kdr.gbar", value=0.02, sigmoidal=sigmoid).table()
    d, found = along(table, "trunk", "kdr.gbar")
    assert np.abs(d - 150.0).min() > 5  # exp(-50) from the step
    assert_close(found, np.where(d > 150.0, 0.03, 0.02))


# -- ranges -----------------------------------------------------------------------------------------------------------


def test_a_range_may_begin_and_end_inside_a_section(cell):
    sections = [section.index for region in AT_75_UM for section in cell.morphology.in_region(region)]
    ends = [[cell.morphology.path_distance(index, x) for x in (0.0, 1.0)] for index in sections]
    assert any(start < 75 < end for start, end in ends)
    changed = cell.with_rule("dendrites", "nas.gbar", value=0.02, linear_per_um=1e-4, from_um=75.0, to_um=120.0)
    changed = changed.with_rule("dendrites", "h.gbar", value=0.01, from_um=60.0, outside=0.004)
    table = changed.table()
    for region in AT_75_UM:
        d, found = along(table, region, "nas.gbar")
        assert_close(found, np.where((d > 75) & (d <= 120), 0.02 + 1e-4 * d, 0.0))
        d, found = along(table, region, "h.gbar")
        assert_close(found, np.where(d > 60, 0.01, 0.004))


def test_several_ranges_follow_each_other(cell):
    ranges = [
        {"value": 0.05, "to_um": 40.0},
        {"inherit": "trunk", "gradient": {"linear_per_um": 2e-5}, "from_um": 75.0, "to_um": 110.0, "maximum": 0.0405},
        {"value": 0.01, "gradient": {"linear_per_um": 1e-5}, "from_um": 110.0, "outside": 0.006},
    ]
    by_list = set_rule(cell.with_rule("trunk", "nas.gbar", value=0.04).specification, "apical", "nas.gbar", ranges)
    changed = cell.with_rule("trunk", "nas.gbar", value=0.04).with_rule("apical", "nas.gbar", value=0.05, to_um=40.0)
    third = {"value": 0.01, "linear_per_um": 1e-5, "from_um": 110.0, "outside": 0.006}
    changed = changed.with_rule("apical", "nas.gbar", add_range=True, **third)
    second = {"inherit": "trunk", "linear_per_um": 2e-5, "from_um": 75.0, "to_um": 110.0, "maximum": 0.0405}
    changed = changed.with_rule("apical", "nas.gbar", add_range=True, **second)
    assert changed.specification == by_list
    table = changed.table()
    d, found = along(table, "apical", "nas.gbar")
    x = d - source_of(cell, table, "apical", "trunk")[1]
    inside = [d <= 40, (d > 75) & (d <= 110), d > 110]
    forms = [np.full_like(d, 0.05), np.minimum(0.04 + 2e-5 * x, 0.0405), 0.01 + 1e-5 * d]
    assert inside[1].any()
    assert inside[2].any()
    assert_close(found, np.select(inside, forms, 0.006))


def test_a_segment_at_the_very_border_belongs_to_the_nearer_range_alone(ball_and_stick):
    changed = ball_and_stick.with_rule("trunk", "nas.gbar", value=0.01, to_um=50.0, outside=0.003)
    changed = changed.with_rule("trunk", "kdr.gbar", value=0.01, to_um=50.0)
    changed = changed.with_rule("trunk", "kdr.gbar", value=0.02, from_um=50.0, add_range=True)
    changed = changed.with_rule("trunk", "kap.gbar", value=0.0, linear_per_um=1e-3, maximum=0.05)
    table = changed.table()
    d = rows_of(table, "trunk")["path_distance"].to_numpy()
    assert 50.0 in d
    assert_close(along(table, "trunk", "nas.gbar")[1], np.where(d <= 50, 0.01, 0.003))
    assert_close(along(table, "trunk", "kdr.gbar")[1], np.where(d <= 50, 0.01, 0.02))
    assert_close(along(table, "trunk", "kap.gbar")[1], np.minimum(1e-3 * d, 0.05))


def test_terminal_branches_fall_to_zero_at_their_end(cell):
    changed = cell.with_rule("basal", "nas.gbar", value=0.05, linear_per_um=-1e-4, minimum=0.02, terminal=True)
    changed = changed.with_rule("trunk", "nas.gbar", value=0.04)
    changed = changed.with_rule(["apical", "tuft"], "nas.gbar", inherit="trunk", linear_per_um=1e-5, terminal=True)
    table = changed.table()
    for region in ("basal", "apical", "tuft"):
        rows = rows_of(table, region)
        origin = 0.0 if region == "basal" else source_of(cell, table, region, "trunk")[1]
        x = rows["path_distance"].to_numpy() - origin
        form = np.maximum(0.05 - 1e-4 * x, 0.02) if region == "basal" else 0.04 + 1e-5 * x
        first = pd.Series(form, rows.index).groupby(rows["index"]).transform("first")
        ends = terminal(cell, rows)
        assert ends.any()
        # 1e-9: the relative position is recovered from path distances that NeuroML holds with twelve figures.
        assert_close(rows["nas.gbar"], np.where(ends, first * (1 - rows["x"]), form), 1e-9)


# -- cable, ions, leak ------------------------------------------------------------------------------------------------


def test_capacitance_and_resistivity_hold_for_whole_sections_and_decide_the_number_of_segments(cell):
    changed = cell.with_rule("trunk", "cable.cm", value=1.0, linear_per_um=5e-3)
    changed = changed.with_rule("tuft", "cable.cm", inherit="trunk", linear_per_um=1e-3)
    changed = changed.with_rule("basal", "cable.Ra", value=300.0, linear_per_um=-0.5, minimum=250.0)
    changed = changed.with_rule("axon", "cable.Ra", value=70.0)
    table = changed.table()
    for section in changed.morphology.sections:
        middle = changed.morphology.path_distance(section.index, 0.5)
        cm, Ra = 1.0, 150.0
        if section.region == "trunk":
            cm = 1 + 5e-3 * middle
        elif section.region == "tuft":
            trunk = nearest(changed, section.index, "trunk")
            cm = 1 + 5e-3 * changed.morphology.path_distance(trunk, 0.5)
            cm += 1e-3 * (middle - changed.morphology.path_distance(trunk, 1.0))
        elif section.region == "basal":
            Ra = max(300 - 0.5 * middle, 250.0)
        elif section.region == "axon":
            Ra = 70.0
        rows = table[table["index"] == section.index]
        assert_close(rows["cable.cm"], np.full(len(rows), cm))
        assert_close(rows["cable.Ra"], np.full(len(rows), Ra))
        lambda_um = 1e5 * math.sqrt((section.diam0_um + section.diam1_um) / 2 / (4 * math.pi * 100 * Ra * cm))
        nseg = int((section.length_um / (0.1 * lambda_um) + 0.9) / 2) * 2 + 1
        assert len(rows) == (max(nseg, 3) if section.diam0_um != section.diam1_um else nseg)
    assert len(table) > len(cell.table())


def test_reversal_potentials_follow_their_rules_by_section(cell):
    changed = cell.with_rule("soma", "na.e", value=55.0).with_rule("ais", "na.e", value=60.0)
    changed = changed.with_rule("trunk", "na.e", inherit="soma", linear_per_um=-0.02)
    changed = changed.with_rule("trunk", "k.e", value=-90.0, exponential={"amplitude": 1.0, "tau_um": 100.0})
    changed = changed.with_rule("dendrites", "h.e", value=-30.0, linear_per_um=-0.01)
    table = changed.table()
    of_section = [cell.morphology.path_distance(index, 0.5) for index in table["index"]]
    middle = pd.Series(of_section, table.index)
    for region, parameter, form in (
        ("soma", "na.e", lambda d: 55.0 + 0 * d),
        ("basal", "na.e", lambda d: 55.0 + 0 * d),
        ("axon", "na.e", lambda d: 55.0 + 0 * d),
        ("ais", "na.e", lambda d: 60.0 + 0 * d),
        ("trunk", "na.e", lambda d: 55.0 - 0.02 * d),
        ("trunk", "k.e", lambda d: -90.0 + np.exp(d / 100) - 1),
        *((region, "h.e", lambda d: -30.0 - 0.01 * d) for region in DENDRITES),
    ):
        borne = rows_of(table, region)[parameter].dropna()  # on a section without the channel there is no such potential
        assert len(borne)
        assert_close(borne, form(middle[borne.index]))
    trunk_of = [cell.morphology.path_distance(nearest(cell, index, "trunk"), 0.5) for index in rows_of(table, "tuft")["index"]]
    assert_close(rows_of(table, "tuft")["na.e"], 55.0 - 0.02 * np.array(trunk_of))


def test_a_leak_with_gradients_of_both_is_held_by_two_leaks_far_apart(cell):
    changed = cell.with_rule("trunk", "pas.e", value=-30.0, linear_per_um=-0.4)
    changed = changed.with_rule("apical", "pas.e", value=-75.0, exponential={"amplitude": 4.0, "tau_um": 60.0})
    changed = changed.with_rule(["trunk", "apical"], "pas.g", value=2e-6, exponential={"amplitude": 1e-5, "tau_um": 100.0})
    table = changed.table()
    forms = {"trunk": lambda d: -30 - 0.4 * d, "apical": lambda d: -75 + 4 * (np.exp(d / 60) - 1)}
    reached = []
    for region, form in forms.items():
        d, found = along(table, region, "pas.e")
        assert_close(found, form(d), 1e-9)
        assert_close(along(table, region, "pas.g")[1], 2e-6 + 1e-5 * (np.exp(d / 100) - 1))
        reached += [form(d).min(), form(d).max()]
    assert min(reached) < -80
    assert max(reached) > -60


@pytest.mark.parametrize("rule", [{"value": 0.0}, {"value": 1e-6, "linear_per_um": -1e-8, "minimum": 0.0}])
def test_where_there_is_no_leak_its_potential_is_still_a_number(cell, rule):
    table = cell.with_rule(["trunk", "basal"], "pas.g", **rule).table()
    assert (table["pas.g"] == 0).any()
    assert np.isfinite(table["pas.e"]).all()


# -- spines and synapses ----------------------------------------------------------------------------------------------


def expected_number(cell: Cell, region: str, density) -> float:
    return sum(
        density(cell.morphology.path_distance(section.index, 0.5)) * section.length_um
        for section in cell.morphology.in_region(region)
    )


def test_densities_of_spines_and_synapses_by_rule(cell):
    changed = cell.with_rule("basal", "spines.density", value=4.0).with_rule("tuft", "spines.density", value=0.0)
    changed = changed.with_rule("trunk", "spines.density", value=1.0, linear_per_um=0.02)
    changed = changed.with_rule("apical", "spines.density", inherit="trunk", linear_per_um=0.0, maximum=3.0)
    changed = changed.with_rule("trunk", "GABA_A.density", value=2.0, linear_per_um=-5e-3, minimum=0.5)
    changed = changed.with_rule("basal", "GABA_A.density", value=1.0, from_um=50.0)
    changed = changed.with_rule("apical", "GABA_A.density", value=0.0)
    synapses = {"spines": changed.placement.spines, "GABA_A": changed.placement.inhibitory}
    for kind, region, density in (
        ("spines", "basal", lambda d: 4.0),
        ("spines", "trunk", lambda d: 1 + 0.02 * d),
        ("GABA_A", "trunk", lambda d: max(2 - 5e-3 * d, 0.5)),
        ("GABA_A", "basal", lambda d: 1.0 if d > 50 else 0.0),
    ):
        expected = expected_number(changed, region, density)
        assert expected > 50
        # Five standard deviations of a Poisson number; the draw is reproducible, so this cannot fail by chance later on.
        assert abs((synapses[kind]["region"] == region).sum() - expected) < 5 * math.sqrt(expected), (kind, region)
    for kind, region in (("spines", "tuft"), ("GABA_A", "apical")):
        assert not (synapses[kind]["region"] == region).any()
    per_section = synapses["spines"].groupby("section").size()
    expected = 0.0
    for section in changed.morphology.in_region("apical"):
        trunk = nearest(changed, section.index, "trunk")
        expected += min(1 + 0.02 * changed.morphology.path_distance(trunk, 0.5), 3.0) * section.length_um
    found = per_section.reindex([section.index for section in changed.morphology.in_region("apical")]).sum()
    assert abs(found - expected) < 5 * math.sqrt(expected)


@pytest.mark.parametrize("region", ["soma", "ais"])
def test_density_of_inhibition_on_soma_and_initial_segment_by_rule(cell, region):
    changed = cell.with_rule(region, "GABA_A.density", value=20.0)
    expected = expected_number(changed, region, lambda d: 20.0)
    found = (changed.placement.inhibitory["region"] == region).sum()
    assert abs(found - expected) < 5 * math.sqrt(expected)


def test_conductances_of_receptors_by_rule(cell):
    exponential = {"amplitude": 3e-4, "tau_um": 130.0}
    changed = cell.with_rule("trunk", "AMPA.gmax", value=5e-4, exponential=exponential)
    changed = changed.with_rule("tuft", "AMPA.gmax", inherit="trunk", linear_per_um=1e-6)
    changed = changed.with_rule("basal", "NMDA.relative_gmax", value=1.0, linear_per_um=0.01)
    changed = changed.with_rule("soma", "GABA_A.relative_gmax", value=2.0)
    changed = changed.with_rule("trunk", "GABA_A.relative_gmax", inherit="soma", linear_per_um=-2e-3, minimum=1.8)
    table, spines, inhibitory = changed.table(), changed.placement.spines, changed.placement.inhibitory
    at = {name: np.array([cell.morphology.path_distance(i, x) for i, x in zip(made["section"], made["x"], strict=True)])
          for name, made in (("spines", spines), ("inhibitory", inhibitory))}

    def on_trunk(d):
        return 5e-4 + 3e-4 * (np.exp(d / 130) - 1)

    region = spines["region"].to_numpy()
    gmax = spines["gmax_AMPA_uS"].to_numpy()
    assert_close(gmax[region == "trunk"], on_trunk(at["spines"][region == "trunk"]))
    nseg = table.groupby("index").size()
    trunks = [nearest(cell, index, "trunk") for index in spines["section"][region == "tuft"]]
    last = np.array([cell.morphology.path_distance(trunk, 1 - 0.5 / nseg[trunk]) for trunk in trunks])
    end = np.array([cell.morphology.path_distance(trunk, 1.0) for trunk in trunks])
    assert_close(gmax[region == "tuft"], on_trunk(last) + 1e-6 * (at["spines"][region == "tuft"] - end))
    relative = np.where(region == "basal", 1 + 0.01 * at["spines"], 1.0)
    assert_close(spines["relative_gmax_NMDA"], relative)
    region, d = inhibitory["region"].to_numpy(), at["inhibitory"]
    by_region = [region == "soma", region == "trunk"]
    assert_close(inhibitory["relative_gmax"], np.select(by_region, [2.0, np.maximum(2 - 2e-3 * d, 1.8)], 1.0))
