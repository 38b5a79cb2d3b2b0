"""Places on a cell by section and by path distance, and the paper's recording sites on other morphologies."""

import numpy as np
import pytest
from scipy.sparse.csgraph import csgraph_from_dense, shortest_path

from netpyne_model.cell.cell import Cell
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.errors import ModelError
from netpyne_model.morphology import (
    Location,
    Morphology,
    locate,
    read_section_table,
    standard_sites,
)
from netpyne_model.morphology.sections import Section


@pytest.fixture(scope="module")
def published() -> Morphology:
    return read_section_table()


@pytest.fixture(scope="module")
def example() -> Morphology:
    return Cell(MORPHOLOGIES / "example.swc").morphology


def tree(*rows: tuple[str, int | None, float, float]) -> Morphology:
    """A cell of sections given as region, parent, length and diameter; children sit on the 1 end of dendrites."""
    sections = []
    for index, (region, parent, length_um, diam_um) in enumerate(rows):
        loc = 0.0 if parent is None or sections[parent].region == "soma" else 1.0
        sections.append(
            Section(index, f"{region}_{index}", region, parent, loc, length_um, diam_um, diam_um)
        )
    return Morphology(sections)


SOMA = (("soma", None, 8.0, 8.0), ("soma", 0, 8.0, 8.0))


def distance(morphology: Morphology, location: Location) -> float:
    return morphology.path_distance(morphology.section(location.section).index, location.x)


# -- places ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("trunk_50(0.5)", ("trunk_50", 0.5)),
        (("trunk_50", 0.5), ("trunk_50", 0.5)),
        (Location("trunk_50", 0.25), ("trunk_50", 0.25)),
        (("trunk_50", 1), ("trunk_50", 1.0)),
        (("trunk_50", 1e-7), ("trunk_50", 1e-7)),
        ("soma_0(0)", ("soma_0", 0.0)),
        ("soma@0", ("soma_0", 0.0)),  # every point of the soma has distance 0: its joint is meant
    ],
)
def test_a_place_by_section(published, place, wanted):
    found = locate(published, place)
    assert isinstance(found, Location)
    assert found == wanted


def test_a_region_of_one_section_is_a_place(published):
    assert locate(published, "ais") == standard_sites(published)["ais"]
    assert locate(published, "axon_hill") == ("axon_hill_2", 0.5)
    with pytest.raises(ModelError, match="place 'trunk'"):
        locate(published, "trunk")


def test_a_location_shows_itself_as_it_is_read(published):
    assert str(Location("trunk_50", 0.5)) == "trunk_50(0.5)"
    assert locate(published, str(Location("trunk_50", 0.125))) == Location("trunk_50", 0.125)


@pytest.mark.parametrize("region", ["basal", "trunk", "apical", "tuft", "ais"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_place_by_path_distance_is_the_thickest_at_it(published, example, region, part):
    for morphology in (published, example):
        sections = morphology.in_region(region)
        low = min(morphology.path_distance(section.index, 0.0) for section in sections)
        high = max(morphology.path_distance(section.index, 1.0) for section in sections)
        wanted_um = low + part * (high - low)
        found = locate(morphology, f"{region}@{wanted_um!r}")
        assert distance(morphology, found) == pytest.approx(wanted_um)
        chosen = morphology.section(found.section)
        assert chosen.region == region
        for section in sections:
            start_um = morphology.path_distance(section.index, 0.0)
            if start_um <= wanted_um <= morphology.path_distance(section.index, 1.0):
                assert chosen.diameter(found.x) >= section.diameter(
                    (wanted_um - start_um) / section.length_um
                )


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("trunk_500(0)", "section 'trunk_500' does not exist. Did you mean 'trunk_50'?"),
        ("trnk@200", "place 'trnk@200': region 'trnk' does not exist. Did you mean 'trunk'?"),
        (
            "trunk@900",
            "place 'trunk@900': the trunk of this cell lies from 0.0 to 278.8 um; give a path distance",
        ),
        ("soma@5", "place 'soma@5': the soma of this cell lies from 0.0 to 0.0 um"),
        ("trunk@-5", "place 'trunk@-5': expected section(x)"),
        ("trunk@.", "place 'trunk@.'"),
        (
            "trunk_50",
            "place 'trunk_50': expected section(x) with x from 0 to 1, for example trunk_50(0.5); or region@path",
        ),
        ("trunk_50(1.01)", "expected section(x) with x from 0 to 1"),
        ("trunk_50(.)", "expected section(x) with x from 0 to 1"),
        (("trunk_50", float("nan")), "expected section(x) with x from 0 to 1"),
        (("trunk_50", -0.1), "expected section(x) with x from 0 to 1"),
        ("", "place '': expected section(x)"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(published, place, told):
    with pytest.raises(ModelError) as caught:
        locate(published, place)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("trunk@", ("section(x)", "trunk@200", "or soma.")),
        ("trunk", ("section(x)", "trunk@200", "or soma.")),
        ("soma(0.5)", ("soma is a region", "such as soma_0(0.5)", "or soma.")),
        ("nowhere_7(0.5)", ("This cell has soma_0 to basal_118", "Cell.table()")),
    ],
)
def test_the_forms_of_a_place_are_named_and_not_every_section(published, place, told):
    with pytest.raises(ModelError) as caught:
        locate(published, place)
    assert all(part in str(caught.value) for part in told)
    assert len(str(caught.value)) < 200


# -- distances along the tree ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "wanted_um"),
    [
        ((2, 0.5), (2, 0.25), 25.0),  # on one branch
        ((2, 0.5), (3, 0.5), 50.0 + 20.0),  # one below the other
        (
            (3, 0.5),
            (4, 1.0),
            20.0 + 60.0,
        ),  # sisters: the same path distance from the soma is no distance of 0
        ((3, 1.0), (5, 1.0), 140.0 + 30.0),  # over the soma, which has no length
        ((3, 1.0), (0, 0.7), 140.0),
        ((0, 0.0), (1, 1.0), 0.0),
    ],
)
def test_the_distance_along_the_tree_goes_through_the_common_ancestor(one, other, wanted_um):
    rows = (
        ("trunk", 1, 100.0, 2.0),
        ("apical", 2, 40.0, 1.0),
        ("apical", 2, 60.0, 1.0),
        ("basal", 0, 30.0, 1.0),
    )
    made = tree(*SOMA, *rows)
    assert (
        made.tree_distance(*one, *other)
        == made.tree_distance(*other, *one)
        == pytest.approx(wanted_um)
    )


def test_distances_along_the_tree_are_the_shortest_ways_through_it(published):
    n = len(published)  # node i: the 0 end of section i; node n + i: its 1 end
    ways = np.full((2 * n, 2 * n), np.inf)
    for one in published.sections:
        ways[one.index, n + one.index] = 0.0 if one.region == "soma" else one.length_um
        if one.parent is not None:
            ways[one.index, one.parent + (n if one.parent_loc else 0)] = 0.0
    wanted = shortest_path(csgraph_from_dense(ways, null_value=np.inf), directed=False)
    for index in range(0, n, 7):
        for other in range(n):
            found = published.tree_distance(index, 1.0, other, np.array([0.0, 1.0]))
            np.testing.assert_allclose(found, wanted[n + index, [other, n + other]], atol=1e-9)


@pytest.mark.parametrize("place", ["tuft_60(0.5)", "trunk@200", "basal@120", "apical@150"])
def test_the_nearest_spines_are_those_nearest_along_the_tree(place):
    cell = Cell()
    numbers, spines, location = (
        cell.spines_near(place, 40),
        cell.placement.spines,
        cell.locate(place),
    )
    here = cell.morphology.section(location.section)
    spines = spines[spines["region"] == here.region]
    at = [
        cell.morphology.tree_distance(here.index, location.x, *one)
        for one in spines[["section", "x"]].itertuples(index=False)
    ]
    assert numbers == [number for _, number in sorted(zip(at, spines.index, strict=True))][:40]
    by_path = (
        spines["path_distance"] - cell.morphology.path_distance(here.index, location.x)
    ).abs()
    assert (
        place.startswith("trunk") or numbers != by_path.sort_values().index[:40].tolist()
    )  # branches side by side
    all_of_them = cell.spines_near(place, len(spines))
    assert sorted(all_of_them) == sorted(spines.index)


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3", None])
def test_a_number_of_spines_is_a_whole_number_from_one(n):
    with pytest.raises(
        ModelError, match=r"^n = .*: expected a whole number from 1, how many spines near trunk_44"
    ):
        Cell().spines_near("trunk@200", n)


def test_a_region_that_the_cell_lacks_is_said_to_be_missing():
    with pytest.raises(
        ModelError, match=r"^place 'tuft@100': this cell has no tuft; it has soma, basal\.$"
    ):
        locate(tree(*SOMA, ("basal", 1, 50.0, 1.0)), "tuft@100")


# -- the paper's recording sites --------------------------------------------------------------------------------------


def shown(morphology: Morphology) -> dict[str, str]:
    return {name: str(location) for name, location in standard_sites(morphology).items()}


def test_sites_of_the_published_cell(published):
    """model.md 6 names them: the fork at 152.9 um, the start of the tuft at 278.8 um."""
    wanted = {
        "soma": "soma_0(0)",
        "ais": "ais_3(0.5)",
        "proximal_trunk": "trunk_37(1)",
        "distal_trunk": "trunk_50(1)",
    }
    assert shown(published) == wanted
    sites = standard_sites(published)
    assert distance(published, sites["proximal_trunk"]) == pytest.approx(152.9, abs=0.05)
    assert distance(published, sites["distal_trunk"]) == pytest.approx(278.8, abs=0.05)


def test_sites_of_the_example(example):
    """Its trunk has no fork: the proximal site is the end nearest to half way, the distal one where the tuft begins."""
    assert shown(example) == {
        "soma": "soma_0(0)",
        "ais": "ais_3(0.5)",
        "proximal_trunk": "trunk_14(1)",
        "distal_trunk": "trunk_22(1)",
    }
    ends_um = {
        one.name: example.path_distance(one.index, 1.0) for one in example.in_region("trunk")
    }
    half_um = max(ends_um.values()) / 2
    assert min(ends_um, key=lambda name: abs(ends_um[name] - half_um)) == "trunk_14"
    children = example.children(example.section("trunk_22").index)
    assert {example.section(child).region for child in children} == {"tuft"}


def test_sites_of_a_forked_trunk_follow_the_thicker_daughter():
    cell = tree(
        *SOMA,
        ("trunk", 0, 100.0, 3.0),  # 2: forks
        ("trunk", 2, 100.0, 1.0),  # 3: the thinner daughter, which bears tuft first
        ("tuft", 3, 50.0, 1.0),
        ("trunk", 2, 100.0, 2.0),  # 5: the thicker one
        ("trunk", 5, 100.0, 2.0),  # 6: bears tuft
        ("tuft", 6, 50.0, 1.0),
    )
    assert shown(cell) == {
        "soma": "soma_0(0)",
        "proximal_trunk": "trunk_2(1)",
        "distal_trunk": "trunk_6(1)",
    }


def test_sites_without_a_fork_are_half_way_and_where_the_tuft_begins():
    cell = tree(
        *SOMA,
        ("trunk", 0, 90.0, 3.0),
        ("trunk", 2, 30.0, 3.0),  # ends at 120 of 300 um: the nearest to half way
        ("apical", 3, 50.0, 1.0),
        ("trunk", 3, 180.0, 2.0),
        ("tuft", 5, 50.0, 1.0),
    )
    assert shown(cell) == {
        "soma": "soma_0(0)",
        "proximal_trunk": "trunk_3(1)",
        "distal_trunk": "trunk_5(1)",
    }


def test_sites_without_tuft_and_without_trunk():
    bare = tree(*SOMA, ("trunk", 0, 90.0, 3.0), ("trunk", 2, 90.0, 3.0))
    assert shown(bare)["distal_trunk"] == "trunk_3(1)"
    assert shown(tree(*SOMA, ("basal", 1, 50.0, 1.0), ("ais", 1, 30.0, 1.0))) == {
        "soma": "soma_0(0)",
        "ais": "ais_3(0.5)",
    }


def test_a_cell_finds_places_as_its_morphology_does(published):
    cell = Cell()
    assert cell.locate("trunk@200") == locate(published, "trunk@200")
    (nearest,) = cell.spines_near("trunk@200")
    away_um = (cell.placement.spines.query("region == 'trunk'")["path_distance"] - 200).abs()
    assert away_um[nearest] == away_um.min()
