"""Every kind of rule on whole cells, the published and an imported one, against closed forms of path distance."""

import math
import operator

import numpy as np
import pandas as pd
import pytest
from rule_cases import CASES, CELLS, LINEAR, assert_close, changed, check, seen

from netpyne_model import Cell
from netpyne_model.data_folders import REFERENCE
from netpyne_model.specification import set_rule

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
POTENTIALS = ("na.e", "k.e")


@pytest.fixture(scope="module", params=CELLS)
def cell(request) -> Cell:
    return CELLS[request.param]()


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
            ion = parameter.removesuffix(".e")
            if parameter in POTENTIALS and ion not in params[name]["ions"]:
                continue  # no channel of its sits there: one of density 0 is left out
            if rows[parameter].notna().all():
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
