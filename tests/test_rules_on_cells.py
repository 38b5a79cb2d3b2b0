"""Every kind of rule on whole cells, the published and an imported one, against closed forms of path distance.

Expectations are computed here from path distances and lengths, never by the package's own profiles.
"""

import math
import operator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netpyne_model import Cell
from netpyne_model.data_folders import REFERENCE
from netpyne_model.specification import set_rule

EXAMPLE = Path(__file__).parents[1] / "morphologies" / "example.swc"
DENDRITES = ("basal", "trunk", "apical", "tuft")
REGIONS = ("soma", "axon_hill", "ais", "axon", *DENDRITES)
SOURCE = {
    "ais": "axon_hill",
    "axon": "ais",
}  # from which the rules of a region inherit here; the others from the trunk
LINEAR = {"linear_per_um": 2e-5}
EXPONENTIAL = {"exponential": {"amplitude": 3e-3, "tau_um": 120.0}}
SIGMOIDAL = {"sigmoidal": {"amplitude": 0.02, "half_um": 150.0, "tau_um": 40.0}}
AT_BOUND, STEEP = (
    {"half_um": 20.2, "tau_um": 84.7},
    {"amplitude": 0.01, "half_um": 150.0, "tau_um": 0.1},
)
# Columns of the table, and of the published model's.
COLUMNS = {
    "diam_um": "diam",
    "area_um2": "area_um2",
    "path_distance": "path_dist",
    "cable.cm": "cm",
    "cable.Ra": "Ra",
}
COLUMNS |= {
    "pas.g": "g_pas",
    "pas.e": "e_pas",
    "na.e": "ena",
    "k.e": "ek",
    "h.e": "eh_h",
    "h.gbar": "ghbar_h",
}
COLUMNS |= {
    "nas.gbar": "gbar_nas",
    "nax.gbar": "gbar_nax",
    "kdr.gbar": "gkdrbar_kdr",
    "km2.gbar": "gkmbar_km2",
}
COLUMNS |= {"kap.gbar": "gkabar_kap", "kad.gbar": "gkabar_kad"}
LIVE = {
    "cable.cm": "cm",
    "pas.g": "pas.g",
    "pas.e": "pas.e",
    "na.e": "ena",
    "k.e": "ek",
}  # in a segment of NEURON


def exponential(x):
    return 3e-3 * (np.exp(x / 120) - 1)


def sigmoidal(x):
    return 0.02 * (1 / (1 + np.exp((150 - x) / 40)) - 1 / (1 + np.exp(150 / 40)))


GRADIENTS = [("nas.gbar", LINEAR, lambda x: 2e-5 * x), ("kdr.gbar", EXPONENTIAL, exponential)]
GRADIENTS += [("h.gbar", SIGMOIDAL, sigmoidal)]


def on_terminal_branches(t, along):
    return np.where(t.ends, along.groupby(t["index"]).transform("first") * (1 - t.x), along)


# By what a case shows: rules (regions, parameter, rule), and the closed forms (regions, parameter, form of the columns
# of `seen`) they must give. nas consists of two channels in different regions, h of two that meet at 75 um.
CASES = {
    "a value holds everywhere in its region": (
        [(region, "kdr.gbar", {"value": len(region) / 100}) for region in REGIONS],
        [(REGIONS, "kdr.gbar", lambda t: t.region.str.len() / 100)],
    ),
    "inheritance runs through regions": (
        [
            ("soma", "kdr.gbar", {"value": 0.02}),
            ("trunk", "kdr.gbar", {"inherit": "soma"} | EXPONENTIAL),
            ("apical", "kdr.gbar", {"inherit": "trunk", "linear_per_um": -1e-5}),
            ("tuft", "kdr.gbar", {"inherit": "trunk"} | SIGMOIDAL),
            ("axon_hill", "kdr.gbar", {"inherit": "soma", "linear_per_um": 1e-3}),
            ("ais", "kdr.gbar", {"inherit": "axon_hill", "linear_per_um": 2e-3}),
            ("axon", "kdr.gbar", {"inherit": "ais", "linear_per_um": -5e-5}),
        ],
        [
            (("soma", "basal"), "kdr.gbar", lambda t: 0.02),
            ("trunk", "kdr.gbar", lambda t: 0.02 + exponential(t.d)),
            ("apical", "kdr.gbar", lambda t: 0.02 + exponential(t.d_last) - 1e-5 * (t.d - t.d_end)),
            ("tuft", "kdr.gbar", lambda t: 0.02 + exponential(t.d_last) + sigmoidal(t.d - t.d_end)),
            ("axon_hill", "kdr.gbar", lambda t: 0.02 + 1e-3 * t.d),
            ("ais", "kdr.gbar", lambda t: 0.02 + 1e-3 * t.d_last + 2e-3 * (t.d - t.d_end)),
            # the last segment of the hillock lies at 10 (1 - 1/6) um, and the initial segment starts at 10
            (
                "axon",
                "kdr.gbar",
                lambda t: (
                    0.02 + 1e-3 * 10 * 5 / 6 + 2e-3 * (t.d_last - 10) - 5e-5 * (t.d - t.d_end)
                ),
            ),
        ],
    ),
    "gradients start from a value": (
        [(["apical", "tuft"], name, {"value": 0.01} | gradient) for name, gradient, _ in GRADIENTS],
        [
            (("apical", "tuft"), name, lambda t, form=form: 0.01 + form(t.d))
            for name, _, form in GRADIENTS
        ],
    ),
    "gradients start from what is inherited": (
        [("trunk", name, {"value": 0.02, "linear_per_um": 1e-5}) for name, _, _ in GRADIENTS]
        + [
            (["apical", "tuft"], name, {"inherit": "trunk"} | gradient)
            for name, gradient, _ in GRADIENTS
        ],
        [
            (
                ("apical", "tuft"),
                name,
                lambda t, form=form: 0.02 + 1e-5 * t.d_last + form(t.d - t.d_end),
            )
            for name, _, form in GRADIENTS
        ],
    ),
    "bounds clamp the value": (
        [
            ("dendrites", "nas.gbar", {"value": 0.02, "linear_per_um": -2e-4, "minimum": 0.0}),
            ("dendrites", "kdr.gbar", {"value": 0.02, "maximum": 0.0215} | EXPONENTIAL),
            (
                "dendrites",
                "h.gbar",
                {"value": 0.02, "minimum": 0.0205, "maximum": 0.03} | SIGMOIDAL,
            ),
            (
                "dendrites",
                "km2.gbar",
                {"value": 0.02, "linear_per_um": -1e-4, "minimum": 0.012, "maximum": 0.018},
            ),
        ],
        [
            (DENDRITES, "nas.gbar", lambda t: np.maximum(0.02 - 2e-4 * t.d, 0.0)),
            (DENDRITES, "kdr.gbar", lambda t: np.minimum(0.02 + exponential(t.d), 0.0215)),
            (DENDRITES, "h.gbar", lambda t: np.clip(0.02 + sigmoidal(t.d), 0.0205, 0.03)),
            (DENDRITES, "km2.gbar", lambda t: np.clip(0.02 - 1e-4 * t.d, 0.012, 0.018)),
        ],
    ),
    "a sigmoid that starts at its bound stays there": (
        [
            (
                "trunk",
                "kdr.gbar",
                {"value": 0.02, "maximum": 0.02, "sigmoidal": AT_BOUND | {"amplitude": 0.01}},
            ),
            (
                "trunk",
                "km2.gbar",
                {"value": 0.02, "minimum": 0.02, "sigmoidal": AT_BOUND | {"amplitude": -0.01}},
            ),
        ],
        [("trunk", "kdr.gbar", lambda t: 0.02), ("trunk", "km2.gbar", lambda t: 0.02)],
    ),
    "a sigmoid may be as steep as a step": (  # exp(-33) from it at the nearest centre
        [("trunk", "kdr.gbar", {"value": 0.02, "sigmoidal": STEEP})],
        [("trunk", "kdr.gbar", lambda t: np.where(t.d > 150, 0.03, 0.02))],
    ),
    "a range may begin and end inside a section": (
        [
            (
                "dendrites",
                "nas.gbar",
                {"value": 0.02, "linear_per_um": 1e-4, "from_um": 75.0, "to_um": 120.0},
            ),
            ("dendrites", "h.gbar", {"value": 0.01, "from_um": 60.0, "outside": 0.004}),
        ],
        [
            (
                DENDRITES,
                "nas.gbar",
                lambda t: np.where((t.d > 75) & (t.d <= 120), 0.02 + 1e-4 * t.d, 0.0),
            ),
            (DENDRITES, "h.gbar", lambda t: np.where(t.d > 60, 0.01, 0.004)),
        ],
    ),
    "terminal branches fall to zero at their end": (
        [
            ("trunk", "nas.gbar", {"value": 0.04}),
            (["apical", "tuft"], "nas.gbar", {"inherit": "trunk", "terminal": True} | LINEAR),
            (
                "basal",
                "nas.gbar",
                {"value": 0.05, "linear_per_um": -1e-4, "minimum": 0.02, "terminal": True},
            ),
        ],
        [
            (
                ("apical", "tuft"),
                "nas.gbar",
                lambda t: on_terminal_branches(t, 0.04 + 2e-5 * (t.d - t.d_end)),
            ),
            (
                "basal",
                "nas.gbar",
                lambda t: on_terminal_branches(t, np.maximum(0.05 - 1e-4 * t.d, 0.02)),
            ),
        ],
    ),
    "cable parameters hold for whole sections": (
        [
            ("trunk", "cable.cm", {"value": 1.0, "linear_per_um": 5e-3}),
            ("tuft", "cable.cm", {"inherit": "trunk", "linear_per_um": 1e-3}),
            ("basal", "cable.Ra", {"value": 300.0, "linear_per_um": -0.5, "minimum": 250.0}),
        ],
        [
            ("trunk", "cable.cm", lambda t: 1 + 5e-3 * t.middle),
            ("apical", "cable.cm", lambda t: 1 + 5e-3 * t.d_middle),
            ("tuft", "cable.cm", lambda t: 1 + 5e-3 * t.d_middle + 1e-3 * (t.middle - t.d_end)),
            (("soma", "axon", "basal"), "cable.cm", lambda t: 1.0),
            ("basal", "cable.Ra", lambda t: np.maximum(300 - 0.5 * t.middle, 250.0)),
            (("soma", "ais", "trunk", "tuft"), "cable.Ra", lambda t: 150.0),
        ],
    ),
    "reversal potentials hold for whole sections": (
        [
            ("soma", "na.e", {"value": 55.0}),
            ("ais", "na.e", {"value": 60.0}),
            ("trunk", "na.e", {"inherit": "soma", "linear_per_um": -0.02}),
            ("trunk", "k.e", {"value": -90.0, "exponential": {"amplitude": 1.0, "tau_um": 100.0}}),
            ("dendrites", "h.e", {"value": -30.0, "linear_per_um": -0.01}),
            (
                "basal",
                "nas.gbar",
                {"value": 0.01},
            ),  # on a section without Na channels there would be no such potential
        ],
        [
            (("soma", "basal", "axon"), "na.e", lambda t: 55.0),
            ("ais", "na.e", lambda t: 60.0),
            ("trunk", "na.e", lambda t: 55 - 0.02 * t.middle),
            ("tuft", "na.e", lambda t: 55 - 0.02 * t.d_middle),
            ("trunk", "k.e", lambda t: -91 + np.exp(t.middle / 100)),
            (DENDRITES, "h.e", lambda t: -30 - 0.01 * t.middle),
        ],
    ),
    "the leak's potential goes beyond -60 to -80 mV": (  # where NeuroML's two leaks usually lie
        [
            ("trunk", "pas.e", {"value": -30.0, "linear_per_um": -0.4}),
            (
                "apical",
                "pas.e",
                {"value": -75.0, "exponential": {"amplitude": 3.0, "tau_um": 80.0}},
            ),
            (["trunk", "apical"], "pas.g", {"value": 2e-6} | EXPONENTIAL),
        ],
        [
            ("trunk", "pas.e", lambda t: -30 - 0.4 * t.d),
            ("apical", "pas.e", lambda t: -78 + 3 * np.exp(t.d / 80)),
            (("trunk", "apical"), "pas.g", lambda t: 2e-6 + exponential(t.d)),
        ],
    ),
    "where there is no leak its potential is still a number": (
        [
            ("tuft", "pas.g", {"value": 0.0}),
            ("tuft", "pas.e", {"value": -66.0}),
            ("basal", "pas.g", {"value": 1e-6, "linear_per_um": -2e-8, "minimum": 0.0}),
        ],
        [("tuft", "pas.e", lambda t: -66.0), ("basal", "pas.e", lambda t: -67.0)],
    ),
}


@pytest.fixture(scope="module", params=["published", "imported"])
def cell(request) -> Cell:
    return Cell() if request.param == "published" else Cell(EXAMPLE)


@pytest.fixture
def ball_and_stick(tmp_path) -> Cell:
    """A trunk of two sections of 100 um, the first with a centre at 50 um; an oblique and a tuft on the soma."""
    points = [
        "1 1 0 0 0 5 -1",
        "2 5 0 100 0 1 1",
        "3 5 0 200 0 1 2",
        "4 6 0 250 0 1 3",
        "5 4 0 150 50 .5 2",
    ]
    (tmp_path / "ball.swc").write_text(
        "\n".join([*points, "6 4 -100 0 0 .5 1", "7 6 0 0 -90 .5 1"])
    )
    return Cell(tmp_path / "ball.swc")


def changed(cell: Cell, *rules: tuple) -> Cell:
    for region, parameter, rule in rules:
        cell = cell.with_rule(region, parameter, **rule)
    return cell


def source_of(cell: Cell, index: int) -> int:
    """The nearest section, on the path to the soma, of the region from which a section inherits; else the soma."""
    sections = cell.morphology.sections
    region, here = SOURCE.get(sections[index].region, "trunk"), sections[index].parent
    while here is not None and sections[here].region != region:
        here = sections[here].parent
    return 0 if here is None else here


def seen(cell: Cell) -> pd.DataFrame:
    """The table with path distances: d; of the section's middle; of `source_of` it (d_last: of its last segment)."""
    table, at = cell.table(), cell.morphology.path_distance
    nseg, sources = (
        table.groupby("index").size(),
        [source_of(cell, index) for index in table["index"]],
    )
    return table.assign(
        d=table["path_distance"],
        middle=[at(index, 0.5) for index in table["index"]],
        d_last=[at(source, 1 - 0.5 / nseg[source]) for source in sources],
        d_end=[at(source, 1.0) for source in sources],
        d_middle=[at(source, 0.5) for source in sources],
        ends=~table["index"].isin({section.parent for section in cell.morphology.sections}),
    )


def assert_close(found, expected, relative=1e-9) -> None:
    # Numbers and path distances go through NeuroML with twelve figures and 1e-9 um; where base and gradient cancel,
    # that counts against the largest value: hence the absolute part (reached: 7e-11 of the largest value).
    expected = np.broadcast_to(np.asarray(expected, dtype=float), np.shape(found))
    np.testing.assert_allclose(
        found, expected, rtol=relative, atol=0.1 * relative * np.abs(expected).max()
    )


def check(table: pd.DataFrame, regions, parameter: str, form) -> None:
    for region in [regions] if isinstance(regions, str) else regions:
        rows = table[table["region"] == region]
        assert len(rows), f"no {region} here: the test would say nothing"
        assert_close(rows[parameter].fillna(0.0), form(rows))


@pytest.mark.parametrize(("rules", "forms"), CASES.values(), ids=CASES.keys())
def test_rules_give_their_closed_form(cell, rules, forms):
    table = seen(changed(cell, *rules))
    reach = table[table["region"] == "trunk"].groupby("index")["d"].agg(["min", "max"])
    assert (
        (reach["min"] < 75) & (reach["max"] > 75)
    ).any()  # where a range and h's second channel begin
    for regions, parameter, form in forms:
        check(table, regions, parameter, form)


def test_an_oblique_and_a_tuft_on_the_soma_take_it_for_the_missing_trunk(ball_and_stick):
    inherit = {"inherit": "trunk", "linear_per_um": 1e-4}
    rules = ("soma", "kdr.gbar", {"value": 0.03}), ("trunk", "kdr.gbar", {"value": 0.5})
    table = seen(changed(ball_and_stick, *rules, (["apical", "tuft"], "kdr.gbar", inherit)))
    for region in ("apical", "tuft"):
        assert (table.loc[table["region"] == region, "d_end"] == 0).nunique() == 2
        check(
            table,
            region,
            "kdr.gbar",
            lambda t: np.where(t.d_end == 0, 0.03, 0.5) + 1e-4 * (t.d - t.d_end),
        )


def test_several_ranges_follow_each_other(cell):
    near, far = {"value": 0.05, "to_um": 40.0}, {"value": 0.01, "from_um": 110.0, "outside": 0.006}
    middle = {"inherit": "trunk", "from_um": 75.0, "to_um": 110.0, "maximum": 0.0405}
    cell = cell.with_rule("trunk", "nas.gbar", value=0.04)
    made = cell.with_rule("apical", "nas.gbar", **near)
    for rule in (far, middle | LINEAR):
        made = made.with_rule("apical", "nas.gbar", add_range=True, **rule)
    ranges = [near, middle | {"gradient": LINEAR}, far]
    assert made.specification == set_rule(cell.specification, "apical", "nas.gbar", ranges)
    t = seen(made).query("region == 'apical'")
    inside = [t.d <= 40, (t.d > 75) & (t.d <= 110), t.d > 110]
    forms = [0.05, np.minimum(0.04 + 2e-5 * (t.d - t.d_end), 0.0405), 0.01]
    assert_close(t["nas.gbar"], np.select(inside, forms, 0.006))


def test_a_segment_at_the_very_border_belongs_to_the_nearer_range_alone(ball_and_stick):
    rules = (
        ("trunk", "nas.gbar", {"value": 0.01, "to_um": 50.0, "outside": 0.003}),
        ("trunk", "kdr.gbar", {"value": 0.01, "to_um": 50.0}),
        ("trunk", "kdr.gbar", {"value": 0.02, "from_um": 50.0, "add_range": True}),
        ("trunk", "km2.gbar", {"value": 0.0, "linear_per_um": 1e-3, "maximum": 0.05}),
    )
    table = seen(changed(ball_and_stick, *rules))
    assert (table["d"] == 50.0).any()
    check(table, "trunk", "nas.gbar", lambda t: np.where(t.d <= 50, 0.01, 0.003))
    check(table, "trunk", "kdr.gbar", lambda t: np.where(t.d <= 50, 0.01, 0.02))
    check(table, "trunk", "km2.gbar", lambda t: np.minimum(1e-3 * t.d, 0.05))


def test_the_number_of_segments_follows_capacitance_and_resistivity(cell):
    table = changed(cell, *CASES["cable parameters hold for whole sections"][0]).table()
    for index, rows in table.groupby("index"):
        section, (cm, Ra) = cell.morphology.sections[index], rows[["cable.cm", "cable.Ra"]].iloc[0]
        lambda_um = 1e5 * math.sqrt(
            (section.diam0_um + section.diam1_um) / 2 / (4 * math.pi * 100 * Ra * cm)
        )
        nseg = int((section.length_um / (0.1 * lambda_um) + 0.9) / 2) * 2 + 1
        assert len(rows) == (max(nseg, 3) if section.diam0_um != section.diam1_um else nseg)
    assert len(table) > len(cell.table())


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


def test_live_sections_and_cell_params_hold_the_numbers_of_the_table(cell):
    names = (
        "inheritance runs through regions",
        "cable parameters hold for whole sections",
        "bounds clamp the value",
    )
    names += (
        "reversal potentials hold for whole sections",
        "the leak's potential goes beyond -60 to -80 mV",
    )
    made = changed(cell, *(rule for name in names for rule in CASES[name][0]))
    built, params, families = (
        made.build(spines="none"),
        made.cell_params(spines="none")["secs"],
        made.channel_of_component,
    )

    def same(found, expected, relative=1e-12):  # nothing lies between: the same doubles
        np.testing.assert_allclose(found, expected, rtol=relative)

    for name, rows in made.table().groupby("section"):
        section, geom, mechs = built.sections[name], params[name]["geom"], params[name]["mechs"]
        # NEURON keeps 3D points, hence these lengths and diameters, in float32, which rounds by 6e-8.
        same(section.L, made.morphology.section(name).length_um, 2e-7)
        same([segment.diam for segment in section], rows["diam_um"], 2e-7)
        same([section.Ra, geom["Ra"]], rows["cable.Ra"].iloc[0])
        for parameter, attribute in LIVE.items():
            if rows[parameter].notna().all():  # potentials of ions: where a channel sits
                same(
                    [operator.attrgetter(attribute)(segment) for segment in section],
                    rows[parameter],
                )
        for found, parameter in (
            (geom["cm"], "cable.cm"),
            (mechs["pas"]["g"], "pas.g"),
            (mechs["pas"]["e"], "pas.e"),
        ):
            same(found, rows[parameter])
        for ion, values in params[name]["ions"].items():
            same(values["e"], rows[f"{ion}.e"])
        for family in made.specification.biophysics.channels:
            expected = rows[f"{family}.gbar"].fillna(0.0)
            channels = [
                channel
                for channel, owner in families.items()
                if owner == family and channel in mechs
            ]
            same(
                [
                    sum(getattr(segment, channel).gmax for channel in channels)
                    for segment in section
                ],
                expected,
            )
            same(
                sum(np.array(mechs[channel]["gmax"]) for channel in channels) + np.zeros(len(rows)),
                expected,
            )
            for channel in channels if family == "h" else ():
                same([getattr(segment, channel).e for segment in section], rows["h.e"])
                same(mechs[channel]["e"], rows["h.e"])


def test_the_published_cell_has_the_published_value_of_every_parameter():
    published, table = (pd.read_csv(REFERENCE / "segments.csv.gz"), Cell().table())
    assert table["index"].tolist() == published["section_index"].tolist()
    for parameter, column in COLUMNS.items():
        here = table[parameter].notna() | (
            not parameter.endswith(".e")
        )  # potentials, where a channel sits
        found, expected = (
            table.loc[here, parameter].fillna(0),
            published.loc[here, column].fillna(0),
        )
        # Nothing here goes through float32.
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-18, err_msg=parameter)


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
