"""NeuroML2 to mod files: the parser, the rewriting, and the committed files made again by jNeuroML."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from exported_texts import CHANNEL, SYNAPSE

from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.cache import CACHE_VARIABLE
from netpyne_model.mechanisms.conversion import GENERATED, convert
from netpyne_model.mechanisms.fusing.channel import can_be_fused
from netpyne_model.mechanisms.fusing.writing import fuse
from netpyne_model.mechanisms.jneuroml import export_mechanisms
from netpyne_model.mechanisms.jneuroml_export import ExportError, Statement, parse
from netpyne_model.mechanisms.nmodl import names
from netpyne_model.mechanisms.rewriting import Mechanism, _near_zero


def block(text, head):
    """Lines of one block of a mod file, stripped."""
    lines = text.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(head))
    return [line.strip() for line in lines[start + 1 : lines.index("}", start)]]


# -- the parser -------------------------------------------------------------------------------------------------------


def test_parameters_come_back_in_full_precision():
    parameters = {p.name: (p.value, p.unit) for p in parse(CHANNEL).parameters}
    assert parameters == {
        "conductance": (1e-5, "uS"),
        "n_instances": (3.0, ""),
        "n_fast_rate": (12.88, "kHz"),
        "n_fine_rate": (0.15813251, "kHz"),
        "n_midpoint": (-28.3, "mV"),
        "n_unused": (7.0, "mV"),
        "n_VOLT_SCALE": (1.0, "mV"),
        "n_Q10": (2.0, ""),
    }


def test_what_the_parser_reads():
    export = parse(CHANNEL)
    assert (export.name, export.point_process, export.ion) == ("toy", False, "k")
    assert export.versions == ("org.neuroml.export v1.11.0",)
    assert export.states == ["n_q"]
    assert export.derivatives == {"n_q": "rate_n_q"}
    rates = {statement.target: statement for statement in export.rates}
    assert rates["n_r"].reads == {"n_x", "n_fast_rate", "n_fine_rate"}
    assert rates["n_inf"].lines == ("n_inf = 1/(1 + exp(0 - n_x))",)
    assert parse(SYNAPSE).conditions[0][0] == "on > 0 && t >= tOff"


def test_names_are_variables_only():
    assert names("2.5e-3*a_1 + exp(b)*1E4 - .5e2") == {"a_1", "b"}


@pytest.mark.parametrize(
    ("text", "changed", "message"),
    [
        (CHANNEL, ("SUFFIX toy", "ARTIFICIAL_CELL toy"), "no SUFFIX and no POINT_PROCESS"),
        (
            CHANNEL,
            ("UNITS {", "FUNCTION random {"),
            "'FUNCTION'; expected one block each of NEURON, UNITS",
        ),
        (CHANNEL, ("STATE {", "ASSIGNED {"), "'ASSIGNED'; expected one block each of"),
        (
            CHANNEL,
            ("12880.0", "13880.0"),
            "n_fast_rate: 12.880001 kHz and 13880.0 SI do not differ by a power of ten",
        ),
        (
            SYNAPSE,
            ("    tOff = last", "    net_event(t)\n    tOff = last"),
            "'net_event(t)'; expected an assignment",
        ),
        (
            SYNAPSE,
            ("i = -1 * s", "if (s > 1) {\n s = 1\n }\n i = -1 * s"),
            "condition 's > 1' in PROCEDURE",
        ),
        (
            SYNAPSE,
            ("on = 0 ? standard", "on = 0\n } else {\n s = 0 ? standard"),
            "a condition that sets ['on', 's']",
        ),
    ],
)
def test_a_form_that_is_not_known_is_refused(text, changed, message):
    assert text.count(changed[0]) == 1
    with pytest.raises(ExportError) as raised:
        parse(text.replace(*changed))
    assert message in str(raised.value)


# -- the rewriting ----------------------------------------------------------------------------------------------------


def test_rates_are_sorted_and_gates_are_solved_where_they_stand():
    text = Mechanism(parse(CHANNEL), "toy.nml").text()
    assert block(text, "DERIVATIVE") == ["rates(v)", "n_q' = (n_inf - n_q)/n_tau"]
    assert "SOLVE states METHOD cnexp" in block(text, "BREAKPOINT")
    assert block(text, "PROCEDURE rates") == [
        "LOCAL n_x, n_r, temperature, n_Qt",
        "TABLE n_inf, n_tau",
        "DEPEND celsius, n_fast_rate, n_midpoint, n_Q10",
        "FROM -150 TO 100 WITH 25000",
        "temperature = celsius + 273.15",
        "n_Qt = n_Q10 ^((temperature - 297.15)/10)",
        "n_x = (v - n_midpoint)/n_VOLT_SCALE",
        "n_inf = 1/(1 + exp(0 - n_x))",
        "if (n_x != 0) {",
        "n_r = n_fast_rate*n_x",
        "} else if (n_x == 0) {",
        "n_r = n_fine_rate",
        "}",
        "n_tau = 1/(n_r*n_Qt)",
    ]


def test_the_current_comes_last_from_the_updated_gates_and_the_sections_reversal_potential():
    text = Mechanism(parse(CHANNEL), "toy.nml").text()
    assert "    RANGE gmax, n_inf, n_tau, fopen, gion, i\n" in text
    assert "USEION k READ ek WRITE ik" in block(text, "NEURON")
    assert block(text, "BREAKPOINT") == [
        "LOCAL n_fcond",
        "SOLVE states METHOD cnexp",
        "n_fcond = n_q*n_q*n_q",
        "fopen = n_fcond",
        "gion = gmax*fopen",
        "i = gion*(v - ek)",
        "ik = i",
    ]


def test_rates_that_read_a_state_are_not_tabled_and_what_is_constant_is_computed_once():
    export = parse(CHANNEL)
    (tau,) = (statement for statement in export.rates if statement.target == "n_tau")
    slower = Statement("n_tau", ("n_tau = (1 + n_q)/(n_r*n_Qt)",), tau.reads | {"n_q"})
    export.rates[export.rates.index(tau)] = slower
    text = Mechanism(export, "toy.nml").text()
    assert "TABLE" not in text
    assert block(text, "INITIAL") == [
        "temperature = celsius + 273.15",
        "n_Qt = n_Q10 ^((temperature - 297.15)/10)",
        "rates(v)",
        "n_q = n_inf",
        "rates(v)",
    ]


def test_an_exp_linear_rate_takes_its_series_near_its_singular_point():
    exp_linear = Statement(
        "r",
        ("if (x != 0) {", "    r = k*x/(1 - exp(0 - x))", "} else if (x == 0) {", "    r = k", "}"),
        frozenset({"k", "x"}),
    )
    assert _near_zero(exp_linear).lines == (
        "if (fabs(x) > 1e-5) {",
        "    r = k*x/(1 - exp(0 - x))",
        "} else {",
        "    r = k*(1 + x/2)",
        "}",
    )


def test_parameters_are_settable_unless_nocmodl_would_round_them():
    text = Mechanism(parse(CHANNEL), "toy.nml").text()
    assert block(text, "PARAMETER") == [
        "gmax = 0 (S/cm2)",
        "n_fast_rate = 12.88 (kHz)",
        "n_midpoint = -28.3 (mV)",
        "n_Q10 = 2.0",
    ]
    assert block(text, "CONSTANT") == ["n_fine_rate = 0.15813251 (kHz)", "n_VOLT_SCALE = 1"]
    assert "GLOBAL n_fast_rate, n_midpoint, n_Q10" in block(text, "NEURON")
    assert "n_unused" not in text
    assert "n_seen" not in text


def test_a_condition_on_time_becomes_a_self_event():
    text = Mechanism(parse(SYNAPSE), "toysyn.nml").text()
    assert block(text, "STATE") == ["s"]
    assert block(text, "DERIVATIVE") == ["s' = (on - s)/decay"]
    assert block(text, "NET_RECEIVE") == [
        "LOCAL last",
        "if (flag == 1) {",
        "if (on > 0 && t >= tOff - 5e-7) {",
        "on = 0",
        "}",
        "} else {",
        "last = t + pulse",
        "on = 1",
        "tOff = last",
        "net_send(tOff - t, 1)",
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "changed", "message"),
    [
        (CHANNEL, ("n_x = (v -", "n_x = n_tau*(v -"), "toy: n_x depends on itself"),
        (
            SYNAPSE,
            ("t >=  tOff", "s >=  tOff"),
            "toysyn: conditions ['on > 0 && s >= tOff']; expected one of a synapse",
        ),
        (
            CHANNEL,
            ("    gion = gmax", "if (n_q > 0 && t >= 5) {\n n_q = 0\n }\n gion = gmax"),
            "toy: conditions",
        ),
    ],
)
def test_a_form_that_cannot_be_rewritten_is_refused(text, changed, message):
    assert text.count(changed[0]) == 1
    with pytest.raises(ExportError) as raised:
        Mechanism(parse(text.replace(*changed)), "toy.nml").text()
    assert message in str(raised.value)


def sided(test: str, below: str = "5 * n_Qt") -> str:
    """The toy channel with a time constant of two values."""
    return CHANNEL.replace(
        "    n_tau = 1/ (n_r  *  n_Qt ) ? evaluable\n",
        f"    if ({test})  {{\n        n_tau = {below}\n    }} else {{\n        n_tau = 2\n    }}\n",
    )


@pytest.mark.parametrize(
    ("text", "fused"),
    [
        (CHANNEL, True),
        (CHANNEL.replace("n_tau = 1/", "n_tau = n_q + 1/"), False),
        (sided("n_q  <  n_inf"), True),
        (sided("n_q  <  n_seen"), False),
        (sided("n_q  <  n_inf", "5 * n_q"), False),
        (sided("n_q  >  n_inf"), False),
    ],
    ids=["voltage", "gate", "side", "other threshold", "side and gate", "other comparison"],
)
def test_a_fused_time_constant_asks_only_on_which_side_of_its_steady_state_a_gate_is(text, fused):
    channel = Mechanism(parse(text), "toy.nml")
    assert can_be_fused(channel) == fused
    if fused and text != CHANNEL:
        written = fuse([channel])
        assert block(written, "PROCEDURE toy_rates(v (mV))")[-4:] == [
            "toy_n_tau = 5*toy_n_Qt",
            "toy_n_q_step_below = 1 - exp(-dt/toy_n_tau)",
            "toy_n_tau = 2",
            "toy_n_q_step = 1 - exp(-dt/toy_n_tau)",
        ]


# -- with jNeuroML ----------------------------------------------------------------------------------------------------


def test_without_java_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ModelError, match="'java' was not found; jNeuroML needs it: install a Java runtime"
    ):
        convert(tmp_path / "mod")
    assert not (tmp_path / "mod").exists()


@pytest.mark.java
def test_the_committed_mod_files_are_what_the_neuroml_files_give(tmp_path):
    (tmp_path / "left_over.mod").touch()
    (tmp_path / "notes.txt").touch()
    written = convert(tmp_path)
    assert [path.name for path in written] == sorted(path.name for path in GENERATED.glob("*.mod"))
    for path in written:
        assert path.read_bytes() == (GENERATED / path.name).read_bytes(), (
            f"{path.name}: run scripts/convert_mechanisms.py"
        )
    assert {path.name for path in tmp_path.iterdir()} == {
        *(path.name for path in written),
        "notes.txt",
    }


@pytest.mark.java
@pytest.mark.slow
def test_the_rewriting_matters(neuron, section, tmp_path):
    # The m gate of nax after a step from -90 to -30 mV, as exported and as rewritten, against the exponential.
    raw = tmp_path / "nax.mod"
    raw.write_text(export_mechanisms([NEUROML2 / "channels" / "nax.channel.nml"])["nax"])
    cache = dict(os.environ) | {CACHE_VARIABLE: str(tmp_path / "cache")}
    program = f"""
        from pathlib import Path
        from netpyne_model.mechanisms.compilation import compiled_library
        library = compiled_library([Path({str(raw)!r})])
        from neuron import h
        h.nrn_load_dll(str(library))
        h.celsius, h.dt = 35, 0.025
        section = h.Section("s")
        section.insert("nax")
        h.finitialize(-90)
        section.v = -30
        for _ in range(4):
            h.fadvance()
            print(section(0.5).nax.m_q)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=cache,
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    exported = np.array([float(line) for line in ran.stdout.split()])

    section.insert("nax")
    nax = section(0.5).nax
    neuron.finitialize(-90)
    start = nax.m_q
    section.v = -30
    rewritten = []
    for _ in range(4):
        neuron.fadvance()
        rewritten.append(nax.m_q)
    exact = nax.m_inf + (start - nax.m_inf) * np.exp(-0.025 * np.arange(1, 5) / nax.m_tau)
    np.testing.assert_allclose(rewritten, exact, rtol=1e-12)
    # The export steps by forward Euler with the rates of the step before.
    assert np.max(np.abs(exported / exact - 1)) > 0.01
