"""The command that runs a study, or any sweep, and writes trials, tables and figures."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Annotated, Any

import typer

from ..cli import interruptible, run_command
from ..configuration import as_mapping
from ..errors import ModelError

OUT = Path("output/studies")
_LINE_EVERY_S = 30.0
app = typer.Typer(add_completion=False, rich_markup_mode=None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: see `cli.run_command`."""
    return run_command(
        app, arguments, left="finished trials are kept; the same command goes on from there"
    )


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
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help=f"Results folder.  [default: {OUT}/STUDY]",
            show_default=False,
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            min=1,
            metavar="N",
            help="How many run at once; as many as cores by default.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="A running Dask scheduler: tcp://host:8786, or its .json file.",
        ),
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Draw the figures.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
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
    from .runner import run_study

    start = time.monotonic()
    with interruptible(), _progress(quiet) as report:
        results = run_study(chosen, folder, processes=processes, scheduler=scheduler, report=report)
        drawn = _draw(results) if figures else []
    if not quiet:
        print(
            f"{chosen.name}: {len(results.table)} trials, {time.monotonic() - start:.0f} s; table {folder / 'trials.csv'}"
        )
        if drawn:
            print(f"Figures: {', '.join(drawn)} in {folder / 'figures'}")


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


def _draw(results: Any) -> list[str]:
    from ..figures import save
    from .drawing import study_figures

    folder = results.folder / "figures"
    folder.mkdir(exist_ok=True)
    drawn = study_figures(results)
    for earlier in folder.iterdir():
        if earlier.suffix in (".png", ".svg") and earlier.stem not in drawn:
            earlier.unlink()
    for name, figure in drawn.items():
        for kind in ("png", "svg"):
            save(figure, folder / f"{name}.{kind}")
    return list(drawn)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable | None]:
    """Trials done, running and failed, and time left: a bar on a terminal, else a line now and then."""
    if quiet:
        yield None
    elif not sys.stdout.isatty():
        yield _lines()
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        told = TextColumn("{task.fields[told]}")
        with Progress(
            TextColumn("trials"), BarColumn(), MofNCompleteColumn(), told, transient=True
        ) as bar:
            task = bar.add_task("trials", total=None, told="")
            yield lambda seen: bar.update(
                task,
                completed=seen.done + seen.failed,
                total=seen.total,
                told=_told(seen, with_done=False),
            )


def _lines() -> Callable:
    """Prints a line when the first trial is at work, when one has failed, at the end, and every half minute between."""
    last_s, last = -_LINE_EVERY_S, None

    def tell(seen: Any) -> None:
        nonlocal last_s, last
        news = last is None or seen.failed > last.failed or seen.done + seen.failed == seen.total
        if seen != last and (news or time.monotonic() - last_s >= _LINE_EVERY_S):
            print(_told(seen), flush=True)
            last_s, last = time.monotonic(), seen

    return tell


def _told(seen: Any, *, with_done: bool = True) -> str:
    parts = [f"{seen.done} of {seen.total} trials done"] if with_done else []
    parts += [f"{seen.running} running", f"{seen.failed} failed"]
    return ", ".join(parts + ([] if seen.left_s is None else [f"{_duration(seen.left_s)} left"]))


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes} min"
        if hours
        else f"{minutes} min {seconds} s"
        if minutes
        else f"{seconds} s"
    )
