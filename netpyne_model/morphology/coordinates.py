"""Coordinates of the sections of a cell: as reconstructed, or else laid out."""

from collections.abc import Sequence

import numpy as np

from .layout import layout
from .sections import Morphology, Section

# NEURON keeps 3D points in float32: so well must they still give the length of every section.
LENGTH_TOLERANCE = 1e-4


def section_paths(morphology: Morphology) -> list[np.ndarray]:
    """Points along every section, shape (n_points, 3) in um, from its 0 end to its 1 end.

    Reconstructed sections keep their file's points; soma and axon, which are the standard ones,
    stand where the dendrites start, the soma's axis turned to the apical dendrites. A cell without
    coordinates (a section table) has the two ends of each section as `layout` invents them.

    The lengths of the paths are those of the sections to `LENGTH_TOLERANCE`, for reconstructions
    within 1 mm of their origin to about 1e-6. Where a file's coordinates are so large that float32
    loses more, the cell is moved to the origin; where that does not help either, as with sections
    of some nanometres, it is laid out.
    """
    reconstructed = [section for section in morphology.sections if section.points_um]
    if not reconstructed:
        return list(layout(morphology))
    soma_um = np.array(reconstructed[0].points_um[0])
    for moved_um in (np.zeros(3), -soma_um):
        paths = _standard_paths(morphology, reconstructed, soma_um, moved_um)
        paths += [_distinct(np.array(one.points_um) + moved_um) for one in reconstructed]
        if _lengths_hold(morphology, paths):
            return paths
    return list(layout(morphology))


def along_path(path: np.ndarray, x: float | np.ndarray) -> np.ndarray:
    """Points at relative positions `x`, 0 to 1, along a path, shape (n_points, dimensions).

    Its length is measured in the first three columns; further ones (a diameter) go along.
    """
    relative = relative_positions(path)
    before = np.clip(np.searchsorted(relative, x, side="right") - 1, 0, len(path) - 2)
    fraction = (x - relative[before]) / (relative[before + 1] - relative[before])
    start, stop = path[before], path[before + 1]
    return start + fraction[..., None] * (stop - start)


def relative_positions(path: np.ndarray) -> np.ndarray:
    """Where the points of a path lie on its length, from 0 to 1."""
    covered = np.concatenate([[0.0], np.cumsum(_steps_um(path))])
    return covered / covered[-1]


def path_length(path: np.ndarray) -> float:
    """Length of a path in um, as NEURON adds it up."""
    return float(_steps_um(path).sum())


def _steps_um(path: np.ndarray) -> np.ndarray:
    points = np.asarray(path, float)[:, :3]
    return np.array([np.linalg.norm(step) for step in np.diff(points, axis=0)])


def _standard_paths(
    morphology: Morphology,
    reconstructed: Sequence[Section],
    soma_um: np.ndarray,
    moved_um: np.ndarray,
) -> list[np.ndarray]:
    """Soma and axon: laid out, then turned and moved to where the dendrites start."""
    standard = morphology.sections[: len(morphology) - len(reconstructed)]
    drawn = layout(Morphology(standard)).astype(float)
    turned = drawn @ _upright_to(_apical_direction(reconstructed, soma_um)).T
    return [_distinct(ends) for ends in turned + soma_um + moved_um]


def _apical_direction(reconstructed: Sequence[Section], soma_um: np.ndarray) -> np.ndarray:
    """From the soma to the middle of the apical ends, in the picture; up without any."""
    ends = [one.points_um[-1] for one in reconstructed if one.region != "basal"]
    direction = np.mean(ends, axis=0)[:2] - soma_um[:2] if ends else np.zeros(2)
    size = np.linalg.norm(direction)
    return direction / size if size else np.array([0.0, 1.0])


def _upright_to(direction: np.ndarray) -> np.ndarray:
    """The rotation about z that turns the y axis to a direction in the plane."""
    x, y = direction
    return np.array([[y, x, 0.0], [-x, y, 0.0], [0.0, 0.0, 1.0]])


def _distinct(points_um: np.ndarray) -> np.ndarray:
    """The points without those that NEURON, which keeps float32, would put on the one before."""
    points = np.asarray(points_um, float)
    moved = np.diff(points.astype(np.float32), axis=0) != 0
    return points[np.concatenate([[True], moved.any(axis=1)])]


def _lengths_hold(morphology: Morphology, paths: Sequence[np.ndarray]) -> bool:
    return all(
        abs(path_length(path.astype(np.float32)) - section.length_um)
        <= LENGTH_TOLERANCE * section.length_um
        for section, path in zip(morphology.sections, paths, strict=True)
    )
