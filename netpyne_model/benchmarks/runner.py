"""Starts a process for every measurement, and sums up what the choices of a workload cost and how exact they are."""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..configuration import load_configuration
from ..data_folders import PACKAGE
from ..errors import ModelError
from .measure import Request
from .workloads import COMPARED_SITES, EPSP_FIRST_EVENT_MS, EPSP_SITE, Choice, Workload

Report = Callable[[str], None]
"""Called with the name of every measurement before it starts."""


def environment() -> dict[str, str]:
    """Environment of a process that imports this package, installed or not."""
    paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def run_requests(requests: Sequence[Request]) -> tuple[list[dict[str, Any]], float]:
    """Measure in as many processes at once as there are requests.

    Returns
    -------
    answers : list of dict
        See `measure.measure`, one a request.
    wall_s : float
        From the start of the first process to the end of the last.

    Raises
    ------
    ModelError
        If a measurement fails, with its last line.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        start, running = time.perf_counter(), []
        try:
            for number, request in enumerate(requests):
                asked, answer = folder / f"request{number}.json", folder / f"answer{number}.json"
                asked.write_text(json.dumps(dataclasses.asdict(request)), encoding="utf-8")
                command = [
                    sys.executable,
                    "-m",
                    "netpyne_model.benchmarks.measure",
                    str(asked),
                    str(answer),
                ]
                # Where it starts holds no compiled mechanisms, which NEURON would load. Errors go to a file: a pipe that
                # nobody reads while the others are waited for could fill up.
                errors = (folder / f"errors{number}.txt").open("w+", encoding="utf-8")
                process = subprocess.Popen(
                    command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=errors
                )
                running.append((process, answer, errors))
            codes = [process.wait() for process, _, _ in running]
            wall_s = time.perf_counter() - start
            return [
                _answer(code, *files) for code, (_, *files) in zip(codes, running, strict=True)
            ], wall_s
        finally:
            for process, _, errors in running:
                process.kill()  # does nothing to one that has ended
                process.wait()
                errors.close()


def _answer(code: int, answer: Path, errors: Any) -> dict[str, Any]:
    if code == 0:
        return json.loads(answer.read_text(encoding="utf-8"))
    errors.seek(0)
    lines = [line.strip() for line in errors.read().splitlines() if line.strip()]
    said = lines[-1].removeprefix("error: ") if lines else "it said nothing"
    raise ModelError(f"a measurement failed (exit code {code}): {said}")


def run_one(request: Request) -> dict[str, Any]:
    """Measure in one process; see `run_requests`."""
    return run_requests([request])[0][0]


def n_measurements(workload: Workload, seeds: int, repeats: int) -> int:
    """How many measurements `run_workload` makes."""
    return len(workload.choices) * (seeds if workload.seeded else 1) * repeats


def run_workload(
    workload: Workload,
    *,
    seeds: int,
    repeats: int,
    reference: Path,
    report: Report,
    settings: Sequence[str] = (),
) -> dict[str, Any]:
    """Measure every choice of a workload.

    Parameters
    ----------
    workload : Workload
    seeds : int
        Seeds 0, 1, ... of a workload whose input is drawn.
    repeats : int
        Measurements of each choice and seed, of which the fastest counts.
    reference : path
        Folder of the reference figures.
    report : callable
        Called with the name of each measurement.
    settings : sequence of str
        Fields of the configuration as ``key=value``; they win over all others.

    Returns
    -------
    dict
        ``description``, ``straightforward`` and ``choices``: by name what `_row` says.

    Raises
    ------
    ModelError
        If a configuration does not hold or a measurement fails.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        shared = {**workload.fields, **workload.further_fields(reference, folder)}
        configurations = {
            (choice, seed): load_configuration(
                None, shared, how.fields, settings, {"seed": seed}
            ).as_dict()
            for seed in range(seeds if workload.seeded else 1)
            for choice, how in workload.choices.items()
        }
        measured: dict[str, list[list[dict]]] = {choice: [] for choice in workload.choices}
        traces: dict[str, list[Any]] = {choice: [] for choice in workload.choices}
        path = str(folder / "traces.npz") if workload.accuracy else None
        for (choice, seed), fields in configurations.items():
            request = Request(
                fields, workload.choices[choice].neuron_globals, workload.window_ms, path
            )
            measured[choice].append(
                _repeated(request, repeats, f"{workload.name}, {choice}, seed {seed}", report)
            )
            if path:
                traces[choice].append(_load_traces(path))
        rows = {choice: _row(how, measured[choice]) for choice, how in workload.choices.items()}
    _add_accuracy(rows, traces, workload, reference)
    _add_speed(rows, workload.straightforward)
    described = {
        "description": workload.description,
        "fields": dict(workload.fields),
        "settings": list(settings),
    }
    return described | {"straightforward": workload.straightforward, "choices": rows}


def _repeated(request: Request, repeats: int, label: str, report: Report) -> list[dict[str, Any]]:
    answers = []
    for _ in range(repeats):
        report(label)
        answers.append(run_one(request))
    return answers


def _load_traces(path: str) -> Any:
    from .accuracy import Traces

    return Traces.load(path)


def _row(how: Choice, measured: Sequence[Sequence[dict]]) -> dict[str, Any]:
    """Sum up the measurements of a choice, by seed and repeat: of repeats the fastest, of seeds the mean; memory: largest."""
    best = [min(repeats, key=lambda answer: answer["cpu_ms_per_ms"]) for repeats in measured]
    row = {key: _mean([answer[key] for answer in best]) for key in best[0] if key != "peak_mb"}
    row["peak_mb"] = max(answer["peak_mb"] for answer in best)
    made = {
        "fields": dict(how.fields),
        "neuron_globals": dict(how.neuron_globals),
        "seeds": len(measured),
    }
    return made | row | {"measurements": [list(repeats) for repeats in measured]}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _add_accuracy(
    rows: dict[str, dict], traces: Mapping[str, Sequence[Any]], workload: Workload, reference: Path
) -> None:
    if workload.accuracy is None:
        return
    from .accuracy import compare_epsp, compare_trials, worst
    from .epsp import converged_epsp_mV

    if workload.accuracy == "epsp":
        converged_mV = converged_epsp_mV(reference)
        for choice, row in rows.items():
            compared = [
                compare_epsp(one, EPSP_SITE, EPSP_FIRST_EVENT_MS, converged_mV)
                for one in traces[choice]
            ]
            row["accuracy"] = worst(compared)
        return
    for key, against in (
        ("accuracy", workload.straightforward),
        ("accuracy_converged", workload.converged),
    ):
        for choice, row in rows.items() if against is not None else ():
            pairs = zip(traces[choice], traces[against], strict=True)
            row[key] = worst(
                [
                    compare_trials(one, other, workload.window_ms, COMPARED_SITES)
                    for one, other in pairs
                ]
            )


def _add_speed(rows: dict[str, dict], straightforward: str | None) -> None:
    """Add how many times as fast as the straightforward choice each one is, by processor time of the integration."""
    for row in rows.values():
        row["times_as_fast"] = (
            rows[straightforward]["cpu_ms_per_ms"] / row["cpu_ms_per_ms"]
            if straightforward
            else None
        )
