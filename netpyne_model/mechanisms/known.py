"""The mechanisms that NEURON knows, its own and those that were loaded."""

from collections.abc import Iterator
from typing import NamedTuple

DENSITY, POINT_PROCESS = 0, 1


class KnownMechanism(NamedTuple):
    """A mechanism that NEURON knows.

    Attributes
    ----------
    name : str
    kind : int
        `DENSITY` or `POINT_PROCESS`.
    place : int
        Its place in NEURON's list of that kind.
    number : int
        NEURON's own number of it, over both kinds.
    file : str
        The mod file that it was compiled from.
    artificial : bool
        Whether it is an artificial cell, which is in no section.
    """

    name: str
    kind: int
    place: int
    number: int
    file: str
    artificial: bool


def known_mechanisms() -> Iterator[KnownMechanism]:
    """Every mechanism, those of densities first; NEURON has been imported."""
    from neuron import h

    name = h.ref("")
    for kind in (DENSITY, POINT_PROCESS):
        kinds = h.MechanismType(kind)
        for place in range(int(kinds.count())):
            kinds.select(place)
            kinds.selected(name)
            artificial = kind == POINT_PROCESS and bool(kinds.is_artificial(place))
            number = int(kinds.internal_type())
            yield KnownMechanism(name[0], kind, place, number, kinds.file(), artificial)
