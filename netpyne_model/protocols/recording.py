"""Recordings: the NEURON variable and the unit of a recording's text, and how it is recorded."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..cell.assembly import channels_together, mechanism_name
from ..cell.cell import Cell
from ..cell.sections import BuiltCell
from ..description import CellDescription
from ..errors import ModelError, did_you_mean
from ..mechanisms.fusing import FUSED, fused_gates, gate_place
from ..morphology import Location, segment_centre, segment_index
from ..neuroml2.components import gate_powers
from ..results import Recording, Site
from .checks import RECEPTORS
from .driven import spine_head

_SPINE = re.compile(r"^spine_(\d+)$")
# Variables of an ion: suffix or prefix in NEURON, and unit.
_OF_ION = {
    "i": ("i{ion}", "mA/cm2"),
    "e": ("e{ion}", "mV"),
    "inside": ("{ion}i", "mM"),
    "outside": ("{ion}o", "mM"),
}
# Currents and conductances (by their units) stand, at a fixed step, one step behind the potentials
# and the gates: NEURON computes them at the step's start, those at its end.
_FLOW = re.compile(r"^[a-z]?(A|S|mho|amp|siemens)")
# So do the open part, and of a receptor the magnesium block and what it makes of the closing.
_WITH_CURRENT = ("fopen", "B", "closing")
# Of the converted channels, which the cell calls gbar, g and .e.
_INNER_NAMES = ("gmax", "gion", "fopen", "e")
_DENSITY_UNITS = {"i": "mA/cm2", "g": "S/cm2", "gion": "S/cm2"}
_RECEPTOR_UNITS = {"i": "nA", "g": "uS"}


@dataclass(frozen=True)
class Source:
    """Where a recording takes its values from: NEURON's reference to a variable.

    What stands one step `behind` at a fixed step is read a step later, to be that of its time.
    """

    variable: str
    unit: str
    location: Location
    pointer: Any
    behind: bool = False


@dataclass(frozen=True)
class GatesSource(Source):
    """A channel's current or conductance worked out of its gates, where no variable holds it.

    `pointer` is the potential's; `gates` has each gate as often as its power. Without a reversal
    potential it is the conductance.
    """

    gates: tuple[Any, ...] = ()
    gbar_S_per_cm2: float = 0.0
    reversal_mV: float | None = None

    def values(self, v_mV: np.ndarray, gates: Sequence[np.ndarray]) -> np.ndarray:
        """The conductance (S/cm2) or current (mA/cm2) at the potentials and gates."""
        conductance = np.full_like(v_mV, self.gbar_S_per_cm2) * np.prod(gates, axis=0)
        if self.reversal_mV is None:
            return conductance
        return conductance * (v_mV - self.reversal_mV)


class Recorder:
    """Records sources at sample times, each into one of `vectors`, an ``h.Vector``.

    `dt_ms` is the fixed step; 0 for an adapted one, which leaves nothing behind.
    """

    def __init__(self, sources: Mapping[str, Source], time_ms: np.ndarray, dt_ms: float):
        from neuron import h

        at, late = self._times = h.Vector(time_ms), h.Vector(time_ms + dt_ms)
        self.vectors = {
            name: h.Vector().record(source.pointer, late if source.behind else at)
            for name, source in sources.items()
        }
        self._of_gates = {
            name: (source, [h.Vector().record(gate, at) for gate in source.gates])
            for name, source in sources.items()
            if isinstance(source, GatesSource)
        }

    @property
    def filled(self) -> dict[str, Any]:
        """Every ``h.Vector`` that a run fills, by a name of its own."""
        filled = dict(self.vectors)
        for name, (_, gates) in self._of_gates.items():
            filled |= {f"{name}/{number}": gate for number, gate in enumerate(gates)}
        return filled

    def values(self) -> dict[str, np.ndarray]:
        """The recordings of the last run, by name."""
        values = {name: np.array(vector) for name, vector in self.vectors.items()}
        for name, (source, gates) in self._of_gates.items():
            values[name] = source.values(values[name], [np.array(gate) for gate in gates])
        return values


def spine_of(place: str) -> int | None:
    """Number of the spine that a place ``spine_<number>`` names; None for other places."""
    match = _SPINE.match(place)
    return int(match[1]) if match else None


def recorded_spines(record: Mapping[str, str], cell: Cell) -> set[int]:
    """Numbers of the spines that recordings name."""
    numbers = [spine_of(split_text(text)[1]) for text in record.values()]
    spines = {number for number in numbers if number is not None}
    cell.require_spines(spines)
    return spines


def place_of(place: str, cell: Cell) -> Location:
    """The location of a recording's place, which may be a spine's head."""
    number = spine_of(place)
    return cell.locate(place) if number is None else spine_head(number)


def split_text(text: str) -> tuple[str, str]:
    """Variable and place of a recording's text; ``v`` for a place alone."""
    words = str(text).split()
    if len(words) not in (1, 2):
        raise ModelError(
            f"recording '{text}': expected 'place' or 'variable place', such as 'nas.i trunk@200'."
        )
    return ("v", words[0]) if len(words) == 1 else (words[0], words[1])


def find_source(
    text: str, cell: Cell, built: BuiltCell, receptors: Mapping[tuple[str, Location], Any]
) -> Source:
    """Find what a recording's text names, as in `Protocol.record`.

    Parameters
    ----------
    built : BuiltCell
        The cell's sections; recorded spines among them.
    receptors : mapping of (str, Location) to point process
        Driven receptors by name and place.

    Raises
    ------
    ModelError
        If the place or the variable does not exist, with the nearest name.
    """
    variable, place = split_text(text)
    location = place_of(place, cell)
    segment = built.segment(location)
    mechanism, _, name = variable.partition(".")
    if variable == "v":
        return Source("v", "mV", location, segment._ref_v)
    if mechanism in RECEPTORS["shaft"]:
        return _of_receptor(variable, place, location, receptors)
    # The ends of a section are points without membrane: what the membrane has is that of the
    # segment beside them.
    segment = _within(segment)
    if mechanism in cell.specification.biophysics.ions:
        return _of_ion(variable, location, segment)
    if variable == "pas.i":
        return _of_leak(location, segment)
    channels = cell.specification.biophysics.channels
    if mechanism not in channels:
        known = ["v", "pas.i", *channels, *cell.specification.biophysics.ions, *RECEPTORS["shaft"]]
        near = did_you_mean(mechanism, known)
        for ion in cell.specification.biophysics.ions:
            for name, (pattern, _) in _OF_ION.items():
                if pattern.format(ion=ion) == variable:  # NEURON's name of it
                    near = f" Did you mean '{ion}.{name} {place}'?"
        raise ModelError(f"recording '{text}': '{mechanism}' does not exist.{near}")
    if not name:
        raise ModelError(
            f"recording '{text}': expected a variable of {mechanism}, such as '{mechanism}.i"
            f" {place}'."
        )
    return _of_channel(text, cell, built, location, segment)


def _within(segment: Any) -> Any:
    nseg = segment.sec.nseg
    return segment.sec(segment_centre(segment_index(segment.x, nseg), nseg))


def _of_leak(location: Location, segment: Any) -> Source:
    if not hasattr(segment, FUSED):
        return Source("pas.i", "mA/cm2", location, segment.pas._ref_i, behind=True)
    leak = getattr(segment, FUSED)
    return GatesSource(
        "pas.i",
        "mA/cm2",
        location,
        segment._ref_v,
        gbar_S_per_cm2=leak.g_leak,
        reversal_mV=leak.e_leak,
    )


def _of_ion(variable: str, location: Location, segment: Any) -> Source:
    ion, _, name = variable.partition(".")
    if name not in _OF_ION:
        raise ModelError(
            f"recording '{variable}': an ion has {', '.join(_OF_ION)}; ask for one of these."
        )
    pattern, unit = _OF_ION[name]
    try:
        pointer = getattr(segment, "_ref_" + pattern.format(ion=ion))
    except (AttributeError, NameError):
        raise ModelError(
            f"recording '{variable}': no channel at {location} carries {ion}; record it elsewhere."
        ) from None
    return _single(variable, unit, location, pointer)


def _of_receptor(
    variable: str, place: str, location: Location, receptors: Mapping[tuple[str, Location], Any]
) -> Source:
    receptor, _, name = variable.partition(".")
    driven = receptors.get((receptor, location))
    if driven is None:
        places = sorted(_as_text(place) for kind, place in receptors if kind == receptor)
        elsewhere = f"driven ones are at {', '.join(places[:8])}" if places else "none is driven"
        raise ModelError(
            f"recording '{variable} {place}': no driven {receptor} receptor is there; {elsewhere}."
        )
    pointer = _pointer(driven, name, f"{variable} {place}")
    return _single(variable, _RECEPTOR_UNITS.get(name, ""), location, pointer)


def _as_text(location: Location) -> str:
    """A place as a recording's text names it."""
    return re.sub(r"^head_(\d+)\(.*", r"spine_\1", str(location))


def _of_channel(
    text: str, cell: Cell, built: BuiltCell, location: Location, segment: Any
) -> Source:
    variable, _ = split_text(text)
    channel, _, name = variable.partition(".")
    section = built.description.sections[location.section]
    index = segment_index(location.x, section.nseg)
    components = [
        component
        for component in section.gbar_S_per_cm2
        if cell.channel_of_component.get(component) == channel
    ]
    if not components:
        raise ModelError(
            f"recording '{text}': there is no {channel} on {location.section}; record it elsewhere."
        )
    component = max(components, key=lambda one: section.gbar_S_per_cm2[one][index])
    if component in channels_together(built.description, built.fused):
        ion = built.description.channel_ions[component]
        return _of_fused(text, component, ion, location, segment)
    mechanism = getattr(segment, mechanism_name(built.description, component))
    user_channel = built.description.user_channels.get(component)
    if user_channel is not None and name == "i" and name not in user_channel.recordable:
        name = f"i{user_channel.ion}"
    if user_channel is not None and name in user_channel.recordable:
        return _single(
            variable, user_channel.recordable[name], location, _pointer(mechanism, name, text), name
        )
    if user_channel is not None and user_channel.file.suffix == ".mod":
        near = did_you_mean(name, user_channel.recordable)
        raise ModelError(f"recording '{text}': '{name}' cannot be recorded.{near}")
    name = {"g": "gion"}.get(name, name)
    if hasattr(mechanism, f"{name}_q"):
        name = f"{name}_q"
    unit = "ms" if name.endswith("_tau") else _DENSITY_UNITS.get(name, "")
    return _single(variable, unit, location, _pointer(mechanism, name, text), name)


def _of_fused(text: str, component: str, ion: str, location: Location, segment: Any) -> Source:
    """A gate in the mechanism of all channels, or what follows from a channel's gates."""
    variable, _ = split_text(text)
    name = variable.partition(".")[2]
    mechanism = getattr(segment, FUSED)
    gbar = getattr(mechanism, f"gmax_{component}")
    if name not in ("i", "g"):
        return Source(variable, "", location, _fused_gate(text, component, name, mechanism))
    gates = []
    for gate, power in gate_powers(component).items() if gbar > 0 else ():
        gates += [_fused_gate(text, component, gate, mechanism)] * power
    reversal_mV = None
    if name == "i":
        if hasattr(mechanism, f"e_{component}"):  # a channel of no ion
            reversal_mV = getattr(mechanism, f"e_{component}")
        else:
            reversal_mV = getattr(segment, f"e{ion}")
    return GatesSource(
        variable,
        _DENSITY_UNITS[name],
        location,
        segment._ref_v,
        gates=tuple(gates),
        gbar_S_per_cm2=gbar,
        reversal_mV=reversal_mV,
    )


def _fused_gate(text: str, component: str, gate: str, mechanism: Any) -> Any:
    """NEURON's reference to a gate, which stands where the channels of its segment let it."""
    if gate not in fused_gates()[component]:
        raise ModelError(
            f"recording '{text}': fused channels have i, g and the gates of each channel; set"
            " channels=separate."
        )
    present = {one for one in fused_gates() if getattr(mechanism, f"gmax_{one}") > 0}
    if component not in present:
        raise ModelError(
            f"recording '{text}': the density of {component} is 0 there, and fused channels keep no"
            " gates of it; record elsewhere, or set channels=separate."
        )
    array, index = gate_place(component, gate, present)
    return getattr(mechanism, f"_ref_{array}")[index]


def _single(
    variable: str, unit: str, location: Location, pointer: Any, name: str | None = None
) -> Source:
    """The recording of a variable, which the mechanism may call by another `name`."""
    name = variable.partition(".")[2] if name is None else name
    behind = name in _WITH_CURRENT or bool(_FLOW.match(unit))
    return Source(variable, unit, location, pointer, behind)


def _pointer(mechanism: Any, name: str, text: str) -> Any:
    pointer = getattr(mechanism, f"_ref_{name}", None) if name else None
    if pointer is None:
        known = {"i", "g"}
        for one in dir(mechanism):
            inner = one.startswith("_") or one in _INNER_NAMES
            if not inner and isinstance(getattr(mechanism, one, None), float):
                known.add(one.removesuffix("_q"))
        raise ModelError(
            f"recording '{text}': '{name}' does not exist there.{did_you_mean(name, known)}"
        )
    return pointer


def recordings_of(
    sources: Mapping[str, Source], values: Mapping[str, np.ndarray], cell: Cell, built: BuiltCell
) -> dict[str, Recording]:
    """What was recorded beside voltages, as a result holds it."""
    recordings = {}
    for name, source in sources.items():
        if source.variable != "v":
            site = site_of(name, cell, built.description, source.location)
            recordings[name] = Recording(source.variable, source.unit, site, values[name])
    return recordings


def site_of(name: str, cell: Cell, described: CellDescription, location: Location) -> Site:
    """The site of a recording: path distance and place; a spine is where its neck starts."""
    section, x = location
    part = described.sections[section]
    position = part.position_um(x)
    on_branch = {one.name for one in cell.morphology.sections}
    while section not in on_branch and part.parent is not None:
        section, x = part.parent, part.parent_loc
        part = described.sections[section]
    distance_um = cell.morphology.path_distance(cell.morphology.section(section).index, x)
    return Site(name, location.section, location.x, distance_um, tuple(position.tolist()))
