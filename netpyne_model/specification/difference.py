"""Compares two specifications, and applies to one what differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from ..errors import ModelError, did_you_mean, quoted

_RULE_KEYS = frozenset(("value", "inherit"))


@dataclass(frozen=True)
class Change:
    """One entry that differs.

    Attributes
    ----------
    entry : str
        Where it stands, ``biophysics.channels.nas.gbar_S_per_cm2.trunk``.
    before, after : object
        The entry in the one and in the other, as in a file; None where it does not stand.
    """

    entry: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.entry}: {_as_text(self.before)} -> {_as_text(self.after)}"


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every entry that differs between the contents of two specifications, rules as a whole."""
    return [Change(".".join(path), old, new) for path, old, new in _differences(before, after)]


def overrides(base: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `content` that differs from `base`, None for what is gone: inverts `merged`."""
    result: dict[str, Any] = {}
    for path, _, new in _differences(base, content):
        place = result
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = new
    return result


def merged(base: Mapping[str, Any], changes: Mapping[str, Any], what: str) -> dict[str, Any]:
    """A specification's content with changes: they replace rules and values, None takes away.

    A rule without ``value`` and ``inherit`` changes the one that is there: see `rule_with_part`.

    Raises ModelError if an entry is to be taken away that `base` does not have; `what` names the
    changes.
    """
    result = dict(base)
    for key, new in changes.items():
        old = base.get(key)
        if new is None:
            if key not in base:
                raise ModelError(
                    f"{what}: {quoted(key)} is null, to be taken away, but does not stand in the"
                    f" package's cell.{did_you_mean(key, base)}"
                )
            del result[key]
        elif _is_table(old) and _is_table(new):
            result[key] = merged(old, new, what)
        elif is_rule(old) and isinstance(new, Mapping) and new and not is_rule(new):
            result[key] = rule_with_part(old, new)
        else:
            result[key] = new
    return result


def is_rule(entry: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether an entry is a whole rule, which has a value or inherits one."""
    return isinstance(entry, Mapping) and bool(_RULE_KEYS & entry.keys())


def rule_with_part(rule: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with a part of it replaced, or taken away by None.

    Of a gradient of the same form, what the part does not name stays.
    """
    changed = dict(rule)
    for key, entry in part.items():
        if key == "gradient" and isinstance(entry, Mapping):
            present = rule.get(key, {})
            entry = {
                form: {**present[form], **of}
                if isinstance(of, Mapping) and isinstance(present.get(form), Mapping)
                else of
                for form, of in entry.items()
            }
        changed[key] = entry
    return {key: entry for key, entry in changed.items() if entry is not None}


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if _is_table(old) and _is_table(new):
            for path, one, other in _differences(old, new):
                yield (str(key), *path), one, other
        elif old != new:
            yield (str(key),), old, new


def _is_table(entry: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether an entry holds further entries; a rule is one entry."""
    return isinstance(entry, Mapping) and not is_rule(entry)


def _as_text(entry: Any) -> str:
    if entry is None:
        return "none"
    if isinstance(entry, Mapping):
        return "{" + ", ".join(f"{key}: {_as_text(value)}" for key, value in entry.items()) + "}"
    if isinstance(entry, list):
        return "[" + ", ".join(map(_as_text, entry)) + "]"
    return f"{entry:g}" if isinstance(entry, float) else str(entry)
