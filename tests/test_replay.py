"""Replay of published trials: same released events, voltages and spikes of the published model."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from following import advised, told

from netpyne_model.benchmarks import replay as replays
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.simulation import run_trial

PLACE = REFERENCE / "place"
SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "check_replay.py"
FEW = {"duration_ms": 5.0, "n_excitatory": 0, "n_inhibitory": 0}
SITES = ("soma", "proximal_trunk", "distal_trunk")


def largest_differences(result, until_ms: float) -> dict[str, float]:
    """Largest |dv| in mV against the published voltages, by site."""
    published = pd.read_csv(PLACE / "replay_voltage.csv.gz")
    inside = (published["t_ms"] <= until_ms).to_numpy()
    times_ms = published["t_ms"].to_numpy()[inside]
    return {
        site: float(
            np.abs(
                np.interp(times_ms, result.time_ms, result.voltage_mV[site])
                - published[f"{site}_mV"].to_numpy()[inside]
            ).max()
        )
        for site in SITES
    }


def replay(**fields):
    events = {"setup": "place_cell", "events_file": str(PLACE / "replay_events.csv.gz")}
    return run_trial(load_configuration(None, events | fields))


def test_the_first_part_of_the_replay():
    """Within 0.01 mV with solved spines, fused channels and fast receptors; measured 0.005.

    The whole replay with its spikes: scripts/check_replay.py.
    """
    result = replay(duration_ms=500.0)
    differences = largest_differences(result, until_ms=499.0)
    assert max(differences.values()) < 0.01, differences


@pytest.mark.slow
def test_the_replay_with_every_spine_explicit():
    """11,294 spines as sections, as published: what is left is rounding and the four digits of the table (measured 8e-5)."""
    published = {"spines": "explicit", "receptors": "generated", "channels": "separate"}
    differences = largest_differences(replay(duration_ms=280.0, **published), until_ms=279.0)
    assert max(differences.values()) < 2e-4, differences


@pytest.mark.slow
def test_generated_receptors_give_the_same_voltage():
    """The receptors converted from NeuroML and those written by hand solve the same step: they differ by rounding."""
    fast = replay(duration_ms=300.0, spines="folded")
    generated = replay(duration_ms=300.0, spines="folded", receptors="generated")
    for site in SITES:
        np.testing.assert_allclose(
            generated.voltage_mV[site], fast.voltage_mV[site], rtol=0, atol=1e-6
        )


def ran(spikes_ms, shift_mV=0.0, end_ms=100.0):
    """A run of the site ``soma``, at -70 mV but for a shift from 40 ms on."""
    time_ms = np.arange(0, end_ms + 0.05, 0.1)
    return SimpleNamespace(
        time_ms=time_ms,
        voltage_mV={"soma": -70 + shift_mV * (time_ms >= 40)},
        spike_times_ms=np.array(spikes_ms, float),
        configuration={"dt_ms": 0.025},
    )


def published(spikes_ms, **columns) -> replays.PublishedTrial:
    time_ms = np.arange(0, 100.1, 0.2)
    voltage_mV = pd.DataFrame(columns or {"soma": -70.0 + 0 * time_ms}, index=time_ms)
    return replays.PublishedTrial("made up", Path("none"), np.array(spikes_ms, float), voltage_mV)


def said(compared, steps=1.0) -> str:
    lines = []
    replays.report(compared, steps, 0.1, lines.append)
    return "\n".join(lines)


def test_a_spike_in_the_next_step_is_the_same_and_one_later_is_not():
    compared = replays.compare(published([50, 60.2]), ran([50.0004, 60.225]))
    assert compared.agrees(steps=1, largest_mV=0.1)
    assert not compared.agrees(steps=0, largest_mV=0.1)
    late = replays.compare(published([50, 60.2]), ran([50, 60.25]))
    assert late.out_of_step(1) == [(60.2, 60.25)]
    assert not late.agrees(1, 0.1)
    assert "60.200 ms comes at 60.250, +0.050 ms" in said(late)
    assert late.agrees(2, 0.1)


def test_missing_and_added_spikes_are_told_in_the_order_of_time():
    compared = replays.compare(published([50, 70, 95]), ran([30, 50, 95]))
    assert (compared.missing_ms, compared.added_ms) == ([70], [30])
    assert not compared.agrees(1, 0.1)
    text = said(compared)
    assert text.index("30.000 ms is none of the published") < text.index("70.000 ms is missing")


def test_published_spikes_after_the_end_of_the_run_do_not_count():
    assert replays.compare(published([50, 99]), ran([50], end_ms=80.0)).agrees(1, 0.1)


def test_voltages_count_until_the_first_spike_of_either():
    same_spike = replays.compare(published([42]), ran([42], shift_mV=0.3))
    assert same_spike.until_ms == 37
    assert same_spike.dv_mV == {"soma": pytest.approx(0, abs=1e-12)}
    assert same_spike.parts_ms == pytest.approx(40)
    assert "voltages are first 0.1 mV apart at 40.0 ms" in said(same_spike)
    none = replays.compare(published([]), ran([], shift_mV=0.3))
    assert (none.until_ms, none.dv_mV) == (100, {"soma": pytest.approx(0.3)})
    assert not none.agrees(1, 0.1)


def test_a_site_that_the_run_does_not_record_is_told_and_recorded():
    def compared(*settings):
        run = run_trial(load_configuration(None, FEW, [*settings]))
        return replays.compare(published([], tuft=-70.0), run)

    line = told(compared, "made up: the run records no site 'tuft'; expected of soma, ")
    setting = advised(line, r"or one of yours: (.*)\.$").replace("'", "")
    recorded = compared(setting.replace("<place>", "tuft_60(0.5)"))
    assert recorded.dv_mV["tuft"] > 0


def test_all_trials_of_a_folder_are_read(tmp_path):
    events = (
        "synapse,group,section,x,kind,ampa_weight,gmax_uS,time_ms\n0,CA3,0,0.5,exc,1,0.001,61.5\n"
    )
    for name in ("one_", "two_"):
        (tmp_path / f"{name}events.csv").write_text(events)
    (tmp_path / "one_soma_spikes.csv").write_text("time_ms\n60.2\n50\n")
    pd.DataFrame({"time_ms": []}).to_csv(tmp_path / "two_spikes.csv.gz", index=False)
    table = pd.DataFrame({"t_ms": [0.0, 80.0], "soma_mV": [-67.0, -68.0]})
    table.to_csv(tmp_path / "one_voltage.csv.gz", index=False)
    one, two = replays.trials_of_folder(tmp_path)
    assert (one.name, one.spikes_ms.tolist(), one.duration_ms()) == ("one", [50, 60.2], 80)
    assert one.voltage_mV["soma"].tolist() == [-67, -68]
    assert (two.name, two.spikes_ms.size, two.voltage_mV) == ("two", 0, None)
    assert two.duration_ms() == 62  # its last event is at 61.5 ms


@pytest.mark.parametrize("content", ["time_ms\n50\n60.2\n", "50\n60.2\n", "spike\n60.2\n50\n"])
def test_a_column_of_spikes_needs_no_name(tmp_path, content):
    (tmp_path / "events.csv").touch()
    (tmp_path / "spikes.csv").write_text(content)
    trial = replays.read_trial(tmp_path / "events.csv", tmp_path / "spikes.csv")
    assert trial.spikes_ms.tolist() == [50, 60.2]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("a_events.csv", "", "a_events.csv has no spikes beside it; expected a_soma_spikes.csv"),
        ("other.csv", "", "holds no published trial; expected <name>events.csv there"),
        ("events_spikes.csv", "site,count\nsoma,3\n", "columns site, count; expected time_ms"),
        ("events_spikes.csv", "time_ms\nsoon\n", "columns time_ms; expected time_ms, in numbers"),
        ("events_voltage.csv", "t_ms,soma\n0,-67\n", "columns t_ms, soma; expected t_ms and <si"),
        ("events_voltage.csv", "", "events_voltage.csv is no CSV table"),
    ],
)
def test_tables_that_are_none_are_refused(tmp_path, file, content, says):
    if file.startswith("events_"):
        (tmp_path / "events_events.csv").touch()
        (tmp_path / "events_spikes.csv").write_text("time_ms\n")
    (tmp_path / file).write_text(content)
    with pytest.raises(ModelError) as error:
        replays.trials_of_folder(tmp_path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture
def check(monkeypatch):
    """Call the script with these arguments; returns its exit code."""

    def call(*arguments) -> int:
        specification = importlib.util.spec_from_file_location("check_replay", SCRIPT)
        script = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(script)
        monkeypatch.setattr("sys.argv", [str(SCRIPT), *map(str, arguments)])
        return script.main()

    return call


def test_the_script_takes_any_trial_and_fields(check, tmp_path, capsys):
    """A spiking run is its own published trial; with a spike moved by two steps it is not."""
    events = pd.read_csv(PLACE / "replay_events.csv.gz")
    events[events["synapse"] < 50].to_csv(tmp_path / "events.csv", index=False)
    fields = {"setup": "silent_cell", "dc_nA": 0.8, "dc_start_ms": 10.0, "duration_ms": 80.0}
    result = run_trial(load_configuration(None, fields, {"events_file": tmp_path / "events.csv"}))
    assert len(result.spike_times_ms) > 1
    spikes = pd.DataFrame({"time_ms": result.spike_times_ms})
    spikes.to_csv(tmp_path / "spikes.csv", index=False)
    settings = [f"{name}={value}" for name, value in fields.items()]
    assert check(*settings, "--data", tmp_path) == 0
    assert f"{len(spikes)} of them pairs; largest shift 0.000 ms" in capsys.readouterr().out
    spikes.loc[1] += 0.05
    spikes.to_csv(tmp_path / "late.csv", index=False)
    tables = ["--events", tmp_path / "events.csv", "--spikes", tmp_path / "late.csv"]
    assert check(*tables, *settings) == 1
    assert ", -0.050 ms\nDIFFERS" in capsys.readouterr().out
    with pytest.raises(ModelError, match="--events without --spikes; give both"):
        check(*tables[:2])
