#!/usr/bin/env python3
"""Write the table of docs/protocols.md from the experiments: ``python scripts/protocols_page.py``.

Every row is read off the protocols that an experiment runs. A test sees that the page is up to date.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.data_folders import REFERENCE
from netpyne_model.experiments import EXPERIMENTS, Experiment
from netpyne_model.markdown import markdown_table, with_blocks
from netpyne_model.protocols import DynamicClamp

PAGE = ROOT / "docs" / "protocols.md"


def span(values: Iterable[float]) -> str:
    """The lowest and the highest of some numbers, or the one that all are."""
    values = sorted(set(values))
    if not values:
        return ""
    return f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}"


def stimuli(protocols: list[Any]) -> str:
    """Each kind of stimulus of some protocols: events and their times, or amplitudes."""
    found: dict[str, list[Any]] = {}
    for protocol in protocols:
        for one in protocol.all_stimuli:
            found.setdefault(type(one).__name__, []).append(one)
    return "<br>".join(_of_kind(kind, ones) for kind, ones in found.items()) or "none"


def _of_kind(kind: str, ones: list[Any]) -> str:
    if hasattr(ones[0], "times_ms"):
        times_ms = ones[0].times_ms
        several = f"events at {', '.join(f'{one:g}' for one in times_ms)} ms"
        if hasattr(ones[0], "spines"):
            numbers = [len(one.spines) if one.spines else one.n for one in ones]
            return f"`{kind}`, {span(numbers)} spines, {several}"
        return f"`{kind}`, {several}"
    if hasattr(ones[0], "amplitude_nA"):
        return f"`{kind}`, {span(one.amplitude_nA for one in ones)} nA"
    if kind == DynamicClamp.__name__:
        return f"`{kind}`, {', '.join(dict.fromkeys(map(conductance, ones)))}"
    levels = [level for one in ones if one.levels for _, level in one.levels]
    return f"`{kind}`, {span(levels)} mV" if levels else f"`{kind}`, a waveform"


def conductance(clamp: DynamicClamp) -> str:
    """What a dynamic clamp adds and where: ``persistent in all``, ``leak at soma``."""
    if clamp.region is None:
        return f"{clamp.current} at {clamp.place}"
    return f"{clamp.current} in {clamp.region}"


def integration(protocols: list[Any]) -> str:
    """Tolerances of adapted steps, fixed steps and those of second order."""
    adapted = [one.atol for one in protocols if one.integrated == "variable_step"]
    texts = [f"adapted, atol {span(adapted)}"] if adapted else []
    for integration, name in (("fixed_step", "fixed"), ("second_order", "second order")):
        steps_ms = [one.dt_ms for one in protocols if one.integrated == integration]
        texts += [f"{name}, {span(steps_ms)} ms"] if steps_ms else []
    return "; ".join(texts)


def held(protocols: list[Any]) -> str:
    """Potentials that are held, and where."""
    holdings = [one.holding for one in protocols if one.holding is not None]
    if not holdings:
        return ""
    places = ", ".join(f"`{place}`" for place in dict.fromkeys(one.place for one in holdings))
    return f"{span(one.target_mV for one in holdings)} mV at {places}"


def row(experiment: Experiment) -> tuple[str, ...]:
    """One experiment."""
    conditions = experiment.conditions(REFERENCE)
    protocols = [one.protocol for one in conditions if hasattr(one, "protocol")]
    return (
        f"[`{experiment.name}`](../netpyne_model/experiments/{experiment.name}.py)",
        experiment.source,
        f"{len(conditions)}",
        stimuli(protocols) if protocols else "laps of trials",
        held(protocols),
        f"{span(one.duration_ms for one in protocols)}",
        integration(protocols),
    )


def table() -> str:
    """Every experiment's protocol."""
    header = ("experiment", "paper", "conditions", "stimuli", "held", "ms", "steps")
    return markdown_table(header, (row(one) for one in EXPERIMENTS.values()))


def updated(page: str) -> str:
    """The page with its table worked out anew."""
    return with_blocks(page, {"protocols": table()})


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
