"""The SWC reader against the published reduction, and against a synthetic cell whose sizes are known in closed form."""

import csv
import math
import os
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpyne_model.biophysics import load_rules
from netpyne_model.data_folders import MORPHOLOGIES, REFERENCE
from netpyne_model.errors import ModelError
from netpyne_model.morphology import DENDRITES, Morphology, layout, read_section_table, read_swc

EXAMPLE = MORPHOLOGIES / "example.swc"
EXAMPLE_POINTS = [
    line.split()
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
# Of the file that the published cell was reduced from, which is not part of the package.
PUBLISHED = (
    Path(os.environ.get("CA1_REFERENCE_DIR") or "no folder given") / "EB2-late-bifurcation.swc"
)
published = pytest.mark.skipif(
    not PUBLISHED.is_file(),
    reason=f"{PUBLISHED.name} (ModelDB 240960) is not in the folder CA1_REFERENCE_DIR",
)
SOMA = ["1 1 0 0 0 4 -1", "2 1 0 -4 0 4 1", "3 1 0 4 0 4 1"]


def rows(morphology: Morphology) -> list[tuple]:
    return [
        (section.index, section.name, section.region, section.parent, section.parent_loc)
        for section in morphology.sections
    ]


def sizes(morphology: Morphology) -> list[float]:
    return [
        size
        for section in morphology.sections
        for size in (section.length_um, section.diam0_um, section.diam1_um)
    ]


def same(one: Morphology, other: Morphology) -> bool:
    return rows(one) == rows(other) and sizes(one) == pytest.approx(sizes(other), rel=1e-11)


def standard_types(fields: list[str]) -> list[str]:
    """A point as it is in a file that does not tell trunk and tuft from the obliques."""
    return [fields[0], "4" if fields[1] in "56" else fields[1], *fields[2:]]


def standard_lines(points: Iterable[list[str]]) -> list[str]:
    return [" ".join(standard_types(fields)) for fields in points]


# The published reconstruction


def published_points() -> list[list[str]]:
    return [line.split() for line in PUBLISHED.read_text().splitlines()]


@published
def test_the_published_reduction():
    cell = read_swc(PUBLISHED)
    nseg = load_rules().nseg(cell)
    with (REFERENCE / "sections.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(cell) == len(table) == 119
    for row, section in zip(table, cell.sections, strict=True):
        assert (str(section.index), section.name, section.region) == (
            row["index"],
            row["name"],
            row["type"],
        )
        assert section.parent == (int(row["parent_index"]) if row["parent_index"] else None)
        assert section.parent_loc == float(row["parent_loc"] or 0)
        assert nseg[section.index] == int(row["nseg"])
        assert section.tapered == bool(int(row["tapered"]))
        assert section.length_um == pytest.approx(float(row["L_um"]), abs=1e-10)
        assert section.diam0_um == pytest.approx(float(row["diam0"]), abs=1e-12)
        assert section.diam1_um == pytest.approx(float(row["diam1"]), abs=1e-12)
        for x, column in ((0, "path_dist_0end"), (1, "path_dist_1end")):
            assert cell.path_distance(section.index, x) == pytest.approx(
                float(row[column]), abs=1e-10
            )
    assert same(cell, read_section_table())


@published
def test_the_rule_on_the_published_reconstruction(swc):
    """It gives 89 % of the apical length its published region; the last bifurcation of all (point 5069) gives 69 %.

    The published trunk ends at point 4639, 12 um nearer to the soma, and has a second branch of 110 um: 90 % at most.
    """
    path = swc(standard_lines(published_points()))
    cell = read_swc(path)
    assert same(cell, read_swc(path, trunk_end=4653))
    assert total_um(cell, "trunk") == pytest.approx(
        291.1, abs=0.05
    )  # 278.8 of them are trunk in the published cell
    assert total_um(cell, "tuft") == pytest.approx(947.5, abs=0.05)  # all of them are tuft
    assert total_um(cell, "apical") == pytest.approx(
        2724.1, abs=0.05
    )  # with all the 2,297.8 that are


@published
def test_overrides_restore_the_published_cell(swc):
    path = swc(standard_lines(published_points()))
    regions = {6500: "trunk", 6596: "apical", 6709: "tuft"}
    assert same(read_swc(path, trunk_end=4639, regions=regions), read_swc(PUBLISHED))


@published
def test_the_published_cell_is_laid_out():
    assert layout(read_swc(PUBLISHED)).shape == (119, 2, 3)


# The synthetic cell: its steps are Pythagorean quadruples, so that every length is a whole number


def test_the_example_equals_its_table():
    path = REFERENCE / "example.sections.csv"
    cell = read_swc(EXAMPLE)
    nseg = load_rules().nseg(cell)
    assert same(cell, read_section_table(path))
    with path.open(newline="") as file:
        for row, section in zip(csv.DictReader(file), cell.sections, strict=True):
            assert nseg[section.index] == int(row["nseg"])
            assert cell.path_distance(section.index, 1) == pytest.approx(
                float(row["path_dist_1end_um"]), abs=1e-9
            )


@pytest.mark.parametrize(
    ("name", "steps", "diams_um"),
    [
        # From the soma's first point, though the dendrite hangs from its second.
        ("basal_5", [(12, -9, 8), (6, -10, 15)], (1.24, 1.24)),
        # Four points of 4.6, 3.6, 2.7 and 2.1 um: mean 3.25, variance 3.57 / 4.
        (
            "trunk_8",
            [(4, 19, 8), (2, 14, -5), (-3, 12, 4), (2, 11, -10)],
            (3.25 + math.sqrt(0.8925), 3.25 - math.sqrt(0.8925)),
        ),
        # Two points that differ by 1.2 um.
        ("trunk_16", [(2, 26, -7), (3, 22, -6)], (2.8, 1.6)),
        # Two points that differ by less: 0.96 and 0.84 um.
        ("tuft_23", [(12, 8, 9), (16, 11, -8)], (0.9, 0.9)),
        # One point.
        ("trunk_21", [(-6, 18, 1)], (1.84, 1.84)),
        ("tuft_29", [(8, 19, 4), (14, 23, -2), (3, 22, 6)], (0.54, 0.54)),
    ],
)
def test_sizes_of_single_sections(name, steps, diams_um):
    section = read_swc(EXAMPLE).section(name)
    assert section.length_um == pytest.approx(sum(math.hypot(*step) for step in steps), rel=1e-12)
    assert (section.diam0_um, section.diam1_um) == pytest.approx(diams_um, rel=1e-12)


def test_soma_and_axon_are_the_standard_ones():
    published_sections = read_section_table().sections
    assert read_swc(EXAMPLE).sections[:5] == published_sections[:5]
    assert read_swc(EXAMPLE).section(4).name == "axon_4"
    assert {
        section.parent for section in read_swc(EXAMPLE).in_region("basal") if section.parent < 5
    } == {1}


def test_order_and_numbers_in_the_file_do_not_matter(swc):
    generator = random.Random(3)
    for _ in range(5):
        points = [list(fields) for fields in EXAMPLE_POINTS]
        generator.shuffle(points)
        for fields in points:  # the order of the ids is kept
            fields[0] = str(7 * int(fields[0]) + 100)
            fields[6] = fields[6] if fields[6] == "-1" else str(7 * int(fields[6]) + 100)
        assert same(read_swc(swc(map(" ".join, points))), read_swc(EXAMPLE))


def test_siblings_go_by_point_id(swc):
    lines = [
        *SOMA,
        "9 3 0 -30 0 1 1",
        "7 3 9 -60 0 1 9",
        "8 3 -9 -80 0 1 9",
        "5 5 0 40 0 1 3",
        "6 4 30 40 0 1 5",
    ]
    assert [section.name for section in read_swc(swc(lines)).sections[5:]] == [
        "trunk_5",
        "apical_6",
        "basal_7",
        "basal_8",
        "basal_9",
    ]
    assert read_swc(swc(lines)).section(8).length_um == pytest.approx(math.hypot(9, 30))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_form_of_the_file_does_not_matter(swc, end):
    points = ["\t" + "   ".join(fields) + "  # a point" for fields in EXAMPLE_POINTS]
    lines = ["\ufeff# ORIGINAL_SOURCE µm", "", *points[:40], "   ", "  # 1 2 3", *points[40:]]
    assert same(read_swc(swc(lines, end)), read_swc(EXAMPLE))


def test_comments_in_another_encoding(tmp_path):
    path = tmp_path / "cell.swc"
    path.write_bytes("# µm\n".encode("latin-1") + EXAMPLE.read_bytes())
    assert same(read_swc(str(path)), read_swc(EXAMPLE))


def test_an_axon_leaves_no_trace(swc):
    without = [fields for fields in EXAMPLE_POINTS if fields[1] != "2"]
    assert same(read_swc(swc(map(" ".join, without))), read_swc(EXAMPLE))
    # From the middle of a dendrite, which must not be cut in two there.
    axon = ["900 2 0 0 0 0.3 97", "901 2 5 0 0 0.3 900", "902 2 5 9 0 0.3 900"]
    assert same(read_swc(swc([*map(" ".join, without), *axon])), read_swc(EXAMPLE))


def test_a_change_of_type_starts_a_section(swc):
    lines = [*SOMA, "4 5 0 30 0 1 1", "5 5 0 60 0 1 4", "6 6 0 70 0 1 5", "7 6 0 90 0 1 6"]
    cell = read_swc(swc(lines))
    assert [(section.name, section.length_um) for section in cell.sections[5:]] == [
        ("trunk_5", 60),
        ("tuft_6", 30),
    ]


@pytest.mark.parametrize(
    ("radii", "expected"),
    [
        ((0.5, 1.0), (1.5, 1.5)),  # 1 um apart, not more
        ((0.5, 1.01), (1.0, 2.02)),  # wider at its end
        ((1.0, 0.5, 0.5, 1.0), (1.5, 1.5)),  # a standard deviation of 0.5 um, not more
        ((0.5, 0.5, 1.1, 1.1), (2.2, 1.0)),  # narrower at its end, whatever the points do
    ],
)
def test_tapers(swc, radii, expected):
    lines = [
        f"{4 + i} 5 0 {30 + i} 0 {radius} {3 + i if i else 1}" for i, radius in enumerate(radii)
    ]
    section = read_swc(swc([*SOMA, *lines])).section("trunk_5")
    assert (section.diam0_um, section.diam1_um) == pytest.approx(expected, rel=1e-12)


# Trunk and tuft of files with the standard types alone


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


def total_um(cell: Morphology, region: str) -> float:
    return sum(section.length_um for section in cell.in_region(region))


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


# Any tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("trees")


@st.composite
def trees(draw) -> list[tuple]:
    """Points (id, type, position, radius, parent) of a random tree, parents first, the first three of the soma."""
    steps = st.tuples(*3 * [st.integers(-20, 20)]).filter(any)
    n_points = draw(st.integers(4, 30))
    ids = draw(st.permutations(range(n_points)))
    points = [(ids[i], 1, (0, 9 * i, 0), 5, ids[0] if i else -1) for i in range(3)]
    for n, id in enumerate(ids[3:]):
        parent, kind, _, _, _ = before = draw(st.sampled_from(points))
        # At least one dendrite; nothing but axon on axon; no trunk and no tuft on basal dendrite.
        kinds = {2: (2, 2), 3: (2, 4)}.get(kind, (2, 6))
        kind = draw(st.integers(*kinds)) if n else 3
        origin = points[0][2] if before[1] == 1 else before[2]
        position = tuple(x + step for x, step in zip(origin, draw(steps), strict=True))
        points.append((id, kind, position, draw(st.sampled_from([0.2, 0.3, 0.5, 1.0])), parent))
    return points


def write(folder: Path, points: list[tuple]) -> Path:
    path = folder / "tree.swc"
    path.write_text(
        "".join(
            f"{id} {kind} {x} {y} {z} {radius} {parent}\n"
            for id, kind, (x, y, z), radius, parent in points
        )
    )
    return path


@given(points=trees(), shuffled=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_any_tree(folder, points, shuffled):
    cell = read_swc(write(folder, points))
    by_id = {point[0]: point for point in points}
    dendritic_um = 0.0
    for _, kind, position, _, parent in points:
        if kind > 2:
            origin = points[0] if by_id[parent][1] == 1 else by_id[parent]
            dendritic_um += math.dist(position, origin[2])
    assert sum(total_um(cell, region) for region in DENDRITES) == pytest.approx(dendritic_um)
    for section in cell.sections[5:]:
        assert section.parent < section.index
        assert section.parent_loc == 1
        assert section.name == f"{section.region}_{section.index}"
    shuffled.shuffle(points)
    assert same(read_swc(write(folder, points)), cell)


def test_a_long_dendrite_needs_no_recursion(swc):
    lines = [*SOMA, *(f"{i} 3 0 -{i} 0 1 {i - 1 if i > 4 else 1}" for i in range(4, 20_000))]
    assert read_swc(swc(lines)).section("basal_5").length_um == pytest.approx(19_999)
