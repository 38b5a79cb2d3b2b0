"""Figures of traces show the numbers they are given, in panels of one unit each."""

from types import SimpleNamespace

import numpy as np
import pytest
from drawn_figures import clashes, key_texts
from matplotlib.colors import to_hex

from netpyne_model.errors import ModelError
from netpyne_model.figures import traces

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
