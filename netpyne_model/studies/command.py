"""Runs a study, or any sweep, and writes trials, tables and figures."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from ..configuration import as_mapping
from ..errors import ModelError
from ..interruption import interruptible
from .results import STUDY_FILE, load_results
from .study import PUBLISHED, Study, load_study, make_study, study_name

OUT = Path("output/studies")
_LINE_EVERY_S = 30.0


def run_and_draw(
    study: Study,
    folder: Path | None = None,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    figures: bool = True,
    quiet: bool = False,
) -> None:
    """Run a study as `run_study` does, with progress, figures, and a line on what came out.

    Parameters
    ----------
    study : Study
    folder : path, optional
        That of `default_folder` without.
    processes, scheduler
        See `run_study`.
    figures, quiet : bool
        Whether to draw, and to print nothing.
    """
    from .runner import run_study

    folder = default_folder(study) if folder is None else folder
    start = time.monotonic()
    with interruptible(), _progress(quiet) as report:
        results = run_study(study, folder, processes=processes, scheduler=scheduler, report=report)
        drawn = _draw(results) if figures else []
    if quiet:
        return
    print(
        f"{study.name}: {len(results.table)} trials, {time.monotonic() - start:.0f} s;"
        f" table {folder / 'trials.csv'}"
    )
    if drawn:
        print(f"Figures: {', '.join(drawn)} in {folder / 'figures'}")


def default_folder(study: Any) -> Path:
    """Where results go without --out: ``output/studies/<name>``, with a number behind it where another study is in the way.

    A study of the same conditions is the same one, also with more trials: it goes on in its folder.
    """
    for folder in chain(
        [OUT / study.name], (OUT / f"{study.name}_{number}" for number in count(2))
    ):
        if not (folder / STUDY_FILE).is_file():
            return folder
        there = load_results(folder).study
        if (there.conditions, there.base) == (study.conditions, study.base):
            return folder
    raise AssertionError("numbers do not end")


def study_list() -> str:
    """A line a study of the package: name, title, size, source."""
    lines = []
    for name in PUBLISHED:
        one = load_study(name)
        size = f"{len(one.conditions)} conditions of {one.trials} trials"
        lines.append(f"{name:14} {one.title}: {size} ({one.source})")
    return "\n".join(lines)


def chosen_study(
    name: str | None,
    sweep: Sequence[str],
    table: Path | None,
    settings: Sequence[str],
    trials: int | None,
) -> Study:
    """The study that the command's words stand for.

    Raises
    ------
    ModelError
        If they do not go together, or the study does not hold.
    """
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
