"""How the cost grows with synapses, spines, segments, trials and processes; fitted lines.

Cost is processor time of one step of the integration: other work on the machine touches it less
than wall time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from ..configuration import TrialConfig
from ..machine import usable_cores
from .elsewhere import measure_elsewhere
from .measure import Request, measure_all, measure_one
from .suite import Answer, Case
from .workloads import IN_FIELD, IN_FIELD_MS

NAME = "growth"
SMOOTH = {"spines": "none", "n_excitatory": 0, "n_inhibitory": 0, "duration_ms": 300.0}
SECTIONS = {"spines": "folded", "receptors": "fast", "channels": "fused", "n_inhibitory": 0}
SILENT = {"n_excitatory": 0, "n_inhibitory": 0, "duration_ms": 300.0}
IN_ONE_PROCESS = 6
TOGETHER = (1, 2, 4, 8)
"""Numbers of cells that run at once in one process, each with inputs of its own."""
SHORT_TRIALS = Request({**IN_FIELD, "duration_ms": 300.0}, n_trials=IN_ONE_PROCESS)
ONE_PROCESS, ONE_PROCESS_BEFORE = "trials in one process", "trials in one process before"
CORES = (1, 2, 8, 32, 128, 1024)
"""For the estimate; beyond this machine's they are those of a cluster."""


@dataclass(frozen=True)
class Series:
    """Runs that differ in the number of one item.

    Attributes
    ----------
    name, item : str
        Series of the same item share a panel of the figure.
    counted : str
        Key of a measurement that is the number of items.
    points, fields : mappings
        Fields of the configuration, of each run (and ``segments_factor``) and of all.
    window_ms : (float, float)
        Simulated times over which the cost counts.
    """

    name: str
    item: str
    counted: str
    points: tuple[Mapping[str, Any], ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    window_ms: tuple[float, float] = (25.0, math.inf)

    def requests(self) -> list[Request]:
        """One request a point."""
        requests = []
        for point in self.points:
            fields = {**self.fields, **point}
            factor = fields.pop("segments_factor", 1)
            requests.append(Request(fields, window_ms=self.window_ms, segments_factor=factor))
        return requests


def _numbers(name: str, *values: int) -> tuple[dict[str, int], ...]:
    return tuple({name: value} for value in values)


def _synapses(name: str, counted: str, numbers: Sequence[int], **fields: Any) -> Series:
    points = _numbers(counted, *numbers)
    return Series(name, "synapse", counted, points, IN_FIELD | fields, IN_FIELD_MS)


_EXCITATORY = (0, 800, 1600, 2400, 3200)
SERIES = (
    _synapses("excitatory synapses, spines solved", "n_excitatory", _EXCITATORY, n_inhibitory=0),
    _synapses("the same beside 600 inhibitory ones", "n_excitatory", _EXCITATORY, n_inhibitory=600),
    _synapses("inhibitory synapses", "n_inhibitory", (0, 200, 400, 600), n_excitatory=0),
    _synapses(
        "excitatory synapses, their spines as sections", "n_excitatory", _EXCITATORY, **SECTIONS
    ),
    Series(
        "silent spines as sections",
        "spine section",
        "n_sections",
        ({"spines": "folded"}, {"spines": "explicit"}),
        SILENT,
    ),
    Series(
        "segments with all channels",
        "segment",
        "n_segments",
        _numbers("segments_factor", 1, 2, 3, 4),
        SMOOTH,
    ),
)


def process_counts() -> list[int]:
    """Numbers of processes to run at once: 1, 2, 4, ... up to the cores, and two at least."""
    cores = usable_cores()
    return sorted({1, 2, cores} | {2**power for power in range(2, 6) if 2**power <= cores})


def cases(baseline: Path | None = None) -> list[Case]:
    """All points of all series, cells and trials in one process, and trials in several at once.

    With a `baseline`, another checkout, its trials in one process too.
    """
    points = [
        Case(f"{NAME}, {series.name}", f"point {number}", partial(measure_one, request), step_s)
        for series in SERIES
        for number, request in enumerate(series.requests())
    ]
    in_one_process = {ONE_PROCESS: partial(measure_one, SHORT_TRIALS)}
    if baseline is not None:
        in_one_process[ONE_PROCESS_BEFORE] = partial(measure_elsewhere, SHORT_TRIALS, baseline)
    trials = [
        Case(NAME, name, run, lambda answer: sum(answer["trial_cpu_s"]))
        for name, run in in_one_process.items()
    ]
    together = [
        Case(NAME, _cells(number), partial(measure_one, _request(number)), step_s)
        for number in TOGETHER
    ]
    at_once = [
        Case(NAME, f"{number} at once", partial(_at_once, number), lambda answer: answer["wall_s"])
        for number in process_counts()
    ]
    return [*points, *together, *trials, *at_once]


def _cells(number: int) -> str:
    return f"{number} cells in one process"


def _request(number: int) -> Request:
    return Request(IN_FIELD, window_ms=IN_FIELD_MS, n_cells=number)


def _at_once(number: int) -> Answer:
    requests = [
        Request({**IN_FIELD, "seed": seed}, window_ms=IN_FIELD_MS) for seed in range(number)
    ]
    answers, wall_s = measure_all(requests)
    return {"wall_s": wall_s, **answers[0]}


def step_s(answer: Answer) -> float:
    """Processor time of a step, in seconds."""
    return 1e-3 * answer["cpu_ms_per_ms"] * TrialConfig().dt_ms


def results(answers: Mapping[tuple[str, str], Answer]) -> dict[str, Any]:
    """Fit lines to what was measured, and estimate a thousand cells.

    Seconds and memory of trials in one process are ``trials``; for the others see `line_of`,
    `cells_together`, `processes` and `estimate`.
    """
    series = {}
    for each in SERIES:
        names = [f"point {number}" for number in range(len(each.points))]
        measured = [answers[f"{NAME}, {each.name}", name] for name in names]
        counts = [answer[each.counted] for answer in measured]
        series[each.name] = line_of(each.item, counts, measured)
    trials = answers[NAME, ONE_PROCESS]
    at_once = {number: answers[NAME, f"{number} at once"] for number in process_counts()}
    compared = processes({number: answer["wall_s"] for number, answer in at_once.items()})
    return {
        "series": series,
        "cells": cells_together({n: answers[NAME, _cells(n)] for n in TOGETHER}),
        "trials": {key: trials[key] for key in ("trial_s", "trial_mb", "imported_mb")}
        | _of_before(trials, answers.get((NAME, ONE_PROCESS_BEFORE))),
        "processes": compared,
        "estimate": estimate(at_once[1], compared["efficiency"]),
    }


def line_of(item: str, counts: Sequence[int], measured: Sequence[Answer]) -> dict[str, Any]:
    """Fit straight lines through what a series measured, one measurement a count of the items.

    Returns
    -------
    dict
        The counts and measurements as lists, and of the least-squares lines: ``ns_per_step_fixed``
        and ``ns_per_step_per_item`` (processor time), ``set_up_ms_per_item``, ``kB_per_item``;
        ``largest_residual_percent`` (of the largest cost; None with two points, through which a
        line always goes).
    """
    keys = ("cpu_ms_per_ms", "wall_ms_per_ms", "set_up_s", "peak_mb")
    lists = {key: [float(answer[key]) for answer in measured] for key in keys}
    ns_per_step = 1e9 * np.array([step_s(answer) for answer in measured])
    slope, fixed = np.polyfit(counts, ns_per_step, 1)
    residual = np.abs(ns_per_step - (fixed + slope * np.array(counts))).max() / ns_per_step.max()
    return {
        "item": item,
        "counts": [int(count) for count in counts],
        **lists,
        "ns_per_step": ns_per_step.tolist(),
        "ns_per_step_fixed": float(fixed),
        "ns_per_step_per_item": float(slope),
        "set_up_ms_per_item": float(1e3 * np.polyfit(counts, lists["set_up_s"], 1)[0]),
        "kB_per_item": float(1e3 * np.polyfit(counts, lists["peak_mb"], 1)[0]),
        "largest_residual_percent": float(100 * residual) if len(counts) > 2 else None,
    }


def cells_together(measured: Mapping[int, Answer]) -> dict[str, Any]:
    """What a step costs a cell where several run at once, by their number, and over that of one."""
    each_us = {str(number): 1e6 * step_s(one) / number for number, one in measured.items()}
    of_one = {number: us / each_us["1"] for number, us in each_us.items()}
    return {"us_per_step_each": each_us, "times_of_one": of_one}


def _of_before(trials: Answer, before: Answer | None) -> dict[str, float]:
    """Processor time of a trial after the first two over that of the baseline."""
    if before is None:
        return {}
    means = [fmean(one["trial_cpu_s"][2:]) for one in (trials, before)]
    return {"trial_before_cpu_s": means[1], "of_before": means[0] / means[1]}


def processes(wall_s: Mapping[int, float]) -> dict[str, Any]:
    """Compare trials in several processes at once with those of one, by their number.

    ``efficiency`` is that of the most processes that the cores hold: trials per minute over as many
    times those of one.
    """
    most = max(min(usable_cores(), max(wall_s)), 1)
    per_minute = {str(number): 60 * number / seconds for number, seconds in wall_s.items()}
    return {
        "wall_s": {str(number): seconds for number, seconds in wall_s.items()},
        "trials_per_minute": per_minute,
        "times_of_one": {number: rate / per_minute["1"] for number, rate in per_minute.items()},
        "efficiency": wall_s[1] / wall_s[most],
    }


def estimate(
    one: Answer, efficiency: float, *, n_cells: int = 1000, duration_ms: float = 8050.0
) -> dict[str, Any]:
    """What many cells take, each a trial of its own, from the measurement of `one`.

    The `efficiency` of several processes is taken to hold for any number.

    Returns
    -------
    dict
        ``n_cells, duration_ms``; ``cell_s`` (set-up and run of one), ``cell_mb`` (memory of a built
        cell beyond the imported libraries), ``all_in_one_process_gb`` (a network of all the cells
        in one process); by number of cores ``hours`` (processes that import once and run cell after
        cell) and ``gb``.
    """
    cell_s = one["set_up_s"] + 1e-3 * duration_ms * one["wall_ms_per_ms"]
    cell_mb = one["built_mb"] - one["imported_mb"]
    hours, gb = {}, {}
    for cores in CORES:
        used = min(cores, n_cells)
        seconds = one["import_s"] + math.ceil(n_cells / used) * cell_s
        hours[str(cores)] = seconds / (efficiency if used > 1 else 1) / 3600
        gb[str(cores)] = used * one["peak_mb"] / 1e3
    return {
        "n_cells": n_cells,
        "duration_ms": duration_ms,
        "cell_s": cell_s,
        "cell_mb": cell_mb,
        "all_in_one_process_gb": (one["imported_mb"] + n_cells * cell_mb) / 1e3,
        "hours": hours,
        "gb": gb,
    }
