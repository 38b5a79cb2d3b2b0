"""Reads results back from the NWB files that `nwb.write_nwb` writes."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import ModelError
from ..files import why_no_file
from . import nwb_currents
from .hdf5 import read_hdf5
from .membrane_currents import MembraneCurrents
from .nwb import NWB_FILE, SEGMENTS, TRAINS
from .result import SYNAPSE_COLUMNS, CurrentStep, Recording, Result, Site
from .segment_potentials import SegmentPotentials
from .track import Track


def read_nwb(path: str | Path, *, inputs: bool = True) -> Result:
    """Read a result back from an NWB file that `write_nwb` wrote.

    Voltages, weights, currents and an evenly spaced `time_ms` come back bit for bit; times of
    events, which the file holds in seconds, within rounding (two units in the last place).

    Parameters
    ----------
    inputs : bool
        Whether to read synapses, their trains, injected currents, the potentials of all segments
        and the membrane currents too, which takes most of the time.

    Raises
    ------
    ModelError
        If there is no such file, or it is not one of this model's results.
    """
    if not os.path.isfile(path):
        folder = os.path.dirname(path)
        if os.path.isdir(folder) and os.path.basename(path) == NWB_FILE:
            raise ModelError(
                f"folder {folder} holds no {NWB_FILE}; give the folder that a run wrote, as `ca1 run`"
                " names it at its end."
            )
        raise ModelError(f"results file {path} {why_no_file(path)}; give the path of a {NWB_FILE}.")
    try:
        # Not by pynwb: opening a file of known layout takes it a second.
        with read_hdf5(path) as file:
            return _read_result(file, inputs)
    except Exception as error:  # of a damaged file, h5py may raise anything
        raise ModelError(
            f"{path} is not a results file of this model ({str(error)[:160]}); expected one that a"
            " run wrote."
        ) from error


def _read_result(file: Any, inputs: bool) -> Result:
    texts = {}
    for name in ("configuration", "provenance", "run"):
        texts[name] = json.loads(file[f"scratch/{name}"].asstr()[()])
    run = texts["run"]
    tables, acquisition = file["processing/icephys"], file["acquisition"]
    sites = {name: Site(name, **place) for name, place in run["sites"].items()}
    synapses = pd.DataFrame(columns=SYNAPSE_COLUMNS)
    trains: list[list[np.ndarray]] = [[], []]
    if inputs and "synapses" in tables:
        synapses, trains = _synapses(tables["synapses"])
    steps = []
    if inputs:
        currents = sorted(file["stimulus/presentation"].items(), key=_number)
        places = zip(currents, run["stimulus"], strict=True)
        steps = [_step(series, *place) for (_, series), place in places]
    spikes_s = file["units/spike_times"][:] if "units" in file else np.empty(0)
    return Result(
        configuration=texts["configuration"],
        time_ms=_time_ms(next(iter(acquisition.values()))),
        voltage_mV={name: acquisition[f"voltage_{name}"]["data"][:] for name in sites},
        sites=sites,
        spike_times_ms=1e3 * spikes_s,
        stimulus=tuple(steps),
        synapses=synapses,
        presynaptic_ms=trains[0],
        released_ms=trains[1],
        recordings={
            name: _recording(name, place, acquisition[f"recording_{name}"])
            for name, place in run["recordings"].items()
        },
        provenance=texts["provenance"],
        simulation_wall_s=run["simulation_wall_s"],
        segments=_segments(run.get("segments_ms"), tables) if inputs else None,
        membrane_currents=_membrane_currents(run, tables) if inputs else None,
        track=None if run["track"] is None else Track(**run["track"]),
    )


def _segments(step_ms: float | None, tables: Any) -> SegmentPotentials | None:
    if step_ms is None:
        return None
    table = tables[SEGMENTS]
    return SegmentPotentials(
        step_ms=step_ms,
        sections=tuple(_column(table["section"])),
        x=table["x"][:],
        counts=table["voltage"][:].T,
    )


def _membrane_currents(run: Mapping[str, Any], tables: Any) -> MembraneCurrents | None:
    times = run.get("membrane_currents")
    return None if times is None else nwb_currents.read_tables(times, tables)


def _time_ms(series: Any) -> np.ndarray:
    start = series["starting_time"]
    step_ms = 1e3 / float(start.attrs["rate"])
    return 1e3 * float(start[()]) + np.arange(len(series["data"])) * step_ms


def _recording(name: str, place: Mapping[str, Any], series: Any) -> Recording:
    unit = series["data"].attrs["unit"]
    site = None
    if where := {key: value for key, value in place.items() if key != "variable"}:
        site = Site(name, **where)
    return Recording(place["variable"], "" if unit == "1" else unit, site, series["data"][:])


def _column(data: Any) -> np.ndarray:
    return data[:] if data.dtype.kind in "iuf" else data.asstr()[:]


def _synapses(table: Any) -> tuple[pd.DataFrame, list[list[np.ndarray]]]:
    """The table of synapses, and presynaptic and released trains."""
    names = [name for name in table.attrs["colnames"] if name not in TRAINS]
    synapses = pd.DataFrame({name: _column(table[name]) for name in names})
    trains = []
    for name in TRAINS:
        if name in table:
            ends = table[f"{name}_index"][:].astype(int)
            trains.append(np.split(1e3 * table[name][:], ends[:-1]))
        else:
            trains.append([np.empty(0)] * len(synapses))
    return synapses, trains


def _number(item: tuple[str, Any]) -> int:
    return int(item[0].rsplit("_", 1)[1])


def _step(series: Any, section: str, x: float) -> CurrentStep:
    start_ms, stop_ms = (1e3 * series["timestamps"][:]).tolist()
    return CurrentStep(section, x, start_ms, stop_ms, float(series["data"][0]))
