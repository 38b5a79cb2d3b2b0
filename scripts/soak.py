#!/usr/bin/env python3
"""Many short trials, and what they leave behind: ``python scripts/soak.py [--study 1000] [--in-a-row 300]``.

One study on two workers, then as many trials in a row in this process. Prints JSON: memory at a tenth of the way and at the end
(MB), its slope over the second half (kB a trial), and what is more after than before: file descriptors, processes, threads,
temporary files, sections of NEURON. ``tests/test_soak.py`` runs a short one.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import psutil

import netpyne_model as ca1

TRIAL: dict[str, Any] = {
    "setup": "place_cell",
    "duration_ms": 30.0,
    "n_excitatory": 200,
    "n_inhibitory": 50,
}
HERE = psutil.Process()


def main() -> int:
    """Run both, with all temporary files in a folder that is looked at; print what they left."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--study", type=int, default=1000, metavar="N", help="trials of the study")
    parser.add_argument("--in-a-row", type=int, default=300, metavar="N", help="trials in a row")
    parser.add_argument("--processes", type=int, default=2, help="workers of the study")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as results, tempfile.TemporaryDirectory() as temporary:
        os.environ["TMPDIR"] = tempfile.tempdir = temporary
        ca1.Trial(**TRIAL).run()  # what is loaded and worked out once
        figures = {"trial": TRIAL}
        if options.study:
            first = ca1.Study(base=TRIAL, trials=2)  # Python and Dask keep something of it
            first.run(Path(results) / "first", processes=options.processes)
            figures["study"] = _study(Path(results) / "study", options.study, options.processes)
        if options.in_a_row:
            figures["in_a_row"] = _in_a_row(options.in_a_row)
    print(json.dumps(figures, indent=2))
    return 0


def _study(folder: Path, n_trials: int, processes: int) -> dict:
    """Run a study; measure its workers while they run, and what is left when it is done."""
    before = _belongings()
    descriptors: dict[int, list[int]] = defaultdict(list)

    def look(progress: object) -> None:
        for child in HERE.children(recursive=True):
            try:
                descriptors[child.pid].append(child.num_fds())
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue

    started = time.monotonic()
    study = ca1.Study(base=TRIAL, trials=n_trials)
    results = study.run(folder, processes=processes, report=look)
    took_s = time.monotonic() - started
    runs = results.runs
    by_process = [runs.loc[runs["process"] == process] for process in runs["process"].unique()]
    # The order in which a process ran them: seeds are given out in order.
    memory_MB = [rows.sort_values("seed")["memory_MB"].to_numpy() for rows in by_process]
    measured = [numbers for numbers in descriptors.values() if len(numbers) > 4]
    return {
        "trials": len(results.table),
        "seconds": round(took_s, 1),
        "workers": [_course(numbers) for numbers in memory_MB],
        "descriptors_of_workers": [
            [min(n[len(n) // 2 :]), max(n[len(n) // 2 :])] for n in measured
        ],
        "left": _more(before, _belongings()),
        "files": len(list(folder.rglob("*"))),
    }


def _in_a_row(n_trials: int) -> dict:
    """Run trials in this process."""
    memory_MB = []
    before = _belongings()
    started = time.monotonic()
    for seed in range(n_trials):
        ca1.Trial(**TRIAL, seed=seed).run()
        memory_MB.append(HERE.memory_info().rss / 2**20)
    return {
        "trials": n_trials,
        "seconds": round(time.monotonic() - started, 1),
        "process": _course(np.array(memory_MB)),
        "left": _more(before, _belongings()),
    }


def _course(memory_MB: np.ndarray) -> dict:
    """Memory a tenth of the way and at the end, and its slope over the second half."""
    half = len(memory_MB) // 2
    trials = np.arange(half, len(memory_MB))
    slope_MB = np.polyfit(trials, memory_MB[half:], 1)[0]
    return {
        "trials": len(memory_MB),
        "early_MB": round(float(memory_MB[len(memory_MB) // 10]), 1),
        "end_MB": round(float(memory_MB[-1]), 1),
        "slope_kB_a_trial": round(float(slope_MB) * 2**10, 2),
    }


def _belongings() -> dict[str, int]:
    """What this process has of the machine's."""
    from neuron import h

    return {
        "descriptors": HERE.num_fds(),
        "processes": len(HERE.children(recursive=True)),
        "threads": threading.active_count(),
        "temporary_files": sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
        "sections": sum(1 for _ in h.allsec()),
    }


def _more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - number for name, number in before.items()}


if __name__ == "__main__":
    sys.exit(main())
