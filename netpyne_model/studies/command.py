"""The command that runs a study, or any sweep, and writes trials, tables and figures."""

import time
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from typing import Annotated, Any

import typer

from ..cli import interruptible, run_command
from ..configuration import as_mapping
from ..errors import ModelError
from ..progress import show_sweep
from ..sweeps.options import KEPT, OutOption, ProcessesOption, QuietOption, SchedulerOption

OUT = Path("output/studies")
app = typer.Typer(add_completion=False, rich_markup_mode=None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: see `cli.run_command`."""
    return run_command(app, arguments, left=KEPT)


@app.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def run(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="[STUDY]", help="A study by name, or a .yaml file; without any they are listed."
        ),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="FIELD=VALUES",
            help="Sweep a field: a list, [0, 0.1], or {from: -0.1, to: 0.1, step: 0.05}; several make a grid.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table",
            metavar="FILE",
            help="Conditions from a CSV file: a column a field, a row a condition.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A field of the configuration in all conditions; repeatable.",
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option("--trials", metavar="N", help="Trials of each condition.")
    ] = None,
    out: OutOption = None,
    processes: ProcessesOption = None,
    scheduler: SchedulerOption = None,
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Draw the figures.")
    ] = True,
    quiet: QuietOption = False,
) -> None:
    """Run a study: trials of several conditions, each with the same seeds, on all cores or on a cluster.

    Finished trials are kept and not run again unless their configuration, cell or the package's code changed: a study that was
    stopped goes on, and one with more trials runs those that are missing. --sweep and --table replace the conditions of the study
    that is named; without a study they sweep the default trial.
    """
    if study is None and not sweep and table is None:
        _list()
        return
    chosen = _study(study, sweep or [], table, settings or [], trials)
    folder = default_folder(chosen) if out is None else out
    from . import report_study, run_study

    start_s = time.monotonic()
    with interruptible():
        with show_sweep(not quiet, "trials") as report:
            results = run_study(
                chosen, folder, processes=processes, scheduler=scheduler, report=report
            )
        drawn = report_study(results, figures=figures, command=f"ca1 study {study or chosen.name}")
    if not quiet:
        wall_s = time.monotonic() - start_s
        table = folder / "trials.csv"
        print(f"{chosen.name}: {len(results.table)} trials, {wall_s:.0f} s; table {table}")
        print(f"Report: {folder / 'REPORT.md'}, figures: {', '.join(drawn) or 'none'}")


def default_folder(study: Any) -> Path:
    """Where results go without --out: ``output/studies/<name>``, with a number behind it where another study is in the way.

    A study of the same conditions is the same one, also with more trials: it goes on in its folder.
    """
    from .results import STUDY_FILE, load_results

    for folder in chain(
        [OUT / study.name], (OUT / f"{study.name}_{number}" for number in count(2))
    ):
        if not (folder / STUDY_FILE).is_file():
            return folder
        there = load_results(folder).study
        if (there.conditions, there.base) == (study.conditions, study.base):
            return folder
    raise AssertionError("numbers do not end")


def _list() -> None:
    from .study import PUBLISHED, load_study

    for name in PUBLISHED:
        one = load_study(name)
        print(
            f"{name:14} {one.title}: {len(one.conditions)} conditions of {one.trials} trials ({one.source})"
        )


def _study(
    name: str | None,
    sweep: Sequence[str],
    table: Path | None,
    settings: Sequence[str],
    trials: int | None,
) -> Any:
    from .study import load_study, make_study, study_name

    if sweep and table is not None:
        raise ModelError(
            "--sweep and --table: expected one of them; put all conditions into the table."
        )
    swept = [text.partition("=")[0].strip() for text in sweep]
    if twice := {field for field in swept if swept.count(field) > 1}:
        raise ModelError(f"--sweep {min(twice)} stands twice; give all its values in one list.")
    fields: dict[str, Any] = {} if trials is None else {"trials": trials}
    if sweep:
        fields["grid"] = as_mapping(sweep)
    if table is not None:
        fields["table"] = table
    base = as_mapping(settings)
    if name is None:
        return make_study(
            {"name": "sweep" if table is None else study_name(table.stem), **fields}, base=base
        )
    return load_study(name, base=base, **fields)
