"""A described cell for Arbor: its segment tree, what is painted on it, and its mechanisms."""

import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from ..biophysics import NON_SPECIFIC
from ..biophysics.density_rules import RunConditions
from ..description import CellDescription, SectionDescription
from ..errors import ModelError
from ..mechanisms.arbor_catalogue import load_catalogue, require_arbor
from ..mechanisms.arbor_nmodl import LEAK, LEAK_TEXT, channel_text_of, receptor_text
from ..mechanisms.user_channels import converted_mod_file
from ..morphology import Location, Morphology, locate
from ..quantities import ZERO_CELSIUS_K
from ..receptors import receptors
from .arbor_layout import SegmentTree, region_of
from .assembly import channel_values, mechanism_name
from .guard import LIMIT_MV

_FORMAT = '(version "0.10-dev")'  # of Arbor's own files, by whose name it knows them
_AS_IS = "(scalar 1)"  # what a painted value is multiplied with


class ArborCell:
    """A cell for Arbor: place on its `decor` what you like, then ask for `cable_cell` or `recipe`.

    Parameters
    ----------
    description : CellDescription
        Every parameter by segment; spines folded, or sections.
    morphology : Morphology
    conditions : RunConditions
        Temperature (at which the channels are compiled), and voltage at the start.
    synapses : dict of str to (str, place)
        By label: the receptor, and where it sits.
    injected : iterable of place
        Where currents will be injected. At an end of a section there is no membrane, and Arbor
        divides by it: such ends get next to nothing of it.

    Attributes
    ----------
    morphology : arbor.morphology
    decor : arbor.decor
        With leak, channels, capacitance, resistivity and ions of every segment.
    labels : arbor.label_dict
        Regions and sections by name.
    discretization : arbor.cv_policy
        A control volume a segment.
    catalogue : arbor.catalogue
        The channels, ``leak``, and the package's receptors.
    """

    def __init__(
        self,
        description: CellDescription,
        morphology: Morphology,
        conditions: RunConditions,
        *,
        synapses: Mapping[str, tuple[str, str | tuple[str, float]]] = MappingProxyType({}),
        injected: Iterable[str | tuple[str, float]] = (),
    ):
        require_arbor()
        import arbor

        _refuse_silent_spines(description)
        self._description, self._sections = description, morphology
        self._segments = SegmentTree(description, morphology)
        self.morphology = arbor.morphology(self._segments.tree)
        with_membrane = {self._segments.node(self._located(place)) for place in injected}
        self.discretization = arbor.cv_policy_explicit(self._segments.boundaries(with_membrane))
        self.labels = arbor.label_dict(self._segments.labels())
        placed = {
            label: (receptor, self.location(place)) for label, (receptor, place) in synapses.items()
        }
        self.decor = _decor(description, self._segments, conditions, placed)
        used = {receptor for receptor, _ in synapses.values()}
        self.catalogue = load_catalogue(
            {LEAK: LEAK_TEXT}
            | _channel_texts(description, conditions.celsius)
            | _receptor_texts(used)
        )

    def location(self, place: str | tuple[str, float]) -> str:
        """Arbor's locset of a place: of `locate`, or on a spine's section.

        It is where NEURON has its node: the middle of the segment that holds the place, or the end
        of a section.
        """
        return self._segments.locset(self._located(place))

    def cable_cell(self) -> Any:
        """The ``arbor.cable_cell`` with what is on the decor now."""
        import arbor

        return arbor.cable_cell(self.morphology, self.decor, self.labels, self.discretization)

    def recipe(
        self, voltages: Mapping[str, str | tuple[str, float]], generators: Sequence[Any] = ()
    ) -> Any:
        """An ``arbor.recipe`` of this cell alone.

        Parameters
        ----------
        voltages : dict of str to place
            Tag and place of each probe.
        generators : sequence of arbor.event_generator
            What drives the synapses on the decor.
        """
        import arbor

        built, catalogue = self.cable_cell(), self.catalogue
        probes = [
            arbor.cable_probe_membrane_voltage(self.location(place), tag)
            for tag, place in voltages.items()
        ]

        class SingleCell(arbor.recipe):
            def num_cells(self) -> int:
                return 1

            def cell_kind(self, gid: int) -> Any:
                return arbor.cell_kind.cable

            def cell_description(self, gid: int) -> Any:
                return built

            def global_properties(self, kind: Any) -> Any:
                properties = arbor.neuron_cable_properties()
                properties.catalogue = catalogue
                properties.membrane_voltage_limit = LIMIT_MV
                return properties

            def probes(self, gid: int) -> list[Any]:
                return probes

            def event_generators(self, gid: int) -> list[Any]:
                return list(generators)

        return SingleCell()

    def _located(self, place: str | tuple[str, float]) -> Location:
        if not isinstance(place, str) and place[0] in self._description.sections:
            return Location(*place)
        return locate(self._sections, place)


def _refuse_silent_spines(description: CellDescription) -> None:
    for section in description.sections.values():
        if section.silent_spines is not None:
            raise ModelError(
                "spines = 'silent': a mechanism of NEURON's solves them; for Arbor expected 'folded',"
                " 'none', or spines as sections (explicit)."
            )


def _channel_texts(description: CellDescription, celsius: float) -> dict[str, str]:
    """The mod file of every channel that some section has, by name of the mechanism."""
    texts = {}
    for section in description.sections.values():
        for channel in section.gbar_S_per_cm2:
            name = mechanism_name(description, channel)
            if name not in texts:
                of_user = description.user_channels.get(channel)
                file = None if of_user is None else converted_mod_file(of_user)
                texts[name] = channel_text_of(name, celsius, file)
    return texts


def _receptor_texts(used: Collection[str]) -> dict[str, str]:
    """The mod files of the receptors that Arbor can have; ModelError if it cannot have a used one.

    All of them, so that cells with the same channels share a compiled catalogue.
    """
    texts = {}
    for name in receptors():
        try:
            texts[name] = receptor_text(name)
        except ModelError:
            if name in used:
                raise
    return texts


def _decor(
    description: CellDescription,
    segments: SegmentTree,
    conditions: RunConditions,
    synapses: Mapping[str, tuple[str, str]],
) -> Any:
    """A decor with every segment's parameters, and synapses: mechanism and locset of each label.

    Read from Arbor's own format: its `decor.paint` and `decor.place` give back a copy of the decor
    each, which for thousands takes minutes. Segments that have a thing alike share a line.
    """
    import arbor

    kelvin = conditions.celsius + ZERO_CELSIUS_K
    lines = [
        f"(default (membrane-potential {conditions.v_init_mV!r} {_AS_IS}))",
        f"(default (temperature-kelvin {kelvin!r} {_AS_IS}))",
    ]
    painted: dict[str, list[int]] = defaultdict(list)
    for name, section in description.sections.items():
        for segment, parts in enumerate(segments.segments[name]):
            for thing in _things(description, section, segment):
                painted[thing] += parts
    lines += [f"(paint {region_of(numbers)} {thing})" for thing, numbers in painted.items()]
    for label, (mechanism, locset) in synapses.items():
        lines.append(f'(place {locset} (synapse (mechanism "{mechanism}")) "{label}")')
    component = f"(arbor-component (meta-data {_FORMAT}) (decor {' '.join(lines)}))"
    return arbor.load_component(io.StringIO(component)).component


def _things(
    description: CellDescription, section: SectionDescription, segment: int
) -> Iterator[str]:
    """What a segment has: its cable, the ions of its channels, its mechanisms with parameters."""
    cm_F_per_m2 = float(section.cm_uF_per_cm2[segment]) * 1e-2
    yield f"(membrane-capacitance {cm_F_per_m2!r} {_AS_IS})"
    yield f"(axial-resistivity {float(section.Ra_ohm_cm)!r} {_AS_IS})"
    leak = section.leak_S_per_cm2, section.leak_e_mV
    yield _density(LEAK, dict(zip(("g", "e"), leak, strict=True)), segment)
    for channel, gbar in section.gbar_S_per_cm2.items():
        ion = description.channel_ions[channel]
        if ion != NON_SPECIFIC:
            reversal_mV = float(section.reversal_mV[ion])
            yield f'(ion-reversal-potential "{ion}" {reversal_mV!r} {_AS_IS})'
        if gbar[segment]:
            values = channel_values(description, section, channel)
            yield _density(mechanism_name(description, channel), values, segment)


def _density(mechanism: str, parameters: Mapping[str, Any], segment: int) -> str:
    values = {
        name: float(value[segment] if isinstance(value, np.ndarray) else value)
        for name, value in parameters.items()
    }
    settings = " ".join(f'("{name}" {value!r})' for name, value in values.items())
    return f'(density (mechanism "{mechanism}" {settings}))'
