"""Channels of the user's own: what NEURON makes of them beside the package's."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from channel_texts import changed, written

from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.cache import CACHE_VARIABLE
from netpyne_model.mechanisms.user_channels import load_user_channels, read_user_channel

DATA = Path(__file__).parent / "data"
KSLOW = (DATA / "kslow.mod").read_text()
SHIFTED = (DATA / "kad_shifted.channel.nml").read_text()


# -- in NEURON --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(loaded, tmp_path_factory):
    """Own channels, loaded in two sets one after the other, beside those of the package."""
    folder = tmp_path_factory.mktemp(
        "a folder"
    )  # with a space, which jNeuroML would take out of a path
    for name in ("kad.channel.nml", "a_type_rates.nml"):
        shutil.copy(NEUROML2 / "channels" / name, folder)
    # Beside what it includes, which lies elsewhere in a clone than with an installed package.
    shifted = folder / "kad_shifted.channel.nml"
    shifted.write_text(SHIFTED.replace("../../NeuroML2/channels/", ""))
    paths = {
        "cation": DATA / "cation.mod",
        "kslow": DATA / "kslow.mod",
        "kslow_pS": DATA / "kslow_pS.mod",
    }
    if shutil.which("java"):
        paths["copy"] = folder / "kad.channel.nml"
        paths |= {"shifted": shifted, "h_slow": DATA / "h_slow.channel.nml"}
    mechanisms = {key: read_user_channel(path) for key, path in paths.items()}
    load_user_channels(mechanisms[key] for key in ("cation", "kslow"))
    load_user_channels(mechanisms.values())
    return mechanisms


def free_run(neuron, mechanism, density, current):
    """Voltage and the mechanism's part of the ion's current while a patch with a leak is depolarised for 20 ms."""
    patch = neuron.Section("patch")
    patch.L = patch.diam = 10
    for name in ("pas", mechanism):
        patch.insert(name)
    patch.g_pas, patch.e_pas, patch.ek = 1e-4, -70, -90
    setattr(patch, f"{density[0]}_{mechanism}", density[1])
    stimulus = neuron.IClamp(patch(0.5))
    stimulus.delay, stimulus.dur, stimulus.amp = 2, 20, 0.03
    traces = [
        neuron.Vector().record(ref)
        for ref in (patch(0.5)._ref_v, getattr(patch(0.5), f"_ref_{current}"))
    ]
    neuron.finitialize(-70)
    neuron.continuerun(30)
    recorded = np.array([trace.to_python() for trace in traces])
    neuron.delete_section(sec=patch)
    return recorded


def a_type_steady_state(v, celsius, shift):
    """Activation times inactivation of kad, by hand."""
    per_kelvin = 96.48 / (8.315 * (celsius + 273.15 + 0.01))
    zeta = -1.8 - 1 / (1 + np.exp((v - shift + 40) / 5))
    return (
        1
        / (1 + np.exp(zeta * per_kelvin * (v - shift + 1)))
        / (1 + np.exp(3 * per_kelvin * (v + 56)))
    )


@pytest.mark.java
def test_a_copy_of_a_channel_of_the_package_gives_its_current(neuron, own):
    package = free_run(neuron, "kad", ("gmax", 0.02), "ik")
    copy = free_run(neuron, own["copy"].name, ("gmax", 0.02), "ik")
    assert np.ptp(package[1]) > 1e-3
    np.testing.assert_allclose(copy, package, rtol=1e-12, atol=0)


@pytest.mark.java
def test_versions_of_a_channel_under_one_id_stay_apart(neuron, section, own):
    mechanisms = {"kad": 0, own["copy"].name: 0, own["shifted"].name: 12}
    assert len(mechanisms) == 3
    section.L = section.diam = 10
    for k, name in enumerate(mechanisms):
        section.insert(name)
        setattr(section, f"gmax_{name}", 0.01 * (k + 1))
        table = f"usetable_{name}"
        if hasattr(neuron, table):
            setattr(neuron, table, 0)  # the table's 1e-5 aside, both are exact
    for v in (-80.0, -55.5, -41.0, -20.0, 7.0):
        neuron.finitialize(v)
        for k, (name, shift) in enumerate(mechanisms.items()):
            expected = 0.01 * (k + 1) * a_type_steady_state(v, neuron.celsius, shift)
            assert getattr(section(0.5), name).gion == pytest.approx(expected, rel=1e-12), (name, v)
    for name in mechanisms:
        if hasattr(neuron, f"usetable_{name}"):
            setattr(neuron, f"usetable_{name}", 1)


@pytest.mark.java
def test_a_gate_of_fixed_time_constant_and_a_conductance_with_q10(neuron, section, own):
    h_slow = own["h_slow"]
    section.insert(h_slow.name)
    mechanism = getattr(section(0.5), h_slow.name)
    mechanism.gmax, mechanism.e = 1e-3, -33
    clamp = neuron.SEClamp(section(0.5))
    clamp.dur1, clamp.amp1, clamp.rs = 1e9, -60, 1e-9
    neuron.finitialize(-100)
    section.v = -60
    for _ in range(400):
        neuron.fadvance()
    start, end = (1 / (1 + np.exp((v + 80) / 8)) for v in (-100, -60))
    # NEURON updates the gates after the currents, which are those of one step before.
    before, now = (end + (start - end) * np.exp(-t_ms / 40) for t_ms in (10 - neuron.dt, 10))
    assert mechanism.q_q == pytest.approx(now, rel=1e-6)  # the clamp holds the voltage to that
    expected = 1e-3 * 1.5 ** ((neuron.celsius - 25) / 10) * before
    assert mechanism.gion == pytest.approx(expected, rel=1e-6)
    assert mechanism.i == pytest.approx(expected * (-60 + 33), rel=1e-6)


def test_densities_in_other_units_give_the_same_voltage(neuron, own):
    runs = []
    for key in ("kslow", "kslow_pS"):
        channel = own[key]
        runs.append(
            free_run(neuron, channel.name, (channel.density, 2e-3 * channel.density_factor), "ik")
        )
    assert own["kslow_pS"].density_factor == 1e4
    assert np.ptp(runs[0][1]) > 1e-3
    np.testing.assert_allclose(runs[1], runs[0], rtol=1e-12, atol=0)


def test_an_unspecific_current_has_a_reversal_potential_of_its_own(neuron, section, own):
    cation = own["cation"]
    section.insert(cation.name)
    mechanism = getattr(section(0.5), cation.name)
    for reversal in (-30.0, -45.0):
        setattr(mechanism, cation.reversal, reversal)
        setattr(mechanism, cation.density, 2e-4 * cation.density_factor)
        neuron.finitialize(-90)
        expected = 2e-4 / (1 + np.exp((-90 + 80) / 8)) * (-90 - reversal)
        assert mechanism.ih == pytest.approx(expected, rel=1e-12)


def test_what_is_said_to_be_settable_and_recordable_is(neuron, section, own):
    for mechanism in own.values():
        section.insert(mechanism.name)
        instance = getattr(section(0.5), mechanism.name)
        settable = {mechanism.density, *mechanism.parameters} | (
            {mechanism.reversal} if mechanism.reversal else set()
        )
        for name in settable:
            setattr(instance, name, getattr(instance, name))
        for name, unit in mechanism.recordable.items():
            assert getattr(instance, f"_ref_{name}") is not None
            if mechanism.file.suffix == ".mod":
                assert neuron.units(f"{name}_{mechanism.name}") == unit


def test_loading_twice_does_nothing(own, tmp_path, monkeypatch):
    # No compiler, no Java, and a cache that cannot be written: anything but nothing would fail.
    (tmp_path / "file").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    load_user_channels(own.values())


def test_another_process_needs_neither_java_nor_a_compiler(own, tmp_path):
    program = f"""
        from netpyne_model.mechanisms.user_channels import load_user_channels, read_user_channel
        mechanisms = [read_user_channel(path) for path in {[str(mechanism.file) for mechanism in own.values()]!r}]
        load_user_channels(mechanisms[::-1])
        from neuron import h
        section = h.Section("s")
        for mechanism in mechanisms:
            section.insert(mechanism.name)
        print(*section.psection()["density_mechs"])
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=Path(__file__).parent.parent,
        env=dict(os.environ) | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert set(ran.stdout.split()) == {mechanism.name for mechanism in own.values()}


# -- what goes wrong while it is loaded -------------------------------------------------------------------------------


def load_error(mechanism):
    with pytest.raises(ModelError) as raised:
        load_user_channels([mechanism])
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(str(mechanism.file))
    return message


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


def test_a_file_that_changed_since_it_was_read(loaded, tmp_path, cache):
    path = written(tmp_path, KSLOW + ": changed\n")
    mechanism = read_user_channel(path)
    path.write_text(KSLOW + ": changed again\n")
    assert f"has changed since it was read as {mechanism.name}" in load_error(mechanism)


def test_a_mod_file_that_does_not_compile(loaded, tmp_path, cache):
    mechanism = read_user_channel(
        written(tmp_path, changed(KSLOW, ("    m' = (minf - m)/tau", "    m' = (minf - m/tau")))
    )
    message = load_error(mechanism)
    log = Path(message.split("its output is in ")[1].rstrip("."))
    assert f"{mechanism.name}.mod" in log.read_text()


def test_valences_that_contradict_each_other(loaded, tmp_path):
    paths = []
    for valence in (-1, -2):
        uses = ("USEION k READ", f"USEION owncl READ eowncl VALENCE {valence}\n    USEION k READ")
        text = changed(KSLOW, uses, ("    ek (mV)", "    ek (mV) eowncl (mV)"))
        paths.append(written(tmp_path, text, f"valence{valence}.mod"))
    first, second = map(read_user_channel, paths)
    load_user_channels([first])
    assert (
        "USEION owncl ... VALENCE -2; expected -1, as another mechanism in this process has it"
        in load_error(second)
    )


def test_java_that_is_missing(loaded, tmp_path, cache, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    path = written(
        tmp_path,
        changed(SHIFTED, ("../../NeuroML2", NEUROML2.as_posix()), ("12mV", "1mV")),
        "own.nml",
    )
    assert "'java' was not found; jNeuroML needs it: install a Java runtime" in load_error(
        read_user_channel(path)
    )


@pytest.mark.java
def test_a_neuroml_file_that_jneuroml_refuses(loaded, tmp_path, cache):
    text = changed(
        SHIFTED,
        ("../../NeuroML2", NEUROML2.as_posix()),
        ('<steadyState type="shifted_n_inf"', '<steadyState type="none"'),
    )
    message = load_error(read_user_channel(written(tmp_path, text, "own.nml")))
    assert "was not converted: jNeuroML wrote no kad.mod: " in message
    assert "No such type none" in message


@pytest.mark.parametrize("to", ["BREAKPOINT", "DERIVATIVE"])
def test_a_mod_file_without_its_current_is_refused_and_taken_once_it_is_whole(to, tmp_path):
    """A file that a download cut short before BREAKPOINT compiles: its current is 0 for ever."""
    whole = (DATA / "kslow.mod").read_text()
    file = tmp_path / "kslow.mod"
    file.write_text(
        whole[: whole.index("BREAKPOINT")] + whole[whole.index(to) :] * (to != "BREAKPOINT")
    )
    with pytest.raises(
        ModelError, match=r"nothing is assigned to its current ik; expected 'ik = ..."
    ):
        read_user_channel(file)
    file.write_text(whole)
    assert read_user_channel(file).currents == ("ik",)
