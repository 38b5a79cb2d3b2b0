"""What the package aims at, and whether a benchmark met it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .workloads import WORKLOADS


@dataclass(frozen=True)
class Target:
    """A figure that should not be above (or below, if `at_least`) a limit.

    Attributes
    ----------
    name, unit : str
    limit : float
    measured : callable
        Takes the results of all benchmarks; raises KeyError where it was not measured.
    at_least : bool
    """

    name: str
    unit: str
    limit: float
    measured: Callable[[Mapping[str, Any]], float]
    at_least: bool = False

    def check(self, results: Mapping[str, Any]) -> dict[str, Any] | None:
        """``name, unit, limit, at_least, measured, met``; None where it was not measured."""
        try:
            measured = self.measured(results)
        except KeyError:
            return None
        met = measured >= self.limit if self.at_least else measured <= self.limit
        said = {"name": self.name, "unit": self.unit, "limit": self.limit, "at_least": self.at_least}
        return said | {"measured": measured, "met": bool(met)}


def _default(workload: str, key: str) -> Callable[[Mapping[str, Any]], float]:
    """Figure of the choice without fields of its own: the package's defaults."""
    (choice,) = (name for name, how in WORKLOADS[workload].choices.items() if not (how.fields or how.neuron_globals))
    return lambda results: results["workloads"][workload]["choices"][choice][key]


TARGETS = (
    Target("place trial, 1 s in the field", "ms of wall per ms", 4.0, _default("place_trial", "wall_ms_per_ms")),
    Target("drawing all trains of a trial", "s", 0.5, _default("place_trial", "trains_s")),
    Target("peak memory of a whole trial", "MB", 400.0, lambda results: results["command"]["trial_peak_mb"]),
    Target("EPSP condition, 450 ms", "s", 0.3, _default("epsp", "run_wall_s")),
    Target("run_netpyne.py --help", "s", 0.5, lambda results: results["command"]["help_s"]),
    Target("start to first simulated step", "s", 5.0, lambda results: results["command"]["first_step_s"]),
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
