"""``ca1 run``: options to a configuration, a run, its results folder."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ..configuration import TrialConfig, description, expected, load_configuration
from ..errors import ModelError
from ..files import next_folder, output_folder, parse_value
from ..interruption import interruptible
from . import print_version
from .options import Overwrite, Quiet, Settings, folder_option

Progress = Callable[[float, float], None]


def list_fields() -> str:
    """Say for every field of the configuration its default, what it accepts and what it is."""
    lines = []
    for name, value in TrialConfig().as_dict().items():
        only = (TrialConfig.model_fields[name].json_schema_extra or {}).get("model")
        note = f" (model {only} only)" if only else ""
        lines += [
            f"{name} = {json.dumps(value)}",
            f"    {description(name)}{note}",
            f"    {expected(name)}",
        ]
    return "\n".join(lines)


def _print_fields(wanted: bool) -> None:
    if wanted:
        typer.echo(list_fields())
        raise typer.Exit()


def _field(name: str, metavar: str, flag: str) -> Any:
    """An option for a field of the configuration; its help is the field's description."""
    option = typer.Option(flag, help=f"{description(name)}.", metavar=metavar, show_default=False)
    return Annotated[str | None, option]


Model = _field("model", "full|simple", "--model")
Cell = _field("cell_file", "FILE", "--cell")
Setup = _field("setup", "silent_cell|place_cell", "--setup")
Seed = _field("seed", "INTEGER", "--seed")
DC = _field("dc_nA", "nA", "--dc")
Duration = _field("duration_ms", "ms", "--duration")
Events = _field("events_file", "FILE", "--events")
EventsAre = _field("events_are", "released|presynaptic", "--events-are")
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="JSON or YAML file of fields, for example of an earlier run.",
    ),
]
Out = Annotated[Path | None, folder_option("output/CELL_SETUP_seedN")]
ShowProgress = Annotated[
    bool, typer.Option("--progress/--no-progress", help="Show simulated time and time left.")
]
Fields = Annotated[
    bool,
    typer.Option(
        "--list-fields", callback=_print_fields, is_eager=True, help="List every field and exit."
    ),
]
Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=print_version, is_eager=True, help="Show the version and exit."
    ),
]


def run(
    model: Model = None,
    cell: Cell = None,
    setup: Setup = None,
    seed: Seed = None,
    dc: DC = None,
    duration: Duration = None,
    events: Events = None,
    events_are: EventsAre = None,
    config: Config = None,
    settings: Settings = None,
    out: Out = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    progress: ShowProgress = True,
    fields: Fields = False,
    version: Version = False,
) -> None:
    """Run one trial and write its results into one folder.

    Without options: the silent cell with a somatic DC crosses its place field. Fields come from
    the defaults, then --config, then the options, then --set. A field that is not named takes the
    value of the set-up or model.
    """
    numbers = {"seed": seed, "dc_nA": dc, "duration_ms": duration}
    words = {
        "model": model,
        "cell_file": cell,
        "setup": setup,
        "events_file": events,
        "events_are": events_are,
    }
    options = _options(numbers, words)
    configuration = load_configuration(config, options, settings or [])
    folder = out or default_folder(configuration)
    if out is None and not overwrite:
        folder = next_folder(folder)
    _run_into(folder, configuration, overwrite, quiet, progress)


def _options(numbers: dict[str, str | None], words: dict[str, str | None]) -> dict[str, Any]:
    """Fields from the options that were used; YAML would read null out of an unset variable."""
    for name, text in (numbers | words).items():
        if text is not None and not text.strip():
            raise ModelError(f"{name} = '{text}': expected {expected(name)}.")
    options = {name: parse_value(text) for name, text in numbers.items() if text is not None}
    return options | {name: text for name, text in words.items() if text is not None}


def _run_into(
    folder: Path, configuration: TrialConfig, overwrite: bool, quiet: bool, progress: bool
) -> None:
    with output_folder(folder, overwrite) as temporary, interruptible():
        draw = _picture_of(configuration)
        with show_progress(progress and not quiet) as report:
            result = _simulate(configuration, report)
        summary = _write(result, temporary, draw)
        if not quiet:
            _print_summary(summary)
    if not quiet:
        print(f"Results and figure: {folder}")


def default_folder(configuration: TrialConfig) -> Path:
    """Where results go without --out: ``output/<cell>_<setup>_seed<n>`` (the published cell is ``full``), or
    ``output/simple_current_clamp``.
    """
    if configuration.model == "simple":
        return Path("output/simple_current_clamp")
    cell = configuration.model if configuration.cell_file is None else configuration.cell_file.stem
    return Path(f"output/{cell}_{configuration.setup}_seed{configuration.seed}")


@contextmanager
def show_progress(show: bool) -> Iterator[Progress | None]:
    """Report simulated time and time left: a bar on a terminal, else a plain line about every 10 %.

    Parameters
    ----------
    show : bool
        Whether to report at all.

    Yields
    ------
    callable or None
        To be called with the simulated time and its end, both in ms; None when `show` is false.
    """
    if not show:
        yield None
    elif not sys.stdout.isatty():
        yield _plain_progress()
    else:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        simulated = TextColumn("{task.completed:.0f} of {task.total:.0f} ms simulated")
        with Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            simulated,
            TimeRemainingColumn(),
            TextColumn("left"),
        ) as bar:
            task = bar.add_task("running", total=None, visible=False)
            yield lambda t_ms, t_stop_ms: bar.update(
                task, completed=t_ms, total=t_stop_ms, visible=True
            )


def _plain_progress() -> Progress:
    first_ms = first_s = last_ms = math.inf
    printed = 0

    def report(t_ms: float, t_stop_ms: float) -> None:
        nonlocal printed, first_ms, first_s, last_ms
        now_s = time.monotonic()
        if (
            t_ms < last_ms
        ):  # a run has begun; what went before (imports, building) says nothing about its speed
            printed, first_ms, first_s = 0, t_ms, now_s
        last_ms = t_ms
        tenths = int(10 * t_ms / t_stop_ms + 1e-9)
        if tenths > printed:
            printed = tenths
            speed_known = t_ms > first_ms
            left_s = (
                (now_s - first_s) * (t_stop_ms - t_ms) / (t_ms - first_ms) if speed_known else 0
            )
            left = f", {left_s:.0f} s left" if speed_known else ""
            print(f"{t_ms:.0f} of {t_stop_ms:.0f} ms simulated{left}", flush=True)

    return report


def _simulate(configuration: TrialConfig, report: Progress | None):
    from .. import simulation
    from ..mechanisms import compilation

    compiled = compilation.cache_folder() / compilation.mechanisms_key(compilation.mod_files())
    if report is not None and not compiled.exists():
        print("first run: compiling the mechanisms takes about a minute", flush=True)
    run_model = simulation.run_simple if configuration.model == "simple" else simulation.run_trial
    return run_model(configuration, report)


def _picture_of(configuration: TrialConfig) -> Callable:
    """What draws a result of this configuration; the cell's file is read before the run, whatever becomes of it."""
    from .. import figures

    if configuration.model == "simple":
        return lambda result: ("current_clamp.png", figures.simple_current_clamp(result))
    from ..cell.cell import Cell

    cell = Cell.from_file(configuration.cell_file)
    places = cell.coordinates_um
    return lambda result: ("overview.png", figures.overview(result, places, cell.morphology))


def _write(result, folder: Path, draw: Callable) -> dict:
    """Write results and figure into `folder`; return the summary."""
    from .. import figures
    from ..analysis import summarise
    from ..results import write_results

    summary = summarise(result)
    write_results(result, summary, folder)
    name, figure = draw(result)
    figures.save(figure, folder / name)
    return summary


def _print_summary(summary: dict) -> None:
    from rich.console import Console

    from ..analysis import format_summary

    Console().print(format_summary(summary))
