"""What ``ca1 run`` prints of a trial: ten lines, with where the picture is and what to try next."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from .. import analysis
from ..configuration import TrialConfig, differences
from ..files import CONFIGURATION_FILE
from ..reports.wording import LONGEST_COMMAND, settings
from ..results import Result


def print_summary(
    result: Result, summary: dict, folder: Path, usual: Path, pages: Sequence[str], verbose: bool
) -> None:
    """Print a trial's summary.

    Parameters
    ----------
    summary : dict
        From `analysis.summarise`; all of it is printed if `verbose`.
    folder : path
        Where the results stand.
    usual : path
        Where those of the default trial of this set-up and seed would stand.
    pages : sequence of str
        Files in it to be looked at.
    """
    lines = analysis.in_lines(result)
    lines.append(analysis.named_line("Look at", ", ".join(str(folder / name) for name in pages)))
    lines.append(analysis.named_line("Next", next_step(result, folder, usual)))
    print("\n".join(lines))
    if verbose:
        from rich.console import Console

        Console().print(analysis.format_summary(summary))


def next_step(result: Result, folder: Path, usual: Path) -> str:
    """A command that goes on from a trial: its counterpart, or both side by side."""
    fields = result.configuration
    setup, seed = fields["setup"], fields["seed"]
    changed = differences(fields)
    if "duration_ms" in changed and not analysis.reaches_field(result):
        return f"{whole_lap(result, folder)}  # the whole lap, with the place field"
    if set(changed) - {"setup", "seed"}:
        if usual.is_dir() and usual != folder:
            return f"ca1 compare {quoted(usual)} {quoted(folder)}  # beside the default trial"
        return f"{command(setup, seed)}  # the default trial, to compare with"
    other, words = ("--dc 0", "without the current") if setup == "silent_cell" else (
        "--set 'drugs=[TTX]'", "with half the sodium conductance")  # fmt: skip
    return f"{command(setup, seed)} {other}  # the same {words}; then ca1 compare shows both"


def command(setup: str, seed: int) -> str:
    """The command of a default trial."""
    words = ["ca1 run"]
    words += [] if setup == TrialConfig().setup else [f"--setup {setup}"]
    words += [] if seed == TrialConfig().seed else [f"--seed {seed}"]
    return " ".join(words)


def whole_lap(result: Result, folder: Path) -> str:
    """The command of the same trial without its end."""
    changes = differences(result.configuration)
    start = command(changes.pop("setup", TrialConfig().setup), changes.pop("seed", 0))
    del changes["duration_ms"]
    text = " ".join([start, *settings(changes)])
    if "cell" not in changes and len(text) <= LONGEST_COMMAND:
        return text
    return f"ca1 run --config {quoted(folder / CONFIGURATION_FILE)} --set duration_ms=null"


def quoted(path: Path) -> str:
    """A path as a shell takes it."""
    return shlex.quote(str(path))
