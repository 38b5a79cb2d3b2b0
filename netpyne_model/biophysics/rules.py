"""Rules: how a parameter gets its value in one region (explained in ``CA1_full.yaml``)."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any

import pydantic
from pydantic import BeforeValidator, Field, PlainSerializer

from ..errors import did_you_mean, quoted
from ..morphology import REGION_GROUPS, REGIONS
from ..validation import TableT, validated

Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Strict(pydantic.BaseModel):
    """A block of a table: declared keys only, numbers that are numbers, no changes."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True)


class Exponential(Strict):
    """amplitude (exp(x/tau) - 1)."""

    amplitude: Finite
    tau_um: Positive


class Sigmoidal(Strict):
    """amplitude (1/(1 + exp((half - x)/tau)) - 1/(1 + exp(half/tau)))."""

    amplitude: Finite
    half_um: Finite
    tau_um: Positive


class Gradient(Strict):
    """What a rule adds over distance: exactly one of the forms."""

    linear_per_um: Finite | None = None
    exponential: Exponential | None = None
    sigmoidal: Sigmoidal | None = None

    @pydantic.model_validator(mode="after")
    def _one_form(self):
        forms = (self.linear_per_um, self.exponential, self.sigmoidal)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("a gradient has exactly one of linear_per_um, exponential, sigmoidal")
        return self


class Rule(Strict):
    """One parameter in one region, or in a range of path distances there.

    Attributes
    ----------
    value : float, optional
        Value where the rule starts, in the parameter's unit; either this or `inherit`.
    inherit : str, optional
        Region from which the start value comes: that of the last segment of the nearest section of
        that region on the path to the soma. Distances then count from that section's end, and from
        the soma otherwise.
    gradient : Gradient, optional
    minimum, maximum : float, optional
        Bounds of the value.
    held_beyond_um : float
        Path distance beyond which the value stays what the gradient has come to there: the end of
        the range to which it was fitted.
    from_um, to_um : float
        Path distances between which the rule holds (from_um < d <= to_um); 0 or more.
    outside : float, optional
        Value elsewhere, by default 0. Only for a rule with from_um or to_um.
    terminal : bool
        On terminal branches replaced by g1 (1 - x), g1 the value at the centre of the branch's
        first segment.
    """

    value: Finite | None = None
    inherit: str | None = None
    gradient: Gradient | None = None
    minimum: Finite | None = None
    maximum: Finite | None = None
    held_beyond_um: float = math.inf
    from_um: float = -math.inf
    to_um: float = math.inf
    outside: Finite | None = None
    terminal: bool = False

    @pydantic.model_validator(mode="after")
    def _holds_together(self):
        if (self.value is None) == (self.inherit is None):
            raise ValueError("a rule has exactly one of value and inherit")
        if self.inherit is not None and self.inherit not in REGIONS:
            nearest = did_you_mean(self.inherit, REGIONS)
            raise ValueError(f"inherit is {quoted(self.inherit)}; expected a region.{nearest}")
        if not self.from_um < self.to_um:
            raise ValueError(f"from_um ({self.from_um:g}) lies not below to_um ({self.to_um:g})")
        for name in ("from_um", "to_um", "held_beyond_um"):
            edge = getattr(self, name)
            if -math.inf < edge < 0:
                raise ValueError(f"{name} ({edge:g}) is negative; path distances are 0 or more")
        if self.gradient is None and "held_beyond_um" in self.model_fields_set:
            raise ValueError("held_beyond_um ends a gradient; give one, or leave it out")
        if not self.held_beyond_um > -math.inf:
            raise ValueError("held_beyond_um is no path distance; expected 0 um or more")
        if self.outside is not None and math.isinf(self.from_um) and math.isinf(self.to_um):
            raise ValueError(
                "outside is what holds beyond from_um and to_um; give one of them, or leave outside"
                " out"
            )
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum ({self.minimum:g}) is above maximum ({self.maximum:g})")
        return self


def _as_ranges(rules: Any) -> Any:
    return tuple(rules) if isinstance(rules, (list, tuple)) else (rules,)


def _check_ranges(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if not rules:
        raise ValueError("expected at least one rule; leave the region out to let it bear nothing")
    ordered = sorted(rules, key=lambda rule: rule.from_um)
    for one, following in pairwise(ordered):
        if following.from_um < one.to_um:
            raise ValueError(
                f"two ranges overlap: one goes to {one.to_um:g} um, the next starts at"
                f" {following.from_um:g} um; give from_um and to_um so that they follow each other"
            )
    if sum(rule.outside is not None for rule in rules) > 1:
        raise ValueError("outside stands in more than one range; give it once, it holds for all")
    return tuple(ordered)


def _as_written(rules: tuple[Rule, ...]) -> Any:
    written = [rule.model_dump(exclude_defaults=True) for rule in rules]
    return written[0] if len(written) == 1 else written


Ranges = Annotated[
    tuple[Rule, ...],
    BeforeValidator(_as_ranges),
    pydantic.AfterValidator(_check_ranges),
    PlainSerializer(_as_written),
]
"""The rules of one parameter in one region: one, or several with ranges that follow each other."""


def _check_region(region: str) -> str:
    if region not in REGIONS:
        raise ValueError(f"region {quoted(region)} does not exist.{did_you_mean(region, REGIONS)}")
    return region


Region = Annotated[str, pydantic.AfterValidator(_check_region)]
"""Name of a region."""


def _check_regions(rules: dict[str, tuple[Rule, ...]]) -> dict[str, tuple[Rule, ...]]:
    for region, ranges in rules.items():
        _check_region(region)
        if any(rule.inherit == region for rule in ranges):
            raise ValueError(f"region {region} inherits from itself; expected one nearer the soma")
    return rules


RegionRules = Annotated[dict[str, Ranges], pydantic.AfterValidator(_check_regions)]
"""The rules of one parameter by region; a region that is left out does not bear it."""


def _check_region_or_group(name: str) -> str:
    return name if name in REGION_GROUPS else _check_region(name)


Factors = dict[
    str, dict[Annotated[str, pydantic.AfterValidator(_check_region_or_group)], NotNegative]
]
"""By parameter, then by region or group of regions (``all``, ``dendrites``, ``axonal``): what the
values that the rules give are multiplied with. Where several hold, they multiply."""


def factors_by_region(factors: Factors, parameter: str) -> dict[str, float]:
    """The factor of a parameter in every region that has one."""
    by_region: dict[str, float] = {}
    for name, factor in factors.get(parameter, {}).items():
        for region in REGION_GROUPS.get(name, (name,)):
            by_region[region] = by_region.get(region, 1.0) * factor
    return by_region


_RULES_TAG, _TABLE_TAG, _NUMBER_TAG = "<rules>", "<table>", "<number>"


class _OneOf:
    """Annotates an entry of a table (`Any` to type checkers) with the forms that it may have."""

    def __init__(self, forms: Any):
        self.forms = forms

    def __get_pydantic_core_schema__(self, _: Any, handler: pydantic.GetCoreSchemaHandler) -> Any:
        return handler.generate_schema(self.forms)


def either(table: Any) -> _OneOf:
    """An entry that is a block of its own form, or rules in its place."""

    def tag(entry: Any) -> str:
        is_rule = isinstance(entry, (list, tuple)) or (
            isinstance(entry, Mapping) and {"value", "inherit"} & entry.keys()
        )
        return _RULES_TAG if is_rule else _TABLE_TAG

    forms = Annotated[table, pydantic.Tag(_TABLE_TAG)] | Annotated[Ranges, pydantic.Tag(_RULES_TAG)]
    return _OneOf(Annotated[forms, pydantic.Discriminator(tag)])


def number_or_rules(number: Any) -> _OneOf:
    """An entry that is one number, or rules in its place."""

    def tag(entry: Any) -> str:
        return _NUMBER_TAG if isinstance(entry, (int, float)) else _RULES_TAG

    one_number = Annotated[number, pydantic.Tag(_NUMBER_TAG)]
    forms = one_number | Annotated[Ranges, pydantic.Tag(_RULES_TAG)]
    return _OneOf(Annotated[forms, pydantic.Discriminator(tag)])


def validate_table(
    table: type[TableT], content: Mapping[str, Any], what: str, within: Sequence[str] = ()
) -> TableT:
    """Make a block of a table of rules: see `validation.validated`."""
    return validated(table, content, what, within=within, groups=REGIONS, advice=_advice)


def _advice(error: Mapping[str, Any], known: Collection[str]) -> str | None:
    """What rules and gradients ask for in their own words; None: what every table does."""
    *above, name = error["loc"]
    if error["type"] == "extra_forbidden" and "gradient" in known and name in Gradient.model_fields:
        return f"stands under gradient; write gradient: {{{name}: ...}}."
    if error["type"] == "missing" and above and above[-1] in Gradient.model_fields:
        return f"is missing; the gradient {above[-1]} needs {', '.join(sorted(known))}."
    if error["type"] in ("model_type", "dict_type") and isinstance(error["input"], (int, float)):
        # Only potentials may be negative: what is advised is to be taken.
        of_potential = any(str(part).endswith("e_mV") for part in error["loc"])
        value = error["input"] if of_potential else abs(error["input"])
        if error["type"] == "dict_type":
            return f"expected a table by region, such as {{soma: {{value: {quoted(value)}}}}}."
        rule = f"a rule, such as {{value: {quoted(value)}}}"
        if error["ctx"]["class_name"] == Rule.__name__:
            return f"expected {rule}."
        if _TABLE_TAG in error["loc"]:
            return f"expected a table with the keys {', '.join(known)}, or {rule}."
    return None
