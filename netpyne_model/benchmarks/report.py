"""Results of a benchmark as tables on the terminal and as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..files import write_beside

RESULTS, FIGURE = "benchmark.json", "growth.png"
_COLUMNS = {
    "wall_ms_per_ms": ("wall ms/ms", "{:.2f}"),
    "cpu_ms_per_ms": ("CPU ms/ms", "{:.2f}"),
    "times_as_fast": ("times as fast", "{:.1f}"),
    "import_s": ("import s", "{:.1f}"),
    "set_up_s": ("set-up s", "{:.2f}"),
    "trains_s": ("trains s", "{:.2f}"),
    "run_wall_s": ("run s", "{:.2f}"),
    "peak_mb": ("peak MB", "{:.0f}"),
}
_ACCURACY = {"accuracy": "accuracy", "accuracy_converged": "against the converged"}
_COMMANDS = {
    "help_s": "--help, s",
    "first_step_s": "start to first simulated step, s",
    "first_picture_s": "import of the package to the picture of an EPSP, s",
    "changed_rule_s": "one rule changed, run and drawn again, s",
    "trial_s": "whole place-cell trial with results and figure, s",
    "trial_peak_mb": "its peak memory, MB",
    "compile_s": "compilation of the mechanisms, s",
}


def check_folder(folder: Path, overwrite: bool) -> None:
    """Make the folder of the results.

    Raises
    ------
    ModelError
        If it cannot be made, or holds results that are not to be replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"output folder {folder} cannot be made ({error.strerror}); choose another."
        ) from error
    if (folder / RESULTS).exists() and not overwrite:
        raise ModelError(
            f"{folder / RESULTS} exists already; choose another folder with --out or give --overwrite."
        )


def write_results(results: Mapping[str, Any], folder: Path) -> None:
    """Write ``benchmark.json``, and ``growth.png`` where growth was measured; a file appears whole or not at all."""
    if "growth" in results:
        from ..figures import save
        from .figure import growth_figure

        save(growth_figure(results["growth"]), folder / FIGURE)
    else:
        (folder / FIGURE).unlink(missing_ok=True)  # of the results that these replace
    with write_beside(folder / RESULTS) as temporary:
        temporary.write_text(
            json.dumps(results, indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )


def workload_table(name: str, found: Mapping[str, Any]) -> Any:
    """A table of a workload's choices: cost, and accuracy in the last column.

    Parameters
    ----------
    name : str
    found : mapping
        What `runner.run_workload` returns.

    Returns
    -------
    rich.table.Table
    """
    comparisons = {
        key: title
        for key, title in _ACCURACY.items()
        if any(key in row for row in found["choices"].values())
    }
    titles = [title for title, _ in _COLUMNS.values()]
    table = _table(f"{name}: {found['description']}", ["choice", *titles, *comparisons.values()])
    for choice, row in found["choices"].items():
        cells = [_number(row.get(key), form) for key, (_, form) in _COLUMNS.items()]
        table.add_row(choice, *cells, *(accuracy_text(row[key]) for key in comparisons))
    return table


def accuracy_text(accuracy: Mapping[str, Any]) -> str:
    """Accuracy in a few words: largest |dv|, spikes and their shift, or the error of the EPSP."""
    if "epsp_mV" in accuracy:
        return f"EPSP {accuracy['epsp_mV']:.4f} mV, {accuracy['epsp_error_percent']:+.2f} %"
    dv_mV = {
        key[3:-3].replace("_", " "): value
        for key, value in accuracy.items()
        if key.startswith("dv_")
    }
    parts = [
        ", ".join(
            f"{where} {1e3 * value:.2g}" for where, value in dv_mV.items() if value is not None
        )
    ]
    parts = [f"|dv| in µV: {part}" for part in parts if part]
    spikes = f"{accuracy['n_spikes']} of {accuracy['n_spikes_reference']} spikes"
    if accuracy["n_unmatched"]:
        spikes += f" ({accuracy['n_unmatched']} without their like)"
    shift = accuracy["spike_shift_ms"]
    parts.append(spikes if shift is None else f"{spikes}, shifted by {shift:.3g} ms")
    return "; ".join(parts)


def command_table(found: Mapping[str, float]) -> Any:
    """A table of what the command line costs (see `commands.run_commands`)."""
    table = _table("the command line", ["", "measured"])
    for key, title in _COMMANDS.items():
        if key in found:
            table.add_row(title, f"{found[key]:.3g}")
    return table


def growth_table(growth: Mapping[str, Any]) -> Any:
    """A table of the fitted lines, one a series."""
    table = _table(
        "growth: processor time of a step",
        [
            "series",
            "items",
            "fixed µs",
            "ns an item",
            "off the line %",
            "set-up ms an item",
            "kB an item",
        ],
    )
    for name, line in growth["series"].items():
        table.add_row(
            name,
            f"{min(line['counts'])} to {max(line['counts'])} {line['item']}s",
            f"{line['ns_per_step_fixed'] / 1e3:.1f}",
            f"{line['ns_per_step_per_item']:.1f}",
            _number(line["largest_residual_percent"], "{:.1f}"),
            f"{line['set_up_ms_per_item']:.2g}",
            f"{line['kB_per_item']:.2g}",
        )
    return table


def trials_table(growth: Mapping[str, Any]) -> Any:
    """A table of trials that ran one after the other in one process: seconds of each, memory after it."""
    trials = growth["trials"]
    table = _table(
        "growth: trials in one process",
        ["", *(str(number + 1) for number in range(len(trials["trial_s"])))],
    )
    table.add_row("s", *(f"{seconds:.2f}" for seconds in trials["trial_s"]))
    table.add_row("resident memory, MB", *(_number(mb, "{:.0f}") for mb in trials["trial_mb"]))
    return table


def many_table(growth: Mapping[str, Any]) -> Any:
    """A table of trials at once, and of what many cells would take on more cores."""
    processes, many = growth["processes"], growth["estimate"]
    table = _table(
        f"growth: processes, and an estimate for {many['n_cells']} cells", ["", *many["hours"]]
    )
    measured = processes["trials_per_minute"]
    table.add_row(
        "trials per minute, measured",
        *(_number(measured.get(cores), "{:.1f}") for cores in many["hours"]),
    )
    times = processes["times_of_one"]
    table.add_row(
        "times those of one", *(_number(times.get(cores), "{:.2f}") for cores in many["hours"])
    )
    table.add_row(
        f"hours for {many['duration_ms']:g} ms each",
        *(f"{hours:.3g}" for hours in many["hours"].values()),
    )
    table.add_row("memory, GB", *(f"{gb:.3g}" for gb in many["gb"].values()))
    return table


def targets_table(checked: list[Mapping[str, Any]]) -> Any:
    """A table of the targets that were measured (see `targets.check_targets`)."""
    table = _table("targets", ["", "target", "measured", ""])
    for each in checked:
        bound = "at least" if each["at_least"] else "at most"
        target = f"{bound} {each['limit']:g} {each['unit']}"
        table.add_row(
            each["name"], target, f"{each['measured']:.3g}", "met" if each["met"] else "MISSED"
        )
    return table


def _table(title: str, columns: list[str]) -> Any:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(
            column, justify="left" if number == 0 or column in _ACCURACY.values() else "right"
        )
    return table


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
