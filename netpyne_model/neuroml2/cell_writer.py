"""Writes a cell as NeuroML2 from a morphology, the density rules and folded spines."""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..biophysics import NON_SPECIFIC, DensityRules, Profile, RuleProfiles
from ..errors import ModelError
from ..files import write_beside
from ..morphology import AXONAL, DENDRITES, Morphology, Section, relative_positions
from .libneuroml import neuroml

# NeuroLex ids that NeuroML's conventions give to the groups of a cell and to an unbranched stretch.
UNBRANCHED = "sao864921383"
GROUP_LEX_IDS = {
    "soma_group": "sao1044911821",
    "axon_group": "sao1770195789",
    "dendrite_group": "sao1211023249",
}
Key = TypeVar("Key", int, str)
_GROUP_OF_REGION = {"soma": "soma_group"} | dict.fromkeys(AXONAL, "axon_group")
CA1_PYRAMIDAL_LEX_ID = "sao830368389"
# The channel of every leak; two more stand for a leak whose reversal potential has a gradient, one
# for folded spines.
LEAKS = LEAK, LEAK_UPPER, LEAK_LOWER, LEAK_SPINES = "pas", "pas_upper", "pas_lower", "pas_spines"


def cell_document(
    morphology: Morphology,
    rules: DensityRules,
    *,
    cell_id: str,
    notes: str,
    paths_um: Sequence[np.ndarray],
    folded_spines: Mapping[int, Sequence[float]] | None = None,
) -> neuroml.NeuroMLDocument:
    """Describe a cell as a NeuroML2 document.

    Its groups bear the names of the sections, and a section's last (or only) segment has the
    section's index as its id.

    Parameters
    ----------
    paths_um : sequence of ndarray, shape (n_points, 3)
        3D points along every section; each stretch between two becomes a segment.
    folded_spines : dict of int to (capacitance factor, leak S/cm2, reversal mV), optional
        By section index, what its spines add: the factor of its capacitance, and a leak density.
    """
    return _CellWriter(morphology, rules, cell_id, notes, paths_um, folded_spines or {}).document()


def write_document(document: neuroml.NeuroMLDocument, path: Path) -> None:
    """Write a NeuroML2 document to `path`, whole or not at all."""
    from neuroml import writers

    with write_beside(path) as temporary:
        writers.NeuroMLWriter.write(document, str(temporary))


class _CellWriter:
    def __init__(self, morphology, rules, cell_id, notes, paths_um, folded_spines):
        self.morphology = morphology
        self.rules = rules
        self.cell_id = cell_id
        self.notes = notes
        self.paths_um = paths_um
        self.segments_of = self._segments_of()
        self.folded = folded_spines
        self.nseg = rules.nseg(morphology)
        self.groups = self._groups()
        self.graded: set[str] = set()
        self.channels: set[str] = set()
        self.uniform: list[neuroml.ChannelDensity] = []
        self.nonuniform: list[neuroml.ChannelDensityNonUniform] = []

    def document(self) -> neuroml.NeuroMLDocument:
        for name in self.rules.channels:
            self._channel(name)
        self._leak()
        document = neuroml.NeuroMLDocument(id=f"{self.cell_id}_cell")
        files = [f"../channels/{channel}.channel.nml" for channel in sorted(self.channels)]
        document.includes = [neuroml.IncludeType(file) for file in files]
        cell = neuroml.Cell(id=self.cell_id, neuro_lex_id=CA1_PYRAMIDAL_LEX_ID, notes=self.notes)
        cell.biophysical_properties = self._biophysics()
        cell.morphology = self._morphology()  # last, with the groups that the densities need
        document.cells.append(cell)
        return document

    # -- morphology --------------------------------------------------------------------------------

    def _morphology(self) -> neuroml.Morphology:
        tree = neuroml.Morphology(id="morphology")
        for section in self.morphology.sections:
            tree.segments += self._segments(section)
            group = neuroml.SegmentGroup(id=section.name, neuro_lex_id=UNBRANCHED)
            nseg = str(self.nseg[section.index])
            group.properties.append(neuroml.Property(tag="numberInternalDivisions", value=nseg))
            group.members = [neuroml.Member(segments=id) for id in self.segments_of[section.index]]
            tree.segment_groups.append(group)
        for name, members in self.groups.items():
            group = neuroml.SegmentGroup(id=name, neuro_lex_id=GROUP_LEX_IDS.get(name))
            # jNeuroML's export and NetPyNE's import see only included sections, not segments.
            sections = (self.morphology.sections[index].name for index in members)
            group.includes = [neuroml.Include(segment_groups=section) for section in sections]
            if name in self.graded:
                distance = neuroml.InhomogeneousParameter(
                    id=_path_length(name), variable="p", metric="Path Length from root"
                )
                group.inhomogeneous_parameters.append(distance)
            tree.segment_groups.append(group)
        return tree

    def _segments_of(self) -> list[list[int]]:
        """Ids of the segments of every section, outwards: new numbers, then the section's index."""
        unused = itertools.count(len(self.morphology))
        return [
            [*itertools.islice(unused, len(path) - 2), section.index]
            for section, path in zip(self.morphology.sections, self.paths_um, strict=True)
        ]

    def _segments(self, section: Section) -> list[neuroml.Segment]:
        path = self.paths_um[section.index]
        ids = self.segments_of[section.index]
        diams_um = self._diameters(section)
        segments = []
        for number, id in enumerate(ids):
            name = section.name if id == section.index else f"{section.name}_part_{number}"
            segment = neuroml.Segment(id=id, name=name)
            if number > 0:
                segment.parent = neuroml.SegmentParent(segments=ids[number - 1])
            elif section.parent is not None:
                end = self.segments_of[section.parent][-1 if section.parent_loc == 1 else 0]
                segment.parent = neuroml.SegmentParent(
                    segments=end, fraction_along=section.parent_loc
                )
            segment.proximal = _point(path[number], diams_um[number])
            segment.distal = _point(path[number + 1], diams_um[number + 1])
            segments.append(segment)
        return segments

    def _diameters(self, section: Section) -> list[float]:
        """At every point of a section: linear in the length between its two ends."""
        inner = relative_positions(self.paths_um[section.index])[1:-1].tolist()
        return [section.diam0_um, *map(section.diameter, inner), section.diam1_um]

    def _groups(self) -> dict[str, list[int]]:
        """Groups of branches: all, by region, and the families of one trunk section."""
        sections = self.morphology.sections
        groups: defaultdict[str, list[int]] = defaultdict(list)
        groups["all"] = [section.index for section in sections]
        for section in sections:
            groups[_GROUP_OF_REGION.get(section.region, "dendrite_group")].append(section.index)
        for section in sections:
            if section.region in DENDRITES:
                groups[f"{section.region}_group"].append(section.index)
        for section in sections:
            if section.region in ("apical", "tuft"):
                origin = sections[self.morphology.trunk_origin(section.index) or 0]
                groups[f"{section.region}_from_{origin.name}"].append(section.index)
        return dict(groups)

    # -- densities ---------------------------------------------------------------------------------

    def _profiles(self, parameter: str) -> RuleProfiles:
        return self.rules.profiles(self.morphology, parameter, self.nseg)

    def _channel(self, name: str) -> None:
        channel = self.rules.channels[name]
        densities = self._profiles(f"{name}.gbar")
        bearer = name if channel.ion == NON_SPECIFIC else channel.ion
        reversal = self._profiles(f"{bearer}.e")
        for component in channel.components:
            by_reversal: defaultdict[float, dict[int, float | str]] = defaultdict(dict)
            for section in self.morphology.sections:
                profile = densities.of(section)
                if profile is None or component not in channel.components_in(section.region):
                    continue
                profile = profile.within(component.from_um, component.to_um)
                if profile.constant != 0.0:
                    text = self._texts(section.index, profile)
                    by_reversal[reversal.on_section(section)][section.index] = text
            self._by_reversal(component.channel, channel.ion, by_reversal)

    def _texts(self, index: int, profile: Profile) -> float | str:
        """The constant in S/cm2, or an expression of p in S/m2, as NeuroML evaluates it."""
        if profile.constant is not None:
            return profile.constant
        return f"10000*({profile.expression(self._distance(index))})"

    def _distance(self, index: int) -> str:
        from_soma_um = self.morphology.path_distance(index, 0.0)
        offset = round(self.morphology.root_distance_um[index] - from_soma_um, 9)
        return f"(p - {offset!r})" if offset else "p"

    def _leak(self) -> None:
        g, e = self._profiles("pas.g"), self._profiles("pas.e")
        upper_mV, lower_mV = self._leak_bounds(e)
        plain: defaultdict[float, dict[int, float | str]] = defaultdict(dict)
        upper: dict[int, float | str] = {}
        lower: dict[int, float | str] = {}
        for section in self.morphology.sections:
            g_here, e_here = g.of(section), e.of(section)
            if g_here is None or e_here is None:
                missing, rule = ("pas.g", "one, or a 0") if g_here is None else ("pas.e", "one")
                raise ModelError(
                    f"{missing} has no rule in region {section.region} ({section.name}); add"
                    f" {rule}."
                )
            if e_here.constant is not None:
                plain[e_here.constant][section.index] = self._texts(section.index, g_here)
                continue
            # g (v - e) = g_upper (v - upper) + g_lower (v - lower), with g_upper + g_lower = g
            at = self._distance(section.index)
            g_text, e_text = _in_product(g_here, at), _in_product(e_here, at)
            span = upper_mV - lower_mV
            above_lower = f"({e_text} - {lower_mV!r})".replace("- -", "+ ")
            upper[section.index] = f"10000*{g_text}*{above_lower}/{span!r}"
            lower[section.index] = f"10000*{g_text}*({upper_mV!r} - {e_text})/{span!r}"
        self._by_reversal(LEAK, NON_SPECIFIC, plain)
        self._by_reversal(LEAK_UPPER, NON_SPECIFIC, {upper_mV: upper})
        self._by_reversal(LEAK_LOWER, NON_SPECIFIC, {lower_mV: lower})
        of_spines: defaultdict[float, dict[int, float | str]] = defaultdict(dict)
        for index, (_, leak, e_mV) in self.folded.items():
            of_spines[e_mV][index] = leak
        self._by_reversal(LEAK_SPINES, NON_SPECIFIC, of_spines)

    def _leak_bounds(self, e: RuleProfiles) -> tuple[float, float]:
        """Reversal potentials (mV) of the two leaks: the table's, or further out if e needs it."""
        values = [self.rules.run.v_init_mV]
        for section in self.morphology.sections:
            if (profile := e.of(section)) is not None:
                values += profile.at(np.array(e.centres(section))).tolist()
        above = 10 * math.floor(max(values) / 10) + 10.0
        below = 10 * math.ceil(min(values) / 10) - 10.0
        pas = self.rules.pas
        upper_mV = above if pas.upper_e_mV is None else max(pas.upper_e_mV, above)
        return upper_mV, below if pas.lower_e_mV is None else min(pas.lower_e_mV, below)

    def _by_reversal(
        self, channel: str, ion: str, by_reversal: Mapping[float, Mapping[int, float | str]]
    ) -> None:
        """Write one density for each set of sections that share a value or a formula."""
        for erev_mV, texts in by_reversal.items():
            for text, indices in sharing(texts).items():
                for group in self._named(indices):
                    self._density(channel, ion, group, text, erev_mV)

    def _named(self, indices: Sequence[int]) -> list[str]:
        """Names of groups that together hold exactly these sections, the largest groups first."""
        left, names = set(indices), []
        for name, members in sorted(self.groups.items(), key=lambda item: -len(item[1])):
            if left.issuperset(members):
                left -= set(members)
                names.append(name)
        return names + [self._alone(index) for index in sorted(left)]

    def _alone(self, index: int) -> str:
        """A new group of one section: jNeuroML's export fails on densities of an unbranched one."""
        name = f"{self.morphology.sections[index].name}_group"
        self.groups[name] = [index]
        return name

    def _density(
        self, channel: str, ion: str, group: str, text: float | str, erev_mV: float
    ) -> None:
        self.channels.add(channel)
        common = {"id": f"{channel}_{group}", "ion_channel": channel, "ion": ion}
        common["erev"] = f"{erev_mV:.12g} mV"
        if isinstance(text, float):
            value = f"{text:.12g} S_per_cm2"
            uniform = neuroml.ChannelDensity(cond_density=value, segment_groups=group, **common)
            self.uniform.append(uniform)
            return
        self.graded.add(group)
        value = neuroml.InhomogeneousValue(inhomogeneous_parameters=_path_length(group), value=text)
        varied = neuroml.VariableParameter(
            parameter="condDensity", segment_groups=group, inhomogeneous_value=value
        )
        density = neuroml.ChannelDensityNonUniform(variable_parameters=[varied], **common)
        self.nonuniform.append(density)

    def _biophysics(self) -> neuroml.BiophysicalProperties:
        run = self.rules.run
        membrane = neuroml.MembraneProperties(
            channel_densities=self.uniform,
            channel_density_non_uniforms=self.nonuniform,
            spike_threshes=[neuroml.SpikeThresh(value=f"{run.spike_threshold_mV!r} mV")],
            specific_capacitances=self._capacitances(),
            init_memb_potentials=[neuroml.InitMembPotential(value=f"{run.v_init_mV!r} mV")],
        )
        inside = neuroml.IntracellularProperties(resistivities=self._resistivities())
        return neuroml.BiophysicalProperties(
            id="biophysics", membrane_properties=membrane, intracellular_properties=inside
        )

    def _capacitances(self) -> list[neuroml.SpecificCapacitance]:
        of_rules = self._profiles("cable.cm")
        values = {}
        for section in self.morphology.sections:
            factor = self.folded[section.index][0] if section.index in self.folded else 1.0
            values[section.index] = of_rules.on_section(section) * factor
        by_value = self._by_value(values, "uF_per_cm2")
        return [neuroml.SpecificCapacitance(**entry) for entry in by_value]

    def _resistivities(self) -> list[neuroml.Resistivity]:
        of_rules = self._profiles("cable.Ra")
        values = {one.index: of_rules.on_section(one) for one in self.morphology.sections}
        return [neuroml.Resistivity(**entry) for entry in self._by_value(values, "ohm_cm")]

    def _by_value(self, values: Mapping[int, float], unit: str) -> Iterator[dict[str, str]]:
        """Each value with each group that has it; no group for one that holds in the whole cell."""
        shared = sharing(values)
        if len(shared) == 1:
            yield {"value": f"{float(next(iter(shared)))!r} {unit}"}
            return
        for value, indices in shared.items():
            for group in self._named(indices):
                yield {"value": f"{value:.12g} {unit}", "segment_groups": group}


def sharing(values: Mapping[Key, Any]) -> dict[Any, list[Key]]:
    """The sections that share each value, by index or name."""
    shared = defaultdict(list)
    for section, value in values.items():
        shared[value].append(section)
    return dict(shared)


def _in_product(profile: Profile, distance: str) -> str:
    """The profile as an expression that may stand beside a sign; one term has parentheses."""
    text = profile.expression(distance)
    return text if len(profile.terms) == 1 else f"({text})"


def _point(position_um: np.ndarray, diam_um: float) -> neuroml.Point3DWithDiam:
    x, y, z = (float(coordinate) or 0.0 for coordinate in position_um)  # in full, but no -0
    return neuroml.Point3DWithDiam(x, y, z, diameter=diam_um)


def _path_length(group: str) -> str:
    return f"path_length_over_{group}"
