"""What an error advises is done, as it stands, and works: arguments, rules, files of cells.

Other advice is followed beside what it is about: `test_refusals.py`, `test_swc_kinds.py` and others.
"""

from pathlib import Path

import numpy as np
import pytest
from drawn_trials import make_trial
from following import told

import netpyne_model as ca1
from netpyne_model import Cell, CurrentClamp, Protocol, SpineInput, Trial, VoltageClamp
from netpyne_model.analysis import comparison
from netpyne_model.analysis.measures import MEASURES, add_measure
from netpyne_model.analysis.place_field import spatial_information
from netpyne_model.analysis.precession import circular_linear_fit
from netpyne_model.analysis.recordings import epsp_amplitude
from netpyne_model.analysis.trials import voltage_histogram, voltage_variance
from netpyne_model.commands import main
from netpyne_model.configuration import load_configuration
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.mechanisms.user_channels import read_user_channel
from netpyne_model.morphology import read_section_table, read_swc
from netpyne_model.morphology.locations import locate
from netpyne_model.specification import load_specification
from netpyne_model.studies.conditions import table_conditions

DATA = Path(__file__).parent / "data"
EXAMPLE = MORPHOLOGIES / "example.swc"
PULSE = CurrentClamp(amplitude_nA=0.1)


ARGUMENTS = {
    "a protocol's argument without its name": (
        lambda: CurrentClamp(0.1),
        "CurrentClamp(0.1): give every argument by its name, as in CurrentClamp(amplitude_nA=...).",
        lambda: CurrentClamp(amplitude_nA=0.1),
    ),
    "a trial's argument without its name": (
        lambda: Trial(Cell()),
        "give every argument by its name, as in Trial(cell=...).",
        lambda: Trial(cell=Cell()),
    ),
    "a cell given to run": (
        lambda: Trial().run(Cell()),
        "a trial has its cell as a field, Trial(cell=...), and takes progress=... by name.",
        lambda: Trial(cell=Cell()),
    ),
    "no recording": (
        lambda: Protocol(duration_ms=10, record={}),
        "record: expected at least one recording, such as {'soma': 'soma'}.",
        lambda: Protocol(duration_ms=10, record={"soma": "soma"}),
    ),
    "a recording without a name": (
        lambda: Protocol(duration_ms=10, record=["soma"]),
        "record: expected a mapping of names (letters, digits, _) to what is recorded where.",
        lambda: Protocol(duration_ms=10, record={"at_the_soma": "soma"}),
    ),
    "a step of recording between steps": (
        lambda: Protocol(duration_ms=10, dt_ms=0.025, record_step_ms=0.04),
        "expected a multiple of dt_ms (0.025 ms); set record_step_ms=0.05, or dt_ms=0.02.",
        lambda: Protocol(duration_ms=10, dt_ms=0.025, record_step_ms=0.05),
    ),
    "the same of a trial": (
        lambda: Trial(record_step_ms=0.04),
        "expected a multiple of dt_ms (0.025 ms); set record_step_ms=0.05, or dt_ms=0.02.",
        lambda: Trial(record_step_ms=0.05),
    ),
    "fused channels at adapted steps": (
        lambda: Protocol(duration_ms=10, channels="fused"),
        "channels = 'fused' take fixed steps: give dt_ms too, such as 0.025.",
        lambda: Protocol(duration_ms=10, channels="fused", dt_ms=0.025),
    ),
    "an integration of another name": (
        lambda: Protocol(duration_ms=10, dt_ms=0.05, integration="second order"),
        "Did you mean 'second_order'?",
        lambda: Protocol(duration_ms=10, dt_ms=0.05, integration="second_order"),
    ),
    "second order without a step": (
        lambda: Protocol(duration_ms=10, integration="second_order"),
        "integration = 'second_order' takes fixed steps: give dt_ms too, such as 0.05.",
        lambda: Protocol(duration_ms=10, integration="second_order", dt_ms=0.05),
    ),
    "an adapted step of a length": (
        lambda: Protocol(duration_ms=10, integration="variable_step", dt_ms=0.05),
        "dt_ms = 0.05: an adapted step has none; leave it out, or set integration=fixed_step.",
        lambda: Protocol(duration_ms=10, integration="fixed_step", dt_ms=0.05),
    ),
    "channels of another name": (
        lambda: Protocol(duration_ms=10, channels="separated"),
        "Did you mean 'separate'?",
        lambda: Protocol(duration_ms=10, channels="separate"),
    ),
    "two place fields": (
        lambda: Protocol(duration_ms=900, stimuli=[ca1.PlaceFieldInput()] * 2),
        "several place-field inputs: expected one at most, on one track.",
        lambda: Protocol(duration_ms=900, stimuli=[ca1.PlaceFieldInput()]),
    ),
    "a clamp that ends before it begins": (
        lambda: CurrentClamp(amplitude_nA=0.1, start_ms=5, stop_ms=5),
        "stop_ms = 5: expected more than start_ms (5).",
        lambda: CurrentClamp(amplitude_nA=0.1, start_ms=5, stop_ms=6),
    ),
    "a voltage clamp with two commands": (
        lambda: VoltageClamp(levels=[(0, -65)], waveform=([0, 1], [-65, -60])),
        "a voltage clamp has either levels, [(0, -65), (100, -20)], or a waveform",
        lambda: VoltageClamp(levels=[(0, -65), (100, -20)]),
    ),
    "levels that are no pairs": (
        lambda: VoltageClamp(levels=[(0, -65, 1)]),
        "expected pairs of a time (ms) and a potential (mV), [(0, -65), (100, -20)].",
        lambda: VoltageClamp(levels=[(0, -65), (100, -20)]),
    ),
    "spines by place and by number": (
        lambda: SpineInput(times_ms=[1], place="trunk_50(0.5)", spines=[3]),
        "give either a place (and n), or spines by their numbers.",
        lambda: SpineInput(times_ms=[1], place="trunk_50(0.5)", n=2),
    ),
    "a number and a share": (
        lambda: ca1.PlaceFieldInput(n_excitatory=100, excitatory_share=0.2),
        "n_excitatory and excitatory_share: both say how many excitatory synapses are driven;"
        " leave one of the two out.",
        lambda: ca1.PlaceFieldInput(excitatory_share=0.2),
    ),
    "one result to compare": (
        lambda: comparison.measure_differences({"a": None}),
        "results: found 1; expected at least two to compare, by their names.",
        None,
    ),
    "generated receptors at second order": (
        lambda: Trial(integration="second_order", receptors="generated"),
        "generated receptors take steps of first order; set receptors=fast.",
        lambda: Trial(integration="second_order", receptors="fast"),
    ),
    "the sign of a factor behind the equals sign": (
        lambda: load_configuration(None, ["kdr.gbar=*0.8"]),
        "a factor has its sign before the equals sign: kdr.gbar*=0.8.",
        lambda: load_configuration(None, ["kdr.gbar*=0.8"]),
    ),
    "a place that is none": (
        lambda: locate(Cell().morphology, ("trunk_50",)),
        "expected 'trunk_50(0.5)', ('trunk_50', 0.5) or 'trunk@200'.",
        lambda: [
            locate(Cell().morphology, place)
            for place in ("trunk_50(0.5)", ("trunk_50", 0.5), "trunk@200")
        ],
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments(case):
    refused, line, as_told = ARGUMENTS[case]
    told(refused, line)
    if as_told is not None:
        as_told()


MS = np.arange(0.0, 100.0, 0.1)
ANALYSIS = {
    "slopes the other way round": (
        lambda: circular_linear_fit(MS, MS, slope_range_deg_per_unit=(2, -2)),
        "slope_range_deg_per_unit = (2, -2): expected (low, high); swap them.",
        lambda: circular_linear_fit(MS, MS, slope_range_deg_per_unit=(-2, 2)),
    ),
    "arrays of two trials": (
        lambda: voltage_variance(MS, MS[:-1] > 3),
        "expected one value a sample; take all of them from one trial.",
        lambda: voltage_variance(MS, MS > 3),
    ),
    "edges that do not ascend": (
        lambda: voltage_histogram(MS, [0, 20, 10]),
        "edges_mV = [0, 20, 10]: expected two or more ascending edges of bins.",
        lambda: voltage_histogram(MS, [0, 10, 20]),
    ),
    "a rate below 0": (
        lambda: spatial_information([1.0, -2.0]),
        "rate_hz or occupancy holds -2: expected no negative values; look for the bin.",
        lambda: spatial_information([1.0, 2.0]),
    ),
    "an event beyond the trace": (
        lambda: epsp_amplitude(MS, MS, 200.0),
        "expected a time in the trace (0 to 99.9 ms), at least 3 ms after its start.",
        lambda: epsp_amplitude(MS, MS, 3.0),
    ),
    "track times of a run without a track": (
        lambda: make_trial(n_synapses=3, track=None).spike_track_times_ms,
        "this run has no track; use time_ms and spike_times_ms, or add a PlaceFieldInput.",
        lambda: make_trial(n_synapses=3, track=None).spike_times_ms,
    ),
    "a measure twice": (
        lambda: add_measure(next(iter(MEASURES.values()))),
        "is in the list already; give it another name.",
        None,
    ),
    "steps of no current": (
        lambda: ca1.fi_curve(Cell(), []),
        "currents_nA = []: expected currents in nA, such as [0.1, 0.2, 0.3].",
        None,
    ),
}


@pytest.mark.parametrize("case", ANALYSIS)
def test_analysis(case):
    refused, line, as_told = ANALYSIS[case]
    told(refused, line)
    if as_told is not None:
        as_told()


RULES = {
    "a value without its name": (
        lambda: Cell().with_rule("trunk", "nas.gbar", 0.02),
        "nas.gbar, 0.02: give it by its name, value=0.02 or factor=0.02.",
        lambda: [Cell().with_rule("trunk", "nas.gbar", **{by: 0.02}) for by in ("value", "factor")],
    ),
    "a rule and a factor at once": (
        lambda: Cell().with_rule("trunk", "nas.gbar", value=0.02, factor=2),
        "give the rule first, and then the factor in a with_rule of its own.",
        lambda: (
            Cell()
            .with_rule("trunk", "nas.gbar", value=0.02)
            .with_rule("trunk", "nas.gbar", factor=2)
        ),
    ),
    "a range beside a published form": (
        lambda: Cell().with_rule("trunk", "spines.density", value=1.0, from_um=50, add_range=True),
        "spines.density in region trunk has its published form, no rules; give it a rule first.",
        lambda: (
            Cell()
            .with_rule("trunk", "spines.density", value=2.0, to_um=50)
            .with_rule("trunk", "spines.density", value=1.0, from_um=50, add_range=True)
        ),
    ),
    "spines where there are none": (
        lambda: Cell().with_rule(["soma", "tuft"], "spines.density", value=1.0),
        "spines.density can be on basal, trunk, apical, tuft; leave out soma.",
        lambda: Cell().with_rule("tuft", "spines.density", value=1.0),
    ),
    "a density below 0": (
        lambda: Cell().with_rule("trunk", "kdr.gbar", value=0.01, linear_per_um=-1e-4).table(),
        "change its rule, or give it a minimum.",
        lambda: (
            Cell()
            .with_rule("trunk", "kdr.gbar", value=0.01, linear_per_um=-1e-4, minimum=0.0)
            .table()
        ),
    ),
    "an entry below a value": (
        lambda: Cell().with_entry("biophysics.run.celsius.warm", 36.0),
        "biophysics.run.celsius is a single value; it has no 'warm'.",
        lambda: Cell().with_entry("biophysics.run.celsius", 36.0),
    ),
    "a new channel without densities": (
        lambda: Cell().with_channel("slow", DATA / "kslow.mod"),
        "channel 'slow' is new to this cell: give gbar_S_per_cm2.",
        lambda: Cell().with_channel("slow", DATA / "kslow.mod", gbar_S_per_cm2={"soma": 1e-3}),
    ),
    "a reversal potential beside the ion's": (
        lambda: Cell().with_channel("slow", DATA / "kslow.mod", {"soma": 1e-3}, e_mV=-80),
        "channel slow carries k, which has its reversal potential: change k.e.",
        lambda: (
            Cell()
            .with_channel("slow", DATA / "kslow.mod", {"soma": 1e-3})
            .with_rule("all", "k.e", value=-80)
        ),
    ),
    "a parameter that a channel does not have": (
        lambda: Cell().with_channel(
            "slow", DATA / "kslow.mod", {"soma": 1e-3}, parameters={"tua": {"soma": 1}}
        ),
        "channel slow: kslow.mod has no parameter 'tua'.",
        None,
    ),
    "how an SWC file is read, without one": (
        lambda: Cell(trunk_end=20),
        "trunk_end and regions say how to read an SWC file; give its path as morphology.",
        lambda: Cell(EXAMPLE, regions={}),
    ),
    "a specification that is no YAML file": (
        lambda: Cell().save("cell.txt"),
        "a specification is a YAML file; give a name that ends in .yaml.",
        None,
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_rules_of_cells(case):
    refused, line, as_told = RULES[case]
    told(refused, line)
    if as_told is not None:
        as_told()


SWC = ["1 1 0 0 0 8 -1", "2 3 0 10 0 1 1", "3 3 0 60 0 1 2", "4 4 0 0 10 1 1", "5 4 0 0 90 1 4"]


@pytest.mark.parametrize(
    ("lines", "line", "mended"),
    [
        (
            [*SWC, "-7 3 0 70 0 1 3"],
            "line 6: id -7; expected 0 or above (-1 stands for no parent): renumber the point.",
            [*SWC, "6 3 0 70 0 1 3"],
        ),
        (
            [*SWC, "6 3 0 70 0 1 6"],
            "point 6 is its own parent; give the id of the point before it, or -1 for the first.",
            [*SWC, "6 3 0 70 0 1 3"],
        ),
        (
            ["1 3 0 0 0 1 -1", "2 3 0 10 0 1 1"],
            "the root, point 1, is basal; expected soma (type 1): add a point of type 1 as its"
            " parent.",
            ["9 1 0 -9 0 8 -1", "1 3 0 0 0 1 9", "2 3 0 10 0 1 1"],
        ),
        (
            ["1 1 0 0 0 8 -1", "2 2 0 10 0 1 1", "3 2 0 60 0 1 2"],
            "no dendrite; expected points of type 3 (basal) or 4 (apical): give these types to the"
            " points of dendrites.",
            ["1 1 0 0 0 8 -1", "2 3 0 10 0 1 1", "3 3 0 60 0 1 2"],
        ),
        (
            ["1 1 0 0 0 8 -1", "2 9 0 10 0 1 1", "3 9 0 60 0 1 2", *SWC[3:]],
            "give them type 3 (basal) or 4 (apical).",
            SWC,
        ),
    ],
)
def test_reconstructions(tmp_path, lines, line, mended):
    file = tmp_path / "a.swc"
    file.write_text("\n".join(lines) + "\n")
    told(lambda: read_swc(file), str(file), line)
    file.write_text("\n".join(mended) + "\n")
    assert any(section.region in ("basal", "trunk") for section in read_swc(file).sections)


def test_points_that_a_reconstruction_does_not_have(tmp_path):
    file = tmp_path / "a.swc"
    file.write_text("\n".join(SWC) + "\n")
    told(lambda: read_swc(file, trunk_end=3), "give the id of a point of type 4.")
    assert read_swc(file, trunk_end=5).in_region("trunk")
    told(lambda: read_swc(file, regions={77: "tuft"}), "give the id of a dendrite point.")
    told(lambda: read_swc(file, regions={5: "truft"}), "Did you mean 'tuft'?")
    assert read_swc(file, regions={5: "tuft"}).in_region("tuft")


HEADER = "index,name,region,parent,parent_loc,length_um,diam0_um,diam1_um\n"
SOMA = "0,soma_0,soma,,0,10,10,10\n"


@pytest.mark.parametrize(
    ("text", "line", "mended"),
    [
        (
            HEADER + SOMA + "1,b,basal,4,1,9,1,1\n",
            "line 3: parent '4'; expected an earlier row, and none for the first row only.",
            HEADER + SOMA + "1,b,basal,0,1,9,1,1\n",
        ),
        (
            HEADER + SOMA + "3,b,basal,0,1,9,1,1\n",
            "expected 1, counted from 0 without gaps.",
            HEADER + SOMA + "1,b,basal,0,1,9,1,1\n",
        ),
        (
            HEADER + SOMA + "1,b,basal,0,0.5,9,1,1\n",
            "parent_loc 0.5; expected 0 or 1, the end of the parent it hangs from.",
            HEADER + SOMA + "1,b,basal,0,1,9,1,1\n",
        ),
        (
            HEADER + SOMA + "1,b,basal,0,1,0,1,1\n",
            "length and diameters must be above 0 and below 100000 um.",
            HEADER + SOMA + "1,b,basal,0,1,0.1,1,1\n",
        ),
        (
            HEADER.replace(",diam1_um", "") + "0,soma_0,soma,,0,10,10\n",
            "line 1: no column 'diam1_um'; expected index, name, region, parent, parent_loc,",
            HEADER + SOMA,
        ),
    ],
)
def test_section_tables(tmp_path, text, line, mended):
    file = tmp_path / "a.csv"
    file.write_text(text)
    told(lambda: read_section_table(file), str(file), line)
    file.write_text(mended)
    assert read_section_table(file).sections[0].region == "soma"


def test_a_section_table_names_its_regions(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(HEADER + SOMA + "1,b,basal,0,1,9,1,1\n")
    told(lambda: Cell(file, trunk_end=3), "leave out trunk_end and regions.")
    assert len(Cell(file).morphology) == 2


def test_files_of_cells(tmp_path):
    file = tmp_path / "cell.yaml"
    file.write_text("name: mine\n")
    told(lambda: load_specification(file), "'biophysics' is missing; add it, or base: CA1 to start")
    file.write_text("name: mine\nbase: CA1\n")
    assert load_specification(file).name == "mine"
    file.write_text("name: mine\nbase: CA3\n")
    told(lambda: load_specification(file), "base is 'CA3'; expected CA1, the package's own cell.")


def test_files_of_channels(tmp_path):
    kslow = (DATA / "kslow.mod").read_text()
    file = tmp_path / "own.mod"
    file.write_text(kslow + 'INCLUDE "own.mod"\n')
    told(lambda: read_user_channel(file), "comes back to itself; remove one of the INCLUDEs.")
    file.write_text(kslow)
    read_user_channel(file)


def test_a_swept_sha256_of_events(tmp_path):
    file = tmp_path / "sweep.csv"
    file.write_text("condition,events_sha256\na,0000\n")
    told(lambda: table_conditions(file), "it belongs to a file; sweep events_file.")
    file.write_text("condition,events_file\na,events.csv\n")
    assert table_conditions(file)[0]["events_file"].endswith("events.csv")


def test_figures_of_the_command(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["cell", "--plot", "nas.gbar", "--draw", "regions"]) == 2
    assert "--plot and --draw both make the figure; give one of them." in capsys.readouterr().err
    assert main(["cell", "--draw", "regions", "--figure", "a.png"]) == 0
    assert (tmp_path / "a.png").is_file()
