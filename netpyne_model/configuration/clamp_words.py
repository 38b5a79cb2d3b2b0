"""A dynamic clamp in words, from what a configuration or a result holds of it."""

import math
from collections.abc import Mapping
from typing import Any

_STRENGTHS = {"g_uS": "{:g} uS", "density_S_per_cm2": "{:g} S/cm2", "factor": "× {:g}"}  # noqa: RUF001


def is_dynamic_clamp(declared: Mapping[str, Any]) -> bool:
    """Whether a stimulus is one."""
    return declared.get("kind") == "DynamicClamp"


def clamp_in_title(declared: Mapping[str, Any]) -> str:
    """What it is in a few words: ``with dynamic clamp (persistent, 0.01 uS) at soma``."""
    return f"with dynamic clamp ({_current(declared)}, {_strength(declared)}) {_where(declared)}"


def clamp_in_a_sentence(declared: Mapping[str, Any]) -> str:
    """What it does, as a sentence."""
    what = {"persistent": "a persistent sodium current", "leak": "a leak"}[_current(declared)]
    does = "takes away" if _value(declared)[1] < 0 else "adds"
    start_ms, stop_ms = (declared.get(name) for name in ("start_ms", "stop_ms"))
    when = f" from {start_ms:g} ms" if start_ms else ""
    if stop_ms is not None and stop_ms < math.inf:
        when += f" to {stop_ms:g} ms"
    return f"A dynamic clamp {does} {what} ({_strength(declared)}) {_where(declared)}{when}."


def _current(declared: Mapping[str, Any]) -> str:
    return str(declared.get("current") or "persistent")


def _value(declared: Mapping[str, Any]) -> tuple[str, float]:
    given = ((name, declared.get(name)) for name in _STRENGTHS)
    return next(((name, float(value)) for name, value in given if value is not None), ("g_uS", 0.0))


def _strength(declared: Mapping[str, Any]) -> str:
    name, value = _value(declared)
    return _STRENGTHS[name].format(value)


def _where(declared: Mapping[str, Any]) -> str:
    region = declared.get("region")
    if region is None:
        return f"at {declared.get('place') or 'soma'}"
    return f"in {region if isinstance(region, str) else ' and '.join(region)}"
