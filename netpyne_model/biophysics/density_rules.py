"""The declarative table of density rules: every membrane parameter that differs between places."""

import math
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

import pydantic
from pydantic import Field

from ..data_folders import channel_files
from ..errors import ModelError, did_you_mean, quoted
from ..files import read_mapping
from ..morphology import REGIONS, Morphology
from ..receptors import receptors
from .distribution import UNBOUNDED, Bounds, RuleProfiles
from .rules import (
    Factors,
    Finite,
    Positive,
    Region,
    RegionRules,
    Rule,
    Strict,
    factors_by_region,
    validate_table,
)

FULL_RULES = Path(__file__).with_name("CA1_full.yaml")
SIMPLE_RULES = Path(__file__).with_name("CA1_simple.yaml")
NON_SPECIFIC = "non_specific"
# Far beyond any experiment: what lies outside is a slip of units, with which NEURON stops or does
# not come to an end.
CAPACITANCE = Bounds(0.01, 100.0, "uF/cm2")
RESISTIVITY = Bounds(1.0, 1e5, "ohm cm")
DENSITY = Bounds(0.0, 1e3, "S/cm2")
TAKEN_DENSITY = Bounds(-DENSITY.highest, 0.0, DENSITY.unit)
REVERSAL = Bounds(-200.0, 200.0, "mV")
LONGEST_NAME = 64  # letters of an ion or a channel
MOST_SEGMENTS = 32767  # of one section in NEURON
MOST_SEGMENTS_IN_ALL = 100_000  # of a cell; the published one has 453
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


Fraction = Annotated[float, Field(gt=0.0, le=1.0)]
Potential = Annotated[float, Field(ge=REVERSAL.lowest, le=REVERSAL.highest, allow_inf_nan=False)]


class Parameter(NamedTuple):
    """A parameter that rules distribute: its place in the table, bounds, and if by section."""

    path: tuple[str, ...]
    bounds: Bounds
    per_section: bool = False

    @property
    def unit(self) -> str:
        """Its unit; empty for a further parameter of a mod file."""
        return self.bounds.unit


class Component(Strict):
    """A NeuroML channel that stands for a channel, perhaps in some regions or distances only."""

    channel: str
    regions: Annotated[tuple[Region, ...] | None, Field(strict=False)] = None
    from_um: float = -math.inf
    to_um: float = math.inf


@cache
def _package_channels() -> tuple[str, ...]:
    """The gated channels of NeuroML2/channels by name; leaks are no channels of a table."""
    return tuple(name for name in channel_files() if name.partition("_")[0] != "pas")


class ChannelRules(Strict):
    """A channel with its densities.

    Attributes
    ----------
    ion : str, optional
        ``na``, ``k``, ... or ``non_specific``; of a channel from a file, what the file says.
    components : tuple of Component
        The NeuroML channels that stand for the channel, by region, where they differ in their
        shifts.
    file : str, optional
        NeuroML or mod file of a channel that is not the package's; it then stands for itself
        everywhere.
    sha256 : str, optional
        Content of the file when the specification was saved; another content is refused.
    e_mV : rules by region
        Reversal potential of a non-specific channel, the same all over a section.
    parameters : dict of str to rules by region
        Further RANGE parameters of a mod file, in the file's units.
    taken_from : str, optional
        Another channel, of which this one takes away: its density is that channel's on every segment,
        times -dose. It has no rules of its own (``gbar_S_per_cm2`` is empty).
    dose : dict of str to float
        The fraction that is taken away, above 0 and at most 1, by region.
    """

    ion: str | None = None
    components: Annotated[tuple[Component, ...], Field(strict=False)] = ()
    file: str | None = None
    sha256: str | None = None
    gbar_S_per_cm2: RegionRules
    e_mV: RegionRules = Field(default_factory=dict)
    parameters: dict[str, RegionRules] = Field(default_factory=dict)
    taken_from: str | None = None
    dose: dict[Region, Fraction] = Field(default_factory=dict)

    @pydantic.model_validator(mode="after")
    def _comes_from_somewhere(self):
        if bool(self.components) == (self.file is not None):
            raise ValueError("a channel has either components (of NeuroML2/channels) or a file")
        if self.file is None and self.ion is None:
            raise ValueError("a channel with components needs its ion (na, k, ..., non_specific)")
        known = _package_channels()
        for one in self.components:
            if one.channel not in known:
                raise ValueError(
                    f"component {quoted(one.channel)} is no channel of NeuroML2/channels."
                    f"{did_you_mean(one.channel, known)}"
                )
        return self

    @pydantic.model_validator(mode="after")
    def _has_rules_or_takes(self):
        if bool(self.dose) != (self.taken_from is not None):
            raise ValueError("taken_from and dose stand together: a channel, and a part by region")
        if self.taken_from is not None and self.gbar_S_per_cm2:
            raise ValueError(
                f"its density follows that of {self.taken_from}: change {self.taken_from}.gbar, or the"
                " dose of the drug"
            )
        return self

    def components_in(self, region: str) -> tuple[Component, ...]:
        """The components that stand for the channel in a region."""
        named = tuple(one for one in self.components if region in (one.regions or ()))
        return named or tuple(one for one in self.components if one.regions is None)


class Ion(Strict):
    """Reversal potential of an ion, the same all over a section."""

    e_mV: RegionRules


class Passive(Strict):
    """The leak; NeuroML holds a gradient of its reversal potential as two leaks (upper, lower)."""

    g_S_per_cm2: RegionRules
    e_mV: RegionRules
    upper_e_mV: Potential | None = None
    lower_e_mV: Potential | None = None


class Cable(Strict):
    """Capacitance and resistivity, the same all over a section."""

    cm_uF_per_cm2: RegionRules
    Ra_ohm_cm: RegionRules


class RunConditions(Strict):
    """Temperature, voltage at the start, and the upward crossing that counts as a spike."""

    celsius: Positive
    v_init_mV: Potential
    spike_threshold_mV: Finite


class DensityRules(Strict):
    """The whole table."""

    run: RunConditions
    cable: Cable
    pas: Passive
    ions: dict[str, Ion]
    channels: dict[str, ChannelRules]
    factors: Factors = Field(default_factory=dict)

    @pydantic.model_validator(mode="after")
    def _names_differ(self):
        for kind, names in (("ion", self.ions), ("channel", self.channels)):
            for name in names:
                check_name(name, kind)
        taken = self.ions.keys() | {"cable", "pas", "spines", "inhibition", *receptors()}
        if both := taken & self.channels.keys():
            raise ValueError(
                f"channel {quoted(min(both))} bears the name of an ion, a receptor, or of cable, pas or"
                " spines; call it something else"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _what_is_taken_from_is_there(self):
        for name, channel in self.channels.items():
            if channel.taken_from is None:
                continue
            source = self.channels.get(channel.taken_from)
            if source is None or not source.components or source.taken_from is not None:
                raise ValueError(
                    f"channel {name} is taken from {quoted(channel.taken_from)}; expected a channel of"
                    " the package's components with rules of its own"
                )
        return self

    @pydantic.model_validator(mode="after")
    def _factors_have_parameters(self):
        known = self.parameters() if self.factors else {}
        for name in self.factors:
            if name not in known:
                raise ValueError(
                    f"factors: {quoted(name)} is no parameter.{did_you_mean(name, known)}"
                )
        return self

    def parameters(self) -> dict[str, Parameter]:
        """Every parameter that rules distribute, by its name (``nas.gbar``, ``pas.e``, ``k.e``)."""
        known = {
            "cable.cm": Parameter(("cable", "cm_uF_per_cm2"), CAPACITANCE, per_section=True),
            "cable.Ra": Parameter(("cable", "Ra_ohm_cm"), RESISTIVITY, per_section=True),
            "pas.g": Parameter(("pas", "g_S_per_cm2"), DENSITY),
            "pas.e": Parameter(("pas", "e_mV"), REVERSAL),
        }
        for ion in self.ions:
            known[f"{ion}.e"] = Parameter(("ions", ion, "e_mV"), REVERSAL, per_section=True)
        for name, channel in self.channels.items():
            path = ("channels", name)
            bounds = DENSITY if channel.taken_from is None else TAKEN_DENSITY
            known[f"{name}.gbar"] = Parameter((*path, "gbar_S_per_cm2"), bounds)
            if channel.e_mV or channel.ion == NON_SPECIFIC:
                known[f"{name}.e"] = Parameter((*path, "e_mV"), REVERSAL, per_section=True)
            for parameter in channel.parameters:
                place = (*path, "parameters", parameter)
                known[f"{name}.{parameter}"] = Parameter(place, UNBOUNDED)
        return known

    def rules_of(self, parameter: str) -> RegionRules:
        """Rules of one parameter by region; ModelError if there is no such parameter.

        Those of the channel from which a density is taken.
        """
        known = self.parameters()
        if parameter not in known:
            nearest = did_you_mean(parameter, known)
            raise ModelError(f"parameter {quoted(parameter)} does not exist.{nearest}")
        taking = self._taking(parameter)
        if taking is not None:
            return self.channels[cast(str, taking.taken_from)].gbar_S_per_cm2
        value: Any = self
        for key in known[parameter].path:
            value = value[key] if isinstance(value, dict) else getattr(value, key)
        return value

    def _taking(self, parameter: str) -> ChannelRules | None:
        """The channel that takes away from another, of whose density this is the name."""
        name, _, of_channel = parameter.partition(".")
        channel = self.channels.get(name) if of_channel == "gbar" else None
        return None if channel is None or channel.taken_from is None else channel

    def _factors_of(self, parameter: str) -> dict[str, float]:
        """What multiplies the final values of a parameter's rules, by region."""
        taking = self._taking(parameter)
        if taking is None:
            return factors_by_region(self.factors, parameter)
        of_source = factors_by_region(self.factors, f"{taking.taken_from}.gbar")
        return {one: -taking.dose.get(one, 0.0) * of_source.get(one, 1.0) for one in REGIONS}

    def nseg(self, morphology: Morphology) -> tuple[int, ...]:
        """Number of segments of every section, from its own capacitance and resistivity.

        Raises ModelError if one of these is missing or out of bounds, or together they ask for more
        segments than NEURON takes.
        """
        cm, Ra = (self.profiles(morphology, name) for name in ("cable.cm", "cable.Ra"))
        counts = []
        for section in morphology.sections:
            cable = {"cm_uF_per_cm2": cm.on_section(section), "Ra_ohm_cm": Ra.on_section(section)}
            counts.append(morphology.nseg(section.index, **cable))
            if counts[-1] > MOST_SEGMENTS:
                raise ModelError(
                    f"section {section.name} would need {counts[-1]} segments; NEURON takes"
                    f" {MOST_SEGMENTS}: lower cable.Ra or cable.cm."
                )
        if sum(counts) > MOST_SEGMENTS_IN_ALL:
            raise ModelError(
                f"the cell would need {sum(counts)} segments; expected at most"
                f" {MOST_SEGMENTS_IN_ALL}: lower cable.Ra or cable.cm, or correct its diameters."
            )
        return tuple(counts)

    def profiles(
        self, morphology: Morphology, parameter: str, nseg: tuple[int, ...] | None = None
    ) -> RuleProfiles:
        """The parameter on every section; `nseg`, where it is known, saves working it out."""
        rules, of_parameter = self.rules_of(parameter), self.parameters()[parameter]
        if of_parameter.per_section:
            nseg = (1,) * len(morphology)
        elif nseg is None:
            nseg = self.nseg(morphology)
        factors = self._factors_of(parameter)
        return RuleProfiles(morphology, rules, nseg, parameter, factors, of_parameter.bounds)

    def scaled_at_origin(self, names: tuple[str, ...], factor: float) -> "DensityRules":
        """Scale the values of channels' rules; dendritic rules start again from these.

        This is the paper's reduction of the Na current in EPSP amplification, input-output and the
        DC-offset place field. Slopes stay, so that basal nas becomes max(0, factor 0.04 - 0.0002
        d).
        """

        def scaled(rule: Rule) -> Rule:
            if rule.value is None:
                return rule
            return rule.model_copy(update={"value": rule.value * factor})

        channels = dict(self.channels)
        for name in names:
            by_region = channels[name].gbar_S_per_cm2.items()
            rules = {region: tuple(map(scaled, ranges)) for region, ranges in by_region}
            channels[name] = channels[name].model_copy(update={"gbar_S_per_cm2": rules})
        return self.model_copy(update={"channels": channels})


def check_name(name: str, kind: str) -> None:
    """Refuse a name that NEURON and NeuroML cannot write; `kind` is what bears it."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ModelError(
            f"{kind} {quoted(name)}: expected a name of at most {LONGEST_NAME} letters, digits and _"
            " that does not start with a digit, such as kslow."
        )


@cache
def load_rules(path: Path = FULL_RULES) -> DensityRules:
    """Read a table of density rules (YAML).

    Raises ModelError if the file cannot be read or a rule does not hold; the message names the
    file, the entry and what was expected.
    """
    return validate_table(DensityRules, read_mapping(path), f"density rules {path}")
