"""Recordings: the NEURON variable and the unit of a recording's text, and how it is recorded."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..cell.assembly import channels_together, mechanism_name
from ..cell.cell import Cell
from ..cell.fused_segments import gate_reference, present_channels
from ..cell.sections import BuiltCell
from ..description import CellDescription
from ..errors import ModelError, did_you_mean, quoted
from ..mechanisms.fusing import FUSED, fused_gates
from ..morphology import Location, segment_centre, segment_index
from ..neuroml2.components import gate_powers
from ..results import Recording, Site
from .checks import RECEPTORS
from .driven import spine_head
from .sources import GatesSource, NoSource, Source, SumSource

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
_START_MS = 1e-6  # NEURON's crossing of the start is at 0, or 1e-10 ms at fixed steps
_RECEPTOR_UNITS = {"i": "nA", "g": "uS"}
DYNAMIC_CLAMP = "dynamic_clamp"
"""Before the variable of a dynamic clamp's recording."""


def output_spikes(crossings_ms: Sequence[float], until_ms: float) -> np.ndarray:
    """The output spikes until a time, of the crossings of the threshold that NEURON has found.

    A potential that begins above the threshold has crossed nothing; NEURON counts the start.
    """
    times_ms = np.array(crossings_ms, float)
    return times_ms[(times_ms > _START_MS) & (times_ms <= until_ms)]


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
            f"recording {quoted(text)}: expected 'place' or 'variable place', such as 'nas.i trunk@200'."
        )
    return ("v", words[0]) if len(words) == 1 else (words[0], words[1])


def reads_an_ion(record: Iterable[str], cell: Cell) -> bool:
    """Whether recordings, as texts, read a variable of an ion: ``k.i soma``."""
    read = {split_text(text)[0].partition(".")[0] for text in record}
    return not read.isdisjoint(cell.specification.biophysics.ions)


def find_source(
    text: str,
    cell: Cell,
    built: BuiltCell,
    receptors: Mapping[tuple[str, Location], Any],
    clamps: Sequence[Any] = (),
) -> Source:
    """Find what a recording's text names, as in `Protocol.record`.

    Parameters
    ----------
    built : BuiltCell
        The cell's sections; recorded spines among them.
    receptors : mapping of (str, Location) to point process
        Driven receptors by name and place.
    clamps : sequence of point process
        Of dynamic clamps.

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
    if mechanism == DYNAMIC_CLAMP:
        return _of_clamps(variable, location, segment, clamps)
    # The ends of a section are points without membrane: what the membrane has is that of the
    # segment beside them.
    segment = _within(segment)
    if mechanism in cell.specification.biophysics.ions:
        return _of_ion(variable, cell, location, segment)
    if variable == "pas.i":
        return _of_leak(location, segment)
    channels = cell.specification.biophysics.channels
    if mechanism not in channels:
        known = [
            "v",
            "pas.i",
            DYNAMIC_CLAMP,
            *channels,
            *cell.specification.biophysics.ions,
            *RECEPTORS["shaft"],
        ]
        near = did_you_mean(mechanism, known)
        for ion in cell.specification.biophysics.ions:
            for name, (pattern, _) in _OF_ION.items():
                if pattern.format(ion=ion) == variable:  # NEURON's name of it
                    near = f" Did you mean '{ion}.{name} {place}'?"
        raise ModelError(f"recording {quoted(text)}: {quoted(mechanism)} does not exist.{near}")
    if not name:
        raise ModelError(
            f"recording {quoted(text)}: expected a variable of {mechanism}, such as '{mechanism}.i"
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


def _of_clamps(variable: str, location: Location, segment: Any, clamps: Sequence[Any]) -> Source:
    """The current or conductance of all dynamic clamps on a segment."""
    _, _, name = variable.partition(".")
    if name not in _RECEPTOR_UNITS:
        raise ModelError(
            f"recording {quoted(variable)}: a dynamic clamp has {' and '.join(_RECEPTOR_UNITS)}; ask for"
            " one of these."
        )
    places = [one.get_segment() for one in clamps]
    here = [one for one, place in zip(clamps, places, strict=True) if place == segment]
    if not here:
        segment = _within(segment)
        here = [one for one, place in zip(clamps, places, strict=True) if place == segment]
    if not here:
        raise ModelError(
            f"recording '{variable} {location}': no dynamic clamp is there; record it where one is."
        )
    first, *others = (getattr(one, f"_ref_{name}") for one in here)
    unit = _RECEPTOR_UNITS[name]
    return SumSource(variable, unit, location, first, behind=True, others=tuple(others))


def _of_ion(variable: str, cell: Cell, location: Location, segment: Any) -> Source:
    ion, _, name = variable.partition(".")
    if name not in _OF_ION:
        raise ModelError(
            f"recording {quoted(variable)}: an ion has {', '.join(_OF_ION)}; ask for one of these."
        )
    pattern, unit = _OF_ION[name]
    try:
        pointer = getattr(segment, "_ref_" + pattern.format(ion=ion))
    except (AttributeError, NameError):
        if name == "i" and _silent(cell, location, ion=ion):
            return NoSource(variable, unit, location, segment._ref_v)
        raise ModelError(
            f"recording {quoted(variable)}: no channel at {location} carries {ion}; record it elsewhere."
        ) from None
    return _single(variable, unit, location, pointer)


def _silent(cell: Cell, location: Location, *, channel: str = "", ion: str = "") -> bool:
    """Whether rules give a channel, or one of an ion, a density at a place, which then is 0."""
    here = [one.region for one in cell.morphology.sections if one.name == location.section]
    biophysics = cell.specification.biophysics
    return any(
        here
        and here[0] in biophysics.rules_of(f"{name}.gbar")
        and (name == channel or rules.ion == ion)
        for name, rules in biophysics.channels.items()
    )


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
    exact = driven.hname().partition("[")[0] != receptor
    if exact and name not in _RECEPTOR_UNITS:
        raise ModelError(
            f"recording '{variable} {place}': receptors of second order keep i and g; set"
            " integration=fixed_step."
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
    if not components and name in ("i", "g") and _silent(cell, location, channel=channel):
        # Of a channel that a drug has taken away nothing is left in NEURON.
        return NoSource(variable, _DENSITY_UNITS[name], location, segment._ref_v)
    if not components:
        raise ModelError(
            f"recording {quoted(text)}: there is no {channel} on {location.section}; record it elsewhere."
        )
    component = max(components, key=lambda one: abs(section.gbar_S_per_cm2[one][index]))
    if component in channels_together(built.description, built.fused):
        ion = built.description.channel_ions[component]
        return _of_fused(text, component, ion, location, segment)
    mechanism = getattr(segment, mechanism_name(built.description, component))
    user_channel = built.description.user_channels.get(component)
    if user_channel is not None and name == "i" and name not in user_channel.recordable:
        first, *others = (_pointer(mechanism, one, text) for one in user_channel.currents)
        unit = _DENSITY_UNITS["i"]
        return SumSource(variable, unit, location, first, behind=True, others=tuple(others))
    if user_channel is not None and name in user_channel.recordable:
        return _single(
            variable, user_channel.recordable[name], location, _pointer(mechanism, name, text), name
        )
    if user_channel is not None and user_channel.file.suffix == ".mod":
        near = did_you_mean(name, user_channel.recordable)
        raise ModelError(f"recording {quoted(text)}: {quoted(name)} cannot be recorded.{near}")
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
        others=tuple(gates),
        gbar_S_per_cm2=gbar,
        reversal_mV=reversal_mV,
    )


def _fused_gate(text: str, component: str, gate: str, mechanism: Any) -> Any:
    """NEURON's reference to a gate, which stands where the channels of its segment let it."""
    gates = fused_gates()[component]
    if gate not in gates:
        raise ModelError(
            f"recording {quoted(text)}: fused channels have i, g and the gates of each channel, of this"
            f" one {' and '.join(gates)}; ask for one of these, or, for what else it has, set"
            " channels=separate."
        )
    present = present_channels(mechanism)
    if component not in present:
        raise ModelError(
            f"recording {quoted(text)}: the density of {component} is 0 there, and fused channels keep no"
            " gates of it; record elsewhere, or set channels=separate."
        )
    return gate_reference(mechanism, component, gate, present)


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
            f"recording {quoted(text)}: {quoted(name)} does not exist there.{did_you_mean(name, known)}"
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
