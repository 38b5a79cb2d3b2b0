"""A described cell as live NEURON sections; NEURON is imported when a cell is built."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..description import CellDescription, SectionDescription
from ..mechanisms import compilation
from ..mechanisms.user_channels import load_user_channels
from ..morphology import Location, Morphology, locate
from .assembly import channel_mechanisms, channels_together, inserted_mechanisms


class BuiltCell:
    """The sections of one cell in NEURON. They live as long as this object.

    Parameters
    ----------
    fused : bool
        Whether the package's channels are in one mechanism.
    sections : dict of str to nrn.Section, optional
        Sections by name that another program has built from the description.
    """

    def __init__(
        self,
        description: CellDescription,
        morphology: Morphology,
        *,
        fused: bool = False,
        sections: dict[str, Any] | None = None,
    ):
        self.description = description
        self.morphology = morphology
        self.fused = fused
        if sections is None:
            sections = build_sections(description, fused=fused, owner=self)
        self.sections = sections

    def __repr__(self) -> str:
        return self.description.cell_id

    @property
    def soma(self) -> Any:
        """The root section; its 0 end is the joint, at which the paper records and injects."""
        return next(iter(self.sections.values()))

    def segment(self, place: str | Location) -> Any:
        """The NEURON segment at a place: of `locate`, or on a spine's section."""
        if not isinstance(place, str) and place[0] in self.sections:
            return self.sections[place[0]](place[1])
        location = locate(self.morphology, place)
        return self.sections[location.section](location.x)


def build_sections(
    cell: CellDescription, *, fused: bool = False, owner: object = None, load: bool = True
) -> dict[str, Any]:
    """Build a described cell in NEURON; ModelError if mechanisms cannot be compiled or loaded.

    With `fused` the package's channels go into one mechanism: faster, for fixed time steps only.
    The sections bear the name of `owner`. `load` is False where NEURON has loaded the mechanisms
    from a folder of yours.
    """
    if load:
        compilation.load(channel_mechanisms(cell, fused))
        load_user_channels(cell.user_channels.values())
    from neuron import h

    together = channels_together(cell, fused)
    built: dict[str, Any] = {}
    for name, section in cell.sections.items():
        built[name] = h.Section(name, owner)
        if section.parent is not None:
            built[name].connect(built[section.parent](section.parent_loc), 0)
        set_cable(built[name], section)
        _insert_mechanisms(built[name], cell, section, together)
    return built


@contextmanager
def errors_keep_nothing() -> Iterator[None]:
    """Empty the frames of an error on its way: whoever keeps it would keep the cell in NEURON.

    What runs later in the process would integrate that cell along.
    """
    try:
        yield
    except BaseException as error:
        traceback.clear_frames(error.__traceback__)
        raise


def set_cable(built: Any, section: SectionDescription) -> None:
    """Give a NEURON section its geometry, capacitance and resistivity (see `finish_cell`)."""
    built.nseg, built.Ra = section.nseg, section.Ra_ohm_cm
    if section.tapered:
        built.L = section.length_um
    else:
        for x, y, z, diam in section.points_um.tolist():
            built.pt3dadd(x, y, z, diam)
    for segment, diam, cm in zip(built, section.diam_um, section.cm_uF_per_cm2, strict=True):
        if section.tapered:
            segment.diam = diam
        segment.cm = cm


def _insert_mechanisms(
    built: Any, cell: CellDescription, section: SectionDescription, together: frozenset[str]
) -> None:
    for mechanism, parameters in inserted_mechanisms(cell, section, together).items():
        built.insert(mechanism)
        for name, values in parameters.items():
            by_segment = np.broadcast_to(values, built.nseg).tolist()
            for segment, value in zip(built, by_segment, strict=True):
                setattr(getattr(segment, mechanism), name, value)
    for channel in section.gbar_S_per_cm2:
        ion = cell.channel_ions[channel]
        if ion != NON_SPECIFIC:
            setattr(built, f"e{ion}", section.reversal_mV[ion])
