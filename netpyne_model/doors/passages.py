"""The doors by name, their runs, and how far each is from this package's."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..benchmarks.accuracy import match_spikes
from ..benchmarks.measure import in_a_process_of_its_own
from ..errors import ModelError, did_you_mean, quoted
from ..results.provenance import provenance
from . import arbor_door, eden_door, jaxley_door, jneuroml_doors, neuron_doors
from .soma_step import HOC, SomaStep, soma_step

Run = Callable[[SomaStep, Path], dict[str, Any]]
SAME_SPIKE_MS = 5.0
"""Spikes of two doors no further apart are the same one; a sixth of the shortest interval."""


@dataclass(frozen=True)
class Door:
    """A way to run the cell.

    Attributes
    ----------
    run : callable
        Takes the step and a folder to work in; returns what `SomaStep.passage` gives.
    needs : tuple of str
        Modules it needs beside the package's own.
    install : str
        How to get them.
    cause : bool
        Whether it is there to tell why others differ, as one step of the way to them.
    """

    run: Run
    needs: tuple[str, ...] = ()
    install: str = ""
    cause: bool = False


def _alone(function: Callable[..., Any]) -> Run:
    """A door that needs no files, in a process of its own."""
    return lambda step, folder: in_a_process_of_its_own(function, step)


def _in_export(function: Callable[..., Any]) -> Run:
    """A door to the files that jNeuroML exports for NEURON, in a process of its own."""

    def run(step: SomaStep, folder: Path) -> dict[str, Any]:
        home = jneuroml_doors.exported(step, folder, jneuroml_doors.NEURON)
        passage: dict[str, Any] = in_a_process_of_its_own(function, step, home)
        return passage

    return run


def _in_folder(function: Callable[..., Any]) -> Run:
    """A door to a flat cell, which is written first, in a process of its own."""
    return lambda step, folder: in_a_process_of_its_own(function, step, folder)


OURS = "this package, general mode"
DOORS = {
    OURS: Door(_alone(neuron_doors.general)),
    "this package, default mode": Door(_alone(neuron_doors.default)),
    "NetPyNE `importNeuroML2`": Door(_in_export(jneuroml_doors.by_import)),
    "jNeuroML -> NEURON": Door(
        partial(jneuroml_doors.by_jneuroml, simulator=jneuroml_doors.NEURON)
    ),
    "jNeuroML -> NetPyNE": Door(
        partial(jneuroml_doors.by_jneuroml, simulator=jneuroml_doors.NETPYNE)
    ),
    HOC: Door(_in_export(neuron_doors.hoc_of_jneuroml)),
    "Arbor": Door(_alone(arbor_door.run), ("arbor",), "pip install arbor cmake"),
    "jNeuroML -> NEURON, flat profile": Door(jneuroml_doors.flat_by_jneuroml),
    "tarjuman -> Jaxley, flat profile": Door(
        _in_folder(jaxley_door.run), ("tarjuman", "jaxley"), "pip install tarjuman jaxley"
    ),
    "EDEN, flat profile": Door(
        _in_folder(eden_door.run), ("eden_simulator",), "pip install eden-simulator 'setuptools<81'"
    ),
    "spines spread": Door(_alone(neuron_doors.spread_spines), cause=True),
    "spines spread, tapers as frusta": Door(
        _in_export(neuron_doors.hoc_with_own_gates), cause=True
    ),
}
"""By name, in the order of the table."""


def chosen_doors(names: Sequence[str]) -> dict[str, Door]:
    """The doors whose names contain one of these, whatever the case; all without any.

    Raises ModelError with the nearest if a name fits none.
    """
    if not names:
        return DOORS
    chosen = {OURS: DOORS[OURS]}
    for name in names:
        found = {door: one for door, one in DOORS.items() if name.lower() in door.lower()}
        if not found:
            raise ModelError(f"door {quoted(name)} does not exist.{did_you_mean(name, DOORS)}")
        chosen |= found
    return {door: one for door, one in DOORS.items() if door in chosen}


def run_doors(
    folder: Path,
    *,
    names: Sequence[str] = (),
    dt_ms: float | None = None,
    report: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Run the cell through doors and compare each with this package's general mode.

    Parameters
    ----------
    folder : path
        Where files are exported and run.
    names : sequence of str
        See `chosen_doors`.
    dt_ms : float, optional
        Time step; that of the committed simulation by default.
    report : callable
        Told the name of each door before it is run.

    Returns
    -------
    dict
        ``rows``: by door what `SomaStep.passage` gives and `compared` adds, or ``missing``, or
        ``stopped``, each with a text; ``step``, ``machine``, ``provenance``.
    """
    doors, step = chosen_doors(names), soma_step(dt_ms)
    rows: dict[str, dict[str, Any]] = {}
    for name, door in doors.items():
        report(name)
        rows[name] = {"cause": door.cause} | _passage(door, step, folder)
    if "stopped" in rows[OURS]:
        raise ModelError(f"{OURS}: {rows[OURS]['stopped']}")
    for row in rows.values():
        if "spikes_ms" in row:
            row |= compared(row, rows[OURS])
    return {"rows": rows, "step": asdict(step), "machine": machine(), "provenance": provenance()}


def _passage(door: Door, step: SomaStep, folder: Path) -> dict[str, Any]:
    if any(find_spec(module) is None for module in door.needs):
        return {"missing": f"not installed: {door.install}"}
    try:
        return door.run(step, folder)
    except Exception as error:  # whatever another simulator raises is what there is to tell
        return {"stopped": " ".join(str(error).split()) or type(error).__name__}


def compared(row: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """How far a passage is from this package's.

    ``shift_ms``: the largest shift of spikes of both, with its sign (later is more), None without
    any; ``n_unmatched``: spikes of either without their like; ``rest_difference_mV``: by place.
    """
    pairs = match_spikes(ours["spikes_ms"], row["spikes_ms"], SAME_SPIKE_MS)
    return {
        "shift_ms": max((its - mine for mine, its in pairs), key=abs, default=None),
        "n_unmatched": len(ours["spikes_ms"]) + len(row["spikes_ms"]) - 2 * len(pairs),
        "rest_difference_mV": {
            place: v_mV - ours["rest_mV"][place] for place, v_mV in row["rest_mV"].items()
        },
    }


def machine() -> str:
    """Processor and number of cores."""
    name = "unknown processor"
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            ]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores"
