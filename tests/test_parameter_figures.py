"""Figures of parameters and traces show the numbers they are given, on shared scales, with units."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
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
    traces,
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


def drawn(ax, kind, label):
    (found,) = [
        item for item in ax.collections if isinstance(item, kind) and item.get_label() == label
    ]
    return found


def clashes(figure):
    """Pairs of titles, axis labels and entries of keys that overlap, and those that leave the figure."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [
        text
        for ax in figure.axes
        for text in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label)
    ]
    keys = figure.legends + [ax.get_legend() for ax in figure.axes if ax.get_legend()]
    texts += [text for key in keys for text in key.get_texts()] + [
        text for ax in figure.axes for text in ax.texts
    ]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
    width, height = canvas.get_width_height()
    pairs = [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if one.overlaps(two)]
    return pairs + [
        a for a, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]


def key_texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


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
    assert clashes(figure) == []


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
    assert clashes(figure) == []


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
    with pytest.raises(ModelError, match=r"cell 'mine' has no layout. Did you mean 'mines'\?"):
        parameter_on_morphology({"mine": TABLE}, {"mines": LAYOUT}, "kad.gbar")
    with pytest.raises(ModelError, match="layout has 20 sections"):
        parameter_on_morphology({"mine": TABLE}, {"mine": LAYOUT[:20]}, "kad.gbar")


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


TIME_MS = np.arange(0, 100, 0.5)


def trace(values, unit="mV", label="v at soma_0(0)", time_ms=TIME_MS):
    return SimpleNamespace(time_ms=time_ms, values=values, unit=unit, label=label)


def conditions():
    """Two conditions of three recordings; the second lacks the current."""
    return {
        name: {
            "soma": trace(gain * np.sin(TIME_MS / 9) - 65),
            "trunk": trace(gain * np.cos(TIME_MS / 9) - 60, label="v at trunk_37(0.5)"),
            "ina": trace(-gain * TIME_MS, unit="mA/cm2", label="ina at soma_0(0)"),
        }
        for name, gain in (("control", 5.0), ("blocked", 2.0))
    } | {"short": {"soma": trace(TIME_MS[:50] - 70, time_ms=TIME_MS[:50])}}


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


def test_each_recording_is_a_panel_and_each_condition_a_line():
    runs = conditions()
    figure = traces(runs)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "soma: v at soma_0(0)", "trunk: v at trunk_37(0.5)", "ina: ina at soma_0(0)",
    ]  # fmt: skip
    assert [ax.get_ylabel() for ax in figure.axes] == ["mV", "mV", "mA/cm²"]
    assert figure.axes[-1].get_xlabel() == "Simulation time (ms)"
    assert [list(lines_of(ax)) for ax in figure.axes] == [
        list(runs),
        ["control", "blocked"],
        ["control", "blocked"],
    ]
    for ax, name in zip(figure.axes, ("soma", "trunk", "ina"), strict=True):
        for condition, line in lines_of(ax).items():
            np.testing.assert_array_equal(line.get_xdata(), runs[condition][name].time_ms)
            np.testing.assert_array_equal(line.get_ydata(), runs[condition][name].values)
    assert clashes(figure) == []


def test_the_key_names_the_conditions_in_the_colours_of_their_lines():
    figure = traces(conditions())
    assert key_texts(figure) == ["control", "blocked", "short"]
    named = {handle.get_label(): handle.get_color() for handle in figure.legends[0].legend_handles}
    for ax in figure.axes:
        assert all(line.get_color() == named[condition] for condition, line in lines_of(ax).items())
    assert len(set(named.values())) == 3
    assert key_texts(traces(conditions(), recordings=["ina"])) == ["control", "blocked"]


def test_many_conditions_keep_colours_of_their_own():
    runs = {f"{number} pA": {"soma": trace(TIME_MS * number)} for number in range(12)}
    (ax,) = traces(runs).axes
    assert len({to_hex(line.get_color()) for line in ax.lines}) == 12


def test_chosen_recordings_are_drawn_in_their_order():
    figure = traces(conditions(), recordings=["ina", "soma"])
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "ina: ina at soma_0(0)",
        "soma: v at soma_0(0)",
    ]
    assert len(traces(conditions(), recordings="trunk").axes) == 1


def test_only_the_window_is_drawn_and_sets_the_limits():
    figure = traces(conditions(), t_from_ms=20, t_to_ms=60)
    for ax in figure.axes:
        for line in ax.lines:
            assert line.get_xdata().min() == 20.0
            assert line.get_xdata().max() == (24.5 if line.get_label() == "short" else 60.0)
        assert ax.get_xlim() == (20, 60)
    late = traces(conditions(), t_from_ms=50)
    assert list(lines_of(late.axes[0])) == ["control", "blocked"]


def test_the_baseline_is_the_mean_of_the_two_ms_before():
    runs = conditions()
    figure = traces(runs, relative_to_baseline_at_ms=10)
    before = slice(16, 21)  # 8 to 10 ms in steps of 0.5
    for ax, name in zip(figure.axes, ("soma", "trunk", "ina"), strict=True):
        for condition, line in lines_of(ax).items():
            values = runs[condition][name].values
            np.testing.assert_allclose(line.get_ydata(), values - values[before].mean(), rtol=1e-12)
        assert ax.get_ylabel().endswith("\nfrom baseline")
    # The baseline may lie outside what is drawn.
    windowed = traces(runs, recordings=["ina"], t_from_ms=50, relative_to_baseline_at_ms=10).axes[0]
    assert lines_of(windowed)["control"].get_ydata()[0] == pytest.approx(-5 * (50 - 9))
    with pytest.raises(
        ModelError, match=r"'soma' of 'short' has no sample .* runs from 0 to 24.5 ms"
    ):
        traces(runs, relative_to_baseline_at_ms=60)


def test_together_the_recordings_of_a_unit_share_a_panel():
    runs = conditions()
    figure = traces(runs, together=True)
    assert [ax.get_ylabel() for ax in figure.axes] == ["mV", "mA/cm²"]
    assert [len(ax.lines) for ax in figure.axes] == [5, 2]
    looks = {
        (line.get_color(), line._dash_pattern[1] and tuple(line._dash_pattern[1]))
        for line in figure.axes[0].lines
    }
    assert len(looks) == 5
    recordings = figure.axes[0].get_legend()
    assert [text.get_text() for text in recordings.get_texts()] == [
        "soma: v at soma_0(0)",
        "trunk: v at trunk_37(0.5)",
    ]
    assert clashes(figure) == []


def test_together_the_recordings_of_a_single_condition_differ_in_colour():
    figure = traces({"control": conditions()["control"]}, together=True)
    lines = figure.axes[0].lines
    key = figure.axes[0].get_legend().legend_handles
    assert [line.get_color() for line in lines] == [handle.get_color() for handle in key]
    assert len({line.get_color() for line in lines}) == len(lines) == 2
    assert figure.get_suptitle() == "control"


def test_traces_that_cannot_be_drawn_are_refused():
    runs = conditions()
    with pytest.raises(
        ModelError, match=r"recording 'some' is in no condition. Did you mean 'soma'\?"
    ):
        traces(runs, recordings=["some"])
    for nothing in ({}, {"control": {}}):
        with pytest.raises(ModelError, match="no trace to draw"):
            traces(nothing)
    with pytest.raises(ModelError, match="no trace has samples from 200 to inf ms"):
        traces(runs, t_from_ms=200)
    runs["blocked"]["soma"] = trace(TIME_MS, unit="nA")
    with pytest.raises(ModelError, match="'mV' in 'control', 'nA' in 'blocked'"):
        traces(runs)
