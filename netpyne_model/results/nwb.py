"""Results as NWB files: Neurodata Without Borders 2, HDF5, SI units.

Where things stand: voltages in ``acquisition``, injected currents in ``stimulus``, output spikes in
``units``, the driven synapses with their input trains, and what was recorded of all segments, as
tables in ``processing/icephys``, and the
configuration, provenance, track and the places of recordings and currents as JSON text in
``scratch``; in words a place stands in its electrode.

What neo reads is kept within what it can: no keywords (its Block refuses the array that they are in
a file, though nwbinspector suggests them), comments that are no JSON, spikes with the interval in
which they were observed.
"""

import dataclasses
import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..receptors import KINDS, first_receptor, receptors_of
from . import nwb_currents
from .hdf5 import written_hdf5
from .nwb_library import import_pynwb
from .result import Result, Site
from .segment_potentials import RESOLUTION_MV

# Simulated time has no date. NWB wants one, and a fixed one keeps equal runs equal: the year of the
# paper.
SESSION_START = datetime(2018, 1, 1, tzinfo=timezone.utc)
PAPER = "Hsu, Zhao, Milstein & Spruston (2018), Neuron 99:147; ModelDB 240960"
# NWB wants a subject with age, sex and species. None of them is claimed: any age, sex unknown, mice
# and rats alike.
NO_ANIMAL = (
    "A model neuron, no animal: age and sex do not apply; species: the family of mice and rats"
    " (Muridae)."
)
MURIDAE = "http://purl.obolibrary.org/obo/NCBITaxon_10066"
# Nobody did the experiment anywhere, unless the provenance says who ran it.
NO_EXPERIMENTER = "Simulation, {}"  # by its simulator; NWB wants a last name, then a first one
NO_INSTITUTION = "none: a simulation"
_RECEPTORS = {kind: " and ".join(one.name for one in receptors_of(kind)) for kind in KINDS}
_FIRST = " or ".join(f"{first_receptor(kind).name} ({kind})" for kind in KINDS)
COLUMN_DESCRIPTIONS = {
    "synapse": "Number of the synapse in the trial.",
    "group": "Input group.",
    "section": "Index of the section in the section table.",
    "x": "Relative position along the section, 0 to 1.",
    "kind": f"exc: {_RECEPTORS['exc']} on a spine; inh: {_RECEPTORS['inh']} on the branch.",
    "ampa_weight": f"Weight of the {_FIRST} receptor (dimensionless).",
    "gmax_uS": f"Peak conductance of the {_FIRST} receptor at weight 1, in microsiemens.",
    "region": "Region of the cell.",
    "path_distance": "Path distance from the soma, in micrometres.",
    "peak": "Place on the track where the input fires most, in the track's unit (ms of track time,"
    " or cm).",
}
NWB_FILE = "results.nwb"
"""In the folder of a run."""
SEGMENTS = "segments"
"""Name of the table with the potentials of all segments."""

TRAINS = {
    "presynaptic_s": "Times at which the input fires, in seconds.",
    "released_s": "Times at which transmitter is released, in seconds.",
}


def write_nwb(result: Result, path: str | Path) -> None:
    """Write a result to an NWB file; the file appears whole or not at all.

    Parameters
    ----------
    path : path
        File to write; replaced if it is there.

    Raises
    ------
    ModelError
        If the folder does not exist, cannot be written to, or has no room.
    """
    import_pynwb()
    from pynwb import NWBHDF5IO

    nwbfile = _new_file(result)
    _add_voltages(nwbfile, result)
    _add_recordings(nwbfile, result)
    _add_stimulus(nwbfile, result)
    _add_tables(nwbfile, result)
    _add_output_spikes(nwbfile, result)
    with written_hdf5(path) as file:
        # Kept as long as the file is: older versions of the library close it when they go.
        library = NWBHDF5IO(path=file.filename, file=file, mode="w")
        library.write(nwbfile)


def _new_file(result: Result):
    import_pynwb()
    from pynwb import NWBFile
    from pynwb.file import Subject

    configuration = json.dumps(result.configuration, sort_keys=True)
    what = "experiment on a CA1 pyramidal cell"
    if result.track is not None:
        what = "trial of a CA1 pyramidal cell in its place field"
    when = "Times count from the start; the date of the session is nominal."
    animal = {"subject_id": "model-cell", "species": MURIDAE, "age": "P0D/", "sex": "U"}
    nwbfile = NWBFile(
        session_description=f"Simulated {what}. {when}",
        identifier=hashlib.sha256(configuration.encode()).hexdigest(),
        session_start_time=SESSION_START,
        experiment_description=f"Standardised form of the model of {PAPER}.",
        experimenter=[
            result.provenance.get("experimenter") or NO_EXPERIMENTER.format(_simulator(result))
        ],
        institution=result.provenance.get("institution") or NO_INSTITUTION,
        notes="simulation, hippocampus, CA1, place cell, NEURON, NetPyNE, NeuroML",
        subject=Subject(description=NO_ANIMAL, **animal),
    )
    for name, (text, description) in _texts(result, configuration).items():
        nwbfile.add_scratch(text, name=name, description=description)
    what = "Simulator; every electrode is an ideal point electrode."
    nwbfile.create_device(name=_simulator(result), description=what)
    return nwbfile


def _simulator(result: Result) -> str:
    """What ran it: NEURON, unless its provenance names another."""
    return result.provenance.get("simulator", "NEURON")


def _texts(result: Result, configuration: str) -> dict[str, tuple[str, str]]:
    """What no type of NWB's holds, as JSON: texts and what they are, by name."""
    run = {
        "simulation_wall_s": result.simulation_wall_s,
        # In their order: a file keeps its series by the alphabet.
        "sites": {name: _place(site) for name, site in result.sites.items()},
        "recordings": {
            name: {"variable": one.variable} | ({} if one.site is None else _place(one.site))
            for name, one in result.recordings.items()
        },
        "stimulus": [[step.site, step.x] for step in result.stimulus],
        "segments_ms": None if result.segments is None else result.segments.step_ms,
        "track": None if result.track is None else result.track.as_dict(),
    }
    if result.membrane_currents is not None:
        first_ms, step_ms = result.membrane_currents.first_ms, result.membrane_currents.step_ms
        run["membrane_currents"] = {"first_ms": first_ms, "step_ms": step_ms}
    return {
        "configuration": (configuration, "Complete configuration of the run (JSON)."),
        "provenance": (json.dumps(result.provenance), "Versions and content hashes (JSON)."),
        "run": (json.dumps(run), "Track, places of recordings and currents, wall time (JSON)."),
    }


def _electrode(nwbfile, name: str, location: str):
    if name not in nwbfile.icephys_electrodes:
        nwbfile.create_icephys_electrode(
            name=name,
            description="Ideal point electrode of the simulation.",
            device=next(iter(nwbfile.devices.values())),
            location=location,
            cell_id="CA1",
        )
    return nwbfile.icephys_electrodes[name]


def _compressed(data):
    from hdmf.backends.hdf5 import H5DataIO

    return H5DataIO(data, compression="gzip", shuffle=True)


def _samples(result: Result, values: np.ndarray) -> dict[str, Any]:
    """What every series of evenly spaced samples has."""
    return {
        "data": _compressed(np.asarray(values, np.float64)),
        "rate": float(round(1e3 / result.step_ms, 6)),
        "starting_time": float(result.time_ms[0]) / 1e3,
    }


def _add_voltages(nwbfile, result: Result) -> None:
    from pynwb.icephys import CurrentClampSeries

    for name, values in result.voltage_mV.items():
        location = result.sites[name].location
        series = CurrentClampSeries(
            name=f"voltage_{name}",
            description=f"Membrane potential at {location}.",
            conversion=1e-3,
            unit="volts",
            electrode=_electrode(nwbfile, f"electrode_{name}", location),
            gain=1.0,
            **_samples(result, values),
        )
        nwbfile.add_acquisition(series)


def _add_recordings(nwbfile, result: Result) -> None:
    from pynwb import TimeSeries

    for name, recording in result.recordings.items():
        site = recording.site
        where = ", sum over the cell" if site is None else f" at {site.location}"
        series = TimeSeries(
            name=f"recording_{name}",
            description=f"{recording.variable}{where}.",
            unit=recording.unit or "1",
            **_samples(result, recording.values),
        )
        nwbfile.add_acquisition(series)


def _add_segments(module, result: Result) -> None:
    """A table with a row a segment: as a series, short runs would look turned to nwbinspector."""
    from hdmf.common import DynamicTable, VectorData

    segments = result.segments
    if segments is None:
        return
    potential = (
        f"Membrane potential at the segment's centre in units of {RESOLUTION_MV:g} mV; a sample each"
        f" {segments.step_ms:g} ms from the start on."
    )
    columns = [
        VectorData(name="section", description="Name.", data=_compressed(segments.sections)),
        VectorData(name="x", description=COLUMN_DESCRIPTIONS["x"], data=_compressed(segments.x)),
        VectorData(name="voltage", description=potential, data=_compressed(segments.counts.T)),
    ]
    what = "Membrane potentials of all segments of the cell, a segment a row."
    module.add(DynamicTable(name=SEGMENTS, description=what, columns=columns))


def _place(site: Site) -> dict[str, Any]:
    """Where a site is, by the names of its attributes."""
    return {name: value for name, value in dataclasses.asdict(site).items() if name != "name"}


def _add_stimulus(nwbfile, result: Result) -> None:
    from pynwb.icephys import CurrentClampStimulusSeries

    what = "Injected current: each value holds from its time stamp on; 0 before the first."
    for number, step in enumerate(result.stimulus):
        series = CurrentClampStimulusSeries(
            name=f"current_{number}",
            description=what,
            data=np.array([step.amplitude_nA, 0.0]),
            conversion=1e-9,
            unit="amperes",
            timestamps=np.array([step.start_ms, step.stop_ms]) / 1e3,
            electrode=_electrode(nwbfile, f"electrode_current_{number}", f"{step.site} ({step.x})"),
            gain=1.0,
        )
        nwbfile.add_stimulus(series)


def _add_output_spikes(nwbfile, result: Result) -> None:
    from pynwb.misc import Units

    # A silent cell has no table of units: readers stumble over a unit with an empty train.
    if not len(result.spike_times_ms):
        return
    nwbfile.units = Units(
        name="units",
        description="Output spikes of the cell: upward threshold crossings at the soma.",
        resolution=float(result.configuration.get("dt_ms", result.step_ms)) / 1e3,
    )
    spikes_s = np.asarray(result.spike_times_ms, np.float64) / 1e3
    # The last spike may lie half a step behind the last sample.
    observed_s = [result.time_ms[0] / 1e3, max(result.time_ms[-1] / 1e3, spikes_s[-1])]
    nwbfile.add_unit(spike_times=spikes_s, obs_intervals=[observed_s])


def _add_tables(nwbfile, result: Result) -> None:
    from hdmf.common import DynamicTable

    what = "What the simulation was driven with, and the potentials of all segments."
    module = nwbfile.create_processing_module("icephys", what)
    _add_segments(module, result)
    if result.membrane_currents is not None:
        for table in nwb_currents.tables(result.membrane_currents, _compressed):
            module.add(table)
    # Readers stumble over tables and columns without data: they are left out.
    if len(result.synapses):
        columns = _synapse_columns(result.synapses)
        for name, trains in zip(TRAINS, (result.presynaptic_ms, result.released_ms), strict=True):
            columns += _train_columns(name, trains)
        description = "Driven synapses, one a row, with their input spikes and releases."
        module.add(DynamicTable(name="synapses", description=description, columns=columns))


def _synapse_columns(synapses: pd.DataFrame) -> list:
    from hdmf.common import VectorData

    columns = []
    for name in synapses.columns:
        values = synapses[name].to_numpy()
        values = values if values.dtype.kind in "iuf" else [str(value) for value in values]
        description = COLUMN_DESCRIPTIONS.get(name, f"Column {name} of the table of synapses.")
        columns.append(
            VectorData(name=str(name), description=description, data=_compressed(values))
        )
    return columns


def _train_columns(name: str, trains: list[np.ndarray]) -> list:
    from hdmf.common import VectorData, VectorIndex

    events = np.concatenate(trains) / 1e3
    if not len(events):
        return []
    ends = np.cumsum([len(train) for train in trains], dtype=np.uint64)
    data = VectorData(name=name, description=TRAINS[name], data=_compressed(events))
    return [data, VectorIndex(name=f"{name}_index", target=data, data=_compressed(ends))]
