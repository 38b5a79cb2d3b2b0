"""Where sections lie: an SWC file's own coordinates in pictures, NeuroML, NetPyNE's params and NEURON."""

import numpy as np
import pytest

from netpyne_model import Cell
from netpyne_model.data_folders import MORPHOLOGIES
from netpyne_model.morphology import along_path, layout, path_length, read_swc, section_paths
from netpyne_model.neuroml2.cell_reader import read_cell

EXAMPLE = MORPHOLOGIES / "example.swc"
SOMA = "1 1 0 0 0 4 -1\n"


@pytest.fixture(scope="module")
def cell() -> Cell:
    return Cell(EXAMPLE)


@pytest.fixture(scope="module")
def file_points() -> dict[int, list[float]]:
    """Coordinates by id, of the dendrites and the soma's first point."""
    lines = [line.split() for line in EXAMPLE.read_text().splitlines() if line[:1].isdigit()]
    return {int(id): [float(x) for x in rest] for id, type, *rest, _, _ in lines if type != "2"}


def written(folder, text: str):
    path = folder / "cell.swc"
    path.write_text(text)
    return path


def test_the_points_of_the_file_are_those_of_the_sections(cell, file_points):
    dendrites = cell.paths_um[5:]
    assert {tuple(point) for path in dendrites for point in path.tolist()} == {
        tuple(point) for id, point in file_points.items() if id == 1 or id > 3
    }
    for section in cell.morphology.sections[5:]:
        if section.parent > 4:
            assert tuple(cell.paths_um[section.index][0]) == tuple(
                cell.paths_um[section.parent][-1]
            )
        else:
            assert cell.paths_um[section.index][0].tolist() == file_points[1]


def test_lengths_hold(cell):
    lengths = [section.length_um for section in cell.morphology.sections]
    paths = [path_length(path) for path in cell.paths_um]
    assert paths[5:] == pytest.approx(lengths[5:], rel=1e-12)  # quarters of um: exact in float32
    assert paths == pytest.approx(lengths, rel=2e-7)


def test_soma_and_axon_stand_where_the_dendrites_start(cell, file_points):
    for path in cell.paths_um[:3]:  # both halves of the soma, and the axon hillock
        np.testing.assert_allclose(path[0], file_points[1], rtol=1e-7)
    upper, lower = (cell.paths_um[index][1, 1] - file_points[1][1] for index in (0, 1))
    assert upper > 6
    assert lower < -6


def test_the_soma_is_turned_to_the_apical_dendrite(tmp_path):
    path = written(tmp_path, SOMA + "2 5 50 0 0 1 1\n3 5 100 0 0 1 2\n")
    upper = section_paths(read_swc(path))[0]
    np.testing.assert_allclose(upper[1, 1:], 0, atol=1e-6)
    assert upper[1, 0] > 6


def test_exports_bear_the_points(cell, tmp_path):
    exported = read_cell(cell.write_neuroml(tmp_path)).sections
    params = cell.cell_params()["secs"]
    built = cell.build()
    for section, path in zip(cell.morphology.sections, cell.paths_um, strict=True):
        name = section.name
        np.testing.assert_array_equal(exported[name].points_um[:, :3], path)
        np.testing.assert_array_equal(np.array(params[name]["geom"]["pt3d"])[:, :3], path)
        live = built.sections[name]
        assert pytest.approx(section.length_um, rel=2e-7) == live.L  # the soma and axon, in float32
        if not section.tapered:
            points = [[live.x3d(i), live.y3d(i), live.z3d(i)] for i in range(live.n3d())]
            np.testing.assert_array_equal(points, path.astype(np.float32))  # what NEURON keeps


def test_a_cell_far_away_moves_to_the_origin(tmp_path):
    steps = "".join(
        f"{i} 3 {1e5 + 0.1 * i} {2e5 + 0.1 * (i % 2)} 0 1 {i - 1}\n" for i in range(2, 9)
    )
    far = read_swc(written(tmp_path, f"1 1 {1e5} {2e5} 0 4 -1\n" + steps))
    path = section_paths(far)[5]
    assert path[0].tolist() == [0, 0, 0]
    assert path_length(path) == pytest.approx(far.sections[5].length_um, rel=1e-6)


def test_what_float32_cannot_hold_is_laid_out(tmp_path):
    tiny = read_swc(written(tmp_path, SOMA + "2 3 900 0 0 1 1\n3 4 900.00001 0 0 1 2\n"))
    for path, ends in zip(section_paths(tiny), layout(tiny), strict=True):
        np.testing.assert_array_equal(path, ends)


def test_a_point_that_stands_twice_counts_once(tmp_path):
    twice = read_swc(written(tmp_path, SOMA + "2 3 9 0 0 1 1\n3 3 9 0 0 1 2\n4 3 20 0 0 1 3\n"))
    assert section_paths(twice)[5].tolist() == [[0, 0, 0], [9, 0, 0], [20, 0, 0]]


def test_places_along_a_path():
    path = np.array([[0, 0, 0, 2], [3, 0, 0, 2], [3, 1, 0, 4]], float)
    expected = [[0, 0, 0, 2], [1.5, 0, 0, 2], [3, 0, 0, 2], [3, 0.5, 0, 3], [3, 1, 0, 4]]
    np.testing.assert_allclose(along_path(path, np.array([0, 0.375, 0.75, 0.875, 1])), expected)
    np.testing.assert_allclose(along_path(path, 0.875), expected[3])
