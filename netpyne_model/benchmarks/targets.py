"""What the package aims at, and whether a benchmark met it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .workloads import COMPARED_SITES, WORKLOADS, Choice

EPSP_ERROR_PERCENT = 1.0


@dataclass(frozen=True)
class Target:
    """A figure that should not be above (or below, if `at_least`) a limit.

    Attributes
    ----------
    name, unit : str
    limit : float
    measured : callable
        Takes the results of all benchmarks; raises KeyError, or gives None, where it was not measured.
    at_least : bool
    """

    name: str
    unit: str
    limit: float
    measured: Callable[[Mapping[str, Any]], float | None]
    at_least: bool = False

    def check(self, results: Mapping[str, Any]) -> dict[str, Any] | None:
        """``name, unit, limit, at_least, measured, met``; None where it was not measured."""
        try:
            measured = self.measured(results)
        except KeyError:
            return None
        if measured is None:
            return None
        met = measured >= self.limit if self.at_least else measured <= self.limit
        said = {
            "name": self.name,
            "unit": self.unit,
            "limit": self.limit,
            "at_least": self.at_least,
        }
        return said | {"measured": measured, "met": bool(met)}


def _default(workload: str, *keys: str) -> Callable[[Mapping[str, Any]], float | None]:
    """Figure of the choice without fields of its own: the package's defaults."""
    (choice,) = (name for name, how in WORKLOADS[workload].choices.items() if how == Choice())

    def measured(results: Mapping[str, Any]) -> float | None:
        found = results["workloads"][workload]["choices"][choice]
        for key in keys:
            found = found[key]
        return found

    return measured


def _largest_dv_mV(results: Mapping[str, Any]) -> float | None:
    dv_mV = [
        _default("place_trial", "accuracy", f"dv_{site}_mV")(results) for site in COMPARED_SITES
    ]
    return max((value for value in dv_mV if value is not None), default=None)


def _fastest_epsp_s(results: Mapping[str, Any]) -> float | None:
    choices = results["workloads"]["epsp"]["choices"].values()
    exact = [
        row for row in choices if abs(row["accuracy"]["epsp_error_percent"]) <= EPSP_ERROR_PERCENT
    ]
    return min((row["run_wall_s"] for row in exact), default=None)


# What scripts/check_replay.py holds against the published trial is also the largest error that a choice may have.
TARGETS = (
    Target(
        "place trial, 1 s in the field",
        "ms of wall per ms",
        4.0,
        _default("place_trial", "wall_ms_per_ms"),
    ),
    Target("its largest |dv| before the first spike", "mV", 0.1, _largest_dv_mV),
    Target(
        "its spikes without their like",
        "spikes",
        0,
        _default("place_trial", "accuracy", "n_unmatched"),
    ),
    Target(
        "its largest shift of a spike",
        "ms",
        0.1,
        _default("place_trial", "accuracy", "spike_shift_ms"),
    ),
    Target("drawing all trains of a trial", "s", 0.5, _default("place_trial", "trains_s")),
    Target(
        "peak memory of a whole trial",
        "MB",
        400.0,
        lambda results: results["command"]["trial_peak_mb"],
    ),
    Target("EPSP condition, 450 ms, defaults", "s", 0.3, _default("epsp", "run_wall_s")),
    Target(f"the same, fastest choice within {EPSP_ERROR_PERCENT:g} %", "s", 0.3, _fastest_epsp_s),
    Target("run_netpyne.py --help", "s", 0.5, lambda results: results["command"]["help_s"]),
    Target(
        "start to first simulated step",
        "s",
        5.0,
        lambda results: results["command"]["first_step_s"],
    ),
    Target(
        "import to first picture of an EPSP",
        "s",
        15.0,
        lambda results: results["command"]["first_picture_s"],
    ),
    Target(
        "one rule changed, run again",
        "s",
        3.0,
        lambda results: results["command"]["changed_rule_s"],
    ),
    Target(
        "trials per minute, two processes over one",
        "times",
        1.8,
        lambda results: results["growth"]["processes"]["times_of_one"]["2"],
        at_least=True,
    ),
)


def check_targets(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every target whose figure was measured; see `Target.check`."""
    return [checked for target in TARGETS if (checked := target.check(results)) is not None]
