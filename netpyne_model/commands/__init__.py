"""The command ``ca1``: a file each for its commands, which turn options into a call of the package.

What takes long to import, such as NEURON, is imported only once a command runs: ``--help`` answers
at once.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from .. import __version__
from ..errors import ModelError, did_you_mean, nearest, on_one_line, quoted, same_but_unit
from ..interruption import INTERRUPTED, Interrupted, interruptible
from .completion import joined_at_equals

USER_ERROR = 2
_LESS = "ask for less, such as a shorter run or fewer recordings, or take a machine with more"
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

# Typer does not say whether it uses the library click or its own copy of it; the base of its
# public error does.
_UsageError: Any = typer.BadParameter.__mro__[1]


class _Command(NamedTuple):
    """A line on a command, and what an interruption or a failed write of it leaves behind."""

    summary: str
    left: str = "nothing half-written was kept"


COMMANDS = {
    "run": _Command("Run one trial and write its results into one folder.", "nothing was kept"),
    "report": _Command("Make a browser page of a result, or of two side by side."),
    "compare": _Command("Lay results over each other; print in what they differ."),
    "currentscape": _Command("Say and draw which currents, of which region, feed a place."),
    "cell": _Command("Show a cell: sections, spines, channels, and how it differs."),
    "explore": _Command("Change a cell by sliders: EPSPs, f-I curve, parameter map."),
    "reproduce": _Command(
        "Run the paper's experiments, compare with the published model.",
        "finished conditions are kept; the same command goes on from there",
    ),
    "scores": _Command(
        "Score a cell against measured features of CA1 pyramidal cells.",
        "finished runs are kept; the same command goes on from there",
    ),
    "compare-data": _Command(
        "Set the model beside what was recorded in animals and slices.",
        "finished runs are kept; the same command goes on from there",
    ),
    "study": _Command(
        "Run trials of several conditions on all cores or on a cluster.",
        "finished trials are kept; the same command goes on from there",
    ),
    "benchmark": _Command(
        "Measure what runs of the model cost and how exact they are.",
        "the results of what had been finished are kept",
    ),
    "channels": _Command("Draw channels' gates, in jLEMS and as published. Needs Java."),
    "doors": _Command("Run a current step by other simulators too, and compare."),
    "export": _Command("Write the model for other programs: NetPyNE, NeuroML, COMBINE."),
    "validate": _Command("Validate NeuroML2 and LEMS files. Needs Java."),
    "build": _Command("Write NeuroML2 cells, steady channels, clamps, annotations."),
    "convert": _Command("Convert NeuroML2 mechanisms to NEURON mod files. Needs Java."),
    "doctor": _Command("Look at this machine: what is missing, and what to do."),
}
"""Every command, in the order of the help; the module of its name (``-`` as ``_``) has its function, or its Typer of several."""


class _Commands(TyperGroup):
    """The commands, each imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS and ctx.resilient_parsing:  # completion of what is mistyped
            return None
        if cmd_name not in COMMANDS:
            raise ModelError(
                f"unknown command {quoted(cmd_name)}.{did_you_mean(cmd_name, COMMANDS)}"
            )
        name = cmd_name.replace("-", "_")
        one = getattr(importlib.import_module(f".{name}", __package__), name)
        if not isinstance(one, typer.Typer):
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(cmd_name, context_settings=SETTINGS)(one)
            one = alone
        return typer.main.get_command(one)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.summary) for name, one in COMMANDS.items()])


def print_version(wanted: bool) -> None:
    """Print the package's version and end the command."""
    if wanted:
        typer.echo(f"ca1-place-cell {__version__}")
        raise typer.Exit()


app = typer.Typer(
    name="ca1",
    cls=_Commands,
    add_completion=True,
    rich_markup_mode=None,
    context_settings=SETTINGS,
    subcommand_metavar="COMMAND [OPTIONS]...",
)


@app.callback(epilog="'ca1 COMMAND --help' says what a command takes.")
def _ca1(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Run, show, change and measure the CA1 place-cell model."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; every error a user can make or meet is one line on standard error.

    `arguments` are ``sys.argv[1:]`` by default; without any, the help is shown. Returns 0, 2 after
    a user error, 130 after an interruption.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if "matplotlib" not in sys.modules:
        # Pictures are files; a notebook's variable may name what this process does not have.
        os.environ["MPLBACKEND"] = "agg"
    # Pandas imports a library that takes no list, and nothing else, of numbers of threads.
    os.environ["NUMEXPR_NUM_THREADS"] = os.environ["NUMEXPR_MAX_THREADS"] = "1"
    left = COMMANDS[arguments[0]].left if arguments[0] in COMMANDS else "nothing was done"
    command = typer.main.get_command(app)
    try:
        with interruptible(), joined_at_equals():  # also while the command imports what it needs
            code = command.main(args=arguments, prog_name="ca1", standalone_mode=False) or 0
    except _UsageError as error:
        return _fail(_usage_message(error))
    except OSError as error:
        return _fail(f"{error.filename or 'writing'}: {error.strerror or error}; {left}.")
    except ModelError as error:
        return _fail(str(error))
    except MemoryError as error:
        reason = f" ({error})" if str(error) else ""
        return _fail(f"not enough memory{reason}; {left}; {_LESS}.")
    except UnicodeEncodeError as error:  # a name, on a file system of few letters
        reason = f"has signs that the locale's encoding ({error.encoding}) cannot name"
        return _fail(f"{quoted(error.object)} {reason}; {left}; set PYTHONUTF8=1.")
    except Interrupted as error:
        code, left = INTERRUPTED, str(error)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:
        return _fail(f"interrupted; {left}.", INTERRUPTED)
    return code


def _usage_message(error: Any) -> str:
    if not hasattr(error, "possibilities"):
        message = error.format_message().rstrip(".").replace("?.", "?")
        return f"{message}{'' if message.endswith('?') else '.'} See --help."
    option, parameters = error.option_name, error.ctx.command.params
    flags = [flag for one in parameters for flag in one.opts + one.secondary_opts]
    # Without their dashes, which any two options have in common.
    known = {flag.lstrip("-"): flag for flag in [*flags, "--help"] if flag.startswith("--")}
    name = option.lstrip("-")
    meant = nearest(name, known)
    if any(one.name == "settings" for one in parameters):
        field = _meant_field(name, meant)
        if field is not None:
            return f"unknown option {quoted(option)}. It is a field: --set {field}=VALUE."
    if meant is None:
        return f"unknown option {quoted(option)}. Known: {', '.join(sorted(known.values()))}."
    return f"unknown option {quoted(option)}. Did you mean {quoted(known[meant])}?"


def _meant_field(name: str, option: str | None) -> str | None:
    """The field of the configuration that a name stands for, if no option is nearer."""
    from ..configuration import TrialConfig

    fields, name = TrialConfig.model_fields, name.replace("-", "_")
    field = same_but_unit(name, fields)
    return nearest(name, fields) if field is None and option is None else field


def _fail(message: str, code: int = USER_ERROR) -> int:
    print(f"error: {on_one_line(message)}", file=sys.stderr)
    return code
