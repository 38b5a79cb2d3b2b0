"""Every kind of rule on whole cells, the published and an imported one, against closed forms of path distance.

Expectations are computed here from path distances and lengths, never by the package's own profiles.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model.specification import set_rule
from netpyne_model.workbench import Cell

EXAMPLE = Path(__file__).parents[1] / "morphologies" / "example.swc"
SEGMENTS = Path(__file__).parent / "reference" / "segments.csv.gz"
DENDRITES = ("basal", "trunk", "apical", "tuft")
EXPONENTIAL = {"exponential": {"amplitude": 3e-3, "tau_um": 120.0}}
SIGMOIDAL = {"sigmoidal": {"amplitude": 0.02, "half_um": 150.0, "tau_um": 40.0}}
# By kind of gradient: the rule's entry, its form, and a parameter to try it on. h and nas consist of two channels each, h's
# meeting at 75 um.
GRADIENTS = {
    "linear": ({"linear_per_um": 2e-5}, lambda x: 2e-5 * x, "nas.gbar"),
    "exponential": (EXPONENTIAL, lambda x: 3e-3 * (np.exp(x / 120) - 1), "kdr.gbar"),
    "sigmoidal": (
        SIGMOIDAL,
        lambda x: 0.02 * (1 / (1 + np.exp((150 - x) / 40)) - 1 / (1 + np.exp(150 / 40))),
        "h.gbar",
    ),
}


@pytest.fixture(scope="module", params=["published", "imported"])
def cell(request) -> Cell:
    return Cell() if request.param == "published" else Cell(EXAMPLE)


@pytest.fixture
def ball_and_stick(tmp_path) -> Cell:
    """A trunk of two sections of 100 um, the first with a centre at 50 um; an oblique and a tuft on the soma."""
    points = ["1 1 0 0 0 5 -1", "2 5 0 100 0 1 1", "3 5 0 200 0 1 2", "4 6 0 250 0 1 3", "5 4 0 150 50 .5 2"]
    (tmp_path / "ball.swc").write_text("\n".join([*points, "6 4 -100 0 0 .5 1", "7 6 0 0 -90 .5 1"]))
    return Cell(tmp_path / "ball.swc")


def changed(cell: Cell, *rules: tuple) -> Cell:
    for region, parameter, rule in rules:
        cell = cell.with_rule(region, parameter, **rule)
    return cell


def assert_close(found, expected, relative=1e-9) -> None:
    # Numbers and path distances go through NeuroML with twelve figures and 1e-9 um; where base and gradient cancel, that
    # counts against the largest value: hence the absolute part.
    expected = np.broadcast_to(np.asarray(expected, dtype=float), np.shape(found))
    np.testing.assert_allclose(found, expected, rtol=relative, atol=0.1 * relative * np.abs(expected).max())


def along(table: pd.DataFrame, region: str, parameter: str) -> tuple[np.ndarray, np.ndarray]:
    """Path distances of the segments of a region and a parameter there, 0 where it is absent."""
    rows = table[table["region"] == region]
    assert len(rows), f"no {region} here: the test would say nothing"
    return rows["path_distance"].to_numpy(), rows[parameter].fillna(0.0).to_numpy()


def check(table: pd.DataFrame, regions, parameter: str, form) -> None:
    for region in [regions] if isinstance(regions, str) else regions:
        d, found = along(table, region, parameter)
        assert_close(found, form(d))


def nearest(cell: Cell, index: int, region: str) -> int:
    """The nearest section of a region on the path to the soma; the soma if there is none."""
    here = cell.morphology.sections[index].parent
    while here is not None and cell.morphology.sections[here].region != region:
        here = cell.morphology.sections[here].parent
    return 0 if here is None else here


def source_of(cell: Cell, table: pd.DataFrame, indices, source: str) -> tuple[np.ndarray, np.ndarray]:
    """By section index: where the last segment of the nearest section of a region lies, and where that section ends."""
    nseg = table.groupby("index").size()
    parents = [nearest(cell, index, source) for index in indices]
    last = [cell.morphology.path_distance(parent, 1 - 0.5 / nseg[parent]) for parent in parents]
    return np.array(last), np.array([cell.morphology.path_distance(parent, 1.0) for parent in parents])


def inheriting(cell: Cell, table: pd.DataFrame, region: str, source: str) -> tuple[np.ndarray, np.ndarray]:
    """By segment of a region, as `source_of`."""
    return source_of(cell, table, table.loc[table["region"] == region, "index"], source)


# -- value and inheritance --------------------------------------------------------------------------------------------


def test_path_distances_are_the_lengths_on_the_way_to_the_soma(cell):
    sections = cell.morphology.sections
    for _, row in cell.table().iterrows():
        section = sections[row["index"]]
        distance = 0.0 if section.region == "soma" else row["x"] * section.length_um
        while section.region != "soma" and sections[section.parent].region != "soma":
            distance += section.parent_loc * sections[section.parent].length_um
            section = sections[section.parent]
        assert row["path_distance"] == pytest.approx(distance, rel=1e-12, abs=1e-12)


def test_a_value_holds_everywhere_in_its_region(cell):
    values = {region: 0.01 * n for n, region in enumerate(("soma", "axon_hill", "ais", "axon", *DENDRITES), start=1)}
    table = changed(cell, *((region, "kdr.gbar", {"value": value}) for region, value in values.items())).table()
    for region, value in values.items():
        assert_close(along(table, region, "kdr.gbar")[1], value)


def test_inheritance_runs_through_regions_from_the_last_segment_of_the_nearest_section(cell):
    table = changed(
        cell,
        ("soma", "kdr.gbar", {"value": 0.02}),
        ("trunk", "kdr.gbar", {"inherit": "soma"} | EXPONENTIAL),
        ("apical", "kdr.gbar", {"inherit": "trunk", "linear_per_um": -1e-5}),
        ("tuft", "kdr.gbar", {"inherit": "trunk"} | SIGMOIDAL),
        ("axon_hill", "kdr.gbar", {"inherit": "soma", "linear_per_um": 1e-3}),
        ("ais", "kdr.gbar", {"inherit": "axon_hill", "linear_per_um": 2e-3}),
        ("axon", "kdr.gbar", {"inherit": "ais", "linear_per_um": -5e-5}),
    ).table()
    first = {"trunk": lambda d: 0.02 + GRADIENTS["exponential"][1](d), "axon_hill": lambda d: 0.02 + 1e-3 * d}
    second = {"apical": lambda x: -1e-5 * x, "tuft": GRADIENTS["sigmoidal"][1], "ais": lambda x: 2e-3 * x}
    check(table, ("basal", "soma"), "kdr.gbar", lambda d: 0.02)
    for region, form in first.items():
        check(table, region, "kdr.gbar", form)
    for region, gradient in second.items():
        source = "axon_hill" if region == "ais" else "trunk"
        last, end = inheriting(cell, table, region, source)
        check(table, region, "kdr.gbar", lambda d, s=source, p=last, e=end, g=gradient: first[s](p) + g(d - e))
    last, end = inheriting(cell, table, "axon", "ais")
    of_ais = along(table, "ais", "kdr.gbar")[1][-1]
    check(table, "axon", "kdr.gbar", lambda d: of_ais - 5e-5 * (d - end))
    assert last[0] == along(table, "ais", "kdr.gbar")[0][-1]


def test_an_oblique_and_a_tuft_on_the_soma_take_it_for_the_missing_trunk(ball_and_stick):
    inherit = {"inherit": "trunk", "linear_per_um": 1e-4}
    rules = ("soma", "kdr.gbar", {"value": 0.03}), ("trunk", "kdr.gbar", {"value": 0.5})
    made = changed(ball_and_stick, *rules, (["apical", "tuft"], "kdr.gbar", inherit))
    on_soma = [s.region for s in made.morphology.sections if s.parent == 0 and s.region in ("apical", "tuft")]
    assert sorted(on_soma) == ["apical", "tuft"]
    for region in on_soma:
        _, end = inheriting(made, made.table(), region, "trunk")  # 0 on the soma, and on no trunk
        check(made.table(), region, "kdr.gbar", lambda d, e=end: np.where(e == 0, 0.03, 0.5) + 1e-4 * (d - e))


# -- gradients and bounds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [{"value": 0.01}, {"inherit": "trunk"}], ids=["value", "inherited"])
def test_gradients_add_their_form_to_where_the_rule_starts(cell, start):
    made = cell
    for gradient, _, parameter in GRADIENTS.values():
        rules = (
            ("trunk", parameter, {"value": 0.02, "linear_per_um": 1e-5}),
            (["apical", "tuft"], parameter, start | gradient),
        )
        made = changed(made, *rules)
    table = made.table()
    for region in ("apical", "tuft"):
        last, end = inheriting(cell, table, region, "trunk")
        base, origin = (0.01, 0.0) if "value" in start else (0.02 + 1e-5 * last, end)
        for _, form, parameter in GRADIENTS.values():
            check(table, region, parameter, lambda d, b=base, o=origin, f=form: b + f(d - o))


def test_bounds_clamp_the_value(cell):
    exponential, sigmoidal = GRADIENTS["exponential"][1], GRADIENTS["sigmoidal"][1]
    for parameter, rule, form in (
        ("nas.gbar", {"linear_per_um": -2e-4, "minimum": 0.0}, lambda d: np.maximum(0.02 - 2e-4 * d, 0.0)),
        ("kdr.gbar", EXPONENTIAL | {"maximum": 0.0215}, lambda d: np.minimum(0.02 + exponential(d), 0.0215)),
        (
            "h.gbar",
            SIGMOIDAL | {"minimum": 0.0205, "maximum": 0.03},
            lambda d: np.clip(0.02 + sigmoidal(d), 0.0205, 0.03),
        ),
        (
            "km2.gbar",
            {"linear_per_um": -1e-4, "minimum": 0.012, "maximum": 0.018},
            lambda d: np.clip(0.02 - 1e-4 * d, 0.012, 0.018),
        ),
    ):
        table = cell.with_rule("dendrites", parameter, value=0.02, **rule).table()
        check(table, DENDRITES, parameter, form)
        assert table.loc[table["region"].isin(DENDRITES), parameter].round(9).nunique() > 5  # and some lie in between


@pytest.mark.parametrize("half_um", [20.2, 150.0])
@pytest.mark.parametrize(("sign", "bound"), [(1, "maximum"), (-1, "minimum")])
def test_a_sigmoid_that_starts_at_its_bound_stays_there(half_um, sign, bound):
    sigmoid = {"amplitude": 0.01 * sign, "half_um": half_um, "tau_um": 84.7}
    table = Cell(EXAMPLE).with_rule("trunk", "kdr.gbar", value=0.02, sigmoidal=sigmoid, **{bound: 0.02}).table()
    check(table, "trunk", "kdr.gbar", lambda d: 0.02)


def test_a_sigmoid_may_be_as_steep_as_a_step():
    sigmoid = {"amplitude": 0.01, "half_um": 150.0, "tau_um": 0.1}
    table = Cell(EXAMPLE).with_rule("trunk", "kdr.gbar", value=0.02, sigmoidal=sigmoid).table()
    assert np.abs(along(table, "trunk", "kdr.gbar")[0] - 150.0).min() > 3  # exp(-30) from the step
    check(table, "trunk", "kdr.gbar", lambda d: np.where(d > 150.0, 0.03, 0.02))


# -- ranges -----------------------------------------------------------------------------------------------------------


def test_a_range_may_begin_inside_a_section(cell):
    regions = ("basal", "trunk", "apical")
    ends = [[cell.morphology.path_distance(s.index, x) for x in (0, 1)] for s in cell.morphology.sections]
    assert any(
        start < 75 < end for (start, end), s in zip(ends, cell.morphology.sections, strict=True) if s.region in regions
    )
    window = {"value": 0.02, "linear_per_um": 1e-4, "from_um": 75.0, "to_um": 120.0}
    far = {"value": 0.01, "from_um": 60.0, "outside": 0.004}
    table = changed(cell, ("dendrites", "nas.gbar", window), ("dendrites", "h.gbar", far)).table()
    check(table, regions, "nas.gbar", lambda d: np.where((d > 75) & (d <= 120), 0.02 + 1e-4 * d, 0.0))
    check(table, regions, "h.gbar", lambda d: np.where(d > 60, 0.01, 0.004))


def test_several_ranges_follow_each_other(cell):
    near = {"value": 0.05, "to_um": 40.0}
    middle = {"inherit": "trunk", "from_um": 75.0, "to_um": 110.0, "maximum": 0.0405}
    far = {"value": 0.01, "from_um": 110.0, "outside": 0.006}
    steep, flat = {"linear_per_um": 2e-5}, {"linear_per_um": 1e-5}
    cell = cell.with_rule("trunk", "nas.gbar", value=0.04)
    made = cell.with_rule("apical", "nas.gbar", **near)
    for rule in (far | flat, middle | steep):
        made = made.with_rule("apical", "nas.gbar", add_range=True, **rule)
    ranges = [near, middle | {"gradient": steep}, far | {"gradient": flat}]
    assert made.specification == set_rule(cell.specification, "apical", "nas.gbar", ranges)
    table = made.table()
    d, found = along(table, "apical", "nas.gbar")
    inside = [d <= 40, (d > 75) & (d <= 110), d > 110]
    assert [within.any() for within in inside[1:]] == [True, True]
    x = d - inheriting(cell, table, "apical", "trunk")[1]
    assert_close(found, np.select(inside, [0.05 + 0 * d, np.minimum(0.04 + 2e-5 * x, 0.0405), 0.01 + 1e-5 * d], 0.006))


def test_a_segment_at_the_very_border_belongs_to_the_nearer_range_alone(ball_and_stick):
    made = changed(
        ball_and_stick,
        ("trunk", "nas.gbar", {"value": 0.01, "to_um": 50.0, "outside": 0.003}),
        ("trunk", "kdr.gbar", {"value": 0.01, "to_um": 50.0}),
        ("trunk", "kdr.gbar", {"value": 0.02, "from_um": 50.0, "add_range": True}),
        ("trunk", "km2.gbar", {"value": 0.0, "linear_per_um": 1e-3, "maximum": 0.05}),
    )
    table = made.table()
    assert 50.0 in along(table, "trunk", "nas.gbar")[0]
    check(table, "trunk", "nas.gbar", lambda d: np.where(d <= 50, 0.01, 0.003))
    check(table, "trunk", "kdr.gbar", lambda d: np.where(d <= 50, 0.01, 0.02))
    check(table, "trunk", "km2.gbar", lambda d: np.minimum(1e-3 * d, 0.05))


def test_terminal_branches_fall_to_zero_at_their_end(cell):
    basal = {"value": 0.05, "linear_per_um": -1e-4, "minimum": 0.02, "terminal": True}
    rest = {"inherit": "trunk", "linear_per_um": 1e-5, "terminal": True}
    rules = ("trunk", "nas.gbar", {"value": 0.04}), (["apical", "tuft"], "nas.gbar", rest), ("basal", "nas.gbar", basal)
    table = changed(cell, *rules).table()
    parents = {section.parent for section in cell.morphology.sections}
    for region in ("basal", "apical", "tuft"):
        rows = table[table["region"] == region]
        d = rows["path_distance"] - (0.0 if region == "basal" else inheriting(cell, table, region, "trunk")[1])
        form = np.maximum(0.05 - 1e-4 * d, 0.02) if region == "basal" else 0.04 + 1e-5 * d
        g1 = form.groupby(rows["index"]).transform("first")
        assert_close(rows["nas.gbar"], np.where(rows["index"].isin(parents), form, g1 * (1 - rows["x"])))


# -- cable, ions, leak ------------------------------------------------------------------------------------------------


def test_cable_parameters_hold_for_whole_sections_and_decide_the_number_of_segments(cell):
    table = changed(
        cell,
        ("trunk", "cable.cm", {"value": 1.0, "linear_per_um": 5e-3}),
        ("tuft", "cable.cm", {"inherit": "trunk", "linear_per_um": 1e-3}),
        ("basal", "cable.Ra", {"value": 300.0, "linear_per_um": -0.5, "minimum": 250.0}),
    ).table()
    for section in cell.morphology.sections:
        middle, trunk = cell.morphology.path_distance(section.index, 0.5), nearest(cell, section.index, "trunk")
        on_trunk = 1 + 5e-3 * cell.morphology.path_distance(trunk, 0.5)
        cm = {"trunk": 1 + 5e-3 * middle, "apical": on_trunk}.get(section.region, 1.0)
        if section.region == "tuft":
            cm = on_trunk + 1e-3 * (middle - cell.morphology.path_distance(trunk, 1.0))
        Ra = max(300 - 0.5 * middle, 250.0) if section.region == "basal" else 150.0
        rows = table[table["index"] == section.index]
        assert_close(rows["cable.cm"], cm)
        assert_close(rows["cable.Ra"], Ra)
        lambda_um = 1e5 * math.sqrt((section.diam0_um + section.diam1_um) / 2 / (4 * math.pi * 100 * Ra * cm))
        nseg = int((section.length_um / (0.1 * lambda_um) + 0.9) / 2) * 2 + 1
        assert len(rows) == (max(nseg, 3) if section.diam0_um != section.diam1_um else nseg)
    assert len(table) > len(cell.table())


def test_reversal_potentials_follow_their_rules_by_section(cell):
    table = changed(
        cell,
        ("soma", "na.e", {"value": 55.0}),
        ("ais", "na.e", {"value": 60.0}),
        ("trunk", "na.e", {"inherit": "soma", "linear_per_um": -0.02}),
        ("trunk", "k.e", {"value": -90.0, "exponential": {"amplitude": 1.0, "tau_um": 100.0}}),
        ("dendrites", "h.e", {"value": -30.0, "linear_per_um": -0.01}),
    ).table()
    trunk_of_tuft = [nearest(cell, index, "trunk") for index in table.loc[table["region"] == "tuft", "index"]]
    middle = np.array([cell.morphology.path_distance(index, 0.5) for index in table["index"]])
    expected = pd.DataFrame({"na.e": np.full(len(table), 55.0), "h.e": -30 - 0.01 * middle})
    expected.loc[table["region"] == "ais", "na.e"] = 60.0
    expected.loc[table["region"] == "trunk", "na.e"] = (55 - 0.02 * middle)[table["region"] == "trunk"]
    of_tuft = [55 - 0.02 * cell.morphology.path_distance(trunk, 0.5) for trunk in trunk_of_tuft]
    expected.loc[table["region"] == "tuft", "na.e"] = of_tuft
    expected["k.e"] = np.where(table["region"] == "trunk", -91 + np.exp(middle / 100), np.nan)
    for region, parameter in (
        ("trunk", "k.e"),
        *((r, p) for r in ("ais", "axon", *DENDRITES) for p in ("na.e", "h.e")),
    ):
        borne = table.loc[table["region"] == region, parameter].dropna()  # absent where no channel needs it
        assert len(borne) or (parameter == "h.e" and region in ("ais", "axon"))
        if len(borne):
            assert_close(borne, expected.loc[borne.index, parameter])


def test_a_leak_with_a_gradient_of_its_potential_beyond_the_usual_two_leaks(cell):
    steep, growing = (
        {"exponential": {"amplitude": 4.0, "tau_um": 60.0}},
        {"exponential": {"amplitude": 1e-5, "tau_um": 99.0}},
    )
    rules = ("trunk", "pas.e", {"value": -30.0, "linear_per_um": -0.4}), ("apical", "pas.e", {"value": -75.0} | steep)
    table = changed(cell, *rules, (["trunk", "apical"], "pas.g", {"value": 2e-6} | growing)).table()
    check(table, "trunk", "pas.e", lambda d: -30 - 0.4 * d)
    check(table, "apical", "pas.e", lambda d: -79 + 4 * np.exp(d / 60))
    check(table, ("trunk", "apical"), "pas.g", lambda d: 2e-6 + 1e-5 * (np.exp(d / 99) - 1))
    assert table["pas.e"].min() < -80
    assert table["pas.e"].max() > -60


@pytest.mark.parametrize("rule", [{"value": 0.0}, {"value": 1e-6, "linear_per_um": -1e-8, "minimum": 0.0}])
def test_where_there_is_no_leak_its_potential_is_still_a_number(cell, rule):
    table = cell.with_rule(["trunk", "basal"], "pas.g", **rule).table()
    assert (table["pas.g"] == 0).any()
    assert np.isfinite(table["pas.e"]).all()


# -- spines and synapses ----------------------------------------------------------------------------------------------


def assert_number(cell: Cell, synapses: pd.DataFrame, region: str, density) -> None:
    """Their number on a region, against a density half way along each of its sections (by index and path distance)."""
    sections = cell.morphology.in_region(region)
    expected = sum(density(s.index, cell.morphology.path_distance(s.index, 0.5)) * s.length_um for s in sections)
    found = (synapses["region"] == region).sum()
    # Five standard deviations of a Poisson number; the draw is seeded, so this cannot fail by chance another day.
    assert abs(found - expected) <= 5 * math.sqrt(expected), (region, found, expected)


def test_spines_and_inhibitory_synapses_are_as_dense_as_their_rules_say(cell):
    made = changed(
        cell,
        ("basal", "spines.density", {"value": 4.0}),
        ("tuft", "spines.density", {"value": 0.0}),
        ("trunk", "spines.density", {"value": 1.0, "linear_per_um": 0.02}),
        ("apical", "spines.density", {"inherit": "trunk", "maximum": 3.0}),
        ("trunk", "GABA_A.density", {"value": 2.0, "linear_per_um": -5e-3, "minimum": 0.5}),
        ("basal", "GABA_A.density", {"value": 1.0, "from_um": 50.0}),
        ("apical", "GABA_A.density", {"value": 0.0}),
    )
    middle = {section.index: cell.morphology.path_distance(section.index, 0.5) for section in cell.morphology.sections}
    spines, inhibitory = made.placement.spines, made.placement.inhibitory
    assert_number(made, spines, "basal", lambda i, d: 4.0)
    assert_number(made, spines, "tuft", lambda i, d: 0.0)
    assert_number(made, spines, "trunk", lambda i, d: 1 + 0.02 * d)
    assert_number(made, spines, "apical", lambda i, d: min(1 + 0.02 * middle[nearest(cell, i, "trunk")], 3.0))
    assert_number(made, inhibitory, "trunk", lambda i, d: max(2 - 5e-3 * d, 0.5))
    assert_number(made, inhibitory, "basal", lambda i, d: float(d > 50))
    assert_number(made, inhibitory, "apical", lambda i, d: 0.0)


@pytest.mark.parametrize("region", ["soma", "ais"])
def test_inhibitory_synapses_of_soma_and_initial_segment_take_rules_too(region):
    made = Cell().with_rule(region, "GABA_A.density", value=20.0)
    assert_number(made, made.placement.inhibitory, region, lambda i, d: 20.0)


def test_conductances_of_receptors_follow_their_rules(cell):
    made = changed(
        cell,
        ("trunk", "AMPA.gmax", {"value": 5e-4, "exponential": {"amplitude": 3e-4, "tau_um": 130.0}}),
        ("tuft", "AMPA.gmax", {"inherit": "trunk", "linear_per_um": 1e-6}),
        ("basal", "NMDA.relative_gmax", {"value": 1.0, "linear_per_um": 0.01}),
        ("soma", "GABA_A.relative_gmax", {"value": 2.0}),
        ("trunk", "GABA_A.relative_gmax", {"inherit": "soma", "linear_per_um": -2e-3, "minimum": 1.8}),
    )
    spines, inhibitory = made.placement.spines, made.placement.inhibitory
    on = {region: spines[spines["region"] == region] for region in ("trunk", "tuft")}
    assert all(map(len, on.values()))
    place = [cell.morphology.path_distance(i, x) for i, x in zip(spines["section"], spines["x"], strict=True)]
    assert_close(spines["path_distance"], place)
    last, end = source_of(cell, cell.table(), on["tuft"]["section"], "trunk")
    assert_close(on["trunk"]["gmax_AMPA_uS"], 2e-4 + 3e-4 * np.exp(on["trunk"]["path_distance"] / 130))
    expected = 2e-4 + 3e-4 * np.exp(last / 130) + 1e-6 * (on["tuft"]["path_distance"] - end)
    assert_close(on["tuft"]["gmax_AMPA_uS"], expected)
    basal = spines["region"] == "basal"
    assert_close(spines["relative_gmax_NMDA"], np.where(basal, 1 + 0.01 * spines["path_distance"], 1.0))
    at = [inhibitory["region"] == "soma", inhibitory["region"] == "trunk"]
    expected = np.select(at, [2.0, np.maximum(2 - 2e-3 * inhibitory["path_distance"], 1.8)], 1.0)
    assert_close(inhibitory["relative_gmax"], expected)
