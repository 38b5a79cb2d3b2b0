"""SWC files as archives hold them: what is taken, what is told, what is refused, and that advice works."""

import math
import re

import pytest
from swc_texts import SOMA

from netpyne_model import Cell
from netpyne_model.errors import ModelError
from netpyne_model.morphology import read_section_table, read_swc

BASAL = ["4 3 0 -30 0 1 1", "5 3 0 -60 0 1 4"]
APICAL = ["6 4 0 30 0 1 1", "7 4 0 60 0 1 6"]
TWIN = ["21 1 99 0 0 4 -1", "22 1 99 -4 0 4 21", "23 1 99 4 0 4 21", "24 3 99 -30 0 1 21"]


def shape(cell) -> list[tuple]:
    """Region, parent, length and both diameters of every dendrite."""
    return [
        (
            one.region,
            one.parent,
            *(round(size, 9) for size in (one.length_um, one.diam0_um, one.diam1_um)),
        )
        for one in cell.sections[5:]
    ]


# Detached axon


def test_detached_axon_is_left_out_wherever_it_stands(swc):
    whole = read_swc(swc([*SOMA, *BASAL, *APICAL]))
    piece, other = ["8 2 90 0 0 0.2 -1", "9 2 99 0 0 0.2 8"], ["10 2 -90 0 0 0.2 -1"]
    for lines in (
        [*SOMA, *BASAL, *APICAL, *piece, *other],
        [*other, *piece, *SOMA, *BASAL, *APICAL],
        [*SOMA, *BASAL, *APICAL, "11 2 5 0 0 0.4 1", *piece, *other],
    ):
        cell = read_swc(swc(lines))
        assert shape(cell) == shape(whole)
        assert cell.notes == (
            "2 detached pieces of axon (3 points) left out, as all axon of the file",
        )
    assert whole.notes == ()


@pytest.mark.parametrize(
    "piece", [["8 3 90 0 0 0.2 -1"], ["8 2 90 0 0 0.2 -1", "9 3 99 0 0 0.2 8"]]
)
def test_any_other_detached_piece_is_refused(swc, piece):
    with pytest.raises(ModelError, match=r"line 8: point 8 has parent -1, .* one root beside"):
        read_swc(swc([*SOMA, *BASAL, *APICAL, *piece]))


def test_a_detached_piece_is_named_with_the_number_of_others(swc):
    pieces = ["8 3 90 0 0 0.2 -1", "9 3 99 0 0 0.2 -1", "10 2 70 0 0 0.2 -1"]
    for n_left, message in ((3, r"hangs from \(roots after it: 2\)\.$"), (1, r"hangs from\.$")):
        with pytest.raises(ModelError, match=message):
            read_swc(swc([*SOMA, *BASAL, *APICAL, *pieces[:n_left]]))


# Trees that start elsewhere


def test_a_tree_that_starts_in_a_dendrite_is_turned(swc):
    """Wherever it starts, it is the same tree: lengths, diameters, regions."""
    usual = read_swc(swc(["1 1 0 0 0 4 -1", *BASAL, *APICAL, "8 2 9 0 0 0.4 1"]))
    turned = read_swc(
        swc(["5 3 0 -60 0 1 -1", "4 3 0 -30 0 1 5", "1 1 0 0 0 4 4", *APICAL, "8 2 9 0 0 0.4 1"])
    )
    assert shape(turned) == shape(usual)
    assert turned.notes == ("the tree starts with point 5: turned, to start with soma point 1",)
    assert usual.notes == ()


def test_a_tree_that_starts_in_an_axon_is_turned_beside_a_piece_of_axon(swc):
    axon = ["8 2 30 0 0 0.4 -1", "9 2 20 0 0 0.4 8", "20 2 90 0 0 0.4 -1"]
    soma = ["1 1 0 0 0 4 9", "2 1 0 -4 0 4 1"]
    cell = read_swc(swc([*axon, *soma, *BASAL, *APICAL]))
    assert shape(cell) == shape(read_swc(swc([*SOMA, *BASAL, *APICAL])))
    assert [note.partition(":")[0] for note in cell.notes] == [
        "the tree starts with point 8",
        "1 detached piece of axon (1 points) left out, as all axon of the file",
    ]


def test_a_second_soma_in_a_turned_tree_is_refused(swc):
    lines = ["4 3 0 -30 0 1 -1", "1 1 0 0 0 4 4", "5 3 0 -60 0 1 4", "6 1 0 -90 0 4 5"]
    with pytest.raises(ModelError, match=r"soma point 6 hangs from basal point 5; let it hang"):
        read_swc(swc(lines))


# Diameters


@pytest.mark.parametrize(
    ("radii", "expected"),
    [
        ((4.5, *12 * [0.2]), (2 * (9.0 + 12 * 0.4) / 13 - 0.4, 0.4)),
        ((3.0, 0.5, 0.5, 0.5), (2 * 2.25 - 1.0, 1.0)),
        ((0.5, 1.5, 0.6), None),  # an ordinary one, as published: no lower than the thinnest
    ],
)
def test_no_taper_ends_clearly_below_the_thinnest_point(swc, radii, expected):
    lines = [f"{4 + i} 3 0 {-7 - 10 * i} 0 {r} {3 + i if i else 1}" for i, r in enumerate(radii)]
    section = read_swc(swc([*SOMA, *lines])).section("basal_5")
    mean_um = 2 * math.fsum(radii) / len(radii)
    assert section.mean_diam_um == pytest.approx(mean_um, rel=1e-12)
    assert section.diam1_um >= 5 / 6 * 2 * min(radii)
    if expected:
        assert (section.diam0_um, section.diam1_um) == pytest.approx(expected, rel=1e-12)


# Types


FORKED = [*SOMA, "4 3 0 -30 0 1 1", "5 5 0 -60 0 1 4"]
ENDS = ["6 3 9 -70 0 1 5", "7 6 9 -90 0 1 6", "8 3 -9 -70 0 1 5", "9 6 -9 -90 0 1 8"]


def test_fork_and_end_points_are_of_the_type_of_their_parents(swc):
    cell = read_swc(swc([*FORKED, *ENDS]))
    plain = [re.sub(r"^(\d) [56]", r"\1 3", line) for line in [*FORKED, *ENDS]]
    assert shape(cell) == shape(read_swc(swc(plain)))
    assert [note.partition(":")[0] for note in cell.notes] == [
        "type 5 (1 point, the first in line 5)",
        "type 6 (2 points, the first in line 7)",
    ]


def test_forks_and_ends_of_a_file_that_tells_nothing_else_are_no_trunk(swc):
    """As tracings of whole brains have: 0 along the branches, 5 forks, 6 ends."""
    lines = ["4 0 0 -30 0 1 1", "5 5 0 -60 0 1 4", "6 6 9 -90 0 1 5", "7 0 -9 -80 0 1 5"]
    lines += ["8 6 -9 -99 0 1 7"]
    with pytest.raises(ModelError, match=r"point 4 is of type 0, .* give them type 3 \(basal\) or"):
        read_swc(swc([*SOMA, *lines]))
    told = [re.sub(r"^(\d) 0", r"\1 3", line) for line in lines]
    cell = read_swc(swc([*SOMA, *told]))
    assert {section.region for section in cell.sections[5:]} == {"basal"}


def test_a_fork_at_the_soma_is_what_follows_it(swc):
    lines = ["1 1 0 0 0 4 -1", "2 5 0 -9 0 1 1", "3 3 9 -30 0 1 2", "4 3 -9 -30 0 1 2"]
    lines += ["5 5 9 -40 0 1 3", "6 6 0 -60 0 1 5", "7 6 20 -60 0 1 5"]
    assert {section.region for section in read_swc(swc(lines)).sections[5:]} == {"basal"}


MYELIN = ["8 2 20 0 0 0.4 1", "9 5 40 0 0 0.4 8", "10 6 50 0 0 0.4 9", "11 7 90 0 0 0.4 10"]


def test_types_of_nodes_and_myelin_are_axon(swc):
    """As models of stimulated axons write them: 5 and 6 within the stretch where a stem may be."""
    cell = read_swc(swc([*SOMA, *BASAL, *APICAL, *MYELIN, "12 5 90 9 0 0.4 11"]))
    assert shape(cell) == shape(read_swc(swc([*SOMA, *BASAL, *APICAL])))
    assert cell.notes == (
        "types 5 and 6 (3 points, the first in line 9) lie beyond the axon: taken for axon",
        "type 7 (1 point, the first in line 11): each taken for what it hangs from: 1 axon",
    )


def test_a_trunk_on_the_stem_of_an_axon_stays_trunk(swc):
    """Where an oblique lies beyond it, or there is no other apical dendrite."""
    stem = ["8 2 0 9 0 1 1", "9 5 0 40 0 1 8", "10 5 0 80 0 1 9"]
    for lines in ([*stem, "11 4 9 80 0 1 10", *APICAL], stem):
        cell = read_swc(swc([*SOMA, *BASAL, *lines]))
        assert "trunk" in {section.region for section in cell.sections}
        assert "taken for axon" not in " ".join(cell.notes)


def test_trunk_and_tuft_stay_what_they_are(swc):
    """Also where each point of the trunk is a fork and each of the tuft an end."""
    lines = [*SOMA, "4 5 0 30 0 1 1", "5 4 20 30 0 1 4", "6 5 0 60 0 1 4"]
    lines += ["7 6 9 90 0 1 6", "8 6 -9 90 0 1 6"]
    cell = read_swc(swc(lines))
    assert [section.region for section in cell.sections[5:]] == [
        "trunk",
        "apical",
        "trunk",
        "tuft",
        "tuft",
    ]
    assert cell.notes == ()


def test_trunk_or_tuft_out_of_place_is_told(swc):
    tuft = read_swc(swc([*SOMA, "4 4 0 30 0 1 1", "5 6 0 60 0 1 4", "6 6 0 90 0 1 5"]))
    assert tuft.notes == (
        "the tuft from point 5 on hangs from no trunk: its rules start at the soma",
    )
    trunk = read_swc(swc([*SOMA, "4 4 0 30 0 1 1", "5 5 0 60 0 1 4", "6 5 0 90 0 1 5"]))
    assert trunk.notes == ("the trunk from point 5 on hangs from apical dendrite",)


def test_points_of_another_type_are_what_they_hang_from(swc):
    lines = [*SOMA, *BASAL, *APICAL, "8 7 0 90 0 1 7", "9 0 0 -90 0 1 5", "10 7 9 99 0 1 8"]
    plain = [*lines[:-3], "8 4 0 90 0 1 7", "9 3 0 -90 0 1 5", "10 4 9 99 0 1 8"]
    cell = read_swc(swc(lines))
    assert shape(cell) == shape(read_swc(swc(plain)))
    assert cell.notes == (
        "type 0 (1 point, the first in line 9): each taken for what it hangs from: 1 basal",
        "type 7 (2 points, the first in line 8): each taken for what it hangs from: 2 apical",
    )


def test_the_stem_of_an_axon_that_bears_a_dendrite_is_dendrite(swc):
    lines = [*SOMA, *APICAL, "8 2 0 -9 0 1 1", "9 2 0 -20 0 1 8", "10 3 0 -60 0 1 9"]
    lines += ["11 3 0 -80 0 1 10", "12 2 30 -20 0 1 9"]
    cell = read_swc(swc(lines))
    (basal,) = cell.in_region("basal")
    assert basal.length_um == pytest.approx(80)
    assert cell.notes == ("axon points 8 to 9 bear a dendrite near their start: taken for basal",)


# Several apical dendrites


def stem(first: int, side: int, length_um: float) -> list[str]:
    """An apical dendrite that forks once and ends in two tips."""
    end = f"{first} 4 {side} {0.6 * length_um} 0 1 1"
    tips = [f"{first + n} 4 {side + n} {length_um} 0 1 {first}" for n in (1, 2)]
    return [end, *tips]


def test_each_apical_dendrite_that_reaches_far_has_a_trunk(swc):
    cell = read_swc(swc([*SOMA, *stem(4, -50, 300), *stem(8, 50, 200), *stem(12, 90, 90)]))
    regions = [section.region for section in cell.sections[5:]]
    assert regions == 2 * ["trunk", "tuft", "tuft"] + 3 * ["apical"]
    assert cell.notes == ("2 apical dendrites have a trunk each, which end at points 4, 8",)
    alone = read_swc(swc([*SOMA, *stem(4, -50, 300), *stem(8, 50, 200)]), trunk_end=4)
    assert [one.region for one in alone.sections[5:]] == ["trunk", *2 * ["tuft"], *3 * ["apical"]]
    assert alone.notes == ()


# The form of the file


def test_further_columns_and_whole_numbers_written_as_floats(swc):
    lines = [*SOMA, *BASAL, *APICAL]
    written = []
    for line in lines:
        id, kind, *rest, parent = line.split()
        written.append(f"{id}.0 {kind}.00 {' '.join(rest)} {float(parent)} 3 nan comment")
    assert shape(read_swc(swc(written))) == shape(read_swc(swc(lines)))


# Advice: what a message says is done, and the file is read


# Messages that show two ways out: each is tried.
FAR_OUT_ON_AXON = (
    [*SOMA, *BASAL, "6 2 70 0 0 1 1", "7 3 90 0 0 1 6", "8 3 99 0 0 1 7"],
    r"let it hang from soma or dendrite, or make it and all beyond it axon \(type 2\)\.$",
)
NO_LENGTH = r"correct the places of its points, or leave them out\.$"
ADVICE = {
    "a detached piece": (
        [*SOMA, *BASAL, "8 3 0 -90 0 1 -1"],
        r"give it the id of the point it hangs from\.$",
        [*SOMA, *BASAL, "8 3 0 -90 0 1 5"],
        ["basal"],
    ),
    "no dendrite": (
        [*SOMA, "4 2 0 -30 0 1 1"],
        r"no dendrite; expected points of type 3 \(basal\) or 4 \(apical\): give these types",
        [*SOMA, "4 3 0 -30 0 1 1"],
        ["basal"],
    ),
    "nanometres": (
        ["1 1 0 0 0 8000 -1", "2 3 0 -30000 0 110 1"],
        r"are 220 um thick \(median\); expected below 30 um: divide x, y, z and radius by 1000 if",
        ["1 1 0 0 0 8 -1", "2 3 0 -30 0 0.11 1"],
        ["basal"],
    ),
    "undefined at the soma": (
        [*SOMA, "4 0 0 -30 0 1 1", "5 0 0 -60 0 1 4"],
        r"is of type 0, as 2 points are, .* give them type 3 \(basal\) or 4 \(apical\)\.$",
        [*SOMA, "4 4 0 -30 0 1 1", "5 4 0 -60 0 1 4"],
        ["trunk"],
    ),
    "trunk on basal dendrite": (
        [*SOMA, *BASAL, "6 5 0 -90 0 1 5", "7 5 0 -99 0 1 6"],
        r"make it and all beyond it basal \(type 3\)",
        [*SOMA, *BASAL, "6 3 0 -90 0 1 5", "7 3 0 -99 0 1 6"],
        ["basal"],
    ),
    "forks that are not all forks": (
        [*SOMA, *BASAL, "6 5 0 -90 0 1 5", "7 6 0 -99 0 1 6"],
        r"if 5 and 6 are fork and end points, give each the type of its parent\.$",
        [*SOMA, *BASAL, "6 3 0 -90 0 1 5", "7 3 0 -99 0 1 6"],
        ["basal"],
    ),
    "dendrite far out on an axon": (
        *FAR_OUT_ON_AXON,
        [*SOMA, *BASAL, "6 2 70 0 0 1 1", "7 3 90 0 0 1 5", "8 3 99 0 0 1 7"],
        ["basal"],
    ),
    "dendrite far out on an axon, as axon": (
        *FAR_OUT_ON_AXON,
        [*SOMA, *BASAL, "6 2 70 0 0 1 1", "7 2 90 0 0 1 6", "8 2 99 0 0 1 7"],
        ["basal"],
    ),
    "soma beyond dendrite": (
        [*SOMA, *BASAL, "6 1 0 -90 0 1 5"],
        r"let it hang from a point of the soma\.$",
        [*SOMA, *BASAL, "6 1 0 -90 0 1 1"],
        ["basal"],
    ),
    "root without soma": (
        ["4 3 0 -30 0 1 -1", "5 3 0 -60 0 1 4"],
        r"add a point of type 1 as its parent\.$",
        ["1 1 0 0 0 4 -1", "4 3 0 -30 0 1 1", "5 3 0 -60 0 1 4"],
        ["basal"],
    ),
    "a column too many in one line": (
        [*SOMA, *BASAL[:1], f"{BASAL[1]} 0"],
        r"8 fields; expected 7: id type x y z radius parent, separated by blanks\.$",
        [*SOMA, *BASAL],
        ["basal"],
    ),
    "an id twice": (
        [*SOMA, *BASAL, "5 3 0 -90 0 1 4"],
        r"give each point an id of its own\.$",
        [*SOMA, *BASAL, "6 3 0 -90 0 1 5"],
        ["basal"],
    ),
    "a radius of 0": (
        [*SOMA, "4 3 0 -30 0 0 1"],
        r"radius 0; expected above 0 .* correct the radius of point 4\.$",
        [*SOMA, "4 3 0 -30 0 0.5 1"],
        ["basal"],
    ),
    "radii of 0": (
        [*SOMA, "4 3 0 -30 0 0 1", "5 3 0 -60 0 0 4", "6 3 0 -90 0 1 5", "7 3 0 -99 0 -1 6"],
        r"line 4: radius 0; .* correct the radius of point 4 and of 2 more, which are out of",
        [*SOMA, "4 3 0 -30 0 1 1", "5 3 0 -60 0 1 4", "6 3 0 -90 0 1 5", "7 3 0 -99 0 1 6"],
        ["basal"],
    ),
    "a circle": (
        [*SOMA, "4 3 0 -9 0 1 5", "5 3 0 -9 0 1 6", "6 3 0 -9 0 1 4"],
        r"give it a parent nearer to the soma\.$",
        [*SOMA, "4 3 0 -9 0 1 1", "5 3 0 -19 0 1 6", "6 3 0 -15 0 1 4"],
        ["basal"],
    ),
    "two neurons": (
        [*SOMA, *BASAL, *TWIN],
        r"line \d+: point 21 has parent -1 and bears .* point 21 and all .* \(points: 4\)\.$",
        [*SOMA, *BASAL],
        ["basal"],
    ),
    "a soma in two pieces": (
        [*SOMA, *BASAL, "21 1 90 0 0 5 -1"],
        r"one neuron in a file: leave out point 21 and all .* \(points: 1\)\.$",
        [*SOMA, *BASAL],
        ["basal"],
    ),
    "no length": ([*SOMA, "4 3 0 0 0 1 2"], NO_LENGTH, [*SOMA, "4 3 0 -20 0 1 2"], ["basal"]),
    "no length, and left out": (
        [*SOMA, "4 3 0 0 0 1 2", *APICAL],
        NO_LENGTH,
        [*SOMA, *APICAL],
        ["trunk"],
    ),
}


@pytest.mark.parametrize("case", ADVICE)
def test_advice_works(swc, case):
    lines, advice, mended, regions = ADVICE[case]
    with pytest.raises(ModelError, match=advice) as caught:
        read_swc(swc(lines))
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) - len(str(swc(lines))) < 300
    assert [section.region for section in read_swc(swc(mended)).sections[5:]] == regions


def test_the_published_cell_is_held_nowhere():
    cell = Cell()
    assert cell.held_rules == ()
    assert cell.morphology.notes == read_section_table().notes == ()


@pytest.mark.parametrize(
    "place", ["x" * 500, "trunk@\n9", ("a" * 400, 0.5), "a" * 300 + "@5", "trunk_" + "5" * 300]
)
def test_long_places_are_quoted_in_short(place):
    with pytest.raises(ModelError) as caught:
        Cell().locate(place)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


# Section tables

TABLE_HEAD = "index,name,region,parent,parent_loc,length_um,diam0_um,diam1_um"
ROOT_ROW = "0,soma_0,soma,,,10,10,10"


@pytest.mark.parametrize(
    ("rows", "told", "mended"),
    [
        (
            [ROOT_ROW, "1,trunk_1,trunk,0,1,100,2,2", "2,trunk_1,tuft,1,1,100,1,1"],
            r"line 4: section 'trunk_1' stands in line 3 already; give each section a name of",
            [ROOT_ROW, "1,trunk_1,trunk,0,1,100,2,2", "2,tuft_2,tuft,1,1,100,1,1"],
        ),
        (
            ["0,tuft_0,tuft,,,100,1,1"],
            r"line 2: the root, section 'tuft_0', is tuft; .* put a section of the soma before it",
            [ROOT_ROW, "1,tuft_1,tuft,0,1,100,1,1"],
        ),
        (
            [ROOT_ROW, "1,my trunk,trunk,0,1,100,2,2"],
            r"line 3: name 'my trunk'; expected letters, digits and _, .* such as trunk_1\.$",
            [ROOT_ROW, "1,trunk_1,trunk,0,1,100,2,2"],
        ),
        (
            [ROOT_ROW, f"1,trunk_1,{'trunk' * 99},0,1,100,2,2"],
            r"line 3: region 'trunktrunk.*\.\.\.; expected one of soma",
            [ROOT_ROW, "1,trunk_1,trunk,0,1,100,2,2"],
        ),
        (
            [ROOT_ROW, f"1,trunk_1,trunk,0,1,{'9x' * 200},2,2"],
            r"line 3: .*; expected numbers in every column but name and region\.$",
            [ROOT_ROW, "1,trunk_1,trunk,0,1,99,2,2"],
        ),
    ],
    ids=["name twice", "no soma", "name", "region", "number"],
)
def test_advice_on_section_tables_works(tmp_path, rows, told, mended):
    path = tmp_path / "cell.csv"
    path.write_text("\n".join([TABLE_HEAD, *rows, ""]))
    with pytest.raises(ModelError, match=told) as caught:
        Cell(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) - len(str(path)) < 200
    path.write_text("\n".join([TABLE_HEAD, *mended, ""]))
    Cell(path).table()
