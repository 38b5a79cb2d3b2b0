#!/usr/bin/env python3
"""Write the tables of docs/performance.md: ``python scripts/performance_page.py FILE ...``.

FILE is a ``benchmark.json`` of ``ca1 benchmark``; of several, the last that measured a workload
counts. Each table stands on the page between ``<!-- measured: NAME -->`` and ``<!-- end -->``, NAME
a key of `TABLES`, under a line that says on what machine and when. A table whose workload is in
none of the files, or there without its straightforward choice, stays as it is. The picture of
growth is beside the file, to be copied by hand.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netpyne_model.benchmarks.report import COMMANDS
from netpyne_model.benchmarks.targets import check_targets
from netpyne_model.markdown import markdown_table, with_blocks

PAGE = ROOT / "docs" / "performance.md"
Results = Mapping[str, Any]


def number(value: float | None, form: str = ".3g") -> str:
    """A number, or nothing where there is none; what is rounding as a power of ten."""
    if value is None:
        return ""
    return f"{value:.0e}" if 0 < abs(value) < 1e-3 else f"{value:{form}}"


def machine(results: Results) -> str:
    """Where and when: processor, cores, load, and the commit."""
    info, commit = results["machine_info"], results["commit_info"]
    name = info["cpu"].get("brand_raw") or info["processor"] or info["machine"]
    changed = ", with changes" if commit["dirty"] else ""
    return (
        f"{name}, {info['cores']} cores, {results['datetime'][:10]}, load"
        f" {info['load_average_1min']:.1f}; {(commit['id'] or 'no commit')[:7]}{changed}"
    )


def place_trial(results: Results) -> str:
    """Every choice of the place trial: cost, and accuracy against straightforward."""
    workload = results["workloads"]["place_trial"]
    rows = []
    for choice, row in workload["choices"].items():
        accuracy = row["accuracy"]
        cost = [number(row["wall_ms_per_ms"]), number(row["times_as_fast"], ".3g")]
        cost += [number(row.get("of_before"), ".2f"), number(row["set_up_s"], ".1f")]
        rows.append([_bold(choice), *cost, number(row["peak_mb"], ".0f"), *_spikes(accuracy)])
    for choice, row in workload["before"].items():
        cost = [number(row["wall_ms_per_ms"]), "", "", number(row["set_up_s"], ".1f")]
        rows.append([f"before: {choice}", *cost, number(row["peak_mb"], ".0f"), "", "", ""])
    header = "choice,ms per simulated ms,times as fast,of before,set-up (s),peak memory (MB),spikes"
    return markdown_table(
        [*header.split(","), "largest shift (ms)", "\\|dv\\| soma, trunk (mV)"], rows
    )


def place_trial_converged(results: Results) -> str:
    """The same choices against second order with a small step."""
    rows = [
        [_bold(choice), *_spikes(row["accuracy_converged"])]
        for choice, row in results["workloads"]["place_trial"]["choices"].items()
    ]
    header = ["choice", "spikes", "largest shift (ms)", "\\|dv\\| soma, trunk (mV)"]
    return markdown_table(header, rows)


def epsp(results: Results) -> str:
    """Every choice of the EPSP: time, amplitude, error."""
    rows = []
    for choice, row in results["workloads"]["epsp"]["choices"].items():
        accuracy = row["accuracy"]
        error = f"{accuracy['epsp_error_percent']:+.2f} %"
        amplitude = f"{accuracy['epsp_mV']:.3f}"
        rows.append([_bold(choice), number(row["run_wall_s"], ".2f"), amplitude, error])
    return markdown_table(["choice", "time for 450 ms (s)", "EPSP (mV)", "error"], rows)


def peers(results: Results) -> str:
    """The smooth cell by simulator."""
    rows = []
    for name, row in results["peers"]["rows"].items():
        spikes = f"{len(row['spikes_ms'])}"
        if row["n_unmatched"]:
            spikes += f" ({row['n_unmatched']} without their like)"
        cost = [number(row["ns_per_segment_step"], ".1f"), number(row["times_of_ours"], ".2f")]
        shift = number(row["spike_shift_ms"], ".3f")
        rows.append([name, *cost, spikes, shift, row["version"], row["how"]])
    header = "simulator,ns a segment and step,of ours,spikes,largest shift (ms),version,how"
    return markdown_table(header.split(","), rows)


def command(results: Results) -> str:
    """What the command costs as a whole."""
    measured = results["command"]
    rows = [[title, number(measured[key])] for key, title in COMMANDS.items() if key in measured]
    return markdown_table(["what", "measured"], rows)


def aims(results: Results) -> str:
    """What the package aims at, and whether it met it."""
    rows = []
    for target in check_targets(results):
        bound = "at least" if target["at_least"] else "at most"
        limit = f"{bound} {target['limit']:g} {target['unit']}"
        met = "" if target["met"] else " (**missed**)"
        rows.append([target["name"], limit, number(target["measured"]) + met])
    return markdown_table(["aim", "", "measured"], rows)


def growth(results: Results) -> str:
    """Lines through what grows."""
    rows = []
    for name, line in results["growth"]["series"].items():
        items = f"{min(line['counts'])} to {max(line['counts'])} {line['item']}s"
        step = [line["ns_per_step_fixed"] / 1e3, line["ns_per_step_per_item"]]
        # Less than a millionth is rounding; adding 0 takes the sign off a zero.
        once = [round(line[key], 6) + 0.0 for key in ("set_up_ms_per_item", "kB_per_item")]
        costs = [*(number(one, ".1f") for one in step), *(number(one, ".2g") for one in once)]
        rows.append([name, items, *costs])
    header = "what grows,items,fixed (us a step),ns a step and item,set-up (ms an item),kB an item"
    return markdown_table(header.split(","), rows)


def cells(results: Results) -> str:
    """Cells in one process."""
    measured = results["growth"]["cells"]
    each = [number(us, ".1f") for us in measured["us_per_step_each"].values()]
    times = [number(value, ".2f") for value in measured["times_of_one"].values()]
    rows = [["us a step, each", *each], ["times that of one alone", *times]]
    return markdown_table(["cells in one process", *measured["us_per_step_each"]], rows)


def thousand(results: Results) -> str:
    """An estimate for many cells."""
    many = results["growth"]["estimate"]
    hours = [number(value) for value in many["hours"].values()]
    memory = [number(value) for value in many["gb"].values()]
    title = f"{many['n_cells']} such trials (hours)"
    return markdown_table(["cores", *many["hours"]], [[title, *hours], ["memory (GB)", *memory]])


TABLES: dict[str, Callable[[Results], str]] = {
    "place_trial": place_trial,
    "place_trial against the converged": place_trial_converged,
    "epsp": epsp,
    "peers": peers,
    "command": command,
    "aims": aims,
    "growth": growth,
    "growth of cells": cells,
    "growth to a thousand": thousand,
}
"""By name; what a table needs is named by its first word."""


def together(files: Sequence[Results]) -> Results:
    """What several files hold, the later before the earlier; the machine is that of the last."""
    workloads: dict[str, Any] = {}
    for results in files:
        workloads |= results["workloads"]
    merged: dict[str, Any] = {}
    for results in files:
        merged |= results
    return merged | {"workloads": workloads}


def updated(page: str, results: Results, *, only_aims: bool = False) -> str:
    """The page with every table worked out anew that the results have numbers for."""
    blocks = {
        f"measured: {name}": f"{machine(results)}:\n\n{table(results)}"
        for name, table in TABLES.items()
        if _is_measured(results, name.split()[0]) and (not only_aims or name == "aims")
    }
    return with_blocks(page, blocks)


def _is_measured(results: Results, workload: str) -> bool:
    """Whether the results hold all that a table says; the aims are of all together."""
    if workload == "aims":
        return all(name in results for name in ("command", "growth", "peers"))
    if workload in results:
        return True
    of_workload = results["workloads"].get(workload)
    return of_workload is not None and of_workload["straightforward"] is not None


def _bold(choice: str) -> str:
    return f"**{choice}**" if choice.endswith("(default)") or choice == "default" else choice


def _spikes(accuracy: Mapping[str, Any]) -> list[str]:
    spikes = str(accuracy["n_spikes"])
    if accuracy["n_unmatched"]:
        spikes += f" ({accuracy['n_unmatched']} without their like)"
    voltages = [number(accuracy[f"dv_{site}_mV"], ".4f") for site in ("soma", "distal_trunk")]
    return [spikes, number(accuracy["spike_shift_ms"], ".3f"), ", ".join(voltages)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    read = [json.loads(file.read_text()) for file in parser.parse_args().files]
    text = PAGE.read_text(encoding="utf-8")
    for results in read:
        text = updated(text, results)
    text = updated(text, together(read), only_aims=True)
    PAGE.write_text(text, encoding="utf-8")
