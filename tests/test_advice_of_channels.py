"""What the errors of channels of one's own advise is done, as it stands, and works."""

import os
from pathlib import Path

import pytest
from channel_texts import changed, written
from following import advised, told

from netpyne_model import Cell, Protocol
from netpyne_model.data_folders import NEUROML2
from netpyne_model.mechanisms.cache import CACHE_VARIABLE, keep_library, kept_in_cache
from netpyne_model.mechanisms.compilation import compiled_library
from netpyne_model.mechanisms.loading import load_library
from netpyne_model.mechanisms.user_channels import load_user_channels, read_user_channel

DATA = Path(__file__).parent / "data"
KSLOW = (DATA / "kslow.mod").read_text()
H_SLOW = (DATA / "h_slow.channel.nml").read_text()
GATE = """<gateHHInstantaneous id="g%d" instances="1">
  <steadyState type="HHSigmoidVariable" rate="1" midpoint="-40mV" scale="7mV"/>
</gateHHInstantaneous>
"""
AT_ONCE = """<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" id="at_once">
  <ionChannelHH id="at_once" species="k" conductance="10pS">
%s  </ionChannelHH>
</neuroml>
"""
"""A channel without states: its gates are at their steady state at every instant."""


def with_own(file):
    """The simple cell with the channel of a file."""
    return Cell.simple().with_channel("own", file, {"soma": 1e-5}, e_mV=-80.0)


def rest(cell):
    """The cell runs."""
    return Protocol(duration_ms=1.0).run(cell)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder of compiled mechanisms."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        (
            [("ek (mV)", "ek (mA)")],
            ("its file has ek in mA; NEURON's is in mV, and so are its equations taken",),
        ),
        (
            [("    v (mV)", "    v (volt)")],
            ("its file has v in volt; NEURON's is in mV, and so are its equations taken",),
        ),
        ([("ek (mV)", "ek (millivolt)")], ()),
        ([("ek (mV)", "ek")], ()),
    ],
)
def test_units_that_neuron_does_not_look_at_are_told(tmp_path, changes, notes):
    assert read_user_channel(written(tmp_path, changed(KSLOW, *changes))).notes == notes


@pytest.mark.parametrize(
    ("unit", "factor", "times"), [("pS/um2", "0.0001", "10000"), ("mS/cm2", "0.001", "1000")]
)
def test_a_density_that_nothing_makes_a_current_of(tmp_path, unit, factor, times):
    """What it says is done, either way."""
    text = changed(KSLOW, ("(S/cm2)", f"({unit})"))
    file = written(tmp_path, text)
    line = told(
        lambda: read_user_channel(file),
        f"gbar is in {unit}, and no factor of {factor} makes mA/cm2 of it, so that its current"
        f" would be {times} times too large; expected one: write '({factor}) *' before gbar",
    )
    before = advised(line, "write '(.*?)' before gbar")
    file.write_text(changed(text, ("ik = gbar", f"ik = {before} gbar")))
    assert read_user_channel(file).density_factor == float(times)
    file.write_text(changed(text, (f"({unit})", advised(line, r"or (\(\S+\)) in PARAMETER"))))
    assert read_user_channel(file).density_factor == 1


CHANNELML = """<channelml xmlns="http://morphml.org/channelml/schema" units="Physiological Units">
  <channel_type name="k_old"><current_voltage_relation cond_law="ohmic" ion="k"/></channel_type>
</channelml>
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            CHANNELML,
            "its first element is channelml of 'http://morphml.org/channelml/schema' (NeuroML 1);"
            ' expected <neuroml xmlns="http://www.neuroml.org/schema/neuroml2": give the same in'
            " NeuroML 2, or a channel as a mod file.",
        ),
        (
            H_SLOW.replace("schema/neuroml2", "schema/neuroml3", 1),
            "its first element is neuroml of 'http://www.neuroml.org/schema/neuroml3'; expected"
            ' <neuroml xmlns="http://www.neuroml.org/schema/neuroml2": write so there.',
        ),
        ("<channels/>", "its first element is channels of no namespace; expected <neuroml"),
    ],
)
def test_another_language_than_neuroml_2(tmp_path, text, says):
    file = written(tmp_path, text, "old.channel.nml")
    line = told(lambda: read_user_channel(file), str(file), says)
    right = H_SLOW
    if "write so there" in line:
        right = text.replace(advised(line, "of '(.*?)'"), advised(line, 'xmlns="(.*?)"'), 1)
    file.write_text(right)
    assert read_user_channel(file).channel == "h_slow"
    assert read_user_channel(written(tmp_path, KSLOW)).channel == "kslow"  # a mod file does as well


# -- what a file holds ------------------------------------------------------------------------------------------------


def test_a_mod_file_is_read_with_what_its_line_says(tmp_path):
    file = written(tmp_path, changed(KSLOW, ("WRITE ik", "WRITE ik VALENCE 2")))
    line = told(lambda: read_user_channel(file), f"{file}: USEION k ... VALENCE 2; ")
    valence = advised(line, r"expected (\S+), as in NEURON\.$")
    written(tmp_path, changed(KSLOW, ("WRITE ik", f"WRITE ik VALENCE {valence}")))
    assert read_user_channel(file).ion == "k"


def test_a_neuroml_file_is_read_with_what_its_line_says(tmp_path):
    file = written(tmp_path, changed(H_SLOW, ('id="h_slow" c', 'id="h-slow" c')), "h.nml")
    line = told(lambda: read_user_channel(file), "ion channel 'h-slow': expected an id of ")
    assert line.endswith("letters, digits and underscores, first a letter.")
    written(tmp_path, H_SLOW, "h.nml")
    assert read_user_channel(file).channel == "h_slow"


def test_a_channel_of_an_ion_of_its_own_is_one_with_e_mV(tmp_path):
    """As programs write them that call every current an ion."""
    own = changed(H_SLOW, ('conductance="1pS"', 'conductance="1pS" species="ar"'))
    file = written(tmp_path, own, "h.nml")
    line = told(lambda: with_own(file), "its species is 'ar'; expected one of na, k, ca, non_spec")
    assert "leave species out and give e_mV, or write" in line
    written(tmp_path, H_SLOW, "h.nml")
    assert with_own(file).table()["own.e"].dropna().unique().tolist() == [-80.0]


def test_a_leak_is_set_by_the_rules_that_its_line_names(tmp_path):
    leak = '<ionChannelHH id="leak" conductance="10pS"/>'
    text = f'<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" id="own">{leak}</neuroml>'
    line = told(lambda: with_own(written(tmp_path, text, "leak.nml")), "'leak': it has no gates;")
    names = advised(line, r"for a leak change (pas\.g and pas\.e) \(Cell\.with_rule\)\.$")
    for name, value in zip(names.split(" and "), (2e-4, -70.0), strict=True):
        table = Cell.simple().with_rule("soma", name, value=value).table()
        assert table[name].iloc[0] == pytest.approx(value, rel=1e-12)


@pytest.mark.java
def test_a_shift_that_densities_give_becomes_a_constant(tmp_path, loaded):
    constant = '<Constant name="SHIFT" dimension="voltage" value="12mV"/>'
    required = '<Requirement name="vShift" dimension="voltage"/>'
    includes = ("../../NeuroML2", NEUROML2.as_posix())
    shifted = (DATA / "kad_shifted.channel.nml").read_text()
    text = changed(shifted, includes, (constant, ""), ("v - SHIFT", "v - vShift"))
    text = changed(text, ("<Dynamics>", f"{required}<Dynamics>"))
    line = told(lambda: read_user_channel(written(tmp_path, text, "k.nml")), "requires vShift,")
    mended = advised(line, r"put (<Constant .*/>) in the place of the Requirement\.$")
    file = written(tmp_path, changed(text, (required, mended)), "k.nml")
    assert rest(with_own(file)).time_ms[-1] == pytest.approx(1.0)


def test_each_of_two_channels_is_read_from_a_file_of_its_own(tmp_path):
    one = AT_ONCE % (GATE % 1)
    channel = one[one.index("  <ionChannelHH") : one.index("</neuroml>")]
    both = changed(H_SLOW, ("</neuroml>", f"{channel}</neuroml>"))
    file = written(tmp_path, both, "both.nml")
    line = told(lambda: read_user_channel(file), "'h_slow', ionChannelHH 'at_once'; expected one ")
    assert line.endswith(": put each channel into a file of its own.")
    files = written(tmp_path, H_SLOW, "h.nml"), written(tmp_path, one, "one.nml")
    assert [read_user_channel(one).channel for one in files] == ["h_slow", "at_once"]


def test_a_file_of_synapses_is_no_file_of_a_channel(tmp_path):
    head = H_SLOW[: H_SLOW.index("<notes>")]
    synapse = '<expOneSynapse id="s" gbase="1nS" erev="0mV" tauDecay="5ms"/></neuroml>'
    file = written(tmp_path, f"{head}{synapse}", "synapses.nml")
    told(
        lambda: read_user_channel(file),
        "holds no ion channel but expOneSynapse; expected one ionChannel or ionChannelHH or",
        "give a channel's file (a receptor is added as docs/extend/receptor.md says).",
    )
    assert read_user_channel(written(tmp_path, H_SLOW, "h.nml")).channel == "h_slow"
    assert (DATA.parents[1] / "docs" / "extend" / "receptor.md").is_file()


# -- what a cell takes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "says"),
    [
        ("pas", "channel own: h.nml calls it pas, as the leak is; give it another id."),
        (
            "NaV2",
            "and own are both called NaV2 in their files; give the one in h.nml another id, or",
        ),
    ],
)
def test_a_channel_of_another_id_is_taken(tmp_path, id, says):
    def described(id):
        text = changed(H_SLOW, ('id="h_slow" c', f'id="{id}" c'))
        return with_own(written(tmp_path, text, "h.nml")).describe("none")

    told(lambda: described(id), says)
    assert described("another").user_channels.keys() == {"another"}


@pytest.mark.parametrize(
    ("suffix", "says"),
    [
        ("pas", "channel own: own.mod calls it pas, as the leak is; give it another SUFFIX."),
        (
            "kdr",
            "channels kdr and own are both called kdr in their files; give the one in own.mod ",
        ),
    ],
)
def test_a_mod_file_of_another_suffix_is_taken(tmp_path, suffix, says):
    def described(suffix):
        text = changed(KSLOW, ("SUFFIX kslow", f"SUFFIX {suffix}"))
        file = written(tmp_path, text)
        return Cell().with_channel("own", file, {"soma": 1e-5}).describe("none")

    told(lambda: described(suffix), says)
    assert described("another").user_channels.keys() == {"another"}


def test_a_mod_file_under_the_name_of_a_channel_takes_its_place(tmp_path):
    """As public files go: most are called as one of the cell's."""
    file = written(tmp_path, changed(KSLOW, ("SUFFIX kslow", "SUFFIX kdr")))
    line = told(lambda: Cell().with_channel("own", file, {"soma": 1e-5}).describe("none"), "both")
    name = advised(line, r"or call the channel (\w+), to put it in that one's place\.$")
    assert Cell().with_channel(name, file).describe("none").user_channels.keys() == {"kdr"}


@pytest.mark.parametrize(
    ("before", "says", "after"),
    [
        (
            ("gbar = 0 (S/cm2) <0, 1e9>", "gbar = 0"),
            "give gbar its unit in PARAMETER, such as (S/cm2)",
            ("gbar = 0 (S/cm2) <0, 1e9>", "gbar = 0 (S/cm2)"),
        ),
        (
            ("gbar = 0 (S/cm2) <0, 1e9>", "gbar = 0 (mA/cm2)"),
            "declare the peak conductance in one, or leave out what has none, as a pump",
            ("gbar = 0 (S/cm2) <0, 1e9>", "gbar = 0 (mho/cm2)"),
        ),
    ],
)
def test_a_density_gets_the_unit_that_its_line_asks_for(tmp_path, before, says, after):
    file = written(tmp_path, changed(KSLOW, before))
    told(lambda: read_user_channel(file), f"pS/um2 or the like: {says}.")
    written(tmp_path, changed(KSLOW, after))
    assert read_user_channel(file).density == "gbar"


def test_two_reversal_potentials_are_two_files(tmp_path):
    cation = (DATA / "cation.mod").read_text()
    leaky = changed(
        cation,
        ("NONSPECIFIC_CURRENT ih", "NONSPECIFIC_CURRENT ih, ilk"),
        ("eh = -30 (mV)", "eh = -30 (mV) elk = -70 (mV)"),
        ("ih = (0.001)*g*(v - eh)", "ih = (0.001)*g*(v - eh) ilk = (0.001)*ghbar*(v - elk)"),
    )
    file = written(tmp_path, changed(leaky, ("ih (mA/cm2)", "ih (mA/cm2) ilk (mA/cm2)")))
    line = told(lambda: read_user_channel(file), "have the reversal potentials eh, elk; expected")
    assert line.endswith("expected one: write a mod file for the current of each.")
    assert read_user_channel(written(tmp_path, cation)).reversal == "eh"


# -- what a channel is taken as ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("current", "told_of"),
    [("gbar*m*(v - ek)", False), ("gbar*m*(v + 77)", True), ("gbar*m*ghk(v)", True)],
)
def test_a_current_that_no_reversal_potential_moves_is_told(tmp_path, current, told_of):
    """As of Goldman-Hodgkin-Katz: what is given as e_mV, or as rule of k.e, changes nothing."""
    ghk = "FUNCTION ghk(v (mV)) (mV) { ghk = v }\n"
    file = written(tmp_path, changed(KSLOW, ("gbar*m*(v - ek)", current)) + ghk)
    notes = Cell().with_channel("own", file, {"soma": 1e-5}).channel_notes
    says = "channel own: its current does not depend on ek: reversal potentials of k"
    assert [note.startswith(says) for note in notes] == [True] * told_of


def test_a_channel_that_neuroml_cannot_hold(tmp_path):
    """As the line says: from a NeuroML file, or left out."""
    line = told(
        lambda: with_own(DATA / "kslow.mod").write_neuroml(tmp_path / "a"),
        "channel own comes from kslow.mod, which NeuroML cannot hold; give it as a NeuroML file,",
    )
    assert line.endswith("or export the cell without it.")
    assert with_own(DATA / "h_slow.channel.nml").write_neuroml(tmp_path / "a").is_file()
    assert with_own(DATA / "kslow.mod").without("own").write_neuroml(tmp_path / "b").is_file()


def test_a_channel_that_arbor_cannot_hold():
    pytest.importorskip("arbor")
    cell = with_own(DATA / "kslow.mod")
    line = told(lambda: cell.to_arbor(), "kslow.mod: a mod file says more than another simulator")
    assert advised(line, r"or leave it out \(Cell\.(\w+)\)\.") == "without"
    assert cell.without("own").to_arbor().cable_cell()


@pytest.mark.java
def test_a_channel_of_too_many_gates_at_once_for_arbor(tmp_path):
    pytest.importorskip("arbor")
    gates = "".join(GATE % number for number in range(15))
    cell = with_own(written(tmp_path, AT_ONCE % gates, "at_once.nml"))
    line = told(lambda: cell.to_arbor(), "its steady state is too long for the one expression")
    assert line.endswith("run the cell in NEURON.")
    assert rest(cell).time_ms[-1] == pytest.approx(1.0)


# -- how it is compiled and loaded ------------------------------------------------------------------------------------


def test_a_file_that_changed_is_taken_by_a_new_start(tmp_path, loaded):
    file = written(tmp_path, f"{KSLOW}: one\n")
    read = read_user_channel(file)
    file.write_text(f"{KSLOW}: another\n")
    line = told(lambda: load_user_channels([read]), f"{file} has changed since it was read as")
    assert line.endswith("expected the same: start again.")
    load_user_channels([read_user_channel(file)])


def test_a_valence_that_another_mechanism_of_the_process_has(tmp_path, loaded):
    def load(valence, name):
        uses = ("USEION k READ", f"USEION ownbr READ eownbr VALENCE {valence}\n    USEION k READ")
        text = changed(KSLOW, uses, ("    ek (mV)", "    ek (mV) eownbr (mV)"))
        load_user_channels([read_user_channel(written(tmp_path, f"{text}: {name}\n", name))])

    load(-1, "first.mod")
    line = told(lambda: load(-2, "second.mod"), "USEION ownbr ... VALENCE -2; ")
    load(advised(line, r"expected (\S+), as another"), "third.mod")


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch, loaded):
    """The path lies below a file: a folder without write permission would not stop root."""
    own = read_user_channel(written(tmp_path, f"{KSLOW}: kept elsewhere\n"))
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    line = told(
        lambda: load_user_channels([own]), f"{own.file}: compiled mechanisms cannot be kept"
    )
    variable = advised(line, r"set (\w+) to a folder that can be written\.$")
    monkeypatch.setenv(variable, str(tmp_path / "cache"))
    load_user_channels([own])
    assert list((tmp_path / "cache").glob("*/*nrnmech*"))


def test_a_library_that_the_system_does_not_load(tmp_path, cache, loaded):
    """As of another kind of machine whose home folder is the same: whole, and of no use here."""
    file = written(tmp_path, "NEURON { SUFFIX elsewhere }\n", "elsewhere.mod")
    home = compiled_library([file]).parent
    library = next(home.glob("*nrnmech*"))
    foreign = written(tmp_path, "no library of this machine", library.name)
    with kept_in_cache(home):
        keep_library(foreign, home)
    line = told(
        lambda: load_library(compiled_library([file])),
        "the compiled mechanisms cannot be loaded (",
        f"or set {CACHE_VARIABLE} to a folder whose files may be executed.",
    )
    folder = Path(advised(line, r"delete (\S+), or set"))
    assert folder == home
    for one in folder.iterdir():
        os.remove(one)
    folder.rmdir()
    load_library(compiled_library([file]))
