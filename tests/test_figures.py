"""The figures show what they are given, with units, without overlaps, and the same bytes every time."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_figures import colliding
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection

from netpyne_model import figures
from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.figures import MAX_DOTS, overview, save
from netpyne_model.morphology import read_section_table
from netpyne_model.results import CurrentStep, Result, Site, Track

CELL = read_section_table()
ANGLES = {
    "soma": 270,
    "axon_hill": 300,
    "ais": 300,
    "axon": 300,
    "basal": 250,
    "trunk": 90,
    "apical": 20,
    "tuft": 70,
}


def flat_layout():
    """Every section straight, at an angle of its region and number; lengths are exact."""
    ends = np.zeros((len(CELL), 2, 3), np.float32)
    for section in CELL.sections:
        if section.parent is not None:
            ends[section.index, 0] = ends[section.parent, int(section.parent_loc)]
        angle = np.radians(
            ANGLES[section.region]
            + (0 if section.region == "trunk" else 7 * (section.index % 9) - 28)
        )
        ends[section.index, 1] = ends[section.index, 0] + section.length_um * np.array(
            [np.cos(angle), np.sin(angle), 0]
        )
    return ends


LAYOUT = flat_layout()


@pytest.fixture(scope="module")
def replay():
    """The first 3.7 s of the published place-cell trial: its events, voltages and spikes."""
    events = pd.read_csv(REFERENCE / "place" / "replay_events.csv.gz")
    voltages = pd.read_csv(REFERENCE / "place" / "replay_voltage.csv.gz")
    synapses = (
        events.drop(columns="time_ms")
        .drop_duplicates("synapse")
        .sort_values("synapse", ignore_index=True)
    )
    times = dict(list(events.dropna().groupby("synapse")["time_ms"]))
    trains = [
        np.sort(times[row].to_numpy()) if row in times else np.empty(0)
        for row in synapses["synapse"]
    ]
    sites = {}
    for name, section, x in (
        ("soma", "soma_0", 0.0),
        ("proximal_trunk", "trunk_37", 1.0),
        ("distal_trunk", "trunk_50", 1.0),
    ):
        index = CELL.section(section).index
        position = (1 - x) * LAYOUT[index, 0] + x * LAYOUT[index, 1]
        sites[name] = Site(name, section, x, CELL.path_distance(index, x), position)
    return Result(
        configuration={"setup": "place_cell", "seed": 0},
        time_ms=np.arange(len(voltages)) * 0.2,
        voltage_mV={name: voltages[f"{name}_mV"].to_numpy() for name in sites},
        sites=sites,
        spike_times_ms=pd.read_csv(REFERENCE / "place" / "replay_soma_spikes.csv")[
            "time_ms"
        ].to_numpy(),
        stimulus=(),
        synapses=synapses,
        presynaptic_ms=trains,
        released_ms=trains,
        track=Track(
            kind="time",
            lap_ms=7500.0,
            settling_ms=250.0,
            lead_in_ms=300.0,
            centre_ms=4500.0,
            width_ms=3000.0,
        ),
    )


@pytest.fixture(scope="module")
def lap(replay):
    """The same, told as one lap of a circular track with DC, the field across the start."""
    track = dataclasses.replace(
        replay.track,
        kind="circular",
        lap_ms=3150.0,
        length_cm=94.5,
        centre_ms=300.0,
        width_ms=900.0,
    )
    return dataclasses.replace(
        replay,
        configuration={"setup": "silent_cell", "seed": 12},
        stimulus=(CurrentStep("soma_0", 0.0, 0.0, 3700.0, 0.1),),
        track=track,
    )


def few(trial, n):
    return dataclasses.replace(
        trial,
        synapses=trial.synapses[:n],
        presynaptic_ms=trial.presynaptic_ms[:n],
        released_ms=trial.released_ms[:n],
    )


def panels(figure):
    """Axes by the first line of their y label; the raster is `raster`."""
    named = {ax.get_ylabel().split("\n")[0]: ax for ax in figure.axes if ax.get_ylabel()}
    raster = next(
        ax for ax in figure.axes if any("CA3" in text.get_text() for text in ax.get_yticklabels())
    )
    return named | {"raster": raster}


def test_the_overview_names_every_quantity_with_its_unit(replay):
    figure = overview(replay, LAYOUT, CELL)
    labels = {ax.get_ylabel() for ax in figure.axes} | {ax.get_xlabel() for ax in figure.axes}
    assert {
        "Soma\n(mV)",
        "Distal trunk\n(mV)",
        "Rate\n(Hz)",
        "Ramp\n(mV)",
        "Track time (s)",
    } <= labels
    assert figure.get_suptitle() == (
        "Place cell crossing its place field, seed 0: 3 output spikes, 2 in the field"
    )
    groups = [text.get_text() for text in panels(figure)["raster"].get_yticklabels()]
    assert groups[0] == "CA3 (2,851)"
    assert groups[-1] == "tuft feedback (154)"
    assert len(groups) == 8


def test_the_title_of_a_lap_says_set_up_dc_and_seed_and_the_track_has_positions(lap):
    figure = overview(lap, LAYOUT, CELL)
    title = figure.get_suptitle()
    assert title == (
        "Silent cell crossing its place field, +0.1 nA at the soma, seed 12: 3 output spikes,"
        " 2 in the field"
    )
    (position,) = panels(figure)["raster"].child_axes
    assert position.get_xlabel() == "Track position (cm)"
    FigureCanvasAgg(figure).draw()
    first, last = panels(figure)["raster"].get_xlim()
    assert position.get_xlim() == pytest.approx((30 * first, 30 * last))  # 30 cm/s


def test_texts_do_not_overlap(replay, lap):
    assert colliding(overview(replay, LAYOUT, CELL)) == []
    assert colliding(overview(lap, LAYOUT, CELL)) == []


def test_the_raster_draws_each_spike_of_a_small_trial_at_its_track_time(replay):
    trial = few(replay, 40)
    raster = panels(overview(trial, LAYOUT, CELL))["raster"]
    drawn = np.concatenate(
        [
            dots.get_offsets()[:, 0]
            for dots in raster.collections
            if isinstance(dots, PathCollection)
        ]
    )
    wanted = (np.concatenate(trial.presynaptic_ms) - 550.0) / 1e3
    np.testing.assert_allclose(np.sort(drawn), np.sort(wanted), rtol=1e-12)


def test_a_large_raster_is_thinned_and_says_so(replay):
    raster = panels(overview(replay, LAYOUT, CELL))["raster"]
    drawn = sum(
        len(dots.get_offsets()) for dots in raster.collections if isinstance(dots, PathCollection)
    )
    total = sum(len(train) for train in replay.presynaptic_ms)
    assert total > MAX_DOTS >= drawn > MAX_DOTS / 2
    assert f"Input spikes: {drawn:,} drawn of {total:,}" in {
        text.get_text() for text in raster.texts
    }


def test_inputs_are_sorted_by_the_place_of_their_peak(replay):
    trial = few(replay, 40)
    peak = np.arange(40.0)[::-1]
    trial = dataclasses.replace(trial, synapses=trial.synapses.assign(peak=peak, group="CA3"))
    raster = panels(overview(trial, LAYOUT, CELL))["raster"]
    offsets = np.concatenate(
        [dots.get_offsets() for dots in raster.collections if isinstance(dots, PathCollection)]
    )
    heights = np.unique(offsets[:, 1])
    spiking = [train for train in trial.presynaptic_ms[::-1] if len(train)]
    assert len(heights) == len(spiking) > 10
    for height, train in zip(heights, spiking, strict=True):
        drawn = offsets[offsets[:, 1] == height, 0]
        np.testing.assert_allclose(np.sort(drawn), (train - 550) / 1e3, rtol=1e-12)


def test_every_driven_synapse_is_a_dot_beside_its_section(replay):
    cell_ax = overview(replay, LAYOUT, CELL).axes[0]
    dots = [item.get_offsets() for item in cell_ax.collections if isinstance(item, PathCollection)]
    assert sum(len(one) for one in dots) == len(replay.synapses)
    ca3 = replay.synapses[replay.synapses["group"] == "CA3"]
    x = ca3["x"].to_numpy()[:, None]
    on_section = (1 - x) * LAYOUT[ca3["section"], 0, :2] + x * LAYOUT[ca3["section"], 1, :2]
    distance = np.hypot(*(dots[0] - on_section).T)
    np.testing.assert_allclose(distance, 2.0, rtol=1e-4)  # um; float32 layout


def test_spikes_survive_in_the_thinned_voltage(replay):
    n = 300_000
    v = np.full(n, -65.0)
    v[123_457] = 31.0
    trial = dataclasses.replace(
        few(replay, 5), time_ms=np.arange(n) * 0.025, voltage_mV=dict.fromkeys(replay.voltage_mV, v)
    )
    line = next(
        line
        for line in panels(overview(trial, LAYOUT, CELL))["Soma"].lines
        if len(line.get_xdata()) > 2
    )
    assert len(line.get_xdata()) <= 20_001
    assert line.get_ydata().max() == 31.0
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(
        (123_457 * 0.025 - 550) / 1e3
    )


@pytest.mark.parametrize("stop_ms", [100.0, 400.0, 600.0])
def test_a_run_that_stops_early_is_drawn(replay, stop_ms):
    n = round(stop_ms / 0.2)
    trial = dataclasses.replace(
        replay,
        time_ms=replay.time_ms[:n],
        voltage_mV={name: trace[:n] for name, trace in replay.voltage_mV.items()},
        spike_times_ms=np.empty(0),
    )
    FigureCanvasAgg(overview(trial, LAYOUT, CELL)).draw()


def test_a_run_without_inputs_field_and_trunk_site_is_drawn(replay):
    trial = dataclasses.replace(
        few(replay, 0),
        voltage_mV={"soma": replay.voltage_mV["soma"]},
        sites={"soma": replay.sites["soma"]},
        track=Track(kind="time", lap_ms=7500.0, settling_ms=250.0, lead_in_ms=300.0),
        configuration={},
    )
    FigureCanvasAgg(overview(trial, LAYOUT, CELL)).draw()


def test_every_section_is_a_line_as_wide_as_it_is_thick():
    figure = figures.morphology(CELL, LAYOUT, title="CA1")
    (lines,) = [item for item in figure.axes[0].collections if isinstance(item, LineCollection)]
    np.testing.assert_allclose(np.array(lines.get_segments()), LAYOUT[:, :, :2], rtol=1e-6)
    diameters = [section.mean_diam_um for section in CELL.sections]
    np.testing.assert_array_equal(
        np.argsort(lines.get_linewidths(), kind="stable"), np.argsort(diameters, kind="stable")
    )
    assert figure.axes[0].get_aspect() == 1.0
    assert colliding(figure) == []


def test_saving_gives_the_same_bytes_at_150_dpi(replay, tmp_path):
    trial = few(replay, 100)
    for name in ("a.png", "b.png"):
        save(overview(trial, LAYOUT, CELL), tmp_path / name)
    content = (tmp_path / "a.png").read_bytes()
    assert content == (tmp_path / "b.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[i : i + 4], "big") for i in (16, 20))
    assert (width, height) == (2250, 1425)  # 15 x 9.5 inches
    assert b"Software" not in content
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_saving_into_no_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="choose a folder"):
        save(figures.morphology(CELL, LAYOUT), tmp_path / "missing" / "cell.png")


def test_figures_leave_pyplot_and_the_simulator_alone():
    code = "import sys, netpyne_model.figures; assert not {'matplotlib.pyplot', 'neuron'} & set(sys.modules)"
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1], timeout=60
    )
