"""One measurement in a process of its own: ``python -m netpyne_model.benchmarks.measure REQUEST.json ANSWER.json``.

A process a measurement: imports, caches, compiled libraries and the peak of memory are then those of one run alone.
"""

import dataclasses
import fnmatch
import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..configuration import TrialConfig, load_configuration
from ..errors import ModelError
from .memory import memory_mb, peak_memory_mb

SETTLED_MS = 25.0
"""Cost is counted from here on at the earliest: the first progress report of a run."""


@dataclass(frozen=True)
class Request:
    """What a process is to measure.

    Attributes
    ----------
    fields : mapping
        Fields of the configuration.
    neuron_globals : mapping of str to float
        NEURON's global variables to set, by name or pattern.
    window_ms : (float, float)
        Simulated times over which the cost of a step is counted.
    traces : str or None
        File that takes the recorded traces (``.npz``).
    segments_factor : int
        Into how many segments each segment of the cell is cut; 1 as it is.
    n_trials : int
        How many trials to run one after the other, with the seeds that follow the configuration's.
    """

    fields: Mapping[str, Any]
    neuron_globals: Mapping[str, float] = field(default_factory=dict)
    window_ms: tuple[float, float] = (SETTLED_MS, math.inf)
    traces: str | None = None
    segments_factor: int = 1
    n_trials: int = 1


class Meter:
    """Wall and processor time over simulated time, summed over the reports of a run that fall into a window."""

    def __init__(
        self, window_ms: tuple[float, float], clock: Callable[[], tuple[float, float]] | None = None
    ):
        self._from_ms, self._until_ms = window_ms
        self._clock = clock or (lambda: (time.perf_counter(), time.process_time()))
        self._last: tuple[float, float, float] | None = None
        self.simulated_ms = self.wall_s = self.cpu_s = 0.0

    def __call__(self, t_ms: float, t_stop_ms: float) -> None:
        """Take a report of a run: simulated time and its end, both in ms.

        Raises
        ------
        ModelError
            If simulated time is that of the report before: nobody would notice a run that never ends.
        """
        wall_s, cpu_s = self._clock()
        if self._last is not None and t_ms == self._last[0]:
            raise ModelError(
                f"the run stands still at t = {t_ms:g} of {t_stop_ms:g} ms; its clock no longer advances."
            )
        # Time that runs back begins another run. NEURON's own time is a sum of steps, and so a little off.
        if (
            self._last is not None
            and self._last[0] < t_ms
            and self._inside(self._last[0])
            and self._inside(t_ms)
        ):
            self.simulated_ms += t_ms - self._last[0]
            self.wall_s += wall_s - self._last[1]
            self.cpu_s += cpu_s - self._last[2]
        self._last = (t_ms, wall_s, cpu_s)

    def _inside(self, t_ms: float) -> bool:
        return self._from_ms - 1e-6 <= t_ms <= self._until_ms + 1e-6

    def per_simulated_ms(self) -> dict[str, float]:
        """``simulated_ms``, ``wall_ms_per_ms`` and ``cpu_ms_per_ms`` of the window.

        Raises
        ------
        ModelError
            If no two reports fell into the window.
        """
        if not self.simulated_ms:
            raise ModelError(
                f"window {self._from_ms:g} to {self._until_ms:g} ms: the run reports every 25 ms, and no two reports fall"
                " into it; lengthen duration_ms or the window."
            )
        return {
            "simulated_ms": self.simulated_ms,
            "wall_ms_per_ms": 1e3 * self.wall_s / self.simulated_ms,
            "cpu_ms_per_ms": 1e3 * self.cpu_s / self.simulated_ms,
        }


def measure(request: Request) -> dict[str, Any]:
    """Run what is asked, in this process, and say what it took.

    Returns
    -------
    dict
        ``import_s`` (NEURON, NetPyNE, mechanisms), ``set_up_s`` (from configuration to built model), ``trains_s`` (drawing
        the input once more; None where none is drawn), ``run_wall_s`` (the whole integration), ``simulated_ms``,
        ``wall_ms_per_ms`` and ``cpu_ms_per_ms`` (of the window), ``imported_mb``, ``built_mb`` and ``peak_mb`` (resident
        memory), and ``n_sections, n_segments, n_excitatory, n_inhibitory`` as built. With more trials than one:
        ``trial_s`` and ``trial_mb``, a list each (set-up and integration; memory after it).
    """
    config = load_configuration(None, request.fields)
    start = time.perf_counter()
    _import_simulators(request.neuron_globals)
    answer = {"import_s": time.perf_counter() - start, "imported_mb": memory_mb()}
    meter = Meter(request.window_ms)
    if request.n_trials > 1:
        answer |= _several(config, request.n_trials, meter)
    else:
        answer |= _trial(config, request, meter)
    return {"peak_mb": peak_memory_mb()} | answer | meter.per_simulated_ms()


def _import_simulators(neuron_globals: Mapping[str, float]) -> None:
    from ..mechanisms import compilation
    from ..simulation.run import quiet_netpyne

    compilation.load()
    with quiet_netpyne():
        import netpyne.sim
        import netpyne.specs  # noqa: F401
    from neuron import h

    known = dir(h)
    for pattern, value in neuron_globals.items():
        names = fnmatch.filter(known, pattern)
        if not names:
            raise ModelError(
                f"NEURON has no global variable '{pattern}'; expected a name or pattern such as usetable_*."
            )
        for name in names:
            setattr(h, name, value)


def _trial(config: TrialConfig, request: Request, meter: Meter) -> dict[str, Any]:
    from ..description import cut_segments
    from ..simulation.run import build, integrate
    from ..simulation.trial import prepare_trial

    start = time.perf_counter()
    trial = prepare_trial(config)
    if request.segments_factor != 1:
        trial = dataclasses.replace(trial, cell=cut_segments(trial.cell, request.segments_factor))
    build(trial)
    answer = {"set_up_s": time.perf_counter() - start, "built_mb": memory_mb(), **_size(trial)}
    answer |= {"run_wall_s": integrate(trial.duration_ms, meter), "peak_mb": peak_memory_mb()}
    if request.traces is not None:
        _traces(trial).save(request.traces)
    return answer | {"trains_s": _time_of_trains(trial)}


def _time_of_trains(trial: Any) -> float | None:
    """Seconds that the draw of a trial's input takes, the second in this process; None for replayed events."""
    from ..inputs import draw_trial
    from ..neuroml2.components import component
    from ..simulation.trial import release_parameters

    if trial.config.events_file is not None:
        return None
    placement = trial.model.placement
    start = time.perf_counter()
    draw_trial(
        trial.setup,
        seed=trial.config.seed,
        morphology=trial.morphology,
        spines=placement.spines,
        inhibitory=placement.inhibitory,
        release_parameters=release_parameters(),
        gaba_gmax_uS=component("GABA_A")["gbase"],
    )
    return time.perf_counter() - start


def _size(trial: Any) -> dict[str, int]:
    from neuron import h

    sections = list(h.allsec())
    driven = [len(events) > 0 for events in trial.inputs.released_ms]
    kinds = trial.inputs.synapses["kind"][driven].value_counts()
    return {
        "n_sections": len(sections),
        "n_segments": sum(section.nseg for section in sections),
        "n_excitatory": int(kinds.get("exc", 0)),
        "n_inhibitory": int(kinds.get("inh", 0)),
    }


def _traces(trial: Any) -> Any:
    import numpy as np
    from netpyne import sim

    from ..simulation.trial import recording_sites
    from .accuracy import Traces

    voltage_mV = {}
    for name in recording_sites(trial):
        (trace,) = sim.simData[name].values()
        voltage_mV[name] = np.array(trace)
    n_samples = min(len(trace) for trace in voltage_mV.values())
    return Traces(
        np.arange(n_samples) * trial.config.record_step_ms,
        {name: trace[:n_samples] for name, trace in voltage_mV.items()},
        np.array(sim.simData["spkt"], dtype=float),
    )


def _several(config: TrialConfig, n_trials: int, meter: Meter) -> dict[str, list[float]]:
    from ..simulation import run_trial

    trial_s, trial_mb = [], []
    for number in range(n_trials):
        start = time.perf_counter()
        run_trial(load_configuration(None, config.as_dict(), {"seed": config.seed + number}), meter)
        trial_s.append(time.perf_counter() - start)
        trial_mb.append(memory_mb())
    return {"trial_s": trial_s, "trial_mb": trial_mb}


def main(arguments: list[str]) -> int:
    """Read a request, write the answer; return the exit code (2 after a user error, in one line)."""
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    logging.getLogger("numexpr").setLevel(logging.WARNING)
    request, answer = map(Path, arguments)
    try:
        asked = json.loads(request.read_text(encoding="utf-8"))
        found = measure(Request(**asked | {"window_ms": tuple(asked["window_ms"])}))
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    answer.write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
