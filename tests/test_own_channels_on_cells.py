"""Channels of a user's own on a cell: currents that are recorded, potentials that stay, densities of 0."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from channel_texts import changed, written
from environments import without_pythonpath

from netpyne_model import Cell, CurrentClamp, Protocol, Trial
from netpyne_model.commands import main
from netpyne_model.exports import write_netpyne
from netpyne_model.mechanisms.user_channels import read_user_channel

DATA = Path(__file__).parent / "data"
KSLOW = (DATA / "kslow.mod").read_text()
CATION = (DATA / "cation.mod").read_text()
# A calcium channel with a pool of its own, which NEURON takes as a reason to work out eca.
POOLED = """
NEURON { SUFFIX cap  USEION ca READ eca, cai WRITE ica, cai  RANGE gbar }
UNITS { (S) = (siemens) (mV) = (millivolt) (mA) = (milliamp) (mM) = (milli/liter) }
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT {
    SOLVE pool METHOD cnexp
    ica = gbar*(v - eca)/(1 + exp(-(v + 20)/5))
}
DERIVATIVE pool { cai' = -20*ica - (cai - 5e-5)/50 }
"""
TWO_CURRENTS = changed(
    CATION,
    ("NONSPECIFIC_CURRENT ih", "NONSPECIFIC_CURRENT ih, il"),
    ("v (mV) ih (mA/cm2)", "v (mV) ih (mA/cm2) il (mA/cm2)"),
    ("    ih = (0.001)*g*(v - eh)", "    ih = (0.001)*g*(v - eh)\n    il = (0.0002)*g*(v - eh)"),
)
STEP = CurrentClamp(amplitude_nA=-0.2, start_ms=1)
MODES = [{}, {"dt_ms": 0.025}]


def recorded(cell, record, **options):
    protocol = Protocol(duration_ms=5, stimuli=[STEP], record=record, **options)
    return {name: one.values for name, one in protocol.run(cell).recordings.items()}


@pytest.mark.parametrize("options", MODES, ids=["variable", "fixed"])
def test_the_current_of_a_channel_whatever_its_name(tmp_path, options):
    path = written(tmp_path, changed(CATION, (" eh,", "")))  # nor is its potential RANGE
    cell = Cell().with_channel("own", path, {"soma": 1e-4}, e_mV=-25)
    record = {"i": "own.i soma", "ih": "own.ih soma", "g": "own.g soma", "v": "soma_0(0.5)"}
    protocol = Protocol(duration_ms=5, stimuli=[STEP], record=record, **options)
    result = protocol.run(cell)
    one = {name: result.recordings[name].values for name in ("i", "ih", "g")}
    assert np.array_equal(one["i"], one["ih"])
    assert result.recordings["i"].unit == "mA/cm2"
    expected = 1e-3 * one["g"] * (result.voltage_mV["v"] + 25)
    np.testing.assert_allclose(one["i"], expected, rtol=1e-12)
    assert np.ptp(one["i"]) > 0


@pytest.mark.parametrize("options", MODES, ids=["variable", "fixed"])
def test_several_currents_are_recorded_as_their_sum(tmp_path, options):
    path = written(tmp_path, TWO_CURRENTS)
    cell = Cell().with_channel("own", path, {"soma": 1e-4}, e_mV=-30)
    record = {name: f"own.{name} soma" for name in ("i", "ih", "il")}
    one = recorded(cell, record, **options)
    assert np.array_equal(one["i"], one["ih"] + one["il"])
    np.testing.assert_allclose(one["il"], 0.2 * one["ih"], rtol=1e-12)


def test_an_ion_s_current_need_not_be_range(tmp_path):
    path = written(tmp_path, changed(KSLOW, ("minf, ik", "minf")))
    record = {"i": "own.i soma", "ik": "own.ik soma"}
    plain = Cell().with_channel("own", DATA / "kslow.mod", {"soma": 1e-3})
    cell = Cell().with_channel("own", path, {"soma": 1e-3})
    one, other = recorded(cell, record), recorded(plain, record)
    assert np.array_equal(one["i"], other["i"])
    assert np.array_equal(one["i"], one["ik"])


# -- reversal potentials stay -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", MODES, ids=["variable", "fixed"])
def test_reversal_potentials_stay_beside_a_pool(tmp_path, options):
    cell = Cell().with_channel("cap", written(tmp_path, POOLED), {"soma": 1e-2}, e_mV=120)
    one = recorded(cell, {"e": "ca.e soma", "cai": "ca.inside soma", "i": "cap.i soma"}, **options)
    assert set(one["e"]) == {120.0}
    assert np.ptp(one["cai"]) > 1e-6  # the pool itself moves


def test_in_a_trial_too(tmp_path):
    cell = Cell().with_channel("cap", written(tmp_path, POOLED), {"soma": 1e-3}, e_mV=120)
    # Concentrations that are read make NEURON work out ek at the start.
    reading = changed(KSLOW, ("READ ek", "READ ek, ki"), ("ek (mV)", "ek (mV) ki (mM)"))
    cell = cell.with_channel("kc", written(tmp_path, reading, "kc.mod"), {"soma": 1e-4})
    record = {"eca": "ca.e soma", "ek": "k.e soma"}
    trial = Trial(cell=cell, duration_ms=5, n_excitatory=20, n_inhibitory=5, record=record)
    recordings = trial.run().recordings
    ek_mV = cell.table()["k.e"][0]
    assert {name: set(one.values) for name, one in recordings.items()} == {
        "eca": {120.0},
        "ek": {ek_mV},
    }


AT_THE_END = """
import runpy, sys
soma = runpy.run_path(sys.argv[1])["sim"].net.cells[0].secs["soma_0"]["hObj"](0.5)
print("AT THE END", soma.eca, soma.ek, soma.cai)
"""


def at_the_end(folder) -> list[float]:
    """Reversal potentials of calcium and potassium, and calcium, that the run of a folder leaves."""
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_END, folder / "init.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=without_pythonpath(),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("AT THE END"))
    return [float(word) for word in line.split()[3:]]


@pytest.mark.slow
def test_in_an_exported_folder_too(tmp_path):
    cell = Cell().with_channel("cap", written(tmp_path, POOLED), {"soma": 1e-3}, e_mV=120)
    reading = changed(KSLOW, ("READ ek", "READ ek, ki"), ("ek (mV)", "ek (mV) ki (mM)"))
    cell = cell.with_channel("kc", written(tmp_path, reading, "kc.mod"), {"soma": 1e-4})
    trial = Trial(cell=cell, duration_ms=3, n_excitatory=20, n_inhibitory=5)
    folder = write_netpyne(trial, tmp_path / "exported")
    eca_mV, ek_mV, cai_mM = at_the_end(folder)
    assert (eca_mV, ek_mV) == (120, pytest.approx(cell.table()["k.e"][0], abs=1e-9))
    assert abs(cai_mM - 5e-5) > 1e-9  # the pool itself moves
    # Without the lines that hold them NEURON works both out of the concentrations.
    parameters = folder / "netParams.py"
    parameters.write_text(re.sub(r"(?m)^at_start = .*$", "", parameters.read_text()))
    eca_mV, ek_mV, _ = at_the_end(folder)
    assert abs(eca_mV - 120) > 1
    assert abs(ek_mV - cell.table()["k.e"][0]) > 1


# -- densities of 0 ---------------------------------------------------------------------------------------------------

BLOCKED = Cell().with_rule("all", "nas.gbar", factor=0).with_rule("all", "h.gbar", factor=0)


def test_a_channel_that_is_blocked_is_a_column_of_zeros():
    plain, blocked = Cell().table(), BLOCKED.table()
    assert list(blocked) == list(plain)
    assert blocked.attrs["units"] == plain.attrs["units"]
    for channel in ("nas", "h"):
        column = f"{channel}.gbar"
        assert (blocked[column].dropna() == 0).all()
        assert (blocked[column].isna() == plain[column].isna()).all()
    for potential in ("h.e", "na.e"):
        assert blocked[potential].equals(plain[potential])
    drugged = Cell().with_drugs("TTX:0").table()
    assert set(plain) == set(drugged)


@pytest.mark.parametrize("options", [{}, {"dt_ms": 0.025, "channels": "fused"}])
def test_what_is_recorded_of_a_blocked_channel_is_0(options):
    record = {"i": "nas.i soma", "g": "nas.g trunk@100", "h": "h.i tuft@400"}
    for values in recorded(BLOCKED, record, **options).values():
        assert len(values) > 10
        assert (values == 0).all()


# -- what is told -----------------------------------------------------------------------------------------------------

CALCIUM_ACTIVATED = changed(
    KSLOW,
    ("USEION k READ ek", "USEION ca READ cai\n    USEION k READ ek"),
    ("ek (mV)", "ek (mV) cai (mM)"),
    ("gbar*m", "gbar*m*cai/(cai + 1e-3)"),
)


def test_a_concentration_that_nothing_moves_is_told(tmp_path, capsys):
    path = written(tmp_path, CALCIUM_ACTIVATED, "kca.mod")
    cell = Cell().with_channel("kca", path, {"soma": 1e-3})
    note = (
        "channel kca: cai stays at 5e-05 mM, NEURON's value at rest; nothing in this cell moves it"
    )
    assert cell.channel_notes == (note,)
    cell.save(tmp_path / "cell.yaml")
    assert main(["cell", str(tmp_path / "cell.yaml")]) == 0
    assert note in capsys.readouterr().out.splitlines()
    pooled = cell.with_channel("cap", written(tmp_path, POOLED, "cap.mod"), {"soma": 1}, e_mV=120)
    assert pooled.channel_notes == ()  # now something moves it
    assert Cell().channel_notes == ()


def test_h_that_is_called_an_ion_is_told(tmp_path):
    uses = ("NONSPECIFIC_CURRENT ih", "USEION h READ eh WRITE ih VALENCE 1")
    path = written(tmp_path, changed(CATION, uses))
    cell = Cell().with_channel("h", path, {"soma": 1e-4}, e_mV=-30)
    told = "its file calls {} an ion; the current is taken as non-specific, with e_mV of its own"
    assert cell.channel_notes == (f"channel h: {told.format('h')}",)
    text = (DATA / "h_slow.channel.nml").read_text()
    text = changed(text, ('<ionChannelHH id="h_slow"', '<ionChannelHH species="hcn" id="h_slow"'))
    channel = read_user_channel(written(tmp_path, text, "hcn.nml"))
    assert (channel.ion, channel.reversal) == ("non_specific", "e")
    assert channel.notes == (told.format("hcn"),)


def test_an_ion_of_one_s_own_with_a_potential_in_the_file(tmp_path):
    text = changed(
        KSLOW,
        ("USEION k READ ek WRITE ik", "USEION cl WRITE icl VALENCE -1"),
        ("minf, ik", "minf, icl, ecl"),
        ("tau = 20 (ms)", "tau = 20 (ms) ecl = -5 (mV)"),
        ("    ek (mV)\n    ik (mA/cm2)", "    icl (mA/cm2)"),
        ("ik = gbar*m*(v - ek)", "icl = gbar*m*(v - ecl)"),
    )
    cell = Cell().with_channel("clc", written(tmp_path, text), {"soma": 1e-3}, e_mV=-71)
    table = cell.table()
    assert table["cl.e"].dropna().unique().tolist() == [-71]
    assert table["clc.ecl"].dropna().unique().tolist() == [-71]
