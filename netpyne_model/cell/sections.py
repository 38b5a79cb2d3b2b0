"""A described cell as live NEURON sections; NEURON is imported when a cell is built."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..description import CellDescription, SectionDescription
from ..errors import ModelError
from ..mechanisms import loading
from ..mechanisms.user_channels import load_user_channels
from ..morphology import Location, Morphology, locate, segment_index
from ..receptors import check_receptor, receptors
from .assembly import (
    SILENT_SPINES,
    channel_mechanisms,
    channels_together,
    hold_reversal_potentials,
    inserted_mechanisms,
)
from .conductances import LocalConductances
from .synapses import (
    SPINES,
    fast_mechanism,
    local_parameters,
    point_process,
    spine_globals,
    spine_weights,
)


class BuiltCell:
    """The sections of one cell in NEURON. They live as long as this object.

    Parameters
    ----------
    fused : bool
        Whether the package's channels are in one mechanism.
    sections : dict of str to nrn.Section, optional
        Sections by name that another program has built from the description.
    name : str, optional
        What its sections are called in NEURON, ``<name>.soma_0``; the cell's without it.
    conductances : callable, optional
        Gives the `LocalConductances` of its cell, which `spines` and `receptors` need.
    """

    def __init__(
        self,
        description: CellDescription,
        morphology: Morphology,
        *,
        fused: bool = False,
        sections: dict[str, Any] | None = None,
        name: str | None = None,
        conductances: Callable[[], LocalConductances] | None = None,
    ):
        self.name = description.cell_id if name is None else name
        self.description = description
        self.morphology = morphology
        self.fused = fused
        if sections is None:
            sections = build_sections(description, fused=fused, owner=self)
        self.sections = sections
        self._conductances = conductances
        self._processes: dict[tuple[str, str, int], Any] = {}

    def __repr__(self) -> str:
        return self.name

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

    def spines(self, place: str | Location) -> Any:
        """The ``DrivenSpines`` of a place's segment: every connection to it is one of its spines.

        A connection of weight 1 has the conductances of that segment's spines. For a cell that was
        built with ``spines="silent"``; for fixed time steps.
        """
        local, segment = self._local(place)
        if not hasattr(segment, SILENT_SPINES):
            raise ModelError(
                f"spines at {place}: {segment} bears none; ask elsewhere, and build the cell with"
                ' spines="silent".'
            )
        from neuron import h

        for name, value in spine_globals().items():
            setattr(h, name, value)
        return self._process(SPINES, segment, {"mod": SPINES, **spine_weights(local)})

    def receptors(self, name: str, place: str | Location) -> Any:
        """The receptors of a kind on a place's segment: every connection is one of them.

        A connection of weight 1 has the conductance that the cell's rules give there, of AMPA its
        component's gbase. For fixed time steps.
        """
        receptor = receptors()[check_receptor(name)]
        local, segment = self._local(place)
        mechanism = fast_mechanism(receptor) | local_parameters(receptor, local)
        return self._process(name, segment, mechanism)

    def _local(self, place: str | Location) -> tuple[dict[str, float], Any]:
        """What receptors have on a place's segment, and that segment."""
        if self._conductances is None:
            raise ModelError(f"{self}: its synapses are not known; build it by Cell.build().")
        segment = self.segment(place)
        nseg = segment.sec.nseg
        section = segment.sec.name().rpartition(".")[2]
        return self._conductances().of(section, segment_index(segment.x, nseg), nseg), segment

    def _process(self, label: str, segment: Any, mechanism: Mapping[str, Any]) -> Any:
        """The one point process of a kind on a segment, made when it is first asked for."""
        key = (label, segment.sec.name(), segment_index(segment.x, segment.sec.nseg))
        if key not in self._processes:
            self._processes[key] = point_process(mechanism, segment)
        return self._processes[key]


def build_sections(
    cell: CellDescription, *, fused: bool = False, owner: object = None, load: bool = True
) -> dict[str, Any]:
    """Build a described cell in NEURON; ModelError if mechanisms cannot be compiled or loaded.

    With `fused` the package's channels go into one mechanism: faster, for fixed time steps only.
    The sections bear the name of `owner`. `load` is False where NEURON has loaded the mechanisms
    from a folder of yours.
    """
    if load:
        loading.load(channel_mechanisms(cell, fused))
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
    """Empty an error on its way, and those behind it: whoever keeps it would keep the cell in NEURON.

    What runs later in the process would integrate that cell along.
    """
    try:
        yield
    except BaseException as error:
        behind: list[BaseException | None] = [error]
        emptied: set[BaseException] = set()
        while behind:
            one = behind.pop()
            if one is None or one in emptied:
                continue
            emptied.add(one)
            traceback.clear_frames(one.__traceback__)
            if isinstance(one, AttributeError):
                one.obj = None  # the segment that has no such variable
            behind += [one.__cause__, one.__context__]
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
    hold_reversal_potentials(built, cell)
