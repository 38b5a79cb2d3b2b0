"""The command line: options to a configuration, a run, its results folder. Every user error is one line, exit code 2.

NEURON, NetPyNE and the libraries of results and figures are imported only once a run starts: ``--help`` stays quick.
"""

import json
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from . import __version__
from .configuration import TrialConfig, description, expected, load_configuration
from .errors import ModelError, did_you_mean
from .files import output_folder, parse_value
from .progress import show_simulated

USER_ERROR = 2
INTERRUPTED = 130
# After an interrupt: how often to look whether NetPyNE has returned, and when to raise again what something caught; in
# processor time, since NEURON's solver uses the timer of real time itself and clears it.
_LOOK_AGAIN_S, _RAISE_AGAIN_S = 0.01, 1.0

Progress = Callable[[float, float], None]

# Typer does not say whether it uses the library click or its own copy of it; the base of its public error does.
_UsageError = typer.BadParameter.__mro__[1]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        In place of ``sys.argv[1:]``.

    Returns
    -------
    int
        0; 2 after a user error, 130 after an interruption (one line on standard error, nothing left behind).
    """
    return run_command(app, arguments, left="nothing was kept")


def run_command(application: typer.Typer, arguments: Sequence[str] | None, *, left: str) -> int:
    """Run a command of the package; every error a user can make or meet is one line on standard error.

    Parameters
    ----------
    application : typer.Typer
        Of one command.
    arguments : sequence of str, optional
        In place of ``sys.argv[1:]``.
    left : str
        What an interruption or a failed write leaves behind, in words.

    Returns
    -------
    int
        0; 2 after a user error, 130 after an interruption.
    """
    command = typer.main.get_command(application)
    try:
        code = command.main(args=arguments, standalone_mode=False) or 0
    except _UsageError as error:
        return _fail(_usage_message(error, command))
    except ModelError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename or 'writing'}: {error.strerror or error}; {left}.")
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:
        return _fail(f"interrupted; {left}.", INTERRUPTED)
    return code


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ca1-place-cell {__version__}")
        raise typer.Exit()


def _print_fields(wanted: bool) -> None:
    if wanted:
        typer.echo(list_fields())
        raise typer.Exit()


def list_fields() -> str:
    """Say for every field of the configuration its default, what it accepts (unit and range) and what it is."""
    defaults = TrialConfig().as_dict()
    lines = []
    for name, value in defaults.items():
        lines += [
            f"{name} = {json.dumps(value)}",
            f"    {description(name)}",
            f"    {expected(name)}",
        ]
    return "\n".join(lines)


def _field(name: str, metavar: str, *flags: str) -> typer.models.OptionInfo:
    return typer.Option(*flags, help=f"{description(name)}.", metavar=metavar, show_default=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def run(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="full|simple",
            help="full: a trial of the reconstructed cell; simple: the three published current clamps of the"
            " one-compartment model.",
        ),
    ] = "full",
    cell: Annotated[str | None, _field("cell_file", "FILE", "--cell")] = None,
    setup: Annotated[str | None, _field("setup", "silent_cell|place_cell", "--setup")] = None,
    seed: Annotated[str | None, _field("seed", "INTEGER", "--seed")] = None,
    dc: Annotated[str | None, _field("dc_nA", "nA", "--dc")] = None,
    duration: Annotated[str | None, _field("duration_ms", "ms", "--duration")] = None,
    events: Annotated[str | None, _field("events_file", "FILE", "--events")] = None,
    events_are: Annotated[
        str | None, _field("events_are", "released|presynaptic", "--events-are")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="JSON or YAML file of fields, for example of an earlier run.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any field of the configuration; repeatable, wins over all.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Results folder.  [default: output/CELL_SETUP_seedN]",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier results in that folder.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    progress: Annotated[
        bool, typer.Option("--progress/--no-progress", help="Show simulated time and time left.")
    ] = True,
    fields: Annotated[
        bool,
        typer.Option(
            "--list-fields",
            callback=_print_fields,
            is_eager=True,
            help="List every field and exit.",
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Run one trial of the CA1 place-cell model and write its results into one folder.

    Without options: the silent cell with a somatic DC crosses its place field. Fields come from the defaults, then
    --config, then the options, then --set. A field that is not given takes the value of the set-up or model.
    """
    numbers = {"seed": seed, "dc_nA": dc, "duration_ms": duration}
    words = {"cell_file": cell, "setup": setup, "events_file": events, "events_are": events_are}
    for name, text in (numbers | words).items():
        if (
            text is not None and not text.strip()
        ):  # YAML would read null, the set-up's value, out of an unset variable
            raise ModelError(f"{name} = '{text}': expected {expected(name)}.")
    options = {name: parse_value(text) for name, text in numbers.items() if text is not None}
    options |= {name: text for name, text in words.items() if text is not None}
    if model not in ("full", "simple"):
        raise ModelError(f"model = '{model}': expected one of full, simple.")
    if model == "simple":
        _run_simple(options, config, settings or [], out, overwrite, quiet)
        return
    configuration = load_configuration(config, options, settings or [])
    folder = out or (
        default_folder(configuration) if overwrite else next_folder(default_folder(configuration))
    )
    with output_folder(folder, overwrite) as temporary, interruptible():
        draw = _picture_of(configuration)
        with show_simulated(progress and not quiet) as report:
            result = _simulate(configuration, report)
        summary = _write(result, temporary, draw)
        if not quiet:
            _print_summary(summary)
    if not quiet:
        print(f"Results and figure: {folder}")


def _run_simple(
    options: dict,
    config: Path | None,
    settings: Sequence[str],
    out: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Run the published current clamps of the simple model; fields of a trial have no meaning there."""
    without_meaning = [*options, *settings, *([f"--config {config}"] if config else [])]
    if without_meaning:
        raise ModelError(
            f"{without_meaning[0]} has no meaning for model 'simple', whose current clamps are the published ones; leave"
            " it out, or run a protocol of your own on Cell.simple()."
        )
    from .experiments.simple_current_clamp import write_runs

    default = Path("output/simple_current_clamp")
    folder = out or (default if overwrite else next_folder(default))
    with output_folder(folder, overwrite) as temporary, interruptible():
        _announce_compilation(not quiet)
        table = write_runs(temporary)
    if not quiet:
        print(table[["dc_nA", "baseline_mV", "epsp_mV"]].to_string(index=False))
        print(f"Results and figure: {folder}")


def default_folder(configuration: TrialConfig) -> Path:
    """Where results go without --out: ``output/<cell>_<setup>_seed<n>``; the published cell is ``full``."""
    cell = "full" if configuration.cell_file is None else configuration.cell_file.stem
    return Path(f"output/{cell}_{configuration.setup}_seed{configuration.seed}")


def next_folder(folder: Path) -> Path:
    """The folder itself, or with a number behind it where earlier results are in the way."""
    numbered = (folder.with_name(f"{folder.name}_{number}") for number in count(2))
    return next(path for path in chain([folder], numbered) if not path.exists())


def _simulate(configuration: TrialConfig, report: Progress | None):
    from . import simulation

    _announce_compilation(report is not None)
    return simulation.run_trial(configuration, report)


def _announce_compilation(show: bool) -> None:
    from .mechanisms import compilation

    compiled = compilation.cache_folder() / compilation.mechanisms_key(compilation.mod_files())
    if show and not compiled.exists():
        print("first run: compiling the mechanisms takes about a minute", flush=True)


def _picture_of(configuration: TrialConfig) -> Callable:
    """What draws a result of this configuration; the cell's file is read before the run, whatever becomes of it."""
    from . import figures
    from .cell.cell import Cell

    cell = Cell.from_file(configuration.cell_file)
    places = cell.paths_um
    return lambda result: ("overview.png", figures.overview(result, places, cell.morphology))


def _write(result, folder: Path, draw: Callable) -> dict:
    """Write results and figure into `folder`; return the summary."""
    from . import figures
    from .analysis import summarise
    from .results import write_results

    summary = summarise(result)
    write_results(result, summary, folder)
    name, figure = draw(result)
    figures.save(figure, folder / name)
    return summary


def _print_summary(summary: dict) -> None:
    from rich.console import Console

    from .analysis import format_summary

    Console().print(format_summary(summary))


@contextmanager
def interruptible() -> Iterator[None]:
    """Stop the block on Ctrl-C and on the termination signal (a cluster's time limit), whoever catches exceptions.

    NetPyNE and other libraries catch every exception in places, the interrupt too, and go on: it is raised again until
    the block ends. Inside NetPyNE it waits, since NEURON aborts the process when half a cell is used.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        sys.unraisablehook = lambda unraisable: (
            None
        )  # what a destructor catches is raised again later, not printed
        wait = _inside_netpyne(frame)
        signal.setitimer(signal.ITIMER_VIRTUAL, _LOOK_AGAIN_S if wait else _RAISE_AGAIN_S)
        if not wait:
            raise KeyboardInterrupt

    unraisablehook = sys.unraisablehook
    before = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGVTALRM)
    }
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = unraisablehook
        if asked:  # also in place of the error that half a cell may have given
            warnings.simplefilter(
                "ignore", ResourceWarning
            )  # of files and processes that are let go of at once
            raise KeyboardInterrupt


def _inside_netpyne(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] in ("netpyne", "neuron"):
            return True
        frame = frame.f_back
    return False


def _usage_message(error: Exception, command) -> str:
    if hasattr(error, "possibilities"):
        known = [
            flag
            for parameter in command.params
            for flag in parameter.opts + parameter.secondary_opts
        ]
        return f"unknown option '{error.option_name}'.{did_you_mean(error.option_name, [*known, '--help'])}"
    return f"{error.format_message()} See --help."


def _fail(message: str, code: int = USER_ERROR) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return code
