"""The SWC reader against the published reduction, and against a synthetic cell whose sizes are known in closed form."""

import csv
import math
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from swc_texts import EXAMPLE, EXAMPLE_POINTS, SOMA, same, standard_lines, total_um

from netpyne_model.biophysics import load_rules
from netpyne_model.data_folders import REFERENCE
from netpyne_model.morphology import DENDRITES, layout, read_section_table, read_swc

# Of the file that the published cell was reduced from, which is not part of the package.
PUBLISHED = (
    Path(os.environ.get("CA1_REFERENCE_DIR") or "no folder given") / "EB2-late-bifurcation.swc"
)
published = pytest.mark.skipif(
    not PUBLISHED.is_file(),
    reason=f"{PUBLISHED.name} (ModelDB 240960) is not in the folder CA1_REFERENCE_DIR",
)


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
        # At least one dendrite; nothing but axon on axon; no trunk and no tuft on basal dendrite or oblique, nor trunk
        # on tuft: with these, types 5 and 6 may be fork and end points, which a file may not hold everywhere.
        kinds = {2: (2,), 3: (2, 3, 4), 4: (2, 3, 4), 6: (2, 3, 4, 6)}.get(kind, (2, 3, 4, 5, 6))
        kind = draw(st.sampled_from(kinds)) if n else 3
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
