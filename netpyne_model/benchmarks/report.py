"""Results of a benchmark as tables on the terminal, and the picture of growth."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from ..errors import ModelError

RESULTS, FIGURE = "benchmark.json", "growth.png"
_COLUMNS = {
    "wall_ms_per_ms": ("wall ms/ms", "{:.2f}"),
    "cpu_ms_per_ms": ("CPU ms/ms", "{:.2f}"),
    "times_as_fast": ("times as fast", "{:.1f}"),
    "of_before": ("of before", "{:.2f}"),
    "import_s": ("import s", "{:.1f}"),
    "set_up_s": ("set-up s", "{:.2f}"),
    "trains_s": ("trains s", "{:.2f}"),
    "run_wall_s": ("run s", "{:.2f}"),
    "peak_mb": ("peak MB", "{:.0f}"),
}
_ACCURACY = {"accuracy": "accuracy", "accuracy_converged": "against the converged"}
COMMANDS = {
    "help_s": "ca1 --help (s)",
    "first_step_s": "start to first simulated step (s)",
    "first_step_before_s": "the same before (s)",
    "first_picture_s": "import of the package to the picture of an EPSP (s)",
    "changed_rule_s": "one rule changed, run and drawn again (s)",
    "trial_s": "whole place-cell trial with results and figure (s)",
    "trial_peak_mb": "its peak memory (MB)",
    "compile_s": "compilation of the mechanisms (s)",
}
_GROWTH = {
    "ns_per_step_fixed": ("fixed ns", "{:.0f}"),
    "ns_per_step_per_item": ("ns an item", "{:.1f}"),
    "largest_residual_percent": ("off the line %", "{:.1f}"),
    "set_up_ms_per_item": ("set-up ms an item", "{:.2g}"),
    "kB_per_item": ("kB an item", "{:.2g}"),
}


def check_folder(folder: Path, overwrite: bool) -> None:
    """Make the folder of the results; refused where it holds some that are to stay."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"output folder {folder} cannot be made ({error.strerror}); choose another."
        ) from error
    file = folder / RESULTS
    if file.exists() and not overwrite:
        raise ModelError(
            f"{file} exists already; choose another folder with --out or give --overwrite."
        )


def write_figure(results: Mapping[str, Any], folder: Path) -> None:
    """Write ``growth.png`` where growth was measured, in place of an earlier one."""
    from ..figures import save
    from .figure import growth_figure

    (folder / FIGURE).unlink(missing_ok=True)
    if "growth" in results:
        save(growth_figure(results["growth"]), folder / FIGURE)


def tables(results: Mapping[str, Any]) -> Iterator[Table]:
    """A table of every part of the results that was measured, and of the targets."""
    for name, workload in results["workloads"].items():
        yield workload_table(name, workload)
    if "command" in results:
        command = results["command"]
        rows = [[title, f"{command[key]:.3g}"] for key, title in COMMANDS.items() if key in command]
        yield _table("the command line", ["", "measured"], rows)
    if "growth" in results:
        yield from growth_tables(results["growth"])
    if "peers" in results:
        yield peers_table(results["peers"])
    yield _table("targets", ["", "target", "measured", ""], map(_target_row, results["targets"]))


def workload_table(name: str, workload: Mapping[str, Any]) -> Table:
    """A table of a workload's choices: cost, and accuracy in the last columns."""
    choices = workload["choices"]
    compared = [key for key in _ACCURACY if any(key in row for row in choices.values())]
    columns = ["choice", *(title for title, _ in _COLUMNS.values())]
    columns += [_ACCURACY[key] for key in compared]
    rows = [
        [choice, *_cells(row, _COLUMNS), *(accuracy_text(row[key]) for key in compared)]
        for choice, row in choices.items()
    ]
    rows += [
        [f"before: {choice}", *_cells(row, _COLUMNS), *("" for _ in compared)]
        for choice, row in workload.get("before", {}).items()
    ]
    return _table(f"{name}: {workload['description']}", columns, rows)


def peers_table(peers: Mapping[str, Any]) -> Table:
    """The smooth cell by simulator, and which ones are not installed."""
    rows = []
    for name, row in peers["rows"].items():
        spikes = f"{len(row['spikes_ms'])} spikes"
        if row["n_unmatched"]:
            spikes += f" ({row['n_unmatched']} without their like)"
        if row["spike_shift_ms"]:
            spikes += f", shifted by {row['spike_shift_ms']:.2g} ms"
        measured = [f"{row['ns_per_segment_step']:.1f}", f"{row['times_of_ours']:.2f}"]
        rows.append(
            [name, *measured, str(row["n_compartments"]), spikes, row["version"], row["how"]]
        )
    for name, library in peers["missing"].items():
        rows.append([name, "", "", "", "", f"pip install {library}", "not installed"])
    one = next(iter(peers["rows"].values()))
    columns = [
        "simulator",
        "ns",
        "of ours",
        "compartments",
        "spikes against ours",
        "version",
        "how",
    ]
    title = "peers: the smooth cell, processor time of a segment and step"
    return _table(f"{title} ({one['n_segments']} segments, {one['n_gates']} gates)", columns, rows)


def accuracy_text(accuracy: Mapping[str, Any]) -> str:
    """Accuracy in a few words: largest |dv|, spikes and their shift, or the error of the EPSP."""
    if "epsp_mV" in accuracy:
        return f"EPSP {accuracy['epsp_mV']:.4f} mV, {accuracy['epsp_error_percent']:+.2f} %"
    differences = [
        f"{key[3:-3].replace('_', ' ')} {1e3 * value:.2g}"
        for key, value in accuracy.items()
        if key.startswith("dv_") and value is not None
    ]
    spikes = f"{accuracy['n_spikes']} of {accuracy['n_spikes_reference']} spikes"
    if accuracy["n_unmatched"]:
        spikes += f" ({accuracy['n_unmatched']} without their like)"
    if accuracy["spike_shift_ms"] is not None:
        spikes += f", shifted by {accuracy['spike_shift_ms']:.3g} ms"
    return f"|dv| in µV: {', '.join(differences)}; {spikes}" if differences else spikes


def growth_tables(growth: Mapping[str, Any]) -> Iterator[Table]:
    """Fitted lines; trials in one process; trials at once, and what many cells would take."""
    titles = [title for title, _ in _GROWTH.values()]
    rows = []
    for name, line in growth["series"].items():
        items = f"{min(line['counts'])} to {max(line['counts'])} {line['item']}s"
        rows.append([name, items, *_cells(line, _GROWTH)])
    yield _table("growth: processor time of a step", ["series", "items", *titles], rows)
    cells = growth["cells"]
    each_us = [f"{us:.1f}" for us in cells["us_per_step_each"].values()]
    of_one = [f"{times:.2f}" for times in cells["times_of_one"].values()]
    rows = [["us a step, each", *each_us], ["times that of one", *of_one]]
    title = "growth: cells in one process, each with its inputs"
    yield _table(title, ["", *cells["us_per_step_each"]], rows)
    trials = growth["trials"]
    numbers = [str(number + 1) for number in range(len(trials["trial_s"]))]
    seconds = ["s", *(f"{one:.2f}" for one in trials["trial_s"])]
    memory = ["resident memory, MB", *(f"{one:.0f}" for one in trials["trial_mb"])]
    yield _table("growth: trials in one process", ["", *numbers], [seconds, memory])
    many, processes = growth["estimate"], growth["processes"]
    by_cores = {
        "trials per minute, measured": (processes["trials_per_minute"], "{:.1f}"),
        "times those of one": (processes["times_of_one"], "{:.2f}"),
        f"hours for {many['duration_ms']:g} ms each": (many["hours"], "{:.3g}"),
        "memory, GB": (many["gb"], "{:.3g}"),
    }
    cores = list(many["hours"])
    rows = [
        [title, *_cells(values, dict.fromkeys(cores, ("", form)))]
        for title, (values, form) in by_cores.items()
    ]
    title = f"growth: processes, and an estimate for {many['n_cells']} cells"
    yield _table(title, ["", *cores], rows)


def _target_row(target: Mapping[str, Any]) -> list[str]:
    bound = "at least" if target["at_least"] else "at most"
    limit = f"{bound} {target['limit']:g} {target['unit']}"
    met = "met" if target["met"] else "MISSED"
    return [target["name"], limit, f"{target['measured']:.3g}", met]


def _cells(row: Mapping[str, Any], columns: Mapping[str, tuple[str, str]]) -> list[str]:
    return [
        "" if row.get(key) is None else form.format(row[key]) for key, (_, form) in columns.items()
    ]


def _table(title: str, columns: Sequence[str], rows: Any) -> Table:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        left = number == 0 or column in _ACCURACY.values()
        table.add_column(column, justify="left" if left else "right")
    for row in rows:
        table.add_row(*row)
    return table
