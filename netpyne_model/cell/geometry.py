"""The morphology that a specification names, with coordinates of every section."""

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from ..errors import ModelError
from ..files import read_bytes
from ..morphology import Morphology, read_section_table, read_swc, section_paths
from ..neuroml2.cells import standard_paths
from ..specification import MorphologySource


class Geometry:
    """A morphology and the coordinates of its sections."""

    def __init__(self, morphology: Morphology, paths_um: Sequence[np.ndarray] | None = None):
        self.morphology = morphology
        self._paths_um = paths_um

    @cached_property
    def paths_um(self) -> tuple[np.ndarray, ...]:
        """Points along every section: see `section_paths`."""
        paths = section_paths(self.morphology) if self._paths_um is None else self._paths_um
        for path in paths:
            path.setflags(write=False)  # one array for all cells of this morphology
        return tuple(paths)


def geometry(source: MorphologySource) -> Geometry:
    """The geometry of a source; the same object for the same content.

    Raises ModelError if the file cannot be read, is neither SWC nor a section table, or does not
    hold.
    """
    if source.file is None:
        if source.trunk_end is not None or source.regions:
            raise ModelError(
                "morphology: trunk_end and regions belong to an SWC file; give its path as file."
            )
        return _standard()
    path = Path(source.file)
    what = f"morphology {path}"
    content = hashlib.sha256(read_bytes(path, what, "give the path of an SWC file")).hexdigest()
    return _from_file(path, source.trunk_end, tuple(sorted(source.regions.items())), content)


@lru_cache(maxsize=1)
def _standard() -> Geometry:
    # Reading the coordinates of the committed cell is faster than laying it out.
    return Geometry(read_section_table(), standard_paths())


@lru_cache(maxsize=32)
def _from_file(
    path: Path, trunk_end: int | None, regions: tuple[tuple[int, str], ...], content: str
) -> Geometry:
    if path.suffix.lower() == ".csv":
        if trunk_end is not None or regions:
            raise ModelError(
                f"{path} is a section table, which names the regions itself; leave out trunk_end"
                " and regions."
            )
        return Geometry(read_section_table(path))
    if path.suffix.lower() != ".swc":
        raise ModelError(
            f"morphology {path}: expected an SWC file (.swc) or a section table (.csv)."
        )
    return Geometry(read_swc(path, trunk_end=trunk_end, regions=dict(regions)))
