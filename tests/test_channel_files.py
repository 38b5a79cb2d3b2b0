"""Channels of the user's own: what is read of a NeuroML or mod file, without NEURON."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from channel_texts import changed, written

from netpyne_model.data_folders import NEUROML2
from netpyne_model.errors import ModelError
from netpyne_model.mechanisms.conversion import GENERATED
from netpyne_model.mechanisms.jneuroml import ion_channel
from netpyne_model.mechanisms.mod_file import ModFile
from netpyne_model.mechanisms.user_channels import read_user_channel
from netpyne_model.quantities import per_siemens_per_cm2

DATA = Path(__file__).parent / "data"
KSLOW = (DATA / "kslow.mod").read_text()
SHIFTED = (DATA / "kad_shifted.channel.nml").read_text()
CHANNELS = sorted(NEUROML2.glob("channels/*.channel.nml"))
GATED = [path for path in CHANNELS if ion_channel(path).get("type") != "ionChannelPassive"]


def refusal(path):
    with pytest.raises(ModelError) as raised:
        read_user_channel(path)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message


# -- what is read of a mod file ---------------------------------------------------------------------------------------


def test_a_mod_file():
    channel = read_user_channel(DATA / "kslow.mod")
    digits = hashlib.sha256((DATA / "kslow.mod").read_bytes()).hexdigest()[:8]
    assert (channel.channel, channel.name, channel.file) == (
        "kslow",
        f"kslow_{digits}",
        DATA / "kslow.mod",
    )
    assert (channel.ion, channel.reversal) == ("k", None)
    assert (channel.density, channel.density_factor) == ("gbar", 1)
    assert channel.parameters == {"vhalf": "mV"}
    assert channel.recordable == {"minf": "", "ik": "mA/cm2", "m": ""}


def test_a_mod_file_of_an_unspecific_current_in_other_units():
    channel = read_user_channel(DATA / "cation.mod")
    assert (channel.channel, channel.ion, channel.reversal) == ("cation", "non_specific", "eh")
    assert (channel.density, channel.density_factor) == ("ghbar", 1e3)
    assert channel.parameters == {"slope": "mV"}
    assert channel.recordable == {"g": "mS/cm2", "q": "", "ih": "mA/cm2"}


def test_the_name_follows_the_content_and_not_the_place(tmp_path):
    copy = written(tmp_path, KSLOW, "another name.mod")
    assert read_user_channel(copy).name == read_user_channel(DATA / "kslow.mod").name
    assert read_user_channel(str(copy)) == replace(read_user_channel(DATA / "kslow.mod"), file=copy)
    copy.write_text(KSLOW + "\n")
    assert read_user_channel(copy).name != read_user_channel(DATA / "kslow.mod").name


def test_only_the_neuron_block_is_changed(tmp_path):
    text = (DATA / "cation.mod").read_text()
    assert ModFile(DATA / "cation.mod").compiled("x_1") == {
        "x_1.mod": text.replace("SUFFIX cation", "SUFFIX x_1")
    }
    # Line ends stay as they are; of comments NEURON takes ASCII.
    path = tmp_path / "own.mod"
    path.write_bytes(
        b"COMMENT\r\n\xe4 VERBATIM\r\nENDCOMMENT\r\n" + KSLOW.replace("\n", "\r\n").encode()
    )
    compiled = ModFile(path).compiled("x_1")["x_1.mod"].encode("utf-8", "surrogateescape")
    expected = path.read_bytes().replace(b"SUFFIX kslow", b"SUFFIX x_1").replace(b"\xe4", b"_")
    assert compiled == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([(" eh,", "")], [("SUFFIX x_1", "SUFFIX x_1 RANGE eh")]),
        (
            [(" eh,", ""), ("GLOBAL vhalf", "GLOBAL eh, vhalf")],
            [("SUFFIX x_1", "SUFFIX x_1 RANGE eh"), ("GLOBAL eh, vhalf", "GLOBAL vhalf")],
        ),
        (
            [(" eh,", ""), ("GLOBAL vhalf", "GLOBAL eh")],
            [("SUFFIX x_1", "SUFFIX x_1 RANGE eh"), ("GLOBAL eh", "")],
        ),
        (
            [("NONSPECIFIC_CURRENT ih", "USEION h READ eh WRITE ih VALENCE 1")],
            [("USEION h READ eh WRITE ih VALENCE 1", "NONSPECIFIC_CURRENT ih")],
        ),
    ],
)
def test_the_reversal_potential_becomes_one_of_each_segment(tmp_path, changes, expected):
    path = written(tmp_path, changed((DATA / "cation.mod").read_text(), *changes))
    mod = ModFile(path)
    assert (mod.ion, mod.reversal, mod.currents) == ("non_specific", "eh", ("ih",))
    renamed = changed(path.read_text(), ("SUFFIX cation", "SUFFIX x_1"))
    assert mod.compiled("x_1")["x_1.mod"] == changed(renamed, *expected)


@pytest.mark.parametrize(
    "changes",
    [
        [("NEURON {\n    SUFFIX kslow", "NEURON{SUFFIX\tkslow")],
        [("RANGE gbar, vhalf, minf, ik", "RANGE gbar ,\n vhalf : not tau\n RANGE minf,ik")],
        [
            ("    gbar = 0", "    gbar=1e-3"),
            ("    vhalf = -35 (mV)\n", "\tvhalf=-.35e2(mV)\ttau0 = 1\n"),
        ],
        [("STATE { m FROM 0 TO 1 }", "STATE { m FROM 0 TO 1 START 0 <1e-4> c[3] }")],
        [("STATE {", "VERBATIM\n/* : STATE { x } { */\n  ENDVERBATIM\nSTATE {")],
        [("STATE {", ": VERBATIM\n? COMMENT\nTITLE STATE { y }\nSTATE {")],
        [("STATE {", "COMMENT : ENDCOMMENT\nRANGE x ENDCOMMENT\nENDCOMMENT STATE { y }\nSTATE {")],
        [("ASSIGNED {\n    v (mV)", "ASSIGNED { v (mV) }\nASSIGNED {")],
        [
            (
                "USEION k READ ek WRITE ik",
                "USEION k READ ki, ek, ko WRITE ik VALENCE 1\nUSEION ca READ cai WRITE cai\n",
            )
        ],
        [
            ("minf, ik", "minf, ik, ek, celsius"),
            ("    tau = 20 (ms)", "    tau = 20 (ms)\n celsius (degC)"),
        ],
    ],
)
def test_forms_of_nmodl_that_say_the_same(tmp_path, changes):
    channel, plain = (
        read_user_channel(written(tmp_path, changed(KSLOW, *changes))),
        read_user_channel(DATA / "kslow.mod"),
    )
    same = {"name": plain.name, "file": plain.file, "reads": plain.reads, "writes": plain.writes}
    assert replace(channel, **same) == plain


def test_what_a_mod_file_includes_belongs_to_it(tmp_path):
    head, tail = KSLOW.split("PARAMETER {")
    path = written(tmp_path, head + 'INCLUDE "parameters.inc"\n')
    (tmp_path / "parameters.inc").write_text("PARAMETER {" + tail)
    channel, plain = read_user_channel(path), read_user_channel(DATA / "kslow.mod")
    assert replace(channel, name=plain.name, file=plain.file) == plain
    (tmp_path / "parameters.inc").write_text("PARAMETER {" + tail + "\n")
    assert read_user_channel(path).name != channel.name
    (tmp_path / "parameters.inc").unlink()
    with pytest.raises(
        ModelError, match=r"parameters\.inc, which .*own\.mod INCLUDEs, cannot be read"
    ):
        read_user_channel(path)


@pytest.mark.parametrize(
    ("changes", "density", "factor"),
    [
        ([("(S/cm2)", "(mho/cm2)")], "gbar", 1),
        ([("(S/cm2)", "(S/m2)")], "gbar", 1e4),
        (
            [("RANGE gbar", "RANGE gbar, g"), ("    gbar = 0", "    g = 1 (S/cm2)\n    gbar = 0")],
            "gbar",
            1,
        ),
        (
            [
                ("RANGE gbar", "RANGE gKbar, g"),
                ("    gbar = 0", "    g = 1 (S/cm2)\n    gKbar = 0"),
            ],
            "gKbar",
            1,
        ),
        ([("RANGE gbar", "RANGE pk"), ("    gbar = 0", "    pk = 0")], "pk", 1),
    ],
)
def test_which_parameter_is_the_density(tmp_path, changes, density, factor):
    channel = read_user_channel(written(tmp_path, changed(KSLOW, *changes)))
    assert (channel.density, channel.density_factor) == (density, factor)
    assert density not in channel.parameters


@pytest.mark.parametrize(
    ("unit", "definitions", "factor"),
    [
        ("S/cm2", {"S": "siemens"}, 1),
        ("S/cm2", {}, 1),
        (" mho / cm2 ", {}, 1),
        ("mho/cm^2", {}, 1),
        ("1/ohm-cm2", {}, None),  # a '/' divides by one factor only
        ("1/ohm/cm2", {}, 1),
        ("mS/cm2", {"mS": "millisiemens"}, 1e3),
        ("mmho/cm2", {}, 1e3),
        ("micromhos/cm2", {}, 1e6),
        ("pS/um2", {"pS": "picosiemens", "um": "micron"}, 1e4),
        ("pS/micron2", {}, 1e4),
        ("S/m2", {}, 1e4),
        ("density", {"density": "1e-3 S/cm2"}, 1e3),
        ("mA/cm2/mV", {}, 1),
        ("S", {}, None),
        ("mA/cm2", {}, None),
        ("cm/s", {}, None),
        ("furlong", {}, None),
        (
            "S/cm2",
            {"S": "cm2", "cm": "S"},
            None,
        ),  # defined by each other: no unit, and no endless search
        ("0 S/cm2", {}, None),
        ("", {}, None),
        ("S//", {}, None),
    ],
)
def test_units_of_conductance_per_area(unit, definitions, factor):
    assert per_siemens_per_cm2(unit, definitions) == factor


@pytest.mark.parametrize(
    ("changes", "ion", "reversal"),
    [
        ([("    ik = gbar*m*(v - ek)", "    ik = gbar*m*ghk(v - vhalf, ki, ko)")], "k", None),
        (
            [
                ("READ ek ", ""),
                ("RANGE gbar", "RANGE ek, gbar"),
                ("    tau", "    ek = -90 (mV)\n    tau"),
            ],
            "k",
            "ek",
        ),
        ([("    ik = gbar*m*(v - ek)", "    ik = gbar*m*(vhalf - v)\n")], "k", "vhalf"),
        ([("USEION k", "USEION ca READ eca WRITE cai\n    USEION k")], "k", None),
        ([("USEION k", "NONSPECIFIC_CURRENT i\n    USEION k")], "k", None),
    ],
)
def test_which_parameter_is_the_reversal_potential(tmp_path, changes, ion, reversal):
    channel = read_user_channel(written(tmp_path, changed(KSLOW, *changes)))
    assert (channel.ion, channel.reversal) == (ion, reversal)
    assert reversal not in channel.parameters


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [("SUFFIX kslow", "POINT_PROCESS kslow")],
            "POINT_PROCESS kslow is no channel; expected a density mechanism (SUFFIX): give a channel's",
        ),
        (
            [("SUFFIX kslow", "ARTIFICIAL_CELL kslow")],
            "ARTIFICIAL_CELL kslow is no channel; expected a density mechanism",
        ),
        (
            [("SUFFIX kslow", "")],
            "no SUFFIX in a NEURON block; expected the name of a density mechanism",
        ),
        (
            [("SUFFIX kslow", "SUFFIX kslow\n    SUFFIX kfast")],
            "SUFFIX stands 2 times (kslow, kfast); expected one mechanism in a file: leave out all but one.",
        ),
        ([("SUFFIX kslow", "SUFFIX nothing")], "SUFFIX nothing in a NEURON block"),
        (
            [("(S/cm2)", "(furlong)")],
            "no conductance per area among its RANGE PARAMETERs (gbar (furlong), vhalf (mV)); expected one in S/cm2,",
        ),
        ([("(S/cm2)", "")], "(gbar (no unit), vhalf (mV)); expected one in S/cm2"),
        (
            [("RANGE gbar, vhalf, ", "RANGE ")],
            "(it has none); expected one in S/cm2, mho/cm2, mS/cm2, pS/um2 or the like: write 'RANGE gbar'",
        ),
        (
            [("RANGE gbar", "RANGE a, b"), ("    gbar = 0", "    a = 0 (S/cm2) b = 0")],
            "a, b are all conductances per area; expected the peak conductance under a usual name: call it gbar",
        ),
        (
            [(" WRITE ik", "")],
            "it writes no current, so that it is no channel; expected 'USEION <ion> WRITE i<ion>' or 'NONSPECIFIC_CURRENT'",
        ),
        (
            [("USEION k", "USEION na READ ena WRITE ina\n    USEION k")],
            "it writes the currents of na, k; expected those",
        ),
        (
            [("USEION k", "USEION cl READ cli\n    USEION k")],
            "USEION cl has no VALENCE; NEURON knows those of na, k, ca",
        ),
        ([("WRITE ik", "WRITE ik VALENCE 2")], "USEION k ... VALENCE 2; expected 1, as in NEURON"),
    ],
)
def test_a_mod_file_that_cannot_be_used(tmp_path, changes, message):
    path = written(tmp_path, changed(KSLOW, *changes))
    assert message in refusal(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [
                ("ih = (0.001)*g*(v - eh)", "ih = (0.001)*g*current(v)"),
                (" eh,", " x,"),
                ("eh = -30", "x = -30"),
            ],
            "the reversal potential of its current ih was not found; expected 'ih = ...*(v - e)'",
        ),
        (
            [("*(v - eh)", "*((v - eh) + (v - slope))")],
            "its currents have the reversal potentials eh, slope; expected one",
        ),
    ],
)
def test_an_unspecific_current_whose_reversal_potential_cannot_be_set(tmp_path, changes, message):
    assert message in refusal(
        written(tmp_path, changed((DATA / "cation.mod").read_text(), *changes))
    )


def test_a_reversal_potential_by_its_name_where_the_current_does_not_tell(tmp_path):
    text = changed(
        (DATA / "cation.mod").read_text(), ("ih = (0.001)*g*(v - eh)", "ih = (0.001)*g*driving(v)")
    )
    assert read_user_channel(written(tmp_path, text)).reversal == "eh"


# -- what is read of a NeuroML file -----------------------------------------------------------------------------------


def test_a_neuroml_file():
    channel = read_user_channel(DATA / "kad_shifted.channel.nml")
    assert channel.channel == "kad"
    assert (channel.ion, channel.reversal, channel.density, channel.density_factor) == (
        "k",
        None,
        "gmax",
        1,
    )
    assert channel.parameters == {}
    gates = {"n_q": "", "n_inf": "", "n_tau": "ms", "l_q": "", "l_inf": "", "l_tau": "ms"}
    assert channel.recordable == {"fopen": "", "gion": "S/cm2", "i": "mA/cm2"} | gates
    channel = read_user_channel(DATA / "h_slow.channel.nml")
    digits = hashlib.sha256((DATA / "h_slow.channel.nml").read_bytes()).hexdigest()[:8]
    assert (channel.name, channel.ion, channel.reversal) == (
        f"h_slow_{digits}",
        "non_specific",
        "e",
    )
    assert channel.recordable["i"] == "mA/cm2"


@pytest.mark.parametrize("path", GATED, ids=lambda path: path.name.split(".")[0])
def test_the_packages_channels_are_read_as_what_they_are_converted_to(path):
    read, converted = (
        read_user_channel(path),
        read_user_channel(GENERATED / f"{path.name.split('.')[0]}.mod"),
    )
    for attribute in ("channel", "ion", "reversal", "density", "density_factor", "parameters"):
        assert getattr(read, attribute) == getattr(converted, attribute)
    # Of the mod file also its ion's name of the current, and the transitions.
    further = {name for name in converted.recordable if "_rate_" in name} | {f"i{read.ion}"}
    assert read.recordable == {
        name: unit for name, unit in converted.recordable.items() if name not in further
    }


def test_what_a_neuroml_file_includes_belongs_to_it(tmp_path):
    path = written(tmp_path, changed(SHIFTED, ("../../NeuroML2/channels/", "")), "own.nml")
    assert (
        f"includes 'a_type_rates.nml', but there is no {tmp_path / 'a_type_rates.nml'}; copy it"
        in refusal(path)
    )
    rates = Path(shutil.copy(NEUROML2 / "channels" / "a_type_rates.nml", tmp_path))
    name = read_user_channel(path).name
    rates.write_text(rates.read_text() + "\n")
    assert read_user_channel(path).name != name
    rates.write_text("<neuroml>")
    with pytest.raises(ModelError, match=r"a_type_rates\.nml is not XML"):
        read_user_channel(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("</neuroml>", "")], "is not XML (Premature end of data"),
        (
            [
                ('<ionChannel id="kad" type', '<channel id="kad" type'),
                ("</ionChannel>", "</channel>"),
            ],
            "holds no ion channel",
        ),
        (
            [("    <ComponentType", '<ionChannelHH id="b"/><ComponentType')],
            "holds ionChannel 'kad', ionChannelHH 'b'; expected one ionChannel or ionChannelHH or ionChannelKS",
        ),
        (
            [
                ('<ionChannel id="kad"', '<ionChannelVShift id="kad"'),
                ("</ionChannel>", "</ionChannelVShift>"),
            ],
            "holds ionChannelVShift 'kad'; expected one ionChannel or",
        ),
        (
            [("ionChannelHH", "ionChannelPassive")],
            "ion channel 'kad': it has no gates; expected a gated channel",
        ),
        (
            [('id="kad" type', 'id="k-d" type')],
            "ion channel 'k-d': expected an id of letters, digits and underscores",
        ),
        (
            [('species="k"', 'species="cl"')],
            "its species is 'cl'; expected one of na, k, ca, non_specific: leave species out",
        ),
        (
            [('<Requirement name="temperature"', '<Requirement name="caConc"')],
            "shifted_n_inf depends on a concentration",
        ),
    ],
)
def test_a_neuroml_file_that_cannot_be_used(tmp_path, changes, message):
    text = changed(SHIFTED, ("../../NeuroML2", NEUROML2.as_posix()), *changes)
    assert message in refusal(written(tmp_path, text, "own.nml"))


def test_a_kinetic_gate_with_a_factor_that_jneuroml_leaves_out(tmp_path):
    text = (NEUROML2 / "channels" / "NaV2.channel.nml").read_text()
    factor = '<q10Settings type="q10Fixed" fixedQ10="3"/>'
    text = changed(
        text, ('<gateKS id="states" instances="1">', f'<gateKS id="states" instances="1">{factor}')
    )
    assert "gate 'states' has q10Settings, which jNeuroML leaves out" in refusal(
        written(tmp_path, text, "own.nml")
    )


@pytest.mark.parametrize("name", ["missing.nml", "missing.mod"])
def test_a_file_that_is_not_there(tmp_path, name):
    assert "cannot be read (No such file or directory); expected a" in refusal(tmp_path / name)


def test_a_file_of_another_kind(tmp_path):
    assert "'.txt' is no ending of a channel file; expected .nml" in refusal(
        tmp_path / "channel.txt"
    )
