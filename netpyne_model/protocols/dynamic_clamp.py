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
        Or as a multiple of the density that the cell's own sodium channels have there, each by
        itself: 1 in region ``all`` gives a cell under ``INaP`` back what the drug takes. Regions
        without one are left out.
    component : str, optional
        Whose steady states: ``nas_soma``, ``nas_dend``, ``nax``, ``nax_ais``, ``NaV2``; by default
        of each segment's own channel, of two the denser.
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
            for name, g_uS in self._conductances(cell, built, one):
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
        # A region without sodium has nothing of which to take a multiple.
        if self.factor is not None:
            bearing = [one for one in sections if any(_sodium_rules(cell, one.region))]
            sections = bearing or sections
        for section in sections:
            for number, segment in enumerate(built.sections[section.name]):
                yield _Segment(segment, section, number)

    def _conductances(
        self, cell: Cell, built: BuiltCell, one: _Segment
    ) -> Iterator[tuple[str, float]]:
        """What a segment gets: mechanisms, each with its conductance (uS)."""
        # The area of the membrane: a point at a section's end has that of the segment beside it.
        area_um2 = float(built.description.sections[one.section.name].area_um2[one.number])
        uS_of_density = area_um2 * _US_PER_S_PER_CM2_UM2
        if self.factor is not None:
            own = _own_densities(cell, built, one)
            if not own:
                raise ModelError(
                    f"factor: the cell has no sodium channel on {one.section.name}; give"
                    " density_S_per_cm2."
                )
            if self.current == PERSISTENT and self.component is None:
                for channel, density in _with_known_steady_state(own, one).items():
                    yield clamp_of(channel), self.factor * density * uS_of_density
                return
            g_uS = self.factor * sum(own.values()) * uS_of_density
        elif self.g_uS is not None:
            g_uS = self.g_uS
        else:
            assert self.density_S_per_cm2 is not None
            g_uS = self.density_S_per_cm2 * uS_of_density
        yield self._mechanism(cell, built, one), g_uS

    def _mechanism(self, cell: Cell, built: BuiltCell, one: _Segment) -> str:
        """The mechanism of a conductance that is given as one: of two channels the denser has its."""
        if self.current == LEAK:
            return LEAK_CLAMP
        if self.component is not None:
            return clamp_of(self.component)
        known = _with_known_steady_state(_own_densities(cell, built, one), one)
        return clamp_of(max(known, key=lambda channel: known[channel]))

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


def _own_densities(cell: Cell, built: BuiltCell, one: _Segment) -> dict[str, float]:
    """Densities (S/cm2) of a segment's own sodium channels by component, under the cell's drugs."""
    region = one.section.region
    rules = dict(_sodium_rules(cell, region))
    own = {part.channel: 0.0 for each in rules.values() for part in each.components_in(region)}
    densities = built.description.sections[one.section.name].gbar_S_per_cm2
    channels = cell.channel_of_component
    return own | {
        component: float(gbar[one.number])
        for component, gbar in densities.items()
        if channels.get(component) in rules
    }


def _with_known_steady_state(own: dict[str, float], one: _Segment) -> dict[str, float]:
    """Those of a segment's sodium channels that there is a clamp of, with their densities."""
    known: dict[str, float] = {}
    for component, density in own.items():
        if (channel := sodium_channel_of(component)) is not None:
            known[channel] = known.get(channel, 0.0) + density
    if not known:
        raise ModelError(
            f"dynamic clamp on {one.section.name}: the cell has no sodium channel there whose steady"
            f" state is known; give component, one of {', '.join(SODIUM)}."
        )
    return known
