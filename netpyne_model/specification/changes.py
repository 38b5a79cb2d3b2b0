"""Changes of a specification by mechanism, parameter and region; each gives a new one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..biophysics import NON_SPECIFIC, Gradient, Rule
from ..biophysics.density_rules import check_name
from ..errors import ModelError, did_you_mean, quoted
from ..mechanisms.user_channels import UserChannel, read_user_channel
from ..morphology import REGION_GROUPS, REGIONS
from ..receptors import receptors
from .arguments import as_factor, as_names
from .cell_specification import (
    CellSpecification,
    check_channel_parameters,
    default_specification,
    existing_file,
    make_specification,
)
from .difference import is_rule, rule_with_part

# Parameters of the placement that take rules: where they stand, and their unit.
PLACEMENT_PARAMETERS = {
    "spines.density": (("placement", "spine_density_per_um"), "1/um"),
    "inhibition.density": (("placement", "inhibitory_density_per_um"), "1/um"),
} | {
    one.parameter: (("placement", "receptors", one.name, one.conductance), one.unit)
    for one in receptors().values()
}


def parameters(specification: CellSpecification) -> dict[str, str]:
    """Every parameter that takes rules, ``mechanism.parameter``, with its unit."""
    units = {name: one.unit for name, one in specification.biophysics.parameters().items()}
    return units | {name: unit for name, (_, unit) in PLACEMENT_PARAMETERS.items()}


def set_rule(
    specification: CellSpecification,
    region: str | Iterable[str],
    parameter: str,
    rules: Mapping[str, Any] | Iterable[Mapping[str, Any]],
    *,
    add_range: bool = False,
) -> CellSpecification:
    """Give a parameter a rule in one or several regions.

    Raises ModelError if a name is not known (with the nearest that is), or the rule does not hold.

    Parameters
    ----------
    region : str or iterable of str
        Regions, or ``all``, ``dendrites`` (basal, trunk, apical, tuft), ``axonal`` (axon_hill, ais,
        axon).
    parameter : str
        ``mechanism.parameter``: one of `parameters`.
    rules : mapping, or iterable of mappings
        A rule with the entries of `Rule`, or several with ranges of path distance. The forms of
        `Gradient` may stand beside them, without ``gradient``. A rule without ``value`` and
        ``inherit`` changes the one that is there: what it names is replaced, or taken away by None.
    add_range : bool
        Keep the rules that are there and add these as further ranges.
    """
    new = [_as_rule(rule) for rule in ([rules] if isinstance(rules, Mapping) else rules)]
    path, regions = _path(specification, parameter), regions_of(region)
    _check_bearers(specification, parameter, path, regions)
    content = specification.as_dict()
    place = content
    for key in path:
        place = place.setdefault(key, {})
    for name in regions:
        present = place.get(name, [])
        if add_range and isinstance(present, dict) and not is_rule(present):
            raise ModelError(
                f"{parameter} in region {name} has its published form, no rules; give it a rule"
                " first."
            )
        present = present if isinstance(present, list) else [present]
        part = new[0] if len(new) == 1 and not add_range else {}
        if part and not is_rule(part):
            place[name] = _with_part(present, part, parameter, name)
        else:
            place[name] = [*present, *new] if add_range else new[0] if len(new) == 1 else new
    return make_specification(content, parameter, within=path)


def set_entry(specification: CellSpecification, entry: str, value: Any) -> CellSpecification:
    """Give any entry of a specification another value, both as in its file.

    ``biophysics.run.celsius`` is an entry. Raises ModelError if there is no such entry (with the
    nearest name), or the value does not hold.
    """
    if not isinstance(entry, str):
        example = "'biophysics.run.celsius'"
        raise ModelError(f"entry {quoted(entry)}: expected its path, such as {example}.")
    content = specification.as_dict()
    place: Any = content
    keys = entry.split(".")
    for number, key in enumerate(keys):
        if not isinstance(place, dict):
            above = ".".join(keys[:number])
            raise ModelError(
                f"entry {quoted(entry)}: {above} is a single value; it has no {quoted(key)}."
            )
        if number == len(keys) - 1:
            place[key] = value
        else:
            place = place.setdefault(key, {})
    return make_specification(content, "specification")


def scale_parameter(
    specification: CellSpecification, region: str | Iterable[str], parameter: str, factor: float
) -> CellSpecification:
    """Multiply what the rules of a parameter come to, on every segment of one or several regions.

    Factors compound. They hold for the final values: a region that inherits from one that is scaled
    is not scaled with it. The paper's drugs are "scaled everywhere" so (model.md 8). `region` and
    `parameter` as in `set_rule`. Raises ModelError if a name is not known (with the nearest that
    is), or the factor is no number of 0 or more.
    """
    return scale_parameters(specification, [(region, parameter, factor)])


def scale_parameters(
    specification: CellSpecification, scaled: Iterable[tuple[str | Iterable[str], str, float]]
) -> CellSpecification:
    """As `scale_parameter`, one after the other, checked as a whole once: ``(region, parameter, factor)``."""
    content, names = specification.as_dict(), []
    for region, parameter, factor in scaled:
        factor, path = as_factor(factor), _path(specification, parameter)
        _check_scaled(specification, parameter, region)
        factors = content[path[0]].setdefault("factors", {})
        of_parameter = factors.setdefault(parameter, {})
        for name in as_names(region, "region"):
            of_parameter[name] = factor * of_parameter.get(name, 1.0)
            if of_parameter[name] == 1:
                del of_parameter[name]
        if not of_parameter:
            del factors[parameter]
        names.append(parameter)
    return make_specification(content, f"factor of {', '.join(names)}")


def scale_at_origin(
    specification: CellSpecification, channels: str | Iterable[str], factor: float
) -> CellSpecification:
    """Scale the values that channels are given; dendritic rules start again from these.

    The paper's reduction "at the origin" (model.md 8): slopes stay as they are. Raises ModelError
    if there is no such channel, or the factor is no number of 0 or more.
    """
    channels, factor = as_names(channels, "channels"), as_factor(factor)
    for name in channels:
        check_channel(specification, name)
    biophysics = specification.biophysics.scaled_at_origin(channels, factor)
    return specification.model_copy(update={"biophysics": biophysics})


def remove(
    specification: CellSpecification,
    mechanism: str | Iterable[str],
    region: str | Iterable[str] | None = None,
) -> CellSpecification:
    """Take channels away, from some regions or altogether.

    A channel that is left in no region goes altogether, and with the last channel of an ion that
    the package's cell does not have, its reversal potential. Raises ModelError if there is no such
    channel, or it is in none of the regions.
    """
    content = specification.as_dict()
    channels = content["biophysics"]["channels"]
    names = as_names(mechanism, "channels")
    regions = REGIONS if region is None else regions_of(region)
    for name in names:
        check_channel(specification, name)
        if name not in channels:
            continue  # it has gone with the channel from which it is taken
        densities = channels[name]["gbar_S_per_cm2"]
        kept = {key: rule for key, rule in densities.items() if key not in regions}
        if region is not None and kept == densities:
            absent, bearers = ", ".join(regions), ", ".join(densities) or "none"
            raise ModelError(f"channel {name} is not in region {absent}; it is in {bearers}.")
        channels[name] |= {"gbar_S_per_cm2": kept}
        if not kept:
            del channels[name]
            for taking in [one for one, of in channels.items() if of.get("taken_from") == name]:
                del channels[taking]
            factors = content["biophysics"].get("factors", {})
            for parameter in [key for key in factors if key.partition(".")[0] == name]:
                del factors[parameter]
    _drop_ions(content, specification)
    return make_specification(content, f"the cell without {', '.join(names)}")


def add_channel(
    specification: CellSpecification,
    name: str,
    file: str | Path,
    gbar_S_per_cm2: Mapping[str, Any] | None = None,
    *,
    e_mV: float | Mapping[str, Any] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> CellSpecification:
    """Add a channel of one's own, or put it in the place of one that bears the same name.

    Raises ModelError if the file is not there, or a rule does not hold.

    Parameters
    ----------
    file : path
        NeuroML (``.nml``) or mod file of one density mechanism.
    gbar_S_per_cm2 : mapping, optional
        Region (or ``all``, ``dendrites``, ``axonal``) -> peak conductance in S/cm2, or a rule;
        those of the channel that is replaced by default.
    e_mV : float or mapping, optional
        Reversal potential of a non-specific channel, or of an ion that the cell does not have yet;
        one value for the whole cell, or by region.
    parameters : mapping, optional
        Further RANGE parameters of a mod file: name -> region -> value or rule.
    """
    check_name(name, "channel")
    user_channel = read_user_channel(existing_file(file, f"channel {name}: file"))
    check_channel_parameters(name, user_channel, parameters or {})
    content = specification.as_dict()
    replaced = content["biophysics"]["channels"].get(name)
    if gbar_S_per_cm2 is None and replaced is None:
        known = specification.biophysics.channels
        raise ModelError(
            f"channel {quoted(name)} is new to this cell: give gbar_S_per_cm2.{did_you_mean(name, known)}"
        )
    channel: dict[str, Any] = {"file": str(user_channel.file), "ion": user_channel.ion}
    if gbar_S_per_cm2 is None:
        channel["gbar_S_per_cm2"] = replaced["gbar_S_per_cm2"]
    else:
        channel["gbar_S_per_cm2"] = _by_region(gbar_S_per_cm2, "gbar_S_per_cm2")
    if parameters:
        channel["parameters"] = {key: _by_region(rules, key) for key, rules in parameters.items()}
    content["biophysics"]["channels"][name] = channel
    if e_mV is not None:
        e_mV = _by_region(e_mV if isinstance(e_mV, Mapping) else {"all": e_mV}, "e_mV")
    _add_reversal(content["biophysics"]["ions"], channel, name, user_channel, e_mV, replaced)
    _drop_ions(content, specification)
    return make_specification(content, f"channel {name}", within=("biophysics", "channels", name))


def _add_reversal(
    ions: dict[str, Any],
    channel: dict[str, Any],
    name: str,
    user_channel: UserChannel,
    reversal: dict[str, Any] | None,
    replaced: dict[str, Any] | None,
) -> None:
    """Put the reversal potential of a new channel with it, or with an ion new to the cell."""
    ion = user_channel.ion
    which = "e_mV" if user_channel.follows_reversal else "e_mV (any: its current does not read it)"
    missing = f"channel {name}: ion {ion} has no reversal potential in this cell; give {which}."
    if ion in ions:
        if reversal is not None:
            has = f"which has its reversal potential: change {ion}.e"
            raise ModelError(f"channel {name} carries {ion}, {has}.")
        return
    if ion != NON_SPECIFIC:
        if reversal is None:
            raise ModelError(missing)
        ions[ion] = {"e_mV": reversal}
        if user_channel.reversal is not None:  # the file has one of its own in the ion's place
            channel.setdefault("parameters", {}).setdefault(user_channel.reversal, reversal)
        return
    if reversal is not None and user_channel.reversal is None:
        raise ModelError(
            f"channel {name}: {user_channel.file.name} computes its own reversal potential; leave"
            " out e_mV."
        )
    if reversal is None:
        reversal = (replaced or {}).get("e_mV")
    if reversal is None and user_channel.reversal is not None:
        raise ModelError(missing)
    if reversal is not None:
        channel["e_mV"] = reversal


def regions_of(region: str | Iterable[str]) -> tuple[str, ...]:
    """The regions that a name, a group's name, or several of them stand for.

    Raises ModelError if a name is not known, or there is none.
    """
    regions: list[str] = []
    for name in as_names(region, "region"):
        if name not in REGION_GROUPS and name not in REGIONS:
            nearest = did_you_mean(name, [*REGIONS, *REGION_GROUPS])
            raise ModelError(f"region {quoted(name)} does not exist.{nearest}")
        regions += REGION_GROUPS.get(name, (name,))
    return tuple(dict.fromkeys(regions))


def check_channel(specification: CellSpecification, name: str) -> None:
    """Raise ModelError, with the nearest name, if a cell has no such channel."""
    channels = specification.biophysics.channels
    if name not in channels:
        raise ModelError(f"channel {quoted(name)} does not exist.{did_you_mean(name, channels)}")


def _drop_ions(content: dict[str, Any], before: CellSpecification) -> None:
    """Drop the ions, beside the package's own, whose last channel has gone."""
    carried = {channel.get("ion") for channel in content["biophysics"]["channels"].values()}
    kept = carried | default_specification().biophysics.ions.keys()
    for ion in {channel.ion for channel in before.biophysics.channels.values()} - kept:
        content["biophysics"]["ions"].pop(ion, None)


def _as_rule(entries: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as in a file: with the form of its gradient under ``gradient``."""
    if not isinstance(entries, Mapping):
        raise ModelError(f"rule {quoted(entries)}: expected a mapping, such as {{'value': 0.02}}.")
    rule = dict(entries)
    form = {name: rule.pop(name) for name in Gradient.model_fields if name in rule}
    for key in rule.keys() - Rule.model_fields.keys():
        known = [*Rule.model_fields, *Gradient.model_fields]
        raise ModelError(f"a rule has no {quoted(key)}.{did_you_mean(key, known)}")
    if form and "gradient" in rule:
        raise ModelError(f"a rule has one gradient; give gradient or {', '.join(form)}, not both.")
    return rule | {"gradient": form} if form else rule


def _with_part(
    present: Sequence[Any], part: Mapping[str, Any], parameter: str, region: str
) -> dict[str, Any]:
    """The one rule of a region with a part of it replaced."""
    where = f"{parameter} in region {region}"
    if len(present) > 1:
        raise ModelError(
            f"{where} has {len(present)} rules of a range each; give a whole rule in their place,"
            " with value or inherit."
        )
    if not present or not is_rule(present[0]):
        raise ModelError(f"{where} has no rule to change; give a whole one, with value or inherit.")
    return rule_with_part(present[0], part)


def _by_region(entries: Mapping[str, Any], what: str) -> dict[str, Any]:
    if not isinstance(entries, Mapping) or not entries:
        raise ModelError(
            f"{what} = {quoted(entries)}: expected regions with a value or a rule, such as"
            " {'all': 1e-4}."
        )
    rules: dict[str, Any] = {}
    for region, entry in entries.items():
        rule = {"value": entry} if isinstance(entry, (int, float)) else entry
        rules |= dict.fromkeys(regions_of(region), rule)
    return rules


def _check_bearers(
    specification: CellSpecification, parameter: str, path: Sequence[str], regions: Sequence[str]
) -> None:
    """Refuse a density of spines or synapses in regions that cannot bear them."""
    if parameter not in ("spines.density", "inhibition.density"):
        return
    bearers = type(getattr(specification.placement, path[-1])).model_fields
    if beside := [region for region in regions if region not in bearers]:
        possible = ", ".join(bearers)
        raise ModelError(f"{parameter} can be on {possible}; leave out {', '.join(beside)}.")


def _check_scaled(
    specification: CellSpecification, parameter: str, region: str | Iterable[str]
) -> None:
    """Refuse a factor where there is nothing to multiply."""
    bearers = _bearers(specification, parameter)
    if not bearers:
        raise ModelError(
            f"{parameter} has no rules of its own, and follows those of the channel that it is taken"
            " from; scale that one."
        )
    for name in as_names(region, "region"):
        if not bears(specification, parameter, name):
            raise ModelError(
                f"{parameter} has no rule in region {name}, and a factor changes nothing there; it"
                f" has rules in {', '.join(bearers)}."
            )


def bears(specification: CellSpecification, parameter: str, region: str) -> bool:
    """Whether a parameter has a rule in a region, or in one of a group of regions.

    Raises ModelError if a name is not known.
    """
    return not set(_bearers(specification, parameter)).isdisjoint(regions_of(region))


def _bearers(specification: CellSpecification, parameter: str) -> Collection[str]:
    """The regions that have rules of a parameter, or could have."""
    entry: Any = specification
    for key in _path_of_bearers(specification, parameter):
        entry = entry[key] if isinstance(entry, dict) else getattr(entry, key)
    return entry if isinstance(entry, dict) else type(entry).model_fields


def _path_of_bearers(specification: CellSpecification, parameter: str) -> tuple[str, ...]:
    """Where the regions stand that have a parameter: a receptor is where its synapses are."""
    for receptor in receptors().values():
        if receptor.parameter == parameter:
            density = "spines" if receptor.kind == "exc" else "inhibition"
            return PLACEMENT_PARAMETERS[f"{density}.density"][0]
    return _path(specification, parameter)


def _path(specification: CellSpecification, parameter: str) -> tuple[str, ...]:
    known = parameters(specification)
    if not isinstance(parameter, str):
        expected = "expected mechanism.parameter, such as 'nas.gbar'"
        raise ModelError(f"parameter {quoted(parameter)}: {expected}.")
    if parameter not in known:
        nearest = _parameters_meant(parameter, known)
        raise ModelError(f"parameter {quoted(parameter)} does not exist.{nearest}")
    if parameter in PLACEMENT_PARAMETERS:
        return PLACEMENT_PARAMETERS[parameter][0]
    return ("biophysics", *specification.biophysics.parameters()[parameter].path)


def _parameters_meant(name: str, known: Iterable[str]) -> str:
    """The parameters of which a name is one half (``nas``, ``Ra``); else the one most like it."""
    halves = [f"'{one}'" for one in known if name.casefold() in one.casefold().split(".")]
    return f" Did you mean {' or '.join(halves)}?" if halves else did_you_mean(name, known)
