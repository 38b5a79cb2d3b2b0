"""``ca1 run``: options to a configuration, a run, its results folder."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from ..configuration import (
    SETUPS,
    TrialConfig,
    as_mapping,
    cell_name,
    description,
    expected,
    in_name,
    load_configuration,
)
from ..errors import ModelError, quoted
from ..files import clear_half_written, name_beside, parse_value
from ..interruption import Interrupted, interruptible
from ..output_folder import OutputFolder, next_folder, output_folder
from ..progress import show_simulated
from . import print_version
from .completion import from_names
from .options import Overwrite, Quiet, Settings, folder_option


def list_fields() -> str:
    """Every field of the configuration: its default, what it is and what it accepts."""
    lines = []
    for name, value in TrialConfig().as_dict().items():
        lines.append(f"{name} = {json.dumps(value)}")
        lines.append(f"    {description(name)}")
        lines.append(f"    {expected(name)}")
    return "\n".join(lines)


def _print_fields(wanted: bool) -> None:
    if wanted:
        typer.echo(list_fields())
        raise typer.Exit()


def _field(name: str, metavar: str, flag: str) -> Any:
    """An option for a field of the configuration; its help is the field's description."""
    words = metavar.split("|") if "|" in metavar else []
    return typer.Option(
        flag,
        help=f"{description(name)}.",
        metavar=metavar,
        show_default=False,
        autocompletion=from_names(lambda: words) if words else None,
    )


Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="full|simple",
        autocompletion=from_names(lambda: ("full", "simple")),
        help="full: a trial of the reconstructed cell; simple: the three published current clamps"
        " of the one-compartment model.",
    ),
]
Cell = Annotated[str | None, _field("cell_file", "FILE", "--cell")]
Setup = Annotated[str | None, _field("setup", "|".join(SETUPS), "--setup")]
Seed = Annotated[str | None, _field("seed", "INTEGER", "--seed")]
DC = Annotated[str | None, _field("dc_nA", "nA", "--dc")]
Duration = Annotated[str | None, _field("duration_ms", "ms", "--duration")]
Events = Annotated[str | None, _field("events_file", "FILE", "--events")]
EventsAre = Annotated[str | None, _field("events_are", "released|presynaptic", "--events-are")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="JSON or YAML file of fields, for example of an earlier run.",
    ),
]
SEGMENTS_EACH_MS = 1.0
"""Step at which the voltages of all segments are recorded for the report."""
_SIMPLE_BYTES = 1_900_000
"""What the current clamps of the simple model leave behind, about."""
NUMBERS = ("seed", "dc_nA", "duration_ms")
"""Fields with an option of their own whose text is a number; the others are words."""
Out = Annotated[Path | None, folder_option("output/CELL_SETUP_seedN and what is not default")]
ShowProgress = Annotated[
    bool, typer.Option("--progress/--no-progress", help="Show simulated time and time left.")
]
CheckpointEvery = Annotated[
    float | None,
    typer.Option(
        "--checkpoint-every",
        metavar="MS",
        help="Keep the state of the run every MS of simulated time, in FOLDER.checkpoint beside"
        " the results folder. The same command goes on from there, to the same result.",
    ),
]
Simulator = Annotated[
    str,
    typer.Option(
        "--simulator",
        metavar="netpyne|arbor",
        autocompletion=from_names(lambda: ("netpyne", "arbor")),
        help="arbor: the trial in an independent simulator (extra arbor), with a mechanism for each"
        " channel and receptor, and driven spines as sections.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", help="Print all numbers of the summary too: counts by group, wall time."
    ),
]
Report = Annotated[
    bool,
    typer.Option(
        "--report/--no-report",
        help="Write report.html, a page for the browser, for which the voltages of all segments are"
        " recorded each ms.",
    ),
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
    model: Model = "full",
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
    checkpoint_every: CheckpointEvery = None,
    simulator: Simulator = "netpyne",
    quiet: Quiet = False,
    verbose: Verbose = False,
    progress: ShowProgress = True,
    report: Report = True,
    fields: Fields = False,
    version: Version = False,
) -> None:
    """Run one trial and write its results into one folder.

    Without options: the silent cell with a somatic DC crosses its place field. Fields come from
    the defaults, then --config, then the options, then --set. A field that is not named takes the
    value of the set-up or the cell.
    """
    options = given_fields(
        cell_file=cell,
        setup=setup,
        seed=seed,
        dc_nA=dc,
        duration_ms=duration,
        events_file=events,
        events_are=events_are,
    )
    if model not in ("full", "simple"):
        raise ModelError(f"model = {quoted(model)}: expected one of full, simple.")
    if model == "simple":
        others = [*options, *([] if config is None else [f"--config {config}"])]
        others += [] if checkpoint_every is None else ["--checkpoint-every"]
        others += [] if simulator == "netpyne" else ["--simulator"]
        _run_simple(others, settings or [], out, overwrite, quiet)
        return
    _check_simulator(simulator, checkpoint_every)
    configuration = load_configuration(config, options, settings or [])
    if report and simulator == "netpyne":
        configuration = with_segments(configuration)
    folder = out or default_folder(configuration)
    if out is None and not overwrite:
        folder = next_folder(folder)
    with _checkpoint_survives(folder):
        shown = _Shown(quiet, verbose, progress, report)
        _run_into(folder, configuration, checkpoint_every, overwrite, simulator == "arbor", shown)


def with_segments(configuration: TrialConfig) -> TrialConfig:
    """The configuration with the voltages of all segments recorded each ms, if it does not say."""
    says = configuration.record_segments_ms is not None
    if says or configuration.integration == "variable_step":
        return configuration
    step_ms = round(SEGMENTS_EACH_MS / configuration.dt_ms) * configuration.dt_ms
    return configuration.model_copy(update={"record_segments_ms": step_ms})


def _check_simulator(simulator: str, checkpoint_every_ms: float | None) -> None:
    if simulator not in ("netpyne", "arbor"):
        raise ModelError(f"simulator = {quoted(simulator)}: expected one of netpyne, arbor.")
    if simulator == "arbor" and checkpoint_every_ms is not None:
        raise ModelError("--checkpoint-every: Arbor's runs keep none; leave it out.")


def given_fields(**texts: str | None) -> dict[str, Any]:
    """Fields from the options that were used; YAML would read null out of an unset variable."""
    given = {name: text for name, text in texts.items() if text is not None}
    for name, text in given.items():
        if not text.strip():
            raise ModelError(f"{name} = {quoted(text)}: expected {expected(name)}.")
    return {name: parse_value(text) if name in NUMBERS else text for name, text in given.items()}


def checkpoint_beside(folder: Path) -> Path:
    """The checkpoint of a run: beside its results folder, which appears when it ends."""
    return folder.parent / name_beside(folder, ".checkpoint").name[1:]


@contextmanager
def _checkpoint_survives(folder: Path) -> Iterator[None]:
    """Let an interruption and a failed write say that a checkpoint is kept, if one is."""
    file = checkpoint_beside(folder)
    kept = f"{file} is kept; the same command goes on from there"
    try:
        yield
    except KeyboardInterrupt:
        if not file.exists():
            raise
        raise Interrupted(kept) from None
    except OSError as error:
        if not file.exists():
            raise
        reason = f"{error.filename or 'writing'}: {error.strerror or error}"
        raise ModelError(f"{reason}; {kept}.") from error


class _Shown(NamedTuple):
    """What a run shows, on the terminal and as files to be looked at."""

    quiet: bool
    verbose: bool
    progress: bool
    report: bool


def _run_into(
    folder: Path,
    configuration: TrialConfig,
    checkpoint_every_ms: float | None,
    overwrite: bool,
    in_arbor: bool,
    shown: _Shown,
) -> None:
    with output_folder(folder, overwrite) as output, interruptible():
        from .. import simulation

        cell = configuration.make_cell()  # of its file as it is when the run starts
        places = cell.paths_um
        show = shown.progress and not shown.quiet
        checkpoint = simulation.Checkpoint(
            checkpoint_beside(folder),
            checkpoint_every_ms,
            renew=overwrite,
            going_on=_say_going_on(folder) if show else None,
            not_written=lambda line: print(f"note: {line}", file=sys.stderr),
        )
        simulation.check_trial(configuration)
        for remark in [] if shown.quiet else simulation.remarks(configuration):
            print(f"note: {remark}.", flush=True)
        output.check_room(simulation.expected_bytes(configuration))
        with show_simulated(show) as report, _compilation_announced(show):
            if in_arbor:
                result = simulation.run_trial_in_arbor(configuration, progress=report)
            else:
                result = simulation.run_trial(configuration, progress=report, checkpoint=checkpoint)
        from .. import analysis, figures  # not before the run, which starts the sooner
        from ..results import write_results

        summary = analysis.summarise(result)
        figure = figures.overview(result, places, cell.morphology)
        output.make()  # it may have been removed since
        write_results(result, summary, output.written)
        pages = [path.name for path in figures.save_both(figure, output.written / "overview")][:1]
        if shown.report:
            from .. import reports

            pages.append(reports.FILE)
            reports.write_run_report(result, output.written / reports.FILE)
    if checkpoint.file.exists():
        checkpoint.file.unlink()
        for path in (folder, checkpoint.file):
            clear_half_written(path)
    _say_if_moved(output)
    if not shown.quiet:
        from .run_summary import print_summary

        usual = default_folder(TrialConfig(setup=configuration.setup, seed=configuration.seed))
        print_summary(result, summary, output.place, usual, pages, shown.verbose)


def _say_if_moved(output: OutputFolder) -> None:
    if output.moved:
        message = f"note: {output.given} was taken meanwhile; the results are in {output.place}"
        print(message, file=sys.stderr)


def _say_going_on(folder: Path) -> Callable[[float], None]:
    return lambda t_ms: print(f"going on at {t_ms:.0f} ms: {checkpoint_beside(folder)}", flush=True)


def _run_simple(
    options: Sequence[str], settings: Sequence[str], out: Path | None, overwrite: bool, quiet: bool
) -> None:
    """Run the published current clamps of the simple model; fields of a trial are refused."""
    parameters = {name: value for name, value in as_mapping(settings).items() if "." in name}
    options = [*options, *(text for text in settings if text.partition("=")[0] not in parameters)]
    if options:
        raise ModelError(
            f"{options[0]} has no meaning for model 'simple', whose current clamps are the"
            " published ones; leave it out, or run a protocol of your own on Cell.simple()."
        )
    from ..experiments.simple_current_clamp import write_runs

    default = Path("output/simple_current_clamp")
    folder = out or (default if overwrite else next_folder(default))
    announced = _compilation_announced(not quiet)
    with output_folder(folder, overwrite) as output, interruptible(), announced:
        output.check_room(_SIMPLE_BYTES)
        table = write_runs(output.written, parameters)
    _say_if_moved(output)
    if not quiet:
        print(table[["dc_nA", "baseline_mV", "epsp_mV"]].to_string(index=False))
        print(f"Results and figure: {output.place}")


def default_folder(configuration: TrialConfig) -> Path:
    """Where results go without --out: ``output/<cell>_<setup>_seed<n>``, and what else differs."""
    fields = configuration.as_dict()
    name = f"{cell_name(fields)}_{configuration.setup}_seed{configuration.seed}{in_name(fields)}"
    return Path("output") / name


@contextmanager
def _compilation_announced(show: bool) -> Iterator[None]:
    """Print a line when mechanisms are compiled, if wanted."""
    from ..mechanisms.compilation import LOGGER

    handler, level = logging.StreamHandler(sys.stdout), LOGGER.level
    if show:
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
