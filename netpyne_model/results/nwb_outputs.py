"""The outputs of a trial out of its NWB file, without its inputs: ten times as fast as all of it,
for many trials at once.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from .result import SYNAPSE_COLUMNS, Recording, Result, Site
from .track import Track


def read_outputs(path: str | Path) -> Result:
    """Read voltages, recorded currents, output spikes, configuration and track; synapses, trains
    and stimulus are left out.

    Parameters
    ----------
    path : path
        File of a trial, as `write_nwb` wrote it.

    Returns
    -------
    Result
        Equal to that of `read_nwb`, but for what is left out.

    Raises
    ------
    ModelError
        If there is no such file, or it holds no trial.
    """
    import h5py
    import pandas as pd

    try:
        with h5py.File(path) as file:
            texts = {
                name: json.loads(file[f"scratch/{name}"].asstr()[()])
                for name in ("configuration", "provenance", "run")
            }
            sites = _sites(file["processing/icephys/sites"])
            series = {name: file[f"acquisition/voltage_{name}"] for name in sites}
            return Result(
                configuration=texts["configuration"],
                time_ms=_time_ms(next(iter(series.values()))),
                voltage_mV={name: one["data"][:] for name, one in series.items()},
                sites=sites,
                spike_times_ms=_spikes_ms(file),
                stimulus=(),
                synapses=pd.DataFrame(columns=SYNAPSE_COLUMNS),
                presynaptic_ms=[],
                released_ms=[],
                recordings={
                    name: _sum(file[f"acquisition/recording_{name}"])
                    for name in texts["run"]["recordings"]
                },
                provenance=texts["provenance"],
                simulation_wall_s=texts["run"]["simulation_wall_s"],
                track=Track(**texts["run"]["track"]),
            )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} is not the file of a trial ({error}); expected one that a study wrote."
        ) from error


def _sites(table: Any) -> dict[str, Site]:
    names, sections = table["site"].asstr()[:], table["section"].asstr()[:]
    rows = zip(
        names, sections, table["x"][:], table["path_distance"][:], table["position"][:], strict=True
    )
    return {
        name: Site(name, section, float(x), float(distance), tuple(place))
        for name, section, x, distance, place in rows
    }


def _time_ms(series: Any) -> np.ndarray:
    start = series["starting_time"]
    return 1e3 * float(start[()]) + np.arange(len(series["data"])) * (
        1e3 / float(start.attrs["rate"])
    )


def _spikes_ms(file: Any) -> np.ndarray:
    return 1e3 * file["units/spike_times"][:] if "units" in file else np.empty(0)


def _sum(series: Any) -> Recording:
    variable = json.loads(series.attrs["comments"])["variable"]
    return Recording(variable, series["data"].attrs["unit"], None, series["data"][:])
