"""What the package aims at, and whether a benchmark met it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .peers.cases import OURS
from .workloads import BEFORE, COMPARED_SITES, WORKLOADS, Choice

EPSP_ERROR_PERCENT = 1.0
Results = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """A number that should not be above (or below, if `at_least`) a limit.

    Attributes
    ----------
    name, unit : str
    limit : float
    measured : callable
        Takes the results of all benchmarks; raises KeyError, or gives None, where it was not
        measured.
    at_least : bool
    """

    name: str
    unit: str
    limit: float
    measured: Callable[[Results], float | None]
    at_least: bool = False

    def check(self, results: Results) -> dict[str, Any] | None:
        """``name, unit, limit, at_least, measured, met``; None where it was not measured."""
        try:
            measured = self.measured(results)
        except KeyError:
            return None
        if measured is None:
            return None
        met = measured >= self.limit if self.at_least else measured <= self.limit
        return vars(self) | {"measured": measured, "met": bool(met)}


def _at(*keys: str) -> Callable[[Results], Any]:
    def measured(results: Results) -> Any:
        value: Any = results
        for key in keys:
            value = value[key]
        return value

    return measured


def _default(workload: str, *keys: str) -> Callable[[Results], Any]:
    """A number of the choice without fields of its own: the package's defaults."""
    choices = WORKLOADS[workload].choices
    (choice,) = (name for name, how in choices.items() if how == Choice())
    return _at("workloads", workload, "choices", choice, *keys)


def _largest_dv_mV(results: Results) -> float | None:
    accuracy = _default("place_trial", "accuracy")(results)
    dv_mV = [accuracy[f"dv_{site}_mV"] for site in COMPARED_SITES]
    return max((value for value in dv_mV if value is not None), default=None)


def _fastest_epsp_s(results: Results) -> float | None:
    seconds = [
        row["run_wall_s"]
        for row in results["workloads"]["epsp"]["choices"].values()
        if abs(row["accuracy"]["epsp_error_percent"]) <= EPSP_ERROR_PERCENT
    ]
    return min(seconds, default=None)


_place_trial_ms = _default("place_trial", "wall_ms_per_ms")
_n_unmatched = _default("place_trial", "accuracy", "n_unmatched")
_shift_ms = _default("place_trial", "accuracy", "spike_shift_ms")


def _of_before(choice: Choice) -> Callable[[Results], Any]:
    """Processor time of a place trial by a choice over that of the baseline, where there was one."""
    choices = WORKLOADS["place_trial"].choices
    (name,) = (name for name, how in choices.items() if how == choice)
    return _at("workloads", "place_trial", "choices", name, "of_before")


_default_before, _second_order_before = map(_of_before, BEFORE)
_two_over_one = _at("growth", "processes", "times_of_one", "2")
_eight_over_one = _at("growth", "cells", "times_of_one", "8")
_short_trial_before = _at("growth", "trials", "of_before")
_ours_ns = _at("peers", "rows", OURS, "ns_per_segment_step")
SAME_STEP_MS = 0.001
"""Shifts of a spike are whole time steps of 0.025 ms, or rounding."""
TARGETS = (
    Target("place trial, 1 s in the field", "ms of wall per ms", 1.0, _place_trial_ms),
    Target("its processor time, of the baseline's", "times", 0.45, _default_before),
    Target("the same at second order, dt 0.05", "times", 0.40, _second_order_before),
    Target("its largest |dv| before the first spike", "mV", 0.001, _largest_dv_mV),
    Target("its spikes without their like", "spikes", 0, _n_unmatched),
    Target("its largest shift of a spike", "ms", SAME_STEP_MS, _shift_ms),
    Target("drawing all trains of a trial", "s", 0.5, _default("place_trial", "trains_s")),
    Target("smooth cell, a segment and step", "ns", 22.0, _ours_ns),
    Target("8 cells in one process, each over one", "times", 1.15, _eight_over_one),
    Target("peak memory of a whole trial", "MB", 250.0, _at("command", "trial_peak_mb")),
    Target("EPSP condition, 450 ms, defaults", "s", 0.3, _default("epsp", "run_wall_s")),
    Target(f"the same, fastest choice within {EPSP_ERROR_PERCENT:g} %", "s", 0.3, _fastest_epsp_s),
    Target("help of the command", "s", 0.5, _at("command", "help_s")),
    Target("start to first simulated step", "s", 2.0, _at("command", "first_step_s")),
    Target("the same, of the baseline's", "times", 0.55, _at("command", "first_step_of_before")),
    Target("import to first picture of an EPSP", "s", 15.0, _at("command", "first_picture_s")),
    Target("one rule changed, run again", "s", 3.0, _at("command", "changed_rule_s")),
    Target("a further short trial, of the baseline's", "times", 0.4, _short_trial_before),
    Target("trials per minute, two processes over one", "times", 1.8, _two_over_one, at_least=True),
)


def check_targets(results: Results) -> list[dict[str, Any]]:
    """Every target whose number was measured; see `Target.check`."""
    return [checked for target in TARGETS if (checked := target.check(results)) is not None]
