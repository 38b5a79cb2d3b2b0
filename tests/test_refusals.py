"""What a newcomer gives wrong to a cell, from Python, a file or the command line: one line that names the next step."""

import dataclasses
import inspect
import math
import pickle
import traceback
import warnings
from pathlib import Path

import pytest

from netpyne_model import (
    Cell,
    CurrentClamp,
    Holding,
    ModelError,
    PlaceFieldInput,
    Protocol,
    ShaftInput,
    SpineInput,
    SynapticCurrent,
    Trial,
    VoltageClamp,
    load,
    save,
)
from netpyne_model.commands import main
from netpyne_model.results import Result
from netpyne_model.specification import set_rule

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE, KSLOW = ROOT / "morphologies" / "example.swc", ROOT / "tests" / "data" / "kslow.mod"
CELL = Cell()
STEEP = {"exponential": {"amplitude": 1.0, "tau_um": 0.01}}


def refusal(make) -> str:
    """The one line with which something is refused, also as a script shows it: without a second traceback above."""
    with warnings.catch_warnings(action="error"), pytest.raises(ModelError) as raised:
        make()
    assert "\n" not in str(raised.value)
    assert "".join(traceback.format_exception(raised.value)).count("Traceback") == 1
    return str(raised.value)


def rule(region, parameter, **entries):
    return lambda: CELL.with_rule(region, parameter, **entries)


def table(region, parameter, **entries):
    return lambda: CELL.with_rule(region, parameter, **entries).table()


def mod(*arguments, **options):
    return lambda: CELL.with_channel(*arguments, **options)


VALUES = {
    "an exponential that overflows": (
        table("trunk", "nas.gbar", value=0.1, **STEEP),
        "nas.gbar is not finite at",
    ),
    "also beyond its maximum": (
        table("trunk", "nas.gbar", value=0.1, maximum=0.2, **STEEP),
        "not finite",
    ),
    "also beyond its range": (
        table("trunk", "nas.gbar", value=0.1, to_um=1.0, **STEEP),
        "not finite",
    ),
    "of a conductance": (
        table("trunk", "AMPA.gmax", value=0.1, **STEEP),
        "AMPA.gmax is not finite",
    ),
    "of a potential": (table("soma", "na.e", value=1e308, linear_per_um=1e308), "na.e is 1e+308"),
    "of what is inherited": (
        table("trunk", "kdr.gbar", value=0.1, linear_per_um=1e308),
        "kdr.gbar is not finite",
    ),
    "Ra": (
        table("soma", "cable.Ra", value=1e9),
        "cable.Ra is 1e+09 on section soma_0; expected 1 to 100000 ohm cm",
    ),
    "small Ra": (
        table("soma", "cable.Ra", value=1e-3),
        "expected 1 to 100000 ohm cm: change its rule, or give it a min",
    ),
    "cm": (
        table("tuft", "cable.cm", value=1e3),
        "cable.cm is 1000 on section tuft_51; expected 0.01 to 100 uF/cm2",
    ),
    "small cm": (table("tuft", "cable.cm", value=1e-3), "expected 0.01 to 100 uF/cm2"),
    "pas.g": (
        table("tuft", "pas.g", value=1e4),
        "pas.g is 10000 on section tuft_51; expected 0 to 1000 S/cm2",
    ),
    "pas.e": (
        table("soma", "pas.e", value=1e9),
        "pas.e is 1e+09 on section soma_0; expected -200 to 200 mV",
    ),
    "na.e": (
        table("soma", "na.e", value=1e9),
        "na.e is 1e+09 on section soma_0; expected -200 to 200 mV",
    ),
    "h.e": (
        table("soma", "h.e", value=-201.0),
        "h.e is -201 on section soma_0; expected -200 to 200 mV",
    ),
    "a factor": (
        lambda: CELL.with_rule("all", "nas.gbar", factor=1e9).table(),
        "nas.gbar is 4e+07 on section soma_0",
    ),
    "v_init": (
        lambda: CELL.with_entry("biophysics.run.v_init_mV", 1e4),
        "biophysics.run.v_init_mV is 10000.0",
    ),
}
TYPES = {
    "with_channel": (
        mod("kslow", KSLOW, 1e-4),
        "gbar_S_per_cm2 = 0.0001: expected regions with a value or a rule",
    ),
    "no region": (mod("kslow", KSLOW, {}), "gbar_S_per_cm2 = {}: expected regions"),
    "e_mV": (
        mod("slow", KSLOW.with_name("h_slow.channel.nml"), {"soma": 1e-4}, e_mV="a"),
        "e_mV.soma is 'a'",
    ),
    "file": (
        mod("kslow", 3, {"soma": 1e-4}),
        "channel kslow: file = 3: expected a path, such as 'kslow.mod'",
    ),
    "parameters": (
        mod("kslow", KSLOW, {"soma": 1e-4}, parameters=3),
        "parameters = 3: expected a mapping",
    ),
    "one parameter": (
        mod("kslow", KSLOW, {"soma": 1e-4}, parameters={"vhalf": -40}),
        "vhalf = -40: expected regions",
    ),
    "channel's name": (
        mod("k slow", KSLOW, {"soma": 1e-4}),
        "channel 'k slow': expected a name of at most 64 letters",
    ),
    "scaled": (
        lambda: CELL.with_scaled_channels(["nas"], "a"),
        "factor = 'a': expected a number of 0 or more",
    ),
    "negative": (lambda: CELL.with_rule("all", "nas.gbar", factor=-1), "factor = -1: expected"),
    "nan": (lambda: CELL.with_rule("all", "nas.gbar", factor=math.nan), "factor = nan: expected"),
    "no channels": (lambda: CELL.with_scaled_channels([], 0.5), "channels: the list is empty"),
    "without none": (lambda: CELL.without([]), "channels: the list is empty"),
    "without nowhere": (lambda: CELL.without("nas", []), "region: the list is empty"),
    "without number": (
        lambda: CELL.without(3),
        "channels = 3: expected a name, or a list of names",
    ),
    "region": (rule(3, "nas.gbar", value=1.0), "region = 3: expected a name, or a list of names"),
    "no regions": (rule([], "nas.gbar", value=1.0), "region: the list is empty"),
    "parameter": (
        rule("trunk", ["nas.gbar"], value=1.0),
        "parameter ['nas.gbar']: expected mechanism.parameter",
    ),
    "entry": (lambda: CELL.with_entry(3, 4), "entry 3: expected its path"),
    "diff": (lambda: CELL.diff("x"), "other = 'x': expected the Cell to compare with"),
    "morphology": (lambda: Cell(3), "cell = 3: expected a path"),
    "specification": (
        lambda: Cell(specification={"name": "a"}),
        "specification = {'name': 'a'}: expected a file",
    ),
    "points": (lambda: Cell(EXAMPLE, regions=[1]), "morphology.regions is a list"),
    "no cell": (
        lambda: Cell("guide.py"),
        "guide.py: expected a cell, which is a specification (.yaml",
    ),
    "save": (lambda: CELL.save(3), "path = 3: expected a path, such as 'cell.yaml'"),
    "load": (lambda: load(3), "folder = 3: expected a path"),
    "table": (lambda: CELL.table("all"), "spines = 'all': expected 'none', 'silent'"),
    "neuroml": (lambda: CELL.write_neuroml(3), "folder = 3: expected a path"),
}
WORDS = {
    "outside alone": (
        rule("trunk", "nas.gbar", value=0.1, outside=0.2),
        "outside is what holds beyond from_um and to_um",
    ),
    "from_um": (rule("trunk", "nas.gbar", value=0.1, from_um=-3), "from_um (-3) is negative"),
    "to_um": (rule("trunk", "nas.gbar", value=0.1, to_um=-3), "to_um (-3) is negative"),
    "mechanism": (
        rule("trunk", "nas", value=0.1),
        "parameter 'nas' does not exist. Did you mean 'nas.gbar'?",
    ),
    "half a name": (rule("trunk", "Ra", value=0.1), "Did you mean 'cable.Ra'?"),
    "two halves": (rule("trunk", "pas", value=0.1), "Did you mean 'pas.g' or 'pas.e'?"),
    "linear": (
        rule("trunk", "nas.gbar", value=0.1, linear=1),
        "a rule has no 'linear'. Did you mean 'linear_per_um'?",
    ),
    "spines": (
        rule("all", "spines.density", value=1.0),
        "spines.density can be on basal, trunk, apical, tuft; leave",
    ),
    "GABA_A": (rule("axon", "inhibition.density", value=1.0), "leave out axon."),
    "tau_um": (
        rule("trunk", "nas.gbar", value=0.1, exponential={"amplitude": 1.0}),
        "nas.gbar in region trunk, 'gradient.exponential.tau_um' is missing; the gradient exponential needs amplitude, tau",
    ),
    "value": (
        rule("trunk", "nas.gbar", value="a"),
        "nas.gbar in region trunk, value is 'a'; expected a number.",
    ),
    "second region": (
        rule(["soma", "tuft"], "pas.e"),
        "pas.e in region soma: a rule has exactly one of value and inherit.",
    ),
    "a placement": (
        rule("tuft", "spines.density", value="a"),
        "spines.density in region tuft, value is 'a'",
    ),
    "two gradients": (
        rule("tuft", "pas.e", value=1.0, gradient={}, linear_per_um=1.0),
        "one gradient; give gradient or",
    ),
}
FILES = {
    "{biophysics: {channels: {nass: {gbar_S_per_cm2: {}}}}}": "channel 'nass' is not in the package's cell and has no file. D",
    "{biophysics: {channels: {nas: {gbar_S_per_cm2: {soma: 0.02}}}}}": "soma is 0.02; expected a rule, such as {value: 0.02}",
    "{placement: {spine_density_per_um: {trunk: 2}}}": "or a rule, such as {value: 2}.",
    "{biophysics: {pas: {e_mV: {tuft: {value: 1, linear_per_um: 1}}}}}": "stands under gradient; write gradient: {linear",
    "{biophysics: {channels: {kn2: null}}}": "Did you mean 'km2'?",
}


@pytest.mark.parametrize(
    ("make", "told"),
    [*VALUES.values(), *TYPES.values(), *WORDS.values()],
    ids=[*VALUES, *TYPES, *WORDS],
)
def test_what_does_not_hold_is_refused_in_one_line(make, told):
    assert told in refusal(make)


@pytest.mark.parametrize(("text", "told"), FILES.items())
def test_a_file_that_does_not_hold_says_how_it_would(tmp_path, text, told):
    (tmp_path / "cell.yaml").write_text(text.replace("{", "{base: CA1, ", 1))
    message = refusal(lambda: Cell(specification=tmp_path / "cell.yaml"))
    assert message.startswith(f"specification {tmp_path / 'cell.yaml'}")
    assert told in message


@pytest.mark.parametrize(
    "bound", [("cable.Ra", 20.0, 1e4), ("cable.cm", 0.5, 20.0), ("pas.e", -150.0, 100.0)]
)
def test_bounds_leave_room_for_experiments(bound):
    parameter, *values = bound
    for value in values:
        assert (
            CELL.with_rule("soma", parameter, value=value)
            .table()
            .query("region == 'soma'")[parameter]
            == value
        ).all()


# -- changes that a newcomer would expect to work ----------------------------------------------------------------------


def test_cells_with_the_same_specification_are_equal():
    assert Cell() == CELL.with_rule("soma", "nas.gbar", value=0.04)  # as it is
    assert Cell() != CELL.without("h")
    assert Cell() != "CA1"


def test_one_channel_or_several_are_taken():
    assert CELL.without(["nas", "h"]) == CELL.without("nas").without("h")
    assert CELL.without(iter(["nas", "h"]), iter(["tuft"])) == CELL.without("nas", "tuft").without(
        "h", "tuft"
    )
    assert (
        CELL.with_rule("all", "nas.gbar", factor=0.5)
        == CELL.with_rule(["all"], "nas.gbar", factor=0.5)
        != CELL
    )
    assert (
        CELL.with_scaled_channels("nas", 0.5)
        == CELL.with_scaled_channels(("nas", "nas"), 0.5)
        != CELL
    )


def test_a_rule_may_hold_the_form_of_its_gradient_directly():
    flat, nested = (
        {"value": 0.1, "linear_per_um": 1e-5},
        {"value": 0.1, "gradient": {"linear_per_um": 1e-5}},
    )
    specification = CELL.specification
    assert set_rule(specification, "tuft", "nas.gbar", flat) == set_rule(
        specification, "tuft", "nas.gbar", nested
    )


def test_a_channel_that_is_nowhere_is_gone_and_its_ion_with_it(tmp_path):
    text = KSLOW.read_text().replace("USEION k READ ek WRITE ik", "USEION ca READ eca WRITE ica")
    (tmp_path / "caslow.mod").write_text(text.replace("ek", "eca").replace("ik", "ica"))
    assert (
        CELL.with_channel("kslow", KSLOW, {"dendrites": 1e-4}).without("kslow", "dendrites") == CELL
    )
    calcium = CELL.with_channel("caslow", tmp_path / "caslow.mod", {"soma": 1e-4}, e_mV=120.0)
    assert "ca.e" in calcium.table()
    assert calcium.without("caslow") == CELL
    assert calcium.with_channel(
        "caslow", KSLOW, {"soma": 1e-4}
    ).specification.biophysics.ions.keys() == {"na", "k"}
    assert {"na", "k"} == CELL.without(["nas", "nax"]).specification.biophysics.ions.keys()


def test_a_folder_is_replaced_with_what_python_says(neuron, tmp_path):
    run = Protocol(duration_ms=1, dt_ms=0.025, stimuli=CurrentClamp(amplitude_nA=0.1)).run(
        Cell.simple()
    )
    assert isinstance(run, Result)
    save(run, tmp_path / "run")
    assert "choose another folder or give overwrite=True." in refusal(
        lambda: save(run, tmp_path / "run")
    )
    assert "folder = 3: expected a path" in refusal(lambda: save(run, 3))


# -- the command that looks at a cell ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "a.yaml",
            "{base: CA1, biophysics: {channels: {nas: {gbar_S_per_cm2: {trunk: {value: -1.0}}}}}}",
            "nas.gbar is -1 on",
        ),
        (
            "b.yaml",
            "{base: CA1, biophysics: {channels: {kdr: {gbar_S_per_cm2: {basal: {inherit: trunk}}}}}}",
            "leads through none",
        ),
        ("guide.py", "", "a specification (.yaml, .yml, .json) or a morphology (.swc, .csv)"),
    ],
)
def test_a_cell_that_does_not_hold_is_not_shown(tmp_path, capsys, name, text, told):
    (tmp_path / name).write_text(text)
    for arguments in ([], ["--against", str(tmp_path / name)]):
        assert main(["cell", *([] if arguments else [str(tmp_path / name)]), *arguments]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert told in shown.err
        assert shown.err.count("\n") == 1


def test_folders_of_what_is_written_are_made(tmp_path, capsys):
    paths = {
        "--figure": tmp_path / "a" / "x.png",
        "--table": tmp_path / "b" / "c" / "x.csv",
        "--save": tmp_path / "d" / "x.yaml",
    }
    assert (
        main(
            [
                "cell",
                "--plot",
                "nas.gbar",
                *(str(part) for option in paths.items() for part in option),
            ]
        )
        == 0
    )
    assert all(path.stat().st_size > 0 for path in paths.values())
    capsys.readouterr()
    (tmp_path / "file").touch()
    assert main(["cell", "--plot", "nas.gbar", "--figure", str(tmp_path / "file" / "x.png")]) == 2
    assert "its folder cannot be made" in capsys.readouterr().err


# -- arguments ---------------------------------------------------------------------------------------------------------

SHORT = Protocol(duration_ms=5)
ARGUMENTS = {
    "a trial's field": (lambda: Protocol(duration_ms=9, seed=1), "stimuli=PlaceFieldInput(seed"),
    "the same": (lambda: Protocol(duration_ms=9, setup="place_cell"), "PlaceFieldInput(setup="),
    "a misspelling": (lambda: Protocol(duration_m=9), "Did you mean 'duration_ms'?"),
    "nothing": (lambda: Protocol(), "give duration_ms too"),
    "another unit": (lambda: CurrentClamp(amplitude_pA=5), "Did you mean 'amplitude_nA'?"),
    "a duration": (lambda: CurrentClamp(amplitude_nA=1, duration_ms=5), "Give stop_ms"),
    "no name": (lambda: CurrentClamp(0.1), "as in CurrentClamp(amplitude_nA=...)"),
    "a clamp's": (lambda: VoltageClamp(level=[(0, -65)]), "Did you mean 'levels'?"),
    "a spine's": (lambda: SpineInput(time_ms=5, place="soma"), "Did you mean 'times_ms'?"),
    "a shaft's": (lambda: ShaftInput(times_ms=5), "give place too"),
    "a current's": (lambda: SynapticCurrent(times_ms=5, peak_pA=5), "Did you mean 'peak_nA'?"),
    "an input's": (lambda: PlaceFieldInput(sed=5), "Did you mean 'seed'?"),
    "a holding's": (lambda: Holding(target=-65), "Did you mean 'target_mV'?"),
    "a protocol's": (lambda: Trial(holding=Holding(target_mV=-65)), "an argument of Protocol"),
    "the tolerance": (lambda: Trial(atol=1e-3), "variable_step_atol"),
    "a cell as first": (lambda: Trial(CELL), "Trial(cell=...)"),
    "a cell to run on": (lambda: Trial(duration_ms=5).run(CELL), "Trial(cell=...)"),
    "a cell's file": (lambda: SHORT.run("mine.swc"), "'mine.swc': expected a Cell to run the"),
    "with the next step": (lambda: SHORT.run("mine.swc"), "Cell('mine.swc')"),
    "a rule's number": (lambda: CELL.with_rule("trunk", "kdr.gbar", 0.8), "or factor=0.8"),
    "NEURON's name": (
        lambda: Protocol(duration_ms=5, record={"i": "ik trunk@200"}).run(CELL),
        "Did you mean 'k.i trunk@200'?",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_wrong_arguments_are_one_line(loaded, case):
    make, says = ARGUMENTS[case]
    assert says in refusal(make)


def test_what_is_declared_keeps_its_signature_and_its_copies():
    assert "amplitude_nA" in inspect.signature(CurrentClamp).parameters
    assert "duration_ms" in inspect.signature(Protocol).parameters
    clamp = CurrentClamp(amplitude_nA=0.1)
    assert dataclasses.replace(clamp, start_ms=5) == CurrentClamp(amplitude_nA=0.1, start_ms=5)
    assert pickle.loads(pickle.dumps(clamp)) == clamp


@pytest.mark.parametrize("run", [Trial, Protocol])
def test_a_stimulus_that_begins_after_the_end_is_refused(run):
    late = CurrentClamp(amplitude_nA=0.1, start_ms=100)
    assert "begins at 100 ms, when the run of 100 ms is over" in refusal(
        lambda: run(duration_ms=100.0, stimuli=late)
    )
