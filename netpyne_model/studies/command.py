"""Runs a study, or any sweep, and writes trials, tables and figures."""

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..analysis.sensitivity import scaled_label
from ..configuration import as_mapping
from ..errors import ModelError
from ..interruption import interruptible
from ..progress import show_sweep
from ..quantities import counted
from ..simulation import remarks
from ..sweeps.report import left_out_lines
from .contrasts import in_lines
from .declaration import PUBLISHED, STUDY_FILE, study_name
from .results import load_results
from .sensitivity import answers
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
    words: Sequence[str] = (),
) -> None:
    """Run a study as `run_study` does, with progress, figures, and a line on what came out.

    Without a `folder`, that of `default_folder`. The report names the command of the `words` of
    `study_words`, by default that of the study's name.
    """
    command = shlex.join(["ca1", "study", *(words or [study.name])])
    command += "" if folder is None else f" --out {shlex.quote(str(folder))}"
    folder = default_folder(study) if folder is None else folder
    start_s = time.monotonic()
    for remark in [] if quiet else _remarks(study):
        print(f"note: {remark}.", flush=True)
    with interruptible():
        with show_sweep(not quiet, "trials") as report:
            results = study.run(folder, processes=processes, scheduler=scheduler, report=report)
        drawn = study.write_report(results, figures=figures, command=command)
    if quiet:
        return
    wall_s = time.monotonic() - start_s
    table = folder / "trials.csv"
    print(f"{study.name}: {counted(len(results.table), 'trial')}, {wall_s:.0f} s; table {table}")
    if not results.has_profiles:
        print(
            "The trials end before the track, which begins at"
            f" {results.track_start_ms:g} ms (settling and lead-in); set a longer duration_ms."
        )
    for line in left_out_lines(drawn.left_out):
        print(line)
    for line in in_lines(results.contrasts) if study.contrasts else []:
        print(line)
    answered = answers(results.sensitivity) if study.sensitivity else {}
    for (measure, scale), text in answered.items():
        print(f"{scaled_label(measure, scale)}: {text}")
    reports = f"{folder / 'REPORT.md'}, {folder / 'REPORT.html'}"
    print(f"Report: {reports}; figures: {', '.join(drawn.figures) or 'none'}")


def _remarks(study: Study) -> list[str]:
    """What its conditions will not show, each line once."""
    # Of samples the first says it for all: they differ in numbers, and are many.
    trials = study.trial_list() if study.sensitivity is None else [study.first_trial()]
    by_condition = {trial.condition: trial.config for trial in trials}
    lines = [line for config in by_condition.values() for line in remarks(config)]
    return list(dict.fromkeys(lines))


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
        kind = "condition" if one.sensitivity is None else "sample"
        size = f"{counted(len(one.conditions), kind)} of {counted(one.trials, 'trial')}"
        lines.append(f"{name:16} {one.title}: {size} ({one.source})")
    return "\n".join(lines)


def chosen_study(
    name: str | None,
    sweep: Sequence[str],
    table: Path | None,
    settings: Sequence[str],
    trials: int | None,
    time_limit_s: float | None = None,
    samples: int | None = None,
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
    if time_limit_s is not None:
        fields["trial_time_limit_s"] = time_limit_s
    if sweep:
        fields["grid"] = as_mapping(sweep)
    if table is not None:
        fields["table"] = table
    base = dict(as_mapping(settings))
    # What the refusal of a seed says to set: of the study, not of its trials.
    of_study = {key: base.pop(key) for key in ("trials", "first_seed") if key in base}
    fields = of_study | fields
    if name is not None:
        return Study.load(name, base=base, samples=samples, **fields)
    if samples is not None:
        raise ModelError(
            "--samples is of a study of sensitivity: ca1 study sensitivity --samples 8."
        )
    if table is not None:
        about = {"name": study_name(table.stem), "title": f"Conditions of {table.name}"}
    else:
        about = {"name": "sweep", "title": f"Sweep of {', '.join(swept)}"}
    return Study(**about, base=base, **fields)


def study_words(
    name: str | None,
    sweep: Sequence[str],
    table: Path | None,
    settings: Sequence[str],
    trials: int | None,
    time_limit_s: float | None = None,
    samples: int | None = None,
) -> list[str]:
    """What `chosen_study` was asked for, as words of the command line."""
    words = [] if name is None else [name]
    words += [word for one in sweep for word in ("--sweep", one)]
    words += [] if table is None else ["--table", str(table)]
    words += [word for one in settings for word in ("--set", one)]
    words += [] if trials is None else ["--trials", str(trials)]
    words += [] if samples is None else ["--samples", str(samples)]
    return words + ([] if time_limit_s is None else ["--time-limit", f"{time_limit_s:g}"])
