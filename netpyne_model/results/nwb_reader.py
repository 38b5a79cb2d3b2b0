"""Reads results back from the NWB files that `nwb.write_nwb` writes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import ModelError
from .nwb import TRAINS
from .result import SYNAPSE_COLUMNS, CurrentStep, Recording, Result, Site
from .track import Track


def read_nwb(path: str | Path) -> Result:
    """Read a result back from an NWB file that `write_nwb` wrote.

    Voltages, weights, currents and an evenly spaced `time_ms` come back bit for bit. The file holds
    the times of events
    in seconds, so these come back within rounding (two units in the last place).

    Parameters
    ----------
    path : path

    Returns
    -------
    Result

    Raises
    ------
    ModelError
        If there is no such file, or it is not one of this model's results.
    """
    from pynwb import NWBHDF5IO

    if not Path(path).is_file():
        raise ModelError(f"results file {path} does not exist; give the path of a results.nwb.")
    try:
        with NWBHDF5IO(str(path), "r") as io:
            nwbfile = io.read()
            texts = {
                name: json.loads(str(nwbfile.get_scratch(name)))
                for name in ("configuration", "provenance", "run")
            }
            return _read_result(nwbfile, texts)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} is not a results file of this model ({error}); expected one that a run wrote."
        ) from error


def _read_result(nwbfile, texts: dict) -> Result:
    tables = nwbfile.processing["icephys"].data_interfaces
    sites = _read_sites(tables["sites"]) if "sites" in tables else {}
    series = {name: nwbfile.acquisition[f"voltage_{name}"] for name in sites}
    synapses, presynaptic_ms, released_ms = _read_synapses(tables)
    track = texts["run"]["track"]
    return Result(
        configuration=texts["configuration"],
        time_ms=_read_time_ms(next(iter(nwbfile.acquisition.values()))),
        voltage_mV={name: one.data[:] for name, one in series.items()},
        sites=sites,
        spike_times_ms=_milliseconds(
            [] if nwbfile.units is None else nwbfile.units["spike_times"][0]
        ),
        stimulus=tuple(
            _read_step(one) for _, one in sorted(nwbfile.stimulus.items(), key=_by_number)
        ),
        synapses=synapses,
        presynaptic_ms=presynaptic_ms,
        released_ms=released_ms,
        recordings=_read_recordings(nwbfile, texts["run"].get("recordings", [])),
        provenance=texts["provenance"],
        simulation_wall_s=texts["run"]["simulation_wall_s"],
        track=None if track is None else Track(**track),
    )


def _read_recordings(nwbfile, names: list[str]) -> dict[str, Recording]:
    recordings = {}
    for name in names:
        series = nwbfile.acquisition[f"recording_{name}"]
        place = json.loads(series.comments)
        site = None
        if "section" in place:
            site = Site(
                name,
                place["section"],
                place["x"],
                place["path_distance_um"],
                tuple(place["position_um"]),
            )
        unit = "" if series.unit == "1" else series.unit
        recordings[name] = Recording(place["variable"], unit, site, series.data[:])
    return recordings


def _milliseconds(seconds: np.ndarray) -> np.ndarray:
    return 1e3 * np.asarray(seconds, np.float64)


def _read_time_ms(series) -> np.ndarray:
    start_ms = float(_milliseconds(series.starting_time))
    return start_ms + np.arange(len(series.data)) * (1e3 / series.rate)


def _read_synapses(tables) -> tuple[pd.DataFrame, list[np.ndarray], list[np.ndarray]]:
    if "synapses" not in tables:
        return pd.DataFrame(columns=SYNAPSE_COLUMNS), [], []
    table = tables["synapses"]
    synapses = pd.DataFrame({name: table[name][:] for name in table.colnames if name not in TRAINS})
    presynaptic_ms, released_ms = (
        _read_trains(table[name]) if name in table.colnames else [np.empty(0)] * len(synapses)
        for name in TRAINS
    )
    return synapses, presynaptic_ms, released_ms


def _read_trains(indexed) -> list[np.ndarray]:
    events, ends = _milliseconds(indexed.target.data[:]), np.asarray(indexed.data[:], int)
    return np.split(events, ends[:-1]) if len(ends) else []


def _read_sites(table) -> dict[str, Site]:
    columns = [table[name][:] for name in ("site", "section", "x", "path_distance", "position")]
    return {
        str(name): Site(str(name), str(section), float(x), float(distance), tuple(position))
        for name, section, x, distance, position in zip(*columns, strict=True)
    }


def _by_number(item: tuple[str, object]) -> int:
    return int(item[0].rsplit("_", 1)[1])


def _read_step(series) -> CurrentStep:
    place = json.loads(series.comments)
    start_ms, stop_ms = _milliseconds(series.timestamps[:]).tolist()
    return CurrentStep(place["section"], place["x"], start_ms, stop_ms, float(series.data[0]))
