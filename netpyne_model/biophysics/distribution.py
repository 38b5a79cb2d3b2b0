"""What the rules of one parameter come to on every section of a morphology."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, cast

import numpy as np

from ..errors import ModelError
from ..morphology import Morphology, Section, segment_centre
from .profiles import Profile, Term
from .rules import Rule


class Bounds(NamedTuple):
    """Lowest and highest value that a parameter may come to, and its unit."""

    lowest: float = -math.inf
    highest: float = math.inf
    unit: str = ""


UNBOUNDED = Bounds()


class _Kept(NamedTuple):
    """Profiles of rules by section; values by section, where on it, factor and bounds."""

    profiles: dict[int, Profile | None]
    values: dict[tuple[int, bool, float, Bounds], np.ndarray]


class Held(NamedTuple):
    """Where a rule holds its value, and at what: path distance in um, value in its unit."""

    beyond_um: float
    value: float


class RuleProfiles:
    """Profiles of one parameter on the sections of a morphology, from its rules by region.

    `nseg` gives the number of segments of every section, hence their centres; `name` is what errors
    call the parameter. `factors` multiply final values by region, after inheritance, bounds and
    terminal gradients. `on_section` and `at_centres` expect values between the `bounds`. Values are
    read at segment centres: a section whose last one a rule still reaches (`held_beyond_um`) has
    the plain gradient, unless values are `read_anywhere` along it.
    """

    def __init__(
        self,
        morphology: Morphology,
        rules: Mapping[str, Sequence[Rule]],
        nseg: Sequence[int],
        name: str = "a parameter",
        factors: Mapping[str, float] = MappingProxyType({}),
        bounds: Bounds = UNBOUNDED,
        read_anywhere: bool = False,
    ):
        self.morphology = morphology
        self.rules = rules
        self.nseg = nseg
        self.name = name
        self.factors = factors
        self.bounds = bounds
        self.read_anywhere = read_anywhere
        by_region = tuple((region, tuple(ranges)) for region, ranges in rules.items())
        kept = _worked_out(morphology, by_region, tuple(nseg), name, read_anywhere)
        self._profiles, self._values = kept.profiles, kept.values

    def of(self, section: Section) -> Profile | None:
        """The profile on a section; None if its region has no rule."""
        profile = self._unscaled(section)
        factor = self.factors.get(section.region, 1.0)
        if profile is None or factor == 1:
            return profile
        return profile.scaled(factor) if factor else Profile((), self.name)

    def _unscaled(self, section: Section) -> Profile | None:
        if section.index not in self._profiles:
            ranges = self.rules.get(section.region)
            profile = None if ranges is None else self._profile(section, ranges)
            self._profiles[section.index] = profile
        return self._profiles[section.index]

    def of_region(self, region: str) -> Profile:
        """The profile of a region's rules wherever on it, if they start from values of their own.

        Raises ModelError if the region has no rule, or a rule inherits.
        """
        ranges = self.rules.get(region, ())
        if not ranges or any(rule.inherit is not None for rule in ranges):
            raise ModelError(
                f"{self.name} needs rules with a value of their own in region {region}; give them"
                " one."
            )
        starts = [(cast(float, rule.value), 0.0) for rule in ranges]
        return Profile(self._terms(ranges, starts, (-math.inf, math.inf)), self.name)

    def held(self, section: Section) -> Held | None:
        """Where the rule of a section's own region holds its value on it; None if it does not."""
        _, farthest_um = self._reach(section)
        for rule in self.rules.get(section.region, ()):
            if rule.held_beyond_um < min(farthest_um, rule.to_um):
                shaped = self._held_at(rule, *self._start(section, rule))
                factor = self.factors.get(section.region, 1.0)
                return Held(rule.held_beyond_um, factor * float(shaped))
        return None

    def on_section(self, section: Section) -> float:
        """The value half way along a section, of a parameter that every section needs.

        Raises ModelError if its region has no rule, or the value lies outside the bounds.
        """
        profile = self.of(section)
        if profile is None:
            raise ModelError(
                f"{self.name} has no rule in region {section.region}, where section {section.name}"
                " lies; add one."
            )
        return float(self._read(section, profile, middle=True)[0])

    def at_centres(self, section: Section) -> np.ndarray | None:
        """The values at the segment centres of a section; None if its region has no rule.

        Raises ModelError if a value lies outside the bounds.
        """
        profile = self.of(section)
        if profile is None:
            return None
        return self._read(section, profile, middle=False).copy()

    def _read(self, section: Section, profile: Profile, *, middle: bool) -> np.ndarray:
        """Values half way or at the centres, between the bounds; kept for who has the same rules."""
        key = (section.index, middle, self.factors.get(section.region, 1.0), self.bounds)
        if key not in self._values:
            half_um = self.morphology.path_distance(section.index, 0.5)
            at_um = np.array([half_um] if middle else self.centres(section))
            self._values[key] = self._checked(profile.at(at_um), section)
        return self._values[key]

    def _checked(self, values: np.ndarray, section: Section) -> np.ndarray:
        lowest, highest, unit = self.bounds
        for worst, within, mend in (
            (values.min(), values.min() >= lowest, "minimum"),
            (values.max(), values.max() <= highest, "maximum"),
        ):
            if not within:
                advice = f"change its rule, or give it a {mend}"
                if self.factors.get(section.region, 1.0) > 1:
                    advice = f"give its factor in region {section.region} a lower value"
                raise ModelError(
                    f"{self.name} is {worst:g} on section {section.name}; expected {lowest:g} to"
                    f" {highest:g} {unit}: {advice}."
                )
        return values

    def centres(self, section: Section) -> list[float]:
        """Path distances (um) of the segment centres of a section."""
        nseg = self.nseg[section.index]
        centres = (segment_centre(segment, nseg) for segment in range(nseg))
        return [self.morphology.path_distance(section.index, x) for x in centres]

    def _profile(self, section: Section, ranges: Sequence[Rule]) -> Profile:
        starts = [self._start(section, rule) for rule in ranges]
        profile = Profile(self._terms(ranges, starts, self._reach(section)), self.name)
        if any(rule.terminal for rule in ranges) and self.morphology.is_terminal(section.index):
            start = self.morphology.path_distance(section.index, 0.0)
            g1 = float(profile.at(self.centres(section)[0]))
            falling = Term(g1, "linear", -g1 / section.length_um, origin_um=start)
            profile = Profile((falling,) if g1 else (), self.name)
        return profile

    def _reach(self, section: Section) -> tuple[float, float]:
        """Path distances (um) of a section's start and of the last place where it is read."""
        start_um = self.morphology.path_distance(section.index, 0.0)
        if self.read_anywhere:
            return start_um, self.morphology.path_distance(section.index, 1.0)
        return start_um, self.centres(section)[-1]

    @staticmethod
    def _held_at(rule: Rule, base: float, origin: float) -> np.ndarray:
        """The value at which a rule is held."""
        shaped = _clamped(_shaped(rule, base, origin), rule.minimum, rule.maximum)
        return shaped.at(max(rule.held_beyond_um, origin))

    @classmethod
    def _terms(
        cls,
        ranges: Sequence[Rule],
        starts: Sequence[tuple[float, float]],
        reach_um: tuple[float, float],
    ) -> tuple[Term, ...]:
        """Terms of a region's ranges, each from its start (value, path distance), and beyond.

        `reach_um` are the path distances between which the terms will be read.
        """
        terms: list[Term] = []
        for rule, (base, origin) in zip(ranges, starts, strict=True):
            shaped = _clamped(_shaped(rule, base, origin), rule.minimum, rule.maximum)
            if rule.held_beyond_um < reach_um[1]:
                held = Profile((Term(float(cls._held_at(rule, base, origin))),))
                gradient = shaped.within(-math.inf, rule.held_beyond_um)
                beyond = held.within(rule.held_beyond_um, math.inf)
                shaped = Profile(gradient.terms + beyond.terms)
                if rule.held_beyond_um <= reach_um[0]:
                    shaped = held  # all along the section: a plain value, no gradient of none
            terms += shaped.within(rule.from_um, rule.to_um).terms
        outside = next((rule.outside for rule in ranges if rule.outside), None)
        if outside is not None:
            starts_um = [-math.inf, *(rule.to_um for rule in ranges)]
            stops_um = [*(rule.from_um for rule in ranges), math.inf]
            for start_um, stop_um in zip(starts_um, stops_um, strict=True):
                if start_um < stop_um:
                    terms.append(Term(outside, start_um=start_um, stop_um=stop_um))
        return tuple(terms)

    def _start(self, section: Section, rule: Rule) -> tuple[float, float]:
        """Value and path distance (um) from which a rule starts on a section."""
        if rule.inherit is None:
            return cast(float, rule.value), 0.0
        parent = self._ancestor(section, rule.inherit)
        profile = self._unscaled(parent)
        if profile is None:
            raise ModelError(
                f"{self.name}: region {section.region} inherits from {parent.region}, which has no"
                " rule of its own; add one."
            )
        end_um = self.morphology.path_distance(parent.index, 1.0)
        return float(profile.at(self.centres(parent)[-1])), end_um

    def _ancestor(self, section: Section, region: str) -> Section:
        """The nearest section of a region on the path to the soma."""
        root = section
        for ancestor in self.morphology.ancestors(section.index):
            if ancestor.region == region:
                return ancestor
            root = ancestor
        # An oblique or a tuft that springs from the soma has the soma in place of a trunk.
        if region == "trunk" and section.region in ("apical", "tuft"):
            return root
        raise ModelError(
            f"{self.name}: section {section.name} inherits from {region}, but its path to the soma"
            f" leads through none; give region {section.region} another rule."
        )


@lru_cache(maxsize=128)
def _worked_out(
    morphology: Morphology,
    by_region: tuple[tuple[str, tuple[Rule, ...]], ...],
    nseg: tuple[int, ...],
    name: str,
    read_anywhere: bool,
) -> _Kept:
    """Where what rules come to is kept: cells that differ in other rules share it."""
    return _Kept({}, {})


def _shaped(rule: Rule, base: float, origin: float) -> Term:
    """A rule's start value and gradient, without bounds and range."""
    gradient = rule.gradient
    if gradient is None:
        return Term(base)
    if (exponential := gradient.exponential) is not None:
        amplitude, tau_um = exponential.amplitude, exponential.tau_um
        return Term(base, "exponential", amplitude, tau_um, origin_um=origin)
    if (form := gradient.sigmoidal) is not None:
        return Term(base, "sigmoidal", form.amplitude, form.tau_um, form.half_um, origin_um=origin)
    return Term(base, "linear", cast(float, gradient.linear_per_um), origin_um=origin)


def _bound_of_base(term: Term, minimum: float | None, maximum: float | None) -> float | None:
    """The bound beyond which a term starts."""
    if minimum is not None and term.base < minimum:
        return minimum
    return maximum if maximum is not None and term.base > maximum else None


def _clamped(term: Term, minimum: float | None, maximum: float | None) -> Profile:
    """The term between its bounds, which hold before or after it: gradients are monotonic."""
    rising = term.amplitude > 0 if term.kind != "constant" else None
    before = _bound_of_base(term, minimum, maximum)
    after = {True: maximum, False: minimum, None: None}[rising]
    inside_from = -math.inf if before is None else term.reaches(before)
    inside_to = math.inf if after is None or after == before else term.reaches(after)
    pieces = [] if before is None else [Term(before, stop_um=inside_from)]
    if math.isfinite(inside_from) or before is None:
        pieces.append(replace(term, start_um=inside_from, stop_um=inside_to))
    if after is not None and math.isfinite(inside_to):
        pieces.append(Term(after, start_um=inside_to))
    return Profile(tuple(piece for piece in pieces if piece.base or piece.kind != "constant"))
