"""Runs experiments by name, says how far they are, and writes the report."""

import time
from collections.abc import Sequence
from pathlib import Path

from ..data_folders import REFERENCE
from ..errors import ModelError, did_you_mean, quoted
from ..interruption import interruptible
from ..progress import show_sweep
from ..quantities import counted
from ..sweeps.report import agreement
from . import EXPERIMENTS
from .runner import report_experiments, run_experiment


def experiment_list() -> str:
    """A line an experiment: name, title, source."""
    return "\n".join(f"{name:24} {one.title} ({one.source})" for name, one in EXPERIMENTS.items())


def reproduce(
    names: Sequence[str],
    out: Path,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    time_limit_s: float | None = None,
    reference: Path = REFERENCE,
    quiet: bool = False,
) -> None:
    """Run experiments of `EXPERIMENTS`, or ``all``; what is finished in `out` is not run again."""
    chosen = list(EXPERIMENTS) if "all" in names else list(dict.fromkeys(names))
    for name in chosen:
        if name not in EXPERIMENTS:
            near = did_you_mean(name, [*EXPERIMENTS, "all"])
            raise ModelError(f"experiment {quoted(name)} does not exist.{near}")
    if not reference.is_dir():
        raise ModelError(
            f"--reference {reference} is no folder; give that of the published model's figures."
        )
    for name in chosen:
        start_s = time.monotonic()
        with interruptible(), show_sweep(not quiet, f"conditions of {name}") as report:
            results = run_experiment(
                EXPERIMENTS[name],
                out / name,
                reference=reference,
                processes=processes,
                scheduler=scheduler,
                report=report,
                time_limit_s=time_limit_s,
            )
        if not quiet:
            print(
                f"{name}: {counted(len(results.outcomes), 'condition')}, {agreement(results.comparisons)},"
                f" {time.monotonic() - start_s:.1f} s",
                flush=True,
            )
    report_experiments(EXPERIMENTS, out, reference)
    if not quiet:
        print(f"Report: {out / 'REPORT.md'}, {out / 'REPORT.html'}")
