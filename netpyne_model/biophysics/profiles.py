"""Closed forms of path distance: what a density rule comes to on one section."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import ModelError


def _number(value: float) -> str:
    """A number in NeuroML: twelve figures, which exp() gives alike on every processor."""
    return f"{value:.12g}"


@dataclass(frozen=True)
class Term:
    """One piece of a profile: ``base`` plus a gradient over x = d - origin_um.

    It holds for start_um < d <= stop_um, all path distances, and is 0 elsewhere. ``kind`` is
    ``constant``, ``linear`` (amplitude x), ``exponential`` (amplitude (exp(x/tau) - 1)) or
    ``sigmoidal`` (amplitude (1/(1 + exp((half - x)/tau)) - 1/(1 + exp(half/tau)))).
    """

    base: float
    kind: str = "constant"
    amplitude: float = 0.0
    tau_um: float = 1.0
    half_um: float = 0.0
    origin_um: float = 0.0
    start_um: float = -math.inf
    stop_um: float = math.inf

    def at(self, path_distance: np.ndarray | float) -> np.ndarray:
        """Value at `path_distance` (um)."""
        d = np.asarray(path_distance, dtype=float)
        with np.errstate(over="ignore", invalid="ignore"):  # `Profile.at` refuses the infinite
            inside = self._along(d - self.origin_um)
            # NeuroML's expression multiplies by H() too: what overflows outside does not hold.
            return np.where((d > self.start_um) & (d <= self.stop_um), inside, 0.0 * inside)

    def _along(self, x: np.ndarray) -> np.ndarray:
        if self.kind == "constant":
            return np.full_like(x, self.base)
        if self.kind == "linear":
            return self.base + self.amplitude * x
        if self.kind == "exponential":
            return self.base + self.amplitude * (np.exp(x / self.tau_um) - 1)
        sigmoid = 1 / (1 + np.exp((self.half_um - x) / self.tau_um))
        return self.base + self.amplitude * (sigmoid - self._foot)

    def overflows(self, path_distance: np.ndarray) -> bool:
        """Whether an exponential is beyond every number there, however small its amplitude."""
        if self.kind != "exponential":
            return False
        with np.errstate(over="ignore"):
            return not np.isfinite(np.exp((path_distance - self.origin_um) / self.tau_um)).all()

    @property
    def _foot(self) -> float:
        steepness = self.half_um / self.tau_um
        return 1 / (1 + math.exp(steepness)) if steepness < 700 else 0.0

    def reaches(self, value: float) -> float:
        """Path distance at which the gradient comes to `value`; infinite if it never does."""
        rise = value - self.base
        if self.kind == "constant" or self.amplitude == 0:
            return math.inf
        if rise == 0:
            return self.origin_um
        x = math.inf
        relative = rise / self.amplitude
        height = relative + self._foot
        if self.kind == "linear":
            x = relative
        elif self.kind == "exponential" and relative > -1:
            x = self.tau_um * math.log1p(relative)
        elif self.kind == "sigmoidal" and 0 < height < 1:
            x = self.half_um + self.tau_um * math.log(height / (1 - height))
        return x + self.origin_um if x >= 0 else math.inf

    def expression(self, distance: str) -> str:
        """The term as a NeuroML expression of `distance`, the text of the path distance in um."""
        x = distance if self.origin_um == 0 else f"({distance} - {_number(self.origin_um)})"
        form = x
        tau_um = _number(self.tau_um)
        if self.kind == "exponential":
            form = f"(exp({x}/{tau_um}) - 1)"
        elif self.kind == "sigmoidal":
            sigmoid = f"1/(1 + exp(({_number(self.half_um)} - {x})/{tau_um}))"
            form = f"({sigmoid} - {_number(self._foot)})"
        text = _number(self.base)
        if self.kind != "constant":
            text = f"({text} + {_number(self.amplitude)}*{form})"
        if self.start_um > -math.inf:
            text += f"*(1 - H({_number(self.start_um)} - {distance}))"
        if self.stop_um < math.inf:
            text += f"*H({_number(self.stop_um)} - {distance})"
        return text.replace("+ -", "- ")


@dataclass(frozen=True)
class Profile:
    """A parameter along one section: the sum of its terms. `name` is what errors call it."""

    terms: tuple[Term, ...]
    name: str = field(default="a parameter", compare=False)

    def at(self, path_distance: np.ndarray | float) -> np.ndarray:
        """Value at `path_distance` (um); ModelError if it is not finite."""
        d = np.asarray(path_distance, dtype=float)
        values = sum((term.at(d) for term in self.terms), np.zeros_like(d))
        if not np.isfinite(values).all():
            where_um = float(np.atleast_1d(d)[~np.isfinite(np.atleast_1d(values))][0])
            steep = any(one.overflows(d) for one in self.terms)
            step = "a larger tau_um" if steep else "a smaller amplitude or slope"
            raise ModelError(
                f"{self.name} is not finite at a path distance of {where_um:g} um; expected a"
                f" gradient that stays finite on all branches: give it {step}."
            )
        return values

    @property
    def constant(self) -> float | None:
        """The value, if it is the same at every distance; else None."""
        if not self.terms:
            return 0.0
        if len(self.terms) == 1 and self.terms[0] == Term(self.terms[0].base):
            return self.terms[0].base
        return None

    def expression(self, distance: str) -> str:
        """The profile as a NeuroML expression of `distance`."""
        return " + ".join(term.expression(distance) for term in self.terms) or "0.0"

    def scaled(self, factor: float) -> "Profile":
        """The profile times `factor`."""
        scaled = []
        for term in self.terms:
            base, amplitude = term.base * factor, term.amplitude * factor
            scaled.append(replace(term, base=base, amplitude=amplitude))
        return replace(self, terms=tuple(scaled))

    def within(self, start_um: float, stop_um: float) -> "Profile":
        """The profile between two path distances (start_um < d <= stop_um), 0 outside."""
        cut = []
        for term in self.terms:
            start, stop = max(term.start_um, start_um), min(term.stop_um, stop_um)
            if start < stop:
                cut.append(replace(term, start_um=start, stop_um=stop))
        return replace(self, terms=tuple(cut))
