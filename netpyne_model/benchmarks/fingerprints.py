"""Fingerprints of the model, layer by layer: whether a change has moved it, and what it moved.

Each layer is a set of arrays, of which a hash tells whether any bit differs, and a few numbers of
each (``values``) by how much; those agree on every machine to rounding. What a layer is made of
stands above it in `LAYERS`, so that the first one that differs is where the model was changed.
"""

import hashlib
import json
import math
import os
import platform
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..cell.cell import Cell
from ..configuration import load_configuration
from ..files import write_text
from ..mechanisms import compilation, loading
from ..neuroml2.components import component
from ..protocols import CurrentClamp, Protocol, SpineInput
from ..receptors import receptors
from ..results import Result
from ..simulation import prepare_trial, run_trial

Arrays = dict[str, np.ndarray]
Fields = Mapping[str, Any]

# It fires on its DC from 27 ms on, and gets its first inputs at 250 ms.
TRIAL = {
    "setup": "place_cell",
    "duration_ms": 300.0,
    "n_excitatory": 300,
    "n_inhibitory": 75,
    "dc_nA": 0.5,
    "dc_start_ms": 20.0,
}
"""Fields of the trial whose layers are taken."""

GENERAL = {"spines": "folded", "receptors": "generated", "channels": "separate"}
"""The general mode: a mechanism for each channel and receptor."""
WAYS: Mapping[str, Fields] = {
    "fixed_step": {},
    "second_order": {"integration": "second_order"},
    "general": GENERAL,
    # Without a spike: CVode's choice of steps makes of a last bit 0.01 ms of one.
    "variable_step": {"integration": "variable_step", "dc_nA": 0.1} | GENERAL,
}
"""Ways to run it: what each changes of the trial."""

ROUNDING = (1e-7, 1e-12)
"""How far values are apart on machines that round otherwise, relative (of a potential 7e-6 mV) and
absolute: 1e-12 and 5e-11 mV were measured."""
ADAPTED_STEPS = (0.0, 1e-3)
"""The same for adapted steps, which rounding moves (mV, ms): 3e-5 was measured, with a spike."""
_ADAPTED = ("variable_step.", "protocol_adapted.")

_LAST_MS = 0.5  # before the end of a run, not looked at: how a run ends is no matter of the model
_N_VALUES = 6
_CLAMP_MV = ((2.0, -70.0), (6.0, -30.0), (6.0, -90.0), (6.0, 0.0))  # a duration and its potential


def morphology(fields: Fields) -> Arrays:
    """Sections: names, parents, lengths, diameters, distances and the segments that rules give."""
    cell = _cell(fields)
    sections = cell.morphology.sections
    columns = ("name", "region", "parent_loc", "length_um", "diam0_um", "diam1_um")
    arrays = {name: np.array([getattr(one, name) for one in sections]) for name in columns}
    arrays["parent"] = np.array([-1 if one.parent is None else one.parent for one in sections])
    ends = [cell.morphology.path_distance(one.index, 1.0) for one in sections]
    described = cell.describe("none").sections
    n_segments = np.array([described[one.name].nseg for one in sections])
    return arrays | {"path_distance_um": np.array(ends), "nseg": n_segments}


def densities(fields: Fields) -> Arrays:
    """Every parameter of every segment, without its spines and their receptors."""
    columns = _columns(_cell(fields).table("none"))
    of_placed = tuple(f"{receptor}." for receptor in receptors())
    return {name: one for name, one in columns.items() if not name.startswith(of_placed)}


def placement(fields: Fields) -> Arrays:
    """Where spines and inhibitory synapses stand, and their conductances."""
    placed = _cell(fields).placement
    tables = {"spines": placed.spines, "inhibitory": placed.inhibitory}
    return {
        f"{table}.{name}": column
        for table, rows in tables.items()
        for name, column in _columns(rows).items()
    }


def inputs(fields: Fields) -> Arrays:
    """Driven synapses, spikes of their inputs, and the events that are released."""
    config = load_configuration(None, fields)
    driven = prepare_trial(config).driven
    end_ms = config.duration_ms or math.inf
    arrays = {f"synapses.{name}": column for name, column in _columns(driven.synapses).items()}
    trains = {"presynaptic": driven.presynaptic_ms, "released": driven.released_ms}
    for name, all_of_them in trains.items():
        kept = [np.asarray(train)[np.asarray(train) <= end_ms] for train in all_of_them]
        arrays[f"{name}.n"] = np.array([len(train) for train in kept])
        arrays[f"{name}_ms"] = np.concatenate(kept)
    return arrays


def mechanisms(fields: Fields) -> Arrays:
    """Each gate of a clamped patch with every channel, and each receptor after an event."""
    h = loading.neuron()
    loading.load()
    h.load_file("stdrun.hoc")
    h.celsius, h.dt, h.secondorder = 35.0, 0.025, 0
    patch = h.Section("patch")
    patch.L = patch.diam = 10.0
    recorded: dict[str, Any] = {}
    for channel in channels():
        patch.insert(channel)
        for state in states_of(h, channel):
            pointer = getattr(patch(0.5), f"_ref_{state}_{channel}")
            recorded[f"{channel}.{state}"] = h.Vector().record(pointer)
    kept = []
    for name in ("AMPA", "NMDA", "GABA_A", "EPSC", "EPSC_simple"):
        process = getattr(h, name)(patch(0.5))
        variable = "g" if "gbase" in component(name) else "i"
        recorded[f"{name}.{variable}"] = h.Vector().record(getattr(process, f"_ref_{variable}"))
        event = h.NetCon(None, process)
        event.weight[0], event.delay = 1.0, 0.0
        kept += [process, event, h.FInitializeHandler((event.event, 4.0))]
    _clamp(h, patch, kept)
    return {name: np.array(vector) for name, vector in recorded.items()}


def integration(fields: Fields) -> Arrays:
    """Potentials and spikes of the trial in each of `WAYS`, and of a protocol at both steps."""
    arrays: Arrays = {}
    for way, changes in WAYS.items():
        result = run_trial(load_configuration(None, fields, changes))
        arrays |= {f"{way}.{name}": array for name, array in traces(result).items()}
    cell = _cell(fields)
    driven = SpineInput(times_ms=[10.0, 15.0], spines=cell.spines_near("trunk@200", 3))
    step = CurrentClamp(amplitude_nA=0.5, start_ms=5.0)
    adapted = Protocol(duration_ms=30.0, stimuli=[step, driven])
    fixed = replace(adapted, dt_ms=0.025, channels="fused")
    for way, protocol in {"protocol": fixed, "protocol_adapted": adapted}.items():
        arrays |= {f"{way}.{name}": one for name, one in traces(protocol.run(cell)).items()}
    return arrays


LAYERS: Mapping[str, Callable[[Fields], Arrays]] = {
    "morphology": morphology,
    "densities": densities,
    "placement": placement,
    "inputs": inputs,
    "mechanisms": mechanisms,
    "integration": integration,
}
"""What a run is made of, in the order in which one layer rests on another."""


def traces(result: Result) -> Arrays:
    """Potentials, recordings and spikes of a run, but for its last half millisecond."""
    end_ms = result.time_ms[-1] - _LAST_MS
    looked_at = result.time_ms < end_ms
    arrays = {f"{name}_mV": trace[looked_at] for name, trace in result.voltage_mV.items()}
    for name, recording in result.recordings.items():
        arrays[name] = np.asarray(recording.values)[looked_at]
    spikes_ms = np.asarray(result.spike_times_ms)
    return arrays | {"spikes_ms": spikes_ms[spikes_ms < end_ms]}


def digest(arrays: Arrays) -> str:
    """A hash of every bit of these arrays and of their names."""
    hashed = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        text = array.dtype.kind in "OU"
        content = "\n".join(map(str, array)).encode() if text else array.tobytes()
        hashed.update(f"{name} {array.shape}\n".encode())
        hashed.update(content)
    return hashed.hexdigest()


def values(arrays: Arrays) -> dict[str, list[float]]:
    """How many numbers each array holds, their mean and some of them, in nine digits."""
    summary: dict[str, list[float]] = {}
    for name, array in sorted(arrays.items()):
        if array.dtype.kind in "OU":
            summary[name] = [len(array)]
            continue
        numbers = array[np.isfinite(array)].astype(float)
        chosen: list[float] = []
        if len(numbers):
            places = np.linspace(0, len(numbers) - 1, min(_N_VALUES, len(numbers))).round()
            chosen = [numbers.mean(), *numbers[places.astype(int)]]
        summary[name] = [len(numbers), *(float(f"{one:.9g}") for one in chosen)]
    return summary


def fingerprints(fields: Fields = TRIAL) -> dict[str, Any]:
    """Take the fingerprint of every layer. It sets NEURON up: call it in a process of its own.

    Returns
    -------
    dict
        ``machine`` (see `machine`) and ``layers``, each with ``digest`` and ``values``.
    """
    layers = {}
    for name, arrays_of in LAYERS.items():
        arrays = arrays_of(fields)
        layers[name] = {"digest": digest(arrays), "values": values(arrays)}
    return {"machine": machine(), "layers": layers}


def machine() -> dict[str, str]:
    """What decides the last bit beside the model: processor, C library, compiler, simulator.

    ``arithmetic`` hashes what the functions of the C library and of NumPy give here: those choose
    by what the processor can do.
    """
    grid = np.linspace(-30.0, 30.0, 4001)
    scalar = np.array([[math.exp(x), math.sin(x), math.log(x + 31.0)] for x in grid.tolist()])
    array = np.array([np.exp(grid), np.sin(grid), np.cos(grid), np.log(grid + 31.0)])
    compiler = [os.environ.get("CXX", "c++"), "--version"]
    try:
        version = subprocess.run(compiler, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        version = "none"
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "c_library": " ".join(platform.libc_ver()),
        "compiler": version.partition("\n")[0],
        "neuron": metadata.version("neuron"),
        "numpy": metadata.version("numpy"),
        "arithmetic": digest({"scalar": scalar, "array": array})[:16],
    }


def moved(stored: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The layers whose bits differ, the one that others rest on first."""
    return [
        name
        for name in LAYERS
        if stored["layers"][name]["digest"] != found["layers"][name]["digest"]
    ]


def differences(stored: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The arrays whose values differ by more than the rounding of another machine, by layer."""
    beyond = []
    for layer in LAYERS:
        one, other = (each["layers"][layer]["values"] for each in (stored, found))
        for name in sorted({*one, *other}):
            tolerance = ADAPTED_STEPS if name.startswith(_ADAPTED) else ROUNDING
            row, its = one.get(name, []), other.get(name, [])
            if len(row) != len(its) or not np.allclose(its, row, *tolerance):
                beyond.append(f"{layer}: {name} {row} -> {its}")
    return beyond


def write(found: Mapping[str, Any], file: Path) -> None:
    """Write fingerprints to a file, an array a line, so that a change of the model is a diff."""
    lines = ["{", f' "machine": {json.dumps(found["machine"])},', ' "layers": {']
    for number, (name, layer) in enumerate(found["layers"].items()):
        lines += [f'  "{name}": {{', f'   "digest": "{layer["digest"]}",', '   "values": {']
        rows = [f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in layer["values"].items()]
        lines += [",\n".join(rows), "   }", "  }" + "," * (number + 1 < len(LAYERS))]
    write_text(file, "\n".join([*lines, " }", "}", ""]))


def _cell(fields: Fields) -> Cell:
    return prepare_trial(load_configuration(None, fields)).cell


def channels() -> list[str]:
    """Every channel of the package that is a mechanism of its own, those of drugs among them."""
    files = [file for file in compilation.general_files() if "SUFFIX" in file.read_text("utf-8")]
    return sorted(file.stem for file in files)


def _columns(table: pd.DataFrame) -> Arrays:
    return {str(name): table[name].to_numpy() for name in table.columns}


def states_of(h: Any, mechanism: str) -> list[str]:
    """Names of a mechanism's states, without the mechanism's own."""
    standard, name = h.MechanismStandard(mechanism, 3), h.ref("")
    names = []
    for number in range(int(standard.count())):
        standard.name(name, number)
        names.append(str(name[0]).removesuffix(f"_{mechanism}"))
    return names


def _clamp(h: Any, patch: Any, kept: list[Any]) -> None:
    """Step the patch through the potentials of the clamp; it is let go of only then."""
    ends_ms, clamp = np.cumsum([duration for duration, _ in _CLAMP_MV]), h.SEClamp(patch(0.5))
    clamp.rs, clamp.dur1 = 1e-6, 1e9
    starts_ms = h.Vector([0.0, *ends_ms[:-1]])
    levels_mV = h.Vector([level for _, level in _CLAMP_MV])
    levels_mV.play(clamp._ref_amp1, starts_ms, 0)
    kept += [clamp, starts_ms, levels_mV]
    h.finitialize(_CLAMP_MV[0][1])
    h.continuerun(float(ends_ms[-1]))
