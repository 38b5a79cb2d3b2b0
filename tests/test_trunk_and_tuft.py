"""Trunk and tuft of SWC files with the standard types alone, and their corrections."""

import math

import pytest
from swc_texts import EXAMPLE, EXAMPLE_POINTS, SOMA, same, standard_lines, total_um

from netpyne_model.errors import ModelError
from netpyne_model.morphology import layout, read_swc

SIMPLE = [
    *SOMA,
    "10 4 0 50 0 1 1",
    "11 4 0 100 0 1 10",
    "12 4 80 100 0 0.5 11",
    "13 4 0 150 0 1 11",
    "14 4 60 150 0 0.4 13",
    "15 4 0 200 0 1 13",
    "16 4 -40 240 0 0.5 15",
    "17 4 50 260 0 0.5 15",
]


def test_the_example_gets_its_regions_back(swc):
    """Its tuft branches three times over, and the trunk must not run into it."""
    assert same(read_swc(swc(standard_lines(EXAMPLE_POINTS))), read_swc(EXAMPLE))


def test_a_simple_trunk_ends_at_the_last_bifurcation(swc):
    names = [section.name for section in read_swc(swc(SIMPLE)).sections[5:]]
    assert names == ["trunk_5", "apical_6", "trunk_7", "apical_8", "trunk_9", "tuft_10", "tuft_11"]


@pytest.mark.parametrize(
    ("more", "trunk_um"),
    [
        (
            ["18 4 60 50 0 0.5 10", "26 4 90 50 0 0.5 18", "27 4 80 40 0 0.5 18"],
            200,
        ),  # an oblique branches: too short
        (
            ["20 4 40 300 0 0.4 17", "21 4 60 280 0 0.4 17"],
            200 + math.hypot(50, 60),
        ),  # one branch of the tuft branches
        (
            [
                "20 4 40 300 0 0.4 17",
                "21 4 60 280 0 0.4 17",
                "22 4 -40 280 0 0.4 16",
                "23 4 -60 250 0 0.4 16",
            ],
            200,  # both do
        ),
        (["24 4 0 -90 0 1 1"], 200),  # another apical dendrite, shorter than the main path
        (["25 3 0 210 0 0.4 17"], 200),  # not a bifurcation of the apical dendrite
    ],
)
def test_where_the_trunk_ends(swc, more, trunk_um):
    assert total_um(read_swc(swc([*SIMPLE, *more])), "trunk") == pytest.approx(trunk_um)


def test_apical_dendrites_off_the_main_path_stay_oblique(swc):
    cell = read_swc(
        swc([*SIMPLE, "30 4 -50 0 0 0.6 1", "31 4 -90 20 0 0.5 30", "32 4 -90 -20 0 0.5 30"])
    )
    assert [section.name for section in cell.sections[12:]] == [
        "apical_12",
        "apical_13",
        "apical_14",
    ]
    assert cell.section("apical_12").parent == cell.section("soma_0").index
    assert layout(cell).shape == (15, 2, 3)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["4 4 0 30 0 1 1", "5 4 0 60 0 1 4"], ["trunk_5"]),  # no bifurcation at all
        (["4 3 0 -30 0 1 1", "5 3 0 -60 0 1 4"], ["basal_5"]),  # no apical dendrite
        (
            ["4 3 0 -30 0 1 1", "5 4 0 -60 0 1 4"],
            ["basal_5", "apical_6"],
        ),  # none that comes from the soma
    ],
)
def test_cells_without_trunk_and_tuft(swc, lines, expected):
    assert [section.name for section in read_swc(swc([*SOMA, *lines])).sections[5:]] == expected


def test_trunk_end(swc):
    cell = read_swc(swc(SIMPLE), trunk_end=13)
    assert [section.name for section in cell.sections[5:]] == [
        "trunk_5",
        "apical_6",
        "trunk_7",
        "tuft_8",
        "tuft_9",
        "tuft_10",
        "tuft_11",
    ]
    # Within an unbranched stretch, which it cuts in two; all beyond it is tuft.
    cell = read_swc(swc(SIMPLE), trunk_end=10)
    assert [section.region for section in cell.sections[5:]] == ["trunk"] + 7 * ["tuft"]
    assert total_um(cell, "trunk") == 50


def test_overrides(swc):
    cell = read_swc(swc(SIMPLE), regions={13: "tuft", 15: "apical", 17: "basal"})
    assert [section.name for section in cell.sections[5:]] == [
        "trunk_5",
        "apical_6",
        "tuft_7",
        "tuft_8",
        "apical_9",
        "apical_10",
        "basal_11",
    ]
    assert cell.section("basal_11").parent == 9
    # They come last: after the types of the file, and after trunk_end.
    assert read_swc(EXAMPLE, regions={60: "trunk", 62: "tuft"}).section(23).name == "trunk_23"
    assert total_um(
        read_swc(swc(SIMPLE), trunk_end=13, regions={14: "apical"}), "apical"
    ) == pytest.approx(140)


def test_an_override_at_the_soma_moves_the_tree(swc):
    cell = read_swc(swc([*SOMA, "4 3 0 -30 0 1 1", "5 3 0 -60 0 1 4"]), regions={4: "apical"})
    assert (cell.section(5).name, cell.section(5).parent) == ("apical_5", 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"trunk_end": 18},
            "trunk_end 18: no point of this id on an apical dendrite .* Nearest: 16, 17.",
        ),
        ({"trunk_end": 2}, "trunk_end 2: no point .* type 4. Nearest: 10, 11."),
        ({"trunk_end": "15"}, "trunk_end '15': no point .* type 4.$"),
        ({"regions": {9: "tuft"}}, "regions: point 9 is no dendrite point .* Nearest: 10, 11."),
        ({"regions": {1: "tuft"}}, "regions: point 1 is no dendrite point"),
        ({"regions": {"10": "tuft"}}, "regions: point '10' is no dendrite point"),
        ({"regions": {10: "tufts"}}, "regions: 'tufts' for point 10 .* Did you mean 'tuft'?"),
        (
            {"regions": {10: "soma"}},
            "regions: 'soma' for point 10 .* Known: apical, basal, trunk, tuft.",
        ),
    ],
)
def test_corrections_that_do_not_fit(swc, given, expected):
    with pytest.raises(ModelError, match=expected) as caught:
        read_swc(swc(SIMPLE), **given)
    assert "\n" not in str(caught.value)


def test_trunk_end_of_a_file_with_a_trunk():
    with pytest.raises(
        ModelError,
        match=r"trunk_end 41: .*example.swc tells trunk and tuft apart .* leave trunk_end out",
    ):
        read_swc(EXAMPLE, trunk_end=41)
