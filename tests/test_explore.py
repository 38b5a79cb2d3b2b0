"""What `ca1 explore` runs is what the experiments run; its server lets in who has the token."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import psutil
import pytest
from explored_pages import WAIT_S, served

from netpyne_model import Cell, ModelError
from netpyne_model.cell.worked_out import worked_out
from netpyne_model.commands import main
from netpyne_model.experiments.epsp_amplification import EXPERIMENT as EPSPS
from netpyne_model.experiments.epsp_amplification import somatic_epsp
from netpyne_model.experiments.intrinsic_features import FI_NA, SETTLED_MS, firing_condition
from netpyne_model.explore import server
from netpyne_model.explore.code import python_lines
from netpyne_model.explore.firing import FIRST_LOOK, Look, firing_during_steps
from netpyne_model.explore.responses import coarse_first, explore, protocols, respond
from netpyne_model.explore.settings import STEPS, Settings, changed_cell, dosed_drugs, driven_spines
from netpyne_model.explore.simulator import Simulator
from netpyne_model.explore.simulators import Simulators

CHANGED = Settings(
    factors={"nas": 0.8, "kdr": 1.0}, left={"AP5": 0.5}, dc_nA=0.05, n_spines=4, currents_nA=(0.3,)
)


@pytest.fixture(scope="module")
def changed():
    """All that the sliders show of a changed cell."""
    return explore(Cell(), CHANGED)


@pytest.mark.parametrize(("name", "target_mV"), [("low", -62), ("high", -56)])
def test_the_epsps_are_those_of_the_experiment(name, target_mV):
    """Which takes adapted steps and errs by 0.04 % by them; a tenth of its tolerance against the published model, 1 %.

    Measured: 0.01 % at -62 mV, 0.02 % at -56 mV. Both are held by the same current to 1e-3 mV; were they apart by all of
    the 0.01 mV that holding allows, the EPSP at -56 mV would be by 0.7 %.
    """
    labels = {"dc_site": "soma", "drugs": "control", "target_mV": target_mV}
    condition = next(one for one in EPSPS.conditions(None) if labels.items() <= one.labels.items())
    here = respond(Cell(), protocols(Cell(), Settings())[name])
    assert here.epsp_mV == pytest.approx(condition.outcome().row["epsp_soma_mV"], rel=1e-3)


@pytest.mark.parametrize("name", ["low", "high", "dc"])
def test_the_epsps_are_converged(name, changed):
    """A quarter of the step changes an EPSP by 0.02 % at most, as measured; a tenth of the experiment's tolerance."""
    finer = replace(protocols(Cell(), CHANGED)[name], dt_ms=STEPS["dt_ms"] / 4)
    assert changed[name].epsp_mV == pytest.approx(respond(changed["cell"], finer).epsp_mV, rel=1e-3)


def test_the_steps_of_the_f_i_curve_are_converged():
    """As many spikes as at a quarter of the step, into depolarisation block too; latencies to 0.1 ms (measured: 0.075).

    At the experiment's own step 0.6 nA has one spike less.
    """
    currents_nA = (0.3, 0.6)
    here, finer = (
        dict(firing_during_steps(Cell(), currents_nA, 0.0, Look(dt_ms=dt_ms)))
        for dt_ms in (STEPS["dt_ms"], STEPS["dt_ms"] / 4)
    )
    for current_nA in currents_nA:
        assert here[current_nA].n_spikes == finer[current_nA].n_spikes > 0
        apart_ms = here[current_nA].first_spike_ms - finer[current_nA].first_spike_ms
        assert abs(apart_ms) < 0.1


def test_what_is_not_shown_is_not_recorded_and_changes_nothing(changed):
    protocol = protocols(Cell(), CHANGED)["high"]
    assert somatic_epsp(protocol.run(changed["cell"]))["epsp_soma_mV"] == changed["high"].epsp_mV


def test_steps_that_settle_once_have_the_spikes_of_those_that_settle_alone(changed):
    """Latencies too, to the last bit; the last step is that of a spike in the state kept."""
    currents_nA = (0.4, 0.1, 0.6, 0.4)
    steps = list(firing_during_steps(changed["cell"], currents_nA, CHANGED.dc_nA))
    assert [current_nA for current_nA, _ in steps] == list(currents_nA)
    for current_nA, here in steps:
        condition = firing_condition(changed["cell"], current_nA, CHANGED.dc_nA, **STEPS)
        row = condition.outcome().row
        assert here._asdict() == pytest.approx(
            {name: row[name] for name in here._fields}, abs=0, rel=0, nan_ok=True
        )
    assert steps[0][1].n_spikes > 1 > steps[1][1].n_spikes


def test_a_first_look_at_a_step_is_its_beginning(changed):
    """The first 200 ms of the same step, at twice the time step; it settled in coarser steps.

    Those leave the potential within 1e-4 mV, which may bring a spike into the next step and no further.
    """
    (_, here), *_ = firing_during_steps(changed["cell"], (0.4,), CHANGED.dc_nA, FIRST_LOOK)
    steps = {**STEPS, "dt_ms": FIRST_LOOK.dt_ms}
    condition = firing_condition(changed["cell"], 0.4, CHANGED.dc_nA, **steps)
    spikes_ms = condition.protocol.run(changed["cell"]).spike_times_ms - SETTLED_MS
    spikes_ms = spikes_ms[(spikes_ms >= 0) & (spikes_ms < FIRST_LOOK.lasts_ms)]
    assert here.n_spikes == len(spikes_ms) > 1
    assert here.rate_Hz == 1e3 * len(spikes_ms) / FIRST_LOOK.lasts_ms
    ends_ms = (here.first_spike_ms, here.last_spike_ms)
    assert ends_ms == pytest.approx((spikes_ms[0], spikes_ms[-1]), abs=FIRST_LOOK.dt_ms)


def test_a_change_of_the_membrane_leaves_the_synapses_where_they_are():
    first = worked_out(Cell().with_rule("all", "nas.gbar", factor=0.71))
    spines = first.placement.spines
    less_kdr = worked_out(Cell().with_rule("all", "kdr.gbar", factor=0.71))
    assert less_kdr.placement.spines is spines
    for other in (Cell().with_rule("all", "cable.cm", factor=4.0), Cell().with_drugs("AP5:0.5")):
        assert worked_out(other).placement.spines is not spines
        pd.testing.assert_frame_equal(worked_out(other).placement.spines, other.placement.spines)


def test_a_change_moves_densities_drugs_and_nothing_else(changed):
    table, before = changed["cell"].table(), Cell().table()
    factors = {"nas.gbar": 0.8, "NMDA.relative_gmax": 0.5}
    for name in before.attrs["units"]:
        expected = before[name] * factors.get(name, 1.0)
        assert table[name].to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True), name


def test_the_code_shown_gives_what_is_shown(changed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(python_lines(None, Cell(), CHANGED), names)
    shown = [changed[name].epsp_mV for name in ("low", "high", "dc")]
    assert [somatic_epsp(run)["epsp_soma_mV"] for run in names["runs"].values()] == shown
    assert names["rates_Hz"] == changed["rates_Hz"]
    assert Cell("cell.yaml") == changed["cell"]


def test_the_code_reads_the_cell_s_file(tmp_path):
    file = tmp_path / 'a "cell".yaml'
    Cell().with_rule("all", "kdr.gbar", factor=0.9).save(file, changes_only=True)
    lines = python_lines(file, Cell(file), Settings()).splitlines()
    names: dict = {}
    exec("\n".join(lines[: lines.index("") + 2]), names)
    assert names["cell"] == Cell(file)


def test_the_dc_lies_under_the_steps():
    condition = firing_condition(Cell(), 0.2, dc_nA=0.1)
    clamps = [(one.amplitude_nA, one.start_ms) for one in condition.protocol.all_stimuli]
    assert clamps == [(0.2, 500.0), (0.1, 0.0)]


@pytest.mark.parametrize(
    ("wrong", "message", "right"),
    [
        ({"factors": {"nas": -1.0}}, "factor", {"factors": {"nas": 0.0}}),
        ({"factors": {"nas": None}}, "factor", {"factors": {"nas": 2.0}}),
        ({"left": {"TTX": 1.5}}, "TTX, share left", {"left": {"TTX": 1.0}}),
        ({"left": {"TXT": 0.5}}, "Did you mean 'TTX'", {"left": {"TTX": 0.5}}),
        ({"n_spines": 0}, "n_spines", {"n_spines": 1}),
        ({"dc_nA": float("nan")}, "dc_nA", {"dc_nA": 0.0}),
        ({"n_spines": 100_000}, "expected 1 to 954", {"n_spines": 954}),
    ],
)
def test_a_number_that_does_not_hold_is_one_line(wrong, message, right):
    def made(entries):
        settings = Settings(**entries)
        return changed_cell(Cell(), settings), protocols(Cell(), settings)

    with pytest.raises(ModelError, match=message):
        made(wrong)
    made(right)


def test_a_potential_that_cannot_be_held_is_a_note():
    response = respond(Cell(), protocols(Cell(), Settings(held_mV=(-62, -40)))["high"])
    assert "fires" in response.note
    assert not len(response.v_mV)


def test_spines_are_added_one_after_the_other():
    numbers = [driven_spines(Cell(), n) for n in (1, 5, 6, 30)]
    for fewer, more in pairwise(numbers):
        assert more[: len(fewer)] == fewer
    assert len(set(numbers[-1])) == 30


def test_every_drug_with_a_dose_has_a_slider():
    assert {"TTX", "AP5", "Ba", "ZD7288", "XE991"} <= set(dosed_drugs())
    for name in dosed_drugs():
        half = changed_cell(Cell(), Settings(left={name: 0.5}))
        assert half == Cell().with_drugs(f"{name}:0.5") != Cell()


def test_a_series_is_spanned_by_its_first_values():
    order = coarse_first(FI_NA)
    assert sorted(order) == list(FI_NA)
    assert order[:3] == [0.4, 0.2, 0.6]


def test_a_question_is_answered_once_and_a_killed_process_replaced():
    async def ask():
        simulators = Simulators(1)
        try:
            first = await asyncio.gather(*(simulators.ask(os.getpid) for _ in range(3)))
            assert len(set(first)) == 1
            with pytest.raises(ModelError, match="was killed"):
                await simulators.ask(signal.raise_signal, signal.SIGKILL)
            assert await simulators.ask(os.getpid) == first[0]  # kept
            another = await simulators.ask(os.getppid)  # the advice: go on
            assert another == os.getpid()
        finally:
            simulators.stop()
        return first[0]

    killed = asyncio.run(ask())
    assert not psutil.pid_exists(killed)


def test_what_nobody_waits_for_stops_and_leaves_nothing_behind():
    """The process goes on: its next answer is that of one that never was interrupted."""
    protocol = protocols(Cell(), Settings())["low"]

    async def ask():
        simulators = Simulators(1)
        try:
            process = await simulators.ask(os.getpid)
            begun = asyncio.Event()

            async def steps():
                async for _ in simulators.each(firing_during_steps, Cell(), (0.4,) * 400, 0.0):
                    begun.set()

            task = asyncio.create_task(steps())
            await begun.wait()
            task.cancel()
            response = await asyncio.wait_for(simulators.ask(respond, Cell(), protocol), WAIT_S)
            assert await simulators.ask(eval, "__import__('os').getpid()") == process
        finally:
            simulators.stop()
        return response

    assert asyncio.run(ask()).epsp_mV == respond(Cell(), protocol).epsp_mV


def test_a_drop_that_comes_too_late_is_not_for_the_next_question():
    async def ask():
        simulator = Simulator()
        try:
            for _ in range(20):
                simulator._pipe.send((os.getpid, ()))
                while not simulator._pipe.poll():
                    await asyncio.sleep(0.01)
                await simulator.drop()
                answers = [part async for part in simulator.answers(os.getpid, ())]
                assert answers == [simulator.process.pid]
        finally:
            simulator.process.terminate()

    asyncio.run(ask())


@pytest.mark.parametrize("after_s", [0.0, 0.3, 1.0, 2.0])
def test_a_question_dropped_while_the_process_starts_leaves_it_of_use(after_s):
    async def ask():
        simulator = Simulator()
        try:
            simulator._pipe.send((time.sleep, (0.2,)))
            await asyncio.sleep(after_s)
            await simulator.drop()
            return [part async for part in simulator.answers(os.getpid, ())], simulator.process.pid
        finally:
            simulator.process.terminate()

    answers, pid = asyncio.run(asyncio.wait_for(ask(), WAIT_S / 4))
    assert answers == [pid]


def test_it_listens_on_loopback_and_lets_in_who_has_the_token():
    with served() as one:
        listening = [
            connection.laddr
            for process in one.family()
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert [(at.ip, at.port) for at in listening] == [("127.0.0.1", one.port)]
        base, token = one.address.split("open?token=")
        assert len(token) >= 32
        script = "autoload.js?bokeh-autoload-element=a"
        for page in ("", "ws", script, "metadata", "open", "open?token=wrong"):
            assert _status(base + page) == 403, page
        assert _status(one.address) == 200
        assert not any(token in " ".join(process.cmdline()) for process in one.family())
        again = _error("--port", str(one.port))
        assert f"--port {one.port} is taken" in again
        with served() as other:  # the advice: leave it out
            assert other.port > one.port
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(WAIT_S) == 0
        # Panel's autoload.js, which the page does not use, logs that nobody asked; no token in it.
        assert token not in one.process.stderr.read()


def test_ports_that_are_all_taken_are_told_and_another_one_is_served(monkeypatch, capsys):
    """Other ports than a user's, which other tests serve on at the same time."""
    with ExitStack() as taken:
        first = _taken_ports(taken, server.PORTS_TRIED)
        monkeypatch.setattr(server, "FIRST_PORT", first)
        assert main(["explore", "--no-browser"]) == 2
    line = capsys.readouterr().err
    last = first + server.PORTS_TRIED - 1
    assert f"ports {first} to {last} are all taken; give another one with --port." in line
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with served("--port", str(port)) as other:
        assert other.port == port


def _taken_ports(taken: ExitStack, n: int) -> int:
    """Take so many ports one after the other; the first of them."""
    for first in range(20_000, 30_000, n):
        with ExitStack() as here, suppress(OSError):
            for port in range(first, first + n):
                here.enter_context(socket.create_server(("127.0.0.1", port)))
            taken.push(here.pop_all())
            return first
    raise AssertionError("no twenty free ports in a row")


def test_its_processes_end_with_it_even_if_it_is_killed():
    with served() as one:
        deadline = time.monotonic() + WAIT_S
        while len(one.family()) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        family = one.family()
        one.process.kill()
        assert psutil.wait_procs(family[1:], timeout=WAIT_S)[1] == []


def test_a_cell_that_does_not_hold_is_refused_before_a_port_is_opened(tmp_path, capsys):
    assert main(["explore", str(tmp_path / "none.yaml"), "--no-browser"]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_it_says_what_it_needs(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "panel", None)
    assert main(["explore", "--no-browser"]) == 2
    assert "pip install panel" in capsys.readouterr().err


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=WAIT_S) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def _error(*arguments: str) -> str:
    command = [sys.executable, "-m", "netpyne_model", "explore", "--no-browser", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    return done.stderr
