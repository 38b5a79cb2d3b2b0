"""Runs a study, or any sweep, and writes trials, tables and figures."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..configuration import as_mapping
from ..errors import ModelError
from ..interruption import interruptible
from ..progress import show_sweep
from .declaration import PUBLISHED, STUDY_FILE, study_name
from .results import load_results
from .study import Study

OUT = Path("output/studies")


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

    Without a `folder`, that of `default_folder`.
    """
    folder = default_folder(study) if folder is None else folder
    start_s = time.monotonic()
    with interruptible():
        with show_sweep(not quiet, "trials") as report:
            results = study.run(folder, processes=processes, scheduler=scheduler, report=report)
        drawn = study.write_report(results, figures=figures, command=f"ca1 study {study.name}")
    if quiet:
        return
    wall_s = time.monotonic() - start_s
    table = folder / "trials.csv"
    print(f"{study.name}: {len(results.table)} trials, {wall_s:.0f} s; table {table}")
    if not results.has_profiles:
        print(
            "The trials end before the track, which begins at"
            f" {results.track_start_ms:g} ms (settling and lead-in); set a longer duration_ms."
        )
    print(f"Report: {folder / 'REPORT.md'}; figures: {', '.join(drawn) or 'none'}")


def default_folder(study: Any) -> Path:
    """Where results go without --out: ``output/studies/<name>``, numbered beside another study.

    A study of the same conditions is the same one, also with more trials: it goes on in its folder.
    """
    folder = OUT / study.name
    number = 1
    while (folder / STUDY_FILE).is_file():
        there = load_results(folder).study
        if (there.conditions, there.base) == (study.conditions, study.base):
            break
        number += 1
        folder = OUT / f"{study.name}_{number}"
    return folder


def study_list() -> str:
    """A line a study of the package: name, title, size, source."""
    lines = []
    for name in PUBLISHED:
        one = Study.load(name)
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
    """The study that the command's words stand for."""
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
        return Study(name="sweep" if table is None else study_name(table.stem), base=base, **fields)
    return Study.load(name, base=base, **fields)
