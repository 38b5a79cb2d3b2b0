"""What the errors of a cell's rules, drugs, places and reconstruction advise is done, and works."""

import re

import pytest
from following import advised, advised_number, told

from netpyne_model import Cell
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.morphology import read_section_table, read_swc
from netpyne_model.morphology.locations import locate
from netpyne_model.specification import load_specification

EXAMPLE = MORPHOLOGIES / "example.swc"
CELL = Cell()
STEEP = {"exponential": {"amplitude": 1.0, "tau_um": 0.01}}


def kdr(**entries):
    """The cell with a rule of kdr on its trunk."""
    return CELL.with_rule("trunk", "kdr.gbar", **entries)


RULES = {
    "two gradients": (
        lambda: kdr(value=0.1, gradient={"linear_per_um": 1e-5, "sigmoidal": None} | STEEP),
        "a gradient has exactly one of linear_per_um, exponential, sigmoidal",
        lambda line: kdr(value=0.1, gradient={"linear_per_um": 1e-5}),
    ),
    "a value and another region's": (
        lambda: kdr(value=0.1, inherit="soma"),
        "a rule has exactly one of value and inherit",
        lambda line: [kdr(value=0.1), kdr(inherit="soma")],
    ),
    "another region of no name": (
        lambda: kdr(inherit="sooma"),
        "inherit is 'sooma'; expected a region. Did you mean 'soma'?",
        lambda line: kdr(inherit=advised(line, "mean '(.*)'")),
    ),
    "a range the other way round": (
        lambda: kdr(value=0.1, from_um=90, to_um=50),
        "from_um (90) lies not below to_um (50)",
        lambda line: kdr(value=0.1, from_um=50, to_um=90),
    ),
    "a range before the soma": (
        lambda: kdr(value=0.1, from_um=-5),
        "from_um (-5) is negative; path distances are 0 or more",
        lambda line: kdr(value=0.1, from_um=0),
    ),
    "an end of no gradient": (
        lambda: kdr(value=0.1, held_beyond_um=100),
        "held_beyond_um ends a gradient; give one, or leave it out",
        lambda line: [
            kdr(value=0.1),
            kdr(value=0.1, gradient={"linear_per_um": 1e-5}, held_beyond_um=100),
        ],
    ),
    "an end before the soma": (
        lambda: kdr(value=0.1, gradient={"linear_per_um": 1e-5}, held_beyond_um=float("nan")),
        "held_beyond_um is no path distance; expected 0 um or more",
        lambda line: kdr(value=0.1, gradient={"linear_per_um": 1e-5}, held_beyond_um=0),
    ),
    "an end at less than 0": (
        lambda: kdr(value=0.1, gradient={"linear_per_um": 1e-5}, held_beyond_um=-1),
        "held_beyond_um (-1) is negative; path distances are 0 or more",
        lambda line: kdr(value=0.1, gradient={"linear_per_um": 1e-5}, held_beyond_um=0),
    ),
    "the outside of no range": (
        lambda: kdr(value=0.1, outside=0.2),
        "outside is what holds beyond from_um and to_um; give one of them, or leave outside out",
        lambda line: [kdr(value=0.1), kdr(value=0.1, outside=0.2, to_um=90)],
    ),
    "a minimum above the maximum": (
        lambda: kdr(value=0.1, minimum=0.3, maximum=0.2),
        "minimum (0.3) is above maximum (0.2)",
        lambda line: kdr(value=0.1, minimum=0.2, maximum=0.3),
    ),
    "ranges that overlap": (
        lambda: kdr(value=0.1, to_um=90).with_rule(
            "trunk", "kdr.gbar", value=0.2, from_um=50, add_range=True
        ),
        "two ranges overlap: one goes to 90 um, the next starts at 50 um; give from_um and to_um so"
        " that they follow each other",
        lambda line: kdr(value=0.1, to_um=50).with_rule(
            "trunk",
            "kdr.gbar",
            value=0.2,
            from_um=advised_number(line, r"starts at (\S+) um"),
            add_range=True,
        ),
    ),
    "a region that inherits from itself": (
        lambda: kdr(inherit="trunk"),
        "region trunk inherits from itself; expected one nearer the soma",
        lambda line: kdr(inherit="soma"),
    ),
    "a region of another name": (
        lambda: CELL.with_rule("trnk", "kdr.gbar", value=0.1),
        "region 'trnk' does not exist. Did you mean 'trunk'?",
        lambda line: CELL.with_rule(advised(line, "mean '(.*)'"), "kdr.gbar", value=0.1),
    ),
    "a parameter of another name": (
        lambda: CELL.with_rule("trunk", "kdr.gbr", value=0.1),
        "parameter 'kdr.gbr' does not exist. Did you mean 'kdr.gbar'?",
        lambda line: CELL.with_rule("trunk", advised(line, "mean '(.*)'"), value=0.1),
    ),
    "a parameter that is no name": (
        lambda: CELL.with_rule("trunk", 3, value=0.1),
        "parameter 3: expected mechanism.parameter, such as 'nas.gbar'.",
        lambda line: CELL.with_rule("trunk", advised(line, "such as '(.*)'"), value=0.1),
    ),
    "a part of another name": (
        lambda: kdr(valeu=0.1),
        "a rule has no 'valeu'. Did you mean 'value'?",
        lambda line: kdr(**{advised(line, "mean '(.*)'"): 0.1}),
    ),
    "a gradient twice": (
        lambda: kdr(value=0.1, gradient={"linear_per_um": 1e-5}, linear_per_um=1e-5),
        "a rule has one gradient; give gradient or linear_per_um, not both.",
        lambda line: [
            kdr(value=0.1, gradient={"linear_per_um": 1e-5}),
            kdr(value=0.1, linear_per_um=1e-5),
        ],
    ),
    "a part of several ranges": (
        lambda: (
            kdr(value=0.1, to_um=50)
            .with_rule("trunk", "kdr.gbar", value=0.2, from_um=50, add_range=True)
            .with_rule("trunk", "kdr.gbar", maximum=0.3)
        ),
        "has 2 rules of a range each; give a whole rule in their place, with value or inherit.",
        lambda line: (
            kdr(value=0.1, to_um=50)
            .with_rule("trunk", "kdr.gbar", value=0.2, from_um=50, add_range=True)
            .with_rule("trunk", "kdr.gbar", value=0.1, maximum=0.3)
        ),
    ),
    "a factor where nothing is": (
        lambda: CELL.with_rule("tuft", "nax.gbar", factor=2),
        "nax.gbar has no rule in region tuft, and a factor changes nothing there; it has rules in",
        lambda line: [
            CELL.with_rule(one, "nax.gbar", factor=2)
            for one in advised(line, r"rules in (.*)\.").split(", ")
        ],
    ),
    "a factor below 0": (
        lambda: CELL.with_rule("trunk", "kdr.gbar", factor=-1),
        "factor = -1: expected a number of 0 or more, such as 0.5.",
        lambda line: CELL.with_rule(
            "trunk", "kdr.gbar", factor=advised_number(line, r"such as (\S+)")
        ),
    ),
    "an exponential without end": (
        lambda: kdr(value=0.1, **STEEP).table(),
        "give it a larger tau_um.",
        lambda line: kdr(value=0.1, exponential={"amplitude": 1e-4, "tau_um": 100.0}).table(),
    ),
    "a slope without end": (
        lambda: kdr(value=0.1, linear_per_um=1e308).table(),
        "give it a smaller amplitude or slope.",
        lambda line: kdr(value=0.1, linear_per_um=1e-5).table(),
    ),
    "a channel to take away that is none": (
        lambda: CELL.without("kd"),
        "channel 'kd' does not exist. Did you mean",
        lambda line: CELL.without(advised(line, "mean '(.*)'")),
    ),
    "a list of nothing": (
        lambda: CELL.with_rule([], "kdr.gbar", value=0.1),
        "the list is empty; give at least one name.",
        lambda line: CELL.with_rule(["trunk"], "kdr.gbar", value=0.1),
    ),
    "no list of names": (
        lambda: CELL.with_rule(3, "kdr.gbar", value=0.1),
        "= 3: expected a name, or a list of names.",
        lambda line: [CELL.with_rule(one, "kdr.gbar", value=0.1) for one in ("trunk", ["trunk"])],
    ),
    "an entry that is no path": (
        lambda: CELL.with_entry(3, 36.0),
        "entry 3: expected its path, such as 'biophysics.run.celsius'.",
        lambda line: CELL.with_entry(advised(line, "such as '(.*)'"), 36.0),
    ),
    "a drug of another name": (
        lambda: CELL.with_drugs("TTXX"),
        "drug 'TTXX' does not exist. Did you mean 'TTX'?",
        lambda line: CELL.with_drugs(advised(line, "mean '(.*)'")),
    ),
    "a place of a drug of the whole cell": (
        lambda: CELL.with_drugs("persistent_only@tuft"),
        "persistent_only acts on the whole cell; leave out '@tuft', or take one of",
        lambda line: [
            CELL.with_drugs("persistent_only@tuft".replace(advised(line, "leave out '(.*)'"), "")),
            CELL.with_drugs(advised(line, r"take one of (\w+)") + "@soma"),
        ],
    ),
    "a drug in a region of no name": (
        lambda: CELL.with_drugs("INaP@tuff"),
        "region 'tuff' does not exist. Did you mean 'tuft'?",
        lambda line: CELL.with_drugs(f"INaP@{advised(line, 'mean .(.*).[?]')}"),
    ),
    "a dose above 1": (
        lambda: CELL.with_drugs("INaP:2"),
        "expected name or name:dose with a dose from 0 to 1, such as INaP:0.5.",
        lambda line: CELL.with_drugs(advised(line, r"such as (.*)\.")),
    ),
    "a factor that is a word": (
        lambda: CELL.with_drugs("ZD7288:half"),
        "the number of ZD7288 is the fraction that it leaves; expected name or name:factor with a",
        lambda line: CELL.with_drugs(advised(line, r"such as (\S+)")),
    ),
    "a blocker that leaves more than all": (
        lambda: CELL.with_drugs("TTX:1.5"),
        "with a factor from 0 to 1, such as TTX:0.25 (more than all is a parameter: nas.gbar*=1.5).",
        lambda line: CELL.with_parameters({advised(line, r"parameter: (\S+)=1"): 1.5}),
    ),
    "a cell to compare that is none": (
        lambda: CELL.diff("CA1"),
        "other = 'CA1': expected the Cell to compare with.",
        lambda line: CELL.diff(Cell()),
    ),
    "a cell of a spreadsheet": (
        lambda: Cell("cell.xlsx"),
        "expected a cell, which is a specification (.yaml, .yml, .json) or a morphology (.swc, .csv).",
        lambda line: Cell(EXAMPLE),
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_rules(case):
    refused, line, as_told = RULES[case]
    as_told(told(refused, line))


PLACES = {
    "trunk_50": "expected section(x)",
    "trunk_50(2)": "x from 0 to 1, for example trunk_50(0.5)",
    "trnk@200": "region 'trnk' does not exist. Did you mean 'trunk'?",
    "trunk@2000": "place 'trunk@2000':",
    "trunk": "expected section(x) with x from 0 to 1",
    "trunk(0.5)": "trunk is a region; expected section(x), such as",
    "trunk_500(0.5)": "section 'trunk_500' does not exist. Did you mean 'trunk_50'?",
}


@pytest.mark.parametrize("place", PLACES)
def test_places(place):
    morphology = CELL.morphology
    line = told(lambda: locate(morphology, place), PLACES[place])
    if meant := re.search("Did you mean '(.*)'", line):
        right = [re.sub(r"^\w+?(?=@|\()", meant[1], place)]
    else:
        right = re.findall(r"\w+\([\d.]+\)|\w+@[\d.]+", line.partition(":")[2])
        if reach := re.search(r"([\d.]+) to ([\d.]+) um", line):
            right = [f"trunk@{reach[1]}", f"trunk@{reach[2]}"]
    assert right, line
    for one in right:
        locate(morphology, one)


SWC = ["1 1 0 0 0 8 -1", "2 3 0 10 0 1 1", "3 3 0 60 0 1 2", "4 4 0 0 10 1 1", "5 4 0 0 90 1 4"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("3 3 0 sixty 0 1 2", "y 'sixty' is not a number; expected id type x y z radius parent."),
        ("3 3 0 inf 0 1 2", "is not finite; give a value in um."),
        ("3 3 0 60 0 1 20", "parent 20 of point 3 does not exist; expected the id of a point"),
        ("3 3 0 60 0 1", "6 fields; expected 7"),
        ("2 3 0 60 0 1 1", "stands in line 2 already; give each point an id of its own."),
        ("3 3 0 60 0 0 2", "radius 0; expected above 0"),
    ],
)
def test_a_line_of_a_reconstruction(tmp_path, wrong, says):
    file = tmp_path / "a.swc"
    file.write_text("\n".join([*SWC[:2], wrong, *SWC[3:]]))
    line = told(lambda: read_swc(file), f"{file}, line 3")
    assert says in line
    file.write_text("\n".join(SWC))  # the point with a value of its own in that field
    assert read_swc(file).in_region("basal")


@pytest.mark.parametrize(
    ("sign", "says"),
    [
        (",", "'1,1,0,0,0,8.5,-1'; expected id type x y z radius parent, separated by blanks"),
        (";", "write a blank in place of each ';'."),
    ],
)
def test_columns_that_no_blank_parts(tmp_path, sign, says):
    file = tmp_path / "a.swc"
    lines = ["1 1 0 0 0 8.5 -1", *SWC[1:]]
    file.write_text("\n".join(line.replace(" ", sign) for line in lines))
    line = told(lambda: read_swc(file), f"{file}, line 1: ", says)
    file.write_text(file.read_text().replace(advised(line, "each '(.)'"), " "))
    assert read_swc(file).in_region("basal")


def test_decimal_commas_of_a_reconstruction(tmp_path):
    file = tmp_path / "a.swc"
    file.write_text("\n".join([*SWC[:2], "3 3 0 60,5 0 1 2", *SWC[3:]]))
    line = told(lambda: read_swc(file), f"{file}, line 3: y '60,5' is not a number")
    file.write_text(file.read_text().replace("60,5", advised(line, r"write (\S+),")))
    (basal,) = read_swc(file).in_region("basal")
    assert basal.length_um == 60.5


def test_files_of_reconstructions(tmp_path):
    file = tmp_path / "a.swc"
    file.write_bytes(b"\xff\xfe\x00")
    told(lambda: read_swc(file), "not a text file; give the path of an SWC file.")
    file.write_text("# nothing\n")
    line = told(lambda: read_swc(file), "no points; expected lines of")
    assert len(advised(line, r"lines of (.*)\.").split()) == 7
    file.write_text("\n".join(SWC))
    read_swc(file)
    table = tmp_path / "a.csv"
    told(lambda: read_section_table(table), "cannot be read")
    header = "index,name,region,parent,parent_loc,length_um,diam0_um,diam1_um\n"
    table.write_text(header)
    told(
        lambda: read_section_table(table),
        "no sections; expected at least one row below the header.",
    )
    table.write_text(header + "0,soma_0,soma,,0,10,10,10\n")
    read_section_table(table)


@pytest.mark.parametrize(
    ("wrong", "says", "right"),
    [
        (
            "biophysics: {cable: {cm_uF_per_cm2: {tuft: null}}}",
            "cable.cm has no rule in region tuft, where section tuft_",
            "biophysics: {cable: {cm_uF_per_cm2: {tuft: {value: 1.0}}}}",
        ),
        (
            "morphology: {regions: {7: tuft}}",
            "morphology: trunk_end and regions belong to an SWC file; give its path as file.",
            f"morphology: {{regions: {{7: tuft}}, file: {EXAMPLE}}}",
        ),
    ],
)
def test_what_is_found_out_on_the_morphology(tmp_path, wrong, says, right):
    file = tmp_path / "cell.yaml"
    head = "base: CA1\nname: mine\n"
    file.write_text(head + wrong)
    told(lambda: Cell(file).table(), says)
    file.write_text(head + right)
    assert len(Cell(file).table())


def test_sections_of_a_cell():
    morphology = CELL.morphology
    line = told(lambda: morphology.section("trunk_500"), "does not exist. Did you mean")
    morphology.section(advised(line, "mean '(.*)'"))
    line = told(lambda: morphology.section(5000), "expected an index from 0 to")
    morphology.section(int(advised(line, r"0 to (\d+)")))


KDR = "base: CA1\nname: mine\nbiophysics: {channels: {kdr: {%s}}}\n"


@pytest.mark.parametrize(
    ("wrong", "says", "right"),
    [
        (
            "bsae: CA1\nname: mine\n",
            "'bsae' is not known. Did you mean 'base'?",
            "base: CA1\nname: mine\n",
        ),
        (
            "name: mine\nbase: CA3\n",
            "expected CA1, the package's own cell.",
            "name: mine\nbase: CA1\n",
        ),
        (
            "base: CA1\nname: mine\nbiophysics: {channels: {kdrr: {gbar_S_per_cm2: {}}}}\n",
            "channel 'kdrr' is not in the package's cell and has no file. Did you mean 'kdr'?",
            "base: CA1\nname: mine\nbiophysics: {channels: {kdr: {gbar_S_per_cm2: {}}}}\n",
        ),
        (
            "base: CA1\nname: mine\nbiophysics: {channels: {kdrr: null}}\n",
            "is null, to be taken away, but does not stand in the package's cell. Did you mean 'kdr'?",
            "base: CA1\nname: mine\nbiophysics: {channels: {kdr: null}}\n",
        ),
        (
            "base: CA1\nname: mine\nbiophysics: {channels: {slow: {file: no.mod, ion: k, gbar_S_per_cm2: {}}}}\n",
            "does not exist; give the path of a file.",
            "base: CA1\nname: mine\n",
        ),
        (
            KDR % "file: a.mod, gbar_S_per_cm2: {soma: {value: 1}}",
            "a.mod",
            KDR % "gbar_S_per_cm2: {soma: {value: 1}}",
        ),
        (
            KDR % "gbar_S_per_cm2: {soma: []}",
            "expected at least one rule; leave the region out",
            KDR % "",
        ),
    ],
)
def test_files_of_cells(tmp_path, wrong, says, right):
    file = tmp_path / "cell.yaml"
    file.write_text(wrong)
    told(lambda: load_specification(file), says)
    file.write_text(right)
    load_specification(file)
