"""What came out of a condition, and its file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..array_files import read_arrays
from ..errors import ModelError
from ..files import write_beside
from ..reports.recordings import Recording
from ..results.hdf5 import read_hdf5, written_hdf5

Row = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came out of a condition.

    Attributes
    ----------
    row : dict
        Its labels and what was measured; where the potential could not be held, ``held`` is False
        and nothing else is there.
    traces : dict of str to (time_ms, values, unit, label)
        The recordings that are kept.
    """

    row: Row
    traces: dict[str, tuple[np.ndarray, np.ndarray, str, str]] = field(default_factory=dict)


def write_outcome(outcome: Outcome, path: Path) -> None:
    """Write an outcome to a file, whole or not at all."""
    arrays: dict[str, Any] = {}
    texts = {}
    for name, (time_ms, values, unit, label) in outcome.traces.items():
        arrays[f"{name}/time_ms"] = time_ms
        arrays[f"{name}/values"] = values
        texts[name] = (unit, label)
    content = json.dumps({"row": outcome.row, "texts": texts}, default=float)
    with write_beside(path) as temporary:
        np.savez_compressed(temporary, content=content, **arrays)


def read_outcome(path: Path) -> Outcome:
    """Read an outcome back; `ModelError` if the file is not that of a condition, or was cut off."""
    damaged = "it is not the file of a condition, or was cut off"
    expected = "expected one that an experiment wrote"
    arrays = read_arrays(path, str(path), damaged, advice=expected)
    try:
        content = json.loads(str(arrays["content"]))
        traces = {}
        for name, (unit, label) in content["texts"].items():
            traces[name] = (arrays[f"{name}/time_ms"], arrays[f"{name}/values"], unit, label)
        return Outcome(dict(content["row"]), traces)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read ({damaged}); {expected}.") from error


def write_traces(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the traces of all conditions to an HDF5 file.

    A group a condition, numbered like the rows of the table, with the labels as attributes; in it
    a dataset a recording, with ``unit``, ``label`` and the sample times as ``start_ms`` and
    ``step_ms``.
    """
    with written_hdf5(path) as file:
        for number, outcome in enumerate(outcomes):
            group = file.create_group(f"{number:04d}")
            labels = {name: value for name, value in outcome.row.items() if value is not None}
            group.attrs.update(labels)
            for name, (time_ms, values, unit, label) in outcome.traces.items():
                dataset = group.create_dataset(name, data=values, compression="gzip", shuffle=True)
                dataset.attrs.update({"unit": unit, "label": label, "start_ms": time_ms[0]})
                dataset.attrs["step_ms"] = (time_ms[-1] - time_ms[0]) / (len(time_ms) - 1)


def read_traces(path: Path) -> dict[int, list[Recording]]:
    """The traces of `write_traces` by the row of the table, potentials first.

    Raises
    ------
    ModelError
        If the file is not that of an experiment, or is damaged.
    """
    recordings: dict[int, list[Recording]] = {}
    try:
        with read_hdf5(path) as file:
            for number, group in file.items():
                traces = [_recording(name, one) for name, one in group.items()]
                recordings[int(number)] = sorted(traces, key=lambda one: one.unit != "mV")
    except Exception as error:  # of a damaged file, h5py may raise anything
        raise ModelError(
            f"{path} cannot be read ({str(error)[:160]}); remove it and run the experiment again: it"
            " is written anew."
        ) from error
    return recordings


def _recording(name: str, stored: Any) -> Recording:
    return Recording(
        name,
        str(stored.attrs["label"]),
        str(stored.attrs["unit"]),
        float(stored.attrs["start_ms"]),
        float(stored.attrs["step_ms"]),
        stored[:],
    )
