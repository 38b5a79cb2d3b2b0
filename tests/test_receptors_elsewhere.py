"""Receptors in forms for other tools: what the files hold, and what jLEMS, jNeuroML's NEURON export and NetPyNE make of it.

The runs are those of LEMS_stable_receptor_response.xml, with the standard synapses on the same compartments.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
from lxml import etree
from scipy.linalg import expm

from netpyne_model.data_folders import NEUROML2
from netpyne_model.neuroml2.components import component, quantity
from netpyne_model.neuroml2.receptor_chain import (
    conductance_uS,
    equilibrium_and_slopes,
    magnesium_block,
)
from netpyne_model.neuroml2.receptors_elsewhere import (
    STABLE_FILE,
    STANDARD_FILE,
    stable_parameters,
    standard_parameters,
    two_exponentials,
    write_receptors_elsewhere,
)

PUBLISHED = {"AMPA": "AMPA_KIN", "GABA_A": "GABA_A_KIN", "NMDA": "NMDA_KIN5"}
COLUMNS = [("AMPA", -70), ("NMDA", -70), ("GABA_A", -70), ("NMDA", -40), ("NMDA", 0)]
DT_MS = 0.025
# What docs/receptors_elsewhere.md states of the standard synapses after one event at 0.025 ms: largest difference, and that
# of the peak, in parts of the peak.
STANDARD = {
    ("AMPA", -70): (0.13, 0.02),
    ("NMDA", -70): (0.062, 0.035),
    ("GABA_A", -70): (0.073, 0.035),
    ("NMDA", -40): (0.04, 0.005),
    ("NMDA", 0): (0.35, 0.2),
}


def published(reference, name, voltage):
    """Times and converged conductance after one event at 5 ms."""
    table = pd.read_csv(reference / "receptors" / f"{PUBLISHED[name]}.csv.gz")
    table = table[table["t_ms"] <= 60]
    return table["t_ms"].to_numpy(), table[f"g_exact_{voltage}mV"].to_numpy()


def worst(found, expected):
    return np.abs(found - expected).max() / expected.max()


# -- the files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "voltage"), COLUMNS)
def test_the_chain_of_four_states_is_the_published_receptor(reference, name, voltage):
    t, expected = published(reference, name, voltage)
    found = np.where(t < 5, 0, conductance_uS(name, np.maximum(t - 5, 0), voltage))
    # The table's own solver is good to 3e-4 of the peak; 4e-4 is found.
    assert worst(found, expected) < 5e-4


def test_the_files_hold_what_follows_from_the_receptors(tmp_path):
    (tmp_path / "synapses").mkdir()
    for written, committed in zip(
        write_receptors_elsewhere(tmp_path), (STABLE_FILE, STANDARD_FILE), strict=True
    ):
        here, there = (
            {element.get("id"): dict(element.attrib) for element in etree.parse(file).getroot()}
            for file in (str(written), str(NEUROML2 / committed))
        )
        assert here == there, f"{committed}: run scripts/build_neuroml.py"


def test_a_stable_receptor_at_rest_is_closed_and_an_endless_pulse_opens_it():
    for name in ("AMPA", "GABA_A"):
        numbers = {key: quantity(text, key) for key, text in stable_parameters(name).items()}
        # Rounded to nine figures.
        assert abs(numbers["RoOn"] + sum(numbers[f"onStart{k}"] for k in (1, 2, 3))) < 1e-8
        assert abs(numbers["RoOn"] - sum(numbers[f"offStart{k}"] for k in (1, 2, 3))) < 1e-8


@pytest.mark.parametrize("name", PUBLISHED)
def test_standard_synapses_are_the_best_fit(name):
    fit = standard_parameters(name)
    t = np.linspace(0, 6 * fit["tauDecay"], 2001)
    target = conductance_uS(name, t, -40) / magnesium_block(name, -40)

    def misfit(**changes):
        return np.sum((two_exponentials(t, *(fit | changes).values()) - target) ** 2)

    for parameter, value in fit.items():
        assert all(misfit(**{parameter: value * by}) > misfit() for by in (0.99, 1.01))


# -- by other tools ---------------------------------------------------------------------------------------------------


def bed(tmp_path, events=(5.0,), length=60):
    """A copy of the NeuroML folder with a simulation of both forms; returns the simulation."""
    folder = tmp_path / "NeuroML2"
    shutil.copytree(NEUROML2, folder)
    network = folder / "networks" / "standard_receptors.net.nml"
    spikes = "".join(f'<spike id="{k}" time="{at} ms"/>' for k, at in enumerate(events))
    network.write_text(network.read_text().replace('<spike id="0" time="5 ms"/>', spikes))
    text = (folder / "LEMS_stable_receptor_response.xml").read_text()
    for element in (r" *<projection .*?</projection>\n", r" *<OutputColumn [^>]*/>\n"):
        places = list(re.finditer(element, text, re.DOTALL))
        assert len(places) == len(COLUMNS)
        more = "".join(
            re.sub('id="(?=[A-Zg])', 'id="standard_', place[0], count=1).replace(
                "_stable", "_standard"
            )
            for place in places
        )
        text = text[: places[-1].end()] + more + text[places[-1].end() :]
    lems = folder / "LEMS_both.xml"
    lems.write_text(text.replace('length="60 ms"', f'length="{length} ms"'))
    return lems


def run(lems, *options):
    """Run a simulation by jNeuroML; times (ms) and conductances (uS), the stable ones first."""
    from pyneuroml.utils.misc import get_path_to_jnml_jar

    environment = dict(os.environ) | {
        "NEURON_HOME": sys.prefix,
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
    }
    command = ["java", "-Djava.awt.headless=true", "-jar", get_path_to_jnml_jar(), lems.name]
    ran = subprocess.run(
        [*command, *options, "-nogui"],
        cwd=lems.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert ran.returncode == 0, ran.stdout[-2000:]
    table = np.loadtxt(lems.parent / "stable_receptor_response.dat")
    return table[:, 0] * 1e3, table[:, 1:].T * 1e6


def pulses(times, length):
    """When transmitter comes and goes: an event in a pulse does not lengthen it, but its end may end a later one."""
    found, off, last = [], -1.0, -1.0
    for time in times:
        if time >= off:
            off = last if time < last else time + length
            found.append((time, off))
        last = time + length
    return found


def solution(name, voltage, events, steps):
    """Conductance at every step, by the matrix exponential between the steps."""
    p = component(name)
    on_off = pulses(events, p["tPulse"])
    ways = {
        on: (equilibrium, expm(slopes * DT_MS))
        for on in (True, False)
        for equilibrium, slopes in [equilibrium_and_slopes(name, on, voltage)]
    }
    state, g = np.zeros(3), []
    for k in range(steps):
        g.append(state[2])
        on = any(start < (k + 0.5) * DT_MS < end for start, end in on_off)
        equilibrium, propagator = ways[on]
        state = equilibrium + propagator @ (state - equilibrium)
    return p["gbase"] * magnesium_block(name, voltage) * np.array(g)


@pytest.mark.java
def test_in_jlems_a_train_is_that_of_the_receptors(tmp_path):
    # Within a pulse, after a pulse whose inner event's end cuts the next one, and 100 Hz. jLEMS takes an event in the first
    # step after its time.
    events = np.array([5, 5.1, 5.35, 15, 25, 35, 45])
    lems = bed(tmp_path, events - 0.01)
    t, found = run(lems)
    for (name, voltage), stable in zip(COLUMNS, found, strict=False):
        expected = solution(name, voltage, events, len(t))
        # The output has float32, the numbers nine figures: 9e-8 is reached. NMDA's splitting of a step errs by 1.4e-3.
        assert worst(stable, expected) < (3e-3 if name == "NMDA" else 1e-6), (name, voltage)


def against_the_published(reference, t, found):
    """Largest difference of each conductance from the converged published one after one event, and of its peak."""
    errors = {}
    for (name, voltage), g in zip(COLUMNS, found, strict=True):
        times, expected = published(reference, name, voltage)
        errors[name, voltage] = (
            worst(np.interp(times, t, g), expected),
            abs(g.max() / expected.max() - 1),
        )
    return errors


def check(reference, t, found):
    for (name, _), (difference, peak) in against_the_published(reference, t, found[:5]).items():
        # The reference is good to 4e-4; NMDA's steps err most in the first 0.3 ms, by 0.5 % of the peak.
        assert difference < (6e-3 if name == "NMDA" else 5e-4)
        assert peak < (3e-3 if name == "NMDA" else 1e-5)
    for case, (difference, peak) in against_the_published(reference, t, found[5:]).items():
        assert difference < STANDARD[case][0]
        assert peak < STANDARD[case][1]


@pytest.mark.java
def test_one_event_in_jlems(tmp_path, reference):
    t, found = run(bed(tmp_path))
    check(reference, t - DT_MS, found)  # it comes a step late: the first after 5 ms


@pytest.mark.parametrize(
    ("name", "voltage", "too_high"),
    [("AMPA", -70, 0.01), ("GABA_A", -70, 0.45), ("NMDA", -70, 1.41), ("NMDA", -40, 1.32)],
)
def test_standard_synapses_add_up_where_receptors_saturate(name, voltage, too_high):
    # What the page says of the peak of five events at 100 Hz.
    events = 5.0 + 10 * np.arange(5)
    receptor = solution(name, voltage, events, round(120 / DT_MS))
    t = np.arange(len(receptor)) * DT_MS
    one = [
        two_exponentials(np.maximum(t - at, 0), *standard_parameters(name).values())
        for at in events
    ]
    peak = np.sum(one, axis=0).max() * magnesium_block(name, voltage)
    assert peak / receptor.max() - 1 == pytest.approx(too_high, abs=0.005)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Folder of jNeuroML's NEURON export, compiled, and what its run gave."""
    lems = bed(tmp_path_factory.mktemp("export"))
    return lems.parent, run(lems, "-neuron", "-run")


def output_of(program, folder):
    """What a program prints last, as JSON, run where NEURON finds the export's mechanisms."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.java
@pytest.mark.slow
def test_one_event_in_the_neuron_export(exported, reference):
    _, found = exported
    check(reference, *found)


@pytest.mark.java
@pytest.mark.slow
def test_one_event_in_netpyne_by_the_same_mechanisms(exported, reference):
    folder, _ = exported
    program = f"""
        import json
        from netpyne import sim, specs
        cases = {COLUMNS}
        params, traces = specs.NetParams(), {{}}
        params.stimSourceParams["event"] = {{"type": "NetStim", "start": 5, "interval": 1, "number": 1}}
        for form in ("stable", "standard"):
            for name, voltage in cases:
                label = f"{{name}}_{{form}}_{{abs(voltage)}}"
                soma = {{"geom": {{"L": 1000, "diam": 1000, "cm": 1}}, "vinit": voltage,
                         "mechs": {{"pas": {{"g": 0.01, "e": voltage}}}}}}
                params.cellParams[label] = {{"secs": {{"soma": soma}}}}
                params.popParams[label] = {{"cellType": label, "numCells": 1}}
                params.synMechParams[label] = {{"mod": f"{{name}}_{{form}}"}}
                params.stimTargetParams[label] = {{"source": "event", "conds": {{"pop": label}}, "weight": 1,
                    "delay": 0, "synMech": label, "sec": "soma", "loc": 0.5}}
                traces[label] = {{"sec": "soma", "loc": 0.5, "synMech": label, "var": "g", "conds": {{"pop": label}}}}
        config = specs.SimConfig({{"duration": 60, "dt": {DT_MS}, "recordStep": {DT_MS}, "recordTraces": traces,
            "recordCells": ["all"], "verbose": False, "hParams": {{"celsius": 35}}}})
        sim.create(params, config)
        sim.simulate()
        found = [list(next(iter(sim.allSimData[label].values()))) for label in traces]
        print(json.dumps([list(sim.allSimData["t"]), found]))
    """
    t, found = output_of(program, folder)
    check(reference, np.array(t), np.array(found))


# A compartment of 0.8 GOhm that AMPA and NMDA of weight 5 depolarise by 38 mV, so that the block of NMDA moves.
EPSP = """
    def epsp(h, suffix):
        soma = h.Section("soma")
        soma.L = soma.diam = 20
        soma.insert("pas")
        soma.g_pas, soma.e_pas = 1e-4, -65
        source = h.NetStim()
        source.start, source.number = 5, 1
        receptors = [getattr(h, name + suffix)(soma(0.5)) for name in ("AMPA", "NMDA")]
        connections = [h.NetCon(source, receptor, 0, 0, 5) for receptor in receptors]
        times, voltage = h.Vector().record(h._ref_t), h.Vector().record(soma(0.5)._ref_v)
        h.finitialize(-65)
        h.continuerun(120)
        return list(times), list(voltage)
"""


@pytest.mark.java
@pytest.mark.slow
def test_an_epsp_by_the_stable_receptors(exported, neuron):
    folder, _ = exported
    program = f"""
        import json
        from neuron import h
        h.load_file("stdrun.hoc")
        h.celsius, h.dt, h.steps_per_ms = 35, {DT_MS}, {1 / DT_MS}
        {textwrap.indent(textwrap.dedent(EPSP), " " * 8).strip()}
        print(json.dumps([epsp(h, form) for form in ("_stable", "_standard")]))
    """
    (t, stable), (_, standard) = output_of(program, folder)
    here: dict = {}
    exec(textwrap.dedent(EPSP), here)
    _, fixed_step = here["epsp"](neuron, "")
    neuron.cvode_active(1)
    neuron.cvode.atol(1e-8)
    converged = np.interp(t, *here["epsp"](neuron, ""))
    assert converged.max() + 65 == pytest.approx(38.4, abs=0.05)  # mV
    # What the page says, mV: 2.3 by the implicit Euler of this package at the published step, 0.27, 2.9.
    assert np.abs(stable - converged).max() < 0.3
    assert 2 < np.abs(fixed_step - converged).max() < 2.5
    assert np.abs(standard - converged).max() < 3
