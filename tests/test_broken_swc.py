"""SWC files that do not hold: one clear line each, with the file and the line."""

import re

import pytest
from swc_texts import SOMA

from netpyne_model.errors import ModelError
from netpyne_model.morphology import read_swc


@pytest.mark.parametrize(
    ("lines", "number", "expected"),
    [
        ([*SOMA, "4 3 0 -30 0 1"], 4, "6 fields; expected 7: id type x y z radius parent"),
        ([*SOMA, "", "# here", "4 3 0 -30 0 1 1 0"], 6, "8 fields; expected 7"),
        ([f"{SOMA[0]} 0", "2 3 0 -30 0 1 1"], 2, "7 fields; expected 8: .* and, as in the first"),
        ([*SOMA, "4 3 0 left 0 1 1"], 4, "y 'left' is not a number"),
        ([*SOMA, "4 3 0 0 0 1_0 1"], 4, "radius '1_0' is not a number"),
        ([*SOMA, "4.5 3 0 -30 0 1 1"], 4, "id '4.5' is not a whole number"),
        ([*SOMA, f"4 3 0 -30 0 1 {10**400}"], 4, "parent '10{39}' is not a whole number"),
        ([*SOMA, "4 3 0 -30 0 1 1.5"], 4, "parent '1.5' is not a whole number"),
        ([*SOMA, "4 basal 0 -30 0 1 1"], 4, "type 'basal' is not a whole number"),
        ([*SOMA, "4 3 0 -30 0 1 soma"], 4, "parent 'soma' is not a whole number"),
        ([*SOMA, "4 3 nan -30 0 1 1"], 4, "x nan is not finite"),
        ([*SOMA, "4 3 0 -30 1e999 1 1"], 4, "z 1e999 is not finite"),
        ([*SOMA, "4 3 0 -30 0 inf 1"], 4, "radius inf is not finite"),
        ([*SOMA, "4 3 0 -30 0 0 1"], 4, "radius 0; expected above 0"),
        ([*SOMA, "4 3 0 -30 0 -0.5 1"], 4, "radius -0.5; expected above 0"),
        ([*SOMA, "4 3 0 -30 0 1e6 1"], 4, r"radius 1e\+06; expected above 0 and below 100000 um"),
        (
            [*SOMA, "4 7 0 -30 0 1 1", "5 7 0 -60 0 1 4"],
            4,
            "point 4 is of type 7, as 2 points are, .* none of 1 soma, 2 axon, 3 basal, 4 apical",
        ),
        ([*SOMA, "-4 3 0 -30 0 1 1"], 4, "id -4; expected 0 or above"),
        ([*SOMA, "4 3 0 -30 0 1 4"], 4, "point 4 is its own parent"),
        ([*SOMA, "4 3 0 -30 0 1 1", "4 3 0 -60 0 1 1"], 5, "point 4 stands in line 4 already"),
        (
            [*SOMA, "4 3 0 -30 0 1 8", "7 3 0 -60 0 1 1"],
            4,
            "parent 8 of point 4 does not exist; .* Nearest: 3, 7.",
        ),
        ([*SOMA, "4 3 0 -30 0 1 0"], 4, "parent 0 of point 4 does not exist"),
        ([*SOMA, "4 3 0 -30 0 1 -2"], 4, "parent -2 of point 4 does not exist"),
        (
            [*SOMA, "4 3 0 -30 0 1 -1"],
            4,
            "point 4 has parent -1, and so has point 1 in line 1; expected one root",
        ),
        (
            [*SOMA, "4 3 0 -9 0 1 5", "5 3 0 -9 0 1 6", "6 3 0 -9 0 1 4"],
            4,
            "point 4 lies in a circle, its parent 5",
        ),
        (
            [*SOMA, "9 3 0 -9 0 1 5", "5 3 0 -9 0 1 6", "6 3 0 -9 0 1 5"],
            5,
            "point 5 lies in a circle",
        ),
        (["1 1 0 0 0 4 2", "2 1 0 0 0 4 1"], 1, "point 1 lies in a circle"),
        (
            ["4 3 0 -30 0 1 -1", "5 3 0 -60 0 1 4"],
            1,
            "root, point 4, is basal; .* add a point of type 1",
        ),
        ([*SOMA, "4 3 0 -30 0 1 1", "5 1 0 -60 0 1 4"], 5, "soma point 5 hangs from basal point 4"),
        (
            [*SOMA, "4 2 0 -60 0 1 1", "5 3 0 -90 0 1 4"],
            5,
            "basal point 5 hangs from axon point 4, more than 50 um along the axon, .* left out",
        ),
        ([*SOMA, "4 3 0 0 0 1 2"], 4, "section that starts with point 4 is 0 um long"),
        (
            [*SOMA, "4 3 0 -9 0 1 1", "5 4 0 -9 0 1 4", "6 4 0 -9 0 1 5"],
            5,
            "starts with point 5 is 0 um long",
        ),
        (
            [*SOMA, "4 3 0 -1e200 0 1 1"],
            4,
            r"is 1e\+200 um long; expected above 0 and below 100000 um",
        ),
        (
            [*SOMA, "4 3 0 -30 0 1 1", "5 5 0 -60 0 1 4", "6 5 0 -90 0 1 5"],
            5,
            r"trunk point 5 \(type 5\) hangs from basal point 4",
        ),
        (["\0\1\2"], 1, "not a text file"),
    ],
)
def test_broken_files(swc, lines, number, expected):
    path = swc(lines)
    with pytest.raises(ModelError) as caught:
        read_swc(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line {number}: ")
    assert re.search(expected, message)
    assert "\n" not in message


@pytest.mark.parametrize("lines", [[], ["# nothing but a comment", ""]])
def test_empty_files(swc, lines):
    with pytest.raises(
        ModelError, match=r"cell.swc: no points; expected lines of id type x y z radius parent.$"
    ):
        read_swc(swc(lines))


@pytest.mark.parametrize("name", [".", "absent.swc"])
def test_unreadable_files(tmp_path, name):
    with pytest.raises(
        ModelError, match=r"reconstruction .* cannot be read \(.*\); give the path of an SWC file.$"
    ) as caught:
        read_swc(tmp_path / name)
    assert "\n" not in str(caught.value)
