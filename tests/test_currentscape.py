"""What a currentscape comes to: tables, figure, command, and what it refuses."""

import json

import numpy as np
import pytest
from drawn_figures import colliding
from following import advised, advised_number, told

import netpyne_model as ca1
from netpyne_model import analysis, figures
from netpyne_model.analysis.current_shares import SPIKE_MS
from netpyne_model.commands import main
from netpyne_model.errors import ModelError
from netpyne_model.figures.currentscapes import CURRENT_COLOURS, MOST_SAMPLES, current_colours

# A place cell from before its track on; a field that begins at once.
FIELDS = {
    "setup": "place_cell",
    "duration_ms": 900.0,
    "field_centre_fraction": 0.22,
    "dc_nA": 0.12,
    "record_membrane_currents_ms": 0.5,
    "record_membrane_currents_from_ms": 300.0,
}


@pytest.fixture(scope="module")
def result():
    run = ca1.Trial(**FIELDS).run()
    assert len(run.spike_times_ms) > 2
    return run


@pytest.fixture(scope="module")
def scape(result):
    return analysis.currentscape(result)


def test_means_and_shares_are_those_of_the_parts(scape):
    table = analysis.mean_parts(scape)
    assert (table["mean_nA"] > 0).all()
    np.testing.assert_allclose(table.groupby("side")["share"].sum(), 1.0, rtol=1e-12)
    largest = table["mean_nA"].idxmax()
    part = scape["part_nA"].sel(dict(zip(("side", "current", "region"), largest, strict=True)))
    assert table.loc[largest, "mean_nA"] == pytest.approx(float(part.mean()))
    early = analysis.mean_parts(scape, np.arange(scape.sizes["time_ms"]) < 10)
    assert early.loc[largest, "mean_nA"] == pytest.approx(float(part[:10].mean()))
    with pytest.raises(ModelError, match="no sample of the currents"):
        analysis.mean_parts(scape, np.zeros(scape.sizes["time_ms"], bool))
    longer = np.ones(scape.sizes["time_ms"], bool)
    assert analysis.mean_parts(scape, longer).loc[largest, "mean_nA"] == pytest.approx(
        table.loc[largest, "mean_nA"]
    )


def test_the_ramp_is_what_changes_in_the_field(result, scape):
    table = analysis.ramp_parts(result, scape)
    track_ms = result.track.track_time_ms(scape["time_ms"].to_numpy())
    inside = result.track.inside(track_ms)
    away = analysis.away_from_spikes(scape["time_ms"].to_numpy(), result.spike_times_ms)
    counted = (track_ms >= 0) & away
    net = scape["part_nA"].sel(side="inward") - scape["part_nA"].sel(side="outward")
    for samples, column in ((inside & counted, "inside_nA"), (~inside & counted, "outside_nA")):
        assert samples.any()
        expected = net.isel(time_ms=np.flatnonzero(samples)).mean("time_ms")
        for (current, region), row in table.iterrows():
            one = float(expected.sel(current=current, region=region))
            assert row[column] == pytest.approx(one, abs=1e-12)
    np.testing.assert_allclose(table["change_nA"], table["inside_nA"] - table["outside_nA"])
    np.testing.assert_allclose(
        table["share"], table["change_nA"] / table["change_nA"][table["change_nA"] > 0].sum()
    )
    # What goes in comes out: the changes of all parts sum to nothing.
    assert table["change_nA"].sum() == pytest.approx(0, abs=1e-10)


def test_samples_of_spikes_are_left_out():
    time_ms = np.arange(0, 60, 0.5)
    away = analysis.away_from_spikes(time_ms, [20.0, 40.0])
    before, after = SPIKE_MS
    expected = [not any(-before <= one - spike <= after for spike in (20, 40)) for one in time_ms]
    assert away.tolist() == expected


def test_before_spikes_counts_those_with_a_quiet_window(result, scape):
    before = analysis.before_spikes(scape, result.spike_times_ms)
    kept = before["spike_ms"].to_numpy()
    spikes = result.spike_times_ms
    begin, end = analysis.BEFORE_SPIKE_MS
    since = np.diff(spikes, prepend=-np.inf)
    assert kept.tolist() == [
        spike
        for spike, gap in zip(spikes, since, strict=True)
        if gap > begin + SPIKE_MS[1] and spike - begin >= 300.0
    ]
    assert len(kept)
    window = scape["part_nA"].sel(time_ms=slice(kept[0] - begin, kept[0] - end))
    np.testing.assert_allclose(before[0], window.mean("time_ms"), atol=1e-15)
    assert analysis.before_spikes(scape, []).sizes["spike_ms"] == 0


def test_a_place_may_be_a_region_a_section_a_segment_or_a_site(result):
    soma = analysis.currentscape(result, "soma", to_ms=310.0)
    segment = analysis.currentscape(result, "soma_0(0.5)", to_ms=310.0)
    assert soma.sizes == segment.sizes
    trunk = analysis.currentscape(result, "trunk", to_ms=310.0)
    assert float(trunk["own_nA"].sel(current="AMPA").sum()) > 0  # of spines solved with the trunk
    assert float(trunk["own_nA"].sel(current="persistent nax").sum()) == 0  # the axon's
    reaching = analysis.currentscape(result, "trunk")["part_nA"]
    assert float(reaching.sel(current="persistent nax").sum()) > 0
    site = analysis.currentscape(result, "distal_trunk", to_ms=310.0)
    name = result.sites["distal_trunk"].section
    end = result.membrane_currents.nodes.query("section == @name and is_segment")["x"].max()
    same = analysis.currentscape(result, f"{name}({float(end)!r})", to_ms=310.0)
    np.testing.assert_array_equal(site["part_nA"], same["part_nA"])
    potential = site["potential_mV"].to_numpy()
    recorded = np.interp(site["time_ms"], result.time_ms, result.voltage_mV["distal_trunk"])
    assert np.abs(potential - recorded).max() < 1  # of the segment's centre, not of its end


@pytest.mark.parametrize(
    ("place", "message", "advice"),
    [
        ("trunck", "place 'trunck': expected a region, ", "Did you mean '(.*)'"),
        ("apical", "place 'apical': it is in 22 pieces, ", r"such as (\w+)\."),
        ("nowhere(0.5)", "place 'nowhere(0.5)': expected a region", r"a section such as (\w+),"),
        ("nowhere(0.5)", "place 'nowhere(0.5)': expected a region", r"as in (\S+),"),
    ],
)
def test_a_place_that_is_not_there_or_in_pieces_is_told_and_another_taken(
    result, place, message, advice
):
    line = told(lambda: analysis.currentscape(result, place, to_ms=310.0), message)
    scape = analysis.currentscape(result, advised(line, advice), to_ms=310.0)
    assert float(scape["part_nA"].sum()) > 0


def test_a_span_that_was_not_recorded_is_refused(result, scape):
    with pytest.raises(ModelError, match="expected a span within 300 to 900 ms"):
        analysis.currentscape(result, to_ms=200.0)
    with pytest.raises(ModelError, match="currents in the place field: none were recorded"):
        inside = result.track.start_ms + 10
        analysis.ramp_parts(result, analysis.currentscape(result, from_ms=inside, to_ms=inside + 5))
    assert len(analysis.ramp_parts(result, scape))


def test_runs_without_currents_or_track_say_what_to_set():
    def run(duration_ms=5, **settings):
        return ca1.Protocol(duration_ms=duration_ms, dt_ms=0.025, **settings).run(ca1.Cell())

    line = told(lambda: analysis.currentscape(run()), "this run has no membrane currents; ")
    step_ms = advised_number(line, r"run it with record_membrane_currents_ms=([\d.]+)")
    without = run(record_membrane_currents_ms=step_ms)
    scape = analysis.currentscape(without)
    told(
        lambda: analysis.ramp_parts(without, scape),
        "this run has no place field; take what_changes with spans of your own.",
    )
    late = scape["time_ms"].to_numpy() > 2
    changes = analysis.what_changes(scape, late, np.ones(len(late), bool))
    assert changes["change_nA"].sum() == pytest.approx(0, abs=1e-10)
    told(lambda: analysis.TrialOnTrack(without).track, "or run it with PlaceFieldInput.")
    few = ca1.PlaceFieldInput(n_excitatory=10, n_inhibitory=5)
    on_track = run(few.begins_ms + 5, stimuli=few)
    assert analysis.TrialOnTrack(on_track).track is on_track.track


def test_the_figure_has_every_larger_current_once(result, scape):
    figure = figures.currentscape(scape, title="Soma", spikes_ms=result.spike_times_ms)
    assert not colliding(figure)
    potential, currents, by_current, by_region = figure.axes
    names = [text.get_text() for text in currents.get_legend().get_texts()]
    assert {"AMPA", "NMDA", "persistent nas", "transient nax", "GABA_A", "kdr"} <= set(names)
    assert len(names) == len(set(names))
    # Both sides of every current, and the shares reach 100 % on each.
    assert len(by_current.collections) == 2 * len(names)
    tops = [path.vertices[:, 1] for one in by_current.collections for path in one.get_paths()]
    assert max(one.max() for one in tops) == pytest.approx(100, abs=1e-6)
    assert min(one.min() for one in tops) == pytest.approx(-100, abs=1e-6)
    assert len(by_region.get_legend().get_texts()) > 3
    assert len(potential.lines[0].get_xdata()) <= MOST_SAMPLES


def test_colours_differ_and_new_currents_have_some():
    assert len(set(CURRENT_COLOURS.values())) == len(CURRENT_COLOURS)
    colours = current_colours(["dynamic clamp", "AMPA", "others", "mine"])
    assert list(colours) == ["AMPA", "dynamic clamp", "mine", "others"]
    assert len(set(colours.values())) == 4


def test_the_command_prints_tables_and_draws(result, tmp_path, capsys):
    folder = ca1.save(result, tmp_path / "run")
    assert main(["currentscape", str(folder)]) == 0
    printed = capsys.readouterr().out
    for words in (
        "Mean of each side (300 to 900 ms, n = 1201)",
        "What makes the ramp",
        "20 to 1 ms before",
    ):
        assert words in printed
    assert (folder / "currentscape.png").exists()
    assert (folder / "currentscape.svg").exists()
    out = tmp_path / "ais.svg"
    options = ["--at", "ais", "--from", "400", "--to", "450", "--json", "--out", str(out)]
    assert main(["currentscape", str(folder / "results.nwb"), *options]) == 0
    tables = json.loads(capsys.readouterr().out)
    (means,) = [rows for name, rows in tables.items() if name.startswith("Mean")]
    assert {"side", "current", "region", "mean_nA", "share"} == set(means[0])
    assert tables["figures"] == [str(out.with_suffix(".png")), str(out)]
    assert main(["currentscape", str(folder), "--out", str(tmp_path / "scape.pdf")]) == 2
    ending = advised(capsys.readouterr().err, r"expected a name that ends in (\.\w+) or")
    out = tmp_path / f"scape{ending}"
    assert main(["currentscape", str(folder), "--to", "400", "--out", str(out)]) == 0
    assert out.is_file()
