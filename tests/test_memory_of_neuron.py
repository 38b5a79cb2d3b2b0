"""Nothing of a run stays in NEURON: what runs later in the process would integrate it along."""

import os
import subprocess
import sys

import pytest

import netpyne_model as ca1

STIMULI = {
    "current": ca1.CurrentClamp(amplitude_nA=0.1, start_ms=2),
    "voltage": ca1.VoltageClamp(levels=[(0, -65), (2, -50)]),
    "events": ca1.SynapticCurrent(times_ms=2, peak_nA=0.1),
    "spine": ca1.SpineInput(times_ms=2, place="trunk@200"),
    "shaft": ca1.ShaftInput(times_ms=2, place="trunk@200"),
}
REFUSED_ONCE_BUILT = {"x": "kdr.no_such soma"}


def trial(**fields):
    return ca1.Trial(duration_ms=5.0, n_excitatory=20, n_inhibitory=5, **fields).run()


def protocol(**fields):
    return ca1.Protocol(duration_ms=5.0, **fields).run(ca1.Cell())


def n_sections() -> int:
    from neuron import h

    return sum(1 for _ in h.allsec())


@pytest.fixture(autouse=True)
def empty(loaded):
    from netpyne_model.simulation.run import clear

    clear()
    assert n_sections() == 0


@pytest.mark.parametrize("run", [trial, protocol])
@pytest.mark.parametrize("kind", STIMULI)
def test_a_run_leaves_no_section(run, kind):
    run(stimuli=STIMULI[kind])
    assert n_sections() == 0


@pytest.mark.parametrize("run", [trial, protocol])
@pytest.mark.parametrize(
    "fields",
    [
        {"record": REFUSED_ONCE_BUILT},
        {"record": {"x": "AMPA.i soma"}},
        {"stimuli": ca1.CurrentClamp(amplitude_nA=0.1, place="trunk@99999")},
    ],
)
def test_a_refused_run_leaves_no_section_to_who_keeps_the_error(run, fields):
    with pytest.raises(ca1.ModelError) as refused:
        run(**{"stimuli": STIMULI["current"]} | fields)
    assert n_sections() == 0
    protocol(stimuli=STIMULI["current"])  # of the default, a variable step
    assert n_sections() == 0
    assert refused.value is not None


def test_a_trial_broken_off_leaves_no_section():
    def stop(t_ms, end_ms):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as error:
        ca1.Trial(duration_ms=5.0, stimuli=STIMULI["voltage"], record_currents=True).run(
            progress=stop
        )
    assert n_sections() == 0
    protocol(stimuli=STIMULI["voltage"])
    assert error.value is not None


def test_neuron_is_imported_without_a_window_system_and_the_environment_is_kept():
    code = (
        "import os, netpyne_model as ca1; ca1.Protocol(duration_ms=5).run(ca1.Cell());"
        "print(os.environ.get('NEURON_MODULE_OPTIONS'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    for options in (None, "-NFRAME 1000"):
        environment.pop("NEURON_MODULE_OPTIONS", None)
        if options is not None:
            environment["NEURON_MODULE_OPTIONS"] = options
        ran = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        assert (ran.returncode, ran.stdout.strip()) == (0, str(options))
        assert "DISPLAY" not in ran.stderr
