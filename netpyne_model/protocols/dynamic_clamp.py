"""A dynamic clamp: a conductance put on a place or on all membrane of regions, beside the cell's own."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple

from ..biophysics import ChannelRules
from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from ..errors import ModelError, did_you_mean, quoted
from ..mechanisms import loading
from ..morphology import Section, segment_index
from ..morphology.locations import SOMA
from ..neuroml2.clamps import LEAK_CLAMP, clamp_of, clamps
from ..neuroml2.steady_channels import SODIUM, sodium_channel_of
from ..specification.changes import regions_of
from .attached import FOREVER_MS, Attached
from .checks import Place, as_place, assign, check_number, with_known_fields

PERSISTENT, LEAK = "persistent", "leak"
CURRENTS = (PERSISTENT, LEAK)
STRENGTHS = ("g_uS", "density_S_per_cm2", "factor")
"""What says how strong it is, one of three."""
_US_PER_S_PER_CM2_UM2 = 1e-2


class _Segment(NamedTuple):
    """A segment of the built cell that gets a conductance."""

    segment: Any
    section: Section
    number: int


@with_known_fields(
    duration_ms="Give stop_ms, the time of its end",
    delay_ms="Give start_ms",
    kind="Give current, 'persistent' or 'leak'",
    e_mV="Give reversal_mV",
)
@dataclass(frozen=True, kw_only=True)
class DynamicClamp:
    """A conductance of voltage alone beside the cell's own, at a place or over whole regions.

    What is below 0 takes away: a leak of ``g_uS=-0.005`` is a pure negative conductance. It is recorded
    as ``dynamic_clamp.i`` (nA, negative inwards) and ``dynamic_clamp.g`` (uS).

    Attributes
    ----------
    current : str
        ``persistent``: sodium channels whose gates are at their steady state at every instant, what
        the drug ``INaP`` takes away; or ``leak``.
    place : str or (str, float), optional
        ``soma`` (also without place and region), ``ais``, ``axon_hill``, ``trunk@200``.
    region : str or sequence of str, optional
        In its place, all segments of regions or groups: ``ais``, ``axonal``, ``dendrites``, ``all``.
    g_uS : float, optional
        Conductance at the place, all gates open.
    density_S_per_cm2 : float, optional
        Or by membrane area of each segment.
    factor : float, optional
        Or as a multiple of the density that the cell's own sodium channel has there: 1 in region
        ``all`` gives a cell under ``INaP`` back what the drug takes.
    component : str, optional
        Whose steady states: ``nas_soma``, ``nas_dend``, ``nax``, ``nax_ais``, ``NaV2``; by default
        of each segment's own channel.
    reversal_mV : float, optional
        Of a leak it is needed; by default that of the cell's sodium there.
    start_ms, stop_ms : float
        It is on from the start to the end without them.
    """

    current: str = PERSISTENT
    place: Place | None = None
    region: str | Sequence[str] | None = None
    g_uS: float | None = None
    density_S_per_cm2: float | None = None
    factor: float | None = None
    component: str | None = None
    reversal_mV: float | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self):
        if self.current not in CURRENTS:
            near = did_you_mean(str(self.current), CURRENTS)
            raise ModelError(
                f"current {quoted(self.current)}: expected {' or '.join(CURRENTS)}.{near}"
            )
        self._check_where()
        self._check_strength()
        self._check_kinetics()
        check_number("start_ms", self.start_ms, 0.0, 1e7)
        if not isinstance(self.stop_ms, Real) or not self.stop_ms > self.start_ms:
            raise ModelError(
                f"stop_ms = {self.stop_ms}: expected more than start_ms ({self.start_ms:g})."
            )

    def _check_where(self) -> None:
        if self.place is not None and self.region is not None:
            raise ModelError("a dynamic clamp has either a place or a region; leave out one.")
        if self.region is None:
            assign(self, place=as_place(SOMA if self.place is None else self.place))
            return
        regions_of(self.region)  # its checks
        if not isinstance(self.region, str):
            assign(self, region=tuple(self.region))

    def _check_strength(self) -> None:
        given = [name for name in STRENGTHS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ModelError(
                f"a dynamic clamp with {' and '.join(given) or 'no strength'}: give one of"
                f" {', '.join(STRENGTHS)}."
            )
        (name,) = given
        check_number(name, getattr(self, name), -1e3, 1e3)
        if name == "g_uS" and self.region is not None:
            raise ModelError(
                "g_uS is a conductance at a place; over a region give density_S_per_cm2 or factor."
            )

    def _check_kinetics(self) -> None:
        if self.component is not None and self.component not in SODIUM:
            near = did_you_mean(str(self.component), SODIUM)
            raise ModelError(
                f"component {quoted(self.component)}: expected one of {', '.join(SODIUM)}.{near}"
            )
        if self.reversal_mV is not None:
            check_number("reversal_mV", self.reversal_mV, -200.0, 200.0)
        if self.current == LEAK:
            if self.component is not None:
                raise ModelError(
                    f"component = {quoted(self.component)}: a leak has no gates; leave it out."
                )
            if self.reversal_mV is None:
                raise ModelError("a leak needs its reversal potential; give reversal_mV.")

    @property
    def begins_ms(self) -> float:
        """Time of its first change."""
        return float(self.start_ms)

    def attach(self, cell: Cell, built: BuiltCell) -> Attached:
        """Attach it to a built cell: a point process on each segment."""
        from neuron import h

        loading.load(clamps())
        processes, reversal_mV = [], self._reversal_mV(cell)
        for one in self._segments(cell, built):
            g_uS = self._g_uS(cell, built, one)
            name = LEAK_CLAMP
            if self.current == PERSISTENT:
                name = clamp_of(self.component or _own_component(cell, one.section))
            process = getattr(h, name)(one.segment)
            process.gbase, process.erev = g_uS, reversal_mV(one.section)
            process.delay = self.start_ms
            process.duration = min(self.stop_ms, FOREVER_MS) - self.start_ms
            processes.append(process)
        changes_ms = [one for one in (self.start_ms, self.stop_ms) if 0 < one < FOREVER_MS]
        return Attached(tuple(processes), changes_ms=tuple(changes_ms))

    def _segments(self, cell: Cell, built: BuiltCell) -> Iterator[_Segment]:
        if self.region is None:
            location = cell.locate(str(self.place))
            section = cell.morphology.section(location.section)
            segment = built.segment(location)
            index = segment_index(segment.x, segment.sec.nseg)
            yield _Segment(segment, section, index)
            return
        regions = regions_of(self.region)
        sections = [one for one in cell.morphology.sections if one.region in regions]
        if not sections:
            raise ModelError(f"dynamic clamp: the cell has no {' and no '.join(regions)}.")
        for section in sections:
            for number, segment in enumerate(built.sections[section.name]):
                yield _Segment(segment, section, number)

    def _g_uS(self, cell: Cell, built: BuiltCell, one: _Segment) -> float:
        if self.g_uS is not None:
            return self.g_uS
        density = self.density_S_per_cm2
        if density is None:
            assert self.factor is not None
            density = self.factor * _own_density(cell, built, one)
        # The area of the membrane: a point at a section's end has that of the segment beside it.
        area_um2 = float(built.description.sections[one.section.name].area_um2[one.number])
        return density * area_um2 * _US_PER_S_PER_CM2_UM2

    def _reversal_mV(self, cell: Cell) -> Callable[[Section], float]:
        """Its reversal potential on a section."""
        given_mV = self.reversal_mV
        if given_mV is not None:
            return lambda _: given_mV
        rules = cell.specification.biophysics
        if "na" not in rules.ions:
            raise ModelError("dynamic clamp: the cell has no sodium; give reversal_mV.")
        return rules.profiles(cell.morphology, "na.e").on_section


def _sodium_rules(cell: Cell, region: str) -> Iterator[tuple[str, ChannelRules]]:
    """The sodium channels that rules put into a region."""
    for name, rules in cell.specification.biophysics.channels.items():
        if rules.ion == "na" and rules.taken_from is None and region in rules.gbar_S_per_cm2:
            yield name, rules


def _own_component(cell: Cell, section: Section) -> str:
    """Whose steady states a segment's own sodium channel has."""
    for _, rules in _sodium_rules(cell, section.region):
        for component in rules.components_in(section.region):
            if (name := sodium_channel_of(component.channel)) is not None:
                return name
    raise ModelError(
        f"dynamic clamp on {section.name}: the cell has no sodium channel there whose steady state is"
        f" known; give component, one of {', '.join(SODIUM)}."
    )


def _own_density(cell: Cell, built: BuiltCell, one: _Segment) -> float:
    """The density (S/cm2) of a segment's own sodium channels, under the drugs that the cell has."""
    names = {name for name, _ in _sodium_rules(cell, one.section.region)}
    if not names:
        raise ModelError(
            f"factor: the cell has no sodium channel on {one.section.name}; give density_S_per_cm2."
        )
    densities = built.description.sections[one.section.name].gbar_S_per_cm2
    channels = cell.channel_of_component
    return sum(
        float(gbar[one.number])
        for component, gbar in densities.items()
        if channels.get(component) in names
    )
