"""Measurements, each in a process of its own.

Imports, caches, compiled libraries and the peak of memory are then those of one run alone.
"""

import fnmatch
import logging
import math
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from ..configuration import TrialConfig, load_configuration
from ..errors import ModelError, quoted
from ..main_guard import OWN_MODULES_ONLY, check_main_guard, in_environment

SETTLED_MS = 25.0
"""Cost is counted from here on at the earliest: the first progress report of a run."""


@dataclass(frozen=True)
class Request:
    """What a process is to measure.

    Attributes
    ----------
    fields, neuron_globals : mapping
        Fields of the configuration; NEURON's global variables by name or pattern.
    window_ms : (float, float)
        Simulated times over which the cost of a step is counted.
    traces : bool
        Whether to return the recorded traces.
    segments_factor : int
        Into how many segments each segment of the cell is cut.
    simple : bool
        Whether to run the simple model's published current clamps in place of a trial.
    n_trials : int
        Trials of a study to run one after the other, with seeds that follow.
    n_cells : int
        Cells to run at once in one process, each a trial of its own, with seeds that follow.
    """

    fields: Mapping[str, Any]
    neuron_globals: Mapping[str, float] = field(default_factory=dict)
    window_ms: tuple[float, float] = (SETTLED_MS, math.inf)
    traces: bool = False
    segments_factor: int = 1
    simple: bool = False
    n_trials: int = 1
    n_cells: int = 1


def measure_one(request: Request) -> dict[str, Any]:
    """Carry out a request in a process of its own: see `measure`."""
    return measure_all([request])[0][0]


def in_a_process_of_its_own(run: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of a module returns when a new process calls it."""
    check_main_guard()
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as folder,
        in_environment(**OWN_MODULES_ONLY),
        ProcessPoolExecutor(1, spawn, begin_process, (folder,)) as pool,
    ):
        try:
            return pool.submit(run, *arguments).result()
        except BrokenProcessPool as error:
            raise ModelError(f"a measurement failed: {error}") from error


def measure_all(requests: Sequence[Request]) -> tuple[list[dict[str, Any]], float]:
    """Carry out requests (see `measure`) in as many processes at once.

    Returns the answers, and seconds from the start of the first process to the end of the last.
    """
    start = time.perf_counter()
    check_main_guard()
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as folder,
        in_environment(**OWN_MODULES_ONLY),
        ProcessPoolExecutor(len(requests), spawn, begin_process, (folder,)) as pool,
    ):
        try:
            answers = list(pool.map(measure, requests))
        except BrokenProcessPool as error:
            raise ModelError(f"a measurement failed: {error}") from error
    return answers, time.perf_counter() - start


def begin_process(folder: str) -> None:
    """Make a new process fit to measure: an empty folder, no window system, no output."""
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    logging.getLogger("numexpr").setLevel(logging.WARNING)
    os.chdir(folder)  # it holds no compiled mechanisms, which NEURON would load
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Meter:
    """Wall and processor time over simulated time, summed over the reports in a window."""

    def __init__(
        self, window_ms: tuple[float, float], clock: Callable[[], tuple[float, float]] | None = None
    ):
        self._from_ms, self._until_ms = window_ms
        self._clock = clock or (lambda: (time.perf_counter(), time.process_time()))
        self._last: tuple[float, float, float] | None = None
        self.simulated_ms = self.wall_s = self.cpu_s = 0.0

    def __call__(self, t_ms: float, t_stop_ms: float) -> None:
        """Take a report of a run: simulated time and its end, both in ms.

        `ModelError` if simulated time stands still: nobody would notice a run that never ends.
        """
        wall_s, cpu_s = self._clock()
        last, self._last = self._last, (t_ms, wall_s, cpu_s)
        if last is None or last[0] > t_ms:  # a run begins
            return
        if t_ms == last[0]:
            raise ModelError(f"the run stands still at t = {t_ms:g} of {t_stop_ms:g} ms.")
        # NEURON's own time is a sum of steps, and so a little off.
        if self._from_ms - 1e-6 <= last[0] and t_ms <= self._until_ms + 1e-6:
            self.simulated_ms += t_ms - last[0]
            self.wall_s += wall_s - last[1]
            self.cpu_s += cpu_s - last[2]

    def per_simulated_ms(self) -> dict[str, float]:
        """Simulated time of the window, and wall and processor time over it."""
        if not self.simulated_ms:
            raise ModelError(
                f"window {self._from_ms:g} to {self._until_ms:g} ms: the run reports every 25 ms,"
                " and no two reports fall into it; lengthen duration_ms or the window."
            )
        return _per_simulated_ms(self.simulated_ms, self.wall_s, self.cpu_s)


def _per_simulated_ms(simulated_ms: float, wall_s: float, cpu_s: float) -> dict[str, float]:
    return {
        "simulated_ms": simulated_ms,
        "wall_ms_per_ms": 1e3 * wall_s / simulated_ms,
        "cpu_ms_per_ms": 1e3 * cpu_s / simulated_ms,
    }


def measure(request: Request) -> dict[str, Any]:
    """Carry out a request in this process.

    Returns
    -------
    dict
        ``import_s`` (NEURON, NetPyNE, mechanisms), ``set_up_s`` (from configuration to built
        model), ``trains_s`` (drawing the input once more; None where none is drawn),
        ``run_wall_s`` (the whole integration), ``simulated_ms``, ``wall_ms_per_ms`` and
        ``cpu_ms_per_ms`` (of the window), ``imported_mb``, ``built_mb`` and ``peak_mb`` (resident
        memory), ``n_sections, n_segments, n_excitatory, n_inhibitory`` as built (of several cells the
        last one's synapses), and ``traces`` if they are wanted. With more trials than one:
        ``trial_s``, ``trial_cpu_s`` and ``trial_mb``, a list each (from the set-up to the measures
        of a study, wall and processor time; memory after it), and no cost of a step.
    """
    config = load_configuration(None, request.fields)
    start = time.perf_counter()
    _import_simulators(request.neuron_globals)
    answer: dict[str, Any] = {"import_s": time.perf_counter() - start, "imported_mb": memory_mb()}
    if request.simple:
        return answer | _simple() | {"peak_mb": peak_memory_mb()}
    meter = Meter(request.window_ms)
    if request.n_cells > 1:
        answer |= _together(config, request.n_cells, meter)
    elif request.n_trials > 1:
        answer |= _several(config, request.n_trials)
        return answer | {"peak_mb": peak_memory_mb()}
    else:
        answer |= _trial(config, request, meter)
    return {"peak_mb": peak_memory_mb()} | answer | meter.per_simulated_ms()


def _import_simulators(neuron_globals: Mapping[str, float]) -> None:
    from ..mechanisms import loading
    from ..simulation.run import clear, quiet_netpyne

    loading.load()
    with quiet_netpyne():
        clear()  # imports NetPyNE, in whichever way this package does
    from neuron import h

    known = dir(h)
    for pattern, value in neuron_globals.items():
        names = fnmatch.filter(known, pattern)
        if not names:
            raise ModelError(
                f"NEURON has no global variable {quoted(pattern)} (such as usetable_*)."
            )
        for name in names:
            setattr(h, name, value)


def _trial(config: TrialConfig, request: Request, meter: Meter) -> dict[str, Any]:
    from ..description import cut_segments
    from ..simulation import prepare_trial
    from ..simulation.run import build, integrate

    start = time.perf_counter()
    trial = prepare_trial(config)
    if request.segments_factor != 1:
        finer = cut_segments(trial.description, request.segments_factor)
        trial = replace(trial, description=finer)
    built = build(trial)
    answer = {"set_up_s": time.perf_counter() - start, "built_mb": memory_mb(), **_size(trial)}
    answer |= {"run_wall_s": integrate(trial.duration_ms, meter), "peak_mb": peak_memory_mb()}
    del built
    if request.traces:
        answer["traces"] = _traces(trial)
    return answer | {"trains_s": _time_of_trains(trial)}


def _together(config: TrialConfig, n_cells: int, meter: Meter) -> dict[str, Any]:
    """Several trials, each a cell with inputs of its own, in one run.

    Each cell has a thread, and one processor steps all of them: NEURON goes on with a thread until
    something comes from another, so that a cell stays in the processor's cache.
    """
    from netpyne import sim

    from ..simulation.run import integrate

    start = time.perf_counter()
    kept = build_together(config, n_cells)
    sim.simData.pop("t", None)  # NEURON finds a recording's thread by its cell, and time has none
    sim.pc.nthread(n_cells, 0)
    trial = kept[-1][0].trial
    answer = {"set_up_s": time.perf_counter() - start, "built_mb": memory_mb(), **_size(trial)}
    answer |= {"run_wall_s": integrate(trial.duration_ms, meter), "peak_mb": peak_memory_mb()}
    return answer | {"n_cells": len(kept)}


def build_together(config: TrialConfig, n_cells: int) -> list[tuple[Any, Any]]:
    """Trials built side by side, with seeds that follow; each lives as long as what is returned."""
    from netpyne import sim

    from ..simulation import prepare_trial
    from ..simulation.run import build

    kept: list[tuple[Any, Any]] = []
    for number in range(n_cells):
        if kept:  # NetPyNE holds one network; it shall not drop the others
            sim.net = None
            sim.pc.gid_clear()
        fields = config.as_dict() | {"seed": config.seed + number}
        built = build(prepare_trial(load_configuration(None, fields)))
        kept.append((built, sim.net))
    return kept


def _time_of_trains(trial: Any) -> float | None:
    """Seconds to draw a trial's input, the second in this process; None for replayed events."""
    if trial.config.events_file is not None:
        return None
    _ = trial.cell.placement
    start = time.perf_counter()
    trial.stimuli[0].trains(trial.cell)
    return time.perf_counter() - start


def _size(trial: Any) -> dict[str, int]:
    from neuron import h

    sections = list(h.allsec())
    driven = [len(events) > 0 for events in trial.driven.released_ms]
    kinds = trial.driven.synapses["kind"][driven].value_counts()
    return {
        "n_sections": len(sections),
        "n_segments": sum(section.nseg for section in sections),
        "n_excitatory": int(kinds.get("exc", 0)),
        "n_inhibitory": int(kinds.get("inh", 0)),
    }


def _traces(trial: Any) -> Any:
    import numpy as np
    from netpyne import sim

    from ..simulation.prepared import recording_sites
    from .accuracy import Traces

    voltage_mV = {}
    for name in recording_sites(trial):
        (trace,) = sim.simData[name].values()
        voltage_mV[name] = np.array(trace)
    n_samples = min(len(trace) for trace in voltage_mV.values())
    return Traces(
        np.arange(n_samples) * trial.config.record_step_ms,
        {name: trace[:n_samples] for name, trace in voltage_mV.items()},
        np.array(list(sim.simData["spkt"]), float),
    )


def _simple() -> dict[str, float]:
    from ..experiments.simple_current_clamp import conditions

    clamps = conditions()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for clamp in clamps:
        clamp.protocol.run(clamp.cell)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    simulated_ms = sum(clamp.protocol.duration_ms for clamp in clamps)
    return {"run_wall_s": wall_s} | _per_simulated_ms(simulated_ms, wall_s, cpu_s)


def _several(config: TrialConfig, n_trials: int) -> dict[str, list[float]]:
    """Trials of a study, as a worker runs them: each to its file, which is read and measured."""
    from ..studies.trial import StudyTrial

    trial_s, trial_cpu_s, trial_mb = [], [], []
    for number in range(n_trials):
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        seeded = load_configuration(None, config.as_dict(), {"seed": config.seed + number})
        trial, file = StudyTrial("benchmark", {}, seeded), Path(f"trial_{number}.nwb")
        trial.run(file)
        trial.read(file)
        trial_s.append(time.perf_counter() - start_s)
        trial_cpu_s.append(time.process_time() - start_cpu_s)
        trial_mb.append(memory_mb())
    return {"trial_s": trial_s, "trial_cpu_s": trial_cpu_s, "trial_mb": trial_mb}


def memory_mb() -> float:
    """Resident memory of this process now, in MB (1e6 bytes)."""
    return psutil.Process().memory_info().rss / 1e6


def peak_memory_mb(usage: Any = None) -> float:
    """Largest resident memory of this process so far, or of one with this resource usage.

    Linux counts what a process was before it began a program of its own, so that the usage of a
    child is never below the memory of its parent; of this process it tells the program's alone.
    """
    status = Path("/proc/self/status")
    if usage is None and status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    usage = usage or resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, others KiB
    return usage.ru_maxrss * unit / 1e6
