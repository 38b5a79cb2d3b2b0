"""What of a configuration is not the default, and how it is called in a title and in a name."""

import re
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

from ..parameter_settings import parse_name
from .clamp_words import clamp_in_title, is_dynamic_clamp
from .fields import CONTENTS, TrialConfig, value_of_set_up

_RECORDED = "record"  # how the fields begin that say what is kept of a run, not what it is
_OF_THE_DC = ("dc_nA", "dc_start_ms", "dc_section", "dc_x")
_LONGEST_NAME = 90
MORE = "and_more"
"""How a name ends that would be too long with all that is not the default."""

_IN_WORDS: dict[str, tuple[str, str]] = {
    "dc_nA": ("DC {:+g} nA", "dc{:g}nA"),
    "dc_start_ms": ("DC from {:g} ms on", "dc_from{:g}ms"),
    "dc_section": ("DC at {}", "dc_at_{}"),
    "dc_x": ("DC at {:g} of its section", "dc_x{:g}"),
    "duration_ms": ("first {:g} ms", "{:g}ms"),
    "dt_ms": ("steps of {:g} ms", "dt{:g}ms"),
    "celsius": ("{:g} °C", "{:g}degC"),
    "v_init_mV": ("started at {:g} mV", "from{:g}mV"),
    "n_excitatory": ("{:,} excitatory inputs", "{}exc"),
    "n_inhibitory": ("{:,} inhibitory inputs", "{}inh"),
    "excitatory_share": ("excitatory inputs on {:.3g} of the spines", "exc_share{:g}"),
    "inhibitory_share": ("{:.3g} of the inhibitory inputs", "inh_share{:g}"),
    "w_max": ("largest weight {:g}", "wmax{:g}"),
    "field_centre_fraction": ("field at {:g} of the track", "field{:g}"),
    "arrangement": ("inputs arranged: {}", "{}"),
    "theta_depth": ("theta depth {:g} of excitation", "theta_depth{:g}"),
    "theta_k": ("theta sharpness {:g} of excitation", "theta_k{:g}"),
    "assignment_seed": ("assignment of seed {}", "assigned{}"),
    "inhibition_reduction": ("inhibition reduced: {}", "inhibition_reduced_{}"),
    "events_are": ("{} events", "{}"),
    "integration": ("integration {}", "{}"),
}
"""Fields whose words are not their name and value: in a title, in the name of a folder."""


def _fields_by_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A run's fields, each changed parameter as one; of a protocol its entries as ``part.entry``."""
    if "setup" in fields:
        named = _with_null_for_the_set_ups(fields)
        return {name: value for name, value in named.items() if name != "parameters"} | dict(
            fields.get("parameters", {})
        )
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        inner = value if isinstance(value, Mapping) else None
        flat |= {name: value} if inner is None else {f"{name}.{key}": x for key, x in inner.items()}
    return flat


def _with_null_for_the_set_ups(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's fields, null where they state what the set-up has: both are one trial."""
    left_to_it = {name for name, one in TrialConfig.model_fields.items() if one.default is None}
    of_set_up = {name: value_of_set_up(fields["setup"], name) for name in left_to_it}
    return {
        name: None if name in of_set_up and value == of_set_up[name] else value
        for name, value in fields.items()
    }


def _recorded_only(field: str) -> bool:
    """Whether a field only says what is kept of a run, not what it is."""
    return field.startswith(_RECORDED)


def side_by_side(*runs: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every field that says what a run is, by name: its value in each run, None where it has none."""
    flat = [_fields_by_name(fields) for fields in runs]
    names = dict.fromkeys(name for one in flat for name in one if not _recorded_only(name))
    return {name: [one.get(name) for one in flat] for name in names}


def differing(*runs: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Those of `side_by_side` in which the runs differ."""
    return {
        name: values
        for name, values in side_by_side(*runs).items()
        if any(value != values[0] for value in values)
    }


def differences(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of a run's fields is not the default, by name; each changed parameter by its own.

    Parameters
    ----------
    fields : mapping
        As `TrialConfig.as_dict` gives them, or a result has them. Fields that only say what is
        recorded are left out; drugs and parameters come first.
    """
    usual = TrialConfig().as_dict()
    changed = {
        name: value
        for name, value in _with_null_for_the_set_ups(usual | dict(fields)).items()
        if not _recorded_only(name) and name in usual and value != usual[name]
    }
    first = {"drugs": changed.pop("drugs")} if "drugs" in changed else {}
    return first | changed.pop("parameters", {}) | changed


def in_title(fields: Mapping[str, Any]) -> list[str]:
    """What of a run is not the default, a few words each, but its set-up, seed and DC."""
    apart = ("setup", "seed", *CONTENTS.values(), *_OF_THE_DC)
    words = []
    for name, value in differences(fields).items():
        if name not in apart:
            words += _title_words(name, value)
    if fields.get("dc_nA") == 0:
        words.insert(0, "no DC")
    return words


def in_name(fields: Mapping[str, Any]) -> str:
    """What of a run is not the default, as the end of a folder's name; empty of the default.

    Cell, set-up and seed are left out. Two configurations may have the same name: it says what
    matters, in letters that every file system takes.
    """
    apart = ("setup", "seed", *CONTENTS.values(), "cell", "cell_file")
    name = ""
    for field, value in differences(fields).items():
        if field in apart:
            continue
        for word in _name_words(field, value):
            longer = f"{name}_{_plain(word)}"
            if len(longer) > _LONGEST_NAME:
                return f"{name}_{MORE}"
            name = longer
    return name


def cell_name(fields: Mapping[str, Any]) -> str:
    """What the cell of a configuration is called: its file without folder, its name, or ``full``."""
    if fields.get("cell_file"):
        return PureWindowsPath(str(fields["cell_file"])).stem  # either kind of slash
    cell = fields.get("cell")
    return str(cell.get("name", "changed")) if cell else "full"


def _title_words(name: str, value: Any) -> list[str]:
    if name in ("cell", "cell_file"):
        return [f"cell {cell_name({name: value})}"]
    if name == "drugs":
        forms = {"factor": " (× {})", "dose": " (dose {})", "region": " in {}"}  # noqa: RUF001
        return ["under " + " and ".join(_drug(text, forms) for text in value)]
    if name == "events_file":
        return [f"inputs of {PureWindowsPath(str(value)).name}"]
    if name == "weights_file":
        return [f"weights of {PureWindowsPath(str(value)).name}"]
    if name == "stimuli":
        return [_stimulus(one) for one in value if one.get("kind") != "CurrentClamp"]
    if name == "excitation":
        return ["no excitatory input"]
    if name in _IN_WORDS:
        return [_IN_WORDS[name][0].format(_shown(value))]
    if not _is_field(name):
        sign = "×" if parse_name(name).is_factor else "="  # noqa: RUF001
        return [f"{name.rstrip('*')} {sign} {value:g}"]
    return [f"{name} {_shown(value)}"]


def _name_words(name: str, value: Any) -> list[str]:
    if name == "drugs":
        forms = {"factor": "_x{}", "dose": "_dose_{}", "region": "_{}"}
        return [_drug(text, forms) for text in value]
    if name in CONTENTS:
        return [PureWindowsPath(str(value)).stem]
    if name == "stimuli":
        return [_stimulus(one) for one in value]
    if name == "excitation":
        return ["no_excitation"]
    if name in _IN_WORDS:
        return [_IN_WORDS[name][1].format(value)]
    if not _is_field(name):
        return [f"{name.rstrip('*')}{'_x' if parse_name(name).is_factor else '_'}{value:g}"]
    return [f"{name}_{value}"]


def _is_field(name: str) -> bool:
    return name in TrialConfig.model_fields


def _drug(text: str, forms: Mapping[str, str]) -> str:
    """A drug's name with what its text says of it: a number, a region."""
    from ..specification import find_drug  # it waits for numpy

    before, at, region = str(text).partition("@")
    name, colon, number = before.partition(":")
    kind = "factor" if not colon or find_drug(text).dose is None else "dose"
    return (
        name
        + (forms[kind].format(number) if colon else "")
        + (forms["region"].format(region) if at else "")
    )


def _stimulus(declared: Mapping[str, Any]) -> str:
    if is_dynamic_clamp(declared):
        return clamp_in_title(declared)
    place = declared.get("place")
    return str(declared.get("kind", "stimulus")) + (f" at {place}" if place else "")


def _shown(value: Any) -> Any:
    return value.replace("_", " ") if isinstance(value, str) else value


def _plain(word: str) -> str:
    """A word in letters, digits and ``. - _ +`` alone."""
    return re.sub(r"[^\w.+-]+", "-", word).strip("-.")
