"""The declarative table of density rules, and what it comes to on every section of a morphology."""

import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

import pydantic
import yaml
from pydantic import Field

from ..errors import ModelError
from ..morphology import Morphology, Section
from .profiles import Profile, Term

FULL_RULES = Path(__file__).with_name("CA1_full.yaml")
SIMPLE_RULES = Path(__file__).with_name("CA1_simple.yaml")

Positive = Annotated[float, Field(gt=0)]


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Exponential(_Strict):
    """amplitude (exp(x/tau) - 1)."""

    amplitude: float
    tau_um: Positive


class Sigmoidal(_Strict):
    """amplitude (1/(1 + exp((half - x)/tau)) - 1/(1 + exp(half/tau)))."""

    amplitude: float
    half_um: float
    tau_um: Positive


class Gradient(_Strict):
    """What a rule adds over distance: exactly one of the forms."""

    linear_per_um: float | None = None
    exponential: Exponential | None = None
    sigmoidal: Sigmoidal | None = None

    @pydantic.model_validator(mode="after")
    def _one_form(self):
        if sum(form is not None for form in (self.linear_per_um, self.exponential, self.sigmoidal)) != 1:
            raise ValueError("a gradient has exactly one of linear_per_um, exponential, sigmoidal")
        return self


class Rule(_Strict):
    """One parameter in one region; the form is explained at the head of ``CA1_full.yaml``."""

    value: float | None = None
    inherit: str | None = None
    gradient: Gradient | None = None
    minimum: float | None = None
    maximum: float | None = None
    from_um: float = -math.inf
    to_um: float = math.inf
    outside: float = 0.0
    terminal: bool = False

    @pydantic.model_validator(mode="after")
    def _one_start(self):
        if (self.value is None) == (self.inherit is None):
            raise ValueError("a rule has exactly one of value and inherit")
        if self.inherit not in (None, "soma", "trunk"):
            raise ValueError(f"inherit is '{self.inherit}'; expected soma or trunk")
        return self


class Component(_Strict):
    """Which NeuroML channel stands for a family in some regions, between two path distances."""

    channel: str
    regions: tuple[str, ...]
    from_um: float = -math.inf
    to_um: float = math.inf


class ChannelFamily(_Strict):
    """A channel with its densities; its NeuroML components differ between regions by their shifts."""

    ion: str
    erev_mV: float
    components: tuple[Component, ...]
    gbar_S_per_cm2: dict[str, Rule]


class Passive(_Strict):
    """The leak."""

    g_S_per_cm2: dict[str, Rule]
    e_mV: dict[str, Rule]
    upper_e_mV: float | None = None
    lower_e_mV: float | None = None


class RunConditions(_Strict):
    """Temperature, voltage at the start, and the upward crossing that counts as a spike."""

    celsius: float
    v_init_mV: float
    spike_threshold_mV: float


class Cable(_Strict):
    """Capacitance and resistivity, the same everywhere."""

    cm_uF_per_cm2: Positive
    Ra_ohm_cm: Positive


class DensityRules(_Strict):
    """The whole table."""

    run: RunConditions
    cable: Cable
    passive: Passive
    channels: dict[str, ChannelFamily]

    def scaled_at_origin(self, families: tuple[str, ...], factor: float) -> "DensityRules":
        """Scale the values a family is given (not what is inherited from them): the dendritic rules start again from these.

        This is the paper's reduction of the Na current in EPSP amplification, input-output and the DC-offset place field.
        Slopes stay, so that basal nas becomes max(0, factor 0.04 - 0.0002 d).
        """
        channels = dict(self.channels)
        for name in families:
            rules = {
                region: rule if rule.value is None else rule.model_copy(update={"value": rule.value * factor})
                for region, rule in channels[name].gbar_S_per_cm2.items()
            }
            channels[name] = channels[name].model_copy(update={"gbar_S_per_cm2": rules})
        return self.model_copy(update={"channels": channels})


@cache
def load_rules(path: Path = FULL_RULES) -> DensityRules:
    """Read a table of density rules.

    Parameters
    ----------
    path : path
        YAML file.

    Raises
    ------
    ModelError
        If the file cannot be read or a rule does not hold; the message names the file, the entry and what was expected.
    """
    try:
        return DensityRules.model_validate(yaml.safe_load(Path(path).read_text()))
    except OSError as error:
        raise ModelError(f"density rules {path} cannot be read ({error}); give the path of a YAML file.") from error
    except yaml.YAMLError as error:
        raise ModelError(f"density rules {path}: not YAML: {' '.join(str(error).split())}") from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"density rules {path}, {where}: {first['msg']} (found {first['input']!r}).") from error


class RuleProfiles:
    """Profiles of one parameter on the sections of a morphology.

    Parameters
    ----------
    morphology : Morphology
    rules : dict of str to Rule
        By region.
    cable : Cable
        Decides the number of segments, hence the segment centres.
    """

    def __init__(self, morphology: Morphology, rules: dict[str, Rule], cable: Cable):
        self.morphology = morphology
        self.rules = rules
        self.cable = cable
        self._made: dict[int, Profile | None] = {}

    def of(self, section: Section) -> Profile | None:
        """The profile on a section; None if its region has no rule."""
        if section.index not in self._made:
            rule = self.rules.get(section.region)
            self._made[section.index] = None if rule is None else self._profile(section, rule)
        return self._made[section.index]

    def _profile(self, section: Section, rule: Rule) -> Profile:
        profile = self._without_terminal(section, rule)
        if rule.terminal and self.morphology.is_terminal(section.index):
            start = self.morphology.path_distance(section.index, 0.0)
            g1 = float(profile.at(self.centres(section)[0]))
            slope = -g1 / section.length_um
            profile = Profile((Term(g1, "linear", slope, origin_um=start),) if g1 else ())
        return profile

    def _without_terminal(self, section: Section, rule: Rule) -> Profile:
        base, origin = self._start(section, rule)
        if rule.gradient is None:
            term = Term(base)
        elif rule.gradient.linear_per_um is not None:
            term = Term(base, "linear", rule.gradient.linear_per_um, origin_um=origin)
        elif rule.gradient.exponential is not None:
            form = rule.gradient.exponential
            term = Term(base, "exponential", form.amplitude, form.tau_um, origin_um=origin)
        else:
            form = rule.gradient.sigmoidal
            term = Term(base, "sigmoidal", form.amplitude, form.tau_um, form.half_um, origin_um=origin)
        profile = _clamped(term, rule.minimum, rule.maximum)
        windowed = profile.within(rule.from_um, rule.to_um)
        if rule.outside:
            edges = (Term(rule.outside, stop_um=rule.from_um), Term(rule.outside, start_um=rule.to_um))
            outside = tuple(t for t in edges if math.isfinite(rule.from_um if t is edges[0] else rule.to_um))
            windowed = Profile((*windowed.terms, *outside))
        return windowed

    def _start(self, section: Section, rule: Rule) -> tuple[float, float]:
        if rule.inherit is None:
            return rule.value, 0.0
        if rule.inherit == "soma":
            parent, origin = self.morphology.sections[0], 0.0
        else:
            trunk = self.morphology.trunk_origin(section.index)
            if trunk is None:
                raise ModelError(f"section {section.name} inherits from the trunk, but does not spring from one.")
            parent, origin = self.morphology.sections[trunk], self.morphology.path_distance(trunk, 1.0)
        profile = None if parent is section else self.of(parent)
        if profile is None:
            raise ModelError(
                f"a rule of region {section.region} inherits from {rule.inherit}, which has no rule of its own."
            )
        return float(profile.at(self.centres(parent)[-1])), origin

    def centres(self, section: Section) -> list[float]:
        """Path distances (um) of the segment centres of a section."""
        nseg = self.morphology.nseg(
            section.index, Ra_ohm_cm=self.cable.Ra_ohm_cm, cm_uF_per_cm2=self.cable.cm_uF_per_cm2
        )
        return [self.morphology.path_distance(section.index, (i + 0.5) / nseg) for i in range(nseg)]


def _clamped(term: Term, minimum: float | None, maximum: float | None) -> Profile:
    """The term between its bounds. Gradients are monotonic: a bound holds before, after, or on both sides of the term."""
    rising = term.amplitude > 0 if term.kind != "constant" else None
    before = None
    if minimum is not None and term.base < minimum:
        before = minimum
    elif maximum is not None and term.base > maximum:
        before = maximum
    after = {True: maximum, False: minimum, None: None}[rising]
    inside_from = -math.inf if before is None else term.reaches(before)
    inside_to = math.inf if after is None or after == before else term.reaches(after)
    pieces = [] if before is None else [Term(before, stop_um=inside_from)]
    if math.isfinite(inside_from) or before is None:
        pieces.append(replace(term, start_um=inside_from, stop_um=inside_to))
    if math.isfinite(inside_to):
        pieces.append(Term(after, start_um=inside_to))
    return Profile(tuple(piece for piece in pieces if piece.base or piece.kind != "constant"))
