"""Figures of parameters show the numbers they are given, on shared scales, with units."""

import numpy as np
import pandas as pd
import pytest
from drawn_figures import colliding, drawn, key_texts
from following import told
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LogNorm, to_hex, to_rgba

from netpyne_model import figures
from netpyne_model.biophysics import load_rules
from netpyne_model.errors import ModelError
from netpyne_model.figures import (
    REGION_PALETTE,
    parameter_against_distance,
    parameter_on_morphology,
)
from netpyne_model.figures.parameters import ABSENT, VALUE_COLOURS, ZERO
from netpyne_model.figures.style import unit_text
from netpyne_model.morphology import REGIONS, layout, read_section_table

CELL = read_section_table()
NSEG = load_rules().nseg(CELL)
LAYOUT = layout(CELL)
UNITS = {
    "cable.cm": "uF/cm2",
    "cable.Ra": "ohm cm",
    "pas.e": "mV",
    "kad.gbar": "S/cm2",
    "nas.slope": "1/um",
}
AXONAL = ("axon_hill", "ais", "axon")


def segment_table(scale=1.0):
    """Segments of the default cell with parameters of closed form; the axon has no kad."""
    rows = [
        (
            section.name,
            section.index,
            section.region,
            number,
            x,
            CELL.path_distance(section.index, x),
            section.diameter(x),
        )
        for section in CELL.sections
        for number, x in enumerate(
            (i + 0.5) / NSEG[section.index] for i in range(NSEG[section.index])
        )
    ]
    columns = ["section", "index", "region", "segment", "x", "path_distance", "diam_um"]
    table = pd.DataFrame(rows, columns=columns)
    distance, axonal = table["path_distance"], table["region"].isin(AXONAL)
    table["cable.cm"] = scale * (1 + 0.002 * distance)
    table["cable.Ra"] = 150.0
    table["pas.e"] = -67.0 - 0.01 * distance
    table["kad.gbar"] = (scale * 0.05 * (1 + distance / 100)).where(~axonal)
    table["nas.slope"] = scale
    table.attrs["units"] = dict(UNITS)
    return table


TABLE = segment_table()
PRESENT = TABLE[TABLE["kad.gbar"].notna()]


def without(table, parameter):
    less = table.drop(columns=parameter)
    less.attrs = table.attrs
    return less


def with_kad(values):
    table = TABLE.assign(**{"kad.gbar": values})
    table.attrs = TABLE.attrs
    return table


def on_morphology(tables, parameter="kad.gbar"):
    return parameter_on_morphology(tables, dict.fromkeys(tables, LAYOUT), parameter)


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("S/cm2", "S/cm²"),
        ("uF/cm2", "µF/cm²"),
        ("ohm cm", "Ω cm"),
        ("kohm", "kΩ"),
        ("uS", "µS"),
        ("1/um", "1/µm"),
        ("um2", "µm²"),
        ("mol cm-2", "mol cm⁻²"),
        ("degC", "°C"),
        ("mV", "mV"),
        ("unit", "unit"),
        ("", ""),
    ],
)
def test_units_are_written_as_in_print(plain, printed):
    assert unit_text(plain) == printed


def test_every_segment_is_a_point_of_its_value_in_the_colour_of_its_region():
    (ax,) = parameter_against_distance({"CA1": TABLE}, "kad.gbar").axes
    total = 0
    for region, rows in PRESENT.groupby("region"):
        points = drawn(ax, PathCollection, region)
        side = -1 if region == "basal" else 1
        wanted = np.column_stack([side * rows["path_distance"], rows["kad.gbar"]])
        np.testing.assert_array_equal(points.get_offsets(), wanted)
        assert to_hex(points.get_facecolor()[0]).upper() == REGION_PALETTE[region]
        total += len(wanted)
    assert (
        total
        == len(PRESENT)
        == sum(len(item.get_offsets()) for item in ax.collections if hasattr(item, "get_sizes"))
    )


def test_the_segments_of_one_section_and_no_others_are_joined():
    (ax,) = parameter_against_distance({"CA1": TABLE}, "kad.gbar").axes
    for region, rows in PRESENT.groupby("region"):
        joined = drawn(ax, LineCollection, region)
        wanted = [group["kad.gbar"].to_numpy() for _, group in rows.groupby("index", sort=False)]
        assert len(joined.get_segments()) == rows["index"].nunique()
        for line, values in zip(joined.get_segments(), wanted, strict=True):
            np.testing.assert_array_equal(line[:, 1], values)
        assert to_hex(joined.get_color()[0]).upper() == REGION_PALETTE[region]


def test_basal_dendrites_and_axon_lie_left_of_the_soma():
    (ax,) = parameter_against_distance({"CA1": TABLE}, "cable.cm").axes
    for region in REGIONS:
        x = drawn(ax, PathCollection, region).get_offsets()[:, 0]
        assert (x < 0).all() if region in ("basal", *AXONAL) else (x >= 0).all(), region


def test_the_key_names_only_the_regions_that_are_drawn():
    assert key_texts(parameter_against_distance({"CA1": TABLE}, "kad.gbar")) == [
        "soma", "basal", "trunk", "apical", "tuft",
    ]  # fmt: skip
    assert len(
        key_texts(parameter_against_distance({"CA1": TABLE}, ["kad.gbar", "cable.cm"]))
    ) == len(REGIONS)


def test_cells_stand_side_by_side_and_parameters_below_each_other_on_shared_axes():
    figure = parameter_against_distance(
        {"published": TABLE, "mine": segment_table(3.0)}, ["cable.cm", "cable.Ra"]
    )
    one, two, three, four = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["published", "mine", "", ""]
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "cable.cm (µF/cm²)",
        "",
        "cable.Ra (Ω cm)",
        "",
    ]
    assert one.get_ylim() == two.get_ylim() != three.get_ylim() == four.get_ylim()
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert two.get_ylim()[1] > 3 * TABLE["cable.cm"].max()
    assert all("µm" in ax.get_xlabel() for ax in (three, four))
    assert colliding(figure) == []


def test_a_cell_without_the_parameter_says_so():
    for less in (without(TABLE, "kad.gbar"), with_kad(np.nan)):
        tables = {"published": TABLE, "mine": less}
        figure = parameter_against_distance(tables, "kad.gbar")
        assert [[text.get_text() for text in ax.texts] for ax in figure.axes] == [
            [],
            ["not in this cell"],
        ]
        assert not any(isinstance(item, PathCollection) for item in figure.axes[1].collections)
        assert on_morphology(tables).axes[1].get_title() == "mine\nnot in this cell"


@pytest.mark.parametrize("draw", [parameter_against_distance, on_morphology])
def test_a_parameter_of_no_cell_is_refused(draw):
    with pytest.raises(
        ModelError, match=r"'CA1' has the parameter 'kad.gbr'. Did you mean 'kad.gbar'\?"
    ):
        draw({"CA1": TABLE}, "kad.gbr")
    with pytest.raises(ModelError, match="none given"):
        draw({}, "kad.gbar")
    # A column without any value is in no cell either.
    with pytest.raises(ModelError, match=r"has the parameter 'kad\.gbar'"):
        draw({"CA1": with_kad(np.nan)}, "kad.gbar")


@pytest.mark.parametrize("draw", [parameter_against_distance, on_morphology])
def test_two_units_do_not_share_an_axis(draw):
    other = TABLE.copy()
    other.attrs["units"] = UNITS | {"kad.gbar": "mS/cm2"}
    with pytest.raises(ModelError, match="'S/cm2' in cell 'a', 'mS/cm2' in cell 'b'"):
        draw({"a": TABLE, "b": other}, "kad.gbar")


def test_no_parameter_at_all_is_refused():
    with pytest.raises(ModelError, match="no parameter to draw"):
        parameter_against_distance({"CA1": TABLE}, [])


def test_every_segment_of_the_cell_is_a_line_of_its_value_where_it_lies():
    ax, bar = on_morphology({"CA1": TABLE}).axes
    lines = drawn(ax, LineCollection, "values")
    np.testing.assert_array_equal(lines.get_array(), PRESENT["kad.gbar"])
    ends = np.array(lines.get_segments())
    index = PRESENT["index"].to_numpy()
    x = PRESENT["x"].to_numpy()[:, None]
    centres = (1 - x) * LAYOUT[index, 0, :2] + x * LAYOUT[index, 1, :2]
    np.testing.assert_allclose(ends.mean(axis=1), centres, atol=1e-4)
    nseg = PRESENT.groupby("index")["segment"].transform("size").to_numpy()
    whole = np.linalg.norm(LAYOUT[index, 1, :2] - LAYOUT[index, 0, :2], axis=1)
    np.testing.assert_allclose(
        np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1), whole / nseg, atol=1e-4
    )
    np.testing.assert_array_equal(np.argsort(lines.get_linewidths(), kind="stable"),
                                  np.argsort(PRESENT["diam_um"].to_numpy(), kind="stable"))  # fmt: skip
    assert bar.get_ylabel() == "kad.gbar (S/cm²)"
    assert ax.get_aspect() == 1.0


def test_segments_without_the_parameter_are_thin_and_grey():
    figure = on_morphology({"CA1": TABLE})
    absent = drawn(figure.axes[0], LineCollection, "absent")
    assert len(absent.get_segments()) == TABLE["region"].isin(AXONAL).sum() > 0
    assert tuple(absent.get_color()[0]) == to_rgba(ABSENT)
    assert max(absent.get_linewidths()) < min(
        drawn(figure.axes[0], LineCollection, "values").get_linewidths()
    )
    assert key_texts(figure) == ["mechanism absent"]
    assert on_morphology({"CA1": TABLE}, "cable.cm").legends == []


def test_a_part_of_a_table_is_drawn_where_it_lies():
    part = TABLE[TABLE["segment"] == 1]
    part.attrs = TABLE.attrs
    ax = on_morphology({"CA1": part}, "cable.cm").axes[0]
    whole = on_morphology({"CA1": TABLE}, "cable.cm").axes[0]
    wanted = np.array(drawn(whole, LineCollection, "values").get_segments())[
        (TABLE["segment"] == 1).to_numpy()
    ]
    np.testing.assert_allclose(np.array(drawn(ax, LineCollection, "values").get_segments()), wanted)


def test_one_colour_means_one_value_in_all_cells():
    figure = on_morphology({"published": TABLE, "mine": segment_table(3.0)})
    norm, other = (drawn(ax, LineCollection, "values").norm for ax in figure.axes[:2])
    assert norm is other
    assert norm.vmin == PRESENT["kad.gbar"].min()
    assert norm.vmax == pytest.approx(3 * PRESENT["kad.gbar"].max())
    assert figure.axes[2].get_ylim() == (norm.vmin, norm.vmax)
    FigureCanvasAgg(figure).draw()
    lines = drawn(figure.axes[0], LineCollection, "values")
    np.testing.assert_allclose(
        lines.get_color(), VALUE_COLOURS(norm(PRESENT["kad.gbar"].to_numpy()))
    )
    assert colliding(figure) == []


@pytest.mark.parametrize(
    ("low", "high", "logarithmic"),
    [
        (0.01, 0.9, False),
        (0.01, 1.0, False),
        (0.01, 1.1, True),
        (0.0, 1.0, False),
        (-1.0, 1000.0, False),
    ],
)
def test_the_scale_is_logarithmic_beyond_two_decades_of_positive_values(low, high, logarithmic):
    values = np.array([low, high, max(low, 0.01)])[np.arange(len(TABLE)) % 3]
    norm = drawn(on_morphology({"CA1": with_kad(values)}).axes[0], LineCollection, "values").norm
    assert isinstance(norm, LogNorm) is logarithmic
    assert (norm.vmin, norm.vmax) == (low, high)


def test_cells_together_can_span_two_decades():
    figure = on_morphology({"a": segment_table(), "b": segment_table(100.0)})
    assert all(
        isinstance(drawn(ax, LineCollection, "values").norm, LogNorm) for ax in figure.axes[:2]
    )


def test_zeros_on_a_logarithmic_scale_are_grey_and_not_absent():
    values = np.array([0.0, 0.01, 10.0])[np.arange(len(TABLE)) % 3]
    figure = on_morphology({"CA1": with_kad(values)})
    zero = drawn(figure.axes[0], LineCollection, "zero")
    assert len(zero.get_segments()) == (values == 0).sum()
    assert tuple(zero.get_color()[0]) == to_rgba(ZERO)
    assert len(drawn(figure.axes[0], LineCollection, "absent").get_segments()) == 0
    assert len(drawn(figure.axes[0], LineCollection, "values").get_segments()) == (values > 0).sum()
    assert key_texts(figure) == ["0"]


def test_a_constant_parameter_has_its_value_within_the_bar():
    for parameter, value in (("cable.Ra", 150.0), ("nas.slope", 1.0)):
        bottom, top = on_morphology({"CA1": TABLE}, parameter).axes[1].get_ylim()
        assert bottom < value < top


def test_a_layout_that_is_missing_or_of_another_cell_is_refused():
    def draw(**layouts):
        return parameter_on_morphology({"mine": TABLE}, layouts, "kad.gbar")

    told(lambda: draw(mines=LAYOUT), "cell 'mine' has no layout. Did you mean 'mines'?")
    told(
        lambda: draw(mine=LAYOUT[:20]), "layout has 20 sections; give the layout of the same cell."
    )
    draw(mine=LAYOUT)


def test_the_picture_of_the_cell_has_a_key_of_its_regions_in_the_colours_drawn():
    figure = figures.morphology(CELL, LAYOUT)
    assert key_texts(figure) == [
        f"{'AIS' if region == 'ais' else region.replace('_', ' ')} ({len(CELL.in_region(region))})"
        for region in REGIONS
    ]
    (lines,) = [item for item in figure.axes[0].collections if isinstance(item, LineCollection)]
    for section, colour in zip(CELL.sections, lines.get_color(), strict=True):
        assert to_hex(colour).upper() == REGION_PALETTE[section.region]
    handles = figure.legends[0].legend_handles
    assert [handle.get_color() for handle in handles] == [
        REGION_PALETTE[region] for region in REGIONS
    ]
    assert len(set(REGION_PALETTE.values())) == len(REGIONS)
