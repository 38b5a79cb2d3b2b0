"""A potential that goes astray ends a run at once, in one line that names place, time and cause; others run as before."""

import re
import signal

import numpy as np
import pytest
from channel_texts import changed, written

from netpyne_model import Cell, CurrentClamp, ModelError, Protocol, Study, Trial, VoltageClamp
from netpyne_model.simulation.netpyne_library import netpyne
from netpyne_model.simulation.network import add_cells
from netpyne_model.simulation.run import clear, quiet_netpyne

# Its rate is the root of -v: no number above 0 mV.
ROOT_OF_V = """
NEURON {
    SUFFIX rooted
    USEION k READ ek WRITE ik
    RANGE gbar
}
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { x }
INITIAL { x = 0 }
BREAKPOINT {
    SOLVE open METHOD cnexp
    ik = gbar*x*(v - ek)
}
DERIVATIVE open { x' = (steady(v) - x)/3 }
FUNCTION steady(v (mV)) {
    steady = 1
    if (v > 0) { steady = sqrt(-v) }
}
"""
MENDED = changed(ROOT_OF_V, ("sqrt(-v)", "1"))
# A density below 0, as a mod file with the wrong sign has it: it drives the cell away from its reversal potential.
AWAY = """
NEURON {
    SUFFIX away
    NONSPECIFIC_CURRENT i
    RANGE gbar, e
}
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0 (S/cm2) e = -80 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = -gbar*(v - e) }
"""
NML = """<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" id="burst">
  <ionChannelHH id="burst" species="k" conductance="10pS">
    <gateHHrates id="n" instances="1">
      <forwardRate type="HHExpRate" rate="1per_ms" midpoint="-66mV" scale="0.001mV"/>
      <reverseRate type="HHExpRate" rate="1per_ms" midpoint="-66mV" scale="0.001mV"/>
    </gateHHrates>
  </ionChannelHH>
</neuroml>
"""
PULSE = CurrentClamp(amplitude_nA=1.0, start_ms=5.0)
ON_SOMA, ON_TRUNK = {"soma": 1e-3}, {"trunk": 1e-3}
GENERAL = {"spines": "folded", "channels": "separate", "receptors": "generated"}
WAYS = {
    "fixed step": {},
    "second order": {"integration": "second_order"},
    "currents": {"record_currents": True},
    "separate": GENERAL,
    "adapted step": {"integration": "variable_step", **GENERAL},
}
# All of the same cell and current: the trunk beside the soma passes 0 mV in the spike that it sets off.
NO_NUMBER = re.compile(
    r"the potential at trunk_5\(0\.166667\) is no finite number from (\S+) ms on because of the"
    r" current of rooted at (\S+) mV; look in rooted\.mod for a 0/0, or a root or log below 0\."
)


@pytest.fixture(scope="module")
def rooted(tmp_path_factory):
    return written(tmp_path_factory.mktemp("rooted"), ROOT_OF_V, "rooted.mod")


def refusal(run):
    with pytest.raises(ModelError) as raised:
        run()
    return str(raised.value)


def trial(cell, stimulus=PULSE, duration_ms=40.0, **fields):
    return Trial(cell=cell, duration_ms=duration_ms, stimuli=[stimulus], **NO_INPUT, **fields)


NO_INPUT = {"n_excitatory": 0, "n_inhibitory": 0}


@pytest.mark.parametrize("way", WAYS)
def test_a_rate_that_is_no_number_ends_a_trial_in_every_way_of_running(way, rooted, capfd):
    cell = Cell().with_channel("rooted", rooted, ON_TRUNK)
    reached_ms = []
    run = trial(cell, **WAYS[way])
    capfd.readouterr()
    line = refusal(lambda: run.run(progress=lambda t_ms, _: reached_ms.append(t_ms)))
    found = NO_NUMBER.fullmatch(line)
    assert found, line
    # Above 0 mV, and in the first spike after the current's start.
    assert 5 < float(found[1]) < 12
    assert 0 < float(found[2]) < 40
    assert max(reached_ms, default=0.0) <= float(found[1])
    assert capfd.readouterr() == ("", "")


def test_a_trial_with_a_checkpoint_ends_too_and_keeps_what_was_before(rooted, tmp_path):
    cell = Cell().with_channel("rooted", rooted, ON_TRUNK)
    kept = tmp_path / "kept.npz"
    run = trial(cell)
    line = refusal(lambda: run.run(checkpoint=kept, checkpoint_every_ms=2.0))
    assert NO_NUMBER.fullmatch(line)
    assert refusal(lambda: run.run(checkpoint=kept, checkpoint_every_ms=2.0)) == line


@pytest.mark.parametrize("dt_ms", [0.025, None])
def test_a_protocol_ends_within_seconds_with_the_same_line_at_fixed_and_at_adapted_steps(
    dt_ms, rooted, capfd
):
    cell = Cell().with_channel("rooted", rooted, ON_SOMA)
    clamp = VoltageClamp(levels=[(0, -70), (20, 20)])
    protocol = Protocol(duration_ms=40, stimuli=[clamp], dt_ms=dt_ms)
    line = refusal(lambda: protocol.run(cell))
    assert re.match(r"the potential at soma_[01]\(0\.5\) is no finite number from 20\.\d+ ms", line)
    assert "because of the current of rooted at " in line
    assert capfd.readouterr() == ("", "")
    # What ran into it leaves nothing: the next run is as ever.
    assert np.isfinite(protocol.run(Cell()).voltage_mV["soma"]).all()


def test_the_file_with_its_rate_mended_runs(rooted, tmp_path):
    line = refusal(trial(Cell().with_channel("rooted", rooted, ON_TRUNK)).run)
    assert line.endswith("look in rooted.mod for a 0/0, or a root or log below 0.")
    cell = Cell().with_channel("rooted", written(tmp_path, MENDED, "rooted.mod"), ON_TRUNK)
    result = trial(cell).run()
    assert result.voltage_mV["soma"].max() > 0


def test_an_adapted_step_that_cannot_go_on_is_told_and_both_ways_out_work(tmp_path):
    """A state that no current reads has no number: fixed steps pass it by, and adapted ones do not."""
    text = changed(ROOT_OF_V, ("ik = gbar*x*(v - ek)", "ik = gbar*(v - ek)"))

    def run(text, dt_ms=None):
        cell = Cell().with_channel("rooted", written(tmp_path, text, "rooted.mod"), ON_SOMA)
        return Protocol(duration_ms=30, stimuli=[PULSE], dt_ms=dt_ms).run(cell)

    line = refusal(lambda: run(text))
    found = re.fullmatch(
        r"the adapted step cannot go on at (\S+) ms; look at the rates of rooted\.mod, or take fixed"
        r" steps \(dt_ms=(\S+); in a trial integration=fixed_step\)\.",
        line,
    )
    assert found, line
    assert run(text, float(found[2])).voltage_mV["soma"].max() > 0
    mended = changed(text, ("sqrt(-v)", "1"))
    assert run(mended).voltage_mV["soma"].max() > 0


@pytest.mark.parametrize("way", ["fixed step", "second order", "adapted step"])
def test_a_potential_beyond_what_a_cell_has_ends_a_trial_also_if_it_would_come_back(way):
    strong = CurrentClamp(amplitude_nA=300.0, start_ms=5.0, stop_ms=5.5)
    line = refusal(trial(Cell(), strong, **WAYS[way]).run)
    found = re.fullmatch(
        r"the potential at soma_0\(0\) is (\S+) mV at (5\.\d+) ms, beyond 200 mV \(the largest"
        r" current there is that of IClamp, 300 nA\); look for a rule or a stimulus far out of"
        r" range\.",
        line,
    )
    assert found, line
    assert float(found[1]) > 200
    assert float(found[2]) < 5.5
    assert np.isfinite(trial(Cell(), CurrentClamp(amplitude_nA=0.3)).run().voltage_mV["soma"]).all()


@pytest.mark.parametrize("dt_ms", [0.025, None])
def test_the_channel_that_drives_a_potential_away_is_named(dt_ms, tmp_path):
    file = written(tmp_path, AWAY, "away.mod")
    cell = Cell().with_channel("away", file, {"tuft": 0.05}, e_mV=-80.0)
    line = refusal(lambda: Protocol(duration_ms=100, dt_ms=dt_ms).run(cell))
    assert re.search(r"beyond 200 mV \(the largest current there is that of away, ", line)
    assert line.endswith("; look at the currents of away.mod.")


def test_a_clamp_may_command_more_by_the_users_wish():
    clamp = VoltageClamp(levels=[(0, -70), (5, 250)])
    for dt_ms in (0.025, None):
        result = Protocol(duration_ms=10, stimuli=[clamp], dt_ms=dt_ms).run(Cell())
        assert result.voltage_mV["soma"].max() > 240


def test_a_cell_that_has_no_number_from_the_start_is_told(tmp_path):
    text = changed(ROOT_OF_V, ("INITIAL { x = 0 }", "INITIAL { x = sqrt(v) }"))
    cell = Cell().with_channel("rooted", written(tmp_path, text, "rooted.mod"), ON_SOMA)
    for dt_ms in (0.025, None):
        line = refusal(lambda dt_ms=dt_ms: Protocol(duration_ms=10, dt_ms=dt_ms).run(cell))
        assert re.match(
            r"the potential at soma_[01]\(0\.5\) is no finite number from 0(\.0125)? ms", line
        )
        assert line.endswith("look in rooted.mod for a 0/0, or a root or log below 0.")


def test_a_network_of_netpynes_own_ends_within_25_ms_with_that_line(rooted):
    from netpyne import specs

    net_params, sim_config = specs.NetParams(), specs.SimConfig()
    sim_config.duration, sim_config.dt, sim_config.verbose = 60.0, 0.025, False
    add_cells(net_params, sim_config, Cell(), n=1, name="sound")
    cell = Cell().with_channel("rooted", rooted, ON_TRUNK)
    add_cells(net_params, sim_config, cell, n=2, name="unsound")
    net_params.stimSourceParams["pulse"] = {"type": "IClamp", "del": 5, "dur": 100, "amp": 1.0}
    net_params.stimTargetParams["pulse"] = {
        "source": "pulse",
        "sec": "soma_0",
        "loc": 0.5,
        "conds": {"cellList": [1]},
    }
    sim, _ = netpyne()
    from neuron import h

    try:
        with pytest.raises(RuntimeError) as raised, quiet_netpyne():
            sim.create(netParams=net_params, simConfig=sim_config)
            sim.simulate()
        assert h.t <= 30
        # NEURON's alarm, which would end this process 20 s later.
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        clear()
    assert "ModelError: the potential at trunk_5(0.166667) is no finite number" in str(raised.value)
    assert "look in rooted.mod for a 0/0, or a root or log below 0." in str(raised.value)


def test_arbor_ends_too(tmp_path):
    pytest.importorskip("arbor")
    from netpyne_model.simulation.arbor_trial import run_trial_in_arbor

    strong = CurrentClamp(amplitude_nA=300.0, start_ms=5.0, stop_ms=5.5)
    line = refusal(lambda: run_trial_in_arbor(trial(Cell(), strong).configuration))
    assert re.match(r"a potential is \S+ mV, beyond 200 mV at 5\.\d+ ms; ", line)
    cell = Cell().with_channel("burst", written(tmp_path, NML, "burst.channel.nml"), ON_TRUNK)
    line = refusal(lambda: run_trial_in_arbor(trial(cell, duration_ms=60.0).configuration))
    assert line.startswith("a potential is no finite number at 0.025 ms; ")
    # The advice: NEURON names the place.
    line = refusal(trial(cell, **GENERAL).run)
    assert re.search(r"the potential at trunk_\d+\(\S+\) is no finite number .* burst", line)


@pytest.mark.slow
def test_a_study_counts_such_a_trial_as_failed_and_keeps_the_others(rooted, tmp_path):
    cell = Cell().with_channel("rooted", rooted, ON_TRUNK)
    cell.save(tmp_path / "rooted.yaml")
    base = {"duration_ms": 40.0, "cell_file": str(tmp_path / "rooted.yaml"), **NO_INPUT}
    study = Study(name="some_fail", grid={"dc_nA": [0.0, 1.0]}, trials=1, base=base)
    with pytest.raises(ModelError, match="1 of 2"):
        study.run(tmp_path / "study", processes=1)
    reason = (tmp_path / "study" / "failures.txt").read_text()
    assert "trunk_5(0.166667) is no finite number from" in reason
    assert len(list((tmp_path / "study" / "trials").glob("*.nwb"))) == 1
