"""What the benchmark measures by name: cases, tables and files."""

import importlib.util
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..configuration import load_configuration
from ..data_folders import REFERENCE
from ..errors import ModelError, did_you_mean
from .workloads import WORKLOADS, Workload

if TYPE_CHECKING:
    from .suite import Case, Plan

COMMAND, GROWTH, PEERS = "command", "growth", "peers"
DEFAULT = (*WORKLOADS, COMMAND)
KNOWN = (*DEFAULT, GROWTH, PEERS)
WIDTH = 200
"""Of the tables where nobody watches: rich would take 80."""


def run_benchmarks(
    names: Sequence[str],
    out: Path,
    *,
    choices: Sequence[str] = (),
    seeds: int = 3,
    repeats: int = 1,
    settings: Sequence[str] = (),
    compilation: bool = True,
    overwrite: bool = False,
    reference: Path = REFERENCE,
    baseline: Path | None = None,
) -> None:
    """Measure, print tables and write ``benchmark.json`` and ``growth.png``.

    Parameters
    ----------
    names : sequence of str
        Of `KNOWN`; `DEFAULT` if it is empty.
    out, reference : path
        Folders of the results and of the published model's figures.
    choices : sequence of str
        Of the one workload that is measured; all of them if it is empty.
    seeds, repeats : int
        Seeds of workloads with drawn input; measurements of each, of which the fastest counts.
    settings : sequence of str
        Fields of the configuration, ``key=value``, for all runs of the workloads.
    compilation, overwrite : bool
        Whether ``command`` compiles the mechanisms, and earlier results are replaced.
    baseline : path, optional
        Another checkout of this package, whose default runs are measured beside these.
    """
    for name in names:
        if name not in KNOWN:
            raise ModelError(f"workload '{name}' does not exist.{did_you_mean(name, KNOWN)}")
    chosen = list(dict.fromkeys(names or DEFAULT))
    workloads = _workloads(chosen, choices)
    load_configuration(None, settings)  # refused before anything is made
    if importlib.util.find_spec("pytest_benchmark") is None:
        raise ModelError("benchmarks need pytest-benchmark; pip install pytest-benchmark.")
    from . import comparison, report
    from .elsewhere import check_checkout
    from .suite import run_cases

    if baseline is not None:
        check_checkout(baseline)
    report.check_folder(out, overwrite)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        cases = []
        for name in chosen:
            if name in workloads:
                cases += comparison.cases(
                    workloads[name], seeds, reference, Path(folder), settings, baseline
                )
            else:
                cases += _further_cases(name, compilation, baseline)

        def results(plan: "Plan") -> dict[str, Any]:
            return _results(plan, chosen, workloads, seeds, reference, settings)

        plan = run_cases(cases, out / report.RESULTS, repeats=repeats, add=results)
    _print_tables(results(plan), out)


def _workloads(names: Sequence[str], choices: Sequence[str]) -> dict[str, Workload]:
    """The workloads among what is measured, with the choices that are wanted."""
    workloads = {name: WORKLOADS[name] for name in names if name in WORKLOADS}
    if not choices:
        return workloads
    if len(names) != 1 or not workloads:
        known = {choice: name for name, one in WORKLOADS.items() for choice in one.choices}
        choice = choices[0] if choices[0] in known else next(iter(known))
        raise ModelError(
            "--choice is for one workload; name it, such as: "
            f"ca1 benchmark {known[choice]} --choice '{choice}'"
        )
    return {name: workload.with_choices(choices) for name, workload in workloads.items()}


def _further_cases(name: str, compilation: bool, baseline: Path | None) -> "list[Case]":
    from . import commands, growth
    from .peers import cases as peers

    if name == COMMAND:
        return commands.cases(compilation, baseline)
    return growth.cases(baseline) if name == GROWTH else peers.cases()


def _results(
    plan: "Plan",
    chosen: Sequence[str],
    workloads: Mapping[str, Workload],
    seeds: int,
    reference: Path,
    settings: Sequence[str],
) -> dict[str, Any]:
    """What is finished of what was chosen."""
    from ..results import provenance
    from . import commands, comparison, growth
    from .peers import cases as peers
    from .targets import check_targets

    others = {COMMAND: commands.results, GROWTH: growth.results, PEERS: peers.results}
    results: dict[str, Any] = {"provenance": provenance(), "workloads": {}}
    for name in chosen:
        if not plan.is_finished(name):
            continue
        if name in workloads:
            summary = comparison.results(workloads[name], plan.answers, seeds, reference, settings)
            results["workloads"][name] = summary
        else:
            results[name] = others[name](plan.answers)
    return results | {"targets": check_targets(results)}


def _print_tables(results: Mapping[str, Any], out: Path) -> None:
    from rich.console import Console

    from . import report

    report.write_figure(results, out)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for table in report.tables(results):
        console.print(table)
    print(f"Results: {out}")
