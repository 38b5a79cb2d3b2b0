"""The benchmarks as pytest-benchmark runs them: a case each, its cost on a clock of its own.

pytest-benchmark repeats the cases, keeps the statistics and describes the machine; its JSON file
can be compared with another one (``pytest-benchmark compare``).
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..errors import ModelError
from ..machine import usable_cores
from ..progress import TimeLeft

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """Something to measure.

    Attributes
    ----------
    group, name : str
        Cases of one group are compared with each other.
    run : callable
        Measures once, and returns numbers by name.
    cost : callable
        Takes what `run` returns: the seconds that count, the less the better.
    """

    group: str
    name: str
    run: Callable[[], Answer]
    cost: Callable[[Answer], float]


class Spent:
    """A clock that stands at the sum of all costs so far; pytest-benchmark reads it."""

    __name__ = "cost"
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


SPENT = Spent()


class Plan:
    """A plugin of pytest: the cases to run, and what came out of them.

    Attributes
    ----------
    answers : dict
        By group and name what was measured; of repeats the cheapest.
    error : BaseException or None
        What ended a case.
    """

    def __init__(
        self, cases: Sequence[Case], repeats: int, add: Callable[["Plan"], Mapping[str, Any]]
    ):
        self.answers: dict[tuple[str, str], Answer] = {}
        self.error: BaseException | None = None
        self._cases, self._repeats, self._add = cases, repeats, add
        self._time_left = TimeLeft()
        self._time_left.begin()

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Give the one test all cases."""
        ids = [f"{case.group}, {case.name}" for case in self._cases]
        metafunc.parametrize(("plan", "case"), [(self, case) for case in self._cases], ids=ids)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Say how long the cases to come will take, if they take as long as those behind."""
        if report.when != "call" or not report.passed:
            return None
        left = self._time_left.text(len(self.answers), len(self._cases))
        return "passed", ".", f"measured{left}"

    def pytest_exception_interact(self, call: Any) -> None:
        """Keep the error of a case."""
        self.error = call.excinfo.value

    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Add the cores that may be used, and the load: other work slows what is measured."""
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
        machine_info |= {"cores": usable_cores(), "load_average_1min": load}

    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Write the tables beside the statistics."""
        output_json |= self._add(self)

    def is_finished(self, name: str) -> bool:
        """Whether all cases of a name were measured: of a group, or of several that begin so."""
        return all(
            (case.group, case.name) in self.answers
            for case in self._cases
            if case.group.partition(",")[0] == name
        )

    def measure(self, case: Case, benchmark: Any) -> None:
        """Measure a case as often as is wanted."""
        answers: list[Answer] = []

        def once() -> None:
            answers.append(case.run())
            SPENT.seconds += case.cost(answers[-1])

        benchmark.group = case.group
        benchmark.pedantic(once, rounds=self._repeats, iterations=1)
        cheapest = min(answers, key=case.cost)
        self.answers[case.group, case.name] = cheapest
        benchmark.extra_info |= {key: cheapest[key] for key in cheapest if key != "traces"}


@pytest.mark.benchmark(timer=SPENT)
def test_case(plan: Plan, case: Case, benchmark: Any) -> None:
    """Measure one case."""
    plan.measure(case, benchmark)


def run_cases(
    cases: Sequence[Case], file: Path, *, repeats: int, add: Callable[[Plan], Mapping[str, Any]]
) -> Plan:
    """Measure cases and write what came out into a file, also where one has failed.

    Of the `repeats` of each the cheapest counts. The file is pytest-benchmark's, with what `add`
    makes of the finished plan.
    """
    plan = Plan(cases, repeats, add)
    options = [
        "--pyargs", __name__, "--import-mode=importlib", "-c", os.devnull,
        "--rootdir", str(Path.cwd()), "-p", "no:cacheprovider",
        "-x", "-v", "--tb=no", "--no-header", "--no-summary",
        f"--benchmark-json={file.resolve()}", "--benchmark-sort=name",
        "--benchmark-columns=min,mean,stddev,rounds",
    ]  # fmt: skip
    code = pytest.main(options, plugins=[plan])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if plan.error is not None:
        raise plan.error
    if code != pytest.ExitCode.OK:
        raise ModelError(f"pytest ended with exit code {int(code)}; see what it printed.")
    return plan
