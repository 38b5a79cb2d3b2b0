"""Mod files of a user's own that need something from around them: headers, tables, pointers, pools."""

from pathlib import Path

import pytest
from channel_texts import changed, written

from netpyne_model import Cell, ModelError, Protocol
from netpyne_model.mechanisms.user_channels import load_user_channels, read_user_channel

DATA = Path(__file__).parent / "data"
KSLOW = (DATA / "kslow.mod").read_text()
POOL = """
NEURON { SUFFIX pool  USEION ca READ ica, cai WRITE cai  RANGE depth }
PARAMETER { depth = 0.1 (um) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE go METHOD cnexp }
DERIVATIVE go { cai' = -ica/depth - (cai - 1e-4)/80 }
"""
GHK = """
NEURON { SUFFIX cap  USEION ca READ cai, cao WRITE ica  RANGE pbar }
PARAMETER { pbar = 0 (cm/sec) }
ASSIGNED { v (mV) cai (mM) cao (mM) ica (mA/cm2) }
BREAKPOINT { ica = pbar*(cai - cao*exp(-v/12)) }
"""
HALVED = changed(
    KSLOW,
    ("UNITS {", 'VERBATIM\n#include <math.h>\n#include "half.h"\nENDVERBATIM\nUNITS {'),
    ("gbar*m*(v - ek)", "gbar*m*half()*(v - ek)"),
    ("STATE {", "FUNCTION half() {\nVERBATIM\n  return one_half();\nENDVERBATIM\n}\nSTATE {"),
)


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as raised:
        read_user_channel(path)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(f"{path}: ")


def ik(path: Path) -> float:
    """The current of a channel in the soma after 2 ms, mA/cm2."""
    cell = Cell().with_channel("own", path, {"soma": 1e-3})
    protocol = Protocol(duration_ms=2, dt_ms=0.025, record={"i": "own.i soma"})
    return protocol.run(cell).recordings["i"].values[-1]


# -- what is no channel -----------------------------------------------------------------------------------------------


def test_a_pool_is_no_channel(tmp_path):
    message = refusal(written(tmp_path, POOL))
    assert message.startswith("it writes no current (it writes cai), so that it is no channel;")
    assert message.endswith("leave it out, or write its current.")


def test_a_permeability_is_no_conductance(tmp_path):
    message = refusal(written(tmp_path, GHK))
    assert message.startswith(
        "its density pbar (cm/sec) is a permeability, which cannot be used; expected a conductance"
        " per area, such as S/cm2: leave the channel out"
    )
    bare = refusal(written(tmp_path, GHK.replace("(cm/sec)", "")))
    assert bare.startswith("its density pbar (no unit) is a permeability, which cannot be used;")


# -- what a cell cannot give ------------------------------------------------------------------------------------------

NEEDS = {
    "POINTER": (
        [("THREADSAFE", "POINTER drive"), ("    minf\n", "    minf drive\n")],
        "POINTER drive cannot be set by a cell; expected a mechanism that needs nothing from"
        " outside: declare it RANGE, with its value in PARAMETER.",
        [("POINTER drive", "RANGE drive"), ("minf drive", "minf"), ("tau =", "drive = 1 tau =")],
    ),
    "BBCOREPOINTER": (
        [("THREADSAFE", "BBCOREPOINTER drive"), ("    minf\n", "    minf drive\n")],
        "BBCOREPOINTER drive cannot be set by a cell",
        [
            ("BBCOREPOINTER drive", "RANGE drive"),
            ("minf drive", "minf"),
            ("tau =", "drive = 1 tau ="),
        ],
    ),
    "EXTERNAL": (
        [("THREADSAFE", "EXTERNAL drive"), ("    minf\n", "    minf drive\n")],
        "EXTERNAL drive cannot be set by a cell; expected a mechanism that needs nothing from"
        " outside: declare it GLOBAL, with its value in PARAMETER.",
        [("EXTERNAL drive", "GLOBAL drive"), ("minf drive", "minf"), ("tau =", "drive = 1 tau =")],
    ),
    "RANDOM": (
        [("THREADSAFE", "RANDOM noise"), ("gbar*m*", "(gbar + 0*random_uniform(noise))*m*")],
        "RANDOM noise cannot be set by a cell; expected a mechanism that needs nothing from"
        " outside: write the mechanism without random numbers.",
        [("RANDOM noise", ""), ("(gbar + 0*random_uniform(noise))*m*", "gbar*m*")],
    ),
    "FUNCTION_TABLE": (
        [("STATE {", "FUNCTION_TABLE open(v (mV))\nSTATE {"), ("gbar*m", "gbar*open(v)*m")],
        "FUNCTION_TABLE open needs a table that cannot be given here; expected equations: write it"
        " as FUNCTION open.",
        [("FUNCTION_TABLE open(v (mV))", "FUNCTION open(v (mV)) { open = 1 }")],
    ),
    "NET_RECEIVE": (
        [("STATE {", "NET_RECEIVE(weight) { m = m + weight }\nSTATE {")],
        "NET_RECEIVE cannot stand in a density mechanism, to which no events come; expected a channel"
        " that depends on potential and concentrations: leave the block out.",
        [("NET_RECEIVE(weight) { m = m + weight }", "")],
    ),
    "GLOBAL": (
        [
            ("THREADSAFE", "GLOBAL drive"),
            ("    minf\n", "    minf drive\n"),
            ("gbar*m", "gbar*drive*m"),
        ],
        "GLOBAL drive is read and never given a value; expected one that the file gives: declare"
        " it in PARAMETER, with its value.",
        [("minf drive", "minf"), ("tau =", "drive = 1 tau =")],
    ),
}


@pytest.mark.parametrize("need", NEEDS)
def test_what_a_cell_cannot_give(tmp_path, need):
    changes, message, mended = NEEDS[need]
    text = changed(KSLOW, *changes)
    assert refusal(written(tmp_path, text)).startswith(message)
    # The advice, followed, gives a channel again; in NEURON, of one kind of each.
    path = written(tmp_path, changed(text, *mended))
    channel = read_user_channel(path)
    if need in ("EXTERNAL", "FUNCTION_TABLE"):
        load_user_channels([channel])


def test_a_global_that_something_gives_a_value(tmp_path):
    for change in (
        [("THREADSAFE", "GLOBAL minf")],
        [
            ("THREADSAFE", "GLOBAL drive"),
            ("    minf\n", "    minf drive\n"),
            ("INITIAL {", "INITIAL {\nVERBATIM\n  drive = 1;\nENDVERBATIM\n"),
            ("gbar*m", "gbar*drive*m"),
        ],
        [("THREADSAFE", "GLOBAL unused"), ("    minf\n", "    minf unused\n")],
    ):
        assert read_user_channel(written(tmp_path, changed(KSLOW, *change))).density == "gbar"


def test_a_name_that_is_too_long(tmp_path):
    message = refusal(written(tmp_path, KSLOW.replace("kslow", "k" * 300)))
    assert message == f"SUFFIX {'k' * 20}... has 300 letters; expected at most 64: shorten it."
    assert read_user_channel(written(tmp_path, KSLOW.replace("kslow", "k" * 64))).ion == "k"


# -- headers ----------------------------------------------------------------------------------------------------------


def test_headers_beside_the_file_are_compiled_with_it(tmp_path):
    path = written(tmp_path, HALVED, "own.mod")
    (tmp_path / "inc").mkdir()
    written(tmp_path, '#include "inc/share.h"\n', "half.h")
    share = written(
        tmp_path, "#pragma once\nstatic double one_half() { return 0.5; }\n", "inc/share.h"
    )
    before = read_user_channel(path).name
    half = ik(path)
    assert half == pytest.approx(0.5 * ik(DATA / "kslow.mod"), rel=1e-2)  # v differs a little
    # A header of a header that changes is another channel.
    share.write_text(share.read_text().replace("0.5", "0.25"))
    assert read_user_channel(path).name != before
    assert ik(path) == pytest.approx(0.5 * half, rel=1e-2)


def test_a_header_that_is_missing_is_named(tmp_path):
    path = written(tmp_path, HALVED, "own.mod")
    with pytest.raises(ModelError) as raised:
        load_user_channels([read_user_channel(path)])
    message = f"{path}: the header half.h was not found; copy it beside the mod file."
    assert str(raised.value) == message
    written(tmp_path, "static double one_half() { return 0.5; }\n", "half.h")
    load_user_channels([read_user_channel(path)])
