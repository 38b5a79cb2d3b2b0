"""How the cost grows: with synapses, spines, segments, trials and processes; fitted lines, and what follows for many cells.

Cost is processor time of one step of the integration: other work on the machine touches it less than wall time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..configuration import TrialConfig
from .machine import usable_cores
from .measure import Request
from .runner import Report, run_requests
from .workloads import IN_FIELD, IN_FIELD_MS

SMOOTH = {"spines": "none", "n_excitatory": 0, "n_inhibitory": 0, "duration_ms": 300.0}
SECTIONS = {"spines": "folded", "receptors": "fast", "channels": "fused", "n_inhibitory": 0}
SILENT = {"n_excitatory": 0, "n_inhibitory": 0, "duration_ms": 300.0}
IN_ONE_PROCESS = 6
CORES = (1, 2, 8, 32, 128, 1024)
"""For the estimate; beyond this machine's they are those of a cluster."""


@dataclass(frozen=True)
class Series:
    """Runs that differ in the number of one item.

    Attributes
    ----------
    name : str
    item : str
        Series of the same item share a panel of the figure.
    counted : tuple of str
        Keys of a measurement whose sum is the number of items.
    points : tuple of mapping
        Of each run: fields of the configuration, and ``segments_factor`` where it is not 1.
    fields : mapping
        Fields that all runs share.
    window_ms : (float, float)
        Simulated times over which the cost counts.
    """

    name: str
    item: str
    counted: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    window_ms: tuple[float, float] = (25.0, math.inf)

    def requests(self) -> list[Request]:
        """One request a point."""
        return [
            Request(
                {
                    **self.fields,
                    **{key: value for key, value in point.items() if key != "segments_factor"},
                },
                window_ms=self.window_ms,
                segments_factor=point.get("segments_factor", 1),
            )
            for point in self.points
        ]


def _numbers(name: str, *values: int) -> tuple[dict[str, int], ...]:
    return tuple({name: value} for value in values)


_EXCITATORY = _numbers("n_excitatory", 0, 800, 1600, 2400, 3200)
SERIES = (
    Series(
        "excitatory synapses, spines solved",
        "synapse",
        ("n_excitatory",),
        _EXCITATORY,
        IN_FIELD | {"n_inhibitory": 0},
        IN_FIELD_MS,
    ),
    Series(
        "the same beside 600 inhibitory ones",
        "synapse",
        ("n_excitatory",),
        _EXCITATORY,
        IN_FIELD | {"n_inhibitory": 600},
        IN_FIELD_MS,
    ),
    Series(
        "inhibitory synapses",
        "synapse",
        ("n_inhibitory",),
        _numbers("n_inhibitory", 0, 200, 400, 600),
        IN_FIELD | {"n_excitatory": 0},
        IN_FIELD_MS,
    ),
    Series(
        "excitatory synapses, their spines as sections",
        "synapse",
        ("n_excitatory",),
        _EXCITATORY,
        IN_FIELD | SECTIONS,
        IN_FIELD_MS,
    ),
    Series(
        "silent spines as sections",
        "spine section",
        ("n_sections",),
        ({"spines": "folded"}, {"spines": "explicit"}),
        SILENT,
    ),
    Series(
        "segments with all channels",
        "segment",
        ("n_segments",),
        tuple({"segments_factor": factor} for factor in (1, 2, 3, 4)),
        SMOOTH,
    ),
)


def n_measurements(repeats: int) -> int:
    """How many measurements `run_growth` makes."""
    return (
        sum(len(series.points) for series in SERIES) * repeats + 1 + len(process_counts()) * repeats
    )


def process_counts() -> list[int]:
    """Numbers of processes to run at once: 1, 2, 4, ... up to the cores there are, and two at least."""
    cores = usable_cores()
    return sorted({1, 2, cores} | {2**power for power in range(2, 6) if 2**power <= cores})


def run_growth(*, repeats: int, report: Report) -> dict[str, Any]:
    """Measure all series, trials in one process and in several, and estimate a thousand cells.

    Parameters
    ----------
    repeats : int
        Measurements of each point, of which the fastest counts.
    report : callable
        Called with the name of each measurement.

    Returns
    -------
    dict
        ``series``: by name, see `line_of`; ``trials``: seconds and memory of trials in one process; ``processes``: see
        `_processes`; ``estimate``: see `estimate`.
    """
    series = {each.name: _series(each, repeats, report) for each in SERIES}
    trials = _trials(report)
    processes = _processes(repeats, report)
    return {
        "series": series,
        "trials": trials,
        "processes": processes,
        "estimate": estimate(processes["one"], processes["efficiency"]),
    }


def _series(series: Series, repeats: int, report: Report) -> dict[str, Any]:
    best = []
    for number, request in enumerate(series.requests()):
        answers = []
        for _ in range(repeats):
            report(f"growth, {series.name}, point {number + 1} of {len(series.points)}")
            answers += run_requests([request])[0]
        best.append(min(answers, key=lambda answer: answer["cpu_ms_per_ms"]))
    counts = [sum(answer[key] for key in series.counted) for answer in best]
    return line_of(series.item, counts, best)


def line_of(
    item: str, counts: Sequence[int], measured: Sequence[Mapping[str, float]]
) -> dict[str, Any]:
    """Fit straight lines through what a series measured.

    Parameters
    ----------
    item : str
    counts : sequence of int
        Number of items of each measurement.
    measured : sequence of mapping
        With ``cpu_ms_per_ms``, ``wall_ms_per_ms``, ``set_up_s`` and ``peak_mb``, one a count.

    Returns
    -------
    dict
        The counts and measurements as lists, and of the least-squares lines: ``ns_per_step_fixed`` and
        ``ns_per_step_per_item`` (processor time), ``set_up_ms_per_item``, ``kB_per_item``; ``largest_residual_percent``
        (of the largest cost; None with two points, through which a line always goes).
    """
    import numpy as np

    keys = ("cpu_ms_per_ms", "wall_ms_per_ms", "set_up_s", "peak_mb")
    found = {key: [float(answer[key]) for answer in measured] for key in keys}
    ns_per_step = 1e6 * np.array(found["cpu_ms_per_ms"]) * TrialConfig().dt_ms
    slope, fixed = np.polyfit(counts, ns_per_step, 1)
    residual = np.abs(ns_per_step - (fixed + slope * np.array(counts))).max() / ns_per_step.max()
    return {
        "item": item,
        "counts": [int(count) for count in counts],
        **found,
        "ns_per_step": ns_per_step.tolist(),
        "ns_per_step_fixed": float(fixed),
        "ns_per_step_per_item": float(slope),
        "set_up_ms_per_item": float(1e3 * np.polyfit(counts, found["set_up_s"], 1)[0]),
        "kB_per_item": float(1e3 * np.polyfit(counts, found["peak_mb"], 1)[0]),
        "largest_residual_percent": float(100 * residual) if len(counts) > 2 else None,
    }


def _trials(report: Report) -> dict[str, Any]:
    """Trials one after the other in one process: seconds of each, and memory after it."""
    report(f"growth, {IN_ONE_PROCESS} trials in one process")
    (answer,), _ = run_requests(
        [Request({**IN_FIELD, "duration_ms": 300.0}, n_trials=IN_ONE_PROCESS)]
    )
    return {key: answer[key] for key in ("trial_s", "trial_mb", "imported_mb")}


def _processes(repeats: int, report: Report) -> dict[str, Any]:
    """Trials in several processes at once, a seed each.

    Returns
    -------
    dict
        By number of processes: ``wall_s`` (from the start of the first to the end of the last; of repeats the fastest),
        ``trials_per_minute``, ``times_of_one``; ``efficiency`` (trials per minute of the most processes that the cores hold,
        over as many times those of one); ``one``: the measurement of a single process.
    """
    wall_s, one = {}, {}
    for number in process_counts():
        requests = [
            Request({**IN_FIELD, "seed": seed}, window_ms=IN_FIELD_MS) for seed in range(number)
        ]
        for _ in range(repeats):
            report(f"growth, {number} {'process' if number == 1 else 'processes'} at once")
            answers, seconds = run_requests(requests)
            if seconds < wall_s.get(number, math.inf):
                wall_s[number] = seconds
                one = answers[0] if number == 1 else one
    most = max(min(usable_cores(), max(wall_s)), 1)
    return {
        "wall_s": {str(number): seconds for number, seconds in wall_s.items()},
        "trials_per_minute": {
            str(number): 60 * number / seconds for number, seconds in wall_s.items()
        },
        "times_of_one": {
            str(number): number * wall_s[1] / seconds for number, seconds in wall_s.items()
        },
        "efficiency": wall_s[1] / wall_s[most],
        "one": one,
    }


def estimate(
    one: Mapping[str, float], efficiency: float, *, n_cells: int = 1000, duration_ms: float = 8050.0
) -> dict[str, Any]:
    """What many cells take, each a trial of its own, from the measurement of one.

    Parameters
    ----------
    one : mapping
        A measurement: ``import_s, set_up_s, wall_ms_per_ms, imported_mb, built_mb, peak_mb``.
    efficiency : float
        Of several processes at once, as measured; taken to hold for any number.
    n_cells : int
    duration_ms : float
        Simulated time of each.

    Returns
    -------
    dict
        ``n_cells, duration_ms``; ``cell_s`` (set-up and run of one), ``cell_mb`` (memory of a built cell beyond the
        imported libraries), ``all_in_one_process_gb`` (a network of all the cells in one process); by number of cores
        ``hours`` (processes that import once and run cell after cell) and ``gb``.
    """
    cell_s = one["set_up_s"] + 1e-3 * duration_ms * one["wall_ms_per_ms"]
    cell_mb = one["built_mb"] - one["imported_mb"] if one.get("imported_mb") is not None else None
    hours, gb = {}, {}
    for cores in CORES:
        used = min(cores, n_cells)
        seconds = one["import_s"] + math.ceil(n_cells / used) * cell_s
        hours[str(cores)] = seconds / (efficiency if used > 1 else 1) / 3600
        gb[str(cores)] = used * one["peak_mb"] / 1e3
    together_gb = (one["imported_mb"] + n_cells * cell_mb) / 1e3 if cell_mb is not None else None
    return {
        "n_cells": n_cells,
        "duration_ms": duration_ms,
        "cell_s": cell_s,
        "cell_mb": cell_mb,
        "all_in_one_process_gb": together_gb,
        "hours": hours,
        "gb": gb,
    }
